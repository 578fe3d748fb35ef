//! Text whose pieces know their role.

use std::fmt::{self, Write as _};

use unicode_width::UnicodeWidthStr as _;

use crate::escape::{escape_bytes, escape_lines, escape_text};
use crate::style::{Palette, Role};

/// How many columns of a terminal the text takes.
pub fn display_width(text: &str) -> usize {
    text.width()
}

/// Text whose pieces know their role; the [`Palette`] turns roles into colours at the end.
///
/// No control character but line feed and tab can get in: every `push` escapes.
///
/// ```
/// use mdb_print::{Palette, Role, StyledText};
///
/// let line = StyledText::new().with(Role::Symbol, "main+0x21").and("()");
/// assert_eq!(line.as_str(), "main+0x21()");
/// assert_eq!(line.render(&Palette::plain()), "main+0x21()");
/// assert_eq!(line.render(&Palette::colour()), "\u{1b}[33mmain+0x21\u{1b}[0m()");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StyledText {
    text: String,
    /// Role of a piece, and where in `text` it ends. Neighbours differ in role.
    spans: Vec<(Option<Role>, usize)>,
}

impl StyledText {
    /// No text.
    pub const fn new() -> Self {
        Self { text: String::new(), spans: Vec::new() }
    }

    /// Text without a role.
    pub fn plain(text: &str) -> Self {
        Self::new().and(text)
    }

    /// This text followed by a piece with a role.
    pub fn with(mut self, role: Role, text: &str) -> Self {
        self.push_role(role, text);
        self
    }

    /// This text followed by a piece without a role.
    pub fn and(mut self, text: &str) -> Self {
        self.push(text);
        self
    }

    /// Appends text without a role. Line feed and tab stay, other controls are escaped.
    pub fn push(&mut self, text: &str) {
        self.append(None, &escape_lines(text));
    }

    /// Appends text with a role. Line feed and tab stay, other controls are escaped.
    pub fn push_role(&mut self, role: Role, text: &str) {
        self.append(Some(role), &escape_lines(text));
    }

    /// Appends a name or a string of the target: line feed and tab are escaped too.
    pub fn push_target(&mut self, role: impl Into<Option<Role>>, text: &str) {
        self.append(role.into(), &escape_text(text));
    }

    /// Appends bytes of the target: line feed, tab and what is not UTF-8 are escaped too.
    pub fn push_target_bytes(&mut self, role: impl Into<Option<Role>>, bytes: &[u8]) {
        self.append(role.into(), &escape_bytes(bytes));
    }

    /// Appends formatted text: `text.push_fmt(Role::Address, format_args!("{address:x}"))`.
    pub fn push_fmt(&mut self, role: impl Into<Option<Role>>, arguments: fmt::Arguments<'_>) {
        let role = role.into();
        match arguments.as_str() {
            Some(text) => self.append(role, &escape_lines(text)),
            None => {
                // Only a failing Display could fail here; what it wrote before stays.
                let _ = Appender { text: self, role }.write_fmt(arguments);
            }
        }
    }

    /// Appends another text with its roles.
    pub fn push_styled(&mut self, other: &Self) {
        for (role, text) in other.spans() {
            self.append(role, text);
        }
    }

    /// Appends blanks without a role.
    pub fn push_blanks(&mut self, count: usize) {
        const BLANKS: &str = "                                                                ";
        let mut left = count;
        while left > 0 {
            let blanks = BLANKS.get(..left).unwrap_or(BLANKS);
            self.append(None, blanks);
            left = left.saturating_sub(blanks.len());
        }
    }

    /// Cuts blanks at the end off.
    pub fn trim_end(&mut self) {
        let end = self.text.trim_end_matches(' ').len();
        self.text.truncate(end);
        while self.spans.last().is_some_and(|&(_, span_end)| span_end > end) {
            let start = match self.spans.len().checked_sub(2) {
                Some(previous) => self.spans.get(previous).map_or(0, |&(_, span_end)| span_end),
                None => 0,
            };
            if start < end {
                if let Some(last) = self.spans.last_mut() {
                    last.1 = end;
                }
                break;
            }
            self.spans.pop();
        }
    }

    /// Empties the text and keeps its memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.spans.clear();
    }

    /// The text without styles.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// How many columns of a terminal the text takes, if it is one line.
    pub fn width(&self) -> usize {
        display_width(&self.text)
    }

    /// The pieces and their roles.
    pub fn spans(&self) -> impl Iterator<Item = (Option<Role>, &str)> {
        let mut start = 0;
        self.spans.iter().map(move |&(role, end)| {
            let text = self.text.get(start..end).unwrap_or_default();
            start = end;
            (role, text)
        })
    }

    /// The text with the palette's styles as ANSI sequences, or without any where it is off.
    pub fn render(&self, palette: &Palette) -> String {
        let mut out = String::with_capacity(self.text.len());
        self.render_into(palette, &mut out);
        out
    }

    /// As [`render`](Self::render), appending to a string of the caller.
    pub fn render_into(&self, palette: &Palette, out: &mut String) {
        if !palette.is_enabled() {
            out.push_str(&self.text);
            return;
        }
        for (role, text) in self.spans() {
            let style = role.map(|role| palette.style(role)).unwrap_or_default();
            if style.is_plain() {
                out.push_str(text);
                continue;
            }
            // A style ends with its line: a pager shows lines by themselves.
            for line in text.split_inclusive('\n') {
                let (line, end) = match line.strip_suffix('\n') {
                    Some(line) => (line, "\n"),
                    None => (line, ""),
                };
                // Writing into a String cannot fail.
                let _ = match line {
                    "" => out.write_str(end),
                    _ => write!(out, "{style}{line}{style:#}{end}"),
                };
            }
        }
    }

    /// Appends text that is already harmless.
    fn append(&mut self, role: Option<Role>, text: &str) {
        if text.is_empty() {
            return;
        }
        self.text.push_str(text);
        let end = self.text.len();
        match self.spans.last_mut() {
            Some((last_role, last_end)) if *last_role == role => *last_end = end,
            _ => self.spans.push((role, end)),
        }
    }
}

