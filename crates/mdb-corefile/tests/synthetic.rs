//! Cores that no kernel wrote: odd ones, and one spoilt in every field.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use mdb_corefile::{CoreError, CoreFile, FileKind, OpenOptions, open_core, sniff};
use mdb_fixtures::synth::{self, CoreBuilder, Format, READ};
use mdb_target::{Arch, Fault, FaultReason, Interrupt, MappingKind, Target};

fn from_bytes(bytes: Vec<u8>) -> Result<CoreFile, CoreError> {
    CoreFile::from_bytes("synthetic", bytes.leak(), Interrupt::new())
}

/// Walks over everything that a command could ask for.
fn touch(core: &CoreFile) -> u64 {
    let mut sum = 0u64;
    for segment in core.memory().segments() {
        for at in [segment.range.start, segment.range.end - 1] {
            sum = sum.wrapping_add(core.memory().read_u64(at).unwrap_or(0));
        }
    }
    for thread in core.threads() {
        sum = sum.wrapping_add(core.thread_pointer(thread).unwrap_or(0));
        sum = sum.wrapping_add(thread.registers.iter().map(|r| r.1 & 1).sum::<u64>());
    }
    for mapping in core.mappings() {
        assert!(mapping.range.start < mapping.range.end);
        assert!(mapping.saved <= mapping.range.end - mapping.range.start);
    }
    let ordered = core.mappings().windows(2).all(|pair| pair[0].range.end <= pair[1].range.start);
    assert!(ordered, "mappings overlap");
    assert!(
        core.notes().iter().all(|n| n.thread.is_none_or(|t| t as usize <= core.threads().len()))
    );
    sum
}

#[test]
fn the_minimal_core() {
    let core = from_bytes(synth::minimal(Format::X86_64).build()).unwrap();
    assert_eq!(core.warnings(), &[] as &[String]);
    assert_eq!(core.arch(), Arch::X86_64);
    let tids: Vec<_> = core.threads().iter().map(|t| (t.number, t.tid, t.signal)).collect();
    assert_eq!(tids, [(1, 2001, 11), (2, 2002, 0)]);
    let signal = core.signal().unwrap();
    assert_eq!((signal.signal, signal.code, signal.address), (11, Some(1), Some(0x10)));
    assert_eq!(signal.sender_pid, None);
    let process = core.process();
    assert_eq!(process.pid, Some(2001));
    assert_eq!(process.name.as_ref().unwrap(), "synthetic");
    assert_eq!(process.arguments.as_ref().unwrap(), "synthetic --made by hand");
    assert_eq!(process.executable.as_ref().unwrap(), "/nonexistent/synthetic");
    assert_eq!(core.memory().read_u8(0x60_0042), Ok(0x42));
    let hole = 0x70_0000;
    assert_eq!(core.memory().read_u8(hole), Err(Fault::new(hole, FaultReason::NotInCore)));
    let data = core.mappings().iter().find(|m| m.range.start == 0x60_0000).unwrap();
    assert_eq!(data.file.as_ref().unwrap().offset, 0x1000);
    assert_eq!(data.kind, MappingKind::File);
    assert!(core.threads()[0].floating_point.fpregset.is_some());
    assert!(core.threads()[0].floating_point.xstate.is_some());
    assert!(core.threads()[1].floating_point.fpregset.is_none());
    assert!(!core.written_by_gcore());
    touch(&core);
}

#[test]
fn aarch64() {
    let stack = synth::aarch64_stack();
    let core = from_bytes(stack.core).unwrap();
    assert_eq!(core.arch(), Arch::Aarch64);
    let registers = &core.threads()[0].registers;
    assert_eq!(registers.pc(), stack.pcs.first().copied());
    assert_eq!(registers.fp(), registers.sp());
    let stack = synth::x86_64_stack();
    let core = from_bytes(stack.core).unwrap();
    assert_eq!(core.threads()[0].registers.pc(), stack.pcs.first().copied());
}

/// The registers of 64-bit Arm that have notes of their own.
#[test]
fn aarch64_notes() {
    use mdb_target::aarch64::registers as r;
    let core = CoreBuilder::new(Format::AARCH64)
        .thread(7, 11, &[1; 34])
        .note("LINUX", 0x401, 0x1234_5678_9abc_u64.to_le_bytes())
        .note("LINUX", 0x404, (-1i32).to_le_bytes())
        .note("LINUX", 0x406, [0x7fu64 << 48, 0xffu64 << 48].map(u64::to_le_bytes).concat())
        .thread(8, 0, &[2; 34])
        .load(0x1000, READ, vec![1; 64])
        .build();
    let core = from_bytes(core).unwrap();
    let first = &core.threads()[0];
    assert_eq!(core.thread_pointer(first), Some(0x1234_5678_9abc));
    assert_eq!(first.registers.get(r::SYSTEM_CALL), Some(u64::MAX));
    assert_eq!(first.registers.get(r::PAC_DATA_MASK), Some(0x7f << 48));
    assert_eq!(first.registers.get(r::PAC_CODE_MASK), Some(0xff << 48));
    assert_eq!(core.thread_pointer(&core.threads()[1]), None);
}

