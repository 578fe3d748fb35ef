//! What the psABI of x86-64 says of registers over a call.

use mdb_target::x86_64::registers as r;
use mdb_target::{AddressSpace, Fault, RegisterId, RegisterSet};

/// Registers that a call may change (psABI section 3.2.1): not known in the caller, unless
/// unwind information says where they are.
pub(crate) const CALLER_SAVED: &[RegisterId] =
    &[r::RAX, r::RDX, r::RCX, r::RSI, r::RDI, r::R8, r::R9, r::R10, r::R11, r::RFLAGS, r::ORIG_RAX];

/// Callee-saved registers that are not needed to find frames: not known where a frame was found
/// without unwind information.
pub(crate) const NOT_FOR_FRAMES: &[RegisterId] = &[r::RBX, r::R12, r::R13, r::R14, r::R15];

/// The registers of the caller of a function that has not touched its frame: the return address
/// lies at the stack pointer. Also answers where.
pub(crate) fn leaf(
    memory: &AddressSpace,
    registers: &RegisterSet,
) -> Option<Result<(RegisterSet, Option<u64>), Fault>> {
    let sp = registers.get(r::RSP)?;
    Some(memory.read_u64(sp).map(|pc| {
        let mut caller = registers.clone();
        caller.set(r::RIP, pc);
        caller.set(r::RSP, sp.wrapping_add(8));
        (caller, Some(sp))
    }))
}
