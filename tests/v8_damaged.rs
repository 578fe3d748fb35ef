//! Node cores that are damaged in what the `v8` dmod reads: stacks, functions and all that they refer
//! to, contexts, positions, cut files. Never a panic, a signal or a hang (a run that is watched has a
//! bound); the rest of the stack is told, and what is wrong is said in its place.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod node;
#[path = "node/patch.rs"]
mod patch;
mod session;

use node::{Told, address, assert_none, each, function_name};
use patch::Copy;
use serde_json::Value;
use session::Mdb;
use std::fs;
use std::path::{Path, PathBuf};

/// Commands that read all that the dmod can read of a stack.
const LOOK: &[&str] = &[
    "::isolates",
    "::v8layout",
    "::walk thread | ::jsstack -v",
    "::jsstack -a",
    "::walk jsframe | ::head -n 4 | ::jsframe -v",
];

/// The random words of an LCG (Knuth's MMIX): the same in each run of the test.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        self.0 >> 16
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.next() as usize % of.len()]
    }
}

/// A copy of the core in a directory of its own.
fn copy(told: &Told, test: &str) -> Copy {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("v8_damaged").join(test);
    fs::create_dir_all(&directory).unwrap();
    let path: PathBuf = directory.join(format!("core-{}-{}", told.major, told.case.name));
    Copy::of(&told.fixture.core, path)
}

/// What is wrong with a run, whatever was done to the core.
fn fault(copy: &Copy, commands: &[&str], what: &str) -> Option<String> {
    let ran = Mdb::on(&copy.path).watched(commands);
    let fault = ran.faults().or_else(|| {
        let good = matches!(ran.status.code(), Some(0 | 1));
        (!good).then(|| format!("ended by {}", ran.status))
    });
    fault.map(|fault| format!("{what}: {fault}"))
}

/// The objects that frames refer to, and those that these refer to, a few levels deep: words in them
/// are what the dmod reads.
fn words_of_objects(copy: &Copy, frames: &[Value], levels: usize) -> Vec<u64> {
    const WORDS: u64 = 12;
    let of = |frame: &Value| frame["function"].as_str().map(|_| address(&frame["function"]));
    let mut objects: Vec<u64> = frames.iter().filter_map(of).collect();
    let mut seen = objects.clone();
    let mut words = Vec::new();
    for _ in 0..levels {
        let mut next = Vec::new();
        for object in std::mem::take(&mut objects) {
            for at in (0..WORDS).map(|index| object - 1 + 8 * index) {
                let Some(word) = copy.word(at) else { break };
                words.push(at);
                let is_new =
                    word & 3 == 1 && copy.word(word - 1).is_some() && !seen.contains(&word);
                if is_new {
                    seen.push(word);
                    next.push(word);
                }
            }
        }
        objects = next;
    }
    words.sort_unstable();
    words.dedup();
    words
}

/// What a damaged word holds: nothing, numbers, wild addresses, or another object of the heap.
fn odd_word(random: &mut Random, objects: &[u64], old: u64) -> u64 {
    match random.next() % 8 {
        0 => 0,
        1 => u64::MAX,
        2 => (random.next() & 0xffff_ffff) << 32,
        3 => 0x7fff_ffff << 32,
        4 => random.next() << 16 | 1,
        5 => old ^ 1 << (random.next() % 64),
        // Of another kind than the one that was there.
        _ => *random.one(objects) | 1,
    }
}

/// A few words at once of all that the innermost frames refer to.
#[test]
fn damaged_objects() {
    const RUNS: usize = 6;
    let all: Vec<Told> = ["stack", "turbofan", "worker"]
        .iter()
        .flat_map(|case| Told::case("damaged_objects", case))
        .collect();
    let wrong = each(&all, |told| {
        let mut copy = copy(told, "objects");
        let mut rows = told.rows("::walk thread | ::jsstack");
        rows.retain(|row| row["kind"] == "js");
        let words = words_of_objects(&copy, &rows, 4);
        assert!(words.len() > 500, "{}: {}", told.place, words.len());
        let mut random = Random(u64::from(told.major));
        let mut wrong = Vec::new();
        for run in 0..RUNS {
            let mut done = Vec::new();
            for _ in 0..=(run % 6) {
                let at = *random.one(&words);
                let word = odd_word(&mut random, &words, copy.word(at).unwrap());
                copy.write(at, word);
                done.push(format!("{at:x}={word:x}"));
            }
            let what = format!("{} run {run}: {}", told.place, done.join(" "));
            wrong.extend(fault(&copy, LOOK, &what));
            copy.restore();
        }
        wrong
    });
    assert_none(&wrong);
}

