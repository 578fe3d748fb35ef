//! `NT_PRSTATUS` of x86-64.
//!
//! Sources: `struct elf_prstatus` and `elf_prstatus_common` in `include/linux/elfcore.h` with
//! the sizes of the LP64 ABI; the order of `pr_reg` is `struct user_regs_struct` in
//! `arch/x86/include/asm/user_64.h`.

use crate::layout::{Layout, PrstatusLayout};
use mdb_target::x86_64::registers::{
    CS, DS, ES, FS, FS_BASE, GS, GS_BASE, ORIG_RAX, R8, R9, R10, R11, R12, R13, R14, R15, RAX, RBP,
    RBX, RCX, RDI, RDX, RFLAGS, RIP, RSI, RSP, SS,
};

/// The notes of x86-64.
pub(crate) static LAYOUT: Layout = Layout {
    prstatus: PrstatusLayout {
        size: 336,
        signal: 12,
        pid: 32,
        registers: 112,
        order: &[
            R15, R14, R13, R12, RBP, RBX, R11, R10, R9, R8, RAX, RCX, RDX, RSI, RDI, ORIG_RAX, RIP,
            CS, RFLAGS, RSP, SS, FS_BASE, GS_BASE, DS, ES, FS, GS,
        ],
    },
    extra: &[],
};
