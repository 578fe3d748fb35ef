//! Every command says what it is, every example works, and every key in JSON is one that the help
//! page has.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod session;

use mdb_fixtures::{Fixture, available, fixture, node_case};
use serde_json::Value;
use session::Mdb;
use std::collections::BTreeMap;

/// What a help page says, for programs.
#[derive(Debug, Default)]
struct Page {
    module: String,
    summary: String,
    keys: Vec<String>,
    examples: Vec<String>,
}

/// Examples that print nothing on the fixture, and why that is right.
const SILENT: &[(&str, &str)] = &[
    ("::set -o repeatlast", "it sets an option"),
    ("::quit", "it ends the session"),
    ("5::typeset", "it sets a variable"),
    ("0x1000::nmadd", "it defines a symbol, or removes it again"),
    ("::unload", "it takes commands away"),
    ("::reload", "it takes commands away and brings them again"),
];

/// Examples that fail on the fixture, and why that is right.
const FAILING: &[(&str, &str)] =
    &[("::cat", "the file is the user's"), ("::reload", "dmods that are linked in have no file")];

fn text(row: &Value, key: &str) -> Option<String> {
    row.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// The names in a list such as that of `::dcmds`.
fn names(mdb: &Mdb, command: &str) -> Vec<String> {
    let names = mdb.run(&[command]).rows().iter().filter_map(|row| text(row, "name")).collect();
    assert_ne!(names, [""; 0], "{command} lists nothing");
    names
}

/// The help pages of all dcmds.
fn help_pages(fixture: &Fixture) -> BTreeMap<String, Page> {
    let mdb = Mdb::on(&fixture.core).word("--json");
    let dcmds = names(&mdb, "::dcmds");
    let questions: Vec<String> = dcmds.iter().map(|name| format!("::help '{name}'")).collect();
    let questions: Vec<&str> = questions.iter().map(String::as_str).collect();
    let mut pages: BTreeMap<String, Page> = BTreeMap::new();
    let mut current: Option<String> = None;
    for row in mdb.run(&questions).rows() {
        let item = text(&row, "item");
        match (text(&row, "section").unwrap().as_str(), item) {
            ("NAME", Some(name)) => {
                let summary = text(&row, "text").unwrap();
                pages.insert(name.clone(), Page { summary, ..Page::default() });
                current = Some(name);
            }
            ("WALKER", _) => current = None,
            (section, Some(item)) => {
                let Some(name) = &current else { continue };
                let page = pages.get_mut(name).unwrap();
                match section {
                    "JSON" => page.keys.push(item),
                    "EXAMPLES" => page.examples.push(item),
                    "ATTRIBUTES" if item == "Module" => page.module = text(&row, "text").unwrap(),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    assert_eq!(pages.len(), dcmds.len(), "some dcmds have no help");
    pages
}

/// The fixture that examples are about: threads, a crash, symbols.
fn subject(test: &str) -> Option<Fixture> {
    available(test, fixture("threads3")).unwrap()
}

/// The dmod whose examples are about Node.
const V8: &str = "v8";

/// All fixtures that examples are about, each with the help pages of its commands.
fn subjects(test: &str) -> Vec<(Fixture, BTreeMap<String, Page>)> {
    let mut subjects = Vec::new();
    if let Some(fixture) = subject(test) {
        let mut pages = help_pages(&fixture);
        // Also where all dmods are built in.
        pages.retain(|_, page| page.module != V8);
        subjects.push((fixture, pages));
    }
    if let Some(fixture) = available(test, node_case("24", "throw")).unwrap() {
        let mut pages = help_pages(&fixture);
        pages.retain(|_, page| page.module == V8);
        assert!(!pages.is_empty(), "the v8 dmod is not loaded");
        subjects.push((fixture, pages));
    }
    subjects
}

#[test]
fn every_command_says_what_it_is() {
    let subjects = subjects("every_command_says_what_it_is");
    let mut without = Vec::new();
    for (name, page) in subjects.iter().flat_map(|(_, pages)| pages) {
        assert!(!page.summary.is_empty(), "{name} has no summary");
        assert!(
            !page.summary.ends_with('.') && !page.summary.contains('\n'),
            "the summary of {name} is one line without a full stop: {}",
            page.summary
        );
        // Second names (`$c`) lead to the first.
        if page.examples.is_empty() && !name.starts_with('$') && !ALIASES.contains(&&**name) {
            without.push(name);
        }
    }
    assert!(without.is_empty(), "without an example: {without:?}");
    for (fixture, _) in &subjects {
        for name in names(&Mdb::on(&fixture.core).word("--json"), "::walkers") {
            let help = Mdb::on(&fixture.core).run(&[&format!("::help {name}")]);
            assert!(help.good().contains(&format!("::walk {name}")), "{help:#?}");
        }
    }
}

/// Second names of commands, without a `$`.
const ALIASES: &[&str] = &["wc", "whence", "quit"];

#[test]
fn every_example_works() {
    let subjects = subjects("every_example_works");
    if subjects.is_empty() {
        return;
    }
    let mut wrong = Vec::new();
    let mut ran = 0;
    let all = subjects.iter().flat_map(|(fixture, pages)| pages.iter().map(move |p| (fixture, p)));
    for (fixture, (name, page)) in all {
        for example in &page.examples {
            ran += 1;
            let output = Mdb::on(&fixture.core).in_directory(&fixture.directory).run(&[example]);
            let excused = |list: &[(&str, &str)]| list.iter().any(|(e, _)| example.starts_with(e));
            if output.status != Some(0) && !excused(FAILING) {
                wrong.push(format!("::{name}: `{example}` fails: {}", output.stderr));
            } else if output.stdout.trim().is_empty() && !excused(SILENT) && !excused(FAILING) {
                wrong.push(format!("::{name}: `{example}` prints nothing"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ran > 40, "only {ran} examples were found");
}

#[test]
fn every_key_in_json_is_on_the_help_page() {
    let subjects = subjects("every_key_in_json_is_on_the_help_page");
    if subjects.is_empty() {
        return;
    }
    let mut wrong = Vec::new();
    let mut checked = 0;
    let all = subjects.iter().flat_map(|(fixture, pages)| pages.iter().map(move |p| (fixture, p)));
    for (fixture, (name, page)) in all {
        // Only commands that end in this one: the rows are its own.
        let last = |example: &str| {
            example.rsplit(['|', ';']).next().unwrap().contains(&format!("::{name}"))
        };
        for example in page.examples.iter().filter(|e| last(e) && !e.contains('!')) {
            let mdb = Mdb::on(&fixture.core).in_directory(&fixture.directory);
            let output = mdb.word("--json").run(&[example]);
            for line in output.stdout.lines() {
                // A command may print text that is no row.
                let Ok(Value::Object(row)) = serde_json::from_str(line) else { continue };
                checked += 1;
                // Items at the end of a pipe are the same for all commands.
                let is_item = row.keys().eq(["type", "value"]) || row.keys().eq(["value", "type"]);
                // So is text that is no row, and what ::eval prints is another command's.
                let is_other = row.keys().eq(["text"]) || name == "eval";
                let unknown: Vec<&String> =
                    row.keys().filter(|key| !page.keys.contains(key)).collect();
                if !is_item && !is_other && !unknown.is_empty() {
                    wrong.push(format!("::{name}: `{example}` has keys {unknown:?}"));
                }
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 100, "only {checked} rows were seen");
}
