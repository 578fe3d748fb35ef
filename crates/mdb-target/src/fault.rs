//! Why a read of the target failed.

use std::fmt;

/// A failed read: the first address that could not be read, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no data at address 0x{address:x}: {reason}")]
pub struct Fault {
    /// The first byte that could not be read.
    pub address: u64,
    /// Why not.
    pub reason: FaultReason,
}

impl Fault {
    /// A fault at `address`.
    pub fn new(address: u64, reason: FaultReason) -> Self {
        Self { address, reason }
    }

    /// Whether the read was stopped by the user and not by the target.
    pub fn is_interrupt(&self) -> bool {
        self.reason == FaultReason::Interrupted
    }
}

/// The causes of a [`Fault`]. They have different cures, so they are told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultReason {
    /// The process had nothing mapped there.
    Unmapped,
    /// It was mapped, but whoever wrote the core left it out (`coredump_filter`, `gcore`).
    NotInCore,
    /// As [`FaultReason::NotInCore`], and the file that backs the mapping cannot stand in for
    /// it: the sentence says which file and why.
    FileUnavailable(Box<str>),
    /// The core file ends before this byte: it was truncated.
    Truncated,
    /// The mapping may not be read.
    Protected,
    /// The user pressed ^C.
    Interrupted,
    /// The operating system said no.
    Io(Box<str>),
}

impl fmt::Display for FaultReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // MDB's words: people search for them.
            Self::Unmapped => f.write_str("no mapping for address"),
            Self::NotInCore => f.write_str("mapped, but not saved in the core"),
            Self::FileUnavailable(why) => {
                write!(f, "mapped, but not saved in the core, and {why}")
            }
            Self::Truncated => f.write_str("the core file ends before this byte (truncated)"),
            Self::Protected => f.write_str("the mapping cannot be read"),
            Self::Interrupted => f.write_str("interrupted"),
            Self::Io(why) => f.write_str(why),
        }
    }
}
