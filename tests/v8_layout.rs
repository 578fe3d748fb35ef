//! What the v8 dmod knows of V8's layout: that it fits the cores of five versions, that what does not fit
//! is not relied on, that it is found again where only a neighbour's facts are there; and the isolates,
//! against what the processes said of their threads.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends at what it did not expect"
)]

mod session;

use mdb_fixtures::{Fixture, NODE_VERSIONS, available, node, node_case, node_core};
use serde_json::Value;
use session::Mdb;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The versions of V8 in [`NODE_VERSIONS`].
const V8_VERSIONS: [&str; 5] = ["10.2", "11.3", "12.4", "13.6", "14.6"];

/// The cores of `process.abort()`, with the version of V8 of each.
fn cores(test: &str) -> Vec<(&'static str, Fixture)> {
    let versions = NODE_VERSIONS.iter().zip(V8_VERSIONS);
    let found = versions
        .filter_map(|(node, v8)| Some((v8, available(test, node_core(node, "abort")).unwrap()?)));
    found.collect()
}

fn json(core: &Path, command: &str) -> Vec<Value> {
    Mdb::on(core).word("--json").run(&[command]).rows()
}

/// Facts by name.
fn facts(rows: &[Value]) -> BTreeMap<String, Value> {
    rows.iter().map(|row| (row["fact"].as_str().unwrap().to_owned(), row.clone())).collect()
}

fn has_failed(row: &Value) -> bool {
    row["fits"].as_str().is_some_and(|fits| fits.starts_with("FAILED"))
}

/// Facts without which there is no stack of JavaScript; each is to be checked in every core.
const CHECKED: &[&str] = &[
    "Map.instance_type",
    "Map.instance_size_in_words",
    "String.length",
    "SeqOneByteString.chars",
    "JSFunction.shared_function_info",
    "JSFunction.context",
    "SharedFunctionInfo.trusted_function_data",
    "SharedFunctionInfo.name_or_scope_info",
    "SharedFunctionInfo.script",
    "Script.source",
    "Script.name",
    "Script.line_offset",
    "Context.length",
    "Context: scope info",
    "ScopeInfo: first variable field",
    "ScopeType::FUNCTION_SCOPE",
    "BytecodeArray.bytes",
    "BytecodeArray.source_position_table",
    "BytecodeArray.frame_size",
    "source positions: deltas carry flags",
    "frame: context or type",
    "frame: function",
    "frame: argument count",
    "frame: receiver",
    "frame: bytecode array",
    "frame: bytecode offset",
    "Isolate: root table",
    "Isolate: heap",
    "ThreadLocalTop.c_entry_fp",
    "ThreadLocalTop.handler",
    "Isolate.embedded_blob_code",
    "MemoryChunk.heap",
    "MemoryChunk.area_start",
];

#[test]
fn the_facts_of_official_builds_fit() {
    for (v8, fixture) in cores("the_facts_of_official_builds_fit") {
        // Nothing is said of a core with which all is well.
        let output = Mdb::on(&fixture.core).run(&["::v8layout"]);
        assert!(output.good().contains(&format!("V8 {v8}.")), "{output:#?}");
        for command in ["::v8layout", "::v8layout -v"] {
            let facts = facts(&json(&fixture.core, command));
            let failed: Vec<_> = facts.values().filter(|row| has_failed(row)).collect();
            assert!(failed.is_empty(), "V8 {v8}: {failed:#?}");
            for name in CHECKED {
                let row = facts.get(*name).unwrap_or_else(|| panic!("no fact {name}"));
                assert!(row["tried"].as_u64() >= Some(4), "V8 {v8}: {row}");
            }
        }
        // With problems only there is no row.
        assert!(json(&fixture.core, "::v8layout -v -p").is_empty());
        let filtered = json(&fixture.core, "::v8layout -f jsfunction.");
        let names: Vec<_> = filtered.iter().map(|row| row["fact"].as_str().unwrap()).collect();
        assert_eq!(names, ["JSFunction.shared_function_info", "JSFunction.context"]);
    }
}

