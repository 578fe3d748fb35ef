//! `::jsstack` against what V8 itself told of every frame while the programs lived: name, script,
//! line, column, whether it is a construct call, and the tier its code is in. Every case, on every
//! version, every thread, every frame.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod node;
mod session;

use mdb_fixtures::NodeProgram;
use node::{Told, assert_none, each, function_name};
use serde_json::Value;
use session::Mdb;
use std::collections::BTreeSet;

/// Where a program is that went on after it told its stack: only the innermost frame of those that it
/// told stands elsewhere, and only functions that it called later stand above.
#[derive(Debug)]
struct WentOn {
    script: &'static str,
    /// What the thread does, for scripts with several.
    does: Option<&'static str>,
    /// What stands above.
    above: Above,
    /// Where the innermost frame that was told is now.
    innermost: Now,
    why: &'static str,
}

/// Functions that were called after the stack was told, by name.
#[derive(Debug, Clone, Copy)]
enum Above {
    Nothing,
    /// Some of these, at least one.
    Some(&'static [&'static str]),
    /// Some of these, or none.
    Perhaps(&'static [&'static str]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Now {
    /// Where it was.
    There,
    /// In the same line.
    InTheLine,
    /// One line below, in whatever column.
    LineBelow,
    /// One line below, in the same column.
    Below,
    /// In one of the two lines below.
    LinesBelow,
}

const WENT_ON: &[WentOn] = &[
    WentOn {
        script: "loop.js",
        does: None,
        above: Above::Some(&["spin", "next"]),
        innermost: Now::There,
        why: "the frame that told is over; the same call went on to `spin`",
    },
    WentOn {
        script: "busy.js",
        does: None,
        above: Above::Some(&["lastIndexOf", "sort", "stringify", "test"]),
        innermost: Now::InTheLine,
        why: "it is in the builtin, which it calls in the line that told",
    },
    WentOn {
        script: "throw.js",
        does: None,
        above: Above::Nothing,
        innermost: Now::Below,
        why: "it throws in the next line",
    },
    WentOn {
        script: "oom.js",
        does: None,
        above: Above::Perhaps(&["push"]),
        innermost: Now::LineBelow,
        why: "the heap is full somewhere in the next line",
    },
    WentOn {
        script: "worker-dies.js",
        does: None,
        above: Above::Nothing,
        innermost: Now::Below,
        why: "it traps in the next line",
    },
    WentOn {
        script: "worker.js",
        does: Some("wait"),
        above: Above::Some(&["wait"]),
        innermost: Now::There,
        why: "the same call went on to `Atomics.wait`",
    },
    WentOn {
        script: "worker.js",
        does: Some("spin"),
        above: Above::Nothing,
        innermost: Now::LinesBelow,
        why: "it is in the loop below",
    },
    WentOn {
        script: "overflow.js",
        does: None,
        above: Above::Some(&["ping", "pong", "pang"]),
        innermost: Now::LineBelow,
        why: "it tells at depth 9, and goes on to the end of the stack",
    },
];

/// Programs whose cores lack the texts of Node's own scripts: those are in the program's file. (Node 18
/// has copies of some in its heap.)
fn lacks_sources(told: &Told) -> bool {
    matches!(told.case.program, NodeProgram::Missing | NodeProgram::Replaced)
}

/// The frames that were told of a stack: those that wait are on none, and folded ones are unfolded.
fn unfolded(line: &Value) -> Vec<&Value> {
    let frames: Vec<&Value> = line["stack"].as_array().unwrap().iter().collect();
    let mut all: Vec<&Value> = Vec::new();
    let mut rest = frames.as_slice();
    while let [first, after @ ..] = rest {
        match first["times"].as_u64() {
            // Two that follow each other, so many times.
            Some(times) if times > 1 => {
                let [second, after @ ..] = after else { panic!("{line}") };
                assert_eq!(second["times"].as_u64(), Some(times), "{line}");
                all.extend((0..times).flat_map(|_| [*first, second]));
                rest = after;
            }
            _ => {
                all.push(first);
                rest = after;
            }
        }
    }
    all.retain(|frame| frame["async"] == false);
    all
}

