//! The searches, against naive ones over the same memory: all borders of regions, parts and pieces,
//! and unaligned ends.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use mdb_dmod::testing::Fake;
use native::builtin;

/// `(address, bytes)`, by address. Neither overlap.
type Regions = Vec<(u64, Vec<u8>)>;

/// Numbers that look random; Marsaglia, "Xorshift RNGs".
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, length: usize, from: &[u8]) -> Vec<u8> {
        (0..length).map(|_| from[(self.next() >> 20) as usize % from.len()]).collect()
    }
}

/// Regions with every kind of border: two that adjoin (the first with an odd end), one that begins
/// and ends at odd addresses, one that is larger than what is searched at once and lies across
/// the borders of such parts, and a small one at the very end of all addresses.
fn regions(alphabet: &[u8]) -> Regions {
    let mut numbers = Numbers(88172645463325252);
    let shape = [
        (0x1_0000, 0x1003),
        (0x1_1003, 0x0ffd),
        (0x2_0005, 0x777),
        (0x0f_fff0, 0x12_3457),
        (u64::MAX - 0xfff, 0xfff),
    ];
    shape.into_iter().map(|(at, length)| (at, numbers.bytes(length, alphabet))).collect()
}

fn fake(regions: &Regions) -> Fake {
    regions.iter().fold(Fake::new(builtin()), |fake, (at, bytes)| {
        let end = at + bytes.len() as u64;
        fake.region(*at, bytes.clone()).mapping(*at, end, "")
    })
}

/// The bytes from `address` on, over borders of regions that adjoin.
fn bytes_at(regions: &Regions, address: u64, length: usize) -> Option<Vec<u8>> {
    (0..length as u64)
        .map(|offset| {
            let at = address.checked_add(offset)?;
            let (start, bytes) = regions.iter().rev().find(|(start, _)| *start <= at)?;
            bytes.get((at - start) as usize).copied()
        })
        .collect()
}

/// All addresses where `matches` holds for the word there.
fn naive(regions: &Regions, size: usize, step: u64, matches: impl Fn(u64) -> bool) -> Vec<u64> {
    let mut found = Vec::new();
    for (start, bytes) in regions {
        for offset in 0..bytes.len() {
            let at = start + offset as u64;
            if !at.is_multiple_of(step) {
                continue;
            }
            let word = match bytes.get(offset..offset + size) {
                Some(word) => word.to_vec(),
                None => match bytes_at(regions, at, size) {
                    Some(word) => word,
                    None => continue,
                },
            };
            let mut all = [0; 8];
            all[..size].copy_from_slice(&word);
            if matches(u64::from_le_bytes(all)) {
                found.push(at);
            }
        }
    }
    found
}

#[test]
fn words_are_found_as_a_naive_search_finds_them() {
    for alphabet in [&[0, 1][..], &[7, 8, 9][..]] {
        let regions = regions(alphabet);
        let fake = fake(&regions);
        for size in [1_usize, 2, 4, 8] {
            let value = match size {
                8 => u64::from_le_bytes(regions[3].1[16..24].try_into().unwrap()),
                4 => u64::from(u32::from_le_bytes(regions[3].1[16..20].try_into().unwrap())),
                2 => u64::from(u16::from_le_bytes(regions[3].1[16..18].try_into().unwrap())),
                _ => u64::from(regions[3].1[16]),
            };
            for unaligned in [false, true] {
                let step = if unaligned { 1 } else { size as u64 };
                let expected = naive(&regions, size, step, |word| word == value);
                assert!(!expected.is_empty());
                let call = fake.call("ugrep").at(value).number('s', size as u64);
                let call = if unaligned { call.flags("u") } else { call };
                let found = call.piped().run();
                assert_eq!(found.error, None);
                assert!(found.pipe == expected, "{value:x} in {size} bytes, unaligned {unaligned}");
            }
        }
    }
}