/// Everything of another version, also instance types and roots: nothing is taken for what it is not.
#[test]
fn a_wrong_layout_is_noticed() {
    for (v8, fixture) in cores("a_wrong_layout_is_noticed") {
        for other in V8_VERSIONS.iter().filter(|other| **other != v8) {
            let assume = format!("::v8layout -m -a {other}");
            let output = Mdb::on(&fixture.core).run(&[&assume, "::isolates", "::jsstack"]);
            let case = format!("V8 {v8} as {other}: {output:#?}");
            // Which heaps are there may still be seen, but not isolates.
            assert!(output.stderr.contains("heap"), "{case}");
            assert!(!output.stdout.contains("EXIT"), "{case}");
            for invented in ["recurse", "innermost", "abort.js"] {
                assert!(!output.stdout.contains(invented), "{case}");
            }
            // Few roots may be the same by chance.
            let rows = Mdb::on(&fixture.core).word("--json").run(&[&assume]).rows();
            let fit =
                rows.iter().filter(|row| row["passed"].as_u64() > Some(0) && !has_failed(row));
            assert!(fit.count() < 4, "{case}");
        }
        // The same with its own version is all right.
        let own = format!("::v8layout -m -a {v8}");
        let output = Mdb::on(&fixture.core).run(&[&own, "::isolates"]);
        assert!(output.good().contains("main"), "{output:#?}");
    }
}

/// Facts whose absence in older versions is not found out: they fail, and are not used.
const NOT_ADAPTED: &[&str] = &["SharedFunctionInfo.untrusted_function_data"];

