//! Rows as JSON lines, from the columns that the table uses.

use std::fmt::Write as _;

use crate::column::{Cell, Column, ColumnKind};
use crate::escape::is_unsafe;

/// The greatest integer up to which every reader of JSON is exact (RFC 8259 section 6).
const GREATEST_EXACT: u64 = 1 << 53;

/// The columns of rows that become JSON; their keys are spelled once.
#[derive(Clone, Debug, Default)]
pub struct JsonColumns {
    columns: Vec<JsonColumn>,
}

#[derive(Clone, Debug)]
struct JsonColumn {
    key: String,
    /// What stands before the value: `{"key":` or `,"key":`.
    before: String,
    kind: ColumnKind,
}

impl JsonColumns {
    /// No columns.
    pub const NONE: Self = Self { columns: Vec::new() };

    /// From the columns of a table. Where two would have the same key the later one gets `_2`,
    /// `_3` and so on.
    pub fn new(columns: Vec<Column>) -> Self {
        let mut all = Self::NONE;
        for column in columns {
            let key = all.free_key(&column.name, &[]);
            let mut before = String::from(if all.columns.is_empty() { "{" } else { "," });
            push_string(&mut before, &key);
            before.push(':');
            all.columns.push(JsonColumn { key, before, kind: column.kind });
        }
        all
    }

    /// The kind of a column.
    pub fn kind(&self, index: usize) -> Option<ColumnKind> {
        Some(self.columns.get(index)?.kind)
    }

    /// Appends one row, as [`json_row`] makes it.
    pub fn push_row(&self, out: &mut String, cells: &[Cell], extra: &[(&str, Cell)]) {
        for (index, column) in self.columns.iter().enumerate() {
            out.push_str(&column.before);
            push_in_column(out, cells.get(index).unwrap_or(&Cell::Null), column.kind);
        }
        if self.columns.is_empty() && extra.is_empty() {
            out.push('{');
        }
        let mut keys: Vec<String> = Vec::with_capacity(extra.len());
        for (name, cell) in extra {
            let key = self.free_key(name, &keys);
            out.push(if self.columns.is_empty() && keys.is_empty() { '{' } else { ',' });
            push_string(out, &key);
            out.push(':');
            push_cell(out, cell);
            keys.push(key);
        }
        out.push('}');
    }

    /// The key for a name, another one than those of the columns and than `more`.
    fn free_key(&self, name: &str, more: &[String]) -> String {
        let plain = json_key(name);
        let mut key = plain.clone();
        // No more numbers can be taken than there are keys.
        let mut number = 2_usize;
        while self.columns.iter().any(|column| column.key == key) || more.contains(&key) {
            key = format!("{plain}_{number}");
            number = number.saturating_add(1);
        }
        key
    }
}

