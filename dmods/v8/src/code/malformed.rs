//! What is said about a table that cannot be what it should be.

use std::fmt;

/// A table that does not decode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    /// Which table.
    pub(crate) table: &'static str,
    /// The byte at which reading stopped.
    pub(crate) at: usize,
    /// What is wrong there.
    pub(crate) why: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, byte {}: {}", self.table, self.at, self.why)
    }
}

impl std::error::Error for Malformed {}