/// What a frame is in words, of V8's and of ours.
fn words(frame: &Value) -> String {
    // The `function` of our rows is an address.
    let name = frame.get("name").unwrap_or(&frame["function"]);
    let script = if frame["script"].is_null() { &frame["file"] } else { &frame["script"] };
    format!("{name} at {script}:{}:{}", frame["line"], frame["column"])
}

fn number(frame: &Value, key: &str) -> Option<u64> {
    frame[key].as_u64()
}

/// Whether the place of a frame of ours is the one that V8 told.
fn is_there(row: &Value, truth: &Value, now: Now) -> bool {
    let same = |key| number(row, key) == number(truth, key);
    let below = |lines: u64| number(row, "line") == number(truth, "line").map(|line| line + lines);
    match now {
        Now::There => {
            // V8 tells 0 for frames that have no position.
            let position = number(truth, "position").filter(|_| !truth["line"].is_null());
            same("line") && same("column") && number(row, "position") == position
        }
        Now::InTheLine => same("line"),
        Now::LineBelow => below(1),
        Now::Below => below(1) && same("column"),
        Now::LinesBelow => below(1) || below(2),
    }
}

/// What is wrong with a frame of ours.
fn fault(told: &Told, row: &Value, truth: &Value, now: Now) -> Option<String> {
    let script = truth["script"].as_str();
    let without_text = lacks_sources(told) && script.is_some_and(|s| s.starts_with("node:"));
    let good = if without_text && row["line"].is_null() {
        // The position in the text is known without the text.
        number(row, "position") == number(truth, "position") && row["doubt"].is_string()
    } else {
        // Where an allocation fails, optimised code need not tell its values.
        is_there(row, truth, now) && (row["doubt"].is_null() || now != Now::There)
    };
    let name = row["name"].as_str().unwrap();
    let same = if row["kind"] == "wasm" {
        let is_number = name.starts_with("wasm-function[") && truth["function"].is_null();
        name == truth["function"]
            || is_number && truth["text"].as_str().is_some_and(|text| text.contains(name))
    } else {
        row["function_name"] == truth["function"]
            && is_called(name, truth["text"].as_str().unwrap())
    };
    let same = same && row["file"].as_str() == script && row["construct"] == truth["constructor"];
    (!(good && same)).then(|| {
        let doubt = &row["doubt"];
        format!("{}: mdb has {} ({doubt}), V8 {}", told.place, words(row), words(truth))
    })
}

/// Whether a frame has the name that V8's own line has: `Shop.sell (FILE:LINE:COLUMN)`, `FILE:LINE:COLUMN`.
fn is_called(name: &str, text: &str) -> bool {
    // Ours says which functions are asynchronous; V8's which frames wait.
    let name = name.strip_prefix("async ").unwrap_or(name);
    match text.split_once(" (") {
        Some((called, _)) => name == called,
        None => matches!(name, "<anonymous>" | "<top level>"),
    }
}

