//! The processor architectures of targets.

use crate::registers::{RegisterId, RegisterName};
use crate::{aarch64, x86_64};

/// A processor architecture. Each has a folder with the same file names in every crate that
/// knows about processors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Arch {
    /// AMD64.
    X86_64,
    /// 64-bit Arm, little-endian.
    Aarch64,
}

/// The order of bytes in the target's memory. mdb reads little-endian targets; the other kind
/// is named so that it can be refused by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

impl Arch {
    /// The name that `uname -m` prints.
    pub fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
        }
    }

    /// The architecture with this ELF `e_machine` (62 and 183: ELF gABI registry).
    pub fn from_elf_machine(machine: u16) -> Option<Self> {
        match machine {
            62 => Some(Self::X86_64),
            183 => Some(Self::Aarch64),
            _ => None,
        }
    }

    /// Bytes in a pointer.
    pub fn pointer_size(self) -> usize {
        8
    }

    /// The program counter's register.
    pub fn pc(self) -> RegisterId {
        match self {
            Self::X86_64 => x86_64::registers::RIP,
            Self::Aarch64 => aarch64::registers::PC,
        }
    }

    /// The stack pointer's register.
    pub fn sp(self) -> RegisterId {
        match self {
            Self::X86_64 => x86_64::registers::RSP,
            Self::Aarch64 => aarch64::registers::SP,
        }
    }

    /// The frame pointer's register.
    pub fn fp(self) -> RegisterId {
        match self {
            Self::X86_64 => x86_64::registers::RBP,
            Self::Aarch64 => aarch64::registers::X29,
        }
    }

    /// The names of the registers and of their parts, in the order in which they are shown.
    pub fn register_names(self) -> &'static [RegisterName] {
        match self {
            Self::X86_64 => x86_64::registers::NAMES,
            Self::Aarch64 => aarch64::registers::NAMES,
        }
    }

    /// Looks a register up by name, without regard to case and to a leading `%`.
    pub fn register(self, name: &str) -> Option<&'static RegisterName> {
        let name = name.strip_prefix('%').unwrap_or(name);
        self.register_names().iter().find(|r| r.name.eq_ignore_ascii_case(name))
    }
}