/// Words of the stack, from the innermost frame of JavaScript on.
#[test]
fn damaged_stacks() {
    const RUNS: u64 = 6;
    let all: Vec<Told> =
        ["stack", "turbofan"].iter().flat_map(|case| Told::case("damaged_stacks", case)).collect();
    let wrong = each(&all, |told| {
        let mut copy = copy(told, "stacks");
        let rows = told.rows("::jsstack -a");
        let pointers: Vec<u64> =
            rows.iter().filter(|r| r["kind"] != "native").map(|r| address(&r["fp"])).collect();
        let (first, last) = (pointers[0], pointers[pointers.len() - 1]);
        let slots: Vec<u64> = (first - 256..last + 64).step_by(8).collect();
        let mut random = Random(100 + u64::from(told.major));
        let mut wrong = Vec::new();
        for run in 0..RUNS {
            for _ in 0..=run {
                let at = *random.one(&slots);
                let word = odd_word(&mut random, &slots, copy.word(at).unwrap());
                copy.write(at, word);
            }
            wrong.extend(fault(&copy, LOOK, &format!("{} run {run}", told.place)));
            copy.restore();
        }
        wrong
    });
    assert_none(&wrong);
}

/// The file ends somewhere: what is before the end is told.
#[test]
fn cut_cores() {
    const PARTS: u64 = 6;
    let all = Told::case("cut_cores", "stack");
    let wrong = each(&all, |told| {
        let mut copy = copy(told, "cut");
        let length = copy.length();
        let mut wrong = Vec::new();
        for part in (0..PARTS).rev() {
            copy.cut(length / PARTS * part + 0x1238);
            wrong.extend(fault(&copy, LOOK, &format!("{} {part} of {PARTS}", told.place)));
        }
        wrong
    });
    assert_none(&wrong);
}

/// Slots of a frame of the interpreter (`src/execution/frame-constants.h` of V8), in bytes below the
/// frame pointer.
const CONTEXT: u64 = 8;
const FUNCTION: u64 = 16;
const BYTECODE_ARRAY: u64 = 32;
const BYTECODE_OFFSET: u64 = 40;

