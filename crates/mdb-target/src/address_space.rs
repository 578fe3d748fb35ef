//! The memory of a target: segments, where their bytes come from, and why some have none.

use crate::{Fault, FaultReason, Interrupt};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Reads bytes that no segment holds: a live process, or a file that backs a mapping.
pub trait MemoryReader: Send + Sync {
    /// Reads at `address` into `buffer`; may be short (but not empty) when what follows cannot be
    /// read.
    fn read(&self, address: u64, buffer: &mut [u8]) -> Result<usize, Fault>;

    /// The bytes at `address`, at most `length` of them, without copying.
    fn borrow(&self, address: u64, length: usize) -> Option<&'static [u8]> {
        let _ = (address, length);
        None
    }
}

/// Where the bytes of a segment come from.
#[derive(Clone)]
#[non_exhaustive]
pub enum Backing {
    /// Mapped bytes, exactly as many as the segment has.
    Bytes(&'static [u8]),
    /// Zeros: a hole in a sparse file. Whole-memory work can pass over it.
    Zero,
    /// Nothing; the reason is what a read answers. [`FaultReason::NotInCore`] asks the
    /// fallback first.
    Absent(FaultReason),
    /// Somebody who can read.
    Reader(Arc<dyn MemoryReader>),
}

impl std::fmt::Debug for Backing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({:#x})", bytes.len()),
            Self::Zero => f.write_str("Zero"),
            Self::Absent(reason) => write!(f, "Absent({reason:?})"),
            Self::Reader(_) => f.write_str("Reader"),
        }
    }
}

/// A part of the address space with one backing.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its addresses; never empty.
    pub range: Range<u64>,
    /// Its bytes.
    pub backing: Backing,
}

impl Segment {
    fn part(&self, range: Range<u64>) -> Self {
        let skip = range.start.saturating_sub(self.range.start) as usize;
        let length = range.end.saturating_sub(range.start) as usize;
        let backing = match &self.backing {
            Backing::Bytes(bytes) => {
                Backing::Bytes(bytes.get(skip..).map_or(&[][..], |b| b.get(..length).unwrap_or(b)))
            }
            other => other.clone(),
        };
        Self { range, backing }
    }
}

/// Where the bytes of a run of memory come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunOrigin {
    /// The target has them.
    Target,
    /// The target has a hole: they are zeros.
    Zero,
    /// The mapped file has them.
    File,
}

/// The memory of a target. Reading needs no lock and may be done from many threads.
#[derive(Default)]
pub struct AddressSpace {
    /// Sorted, without overlaps.
    segments: Vec<Segment>,
    fallback: OnceLock<Arc<dyn MemoryReader>>,
    interrupt: Interrupt,
}

impl std::fmt::Debug for AddressSpace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.segments).finish()
    }
}

impl AddressSpace {
    /// An empty address space whose reads stop when `interrupt` is raised.
    pub fn new(interrupt: Interrupt) -> Self {
        Self { segments: Vec::new(), fallback: OnceLock::new(), interrupt }
    }

    /// The flag that stops reads.
    pub fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// Builds from segments in the order in which they were found: where two overlap, the later
    /// one counts. Empty ones are dropped. Takes O(n log n) when they do not overlap.
    pub fn set_segments(&mut self, mut segments: Vec<Segment>) {
        segments.retain(|s| s.range.start < s.range.end);
        let sorted = segments.is_sorted_by_key(|s| s.range.start);
        let disjoint = sorted
            && segments.windows(2).all(|w| match w {
                [a, b] => a.range.end <= b.range.start,
                _ => true,
            });
        if disjoint {
            self.segments = segments;
            return;
        }
        self.segments = resolve_overlaps(segments);
    }

    /// Who is asked for mapped bytes that the core did not save. May be set once.
    pub fn set_fallback(&self, reader: Arc<dyn MemoryReader>) {
        let _ = self.fallback.set(reader);
    }

