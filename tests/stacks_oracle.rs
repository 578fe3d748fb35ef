//! The stacks that the program shows, against what the crashed programs printed of themselves and
//! against gdb. (Registers of outer frames, and framehop, are compared in `mdb-unwind`.)
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod session;

use mdb_fixtures::{Fixture, available, skipped};
use serde_json::Value;
use session::Mdb;
use std::collections::BTreeMap;
use std::process::Command;

/// A row of `::findstack --json`.
#[derive(Debug, Clone)]
struct Row {
    tid: u32,
    pc: u64,
    symbol: String,
    function: String,
    module: String,
    inlined: bool,
    doubtful: bool,
    found_by: String,
    /// No frame, but why the stack ends here, where that is not its regular end.
    end: Option<String>,
}

fn row(value: &Value) -> Row {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let hex = |text: &str| u64::from_str_radix(text.strip_prefix("0x").unwrap(), 16).unwrap();
    let end = value["end"].as_str().map(str::to_owned);
    // The row that says how the stack ended is no frame.
    assert_eq!(value["pc"].is_null(), end.is_some(), "{value}");
    Row {
        tid: value["tid"].as_u64().unwrap() as u32,
        pc: value["pc"].as_str().map_or(0, hex),
        symbol: text("symbol"),
        function: text("function"),
        module: text("module"),
        inlined: value["inlined"].as_bool().unwrap_or_default(),
        doubtful: value["doubtful"].as_bool().unwrap_or_default(),
        found_by: text("found_by"),
        end,
    }
}

/// The stacks of all threads, by the kernel's thread id.
fn stacks(fixture: &Fixture) -> BTreeMap<u32, Vec<Row>> {
    let output = Mdb::on(&fixture.core).word("--json").run(&["::walk thread | ::findstack -v"]);
    assert_eq!(output.status, Some(0), "{}: {}", fixture.name, output.stderr);
    let mut stacks: BTreeMap<u32, Vec<Row>> = BTreeMap::new();
    for line in output.stdout.lines() {
        let row = row(&serde_json::from_str(line).unwrap());
        stacks.entry(row.tid).or_default().push(row);
    }
    stacks
}

/// The stack of the thread that crashed.
fn crashed(fixture: &Fixture) -> Vec<Row> {
    let output = Mdb::on(&fixture.core).word("--json").run(&["1::findstack"]);
    assert_eq!(output.status, Some(0), "{}: {}", fixture.name, output.stderr);
    output.stdout.lines().map(|line| row(&serde_json::from_str(line).unwrap())).collect()
}

/// The name of a function without namespaces, template arguments, parameters and qualifiers.
fn plain(function: &str) -> String {
    let mut depth = 0;
    let mut name = String::new();
    for c in function.chars() {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            '(' if depth == 0 => break,
            _ if depth == 0 => name.push(c),
            _ => {}
        }
    }
    name.rsplit("::").next().unwrap_or_default().to_owned()
}

/// What a fixture says of a stack, in the words in which a fixture says it: the functions of the
/// program, innermost first, `jit` where code has no name.
fn in_words_of_the_program(rows: &[Row], fixture: &Fixture) -> Vec<String> {
    let program = fixture.executable.file_name().unwrap().to_str().unwrap();
    let own = rows.iter().filter(|row| !row.inlined && row.end.is_none());
    let words = own.filter_map(|row| match row.module.as_str() {
        module if module == program => Some(plain(&row.function)),
        "" => Some("jit".to_owned()),
        _ => None,
    });
    let mut words: Vec<String> = words.filter(|word| word != "_start").collect();
    // A static program has what called `main` in itself.
    if let Some(main) = words.iter().rposition(|word| word == "main") {
        words.truncate(main + 1);
    }
    words
}

/// Whether all of `few` are in `many`, in this order.
fn in_order<T: PartialEq>(few: &[T], many: &[T]) -> bool {
    let mut many = many.iter();
    few.iter().all(|wanted| many.any(|each| each == wanted))
}

/// Fixtures whose binary is not there (any more): no names.
const WITHOUT_BINARY: &[&str] = &["example1-missing", "example1-replaced"];

