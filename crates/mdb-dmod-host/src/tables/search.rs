//! `memory.search`: bytes in memory.

use super::anywhere;
use crate::call::Context;
use crate::services::ReadError;
use mdb_dmod_abi::{AddressCallback, Bytes, Cx, RUN_ZERO, Status};
use memchr::memmem::Finder;
use std::ffi::c_void;
use std::ops::Range;

/// How many bytes are searched at a time; between two such parts ^C is looked for.
const PART: usize = 1 << 20;
/// No pattern is longer.
const LONGEST_PATTERN: usize = 1 << 16;

/// What is searched.
struct Pattern<'a> {
    bytes: &'a [u8],
    /// Empty, or as many as `bytes`.
    mask: &'a [u8],
    finder: Finder<'a>,
    alignment: u64,
}

impl Pattern<'_> {
    /// The next offset at or behind `from` at which it matches.
    fn next(&self, memory: &[u8], from: usize) -> Option<usize> {
        let rest = memory.get(from..)?;
        let found = if self.mask.is_empty() {
            self.finder.find(rest)
        } else {
            rest.windows(self.bytes.len()).position(|window| {
                let parts = window.iter().zip(self.bytes).zip(self.mask);
                parts.into_iter().all(|((m, b), mask)| m & mask == b & mask)
            })
        };
        found.map(|at| from + at)
    }

    fn is_found_in_zeros(&self) -> bool {
        self.next(&vec![0; self.bytes.len()], 0).is_some()
    }
}

pub(super) unsafe extern "C" fn search(
    cx: *mut Cx,
    start: u64,
    end: u64,
    pattern: Bytes,
    mask: Bytes,
    alignment: u32,
    callback: AddressCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        // SAFETY: the dmod lends both for this call.
        let (bytes, mask) = unsafe { (pattern.slice(), mask.slice()) };
        let fits = mask.is_empty() || mask.len() == bytes.len();
        if bytes.is_empty() || bytes.len() > LONGEST_PATTERN || !fits {
            return Status::BAD_ARGUMENT;
        }
        let alignment = u64::from(alignment.max(1));
        let pattern = Pattern { bytes, mask, finder: Finder::new(bytes), alignment };
        let mut status = Status::OK;
        let mut each = |address: u64| {
            // SAFETY: the dmod's callback with the dmod's argument.
            status = unsafe { callback(arg, address) };
            status.is_ok()
        };
        match search_runs(context, start..end, &pattern, &mut each) {
            Err(stopped) => stopped,
            Ok(()) if status == Status::CLOSED => Status::OK,
            Ok(()) => status,
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { anywhere(cx, function) }
}

/// Searches all that can be read of a range. A match may reach from one run into the next.
fn search_runs(
    context: &Context<'_>,
    range: Range<u64>,
    pattern: &Pattern<'_>,
    each: &mut dyn FnMut(u64) -> bool,
) -> Result<(), Status> {
    let behind = pattern.bytes.len() - 1;
    let in_zeros = pattern.is_found_in_zeros();
    let mut buffer = vec![0; PART + behind];
    let mut at = range.start;
    while let Some(run) = context.memory.next_run(at).filter(|run| run.start < range.end) {
        let end = run.end.min(range.end);
        at = run.start;
        // Among nothing but zeros only the last bytes can be the beginning of something else.
        if run.flags & RUN_ZERO != 0 && !in_zeros {
            at = at.max(end.saturating_sub(behind as u64));
        }
        while at < end {
            if context.memory.cancelled() {
                return Err(Status::CANCELLED);
            }
            let part = usize::try_from(end - at).unwrap_or(PART).min(PART);
            let left = usize::try_from(range.end - at).unwrap_or(usize::MAX);
            let wanted = buffer.get_mut(..left.min(part + behind)).unwrap_or_default();
            let got = match context.memory.read(at, wanted) {
                Ok(got) => got,
                Err(ReadError::Cancelled) => return Err(Status::CANCELLED),
                // The rest of the run cannot be read after all.
                Err(ReadError::Fault) => break,
            };
            let memory = wanted.get(..got).unwrap_or_default();
            let mut from = 0;
            while let Some(found) = pattern.next(memory, from).filter(|found| *found < part) {
                from = found + 1;
                let place = at.wrapping_add(found as u64);
                if place.is_multiple_of(pattern.alignment) && !each(place) {
                    return Ok(());
                }
            }
            at += part as u64;
        }
        at = end;
        if at >= range.end {
            break;
        }
    }
    Ok(())
}