    /// All segments, by address.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The segment that holds `address`.
    #[inline]
    pub fn segment_at(&self, address: u64) -> Option<&Segment> {
        let after = self.segments.partition_point(|s| s.range.start <= address);
        let segment = self.segments.get(after.checked_sub(1)?)?;
        (address < segment.range.end).then_some(segment)
    }

    /// Reads at `address` as much of `buffer` as there is. Answers how many bytes it got, at
    /// least one; a fault means that the first byte could not be read.
    pub fn read(&self, address: u64, buffer: &mut [u8]) -> Result<usize, Fault> {
        let mut done = 0;
        while let Some(rest) = buffer.get_mut(done..).filter(|r| !r.is_empty()) {
            let Some(at) = address.checked_add(done as u64) else { break };
            match self.read_segment(at, rest) {
                Ok(0) => break,
                Ok(n) => done += n,
                Err(fault) if done == 0 || fault.is_interrupt() => return Err(fault),
                Err(_) => break,
            }
        }
        if done == 0 && !buffer.is_empty() {
            return Err(Fault::new(address, FaultReason::Unmapped));
        }
        Ok(done)
    }

    fn read_segment(&self, address: u64, buffer: &mut [u8]) -> Result<usize, Fault> {
        if self.interrupt.is_raised() {
            return Err(Fault::new(address, FaultReason::Interrupted));
        }
        let Some(segment) = self.segment_at(address) else {
            return self.ask_fallback(address, buffer, &FaultReason::Unmapped);
        };
        let left = usize::try_from(segment.range.end - address).unwrap_or(usize::MAX);
        let want = buffer.len().min(left);
        let (buffer, _) = buffer.split_at_mut(want);
        match &segment.backing {
            Backing::Bytes(bytes) => {
                let from = (address - segment.range.start) as usize;
                let bytes = bytes.get(from..).unwrap_or(&[]);
                let n = bytes.len().min(want);
                if n == 0 {
                    return Err(Fault::new(address, FaultReason::Truncated));
                }
                for (to, from) in buffer.iter_mut().zip(bytes) {
                    *to = *from;
                }
                Ok(n)
            }
            Backing::Zero => {
                buffer.fill(0);
                Ok(want)
            }
            Backing::Absent(reason) => self.ask_fallback(address, buffer, reason),
            Backing::Reader(reader) => reader.read(address, buffer),
        }
    }

    fn ask_fallback(
        &self,
        address: u64,
        buffer: &mut [u8],
        reason: &FaultReason,
    ) -> Result<usize, Fault> {
        match (reason, self.fallback.get()) {
            // A mapping that no PT_LOAD names can still be one of a file (old gcore).
            (FaultReason::NotInCore | FaultReason::Unmapped, Some(fallback)) => {
                match fallback.read(address, buffer) {
                    Err(fault) if fault.reason == FaultReason::Unmapped => {
                        Err(Fault::new(address, reason.clone()))
                    }
                    other => other,
                }
            }
            _ => Err(Fault::new(address, reason.clone())),
        }
    }

    /// The first run of memory at or behind `address` that can be read, with where it comes from.
    /// What only a mapped file has reaches as far as the file does, however long the mapping claims
    /// to be.
    pub fn next_run(&self, address: u64) -> Option<(Range<u64>, RunOrigin)> {
        let first = self.segments.partition_point(|s| s.range.end <= address);
        for segment in self.segments.get(first..)? {
            let range = segment.range.start.max(address)..segment.range.end;
            let origin = match &segment.backing {
                Backing::Bytes(_) | Backing::Reader(_) => RunOrigin::Target,
                Backing::Zero => RunOrigin::Zero,
                Backing::Absent(_) => match self.in_file(&range) {
                    Some(end) => return Some((range.start..end, RunOrigin::File)),
                    None => continue,
                },
            };
            return Some((range, origin));
        }
        None
    }

    /// How far the fallback has the bytes of a range, if it has the first.
    fn in_file(&self, range: &Range<u64>) -> Option<u64> {
        let length = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        let fallback = self.fallback.get()?;
        let got = match fallback.borrow(range.start, length) {
            Some(bytes) => bytes.len(),
            // A reader that cannot lend: one page is sure to be no more than it has.
            None => fallback.read(range.start, &mut [0; 0x1000]).ok()?,
        };
        let end = range.start.saturating_add(got as u64).min(range.end);
        (end > range.start).then_some(end)
    }

