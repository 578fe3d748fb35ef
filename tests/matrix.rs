//! Every command that the program has, on every fixture, for people and as JSON.
//!
//! The commands are asked of the program, so that a new one is tried without a line here. What they
//! print is not judged, only that it is sound: no signal, no panic, no control character, and as JSON
//! objects whose keys are the columns that the command declares.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod session;

use serde_json::{Map, Value};
use session::Mdb;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Commands by the name that they are typed by, with the columns that they declare.
type Commands = BTreeMap<String, BTreeSet<String>>;

/// Ends the session, and so has a run of its own.
const ENDING: &[&str] = &["$%", "$q", "$Q", "::quit"];

/// What begins the output of one command.
const MARK: &str = "@@ ";

/// As it is typed.
fn verb(name: &str) -> String {
    if name.starts_with('$') { name.to_owned() } else { format!("::{name}") }
}

fn text<'a>(row: &'a Map<String, Value>, key: &str) -> &'a str {
    row.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Asks the program for its commands, with a target so that none is left out.
fn commands() -> Commands {
    let core = mdb_fixtures::fixture("example1").unwrap().core;
    let json = Mdb::on(core).word("--json");
    let object = |value: Value| value.as_object().cloned().unwrap();
    let rows = json.run(&["::dcmds"]).rows();
    let names: Vec<String> =
        rows.into_iter().map(|row| text(&object(row), "name").to_owned()).collect();
    let mut commands = Commands::new();
    for name in names {
        let help = json.run(&[&format!("::help '{name}'")]).rows();
        let columns = help.into_iter().map(object).filter(|row| text(row, "section") == "JSON");
        let keys = columns.flat_map(|row| {
            // A row a column, or one with all of them.
            let item = text(&row, "item").to_owned();
            let all = if item.is_empty() { text(&row, "text").to_owned() } else { item };
            all.split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>()
        });
        commands.insert(verb(&name), keys.collect());
    }
    commands
}

#[test]
fn the_program_lists_its_commands() {
    let commands = commands();
    for known in ["::stack", "$c", "::dis", "::whatis", "::findstack", "::stacks", "::regs"] {
        assert!(!commands[known].is_empty(), "{known} declares columns: {commands:#?}");
    }
    for ending in ENDING {
        assert!(commands.contains_key(*ending), "{ending}");
    }
}

/// The lines to evaluate for a command.
fn lines(verb: &str) -> Vec<String> {
    let mut lines: Vec<String> = ["", "1", "main", "0", "0xdeadbeef", "0xffffffffffffffff"]
        .into_iter()
        .map(|address| format!("{address}{verb}"))
        .collect();
    lines.push(format!("::walk thread | {verb}"));
    lines.push(format!("{verb} | ::count"));
    lines.push(format!("1{verb} | ::head -1 | {verb}"));
    lines
}

/// A run: its commands, each behind its mark.
fn texts(commands: &Commands) -> Vec<String> {
    let mut texts = Vec::new();
    for verb in commands.keys().filter(|verb| !ENDING.contains(&verb.as_str())) {
        for line in lines(verb) {
            texts.push(format!("::echo '{MARK}{verb} {line}'"));
            texts.push(line);
            if verb == "$d" {
                // Back to what the next ones expect.
                texts.push("0t16$d".to_owned());
            }
        }
    }
    texts
}

/// What is wrong with JSON output: lines that are no objects, and rows with other keys than the
/// command declares.
fn wrong_rows(stdout: &str, commands: &Commands) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut place = (String::new(), String::new());
    let walked: BTreeSet<String> = ["value", "type"].map(str::to_owned).into();
    for line in stdout.lines() {
        let Ok(Value::Object(row)) = serde_json::from_str::<Value>(line) else {
            wrong.push(format!("{}: no JSON object: {line}", place.1));
            continue;
        };
        if let Some((verb, line)) =
            text(&row, "text").strip_prefix(MARK).and_then(|mark| mark.split_once(' '))
        {
            place = (verb.to_owned(), line.to_owned());
            continue;
        }
        let keys: BTreeSet<String> = row.keys().cloned().collect();
        let Some(declared) = commands.get(&place.0) else { continue };
        // `| ::count` shows the columns of the last command.
        let of_count = place.1.ends_with("::count").then(|| &commands["::count"]);
        // Text of a command is `text`, items that end nowhere are `value` and `type`.
        let plain = declared.is_empty() && row.len() == 1 && row.contains_key("text");
        if keys != *declared && of_count != Some(&keys) && keys != walked && !plain {
            wrong.push(format!("{}: {keys:?} instead of {declared:?}: {line}", place.1));
        }
    }
    wrong
}

/// Runs all commands on one fixture; says what is wrong.
fn faults(name: &str, commands: &Commands, texts: &[&str]) -> Vec<String> {
    let fixture = match mdb_fixtures::available("matrix", mdb_fixtures::fixture(name)) {
        Ok(Some(fixture)) => fixture,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![format!("{name}: {error}")],
    };
    let plain = Mdb::on(&fixture.core);
    let mut faults = Vec::new();
    for (how, mdb) in [("plain", plain.clone()), ("JSON", plain.word("--json"))] {
        let ran = mdb.watched(texts);
        let mut here: Vec<String> = ran.faults().into_iter().collect();
        // The commands in which something is wrong fail, the program goes on.
        if ran.status.code() != Some(1) {
            here.push(format!("ended by {}", ran.status));
        }
        let marks = ran.stdout.matches(MARK).count();
        let wanted = texts.iter().filter(|text| text.contains(MARK)).count();
        if marks != wanted {
            here.push(format!("only {marks} of {wanted} commands were run"));
        }
        if how == "JSON" {
            here.extend(wrong_rows(&ran.stdout, commands));
        }
        faults.extend(here.into_iter().map(|fault| format!("{name}, {how}: {fault}")));
    }
    faults
}

#[test]
fn every_command_is_sound_on_every_fixture() {
    let commands = commands();
    let texts = texts(&commands);
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let names: Vec<&str> = mdb_fixtures::names().collect();
    let next = AtomicUsize::new(0);
    let all = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let faults = faults(name, &commands, &texts);
                    all.lock().unwrap().extend(faults);
                }
            });
        }
    });
    let all = all.into_inner().unwrap();
    assert!(all.is_empty(), "{} faults:\n{}", all.len(), all.join("\n"));
}

#[test]
fn the_commands_that_end_the_session_end_it() {
    let core = mdb_fixtures::fixture("example1").unwrap().core;
    for ending in ENDING {
        for mdb in [Mdb::on(&core), Mdb::on(&core).word("--json"), Mdb::alone()] {
            let output = mdb.run(&[&format!("{ending};::echo no"), "::echo no"]);
            assert_eq!(output.good(), "", "{ending}");
        }
    }
}
