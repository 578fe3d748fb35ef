//! Which lock a futex belongs to: the kernel knows a word and a number only. It is told by the
//! operation, by the function that waits, and by what the locks of glibc look like.

use crate::sobj::Sobj;

/// Where the waiting function's lock is, seen from the futex word. Offsets in bytes.
///
/// Sources: `bits/struct_mutex.h`, `bits/struct_rwlock.h`, `bits/thread-shared-types.h` (installed
/// with glibc), `nptl/pthread_barrier_wait.c` and `sysdeps/nptl/internaltypes.h` for the barrier and
/// the semaphore. `tests/stacks_wait.rs` compares each with the address that a program printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// The word is the lock.
    Word,
    /// The same, inside of another lock or of the C library.
    LowLevel,
    /// `pthread_mutex_t`: the word is first.
    Mutex,
    /// `pthread_cond_t`: one of two words at [`COND_WORDS`].
    Cond,
    /// `pthread_rwlock_t`: `__readers`, `__wrphase_futex` or `__writers_futex`.
    RwLock,
    /// `pthread_barrier_t`: `current_round` stands behind `in`.
    Barrier,
    /// The thread id in another thread's `struct pthread`.
    Join,
}

/// The thread that holds a `pthread_mutex_t`: `__owner`, its kernel thread id.
pub(crate) const MUTEX_OWNER: u64 = 8;
/// `__g_signals` in `pthread_cond_t`: since glibc 2.25, and since 2.41, which has no `__g_refs`.
pub(crate) const COND_WORDS: [u64; 2] = [0x28, 0x20];
/// `__g_refs` in `pthread_cond_t` until glibc 2.40: twice the number of waiters of each group.
pub(crate) const COND_REFERENCES: u64 = 0x10;
/// `__wrphase_futex` in `pthread_rwlock_t`; `__writers_futex` is four bytes behind.
pub(crate) const RWLOCK_PHASE: u64 = 8;
/// The writer that holds a `pthread_rwlock_t`: `__cur_writer`, on x86-64 and aarch64.
pub(crate) const RWLOCK_WRITER: u64 = 24;
/// `current_round` in `struct pthread_barrier`.
pub(crate) const BARRIER_ROUND: u64 = 4;

/// A function that waits for a lock.
#[derive(Debug)]
pub(crate) struct LockFunction {
    name: Name,
    pub(crate) sobj: Sobj,
    pub(crate) layout: Layout,
}

#[derive(Debug)]
enum Name {
    /// The name of a C function begins so, behind underscores and glibc's own prefixes.
    Begins(&'static str),
    /// A C++ or Rust name holds this.
    Holds(&'static str),
}

const fn c(name: &'static str, sobj: Sobj, layout: Layout) -> LockFunction {
    LockFunction { name: Name::Begins(name), sobj, layout }
}

const fn path(name: &'static str, sobj: Sobj) -> LockFunction {
    LockFunction { name: Name::Holds(name), sobj, layout: Layout::Word }
}

/// Sources: names in `libc.so.6` and `libpthread.so.0` (glibc 2.31, 2.36) and musl 1.2, libstdc++,
/// Rust's `std::sys::sync`, `parking_lot`, Abseil.
const FUNCTIONS: &[LockFunction] = &[
    c("pthread_mutex_", Sobj::Mutex, Layout::Mutex),
    c("mtx_", Sobj::Mutex, Layout::Mutex),
    c("pthread_cond_", Sobj::Cv, Layout::Cond),
    c("cnd_", Sobj::Cv, Layout::Cond),
    c("pthread_rwlock_", Sobj::RwLock, Layout::RwLock),
    c("sem_wait", Sobj::Sema, Layout::Word),
    c("sem_timedwait", Sobj::Sema, Layout::Word),
    c("sem_clockwait", Sobj::Sema, Layout::Word),
    c("pthread_barrier_", Sobj::Barrier, Layout::Barrier),
    c("pthread_join", Sobj::Join, Layout::Join),
    c("pthread_timedjoin", Sobj::Join, Layout::Join),
    c("pthread_clockjoin", Sobj::Join, Layout::Join),
    c("thrd_join", Sobj::Join, Layout::Join),
    c("pthread_once", Sobj::Once, Layout::Word),
    c("call_once", Sobj::Once, Layout::Word),
    c("cxa_guard_acquire", Sobj::Once, Layout::Word),
    path("std::condition_variable", Sobj::Cv),
    path("::Condvar::", Sobj::Cv),
    path("::CondVar::", Sobj::Cv),
    path("::RwLock::", Sobj::RwLock),
    path("::RawRwLock::", Sobj::RwLock),
    path("::Once::", Sobj::Once),
    path("::Mutex::", Sobj::Mutex),
    path("::RawMutex::", Sobj::Mutex),
    path("absl::Mutex", Sobj::Mutex),
    // Inside of the above, and where another lock of the C library waits for its own.
    c("lll_lock", Sobj::Mutex, Layout::LowLevel),
    c("lll_timedlock", Sobj::Mutex, Layout::LowLevel),
    c("lll_clocklock", Sobj::Mutex, Layout::LowLevel),
];

/// What a thread waits for in this function, if it is one of those.
pub(crate) fn lock_function(name: &str) -> Option<&'static LockFunction> {
    let mut plain = name.trim_start_matches('_');
    for prefix in ["GI_", "new_", "old_"] {
        plain = plain.strip_prefix(prefix).unwrap_or(plain).trim_start_matches('_');
    }
    FUNCTIONS.iter().find(|function| match function.name {
        Name::Begins(part) => plain.starts_with(part),
        Name::Holds(part) => name.contains(part),
    })
}

/// How many inner frames may belong to the lock's own code.
pub(crate) const LOCK_FRAMES: usize = 6;

/// The function that waits: the innermost one that is known, but the mutex rather than the low-level
/// lock that it consists of.
pub(crate) fn waiting_function(
    inner: impl Iterator<Item = Option<&'static LockFunction>>,
) -> Option<&'static LockFunction> {
    let mut inner = inner.take(LOCK_FRAMES).skip_while(Option::is_none);
    let first = inner.next()??;
    if first.layout == Layout::LowLevel {
        let caller = inner.next().flatten();
        return caller.filter(|caller| caller.layout == Layout::Mutex).or(Some(first));
    }
    Some(first)
}

