//! A place in the text, and the character classes of the language.

use crate::Span;

/// Reads a text character by character. It never stands inside a character.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    text: &'a str,
    pos: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, pos: 0 }
    }

    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    pub(crate) fn pos(&self) -> usize {
        self.pos
    }

    /// Goes to an offset that was a position before.
    pub(crate) fn set_pos(&mut self, pos: usize) {
        self.pos = pos;
    }

    pub(crate) fn rest(&self) -> &'a str {
        self.text.get(self.pos..).unwrap_or("")
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(crate) fn peek_second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    pub(crate) fn starts_with(&self, prefix: &str) -> bool {
        self.rest().starts_with(prefix)
    }

    pub(crate) fn bump(&mut self) -> Option<char> {
        let ch = self.peek()?;
        self.pos += ch.len_utf8();
        Some(ch)
    }

    pub(crate) fn eat(&mut self, prefix: &str) -> bool {
        let found = self.starts_with(prefix);
        if found {
            self.pos += prefix.len();
        }
        found
    }

    /// Takes characters as long as they belong to a class.
    pub(crate) fn take_while(&mut self, class: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|ch| !class(ch)).unwrap_or(rest.len());
        self.pos += end;
        rest.get(..end).unwrap_or("")
    }

    pub(crate) fn skip_blanks(&mut self) {
        self.take_while(is_blank);
    }

    /// Skips blanks and a comment after them.
    pub(crate) fn skip_blanks_and_comment(&mut self) {
        self.skip_blanks();
        if self.starts_with("//") {
            self.take_while(|ch| ch != '\n');
        }
    }

    pub(crate) fn span_from(&self, start: usize) -> Span {
        Span::new(start, self.pos)
    }

    /// The span of the next character, empty at the end of the text.
    pub(crate) fn here(&self) -> Span {
        Span::new(self.pos, self.pos + self.peek().map_or(0, char::len_utf8))
    }
}

pub(crate) fn is_blank(ch: char) -> bool {
    ch == ' ' || ch == '\t' || ch == '\r'
}

/// Whether a statement ends before what comes next.
pub(crate) fn is_terminator(next: Option<char>) -> bool {
    matches!(next, None | Some(';' | '\n'))
}

/// Letters of any script: Rust and C++ allow them in names.
pub(crate) fn is_name_start(ch: char) -> bool {
    ch.is_alphabetic() || ch == '_' || ch == '.'
}

/// What may follow in a name without scope.
pub(crate) fn is_name(ch: char) -> bool {
    is_name_start(ch) || ch.is_numeric()
}

/// What may follow in a name, with the backquotes of a scope.
pub(crate) fn is_scoped_name(ch: char) -> bool {
    is_name(ch) || ch == '`'
}

/// Replaces the C escape after a backslash. `text` is what follows the backslash; the result is the
/// byte and how many bytes of `text` it took. There is no `\x`.
pub(crate) fn unescape(text: &str) -> Option<(u8, usize)> {
    let byte = match text.as_bytes().first()? {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        b'"' => b'"',
        b'\\' => b'\\',
        b'0'..=b'7' => {
            let digits = text.bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b));
            let (value, count) = digits.fold((0u16, 0), |(value, count), digit| {
                (value * 8 + u16::from(digit - b'0'), count + 1)
            });
            return Some((value as u8, count));
        }
        _ => return None,
    };
    Some((byte, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        assert_eq!(unescape("nx"), Some((b'\n', 1)));
        assert_eq!(unescape("0123"), Some((0o12, 3)));
        assert_eq!(unescape("777"), Some((0xff, 3)));
        assert_eq!(unescape("8"), None);
        assert_eq!(unescape("x41"), None);
        assert_eq!(unescape(""), None);
    }
}