    /// Fills `buffer`; a fault names the first byte that could not be read.
    pub fn read_exact(&self, address: u64, buffer: &mut [u8]) -> Result<(), Fault> {
        let got = self.read(address, buffer)?;
        if got == buffer.len() {
            return Ok(());
        }
        let next = address.wrapping_add(got as u64);
        match self.read_segment(next, &mut [0]) {
            Err(fault) => Err(fault),
            Ok(_) => Err(Fault::new(next, FaultReason::Unmapped)),
        }
    }

    /// The bytes at `address` without copying: at most `length`, at least one, ending where the
    /// segment ends. A fault whose reason is [`FaultReason::Unmapped`] may also mean that the
    /// bytes cannot be lent; [`AddressSpace::read`] then still can read them.
    pub fn borrow(&self, address: u64, length: usize) -> Result<&'static [u8], Fault> {
        if self.interrupt.is_raised() {
            return Err(Fault::new(address, FaultReason::Interrupted));
        }
        let fail = |reason| Err(Fault::new(address, reason));
        let reason = match self.segment_at(address) {
            None => FaultReason::Unmapped,
            Some(segment) => match &segment.backing {
                Backing::Bytes(bytes) => {
                    let from = (address - segment.range.start) as usize;
                    return match bytes.get(from..) {
                        Some(bytes) if !bytes.is_empty() => {
                            Ok(bytes.get(..length).unwrap_or(bytes))
                        }
                        _ => fail(FaultReason::Truncated),
                    };
                }
                Backing::Zero => return fail(FaultReason::Unmapped),
                Backing::Absent(reason) => reason.clone(),
                Backing::Reader(reader) => {
                    return match reader.borrow(address, length) {
                        Some(bytes) => Ok(bytes),
                        None => fail(FaultReason::Unmapped),
                    };
                }
            },
        };
        match self.fallback.get().and_then(|f| f.borrow(address, length)) {
            Some(bytes) => Ok(bytes),
            None => fail(reason),
        }
    }

    /// A little-endian integer of `N` bytes.
    #[inline]
    fn read_array<const N: usize>(&self, address: u64) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        self.read_exact(address, &mut bytes)?;
        Ok(bytes)
    }

    /// A byte.
    pub fn read_u8(&self, address: u64) -> Result<u8, Fault> {
        Ok(u8::from_le_bytes(self.read_array(address)?))
    }

    /// Two bytes, little-endian.
    pub fn read_u16(&self, address: u64) -> Result<u16, Fault> {
        Ok(u16::from_le_bytes(self.read_array(address)?))
    }

    /// Four bytes, little-endian.
    pub fn read_u32(&self, address: u64) -> Result<u32, Fault> {
        Ok(u32::from_le_bytes(self.read_array(address)?))
    }

    /// Eight bytes, little-endian.
    pub fn read_u64(&self, address: u64) -> Result<u64, Fault> {
        Ok(u64::from_le_bytes(self.read_array(address)?))
    }

    /// The bytes of a C string without its NUL. At most `limit` bytes: a longer string is cut
    /// there. What can be read of a string that runs into unreadable memory is given back.
    pub fn read_c_string(&self, address: u64, limit: usize) -> Result<Vec<u8>, Fault> {
        let mut string = Vec::new();
        let mut block = [0; 256];
        let mut at = address;
        while string.len() < limit {
            let got = match self.read(at, &mut block) {
                Ok(got) => got,
                Err(fault) if string.is_empty() || fault.is_interrupt() => return Err(fault),
                Err(_) => break,
            };
            let got = block.get(..got).unwrap_or(&block);
            let part = got.split(|b| *b == 0).next().unwrap_or(got);
            string.extend_from_slice(part);
            if part.len() < got.len() {
                break;
            }
            let Some(next) = at.checked_add(got.len() as u64) else { break };
            at = next;
        }
        string.truncate(limit);
        Ok(string)
    }
}

