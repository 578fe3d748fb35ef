//! Damage made on the spot: no panic, an end, one sentence for what is refused, and no memory beyond
//! a few times the input.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod counting;

use counting::{body, check};
use mdb_fixtures::synth::{self, CoreBuilder, EXECUTE, Format, MappedFile, READ, WRITE, mutations};
use mdb_fuzz::seeds;

/// Every field of every structure of cores of several kinds, and a cut at every edge. In two parts,
/// so that they run beside each other.
fn spoilt(part: usize) {
    let body = body("core");
    let mut count = 0;
    for (number, seed) in seeds::seeds("core").iter().enumerate() {
        for (what, bytes) in mutations(seed).skip(part).step_by(2) {
            check(body, &format!("core seed {number}: {what}"), &bytes);
            count += 1;
        }
    }
    assert!(count > 500, "only {count}");
}

#[test]
fn spoilt_cores_even() {
    spoilt(0);
}

#[test]
fn spoilt_cores_odd() {
    spoilt(1);
}

/// A byte of the file of a module at a time.
#[test]
fn spoilt_objects() {
    let body = body("elf");
    for (number, seed) in seeds::seeds("elf").iter().enumerate() {
        for at in 0..seed.len().min(0x400) {
            for value in [0xff, 0x80, seed[at] ^ 1] {
                let mut bytes = seed.clone();
                bytes[at] = value;
                check(body, &format!("elf seed {number}: byte {at:#x} is {value:#x}"), &bytes);
            }
        }
    }
}

