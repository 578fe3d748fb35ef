//! What a dcmd prints: declared columns, and rows of cells.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::escape::{escape_bytes, escape_text};
use crate::style::Role;

/// What a column holds. It decides how numbers look in the table and in JSON, so that a key of
/// the JSON has the same type in every row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnKind {
    /// An address: hexadecimal without a prefix; a string `"0x…"` in JSON.
    Address,
    /// A number in hexadecimal without a prefix; a string `"0x…"` in JSON.
    Hex,
    /// A number in decimal; a number in JSON.
    Unsigned,
    /// A number in decimal with its sign; a number in JSON.
    Signed,
    /// A size in bytes: hexadecimal without a prefix, as MDB shows sizes; a number in JSON.
    Size,
    /// Text.
    Text,
    /// A symbol, with or without an offset.
    Symbol,
    /// `true` or `false`.
    Boolean,
    /// Several values, separated by commas; an array in JSON.
    List,
}

/// To which side a cell that is shorter than its column goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Align {
    /// Blanks come after.
    Left,
    /// Blanks come before.
    Right,
}

/// A column that a dcmd declares before its first row.
///
/// ```
/// use mdb_print::{Column, ColumnKind};
///
/// const COLUMNS: &[Column] = &[
///     Column::new("BASE", ColumnKind::Address).item(),
///     Column::new("LIMIT", ColumnKind::Address),
///     Column::new("SIZE", ColumnKind::Size).with_width(16),
///     Column::new("NAME", ColumnKind::Text),
/// ];
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name in the header; in lower case with `_` for blanks it is the key in JSON.
    pub name: Cow<'static, str>,
    /// What the column holds.
    pub kind: ColumnKind,
    /// The least width, in columns of a terminal. The name widens it where it is longer.
    pub width: u16,
    /// To which side shorter cells go.
    pub align: Align,
    /// Whether this column's value goes on when the dcmd feeds a pipe.
    pub item: bool,
    /// Whether numbers are filled with zeros up to the width instead of blanks.
    pub zero_padded: bool,
    /// How the cells are styled.
    pub role: Option<Role>,
}

impl Column {
    /// A column with the width, side and role that are usual for its kind: addresses take 16
    /// columns, numbers go right and text goes left.
    pub const fn new(name: &'static str, kind: ColumnKind) -> Self {
        Self::of(Cow::Borrowed(name), kind)
    }

    /// As [`new`](Self::new), for a name that is made while the program runs.
    pub const fn owned(name: String, kind: ColumnKind) -> Self {
        Self::of(Cow::Owned(name), kind)
    }

    const fn of(name: Cow<'static, str>, kind: ColumnKind) -> Self {
        let (width, align, role) = match kind {
            ColumnKind::Address => (16, Align::Right, Some(Role::Address)),
            ColumnKind::Hex | ColumnKind::Unsigned | ColumnKind::Signed | ColumnKind::Size => {
                (0, Align::Right, Some(Role::Number))
            }
            ColumnKind::Symbol => (0, Align::Left, Some(Role::Symbol)),
            ColumnKind::Text | ColumnKind::Boolean | ColumnKind::List => (0, Align::Left, None),
        };
        Self { name, kind, width, align, item: false, zero_padded: false, role }
    }

    /// Sets the least width.
    pub const fn with_width(mut self, width: u16) -> Self {
        self.width = width;
        self
    }

    /// Sets the side.
    pub const fn with_align(mut self, align: Align) -> Self {
        self.align = align;
        self
    }

    /// Sets the role of the cells.
    pub const fn with_role(mut self, role: Role) -> Self {
        self.role = Some(role);
        self
    }

    /// Marks the column whose value goes on when the dcmd feeds a pipe.
    pub const fn item(mut self) -> Self {
        self.item = true;
        self
    }

    /// Fills numbers with zeros up to the width.
    pub const fn zero_padded(mut self) -> Self {
        self.zero_padded = true;
        self
    }
}

