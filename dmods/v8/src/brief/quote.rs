//! Text in a line: quoted, escaped, cut.

use crate::object::heap::{Heap, Object};
use crate::object::value::Value;
use mdb_dmod::prelude::*;

/// Appends a UTF-16 unit or character, escaped where it would not show or would change what shows.
fn escape(out: &mut String, c: Result<char, u16>, quote: Option<char>) {
    let c = match c {
        Ok(c) => c,
        Err(unit) => {
            out.push_str(&format!("\\u{unit:04x}"));
            return;
        }
    };
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\\' if quote.is_some() => out.push_str("\\\\"),
        _ if Some(c) == quote => {
            out.push('\\');
            out.push(c);
        }
        '\0'..='\x1f' | '\x7f'..='\u{9f}' => out.push_str(&format!("\\x{:02x}", u32::from(c))),
        // Ends of lines, and what turns the direction of the text around it.
        '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        }
        _ => out.push(c),
    }
}

fn chars(units: &[u16]) -> impl Iterator<Item = Result<char, u16>> {
    char::decode_utf16(units.iter().copied()).map(|c| c.map_err(|error| error.unpaired_surrogate()))
}

/// A string in quotes, in at most `room` characters; if it is cut, with how many UTF-16 units are
/// missing: `"abc…" +120`.
pub(super) fn string(heap: Heap<'_>, object: Object, room: usize) -> Result<String> {
    let text = heap.string(object.value(), room.saturating_add(1))?;
    let mut whole = String::from("\"");
    for c in chars(&text.units) {
        escape(&mut whole, c, Some('"'));
    }
    whole.push('"');
    if !text.is_cut() && whole.chars().count() <= room {
        return Ok(whole);
    }
    // The number is not longer than that of all.
    let end = format!("…\" +{}", text.length).chars().count();
    let mut left = room.saturating_sub(end.saturating_add(1));
    let mut shown: u64 = 0;
    let mut out = String::from("\"");
    for c in chars(&text.units) {
        let mut one = String::new();
        escape(&mut one, c, Some('"'));
        let Some(rest) = left.checked_sub(one.chars().count()) else { break };
        left = rest;
        out.push_str(&one);
        shown = shown.saturating_add(c.map_or(1, |c| c.len_utf16() as u64));
    }
    out.push_str(&format!("…\" +{}", text.length.saturating_sub(shown)));
    Ok(out)
}

/// The text of a string, escaped but not quoted, cut to `room` characters. Empty where the value is no
/// string.
pub(super) fn bare(heap: Heap<'_>, value: Value, room: usize) -> Result<String> {
    let text = heap.string(value, room.saturating_add(1))?;
    let mut out = String::new();
    for c in chars(&text.units) {
        escape(&mut out, c, None);
    }
    Ok(cut(out, room))
}

/// Rust's text, escaped but not quoted, cut.
pub(super) fn plain(text: &str, room: usize) -> String {
    let mut out = String::new();
    for c in text.chars().take(room.saturating_add(1)) {
        escape(&mut out, Ok(c), None);
    }
    cut(out, room)
}

/// The text, cut to `room` characters.
pub(super) fn cut(text: String, room: usize) -> String {
    if text.chars().count() <= room {
        return text;
    }
    let mut text: String = text.chars().take(room.saturating_sub(1)).collect();
    text.push('…');
    text
}

/// Whether a key needs no quotes.
pub(super) fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    let first = chars.next().is_some_and(|c| c == '_' || c == '$' || c.is_alphabetic());
    first && chars.all(|c| c == '_' || c == '$' || c.is_alphanumeric())
}

/// Text of the target without quotes, in one line.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        escape(&mut line, Ok(c), None);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_not_show_is_escaped() {
        let mut out = String::new();
        for c in chars(&[0x61, 0x1b, 0x0a, 0x22, 0x5c, 0xd800, 0xd83d, 0xde00, 0x202e]) {
            escape(&mut out, c, Some('"'));
        }
        assert_eq!(out, "a\\x1b\\n\\\"\\\\\\ud800\u{1f600}\\u202e");
        assert_eq!(plain("a\"\\\u{7}", 10), "a\"\\\\x07");
        assert_eq!(plain("abcdef", 3), "ab…");
    }

    #[test]
    fn identifiers_need_no_quotes() {
        assert!(is_identifier("$_a1") && is_identifier("\u{e9}t\u{e9}"));
        assert!(!is_identifier("1a") && !is_identifier("a b") && !is_identifier(""));
    }
}
