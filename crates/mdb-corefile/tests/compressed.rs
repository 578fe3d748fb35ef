//! zstd-compressed cores: the same core comes out, sparse, whole or as far as it goes.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use mdb_corefile::{CoreError, CoreFile, FileKind, OpenOptions, open_core, sniff};
use mdb_fixtures::synth::{CoreBuilder, Format, WRITE};
use mdb_target::{Backing, Interrupt, Target};
use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

/// A core of 12 MiB: noise, much nothing, noise.
fn core_bytes() -> Vec<u8> {
    let mut state = 1u64;
    let mut memory = vec![0u8; 12 << 20];
    let noise = |bytes: &mut [u8], state: &mut u64| {
        for byte in bytes {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = (*state >> 56) as u8;
        }
    };
    noise(&mut memory[..1 << 20], &mut state);
    noise(&mut memory[(10 << 20) + 100..(10 << 20) + 5000], &mut state);
    CoreBuilder::new(Format::X86_64)
        .alignment(4096)
        .thread(1, 11, &[3; 27])
        .process(1, "big", "big")
        .auxv(&[(6, 4096)])
        .load(0x10000, WRITE, memory)
        .build()
}

/// A directory of the test's own.
fn directory(name: &str) -> PathBuf {
    let name = format!("zstd-{name}-{}", std::process::id());
    let directory = mdb_fixtures::target_dir().join("corefile-tests").join(name);
    fs::create_dir_all(&directory).unwrap();
    directory
}

fn write(directory: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn plain(bytes: &[u8]) -> CoreFile {
    CoreFile::from_bytes("plain", bytes.to_vec().leak(), Interrupt::new()).unwrap()
}

/// Both have the same memory from the start of the one's first segment to its end.
fn same_memory(ours: &CoreFile, theirs: &CoreFile) {
    for segment in theirs.memory().segments() {
        let length = usize::try_from(segment.range.end - segment.range.start).unwrap();
        let (mut a, mut b) = (vec![1; length], vec![2; length]);
        ours.memory().read_exact(segment.range.start, &mut a).unwrap();
        theirs.memory().read_exact(segment.range.start, &mut b).unwrap();
        assert!(a == b, "{:x?}", segment.range);
    }
}

#[test]
fn whole() {
    let directory = directory("whole");
    let bytes = core_bytes();
    // Any name will do: the contents tell.
    let path = write(&directory, "core", &zstd::encode_all(&bytes[..], 3).unwrap());
    assert!(matches!(sniff(&path), FileKind::CompressedCore));
    let seen = RefCell::new(Vec::new());
    let progress = |p: mdb_corefile::Progress<'_>| {
        assert!(p.read <= p.total && p.stored <= p.written && p.stored <= p.free);
        assert_eq!(p.directory, directory);
        seen.borrow_mut().push((p.read, p.written));
    };
    let options = OpenOptions {
        progress: Some(&progress),
        temp_dir: Some(directory.clone()),
        ..OpenOptions::default()
    };
    let core = open_core(&path, &options).unwrap();
    let seen = seen.into_inner();
    assert!(seen.len() > 10 && seen.first() == Some(&(0, 0)), "{seen:?}");
    assert_eq!(seen.last().unwrap().1, bytes.len() as u64);
    assert_eq!(core.path(), Some(path.as_path()));
    same_memory(&core, &plain(&bytes));
    // No file is left, and the zeros were never written.
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
    let holes = core.memory().segments().iter().any(|s| matches!(s.backing, Backing::Zero));
    if !holes {
        mdb_fixtures::skipped("compressed::whole (holes)", "no sparse files here");
    }
    fs::remove_dir_all(directory).unwrap();
}

