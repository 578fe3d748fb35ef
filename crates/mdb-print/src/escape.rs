//! Makes text from a target harmless to a terminal.
//!
//! A name, a string or a path in a core is whatever the crashed program (or who made the core)
//! left there. Shown raw it could move the cursor, set the title, answer for the user, or change
//! the reading order of the line. These functions leave printable text alone and spell the rest:
//!
//! | in the text | shown as |
//! |---|---|
//! | line feed, carriage return, tab | `\n` `\r` `\t` ([`escape_lines`] keeps line feed and tab) |
//! | other C0 controls (ESC among them), DEL | `\x1b` |
//! | C1 controls, direction marks and overrides, line separators, invisible format characters | `\u{202e}` |
//! | bytes that are not UTF-8 | `\xff` |
//!
//! The zero-width joiners U+200C and U+200D stay: scripts and emoji need them.
//!
//! A backslash of the text stays single except in the `quote_` functions, so only those can be
//! read back without doubt.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a terminal may act on this character instead of showing it, or a reader may be
/// misled by it.
///
/// Sources: ECMA-48 (C0, C1), Unicode Standard Annex 9 table 4 (direction), The Unicode Standard
/// chapter 23 (format characters, tags).
pub fn is_unsafe(character: char) -> bool {
    match character {
        ' '..='~' => false,
        // C0, DEL, C1.
        '\0'..='\x1f' | '\x7f'..='\u{9f}' => true,
        // Soft hyphen, Arabic letter mark, Mongolian vowel separator.
        '\u{ad}' | '\u{61c}' | '\u{180e}' => true,
        // Zero-width space; left-to-right and right-to-left mark.
        '\u{200b}' | '\u{200e}' | '\u{200f}' => true,
        // Line and paragraph separator, embeddings and overrides.
        '\u{2028}'..='\u{202e}' => true,
        // Invisible operators, isolates, deprecated format characters.
        '\u{2060}'..='\u{206f}' => true,
        // Byte order mark, interlinear annotation.
        '\u{feff}' | '\u{fff9}'..='\u{fffb}' => true,
        // Musical format characters.
        '\u{1d173}'..='\u{1d17a}' => true,
        // Tags: an invisible copy of ASCII.
        '\u{e0000}'..='\u{e007f}' => true,
        _ => false,
    }
}

/// What stays as it is besides printable text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// Nothing.
    Nothing,
    /// Line feed and tab.
    Lines,
    /// Nothing, and the quote and backslash are escaped too.
    Quoted,
}

fn must_escape(character: char, keep: Keep) -> bool {
    match keep {
        Keep::Nothing => is_unsafe(character),
        Keep::Lines => !matches!(character, '\n' | '\t') && is_unsafe(character),
        Keep::Quoted => matches!(character, '"' | '\\') || is_unsafe(character),
    }
}

fn push_escaped(out: &mut String, text: &str, keep: Keep) {
    for character in text.chars() {
        if !must_escape(character, keep) {
            out.push(character);
            continue;
        }
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\0'..='\x7f' => push_byte(out, character as u8),
            other => {
                // Writing into a String cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(other));
            }
        }
    }
}

fn push_byte(out: &mut String, byte: u8) {
    let _ = write!(out, "\\x{byte:02x}");
}

fn escape(text: &str, keep: Keep) -> Cow<'_, str> {
    // Most text is printable ASCII: decide that without decoding.
    let plain = match keep {
        Keep::Nothing | Keep::Lines => text.bytes().all(|byte| matches!(byte, b' '..=b'~')),
        Keep::Quoted => false,
    };
    if plain || !text.chars().any(|character| must_escape(character, keep)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().saturating_add(16));
    push_escaped(&mut out, text, keep);
    Cow::Owned(out)
}

fn push_escaped_bytes(out: &mut String, bytes: &[u8], keep: Keep) {
    for chunk in bytes.utf8_chunks() {
        push_escaped(out, chunk.valid(), keep);
        for &byte in chunk.invalid() {
            push_byte(out, byte);
        }
    }
}

/// Escapes everything that is not printable, line feed and tab included: for a name, a path or a
/// string that has to stay on its line.
pub fn escape_text(text: &str) -> Cow<'_, str> {
    escape(text, Keep::Nothing)
}

/// As [`escape_text`], but keeps line feed and tab: for text of several lines.
pub fn escape_lines(text: &str) -> Cow<'_, str> {
    escape(text, Keep::Lines)
}

/// As [`escape_text`] for bytes of the target; those that are not UTF-8 become `\xNN`.
pub fn escape_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    push_escaped_bytes(&mut out, bytes, Keep::Nothing);
    out
}