/// Appends what a `Display` writes, piece by piece.
struct Appender<'a> {
    text: &'a mut StyledText,
    role: Option<Role>,
}

impl fmt::Write for Appender<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.append(self.role, &escape_lines(text));
        Ok(())
    }
}

/// Text without a role.
impl fmt::Write for StyledText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}

/// The text without styles.
impl fmt::Display for StyledText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.text)
    }
}

impl From<&str> for StyledText {
    fn from(text: &str) -> Self {
        Self::plain(text)
    }
}

impl From<String> for StyledText {
    fn from(text: String) -> Self {
        Self::plain(&text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hostile::hostile_text;

    /// Takes the palette's sequences (`ESC [ … m`) out and says whether other controls stay.
    fn strip(rendered: &str) -> (String, bool) {
        let mut text = String::new();
        let mut rest = rendered.chars();
        while let Some(character) = rest.next() {
            if character == '\x1b' {
                assert_eq!(rest.next(), Some('['));
                let end = rest.find(|&c| !c.is_ascii_digit() && c != ';');
                assert_eq!(end, Some('m'));
            } else {
                text.push(character);
            }
        }
        let controls = text.chars().any(|c| c.is_control() && c != '\n' && c != '\t');
        (text, controls)
    }

    #[test]
    fn neighbours_of_one_role_are_one_piece() {
        let text = StyledText::new().with(Role::Symbol, "a").with(Role::Symbol, "b").and("c");
        let spans: Vec<_> = text.spans().collect();
        assert_eq!(spans, [(Some(Role::Symbol), "ab"), (None, "c")]);
    }

    #[test]
    fn a_style_ends_with_its_line() {
        let text = StyledText::new().with(Role::Bold, "one\n\ntwo\n");
        assert_eq!(text.render(&Palette::colour()), "\x1b[1mone\x1b[0m\n\n\x1b[1mtwo\x1b[0m\n");
    }

    #[test]
    fn a_target_cannot_end_its_line_or_its_style() {
        let mut text = StyledText::new();
        text.push_target(Role::String, "x\x1b[0m\n> $q\u{9b}2J");
        text.push_target_bytes(None, b"\xff\x07\xe2\x80\xae");
        assert_eq!(text.as_str(), "x\\x1b[0m\\n> $q\\u{9b}2J\\xff\\x07\\u{202e}");
    }

    #[test]
    fn push_fmt_escapes_what_a_display_writes() {
        let mut text = StyledText::new();
        text.push_fmt(Role::Module, format_args!("{}.so {:#x}", "a\x1b]0;t\x07", 16));
        assert_eq!(text.as_str(), "a\\x1b]0;t\\x07.so 0x10");
        text.write_str("\r\u{2066}").unwrap();
        assert_eq!(text.as_str(), "a\\x1b]0;t\\x07.so 0x10\\r\\u{2066}");
    }

    #[test]
    fn trim_end_reaches_over_pieces() {
        let mut text = StyledText::new().with(Role::Symbol, "a ").and("  ").with(Role::Dim, " ");
        text.trim_end();
        assert_eq!(text, StyledText::new().with(Role::Symbol, "a"));
        let mut text = StyledText::new().with(Role::Symbol, " ").and(" ");
        text.trim_end();
        assert_eq!(text, StyledText::new());
    }

    #[test]
    fn blanks_of_any_number() {
        for count in [0, 1, 63, 64, 65, 200] {
            let mut text = StyledText::new();
            text.push_blanks(count);
            assert_eq!(text.as_str(), " ".repeat(count));
        }
    }

    proptest! {
        #[test]
        fn no_control_survives(pieces in prop::collection::vec((0_usize..17, hostile_text()), 0..8)) {
            let mut text = StyledText::new();
            for (role, piece) in &pieces {
                match Role::ALL.get(*role) {
                    Some(role) => text.push_role(*role, piece),
                    None => text.push(piece),
                }
            }
            let (plain, controls) = strip(&text.render(&Palette::colour()));
            prop_assert!(!controls);
            prop_assert_eq!(&plain, text.as_str());
            prop_assert_eq!(&plain, &text.render(&Palette::plain()));
            let spans: String = text.spans().map(|(_, piece)| piece).collect();
            prop_assert_eq!(&plain, &spans);
        }

        #[test]
        fn trim_end_is_that_of_str(pieces in prop::collection::vec((0_usize..17, "[a ]{0,3}"), 0..8)) {
            let mut text = StyledText::new();
            for (role, piece) in &pieces {
                match Role::ALL.get(*role) {
                    Some(role) => text.push_role(*role, piece),
                    None => text.push(piece),
                }
            }
            let wanted = text.as_str().trim_end().to_owned();
            text.trim_end();
            prop_assert_eq!(text.as_str(), &wanted);
            let spans: String = text.spans().map(|(_, piece)| piece).collect();
            prop_assert_eq!(&spans, &wanted);
            prop_assert!(text.spans().all(|(_, piece)| !piece.is_empty()));
        }
    }
}