/// Operations of `futex` (`linux/futex.h`).
pub(crate) mod operation {
    pub(crate) const WAIT: u64 = 0;
    pub(crate) const LOCK_PI: u64 = 6;
    pub(crate) const WAIT_BITSET: u64 = 9;
    pub(crate) const WAIT_REQUEUE_PI: u64 = 11;
    pub(crate) const LOCK_PI2: u64 = 13;
    /// The operation without its flags.
    pub(crate) const MASK: u64 = 0x7f;
    pub(crate) const PRIVATE: u64 = 0x80;
    pub(crate) const CLOCK_REALTIME: u64 = 0x100;
}

/// The thread that holds a futex with priority inheritance: `FUTEX_TID_MASK` (`linux/futex.h`).
pub(crate) const FUTEX_TID: u32 = 0x3fff_ffff;

/// `2` in the word of a glibc lock is "locked, with waiters" (`nptl/lowlevellock.c`); Rust, Go and
/// others took it over.
const LOCKED_WITH_WAITERS: u64 = 2;

/// What a thread waits for at a futex, and whether that is a guess.
pub(crate) fn sobj_of_futex(
    operation: Option<u64>,
    value: Option<u64>,
    function: Option<&LockFunction>,
    is_tid: impl Fn(u32) -> bool,
) -> (Sobj, bool) {
    let private = operation.is_some_and(|op| op & operation::PRIVATE != 0);
    let operation = operation.map(|op| op & operation::MASK);
    match (operation, function) {
        (Some(operation::LOCK_PI | operation::LOCK_PI2), _) => (Sobj::MutexPi, false),
        (_, Some(function)) => (function.sobj, false),
        (Some(operation::WAIT_REQUEUE_PI), _) => (Sobj::Cv, false),
        (Some(operation::WAIT), _) if value == Some(LOCKED_WITH_WAITERS) => (Sobj::Mutex, true),
        // `pthread_join` waits for the kernel to clear the thread's id, which no process shares.
        (Some(operation::WAIT | operation::WAIT_BITSET), _)
            if !private && value.is_some_and(|value| is_tid(value as u32)) =>
        {
            (Sobj::Join, true)
        }
        _ => (Sobj::Futex, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(functions: &[&str]) -> Sobj {
        let function = waiting_function(functions.iter().map(|name| lock_function(name)));
        sobj_of_futex(Some(0x189), Some(0), function, |_| false).0
    }

    #[test]
    fn a_futex_is_named_after_its_lock() {
        assert_eq!(told(&["__lll_lock_wait", "pthread_mutex_lock", "work"]), Sobj::Mutex);
        assert_eq!(told(&["__lll_lock_wait", "work", "pthread_once"]), Sobj::Mutex);
        assert_eq!(told(&["__futex_abstimed_wait_common", "pthread_cond_wait"]), Sobj::Cv);
        assert_eq!(told(&["do_futex_wait", "__new_sem_wait_slow64.constprop.0"]), Sobj::Sema);
        assert_eq!(told(&["__futex_wait", "___pthread_rwlock_rdlock"]), Sobj::RwLock);
        assert_eq!(told(&["futex_wait", "__GI___pthread_barrier_wait"]), Sobj::Barrier);
        assert_eq!(told(&["futex", "std::sys::sync::condvar::futex::Condvar::wait"]), Sobj::Cv);
        assert_eq!(told(&["syscall", "worker"]), Sobj::Futex);
        // Names of the program's own are not taken for those of locks.
        assert_eq!(told(&["syscall", "wait_mutex", "my_sem_wait", "mutex"]), Sobj::Futex);
        assert_eq!(told(&["a", "b", "c", "d", "e", "f", "pthread_mutex_lock"]), Sobj::Futex);
    }

    #[test]
    fn without_names_the_words_tell() {
        let told =
            |operation, value| sobj_of_futex(Some(operation), Some(value), None, |tid| tid == 77);
        assert_eq!(told(0x80, 2), (Sobj::Mutex, true));
        assert_eq!(told(0x80, 1), (Sobj::Futex, false));
        assert_eq!(told(0x109, 77), (Sobj::Join, true));
        assert_eq!(told(0x189, 77), (Sobj::Futex, false), "a private one");
        assert_eq!(told(0x86, 0), (Sobj::MutexPi, false));
        assert_eq!(told(0x8d, 0), (Sobj::MutexPi, false));
        assert_eq!(told(0x8b, 0), (Sobj::Cv, false));
        assert_eq!(sobj_of_futex(None, None, None, |_| true), (Sobj::Futex, false));
    }
}
