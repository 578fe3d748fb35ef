//! Where the fields of an architecture's notes lie.

use crate::{aarch64, x86_64};
use mdb_target::{Arch, RegisterId};

/// `struct elf_prstatus` of an architecture (`include/linux/elfcore.h`).
pub(crate) struct PrstatusLayout {
    /// Bytes in the whole structure.
    pub(crate) size: usize,
    /// `pr_cursig`, two bytes.
    pub(crate) signal: usize,
    /// `pr_pid`, four bytes.
    pub(crate) pid: usize,
    /// `pr_reg`, eight bytes a register.
    pub(crate) registers: usize,
    /// The registers in `pr_reg`, in order.
    pub(crate) order: &'static [RegisterId],
}

/// A register that has a note of its own.
pub(crate) struct ExtraRegister {
    /// `n_type`; the owner is `LINUX`.
    pub(crate) kind: u32,
    /// Where in the note.
    pub(crate) offset: usize,
    /// 8 bytes, or 4 that are sign-extended.
    pub(crate) size: usize,
    /// Which register.
    pub(crate) register: RegisterId,
}

/// What the notes of an architecture look like.
pub(crate) struct Layout {
    /// `NT_PRSTATUS`.
    pub(crate) prstatus: PrstatusLayout,
    /// Registers elsewhere.
    pub(crate) extra: &'static [ExtraRegister],
}

/// The layout of an architecture's notes.
pub(crate) fn layout(arch: Arch) -> Option<&'static Layout> {
    match arch {
        Arch::X86_64 => Some(&x86_64::prstatus::LAYOUT),
        Arch::Aarch64 => Some(&aarch64::prstatus::LAYOUT),
        _ => None,
    }
}
