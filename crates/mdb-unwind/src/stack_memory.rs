//! Fast reads of words that lie near each other.

use mdb_target::{AddressSpace, Fault};

/// Remembers the segment of the last read, so that walking a stack does not search the address
/// space for each word.
#[derive(Debug, Default)]
pub(crate) struct StackMemory {
    base: u64,
    bytes: &'static [u8],
}

impl StackMemory {
    /// Eight bytes, little-endian.
    #[inline]
    pub(crate) fn read_u64(&mut self, memory: &AddressSpace, address: u64) -> Result<u64, Fault> {
        if let Some(value) = self.cached(address) {
            return Ok(value);
        }
        if let Some(segment) = memory.segment_at(address)
            && let Ok(bytes) = memory.borrow(segment.range.start, usize::MAX)
        {
            self.base = segment.range.start;
            self.bytes = bytes;
            if let Some(value) = self.cached(address) {
                return Ok(value);
            }
        }
        memory.read_u64(address)
    }

    /// Whether a word is in the segment of the last read.
    #[inline]
    pub(crate) fn holds(&self, address: u64) -> bool {
        self.cached(address).is_some()
    }

    #[inline]
    fn cached(&self, address: u64) -> Option<u64> {
        let at = usize::try_from(address.wrapping_sub(self.base)).ok()?;
        let bytes = self.bytes.get(at..)?.first_chunk()?;
        Some(u64::from_le_bytes(*bytes))
    }
}