/// What is wrong with the stack of a thread.
fn compare(told: &Told, tid: u64, line: &Value) -> Vec<String> {
    let place = format!("{} thread {tid}", told.place);
    let js = |rows: Vec<Value>| -> Vec<Value> {
        let is_told = |row: &Value| row["kind"] == "js" || row["kind"] == "wasm";
        rows.into_iter().filter(is_told).collect()
    };
    let mut rows = told.rows(&format!("0t{tid}::jsstack"));
    let folded: u64 = rows.iter().filter_map(|row| row["folded"].as_u64()).sum();
    let mut wrong = Vec::new();
    if folded > 0 {
        let shown = js(rows).len() as u64;
        rows = told.rows(&format!("0t{tid}::jsstack -a"));
        let all = rows.iter().filter(|row| row["kind"] == "js").count() as u64;
        if shown + folded != all {
            wrong.push(format!("{place}: {shown} and {folded} folded frames of {all}"));
        }
    }
    let rows = js(rows);
    let truths = unfolded(line);
    let went_on = WENT_ON.iter().find(|went| {
        went.script == told.case.script && went.does.is_none_or(|does| line["does"] == does)
    });
    // A stack without frames has none that went on.
    let went_on = went_on.filter(|_| !truths.is_empty());
    let Some(extra) = rows.len().checked_sub(truths.len()) else {
        let seen: Vec<String> = rows.iter().map(words).collect();
        wrong.push(format!("{place}: {} frames of {}: {seen:#?}", rows.len(), truths.len()));
        return wrong;
    };
    let (above, rest) = rows.split_at(extra);
    for (index, (row, truth)) in rest.iter().zip(&truths).enumerate() {
        let now = match went_on {
            Some(went) if index == 0 => went.innermost,
            _ => Now::There,
        };
        wrong.extend(fault(told, row, truth, now));
    }
    let (allowed, must): (&[&str], bool) = match went_on.map(|went| went.above) {
        None | Some(Above::Nothing) => (&[], false),
        Some(Above::Some(names)) => (names, true),
        Some(Above::Perhaps(names)) => (names, false),
    };
    for row in above {
        if !allowed.contains(&function_name(row)) {
            wrong.push(format!("{place}: V8 does not have {}", words(row)));
        }
    }
    if told.case.script == "overflow.js" {
        wrong.extend(ring(told, above, &truths));
    }
    if must && above.is_empty() {
        let why = went_on.map_or("", |went| went.why);
        wrong.push(format!("{place}: nothing stands above, but {why}"));
    }
    wrong
}

