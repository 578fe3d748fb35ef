//! Node programs that print what they know about themselves and then die, each in its own way.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use crate::cache::{self, Key};
use crate::crash::{self, Run};
use crate::living::State;
use crate::node::known;
use crate::node_program::{Build, NodeProgram};
use crate::node_table::NODE_CASES;
use crate::{Fixture, FixtureError, NODE_VERSIONS, fixture, fixtures_dir};

/// The helper that every script prints its truth by.
const TRUTH: &str = "truth.js";

/// A row of the table: a script and the way that it is run and dies.
#[derive(Debug, Hash)]
#[non_exhaustive]
pub struct NodeCase {
    /// What tests ask for.
    pub name: &'static str,
    /// File in `fixtures/src/js`.
    pub script: &'static str,
    /// Files of that directory that the script imports, beside `truth.js`.
    pub modules: &'static [&'static str],
    /// Node's and V8's flags.
    pub flags: &'static [&'static str],
    /// What the script gets as its arguments.
    pub arguments: &'static [&'static str],
    /// The signal that ends it.
    pub signal: i32,
    /// What it does when the signal comes from outside; `None` when it dies by itself.
    pub killed: Option<State>,
    /// The soft stack limit in bytes; the system's own when `None`.
    pub stack_limit: Option<u64>,
    /// Which build of Node runs it.
    pub program: NodeProgram,
    /// Major versions that cannot run it, and why.
    pub lacking: &'static [(u32, &'static str)],
}

impl NodeCase {
    /// A script called like the case, without flags, that aborts.
    pub(crate) const fn new(name: &'static str, script: &'static str) -> Self {
        Self {
            name,
            script,
            modules: &[],
            flags: &[],
            arguments: &[],
            signal: libc::SIGABRT,
            killed: None,
            stack_limit: None,
            program: NodeProgram::Official,
            lacking: &[],
        }
    }

    /// Why a version (major, or whole) cannot run it; `None` when it can.
    pub fn lacks(&self, version: &str) -> Option<&'static str> {
        let major = major(version)?;
        self.lacking.iter().find(|(lacking, _)| *lacking == major).map(|(_, why)| *why)
    }
}

/// Every case on every version that can run it: version and case, for [`node_case`].
pub fn node_cases() -> impl Iterator<Item = (&'static str, &'static NodeCase)> {
    NODE_VERSIONS.iter().flat_map(|version| {
        let able = NODE_CASES.iter().filter(|case| case.lacks(version).is_none());
        able.map(|case| (*version, case))
    })
}

/// The core of a case on a version: one of [`NODE_VERSIONS`], or a major version like `20`.
///
/// `stdout` of the fixture is the program's truth, described in `fixtures/src/js/truth.js`; the file
/// `stderr` in its directory is what Node and V8 wrote about the end.
pub fn node_case(version: &str, name: &str) -> Result<Fixture, FixtureError> {
    let unknown = || FixtureError::Unknown { name: format!("node {version} {name}") };
    let case = NODE_CASES.iter().find(|case| case.name == name).ok_or_else(unknown)?;
    if let Some(why) = case.lacks(version) {
        return Err(FixtureError::Lacking { name: format!("node {version} {name}"), why });
    }
    let version = known(version)?;
    let build = case.program.build(version)?;
    let name = format!("node{}-{}", major(version).unwrap_or_default(), case.name);
    let mut key = Key::new();
    let mut files = Vec::new();
    for file in [TRUTH, case.script].iter().chain(case.modules) {
        let path = fixtures_dir().join("src/js").join(file);
        let text = fs::read(&path).map_err(FixtureError::io("read", &path))?;
        key.add(&text);
        files.push((*file, text));
    }
    key.add(case);
    key.add(version);
    // The core names the program's path.
    key.add(build.path());
    let directory = cache::filled(&name, &key.finish(), |dir| {
        for (file, text) in &files {
            let path = dir.join(file);
            fs::write(&path, text).map_err(FixtureError::io("write", &path))?;
        }
        build.place(dir)?;
        run(case, &name, dir, &build)?;
        build.leave(dir)
    })?;
    let executable = build.executable(&directory);
    fixture::found(name, executable, directory, Some(case.signal))
}

/// Runs the case in a directory that holds its files.
fn run(case: &NodeCase, name: &str, dir: &Path, build: &Build) -> Result<(), FixtureError> {
    let arguments: Vec<&str> =
        case.flags.iter().chain([&case.script]).chain(case.arguments).copied().collect();
    let libraries: &[(&str, &OsStr)] = match build {
        Build::Debian(found) => &[("LD_LIBRARY_PATH", found.libraries.as_os_str())],
        Build::Official(..) => &[],
    };
    let program = build.executable(dir);
    let run = Run {
        stack_limit: case.stack_limit,
        environment: libraries,
        keep_stderr: true,
        ..Run::new(name, dir, &program, &arguments)
    };
    let pid = match case.killed {
        None => crash::die(&run, case.signal)?,
        Some(state) => crash::kill(&run, case.signal, state)?,
    };
    fixture::write_pid(dir, pid)
}

/// The major version in a whole or a major version.
fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}
