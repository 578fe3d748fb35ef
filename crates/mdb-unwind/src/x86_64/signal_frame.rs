//! The kernel's record below a signal handler.

use mdb_target::x86_64::registers as r;
use mdb_target::{AddressSpace, Fault, RegisterId, RegisterSet};

/// `mov $15,%rax; syscall`: `rt_sigreturn`, as glibc, musl and others write it.
const TRAMPOLINE: &[u8] = &[0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05];

/// `mov $15,%eax; syscall`: as musl writes it.
const SHORT_TRAMPOLINE: &[u8] = &[0xb8, 0x0f, 0, 0, 0, 0x0f, 0x05];

/// Where `struct sigcontext` lies above the stack pointer: `uc_mcontext` of `struct ucontext`,
/// with which `struct rt_sigframe` goes on behind the return address
/// (`arch/x86/include/asm/sigframe.h`, `include/uapi/asm-generic/ucontext.h`: flags 8, link 8,
/// stack 24).
const CONTEXT: u64 = 40;

/// `struct sigcontext_64` (`arch/x86/include/uapi/asm/sigcontext.h`): registers in order, from
/// its beginning.
const REGISTERS: &[RegisterId] = &[
    r::R8,
    r::R9,
    r::R10,
    r::R11,
    r::R12,
    r::R13,
    r::R14,
    r::R15,
    r::RDI,
    r::RSI,
    r::RBP,
    r::RBX,
    r::RDX,
    r::RAX,
    r::RCX,
    r::RSP,
    r::RIP,
    r::RFLAGS,
];

/// Whether the instructions have to be looked at before unwind information: not here, glibc's
/// information restores every register.
pub(crate) const BEFORE_CFI: bool = false;

/// Whether `pc` is at a signal trampoline.
pub(crate) fn is_trampoline(memory: &AddressSpace, pc: u64) -> bool {
    let mut bytes = [0_u8; 9];
    let got = memory.read(pc, &mut bytes).unwrap_or(0);
    let bytes = bytes.get(..got).unwrap_or(&[]);
    bytes.starts_with(TRAMPOLINE) || bytes.starts_with(SHORT_TRAMPOLINE)
}

/// The registers that the signal interrupted.
pub(crate) fn interrupted(
    memory: &AddressSpace,
    registers: &RegisterSet,
) -> Option<Result<RegisterSet, Fault>> {
    let mut result = registers.clone();
    result.forget(r::ORIG_RAX);
    // `struct ucontext` begins where the stack pointer is.
    Some(set_from_ucontext(memory, registers.get(r::RSP)?, &mut result).map(|()| result))
}

/// Sets the registers that a `struct ucontext` holds.
pub(crate) fn set_from_ucontext(
    memory: &AddressSpace,
    ucontext: u64,
    registers: &mut RegisterSet,
) -> Result<(), Fault> {
    let context = ucontext.wrapping_add(CONTEXT);
    for (id, at) in REGISTERS.iter().zip((0_u64..).step_by(8)) {
        registers.set(*id, memory.read_u64(context.wrapping_add(at))?);
    }
    Ok(())
}
