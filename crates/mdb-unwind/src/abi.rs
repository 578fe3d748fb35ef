//! The questions that unwinding asks of an architecture, and who answers them.

use crate::{aarch64, x86_64};
use mdb_target::{AddressSpace, Arch, Fault, RegisterId, RegisterSet};

/// A call that ends at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallSite {
    /// A call of this address.
    Direct(u64),
    /// A call through a register or memory.
    Indirect,
}

/// Where the return address is in a function whose frame is not there (yet, or any more).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    /// On the stack.
    Stack {
        /// Its address; the caller's stack pointer is just above.
        return_address: u64,
        /// Where the caller's frame pointer is, if it has been saved.
        frame_pointer: Option<u64>,
    },
    /// In the link register.
    LinkRegister,
}

/// Asks the folder of the architecture.
macro_rules! ask {
    ($arch:expr, $($path:tt)+) => {
        match $arch {
            Arch::Aarch64 => aarch64::$($path)+,
            _ => x86_64::$($path)+,
        }
    };
}

/// The call that ends at `address`; a fault where nothing can be read before it.
pub(crate) fn call_before(
    arch: Arch,
    memory: &AddressSpace,
    address: u64,
) -> Result<Option<CallSite>, Fault> {
    ask!(arch, call_site::before(memory, address))
}

/// Whether the function at `address` begins by saving the frame pointer.
pub(crate) fn saves_frame_pointer(arch: Arch, memory: &AddressSpace, address: u64) -> bool {
    ask!(arch, call_site::saves_frame_pointer(memory, address))
}

/// Whether the code at `address` goes on elsewhere at once, as entries of a procedure linkage
/// table do.
pub(crate) fn is_jump(arch: Arch, memory: &AddressSpace, address: u64) -> bool {
    ask!(arch, call_site::is_jump(memory, address))
}

/// Where the return address is, if the frame is not there.
pub(crate) fn edge(
    memory: &AddressSpace,
    registers: &RegisterSet,
    pc: u64,
    start: Option<u64>,
) -> Option<Edge> {
    ask!(registers.arch(), prologue::edge(memory, registers, pc, start))
}

/// Registers that a call may change.
#[inline]
pub(crate) fn caller_saved(arch: Arch) -> &'static [RegisterId] {
    ask!(arch, rules::CALLER_SAVED)
}

/// Callee-saved registers that are not needed to find frames.
pub(crate) fn not_for_frames(arch: Arch) -> &'static [RegisterId] {
    ask!(arch, rules::NOT_FOR_FRAMES)
}

/// The bits of a return address that hold an authentication code, for a thread.
pub(crate) fn pac_mask(registers: &RegisterSet) -> u64 {
    match registers.arch() {
        Arch::Aarch64 => registers
            .get(mdb_target::aarch64::registers::PAC_CODE_MASK)
            .unwrap_or(aarch64::rules::DEFAULT_PAC_MASK),
        _ => 0,
    }
}

/// A return address without authentication code.
#[inline]
pub(crate) fn strip(arch: Arch, address: u64, pac_mask: u64) -> u64 {
    match arch {
        Arch::Aarch64 => address & !pac_mask,
        _ => address,
    }
}

/// The registers of the caller of a function that has done nothing yet, and where the return
/// address was read.
pub(crate) fn leaf(
    memory: &AddressSpace,
    registers: &RegisterSet,
) -> Option<Result<(RegisterSet, Option<u64>), Fault>> {
    ask!(registers.arch(), rules::leaf(memory, registers))
}

/// Whether a signal trampoline is to be recognised by instructions before unwind information is
/// asked.
pub(crate) fn trampoline_before_cfi(arch: Arch) -> bool {
    ask!(arch, signal_frame::BEFORE_CFI)
}

/// Whether `pc` is at a signal trampoline.
pub(crate) fn is_trampoline(arch: Arch, memory: &AddressSpace, pc: u64) -> bool {
    ask!(arch, signal_frame::is_trampoline(memory, pc))
}

/// The registers that the kernel saved above a signal trampoline.
pub(crate) fn interrupted(
    memory: &AddressSpace,
    registers: &RegisterSet,
) -> Option<Result<RegisterSet, Fault>> {
    ask!(registers.arch(), signal_frame::interrupted(memory, registers))
}

/// Where a return address that says "the caller saved it" may be: the register that holds it on
/// entry, for architectures that have one.
#[inline]
pub(crate) fn link_register(arch: Arch) -> Option<RegisterId> {
    match arch {
        Arch::Aarch64 => Some(mdb_target::aarch64::registers::X30),
        _ => None,
    }
}
