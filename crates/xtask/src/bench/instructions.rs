//! Instructions as callgrind counts them: the same number in every run on one machine, so small
//! changes show that the clock hides.
//!
//! The counts depend on the compiler, on libc and on the fixtures that this machine made. The
//! committed table is therefore compared only where its first line fits; elsewhere write one
//! with `--write`, change something, and compare.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use mdb_fixtures::workspace_dir;

use super::cases::Case;
use super::tools::Tool;
use crate::run::TaskResult;

/// By how much a count may differ from the table, in per cent.
const TOLERANCE: f64 = 3.0;

fn table_file() -> PathBuf {
    workspace_dir().join("docs/developers/bench-instructions.txt")
}

/// Counts the instructions of mdb in all cases, and compares with the table or writes it.
pub(super) fn count(mdb: &Path, cases: &[Case], write: bool) -> TaskResult {
    let machine = machine()?;
    let old = fs::read_to_string(table_file()).unwrap_or_default();
    let comparable = old.lines().next() == Some(machine.as_str());
    if !comparable && !write {
        println!("there is no table of this compiler and libc to compare with");
    }
    let mut table = format!("{machine}\n");
    let mut worse = Vec::new();
    for case in cases {
        for (label, command) in case.commands(&Tool::mdb(mdb)) {
            let name = format!("{} {label}", case.name);
            let counted = callgrind(&command)?;
            table.push_str(&format!("{name}: {counted}\n"));
            let before = comparable.then(|| lookup(&old, &name)).flatten();
            let Some(before) = before else {
                println!("{name}: {counted}");
                continue;
            };
            let change = (counted as f64 / before as f64 - 1.0) * 100.0;
            println!("{name}: {counted}, {change:+.2} % from {before}");
            if change > TOLERANCE {
                worse.push(name);
            }
        }
    }
    if write {
        fs::write(table_file(), table)?;
        return Ok(());
    }
    if worse.is_empty() {
        return Ok(());
    }
    Err(format!("more than {TOLERANCE} % more instructions: {}", worse.join(", ")).into())
}

/// What the counts depend on.
fn machine() -> TaskResult<String> {
    let first_line = |program: &str, argument: &str| -> TaskResult<String> {
        let output = Command::new(program).arg(argument).output();
        let output = output.map_err(|error| format!("{program} {argument}: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(text.lines().next().unwrap_or_default().to_owned())
    };
    Ok(format!("# {}; {}", first_line("rustc", "--version")?, first_line("ldd", "--version")?))
}

fn lookup(table: &str, name: &str) -> Option<u64> {
    let mut lines = table.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(known, _)| *known == name)?.1.parse().ok()
}

/// Runs a command under callgrind, which says `Collected : N` at the end.
fn callgrind(command: &Command) -> TaskResult<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(command.get_program()).args(command.get_args());
    // The same environment every time: its size moves the stack.
    valgrind.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8");
    valgrind.env("HOME", "/nonexistent").stdin(Stdio::null()).stdout(Stdio::null());
    let output = valgrind
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| format!("valgrind: {error} (it is in the package valgrind)"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    let collected = text.lines().find_map(|line| line.split_once("Collected : "));
    let number = collected.and_then(|(_, rest)| rest.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| format!("callgrind says no number: {text}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_table() {
        let table = "# rustc 1\nsmallest mdb: 12\nthreads mdb --json: 34\n";
        assert_eq!(lookup(table, "threads mdb --json"), Some(34));
        assert_eq!(lookup(table, "threads mdb"), None);
    }
}
