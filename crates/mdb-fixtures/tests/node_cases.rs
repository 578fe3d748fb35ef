//! Every Node case, on every version, dies as the table says and prints its truth.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::collections::HashSet;
use std::path::Path;

use mdb_fixtures::{
    Fixture, NODE_CASES, NODE_DEBIAN, NODE_VERSIONS, NodeProgram, available, node_case, node_cases,
};
use object::LittleEndian;
use object::read::elf::{FileHeader as _, ProgramHeader as _};
use serde_json::Value;

type Header = object::elf::FileHeader64<LittleEndian>;

/// The lines that are JSON.
fn truths(made: &Fixture) -> Vec<Value> {
    made.stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The process's id and the signal that ended the thread of the first `NT_PRSTATUS`, by the kernel.
fn died(core: &Path) -> (u32, i32) {
    let file = std::fs::File::open(core).unwrap();
    let cache = object::ReadCache::new(file);
    let header = Header::parse(&cache).unwrap();
    for segment in header.program_headers(LittleEndian, &cache).unwrap() {
        let Some(mut notes) = segment.notes(LittleEndian, &cache).unwrap() else { continue };
        while let Some(note) = notes.next().unwrap() {
            if note.n_type(LittleEndian) == object::elf::NT_PRSTATUS {
                // elf_prstatus of <linux/elfcore.h>: pr_cursig after three ints, pr_pid at 32.
                let number = |at: usize| note.desc()[at..at + 4].try_into().unwrap();
                let signal = i16::from_le_bytes(note.desc()[12..14].try_into().unwrap());
                return (u32::from_le_bytes(number(32)), signal.into());
            }
        }
    }
    panic!("no NT_PRSTATUS")
}

#[test]
fn names_are_unique() {
    let names: HashSet<_> = NODE_CASES.iter().map(|case| case.name).collect();
    assert_eq!(names.len(), NODE_CASES.len());
}

#[test]
fn what_a_version_lacks_is_said_and_left_out() {
    let pairs = NODE_CASES.len() * NODE_VERSIONS.len();
    let lacking: usize = NODE_CASES.iter().map(|case| case.lacking.len()).sum();
    assert_eq!(node_cases().count(), pairs - lacking);
}

#[test]
fn every_case_dies_and_tells() {
    for (version, case) in node_cases() {
        let name = format!("{} on {version}", case.name);
        let made = node_case(version, case.name);
        let Some(made) = available(&name, made).unwrap() else { continue };
        assert_eq!(died(&made.core).1, case.signal, "{name}");
        let truths = truths(&made);
        assert_eq!(truths[0]["pid"], made.pid, "{name}");
        let version = if case.program == NodeProgram::Debian { NODE_DEBIAN } else { version };
        assert_eq!(truths[0]["version"], format!("v{version}"), "{name}");
        // Each tells a stack; that of the idle one is empty.
        let stacks: Vec<_> = truths.iter().filter_map(|line| line["stack"].as_array()).collect();
        assert!(!stacks.is_empty(), "{name} tells its stack");
        let ended = std::fs::read_to_string(made.directory.join("stderr")).unwrap();
        assert!(!ended.contains("bad option"), "{name}: {ended}");
    }
}
