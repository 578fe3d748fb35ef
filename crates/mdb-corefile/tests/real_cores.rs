//! Cores of real programs: goblin reads the same headers and notes, and the programs said
//! themselves what is in their memory.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use goblin::elf::Elf;
use goblin::elf::program_header::{PT_LOAD, PT_NOTE};
use mdb_corefile::{CoreFile, FileKind, OpenOptions, open_core, sniff};
use mdb_fixtures::{Fixture, available, fixture, names};
use mdb_target::{Auxv, Fault, FaultReason, MappingKind, Permissions, Target};
use std::fs;
use std::path::PathBuf;

fn open(fixture: &Fixture) -> CoreFile {
    open_core(&fixture.core, &OpenOptions::default())
        .unwrap_or_else(|e| panic!("{}: {e}", fixture.name))
}

fn find(test: &str, name: &str) -> Option<(Fixture, CoreFile)> {
    let fixture = available(test, fixture(name)).unwrap()?;
    let core = open(&fixture);
    Some((fixture, core))
}

/// Segments and notes, as goblin reads them (it knows nothing of more than 65,534 segments).
fn compare_with_goblin(name: &str, path: &std::path::Path, core: &CoreFile) {
    let bytes = fs::read(path).unwrap();
    let elf = Elf::parse(&bytes).unwrap();
    let loads: Vec<_> =
        elf.program_headers.iter().filter(|p| p.p_type == PT_LOAD && p.p_memsz > 0).collect();
    assert!(!loads.is_empty(), "{name}");
    let mut saved = 0;
    for load in &loads {
        // The first, the last and some bytes between.
        let steps = [0, 1, load.p_filesz / 3, load.p_filesz / 2, load.p_filesz.saturating_sub(8)];
        for step in steps.into_iter().filter(|s| s + 8 <= load.p_filesz) {
            let at = usize::try_from(load.p_offset + step).unwrap();
            let expected = u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
            assert_eq!(core.memory().read_u64(load.p_vaddr + step), Ok(expected), "{name}");
        }
        if load.p_memsz > load.p_filesz {
            let reason = match load.p_flags {
                0 => FaultReason::Protected,
                _ => FaultReason::NotInCore,
            };
            for at in [load.p_vaddr + load.p_filesz, load.p_vaddr + load.p_memsz - 1] {
                let fault = Fault::new(at, reason.clone());
                assert_eq!(core.memory().read_u8(at), Err(fault), "{name}");
            }
        }
        let mapping = core.mappings().iter().find(|m| m.range.start == load.p_vaddr).unwrap();
        assert_eq!(mapping.range.end, load.p_vaddr.saturating_add(load.p_memsz), "{name}");
        assert_eq!(mapping.permissions, Some(Permissions::from_elf(load.p_flags)), "{name}");
        assert_eq!(mapping.saved, load.p_filesz, "{name}");
        saved += load.p_filesz;
    }
    assert_eq!(core.mappings().iter().map(|m| m.saved).sum::<u64>(), saved, "{name}");

    let notes: Vec<_> = elf.iter_note_headers(&bytes).unwrap().map(Result::unwrap).collect();
    assert_eq!(notes.len(), core.notes().len(), "{name}");
    for (theirs, ours) in notes.iter().zip(core.notes()) {
        assert_eq!(theirs.name, ours.owner, "{name}");
        assert_eq!(theirs.n_type, ours.kind, "{name}");
        assert_eq!(theirs.desc, ours.data, "{name}");
        let at = usize::try_from(ours.offset).unwrap();
        assert_eq!(&bytes[at..at + ours.data.len()], ours.data, "{name}");
    }
    assert_eq!(elf.program_headers.iter().filter(|p| p.p_type == PT_NOTE).count(), 1, "{name}");
    let threads = notes.iter().filter(|n| n.name == "CORE" && n.n_type == 1).count();
    assert_eq!(core.threads().len(), threads, "{name}");
}

