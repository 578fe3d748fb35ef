//! How addresses are spelled with symbols.

use std::fmt::Write as _;

use crate::escape::escape_text;
use crate::number::format_radix_prefixed;

/// `object` backquote `name+0xoff`, escaped. There is no offset where it is 0, no prefix where
/// it is below 10, and no object where the caller leaves it out (for the executable).
///
/// ```
/// use mdb_print::format_symbol_offset;
///
/// assert_eq!(format_symbol_offset(None, "main", 0x21), "main+0x21");
/// assert_eq!(format_symbol_offset(Some("libc.so.6"), "poll", 4), "libc.so.6`poll+4");
/// ```
pub fn format_symbol_offset(object: Option<&str>, name: &str, offset: u64) -> String {
    let mut out = String::new();
    if let Some(object) = object {
        // Writing into a String cannot fail.
        let _ = write!(out, "{}`", escape_text(object));
    }
    out.push_str(&escape_text(name));
    if offset != 0 {
        let _ = write!(out, "+{}", format_radix_prefixed(offset, 16));
    }
    out
}

/// An address that has no symbol: `0x` and lower-case digits, 0 too.
pub fn format_address(address: u64) -> String {
    format!("{address:#x}")
}
