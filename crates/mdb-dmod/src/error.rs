//! What can go wrong in a dmod.

use mdb_dmod_abi::Status;
use std::fmt;

/// The result of everything here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something failed. `?` passes it on, and the host shows it with the command's name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Memory of the target could not be read.
    Fault {
        /// The first byte that could not.
        address: u64,
        /// Why not; [`mdb_dmod_abi::fault_kind`].
        kind: u32,
        /// Why not, as a sentence.
        sentence: Box<str>,
    },
    /// The user pressed ^C.
    Cancelled,
    /// The next stage of the pipe wants no more. Not shown: the command ends well.
    Closed,
    /// The command was used wrongly; the host shows the sentence and the usage.
    Usage(String),
    /// There is no such thing.
    NotFound(String),
    /// This target cannot do that.
    Unsupported(String),
    /// The host is older than what this dmod needs here.
    HostTooOld(&'static str),
    /// Anything else: a sentence, and the address that it is about.
    Other {
        /// The sentence.
        message: String,
        /// The address.
        address: Option<u64>,
    },
    /// A status of the host that has no place above.
    Host {
        /// The status.
        status: Status,
        /// The host's sentence.
        message: String,
    },
}

impl Error {
    /// A failure with a sentence.
    pub fn new(message: impl Into<String>) -> Self {
        Self::Other { message: message.into(), address: None }
    }

    /// A failure that is about an address.
    pub fn at(address: u64, message: impl Into<String>) -> Self {
        Self::Other { message: message.into(), address: Some(address) }
    }

    /// Whether the command shall end at once and without a word of its own: ^C, or a closed pipe.
    pub fn is_stop(&self) -> bool {
        matches!(self, Self::Cancelled | Self::Closed)
    }

    /// As it crosses the border.
    pub fn status(&self) -> Status {
        match self {
            Self::Fault { .. } => Status::FAULT,
            Self::Cancelled => Status::CANCELLED,
            Self::Closed => Status::CLOSED,
            Self::Usage(_) => Status::USAGE,
            Self::NotFound(_) => Status::NOT_FOUND,
            Self::Unsupported(_) | Self::HostTooOld(_) => Status::UNSUPPORTED,
            Self::Other { .. } => Status::ERROR,
            Self::Host { status, .. } => *status,
        }
    }

    /// The address that it is about.
    pub fn address(&self) -> Option<u64> {
        match self {
            Self::Fault { address, .. } => Some(*address),
            Self::Other { address, .. } => *address,
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault { address, sentence, .. } => {
                write!(f, "no data at address 0x{address:x}: {sentence}")
            }
            Self::Cancelled => f.write_str("interrupted"),
            Self::Closed => f.write_str("the pipe is closed"),
            Self::Usage(message)
            | Self::NotFound(message)
            | Self::Unsupported(message)
            | Self::Other { message, .. } => f.write_str(message),
            Self::HostTooOld(what) => {
                write!(f, "this mdb is too old: it has no {what}; use a newer one")
            }
            Self::Host { status, message } if message.is_empty() => {
                write!(f, "the host answered with status {}", status.0)
            }
            Self::Host { message, .. } => f.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

impl From<fmt::Error> for Error {
    fn from(_: fmt::Error) -> Self {
        Self::new("text could not be formatted")
    }
}

impl From<String> for Error {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}

impl From<&str> for Error {
    fn from(message: &str) -> Self {
        Self::new(message)
    }
}