/// What every fixture's core must tell.
fn check(fixture: &Fixture) {
    let name = &fixture.name;
    assert!(matches!(sniff(&fixture.core), FileKind::Core), "{name}");
    let core = open(fixture);
    assert_eq!(core.warnings(), &[] as &[String], "{name}");
    compare_with_goblin(name, &fixture.core, &core);

    assert_eq!(core.process().pid, Some(fixture.pid), "{name}");
    let file_name = fixture.executable.file_name().unwrap();
    let executable = PathBuf::from(core.process().executable.clone().unwrap());
    assert_eq!(executable.file_name(), Some(file_name), "{name}");
    // Numbered from 1, and no thread twice.
    let numbers: Vec<u32> = core.threads().iter().map(|t| t.number).collect();
    assert!(numbers.iter().copied().eq(1..=numbers.len() as u32), "{name}");
    let mut tids: Vec<u32> = core.threads().iter().map(|t| t.tid).collect();
    tids.sort_unstable();
    tids.dedup();
    assert_eq!(tids.len(), numbers.len(), "{name}");
    for (tid, kind) in fixture.tids() {
        assert!(tids.contains(&tid), "{name}: thread {tid} ({kind})");
    }
    // The program's own words.
    for words in fixture.truths("address").filter(|w| !["overflow", "pc"].contains(&w[0])) {
        if let Some(address) = fixture.address(words[0]) {
            let mapped = core.mappings().iter().any(|m| m.range.contains(&address));
            assert!(mapped, "{name}: {words:?}");
        }
    }
    match fixture.signal {
        Some(signal) => {
            let info = core.signal().unwrap();
            assert_eq!(info.signal, signal, "{name}");
            if let Some(fault) = fixture.fault() {
                assert_eq!(info.address, Some(fault), "{name}");
            }
            if signal == libc::SIGABRT && !core.written_by_gcore() {
                assert_eq!(info.sender_pid, Some(fixture.pid), "{name}");
                assert_eq!(info.address, None, "{name}");
            }
        }
        None => assert_eq!(core.signal(), None, "{name}"),
    }
    // The vDSO is there whole, an ELF file.
    let vdso = core.auxv().get(Auxv::SYSINFO_EHDR).unwrap();
    assert_eq!(core.memory().read_u32(vdso), Ok(u32::from_le_bytes(*b"\x7fELF")), "{name}");
    let mapping = core.mappings().iter().find(|m| m.range.contains(&vdso)).unwrap();
    assert_eq!(mapping.kind, MappingKind::Vdso, "{name}");
    // Every thread has all its registers, and most have a stack.
    for thread in core.threads() {
        let layout = if cfg!(target_arch = "x86_64") { 27 } else { 34 };
        assert!(thread.registers.iter().count() >= layout, "{name}");
    }
    let stacks = core.mappings().iter().filter(|m| matches!(m.kind, MappingKind::Stack(_)));
    assert!(stacks.count() >= 1, "{name}");
}

#[test]
fn every_fixture() {
    let mut seen = 0;
    for name in names() {
        let test = format!("real_cores::every_fixture {name}");
        if let Some(fixture) = available(&test, fixture(name)).unwrap() {
            check(&fixture);
            seen += 1;
        }
    }
    assert!(seen > 0, "no fixture could be made");
}

/// The values that the program printed stand at the addresses it printed.
#[test]
fn bytes_of_the_classic_example() {
    let Some((fixture, core)) = find("bytes_of_the_classic_example", "example1") else { return };
    let memory = core.memory();
    let at = |name| fixture.address(name).unwrap();
    assert_eq!(memory.read_c_string(at("buffer"), 100).unwrap(), b"jumps over the lazy dog");
    assert_eq!(i64::from(memory.read_u32(at("g")).unwrap()), fixture.value("g").unwrap());
    let hidden = memory.read_u64(at("hidden")).unwrap();
    assert_eq!(hidden.cast_signed(), fixture.value("hidden").unwrap());
    let argv0 = memory.read_c_string(at("argv0"), 4096).unwrap();
    assert!(argv0.ends_with(b"example1"));
    // Read-only data is not saved: it is in the executable.
    let greeting = Fault::new(at("greeting"), FaultReason::NotInCore);
    assert_eq!(memory.read_u8(at("greeting")), Err(greeting));
    let arguments = core.process().arguments.clone().unwrap();
    assert!(arguments.to_string_lossy().contains("example1"));
    assert_eq!(core.process().name.clone().unwrap(), "example1");
    // A kernel's core knows who crashed: thread 1, in the executable.
    let pc = core.threads()[0].registers.pc().unwrap();
    let mapping = core.mappings().iter().find(|m| m.range.contains(&pc)).unwrap();
    assert_eq!(mapping.file.as_ref().map(|f| &f.path), core.process().executable.as_ref());
    assert!(matches!(sniff(&fixture.executable), FileKind::Executable));
}

/// The thread that crashed is number 1, in the kernel's cores and in gdb's.
#[test]
fn the_crasher_is_number_1() {
    let Some((fixture, core)) = find("the_crasher_is_number_1", "threads3") else { return };
    assert_eq!(core.threads().len(), 3);
    let crasher = fixture.tids().into_iter().find(|(tid, _)| fixture.stack(*tid)[0] == "crash");
    assert_eq!(core.threads()[0].tid, crasher.unwrap().0);
    assert_eq!(core.signal().unwrap().address, fixture.fault());
}

/// A stack that overflowed is still found: the stack pointer is below it.
#[test]
fn an_overflowed_stack_is_found() {
    let Some((_, core)) = find("an_overflowed_stack_is_found", "overflow") else { return };
    let sp = core.threads()[0].registers.sp().unwrap();
    let stack = core.mappings().iter().find(|m| m.kind == MappingKind::Stack(1)).unwrap();
    assert!(sp < stack.range.end && stack.range.start.saturating_sub(sp) < 1 << 20);
    assert!(stack.range.end - stack.range.start > 1 << 20);
}

