//! Running the program that was built.
#![allow(dead_code, reason = "each test file uses a part")]

mod terminal;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

#[allow(unused_imports, reason = "each test file uses a part")]
pub(crate) use terminal::Terminal;

const MDB: &str = env!("CARGO_BIN_EXE_mdb");

/// The program, with nothing of the user's surroundings and nothing on standard input.
pub(crate) fn mdb() -> Command {
    clean(Command::new(MDB))
}

/// As [`mdb`], and if it crashes it leaves no core.
pub(crate) fn without_cores() -> Command {
    let mut command = clean(Command::new("sh"));
    command.args(["-c", "ulimit -c 0; exec \"$0\" \"$@\"", MDB]);
    command
}

fn clean(mut command: Command) -> Command {
    for name in
        ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "NO_COLOR", "MDB_DMOD_PATH", "COLUMNS"]
    {
        command.env_remove(name);
    }
    command.env("SHELL", "/bin/sh").env("TZ", "UTC").stdin(Stdio::null());
    command
}

/// How it ended, and what it printed.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn of(command: &mut Command) -> Self {
        command.output().unwrap().into()
    }

    pub(crate) fn with_input(command: &mut Command, input: &str) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let input = input.to_owned();
        // It may end before it has read everything.
        let writer = std::thread::spawn(move || drop(pipe.write_all(input.as_bytes())));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        output.into()
    }

    /// Standard output with one blank between words.
    pub(crate) fn words(&self) -> String {
        self.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A directory that goes away with the test.
pub(crate) struct TempDir {
    pub(crate) path: PathBuf,
}

impl TempDir {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mdb-{name}-{}", std::process::id()));
        // Of a test that was killed.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self { path }
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}
