//! Numbers in a table: little-endian words and V8's variable-length numbers, base 128, least first.

use super::Malformed;

/// Five groups of seven bits hold any 32-bit number (`src/base/vlq.h`).
const MAX_GROUPS_32: u32 = 5;
/// Ten groups hold any 64-bit number.
const MAX_GROUPS_64: u32 = 10;

/// A place in a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    table: &'static str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// The start of `bytes`; `table` names them in errors.
    pub(super) fn new(table: &'static str, bytes: &'a [u8]) -> Self {
        Self { table, bytes, at: 0 }
    }

    /// The same table at another place.
    pub(super) fn seek(self, at: usize) -> Self {
        Self { at, ..self }
    }

    /// The place, in bytes from the start.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Is nothing left?
    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// An error about this place.
    pub(super) fn malformed(&self, why: &'static str) -> Malformed {
        Malformed { table: self.table, at: self.at, why }
    }

    /// The next byte.
    pub(super) fn byte(&mut self) -> Result<u8, Malformed> {
        let byte = self.bytes.get(self.at).ok_or_else(|| self.malformed("the table ends here"))?;
        self.at = self.at.saturating_add(1);
        Ok(*byte)
    }

    /// The next `count` bytes as a little-endian number; `count` is at most 8.
    pub(super) fn little_endian(&mut self, count: usize) -> Result<u64, Malformed> {
        let mut value = 0u64;
        for place in 0..count.min(8) {
            value |= u64::from(self.byte()?) << (place * 8);
        }
        Ok(value)
    }

    /// The next four bytes as a little-endian number.
    pub(super) fn u32(&mut self) -> Result<u32, Malformed> {
        Ok(self.little_endian(4)? as u32)
    }

    fn groups(&mut self, most: u32, bits: u32) -> Result<u64, Malformed> {
        let start = *self;
        let mut value = 0u64;
        for group in 0..most {
            let byte = self.byte()?;
            let payload = u64::from(byte & 0x7f);
            let shift = group * 7;
            // What does not fit would be lost in V8 too, but V8 writes no such number.
            if shift + 7 > bits && payload >> (bits - shift) != 0 {
                return Err(start.malformed("a number of too many bits"));
            }
            value |= payload << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(start.malformed("a number of too many bytes"))
    }

    /// An unsigned 32-bit number.
    pub(super) fn unsigned(&mut self) -> Result<u32, Malformed> {
        Ok(self.groups(MAX_GROUPS_32, 32)? as u32)
    }

    /// A signed number with the sign in bit 0 and the magnitude above (`VLQEncode`); not zig-zag.
    pub(super) fn sign_and_magnitude(&mut self) -> Result<i32, Malformed> {
        let bits = self.unsigned()?;
        let magnitude = (bits >> 1) as i32;
        Ok(if bits & 1 == 0 { magnitude } else { -magnitude })
    }

    /// A zig-zag 32-bit number (`src/codegen/source-position-table.cc`).
    pub(super) fn zig_zag_32(&mut self) -> Result<i32, Malformed> {
        let bits = self.unsigned()?;
        Ok((bits >> 1) as i32 ^ -((bits & 1) as i32))
    }

    /// A zig-zag 64-bit number.
    pub(super) fn zig_zag_64(&mut self) -> Result<i64, Malformed> {
        let bits = self.groups(MAX_GROUPS_64, 64)?;
        Ok((bits >> 1) as i64 ^ -((bits & 1) as i64))
    }
}

/// Writers of the numbers above, after `src/base/vlq.h` and `src/codegen/source-position-table.cc`.
#[cfg(test)]
pub(super) mod encode {
    pub(in super::super) fn unsigned(out: &mut Vec<u8>, mut value: u64) {
        loop {
            let low = (value & 0x7f) as u8;
            value >>= 7;
            if value == 0 {
                out.push(low);
                return;
            }
            out.push(low | 0x80);
        }
    }

    pub(in super::super) fn sign_and_magnitude(out: &mut Vec<u8>, value: i32) {
        unsigned(out, u64::from(value.unsigned_abs()) << 1 | u64::from(value < 0));
    }

    pub(in super::super) fn zig_zag(out: &mut Vec<u8>, value: i64) {
        unsigned(out, (value << 1 ^ value >> 63) as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(bytes: &[u8]) -> Cursor<'_> {
        Cursor::new("test", bytes)
    }

    #[test]
    fn known_encodings() {
        // Worked out by hand from the definition.
        assert_eq!(cursor(&[0x80, 0x01]).unsigned(), Ok(128));
        assert_eq!(cursor(&[0xff, 0xff, 0xff, 0xff, 0x0f]).unsigned(), Ok(u32::MAX));
        assert_eq!(cursor(&[0x03]).sign_and_magnitude(), Ok(-1));
        assert_eq!(cursor(&[0x04]).sign_and_magnitude(), Ok(2));
        assert_eq!(cursor(&[0x01]).zig_zag_32(), Ok(-1));
        assert_eq!(cursor(&[0x03]).zig_zag_32(), Ok(-2));
        assert_eq!(cursor(&[0x80, 0x80, 0x80, 0x80, 0x10]).zig_zag_64(), Ok(1 << 31));
    }

    #[test]
    fn what_is_written_is_read() {
        for value in [0, 1, -1, 63, 64, -64, -65, 8191, -8192, i32::MAX, i32::MIN + 1] {
            let mut bytes = Vec::new();
            encode::sign_and_magnitude(&mut bytes, value);
            assert_eq!(cursor(&bytes).sign_and_magnitude(), Ok(value));
            bytes.clear();
            encode::zig_zag(&mut bytes, value.into());
            assert_eq!(cursor(&bytes).zig_zag_32(), Ok(value));
            assert_eq!(cursor(&bytes).zig_zag_64(), Ok(value.into()));
        }
        let mut bytes = Vec::new();
        encode::zig_zag(&mut bytes, i64::MIN);
        assert_eq!(cursor(&bytes).zig_zag_64(), Ok(i64::MIN));
    }

    #[test]
    fn cut_and_overlong_numbers_are_errors() {
        assert_eq!(cursor(&[0x80]).unsigned().unwrap_err().at, 1);
        assert!(cursor(&[0x80; 6]).unsigned().is_err());
        assert!(cursor(&[0xff, 0xff, 0xff, 0xff, 0x1f]).unsigned().is_err());
        assert!(cursor(&[0xff; 16]).zig_zag_64().is_err());
        assert!(
            cursor(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x03])
                .zig_zag_64()
                .is_err()
        );
    }
}
