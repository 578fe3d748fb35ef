//! `NT_PRSTATUS` of 64-bit Arm, and the registers that have notes of their own.
//!
//! Sources: `struct elf_prstatus` and `elf_prstatus_common` in `include/linux/elfcore.h` with
//! the sizes of the LP64 ABI; the order of `pr_reg` is `struct user_pt_regs` in
//! `arch/arm64/include/uapi/asm/ptrace.h`, where `struct user_pac_mask` is too; the other notes
//! are the register sets of `arch/arm64/kernel/ptrace.c`, their numbers are in
//! `include/uapi/linux/elf.h`.

use crate::layout::{ExtraRegister, Layout, PrstatusLayout};
use mdb_target::aarch64::registers::{
    PAC_CODE_MASK, PAC_DATA_MASK, PC, PSTATE, SP, SYSTEM_CALL, TPIDR, X0, X1, X2, X3, X4, X5, X6,
    X7, X8, X9, X10, X11, X12, X13, X14, X15, X16, X17, X18, X19, X20, X21, X22, X23, X24, X25,
    X26, X27, X28, X29, X30,
};

/// The notes of 64-bit Arm.
pub(crate) static LAYOUT: Layout = Layout {
    prstatus: PrstatusLayout {
        size: 392,
        signal: 12,
        pid: 32,
        registers: 112,
        order: &[
            X0, X1, X2, X3, X4, X5, X6, X7, X8, X9, X10, X11, X12, X13, X14, X15, X16, X17, X18,
            X19, X20, X21, X22, X23, X24, X25, X26, X27, X28, X29, X30, SP, PC, PSTATE,
        ],
    },
    extra: &[
        ExtraRegister { kind: 0x401, offset: 0, size: 8, register: TPIDR },
        ExtraRegister { kind: 0x404, offset: 0, size: 4, register: SYSTEM_CALL },
        ExtraRegister { kind: 0x406, offset: 0, size: 8, register: PAC_DATA_MASK },
        ExtraRegister { kind: 0x406, offset: 8, size: 8, register: PAC_CODE_MASK },
    ],
};
