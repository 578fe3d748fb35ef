//! The memory of a target with a part of it replaced by a copy.

use crate::{AddressSpace, Backing, Fault, MemoryReader, Segment, Target};
use std::sync::Arc;

/// Bytes that stand before those of a target.
struct Overlay {
    target: Arc<dyn Target>,
    address: u64,
    bytes: Vec<u8>,
}

impl Overlay {
    /// The bytes of the copy from `address` on; empty outside of it.
    fn at(&self, address: u64) -> &[u8] {
        let offset = address.checked_sub(self.address).and_then(|o| usize::try_from(o).ok());
        offset.and_then(|offset| self.bytes.get(offset..)).unwrap_or(&[])
    }

    /// How far it is from `address` to where the copy begins, if it lies ahead.
    fn before(&self, address: u64) -> Option<usize> {
        let ahead = self.address.checked_sub(address).filter(|_| !self.bytes.is_empty())?;
        usize::try_from(ahead).ok().filter(|ahead| *ahead > 0)
    }
}

impl MemoryReader for Overlay {
    fn read(&self, address: u64, buffer: &mut [u8]) -> Result<usize, Fault> {
        let copy = self.at(address);
        if !copy.is_empty() {
            let length = copy.len().min(buffer.len());
            for (to, from) in buffer.iter_mut().zip(copy) {
                *to = *from;
            }
            return Ok(length);
        }
        let most = self.before(address).unwrap_or(usize::MAX).min(buffer.len());
        let (buffer, _) = buffer.split_at_mut(most);
        self.target.memory().read(address, buffer)
    }

    fn borrow(&self, address: u64, length: usize) -> Option<&'static [u8]> {
        if !self.at(address).is_empty() {
            return None;
        }
        let most = self.before(address).unwrap_or(usize::MAX).min(length);
        self.target.memory().borrow(address, most).ok()
    }
}

impl AddressSpace {
    /// The memory of `target` in which `bytes` stand at `address`: a sample of a stack.
    pub fn with_copy(target: Arc<dyn Target>, address: u64, bytes: &[u8]) -> Self {
        let mut space = Self::new(target.memory().interrupt().clone());
        let length = usize::try_from(u64::MAX - address).unwrap_or(usize::MAX).min(bytes.len());
        let bytes = bytes.get(..length).unwrap_or(bytes).to_vec();
        let end = address.saturating_add(bytes.len() as u64);
        // The segments of the target stay; the copy, which comes last, counts where it overlaps them.
        let mut segments = target.memory().segments().to_vec();
        let reader = Arc::new(Overlay { target, address, bytes });
        let copy: Arc<dyn MemoryReader> = Arc::clone(&reader) as _;
        segments.push(Segment { range: address..end, backing: Backing::Reader(copy) });
        space.set_segments(segments);
        // What only a mapped file has is asked of the target.
        space.set_fallback(reader);
        space
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Arch, FakeTarget};

    #[test]
    fn the_copy_stands_before_the_target() {
        let target = FakeTarget::new(Arch::X86_64).words(0x1000, &[1, 2, 3, 4]);
        let target: Arc<dyn Target> = Arc::new(target);
        let space = AddressSpace::with_copy(Arc::clone(&target), 0x1008, &[7; 12]);
        let word = |at| space.read_u64(at).ok();
        assert_eq!(word(0x1000), Some(1));
        assert_eq!(word(0x1008), Some(0x0707_0707_0707_0707));
        // Half of the copy, half of the target's.
        assert_eq!(word(0x1010), Some(0x0000_0000_0707_0707));
        assert_eq!(word(0x1004), Some(0x0707_0707_0000_0000));
        assert_eq!(word(0x1018), Some(4));
        assert_eq!(word(0x1020), None);
        assert!(space.borrow(0x1008, 4).is_err());
        // At the end of the address space.
        let space = AddressSpace::with_copy(target, u64::MAX - 2, &[1; 16]);
        assert_eq!(space.read(u64::MAX - 2, &mut [0; 8]), Ok(2));
    }
}
