//! Lines and columns of offsets, counted as V8 counts them.
//!
//! The rule is `IsLineTerminatorSequence` (V8 src/strings/unicode.h and char-predicates.h, 10.2 to 14.6):
//! a line ends at LF, at U+2028 and U+2029, and at a CR that no LF follows. The terminator belongs to the
//! line that it ends, and the offset right behind the text is a place as well
//! (`Script::GetPositionInfo`, src/objects/objects.cc, with `String::CalculateLineEnds`).

use memchr::{memchr_iter, memchr2_iter};

use super::SourceText;

/// A place in a text. Lines and columns count from 0; where a script has an offset of its own, the caller
/// adds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// The line.
    pub(crate) line: usize,
    /// The column, in units.
    pub(crate) column: usize,
    /// Where the line starts.
    pub(crate) line_start: usize,
    /// Where the line ends, without its terminator.
    pub(crate) line_end: usize,
}

/// The line and column of an offset; `None` when the text is too short for it.
pub(crate) fn position(source: SourceText<'_>, offset: usize) -> Option<Position> {
    if offset > source.len() {
        return None;
    }
    let before = source.part(0, offset);
    let (line, line_start) = match before {
        SourceText::OneByte(units) if memchr::memchr(b'\r', units).is_none() => {
            let line_start = memchr::memrchr(b'\n', units).map_or(0, |at| at.saturating_add(1));
            (memchr_iter(b'\n', units).count(), line_start)
        }
        SourceText::OneByte(units) => memchr2_iter(b'\n', b'\r', units)
            .filter(|at| ends_line(source, *at))
            .fold((0, 0), |(line, _), at| (line + 1, at + 1)),
        SourceText::TwoByte(units) => units
            .iter()
            .enumerate()
            .filter(|(at, unit)| may_end_line(**unit) && ends_line(source, *at))
            .fold((0, 0), |(line, _), (at, _)| (line + 1, at + 1)),
    };
    let rest = source.part(offset, source.len());
    let to_end = match rest {
        SourceText::OneByte(units) => memchr::memchr2(b'\n', b'\r', units),
        SourceText::TwoByte(units) => units.iter().position(|unit| may_end_line(*unit)),
    };
    let mut line_end = to_end.map_or(source.len(), |distance| offset.saturating_add(distance));
    // Between the two halves of CR LF: the CR is not part of the line's text.
    if line_end > line_start
        && source.unit(line_end) == Some(0x0a)
        && line_end == offset
        && source.unit(line_end - 1) == Some(0x0d)
    {
        line_end -= 1;
    }
    Some(Position { line, column: offset - line_start, line_start, line_end })
}

/// Whether a unit can end a line.
fn may_end_line(unit: u16) -> bool {
    matches!(unit, 0x0a | 0x0d | 0x2028 | 0x2029)
}

/// Whether the terminator at an offset ends a line: a CR before an LF leaves that to the LF.
fn ends_line(source: SourceText<'_>, at: usize) -> bool {
    source.unit(at) != Some(0x0d) || source.unit(at.saturating_add(1)) != Some(0x0a)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(text: &str, offset: usize) -> Option<(usize, usize)> {
        let wide: Vec<u16> = text.encode_utf16().collect();
        let found = position(SourceText::TwoByte(&wide), offset);
        if text.chars().all(|c| u32::from(c) < 256) {
            let narrow: Vec<u8> = text.chars().map(|c| c as u8).collect();
            assert_eq!(position(SourceText::OneByte(&narrow), offset), found, "{text:?} {offset}");
        }
        found.map(|at| (at.line, at.column))
    }

    /// Said by node 18.20.8, 20.20.2, 22.23.3, 24.21.0 and 26.10.0: the line and column of a function
    /// that stands behind the text, in the stack of an `Error` it makes (from 1 there, from 0 here).
    const BEHIND: &[(&str, usize, usize)] = &[
        ("", 0, 0),
        ("a;", 0, 2),
        ("a;\n", 1, 0),
        ("a;\r\n", 1, 0),
        ("a;\r", 1, 0),
        ("a;\n\rb;", 2, 2),
        ("a;\r\r\n\n;", 3, 1),
        ("'\u{2028}';", 1, 2),
        ("//\u{2029}\u{2028}b;", 2, 2),
        ("'\u{1f600}';", 0, 5),
        ("'\u{e9}';\n  ", 1, 2),
        ("`\u{85}`;\u{c}\u{b}", 0, 6),
    ];

    #[test]
    fn places_are_those_of_v8() {
        for (text, line, column) in BEHIND {
            let length = text.encode_utf16().count();
            let whole = format!("{text}x");
            assert_eq!(both(&whole, length), Some((*line, *column)), "{text:?}");
            assert_eq!(both(text, length), Some((*line, *column)), "{text:?} at the end");
        }
    }

    #[test]
    fn a_terminator_belongs_to_its_line() {
        assert_eq!(both("ab\r\ncd", 2), Some((0, 2)));
        assert_eq!(both("ab\r\ncd", 3), Some((0, 3)));
        assert_eq!(both("ab\r\ncd", 4), Some((1, 0)));
        assert_eq!(both("ab\ncd", 6), None);
        let at = position(SourceText::OneByte(b"ab\r\ncd"), 3).unwrap();
        assert_eq!((at.line_start, at.line_end), (0, 2));
        let at = position(SourceText::OneByte(b"ab\r\ncd\n"), 5).unwrap();
        assert_eq!((at.line_start, at.line_end), (4, 6));
    }

    #[test]
    fn every_place_agrees_with_a_walk() {
        let text = "a\r\n\r\r\nb\n\n\u{e9}\rc";
        let units: Vec<u16> = text.encode_utf16().collect();
        let (mut line, mut column) = (0, 0);
        for (at, unit) in units.iter().enumerate() {
            assert_eq!(both(text, at), Some((line, column)), "{at}");
            column += 1;
            if *unit == 10 || (*unit == 13 && units.get(at + 1) != Some(&10)) {
                (line, column) = (line + 1, 0);
            }
        }
    }
}
