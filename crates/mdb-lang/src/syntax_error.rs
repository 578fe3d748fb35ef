//! What is wrong with a line.

use crate::Span;

/// A line that does not parse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct SyntaxError {
    /// The place.
    pub span: Span,
    /// One sentence.
    pub message: String,
    /// What could have stood there, where that is a short list.
    pub expected: Option<String>,
    /// What to try.
    pub help: Option<String>,
}

impl SyntaxError {
    /// An error with nothing but a place and a sentence.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), expected: None, help: None }
    }

    /// The same error with what could have stood there.
    pub fn expecting(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// The same error with what to try.
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The line under the caret: what to try, else what was expected.
    pub fn hint(&self) -> Option<String> {
        self.help.clone().or_else(|| self.expected.as_ref().map(|e| format!("expected {e}")))
    }
}