#[test]
fn masks_ranges_and_many_values_are_found_as_a_naive_search_finds_them() {
    let regions = regions(&[0, 1, 2, 3]);
    let fake = fake(&regions);
    let value = u64::from_le_bytes(regions[3].1[800..808].try_into().unwrap());
    let check = |what: &str, found: Vec<u64>, expected: Vec<u64>| {
        assert!(!expected.is_empty(), "{what}");
        assert!(found == expected, "{what}");
    };
    let mask = 0xff00_ff00;
    let found = fake.call("ugrep").at(value).number('m', mask).piped().run().pipe;
    check("mask", found, naive(&regions, 8, 8, |word| word & mask == value & mask));
    let inverse = !0xffff;
    let found = fake.call("ugrep").at(value).number('M', inverse).piped().run().pipe;
    check("inverse mask", found, naive(&regions, 8, 8, |word| word & 0xffff == value & 0xffff));
    let (start, length) = (0x0001_0203_0000_0000, 0x0000_0100_0000_0000);
    let found = fake.call("ugrep").at(start).number('d', length).piped().run().pipe;
    let inside = |word| (start..start + length).contains(&word);
    check("range", found, naive(&regions, 8, 8, inside));
    let mut numbers = Numbers(1);
    let mut values: Vec<u64> = (0..3000).map(|_| numbers.next()).collect();
    values.extend(
        regions[3].1.chunks_exact(8).take(100).map(|w| u64::from_le_bytes(w.try_into().unwrap())),
    );
    let found = fake.call("ugrep").input(&values).piped().run().pipe;
    check("many", found, naive(&regions, 8, 8, |word| values.contains(&word)));
}

#[test]
fn limits_of_the_search_are_kept() {
    let regions = regions(&[5]);
    let fake = fake(&regions);
    let (from, until) = (0x0f_ffff, 0x11_0001);
    let found = fake.call("ugrep").at(5).number('s', 1).number('a', from).number('A', until);
    assert_eq!(found.piped().run().pipe, (from..until).collect::<Vec<u64>>());
    let only = |flags: &str| fake.call("ugrep").at(5).number('s', 1).text('R', flags).piped().run();
    assert_eq!(only("stack").warnings.len(), 1, "nothing is searched");
    assert_eq!(only("anon,heap").pipe.len(), regions.iter().map(|(_, b)| b.len()).sum::<usize>());
    assert!(only("nowhere").error.unwrap().contains("stack, heap, anon"));
    // The pipe wants no more; ^C.
    let fake = self::fake(&regions).close_after(3);
    let found = fake.call("ugrep").at(5).number('s', 1).piped().run();
    assert_eq!((found.pipe, found.error), (vec![0x1_0000, 0x1_0001, 0x1_0002], None));
    let fake = self::fake(&regions).cancel_after(2);
    let stopped = fake.call("ugrep").at(5).number('s', 1).piped().run();
    assert_eq!(stopped.error.as_deref(), Some("interrupted"));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let fake = fake(&regions(&[5]));
    let error = |call: mdb_dmod::testing::FakeCall<'_>| call.run().error.unwrap_or_default();
    assert!(error(fake.call("ugrep").at(5).number('s', 3)).contains("1, 2, 4 or 8"));
    assert!(error(fake.call("ugrep").at(0x100).number('s', 1)).contains("does not fit"));
    assert!(error(fake.call("ugrep").at(5).number('d', 2).number('m', 1)).contains("only one"));
    assert!(error(fake.call("ugrep").at(u64::MAX).number('d', 2)).contains("no range"));
    assert!(error(fake.call("ugrep").input(&[1, 2]).number('m', 2)).contains("several"));
    assert!(error(fake.call("search").flags("x").argument("7f4")).contains("row of bytes"));
    assert!(error(fake.call("search").argument("")).contains("nothing"));
    assert!(error(fake.call("strings").number('n', 0)).contains("length"));
}

