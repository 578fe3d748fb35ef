//! `::jsstack`, `::jsframe` and their walker: options, pipes, places to begin at, what goes wrong.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod node;
mod session;

use mdb_fixtures::{available, fixture};
use node::{Frame, Told, address, assert_none, function_name};
use serde_json::Value;
use session::Mdb;

/// Text that people see, of a run in which nothing failed.
fn good(told: &Told, command: &str) -> String {
    Mdb::on(&told.fixture.core).run(&[command]).good().to_owned()
}

/// The frames that `::jsstack` has of JavaScript, by name.
fn frame<'a>(frames: &'a [Frame], name: &str) -> &'a Frame {
    frames.iter().find(|frame| frame.name() == name).unwrap_or_else(|| panic!("no {name}"))
}

fn js(rows: Vec<Value>) -> Vec<Value> {
    rows.into_iter().filter(|row| matches!(row["kind"].as_str(), Some("js" | "api"))).collect()
}

/// `-f` shows the frames of functions of one name, `new` and `get` or not.
#[test]
fn frames_of_one_function() {
    for told in Told::case("frames_of_one_function", "stack") {
        let all = js(told.rows("::jsstack"));
        for (name, count) in
            [("arrow", 1), ("new Shop", 1), ("Shop", 1), ("forEach", 2), ("none such", 0)]
        {
            let rows = told.rows(&format!("::jsstack -f '{name}'"));
            let bare = |row: &&Value| row["name"] == name || function_name(row) == name;
            let wanted: Vec<&Value> = all.iter().filter(bare).collect();
            assert_eq!(rows.iter().collect::<Vec<_>>(), wanted, "{} {name}", told.place);
            assert_eq!(rows.len(), count, "{} {name}", told.place);
        }
    }
}

/// `-f` finds functions of WebAssembly too, and says nothing else.
#[test]
fn frames_of_one_function_of_webassembly() {
    for told in Told::case("frames_of_one_function_of_webassembly", "wasm") {
        let all = told.rows("::jsstack");
        let is_wanted = |row: &&Value| row["kind"] == "wasm" && row["name"] == "outer";
        let wanted: Vec<&Value> = all.iter().filter(is_wanted).collect();
        assert!(!wanted.is_empty(), "{}", told.place);
        let output = Mdb::on(&told.fixture.core).word("--json").run(&["::jsstack -f outer"]);
        assert_eq!(output.stderr, "", "{}", told.place);
        let rows = output.rows();
        assert_eq!(rows.iter().filter(is_wanted).collect::<Vec<_>>(), wanted, "{}", told.place);
    }
}

/// `-p` prints what the columns have.
#[test]
fn one_property_of_each_frame() {
    for told in Told::case("one_property_of_each_frame", "stack") {
        let rows = js(told.rows("::jsstack"));
        let files: Vec<&str> =
            rows.iter().map(|r| r["file"].as_str().unwrap_or("<unknown>")).collect();
        assert_eq!(good(&told, "::jsstack -p file").lines().collect::<Vec<_>>(), files);
        let places: Vec<String> = rows
            .iter()
            .map(|row| match (row["line"].as_u64(), row["column"].as_u64()) {
                (Some(line), Some(column)) => format!("line {line} column {column}"),
                _ => "<unknown>".to_owned(),
            })
            .collect();
        assert_eq!(good(&told, "::jsstack -p posn").lines().collect::<Vec<_>>(), places);
        let frames = told.frames("");
        let of = |frame: &Frame, label: &str| {
            let line = frame
                .lines
                .iter()
                .find(|line| line.label == label || line.label.starts_with(&format!("{label} ")));
            match line.map(|line| (line.address, line.text.as_str())) {
                Some((Some(address), _)) => format!("{address:x}"),
                // A Smi is told as the word that it is.
                Some((None, text)) => match text.parse::<i64>() {
                    Ok(number) => format!("{:x}", number << 32),
                    Err(_) => text.to_owned(),
                },
                None => "<not passed>".to_owned(),
            }
        };
        for (property, label) in [("this", "this"), ("arg1", "arg1"), ("arg3", "arg3")] {
            let wanted: Vec<String> = ["sell", "more", "compare", "none", "target", "fewer"]
                .map(|name| of(frame(&frames, name), label))
                .to_vec();
            let mut printed = String::new();
            for name in ["sell", "more", "compare", "none", "target", "fewer"] {
                printed += &good(&told, &format!("::jsstack -f {name} -p {property}"));
            }
            assert_eq!(printed.lines().collect::<Vec<_>>(), wanted, "{} {property}", told.place);
        }
    }
}