/// One value of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// Not known: `-` in the table, `null` in JSON.
    #[default]
    Null,
    /// An address.
    Address(u64),
    /// A number that is read in hexadecimal.
    Hex(u64),
    /// A number.
    Unsigned(u64),
    /// A number that may be negative.
    Signed(i64),
    /// Text as it is in the target: whoever shows it escapes it, not whoever makes the cell.
    Text(String),
    /// Text of the target that may not be UTF-8, such as a path.
    Bytes(Vec<u8>),
    /// Yes or no.
    Boolean(bool),
    /// Several values.
    List(Vec<Cell>),
}

impl Cell {
    /// The cell as a number, for the next stage of a pipe.
    pub fn as_u64(&self) -> Option<u64> {
        match *self {
            Self::Address(value) | Self::Hex(value) | Self::Unsigned(value) => Some(value),
            // The language's values are unsigned and wrap.
            Self::Signed(value) => Some(value as u64),
            Self::Boolean(value) => Some(u64::from(value)),
            Self::Null | Self::Text(_) | Self::Bytes(_) | Self::List(_) => None,
        }
    }

    /// The cell as the table shows it in this column, escaped, without padding.
    pub fn text(&self, column: &Column) -> String {
        let mut out = String::new();
        self.text_into(column, &mut out);
        out
    }

    /// Appends what [`text`](Self::text) gives.
    pub(crate) fn text_into(&self, column: &Column, out: &mut String) {
        let zeros = if column.zero_padded { usize::from(column.width) } else { 0 };
        // Writing into a String cannot fail.
        let _ = match (self.as_number(), column.kind) {
            (Some(number), ColumnKind::Address | ColumnKind::Hex | ColumnKind::Size) => {
                if number < 0 {
                    write!(out, "-{:0zeros$x}", number.unsigned_abs())
                } else {
                    write!(out, "{number:0zeros$x}")
                }
            }
            (Some(number), ColumnKind::Unsigned | ColumnKind::Signed) => {
                write!(out, "{number:0zeros$}")
            }
            _ => {
                self.own_text_into(out);
                Ok(())
            }
        };
    }

    /// Appends the cell as it looks where the column does not say how.
    fn own_text_into(&self, out: &mut String) {
        // Writing into a String cannot fail.
        let _ = match self {
            Self::Null => out.write_char('-'),
            Self::Address(value) | Self::Hex(value) => write!(out, "{value:x}"),
            Self::Unsigned(value) => write!(out, "{value}"),
            Self::Signed(value) => write!(out, "{value}"),
            Self::Text(text) => out.write_str(&escape_text(text)),
            Self::Bytes(bytes) => out.write_str(&escape_bytes(bytes)),
            Self::Boolean(value) => write!(out, "{value}"),
            Self::List(cells) if cells.is_empty() => out.write_char('-'),
            Self::List(cells) => {
                for (index, cell) in cells.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    cell.own_text_into(out);
                }
                Ok(())
            }
        };
    }

    /// The cell as a number, with its sign.
    pub(crate) fn as_number(&self) -> Option<i128> {
        match *self {
            Self::Address(value) | Self::Hex(value) | Self::Unsigned(value) => {
                Some(i128::from(value))
            }
            Self::Signed(value) => Some(i128::from(value)),
            _ => None,
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&[u8]> for Cell {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_owned())
    }
}

impl From<bool> for Cell {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<Vec<Self>> for Cell {
    fn from(cells: Vec<Self>) -> Self {
        Self::List(cells)
    }
}

/// `None` is what is not known.
impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The cell of a row that feeds a pipe: the one of the column marked so, or none.
pub fn item_cell<'a>(columns: &[Column], cells: &'a [Cell]) -> Option<&'a Cell> {
    columns.iter().position(|column| column.item).and_then(|index| cells.get(index))
}
