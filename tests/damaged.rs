//! Damaged, odd and wrong files: one clear sentence where nothing can be debugged, otherwise what is
//! there and warnings. Never a signal, a panic, or memory beyond a few times the file.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod session;

use mdb_fixtures::synth::{self, Format};
use session::{Mdb, Watched};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a program may have resident on a file of this size: 64 MiB, a few times the file, and what
/// it maps of libraries and their debug files.
fn memory_bound(file: &Path) -> u64 {
    const BASE: u64 = (64 + 32) << 20;
    BASE + 4 * fs::metadata(file).map_or(0, |meta| meta.len())
}

/// Commands that read all structures of a core.
const LOOK: &[&str] = &[
    "::status -v",
    "::walk thread | ::findstack -v",
    "::stacks",
    "::mappings",
    "::objects",
    "::notes",
    "::auxv",
    "::siginfo",
    "::regs",
    "main::dis",
    "::walk mapping | ::whatis -a",
    "::memory",
    "::args",
    "::env",
    "::errno",
    "::panicinfo",
    "::exception",
    "0::ugrep | ::head",
    "1234567890::ugrep -u | ::head",
    "::search -i root | ::head",
    "::strings | ::head",
    "<rsp,100::dump",
];

/// What is wrong with a run on a file that may be damaged in any way.
fn faults(ran: &Watched, file: &Path) -> Option<String> {
    if let Some(fault) = ran.faults() {
        return Some(fault);
    }
    let bound = memory_bound(file);
    if ran.peak > bound {
        return Some(format!("{} bytes were resident, {bound} are the most", ran.peak));
    }
    let status = ran.status.code();
    if !matches!(status, Some(0 | 1)) {
        return Some(format!("ended by {}", ran.status));
    }
    if ran.stdout.is_empty() && (status == Some(0) || !is_one_sentence(ran, file)) {
        return Some(format!("nothing was printed, but no sentence said why: {ran:#?}"));
    }
    None
}

/// Whether the run ended with one sentence about the file.
fn is_one_sentence(ran: &Watched, file: &Path) -> bool {
    let text = &ran.stderr;
    ran.status.code() == Some(1)
        && ran.stdout.is_empty()
        && text.lines().count() == 1
        && text.starts_with("mdb: ")
        && text.contains(&*file.to_string_lossy())
}

/// An empty directory.
fn scratch(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("damaged").join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    directory
}

