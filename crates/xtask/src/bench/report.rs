//! The tables.

use std::time::Duration;

use super::cases::{Case, Found};
use super::measure::{Job, Sample, median};

/// What one command of one tool cost in a case.
pub(super) struct Row {
    pub(super) label: String,
    pub(super) job: Job,
    pub(super) samples: Vec<Sample>,
    /// The run before the measured ones.
    pub(super) first: Sample,
    pub(super) found: Found,
    /// The peak of memory that is no file's, in KiB.
    pub(super) anonymous: Option<u64>,
}

impl Row {
    pub(super) fn shortest(&self) -> Duration {
        self.samples.iter().map(|s| s.wall).min().unwrap_or_default()
    }

    pub(super) fn median(&self) -> Duration {
        median(self.samples.iter().map(|s| s.wall)).unwrap_or_default()
    }

    fn processor(&self) -> Duration {
        median(self.samples.iter().map(|s| s.processor)).unwrap_or_default()
    }

    /// In KiB.
    fn resident(&self) -> u64 {
        self.samples.iter().map(|s| s.resident).max().unwrap_or_default()
    }
}

/// In milliseconds, with as many digits as mean something.
pub(super) fn milliseconds(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    if ms < 100.0 { format!("{ms:.1}") } else { format!("{ms:.0}") }
}

/// KiB as MiB.
pub(super) fn mebibytes(kib: u64) -> String {
    format!("{:.1}", kib as f64 / 1024.0)
}

/// How many times as long as mdb a peer takes.
pub(super) fn ratio(peer: Duration, mdb: Duration) -> f64 {
    peer.as_secs_f64() / mdb.as_secs_f64().max(1e-6)
}

/// Prints the table of a case, as Markdown.
pub(super) fn table(case: &Case, rows: &[Row]) {
    println!("\n{}: {}\n", case.name, case.about);
    let heads =
        ["tool", "runs", "min ms", "median ms", "CPU ms", "RSS MiB", "anon MiB", "x mdb", "shows"];
    let mdb = rows.first().map(Row::median).unwrap_or_default();
    let lines = rows.iter().map(|row| {
        [
            row.label.clone(),
            row.samples.len().to_string(),
            milliseconds(row.shortest()),
            milliseconds(row.median()),
            milliseconds(row.processor()),
            mebibytes(row.resident()),
            row.anonymous.map_or_else(String::new, mebibytes),
            format!("{:.1}", ratio(row.median(), mdb)),
            row.found.to_string(),
        ]
    });
    let mut lines: Vec<[String; 9]> = lines.collect();
    lines.insert(0, heads.map(str::to_owned));
    let mut widths = [0; 9];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.len().max(*width);
        }
    }
    for (number, line) in lines.iter().enumerate() {
        // Words to the left, numbers to the right.
        let cells = line.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
            if column == 0 || column == 8 {
                format!("{cell:<width$}")
            } else {
                format!("{cell:>width$}")
            }
        });
        println!("| {} |", cells.collect::<Vec<_>>().join(" | "));
        if number == 0 {
            println!("|{}|", widths.map(|width| "-".repeat(width + 2)).join("|"));
        }
    }
}