/// gdb's copy of a living process: told from the kernel's, and nobody crashed.
#[test]
fn a_copy_by_gcore() {
    let Some((fixture, core)) = find("a_copy_by_gcore", "alive") else { return };
    assert!(core.written_by_gcore());
    assert_eq!(core.signal(), None);
    assert_eq!(core.threads()[0].tid, fixture.pid);
    // What gdb leaves out is known by NT_FILE alone.
    let left_out = core.mappings().iter().find(|m| m.permissions.is_none()).unwrap();
    assert!(left_out.file.is_some() && left_out.saved == 0);
    let at = left_out.range.start;
    assert_eq!(core.memory().read_u8(at), Err(Fault::new(at, FaultReason::NotInCore)));
}

#[test]
fn the_kernels_cores_are_not_taken_for_gcores() {
    let Some((fixture, core)) = find("the_kernels_cores", "example1") else { return };
    if mdb_fixtures::cores_go_elsewhere(&fixture.directory).is_some() {
        return mdb_fixtures::skipped("the_kernels_cores", "the kernel writes no cores here");
    }
    assert!(!core.written_by_gcore());
}

/// Truncated at many places, each still opens or says why not, and what is left reads as before.
#[test]
fn truncated_cores_open_as_far_as_they_go() {
    let Some((fixture, whole)) = find("truncated_cores", "threads3") else { return };
    let bytes: &'static [u8] = fs::read(&fixture.core).unwrap().leak();
    let elf = Elf::parse(bytes).unwrap();
    let notes = elf.program_headers.iter().find(|p| p.p_type == PT_NOTE).unwrap();
    let (start, size) = (notes.p_offset as usize, notes.p_filesz as usize);
    let mut cuts: Vec<usize> = (0..=20).map(|i| start + size * i / 20).collect();
    cuts.extend((1..20).map(|i| bytes.len() * i / 20));
    for cut in cuts {
        let interrupt = mdb_target::Interrupt::new();
        let core = CoreFile::from_bytes("cut", &bytes[..cut], interrupt).unwrap();
        assert!(!core.warnings().is_empty(), "cut at {cut:#x}");
        assert!(core.threads().len() <= whole.threads().len());
        if !whole.written_by_gcore() {
            for (ours, theirs) in core.threads().iter().zip(whole.threads()) {
                assert_eq!(ours.tid, theirs.tid);
                for (id, value) in ours.registers.iter() {
                    assert_eq!(theirs.registers.get(id), Some(value));
                }
            }
        }
        for load in elf.program_headers.iter().filter(|p| p.p_type == PT_LOAD && p.p_filesz >= 8) {
            let read = core.memory().read_u64(load.p_vaddr);
            if load.p_offset + 8 <= cut as u64 {
                assert_eq!(read, whole.memory().read_u64(load.p_vaddr));
            } else if load.p_offset >= cut as u64 {
                assert_eq!(read, Err(Fault::new(load.p_vaddr, FaultReason::Truncated)));
            }
        }
    }
}

/// Holes are passed over, and what the file system says about them is what we have.
#[test]
fn holes_are_zero_segments() {
    use mdb_target::Backing;
    let directory = mdb_fixtures::target_dir().join("corefile-tests");
    fs::create_dir_all(&directory).unwrap();
    let path = directory.join(format!("holes-{}", std::process::id()));
    // A core of one mapping: data, a hole, data.
    let core = mdb_fixtures::synth::CoreBuilder::new(mdb_fixtures::synth::Format::X86_64)
        .alignment(4096)
        .thread(1, 11, &[0; 27])
        .load(0x10000, 6, {
            let mut bytes = vec![0; 4 << 20];
            bytes[0] = 1;
            bytes[(3 << 20) + 5] = 2;
            bytes[(4 << 20) - 1] = 3;
            bytes
        })
        .build();
    {
        use std::os::unix::fs::FileExt as _;
        let file = fs::File::create(&path).unwrap();
        file.set_len(core.len() as u64).unwrap();
        for (i, page) in core.chunks(4096).enumerate() {
            if page.iter().any(|b| *b != 0) {
                file.write_all_at(page, i as u64 * 4096).unwrap();
            }
        }
        file.sync_all().unwrap();
    }
    let core = open_core(&path, &OpenOptions::default()).unwrap();
    fs::remove_file(&path).unwrap();
    let zeros: u64 = core
        .memory()
        .segments()
        .iter()
        .filter(|s| matches!(s.backing, Backing::Zero))
        .map(|s| s.range.end - s.range.start)
        .sum();
    if zeros == 0 {
        return mdb_fixtures::skipped("holes_are_zero_segments", "no sparse files here");
    }
    assert!(zeros > 3 << 20, "{zeros:#x}");
    let memory = core.memory();
    assert_eq!(memory.read_u8(0x10000), Ok(1));
    assert_eq!(memory.read_u8(0x10000 + (3 << 20) + 5), Ok(2));
    assert_eq!(memory.read_u8(0x10000 + (4 << 20) - 1), Ok(3));
    let mut all = vec![9; 4 << 20];
    memory.read_exact(0x10000, &mut all).unwrap();
    assert_eq!(all.iter().filter(|b| **b != 0).count(), 3);
}