#[test]
fn stacks_are_what_the_programs_said() {
    let mut compared = 0;
    for name in mdb_fixtures::names().filter(|name| !WITHOUT_BINARY.contains(name)) {
        let made = available("stacks_are_what_the_programs_said", mdb_fixtures::fixture(name));
        let Some(fixture) = made.unwrap() else { continue };
        let stacks = stacks(&fixture);
        let tids = fixture.tids();
        for (tid, kind) in &tids {
            let rows =
                stacks.get(tid).unwrap_or_else(|| panic!("{name}: no stack of {tid} {kind}"));
            let wanted = fixture.stack(*tid);
            let found = in_words_of_the_program(rows, &fixture);
            let same = match name {
                // Frames of the standard library, and those of the C library, are the program's own.
                "rust" | "facts-static" | "thrown-static" => {
                    in_order(&wanted, &found.iter().map(String::as_str).collect::<Vec<_>>())
                }
                // As many more as the stack holds.
                "overflow" | "overflow-handled" => {
                    found.iter().zip(&wanted).all(|(a, b)| a == b) && found.len() > 1000
                }
                // It says only how deep it was.
                "deep" => wanted.is_empty(),
                // A NULL or wild pc is a frame, with no name.
                "call-null" | "pc-unmapped" => found[0] == "jit" && found[1..] == *wanted,
                _ => found == *wanted,
            };
            assert!(same, "{name}, {tid} {kind}: {found:?} instead of {wanted:?}\n{rows:#?}");
            compared += 1;
        }
        if !matches!(name, "threads1001") {
            // All that there are were named by the program.
            assert_eq!(stacks.len(), tids.len(), "{name}");
        }
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn inlined_functions_are_named() {
    for (name, outer) in [("cxx", "price"), ("rust", "search")] {
        let fixture = mdb_fixtures::fixture(name).unwrap();
        let wanted: Vec<Vec<&str>> = fixture.truths("inline").collect();
        assert!(!wanted.is_empty());
        let output = Mdb::on(&fixture.core).word("--json").run(&["1::findstack -v"]);
        let rows: Vec<Row> =
            output.stdout.lines().map(|line| row(&serde_json::from_str(line).unwrap())).collect();
        for words in wanted {
            assert_eq!(words[0], outer, "{name}");
            let at = rows.iter().position(|row| plain(&row.function) == outer).unwrap();
            let inlined = rows[..at].iter().rev().take_while(|row| row.inlined);
            let inlined: Vec<String> = inlined.map(|row| plain(&row.function)).collect();
            let inlined: Vec<&str> = inlined.iter().map(String::as_str).collect();
            // The truth is outermost first.
            assert!(in_order(&words[1..], &inlined), "{name}: {words:?} {inlined:?}");
        }
    }
}

#[test]
fn stacks_end_at_the_start_routine() {
    for name in mdb_fixtures::names().filter(|name| !WITHOUT_BINARY.contains(name)) {
        let made = available("stacks_end_at_the_start_routine", mdb_fixtures::fixture(name));
        let Some(fixture) = made.unwrap() else { continue };
        for (tid, rows) in stacks(&fixture) {
            let end = rows.iter().find_map(|row| row.end.as_deref());
            let smashed = name.starts_with("smashed");
            assert_eq!(end.is_some(), smashed, "{name} {tid}: {end:?}");
            let last = rows.iter().rfind(|row| row.end.is_none()).unwrap();
            let ends = ["_start", "clone3", "__clone3", "clone"];
            assert!(ends.contains(&last.function.as_str()), "{name} {tid}: {last:?}");
            if smashed {
                assert!(end.unwrap().contains("0x4141414141414141"), "{end:?}");
                assert!(rows.iter().any(|row| row.doubtful), "{rows:#?}");
            }
        }
    }
}

/// Guesses are marked, for people and programs, and nothing else is.
#[test]
fn guesses_are_marked() {
    for name in ["jit-fp", "jit-nofp", "example1", "sighandler"] {
        let fixture = mdb_fixtures::fixture(name).unwrap();
        let doubtful: Vec<String> = crashed(&fixture)
            .iter()
            .filter(|row| row.doubtful)
            .map(|row| plain(&row.function))
            .collect();
        let guesses: &[&str] = if name == "jit-nofp" { &["run"] } else { &[] };
        assert_eq!(doubtful, guesses, "{name}");
        for command in ["$c", "1::findstack", "1::stack -v"] {
            let output = Mdb::on(&fixture.core).run(&[command]);
            let marked = output.good().lines().filter(|line| line.contains("? "));
            let marked: Vec<&str> = marked.collect();
            assert_eq!(marked.len(), guesses.len(), "{name} {command}: {marked:?}");
            assert!(marked.iter().all(|line| line.contains("run+0x")), "{marked:?}");
        }
        if name == "jit-fp" {
            // The code has a frame, and lies where the program said.
            let rows = crashed(&fixture);
            let code = fixture.address("jit").unwrap();
            let size = fixture.value("jit_size").unwrap() as u64;
            let frame = rows.iter().position(|row| (code..code + size).contains(&row.pc)).unwrap();
            assert_eq!(rows[frame + 1].found_by, "frame pointer", "{rows:#?}");
        }
    }
}

/// Where the binary is missing or another, frames are places in it and its build-id is wanted.
#[test]
fn without_the_binary_frames_are_places_in_it() {
    for name in WITHOUT_BINARY {
        let fixture = mdb_fixtures::fixture(name).unwrap();
        let output = Mdb::on(&fixture.core).run(&["::objects", "$c", "::status -v"]);
        let base = output.stdout.lines().find(|line| line.ends_with("/example1")).unwrap();
        let base = base.split_ascii_whitespace().next().unwrap();
        let base = u64::from_str_radix(base, 16).unwrap();
        // `func` and `main` as the program knew them alive.
        let [func, main] = ["func", "main"].map(|name| fixture.address(name).unwrap() - base);
        let rows = crashed(&fixture);
        let offset = |row: &Row| {
            let place = row.symbol.strip_prefix("example1+0x").unwrap_or_else(|| panic!("{row:?}"));
            u64::from_str_radix(place, 16).unwrap()
        };
        assert!((func..main).contains(&offset(&rows[0])), "{rows:#?}");
        assert!((main..main + 0x400).contains(&offset(&rows[1])), "{rows:#?}");
        // The warning says what is wanted and what to do; so does ::status -v.
        let warning = output.stderr.lines().next().unwrap();
        let wanted = warning.split("wanted").nth(1).unwrap();
        let id: String = wanted
            .split_once("build-id ")
            .unwrap()
            .1
            .chars()
            .take_while(char::is_ascii_hexdigit)
            .collect();
        assert_eq!(id.len(), 40, "{warning}");
        assert!(warning.contains("-R SYSROOT"), "{warning}");
        assert!(output.stdout.contains(&id), "{output:#?}");
        // The id is that of the program that died: its first page is in the core.
        let bytes: Vec<u8> =
            (0..20).map(|n| u8::from_str_radix(&id[2 * n..2 * n + 2], 16).unwrap()).collect();
        let core = std::fs::read(&fixture.core).unwrap();
        assert!(core.windows(20).any(|window| window == bytes), "{id}");
    }
}

#[test]
fn a_hundred_thousand_frames_are_counted() {
    let fixture = mdb_fixtures::fixture("deep").unwrap();
    let depth = fixture.value("depth").unwrap();
    let output = Mdb::on(&fixture.core).run(&["$c ! grep -c '^down+'", "1::walk frame | ::count"]);
    let numbers: Vec<i64> =
        output.good().lines().map(|line| line.trim().parse().unwrap()).collect();
    assert_eq!(numbers[0], depth);
    // raise, abort and the like are below, main and the start routines above.
    assert!((depth + 4..depth + 12).contains(&numbers[1]), "{numbers:?}");
}

/// The innermost frames of a thread that are compared with gdb's at most.
const DEPTH: usize = 200;

/// The pcs of the frames of each thread in gdb, without those that have no place on the stack:
/// inlined functions, and functions that gdb thinks jumped to the next.
fn gdb(fixture: &Fixture) -> Option<BTreeMap<u32, Vec<u64>>> {
    let script = format!(
        "
import gdb
for thread in gdb.selected_inferior().threads():
    thread.switch()
    frame, count = gdb.newest_frame(), 0
    while frame is not None and frame.is_valid() and count < {DEPTH}:
        if frame.type() not in (gdb.INLINE_FRAME, gdb.TAILCALL_FRAME):
            print('PC', thread.ptid[1], '%x' % frame.pc())
            count += 1
        frame = frame.older()
"
    );
    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let script_file = directory.join(format!("stacks-oracle-{}.py", fixture.name));
    std::fs::write(&script_file, script).unwrap();
    let output = Command::new("gdb")
        .args(["-nx", "-batch", "-iex", "set debuginfod enabled off"])
        .args(["-iex", "set auto-load safe-path /", "-ex", "set backtrace past-main on"])
        .arg("-ex")
        .arg(format!("source {}", script_file.display()))
        .args([&fixture.executable, &fixture.core])
        .output()
        .ok()?;
    let mut threads: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        if let ["PC", tid, pc] = words[..] {
            let pc = u64::from_str_radix(pc, 16).ok()?;
            threads.entry(tid.parse().ok()?).or_default().push(pc);
        }
    }
    (!threads.is_empty()).then_some(threads)
}

/// Where gdb is wrong, and how; the other tests say what is right there.
fn wrong_in_gdb(name: &str) -> Option<&'static str> {
    Some(match name {
        "jit-fp" | "jit-nofp" => "takes words of the stack for return addresses",
        "smashed" | "smashed-return" => "shows the garbage as frames",
        "example1-missing" | "example1-replaced" => "has no unwind information, or another's",
        _ => return None,
    })
}

