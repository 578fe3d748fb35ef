//! Every fixture is made, and dies as its recipe says.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::process::Command;

use mdb_fixtures::{available, fixture};

#[test]
fn example1_stores_to_address_10() {
    let Some(example) = available("example1", fixture("example1")).unwrap() else { return };
    assert_eq!(example.fault(), Some(0x10));
    assert_eq!(example.value("g"), Some(7));
    assert_eq!(example.stack(example.pid), ["func", "main"]);
    assert!(example.address("func").unwrap() < example.address("g").unwrap());
    let notes = Command::new("readelf").arg("-nW").arg(&example.core).output();
    let Ok(notes) = notes else { return mdb_fixtures::skipped("example1", "no readelf") };
    let notes = String::from_utf8_lossy(&notes.stdout);
    for wanted in ["NT_PRSTATUS", "NT_PRPSINFO", "NT_SIGINFO", "NT_AUXV", "NT_FILE"] {
        assert!(notes.contains(wanted), "{wanted} in\n{notes}");
    }
}

#[test]
fn all_are_made() {
    for (name, made) in mdb_fixtures::all() {
        let Some(made) = available(name, made).unwrap() else { continue };
        assert!(made.core.is_file(), "{name}");
        assert!(!made.tids().is_empty(), "{name} names its threads");
    }
}

#[test]
fn node_programs_abort() {
    for version in mdb_fixtures::NODE_VERSIONS {
        let made = mdb_fixtures::node_core(version, "abort");
        let Some(made) = available("node_programs_abort", made).unwrap() else { return };
        assert_eq!(made.truths("version").next(), Some(vec![format!("v{version}").as_str()]));
        assert!(made.core.is_file());
        // The crasher is named by what the program printed, not by us.
        assert_eq!(made.tids(), [(made.pid, "main")]);
    }
}

#[test]
fn the_committed_core_is_small_and_whole() {
    let committed = mdb_fixtures::committed().unwrap();
    assert_eq!(committed.stack(committed.pid), ["func", "main"]);
    assert_eq!(committed.fault(), Some(0x10));
    let size = |path| std::fs::metadata(path).unwrap().len();
    assert!(size(&committed.executable) + size(&committed.core) < 200_000);
    // The core holds the program's build-id: its first page is in it.
    let program = std::fs::read(&committed.executable).unwrap();
    let program = object::File::parse(&*program).unwrap();
    let build_id = object::Object::build_id(&program).unwrap().unwrap().to_vec();
    let core = Command::new("zstd").arg("-dc").arg(&committed.core).output();
    let Ok(core) = core else { return mdb_fixtures::skipped("committed_core", "no zstd") };
    assert!(core.stdout.windows(build_id.len()).any(|bytes| bytes == build_id));
}
