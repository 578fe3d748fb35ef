//! Registers that a program, or the kernel for it, has put into a `ucontext_t`.

use crate::{aarch64, x86_64};
use mdb_target::{AddressSpace, Arch, Fault, RegisterSet};

/// The registers in the `ucontext_t` (`struct ucontext`) at an address.
pub fn ucontext_registers(
    memory: &AddressSpace,
    arch: Arch,
    address: u64,
) -> Result<RegisterSet, Fault> {
    let mut registers = RegisterSet::new(arch);
    match arch {
        Arch::X86_64 => {
            x86_64::signal_frame::set_from_ucontext(memory, address, &mut registers)?;
        }
        _ => aarch64::signal_frame::set_from_ucontext(memory, address, &mut registers)?,
    }
    Ok(registers)
}
