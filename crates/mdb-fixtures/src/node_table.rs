//! The table of Node cases: which script, which flags, how each dies.

use crate::node_case::NodeCase;

/// A throw that nobody catches ends in a trap.
const UNCAUGHT: &[&str] = &["--abort-on-uncaught-exception"];

/// All Node cases.
pub static NODE_CASES: &[NodeCase] = &[
    NodeCase::new("stack", "stack.js"),
    // Nobody catches.
    NodeCase {
        flags: UNCAUGHT,
        arguments: &["error"],
        signal: libc::SIGTRAP,
        ..NodeCase::new("throw", "throw.js")
    },
    NodeCase {
        flags: UNCAUGHT,
        arguments: &["other"],
        signal: libc::SIGTRAP,
        ..NodeCase::new("throw-other", "throw.js")
    },
];
