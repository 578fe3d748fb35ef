//! Why there is no fixture.

use std::io;
use std::path::PathBuf;

/// Why a fixture could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FixtureError {
    /// No fixture has this name.
    #[error("no fixture is called '{name}'; the table is in crates/mdb-fixtures/src/recipe.rs")]
    Unknown {
        /// The name that was asked for.
        name: String,
    },
    /// This version of Node cannot run the case, on any machine; [`crate::node_cases`] leaves it out.
    #[error("there is no fixture '{name}': {why}")]
    Lacking {
        /// The name that was asked for.
        name: String,
        /// What the version lacks.
        why: &'static str,
    },
    /// This machine cannot make it; tests may skip, counted (see [`crate::available`]).
    #[error("not available here: {why}")]
    Unavailable {
        /// What is missing and what would bring it.
        why: String,
    },
    /// A tool ran and failed.
    #[error("`{command}` failed ({status}): {stderr}")]
    Tool {
        /// The command line.
        command: String,
        /// How it ended.
        status: String,
        /// What it wrote to its standard error.
        stderr: String,
    },
    /// The program did not end as its recipe says.
    #[error("fixture '{name}' should have ended by signal {expected} and ended so: {ended}")]
    WrongEnd {
        /// The fixture.
        name: String,
        /// Signal number that was expected.
        expected: i32,
        /// What happened.
        ended: String,
    },
    /// A file operation failed.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// The verb: "read", "create" and so on.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl FixtureError {
    /// Wraps an I/O error; for `map_err`.
    pub(crate) fn io(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }

    /// Whether the machine is the reason, so that a test may skip.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}
