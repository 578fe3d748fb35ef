//! Compares words: one value, some bits of it, a range, or many values.

use super::scan::{Needle, Piece};
use mdb_dmod::Result;

/// Bytes that are asked "any?" before each word is looked at.
const BLOCK: usize = 2048;

/// Which words match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    /// The bits of `mask` are those of `value`.
    Masked { value: u64, mask: u64 },
    /// From `start` on, `length` values.
    Range { start: u64, length: u64 },
    /// One of these: sorted, and a filter that most others do not pass.
    OneOf(Values),
}

/// Many values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Values {
    sorted: Vec<u64>,
    /// A bit for each value of the hash.
    filter: Vec<u64>,
}

/// Bits of the hash: 64 KiB, which stay in the processor's cache.
const FILTER_BITS: u32 = 19;

impl Values {
    pub(crate) fn new(mut sorted: Vec<u64>) -> Self {
        sorted.sort_unstable();
        sorted.dedup();
        let mut filter = vec![0; 1 << (FILTER_BITS - 6)];
        for value in &sorted {
            let hash = Self::hash(*value);
            if let Some(word) = filter.get_mut((hash >> 6) as usize) {
                *word |= 1 << (hash & 63);
            }
        }
        Self { sorted, filter }
    }

    #[inline]
    fn hash(value: u64) -> u64 {
        // The fraction of the golden ratio: Knuth, volume 3, section 6.4.
        value.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - FILTER_BITS)
    }

    #[inline]
    fn may_have(&self, value: u64) -> bool {
        let hash = Self::hash(value);
        self.filter.get((hash >> 6) as usize).is_some_and(|word| word >> (hash & 63) & 1 != 0)
    }

    fn has(&self, value: u64) -> bool {
        self.may_have(value) && self.sorted.binary_search(&value).is_ok()
    }
}

impl Test {
    #[inline]
    fn matches(&self, word: u64) -> bool {
        match self {
            Self::Masked { value, mask } => word & mask == *value,
            Self::Range { start, length } => word.wrapping_sub(*start) < *length,
            Self::OneOf(values) => values.has(word),
        }
    }
}

/// Words of a size that match, at any address or at multiples of the size.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub(crate) test: Test,
    /// 1, 2, 4 or 8.
    pub(crate) size: usize,
    pub(crate) unaligned: bool,
}

impl Needle for Words {
    type Found = (u64, u64);

    fn reach(&self) -> usize {
        self.size - 1
    }

    fn matches_zeros(&self) -> bool {
        match &self.test {
            // A word that reaches out of a hole begins with a zero byte.
            Test::Masked { value, .. } if self.unaligned => value & 0xff == 0,
            _ if self.unaligned => true,
            test => test.matches(0),
        }
    }

    fn find(&self, piece: &Piece<'_>, found: &mut Vec<(u64, u64)>) -> Result<()> {
        match self.size {
            1 => self.find_sized::<1>(piece, found),
            2 => self.find_sized::<2>(piece, found),
            4 => self.find_sized::<4>(piece, found),
            _ => self.find_sized::<8>(piece, found),
        }
        Ok(())
    }
}

/// A word of `N` bytes, least significant first.
#[inline]
fn word<const N: usize>(bytes: &[u8; N]) -> u64 {
    let mut all = [0; 8];
    for (to, from) in all.iter_mut().zip(bytes) {
        *to = *from;
    }
    u64::from_le_bytes(all)
}

impl Words {
    fn find_sized<const N: usize>(&self, piece: &Piece<'_>, found: &mut Vec<(u64, u64)>) {
        let Piece { address, bytes, begins, .. } = *piece;
        let first = if self.unaligned { 0 } else { (address.wrapping_neg() % N as u64) as usize };
        let mut at = first;
        while at < begins {
            // The words that begin in a block may reach a little behind it.
            let length = BLOCK.min(begins - at);
            let end = (at + length + N - 1).min(bytes.len());
            let block = bytes.get(at..end).unwrap_or(&[]);
            let shifts = if self.unaligned { N.min(block.len()) } else { 1 };
            let any =
                (0..shifts).any(|shift| any::<N>(&self.test, block.get(shift..).unwrap_or(&[])));
            if any {
                let step = if self.unaligned { 1 } else { N };
                for offset in (0..length).step_by(step) {
                    let Some(bytes) = block.get(offset..).and_then(<[u8]>::first_chunk::<N>) else {
                        break;
                    };
                    let value = word(bytes);
                    if self.test.matches(value) {
                        found.push((address + (at + offset) as u64, value));
                    }
                }
            }
            at += length;
        }
    }
}

/// Whether any of the words from the first byte on matches. No branch depends on a word, so that
/// the compiler compares several at once.
#[inline]
fn any<const N: usize>(test: &Test, block: &[u8]) -> bool {
    match test {
        Test::Masked { value, mask } => fold::<N>(block, |word| word & mask == *value),
        Test::Range { start, length } => {
            fold::<N>(block, |word| word.wrapping_sub(*start) < *length)
        }
        Test::OneOf(values) => fold::<N>(block, |word| values.may_have(word)),
    }
}

#[inline]
fn fold<const N: usize>(block: &[u8], matches: impl Fn(u64) -> bool) -> bool {
    let (words, _) = block.as_chunks::<N>();
    words.iter().fold(false, |any, bytes| any | matches(word(bytes)))
}
