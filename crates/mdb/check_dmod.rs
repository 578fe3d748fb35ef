//! `--check-dmod FILE`: what a dmod is, and what is wrong with it.
//!
//! Its note is read here. It is opened in a child process ([`crate::check_dmod_child`]), since
//! opening runs its constructors: one that crashes or hangs is a sentence, too.

use crate::check_dmod_child::Report;
use mdb_dmod_host::{DmodNote, Trigger, abi, open_file};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How long the child may be silent: opening a good dmod takes a millisecond, and an example of its
/// help should not take long.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the child is looked at.
const MOMENT: Duration = Duration::from_millis(10);

/// Checks a dmod; gives the exit status.
pub(crate) fn check(path: &Path, directories: &[PathBuf]) -> u8 {
    let mut findings = Findings { path, errors: 0, warnings: 0 };
    match open_file(path) {
        Ok(file) => {
            say(&path.display().to_string());
            if let Err(error) = file.note.check_version(&path.display().to_string()) {
                findings.error(&error.to_string());
            } else {
                describe_note(&file.note, &mut findings);
                in_a_child(&file.path, directories, &mut findings);
            }
        }
        Err(error) => findings.error(&error.to_string()),
    }
    findings.conclude()
}

/// A line of the answer.
fn say(text: &str) {
    // Whoever reads may be gone; the exit status remains.
    let _ = writeln!(io::stdout(), "{}", mdb_print::escape_lines(text));
}

/// What was found, told as it is found.
struct Findings<'a> {
    path: &'a Path,
    errors: u32,
    warnings: u32,
}

impl Findings<'_> {
    fn error(&mut self, text: &str) {
        self.errors += 1;
        say(&format!("error: {text}"));
    }

    fn warn(&mut self, text: &str) {
        self.warnings += 1;
        say(&format!("warning: {text}"));
    }

    fn conclude(&self) -> u8 {
        let counted = |n: u32, what: &str| match n {
            1 => format!("1 {what}"),
            _ => format!("{n} {what}s"),
        };
        let (errors, warnings) = (counted(self.errors, "error"), counted(self.warnings, "warning"));
        say(&format!("{errors}, {warnings}"));
        u8::from(self.errors > 0)
    }
}

fn describe_note(note: &DmodNote, findings: &mut Findings<'_>) {
    say(&format!("  name        {}", note.name));
    let triggers: Vec<String> = note.triggers.iter().map(written).collect();
    let triggers = if triggers.is_empty() {
        "never by itself; by ::load".to_owned()
    } else {
        triggers.join(" ")
    };
    say(&format!("  loads       {triggers}"));
    for trigger in &note.triggers {
        if let Trigger::Unknown(text) = trigger {
            findings.warn(&format!("this mdb does not know the trigger '{text}': it is never met"));
        }
    }
    if note.version.is_empty() {
        findings.warn("its note has no version=");
    }
    let is_library = findings.path.extension().is_some_and(|extension| extension == "so");
    if !is_library {
        findings.warn("mdb looks for files that end in .so");
    }
}

/// As it stands in the note.
fn written(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Always => "always".to_owned(),
        Trigger::Object(glob) => format!("object:{glob}"),
        Trigger::Symbol(name) => format!("symbol:{name}"),
        Trigger::SymbolPrefix(prefix) => format!("symbol:{prefix}*"),
        Trigger::Section(name) => format!("section:{name}"),
        Trigger::Note(owner) => format!("note:{owner}"),
        Trigger::Unknown(text) => text.clone(),
    }
}

/// Opens it in a child, and says what that says or how it ended.
fn in_a_child(path: &Path, directories: &[PathBuf], findings: &mut Findings<'_>) {
    // The running program, even if its file was replaced meanwhile.
    let mut command = Command::new("/proc/self/exe");
    for directory in directories {
        command.arg("-L").arg(directory);
    }
    command.arg("--check-dmod-here").arg("--check-dmod").arg(path);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return findings.error(&format!("cannot start another mdb: {error}")),
    };
    let reports = match child.stdout.take() {
        Some(stdout) => listen(stdout),
        None => return findings.error("cannot listen to another mdb"),
    };
    let mut doing = String::from("while mdb started");
    let mut silent_since = Instant::now();
    loop {
        match reports.recv_timeout(MOMENT) {
            Ok(Report::Begin(what)) => doing = what,
            Ok(Report::Say(text)) => say(&text),
            Ok(Report::Warn(text)) => findings.warn(&text),
            Ok(Report::Error(text)) => findings.error(&text),
            // It may hang in a destructor afterwards: whoever has it loaded does not see that.
            Ok(Report::Done) => break,
            Err(RecvTimeoutError::Timeout) if silent_since.elapsed() > PATIENCE => {
                let seconds = PATIENCE.as_secs();
                findings.error(&format!(
                    "{}: it hangs {doing}: stopped after {seconds} s",
                    findings.path.display()
                ));
                break;
            }
            Err(RecvTimeoutError::Timeout) => continue,
            // The reports have ended, and the child with them or soon.
            Err(RecvTimeoutError::Disconnected) => {
                let ended = wait(&mut child, silent_since);
                findings.error(&format!("{}: {} {doing}", findings.path.display(), ended));
                break;
            }
        }
        silent_since = Instant::now();
    }
    // Nothing is left of it that could be waited for long.
    let _ = child.kill();
    let _ = child.wait();
}

/// How the child ended, which it has nearly done.
fn wait(child: &mut std::process::Child, since: Instant) -> String {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return ended(status),
            Ok(None) if since.elapsed() > PATIENCE => return "it closed mdb's files".to_owned(),
            Ok(None) => std::thread::sleep(MOMENT),
            Err(error) => return format!("it is lost ({error})"),
        }
    }
}

fn ended(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        // `signal: 11 (SIGSEGV)`
        (Some(_), _) => {
            let text = status.to_string();
            let name = text.split(['(', ')']).nth(1).unwrap_or(&text).to_owned();
            format!("it crashed with {name}")
        }
        (None, Some(code)) => format!("it ended mdb with exit status {code}"),
        (None, None) => "it ended mdb".to_owned(),
    }
}

/// The reports of the child, until it closes its side.
fn listen(stdout: std::process::ChildStdout) -> Receiver<Report> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines() {
            let Ok(line) = line else { break };
            let Some(report) = Report::parse(&line) else { continue };
            if sender.send(report).is_err() {
                break;
            }
        }
    });
    receiver
}

/// Of a version of the ABI, as people write it.
pub(crate) fn version((major, minor): (u16, u16)) -> String {
    let ours = (abi::ABI_MAJOR, abi::ABI_MINOR);
    if (major, minor) == ours {
        format!("{major}.{minor}")
    } else {
        format!("{major}.{minor} (this mdb has {}.{})", ours.0, ours.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_named() {
        assert_eq!(ended(ExitStatus::from_raw(11)), "it crashed with SIGSEGV");
        assert_eq!(ended(ExitStatus::from_raw(6 | 0x80)), "it crashed with SIGABRT");
        assert_eq!(ended(ExitStatus::from_raw(3 << 8)), "it ended mdb with exit status 3");
    }

    #[test]
    fn triggers_are_shown_as_they_were_written() {
        for text in ["always", "object:libx.so*", "symbol:a", "symbol:a*", "note:GNU", "moon:full"]
        {
            assert_eq!(written(&Trigger::parse(text)), text);
        }
    }
}
