//! The words of the column SOBJ.

/// What a thread waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Sobj {
    None,
    Mutex,
    MutexPi,
    Cv,
    RwLock,
    Sema,
    Barrier,
    Join,
    Once,
    Futex,
    Io,
    Poll,
    Sleep,
    SigWait,
    Wait4,
    Pause,
    /// It sleeps in a call that is in no table.
    Syscall,
}

/// The words, and what else the user may write for them: MDB's libc module says `MX`.
const WORDS: &[(Sobj, &str, &str)] = &[
    (Sobj::None, "<none>", "none"),
    (Sobj::Mutex, "MUTEX", "MX"),
    (Sobj::MutexPi, "MUTEX_PI", "USER_PI"),
    (Sobj::Cv, "CV", ""),
    (Sobj::RwLock, "RWLOCK", ""),
    (Sobj::Sema, "SEMA", ""),
    (Sobj::Barrier, "BARRIER", ""),
    (Sobj::Join, "JOIN", ""),
    (Sobj::Once, "ONCE", ""),
    (Sobj::Futex, "FUTEX", ""),
    (Sobj::Io, "IO", ""),
    (Sobj::Poll, "POLL", ""),
    (Sobj::Sleep, "SLEEP", ""),
    (Sobj::SigWait, "SIGWAIT", ""),
    (Sobj::Wait4, "WAIT4", ""),
    (Sobj::Pause, "PAUSE", ""),
    (Sobj::Syscall, "SYSCALL", ""),
];

impl Sobj {
    /// As it is shown.
    pub(crate) fn name(self) -> &'static str {
        WORDS.iter().find(|(sobj, ..)| *sobj == self).map_or("?", |(_, name, _)| name)
    }

    /// As the user writes it, in any case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is = |word: &str| !word.is_empty() && word.eq_ignore_ascii_case(text);
        WORDS.iter().find(|(_, name, alias)| is(name) || is(alias)).map(|(sobj, ..)| *sobj)
    }

    /// All words.
    pub(crate) fn names() -> Vec<&'static str> {
        WORDS.iter().map(|(_, name, _)| *name).collect()
    }
}
