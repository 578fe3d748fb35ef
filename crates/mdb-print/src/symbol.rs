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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_as_mdb_spells_them() {
        assert_eq!(format_symbol_offset(None, "main", 0), "main");
        assert_eq!(format_symbol_offset(None, "main", 4), "main+4");
        assert_eq!(format_symbol_offset(None, "main", 0x10), "main+0x10");
        assert_eq!(format_symbol_offset(Some("a.out"), "main", 0), "a.out`main");
        assert_eq!(format_symbol_offset(Some("l"), "f", u64::MAX), "l`f+0xffffffffffffffff");
        assert_eq!(format_address(0), "0x0");
        assert_eq!(format_address(0x7fff_0000_1234), "0x7fff00001234");
    }

    #[test]
    fn names_of_a_hostile_symbol_table() {
        assert_eq!(
            format_symbol_offset(Some("lib\n.so"), "f\x1b[2J\u{202e}", 1),
            r"lib\n.so`f\x1b[2J\u{202e}+1"
        );
    }
}
