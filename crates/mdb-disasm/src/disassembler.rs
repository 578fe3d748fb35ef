//! The face of the disassemblers of all architectures.

use crate::{Instruction, aarch64, window, x86_64};
use mdb_target::Arch;

/// Gives an address its name, such as ``libc.so.6`puts+0x12``, or `None` where it has none. It
/// comes out between angle brackets.
pub type Symbolizer<'a> = dyn Fn(u64) -> Option<String> + 'a;

/// How instructions are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Syntax {
    /// x86-64 as AT&T, the GNU tools and MDB write it.
    Att,
    /// x86-64 as Intel writes it.
    Intel,
    /// 64-bit Arm as Arm writes it.
    Arm,
}

impl Syntax {
    /// The names of the modes of an architecture, the default first, each with what it is
    /// (for `::disasms` and `::dismode`).
    pub fn modes(arch: Arch) -> &'static [(&'static str, &'static str)] {
        match arch {
            Arch::X86_64 => &[("att", "AT&T syntax"), ("intel", "Intel syntax")],
            _ => &[("arm", "Arm syntax")],
        }
    }

    /// The mode of this name, if the architecture has it.
    pub fn from_name(arch: Arch, name: &str) -> Option<Self> {
        match (arch, name) {
            (Arch::X86_64, "att") => Some(Self::Att),
            (Arch::X86_64, "intel") => Some(Self::Intel),
            (Arch::Aarch64, "arm") => Some(Self::Arm),
            _ => None,
        }
    }

    /// The name of the mode.
    pub fn name(self) -> &'static str {
        match self {
            Self::Att => "att",
            Self::Intel => "intel",
            Self::Arm => "arm",
        }
    }
}

/// Turns bytes into instructions. Cheap to make.
#[derive(Clone, Copy, Debug)]
pub struct Disassembler {
    arch: Arch,
    syntax: Syntax,
}

impl Disassembler {
    /// A disassembler in the architecture's default syntax.
    pub fn new(arch: Arch) -> Self {
        let syntax = match arch {
            Arch::X86_64 => Syntax::Att,
            _ => Syntax::Arm,
        };
        Self { arch, syntax }
    }

    /// With another syntax. One that the architecture does not have is ignored.
    #[must_use]
    pub fn with_syntax(mut self, syntax: Syntax) -> Self {
        if Syntax::modes(self.arch).iter().any(|(name, _)| *name == syntax.name()) {
            self.syntax = syntax;
        }
        self
    }

    /// The architecture.
    pub fn arch(&self) -> Arch {
        self.arch
    }

    /// The syntax.
    pub fn syntax(&self) -> Syntax {
        self.syntax
    }

    /// The longest instruction in bytes: what to read for [`Disassembler::decode`].
    pub fn max_length(&self) -> usize {
        match self.arch {
            Arch::X86_64 => x86_64::decode::MAX_LENGTH,
            _ => aarch64::decode::MAX_LENGTH,
        }
    }

    /// Where instructions can begin: at multiples of this.
    pub fn alignment(&self) -> usize {
        match self.arch {
            Arch::X86_64 => 1,
            _ => 4,
        }
    }

    /// The instruction that begins `bytes`, which were read at `address`. Bytes that are no
    /// instruction come back as a `.byte` or `.word` that is not valid. `None` only for no bytes.
    pub fn decode(
        &self,
        address: u64,
        bytes: &[u8],
        symbolize: &Symbolizer<'_>,
    ) -> Option<Instruction> {
        match self.arch {
            Arch::X86_64 => x86_64::decode::decode(address, bytes, self.syntax, symbolize),
            _ => aarch64::decode::decode(address, bytes, symbolize),
        }
    }

    /// The length of the instruction that begins `bytes`, for walking code quickly. `None` where the bytes are no instruction.
    pub fn length(&self, address: u64, bytes: &[u8]) -> Option<usize> {
        match self.arch {
            Arch::X86_64 => x86_64::decode::length(address, bytes),
            _ => aarch64::decode::length(bytes),
        }
    }

    /// The addresses of up to `count` instructions that end where `address` begins, in order.
    ///
    /// `bytes` are what could be read just before `address` (they end there). `start` is where
    /// the function that holds `address` begins, if that is known: then instructions are
    /// counted from there. Else, or where that does not meet `address`, decoding starts at every
    /// offset that could work, and the start that most others agree with counts. Fewer than
    /// `count` come back at the beginning of a function and where bytes make no sense.
    pub fn window(&self, address: u64, bytes: &[u8], start: Option<u64>, count: usize) -> Vec<u64> {
        window::before(*self, address, bytes, start, count)
    }

    /// How many bytes before an address to read for [`Disassembler::window`] when the start of
    /// the function is not known.
    pub fn window_bytes(&self, count: usize) -> usize {
        count.saturating_mul(self.max_length()).saturating_add(window::SLACK).min(0x1_0000)
    }
}
