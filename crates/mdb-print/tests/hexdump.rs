//! Hex dumps against `od` and against a model that knows no lines ahead.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use mdb_print::{DumpRead, Hexdump, HexdumpError, HexdumpOptions};
use proptest::prelude::*;

/// Memory with holes: what is not in a region cannot be read.
#[derive(Clone, Debug)]
struct Memory(Vec<(u64, Vec<u8>)>);

impl Memory {
    fn byte(&self, address: u64) -> Option<u8> {
        self.0.iter().find_map(|(base, bytes)| {
            bytes.get(usize::try_from(address.checked_sub(*base)?).unwrap()).copied()
        })
    }

    /// Reads no further than `most` bytes at once.
    fn read(&self, address: u64, buffer: &mut [u8], most: usize) -> DumpRead<u64> {
        let mut count = 0;
        for (at, slot) in (address..=u64::MAX).zip(buffer.iter_mut().take(most)) {
            match self.byte(at) {
                Some(byte) => *slot = byte,
                None => break,
            }
            count += 1;
        }
        if count > 0 {
            return DumpRead::Bytes(count);
        }
        let until = self.0.iter().map(|(base, _)| *base).filter(|base| *base > address).min();
        DumpRead::Unreadable { fault: address, until: Some(until.unwrap_or(u64::MAX)) }
    }

    fn lines(&self, start: u64, length: u64, options: HexdumpOptions) -> Vec<String> {
        Hexdump::new(start, length, options, |at, buffer: &mut [u8]| self.read(at, buffer, 256))
            .unwrap()
            .map(|line| line.as_str().to_owned())
            .collect()
    }
}

