//! Every Node case, on every version, dies as the table says and prints its truth.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::collections::HashSet;
use std::path::Path;
use std::process::Command;

use mdb_fixtures::{
    Fixture, NODE_CASES, NODE_DEBIAN, NODE_VERSIONS, NodeProgram, available, node_case, node_cases,
};
use object::LittleEndian;
use object::read::elf::{FileHeader as _, ProgramHeader as _};
use serde_json::Value;

type Header = object::elf::FileHeader64<LittleEndian>;

/// The lines that are JSON, all of which must be.
fn truths(made: &Fixture) -> Vec<Value> {
    made.json_lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// `file:line:column` of the frames that a script's text stands behind, as V8 writes positions.
fn positions(stack: &Value) -> Vec<String> {
    let frames = stack.as_array().unwrap().iter().filter(|frame| frame["async"] == false);
    let told = frames.filter_map(|frame| {
        let line = frame["line"].as_u64()?;
        Some(format!("{}:{line}:{}", frame["file"].as_str().unwrap_or_default(), frame["column"]))
    });
    told.collect()
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
        let (thread, signal) = died(&made.core);
        assert_eq!(signal, case.signal, "{name}");
        // The kernel writes the thread that died first.
        assert_eq!(thread == made.pid, case.name != "worker-dies", "{name}: {thread}");
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

/// From 22 on Node itself prints the innermost ten frames when it aborts: another way through V8 than
/// the program's own, and at the very call that kills.
#[test]
fn nodes_own_words_agree() {
    let mut compared = 0;
    for (version, case) in node_cases() {
        let name = format!("{} on {version}", case.name);
        // The last stack that an aborting script tells is that of its end; others die deeper.
        if case.signal != libc::SIGABRT || case.killed.is_some() || case.script == "oom.js" {
            continue;
        }
        let Some(made) = available(&name, node_case(version, case.name)).unwrap() else { continue };
        let ended = std::fs::read_to_string(made.directory.join("stderr")).unwrap();
        let Some((_, theirs)) = ended.split_once("----- JavaScript stack trace -----") else {
            // Too old to print one.
            assert!(version.starts_with("18.") || version.starts_with("20."), "{name}: {ended}");
            continue;
        };
        let theirs: Vec<_> = theirs.lines().filter(|line| line.contains(": ")).collect();
        let truths = truths(&made);
        let last = truths.iter().rfind(|line| line["stack"].is_array()).unwrap();
        if last["folded"] == true {
            continue;
        }
        let ours = positions(&last["stack"]);
        assert_eq!(theirs.len(), ours.len().min(10), "{name}: {theirs:?} and {ours:?}");
        for (line, place) in theirs.iter().zip(&ours) {
            assert!(line.trim_end_matches(')').ends_with(place), "{name}: {line} is not {place}");
        }
        compared += 1;
    }
    assert!(compared > 0 || mdb_fixtures::skipped_log().exists());
}

#[test]
fn functions_are_in_the_tier_that_the_case_is_about() {
    for (version, case) in node_cases() {
        let Some(tier) = case.arguments.first() else { continue };
        let (function, key) = match case.script {
            // It stands on the stack when it is asked.
            "inlined.js" => ("outer", "frame"),
            // It was asked just before it was called.
            "loop.js" if *tier != "any" => ("spin", "code"),
            _ => continue,
        };
        let name = format!("{} on {version}", case.name);
        let Some(made) = available(&name, node_case(version, case.name)).unwrap() else { continue };
        let truths = truths(&made);
        let tiers: Vec<_> = truths.iter().map(|line| &line["tier"]).collect();
        let told = tiers.iter().find(|told| told["function"] == function).unwrap();
        assert_eq!(told[key], *tier, "{name}");
        if *tier == "turbofan" && case.script == "inlined.js" {
            for inlined in tiers.iter().filter(|told| told["function"].is_string()).skip(1) {
                assert!(inlined["frame"].is_null(), "{name}: {inlined} is inlined");
            }
        }
    }
}

#[test]
fn only_versions_without_maglev_lack_it() {
    let case = NODE_CASES.iter().find(|case| case.name == "maglev").unwrap();
    for version in NODE_VERSIONS {
        let Some(node) = available("maglev", mdb_fixtures::node(version)).unwrap() else { return };
        let mut asked = Command::new(&node.executable);
        let asked =
            asked.args(["-p", "process.config.variables.v8_enable_maglev"]).output().unwrap();
        let has = asked.stdout.starts_with(b"1");
        assert_eq!(has, case.lacks(version).is_none(), "{version}");
    }
}

#[test]
fn addresses_are_of_objects() {
    for version in NODE_VERSIONS {
        let made = node_case(version, "values");
        let Some(made) = available("addresses", made).unwrap() else { return };
        assert_eq!(made.heap_address("smi"), None);
        assert_eq!(made.debug_print("smi").first(), Some(&"DebugPrint: Smi: 0x2a (42)"));
        let object = made.heap_address("object").unwrap();
        assert!(object != 0 && object % 8 == 0, "{object:#x}");
        assert_ne!(made.heap_address("map"), Some(object));
    }
}

#[test]
fn programs_are_what_the_case_says() {
    for (version, case) in node_cases() {
        let name = format!("{} on {version}", case.name);
        if case.program == NodeProgram::Official {
            continue;
        }
        let Some(made) = available(&name, node_case(version, case.name)).unwrap() else { continue };
        if case.program == NodeProgram::Missing {
            assert!(!made.executable.exists(), "{name}");
            continue;
        }
        let program = std::fs::File::open(&made.executable).unwrap();
        let cache = object::ReadCache::new(program);
        let header = Header::parse(&cache).unwrap();
        let sections = header.sections(LittleEndian, &cache).unwrap();
        let has_symbols = sections.section_by_name(LittleEndian, b".symtab").is_some();
        assert_eq!(has_symbols, case.program == NodeProgram::Replaced, "{name}");
        if case.program == NodeProgram::Replaced {
            let asked = Command::new(&made.executable).arg("--version").output().unwrap();
            let says = String::from_utf8_lossy(&asked.stdout).into_owned();
            assert!(
                says.starts_with('v') && says.trim() != format!("v{version}"),
                "{name}: {says}"
            );
        }
    }
}
