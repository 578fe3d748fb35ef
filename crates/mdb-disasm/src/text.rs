//! Pieces of text that all architectures share.

use crate::disassembler::Symbolizer;
use crate::{Flow, Instruction, Token, TokenRole};

/// The column at which operands begin, as in MDB and the GNU tools.
pub(crate) const OPERANDS: usize = 7;

pub(crate) fn token(text: impl Into<String>, role: TokenRole) -> Token {
    Token { text: text.into(), role }
}

/// ` <symbol>`, if the address has one.
pub(crate) fn push_symbol(tokens: &mut Vec<Token>, address: u64, symbolize: &Symbolizer<'_>) {
    if let Some(name) = symbolize(address) {
        tokens.push(token(" ", TokenRole::Punctuation));
        tokens.push(token(format!("<{name}>"), TokenRole::Symbol));
    }
}

/// `  <symbol>` behind the operands for an address that the text does not show; the bare address
/// where it has no name.
pub(crate) fn push_reference(tokens: &mut Vec<Token>, address: u64, symbolize: &Symbolizer<'_>) {
    tokens.push(token("  ", TokenRole::Punctuation));
    match symbolize(address) {
        Some(name) => tokens.push(token(format!("<{name}>"), TokenRole::Symbol)),
        None => tokens.push(token(format!("<{address:#x}>"), TokenRole::Address)),
    }
}

/// Bytes that are no instruction.
pub(crate) fn invalid(address: u64, directive: &str, value: String, length: usize) -> Instruction {
    let padding = OPERANDS.saturating_sub(directive.len()).max(1);
    Instruction {
        address,
        length,
        tokens: vec![
            token(directive, TokenRole::Mnemonic),
            token(" ".repeat(padding), TokenRole::Punctuation),
            token(value, TokenRole::Number),
        ],
        flow: Flow::Trap,
        target: None,
        memory_reference: None,
        valid: false,
    }
}