/// Into a pipe go values: words with their tags.
#[test]
fn properties_go_into_pipes_as_values() {
    for told in Told::case("properties_go_into_pipes_as_values", "values") {
        let boxed = told.fixture.heap_address("boxedNumber").unwrap() | 1;
        let this = good(&told, "::jsstack -f inner -p this | =J");
        assert_eq!(this.trim(), format!("{boxed:x}"), "{}", told.place);
        let map = told.fixture.heap_address("map").unwrap() | 1;
        let piped = good(&told, "::jsstack -f inner -p arg1 | ::whatis");
        assert!(piped.starts_with(&format!("{map:x} is ")), "{}: {piped}", told.place);
        // A Smi: the number in the upper half.
        let number = good(&told, "::jsstack -a -f pass -p arg1 | ::tail -n 1 | =J");
        assert_eq!(number.trim(), "0", "{}", told.place);
        let number = good(&told, "::jsstack -a -f pass -p arg1 | ::head -n 1 | =J");
        let count = told.lines("value").count() as u64;
        assert_eq!(number.trim(), format!("{:x}", count << 32), "{}", told.place);
        // What was not passed is no value.
        let none = good(&told, "::jsstack -f inner -p arg2 | ::wc");
        assert_eq!(session::collapse(&none).split(' ').next(), Some("0"), "{}: {none}", told.place);
    }
}

/// `-n` is the number of lines around the one of the call; the text is the file's.
#[test]
fn lines_of_source() {
    for told in Told::case("lines_of_source", "stack") {
        let script = std::fs::read_to_string(told.fixture.directory.join("stack.js")).unwrap();
        // What follows the last newline is a line too, and empty.
        let lines: Vec<&str> = script.split('\n').collect();
        let row = &told.rows("::jsstack -f compare")[0];
        let (line, column) =
            (row["line"].as_u64().unwrap() as usize, row["column"].as_u64().unwrap());
        for around in [0, 1, 3, 1000] {
            let text = good(&told, &format!("::jsstack -f compare -v -n {around}"));
            let shown: Vec<&str> =
                text.lines().filter(|l| is_source(l)).map(str::trim_start).collect();
            if around == 0 {
                assert_eq!(shown, [""; 0], "{}", told.place);
                continue;
            }
            let first = line.saturating_sub(around).max(1);
            let last = (line + around).min(lines.len());
            let wanted: Vec<String> = (first..=last)
                .map(|n| format!("{n} {}", lines[n - 1]).trim_end().to_owned())
                .collect();
            let shown: Vec<&str> = shown.iter().map(|l| l.trim_end()).collect();
            assert_eq!(shown, wanted, "{} -n {around}", told.place);
            // The mark is under the column of the call.
            let mark = text.lines().find(|l| l.trim() == "^").unwrap();
            let source =
                text.lines().find(|l| l.trim_start().starts_with(&format!("{line} "))).unwrap();
            let begins = source.find(&format!("{line} ")).unwrap() + format!("{line} ").len();
            assert_eq!(mark.find('^').unwrap() - begins, column as usize - 1, "{}", told.place);
        }
    }
}

