//! Source text as V8 keeps it.

/// The text of a script or a part of it. V8 counts positions in these units, not in characters.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SourceText<'a> {
    /// Latin-1: a one-byte string.
    OneByte(&'a [u8]),
    /// UTF-16, perhaps with lone surrogates: a two-byte string.
    TwoByte(&'a [u16]),
}

impl<'a> SourceText<'a> {
    /// How many units it has.
    pub(crate) fn len(self) -> usize {
        match self {
            Self::OneByte(units) => units.len(),
            Self::TwoByte(units) => units.len(),
        }
    }

    /// The unit at an offset; `None` behind the end.
    pub(crate) fn unit(self, at: usize) -> Option<u16> {
        match self {
            Self::OneByte(units) => units.get(at).map(|unit| u16::from(*unit)),
            Self::TwoByte(units) => units.get(at).copied(),
        }
    }

    /// The part from `start` to `end`; both are cut to what there is.
    pub(crate) fn part(self, start: usize, end: usize) -> SourceText<'a> {
        let end = end.min(self.len());
        let start = start.min(end);
        match self {
            Self::OneByte(units) => Self::OneByte(units.get(start..end).unwrap_or_default()),
            Self::TwoByte(units) => Self::TwoByte(units.get(start..end).unwrap_or_default()),
        }
    }

    /// The text as Unicode; lone surrogates become U+FFFD, so units and characters stay in step.
    pub(crate) fn to_unicode(self) -> String {
        match self {
            Self::OneByte(units) => units.iter().map(|unit| char::from(*unit)).collect(),
            Self::TwoByte(units) => String::from_utf16_lossy(units),
        }
    }
}
