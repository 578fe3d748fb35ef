//! The registers of x86-64, numbered as in the System V psABI (AMD64 supplement 1.0, figure 3.36).

use crate::registers::{RegisterId, RegisterName};

/// `%rax`.
pub const RAX: RegisterId = RegisterId(0);
/// `%rdx`.
pub const RDX: RegisterId = RegisterId(1);
/// `%rcx`.
pub const RCX: RegisterId = RegisterId(2);
/// `%rbx`.
pub const RBX: RegisterId = RegisterId(3);
/// `%rsi`.
pub const RSI: RegisterId = RegisterId(4);
/// `%rdi`.
pub const RDI: RegisterId = RegisterId(5);
/// `%rbp`.
pub const RBP: RegisterId = RegisterId(6);
/// `%rsp`.
pub const RSP: RegisterId = RegisterId(7);
/// `%r8`.
pub const R8: RegisterId = RegisterId(8);
/// `%r9`.
pub const R9: RegisterId = RegisterId(9);
/// `%r10`.
pub const R10: RegisterId = RegisterId(10);
/// `%r11`.
pub const R11: RegisterId = RegisterId(11);
/// `%r12`.
pub const R12: RegisterId = RegisterId(12);
/// `%r13`.
pub const R13: RegisterId = RegisterId(13);
/// `%r14`.
pub const R14: RegisterId = RegisterId(14);
/// `%r15`.
pub const R15: RegisterId = RegisterId(15);
/// The return address column: `%rip`.
pub const RIP: RegisterId = RegisterId(16);
/// `%rflags`.
pub const RFLAGS: RegisterId = RegisterId(49);
/// `%es`.
pub const ES: RegisterId = RegisterId(50);
/// `%cs`.
pub const CS: RegisterId = RegisterId(51);
/// `%ss`.
pub const SS: RegisterId = RegisterId(52);
/// `%ds`.
pub const DS: RegisterId = RegisterId(53);
/// `%fs`.
pub const FS: RegisterId = RegisterId(54);
/// `%gs`.
pub const GS: RegisterId = RegisterId(55);
/// `%fsbase`.
pub const FS_BASE: RegisterId = RegisterId(58);
/// `%gsbase`.
pub const GS_BASE: RegisterId = RegisterId(59);
/// The system call that the thread is in, or -1. No DWARF number: the kernel's `orig_ax`
/// (`struct user_regs_struct`, `arch/x86/include/asm/user_64.h`).
pub const ORIG_RAX: RegisterId = RegisterId(RegisterId::PRIVATE);

/// Registers that a called function must keep (psABI section 3.2.1): what an unwinder can hope
/// to recover.
pub const CALLEE_SAVED: &[RegisterId] = &[RBX, RBP, RSP, R12, R13, R14, R15];

/// The registers that carry the first integer arguments, in order (psABI section 3.2.3).
pub const ARGUMENTS: &[RegisterId] = &[RDI, RSI, RDX, RCX, R8, R9];

const fn whole(name: &'static str, id: RegisterId) -> RegisterName {
    RegisterName { name, id, shift: 0, bits: 64 }
}

const fn part(name: &'static str, id: RegisterId, shift: u8, bits: u8) -> RegisterName {
    RegisterName { name, id, shift, bits }
}

/// Every name, MDB's among them.
pub const NAMES: &[RegisterName] = &[
    whole("rax", RAX),
    whole("rbx", RBX),
    whole("rcx", RCX),
    whole("rdx", RDX),
    whole("rsi", RSI),
    whole("rdi", RDI),
    whole("rbp", RBP),
    whole("rsp", RSP),
    whole("r8", R8),
    whole("r9", R9),
    whole("r10", R10),
    whole("r11", R11),
    whole("r12", R12),
    whole("r13", R13),
    whole("r14", R14),
    whole("r15", R15),
    whole("rip", RIP),
    whole("rflags", RFLAGS),
    whole("cs", CS),
    whole("ss", SS),
    whole("ds", DS),
    whole("es", ES),
    whole("fs", FS),
    whole("gs", GS),
    whole("fsbase", FS_BASE),
    whole("gsbase", GS_BASE),
    whole("orig_rax", ORIG_RAX),
    whole("eflags", RFLAGS),
    whole("fs_base", FS_BASE),
    whole("gs_base", GS_BASE),
    part("eax", RAX, 0, 32),
    part("ax", RAX, 0, 16),
    part("ah", RAX, 8, 8),
    part("al", RAX, 0, 8),
    part("ebx", RBX, 0, 32),
    part("bx", RBX, 0, 16),
    part("bh", RBX, 8, 8),
    part("bl", RBX, 0, 8),
    part("ecx", RCX, 0, 32),
    part("cx", RCX, 0, 16),
    part("ch", RCX, 8, 8),
    part("cl", RCX, 0, 8),
    part("edx", RDX, 0, 32),
    part("dx", RDX, 0, 16),
    part("dh", RDX, 8, 8),
    part("dl", RDX, 0, 8),
    part("esi", RSI, 0, 32),
    part("si", RSI, 0, 16),
    part("sil", RSI, 0, 8),
    part("edi", RDI, 0, 32),
    part("di", RDI, 0, 16),
    part("dil", RDI, 0, 8),
    part("ebp", RBP, 0, 32),
    part("bp", RBP, 0, 16),
    part("bpl", RBP, 0, 8),
    part("esp", RSP, 0, 32),
    part("sp", RSP, 0, 16),
    part("spl", RSP, 0, 8),
    part("r8d", R8, 0, 32),
    part("r8w", R8, 0, 16),
    part("r8l", R8, 0, 8),
    part("r8b", R8, 0, 8),
    part("r9d", R9, 0, 32),
    part("r9w", R9, 0, 16),
    part("r9l", R9, 0, 8),
    part("r9b", R9, 0, 8),
    part("r10d", R10, 0, 32),
    part("r10w", R10, 0, 16),
    part("r10l", R10, 0, 8),
    part("r10b", R10, 0, 8),
    part("r11d", R11, 0, 32),
    part("r11w", R11, 0, 16),
    part("r11l", R11, 0, 8),
    part("r11b", R11, 0, 8),
    part("r12d", R12, 0, 32),
    part("r12w", R12, 0, 16),
    part("r12l", R12, 0, 8),
    part("r12b", R12, 0, 8),
    part("r13d", R13, 0, 32),
    part("r13w", R13, 0, 16),
    part("r13l", R13, 0, 8),
    part("r13b", R13, 0, 8),
    part("r14d", R14, 0, 32),
    part("r14w", R14, 0, 16),
    part("r14l", R14, 0, 8),
    part("r14b", R14, 0, 8),
    part("r15d", R15, 0, 32),
    part("r15w", R15, 0, 16),
    part("r15l", R15, 0, 8),
    part("r15b", R15, 0, 8),
    part("eip", RIP, 0, 32),
    part("ip", RIP, 0, 16),
    whole("pc", RIP),
];

/// The bits of `%rflags` with their names (Intel SDM volume 1, section 3.4.3), high to low.
pub const RFLAGS_BITS: &[(&str, u8)] = &[
    ("ID", 21),
    ("VIP", 20),
    ("VIF", 19),
    ("AC", 18),
    ("VM", 17),
    ("RF", 16),
    ("NT", 14),
    ("OF", 11),
    ("DF", 10),
    ("IF", 9),
    ("TF", 8),
    ("SF", 7),
    ("ZF", 6),
    ("AF", 4),
    ("PF", 2),
    ("CF", 0),
];
