//! Signals.

/// Why the process died or stopped (`siginfo_t`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalInfo {
    /// The signal's number.
    pub signal: i32,
    /// `si_code`, if known.
    pub code: Option<i32>,
    /// `si_errno`, if known.
    pub errno: Option<i32>,
    /// The faulting address, for signals that the processor raised.
    pub address: Option<u64>,
    /// Who sent it, for signals that a process sent.
    pub sender_pid: Option<u32>,
    /// The sender's user id.
    pub sender_uid: Option<u32>,
}

/// Linux's signals on x86-64 and aarch64 with their names and meaning (signal(7)).
const SIGNALS: &[(i32, &str, &str)] = &[
    (1, "SIGHUP", "Hangup"),
    (2, "SIGINT", "Interrupt"),
    (3, "SIGQUIT", "Quit"),
    (4, "SIGILL", "Illegal Instruction"),
    (5, "SIGTRAP", "Trace/Breakpoint Trap"),
    (6, "SIGABRT", "Abort"),
    (7, "SIGBUS", "Bus Error"),
    (8, "SIGFPE", "Arithmetic Exception"),
    (9, "SIGKILL", "Killed"),
    (10, "SIGUSR1", "User Signal 1"),
    (11, "SIGSEGV", "Segmentation Fault"),
    (12, "SIGUSR2", "User Signal 2"),
    (13, "SIGPIPE", "Broken Pipe"),
    (14, "SIGALRM", "Alarm Clock"),
    (15, "SIGTERM", "Terminated"),
    (16, "SIGSTKFLT", "Stack Fault"),
    (17, "SIGCHLD", "Child Status Changed"),
    (18, "SIGCONT", "Continued"),
    (19, "SIGSTOP", "Stopped (signal)"),
    (20, "SIGTSTP", "Stopped (user)"),
    (21, "SIGTTIN", "Stopped (tty input)"),
    (22, "SIGTTOU", "Stopped (tty output)"),
    (23, "SIGURG", "Urgent Socket Condition"),
    (24, "SIGXCPU", "Cpu Limit Exceeded"),
    (25, "SIGXFSZ", "File Size Limit Exceeded"),
    (26, "SIGVTALRM", "Virtual Timer Expired"),
    (27, "SIGPROF", "Profiling Timer Expired"),
    (28, "SIGWINCH", "Window Size Change"),
    (29, "SIGIO", "I/O Possible"),
    (30, "SIGPWR", "Power-Fail/Restart"),
    (31, "SIGSYS", "Bad System Call"),
];

/// The name of a signal: `SIGSEGV`; real-time signals are `SIGRTMIN+n` of the kernel's numbering.
pub fn signal_name(signal: i32) -> String {
    match SIGNALS.iter().find(|s| s.0 == signal) {
        Some((_, name, _)) => (*name).to_owned(),
        None if (32..=64).contains(&signal) => {
            format!("SIGRT{}", signal.saturating_sub(32))
        }
        None => format!("signal {signal}"),
    }
}

/// What a signal means, in the words of MDB's status line.
pub fn signal_description(signal: i32) -> Option<&'static str> {
    SIGNALS.iter().find(|s| s.0 == signal).map(|s| s.2)
}