/// The text between double quotes, with quotes and backslashes escaped too.
pub fn quote_text(text: &str) -> String {
    format!("\"{}\"", escape(text, Keep::Quoted))
}

/// The bytes between double quotes, with quotes and backslashes escaped too.
pub fn quote_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().saturating_add(2));
    out.push('"');
    push_escaped_bytes(&mut out, bytes, Keep::Quoted);
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hostile::hostile_text;

    /// What Unicode says of direction (UAX 9, `Bidi_Control`), written down once more.
    const DIRECTION: [char; 12] = [
        '\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}',
        '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
    ];

    fn harmless(text: &str) -> bool {
        text.chars().all(|c| !c.is_control() && !DIRECTION.contains(&c))
    }

    #[test]
    fn printable_text_is_borrowed() {
        for text in ["", "main+0x21", "C:\\x", "Grüße, 世界 👩‍💻 नमस्ते", "\"quoted\""]
        {
            assert!(matches!(escape_text(text), Cow::Borrowed(same) if same == text), "{text}");
        }
        assert!(matches!(escape_lines("a\tb\n"), Cow::Borrowed("a\tb\n")));
    }

    #[test]
    fn what_could_drive_a_terminal() {
        for (text, shown) in [
            // Title, clipboard, answerback, cursor report, screen cleared with an 8-bit CSI.
            ("\x1b]0;owned\x07", r"\x1b]0;owned\x07"),
            ("\x1b]52;c;aGk=\x1b\\", r"\x1b]52;c;aGk=\x1b\"),
            ("\x05\x1b[6n", r"\x05\x1b[6n"),
            ("\u{9b}2J", r"\u{9b}2J"),
            ("ok\rfake", r"ok\rfake"),
            ("a\x08b\x7f", r"a\x08b\x7f"),
            ("a\nb\tc", r"a\nb\tc"),
            // The reading order turned round, and a line feed in other clothes.
            ("user\u{202e}nimda", r"user\u{202e}nimda"),
            ("a\u{2028}b\u{85}c", r"a\u{2028}b\u{85}c"),
            ("\u{feff}x\u{e0041}", r"\u{feff}x\u{e0041}"),
        ] {
            assert_eq!(escape_text(text), shown);
            assert_eq!(escape_bytes(text.as_bytes()), shown);
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8() {
        assert_eq!(escape_bytes(b"a\xffb\xc3"), r"a\xffb\xc3");
        // An 8-bit CSI as a single byte, a surrogate, an overlong line feed.
        assert_eq!(escape_bytes(b"\x9b2J"), r"\x9b2J");
        assert_eq!(escape_bytes(b"\xed\xa0\x80"), r"\xed\xa0\x80");
        assert_eq!(escape_bytes(b"\xc0\x8a"), r"\xc0\x8a");
        assert_eq!(escape_bytes("Grüße".as_bytes()), "Grüße");
    }

    #[test]
    fn quotes_can_be_read_back() {
        assert_eq!(quote_text(r#"a"b\n"#), r#""a\"b\\n""#);
        assert_eq!(quote_text("a\nb"), r#""a\nb""#);
        assert_eq!(quote_bytes(b"\\\xff\""), r#""\\\xff\"""#);
    }

    #[test]
    fn every_control_and_direction_mark_is_unsafe() {
        for character in '\0'..=char::MAX {
            if character.is_control() || DIRECTION.contains(&character) {
                assert!(is_unsafe(character), "{character:?}");
            }
            if character.is_alphanumeric() {
                assert!(!is_unsafe(character), "{character:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_harmful_survives(text in hostile_text(), bytes: Vec<u8>) {
            prop_assert!(harmless(&escape_text(&text)));
            prop_assert!(harmless(&quote_text(&text)));
            prop_assert!(harmless(&escape_bytes(&bytes)));
            prop_assert!(harmless(&quote_bytes(&bytes)));
            prop_assert!(harmless(&escape_lines(&text).replace(['\n', '\t'], "")));
            prop_assert_eq!(escape_bytes(text.as_bytes()), escape_text(&text).into_owned());
        }

        #[test]
        fn escaping_twice_is_escaping_once(text in hostile_text()) {
            let once = escape_text(&text).into_owned();
            prop_assert_eq!(escape_text(&once), once.as_str());
        }

        #[test]
        fn harmful_characters_between_others(parts in prop::collection::vec(
            prop_oneof![
                prop::sample::select(DIRECTION.as_slice()),
                prop::char::range('\0', '\u{9f}'),
            ], 0..32))
        {
            let text: String = parts.iter().collect();
            prop_assert!(harmless(&escape_text(&text)));
        }
    }
}
