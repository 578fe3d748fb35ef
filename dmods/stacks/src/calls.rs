//! System calls in which threads sleep, and what their arguments mean.

use crate::sobj::Sobj;

/// A system call of an architecture.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) number: u64,
    pub(crate) name: &'static str,
    pub(crate) meaning: Meaning,
}

impl Call {
    pub(crate) const fn new(number: u64, name: &'static str, meaning: Meaning) -> Self {
        Self { number, name, meaning }
    }
}

/// What a call waits for and where its arguments say so. Arguments are counted from 0, as in the
/// prototypes of the kernel (`include/linux/syscalls.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// `futex(word, op, value, timeout, ...)`
    Futex,
    /// `futex_wait(word, value, mask, flags, timeout, clock)`
    FutexWait,
    /// `futex_waitv(waiters, count, flags, timeout, clock)`
    FutexWaitv,
    /// A descriptor is the first argument.
    Descriptor,
    /// A context of asynchronous input and output is the first argument.
    AioContext,
    /// The id of a System V message queue is the first argument.
    MessageQueue,
    /// The id of a set of System V semaphores is the first argument.
    Semaphores,
    /// `poll(descriptors, count, milliseconds)`
    Poll,
    /// `ppoll(descriptors, count, timespec, ...)`
    Ppoll,
    /// `select(count, read, write, except, timeval)`
    Select,
    /// `pselect6(count, read, write, except, timespec, ...)`
    Pselect,
    /// `epoll_wait(epoll, events, most, milliseconds)`, also with a signal mask behind
    Epoll,
    /// `epoll_pwait2(epoll, events, most, timespec, ...)`
    EpollTimespec,
    /// `nanosleep(timespec, rest)`
    Nanosleep,
    /// `clock_nanosleep(clock, flags, timespec, rest)`
    ClockNanosleep,
    /// No arguments.
    Pause,
    /// `rt_sigsuspend(blocked, ...)`
    SigSuspend,
    /// `rt_sigtimedwait(signals, info, timespec, ...)`
    SigTimedWait,
    /// `wait4(pid, ...)`
    Wait4,
    /// `waitid(kind, id, ...)`
    Waitid,
    /// A call that was broken off goes on; the kernel keeps which, and the arguments of the first
    /// call are still in the registers.
    Restart,
}

impl Meaning {
    /// The word for the column SOBJ. A futex may be found to be a lock.
    pub(crate) fn sobj(self) -> Sobj {
        match self {
            Self::Futex | Self::FutexWait | Self::FutexWaitv => Sobj::Futex,
            Self::Descriptor | Self::AioContext | Self::MessageQueue => Sobj::Io,
            Self::Semaphores => Sobj::Sema,
            Self::Poll
            | Self::Ppoll
            | Self::Select
            | Self::Pselect
            | Self::Epoll
            | Self::EpollTimespec => Sobj::Poll,
            Self::Nanosleep | Self::ClockNanosleep => Sobj::Sleep,
            Self::Pause => Sobj::Pause,
            Self::SigSuspend | Self::SigTimedWait => Sobj::SigWait,
            Self::Wait4 | Self::Waitid => Sobj::Wait4,
            Self::Restart => Sobj::Syscall,
        }
    }
}

/// What `restart_syscall` goes on with, by the function that made the call: only these calls are
/// restarted that way (users of `set_restart_fn` in the kernel: `fs/select.c`,
/// `kernel/futex/waitwake.c`, `kernel/time/hrtimer.c`).
pub(crate) const RESTARTED: &[(&str, &str)] = &[
    ("clock_nanosleep", "clock_nanosleep"),
    ("nanosleep", "nanosleep"),
    ("poll", "poll"),
    ("futex", "futex"),
    ("lll_", "futex"),
    ("cond_", "futex"),
    ("sem_", "futex"),
];
