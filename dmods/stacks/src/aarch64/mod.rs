//! 64-bit Arm. Written from the kernel's sources; there is no fixture yet.

mod call_site;
mod calls;
mod stopped;

use crate::architecture::Architecture;

pub(crate) static AARCH64: Architecture = Architecture {
    machine: 183, // EM_AARCH64, the System V ABI's registry
    known_by: "x8",
    calls: calls::CALLS,
    // `man 2 syscall`.
    arguments: ["x0", "x1", "x2", "x3", "x4", "x5"],
    stopped: stopped::stopped,
    call_before: call_site::call_before,
};
