//! x86-64.

mod call_site;
mod calls;
mod stopped;

use crate::architecture::Architecture;

pub(crate) static X86_64: Architecture = Architecture {
    machine: 62, // EM_X86_64, the System V ABI's registry
    known_by: "orig_rax",
    calls: calls::CALLS,
    // `man 2 syscall`, and the calling convention in `arch/x86/entry/entry_64.S`.
    arguments: ["rdi", "rsi", "rdx", "r10", "r8", "r9"],
    stopped: stopped::stopped,
    call_before: call_site::call_before,
};
