//! The stacks of the threads of a process.

use mdb_dmod::prelude::*;
use mdb_dmod::{Mapping, MappingKind, Thread};
use std::ops::Range;

/// The threads of a process, each with its stack.
#[derive(Clone, Debug)]
pub(crate) struct Stacks {
    stacks: Vec<Stack>,
    /// The first thread of the process has this number of the kernel.
    pid: Option<u32>,
}

/// A thread with its stack. A thread that handles a signal may have its stack pointer in another one,
/// which is for signals.
#[derive(Clone, Debug)]
struct Stack {
    thread: Thread,
    /// What its stack pointer is in, and its own stack, if that is another.
    ranges: Vec<Range<u64>>,
}

/// The entry of the auxiliary vector with the address of random bytes, which are on the first stack.
const AT_RANDOM: u64 = 25;

impl Stacks {
    /// Those of a target.
    pub(crate) fn of(s: &Session<'_>) -> Result<Self> {
        let mappings = s.mappings()?;
        let pid = known(s.process())?.and_then(|process| process.pid);
        let vector = known(s.auxv())?.unwrap_or_default();
        let random = vector.iter().find(|(key, ..)| *key == AT_RANDOM).map(|(_, value, _)| *value);
        let stacks = s.threads()?.into_iter().map(|thread| {
            let is_first = Some(thread.tid) == pid;
            // The C library keeps what a thread has for itself at the end of its stack.
            let end = if is_first { random } else { Some(thread.thread_pointer) };
            Stack::new(thread, end, &mappings)
        });
        Ok(Self { stacks: stacks.collect(), pid })
    }

    /// The number of the process.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.pid
    }

    /// The thread on whose stack an address is, and not below its stack pointer: what is there is no
    /// more.
    pub(crate) fn live_at(&self, address: u64) -> Option<&Thread> {
        let is_live = |stack: &&Stack| {
            stack.ranges.iter().any(|range| {
                range.contains(&address)
                    && (!range.contains(&stack.thread.sp) || stack.thread.sp <= address)
            })
        };
        self.stacks.iter().find(is_live).map(|stack| &stack.thread)
    }

    /// The thread in whose stack an address is.
    pub(crate) fn holding(&self, address: u64) -> Option<&Thread> {
        let holds = |stack: &&Stack| stack.ranges.iter().any(|range| range.contains(&address));
        self.stacks.iter().find(holds).map(|stack| &stack.thread)
    }

    /// The first thread of the process, with the beginning of its stack, which the kernel lets grow.
    pub(crate) fn first(&self) -> Option<(&Thread, u64)> {
        let stack = self.stacks.iter().find(|stack| Some(stack.thread.tid) == self.pid)?;
        Some((&stack.thread, stack.ranges.last()?.start))
    }

    /// A thread by its number.
    pub(crate) fn thread(&self, number: u32) -> Option<&Thread> {
        self.stacks.iter().map(|stack| &stack.thread).find(|thread| thread.number == number)
    }
}

impl Stack {
    fn new(thread: Thread, end: Option<u64>, mappings: &[Mapping]) -> Self {
        let of_thread = |m: &&Mapping| m.kind == MappingKind::Stack(thread.number);
        let at = |address: u64| mappings.iter().find(|m| (m.start..m.end).contains(&address));
        let current = mappings.iter().find(of_thread).or_else(|| at(thread.sp));
        let own = end.and_then(at).filter(|m| m.path.is_empty() || m.path == "[stack]");
        let mut ranges: Vec<Range<u64>> = current.map(|m| m.start..m.end).into_iter().collect();
        if let Some(own) = own.map(|m| m.start..m.end)
            && !ranges.contains(&own)
        {
            ranges.push(own);
        }
        Self { thread, ranges }
    }
}

/// Keeps ^C; what is not known is nothing.
fn known<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_stop() => Err(error),
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(start: u64, end: u64) -> Mapping {
        Mapping {
            start,
            end,
            kind: MappingKind::Anonymous,
            permissions: None,
            offset: 0,
            saved: end - start,
            path: String::new(),
        }
    }

    fn thread(number: u32, sp: u64) -> Thread {
        Thread {
            number,
            tid: 100 + number,
            crashed: false,
            signal: 0,
            pc: 0,
            sp,
            thread_pointer: 0,
            name: String::new(),
        }
    }

    #[test]
    fn a_thread_on_the_stack_for_signals_keeps_its_own() {
        let mappings = [mapping(0x1000, 0x2000), mapping(0x5000, 0x9000), mapping(0xa000, 0xb000)];
        let stacks = Stacks {
            stacks: vec![
                Stack::new(thread(1, 0x1800), Some(0x8fe0), &mappings),
                Stack::new(thread(2, 0xa800), Some(0xaff0), &mappings),
            ],
            pid: Some(101),
        };
        let live = |address| stacks.live_at(address).map(|thread| thread.number);
        assert_eq!((live(0x1900), live(0x1700)), (Some(1), None));
        assert_eq!((live(0x5008), live(0x9000)), (Some(1), None));
        assert_eq!((live(0xa800), live(0xa7f8)), (Some(2), None));
        assert_eq!(stacks.holding(0xa000).map(|thread| thread.number), Some(2));
        assert_eq!(stacks.first().map(|(thread, start)| (thread.number, start)), Some((1, 0x5000)));
    }
}
