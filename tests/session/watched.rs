//! Runs that are watched: how the program ended, how much memory it took, what it prints while it
//! runs.

use super::Mdb;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, ChildStdout, ExitStatus, Stdio};
use std::thread::JoinHandle;

/// After so many seconds the kernel ends the program by SIGALRM: far beyond what any run takes.
const BOUND: libc::c_uint = 240;

/// What a watched run left.
#[derive(Debug)]
pub struct Watched {
    /// Standard output. Bytes that are no UTF-8 are replaced.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// How it ended.
    pub status: ExitStatus,
    /// The most memory that was resident at once, in bytes.
    pub peak: u64,
}

/// A program that runs.
#[derive(Debug)]
pub struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: JoinHandle<String>,
}

impl Mdb {
    /// Runs commands, each by an `-e` of its own.
    pub fn watched(&self, commands: &[&str]) -> Watched {
        let mut with_commands = self.clone();
        for text in commands {
            with_commands = with_commands.word("-e").word(text);
        }
        with_commands.start().end()
    }

    /// Starts it, to be talked to on standard input.
    pub fn start(&self) -> Running {
        let mut command = self.command();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // SAFETY: alarm(2) is async-signal-safe; the pending alarm lasts over execve(2).
        unsafe {
            command.pre_exec(|| {
                libc::alarm(BOUND);
                Ok(())
            });
        }
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let stderr = drain(child.stderr.take().unwrap());
        Running { child, stdout, stderr }
    }
}

impl Running {
    /// Writes to its standard input.
    pub fn say(&mut self, text: &str) {
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(text.as_bytes()).unwrap();
        stdin.flush().unwrap();
    }

    /// Waits for its next line.
    pub fn hear(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    /// Sends it a signal.
    pub fn signal(&self, number: libc::c_int) {
        // SAFETY: no memory is involved; the child was not waited for, so its id is still its own.
        let sent = unsafe { libc::kill(self.child.id() as libc::pid_t, number) };
        assert_eq!(sent, 0);
    }

    /// Waits for its end, with what it says until then.
    pub fn end(mut self) -> Watched {
        drop(self.child.stdin.take());
        let stdout = drain(self.stdout);
        let mut status = 0;
        // SAFETY: all bytes zero are a value of this plain structure.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        let id = self.child.id() as libc::pid_t;
        // SAFETY: both point to live variables; the child was not waited for yet.
        let waited = unsafe { libc::wait4(id, &raw mut status, 0, &raw mut usage) };
        assert_eq!(waited, id);
        Watched {
            stdout: stdout.join().unwrap(),
            stderr: self.stderr.join().unwrap(),
            status: ExitStatus::from_raw(status),
            // Linux counts in KiB (getrusage(2)).
            peak: usage.ru_maxrss as u64 * 1024,
        }
    }
}

fn drain(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

impl Watched {
    /// What is wrong with the run, whatever it was asked: a signal, a panic, or control characters
    /// (a target must not drive the terminal).
    pub fn faults(&self) -> Option<String> {
        if self.status.code().is_none() {
            return Some(format!("ended by a signal: {}: {}", self.status, self.stderr));
        }
        if let Some(line) = self.stderr.lines().find(|l| l.contains("panicked")) {
            return Some(line.to_owned());
        }
        let odd = |c: &char| c.is_control() && !matches!(c, '\n' | '\t');
        for text in [&self.stdout, &self.stderr] {
            if let Some(line) = text.lines().find(|line| line.chars().any(|c| odd(&c))) {
                return Some(format!("control characters in {line:?}"));
            }
        }
        None
    }

    /// Fails the test if the run has [`Self::faults`].
    #[track_caller]
    pub fn assert_sound(&self) -> &Self {
        if let Some(fault) = self.faults() {
            panic!("{fault}\n{self:#?}");
        }
        self
    }
}
