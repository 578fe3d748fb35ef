//! Addresses, hex dumps, streaming tables, JSON rows and styles by role.
//!
//! Everything here is pure: values in, text out. Nothing prints, and nothing reads the target
//! but through a closure of the caller.
//!
//! Two rules hold for the whole crate:
//!
//! * **A core cannot drive the terminal.** Text enters a [`StyledText`] only through the
//!   functions of [`escape`](mod@escape), and so do the cells of a [`Table`]. The only escape
//!   sequences in what [`StyledText::render`] returns are the ones of the [`Palette`].
//! * **Output streams.** A [`Table`] decides a row's layout from its declared [`Column`]s alone,
//!   a [`Hexdump`] holds two lines at a time.

pub mod escape;

mod column;
mod hexdump;
#[cfg(test)]
mod hostile;
mod json;
mod number;
mod style;
mod styled_text;
mod symbol;
mod table;

pub use anstyle;
pub use column::{Align, Cell, Column, ColumnKind, item_cell};
pub use escape::{escape_bytes, escape_lines, escape_text, quote_bytes, quote_text};
pub use hexdump::{DumpRead, Hexdump, HexdumpError, HexdumpOptions};
pub use json::{JsonColumns, json_key, json_row, json_text};
pub use number::{
    format_human_size, format_radix, format_radix_prefixed, format_signed_radix,
    format_signed_radix_prefixed,
};
pub use style::{Palette, Role};
pub use styled_text::{StyledText, display_width};
pub use symbol::{format_address, format_symbol_offset};
pub use table::Table;
