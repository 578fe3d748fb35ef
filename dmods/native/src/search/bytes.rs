//! Finds bytes.

use super::scan::{Needle, Piece};
use mdb_dmod::{Error, Result};
use memchr::memmem::Finder;
use memchr::{memchr_iter, memchr2_iter};

/// Bytes that are looked for, at any address.
#[derive(Debug)]
pub(crate) enum Bytes {
    /// Exactly these.
    Exact(Box<Finder<'static>>),
    /// These, whichever case letters of ASCII have.
    AnyCase(Vec<u8>),
    /// These, where the second of each pair (the mask) has bits.
    Masked(Vec<(u8, u8)>),
}

impl Bytes {
    pub(crate) fn exact(bytes: &[u8]) -> Self {
        Self::Exact(Box::new(Finder::new(bytes).into_owned()))
    }

    /// From `7f 45 4c 46`, `7f454c46`, or with `??` for bytes that do not count.
    pub(crate) fn from_hex(text: &str) -> Result<Self> {
        let digits: Vec<char> =
            text.trim().trim_start_matches("0x").chars().filter(|c| *c != ' ').collect();
        let wrong = || Error::Usage(format!("'{text}' is no row of bytes such as 7f454c46"));
        let mut pairs = Vec::new();
        for pair in digits.chunks(2) {
            pairs.push(match pair {
                ['?', '?'] => (0, 0),
                [high, low] => {
                    let digit = |c: &char| c.to_digit(16).ok_or_else(wrong);
                    ((digit(high)? << 4 | digit(low)?) as u8, 0xff)
                }
                _ => return Err(wrong()),
            });
        }
        if !pairs.iter().any(|(_, mask)| *mask != 0) {
            return Err(wrong());
        }
        if pairs.iter().all(|(_, mask)| *mask != 0) {
            let bytes: Vec<u8> = pairs.iter().map(|(byte, _)| *byte).collect();
            return Ok(Self::exact(&bytes));
        }
        Ok(Self::Masked(pairs))
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Exact(finder) => finder.needle().len(),
            Self::AnyCase(bytes) => bytes.len(),
            Self::Masked(pairs) => pairs.len(),
        }
    }
}

impl Needle for Bytes {
    type Found = u64;

    fn reach(&self) -> usize {
        self.len().saturating_sub(1)
    }

    fn matches_zeros(&self) -> bool {
        let first = match self {
            Self::Exact(finder) => finder.needle().first().copied(),
            Self::AnyCase(bytes) => bytes.first().copied(),
            Self::Masked(pairs) => pairs.first().map(|(byte, _)| *byte),
        };
        // One that begins in a hole begins with a zero.
        first == Some(0)
    }

    fn find(&self, piece: &Piece<'_>, found: &mut Vec<u64>) -> Result<()> {
        let Piece { address, bytes, begins, .. } = *piece;
        // Only what begins in time, but all of it.
        let bytes = bytes.get(..begins.saturating_add(self.reach())).unwrap_or(bytes);
        let mut take = |offset: usize| {
            if offset < begins {
                found.push(address + offset as u64);
            }
        };
        match self {
            Self::Exact(finder) => {
                // Matches may overlap; `find_iter` would pass over those.
                let mut at = 0;
                while let Some(next) = bytes.get(at..).and_then(|rest| finder.find(rest)) {
                    take(at + next);
                    at += next + 1;
                }
            }
            Self::AnyCase(needle) => {
                let Some(first) = needle.first() else { return Ok(()) };
                let (low, high) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
                for offset in memchr2_iter(low, high, bytes) {
                    let here = bytes.get(offset..offset.saturating_add(needle.len()));
                    if here.is_some_and(|here| here.eq_ignore_ascii_case(needle)) {
                        take(offset);
                    }
                }
            }
            Self::Masked(pairs) => {
                let Some(known) = pairs.iter().position(|(_, mask)| *mask != 0) else {
                    return Ok(());
                };
                let Some((byte, _)) = pairs.get(known) else { return Ok(()) };
                for at in memchr_iter(*byte, bytes) {
                    let Some(offset) = at.checked_sub(known) else { continue };
                    let here = bytes.get(offset..offset.saturating_add(pairs.len()));
                    let same = |here: &[u8]| {
                        here.iter().zip(pairs).all(|(b, (byte, mask))| b & mask == *byte)
                    };
                    if here.is_some_and(same) {
                        take(offset);
                    }
                }
            }
        }
        Ok(())
    }
}