/// The functions of the ring follow each other to the end, each at its call of the next.
fn ring(told: &Told, above: &[Value], truths: &[&Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    let order = ["pong", "pang", "ping"];
    // Outermost first; the innermost may be anywhere in its function.
    for (row, name) in above.iter().skip(1).rev().zip(order.iter().cycle()) {
        // Not the innermost one: it told.
        let truth = truths.iter().skip(1).find(|truth| truth["function"] == *name).unwrap();
        wrong.extend(fault(told, row, truth, Now::There));
    }
    wrong
}

#[test]
fn every_frame_is_what_v8_told() {
    let all = Told::all("every_frame_is_what_v8_told");
    let wrong = each(&all, |told| {
        let stacks = told.stacks();
        assert!(!stacks.is_empty(), "{}", told.place);
        stacks.iter().flat_map(|(tid, line)| compare(told, *tid, line)).collect()
    });
    assert_none(&wrong);
}

/// Functions of WebAssembly are shown in V8's words, those that are inlined too.
#[test]
fn webassembly_is_told_as_v8_tells_it() {
    let test = "webassembly_is_told_as_v8_tells_it";
    let (mut tiers, mut inlined) = (BTreeSet::new(), 0);
    for told in Told::case(test, "wasm").into_iter().chain(Told::case(test, "wasm-inlined")) {
        for (tid, line) in told.stacks() {
            let mut rows = told.rows(&format!("0t{tid}::jsstack"));
            // V8 shows no frame of its own for the way from JavaScript into a function.
            rows.retain(|row| row["kind"] == "js" || row["kind"] == "wasm");
            let all = unfolded(line);
            assert_eq!(rows.len(), all.len(), "{}", told.place);
            let mut wrong = Vec::new();
            for (row, truth) in rows.iter().zip(all) {
                let is_wasm = truth["script"].as_str().unwrap().starts_with("wasm://");
                assert_eq!(row["kind"] == "wasm", is_wasm, "{}: {row}", told.place);
                if is_wasm {
                    wrong.extend(fault(&told, row, truth, Now::There));
                }
            }
            assert_none(&wrong);
            for row in rows.iter().filter(|row| row["kind"] == "wasm") {
                tiers.insert((told.major, row["tier"].to_string()));
                inlined += u32::from(row["inlined"] == true);
            }
            // `NAME (PLACE)`, or `PLACE` alone, which has the number for which mdb calls the function.
            let truth = line["stack"].as_array().unwrap().iter();
            let truth = truth.map(|frame| frame["text"].as_str().unwrap());
            let wanted: Vec<String> = truth
                .filter(|text| text.contains("wasm://"))
                .map(|text| {
                    let parts = text.strip_suffix(')').and_then(|text| text.split_once(" ("));
                    if let Some((name, place)) = parts {
                        return format!("wasm:   {name} at {place}");
                    }
                    let number = text.split(':').find(|part| part.starts_with("wasm-function"));
                    format!("wasm:   {} at {text}", number.unwrap())
                })
                .collect();
            let output = Mdb::on(&told.fixture.core).run(&[&format!("0t{tid}::jsstack")]);
            let lines = output.stdout.lines().filter(|line| line.starts_with("wasm:"));
            let lines: Vec<&str> = lines.map(|line| line.trim_end_matches(" (inlined)")).collect();
            assert_eq!(lines, wanted, "{}", told.place);
        }
        // And so are they among the frames of the debugger's own stack.
        let rows = told.rows("$c");
        let names = rows.iter().filter(|row| row["module"] == "wasm");
        assert!(names.count() >= 2, "{}", told.place);
        if told.case.name == "wasm-inlined" && told.major >= 24 {
            assert!(inlined > 0, "{}: nothing is inlined", told.place);
        }
    }
    let versions: BTreeSet<u32> = tiers.iter().map(|(major, _)| *major).collect();
    assert_eq!(tiers.len(), 2 * versions.len(), "both compilers of each: {tiers:?}");
}

/// The stacks of all threads at once are those of each.
#[test]
fn all_threads_at_once() {
    for told in Told::case("all_threads_at_once", "worker") {
        let threads = told.rows("::threads");
        let mut each = Vec::new();
        for thread in &threads {
            each.extend(told.rows(&format!("0t{}::jsstack", thread["tid"])));
        }
        assert_eq!(told.rows("::walk thread | ::jsstack"), each, "{}", told.place);
        // Numbers of rows are those of threads.
        let with_js = each.iter().filter(|row| row["kind"] == "js");
        let mut numbers: Vec<u64> = with_js.filter_map(|row| row["thread"].as_u64()).collect();
        numbers.dedup();
        let tids = numbers.iter().map(|number| {
            let thread = threads.iter().find(|thread| thread["thread"] == *number).unwrap();
            thread["tid"].as_u64().unwrap()
        });
        let mut tids: Vec<u64> = tids.collect();
        tids.sort_unstable();
        let stacks = told.stacks();
        let have = stacks.iter().filter(|(_, line)| line["stack"] != Value::Array(Vec::new()));
        assert_eq!(tids, have.map(|(tid, _)| *tid).collect::<Vec<u64>>(), "{}", told.place);
    }
}

/// `%GetOptimizationStatus` of functions, against the code that their frames run.
#[test]
fn tiers_are_what_v8_told() {
    let mut all = Told::all("tiers_are_what_v8_told");
    all.retain(|told| told.lines("tier").next().is_some());
    let wrong = each(&all, |told| {
        let rows = told.rows("::jsstack");
        let mut wrong = Vec::new();
        for tier in told.lines("tier") {
            let function = tier["function"].as_str().unwrap();
            let named = |row: &&Value| row["kind"] == "js" && function_name(row) == function;
            let rows: Vec<&Value> = rows.iter().filter(named).collect();
            // `loop.js` asks before it calls; it tells what will run. The others are on the stack.
            let asks_before = told.case.script == "loop.js";
            let told_tier = if asks_before { &tier["code"] } else { &tier["frame"] };
            if rows.is_empty() && !asks_before {
                wrong.push(format!("{}: {function} is not there", told.place));
            }
            for row in rows {
                let good = match told_tier.as_str() {
                    // V8 has no frame for it.
                    _ if row["inlined"] == true => told_tier.is_null() || asks_before,
                    Some(tier) => row["tier"] == tier,
                    None => false,
                };
                if !good {
                    wrong.push(format!("{}: V8 has {tier}, mdb {row}", told.place));
                }
            }
        }
        wrong
    });
    assert_none(&wrong);
}

/// What flags decide of tiers.
#[test]
fn tiers_are_those_that_flags_leave() {
    for (case, tier) in [
        ("stack-jitless", "interpreter"),
        ("loop-jitless", "interpreter"),
        ("stack-sparkplug", "baseline"),
        ("interpreter", "interpreter"),
    ] {
        for told in Told::case("tiers_are_those_that_flags_leave", case) {
            let script = told.fixture.directory.join(told.case.script);
            let script = script.to_str().unwrap();
            let rows = told.rows("::jsstack");
            let own: Vec<_> = rows.iter().filter(|row| row["file"] == script).collect();
            assert!(own.len() > 1, "{}", told.place);
            for row in own {
                assert_eq!(row["tier"], tier, "{}: {row}", told.place);
            }
        }
    }
}

/// Inlined functions are frames of their own, with the frame pointer of the one they are in.
#[test]
fn inlined_functions_share_a_frame() {
    for told in Told::case("inlined_functions_share_a_frame", "turbofan") {
        let rows = told.rows("::jsstack");
        let row = |name: &str| rows.iter().find(|row| function_name(row) == name).unwrap();
        let outer = row("outer");
        assert_eq!(outer["inlined"], false, "{}", told.place);
        for name in ["sell", "Bill", "innermost"] {
            let row = row(name);
            assert_eq!(row["inlined"], true, "{}: {row}", told.place);
            assert_eq!(row["tier"], "turbofan", "{}: {row}", told.place);
            assert_eq!((&row["fp"], &row["pc"]), (&outer["fp"], &outer["pc"]), "{}", told.place);
        }
        let text = Mdb::on(&told.fixture.core).run(&["::jsstack"]);
        let marked = text.good().lines().filter(|line| line.ends_with(" (inlined)")).count();
        let inlined = rows.iter().filter(|row| row["inlined"] == true).count();
        assert_eq!(marked, inlined, "{}", told.place);
    }
}

/// A program whose file is gone, or another: the frames are there (see [`lacks_sources`]), and a
/// warning says what is not.
#[test]
fn missing_programs_are_warned_of() {
    for case in ["stack-missing", "stack-replaced"] {
        for told in Told::case("missing_programs_are_warned_of", case) {
            let output = Mdb::on(&told.fixture.core).run(&["::jsstack"]);
            let lines: Vec<&str> = output.stderr.lines().collect();
            let program = told.fixture.executable.to_str().unwrap();
            let warned = |line: &&str| line.starts_with("mdb: warning: ") && line.contains(program);
            assert_eq!(lines.iter().filter(|line| warned(line)).count(), 1, "{output:#?}");
            assert!(lines[0].contains("build-id"), "{output:#?}");
            let says = |line: &&str| line.contains("the file of node is missing or another build");
            assert_eq!(lines.iter().filter(|line| says(line)).count(), 1, "{output:#?}");
            assert_eq!(output.status, Some(0), "{output:#?}");
            // In the place of a line.
            let main = output.stdout.lines().find(|line| line.contains("node:internal/main/"));
            let main = main.unwrap_or_else(|| panic!("{}: {output:#?}", told.place));
            assert!(main.contains(" position ") && main.contains("not in the core"), "{main}");
        }
    }
}
