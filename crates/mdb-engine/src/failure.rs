//! How a command ends when it does not end well.

use mdb_lang::Span;
use mdb_target::Fault;

/// Why a command stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// It could not do its work on this item. The pipe goes on with the next.
    #[error("{0}")]
    Failed(String),
    /// As [`Failure::Failed`]: memory could not be read.
    #[error("{0}")]
    Fault(#[from] Fault),
    /// The arguments do not fit. The pipe ends.
    #[error("{0}")]
    Usage(String),
    /// As [`Failure::Usage`], with the word that is at fault.
    #[error("{message}")]
    WrongUse {
        /// The text that was being read.
        line: String,
        /// Where in it.
        span: Span,
        /// One sentence.
        message: String,
        /// How the command is used.
        help: String,
    },
    /// It makes no sense to go on: the pipe ends.
    #[error("{0}")]
    Abort(String),
    /// A place in the text that was typed is at fault: the pipe ends.
    #[error("{message}")]
    Place {
        /// The text that was being read.
        line: String,
        /// Where in it.
        span: Span,
        /// One sentence.
        message: String,
        /// What to try.
        help: Option<String>,
    },
    /// As [`Failure::Place`], but it lies in the values: a read or a division fails. In a pipe the
    /// next item may do better, and the pipe goes on.
    #[error("{message}")]
    Value {
        /// The text that was being read.
        line: String,
        /// Where in it.
        span: Span,
        /// One sentence.
        message: String,
        /// What to try.
        help: Option<String>,
    },
    /// Later stages want no more items. Not an error.
    #[error("the pipe is closed")]
    Closed,
    /// The user pressed ^C.
    #[error("interrupted")]
    Interrupted,
    /// The session is to end.
    #[error("quit")]
    Quit,
    /// Already reported.
    #[error("reported")]
    Reported,
}

impl Failure {
    /// A failure with this sentence.
    pub fn failed(text: impl Into<String>) -> Self {
        Self::Failed(text.into())
    }

    /// Whether the pipeline may go on with the next item.
    pub fn concerns_one_item(&self) -> bool {
        match self {
            Self::Failed(_) | Self::Value { .. } => true,
            Self::Fault(fault) => !fault.is_interrupt(),
            _ => false,
        }
    }

    /// A fault caused by ^C is an interrupt.
    #[must_use]
    pub fn normalised(self) -> Self {
        match self {
            Self::Fault(fault) if fault.is_interrupt() => Self::Interrupted,
            other => other,
        }
    }
}
