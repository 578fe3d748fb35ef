//! What a thread was doing, told from its registers: a core has no run state.
//!
//! A thread that sleeps in a system call has its number in `orig_rax` and a "restart me" code or
//! `EINTR` in `rax`; a thread that runs its own code has -1 there.

use mdb_dmod::Thread;
use mdb_dmod::prelude::*;

/// The state of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum State {
    /// It crashed.
    Panic,
    /// It ran, or has just left a system call.
    OnProc,
    /// It waited in a system call.
    Sleep,
    /// Its registers do not tell.
    Unknown,
}

impl State {
    /// In MDB's words.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Panic => "PANIC",
            Self::OnProc => "ONPROC",
            Self::Sleep => "SLEEP",
            Self::Unknown => "?",
        }
    }
}

/// The results of a call that was broken off: `ERESTARTSYS`, `ERESTARTNOINTR`, `ERESTARTNOHAND`,
/// `ERESTART_RESTARTBLOCK` (`include/linux/errno.h`) and `EINTR`.
const BROKEN_OFF: [i64; 5] = [-512, -513, -514, -516, -4];

/// The system calls of x86-64 in which threads sleep (`arch/x86/entry/syscalls/syscall_64.tbl`).
const CALLS: &[(u64, &str)] = &[
    (0, "IO"),
    (1, "IO"),
    (17, "IO"),
    (18, "IO"),
    (19, "IO"),
    (20, "IO"),
    (42, "IO"),
    (43, "IO"),
    (44, "IO"),
    (45, "IO"),
    (46, "IO"),
    (47, "IO"),
    (74, "IO"),
    (75, "IO"),
    (288, "IO"),
    (299, "IO"),
    (307, "IO"),
    (426, "IO"),
    (7, "POLL"),
    (23, "POLL"),
    (232, "POLL"),
    (270, "POLL"),
    (271, "POLL"),
    (281, "POLL"),
    (441, "POLL"),
    (34, "PAUSE"),
    (35, "SLEEP"),
    (230, "SLEEP"),
    (61, "WAIT4"),
    (247, "WAIT4"),
    (128, "SIGWAIT"),
    (130, "SIGWAIT"),
    (202, "FUTEX"),
    (449, "FUTEX"),
];

/// Which lock a futex belongs to, by the name of an inner function; the first that matches counts.
const LOCKS: &[(&str, &str)] = &[
    ("cond_", "CV"),
    ("condition_variable", "CV"),
    ("condvar", "CV"),
    ("Condvar", "CV"),
    ("rwlock", "RWLOCK"),
    ("RwLock", "RWLOCK"),
    ("sem_", "SEMA"),
    ("_sem_", "SEMA"),
    ("barrier", "BARRIER"),
    ("pthread_join", "JOIN"),
    ("pthread_timedjoin", "JOIN"),
    ("clockjoin", "JOIN"),
    ("_once", "ONCE"),
    ("mutex", "MUTEX"),
    ("lll_lock", "MUTEX"),
    ("Mutex", "MUTEX"),
];

/// The words of the column SOBJ.
pub(crate) fn lock_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = CALLS.iter().map(|(_, name)| *name).collect();
    names.extend(LOCKS.iter().map(|(_, name)| *name));
    names.push("<none>");
    names.sort_unstable();
    names.dedup();
    names
}

/// How many inner frames may belong to the lock's own code.
pub(crate) const LOCK_FRAMES: usize = 6;

/// The state of a thread, and in which kind of system call it sleeps.
pub(crate) fn state(s: &Session<'_>, thread: &Thread) -> (State, Option<&'static str>) {
    let register = |name| s.register_named(thread.number, name).ok();
    let (call, result) = match (register("orig_rax"), register("rax")) {
        (Some(call), Some(result)) => (call as i64, result as i64),
        _ if thread.crashed => return (State::Panic, None),
        _ => return (State::Unknown, None),
    };
    let kind = || CALLS.iter().find(|(n, _)| *n == call as u64).map(|(_, kind)| *kind);
    if thread.crashed {
        return (State::Panic, None);
    }
    if call >= 0 && BROKEN_OFF.contains(&result) {
        return (State::Sleep, kind());
    }
    (State::OnProc, None)
}

/// What a thread waits for: the system call, and for a futex the lock it belongs to.
pub(crate) fn waits_for<'f>(
    kind: Option<&'static str>,
    inner_functions: impl Iterator<Item = &'f str>,
) -> &'static str {
    match kind {
        None => "<none>",
        Some("FUTEX") => inner_functions
            .take(LOCK_FRAMES)
            .find_map(|function| {
                LOCKS.iter().find(|(part, _)| function.contains(part)).map(|(_, lock)| *lock)
            })
            .unwrap_or("FUTEX"),
        Some(kind) => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_futex_is_named_after_its_lock() {
        let lock = |functions: &[&str]| waits_for(Some("FUTEX"), functions.iter().copied());
        assert_eq!(lock(&["syscall", "__lll_lock_wait", "pthread_mutex_lock"]), "MUTEX");
        assert_eq!(lock(&["__futex_abstimed_wait_common", "pthread_cond_wait", "work"]), "CV");
        assert_eq!(lock(&["__futex_abstimed_wait_common", "__new_sem_wait_slow64"]), "SEMA");
        assert_eq!(lock(&["syscall", "worker"]), "FUTEX");
        assert_eq!(lock(&["a", "b", "c", "d", "e", "f", "pthread_mutex_lock"]), "FUTEX");
        assert_eq!(waits_for(Some("POLL"), std::iter::empty()), "POLL");
        assert_eq!(waits_for(None, std::iter::empty()), "<none>");
    }
}
