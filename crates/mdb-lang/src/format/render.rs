//! One value of a format character as text.

use std::fmt::Write as _;

use super::time::local_time;

/// What the text of a value depends on besides the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenderOptions {
    /// The default radix, for `w` and `W`.
    pub radix: u32,
    /// The local time zone in seconds east of Greenwich, for `Y` and `y`. Ask it for the moment
    /// that is printed: it depends on the date.
    pub utc_offset: i32,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self { radix: 16, utc_offset: 0 }
    }
}

/// The low `bytes` bytes of a value.
pub fn truncate(value: u64, bytes: u8) -> u64 {
    match bytes {
        0 => 0,
        1..=7 => value & ((1 << (u32::from(bytes) * 8)) - 1),
        _ => value,
    }
}

/// The low `bytes` bytes of a value in the opposite order.
pub fn swap_bytes(value: u64, bytes: u8) -> u64 {
    match bytes {
        1..=7 => truncate(value, bytes).swap_bytes() >> (64 - u32::from(bytes) * 8),
        0 => 0,
        _ => value.swap_bytes(),
    }
}

/// Appends the text of a value, without padding. Only the low bytes that the format takes count;
/// `pointer_size` is that of the target. Returns false, and appends nothing, for a character that
/// prints no value of fixed size (see [`FormatRole`](super::FormatRole)).
///
/// Control characters that `c` would print are left out, so that a value cannot drive a terminal.
pub fn render(
    ch: char,
    value: u64,
    pointer_size: u8,
    options: RenderOptions,
    out: &mut String,
) -> bool {
    let byte = value as u8;
    let half = value as u16;
    let word = value as u32;
    // Formatting into a String cannot fail.
    let _ = match ch {
        'B' => write!(out, "{byte:x}"),
        'b' => octal(out, u64::from(byte), false),
        'V' => write!(out, "{byte}"),
        'v' => write!(out, "{}", byte.cast_signed()),
        'c' => {
            if byte.is_ascii_graphic() || byte == b' ' {
                out.push(char::from(byte));
            }
            Ok(())
        }
        'C' => {
            escape_bytes(&[byte], out);
            Ok(())
        }
        'x' => write!(out, "{half:x}"),
        'd' => write!(out, "{}", half.cast_signed()),
        'u' => write!(out, "{half}"),
        'o' => octal(out, u64::from(half), false),
        'q' => octal(out, u64::from(half.cast_signed().unsigned_abs()), half.cast_signed() < 0),
        'h' => write!(out, "{:x}", half.swap_bytes()),
        'w' => write!(out, "{}", in_radix(u64::from(half), options.radix)),
        'X' => write!(out, "{word:x}"),
        'D' => write!(out, "{}", word.cast_signed()),
        'U' => write!(out, "{word}"),
        'O' => octal(out, u64::from(word), false),
        'Q' => octal(out, u64::from(word.cast_signed().unsigned_abs()), word.cast_signed() < 0),
        'H' => write!(out, "{:x}", word.swap_bytes()),
        'W' => write!(out, "{}", in_radix(u64::from(word), options.radix)),
        'f' => exponent(out, f64::from(f32::from_bits(word)), 7),
        'Y' => time(out, i64::from(word.cast_signed()), options.utc_offset),
        'J' | 'Z' => write!(out, "{value:x}"),
        'K' => write!(out, "{:x}", truncate(value, pointer_size)),
        'e' => write!(out, "{}", value.cast_signed()),
        'E' => write!(out, "{value}"),
        'g' => {
            let sign = if value.cast_signed() < 0 { "-" } else { "" };
            write!(out, "{sign}{:o}", value.cast_signed().unsigned_abs())
        }
        'G' => write!(out, "{value:o}"),
        'R' => write!(out, "{value:b}"),
        'F' => exponent(out, f64::from_bits(value), 16),
        'y' => time(out, value.cast_signed(), options.utc_offset),
        _ => return false,
    };
    true
}

fn octal(out: &mut String, value: u64, negative: bool) -> std::fmt::Result {
    let sign = if negative { "-" } else { "" };
    if value == 0 { write!(out, "0") } else { write!(out, "{sign}0{value:o}") }
}

/// A number in a radix from 2 to 16, without a prefix.
pub fn in_radix(mut value: u64, radix: u32) -> String {
    let radix = radix.clamp(2, 16);
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(value % u64::from(radix)).unwrap_or(0);
        digits.push(char::from_digit(digit, radix).unwrap_or('0'));
        value /= u64::from(radix);
        if value == 0 {
            break;
        }
    }
    digits.into_iter().rev().collect()
}

/// The exponent form of C's `%e`: a sign and at least two digits after the `e`.
fn exponent(out: &mut String, value: f64, digits: usize) -> std::fmt::Result {
    if value.is_nan() {
        return write!(out, "NaN");
    }
    if value.is_infinite() {
        return write!(out, "{}Inf", if value < 0.0 { "-" } else { "" });
    }
    let text = format!("{value:.digits$e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            let (sign, exponent) = match exponent.strip_prefix('-') {
                Some(exponent) => ('-', exponent),
                None => ('+', exponent),
            };
            write!(out, "{mantissa}e{sign}{exponent:0>2}")
        }
        None => write!(out, "{text}"),
    }
}

