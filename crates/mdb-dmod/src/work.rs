//! The host's threads, and work on much memory with them.

use crate::panics::{self, Outcome};
use crate::session::function;
use crate::{Error, Memory, Result, Session};
use mdb_dmod_abi::{Status, WorkGroup, field};
use std::any::Any;
use std::ffi::c_void;
use std::ops::Range;
use std::sync::Mutex;

/// What the parts of a parallel work came to.
struct Shared<'w, T, F> {
    each: &'w F,
    results: Vec<Mutex<Option<T>>>,
    /// The failure of the part with the lowest number.
    failure: Mutex<Option<(usize, Failure)>>,
}

enum Failure {
    Error(Error),
    Panic(String),
}

/// For `work.parallel`; the argument is a [`Shared`].
unsafe extern "C" fn part<T, F>(arg: *mut c_void, index: u32) -> Status
where
    T: Send,
    F: Fn(usize) -> Result<T> + Sync,
{
    // SAFETY: we passed such an argument, which all threads may share.
    let Some(shared) = (unsafe { arg.cast::<Shared<'_, T, F>>().as_ref() }) else {
        return Status::BAD_ARGUMENT;
    };
    shared.run(index as usize)
}

impl<T, F> Shared<'_, T, F>
where
    T: Send,
    F: Fn(usize) -> Result<T> + Sync,
{
    fn run(&self, index: usize) -> Status {
        let mut done = None;
        let outcome = panics::guard(|| {
            done = Some((self.each)(index)?);
            Ok(())
        });
        let (failure, status) = match outcome {
            Outcome::Done(Ok(())) => {
                if let Some(place) = self.results.get(index) {
                    *place.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = done;
                }
                return Status::OK;
            }
            Outcome::Done(Err(Error::Cancelled)) => {
                (Failure::Error(Error::Cancelled), Status::CANCELLED)
            }
            Outcome::Done(Err(error)) => (Failure::Error(error), Status::ERROR),
            Outcome::Panicked(sentence) => (Failure::Panic(sentence), Status::ERROR),
        };
        let mut kept = self.failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if kept.as_ref().is_none_or(|(at, _)| index < *at) {
            *kept = Some((index, failure));
        }
        status
    }
}

/// So many bytes are one part of a [`Session::scan`].
const PART: u64 = 1 << 20;
/// So many parts for each thread are done before their results are taken: what is kept is bounded,
/// and the first results show early.
const PARTS_A_THREAD: usize = 8;

impl Session<'_> {
    /// How many threads the host has for [`Session::parallel`].
    pub fn worker_threads(&self) -> usize {
        // SAFETY: the group is null or the host's, and begins with its size.
        match unsafe { field!(self.work, WorkGroup, threads) } {
            // SAFETY: the context is that of the call under way.
            Some(Some(threads)) => (unsafe { threads(self.cx) }) as usize,
            _ => 1,
        }
    }

    /// Calls `each` for 0..n on the host's threads, and answers the results in this order. The
    /// first failure stops it; so does ^C. `each` can take [`Session::memory`] along, not the
    /// session.
    pub fn parallel<T, F>(&self, n: usize, each: F) -> Result<Vec<T>>
    where
        T: Send,
        F: Fn(usize) -> Result<T> + Sync,
    {
        let Ok(function) = function!(self.work, WorkGroup, parallel) else {
            // A host that is too old for it.
            return (0..n).map(each).collect();
        };
        let count = u32::try_from(n)
            .map_err(|_| Error::new(format!("{n} parts are more than can be worked on")))?;
        let shared = Shared {
            each: &each,
            results: (0..n).map(|_| Mutex::new(None)).collect(),
            failure: Mutex::new(None),
        };
        let arg = (&raw const shared).cast_mut().cast();
        // SAFETY: the context is that of the call under way; the function fits its argument, which
        // lives until the host returns.
        let status = unsafe { function(self.cx, count, Some(part::<T, F>), arg) };
        let failure = shared.failure.into_inner();
        match failure.unwrap_or_else(std::sync::PoisonError::into_inner) {
            Some((_, Failure::Error(error))) => return Err(error),
            Some((_, Failure::Panic(sentence))) => {
                let sentence: Box<dyn Any + Send> = Box::new(sentence);
                std::panic::resume_unwind(sentence)
            }
            None => self.check(status)?,
        }
        let results = shared.results.into_iter().filter_map(|place| {
            place.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
        });
        Ok(results.collect())
    }

    /// Goes over all memory in `ranges` that the target has, on all of the host's threads: `part`
    /// gets an address, the bytes there and how many of them are its own (the others, at most
    /// `overlap`, are the first of the next part: a match that begins in the first is its own). What
    /// it answers is given to `take` in the order of the addresses. Runs that are nothing but zeros
    /// are passed over. Parts begin at multiples of 1 MiB, or where a run begins.
    ///
    /// ```text
    /// s.scan(&ranges, 0, |_, bytes, own| Ok(bytes[..own].iter().filter(|b| **b == 7).count()),
    ///        |count| { total += count; Ok(()) })?;
    /// ```
    pub fn scan<T, P, K>(
        &self,
        ranges: &[Range<u64>],
        overlap: usize,
        part: P,
        mut take: K,
    ) -> Result<()>
    where
        T: Send,
        P: Fn(u64, &[u8], usize) -> Result<T> + Sync,
        K: FnMut(T) -> Result<()>,
    {
        let memory = self.memory();
        let window = self.worker_threads().saturating_mul(PARTS_A_THREAD).max(1);
        let mut parts: Vec<Range<u64>> = Vec::with_capacity(window);
        let mut flush = |parts: &mut Vec<Range<u64>>| -> Result<()> {
            let results = self.parallel(parts.len(), |index| match parts.get(index) {
                Some(range) => memory.with_bytes(range.clone(), overlap, &part),
                None => Ok(None),
            })?;
            parts.clear();
            results.into_iter().flatten().try_for_each(&mut take)
        };
        for range in ranges {
            let mut at = range.start;
            while let Some(run) = memory.next_run(at)?.filter(|run| run.start < range.end) {
                at = run.start;
                let end = run.end.min(range.end);
                while at < end && !run.is_zero {
                    let next = (at / PART).saturating_add(1).saturating_mul(PART).min(end);
                    parts.push(at..next);
                    at = next;
                    if parts.len() == window {
                        flush(&mut parts)?;
                    }
                }
                at = end;
                if at >= range.end {
                    break;
                }
            }
        }
        flush(&mut parts)
    }
}

impl Memory<'_> {
    /// Calls `part` with what can be read of a range and `overlap` bytes behind it; `None` where
    /// nothing can.
    fn with_bytes<T, P>(self, range: Range<u64>, overlap: usize, part: &P) -> Result<Option<T>>
    where
        P: Fn(u64, &[u8], usize) -> Result<T>,
    {
        let own = usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX);
        let wanted = own.saturating_add(overlap);
        if let Some(bytes) = self.borrow(range.start, wanted)?
            && (bytes.len() == wanted || overlap == 0 && bytes.len() == own)
        {
            return part(range.start, bytes, own.min(bytes.len())).map(Some);
        }
        let mut buffer = vec![0; wanted];
        match self.read_some(range.start, &mut buffer) {
            Ok(got) => {
                let bytes = buffer.get(..got).unwrap_or(&buffer);
                part(range.start, bytes, own.min(got)).map(Some)
            }
            Err(error) if error.is_stop() => Err(error),
            // A file that is shorter than what it was mapped for.
            Err(_) => Ok(None),
        }
    }
}