/// A compressed core: cut anywhere, any byte of it another one.
#[test]
fn spoilt_compressed_cores() {
    use mdb_corefile::{OpenOptions, open_core};
    let directory = mdb_fixtures::target_dir().join(format!("fuzz-zst-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let options = OpenOptions { temp_dir: Some(directory.clone()), ..OpenOptions::default() };
    let sound = zstd::encode_all(&synth::minimal(Format::X86_64).build()[..], 3).unwrap();
    let cuts = (0..sound.len()).step_by(5).map(|cut| sound[..cut].to_vec());
    let other = (0..sound.len()).map(|at| {
        let mut bytes = sound.clone();
        bytes[at] ^= 1 << (at % 8);
        bytes
    });
    let (mut opened, mut refused) = (0, 0);
    for (number, bytes) in cuts.chain(other).enumerate() {
        let name = format!("{number}.core.zst");
        let path = directory.join(&name);
        std::fs::write(&path, &bytes).unwrap();
        match open_core(&path, &options) {
            Ok(_) => opened += 1,
            Err(error) => {
                mdb_fuzz::check_refusal(&name, &error.to_string());
                refused += 1;
            }
        }
    }
    assert!(opened > 10 && refused > 10, "{opened} opened, {refused} refused");
    std::fs::remove_dir_all(&directory).unwrap();
}

/// Spoilt files as targets: programs, not cores.
#[test]
fn spoilt_programs() {
    use mdb_debuginfo::ObjectTarget;
    use mdb_target::{Interrupt, Target as _};
    let directory = mdb_fixtures::target_dir().join(format!("fuzz-elf-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let seed = seeds::seeds("elf").remove(0);
    let (mut opened, mut refused) = (0, 0);
    for at in 0..64 + 4 * 56 {
        let mut bytes = seed.clone();
        bytes[at] ^= 0x81;
        let name = format!("program-{at}");
        let path = directory.join(&name);
        std::fs::write(&path, &bytes).unwrap();
        match ObjectTarget::open(&path, Interrupt::new()) {
            Ok(target) => {
                assert!(target.memory().segments().iter().all(|s| s.range.start < s.range.end));
                opened += 1;
            }
            Err(error) => {
                let text = error.to_string();
                assert!(text.contains(&name) && !text.contains('\n'), "{text}");
                refused += 1;
            }
        }
    }
    assert!(opened > 10 && refused > 5, "{opened} opened, {refused} refused");
    std::fs::remove_dir_all(&directory).unwrap();
}

/// A core whose segments are these parts of `contents`: `(address, offset, size, memory size)`.
fn core_over(contents: &[u8], segments: &[(u64, u64, u64, u64)], core: CoreBuilder) -> Vec<u8> {
    let mut core = core.alignment(1);
    for (address, _, _, memory) in segments {
        core = core.load_partly(*address, *memory, READ | WRITE | EXECUTE, Vec::new());
    }
    let mut bytes = core.build();
    let end = bytes.len() as u64;
    // Program headers begin at 64, notes first (elf(5)): p_offset at 8, p_filesz at 32.
    for (index, (_, offset, size, _)) in segments.iter().enumerate() {
        let at = 64 + 56 * (index + 1);
        bytes[at + 8..at + 16].copy_from_slice(&(end + offset).to_le_bytes());
        bytes[at + 32..at + 40].copy_from_slice(&size.to_le_bytes());
    }
    bytes.extend(contents);
    bytes
}

/// An ELF header whose program headers are many, and one of them loads it.
fn many_headers(count: u16) -> Vec<u8> {
    let mut bytes = seeds::seeds("elf").remove(0)[..64].to_vec();
    bytes[56..58].copy_from_slice(&count.to_le_bytes());
    for _ in 0..count {
        for word in [1_u32, 5] {
            bytes.extend(word.to_le_bytes());
        }
        for word in [0_u64, 0, 0, 0x1000, 0x1000, 0x1000] {
            bytes.extend(word.to_le_bytes());
        }
    }
    bytes
}

/// One large program header table, which very many mappings show.
#[test]
fn a_header_table_for_many_modules() {
    let contents = many_headers(0xffff);
    let size = contents.len() as u64;
    let names: Vec<String> = (0..400).map(|n| format!("/{n}")).collect();
    let starts: Vec<u64> = (0..400).map(|n| 0x1000_0000 * (n + 1)).collect();
    let files: Vec<MappedFile<'_>> = names
        .iter()
        .zip(&starts)
        .map(|(path, start)| MappedFile {
            start: *start,
            end: start + 0x1000,
            page_offset: 0,
            path,
        })
        .collect();
    let segments: Vec<_> = starts.iter().map(|start| (*start, 0, size, size)).collect();
    let core = CoreBuilder::new(Format::X86_64).thread(1, 11, &[]).files(&files);
    check(body("core"), "header tables", &core_over(&contents, &segments, core));
}

/// As above, but each of the modules has a page of its own for its header.
#[test]
fn very_many_modules() {
    let contents = many_headers(30);
    let names: Vec<String> = (0..30_000).map(|n| format!("/{n}")).collect();
    let starts: Vec<u64> = (0..30_000).map(|n| 0x10_0000 * (n + 1)).collect();
    let files: Vec<MappedFile<'_>> = names
        .iter()
        .zip(&starts)
        .map(|(path, start)| MappedFile {
            start: *start,
            end: start + 0x1000,
            page_offset: 0,
            path,
        })
        .collect();
    let size = contents.len() as u64;
    let segments: Vec<_> = starts.iter().map(|start| (*start, 0, size, size)).collect();
    let core = CoreBuilder::new(Format::X86_64).thread(1, 11, &[]).files(&files);
    check(body("core"), "modules", &core_over(&contents, &segments, core));
}

/// A link map of very many nodes, all of which have one very long name.
#[test]
fn a_long_name_for_many_link_maps() {
    const IMAGE: u64 = 0x40_0000;
    const NODES: u64 = 0x100_0000;
    const COUNT: u64 = 40_000;
    // The ring's image has PT_DYNAMIC at 0x400, DT_DEBUG to 0x600, r_map there.
    let ring = synth::cyclic_link_map();
    let place = ring.windows(4).rposition(|w| w == b"\x7fELF").unwrap();
    let mut contents = ring[place..place + 0x1000].to_vec();
    contents[0x608..0x610].copy_from_slice(&NODES.to_le_bytes());
    for n in 0..COUNT {
        let next = if n + 1 == COUNT { 0 } else { NODES + (n + 1) * 32 };
        for word in [0x7f00_0000_0000 + n * 0x1000, NODES + COUNT * 32, IMAGE + 0x400, next] {
            contents.extend(word.to_le_bytes());
        }
    }
    contents.extend([b'x'; 5000]);
    let size = contents.len() as u64 - 0x1000;
    let core = CoreBuilder::new(Format::X86_64).thread(1, 11, &[]).auxv(&[
        (3, IMAGE + 64),
        (4, 56),
        (5, 3),
        (6, 4096),
    ]);
    let segments = [(IMAGE, 0, 0x1000, 0x1000), (NODES, 0x1000, size, size)];
    check(body("core"), "link maps", &core_over(&contents, &segments, core));
}
