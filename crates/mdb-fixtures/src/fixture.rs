//! One fixture: made by its recipe, and what is known about it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::{self, Key};
use crate::compile::run;
use crate::crash::Run;
use crate::recipe::{Afterwards, Capture, Recipe};
use crate::{FixtureError, crash, fixtures_dir};

/// A program that was built, and that died or was copied: files, and the program's own words.
#[derive(Debug, Clone)]
pub struct Fixture {
    /// The name it was asked by.
    pub name: String,
    /// The directory that everything lies in, and that the program died in.
    pub directory: PathBuf,
    /// The path that the program ran from. By the fixture's intent it can be gone by now, or be
    /// another build.
    pub executable: PathBuf,
    /// The core.
    pub core: PathBuf,
    /// Signal number that ended it; `None` for one that lived when `gcore` copied it.
    pub signal: Option<i32>,
    /// The process's id.
    pub pid: u32,
    /// What the program printed about itself (the lines are described in `fixtures/src/truth.h`).
    pub stdout: String,
}

impl Fixture {
    /// The words after `key` of each line that begins with it.
    pub fn truths<'a>(&'a self, key: &'a str) -> impl Iterator<Item = Vec<&'a str>> {
        self.stdout.lines().filter_map(move |line| {
            let mut words = line.split_ascii_whitespace();
            (words.next() == Some(key)).then(|| words.collect())
        })
    }

    /// The value of the first line `key name VALUE`.
    fn fact<'a>(&'a self, key: &'a str, name: &str) -> Option<&'a str> {
        self.truths(key).find_map(|words| match words.as_slice() {
            [first, value, ..] if *first == name => Some(*value),
            _ => None,
        })
    }

    /// Where the program said that `name` stands.
    pub fn address(&self, name: &str) -> Option<u64> {
        parse_hex(self.fact("address", name)?)
    }

    /// What the program said that `name` holds.
    pub fn value(&self, name: &str) -> Option<i64> {
        self.fact("value", name)?.parse().ok()
    }

    /// The threads and what each does: thread id as the kernel gives it, and the kind of wait.
    pub fn tids(&self) -> Vec<(u32, &str)> {
        self.truths("tid")
            .filter_map(|words| match words.as_slice() {
                [tid, kind, ..] => Some((tid.parse().ok()?, *kind)),
                _ => None,
            })
            .collect()
    }

    /// The object that a thread waits for.
    pub fn waits_for(&self, tid: u32) -> Option<u64> {
        parse_hex(self.fact("wait", &tid.to_string())?)
    }

    /// Functions of the program that stand on a thread's stack, innermost first.
    pub fn stack(&self, tid: u32) -> Vec<&str> {
        let tid = tid.to_string();
        self.truths("stack")
            .find_map(|words| match words.split_first() {
                Some((first, names)) if *first == tid => Some(names.to_vec()),
                _ => None,
            })
            .unwrap_or_default()
    }

    /// The address that the last signal was about (`si_addr`).
    pub fn fault(&self) -> Option<u64> {
        self.truths("fault").find_map(|words| parse_hex(words.first()?))
    }

    /// The lines of a Node case's output that are JSON objects (see `fixtures/src/js/truth.js`).
    pub fn json_lines(&self) -> impl Iterator<Item = &str> {
        self.stdout.lines().filter(|line| is_json(line))
    }

    /// What `%DebugPrint` printed of the value that a Node case calls `name`: the lines between
    /// `{"address":"NAME"}` and the next line that is JSON.
    pub fn debug_print(&self, name: &str) -> Vec<&str> {
        let head = format!("{{\"address\":\"{name}\"}}");
        let after = self.stdout.lines().skip_while(move |line| *line != head).skip(1);
        after.take_while(|line| !is_json(line)).collect()
    }

    /// The address, without its tag bit, that `%DebugPrint` printed of that value; `None` for a Smi.
    pub fn heap_address(&self, name: &str) -> Option<u64> {
        let first = self.debug_print(name).first()?.strip_prefix("DebugPrint: ")?;
        parse_hex(first.split(':').next()?).map(|tagged| tagged & !1)
    }
}

/// Whether a line is one of those that `fixtures/src/js/truth.js` prints.
fn is_json(line: &str) -> bool {
    line.starts_with("{\"")
}