/// Cuts overlapping segments so that the later of two wins.
fn resolve_overlaps(segments: Vec<Segment>) -> Vec<Segment> {
    // Sweep over all borders, with the order of arrival as priority.
    use std::collections::{BTreeMap, BTreeSet};
    let mut events: BTreeMap<u64, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (i, s) in segments.iter().enumerate() {
        events.entry(s.range.start).or_default().0.push(i);
        events.entry(s.range.end).or_default().1.push(i);
    }
    let mut active = BTreeSet::new();
    let mut result: Vec<(usize, Range<u64>)> = Vec::new();
    let mut previous = 0;
    for (at, (starts, ends)) in events {
        if let Some(&top) = active.last()
            && previous < at
        {
            match result.last_mut() {
                Some((owner, range)) if *owner == top && range.end == previous => range.end = at,
                _ => result.push((top, previous..at)),
            }
        }
        for i in ends {
            active.remove(&i);
        }
        active.extend(starts);
        previous = at;
    }
    result.into_iter().filter_map(|(owner, range)| Some(segments.get(owner)?.part(range))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leak(bytes: Vec<u8>) -> &'static [u8] {
        Box::leak(bytes.into_boxed_slice())
    }

    fn space(segments: Vec<Segment>) -> AddressSpace {
        let mut space = AddressSpace::new(Interrupt::new());
        space.set_segments(segments);
        space
    }

    #[test]
    fn reasons_are_told_apart() {
        let space = space(vec![
            Segment { range: 0x1000..0x1010, backing: Backing::Bytes(leak(vec![7; 0x10])) },
            Segment { range: 0x2000..0x3000, backing: Backing::Absent(FaultReason::NotInCore) },
            Segment { range: 0x3000..0x4000, backing: Backing::Absent(FaultReason::Truncated) },
            Segment { range: 0x4000..0x4008, backing: Backing::Zero },
        ]);
        let reason = |a| space.read_u8(a).map_err(|f| f.reason);
        assert_eq!(reason(0x1000), Ok(7));
        assert_eq!(reason(0x1010), Err(FaultReason::Unmapped));
        assert_eq!(reason(0x2fff), Err(FaultReason::NotInCore));
        assert_eq!(reason(0x3000), Err(FaultReason::Truncated));
        assert_eq!(space.read_u64(0x4000), Ok(0));
        assert_eq!(space.read_u64(0x100c), Err(Fault::new(0x1010, FaultReason::Unmapped)));
        space.interrupt().raise();
        assert_eq!(reason(0x1000), Err(FaultReason::Interrupted));
    }

    #[test]
    fn the_end_of_the_address_space_is_no_trap() {
        let space = space(vec![Segment {
            range: u64::MAX - 4..u64::MAX,
            backing: Backing::Bytes(leak(vec![1; 4])),
        }]);
        assert_eq!(space.read(u64::MAX - 4, &mut [0; 16]), Ok(4));
        assert!(space.read_u64(u64::MAX - 2).is_err());
        assert!(space.read_u64(u64::MAX).is_err());
    }

    proptest! {
        /// A map that writes byte by byte is the oracle.
        #[test]
        fn later_segments_override(list in prop::collection::vec((0u64..64, 1u64..32), 0..12)) {
            let mut plain = vec![None; 128];
            let mut segments = Vec::new();
            for (i, (start, length)) in list.into_iter().enumerate() {
                let bytes: Vec<u8> = (0..length).map(|k| (i as u8) << 5 | k as u8).collect();
                for (k, b) in bytes.iter().enumerate() {
                    plain[start as usize + k] = Some(*b);
                }
                segments.push(Segment {
                    range: start..start + length,
                    backing: Backing::Bytes(leak(bytes)),
                });
            }
            let space = space(segments);
            for (address, expected) in plain.into_iter().enumerate() {
                prop_assert_eq!(space.read_u8(address as u64).ok(), expected);
            }
        }
    }
}
