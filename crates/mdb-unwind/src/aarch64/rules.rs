//! What the AAPCS64 says of registers over a call, and pointer authentication.

use mdb_target::aarch64::registers as r;
use mdb_target::{AddressSpace, Fault, RegisterId, RegisterSet};

/// Where Linux puts pointer authentication codes into user addresses of 48 bits:
/// bits 54 to 48 (`ptrauth_user_pac_mask`, `arch/arm64/include/asm/pointer_auth.h`). A core that
/// has `NT_ARM_PAC_MASK` says it exactly. User addresses have bit 55 clear, so that stripping a code
/// leaves zeros.
pub(crate) const DEFAULT_PAC_MASK: u64 = 0x007f_0000_0000_0000;

/// Registers that a call may change (AAPCS64, section 6.1.1): not known in the caller, unless
/// unwind information says where they are.
pub(crate) const CALLER_SAVED: &[RegisterId] = &[
    r::X0,
    r::X1,
    r::X2,
    r::X3,
    r::X4,
    r::X5,
    r::X6,
    r::X7,
    r::X8,
    r::X9,
    r::X10,
    r::X11,
    r::X12,
    r::X13,
    r::X14,
    r::X15,
    r::X16,
    r::X17,
    r::X18,
    r::PSTATE,
    r::SYSTEM_CALL,
];

/// Callee-saved registers that are not needed to find frames: not known where a frame was found
/// without unwind information.
pub(crate) const NOT_FOR_FRAMES: &[RegisterId] =
    &[r::X19, r::X20, r::X21, r::X22, r::X23, r::X24, r::X25, r::X26, r::X27, r::X28, r::X30];

/// The registers of the caller of a function that has not touched its frame: the return address
/// is in the link register.
pub(crate) fn leaf(
    _memory: &AddressSpace,
    registers: &RegisterSet,
) -> Option<Result<(RegisterSet, Option<u64>), Fault>> {
    let pc = registers.get(r::X30)?;
    let mut caller = registers.clone();
    caller.set(r::PC, pc);
    Some(Ok((caller, None)))
}
