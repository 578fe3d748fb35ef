//! What is measured.

use std::fmt;
use std::process::Command;

use mdb_fixtures::{Fixture, FixtureError, NODE_VERSIONS, fixture, node_case, node_core};

use super::tools::Tool;

/// What a debugger is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// The stack of the thread that crashed.
    Crashed,
    /// The stacks of all threads.
    AllThreads,
    /// The stack of the thread that crashed, very deep.
    Deep,
    /// The stacks of all threads that differ.
    Unique,
    /// All frames of all threads, without names: only mdb is asked, to compare with itself.
    Unwound,
    /// Where a pointer stands in memory.
    Pointer,
    /// The stack of the thread that crashed, with JavaScript: only gdb is asked besides, which shows
    /// the native frames above it.
    JavaScript,
}

/// What the row is called in which mdb unwinds all threads and does nothing else.
pub(super) const UNWINDING: &str = "mdb, unwinding";

/// What the cases of one question on several versions of Node begin with.
pub(super) const JAVASCRIPT: &str = "jsstack";

/// A core and a question.
pub(super) struct Case {
    /// What `--case` takes.
    pub(super) name: String,
    pub(super) about: String,
    question: Question,
    fixture: Fixture,
    /// What a whole answer has, and how often at least.
    whole: &'static [(&'static str, usize)],
}

/// How much of the answer a tool gave.
pub(super) enum Found {
    Whole,
    /// It crashed.
    Died {
        signal: i32,
    },
    /// This word it has not, or too few times.
    Lacks {
        word: &'static str,
        seen: usize,
        wanted: usize,
    },
}

impl Found {
    pub(super) fn is_complete(&self) -> bool {
        matches!(self, Self::Whole)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("all"),
            Self::Died { signal } => write!(f, "dies by signal {signal}"),
            Self::Lacks { word, seen: 0, .. } => write!(f, "no `{word}`"),
            Self::Lacks { word, seen, wanted } => write!(f, "{seen} of {wanted} `{word}`"),
        }
    }
}

impl Case {
    /// Whether a name means it: its own, or that of its family without the version of Node.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name == name || self.name.trim_end_matches(|c: char| c.is_ascii_digit()) == name
    }

    /// The commands of a tool, each with what it is called in the table.
    pub(super) fn commands(&self, tool: &Tool) -> Vec<(String, Command)> {
        let command = || tool.command(self.question, &self.fixture);
        let mut list = Vec::new();
        list.extend(command().map(|command| (tool.name().to_owned(), command)));
        if tool.is_mdb() && self.question == Question::Unique {
            let unwound = tool.command(Question::Unwound, &self.fixture);
            list.extend(unwound.map(|command| (UNWINDING.to_owned(), command)));
        }
        if tool.is_mdb() && matches!(self.question, Question::AllThreads | Question::Deep) {
            list.extend(command().map(|mut command| {
                command.arg("--json");
                ("mdb --json".to_owned(), command)
            }));
        }
        list
    }

    /// Looks whether an output has what it should have.
    pub(super) fn judge(&self, label: &str, output: &str, signal: Option<i32>) -> Found {
        if let Some(signal) = signal {
            return Found::Died { signal };
        }
        if label == UNWINDING {
            return Found::Whole;
        }
        let lacks = self.whole.iter().find_map(|(word, wanted)| {
            let seen = output.matches(word).count();
            (seen < *wanted).then_some(Found::Lacks { word, seen, wanted: *wanted })
        });
        lacks.unwrap_or(Found::Whole)
    }
}

/// All cases of this machine, and why some are missing.
pub(super) fn all() -> (Vec<Case>, Vec<String>) {
    let mut cases = Vec::new();
    let mut missing = Vec::new();
    let mut add = |name: &str,
                   about: &str,
                   question,
                   whole,
                   made: Result<Fixture, FixtureError>| {
        match made {
            Ok(fixture) => cases.push(Case {
                name: name.to_owned(),
                about: about.to_owned(),
                question,
                fixture,
                whole,
            }),
            Err(error) => missing.push(format!("{name}: {error}")),
        }
    };
    add(
        "smallest",
        "the crashed thread of the smallest core",
        Question::Crashed,
        &[("func", 1), ("main", 1)],
        fixture("example1"),
    );
    for version in NODE_VERSIONS {
        let major = version.split('.').next().unwrap_or_default();
        add(
            &format!("node{major}"),
            &format!("the crashed thread of Node {version}, through JavaScript to the end"),
            Question::Crashed,
            // C++ above JavaScript, the C++ that called it, the end.
            &[("Abort", 1), ("Invoke", 1), ("main", 1)],
            node_core(version, "abort"),
        );
    }
    for version in NODE_VERSIONS {
        let major = version.split('.').next().unwrap_or_default();
        add(
            &format!("{JAVASCRIPT}{major}"),
            &format!("JavaScript of Node {version}: every kind of call, ::jsstack"),
            Question::JavaScript,
            // The innermost function, the outermost, and C++ below it.
            &[("js:     none()", 1), ("js:     named(a: 42, ", 1), ("native: _start", 1)],
            node_case(version, "stack"),
        );
    }
    add(
        "jsrecursion",
        "JavaScript of Node 24: recursion of 11,000 frames, ::jsstack",
        Question::JavaScript,
        &[("more of the same", 1), ("native: _start", 1)],
        node_case("24", "recursion"),
    );
    add(
        "jsoverflow",
        "JavaScript of Node 24: an overflowed stack, ::jsstack",
        Question::JavaScript,
        &[("more of the same", 1), ("native: _start", 1)],
        node_case("24", "overflow"),
    );
    add(
        "threads",
        "the stacks of 1,001 threads",
        Question::AllThreads,
        // Each of the 1,000 begins in clone3, the first one in main.
        &[("clone3", 1000), ("main", 1)],
        fixture("threads1001"),
    );
    add(
        "stacks",
        "the unique stacks of 1,001 threads",
        Question::Unique,
        &[("main", 1)],
        fixture("threads1001"),
    );
    add(
        "pointer",
        "where a pointer stands in a core of 1 GiB",
        Question::Pointer,
        // The places are multiples of 16 of a sixth of a gibibyte; each tool prints a line a place.
        &[("\n", 5)],
        fixture("gigabyte"),
    );
    add(
        "deep",
        "a stack of 100,000 frames",
        Question::Deep,
        &[("down", 100_000), ("main", 1)],
        fixture("deep"),
    );
    (cases, missing)
}
