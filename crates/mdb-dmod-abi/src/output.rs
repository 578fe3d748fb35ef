//! The group `output`: rows, text, warnings. Only from the thread that runs the dcmd.

use crate::{Array, Cx, Plain, Status, Str};

/// [`OutputInfo::flags`]: people look at it.
pub const OUTPUT_TERMINAL: u32 = 1;
/// [`OutputInfo::flags`]: rows become JSON.
pub const OUTPUT_JSON: u32 = 2;
/// [`OutputInfo::flags`]: rows become items of a pipe.
pub const OUTPUT_PIPE: u32 = 4;
/// [`OutputInfo::flags`]: with colours.
pub const OUTPUT_COLOUR: u32 = 8;

/// Where output goes.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct OutputInfo {
    /// Size of this struct, set by the caller.
    pub size: u32,
    /// `OUTPUT_*`.
    pub flags: u32,
    /// How many columns; 0: no limit.
    pub width: u32,
    /// 0.
    pub reserved: u32,
}

// SAFETY: integers.
unsafe impl Plain for OutputInfo {}

/// Kinds of cells.
pub mod cell_kind {
    /// Nothing: blank in text, left out in JSON, no item in a pipe.
    pub const NONE: u32 = 0;
    /// An address, in hexadecimal.
    pub const ADDRESS: u32 = 1;
    /// A number in hexadecimal.
    pub const HEX: u32 = 2;
    /// A number in decimal.
    pub const UNSIGNED: u32 = 3;
    /// A number in decimal; the bits are those of an `int64_t`.
    pub const SIGNED: u32 = 4;
    /// Text.
    pub const TEXT: u32 = 5;
    /// An address that is shown as a symbol.
    pub const SYMBOL: u32 = 6;
    /// 0 or 1.
    pub const BOOLEAN: u32 = 7;
    /// A number of bytes.
    pub const SIZE: u32 = 8;
    /// Text of several lines; in JSON an array of strings.
    pub const LINES: u32 = 9;
}

/// A cell of a row.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// [`cell_kind`].
    pub kind: u32,
    /// 0.
    pub flags: u32,
    /// The number.
    pub number: u64,
    /// The text.
    pub text: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Cell {}

/// Roles of text: what it is, from which the host chooses how it looks.
pub mod text_role {
    /// Plain.
    pub const PLAIN: u32 = 0;
    /// An address.
    pub const ADDRESS: u32 = 1;
    /// The name of a function or variable.
    pub const SYMBOL: u32 = 2;
    /// The name of a type.
    pub const TYPE: u32 = 3;
    /// A number.
    pub const NUMBER: u32 = 4;
    /// Text of the target.
    pub const STRING: u32 = 5;
    /// What is less important.
    pub const FAINT: u32 = 6;
    /// What is wrong or doubtful.
    pub const WARNING: u32 = 7;
    /// A heading.
    pub const HEADING: u32 = 8;
}

/// A piece of text with its role.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct StyledPiece {
    /// [`text_role`].
    pub role: u32,
    /// 0.
    pub reserved: u32,
    /// The text.
    pub text: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for StyledPiece {}

/// Output.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct OutputGroup {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// Where output goes.
    pub info: Option<unsafe extern "C" fn(cx: *mut Cx, info: *mut OutputInfo) -> Status>,
    /// Text outside rows. In a pipe the host reads it as expressions, one a line.
    pub write: Option<unsafe extern "C" fn(cx: *mut Cx, text: Str) -> Status>,
    /// One row, a cell for each declared column. Where `text` is not null, it is what the row looks
    /// like in text, in place of a line of the table.
    pub row: Option<
        unsafe extern "C" fn(cx: *mut Cx, cells: *const Array<Cell>, text: *const Str) -> Status,
    >,
    /// A warning: shown beside the output, never part of it.
    pub warn: Option<unsafe extern "C" fn(cx: *mut Cx, text: Str) -> Status>,
    /// Says why this call is going to fail: a sentence, and the address it is about (null: none).
    /// Answers [`Status::ERROR`], to be returned.
    pub fail: Option<unsafe extern "C" fn(cx: *mut Cx, text: Str, address: *const u64) -> Status>,
    /// As `write`, with styles.
    pub write_styled:
        Option<unsafe extern "C" fn(cx: *mut Cx, pieces: *const Array<StyledPiece>) -> Status>,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for OutputGroup {}
