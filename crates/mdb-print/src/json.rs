//! Rows as JSON lines, from the columns that the table uses.

use std::fmt::Write as _;

use crate::column::{Cell, Column, ColumnKind};
use crate::escape::is_unsafe;

/// The greatest integer up to which every reader of JSON is exact (RFC 8259 section 6).
const GREATEST_EXACT: u64 = 1 << 53;

/// One row as an object on one line, without the line feed: a key for each column in their
/// order, then `extra`.
///
/// Addresses and hexadecimal numbers are strings `"0x…"`; other numbers are numbers up to 2^53 in
/// size and strings beyond; what is not known is `null`. Text is what the target holds, with
/// U+FFFD for what is not UTF-8 and with `\u` for what could drive a terminal.
///
/// Where two columns would have the same key the later one gets `_2`, `_3` and so on.
pub fn json_row(columns: &[Column], cells: &[Cell], extra: &[(&str, Cell)]) -> String {
    let mut out = String::from("{");
    let mut keys: Vec<String> = Vec::with_capacity(columns.len().saturating_add(extra.len()));
    for (index, column) in columns.iter().enumerate() {
        push_key(&mut out, &mut keys, &column.name);
        push_in_column(&mut out, cells.get(index).unwrap_or(&Cell::Null), column.kind);
    }
    for (name, cell) in extra {
        push_key(&mut out, &mut keys, name);
        push_cell(&mut out, cell);
    }
    out.push('}');
    out
}

/// A line of a dcmd that has no columns, as an object: `{"text":"…"}`.
pub fn json_text(line: &str) -> String {
    let mut out = String::from("{\"text\":");
    push_string(&mut out, line);
    out.push('}');
    out
}

/// The key of a column: its name in lower case with `_` for blanks.
pub fn json_key(name: &str) -> String {
    name.to_lowercase().replace(char::is_whitespace, "_")
}

fn push_key(out: &mut String, keys: &mut Vec<String>, name: &str) {
    let plain = json_key(name);
    let mut key = plain.clone();
    // No more than `keys.len()` numbers can be taken.
    let mut number = 2_usize;
    while keys.contains(&key) {
        key = format!("{plain}_{number}");
        number = number.saturating_add(1);
    }
    if !keys.is_empty() {
        out.push(',');
    }
    push_string(out, &key);
    out.push(':');
    keys.push(key);
}

fn push_in_column(out: &mut String, cell: &Cell, kind: ColumnKind) {
    match (cell.as_number(), kind) {
        (Some(number), ColumnKind::Address | ColumnKind::Hex) => push_hex(out, number),
        (Some(number), ColumnKind::Unsigned | ColumnKind::Signed | ColumnKind::Size) => {
            push_number(out, number);
        }
        _ => push_cell(out, cell),
    }
}

fn push_cell(out: &mut String, cell: &Cell) {
    match cell {
        Cell::Null => out.push_str("null"),
        Cell::Address(value) | Cell::Hex(value) => push_hex(out, i128::from(*value)),
        Cell::Unsigned(value) => push_number(out, i128::from(*value)),
        Cell::Signed(value) => push_number(out, i128::from(*value)),
        Cell::Text(text) => push_string(out, text),
        Cell::Bytes(bytes) => push_string(out, &String::from_utf8_lossy(bytes)),
        Cell::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
        Cell::List(cells) => {
            out.push('[');
            for (index, cell) in cells.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_cell(out, cell);
            }
            out.push(']');
        }
    }
}

fn push_hex(out: &mut String, number: i128) {
    let sign = if number < 0 { "-" } else { "" };
    // Writing into a String cannot fail.
    let _ = write!(out, "\"{sign}{:#x}\"", number.unsigned_abs());
}

fn push_number(out: &mut String, number: i128) {
    let quote = if number.unsigned_abs() > u128::from(GREATEST_EXACT) { "\"" } else { "" };
    let _ = write!(out, "{quote}{number}{quote}");
}

fn push_string(out: &mut String, text: &str) {
    let json = serde_json::Value::from(text).to_string();
    // JSON requires only C0 to be escaped; a terminal obeys more than that.
    for character in json.chars() {
        if is_unsafe(character) {
            let mut units = [0_u16; 2];
            for unit in character.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
}
