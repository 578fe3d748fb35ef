//! One machine instruction to text and facts.
//!
//! A [`Disassembler`] for an [`Arch`](mdb_target::Arch) and a [`Syntax`] turns bytes at an
//! address into an [`Instruction`]: its length, what it does to the flow of control, the
//! addresses it names, and its text as [`Token`]s with roles, so that whoever prints it can
//! colour it. [`Disassembler::window`] finds where instructions begin before an address.

mod disassembler;
mod instruction;
mod text;
mod window;

mod aarch64;
mod x86_64;

pub use disassembler::{Disassembler, Symbolizer, Syntax};
pub use instruction::{Flow, Instruction, Token, TokenRole};