/// `0x` and hex digits.
fn parse_hex(text: &str) -> Option<u64> {
    u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

/// Makes the fixture, or finds it made.
pub(crate) fn make(recipe: &'static Recipe) -> Result<Fixture, FixtureError> {
    let directory = cache::filled(recipe.name, &key(recipe)?, |dir| fill(recipe, dir))?;
    found_by(recipe, directory)
}

/// Makes the fixture in a directory.
pub(crate) fn make_in(recipe: &Recipe, directory: &Path) -> Result<Fixture, FixtureError> {
    fill(recipe, directory)?;
    found_by(recipe, directory.to_owned())
}

/// Follows the recipe.
fn fill(recipe: &Recipe, dir: &Path) -> Result<(), FixtureError> {
    let executable = dir.join(recipe.program());
    build(recipe, &executable, &[])?;
    let program = Path::new(".").join(recipe.program());
    let run = Run { stack_limit: recipe.stack_limit, ..Run::new(recipe.name, dir, &program, &[]) };
    let pid = match recipe.capture {
        Capture::Death(signal) => crash::die(&run, signal)?,
        Capture::Gcore => crash::copy_alive(&run)?,
    };
    write_pid(dir, pid)?;
    match recipe.afterwards {
        Afterwards::Keep => Ok(()),
        Afterwards::Delete => {
            fs::remove_file(&executable).map_err(FixtureError::io("remove", &executable))
        }
        Afterwards::Replace(flags) => build(recipe, &executable, flags),
    }
}

/// The fixture that a recipe put into a directory.
fn found_by(recipe: &Recipe, directory: PathBuf) -> Result<Fixture, FixtureError> {
    let signal = match recipe.capture {
        Capture::Death(signal) => Some(signal),
        Capture::Gcore => None,
    };
    found(recipe.name.to_owned(), directory.join(recipe.program()), directory, signal)
}

/// The committed program and core.
pub(crate) fn committed() -> Result<Fixture, FixtureError> {
    let directory = fixtures_dir();
    let truth = directory.join("example1.truth");
    let mut fixture = Fixture {
        name: "committed".to_owned(),
        executable: directory.join("example1"),
        core: directory.join("example1.core.zst"),
        signal: Some(libc::SIGSEGV),
        pid: 0,
        stdout: fs::read_to_string(&truth).map_err(FixtureError::io("read", &truth))?,
        directory,
    };
    fixture.pid = fixture.tids().first().map_or(0, |(tid, _)| *tid);
    Ok(fixture)
}

/// The recipe's source file.
fn source(recipe: &Recipe) -> PathBuf {
    fixtures_dir().join("src").join(recipe.source)
}

/// Notes the process's id beside its core.
pub(crate) fn write_pid(dir: &Path, pid: u32) -> Result<(), FixtureError> {
    let pid_file = dir.join("pid");
    fs::write(&pid_file, pid.to_string()).map_err(FixtureError::io("write", &pid_file))
}

/// The fixture that lies in a filled directory.
pub(crate) fn found(
    name: String,
    executable: PathBuf,
    directory: PathBuf,
    signal: Option<i32>,
) -> Result<Fixture, FixtureError> {
    let read = |file: &str| {
        let path = directory.join(file);
        fs::read_to_string(&path).map_err(FixtureError::io("read", path))
    };
    Ok(Fixture {
        name,
        executable,
        core: directory.join("core"),
        signal,
        pid: read("pid")?.trim().parse().unwrap_or_default(),
        stdout: read("stdout")?,
        directory,
    })
}

/// Everything that decides what the fixture looks like.
fn key(recipe: &Recipe) -> Result<String, FixtureError> {
    let source = source(recipe);
    let mut key = Key::new();
    key.add(recipe);
    key.add(recipe.language().version());
    for file in [&source, &source.with_file_name("truth.h")] {
        key.add(fs::read(file).map_err(FixtureError::io("read", file))?);
    }
    Ok(key.finish())
}

/// Compiles, and splits debug information off if the recipe says so.
fn build(recipe: &Recipe, executable: &Path, more: &[&str]) -> Result<(), FixtureError> {
    recipe.language().compile(&source(recipe), &[recipe.flags, more].concat(), executable)?;
    if recipe.split_debug {
        let debug = executable.with_extension("debug");
        run(Command::new("objcopy").arg("--only-keep-debug").arg(executable).arg(&debug))?;
        run(Command::new("strip").arg("--strip-all").arg(executable))?;
        // The link names the file without its directory, and holds the file's CRC.
        let link = format!("--add-gnu-debuglink={}", debug.display());
        run(Command::new("objcopy").arg(link).arg(executable))?;
    }
    Ok(())
}
