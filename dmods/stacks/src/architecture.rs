//! What depends on the processor: registers of system calls, and how calls look in code.

use crate::aarch64::AARCH64;
use crate::calls::Call;
use crate::x86_64::X86_64;
use mdb_dmod::Thread;
use mdb_dmod::prelude::*;

/// The facts of an architecture.
#[derive(Debug)]
pub(crate) struct Architecture {
    /// ELF's `e_machine`.
    pub(crate) machine: u32,
    /// A register that only it has.
    pub(crate) known_by: &'static str,
    /// System calls in which threads sleep, by number.
    pub(crate) calls: &'static [Call],
    /// The registers of a system call's arguments.
    pub(crate) arguments: [&'static str; 6],
    /// Whether a thread was in a system call.
    pub(crate) stopped: fn(&Stop<'_>) -> Stopped,
    /// The call instruction that ends where these bytes do; they end at the given address.
    pub(crate) call_before: fn(&[u8], u64) -> Option<CallSite>,
}

/// Where a thread was when it stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// In its own code, or it had just left a system call.
    Running,
    /// It waited in this system call.
    InCall {
        number: u64,
        /// The instruction that made the call was seen.
        seen: bool,
    },
    /// Its registers do not tell.
    Unknown,
}

/// A call in the code, in front of a return address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CallSite {
    /// What it calls, where the instruction says so.
    pub(crate) target: Option<u64>,
}

/// The longest call instruction, in bytes: `call` with REX, SIB and 32 bits of displacement.
pub(crate) const LONGEST_CALL: usize = 8;

/// A stopped thread, for [`Architecture::stopped`].
pub(crate) struct Stop<'a> {
    pub(crate) pc: u64,
    pub(crate) register: &'a dyn Fn(&str) -> Option<u64>,
    /// Up to four bytes of code.
    pub(crate) code: &'a dyn Fn(u64, usize) -> Option<[u8; 4]>,
}

/// The results of a call that was broken off: `ERESTARTSYS`, `ERESTARTNOINTR`, `ERESTARTNOHAND`,
/// `ERESTART_RESTARTBLOCK` (`include/linux/errno.h`) and `EINTR`.
pub(crate) const BROKEN_OFF: [i64; 5] = [-512, -513, -514, -516, -4];

impl Architecture {
    /// That of the target: by its machine, else by the registers of a thread.
    pub(crate) fn of(s: &Session<'_>, thread: Option<&Thread>) -> Option<&'static Self> {
        let all = [&X86_64, &AARCH64];
        if let Ok(target) = s.target() {
            return all.into_iter().find(|known| known.machine == target.machine);
        }
        let number = thread?.number;
        all.into_iter().find(|known| s.register_named(number, known.known_by).is_ok())
    }

    /// The system call with this number.
    pub(crate) fn call(&self, number: u64) -> Option<&'static Call> {
        let index = self.calls.binary_search_by_key(&number, |call| call.number).ok()?;
        self.calls.get(index)
    }

    /// The system call of this name.
    pub(crate) fn call_named(&self, name: &str) -> Option<&'static Call> {
        self.calls.iter().find(|call| call.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table is searched by halves.
    #[test]
    fn calls_are_sorted_and_have_one_number() {
        for known in [&X86_64, &AARCH64] {
            assert!(known.calls.is_sorted_by(|a, b| a.number < b.number), "{known:?}");
            assert_eq!(known.call(9999).map(|call| call.name), None);
            for call in known.calls {
                assert_eq!(known.call(call.number).map(|found| found.name), Some(call.name));
            }
        }
    }
}