#[test]
fn seventy_thousand_mappings() {
    let core = from_bytes(synth::many_mappings(70_000)).unwrap();
    assert_eq!(core.mappings().len(), 70_000);
    for index in (0..70_000u64).step_by(1000) {
        let address = 0x1000_0000 + index * 0x2000;
        assert_eq!(core.memory().read_u64(address), Ok(address));
        let next = address + 0x2000;
        assert_eq!(core.memory().read_u8(next), Err(Fault::new(next, FaultReason::NotInCore)));
    }
}

/// The section header with the count is the last thing in the file, so it is lost first.
#[test]
fn seventy_thousand_mappings_truncated() {
    let mut bytes = synth::many_mappings(70_000);
    // As the kernel does it: the count's section header at the very end.
    let at = usize::try_from(u64::from_le_bytes(bytes[40..48].try_into().unwrap())).unwrap();
    let section = bytes[at..at + 64].to_vec();
    let end = bytes.len() as u64;
    bytes[40..48].copy_from_slice(&end.to_le_bytes());
    bytes.extend(section);
    let says_so = |core: &CoreFile| core.warnings().iter().any(|w| w.contains("PN_XNUM"));
    let core = from_bytes(bytes.clone()).unwrap();
    assert_eq!((core.mappings().len(), says_so(&core)), (70_000, false));
    bytes.truncate(bytes.len() - 1);
    let core = from_bytes(bytes).unwrap();
    assert_eq!((core.mappings().len(), says_so(&core)), (70_000, true));
}

