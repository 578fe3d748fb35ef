//! What is known of one instruction.

use std::fmt;

/// What an instruction does to the flow of control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flow {
    /// Goes on with the next instruction.
    Next,
    /// Jumps to [`Instruction::target`].
    Jump,
    /// Jumps to [`Instruction::target`] or goes on.
    Conditional,
    /// Calls [`Instruction::target`].
    Call,
    /// Returns to the caller.
    Return,
    /// Jumps to an address held in a register or in memory.
    IndirectJump,
    /// Calls an address held in a register or in memory.
    IndirectCall,
    /// Enters the kernel and comes back (`syscall`, `svc`).
    SystemCall,
    /// Raises an exception: a breakpoint, an undefined instruction, a halt.
    Trap,
}

impl Flow {
    /// Whether the instruction that follows in memory can be the next one to run, without
    /// regard to a call's coming back.
    pub fn falls_through(self) -> bool {
        !matches!(self, Self::Jump | Self::Return | Self::IndirectJump | Self::Trap)
    }

    /// Whether it is a call.
    pub fn is_call(self) -> bool {
        matches!(self, Self::Call | Self::IndirectCall)
    }
}

/// What a piece of an instruction's text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenRole {
    /// The mnemonic, or a directive such as `.byte`.
    Mnemonic,
    /// A prefix such as `lock`.
    Prefix,
    /// A register.
    Register,
    /// A number that is no address.
    Number,
    /// An address of code or data.
    Address,
    /// A symbol, with its offset and the angle brackets around it.
    Symbol,
    /// A word such as `ptr` or a condition.
    Keyword,
    /// Spaces, commas, brackets, signs.
    Punctuation,
}

/// A piece of an instruction's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The text.
    pub text: String,
    /// What it is.
    pub role: TokenRole,
}

/// One instruction, or bytes that are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Its address.
    pub address: u64,
    /// Its length in bytes; at least 1, also when it is not valid.
    pub length: usize,
    /// Its text in pieces: mnemonic, padding, operands, symbols.
    pub tokens: Vec<Token>,
    /// What it does to the flow of control.
    pub flow: Flow,
    /// The target of a direct jump or call.
    pub target: Option<u64>,
    /// The address that it names relative to the program counter, other than to jump there:
    /// `lea`, loads and stores on x86-64; `adr`, `adrp` (the page), literal loads on aarch64.
    pub memory_reference: Option<u64>,
    /// Whether the bytes are an instruction.
    pub valid: bool,
}

impl Instruction {
    /// The address of what follows.
    pub fn end(&self) -> u64 {
        self.address.wrapping_add(self.length as u64)
    }
}

/// The whole text.
impl fmt::Display for Instruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tokens.iter().try_for_each(|t| f.write_str(&t.text))
    }
}
