//! Places in the text of a command.

use std::ops::Range;

/// A range of bytes in the text that was parsed. Both ends lie on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte; never below `start`.
    pub end: usize,
}

impl Span {
    /// The span of the bytes `start..end`; an `end` below `start` gives the empty span at `start`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// The empty span at one offset.
    pub fn at(offset: usize) -> Self {
        Self { start: offset, end: offset }
    }

    /// The smallest span that covers both.
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The number of bytes covered.
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether the span covers no byte.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The text under the span, or `""` where the span lies outside of `text`.
    pub fn text(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or("")
    }

    /// The same span as a range of byte offsets.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// The span moved right by `offset` bytes: for text that was parsed out of a longer line.
    pub fn shifted(self, offset: usize) -> Self {
        Self { start: self.start.saturating_add(offset), end: self.end.saturating_add(offset) }
    }
}