fn time(out: &mut String, seconds: i64, utc_offset: i32) -> std::fmt::Result {
    match local_time(seconds, utc_offset) {
        Some(text) => write!(out, "{text}"),
        None => write!(out, "{seconds}"),
    }
}

/// Appends bytes with C escapes: `\n`, `\0`, `\"`, `\\`, three octal digits for what has no name.
pub fn escape_bytes(bytes: &[u8], out: &mut String) {
    for (index, &byte) in bytes.iter().enumerate() {
        match byte {
            0x07 => out.push_str("\\a"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x0b => out.push_str("\\v"),
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            // `\0` before a digit would read as a longer octal escape.
            0 if !bytes.get(index + 1).is_some_and(u8::is_ascii_digit) => out.push_str("\\0"),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\{byte:03o}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(ch: char, value: u64) -> String {
        let mut out = String::new();
        assert!(render(ch, value, 8, RenderOptions::default(), &mut out), "{ch}");
        out
    }

    /// The conformance rows of one format, without the padding of the field.
    #[test]
    fn conformance_rows() {
        for (ch, value, expected) in [
            ('X', 10, "a"),
            ('D', 16, "16"),
            ('X', u64::MAX, "ffffffff"),
            ('J', u64::MAX, "ffffffffffffffff"),
            ('E', u64::MAX, "18446744073709551615"),
            ('e', u64::MAX, "-1"),
            ('X', 0x6162, "6162"),
            ('J', 1.5f64.to_bits(), "3ff8000000000000"),
            ('B', 0x1234, "34"),
            ('v', 0xff, "-1"),
            ('V', 0xff, "255"),
            ('b', 0xff, "0377"),
            ('d', 0xffff, "-1"),
            ('u', 0xffff, "65535"),
            ('h', 0x1234, "3412"),
            ('H', 0x12345678, "78563412"),
            ('R', 5, "101"),
            ('c', 0x41, "A"),
            ('C', 0xa, "\\n"),
            ('F', 1.5f64.to_bits(), "1.5000000000000000e+00"),
            ('Y', 0, "1970 Jan  1 00:00:00"),
        ] {
            assert_eq!(text(ch, value), expected, "{value:#x}={ch}");
        }
    }

    #[test]
    fn the_other_formats() {
        for (ch, value, expected) in [
            ('x', 0x12345, "2345"),
            ('o', 8, "010"),
            ('o', 0, "0"),
            ('q', 0xfff8, "-010"),
            ('O', u64::from(u32::MAX), "037777777777"),
            ('Q', u64::from(u32::MAX), "-01"),
            ('U', u64::from(u32::MAX), "4294967295"),
            ('w', 0x1ffff, "ffff"),
            ('W', 0x1_0000_0010, "10"),
            ('Z', 0x10, "10"),
            ('K', u64::MAX, "ffffffffffffffff"),
            ('g', u64::MAX, "-1"),
            ('G', 0o17, "17"),
            ('f', u64::from(1.5f32.to_bits()), "1.5000000e+00"),
            ('F', 1e-100f64.to_bits(), "1.0000000000000000e-100"),
            ('F', f64::NAN.to_bits(), "NaN"),
            ('F', f64::NEG_INFINITY.to_bits(), "-Inf"),
            ('c', 0x1b, ""),
            ('y', u64::MAX, "1969 Dec 31 23:59:59"),
            ('y', i64::MAX as u64, "9223372036854775807"),
        ] {
            assert_eq!(text(ch, value), expected, "{value:#x}={ch}");
        }
    }

    #[test]
    fn default_radix_and_pointer_size() {
        let mut out = String::new();
        let options = RenderOptions { radix: 10, utc_offset: 0 };
        assert!(render('W', 255, 8, options, &mut out));
        assert!(render('K', u64::MAX, 4, options, &mut out));
        assert_eq!(out, "255ffffffff");
    }

    #[test]
    fn what_prints_no_value_says_so() {
        let mut out = String::new();
        for ch in "aiIsSnNrtT+-^pPlLMzj".chars() {
            assert!(!render(ch, 0, 8, RenderOptions::default(), &mut out), "{ch}");
        }
        assert_eq!(out, "");
    }

    #[test]
    fn every_value_format_of_the_table_renders() {
        use super::super::{FORMATS, FormatRole};
        for format in FORMATS {
            let renders = render(format.ch, 0, 8, RenderOptions::default(), &mut String::new());
            let value = matches!(format.role, FormatRole::Value | FormatRole::Write);
            assert_eq!(renders, value, "{}", format.ch);
        }
    }

    #[test]
    fn escapes_read_back_as_the_same_bytes() {
        let mut out = String::new();
        escape_bytes(b"a\0\x07\x1b\xff\"\\\n", &mut out);
        assert_eq!(out, "a\\0\\a\\033\\377\\\"\\\\\\n");
        out.clear();
        escape_bytes(b"\x001", &mut out);
        assert_eq!(out, "\\0001");
    }

    #[test]
    fn truncation_and_swapping() {
        assert_eq!(truncate(0x1234_5678, 2), 0x5678);
        assert_eq!(truncate(u64::MAX, 8), u64::MAX);
        assert_eq!(truncate(u64::MAX, 0), 0);
        assert_eq!(swap_bytes(0x1234, 2), 0x3412);
        assert_eq!(swap_bytes(0x0102_0304_0506_0708, 8), 0x0807_0605_0403_0201);
    }
}
