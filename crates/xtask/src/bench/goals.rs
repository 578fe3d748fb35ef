//! What we want to reach, and whether this run did.

use std::time::Duration;

use super::cases::{Case, JAVASCRIPT, UNWINDING};
use super::report::{Row, mebibytes, milliseconds, ratio};

/// A goal: a case, or a family of cases, and what is asked of mdb's row there.
struct Goal {
    case: &'static str,
    text: &'static str,
    wanted: Wanted,
}

enum Wanted {
    /// The median is at most so long.
    Within(Duration),
    /// The median is shorter than the peer's, by this factor.
    Faster(&'static str, f64),
    /// The median is at most so many times that of another row.
    Times(&'static str, f64),
    /// So many KiB of memory that is no file's, at most.
    Memory(u64),
}

const GOALS: &[Goal] = &[
    Goal {
        case: "smallest",
        text: "the smallest core takes 10 ms",
        wanted: Wanted::Within(Duration::from_millis(10)),
    },
    Goal {
        case: "node20",
        text: "Node 20's crashed thread takes 40 ms",
        wanted: Wanted::Within(Duration::from_millis(40)),
    },
    Goal {
        case: "node20",
        text: "... and less than eu-stack takes",
        wanted: Wanted::Faster("eu-stack", 1.0),
    },
    Goal {
        case: "threads",
        text: "1,001 threads: 5 times as fast as drgn",
        wanted: Wanted::Faster("drgn", 5.0),
    },
    Goal {
        case: "stacks",
        text: "::stacks of 1,001 threads within 1.3 times of unwinding them",
        wanted: Wanted::Times(UNWINDING, 1.3),
    },
    Goal {
        case: "stacks",
        text: "... and in 0.1 s",
        wanted: Wanted::Within(Duration::from_millis(100)),
    },
    Goal {
        case: "pointer",
        text: "a pointer in 1 GiB: twice as fast as gdb",
        wanted: Wanted::Faster("gdb", 2.0),
    },
    Goal { case: "pointer", text: "... and as drgn", wanted: Wanted::Faster("drgn", 2.0) },
    Goal {
        case: "deep",
        text: "100,000 frames take 0.5 s",
        wanted: Wanted::Within(Duration::from_millis(500)),
    },
    Goal {
        case: JAVASCRIPT,
        text: "JavaScript's stack takes 100 ms",
        wanted: Wanted::Within(Duration::from_millis(100)),
    },
    Goal {
        case: JAVASCRIPT,
        text: "... and is 4 times as fast as gdb's bt",
        wanted: Wanted::Faster("gdb", 4.0),
    },
    Goal {
        case: JAVASCRIPT,
        text: "... in 100 MiB beside the mapped files",
        wanted: Wanted::Memory(100 << 10),
    },
];

/// KiB of memory that is no file's.
const MOST_MEMORY: u64 = 64 << 10;

/// Prints the goals of the cases that were measured.
pub(super) fn show(results: &[(&Case, Vec<Row>)]) {
    println!("\nGoals\n");
    for goal in GOALS {
        for (case, rows) in results.iter().filter(|(case, _)| case.is(goal.case)) {
            let Some((met, seen)) = reached(goal, rows) else { continue };
            // Of a family, which one.
            let which =
                if case.name == goal.case { String::new() } else { format!("{}: ", case.name) };
            let met = match met {
                None => "not known",
                Some(true) => "met",
                Some(false) => "MISSED",
            };
            println!("- {which}{}: {met} ({seen})", goal.text);
        }
    }
    let anonymous = results.iter().flat_map(|(_, rows)| rows).filter_map(|row| row.anonymous);
    if let Some(most) = anonymous.max() {
        let met = if most < MOST_MEMORY { "met" } else { "MISSED" };
        println!(
            "- 64 MiB of memory beside the mapped files: {met} (at most {} MiB)",
            mebibytes(most)
        );
    }
}

/// Whether a case reached a goal (`None`: that cannot be told), and what was seen; nothing where there
/// is nothing to compare.
fn reached(goal: &Goal, rows: &[Row]) -> Option<(Option<bool>, String)> {
    let mdb = rows.first()?;
    let other = |label: &str| rows.iter().find(|row| row.label == label);
    Some(match goal.wanted {
        Wanted::Within(most) => {
            (Some(mdb.median() <= most), format!("{} ms", milliseconds(mdb.median())))
        }
        Wanted::Faster(peer, factor) => match other(peer) {
            Some(peer) => {
                let times = ratio(peer.median(), mdb.median());
                (Some(times >= factor), format!("{times:.1} times as fast"))
            }
            None => (None, format!("{peer} is missing")),
        },
        Wanted::Times(label, most) => {
            let times = ratio(mdb.median(), other(label)?.median());
            (Some(times <= most), format!("{times:.2} times"))
        }
        Wanted::Memory(most) => match mdb.anonymous {
            Some(seen) => (Some(seen < most), format!("at most {} MiB", mebibytes(seen))),
            None => (None, "no run lasted long enough".to_owned()),
        },
    })
}
