//! Shell commands before, between and after the stages of a pipe.

use crate::failure::Failure;
use crate::output::Sink;
use crate::session::Session;
use crate::sinks::WriterSink;
use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

fn shell_command(text: &str) -> Command {
    let shell = std::env::var_os("SHELL").unwrap_or_else(|| "/bin/sh".into());
    let mut command = Command::new(shell);
    command.arg("-c").arg(text);
    command
}

fn spawn(command: &mut Command) -> Result<Child, Failure> {
    command.spawn().map_err(|e| {
        let shell = command.get_program().to_string_lossy().into_owned();
        Failure::Abort(format!("cannot access {}: {e}", mdb_print::escape_text(&shell)))
    })
}

fn wait(child: &mut Child) -> Result<(), Failure> {
    // The status is the shell command's own affair, as in MDB.
    child.wait().map(drop).map_err(|e| Failure::Abort(format!("cannot wait for the shell: {e}")))
}

/// Runs a command with the terminal's own input and output.
pub(crate) fn run(text: &str) -> Result<(), Failure> {
    wait(&mut spawn(&mut shell_command(text))?)
}

/// Runs a command and gives each line of its output.
pub(crate) fn run_source_lines(
    session: &Session,
    text: &str,
    each: &mut dyn FnMut(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut child = spawn(shell_command(text).stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let result = match child.stdout.take() {
        Some(output) => each_line(session, output, each),
        None => Ok(()),
    };
    if result.is_err() {
        // The pipe is closed on our side by now; the command gets SIGPIPE when it writes on.
        let _ = child.kill();
    }
    wait(&mut child)?;
    result
}

fn each_line(
    session: &Session,
    output: impl Read,
    each: &mut dyn FnMut(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut reader = BufReader::new(output);
    let mut line = Vec::new();
    loop {
        if session.interrupt().is_raised() {
            return Err(Failure::Interrupted);
        }
        line.clear();
        match reader.read_until(b'\n', &mut line) {
            Ok(0) => return Ok(()),
            Ok(_) => each(String::from_utf8_lossy(&line).trim_end_matches('\n'))?,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(Failure::Abort(format!("cannot read from the shell: {e}"))),
        }
    }
}

/// `! command` at the end: gets the output that a person (or with `--json` a program) would see.
pub(crate) struct ShellTailSink {
    child: Child,
    input: WriterSink,
}

impl ShellTailSink {
    pub(crate) fn spawn(session: &Session, text: &str, source: bool) -> Result<Self, Failure> {
        session.flush();
        let mut command = shell_command(text);
        command.stdin(Stdio::piped());
        if source {
            command.stdout(Stdio::piped());
        }
        let mut child = spawn(&mut command)?;
        let input: Box<dyn Write> = match child.stdin.take() {
            Some(input) => Box::new(input),
            None => Box::new(std::io::sink()),
        };
        Ok(Self { child, input: WriterSink::new(input, session.is_json()) })
    }

    /// Closes its input and waits. Gives what a `!<` command printed.
    pub(crate) fn finish(self, session: &Session) -> Result<String, Failure> {
        let Self { mut child, input } = self;
        drop(input);
        let mut commands = String::new();
        let read = match child.stdout.take() {
            Some(output) => each_line(session, output, &mut |line| {
                commands.push_str(line);
                commands.push('\n');
                Ok(())
            }),
            None => Ok(()),
        };
        wait(&mut child)?;
        read.map(|()| commands)
    }

    /// What the command reads. `! head -1` closes it when it has what it wanted.
    pub(crate) fn sink(&self) -> &dyn Sink {
        &self.input
    }
}

/// `A ! 'command' | B`: gets the text of A; each line of its output is a value for B.
pub(crate) struct ShellFilter {
    child: RefCell<Child>,
    input: RefCell<Option<ChildStdin>>,
    lines: Receiver<String>,
}

impl ShellFilter {
    pub(crate) fn spawn(session: &Session, text: &str) -> Result<Self, Failure> {
        session.flush();
        let mut child = spawn(shell_command(text).stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        let input = child.stdin.take();
        let (sender, lines) = channel();
        if let Some(output) = child.stdout.take() {
            std::thread::spawn(move || read_lines(output, &sender));
        }
        Ok(Self { child: RefCell::new(child), input: RefCell::new(input), lines })
    }

    pub(crate) fn write(&self, text: &str) -> Result<(), Failure> {
        match self.input.borrow_mut().as_mut().map(|i| i.write_all(text.as_bytes())) {
            Some(Ok(())) => Ok(()),
            Some(Err(_)) | None => Err(Failure::Closed),
        }
    }

    /// Gives on the lines that have come.
    pub(crate) fn drain(
        &self,
        each: &mut dyn FnMut(&str) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        while let Ok(line) = self.lines.try_recv() {
            each(&line)?;
        }
        Ok(())
    }

    /// Closes the command's input and gives on the rest of its output.
    pub(crate) fn finish(
        &self,
        each: &mut dyn FnMut(&str) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        drop(self.input.take());
        let mut result = Ok(());
        loop {
            match self.lines.recv_timeout(Duration::from_millis(100)) {
                Ok(line) if result.is_ok() => result = each(&line),
                Ok(_) => {}
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {}
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
            }
            if result.is_err() {
                let _ = self.child.borrow_mut().kill();
            }
        }
        wait(&mut self.child.borrow_mut())?;
        result
    }
}

fn read_lines(output: impl Read, sender: &Sender<String>) {
    for line in BufReader::new(output).split(b'\n') {
        let Ok(line) = line else { return };
        if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
            return;
        }
    }
}