/// One row as an object on one line, without the line feed: a key for each column in their
/// order, then `extra`.
///
/// Addresses and hexadecimal numbers are strings `"0x…"`; other numbers are numbers up to 2^53 in
/// size and strings beyond; what is not known is `null`. Text is what the target holds, with
/// U+FFFD for what is not UTF-8 and with `\u` for what could drive a terminal.
///
/// Where two columns would have the same key the later one gets `_2`, `_3` and so on.
pub fn json_row(columns: &[Column], cells: &[Cell], extra: &[(&str, Cell)]) -> String {
    let mut out = String::new();
    JsonColumns::new(columns.to_vec()).push_row(&mut out, cells, extra);
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
    // Most text needs no escape.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')) {
        out.push('"');
        out.push_str(text);
        out.push('"');
        return;
    }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::hostile::hostile_text;

    fn parse(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_row_reads_back() {
        let columns = [
            Column::new("BASE", ColumnKind::Address),
            Column::new("Size In Use", ColumnKind::Size),
            Column::new("DELTA", ColumnKind::Signed),
            Column::new("FLAGS", ColumnKind::Hex),
            Column::new("NAME", ColumnKind::Text),
            Column::new("OK", ColumnKind::Boolean),
            Column::new("IDS", ColumnKind::List),
            Column::new("LAST", ColumnKind::Symbol),
        ];
        let cells = [
            Cell::Address(0x40_0000),
            Cell::Unsigned(4096),
            Cell::Signed(-3),
            Cell::Unsigned(0x1f),
            Cell::Text("a\"\\\n\x1b[2J\u{202e}é👍".into()),
            Cell::Boolean(true),
            Cell::List(vec![Cell::Unsigned(1), Cell::Null, Cell::Address(2)]),
        ];
        let row = json_row(&columns, &cells, &[("thread", Cell::Unsigned(1))]);
        assert!(!row.contains('\n'));
        assert_eq!(
            parse(&row),
            json!({
                "base": "0x400000", "size_in_use": 4096, "delta": -3, "flags": "0x1f",
                "name": "a\"\\\n\x1b[2J\u{202e}é👍", "ok": true, "ids": [1, null, "0x2"],
                "last": null, "thread": 1,
            })
        );
        // In the order of the columns.
        assert!(row.starts_with(r#"{"base":"0x400000","size_in_use":4096,"delta":-3,"#), "{row}");
        assert!(row.ends_with(r#""last":null,"thread":1}"#), "{row}");
    }

    #[test]
    fn numbers_beyond_what_readers_hold() {
        let column = [Column::new("N", ColumnKind::Signed)];
        let value = |cell| parse(&json_row(&column, &[cell], &[]))["n"].clone();
        assert_eq!(value(Cell::Unsigned(1 << 53)), json!(9_007_199_254_740_992_u64));
        assert_eq!(value(Cell::Unsigned((1 << 53) + 1)), json!("9007199254740993"));
        assert_eq!(value(Cell::Signed(-(1 << 53))), json!(-9_007_199_254_740_992_i64));
        assert_eq!(value(Cell::Signed(i64::MIN)), json!("-9223372036854775808"));
        assert_eq!(value(Cell::Unsigned(u64::MAX)), json!("18446744073709551615"));
    }

    #[test]
    fn the_column_decides_the_type_of_its_key() {
        for (kind, wanted) in [
            (ColumnKind::Address, json!("0x10")),
            (ColumnKind::Hex, json!("0x10")),
            (ColumnKind::Size, json!(16)),
            (ColumnKind::Unsigned, json!(16)),
        ] {
            for cell in [Cell::Address(16), Cell::Hex(16), Cell::Unsigned(16), Cell::Signed(16)] {
                assert_eq!(parse(&json_row(&[Column::new("k", kind)], &[cell], &[]))["k"], wanted);
            }
        }
    }

    #[test]
    fn no_key_hides_another() {
        let columns =
            [Column::new("NAME", ColumnKind::Text), Column::new("Name", ColumnKind::Text)];
        let row = json_row(&columns, &["a".into(), "b".into()], &[("name", "c".into())]);
        assert_eq!(row, r#"{"name":"a","name_2":"b","name_3":"c"}"#);
        assert_eq!(json_row(&[], &[], &[]), "{}");
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_replaced() {
        let row = json_row(&[Column::new("F", ColumnKind::Text)], &[b"a\xff"[..].into()], &[]);
        assert_eq!(parse(&row), json!({"f": "a\u{fffd}"}));
    }

    proptest! {
        #[test]
        fn text_reads_back_and_drives_no_terminal(text in hostile_text(), name in hostile_text()) {
            let line = json_text(&text);
            prop_assert_eq!(parse(&line), json!({ "text": text.clone() }));
            prop_assert!(!line.chars().any(is_unsafe) && !line.chars().any(char::is_control));
            let column = [Column::owned(name.clone(), ColumnKind::Text)];
            let row = json_row(&column, &[Cell::Text(text.clone())], &[]);
            prop_assert!(!row.chars().any(char::is_control));
            prop_assert_eq!(&parse(&row)[&json_key(&name)], &json!(text));
        }

        #[test]
        fn addresses_read_back(address: u64) {
            let row = json_row(&[Column::new("A", ColumnKind::Address)], &[Cell::Address(address)], &[]);
            let row = parse(&row);
            let text = row["a"].as_str().unwrap().strip_prefix("0x").unwrap();
            prop_assert_eq!(u64::from_str_radix(text, 16), Ok(address));
        }
    }
}