/// Overlapping matches, over all borders.
fn naive_bytes(regions: &Regions, length: usize, matches: impl Fn(&[u8]) -> bool) -> Vec<u64> {
    let mut found = Vec::new();
    for (start, bytes) in regions {
        for offset in 0..bytes.len() {
            let at = start + offset as u64;
            let here = match bytes.get(offset..offset + length) {
                Some(here) => here.to_vec(),
                None => match bytes_at(regions, at, length) {
                    Some(here) => here,
                    None => continue,
                },
            };
            if matches(&here) {
                found.push(at);
            }
        }
    }
    found
}

#[test]
fn bytes_and_text_are_found_as_a_naive_search_finds_them() {
    let regions = regions(b"abAB\0");
    let fake = fake(&regions);
    let search = |flags: &str, pattern: &str| {
        let found = fake.call("search").flags(flags).argument(pattern).piped().run();
        assert_eq!(found.error, None);
        found.pipe
    };
    let check = |found: Vec<u64>, expected: Vec<u64>| {
        assert!(!expected.is_empty());
        assert!(found == expected);
    };
    check(search("", "abba"), naive_bytes(&regions, 4, |b| b == b"abba"));
    check(search("", "aaa"), naive_bytes(&regions, 3, |b| b == b"aaa"));
    check(search("i", "abba"), naive_bytes(&regions, 4, |b| b.eq_ignore_ascii_case(b"abba")));
    check(search("w", "ab"), naive_bytes(&regions, 4, |b| b == b"a\0b\0"));
    check(
        search("x", "61 ?? 62 00"),
        naive_bytes(&regions, 4, |b| (b[0], b[2], b[3]) == (b'a', b'b', 0)),
    );
    check(search("x", "??6100"), naive_bytes(&regions, 3, |b| b[1..] == *b"a\0"));
}

/// Runs of at least `least` characters, as `(address, text)`: a run ends where a region ends that
/// nothing adjoins.
fn naive_strings(regions: &Regions, least: usize, wide: bool) -> Vec<(u64, String)> {
    let width = 1 + usize::from(wide);
    let character = |at: u64| -> Option<char> {
        let unit = bytes_at(regions, at, width)?;
        let zero = unit.get(1).is_none_or(|high| *high == 0);
        (zero && matches!(unit[0], b' '..=b'~' | b'\t')).then(|| char::from(unit[0]))
    };
    let mut found = Vec::new();
    let mut done = 0;
    for (start, bytes) in regions {
        for at in (*start..start + bytes.len() as u64).filter(|at| at % width as u64 == 0) {
            if at < done || character(at).is_none() {
                continue;
            }
            let mut text = String::new();
            let mut next = at;
            while let Some(c) = character(next) {
                text.push(c);
                next += width as u64;
            }
            done = next;
            if text.len() >= least {
                found.push((at, text));
            }
        }
    }
    found
}

#[test]
fn text_is_found_as_a_naive_search_finds_it() {
    for (alphabet, wide) in [(&b"abc d\te\0"[..], false), (&b"ab\0\0"[..], true)] {
        let regions = regions(alphabet);
        let fake = fake(&regions);
        let call = fake.call("strings").number('n', 6);
        let call = if wide { call.flags("w") } else { call };
        let rows = call.run().rows;
        let found: Vec<(u64, String)> = rows
            .iter()
            .map(|row| {
                (u64::from_str_radix(row[0].trim_start_matches("0x"), 16).unwrap(), row[1].clone())
            })
            .collect();
        let expected = naive_strings(&regions, 6, wide);
        assert!(expected.len() > 10);
        assert!(found == expected, "wide {wide}: {} and {}", found.len(), expected.len());
    }
}

#[test]
fn a_run_without_an_end_is_cut_and_said_once() {
    let regions: Regions = vec![(0x10_0001, vec![b'a'; 0x21_0000])];
    let rows = fake(&regions).call("strings").run().rows;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0][1].len(), rows[0][2].as_str()), (1024, "1"));
}
