//! Reading the bytes of a WebAssembly module in pieces: modules are large, and little of them is wanted.

use mdb_dmod::prelude::*;

/// Fills a buffer with the bytes of the module from an offset on.
pub(crate) type Source<'a> = &'a dyn Fn(u64, &mut [u8]) -> Result<()>;

/// So many bytes are read at once.
const PIECE: u64 = 1 << 14;

/// A place in the bytes of a module.
pub(crate) struct Cursor<'a> {
    source: Source<'a>,
    at: u64,
    end: u64,
    /// Bytes that were read, from `piece_at` on.
    piece: Vec<u8>,
    piece_at: u64,
}

impl<'a> Cursor<'a> {
    /// At `at`, with nothing to read from `end` on.
    pub(crate) fn new(source: Source<'a>, at: u64, end: u64) -> Self {
        Self { source, at, end, piece: Vec::new(), piece_at: at }
    }

    /// The offset in the module.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// Whether nothing is left.
    pub(crate) fn is_at_end(&self) -> bool {
        self.at >= self.end
    }

    fn malformed(&self, why: &str) -> Error {
        Error::new(format!("byte {:#x} of the WebAssembly module: {why}", self.at))
    }

    /// The next byte.
    pub(crate) fn byte(&mut self) -> Result<u8> {
        if self.is_at_end() {
            return Err(self.malformed("it ends too early"));
        }
        let known = self.at.checked_sub(self.piece_at).and_then(|at| usize::try_from(at).ok());
        if let Some(byte) = known.and_then(|at| self.piece.get(at)).copied() {
            self.at = self.at.saturating_add(1);
            return Ok(byte);
        }
        let length = self.end.saturating_sub(self.at).min(PIECE);
        let mut piece = vec![0; length as usize];
        (self.source)(self.at, &mut piece)?;
        let byte = piece.first().copied().ok_or_else(|| self.malformed("it ends too early"))?;
        (self.piece, self.piece_at) = (piece, self.at);
        self.at = self.at.saturating_add(1);
        Ok(byte)
    }

    /// An unsigned number of at most 32 bits (LEB128).
    pub(crate) fn u32(&mut self) -> Result<u32> {
        u32::try_from(self.leb(5)?).map_err(|_| self.malformed("a number of more than 32 bits"))
    }

    /// The bits of a number of any kind, of at most `most` bytes.
    fn leb(&mut self, most: u32) -> Result<u64> {
        let mut value = 0;
        for group in 0..most {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f).checked_shl(group * 7).unwrap_or(0);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.malformed("a number without an end"))
    }

    /// Steps over a number of any kind.
    pub(crate) fn skip_number(&mut self) -> Result<()> {
        self.leb(10).map(|_| ())
    }

    /// Steps over bytes, of which there must be so many.
    pub(crate) fn skip(&mut self, length: u32) -> Result<()> {
        match self.at.checked_add(length.into()).filter(|at| *at <= self.end) {
            Some(at) => {
                self.at = at;
                Ok(())
            }
            None => Err(self.malformed("what stands here is longer than what it is in")),
        }
    }

    /// Where a vector of bytes is, with its length; steps over it.
    pub(crate) fn vector(&mut self) -> Result<(u64, u32)> {
        let length = self.u32()?;
        let at = self.at;
        self.skip(length)?;
        Ok((at, length))
    }

    /// What stands in the next `length` bytes; steps over it.
    pub(crate) fn part(&mut self, length: u32) -> Result<Self> {
        let start = self.at;
        self.skip(length)?;
        Ok(Self::new(self.source, start, self.at))
    }
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// Reads from a slice.
    pub(crate) fn read(bytes: &[u8], at: u64, buffer: &mut [u8]) -> Result<()> {
        let at = usize::try_from(at).unwrap();
        let end = at.checked_add(buffer.len()).unwrap();
        let part = bytes.get(at..end).ok_or_else(|| Error::new("behind the end"))?;
        buffer.copy_from_slice(part);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::testing::read;
    use super::*;

    #[test]
    fn numbers_and_vectors_are_read() {
        let bytes = [0x7f, 0x80, 0x01, 0xff, 0xff, 0xff, 0xff, 0x0f, 2, b'a', b'b', 0x80];
        let source = |at, buffer: &mut [u8]| read(&bytes, at, buffer);
        let mut cursor = Cursor::new(&source, 0, bytes.len() as u64);
        assert_eq!(cursor.u32().unwrap(), 127);
        assert_eq!(cursor.u32().unwrap(), 128);
        assert_eq!(cursor.u32().unwrap(), u32::MAX);
        assert_eq!(cursor.vector().unwrap(), (9, 2));
        assert!(cursor.u32().is_err());
    }

    #[test]
    fn too_large_numbers_and_lengths_are_errors() {
        let bytes = [0xff, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 9, 0];
        let source = |at, buffer: &mut [u8]| read(&bytes, at, buffer);
        let cursor = |at| Cursor::new(&source, at, bytes.len() as u64);
        assert!(cursor(0).u32().is_err());
        assert!(cursor(5).u32().is_err());
        assert!(cursor(11).vector().is_err());
        assert!(cursor(5).skip_number().is_ok());
    }

    #[test]
    fn long_modules_are_read_in_pieces() {
        let bytes: Vec<u8> = (0..3 * PIECE).map(|index| (index % 127) as u8).collect();
        let source = |at, buffer: &mut [u8]| {
            assert!(buffer.len() as u64 <= PIECE);
            read(&bytes, at, buffer)
        };
        let mut cursor = Cursor::new(&source, 0, bytes.len() as u64);
        for (index, byte) in bytes.iter().enumerate().take(20000) {
            assert_eq!(cursor.byte().unwrap(), *byte, "{index}");
        }
        cursor.skip(20000).unwrap();
        assert_eq!(cursor.byte().unwrap(), bytes[40000]);
    }
}