/// `length` bytes that repeat no line.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn od(arguments: &[&str], bytes: &[u8]) -> Vec<String> {
    let mut child = Command::new("od")
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("od of coreutils is the oracle of this test");
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn squeezed(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn bytes_are_those_of_od() {
    let bytes = noise(1024);
    let memory = Memory(vec![(0, bytes.clone())]);
    let options = HexdumpOptions { group: 1, header: false, ascii: false, ..Default::default() };
    let ours: Vec<String> = memory
        .lines(0, 1024, options)
        .iter()
        .map(|line| squeezed(line.split_once(':').unwrap().1))
        .collect();
    assert_eq!(ours, od(&["-A", "n", "-v", "-t", "x1"], &bytes));
}

#[test]
fn text_is_that_of_od() {
    let bytes: Vec<u8> = (0..=255).collect();
    let memory = Memory(vec![(0, bytes.clone())]);
    let options = HexdumpOptions { header: false, ..Default::default() };
    let ours = memory.lines(0, 256, options);
    let theirs = Command::new("od")
        .args(["-A", "n", "-v", "-t", "x1z"])
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .and_then(|mut child| {
            child.stdin.take().unwrap().write_all(&bytes)?;
            child.wait_with_output()
        })
        .unwrap();
    let theirs = String::from_utf8(theirs.stdout).unwrap();
    assert_eq!(theirs.lines().count(), ours.len());
    for (ours, theirs) in ours.iter().zip(theirs.lines()) {
        let text = theirs.split_once('>').unwrap().1.strip_suffix('<').unwrap();
        assert_eq!(&ours[ours.len() - text.trim_end().len()..], text.trim_end());
    }
}

#[test]
fn swapped_groups_are_the_words_of_od() {
    let bytes = noise(256);
    let memory = Memory(vec![(0x1000, bytes.clone())]);
    for (group, format) in [(2, "x2"), (4, "x4"), (8, "x8")] {
        let options = HexdumpOptions { group, swap: true, ..Default::default() };
        let ours: Vec<String> = memory
            .lines(0x1000, 256, options)
            .iter()
            .map(|line| squeezed(line.split_once(':').unwrap().1))
            .collect();
        assert_eq!(ours, od(&["-A", "n", "-v", "--endian=little", "-t", format], &bytes));
    }
}

#[test]
fn repeated_lines_are_the_stars_of_od() {
    let mut bytes = vec![0_u8; 0x60];
    bytes.extend(noise(0x20));
    bytes.extend([7_u8; 0x40]);
    bytes.extend(noise(0x10));
    let memory = Memory(vec![(0, bytes.clone())]);
    let options = HexdumpOptions {
        group: 1,
        squeeze: true,
        header: false,
        ascii: false,
        ..Default::default()
    };
    let ours: Vec<(u64, String)> = memory
        .lines(0, bytes.len() as u64, options)
        .iter()
        .map(|line| match line.split_once(':') {
            Some((address, bytes)) => (u64::from_str_radix(address, 16).unwrap(), squeezed(bytes)),
            None => (0, line.clone()),
        })
        .collect();
    let theirs: Vec<(u64, String)> = od(&["-A", "x", "-t", "x1"], &bytes)
        .iter()
        .filter_map(|line| match line.split_once(' ') {
            Some((address, bytes)) => {
                Some((u64::from_str_radix(address, 16).unwrap(), bytes.to_owned()))
            }
            // Its last line is the length alone.
            None => (line == "*").then(|| (0, line.clone())),
        })
        .collect();
    assert_eq!(ours, theirs);
    assert_eq!(ours.iter().filter(|(_, line)| line == "*").count(), 2);
}

#[test]
fn the_classic_dump() {
    let memory =
        Memory(vec![(0x40_1000, b"The quick brown fox jumps over the lazy dog....".to_vec())]);
    assert_eq!(
        memory.lines(0x40_1004, 0x14, HexdumpOptions::default()),
        [
            r"          0 1 2 3 \/ 5 6 7  8 9 a b  c d e f  0123v56789abcdef",
            "401000:  54686520 71756963 6b206272 6f776e20  The quick brown ",
            "401010:  666f7820 6a756d70 73206f76 65722074  fox jumps over t",
        ]
    );
    let trim = HexdumpOptions { trim: true, ..Default::default() };
    assert_eq!(
        memory.lines(0x40_1004, 0x0e, trim),
        [
            r"          0 1 2 3 \/ 5 6 7  8 9 a b  c d e f  0123v56789abcdef",
            "401000:           71756963 6b206272 6f776e20      quick brown ",
            "401010:  666f                                 fo",
        ]
    );
    let unaligned = HexdumpOptions { align: false, ..Default::default() };
    assert_eq!(
        memory.lines(0x40_1004, 0x10, unaligned),
        [
            "          4 5 6 7  8 9 a b  c d e f  0 1 2 3  456789abcdef0123",
            "401004:  71756963 6b206272 6f776e20 666f7820  quick brown fox ",
        ]
    );
    let relative = HexdumpOptions { relative: true, ..Default::default() };
    assert_eq!(
        memory.lines(0x40_1004, 0x20, relative),
        [
            "      0 1 2 3  4 5 6 7  8 9 a b  c d e f  0123456789abcdef",
            "00:  71756963 6b206272 6f776e20 666f7820  quick brown fox ",
            "10:  6a756d70 73206f76 65722074 6865206c  jumps over the l",
        ]
    );
    let bytes = HexdumpOptions { group: 1, ascii: false, ..Default::default() };
    assert_eq!(
        memory.lines(0x40_1000, 0x10, bytes),
        [
            r"         \/  1  2  3  4  5  6  7   8  9  a  b  c  d  e  f",
            "401000:  54 68 65 20 71 75 69 63  6b 20 62 72 6f 77 6e 20",
        ]
    );
    let wide = HexdumpOptions { paragraphs: 2, group: 8, header: false, ..Default::default() };
    assert_eq!(
        memory.lines(0x40_1000, 0x20, wide),
        ["401000:  5468652071756963 6b2062726f776e20 666f78206a756d70 73206f7665722074  \
         The quick brown fox jumps over t",]
    );
}

#[test]
fn swapped_and_trimmed_drops_an_incomplete_group() {
    let memory = Memory(vec![(0, (1..=16).collect())]);
    let options = HexdumpOptions { swap: true, trim: true, ..Default::default() };
    assert_eq!(memory.lines(0, 7, options), ["0:  04030201"]);
    assert!(memory.lines(0, 3, options).is_empty());
}

#[test]
fn holes_are_shown_where_they_were_asked_for() {
    let memory = Memory(vec![(0x1000, vec![b'A'; 6]), (0x100a, vec![b'B'; 6])]);
    let mut dump = Hexdump::new(0x1000, 0x18, HexdumpOptions::default(), |at, to: &mut [u8]| {
        memory.read(at, to, 256)
    })
    .unwrap();
    let lines: Vec<String> = dump.by_ref().skip(1).map(|line| line.to_string()).collect();
    // The last 8 bytes of the last line were not asked for.
    assert_eq!(
        lines,
        [
            "1000:  41414141 4141???? ????4242 42424242  AAAAAA    BBBBBB",
            "1010:  ???????? ????????",
        ]
    );
    assert_eq!(dump.first_fault(), Some(&(0x1006, 0x1006)));
    assert_eq!(dump.unreadable_bytes(), 12);
    assert_eq!(dump.end(), 0x1018);
    assert!(dump.stopped().is_none());
    // What precedes the start is not asked for either.
    let before = memory.lines(0x100a, 6, HexdumpOptions { header: false, ..Default::default() });
    assert_eq!(before, ["1000:  41414141 4141         4242 42424242  AAAAAA    BBBBBB"]);
}

#[test]
fn a_hole_that_begins_before_the_start_has_its_fault() {
    let memory = Memory(vec![(0x1000, vec![0])]);
    let mut dump = Hexdump::new(0xff1, 1, HexdumpOptions::default(), |at, to: &mut [u8]| {
        memory.read(at, to, 256)
    })
    .unwrap();
    assert_eq!(dump.by_ref().last().unwrap().as_str(), "ff0:    ??");
    assert_eq!(dump.first_fault(), Some(&(0xff1, 0xff1)));
}

#[test]
fn a_hole_of_terabytes_is_four_lines() {
    let end = 0x7fff_0000_0000_u64;
    let memory = Memory(vec![(0x1000, vec![1; 16]), (end - 16, vec![2; 16])]);
    let mut reads = 0_u32;
    let options = HexdumpOptions { header: false, ascii: false, ..Default::default() };
    let mut dump = Hexdump::new(0x1000, end - 0x1000, options, |at, to: &mut [u8]| {
        reads += 1;
        memory.read(at, to, 256)
    })
    .unwrap();
    let lines: Vec<String> = dump.by_ref().map(|line| line.to_string()).collect();
    assert_eq!(
        lines,
        [
            "000000001000:  01010101 01010101 01010101 01010101",
            "000000001010:  ???????? ???????? ???????? ????????",
            "*",
            "7ffefffffff0:  02020202 02020202 02020202 02020202",
        ]
    );
    assert_eq!(dump.unreadable_bytes(), end - 0x1000 - 32);
    assert!(reads < 10, "{reads} reads");
}

#[test]
fn all_of_an_empty_address_space() {
    let memory = Memory(vec![]);
    let options = HexdumpOptions { header: false, ascii: false, ..Default::default() };
    assert_eq!(
        memory.lines(0, u64::MAX, options),
        [
            "0000000000000000:  ???????? ???????? ???????? ????????",
            "*",
            "fffffffffffffff0:  ???????? ???????? ???????? ??????",
        ]
    );
}

#[test]
fn the_end_of_the_address_space() {
    let memory = Memory(vec![(u64::MAX - 7, vec![b'z'; 8])]);
    let options = HexdumpOptions { header: false, ..Default::default() };
    assert_eq!(
        memory.lines(u64::MAX - 3, 0x100, options),
        ["fffffffffffffff0:                    7a7a7a7a 7a7a7a7a          zzzzzzzz",]
    );
    let unaligned = HexdumpOptions { align: false, ..options };
    assert_eq!(
        memory.lines(u64::MAX - 3, 0x100, unaligned),
        ["fffffffffffffffc:  7a7a7a7a                             zzzz",]
    );
}

#[test]
fn a_stopped_dump_ends() {
    let mut left = 2;
    let mut dump = Hexdump::new(0, u64::MAX, HexdumpOptions::default(), |_, to: &mut [u8]| {
        if left == 0 {
            return DumpRead::Stop("interrupted");
        }
        left -= 1;
        DumpRead::Bytes(to.len())
    })
    .unwrap();
    assert_eq!(dump.by_ref().count(), 3);
    assert_eq!(dump.stopped(), Some(&"interrupted"));
    assert!(dump.next().is_none());
}

#[test]
fn a_reader_that_reads_nothing_does_not_hang() {
    let dump =
        Hexdump::new(0, 16, HexdumpOptions::default(), |_, _: &mut [u8]| DumpRead::<()>::Bytes(0))
            .unwrap();
    assert_eq!(
        dump.skip(1).map(|line| line.to_string()).collect::<Vec<_>>(),
        ["0:  ???????? ???????? ???????? ????????"]
    );
}

#[test]
fn options_that_make_no_lines() {
    let new = |options| {
        Hexdump::new(0, 1, options, |_, _: &mut [u8]| DumpRead::<()>::Bytes(1))
            .map(|_| ())
            .unwrap_err()
    };
    let default = HexdumpOptions::default;
    assert_eq!(
        new(HexdumpOptions { group: 3, ..default() }).to_string(),
        "a group of 3 bytes does not fit: use a power of two from 1 to 16"
    );
    assert_eq!(
        new(HexdumpOptions { group: 0, ..default() }),
        HexdumpError::Group { group: 0, width: 16 }
    );
    assert_eq!(
        new(HexdumpOptions { group: 32, ..default() }),
        HexdumpError::Group { group: 32, width: 16 }
    );
    for paragraphs in [0, 17, usize::MAX] {
        assert_eq!(
            new(HexdumpOptions { paragraphs, ..default() }),
            HexdumpError::Paragraphs { paragraphs }
        );
    }
    let mut none =
        Hexdump::new(5, 0, default(), |_, _: &mut [u8]| DumpRead::<()>::Bytes(1)).unwrap();
    assert_eq!(none.by_ref().count(), 1);
    assert_eq!(none.end(), 5);
}

prop_compose! {
    fn memory()(parts in prop::collection::vec((0_u64..40, prop::collection::vec(0_u8..3, 1..70)), 0..5)) -> Memory {
        let mut at = 0x1000;
        let mut regions = Vec::new();
        for (gap, bytes) in parts {
            at += gap;
            let length = bytes.len() as u64;
            regions.push((at, bytes));
            at += length;
        }
        Memory(regions)
    }
}

/// The lines of a dump without header and text, each byte by itself, by the definition.
fn model(memory: &Memory, start: u64, length: u64, options: HexdumpOptions) -> Vec<String> {
    let width = options.paragraphs as u64 * 16;
    let first = if options.align { start / 16 * 16 } else { start };
    let end = start + length;
    let rows: Vec<Vec<String>> = (0..(end - first).div_ceil(width))
        .map(|row| first + row * width)
        .map(|row| {
            (row..row + width)
                .map(|at| match (memory.byte(at), (start..end).contains(&at)) {
                    (Some(byte), asked) if asked || !options.trim => format!("{byte:02x}"),
                    (None, true) => "??".to_owned(),
                    _ => "__".to_owned(),
                })
                .collect()
        })
        .collect();
    let mut lines = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let hole = row.iter().all(|byte| byte == "??");
        let same = index > 0 && rows[index - 1] == *row && !row.iter().any(|byte| byte == "__");
        if same && (options.squeeze || hole) && index + 1 < rows.len() {
            if lines.last().is_some_and(|line| line != "*") {
                lines.push("*".to_owned());
            }
            continue;
        }
        let address = first + index as u64 * width;
        lines.push(format!("{address:04x}: {}", row.join(" ")));
    }
    lines
}

