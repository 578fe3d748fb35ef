//! Runs the built program on a target, as a user or a script would.
//!
//! ```ignore
//! let fixture = mdb_fixtures::fixture("threads3")?;
//! let output = Mdb::on(&fixture.core).run(&["::walk thread | ::count"]);
//! assert_eq!(output.good(), "3\n");
//! ```
//!
//! Each test file that says `mod session;` has a copy of its own, and none uses all of it.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod watched;

use std::ffi::{OsStr, OsString};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[allow(unused_imports, reason = "each test file uses a part of it")]
pub use watched::{Running, Watched};

/// A command line of the program, to be run as often as wanted.
#[derive(Debug, Clone)]
pub struct Mdb {
    words: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    directory: Option<PathBuf>,
}

/// What one run of the program left behind.
#[derive(Debug, Clone)]
pub struct Output {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The exit status; `None` if a signal ended the program.
    pub status: Option<i32>,
}

impl Mdb {
    /// Without a target: expressions only.
    pub fn alone() -> Self {
        let mut words = vec![OsString::from("-S")];
        if !cfg!(feature = "builtin-dmods") {
            words.push("-L".into());
            words.push(dmod_directory().into());
        }
        Self { words, environment: Vec::new(), directory: None }
    }

    /// On a core (or another file).
    pub fn on(core: impl AsRef<OsStr>) -> Self {
        Self::alone().word(core)
    }

    /// One more word of the command line: an option, its value, a file.
    #[must_use]
    pub fn word(mut self, word: impl AsRef<OsStr>) -> Self {
        self.words.push(word.as_ref().to_owned());
        self
    }

    /// A variable of the environment. The program gets few others: no home, no configuration.
    #[must_use]
    pub fn variable(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// The directory that the program runs in.
    #[must_use]
    pub fn in_directory(mut self, directory: impl AsRef<Path>) -> Self {
        self.directory = Some(directory.as_ref().to_owned());
        self
    }

    /// Runs commands, each by an `-e` of its own.
    pub fn run(&self, commands: &[&str]) -> Output {
        let mut command = self.command();
        for text in commands {
            command.arg("-e").arg(text);
        }
        finish(command, "")
    }

    /// Runs a script on standard input.
    pub fn script(&self, text: &str) -> Output {
        finish(self.command(), text)
    }

    /// Runs a script on standard input, and gives what each line printed on standard output and
    /// standard error, in the order in which a person sees it. Errors are as they are at the
    /// prompt: without the line of the script.
    pub fn conversation(&self, lines: &[&str]) -> Vec<String> {
        const MARK: &str = "--8<-- the next line";
        // What opening the target says is not asked for here.
        let mut script = format!("::echo '{MARK}'\n");
        for line in lines {
            script.push_str(&format!("{line}\n::echo '{MARK}'\n"));
        }
        let (mut reader, writer) = std::io::pipe().unwrap();
        let mut command = self.command();
        command.stdin(Stdio::piped()).stderr(writer.try_clone().unwrap()).stdout(writer);
        let mut child = command.spawn().unwrap();
        // The command holds our ends of the pipe: reading ends only when they are closed.
        drop(command);
        let mut stdin = child.stdin.take().unwrap();
        let writing = std::thread::spawn(move || stdin.write_all(script.as_bytes()));
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).unwrap();
        // `::quit` in the middle closes the pipe.
        let _ = writing.join().unwrap();
        child.wait().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let mut answers: Vec<String> =
            text.split(&format!("{MARK}\n")).skip(1).map(without_script_places).collect();
        // Nothing follows the last mark, unless the program ended early.
        if answers.last().is_some_and(String::is_empty) {
            answers.pop();
        }
        answers
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mdb"));
        command.env_clear();
        for kept in ["PATH", "LD_LIBRARY_PATH", "TMPDIR"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        command
            .env("SHELL", "/bin/sh")
            .env("TZ", "UTC")
            .env("LC_ALL", "C.UTF-8")
            .env("TERM", "dumb");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        command.args(&self.words);
        command
    }
}

impl Output {
    /// The lines of standard output, with one blank where there are more and none at the ends.
    pub fn lines(&self) -> Vec<String> {
        self.stdout.lines().map(collapse).collect()
    }