/// Every refusal is one sentence that names the file.
#[test]
fn odd_files() {
    let directory = mdb_fixtures::target_dir()
        .join("corefile-tests")
        .join(format!("odd-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let files = synth::odd_files(&directory).unwrap();
    assert!(files.len() > 15);
    for file in files {
        let opened = open_core(&file.path, &OpenOptions::default());
        match opened {
            Ok(core) => {
                assert!(file.sound, "{} opened", file.name);
                touch(&core);
            }
            Err(error) => {
                let text = error.to_string();
                assert!(!file.sound, "{}: {text}", file.name);
                assert!(text.contains(&*file.path.to_string_lossy()), "{}: {text}", file.name);
                assert!(!text.contains('\n') && text.len() < 1000, "{}: {text}", file.name);
                if file.name != "directory" && file.name != "absent" {
                    assert!(text.contains("expected") || text.contains("zstd"), "{text}");
                }
            }
        }
        let _ = sniff(&file.path);
    }
    let named = |name: &str| sniff(&directory.join(name));
    assert!(matches!(named("zstd-garbage.zst"), FileKind::CompressedCore));
    assert!(matches!(named("core-aarch64"), FileKind::Core));
    for (name, words) in [
        ("text", "a text file"),
        ("core-32-bit", "a 32-bit file (1) of i386 (3)"),
        ("core-big-endian", "a big-endian file (2) of s390 (22)"),
        ("core-riscv", "riscv (243)"),
        ("kernel-dump-compressed", "makedumpfile"),
        ("kernel-dump-disk", "DISKDUMP"),
        ("empty", "empty"),
        ("directory", "a directory"),
        ("header-only", ""),
    ] {
        if words.is_empty() {
            continue;
        }
        let FileKind::Other(error) = named(name) else { panic!("{name}") };
        assert!(error.to_string().contains(words), "{name}: {error}");
    }
    std::fs::remove_dir_all(&directory).unwrap();
}

/// Programs, libraries and things compressed in other ways are told apart.
#[test]
fn what_is_no_core() {
    let of = |bytes: &[u8]| {
        let error = from_bytes(bytes.to_vec()).unwrap_err();
        error.to_string()
    };
    assert!(of(b"\x1f\x8b\x08\0").contains("gzip -dc < synthetic > core"));
    assert!(of(b"\xfd7zXZ\0\0").contains("xz -dc"));
    assert!(of(b"\x04\x22\x4d\x18").contains("lz4 -dc"));
    assert!(of(b"#!/bin/sh\n").contains("a script"));
    assert!(of(&[0; 100]).contains("only zeros"));
    assert!(of(&[1, 2, 3, 0xff, 5]).contains("found 01 02 03 ff"));
    for (kind, words) in [(1, "relocatable"), (2, "an executable"), (3, "shared object")] {
        let text = of(&synth::minimal(Format::X86_64).file_type(kind).build());
        assert!(text.contains(words), "{text}");
    }
    let this = std::env::current_exe().unwrap();
    assert!(matches!(sniff(&this), FileKind::Executable));
}

/// Every mutation opens or is refused; nothing panics.
#[test]
fn mutations() {
    let (mut opened, mut refused) = (0, 0);
    let sources = [
        synth::minimal(Format::X86_64).build(),
        synth::minimal(Format::AARCH64).build(),
        synth::cyclic_link_map(),
    ];
    for source in sources {
        for (what, bytes) in synth::mutations(&source) {
            // Given back afterwards: leaking 20,000 of them would be too much.
            let pointer: *mut [u8] = Box::into_raw(bytes.into_boxed_slice());
            // SAFETY: `pointer` is valid until it is freed below.
            let lent: &'static [u8] = unsafe { &*pointer };
            match CoreFile::from_bytes(&what, lent, Interrupt::new()) {
                Ok(core) => {
                    touch(&core);
                    opened += 1;
                }
                Err(error) => {
                    let text = error.to_string();
                    assert!(!text.contains('\n') && !text.is_empty(), "{what}: {text}");
                    refused += 1;
                }
            }
            // SAFETY: made by `Box::into_raw` above; core and error are gone.
            drop(unsafe { Box::from_raw(pointer) });
        }
    }
    assert!(opened > 100 && refused > 100, "{opened} opened, {refused} refused");
}

/// A note with a false size spoils itself at most, not those behind it.
#[test]
fn false_note_sizes_are_not_the_end() {
    let good = synth::minimal(Format::X86_64).build();
    let prstatus: Vec<usize> = good
        .windows(12)
        .enumerate()
        .filter(|(_, w)| w[..4] == 5u32.to_le_bytes() && w[4..12] == [0x50, 1, 0, 0, 1, 0, 0, 0])
        .map(|(at, _)| at)
        .collect();
    assert_eq!(prstatus.len(), 2);
    for size in [0u32, 1, 335, 340, 1000, 1 << 16, u32::MAX] {
        for at in &prstatus {
            let mut bytes = good.clone();
            bytes[at + 4..at + 8].copy_from_slice(&size.to_le_bytes());
            let core = from_bytes(bytes).unwrap();
            assert!(!core.warnings().is_empty());
            let tids: Vec<u32> = core.threads().iter().map(|t| t.tid).collect();
            assert_eq!(tids, [2001, 2002], "size {size:#x} at {at:#x}: {:?}", core.warnings());
            assert_eq!(core.process().pid, Some(2001));
        }
    }
}

/// gdb's order of notes: the process first, then the threads, of which one has the signal.
#[test]
fn the_crasher_in_a_core_of_gdb() {
    let gdb = |signals: [u16; 3], infos: [i32; 3]| {
        let mut core = CoreBuilder::new(Format::X86_64).process(12, "p", "p");
        for (i, (signal, info)) in signals.into_iter().zip(infos).enumerate() {
            core = core.thread(11 + i as u32, signal, &[0; 27]).signal(info, 1, 0x99);
        }
        let core = core
            .note("GDB", 0xff00_0000, b"<?xml?>".to_vec())
            .load(0x1000, READ, vec![1; 64])
            .build();
        from_bytes(core).unwrap()
    };
    let order = |core: &CoreFile| core.threads().iter().map(|t| t.tid).collect::<Vec<_>>();
    // One alone has a signal.
    let core = gdb([0, 0, 11], [19, 19, 11]);
    assert_eq!(order(&core), [13, 11, 12]);
    assert_eq!(core.signal().unwrap().address, Some(0x99));
    let owner: Vec<_> = core.notes().iter().map(|n| n.thread).collect();
    assert_eq!(owner, [None, Some(2), Some(2), Some(3), Some(3), Some(1), Some(1), None]);
    // All have it; one's siginfo agrees.
    assert_eq!(order(&gdb([11, 11, 11], [19, 11, 19])), [12, 11, 13]);
    // All have it, nothing tells.
    assert_eq!(order(&gdb([11, 11, 11], [11, 11, 19])), [11, 12, 13]);
    // Nobody crashed: the process's first thread leads.
    let core = gdb([0, 0, 0], [19, 19, 19]);
    assert_eq!(order(&core), [12, 11, 13]);
    assert_eq!(core.signal(), None);
    assert!(core.written_by_gcore());
}

proptest::proptest! {
    /// Random bytes anywhere in the headers and notes.
    #[test]
    fn random_damage(places in proptest::collection::vec((0usize..0x1800, proptest::num::u8::ANY), 1..20)) {
        let mut bytes = synth::minimal(Format::X86_64).build();
        for (at, value) in places {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        if let Ok(core) = from_bytes(bytes) {
            touch(&core);
        }
    }
}
