//! Goes over memory in parallel and gives what is found in the order of addresses.
//!
//! The ranges are cut into parts. A few dozen parts at a time are searched by the host's threads, then
//! what was found is given to the pipe, then come the next parts: memory stays bounded, results
//! show at once, and ^C works. Only parts that the target has are looked at, however large a
//! mapping claims to be.

use mdb_dmod::MemoryRun;
use mdb_dmod::prelude::*;
use std::ops::Range;
use std::sync::Mutex;

/// Bytes in a part.
const PART: u64 = 1 << 20;
/// Parts that are searched at once, for each thread.
const WINDOW: usize = 8;
/// How many places are kept of one part before they are given on.
const MOST: usize = 1 << 15;
/// The size of the copy where bytes cannot be borrowed.
const COPY: usize = 1 << 18;

/// What is looked for.
pub(crate) trait Needle: Sync {
    /// What is found.
    type Found: Send;

    /// How many bytes behind its first one a match may reach.
    fn reach(&self) -> usize;

    /// Whether nothing but zeros can match: then holes of the core are searched too.
    fn matches_zeros(&self) -> bool;

    /// Appends the matches that begin in a piece, in ascending order.
    fn find(&self, piece: &Piece<'_>, found: &mut Vec<Self::Found>) -> Result<()>;
}

/// A piece of memory in which matches begin.
#[derive(Clone, Debug)]
pub(crate) struct Piece<'a> {
    /// The address of the first byte.
    pub(crate) address: u64,
    /// The bytes.
    pub(crate) bytes: &'a [u8],
    /// Only so many of the bytes may be the first of a match.
    pub(crate) begins: usize,
    /// The range that is searched, and of which this is a piece.
    pub(crate) range: &'a Range<u64>,
}

/// Searches `ranges` (sorted) and calls `each` for what is found, by address. Answers how many bytes
/// it looked at.
pub(crate) fn scan<N: Needle>(
    s: &Session<'_>,
    ranges: &[Range<u64>],
    needle: &N,
    mut each: impl FnMut(N::Found) -> Result<()>,
) -> Result<u64> {
    let memory = s.memory();
    let with_zeros = needle.matches_zeros();
    let mut parts = Parts { memory, ranges, at: 0, run: None, with_zeros };
    let most = s.worker_threads().saturating_mul(WINDOW).max(1);
    let mut looked_at = 0;
    loop {
        let mut window = Vec::new();
        while window.len() < most {
            let Some(part) = parts.next()? else { break };
            let (part, whole) = part;
            window.push(Mutex::new(Part { range: part, whole, found: Vec::new(), looked_at: 0 }));
        }
        if window.is_empty() {
            return Ok(looked_at);
        }
        s.check_cancelled()?;
        s.parallel(window.len(), |index| match window.get(index).map(Mutex::lock) {
            Some(Ok(mut part)) => part.search(memory, needle),
            _ => Ok(()),
        })?;
        for part in window {
            let Ok(mut part) = part.into_inner() else { continue };
            loop {
                for found in part.found.drain(..) {
                    each(found)?;
                }
                if part.range.is_empty() {
                    break;
                }
                // There was more than is kept at once.
                part.search(memory, needle)?;
            }
            looked_at += part.looked_at;
        }
    }
}

/// Cuts ranges into parts: what of them can be read.
struct Parts<'a> {
    memory: Memory<'a>,
    ranges: &'a [Range<u64>],
    /// Everything below is done.
    at: u64,
    /// What can be read next.
    run: Option<MemoryRun>,
    /// Runs of zeros are searched too.
    with_zeros: bool,
}

impl Parts<'_> {
    /// A part, and the range that it is of.
    fn next(&mut self) -> Result<Option<(Range<u64>, Range<u64>)>> {
        while let Some((first, rest)) = self.ranges.split_first() {
            let start = first.start.max(self.at);
            if start >= first.end {
                self.ranges = rest;
                continue;
            }
            let run = match self.run.filter(|run| run.start <= start && start < run.end) {
                Some(run) => run,
                None => match self.memory.next_run(start)? {
                    Some(run) => run,
                    None => return Ok(None),
                },
            };
            self.run = Some(run);
            let start = run.start.max(start);
            let run_end = run.end.min(first.end);
            if start >= run_end || run.is_zero && !self.with_zeros {
                self.at = run_end.max(start);
                continue;
            }
            // A file may be much shorter than what was mapped of it, or than the core says.
            if run.is_of_file && !is_readable(self.memory, start)? {
                self.at = run_end;
                continue;
            }
            // The address of a part is a multiple of its size, so that words are not cut.
            let end = (start | (PART - 1)).saturating_add(1).min(run_end);
            self.at = end;
            return Ok(Some((start..end, first.clone())));
        }
        Ok(None)
    }
}

fn is_readable(memory: Memory<'_>, address: u64) -> Result<bool> {
    match memory.read_some(address, &mut [0]) {
        Ok(_) => Ok(true),
        Err(error) if error.is_stop() => Err(error),
        Err(_) => Ok(false),
    }
}

/// A part, and what was found in it.
struct Part<T> {
    /// What is still to be searched.
    range: Range<u64>,
    /// What it is a part of.
    whole: Range<u64>,
    found: Vec<T>,
    looked_at: u64,
}

impl<T> Part<T> {
    /// Searches on, until the end or until enough was found.
    fn search<N: Needle<Found = T>>(&mut self, memory: Memory<'_>, needle: &N) -> Result<()> {
        let mut copy = Vec::new();
        while !self.range.is_empty() && self.found.len() < MOST {
            let left = usize::try_from(self.range.end - self.range.start).unwrap_or(usize::MAX);
            let at = self.range.start;
            // In pieces, so that `found` stays small where everything matches.
            let bytes = match memory.borrow(at, left.min(COPY)) {
                Ok(Some(bytes)) => bytes,
                Err(error) if error.is_stop() => return Err(error),
                _ => {
                    copy.resize(left.min(COPY), 0);
                    match memory.read_some(at, &mut copy) {
                        Ok(got) => copy.get(..got).unwrap_or(&copy),
                        Err(error) if error.is_stop() => return Err(error),
                        Err(_) => {
                            self.range.start = self.range.end;
                            break;
                        }
                    }
                }
            };
            if bytes.is_empty() {
                self.range.start = self.range.end;
                break;
            }
            let reach = needle.reach();
            let begins = bytes.len().saturating_sub(reach);
            let piece = Piece { address: at, bytes, begins, range: &self.whole };
            needle.find(&piece, &mut self.found)?;
            self.seam(memory, needle, at + begins as u64, bytes.len() - begins)?;
            self.looked_at += bytes.len() as u64;
            self.range.start = at + bytes.len() as u64;
        }
        Ok(())
    }

    /// The matches that begin in the last bytes of a piece and may end behind it.
    fn seam<N: Needle<Found = T>>(
        &mut self,
        memory: Memory<'_>,
        needle: &N,
        at: u64,
        begins: usize,
    ) -> Result<()> {
        if begins == 0 {
            return Ok(());
        }
        let mut bytes = vec![0; begins.saturating_add(needle.reach())];
        match memory.read_some(at, &mut bytes) {
            Ok(got) => {
                bytes.truncate(got);
                let begins = begins.min(got);
                let piece = Piece { address: at, bytes: &bytes, begins, range: &self.whole };
                needle.find(&piece, &mut self.found)
            }
            Err(error) if error.is_stop() => Err(error),
            Err(_) => Ok(()),
        }
    }
}
