//! Threads.

use crate::RegisterSet;

/// A thread of the process.
#[derive(Clone, Debug)]
pub struct Thread {
    /// 1..N, as MDB numbers them; the thread that crashed is 1.
    pub number: u32,
    /// The kernel's thread id.
    pub tid: u32,
    /// Its name, if the target knows it (cores do not).
    pub name: Option<String>,
    /// Its general registers.
    pub registers: RegisterSet,
    /// The signal that it was handling or dying of, 0 if none (`pr_cursig`).
    pub signal: i32,
    /// Its floating-point and vector state.
    pub floating_point: FloatingPoint,
}

/// The raw floating-point notes of a thread; decoded by the architecture's `fpregs`.
#[derive(Clone, Copy, Debug, Default)]
pub struct FloatingPoint {
    /// `NT_PRFPREG`.
    pub fpregset: Option<&'static [u8]>,
    /// `NT_X86_XSTATE`.
    pub xstate: Option<&'static [u8]>,
    /// `NT_X86_XSAVE_LAYOUT` of the process: where the parts of `xstate` lie (Linux 6.12).
    pub xsave_layout: Option<&'static [u8]>,
}