/// A line of `-v` that is one of the script: a number and a blank, without a label.
fn is_source(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("          ") else { return false };
    let rest = rest.trim_start();
    let digits = rest.chars().take_while(char::is_ascii_digit).count();
    digits > 0 && (rest.len() == digits || rest[digits..].starts_with(' '))
}

/// A frame pointer is a place to begin at, of whatever thread.
#[test]
fn stacks_begin_at_a_frame() {
    for told in Told::case("stacks_begin_at_a_frame", "stack") {
        let rows = told.rows("::jsstack");
        let at = rows.iter().position(|row| function_name(row) == "arrow").unwrap();
        let fp = address(&rows[at]["fp"]);
        assert_eq!(told.rows(&format!("{fp:x}::jsstack")), rows[at..], "{}", told.place);
        assert_eq!(told.rows(&format!("{fp:x}::jsframe")), rows[at..=at], "{}", told.place);
        let rest = told.rows(&format!("{fp:x}::walk jsframe"));
        let wanted: Vec<&Value> = js(rows[at..].to_vec()).iter().map(|_| &Value::Null).collect();
        assert_eq!(rest.len(), wanted.len(), "{}", told.place);
    }
    for told in Told::case("stacks_begin_at_a_frame", "worker") {
        // Of a thread that is not the representative one.
        let spin = told.lines_with("does").find(|line| line["does"] == "spin").unwrap();
        let rows = told.rows(&format!("0t{}::jsstack", spin["tid"]));
        let at = rows.iter().position(|row| row["kind"] == "js").unwrap();
        let fp = address(&rows[at]["fp"]);
        assert_eq!(told.rows(&format!("{fp:x}::jsstack")), rows[at..], "{}", told.place);
        assert_eq!(told.rows(&format!("{fp:x}::jsframe")), rows[at..=at], "{}", told.place);
    }
}

/// The walker gives every physical frame of JavaScript once; `::jsframe` tells all that is in it.
#[test]
fn frames_are_walked() {
    for case in ["turbofan", "values"] {
        for told in Told::case("frames_are_walked", case) {
            let rows = js(told.rows("::jsstack -a"));
            assert!(rows.len() > 10, "{}", told.place);
            assert_eq!(told.rows("::walk jsframe | ::jsframe"), rows, "{}", told.place);
            let mut pointers: Vec<&Value> = rows.iter().map(|row| &row["fp"]).collect();
            pointers.dedup();
            let items = told.rows("::walk jsframe");
            let items: Vec<&Value> = items.iter().map(|item| &item["value"]).collect();
            assert_eq!(items, pointers, "{}", told.place);
        }
    }
}

/// What people are told, frame by frame, is what programs get.
#[test]
fn people_and_programs_are_told_the_same() {
    for told in Told::case("people_and_programs_are_told_the_same", "stack") {
        for frame in told.frames("") {
            let (row, head) = (&frame.row, &frame.head);
            let text = |key: &str| row[key].as_str().unwrap_or_default();
            let pc = text("pc").trim_start_matches("0x");
            assert!(head.split(' ').nth(1) == Some(pc), "{}: {head} {row}", told.place);
            if row["kind"] == "js" {
                let name = format!(" {}(", text("name"));
                assert!(head.contains(&name), "{}: {head} {row}", told.place);
                assert!(head.contains(&format!("<{}>", text("tier"))), "{}: {head}", told.place);
                if let Some(line) = row["line"].as_u64() {
                    let place = format!("{}:{line}:{}", text("file"), row["column"]);
                    assert!(head.contains(&place), "{}: {head} {row}", told.place);
                }
                assert_eq!(frame.line("tier").unwrap().text, text("tier"), "{}", told.place);
            }
        }
    }
}

