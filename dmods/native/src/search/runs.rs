//! Runs of printable characters.

use super::scan::{Needle, Piece};
use mdb_dmod::{Memory, Result};

/// The most characters of a run that are kept.
pub(crate) const LONGEST: usize = 1024;

/// Runs of printable ASCII, tab included as `strings` has it, in bytes or in units of UTF-16.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Runs {
    /// The shortest run that counts, in characters.
    pub(crate) least: usize,
    /// Units of two bytes, at even addresses.
    pub(crate) wide: bool,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) address: u64,
    /// At most [`LONGEST`] characters of it.
    pub(crate) text: String,
    /// There was more.
    pub(crate) cut: bool,
}

pub(crate) fn is_printable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t')
}

impl Runs {
    fn width(self) -> usize {
        1 + usize::from(self.wide)
    }

    /// The character of a unit, if it is printable.
    fn character(self, unit: &[u8]) -> Option<u8> {
        match unit {
            [byte] if !self.wide => Some(*byte),
            [byte, 0] if self.wide => Some(*byte),
            _ => None,
        }
        .filter(|byte| is_printable(*byte))
    }

    /// The character of the unit at `offset`.
    #[inline]
    fn at(self, bytes: &[u8], offset: usize) -> Option<u8> {
        if !self.wide {
            return bytes.get(offset).copied().filter(|byte| is_printable(*byte));
        }
        bytes.get(offset..offset.saturating_add(self.width())).and_then(|unit| self.character(unit))
    }
}

/// Looks for [`Runs`], and reads what is before and behind a piece.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunFinder<'a> {
    pub(crate) runs: Runs,
    pub(crate) memory: Memory<'a>,
}

impl RunFinder<'_> {
    /// Whether a character stands right before `address`, in the range: then what follows began
    /// earlier.
    fn goes_on(&self, piece: &Piece<'_>, address: u64) -> Result<bool> {
        let width = self.runs.width();
        let Some(before) = address.checked_sub(width as u64).filter(|b| *b >= piece.range.start)
        else {
            return Ok(false);
        };
        let mut unit = [0; 2];
        let unit = unit.get_mut(..width).unwrap_or_default();
        match self.memory.read_some(before, unit) {
            Ok(got) => Ok(got == width && self.runs.character(unit).is_some()),
            Err(error) if error.is_stop() => Err(error),
            Err(_) => Ok(false),
        }
    }

    /// Appends what follows at `address`, up to one character more than is kept.
    fn follow(&self, piece: &Piece<'_>, mut address: u64, text: &mut Vec<u8>) -> Result<()> {
        let width = self.runs.width();
        let mut block = [0; 256];
        while text.len() <= LONGEST {
            let left = piece.range.end.saturating_sub(address).min(block.len() as u64) as usize;
            let got =
                match self.memory.read_some(address, block.get_mut(..left).unwrap_or_default()) {
                    Ok(got) => got,
                    Err(error) if error.is_stop() => return Err(error),
                    Err(_) => return Ok(()),
                };
            let mut used = 0;
            while let Some(c) = self.runs.at(block.get(..got).unwrap_or(&[]), used) {
                text.push(c);
                used += width;
            }
            // Another character, an end, or a unit that is cut in two.
            if used + width <= got || used == 0 {
                return Ok(());
            }
            address += used as u64;
        }
        Ok(())
    }
}

impl Needle for RunFinder<'_> {
    type Found = Run;

    fn reach(&self) -> usize {
        self.runs.width() - 1
    }

    fn matches_zeros(&self) -> bool {
        false
    }

    fn find(&self, piece: &Piece<'_>, found: &mut Vec<Run>) -> Result<()> {
        let (runs, width, bytes) = (self.runs, self.runs.width(), piece.bytes);
        // Units of UTF-16 are at even addresses.
        let first = if runs.wide { (piece.address & 1) as usize } else { 0 };
        let mut at = first;
        // What stands before `at` is no character, or not in the piece.
        while at < piece.begins {
            // A run that is long enough has the unit that is `least` units on: where that is no
            // character, none begins before it.
            let mut probe = at.saturating_add((runs.least - 1).saturating_mul(width));
            if probe.saturating_add(width) <= bytes.len() {
                while probe > at && runs.at(bytes, probe).is_some() {
                    probe -= width;
                }
            } else {
                probe = at;
            }
            if runs.at(bytes, probe).is_none() {
                at = probe + width;
                continue;
            }
            let start = at;
            while runs.at(bytes, at).is_some() {
                at += width;
            }
            let address = piece.address + start as u64;
            if start == first && self.goes_on(piece, address)? {
                continue;
            }
            let kept = at.min(start.saturating_add(width * (LONGEST + 1)));
            let units = bytes.get(start..kept).unwrap_or(&[]).chunks_exact(width);
            let mut text: Vec<u8> = units.filter_map(|unit| unit.first().copied()).collect();
            if at + width > bytes.len() {
                self.follow(piece, piece.address + at as u64, &mut text)?;
            }
            if text.len() >= runs.least {
                let cut = text.len() > LONGEST;
                text.truncate(LONGEST);
                let text = String::from_utf8_lossy(&text).into_owned();
                found.push(Run { address, text, cut });
            }
        }
        Ok(())
    }
}

/// The text at an address, as far as it is printable, for people.
pub(crate) fn shown(memory: Memory<'_>, address: u64, most: usize, wide: bool) -> Result<String> {
    let mut bytes = vec![0; most * (1 + usize::from(wide))];
    let got = match memory.read_some(address, &mut bytes) {
        Ok(got) => got,
        Err(error) if error.is_stop() => return Err(error),
        Err(_) => 0,
    };
    bytes.truncate(got);
    let runs = Runs { least: 1, wide };
    Ok(bytes
        .chunks_exact(runs.width())
        .map_while(|unit| runs.character(unit))
        .map(|c| if c == b'\t' { ' ' } else { char::from(c) })
        .collect())
}
