//! Rows, text, warnings, items.

use crate::session::function;
use crate::{Result, Session};
use mdb_dmod_abi::{
    Array, Item, OUTPUT_COLOUR, OUTPUT_JSON, OUTPUT_PIPE, OUTPUT_TERMINAL, OutputGroup, OutputInfo,
    PipeGroup, Str, StyledPiece, cell_kind,
};
use std::borrow::Cow;
use std::fmt;

/// A cell of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Nothing.
    #[default]
    None,
    /// An address.
    Address(u64),
    /// A number in hexadecimal.
    Hex(u64),
    /// A number in decimal.
    Unsigned(u64),
    /// A number in decimal.
    Signed(i64),
    /// Text.
    Text(Cow<'a, str>),
    /// An address that is shown as a symbol.
    Symbol(u64),
    /// Yes or no.
    Boolean(bool),
    /// A number of bytes.
    Size(u64),
    /// Text of several lines.
    Lines(Cow<'a, str>),
}

impl<'a> Cell<'a> {
    /// Text; nothing where it is empty.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::None } else { Self::Text(text) }
    }

    fn lend(&self) -> mdb_dmod_abi::Cell {
        let (kind, number, text) = match self {
            Self::None => (cell_kind::NONE, 0, ""),
            Self::Address(n) => (cell_kind::ADDRESS, *n, ""),
            Self::Hex(n) => (cell_kind::HEX, *n, ""),
            Self::Unsigned(n) => (cell_kind::UNSIGNED, *n, ""),
            Self::Signed(n) => (cell_kind::SIGNED, *n as u64, ""),
            Self::Text(text) => (cell_kind::TEXT, 0, text.as_ref()),
            Self::Symbol(n) => (cell_kind::SYMBOL, *n, ""),
            Self::Boolean(b) => (cell_kind::BOOLEAN, u64::from(*b), ""),
            Self::Size(n) => (cell_kind::SIZE, *n, ""),
            Self::Lines(text) => (cell_kind::LINES, 0, text.as_ref()),
        };
        mdb_dmod_abi::Cell { kind, flags: 0, number, text: Str::new(text) }
    }
}

/// Where output goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "the flags of the ABI, one by one")]
pub struct OutputMode {
    /// People look at it.
    pub terminal: bool,
    /// Rows become JSON.
    pub json: bool,
    /// Rows become items of a pipe.
    pub pipe: bool,
    /// With colours.
    pub colour: bool,
    /// Columns; 0: no limit.
    pub width: u32,
}

impl Session<'_> {
    /// Where output goes.
    pub fn output_mode(&self) -> OutputMode {
        let Ok(function) = function!(self.output, OutputGroup, info) else {
            return OutputMode::default();
        };
        let size = size_of::<OutputInfo>() as u32;
        let mut info = OutputInfo { size, flags: 0, width: 0, reserved: 0 };
        // SAFETY: the context is that of the call under way.
        let _ = unsafe { function(self.cx, &raw mut info) };
        OutputMode {
            terminal: info.flags & OUTPUT_TERMINAL != 0,
            json: info.flags & OUTPUT_JSON != 0,
            pipe: info.flags & OUTPUT_PIPE != 0,
            colour: info.flags & OUTPUT_COLOUR != 0,
            width: info.width,
        }
    }

    /// Writes text outside rows.
    pub fn write(&self, text: &str) -> Result<()> {
        let function = function!(self.output, OutputGroup, write)?;
        // SAFETY: the context is that of the call under way; the text is lent for the call.
        let status = unsafe { function(self.cx, Str::new(text)) };
        self.check(status)
    }

    /// Writes text in pieces, each with what it is ([`mdb_dmod_abi::text_role`]): the host chooses
    /// how that looks, and where there are no colours it is plain.
    pub fn write_styled(&self, pieces: &[(u32, &str)]) -> Result<()> {
        let Ok(function) = function!(self.output, OutputGroup, write_styled) else {
            return self.write(&pieces.iter().map(|(_, text)| *text).collect::<String>());
        };
        let piece = |(role, text): &(u32, &str)| StyledPiece {
            role: *role,
            reserved: 0,
            text: Str::new(text),
        };
        let pieces: Vec<StyledPiece> = pieces.iter().map(piece).collect();
        let pieces = Array::of(&pieces);
        // SAFETY: the context is that of the call under way; the pieces are lent for the call.
        let status = unsafe { function(self.cx, &raw const pieces) };
        self.check(status)
    }

    /// For `write!` and `writeln!`.
    pub fn write_fmt(&self, arguments: fmt::Arguments<'_>) -> Result<()> {
        match arguments.as_str() {
            Some(text) => self.write(text),
            None => self.write(&arguments.to_string()),
        }
    }

    fn row_with(&self, cells: &[Cell<'_>], text: Option<&str>) -> Result<()> {
        let function = function!(self.output, OutputGroup, row)?;
        let lent: Vec<mdb_dmod_abi::Cell> = cells.iter().map(Cell::lend).collect();
        let cells = Array::of(&lent);
        let text = text.map(Str::new);
        let text = text.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: the context is that of the call under way; the rest is lent for the call.
        let status = unsafe { function(self.cx, &raw const cells, text) };
        self.check(status)
    }

    /// A row: one cell for each declared column, in order.
    pub fn row(&self, cells: &[Cell<'_>]) -> Result<()> {
        self.row_with(cells, None)
    }

    /// A row that looks so in text (in JSON and pipes, its cells count). The text ends with a
    /// newline of its own.
    pub fn row_as(&self, cells: &[Cell<'_>], text: &str) -> Result<()> {
        self.row_with(cells, Some(text))
    }

    /// A warning beside the output.
    pub fn warn(&self, text: &str) -> Result<()> {
        let function = function!(self.output, OutputGroup, warn)?;
        // SAFETY: the context is that of the call under way; the text is lent for the call.
        let status = unsafe { function(self.cx, Str::new(text)) };
        self.check(status)
    }

    /// Pushes an address, or whatever the command declares, into the pipe.
    pub fn emit(&self, value: u64) -> Result<()> {
        self.emit_item(Item::address(value))
    }

    /// Pushes an item into the pipe.
    pub fn emit_item(&self, item: Item) -> Result<()> {
        let function = function!(self.pipe, PipeGroup, emit)?;
        // SAFETY: the context is that of the call under way.
        let status = unsafe { function(self.cx, item) };
        self.check(status)
    }
}