#[test]
fn odd_files_are_refused_by_one_sentence() {
    let directory = scratch("odd");
    let mut wrong = Vec::new();
    for file in synth::odd_files(&directory).unwrap() {
        let ran = Mdb::on(&file.path).watched(&["::status", "::echo end"]);
        ran.assert_sound();
        println!("{}: {}", file.name, ran.stderr.trim_end());
        let good = if file.sound {
            ran.status.code() == Some(0) && ran.stdout.ends_with("end\n")
        } else {
            is_one_sentence(&ran, &file.path)
        };
        if !good || ran.peak > memory_bound(&file.path) {
            wrong.push(format!("{}: {ran:#?}", file.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What each sentence has to say.
#[test]
fn sentences_say_what_is_wrong() {
    let directory = scratch("sentences");
    let files = synth::odd_files(&directory).unwrap();
    for (name, wanted) in [
        ("empty", &["is empty"] as &[&str]),
        ("text", &["expected"]),
        ("directory", &["is a directory"]),
        ("absent", &["No such file"]),
        ("core-32-bit", &["32-bit"]),
        ("core-big-endian", &["big-endian"]),
        ("core-riscv", &["riscv", "expected"]),
        ("kernel-dump-compressed", &["kernel"]),
        ("kernel-dump-disk", &["kernel"]),
        ("kernel-dump-elf", &["kernel"]),
        ("header-only", &["offset"]),
        ("identification-only", &["ends"]),
        ("no-threads", &["thread"]),
    ] {
        let file = files.iter().find(|file| file.name == name).unwrap();
        let ran = Mdb::on(&file.path).watched(&["::status"]);
        for word in wanted {
            assert!(ran.stderr.contains(word), "{name}: '{word}' in {}", ran.stderr);
        }
    }
}

/// Writes each variant of a file and looks at it; says what went wrong. One in `step` is tried.
fn try_all(
    directory: &Path,
    variants: impl Iterator<Item = (String, Vec<u8>)> + Send,
    step: usize,
) -> (usize, Vec<String>) {
    let variants = Mutex::new(variants.step_by(step));
    let wrong = Mutex::new(Vec::new());
    let count = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let next = || variants.lock().unwrap().next();
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let path = directory.join(format!("variant-{worker}"));
            let (next, wrong, count) = (&next, &wrong, &count);
            scope.spawn(move || {
                while let Some((name, bytes)) = next() {
                    fs::write(&path, bytes).unwrap();
                    let ran = Mdb::on(&path).watched(LOOK);
                    if let Some(fault) = faults(&ran, &path) {
                        wrong.lock().unwrap().push(format!("{name}: {fault}"));
                    }
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    (count.into_inner(), wrong.into_inner().unwrap())
}

#[track_caller]
fn assert_none(tried: (usize, Vec<String>), least: usize) {
    let (count, wrong) = tried;
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= least, "only {count} were tried");
}

#[test]
fn mutations_of_a_small_core() {
    let core = synth::minimal(Format::X86_64).build();
    // Coprime to the number of values that each field takes, so that all fields are met.
    assert_none(try_all(&scratch("small"), synth::mutations(&core), 3), 400);
}

#[test]
fn mutations_of_stacks() {
    let core = synth::x86_64_stack().core;
    assert_none(try_all(&scratch("stacks"), synth::mutations(&core), 7), 150);
}

#[test]
fn mutations_of_a_real_core() {
    let fixture = mdb_fixtures::fixture("example1").unwrap();
    let core = fs::read(fixture.core).unwrap();
    assert_none(try_all(&scratch("real"), synth::mutations(&core), 11), 250);
}

#[test]
fn truncations_of_a_real_core() {
    let fixture = mdb_fixtures::fixture("example1").unwrap();
    let core = fs::read(fixture.core).unwrap();
    // Dense in headers and notes, then at the pages and around them.
    let mut lengths: Vec<usize> = (0..0x2000).step_by(61).collect();
    lengths.extend((0x2000..core.len()).step_by(0x3fff));
    let cuts = lengths.into_iter().map(|length| (format!("{length:#x}"), core[..length].to_vec()));
    assert_none(try_all(&scratch("cuts"), cuts, 1), 100);
}

/// A cut core still tells what is in it, and what is not.
#[test]
fn a_cut_core_is_read_as_far_as_it_goes() {
    let fixture = mdb_fixtures::fixture("example1").unwrap();
    let core = fs::read(&fixture.core).unwrap();
    let path = scratch("half").join("core");
    // The stack is the last but a few pages: without them there are still notes and modules.
    fs::write(&path, &core[..core.len() / 2]).unwrap();
    let ran = Mdb::on(&path).watched(&["::status", "::walk thread", "::objects", "g/D"]);
    ran.assert_sound();
    assert!(ran.stdout.contains("terminated by SIGSEGV"), "{ran:#?}");
    assert!(ran.stdout.contains("/example1"), "{ran:#?}");
    let warning = ran.stderr.lines().next().unwrap();
    assert!(warning.starts_with("mdb: warning: "), "{warning}");
    assert!(warning.contains("truncated: expected"), "{warning}");
    // The stack is at the end: reading it says that the file ends.
    let stack = Mdb::on(&path).watched(&["<rsp/X"]);
    assert!(stack.stderr.contains("ends"), "{stack:#?}");
    assert_eq!(stack.status.code(), Some(1));
}

#[test]
fn cuts_of_a_compressed_core() {
    let committed = mdb_fixtures::committed().unwrap();
    let bytes = fs::read(&committed.core).unwrap();
    let directory = scratch("zst");
    for part in 0..16 {
        let path = directory.join("core.zst");
        fs::write(&path, &bytes[..bytes.len() * part / 16]).unwrap();
        let ran = Mdb::on(&path).watched(LOOK);
        // The core that is compressed is larger.
        assert_eq!(ran.faults(), None, "{part}");
        assert!(ran.peak < memory_bound(&path) + (64 << 20), "{part}: {}", ran.peak);
        assert_eq!(ran.status.code(), Some(1), "{part}: {ran:#?}");
    }
    // Damage in the middle.
    for place in (8..bytes.len()).step_by(bytes.len() / 16) {
        let path = directory.join("core.zst");
        let mut bytes = bytes.clone();
        bytes[place] ^= 0x55;
        fs::write(&path, bytes).unwrap();
        let ran = Mdb::on(&path).watched(LOOK);
        assert_eq!(ran.faults(), None, "{place}");
    }
}

#[test]
fn cuts_of_an_executable() {
    let program = fs::read(mdb_fixtures::fixture("example1").unwrap().executable).unwrap();
    let directory = scratch("executable");
    let mut lengths: Vec<usize> = (0..0x400).step_by(37).collect();
    lengths.extend((0x400..program.len()).step_by(617));
    for length in lengths {
        let path = directory.join("program");
        fs::write(&path, &program[..length]).unwrap();
        let ran = Mdb::on(&path).watched(&["::objects", "main::dis", "::nm", "g/D", "::status"]);
        if let Some(fault) = faults(&ran, &path) {
            panic!("{length:#x}: {fault}");
        }
    }
}

/// A binary that is not the one that died is refused, with what to do about it.
#[test]
fn wrong_binaries_are_refused() {
    let fixture = mdb_fixtures::fixture("example1").unwrap();
    let other = mdb_fixtures::fixture("threads3").unwrap().executable;
    for words in [vec![other.as_os_str(), fixture.core.as_os_str()], {
        vec![fixture.core.as_os_str(), other.as_os_str()]
    }] {
        let mdb = words.iter().fold(Mdb::alone(), Mdb::word);
        let ran = mdb.watched(&["$c"]);
        ran.assert_sound();
        let line = ran.stderr.lines().next().unwrap();
        assert!(line.contains(&*other.to_string_lossy()), "{ran:#?}");
        assert!(line.contains("has build-id") && line.contains("--force"), "{line}");
        assert!(ran.stdout.starts_with("example1+0x"), "{ran:#?}");
        assert!(!ran.stdout.contains("crash"), "{ran:#?}");
    }
}

#[test]
fn a_replaced_binary_can_be_forced() {
    let fixture = mdb_fixtures::fixture("example1-replaced").unwrap();
    let ran = Mdb::on(&fixture.core).watched(&["$c", "newcomer=K"]);
    ran.assert_sound();
    assert!(ran.stderr.contains("take this one with --force"), "{ran:#?}");
    assert!(ran.stdout.starts_with("example1+0x") && !ran.stdout.contains("func"), "{ran:#?}");
    assert!(ran.stderr.contains("unknown symbol name"), "{ran:#?}");
    let forced = Mdb::on(&fixture.core).word("--force").watched(&["newcomer=K"]);
    forced.assert_sound();
    assert_eq!(forced.status.code(), Some(0), "{forced:#?}");
    // It says that it does not fit, all the same.
    assert!(forced.stderr.contains("another file than the process had"), "{forced:#?}");
}

/// A sysroot takes the place of files that are gone.
#[test]
fn a_sysroot_has_the_missing_binary() {
    let missing = mdb_fixtures::fixture("example1-missing").unwrap();
    let original = mdb_fixtures::fixture("example1").unwrap();
    let root = scratch("sysroot");
    // Same source, same flags, same compiler: the same build-id.
    let gone = missing.executable.parent().unwrap().canonicalize().unwrap().join("example1");
    let place = root.join(gone.strip_prefix("/").unwrap());
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::copy(&original.executable, &place).unwrap();
    let ran = Mdb::on(&missing.core).word("-R").word(&root).watched(&["$c"]);
    ran.assert_sound();
    assert!(ran.stdout.starts_with("func+0x"), "{ran:#?}");
    // The libraries are not there, and the host's are not taken.
    assert!(ran.stderr.contains("libc.so"), "{ran:#?}");
}