/// The facts that are built in for another version, with what the binary says: what is wrong is found
/// out, and is in the end what the own version has.
#[test]
fn facts_of_other_versions_adapt() {
    let mut wrong = Vec::new();
    for (v8, fixture) in cores("facts_of_other_versions_adapt") {
        let own = facts(&json(&fixture.core, "::v8layout -v"));
        let isolates = json(&fixture.core, "::isolates");
        for other in V8_VERSIONS.iter().filter(|other| **other != v8) {
            let command = format!("::v8layout -v -a {other}");
            let adapted = facts(&json(&fixture.core, &command));
            let mut found = 0;
            for (name, row) in &adapted {
                if NOT_ADAPTED.contains(&name.as_str()) {
                    continue;
                }
                assert!(!has_failed(row), "V8 {v8} as {other}: {row}");
                // What was checked has the value that it has in its own version.
                if row["tried"].as_u64() >= Some(4) && row["value"] != own[name]["value"] {
                    wrong.push(format!("V8 {v8} as {other}: {row}"));
                }
                if row["origin"].as_str().unwrap().starts_with("in the core") {
                    found += 1;
                }
            }
            assert!(found > 4, "V8 {v8} as {other}: {found} facts adapted");
            for name in CHECKED {
                assert!(adapted[*name]["tried"].as_u64() >= Some(4), "{}", adapted[*name]);
            }
            let output = Mdb::on(&fixture.core)
                .word("--json")
                .run(&[&format!("::v8layout -a {other} -f nothing"), "::isolates"]);
            assert_eq!(output.rows(), isolates, "V8 {v8} as {other}");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_was_assumed_is_forgotten_again() {
    let Some((_, fixture)) = cores("what_was_assumed_is_forgotten_again").pop() else { return };
    let output = Mdb::on(&fixture.core).run(&[
        "::v8layout -m -a 10.2 -f nothing",
        "::v8layout -a real -f nothing",
        "::isolates",
    ]);
    assert!(output.good().contains("read as if it were 10.2"), "{output:#?}");
    assert!(output.stdout.contains("in native below JavaScript"), "{output:#?}");
    let unknown = Mdb::on(&fixture.core).run(&["::v8layout -a 9.9"]);
    assert!(unknown.bad().contains("'9.9' is no version that is known: 10.2, "), "{unknown:#?}");
}

#[test]
fn the_main_thread_has_the_isolate() {
    for (v8, fixture) in cores("the_main_thread_has_the_isolate") {
        let rows = json(&fixture.core, "::isolates");
        assert_eq!(rows.len(), 1, "V8 {v8}: {rows:#?}");
        let tid: u64 = fixture.truths("tid").next().unwrap()[0].parse().unwrap();
        assert_eq!(rows[0]["tid"].as_u64(), Some(tid));
        assert_eq!(rows[0]["kind"], "main");
        assert_eq!(rows[0]["chosen"], true);
        assert_eq!(rows[0]["state"], "in native below JavaScript");
        let address = rows[0]["isolate"].as_str().unwrap();
        let output = Mdb::on(&fixture.core).run(&[
            &format!("{address}::isolate"),
            "::isolate",
            "::isolates | ::isolate -t",
            "::walk isolate | ::isolates",
            "::walk isolate | ::count",
        ]);
        assert_eq!(output.good().matches(" of thread 1\n").count(), 3, "{output:#?}");
        assert!(output.stdout.ends_with("\n1\n"), "{output:#?}");
        let wrong = Mdb::on(&fixture.core).run(&["1234::isolate"]);
        assert!(wrong.bad().contains("no isolate is at 1234"), "{wrong:#?}");
    }
}

/// What each thread said: its number of the kernel, and what it does.
fn tids(fixture: &Fixture) -> BTreeMap<u64, String> {
    let mut tids = BTreeMap::new();
    for line in fixture.stdout.lines() {
        let Ok(said) = serde_json::from_str::<Value>(line) else { continue };
        if let Some(tid) = said["tid"].as_u64() {
            let does = said["does"].as_str().unwrap_or_default();
            let known: &mut String = tids.entry(tid).or_default();
            known.push_str(does);
        }
    }
    tids
}

/// The main thread aborts; of three workers one waits in native code that JavaScript called, one is idle
/// and one loops.
#[test]
fn every_worker_has_its_isolate() {
    for version in NODE_VERSIONS {
        let test = "every_worker_has_its_isolate";
        let Some(fixture) = available(test, node_case(version, "worker")).unwrap() else {
            continue;
        };
        let said = tids(&fixture);
        let rows = json(&fixture.core, "::isolates");
        assert_eq!((rows.len(), said.len()), (4, 4), "{version}: {rows:#?}");
        for row in &rows {
            let does = said.get(&row["tid"].as_u64().unwrap()).expect("a thread that spoke");
            let state = match does.as_str() {
                "" | "wait" => "in native below JavaScript",
                "idle" => "idle",
                "spin" => "in JavaScript",
                other => panic!("{other}"),
            };
            assert_eq!(row["state"], state, "{version}: {row}");
            let is_main = row["tid"].as_u64() == Some(fixture.pid.into());
            assert_eq!(row["kind"], if is_main { "main" } else { "worker" }, "{version}: {row}");
            // The current thread is the one that died.
            assert_eq!(row["chosen"], is_main, "{version}: {row}");
        }
        // Each isolate is another thread's.
        let threads: std::collections::BTreeSet<_> =
            rows.iter().map(|row| row["tid"].as_u64()).collect();
        assert_eq!(threads.len(), 4);
        // The choice lasts, and goes back.
        let idle = rows.iter().find(|row| row["state"] == "idle").unwrap();
        let (address, thread) =
            (idle["isolate"].as_str().unwrap(), idle["thread"].as_u64().unwrap());
        let output = Mdb::on(&fixture.core).run(&[
            &format!("{address}::isolate"),
            "::isolate",
            "::isolate -t",
        ]);
        let lines: Vec<&str> = output.good().lines().collect();
        assert!(lines[0].ends_with(&format!(" of thread {thread}")), "{output:#?}");
        assert_eq!(lines[0], lines[1]);
        assert_ne!(lines[0], lines[2]);
    }
}

/// A worker dies while the main thread is idle.
#[test]
fn an_idle_main_thread_has_its_isolate() {
    for version in NODE_VERSIONS {
        let test = "an_idle_main_thread_has_its_isolate";
        let Some(fixture) = available(test, node_case(version, "worker-dies")).unwrap() else {
            continue;
        };
        let rows = json(&fixture.core, "::isolates");
        assert_eq!(rows.len(), 2, "{version}: {rows:#?}");
        let of = |kind: &str| rows.iter().find(|row| row["kind"] == kind).expect("an isolate");
        assert_eq!(of("main")["tid"].as_u64(), Some(fixture.pid.into()), "{version}");
        assert_eq!(of("main")["state"], "idle", "{version}");
        let worker = of("worker");
        assert!(tids(&fixture).contains_key(&worker["tid"].as_u64().unwrap()), "{version}");
        assert_eq!(worker["state"], "in native below JavaScript", "{version}");
        // The thread that died is the first, and current.
        assert_eq!((&worker["thread"], &worker["chosen"]), (&1.into(), &true.into()));
    }
}

/// Programs that lack symbols, or that are not there: what is known of the build is enough.
#[test]
fn stripped_and_missing_programs_are_no_obstacle() {
    let test = "stripped_and_missing_programs_are_no_obstacle";
    for version in ["18", "24", "26"] {
        for case in ["stack-stripped", "stack-missing", "stack-replaced", "stack-debian"] {
            if case == "stack-debian" && version != "18" {
                continue;
            }
            let Some(fixture) = available(test, node_case(version, case)).unwrap() else {
                continue;
            };
            let output = Mdb::on(&fixture.core).run(&["::isolates", "::v8layout -v -p"]);
            let text = format!("{version} {case}: {output:#?}");
            assert!(output.stdout.contains(" main "), "{text}");
            assert!(output.stdout.contains("in native below JavaScript"), "{text}");
            assert!(output.stdout.contains(" 0 failed, 0 unknown, "), "{text}");
            let said = output.stderr.contains("JavaScript works, since the build is known");
            assert_eq!(said, matches!(case, "stack-missing" | "stack-replaced"), "{text}");
        }
    }
}

/// A directory that goes away with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        Self(directory)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Replaces bytes by as many others; answers how often.
fn replace(bytes: &mut [u8], old: &[u8], new: &[u8]) -> usize {
    assert_eq!(old.len(), new.len());
    let mut places = Vec::new();
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| {
        // Where the first byte is, not the whole is compared everywhere.
        rest.windows(old.len()).position(|window| window[0] == old[0] && window == old)
    }) {
        places.push(at + found);
        at += found + old.len();
    }
    for place in &places {
        bytes[*place..*place + old.len()].copy_from_slice(new);
    }
    places.len()
}

/// The bytes of a program's build-id: behind the name of the note.
fn build_id(program: &[u8]) -> Vec<u8> {
    let note = [4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, b'G', b'N', b'U', 0];
    let at = program.windows(note.len()).position(|window| window == note).expect("a build-id");
    program[at + note.len()..at + note.len() + 20].to_vec()
}

/// Node 20, made another build: its core is small.
const DISGUISED: &str = "20.20.2";

/// A build that is not known, and whose program is not there.
#[test]
fn an_unknown_build_without_its_program_is_read_as_its_version() {
    let test = "an_unknown_build_without_its_program_is_read_as_its_version";
    let Some(fixture) = available(test, node_core(DISGUISED, "abort")).unwrap() else { return };
    let scratch = Scratch::new(test);
    let id = build_id(&fs::read(&fixture.executable).unwrap());
    let other: Vec<u8> = id.iter().map(|byte| !byte).collect();
    let mut core = fs::read(&fixture.core).unwrap();
    assert!(replace(&mut core, &id, &other) > 0);
    let path = scratch.0.join("core");
    fs::write(&path, &core).unwrap();
    let output = Mdb::on(&path).run(&["::isolates", "::v8layout -v"]);
    assert!(
        output.stderr.contains("its layout is taken from the official build of this version"),
        "{output:#?}"
    );
    assert!(output.stdout.contains("in native below JavaScript"), "{output:#?}");
    assert!(output.stdout.contains(" 0 failed, 0 unknown, "), "{output:#?}");
    // The same with a version that is not known: little is left, and that is said.
    let version = b"11.3.244.8-node.";
    assert!(replace(&mut core, version, b"15.1.244.8-node.") > 0);
    fs::write(&path, &core).unwrap();
    let output = Mdb::on(&path).run(&["::isolates"]);
    assert!(
        output.stderr.contains("V8 15.1 is newer than the newest that is known"),
        "{output:#?}"
    );
    assert!(output.stderr.contains("its layout is not known"), "{output:#?}");
    assert_eq!(output.stdout, "");
}

/// A version that is not known, whose program is there: the facts of the newest, as far as they fit.
#[test]
fn an_unknown_version_adapts() {
    let test = "an_unknown_version_adapts";
    let Some(fixture) = available(test, node_core(DISGUISED, "abort")).unwrap() else { return };
    let Some(program) = available(test, node(DISGUISED)).unwrap() else { return };
    let said = Command::new(&program.executable).args(["-p", "process.versions.v8"]).output();
    let said = String::from_utf8(said.unwrap().stdout).unwrap();
    let numbers = said.split('-').next().unwrap().split('.').rev();
    // `Version::patch_`, `build_`, `minor_`, `major_` follow each other.
    let words =
        |numbers: &[u32]| -> Vec<u8> { numbers.iter().flat_map(|n| n.to_le_bytes()).collect() };
    let numbers: Vec<u32> = numbers.map(|number| number.parse().unwrap()).collect();
    let [patch, build, 3, 11] = numbers[..] else { panic!("{said}") };

    let scratch = Scratch::new(test);
    let mut binary = fs::read(&fixture.executable).unwrap();
    let mut core = fs::read(&fixture.core).unwrap();
    let id = build_id(&binary);
    let other: Vec<u8> = id.iter().map(|byte| !byte).collect();
    assert!(replace(&mut core, &id, &other) > 0 && replace(&mut binary, &id, &other) > 0);
    let (old, new) = (words(&[patch, build, 3, 11]), words(&[patch, build, 1, 15]));
    assert_eq!(replace(&mut core, &old, &new), 1);
    let path = scratch.0.join("core");
    fs::write(&path, &core).unwrap();
    let beside = scratch.0.join(fixture.executable.strip_prefix("/").unwrap());
    fs::create_dir_all(beside.parent().unwrap()).unwrap();
    fs::write(&beside, &binary).unwrap();

    let output = Mdb::on(&path).word("-R").word(&scratch.0).run(&["::isolates"]);
    let warning = "V8 15.1 is newer than the newest that is known (14.6): ";
    assert_eq!(output.stderr.matches(warning).count(), 1, "{output:#?}");
    assert!(output.stdout.contains("in native below JavaScript"), "{output:#?}");
    // Against what is known of the version that it is.
    let own = facts(&json(&fixture.core, "::v8layout -v"));
    let adapted = Mdb::on(&path).word("-R").word(&scratch.0).word("--json").run(&["::v8layout -v"]);
    let rows: Vec<Value> =
        adapted.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut checked = 0;
    for row in rows.iter().filter(|row| row["tried"].as_u64() >= Some(4) && !has_failed(row)) {
        assert_eq!(row["value"], own[row["fact"].as_str().unwrap()]["value"], "{row}");
        checked += 1;
    }
    assert!(checked > 90, "{checked}");
}