#[test]
fn internal_frames_are_counted_or_shown() {
    for told in Told::case("internal_frames_are_counted_or_shown", "stack") {
        let plain = good(&told, "::jsstack");
        let count = |line: &str| -> Option<usize> {
            line.trim().strip_prefix('(')?.split_once(" internal frame")?.0.parse().ok()
        };
        let elided: usize = plain.lines().filter_map(count).sum();
        let all = told.rows("::jsstack -a");
        let shown = told.rows("::jsstack");
        assert!(elided > 5, "{}", told.place);
        assert_eq!(all.len() - shown.len(), elided, "{}", told.place);
        assert!(shown.iter().all(|row| row["kind"] != "internal"), "{}", told.place);
    }
}

/// One sentence on standard error, and the exit status of a failure.
#[test]
fn mistakes_are_said() {
    let mut wrong = Vec::new();
    for told in Told::case("mistakes_are_said", "stack") {
        for (command, sentence) in [
            ("::jsstack -p bogus", "-p takes file, posn, this, arg1, arg2, ..., and not bogus"),
            ("::jsstack -p arg0", "-p takes file, posn, this, arg1, arg2, ..., and not arg0"),
            ("::jsstack -p arg", "-p takes file, posn, this, arg1, arg2, ..., and not arg"),
            ("::jsstack -n x", "-n: "),
            ("::jsstack junk", "takes no argument \"junk\""),
            (
                "1234::jsstack",
                "1234 is neither the number of a thread, nor its id, nor an isolate, nor an address on a stack",
            ),
            ("1234::walk jsframe", "1234 is neither the number of a thread"),
            ("<rip::jsstack", "is neither the number of a thread"),
            ("<rsp::jsstack", "no frame"),
            ("1234::jsframe", "not on the stack of a thread"),
            ("<rsp::jsframe", "no JavaScript frame has this frame pointer"),
            ("::jsframe", "it needs an address before it"),
        ] {
            let output = Mdb::on(&told.fixture.core).run(&[command]);
            let is_said = output.status == Some(1)
                && output.stderr.contains(sentence)
                && output.stdout.is_empty();
            if !is_said {
                wrong.push(format!("{} {command}: {output:?}", told.place));
            }
        }
    }
    assert_none(&wrong);
}

/// A process without V8, and a target that is none: each command says so.
#[test]
fn targets_without_v8() {
    const COMMANDS: &[&str] = &["::jsstack", "::isolates", "1::jsframe", "::walk jsframe"];
    let native = available("targets_without_v8", fixture("threads3")).unwrap();
    for command in COMMANDS {
        let Some(native) = &native else { break };
        if cfg!(feature = "builtin-dmods") {
            let output = Mdb::on(&native.core).run(&[command]);
            assert!(output.bad().contains("no V8 was found"), "{command}: {output:#?}");
            continue;
        }
        // The dmod comes by itself where V8 is only.
        let output = Mdb::on(&native.core).run(&["::jsstack"]);
        assert!(output.bad().contains("unknown dcmd name"), "{output:#?}");
        let output = Mdb::on(&native.core).run(&["::load v8", command]);
        assert!(output.bad().contains("no V8 was found"), "{command}: {output:#?}");
    }
    let node = available("targets_without_v8", mdb_fixtures::node("22")).unwrap();
    let Some(node) = node else { return };
    for command in COMMANDS {
        let output = Mdb::on(&node.executable).run(&[command]);
        assert!(output.bad().contains("no process active"), "{command}: {output:#?}");
    }
}

/// A thread of a V8 process that runs no JavaScript has its native stack.
#[test]
fn threads_without_javascript() {
    for told in Told::case("threads_without_javascript", "idle") {
        let rows = told.rows("::walk thread | ::jsstack");
        assert!(rows.len() > 10, "{}", told.place);
        for row in rows {
            assert!(
                matches!(row["kind"].as_str(), Some("native" | "internal")),
                "{}: {row}",
                told.place
            );
        }
        assert_eq!(told.rows("::walk jsframe"), [Value::Null; 0], "{}", told.place);
    }
}
