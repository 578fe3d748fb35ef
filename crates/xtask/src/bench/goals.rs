//! What we want to reach, and whether this run did.

use std::time::Duration;

use super::cases::{Case, UNWINDING};
use super::report::{Row, mebibytes, milliseconds, ratio};

/// A goal: a case, and what is asked of mdb's row there.
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
];

/// KiB of memory that is no file's.
const MOST_MEMORY: u64 = 64 << 10;

/// Prints the goals of the cases that were measured.
pub(super) fn show(results: &[(&Case, Vec<Row>)]) {
    println!("\nGoals\n");
    for goal in GOALS {
        let Some((_, rows)) = results.iter().find(|(case, _)| case.name == goal.case) else {
            continue;
        };
        let Some(mdb) = rows.first() else { continue };
        let (met, seen) = match goal.wanted {
            Wanted::Within(most) => {
                (mdb.median() <= most, format!("{} ms", milliseconds(mdb.median())))
            }
            Wanted::Faster(peer, factor) => {
                let Some(peer) = rows.iter().find(|row| row.label == peer) else {
                    println!("- {}: not known, {peer} is missing", goal.text);
                    continue;
                };
                let times = ratio(peer.median(), mdb.median());
                (times >= factor, format!("{times:.1} times as fast"))
            }
            Wanted::Times(other, most) => {
                let Some(other) = rows.iter().find(|row| row.label == other) else { continue };
                let times = ratio(mdb.median(), other.median());
                (times <= most, format!("{times:.2} times"))
            }
        };
        println!("- {}: {} ({seen})", goal.text, if met { "met" } else { "MISSED" });
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
