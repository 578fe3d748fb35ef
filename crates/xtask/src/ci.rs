//! `ci`: all checks and all tests, stopping at the first that fails.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::process::Command;
use std::time::Instant;

use mdb_fixtures::skipped_log;

use crate::run::{TaskResult, cargo, has_subcommand, must, shown};
use crate::{header, layers, licences, reference, unused_deps};

pub(crate) fn ci(arguments: &[String]) -> TaskResult {
    step("formatting", || fmt(arguments))?;
    step("layers", || layers::check(arguments))?;
    step("licences", || licences::check(arguments))?;
    step("unused dependencies", || unused_deps::check(arguments))?;
    step("header", || header::header(&["--check".to_owned()]))?;
    step("clippy", || clippy(arguments))?;
    step("rustdoc", || rustdoc(arguments))?;
    step("docs", || reference::docs(&["--check".to_owned()]))?;
    step("tests", || test(arguments))
}

/// Says which step begins and how long it took.
fn step(name: &str, run: impl FnOnce() -> TaskResult) -> TaskResult {
    println!("==> {name}");
    let start = Instant::now();
    run().map_err(|error| format!("step '{name}': {error}"))?;
    // The tests' own summary is to be last.
    if name != "tests" {
        println!("    {name}: good, {:.1} s", start.elapsed().as_secs_f64());
    }
    Ok(())
}

pub(crate) fn fmt(_: &[String]) -> TaskResult {
    must(cargo().args(["fmt", "--all", "--check"]))
}

pub(crate) fn clippy(_: &[String]) -> TaskResult {
    let arguments = ["clippy", "--workspace", "--all-targets", "--all-features"];
    must(cargo().args(arguments).args(["--", "-D", "warnings"]))
}

pub(crate) fn rustdoc(_: &[String]) -> TaskResult {
    must(cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-Dwarnings"))
}

/// What test runners counted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
}

pub(crate) fn test(_: &[String]) -> TaskResult {
    let log = skipped_log();
    if log.exists() {
        fs::remove_file(&log)?;
    }
    // Builds the program and the dmods that the tests open beside it: no test depends on those.
    must(cargo().args(["build", "--workspace"]))?;
    let mut runs = Vec::new();
    let mut add = |arguments: &[&str]| {
        let mut command = cargo();
        command.args(arguments);
        runs.push(command);
    };
    if has_subcommand("nextest") {
        add(&["nextest", "run", "--workspace"]);
        add(&["test", "--doc", "--workspace"]);
        // With the dmods linked in instead of loaded.
        add(&[
            "nextest",
            "run",
            "--package",
            "mdb",
            "--features",
            "builtin-dmods",
            "--no-tests=pass",
        ]);
    } else {
        println!("cargo-nextest is not installed: cargo test runs the tests");
        add(&["test", "--workspace", "--no-fail-fast"]);
        add(&["test", "--package", "mdb", "--features", "builtin-dmods", "--no-fail-fast"]);
    }
    let mut counts = Counts::default();
    let mut good = true;
    for command in &mut runs {
        println!("--> {}", shown(command));
        good &= run_tests(command, &mut counts)?;
        if !good {
            break;
        }
    }
    let skips = fs::read_to_string(&log).unwrap_or_default();
    if !skips.is_empty() {
        println!("\nskipped, because this machine lacks something:");
        for line in skips.lines() {
            println!("  {line}");
        }
        // A test that skipped has returned, so its runner counted it as passed.
        let early = skips.lines().count() as u64;
        counts.passed = counts.passed.saturating_sub(early);
        counts.skipped += early;
    }
    println!("\n{} passed, {} failed, {} skipped", counts.passed, counts.failed, counts.skipped);
    if good { Ok(()) } else { Err("tests failed".into()) }
}

/// Runs a test runner, shows what it says and adds its counts. Whether all went well.
fn run_tests(command: &mut Command, counts: &mut Counts) -> TaskResult<bool> {
    let (reader, writer) = io::pipe()?;
    let mut child = command.stdout(writer.try_clone()?).stderr(writer).spawn()?;
    // The command holds our ends of the pipe: reading ends only when they are closed.
    command.stdout(io::stdout()).stderr(io::stderr());
    for line in BufReader::new(reader).lines() {
        let line = line?;
        println!("{line}");
        count(&line, counts);
    }
    Ok(child.wait()?.success())
}

/// Adds the counts of a summary line of libtest or nextest.
fn count(line: &str, counts: &mut Counts) {
    let line = line.trim_start();
    if !line.starts_with("test result: ") && !line.starts_with("Summary [") {
        return;
    }
    let words: Vec<&str> =
        line.split([' ', ',', ';', ':', '.']).filter(|w| !w.is_empty()).collect();
    for pair in words.windows(2) {
        let [number, what] = pair else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        match *what {
            "passed" => counts.passed += number,
            "failed" => counts.failed += number,
            // nextest's "skipped" are tests that filters exclude, like libtest's ignored ones.
            "ignored" | "skipped" => counts.skipped += number,
            "timed" | "exec" => counts.failed += number,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_counted() {
        let mut counts = Counts::default();
        count(
            "test result: ok. 3 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out",
            &mut counts,
        );
        count("     Summary [   0.205s] 12 tests run: 10 passed, 2 failed, 4 skipped", &mut counts);
        count("5 passed", &mut counts);
        assert_eq!(counts, Counts { passed: 13, failed: 3, skipped: 6 });
    }
}