/// What is done to one frame, and what its line has to say then.
type Harm = (&'static str, fn(&mut Copy, u64), &'static [&'static str]);

const HARMS: &[Harm] = &[
    // The context is one, and no function.
    (
        "the function is another object",
        |core, fp| {
            let context = core.word(fp - CONTEXT).unwrap();
            core.write(fp - FUNCTION, context);
        },
        &["<unknown function>"],
    ),
    (
        "the function is a number",
        |core, fp| core.write(fp - FUNCTION, 7 << 32),
        &["<unknown function>"],
    ),
    (
        "the function is nowhere",
        |core, fp| core.write(fp - FUNCTION, 0x6666_6666_6661),
        &["<unknown function>"],
    ),
    // That of a caller: the bytecode of the frame is not its own.
    (
        "the function is another function",
        |core, fp| {
            let own = core.word(fp - FUNCTION).unwrap();
            let mut caller = core.word(fp).unwrap();
            // The callers are a builtin, which has no bytecode, and functions of the script.
            let mut other = own;
            for _ in 0..2 {
                caller = core.word(caller).unwrap();
                let found = core.word(caller - FUNCTION).unwrap();
                other = if found & 3 == 1 { found } else { other };
            }
            core.write(fp - FUNCTION, other);
        },
        &["the frame runs the bytecode of another function", "has no bytecode"],
    ),
    (
        "the bytecode is nowhere",
        |core, fp| core.write(fp - BYTECODE_ARRAY, 0x6666_6666_6661),
        &["js:     compare("],
    ),
    (
        "the offset is past the end",
        |core, fp| core.write(fp - BYTECODE_OFFSET, 0x7fff_0000 << 32),
        &["is outside of the"],
    ),
    (
        "the offset is negative",
        |core, fp| core.write(fp - BYTECODE_OFFSET, (-5_i64 as u64) << 32),
        &["is outside of the"],
    ),
    (
        "the offset is no number",
        |core, fp| {
            let context = core.word(fp - CONTEXT).unwrap();
            core.write(fp - BYTECODE_OFFSET, context);
        },
        &["js:     compare("],
    ),
    (
        "the context is a number",
        |core, fp| core.write(fp - CONTEXT, 9 << 32),
        &["js:     compare("],
    ),
];

/// One frame is damaged: it says so, or has less; all others are as they were.
#[test]
fn one_damaged_frame() {
    let all = Told::case("one_damaged_frame", "stack");
    let wrong = each(&all, |told| {
        let mut copy = copy(told, "frame");
        let rows = told.rows("::jsstack");
        let index = rows.iter().position(|row| function_name(row) == "compare").unwrap();
        let (row, fp) = (&rows[index], address(&rows[index]["fp"]));
        assert_eq!(
            row["tier"], "interpreter",
            "{}: the slots are those of the interpreter",
            told.place
        );
        assert_eq!(copy.word(fp - FUNCTION), Some(address(&row["function"])), "{}", told.place);
        let mut wrong = Vec::new();
        for (what, harm, says) in HARMS {
            let place = format!("{}: {what}", told.place);
            harm(&mut copy, fp);
            wrong.extend(fault(&copy, &["::jsstack -v"], &place));
            let output = Mdb::on(&copy.path).word("--json").run(&["::jsstack"]);
            let text = Mdb::on(&copy.path).run(&["::jsstack"]);
            copy.restore();
            let damaged: Vec<Value> =
                output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let at = damaged.iter().position(|row| address(&row["fp"]) == fp);
            let Some(at) = at else {
                wrong.push(format!("{place}: the frame is gone"));
                continue;
            };
            // All others are there, inside and outside of it.
            if damaged[..at] != rows[..index] || damaged[at + 1..] != rows[index + 1..] {
                wrong.push(format!("{place}: other frames changed"));
            }
            let lines: Vec<&str> =
                text.stdout.lines().filter(|l| says.iter().any(|s| l.contains(s))).collect();
            if lines.len() != 1 {
                wrong.push(format!("{place}: {says:?} stands in {lines:?}: {}", damaged[at]));
            }
            if !damaged[at]["doubt"].is_string() {
                wrong.push(format!("{place}: nothing is said: {}", damaged[at]));
            }
        }
        wrong
    });
    assert_none(&wrong);
}

/// A worker's isolate whose roots are lost is left out, and the others are as they were.
#[test]
fn one_damaged_isolate() {
    for told in Told::case("one_damaged_isolate", "worker") {
        let mut copy = copy(&told, "isolate");
        let (isolates, stack) = (told.rows("::isolates"), told.rows("::jsstack"));
        let worker = isolates.iter().find(|row| row["kind"] == "worker").unwrap();
        let roots = address(&worker["roots"]);
        for index in (0..64).step_by(3) {
            copy.write(roots + 8 * index, 0);
        }
        let run = |command: &str| -> Vec<Value> {
            let ran = Mdb::on(&copy.path).word("--json").watched(&[command]);
            ran.assert_sound();
            ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        let left: Vec<&Value> =
            isolates.iter().filter(|row| row["isolate"] != worker["isolate"]).collect();
        let address_of = |row: &Value| row["isolate"].clone();
        let found: Vec<Value> = run("::isolates").iter().map(address_of).collect();
        let wanted: Vec<Value> = left.into_iter().map(address_of).collect();
        assert_eq!(found, wanted, "{}", told.place);
        assert_eq!(run("::jsstack"), stack, "{}", told.place);
        copy.restore();
    }
}

/// A thread behind the `pop` of a function's frame: the frame pointer is that of its caller already.
#[test]
fn a_function_that_is_left() {
    for told in Told::case("a_function_that_is_left", "loop-optimized") {
        let mut copy = copy(&told, "left");
        let before = told.rows("::jsstack");
        let (fp, pc) = (address(&before[0]["fp"]), address(&before[0]["pc"]));
        let listing = Mdb::on(&copy.path).watched(&[&format!("{pc:x}::dis -n 900")]);
        let at = |line: &str| {
            let (address, _) = line.trim().split_once(':')?;
            u64::from_str_radix(address.trim_start_matches("0x"), 16).ok()
        };
        let mut lines = listing.stdout.lines();
        lines.find(|line| at(line) == Some(pc)).unwrap();
        lines.find(|line| line.contains("popq") && line.ends_with("%rbp")).unwrap();
        let next = at(lines.next().unwrap()).unwrap();
        let caller = copy.word(fp).unwrap();
        copy.move_thread((pc, fp), (next, caller, fp + 8));
        let ran = Mdb::on(&copy.path).word("--json").watched(&["::jsstack"]);
        ran.assert_sound();
        let rows: Vec<Value> =
            ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let (left, others) = rows.split_first().unwrap();
        assert_eq!(left["name"], before[0]["name"], "{}: {left}", told.place);
        assert!(left["doubt"].as_str().unwrap().contains("entered or left"), "{left}");
        let keys = ["fp", "pc", "name", "file", "line", "column", "arguments"];
        let seen = |row: &Value| keys.map(|key| row[key].clone());
        let seen_of = |rows: &[Value]| rows.iter().map(seen).collect::<Vec<_>>();
        assert_eq!(seen_of(others), seen_of(&before[1..]), "{}", told.place);
        copy.restore();
    }
}

/// A thread at each instruction that makes a frame of the interpreter: what is below the stack pointer
/// is not a part of the frame yet, whatever stands there.
#[test]
fn a_function_that_is_entered() {
    /// Words of the frame below the frame pointer: context, function, count of arguments.
    const WORDS: u64 = 3;
    for told in Told::case("a_function_that_is_entered", "loop-jitless") {
        let mut copy = copy(&told, "entered");
        let before = told.rows("::jsstack");
        let spin = before.iter().position(|row| row["name"] == "spin").unwrap();
        let fp = address(&before[spin]["fp"]);
        let from = Mdb::on(&copy.path).watched(&["$r"]).stdout;
        let register = |name: &str| {
            let (_, rest) = from.split_once(&format!("%{name} = 0x")).unwrap();
            u64::from_str_radix(&rest[..16], 16).unwrap()
        };
        let at = (register("rip"), register("rbp"));
        let symbol = "Builtins_InterpreterEntryTrampoline";
        let first = Mdb::on(&copy.path).watched(&[&format!("{symbol}=J")]).stdout;
        let first = u64::from_str_radix(first.trim(), 16).unwrap();
        let listing = Mdb::on(&copy.path).watched(&[&format!("{symbol}::dis -n 90")]).stdout;
        let made: Vec<(u64, &str)> = listing
            .lines()
            .filter_map(|line| {
                let (place, instruction) = line.trim().split_once(':')?;
                let offset = place.strip_prefix(&format!("{symbol}+0x"))?;
                Some((first + u64::from_str_radix(offset, 16).ok()?, instruction.trim()))
            })
            .skip_while(|(_, instruction)| !instruction.ends_with("%rbp"))
            .take(6)
            .collect();
        let words: Vec<&str> =
            made[..5].iter().map(|(_, text)| text.split_whitespace().last().unwrap()).collect();
        assert_eq!(words, ["%rbp", "%rsp,%rbp", "%rsi", "%rdi", "%rax"], "{}", told.place);
        let caller = copy.word(fp).unwrap();
        for (step, (pc, _)) in (0..).zip(made) {
            // The saved frame pointer, then the words below it.
            let pushed = u64::saturating_sub(step, 2);
            let (new_fp, sp) = match step {
                0 => (caller, fp + 8),
                1 => (caller, fp),
                _ => (fp, fp - 8 * pushed),
            };
            // Numbers that a frame could hold there.
            for word in pushed..WORDS {
                copy.write(fp - 8 * (word + 1), 25);
            }
            copy.move_thread(at, (pc, new_fp, sp));
            let ran = Mdb::on(&copy.path).word("--json").watched(&["::jsstack"]);
            ran.assert_sound();
            let rows: Vec<Value> =
                ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let (own, others): (Vec<_>, Vec<_>) =
                rows.iter().partition(|row| row["name"] == "spin");
            let what = format!("{}, step {step}: {rows:#?}", told.place);
            for row in own {
                assert!(row["arguments"].is_null() || pushed == WORDS, "{what}");
                assert!(row["doubt"].is_string(), "{what}");
            }
            let keys = ["fp", "name", "file", "line", "column", "arguments"];
            let seen = |row: &Value| keys.map(|key| row[key].clone());
            let wanted: Vec<_> = before[spin + 1..].iter().map(seen).collect();
            assert_eq!(others.into_iter().map(seen).collect::<Vec<_>>(), wanted, "{what}");
            copy.restore();
        }
    }
}

/// Contexts that are each other's outer ones.
#[test]
fn a_ring_of_contexts() {
    // `Context::PREVIOUS_INDEX` is the second slot, after map and length (`src/objects/contexts.h`).
    const PREVIOUS: u64 = 24;
    for told in Told::case("a_ring_of_contexts", "values") {
        let mut copy = copy(&told, "contexts");
        let rows = told.rows("::jsstack -f inner");
        let inner = copy.word(address(&rows[0]["fp"]) - CONTEXT).unwrap();
        let outer = copy.word(inner - 1 + PREVIOUS).unwrap();
        copy.write(outer - 1 + PREVIOUS, inner);
        let ran = Mdb::on(&copy.path).watched(&["::jsstack -f inner -v -n 0"]);
        ran.assert_sound();
        let lines = ran.stdout.lines().filter(|line| line.contains("context captured")).count();
        // It ends some time, and told the variables.
        assert!((1..=20).contains(&lines), "{}: {lines}: {ran:#?}", told.place);
        copy.restore();
    }
}

/// A script whose source is no string: positions stand in the place of lines.
#[test]
fn a_script_without_source() {
    // Map, hash and length stand before the characters (`src/objects/string.h`).
    const CHARACTERS: u64 = 16;
    let all = Told::case("a_script_without_source", "stack");
    let wrong = each(&all, |told| {
        let mut copy = copy(told, "source");
        let rows = told.rows("::jsstack");
        let script = told.fixture.directory.join("stack.js");
        let text = fs::read(&script).unwrap();
        let mut references = 0;
        for at in copy.find(&text[..200]) {
            for reference in copy.find(&((at - CHARACTERS) | 1).to_le_bytes()) {
                references += 1;
                copy.write(reference, 0);
            }
        }
        assert!(references > 0, "{}: the source is not in the heap", told.place);
        let ran = Mdb::on(&copy.path).word("--json").watched(&["::jsstack"]);
        ran.assert_sound();
        let mut wrong = Vec::new();
        let damaged: Vec<Value> =
            ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let mut without = 0;
        for (row, before) in damaged.iter().zip(&rows) {
            let same = |key: &str| row[key] == before[key];
            let good = if before["file"] == script.to_str().unwrap() {
                without += 1;
                row["line"].is_null()
                    && row["doubt"].is_string()
                    && ["fp", "name", "file", "position"].iter().all(|key| same(key))
            } else {
                // Arguments can be the source.
                ["fp", "name", "file", "line", "column", "position"].iter().all(|key| same(key))
            };
            if !good {
                wrong.push(format!("{}: {row} was {before}", told.place));
            }
        }
        if damaged.len() != rows.len() || without < 20 {
            wrong.push(format!("{}: {} of {}, {without}", told.place, damaged.len(), rows.len()));
        }
        wrong
    });
    assert_none(&wrong);
}
