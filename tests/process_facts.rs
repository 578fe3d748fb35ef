//! What the `native` dmod says of a process, against what the process said of itself before it died.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod session;

use mdb_fixtures::{Fixture, available, fixture, skipped};
use serde_json::Value;
use session::Mdb;
use std::process::Command;

/// Those that the machine has.
fn fixtures(test: &str, names: &[&str]) -> Vec<Fixture> {
    names.iter().filter_map(|name| available(test, fixture(name)).unwrap()).collect()
}

const FACTS: [&str; 3] = ["facts-assert", "facts-free", "facts-static"];

fn rows(fixture: &Fixture, command: &str) -> Vec<Value> {
    Mdb::on(&fixture.core).word("--json").run(&[command]).rows()
}

fn hex(value: &Value) -> u64 {
    u64::from_str_radix(value.as_str().unwrap().strip_prefix("0x").unwrap(), 16).unwrap()
}

/// `key 0xADDRESS TEXT`, with the blanks of the text.
fn texts<'f>(fixture: &'f Fixture, key: &str) -> Vec<(u64, &'f str)> {
    let lines =
        fixture.stdout.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix(" 0x"));
    lines
        .map(|line| {
            let (address, text) = line.split_once(' ').unwrap();
            (u64::from_str_radix(address, 16).unwrap(), text)
        })
        .collect()
}

/// The tid of the thread of this kind.
fn tid(fixture: &Fixture, kind: &str) -> u32 {
    fixture.tids().iter().find(|(_, name)| *name == kind).unwrap().0
}

/// What every address that the program printed is.
#[test]
fn whatis_knows_an_address_of_each_kind() {
    for fixture in fixtures("whatis_knows_an_address_of_each_kind", &FACTS) {
        let expected = [
            ("global_variable", "symbol", "global_variable"),
            ("global_zeros", "symbol", "global_zeros"),
            ("stack_variable", "stack frame", "main"),
            ("other_stack", "stack frame", "body"),
            ("dead_stack", "dead stack", ""),
            ("heap", "heap", ""),
            ("tls", "tls", "tls_variable"),
            ("other_tls", "tls", "tls_variable"),
            ("errno", "tls", "errno"),
            ("other_errno", "tls", "errno"),
            ("pthread", "thread", ""),
            ("other_pthread", "thread", ""),
            ("code", "symbol", "main"),
            ("constant", "symbol", "constant_text"),
            ("vdso", "vdso", ""),
            ("execfn", "auxv", ""),
            ("random", "auxv", ""),
            ("argv", "argv", ""),
            ("shared", "file mapping", ""),
            ("other_guard", "guard", ""),
            ("unmapped", "unknown", ""),
            ("null", "unknown", ""),
        ];
        // All in one go, in the order of the input.
        let nowhere = |name: &str| {
            let line = fixture.truths("nowhere").find(|words| words[0] == name).unwrap();
            u64::from_str_radix(line[1].trim_start_matches("0x"), 16).unwrap()
        };
        let addresses =
            expected.map(|(name, ..)| fixture.address(name).unwrap_or_else(|| nowhere(name)));
        let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("whatis-{}.txt", fixture.name));
        let text: Vec<String> = addresses.iter().map(|address| format!("{address:x}")).collect();
        std::fs::write(&file, text.join("\n")).unwrap();
        let rows = rows(&fixture, &format!("::cat '{}' | ::whatis", file.display()));
        assert_eq!(rows.len(), expected.len(), "{}", fixture.name);
        for ((row, (name, kind, symbol)), address) in rows.iter().zip(expected).zip(addresses) {
            let place = format!("{} {name}: {row}", fixture.name);
            assert_eq!(hex(&row["address"]), address, "{place}");
            assert_eq!(row["kind"].as_str().unwrap(), kind, "{place}");
            let found = row["symbol"].as_str().unwrap_or_default();
            assert!(found.starts_with(symbol), "{place}");
            let thread = match name {
                "stack_variable" | "dead_stack" | "tls" | "errno" | "pthread" => Some("main"),
                name if name.starts_with("other_") => Some("other"),
                _ => None,
            };
            if let Some(kind) = thread {
                let line = format!("0t{}::whatis -i", tid(&fixture, kind));
                let by_id = self::rows(&fixture, &line);
                assert_eq!(row["thread"], by_id[0]["thread"], "{place}");
            }
            match name {
                "heap" => assert_eq!(row["preview"], "\"text in a block of the heap\"", "{place}"),
                "global_zeros" => assert_eq!(row["section"], ".bss", "{place}"),
                "global_variable" => assert_eq!(row["section"], "data", "{place}"),
                "code" => assert_eq!(row["section"], "text", "{place}"),
                "constant" => assert_eq!(row["section"], "read-only data", "{place}"),
                _ => {}
            }
        }
        // Each argument and each variable of the start; no secret is shown.
        for (address, text) in texts(&fixture, "argument") {
            let row = &self::rows(&fixture, &format!("{address:x}::whatis"))[0];
            assert_eq!(row["kind"], "argument", "{text}");
            assert!(row["preview"].is_null(), "{row}");
        }
        for (address, text) in texts(&fixture, "variable") {
            let row = &self::rows(&fixture, &format!("{address:x}::whatis"))[0];
            // What the program set itself is in its heap.
            let own = text.starts_with("FACTS_");
            assert_eq!(row["kind"], if own { "heap" } else { "environment" }, "{text}: {row}");
        }
    }
}

