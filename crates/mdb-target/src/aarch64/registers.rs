//! The registers of 64-bit Arm, numbered as in "DWARF for the Arm 64-bit Architecture"
//! (ABI release 2023Q3, section 4.1).

use crate::registers::{RegisterId, RegisterName};

/// `x0`.
pub const X0: RegisterId = RegisterId(0);
/// `x1`.
pub const X1: RegisterId = RegisterId(1);
/// `x2`.
pub const X2: RegisterId = RegisterId(2);
/// `x3`.
pub const X3: RegisterId = RegisterId(3);
/// `x4`.
pub const X4: RegisterId = RegisterId(4);
/// `x5`.
pub const X5: RegisterId = RegisterId(5);
/// `x6`.
pub const X6: RegisterId = RegisterId(6);
/// `x7`.
pub const X7: RegisterId = RegisterId(7);
/// `x8`.
pub const X8: RegisterId = RegisterId(8);
/// `x9`.
pub const X9: RegisterId = RegisterId(9);
/// `x10`.
pub const X10: RegisterId = RegisterId(10);
/// `x11`.
pub const X11: RegisterId = RegisterId(11);
/// `x12`.
pub const X12: RegisterId = RegisterId(12);
/// `x13`.
pub const X13: RegisterId = RegisterId(13);
/// `x14`.
pub const X14: RegisterId = RegisterId(14);
/// `x15`.
pub const X15: RegisterId = RegisterId(15);
/// `x16`.
pub const X16: RegisterId = RegisterId(16);
/// `x17`.
pub const X17: RegisterId = RegisterId(17);
/// `x18`.
pub const X18: RegisterId = RegisterId(18);
/// `x19`.
pub const X19: RegisterId = RegisterId(19);
/// `x20`.
pub const X20: RegisterId = RegisterId(20);
/// `x21`.
pub const X21: RegisterId = RegisterId(21);
/// `x22`.
pub const X22: RegisterId = RegisterId(22);
/// `x23`.
pub const X23: RegisterId = RegisterId(23);
/// `x24`.
pub const X24: RegisterId = RegisterId(24);
/// `x25`.
pub const X25: RegisterId = RegisterId(25);
/// `x26`.
pub const X26: RegisterId = RegisterId(26);
/// `x27`.
pub const X27: RegisterId = RegisterId(27);
/// `x28`.
pub const X28: RegisterId = RegisterId(28);
/// `x29`.
pub const X29: RegisterId = RegisterId(29);
/// `x30`.
pub const X30: RegisterId = RegisterId(30);
/// `sp`.
pub const SP: RegisterId = RegisterId(31);
/// `pc`.
pub const PC: RegisterId = RegisterId(32);
/// The sign state of the return address (pseudo register of the unwind rules).
pub const RA_SIGN_STATE: RegisterId = RegisterId(34);
/// `tpidr_el0`, the thread pointer.
pub const TPIDR: RegisterId = RegisterId(36);
/// `pstate`. No DWARF number (`struct user_pt_regs`, `arch/arm64/include/uapi/asm/ptrace.h`).
pub const PSTATE: RegisterId = RegisterId(RegisterId::PRIVATE);
/// The system call that the thread is in, or -1 (`NT_ARM_SYSTEM_CALL`).
pub const SYSTEM_CALL: RegisterId = RegisterId(RegisterId::PRIVATE + 1);
/// The bits of a code pointer that hold its authentication code (`NT_ARM_PAC_MASK`,
/// `insn_mask` of `struct user_pac_mask`, `arch/arm64/include/uapi/asm/ptrace.h`).
pub const PAC_CODE_MASK: RegisterId = RegisterId(RegisterId::PRIVATE + 2);
/// The bits of a data pointer that hold its authentication code (`data_mask` of the same).
pub const PAC_DATA_MASK: RegisterId = RegisterId(RegisterId::PRIVATE + 3);

/// Registers that a called function must keep (AAPCS64 section 6.1.1).
pub const CALLEE_SAVED: &[RegisterId] =
    &[X19, X20, X21, X22, X23, X24, X25, X26, X27, X28, X29, X30, SP];

/// The registers that carry the first integer arguments, in order (AAPCS64 section 6.8.2).
pub const ARGUMENTS: &[RegisterId] = &[X0, X1, X2, X3, X4, X5, X6, X7];

const fn whole(name: &'static str, id: RegisterId) -> RegisterName {
    RegisterName { name, id, shift: 0, bits: 64 }
}

const fn low(name: &'static str, id: RegisterId) -> RegisterName {
    RegisterName { name, id, shift: 0, bits: 32 }
}

/// Every name.
pub const NAMES: &[RegisterName] = &[
    whole("x0", X0),
    whole("x1", X1),
    whole("x2", X2),
    whole("x3", X3),
    whole("x4", X4),
    whole("x5", X5),
    whole("x6", X6),
    whole("x7", X7),
    whole("x8", X8),
    whole("x9", X9),
    whole("x10", X10),
    whole("x11", X11),
    whole("x12", X12),
    whole("x13", X13),
    whole("x14", X14),
    whole("x15", X15),
    whole("x16", X16),
    whole("x17", X17),
    whole("x18", X18),
    whole("x19", X19),
    whole("x20", X20),
    whole("x21", X21),
    whole("x22", X22),
    whole("x23", X23),
    whole("x24", X24),
    whole("x25", X25),
    whole("x26", X26),
    whole("x27", X27),
    whole("x28", X28),
    whole("x29", X29),
    whole("x30", X30),
    whole("sp", SP),
    whole("pc", PC),
    whole("pstate", PSTATE),
    whole("tpidr", TPIDR),
    whole("fp", X29),
    whole("lr", X30),
    low("w0", X0),
    low("w1", X1),
    low("w2", X2),
    low("w3", X3),
    low("w4", X4),
    low("w5", X5),
    low("w6", X6),
    low("w7", X7),
    low("w8", X8),
    low("w9", X9),
    low("w10", X10),
    low("w11", X11),
    low("w12", X12),
    low("w13", X13),
    low("w14", X14),
    low("w15", X15),
    low("w16", X16),
    low("w17", X17),
    low("w18", X18),
    low("w19", X19),
    low("w20", X20),
    low("w21", X21),
    low("w22", X22),
    low("w23", X23),
    low("w24", X24),
    low("w25", X25),
    low("w26", X26),
    low("w27", X27),
    low("w28", X28),
    low("w29", X29),
    low("w30", X30),
];
