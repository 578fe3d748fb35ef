//! The kernel's record below a signal handler.

use mdb_target::aarch64::registers as r;
use mdb_target::{AddressSpace, Fault, RegisterId, RegisterSet};

/// `mov x8, #139` (`rt_sigreturn`) and `svc #0`, as the vDSO has it
/// (`arch/arm64/kernel/vdso/sigreturn.S`).
const TRAMPOLINE: [u32; 2] = [0xd280_1168, 0xd400_0001];

/// Where `struct ucontext` lies above the stack pointer: behind the `siginfo_t` of `struct
/// rt_sigframe` (`arch/arm64/kernel/signal.c`).
const UCONTEXT: u64 = 128;

/// Where `regs` of `struct sigcontext` lies in `struct ucontext`: flags 8, link 8, stack 24, signal
/// mask 128, then `uc_mcontext` aligned to 16, which begins with the fault address
/// (`arch/arm64/include/uapi/asm/{ucontext,sigcontext}.h`).
const REGISTERS: u64 = 176 + 8;

/// Whether the instructions have to be looked at before unwind information: yes, the vDSO's
/// information restores `x29` and `x30` only.
pub(crate) const BEFORE_CFI: bool = true;

/// Whether `pc` is at a signal trampoline.
pub(crate) fn is_trampoline(memory: &AddressSpace, pc: u64) -> bool {
    let word = |at: u64| memory.read_u32(at).ok();
    [word(pc), word(pc.wrapping_add(4))] == TRAMPOLINE.map(Some)
}

/// The registers that the signal interrupted.
pub(crate) fn interrupted(
    memory: &AddressSpace,
    registers: &RegisterSet,
) -> Option<Result<RegisterSet, Fault>> {
    let mut result = registers.clone();
    result.forget(r::SYSTEM_CALL);
    let ucontext = registers.get(r::SP)?.wrapping_add(UCONTEXT);
    Some(set_from_ucontext(memory, ucontext, &mut result).map(|()| result))
}

/// Sets the registers that a `struct ucontext` holds.
pub(crate) fn set_from_ucontext(
    memory: &AddressSpace,
    ucontext: u64,
    registers: &mut RegisterSet,
) -> Result<(), Fault> {
    let base = ucontext.wrapping_add(REGISTERS);
    // regs[31], sp, pc, pstate; x0 to x30, sp and pc are DWARF's 0 to 32.
    let order = (0..=32).map(RegisterId).chain([r::PSTATE]);
    for (id, at) in order.zip((0_u64..).step_by(8)) {
        registers.set(id, memory.read_u64(base.wrapping_add(at))?);
    }
    Ok(())
}