proptest! {
    #[test]
    fn as_the_model(
        memory in memory(),
        start in 0xff0_u64..0x1040,
        length in 1_u64..300,
        most in 1_usize..20,
        (squeeze, trim, align, hint) in any::<(bool, bool, bool, bool)>(),
        paragraphs in 1_usize..4,
        group_bits in 0_u32..5,
    ) {
        let options = HexdumpOptions {
            ascii: false, header: false, squeeze, trim, align, paragraphs,
            group: 1 << group_bits, ..Default::default()
        };
        let mut dump = Hexdump::new(start, length, options, |at, to: &mut [u8]| {
            match memory.read(at, to, most) {
                DumpRead::Unreadable { fault, .. } if !hint => DumpRead::Unreadable { fault, until: None },
                read => read,
            }
        }).unwrap();
        // Blanks say where bytes are missing; take the bytes by their place.
        let ours: Vec<String> = dump.by_ref().map(|line| {
            let line = line.as_str();
            let Some((address, rest)) = line.split_once(": ") else { return line.to_owned() };
            let mut rest = rest.to_owned();
            let mut bytes = Vec::new();
            for index in 0..paragraphs * 16 {
                if index % options.group == 0 {
                    let gap = if options.group == 1 && index > 0 && index % 8 == 0 { 2 } else { 1 };
                    rest = rest.get(gap..).unwrap_or_default().to_owned();
                }
                let byte = rest.get(..2).unwrap_or_default().trim().to_owned();
                bytes.push(if byte.is_empty() { "__".to_owned() } else { byte });
                rest = rest.get(2..).unwrap_or_default().to_owned();
            }
            assert_eq!(rest, "");
            format!("{address:0>4}: {}", bytes.join(" "))
        }).collect();
        prop_assert_eq!(ours, model(&memory, start, length, options));
        let holes = (start..start + length).filter(|at| memory.byte(*at).is_none());
        prop_assert_eq!(dump.unreadable_bytes(), holes.clone().count() as u64);
        prop_assert_eq!(dump.first_fault().map(|fault| fault.0), holes.min());
    }
}
