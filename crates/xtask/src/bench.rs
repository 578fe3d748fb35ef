//! `bench`: speed and memory beside other debuggers.
//!
//! Whole processes are measured, start-up included, in turns (mdb, gdb, eu-stack, mdb, ...), so
//! that a busy machine is equally bad for all. Ratios of one run say more than milliseconds.

mod border;
mod cases;
mod goals;
mod instructions;
mod measure;
mod report;
mod tools;

use std::time::Duration;

use cases::Case;
use measure::Job;
use report::Row;
use tools::Tool;

use crate::install::build_release;
use crate::metadata::Metadata;
use crate::run::TaskResult;

const USAGE: &str = "usage: cargo xtask bench [--runs N] [--case NAME]... [--no-peers] \
                     [--instructions [--write]]";

/// A tool that took so long for one case in all is not run again for it.
const PATIENCE: Duration = Duration::from_secs(8);

/// What the command line asks for.
struct Wanted {
    runs: u32,
    cases: Vec<String>,
    peers: bool,
    instructions: bool,
    write: bool,
}

impl Wanted {
    fn parse(arguments: &[String]) -> TaskResult<Self> {
        let mut wanted =
            Self { runs: 15, cases: vec![], peers: true, instructions: false, write: false };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(USAGE);
            match word.as_str() {
                "--runs" => wanted.runs = value()?.parse().map_err(|_| USAGE)?,
                "--case" => wanted.cases.push(value()?.clone()),
                "--no-peers" => wanted.peers = false,
                "--instructions" => wanted.instructions = true,
                "--write" => wanted.write = true,
                _ => return Err(USAGE.into()),
            }
        }
        if wanted.runs == 0 || (wanted.write && !wanted.instructions) {
            return Err(USAGE.into());
        }
        Ok(wanted)
    }

    fn takes(&self, case: &Case) -> bool {
        self.cases.is_empty() || self.cases.iter().any(|wanted| case.is(wanted))
    }

    fn takes_border(&self) -> bool {
        self.cases.is_empty() || self.cases.iter().any(|wanted| wanted == "abi")
    }
}

pub(crate) fn bench(arguments: &[String]) -> TaskResult {
    let wanted = Wanted::parse(arguments)?;
    let metadata = Metadata::read()?;
    let mdb = build_release(&metadata)?.join("mdb");
    let (cases, missing) = cases::all();
    for why in missing {
        println!("not measured: {why}");
    }
    let cases: Vec<Case> = cases.into_iter().filter(|case| wanted.takes(case)).collect();
    let abi = !wanted.instructions && wanted.takes_border();
    if cases.is_empty() && !abi {
        return Err("no case is left to measure".into());
    }
    if wanted.instructions {
        return instructions::count(&mdb, &cases, wanted.write);
    }
    let venv = metadata.target_directory().join("bench/venv/bin");
    let tools = if wanted.peers { tools::installed(&mdb, &venv) } else { vec![Tool::mdb(&mdb)] };
    let mut results = Vec::new();
    for case in &cases {
        let rows = measure(case, &tools, wanted.runs)?;
        report::table(case, &rows);
        results.push((case, rows));
    }
    goals::show(&results);
    if abi { border::show(&metadata) } else { Ok(()) }
}

/// Runs everybody's commands for a case in turns.
fn measure(case: &Case, tools: &[Tool], runs: u32) -> TaskResult<Vec<Row>> {
    let mut rows = Vec::new();
    for tool in tools {
        for (label, command) in case.commands(tool) {
            let mut job = Job::new(command);
            // The first run warms the caches of the system, and shows what the tool finds.
            let (output, first, signal) = job.output()?;
            let found = case.judge(&label, &output, signal);
            if tool.is_mdb() && !found.is_complete() {
                return Err(format!("{}: {label} shows {found}", case.name).into());
            }
            let anonymous = if tool.is_mdb() { job.peak_of_anonymous_memory()? } else { None };
            rows.push(Row { label, job, samples: vec![], first, found, anonymous });
        }
    }
    for _ in 0..runs {
        for row in &mut rows {
            let spent: Duration = row.samples.iter().map(|s| s.wall).sum();
            if spent + row.first.wall < PATIENCE {
                row.samples.push(row.job.sample()?);
            }
        }
    }
    for row in &mut rows {
        if row.samples.is_empty() {
            row.samples.push(row.first);
        }
    }
    Ok(rows)
}
