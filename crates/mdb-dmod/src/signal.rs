//! Names of signals and of their codes.

/// Linux's signals on x86-64 and aarch64 (signal(7)); index 0 is no signal.
const NAMES: [&str; 32] = [
    "",
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGILL",
    "SIGTRAP",
    "SIGABRT",
    "SIGBUS",
    "SIGFPE",
    "SIGKILL",
    "SIGUSR1",
    "SIGSEGV",
    "SIGUSR2",
    "SIGPIPE",
    "SIGALRM",
    "SIGTERM",
    "SIGSTKFLT",
    "SIGCHLD",
    "SIGCONT",
    "SIGSTOP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGXCPU",
    "SIGXFSZ",
    "SIGVTALRM",
    "SIGPROF",
    "SIGWINCH",
    "SIGIO",
    "SIGPWR",
    "SIGSYS",
];

/// Codes of single signals (`include/uapi/asm-generic/siginfo.h`).
const CODES: &[(i32, i32, &str)] = &[
    (4, 1, "ILL_ILLOPC"),
    (4, 2, "ILL_ILLOPN"),
    (4, 3, "ILL_ILLADR"),
    (4, 4, "ILL_ILLTRP"),
    (4, 5, "ILL_PRVOPC"),
    (4, 6, "ILL_PRVREG"),
    (4, 7, "ILL_COPROC"),
    (4, 8, "ILL_BADSTK"),
    (8, 1, "FPE_INTDIV"),
    (8, 2, "FPE_INTOVF"),
    (8, 3, "FPE_FLTDIV"),
    (8, 4, "FPE_FLTOVF"),
    (8, 5, "FPE_FLTUND"),
    (8, 6, "FPE_FLTRES"),
    (8, 7, "FPE_FLTINV"),
    (8, 8, "FPE_FLTSUB"),
    (11, 1, "SEGV_MAPERR"),
    (11, 2, "SEGV_ACCERR"),
    (11, 3, "SEGV_BNDERR"),
    (11, 4, "SEGV_PKUERR"),
    (7, 1, "BUS_ADRALN"),
    (7, 2, "BUS_ADRERR"),
    (7, 3, "BUS_OBJERR"),
    (7, 4, "BUS_MCEERR_AR"),
    (7, 5, "BUS_MCEERR_AO"),
    (5, 1, "TRAP_BRKPT"),
    (5, 2, "TRAP_TRACE"),
    (5, 3, "TRAP_BRANCH"),
    (5, 4, "TRAP_HWBKPT"),
    (31, 1, "SYS_SECCOMP"),
];

/// Codes that any signal may have (the same header).
const COMMON: &[(i32, &str)] = &[
    (0, "SI_USER"),
    (0x80, "SI_KERNEL"),
    (-1, "SI_QUEUE"),
    (-2, "SI_TIMER"),
    (-3, "SI_MESGQ"),
    (-4, "SI_ASYNCIO"),
    (-5, "SI_SIGIO"),
    (-6, "SI_TKILL"),
];

/// The name of a signal: `SIGSEGV`; of real-time signals, their number in the kernel.
pub fn signal_name(signal: i32) -> String {
    let known = usize::try_from(signal).ok().and_then(|index| NAMES.get(index));
    match known {
        Some(name) if !name.is_empty() => (*name).to_owned(),
        _ if (32..=64).contains(&signal) => format!("SIGRT{}", signal - 32),
        _ => format!("signal {signal}"),
    }
}

/// The name of a signal's code: `SEGV_MAPERR`.
pub fn signal_code_name(signal: i32, code: i32) -> Option<&'static str> {
    let own = CODES.iter().find(|(s, c, _)| (*s, *c) == (signal, code)).map(|(.., name)| *name);
    own.or_else(|| COMMON.iter().find(|(c, _)| *c == code).map(|(_, name)| *name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_header() {
        assert_eq!(signal_name(11), "SIGSEGV");
        assert_eq!(signal_name(31), "SIGSYS");
        assert_eq!(signal_name(34), "SIGRT2");
        assert_eq!(signal_name(0), "signal 0");
        assert_eq!(signal_code_name(11, 1), Some("SEGV_MAPERR"));
        assert_eq!(signal_code_name(6, -6), Some("SI_TKILL"));
        assert_eq!(signal_code_name(11, 99), None);
    }
}