    /// The first line of standard error without the place in a script, as the language reference
    /// compares errors.
    pub fn complaint(&self) -> &str {
        let line = self.stderr.lines().next().unwrap_or_default();
        let line = line.strip_prefix("mdb: ").unwrap_or(line);
        [" near ", " on line "]
            .iter()
            .fold(line, |line, mark| line.split(mark).next().unwrap_or(line))
    }

    /// Standard output of a run in which nothing failed.
    #[track_caller]
    pub fn good(&self) -> &str {
        assert!(self.status == Some(0) && self.stderr.is_empty(), "{self:#?}");
        &self.stdout
    }

    /// Standard error of a run that failed, and said so by its exit status.
    #[track_caller]
    pub fn bad(&self) -> &str {
        assert!(self.status == Some(1) && !self.stderr.is_empty(), "{self:#?}");
        &self.stderr
    }

    /// The rows that `--json` printed in a run in which nothing failed.
    #[track_caller]
    pub fn rows(&self) -> Vec<serde_json::Value> {
        let parse = |line| match serde_json::from_str(line) {
            Ok(row) => row,
            Err(error) => panic!("no JSON: {error}: {line}"),
        };
        self.good().lines().map(parse).collect()
    }
}

/// Runs a line of a shell in a directory, with the built `mdb` as the first one on the path. Gives
/// standard output and standard error, in the order in which a person sees them.
pub fn shell(line: &str, directory: &Path) -> String {
    shell_with(line, directory, &[])
}

/// As [`shell`], with more variables of the environment.
pub fn shell_with(line: &str, directory: &Path, environment: &[(&str, OsString)]) -> String {
    let programs = Path::new(env!("CARGO_BIN_EXE_mdb")).parent().unwrap();
    let others = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(
        std::iter::once(programs.to_owned()).chain(std::env::split_paths(&others)),
    );
    // In the program's directory are its dmods, and it looks there.
    let mut command = Command::new("sh");
    command.env_clear().env("PATH", path.unwrap()).env("TERM", "dumb").env("TZ", "UTC");
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    command.arg("-c").arg(format!("exec 2>&1\n{line}")).current_dir(directory);
    finish(command, "").stdout
}

/// Where `cargo build --workspace` puts the dmods: beside the program.
fn dmod_directory() -> PathBuf {
    let directory = Path::new(env!("CARGO_BIN_EXE_mdb")).parent().unwrap().to_owned();
    for name in ["native", "stacks", "v8"] {
        let file = directory.join(format!("lib{name}.so"));
        assert!(
            file.exists(),
            "{} is missing: `cargo build --workspace` builds it, `cargo xtask test` does so first",
            file.display()
        );
    }
    directory
}

/// One blank where there are more, and none at the ends.
pub fn collapse(line: &str) -> String {
    line.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

fn finish(mut command: Command, stdin: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut to_child = child.stdin.take().unwrap();
    let script = stdin.to_owned();
    let writing = std::thread::spawn(move || to_child.write_all(script.as_bytes()));
    let output = child.wait_with_output().unwrap();
    // The program need not read it all.
    let _ = writing.join().unwrap();
    Output {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        status: output.status.code(),
    }
}

/// Takes `on line 3 of (stdin)` out of errors.
fn without_script_places(text: &str) -> String {
    let mut without = String::new();
    for line in text.split_inclusive('\n') {
        match line.split_once(" on line ") {
            Some((before, after))
                if before.starts_with("mdb: ") && after.ends_with(" of (stdin)\n") =>
            {
                without.push_str(before);
                without.push('\n');
            }
            _ => without.push_str(line),
        }
    }
    without
}
