//! What calls over the border of dmods cost, measured inside of one process.

use std::process::Command;

use crate::metadata::Metadata;
use crate::run::{TaskResult, cargo, must};

/// What a line of the measurement says, and the goal: at most or at least so much.
const GOALS: &[(&str, &str, f64)] = &[
    ("read, difference", "a read by a dmod within 10 ns of one inside of the host", -10.0),
    ("walker into ::count", "a walker yields 30 million items a second into ::count", 30.0),
];

/// Builds the measurement and the dmod that it loads, runs it, and shows what it says.
pub(super) fn show(metadata: &Metadata) -> TaskResult {
    let build = |package: &str, example: &str| {
        must(cargo().args(["build", "--release", "--package", package, "--example", example]))
    };
    build("mdb-dmod", "provides")?;
    build("mdb-engine", "abi_cost")?;
    let examples = metadata.target_directory().join("release/examples");
    let output =
        Command::new(examples.join("abi_cost")).arg(examples.join("libprovides.so")).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(format!("abi_cost: {text}{}", String::from_utf8_lossy(&output.stderr)).into());
    }
    println!("\nabi: calls over the border of a dmod, the best of some rounds\n\n{text}");
    for (line, goal, limit) in GOALS {
        match value(&text, line) {
            Some(seen) => {
                let met = if *limit < 0.0 { seen <= -limit } else { seen >= *limit };
                println!("- {goal}: {} ({seen})", if met { "met" } else { "MISSED" });
            }
            None => return Err(format!("abi_cost says nothing of '{line}'").into()),
        }
    }
    Ok(())
}

/// The number behind the name of a line.
fn value(text: &str, name: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found() {
        let text = "read by a dmod: 12.5 ns\nread, difference: -0.5 ns\n";
        assert_eq!(value(text, "read, difference"), Some(-0.5));
        assert_eq!(value(text, "read"), None);
    }
}