#[test]
fn stacks_are_those_of_gdb() {
    for name in mdb_fixtures::names() {
        if let Some(why) = wrong_in_gdb(name) {
            println!("{name}: gdb is wrong: {why}");
            continue;
        }
        let made = available("stacks_are_those_of_gdb", mdb_fixtures::fixture(name));
        let Some(fixture) = made.unwrap() else { continue };
        let Some(theirs) = gdb(&fixture) else {
            return skipped("stacks_are_those_of_gdb", "no gdb");
        };
        let ours = stacks(&fixture);
        assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>(), "{name}");
        for (tid, wanted) in theirs {
            let frames = ours[&tid].iter().filter(|row| !row.inlined && row.end.is_none());
            let pcs: Vec<u64> = frames.map(|row| row.pc).take(DEPTH).collect();
            assert_eq!(pcs, wanted, "{name} {tid}: {pcs:x?} not {wanted:x?}");
        }
    }
}

#[test]
fn node_stacks_are_complete() {
    for version in mdb_fixtures::NODE_VERSIONS {
        let core = mdb_fixtures::node_core(version, "abort");
        let Some(fixture) = available("node_stacks_are_complete", core).unwrap() else { continue };
        let depth = fixture.value("depth").unwrap() as usize;
        let rows = crashed(&fixture);
        let names: Vec<&str> = rows.iter().map(|row| row.function.as_str()).collect();
        let at = |what: &str, wanted: &dyn Fn(&str) -> bool| {
            names
                .iter()
                .position(|name| wanted(name))
                .unwrap_or_else(|| panic!("{version}: no {what} in {names:#?}"))
        };
        let abort = at("node::Abort", &|name| name.starts_with("node::Abort("));
        let first = at("JavaScript", &|name| name == "innermost");
        let entry = at("entry", &|name| name == "<EntryFrame>");
        let start = at("node::Start", &|name| name.starts_with("node::Start("));
        assert!(abort < first && first < entry && entry < start, "{version}: {names:#?}");
        // `recurse` down to 0; then the callback of `map` and `sell`.
        let frames = names.iter().filter(|name| **name == "recurse").count();
        assert_eq!(frames, depth + 1, "{version}: {names:#?}");
        assert!(names.contains(&"Array.map"), "{version}: {names:#?}");
        assert!(names.contains(&"Shop.sell"), "{version}: {names:#?}");
        assert_eq!(names.last(), Some(&"_start"), "{version}");
        assert_eq!(rows.last().unwrap().end, None, "{version}");
        assert!(rows.iter().all(|row| !row.doubtful), "{version}: {rows:#?}");
        assert!(names.iter().all(|name| !name.is_empty()), "{version}: {rows:#?}");
    }
}