/// systemd-coredump's are one frame; `zstd -T0` and concatenation make several.
#[test]
fn several_frames() {
    let directory = directory("frames");
    let bytes = core_bytes();
    let (a, b) = bytes.split_at(5_000_001);
    let mut both = zstd::encode_all(a, 1).unwrap();
    both.extend(zstd::encode_all(b, 1).unwrap());
    let path = write(&directory, "core.zst", &both);
    let options = OpenOptions { temp_dir: Some(directory.clone()), ..OpenOptions::default() };
    same_memory(&open_core(&path, &options).unwrap(), &plain(&bytes));
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn cut_anywhere() {
    let directory = directory("cut");
    let bytes = core_bytes();
    let whole = zstd::encode_all(&bytes[..], 3).unwrap();
    let options = OpenOptions { temp_dir: Some(directory.clone()), ..OpenOptions::default() };
    let mut opened = 0;
    for twentieth in 0..20 {
        let cut = whole.len() * twentieth / 20;
        let path = write(&directory, &format!("{cut}.zst"), &whole[..cut]);
        match open_core(&path, &options) {
            Ok(core) => {
                opened += 1;
                let warned = core.warnings().iter().any(|w| w.contains("cut or damaged"));
                assert!(warned, "{:?}", core.warnings());
                assert_eq!(core.threads().len(), 1);
                let mut some = [0; 16];
                core.memory().read_exact(0x10000, &mut some).unwrap();
                assert_eq!(some, bytes[bytes.len() - (12 << 20)..][..16]);
            }
            Err(error) => {
                assert!(
                    error.to_string().contains("expected") || error.to_string().contains("zstd")
                );
                assert!(twentieth < 5, "{cut:#x}: {error}");
            }
        }
    }
    assert!(opened > 10);
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn damaged() {
    let directory = directory("damaged");
    let mut bytes = zstd::encode_all(&core_bytes()[..], 3).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0xff);
    let path = write(&directory, "core.zst", &bytes);
    let options = OpenOptions { temp_dir: Some(directory.clone()), ..OpenOptions::default() };
    // Damage in literal bytes passes unseen by the format; anything else is a warning.
    let core = open_core(&path, &options).unwrap();
    assert_eq!(core.threads()[0].tid, 1);
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn refusals() {
    let directory = directory("refusals");
    let options = OpenOptions { temp_dir: Some(directory.clone()), ..OpenOptions::default() };
    // No core inside: said after the first block.
    let text = b"This is no core.\n".repeat(1 << 20);
    let path = write(&directory, "text.zst", &zstd::encode_all(&text[..], 1).unwrap());
    let error = open_core(&path, &options).unwrap_err();
    assert!(matches!(error, CoreError::NotElf { .. }), "{error}");
    let once = zstd::encode_all(&core_bytes()[..], 1).unwrap();
    let path = write(&directory, "twice.zst", &zstd::encode_all(&once[..], 1).unwrap());
    let error = open_core(&path, &options).unwrap_err();
    assert!(matches!(error, CoreError::NotElf { .. }), "{error}");
    // ^C
    let path = write(&directory, "core.zst", &once);
    let interrupt = Interrupt::new();
    interrupt.raise();
    let stopped = OpenOptions { interrupt, ..options.clone() };
    let error = open_core(&path, &stopped).unwrap_err();
    assert!(matches!(error, CoreError::Interrupted { .. }), "{error}");
    // ^C in the middle.
    let interrupt = Interrupt::new();
    let raise = |p: mdb_corefile::Progress<'_>| {
        if p.written > 0 {
            interrupt.raise();
        }
    };
    let stopped =
        OpenOptions { interrupt: interrupt.clone(), progress: Some(&raise), ..options.clone() };
    let error = open_core(&path, &stopped).unwrap_err();
    assert!(matches!(error, CoreError::Interrupted { .. }), "{error}");
    // Nowhere to put it.
    let nowhere = OpenOptions { temp_dir: Some(directory.join("none")), ..OpenOptions::default() };
    let error = open_core(&path, &nowhere).unwrap_err();
    assert!(matches!(error, CoreError::Temporary { .. }), "{error}");
    assert!(error.to_string().contains("TMPDIR"));
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 3);
    fs::remove_dir_all(directory).unwrap();
}

/// The core that is committed.
#[test]
fn the_committed_core() {
    let fixture = mdb_fixtures::committed().unwrap();
    let core = open_core(&fixture.core, &OpenOptions::default()).unwrap();
    assert_eq!(core.warnings(), &[] as &[String]);
    assert_eq!(core.signal().unwrap().address, fixture.fault());
    assert_eq!(core.threads()[0].tid, fixture.tids()[0].0);
    let g = fixture.address("g").unwrap();
    assert_eq!(i64::from(core.memory().read_u32(g).unwrap()), fixture.value("g").unwrap());
}
