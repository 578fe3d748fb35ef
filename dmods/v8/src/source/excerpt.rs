//! One line of source for the terminal, with the place of a caret.

use unicode_width::UnicodeWidthChar;

use super::{Position, SourceText};

/// What stands for a part that was left out.
const CUT: char = '\u{2026}';

/// A line, cut and safe to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// The text: one line, without control characters.
    pub(crate) text: String,
    /// How many columns stand before the character that the position means.
    pub(crate) caret: usize,
}

/// The line of a position, at most `columns` wide (but never under 8), cut where the caret is far from.
pub(crate) fn excerpt(source: SourceText<'_>, at: Position, columns: usize) -> Excerpt {
    let columns = columns.max(8);
    // A minified script is one line of megabytes: no more units are looked at than can be shown.
    let offset = at.line_start.saturating_add(at.column).min(at.line_end);
    let first = at.line_start.max(offset.saturating_sub(columns));
    let last = at.line_end.min(offset.saturating_add(columns));
    let before = printable(source.part(first, offset));
    let after = printable(source.part(offset, last));

    let wanted_before = width(&before);
    let room_behind = width(&after).min(columns / 3).max(1);
    let mut cut_before = first > at.line_start;
    let room = columns.saturating_sub(room_behind);
    if wanted_before + usize::from(cut_before) > room {
        cut_before = true;
    }
    let room = room.saturating_sub(usize::from(cut_before));
    let mut text = String::new();
    if cut_before {
        text.push(CUT);
    }
    let mut left = wanted_before;
    for piece in &before {
        if left <= room {
            text.push_str(&piece.text);
        } else {
            left = left.saturating_sub(piece.width);
        }
    }
    let caret = left.min(room) + usize::from(cut_before);
    let mut used = caret;
    let mut pieces = after.iter().peekable();
    while let Some(piece) = pieces.next() {
        let cut_behind = pieces.peek().is_some() || last < at.line_end;
        if used + piece.width + usize::from(cut_behind) > columns {
            text.push(CUT);
            break;
        }
        text.push_str(&piece.text);
        used += piece.width;
        if pieces.peek().is_none() && last < at.line_end {
            text.push(CUT);
        }
    }
    Excerpt { text, caret }
}

/// One character as it is printed.
struct Piece {
    text: String,
    width: usize,
}

fn width(pieces: &[Piece]) -> usize {
    pieces.iter().map(|piece| piece.width).sum()
}

/// The characters of a text, each made harmless: a tab is a space, what controls or is not seen is
/// written as JavaScript's escape.
fn printable(source: SourceText<'_>) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for character in source.to_unicode().chars() {
        let width = character.width().unwrap_or(0);
        let joins = width == 0 && !character.is_control() && !hides(character);
        if character == '\t' {
            pieces.push(Piece { text: " ".to_owned(), width: 1 });
        } else if joins {
            match pieces.last_mut() {
                // So many marks on one letter are no text.
                Some(letter) if letter.text.len() < 32 => letter.text.push(character),
                _ => pieces.push(escaped(character)),
            }
        } else if width == 0 || hides(character) {
            pieces.push(escaped(character));
        } else {
            pieces.push(Piece { text: character.to_string(), width });
        }
    }
    pieces
}

fn escaped(character: char) -> Piece {
    let code = u32::from(character);
    let text = if code < 0x100 { format!("\\x{code:02x}") } else { format!("\\u{{{code:x}}}") };
    Piece { width: text.len(), text }
}

/// Characters that change the order of others, break lines, or are not seen at all.
fn hides(character: char) -> bool {
    matches!(u32::from(character),
        0xad | 0x61c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff
        | 0xfff9..=0xfffb | 0xe0000..=0xe007f)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::position;

    fn shown(text: &str, offset: usize, columns: usize) -> (String, usize) {
        let units: Vec<u16> = text.encode_utf16().collect();
        let source = SourceText::TwoByte(&units);
        let line = excerpt(source, position(source, offset).unwrap(), columns);
        assert!(
            width(&printable(SourceText::TwoByte(&line.text.encode_utf16().collect::<Vec<_>>())))
                <= columns.max(8)
        );
        (line.text, line.caret)
    }

    #[test]
    fn a_short_line_is_whole() {
        assert_eq!(shown("a\n  b = c;\nd", 8, 40), ("  b = c;".to_owned(), 6));
        assert_eq!(shown("a\n", 1, 40), ("a".to_owned(), 1));
        assert_eq!(shown("", 0, 40), (String::new(), 0));
    }

    #[test]
    fn a_long_line_is_cut_around_the_caret() {
        let text = "0123456789abcdefghijKLMNOPQRST";
        assert_eq!(shown(text, 2, 12), ("0123456789a\u{2026}".to_owned(), 2));
        assert_eq!(shown(text, 15, 12), ("\u{2026}89abcdefgh\u{2026}".to_owned(), 8));
        assert_eq!(shown(text, 29, 12), ("\u{2026}jKLMNOPQRST".to_owned(), 11));
        assert_eq!(shown(text, 30, 12), ("\u{2026}KLMNOPQRST".to_owned(), 11));
    }

    #[test]
    fn the_caret_stands_below_its_character() {
        let text: String = ('a'..='z').cycle().take(2000).collect();
        for offset in 0..2000 {
            for columns in [8, 20, 79] {
                let (line, caret) = shown(&text, offset, columns);
                assert_eq!(line.chars().nth(caret), text.chars().nth(offset), "{offset} {columns}");
            }
        }
    }

    #[test]
    fn nothing_controls_the_terminal() {
        assert_eq!(shown("\x1b[31m\tx", 6, 40), ("\\x1b[31m x".to_owned(), 9));
        assert_eq!(shown("a\u{202e}b\u{0}c", 4, 40), ("a\\u{202e}b\\x00c".to_owned(), 14));
        assert_eq!(shown("\u{6f22}\u{5b57}=1", 2, 40), ("\u{6f22}\u{5b57}=1".to_owned(), 4));
        assert_eq!(shown("e\u{301}=1", 2, 40), ("e\u{301}=1".to_owned(), 1));
        assert_eq!(shown("\u{2028}x", 0, 9).0, "");
    }

    #[test]
    fn lone_surrogates_do_no_harm() {
        let units = [0x61, 0xd800, 0x62, 0xdc00, 0x63];
        let source = SourceText::TwoByte(&units);
        let line = excerpt(source, position(source, 4).unwrap(), 40);
        assert_eq!(line, Excerpt { text: "a\u{fffd}b\u{fffd}c".to_owned(), caret: 4 });
    }
}
