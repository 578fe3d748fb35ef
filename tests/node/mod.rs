//! Cores of Node programs, and what the programs told of themselves while they lived (the lines are
//! described in `fixtures/src/js/truth.js`).
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends at what it did not expect"
)]

use crate::session::Mdb;
use mdb_fixtures::{
    Fixture, NODE_CASES, NODE_VERSIONS, NodeCase, NodeProgram, available, node_case, node_cases,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A core, and what its program told.
#[derive(Debug)]
pub struct Told {
    /// The version and the case.
    pub place: String,
    /// The major version.
    pub major: u32,
    /// The row of the table of cases.
    pub case: &'static NodeCase,
    /// The core.
    pub fixture: Fixture,
    lines: Vec<Value>,
}

/// A frame, as `::jsstack` gives it to programs and tells it to people.
#[derive(Debug)]
pub struct Frame {
    /// The row of `--json`.
    pub row: Value,
    /// The first line.
    pub head: String,
    /// The lines below it, which `-v` asks for.
    pub lines: Vec<Line>,
}

/// A line such as `arg1 name: 3fb1fe6b8ce1 "a value"`.
#[derive(Debug)]
pub struct Line {
    /// `arg1 name`.
    pub label: String,
    /// The value's address, with its tag.
    pub address: Option<u64>,
    /// The value in brief.
    pub text: String,
}

impl Told {
    /// Every case on every version. What this machine cannot make is counted as skipped.
    pub fn all(test: &str) -> Vec<Self> {
        node_cases().filter_map(|(version, case)| Self::of(test, version, case.name)).collect()
    }

    /// One case on every version that can run it.
    pub fn case(test: &str, name: &str) -> Vec<Self> {
        let case = NODE_CASES.iter().find(|case| case.name == name).unwrap();
        let able = NODE_VERSIONS.iter().filter(|version| case.lacks(version).is_none());
        able.filter_map(|version| Self::of(test, version, name)).collect()
    }

    /// One case on one version.
    pub fn of(test: &str, version: &str, name: &str) -> Option<Self> {
        let place = format!("{version} {name}");
        let made = node_case(version, name);
        let fixture = available(&format!("{test} ({place})"), made).unwrap()?;
        let case = NODE_CASES.iter().find(|case| case.name == name).unwrap();
        let lines = fixture.json_lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let major = version.split('.').next().unwrap().parse().unwrap();
        Some(Self { place, major, case, fixture, lines })
    }

    /// The lines that have this key.
    pub fn lines(&self, key: &str) -> impl Iterator<Item = &Value> {
        self.lines.iter().filter_map(move |line| line.get(key))
    }

    /// Those lines themselves.
    pub fn lines_with(&self, key: &str) -> impl Iterator<Item = &Value> {
        self.lines.iter().filter(move |line| line.get(key).is_some())
    }

    /// The last line with a stack of each thread that told one, by the kernel's id.
    pub fn stacks(&self) -> BTreeMap<u64, &Value> {
        let main = self.fixture.pid.into();
        let told = self.lines.iter().filter(|line| line["stack"].is_array());
        told.map(|line| (line["tid"].as_u64().unwrap_or(main), line)).collect()
    }

    /// mdb's rows. Whatever it warns of in a core that lacks nothing is a failure.
    pub fn rows(&self, command: &str) -> Vec<Value> {
        let output = Mdb::on(&self.fixture.core).word("--json").run(&[command]);
        assert_eq!(output.status, Some(0), "{}: {command}: {output:#?}", self.place);
        for line in output.stderr.lines() {
            let is_said = line.starts_with("mdb: no frame is of a function called ");
            let expected = self.case.program != NodeProgram::Official || is_said;
            assert!(expected && line.starts_with("mdb: "), "{}: {line}", self.place);
        }
        let rows = output.stdout.lines().map(|line| serde_json::from_str(line).unwrap());
        rows.collect()
    }

    /// mdb's frames of a thread (the one that died without a name for it), with details.
    pub fn frames(&self, thread: &str) -> Vec<Frame> {
        // No line of source: it could look like a line of a value.
        let command = format!("{thread}::jsstack -a -v -n 0");
        let rows = self.rows(&command);
        let output = Mdb::on(&self.fixture.core).run(&[&command]);
        let mut frames: Vec<Frame> = Vec::new();
        let mut rows = rows.into_iter();
        for line in output.stdout.lines() {
            if let Some(line) = line.strip_prefix("          ") {
                let (label, value) = labelled(line);
                let (address, text) = addressed(value);
                let line = Line { label: label.to_owned(), address, text: text.to_owned() };
                frames.last_mut().unwrap().lines.push(line);
            } else {
                let row = rows.next().unwrap_or_else(|| panic!("{}: {line}", self.place));
                frames.push(Frame { row, head: line.to_owned(), lines: Vec::new() });
            }
        }
        assert!(rows.next().is_none(), "{}: people are told fewer frames", self.place);
        frames
    }
}

impl Frame {
    /// The line with this label.
    pub fn line(&self, label: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.label == label)
    }

    /// The arguments that were passed, in order.
    pub fn arguments(&self) -> Vec<&Line> {
        let is_argument = |line: &&Line| {
            let number = line.label.strip_prefix("arg").and_then(|rest| rest.split(' ').next());
            number.is_some_and(|number| number.parse::<u32>().is_ok())
        };
        self.lines.iter().filter(is_argument).collect()
    }

    /// The lines of a variable or a parameter of this name: registers, contexts, arguments.
    pub fn variables(&self, name: &str) -> Vec<&Line> {
        let named = |line: &&Line| {
            let (of, is) = line.label.rsplit_once(' ').unwrap_or_default();
            let of_frame = of == "context" || of == "outer context";
            is == name && (of_frame || of.starts_with('r') || of.starts_with("arg"))
        };
        self.lines.iter().filter(named).collect()
    }

    /// The function's name as V8 gives it; nothing for one that has none.
    pub fn name(&self) -> &str {
        function_name(&self.row)
    }
}

/// The function's name in a row, as V8 gives it; nothing for one that has none.
pub fn function_name(row: &Value) -> &str {
    row["function_name"].as_str().unwrap_or_default()
}

/// A label and what it labels. A parameter that is a pattern has colons of its own.
fn labelled(line: &str) -> (&str, &str) {
    let mut depth = 0;
    let end = line.char_indices().find(|(at, c)| {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            _ => {}
        }
        depth == 0 && line[*at..].starts_with(": ")
    });
    let (end, _) = end.unwrap_or_else(|| panic!("no label: {line}"));
    (&line[..end], &line[end + 2..])
}

/// An address and a brief, or a brief alone.
fn addressed(value: &str) -> (Option<u64>, &str) {
    // Only objects are told with their address, and those have their tag: `1 apple` is none.
    match value.split_once(' ') {
        Some((address, text)) if address.len() > 8 => match u64::from_str_radix(address, 16) {
            Ok(address) => (Some(address), text),
            Err(_) => (None, value),
        },
        _ => (None, value),
    }
}

/// An address in JSON.
pub fn address(value: &Value) -> u64 {
    u64::from_str_radix(value.as_str().unwrap().strip_prefix("0x").unwrap(), 16).unwrap()
}

/// Looks at all items, a few at once; gives what is wrong.
pub fn each<T: Sync>(items: &[T], look: impl Fn(&T) -> Vec<String> + Sync) -> Vec<String> {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    wrong.lock().unwrap().extend(look(item));
                }
            });
        }
    });
    wrong.into_inner().unwrap()
}

/// Fails with all that is wrong.
#[track_caller]
pub fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
