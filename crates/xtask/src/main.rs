//! The tasks of the workspace, as `cargo xtask TASK`; without a task it lists them.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a task talks to the terminal")]

mod bench;
mod ci;
mod demo;
mod header;
mod install;
mod layers;
mod licences;
mod metadata;
mod reference;
mod run;
mod sources;
mod unused_deps;
mod v8_tables;

use std::env;
use std::process::ExitCode;

use run::TaskResult;

/// Name, what it does, the function.
type Task = (&'static str, &'static str, fn(&[String]) -> TaskResult);

const TASKS: &[Task] = &[
    ("demo", "build everything, crash the classic example, debug its core", demo::demo),
    ("ci", "all checks and all tests, as .ci/run does", ci::ci),
    ("fmt", "check the formatting", ci::fmt),
    ("clippy", "lint all targets, warnings are errors", ci::clippy),
    ("check-layers", "the dependency rules of docs/developers/architecture.md", layers::check),
    ("licences", "licences of everything that ships", licences::check),
    ("unused-deps", "dependencies that no source names", unused_deps::check),
    ("rustdoc", "build the documentation of the code, warnings are errors", ci::rustdoc),
    ("docs", "write docs/reference from the program; --check: is it up to date?", reference::docs),
    ("header", "write the C header of the dmod ABI; --check: is it up to date?", header::header),
    (
        "v8-tables",
        "write dmods/v8/tables from Node programs; --check; --diff OLD NEW",
        v8_tables::v8_tables,
    ),
    ("test", "all tests", ci::test),
    ("bench", "speed and memory beside other debuggers", bench::bench),
    ("install", "--prefix DIR: DIR/bin/mdb, DIR/lib/mdb/dmods, DIR/include", install::install),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        list();
        return ExitCode::from(2);
    };
    let Some((_, _, task)) = TASKS.iter().find(|(known, _, _)| known == name) else {
        eprintln!("xtask: no task is called '{name}'");
        list();
        return ExitCode::from(2);
    };
    match task(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {name}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn list() {
    eprintln!("usage: cargo xtask TASK");
    for (name, about, _) in TASKS {
        eprintln!("  {name:<14}{about}");
    }
}