/// A dmod that knows blocks adds to what an address is, and is more specific than the heap; for the
/// library see `tests/providers.rs`.
#[test]
fn whatis_asks_other_dmods() {
    for fixture in fixtures("whatis_asks_other_dmods", &["blocks"]) {
        let tests = std::env::current_exe().unwrap();
        let library = tests.parent().unwrap().parent().unwrap().join("examples/libprovides.so");
        assert!(library.exists(), "{} is not built: cargo build --examples", library.display());
        let load = format!("::load {}", library.display());
        for words in fixture.truths("block") {
            let start = u64::from_str_radix(words[0].trim_start_matches("0x"), 16).unwrap();
            let inside = format!("{:x}::whatis -q", start + 8);
            let run = |commands: &[&str]| Mdb::on(&fixture.core).run(commands).good().to_owned();
            let expected =
                format!("{:x} is {start:x}+8, known block of {} bytes\n", start + 8, words[1]);
            assert!(run(&[&load, &inside]).ends_with(&expected), "{}", run(&[&load, &inside]));
            assert!(!run(&[&inside]).contains("known block"));
            let all = run(&[&load, &format!("{start:x}::whatis -a")]);
            assert!(all.lines().count() > 1 && all.contains("known block of"), "{all}");
        }
    }
}

/// Whatever is asked, each address is one item; all explanations name the mapping of `/proc`.
#[test]
fn whatis_names_the_mappings_that_proc_named() {
    for fixture in fixtures("whatis_names_the_mappings_that_proc_named", &FACTS[..1]) {
        let code = fixture.address("code").unwrap();
        let all = rows(&fixture, &format!("{code:x}::whatis -a"));
        let line = fixture
            .truths("maps")
            .find(|words| {
                let (low, high) = words[0].split_once('-').unwrap();
                let number = |text| u64::from_str_radix(text, 16).unwrap();
                (number(low)..number(high)).contains(&code)
            })
            .unwrap();
        let mapping = all.last().unwrap();
        assert_eq!(format!("{}p", mapping["permissions"].as_str().unwrap()), line[1]);
        assert_eq!(mapping["path"], line[5]);
        let kinds: Vec<&str> = all.iter().map(|row| row["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["symbol", "segment", "file mapping"]);
        let piped = Mdb::on(&fixture.core).run(&[&format!("{code:x}::whatis -a | ::count")]);
        assert_eq!(piped.good(), "1\n");
    }
}

#[test]
fn arguments_and_environment_are_those_of_the_process() {
    let test = "arguments_and_environment_are_those_of_the_process";
    for fixture in fixtures(test, &FACTS) {
        let given = texts(&fixture, "argument");
        let expected: Vec<(u64, String)> =
            given.iter().map(|(at, text)| (*at, (*text).to_owned())).collect();
        let found = |command: &str, key: &str| -> Vec<(u64, String)> {
            let rows = rows(&fixture, command);
            let row = |row: &Value| (hex(&row["address"]), row[key].as_str().unwrap().to_owned());
            rows.iter().map(row).collect()
        };
        assert_eq!(found("::args -s", "argument"), expected);
        let masked = found("::args", "argument");
        let shown: Vec<&str> = masked.iter().skip(1).map(|(_, text)| text.as_str()).collect();
        let stars = "********";
        assert_eq!(
            shown,
            [
                "one",
                "two words",
                &format!("--password={stars}"),
                "",
                "--token",
                stars,
                &format!("https://me:{stars}@example.org/"),
            ]
        );
        assert!(!Mdb::on(&fixture.core).run(&["::args"]).good().contains("hidden"));
        // The environment at the end, and that of the start, which lacks what the program set.
        let variables = texts(&fixture, "variable");
        let all = rows(&fixture, "::env -s");
        let joined = |row: &Value| {
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            (hex(&row["address"]), format!("{}={}", text("name"), text("value")))
        };
        let expected: Vec<(u64, String)> =
            variables.iter().map(|(at, text)| (*at, (*text).to_owned())).collect();
        assert_eq!(all.iter().map(joined).collect::<Vec<_>>(), expected);
        let start = rows(&fixture, "::env -i -s");
        let own = |(_, text): &&(u64, String)| !text.starts_with("FACTS_");
        let expected: Vec<(u64, String)> = expected.iter().filter(own).cloned().collect();
        assert_eq!(start.iter().map(joined).collect::<Vec<_>>(), expected);
        let masked = Mdb::on(&fixture.core).run(&["::env"]);
        assert!(!masked.good().contains("not to be shown"), "{masked:?}");
        assert_eq!(rows(&fixture, "::env FACTS_OWN")[0]["value"], "set by the program");
        assert!(Mdb::on(&fixture.core).run(&["::env NOSUCH"]).bad().contains("no variable"));
    }
}

#[test]
fn errno_is_that_of_each_thread() {
    for fixture in fixtures("errno_is_that_of_each_thread", &FACTS) {
        for row in rows(&fixture, "::errno") {
            let main = row["tid"] == tid(&fixture, "main");
            let (name, number) = if main { ("errno", "EAGAIN") } else { ("other_errno", "ENOENT") };
            assert_eq!(hex(&row["address"]), fixture.address(name).unwrap());
            assert_eq!(row["errno"].as_i64(), fixture.value(name));
            assert_eq!(row["name"], number);
        }
        assert_eq!(rows(&fixture, "::errno").len(), 2);
        let one = rows(&fixture, &format!("0t{}::errno", tid(&fixture, "other")));
        assert_eq!((one.len(), &one[0]["name"]), (1, &"ENOENT".into()));
    }
}

#[test]
fn the_last_words_of_the_c_library_are_found() {
    let expected = [
        ("facts-assert", "Assertion `!failed && \"the fixture fails here\"' failed."),
        ("facts-static", "Assertion `!failed && \"the fixture fails here\"' failed."),
        ("facts-free", "free(): double free detected in tcache 2"),
    ];
    for (name, text) in expected {
        for fixture in fixtures("the_last_words_of_the_c_library_are_found", &[name]) {
            let message = rows(&fixture, "::abortmsg");
            assert!(message[0]["message"].as_str().unwrap().ends_with(text), "{message:?}");
            let all = Mdb::on(&fixture.core).run(&["::panicinfo"]);
            assert!(all.good().contains(text) && all.good().contains("SIGABRT"), "{all:?}");
        }
    }
    for fixture in fixtures("the_last_words_of_the_c_library_are_found", &["threads3"]) {
        let none = Mdb::on(&fixture.core).run(&["::abortmsg"]);
        assert_eq!(none.good(), "the C library left no message\n");
    }
}

#[test]
fn exceptions_in_flight_are_found() {
    for fixture in
        fixtures("exceptions_in_flight_are_found", &["thrown", "thrown-what", "thrown-static"])
    {
        let rows = rows(&fixture, "::exception");
        let shown: Vec<(&str, &str)> = rows
            .iter()
            .map(|row| (row["type"].as_str().unwrap(), row["what"].as_str().unwrap()))
            .collect();
        let thrown = fixture.stdout.lines().find_map(|line| line.strip_prefix("thrown ")).unwrap();
        let other = "a string that was thrown in another thread";
        assert_eq!(
            shown,
            [("shop::Sold", thrown), ("std::logic_error", "the first one"), ("std::string", other),]
        );
        // Where the handlers saw them.
        let caught: Vec<u64> = fixture
            .truths("exception")
            .map(|words| u64::from_str_radix(words[1].trim_start_matches("0x"), 16).unwrap())
            .collect();
        assert_eq!([hex(&rows[2]["object"]), hex(&rows[1]["object"])], caught[..]);
        let own = fixture.name == "thrown-what";
        assert_eq!(rows[0]["of_base"], own, "{}", fixture.name);
        let all = Mdb::on(&fixture.core).run(&["::panicinfo"]);
        assert!(all.good().contains(&format!("exception shop::Sold: {thrown}")), "{all:?}");
    }
    for fixture in fixtures("exceptions_in_flight_are_found", &["cxx"]) {
        let rows = rows(&fixture, "::exception");
        assert_eq!(
            (&rows[0]["type"], &rows[0]["what"]),
            (&"std::out_of_range".into(), &"no item 7".into())
        );
    }
    for fixture in fixtures("exceptions_in_flight_are_found", &["threads3"]) {
        assert!(Mdb::on(&fixture.core).run(&["::exception"]).good().contains("no C++ runtime"));
    }
}

/// The sums, against the mappings that `/proc` had, and against the core file.
#[test]
fn memory_sums_to_all_mappings() {
    for fixture in fixtures("memory_sums_to_all_mappings", &FACTS) {
        let number = |row: &Value, key: &str| row[key].as_u64().unwrap_or_else(|| hex(&row[key]));
        for command in ["::memory", "::memory -v", "::memory -v -z"] {
            let rows = rows(&fixture, command);
            let (total, parts) = rows.split_last().unwrap();
            for key in ["mappings", "size", "saved", "zero", "touched"] {
                let sum: u64 = parts.iter().map(|row| number(row, key)).sum();
                assert_eq!(sum, number(total, key), "{command} {key}");
            }
            let mappings = self::rows(&fixture, "::mappings");
            assert_eq!(number(total, "mappings"), mappings.len() as u64);
            let size = |words: &[&str]| {
                let (low, high) = words[0].split_once('-').unwrap();
                let parse = |text| u64::from_str_radix(text, 16).unwrap();
                parse(high) - parse(low)
            };
            // What carries the name of its use in /proc has the same size here.
            let of = |name: &str| -> u64 {
                let lines = fixture.truths("maps").filter(|words| words.get(5) == Some(&name));
                lines.map(|words| size(&words)).sum()
            };
            let of_use = |name: &str| -> u64 {
                parts.iter().filter(|row| row["use"] == name).map(|row| number(row, "size")).sum()
            };
            assert_eq!(of_use("heap"), of("[heap]"), "{command}");
            assert_eq!(of_use("shared"), of("/memfd:facts"), "{command}");
            let executable = fixture.executable.to_string_lossy();
            assert_eq!(of_use("executable"), of(&executable), "{command}");
            assert!(of_use("reserved") >= fixture.value("other_guard_size").unwrap() as u64);
        }
    }
}

#[test]
fn searches_find_what_the_program_wrote() {
    for fixture in fixtures("searches_find_what_the_program_wrote", &FACTS) {
        let run = |command: &str| -> Vec<u64> {
            let rows = rows(&fixture, command);
            rows.iter().map(|row| hex(&row["address"])).collect()
        };
        let (word, odd) = (fixture.address("word").unwrap(), fixture.address("odd_word").unwrap());
        assert_eq!(run("102030405060708::ugrep -R heap"), [word]);
        assert_eq!(run("102030405060708::ugrep -u -R heap"), [word, odd]);
        assert_eq!(run("::search -x -R heap '08 07 06 05 ?? 03 02 01'"), [word, odd]);
        let heap = fixture.address("heap").unwrap();
        assert_eq!(run("::search -R heap 'text in a block'"), [heap]);
        assert_eq!(run("::search -R heap -w 'wide text'"), [fixture.address("wide").unwrap()]);
        assert_eq!(run("::strings -R heap -w -n 9"), [fixture.address("wide").unwrap()]);
        assert!(run("::strings -R heap").contains(&heap));
        // In the executable's file, where the core did not save it.
        let constant = fixture.address("constant").unwrap();
        assert!(run("::search 'a constant text of'").contains(&constant));
        // A hole of the core is zeros like others.
        let zeros = fixture.address("global_zeros").unwrap() & !7;
        let line = format!("0::ugrep -a 0x{zeros:x} -A 0x{:x}", zeros + 32);
        assert_eq!(run(&line), [zeros, zeros + 8, zeros + 16, zeros + 24]);
    }
}

/// A pointer over a mapping, beside gdb's `find`.
#[test]
fn ugrep_finds_what_gdb_finds() {
    const TEST: &str = "ugrep_finds_what_gdb_finds";
    for fixture in fixtures(TEST, &FACTS) {
        let stack = fixture.address("stack_variable").unwrap();
        let start = (stack & !0xfff) + 8;
        let (value, length) = (fixture.address("argv").unwrap(), 0x800);
        let output = Command::new("gdb")
            .args(["-nx", "-batch", "-iex", "set debuginfod enabled off", "-ex"])
            .arg(format!("find /g 0x{start:x}, +0x{length:x}, 0x{value:x}"))
            .args([&fixture.executable, &fixture.core])
            .output();
        let Ok(output) = output else {
            skipped(TEST, "there is no gdb");
            continue;
        };
        let theirs: Vec<u64> = String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| {
                u64::from_str_radix(line.split_whitespace().next()?.strip_prefix("0x")?, 16).ok()
            })
            .filter(|address| (start..start + length).contains(address) && address % 8 == 0)
            .collect();
        let line = format!("{value:x}::ugrep -a 0x{start:x} -A 0x{:x}", start + length);
        let ours: Vec<u64> = rows(&fixture, &line).iter().map(|row| hex(&row["address"])).collect();
        assert_eq!(ours, theirs, "{}", fixture.name);
    }
}

#[test]
fn what_a_core_does_not_tell_is_said() {
    for fixture in fixtures("what_a_core_does_not_tell_is_said", &["threads3"]) {
        for (command, words) in [
            ("::pfiles", "does not record open files"),
            ("::plimit", "does not record resource limits"),
            ("::pwdx", "does not record the working directory"),
        ] {
            let output = Mdb::on(&fixture.core).run(&[command]);
            assert!(output.good().contains(words) && output.good().lines().count() == 1);
        }
        let ids = &rows(&fixture, "::pcred")[0];
        assert_eq!(ids["pid"], fixture.pid);
    }
}
