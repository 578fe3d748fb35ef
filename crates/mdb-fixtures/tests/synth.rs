//! The odd cores are what they say: `object` and readelf read them so.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::collections::HashSet;
use std::fs;
use std::process::Command;

use mdb_fixtures::synth::{self, Format};
use object::read::elf::{ElfFile64, FileHeader, ProgramHeader};
use object::{Endianness, elf};

type Header = elf::FileHeader64<Endianness>;

fn segments(core: &[u8]) -> usize {
    let header = Header::parse(core).unwrap();
    header.program_headers(header.endian().unwrap(), core).unwrap().len()
}

#[test]
fn object_reads_notes_and_memory() {
    let core = synth::minimal(Format::X86_64).build();
    let header = Header::parse(&*core).unwrap();
    let endian = header.endian().unwrap();
    assert_eq!(header.e_type.get(endian), elf::ET_CORE);
    let mut kinds = Vec::new();
    for segment in header.program_headers(endian, &*core).unwrap() {
        let Some(mut notes) = segment.notes(endian, &*core).unwrap() else { continue };
        while let Some(note) = notes.next().unwrap() {
            kinds.push((note.n_type(endian).0, note.desc().len()));
        }
    }
    // Sizes of the structures on x86-64, as the kernel's cores have them.
    assert_eq!(kinds[..3], [(1, 336), (3, 136), (0x5349_4749, 128)]);
    assert_eq!(kinds.iter().filter(|(kind, _)| *kind == 1).count(), 2);
    let file = ElfFile64::<Endianness>::parse(&*core).unwrap();
    let data = object::Object::segments(&file)
        .find(|segment| object::ObjectSegment::address(segment) == 0x60_0000)
        .unwrap();
    let bytes = object::ObjectSegment::data(&data).unwrap();
    assert_eq!(bytes.len(), 0x1000);
    assert_eq!(bytes[0x42], 0x42);
}

#[test]
fn note_sizes_are_the_kernels() {
    // The kernel's own core, where one can be had, has notes of the same sizes as ours.
    let Some(real) =
        mdb_fixtures::available("note_sizes", mdb_fixtures::fixture("example1")).unwrap()
    else {
        return;
    };
    if !cfg!(target_arch = "x86_64") {
        return mdb_fixtures::skipped("note_sizes", "needs an x86-64");
    }
    let sizes = |core: &[u8]| -> Vec<(u32, usize)> {
        let header = Header::parse(core).unwrap();
        let endian = header.endian().unwrap();
        let mut sizes = Vec::new();
        for segment in header.program_headers(endian, core).unwrap() {
            let Some(mut notes) = segment.notes(endian, core).unwrap() else { continue };
            while let Some(note) = notes.next().unwrap() {
                sizes.push((note.n_type(endian).0, note.desc().len()));
            }
        }
        sizes
    };
    let ours = sizes(&synth::minimal(Format::X86_64).build());
    let theirs = sizes(&fs::read(&real.core).unwrap());
    for kind in [1, 2, 3, 0x5349_4749] {
        let size = |notes: &[(u32, usize)]| notes.iter().find(|note| note.0 == kind).unwrap().1;
        assert_eq!(size(&ours), size(&theirs), "type {kind:#x}");
    }
}

#[test]
fn more_mappings_than_e_phnum_holds() {
    assert_eq!(segments(&synth::many_mappings(65_533)), 65_534);
    assert_eq!(segments(&synth::many_mappings(65_534)), 65_535);
    assert_eq!(segments(&synth::many_mappings(70_000)), 70_001);
}

#[test]
fn readelf_agrees() {
    let dir = tempdir("readelf");
    let files = synth::odd_files(&dir).unwrap();
    for (name, wanted) in [
        ("core-32-bit", ["ELF32", "little endian", "Intel 80386", "CORE (Core file)"]),
        ("core-big-endian", ["ELF64", "big endian", "IBM S/390", "CORE (Core file)"]),
        ("core-riscv", ["ELF64", "little endian", "RISC-V", "CORE (Core file)"]),
        ("core-aarch64", ["ELF64", "little endian", "AArch64", "CORE (Core file)"]),
    ] {
        let file = files.iter().find(|file| file.name == name).unwrap();
        let Ok(output) = Command::new("readelf").arg("-hlnW").arg(&file.path).output() else {
            return mdb_fixtures::skipped("readelf_agrees", "no readelf");
        };
        let text = String::from_utf8_lossy(&output.stdout);
        for wanted in wanted.iter().chain(&["NT_PRSTATUS", "NT_PRPSINFO", "NT_AUXV", "NT_FILE"]) {
            assert!(text.contains(wanted), "{wanted} in {name}:\n{text}");
        }
        assert!(output.stderr.is_empty(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn every_mutation_is_another_file() {
    let core = synth::minimal(Format::X86_64).build();
    let mut names = HashSet::new();
    let mut count = 0;
    for (name, spoilt) in synth::mutations(&core) {
        assert!(spoilt != core, "{name} changes nothing");
        assert!(spoilt.len() <= core.len(), "{name}");
        assert!(names.insert(name.clone()), "{name} twice");
        count += 1;
    }
    assert!(count > 1000, "{count}");
    for wanted in ["header e_phnum=0xffff", "note 0 (type 0x1) n_descsz=0xffffffff", "cut at 0x40"]
    {
        assert!(names.contains(wanted), "{wanted}");
    }
}

#[test]
fn the_link_map_is_a_ring() {
    let core = synth::cyclic_link_map();
    let file = ElfFile64::<Endianness>::parse(&*core).unwrap();
    let word = |address: u64| -> u64 {
        let segment = object::Object::segments(&file).next().unwrap();
        let bytes = object::ObjectSegment::data_range(&segment, address, 8).unwrap().unwrap();
        u64::from_le_bytes(bytes.try_into().unwrap())
    };
    let debug = word(0x40_0408);
    let first = word(word(debug + 8) + 24);
    let second = word(first + 24);
    assert_ne!(first, second);
    assert_eq!(word(second + 24), first);
}

fn tempdir(name: &str) -> std::path::PathBuf {
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("synth-{name}"));
    fs::create_dir_all(&dir).unwrap();
    dir
}
