//! The words after a command's name: what the command declares of them, and what was given.
//!
//! The engine reads words so for every command, and `mdb_dmod::testing` for the commands of a dmod.

mod parse;
mod spec;

pub use parse::{Declared, Evaluate, UsageError, Values, Word, dashed, parse_arguments};
pub use spec::{ArgumentSpec, ArgumentValue, OptionSpec, Text, ValueKind};
