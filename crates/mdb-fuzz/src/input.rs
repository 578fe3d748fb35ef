//! Takes a fuzzer's bytes apart.

/// What is left of the input; reads beyond its end give zeros.
pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn u8(&mut self) -> u8 {
        self.bytes(1).first().copied().unwrap_or(0)
    }

    pub(crate) fn u16(&mut self) -> u16 {
        let low = u16::from(self.u8());
        low | u16::from(self.u8()) << 8
    }

    /// At most so many.
    pub(crate) fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// A number that is likely to meet the addresses of the scene: two bytes choose.
    pub(crate) fn address(&mut self, regions: &[u64]) -> u64 {
        let word = self.u16();
        match regions.get(usize::from(word >> 13)) {
            Some(base) => base.wrapping_add(u64::from(word & 0x1fff)).wrapping_sub(0x100),
            None if word & 0x1000 != 0 => u64::MAX - u64::from(word & 0xfff),
            None => u64::from(word & 0xfff),
        }
    }

    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}
