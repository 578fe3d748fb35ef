//! Every format character.

use FormatRole::{
    Address, Instruction, Layout, Match, Move, String as Text, Symbol, Value, Write, WriteTyped,
};
use FormatSize::{Fixed, Pointer, Variable};

use crate::{FormatCount, FormatItem, FormatItemKind, Span};

/// A format character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormatChar {
    /// The character.
    pub ch: char,
    /// How much memory one value takes.
    pub size: FormatSize,
    /// What the character does.
    pub role: FormatRole,
    /// The width of the field that a value stands in, left-justified; 0 where there is no field.
    pub width: usize,
    /// What it does, in words.
    pub description: &'static str,
}

/// How much memory one value takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FormatSize {
    /// So many bytes; 0 where nothing is read.
    Fixed(u8),
    /// As much as the target's pointer.
    Pointer,
    /// As much as there is: strings and instructions.
    Variable,
}

impl FormatSize {
    /// The bytes of a value of fixed size, `None` where the size depends on the value.
    pub fn bytes(self, pointer_size: u8) -> Option<u8> {
        match self {
            Self::Fixed(bytes) => Some(bytes),
            Self::Pointer => Some(pointer_size),
            Self::Variable => None,
        }
    }
}

/// What a format character does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FormatRole {
    /// Prints a value of fixed size: [`render`](super::render) makes its text.
    Value,
    /// Prints a value of pointer size as symbol and offset: `p`, `P`.
    Symbol,
    /// Prints dot as `symbol+offset:` and moves nothing: `a`.
    Address,
    /// Prints instructions: `i`, `I`.
    Instruction,
    /// Prints a string that ends at a zero byte: `s`, `S`.
    String,
    /// Writes after `/ ? \ @`; after `=` it prints a value as [`FormatRole::Value`] does: `v w W Z`.
    Write,
    /// Writes with the size that type data tell and never prints: `z`.
    WriteTyped,
    /// Searches: `l L M`.
    Match,
    /// Moves dot: `+ - ^`.
    Move,
    /// Prints newlines, blanks and tabs: `n N r t T`.
    Layout,
}

impl FormatRole {
    /// Whether the character takes words instead of a list after a verb that names memory.
    pub fn takes_words(self) -> bool {
        matches!(self, Self::Write | Self::WriteTyped | Self::Match)
    }

    /// Whether the character may stand in a format list. `value` tells that the verb is `=`.
    pub fn in_list(self, value: bool) -> bool {
        match self {
            Self::Write => value,
            Self::WriteTyped | Self::Match => false,
            _ => true,
        }
    }
}

impl FormatChar {
    /// The line that `::formats` prints: `X - hexadecimal int (4 bytes)`.
    pub fn line(&self) -> String {
        let size = match self.size {
            Fixed(0) => String::new(),
            Fixed(1) => " (1 byte)".to_owned(),
            Fixed(bytes) => format!(" ({bytes} bytes)"),
            Pointer => " (pointer size)".to_owned(),
            Variable => " (variable size)".to_owned(),
        };
        format!("{} - {}{size}", self.ch, self.description)
    }
}

/// The format character `ch`.
pub fn lookup(ch: char) -> Option<&'static FormatChar> {
    FORMATS.iter().find(|format| format.ch == ch)
}

/// The list that applies where `/ ? \ @` has none: `X^"= "i`.
pub fn default_items() -> Vec<FormatItem> {
    let item = |kind| FormatItem { span: Span::default(), kind };
    let ch = |ch| item(FormatItemKind::Char { count: FormatCount::Fixed(1), ch });
    vec![ch('X'), ch('^'), item(FormatItemKind::Literal("= ".to_owned())), ch('i')]
}

const fn entry(
    ch: char,
    size: FormatSize,
    role: FormatRole,
    width: usize,
    description: &'static str,
) -> FormatChar {
    FormatChar { ch, size, role, width, description }
}

/// All format characters, in the order of `::formats`. Sizes and widths are MDB's, so that old
/// command lines print what they printed.
pub const FORMATS: &[FormatChar] = &[
    entry('+', Fixed(0), Move, 0, "increment dot by the count"),
    entry('-', Fixed(0), Move, 0, "decrement dot by the count"),
    entry('B', Fixed(1), Value, 8, "hexadecimal int"),
    entry('C', Fixed(1), Value, 0, "character with C escapes"),
    entry('D', Fixed(4), Value, 16, "decimal signed int"),
    entry('E', Fixed(8), Value, 16, "decimal unsigned long long"),
    entry('F', Fixed(8), Value, 0, "double"),
    entry('G', Fixed(8), Value, 16, "octal unsigned long long"),
    entry('H', Fixed(4), Value, 16, "swapped bytes, hexadecimal int"),
    entry('I', Variable, Instruction, 0, "address, bytes and disassembled instruction"),
    entry('J', Fixed(8), Value, 16, "hexadecimal long long"),
    entry('K', Pointer, Value, 16, "hexadecimal uintptr_t"),
    entry('L', Fixed(4), Match, 0, "match int"),
    entry('M', Fixed(8), Match, 0, "match long long"),
    entry('N', Fixed(0), Layout, 0, "newline"),
    entry('O', Fixed(4), Value, 16, "octal unsigned int"),
    entry('P', Pointer, Symbol, 16, "symbol and offset"),
    entry('Q', Fixed(4), Value, 16, "octal signed int"),
    entry('R', Fixed(8), Value, 64, "binary long long"),
    entry('S', Variable, Text, 0, "string with C escapes"),
    entry('T', Fixed(0), Layout, 0, "tab to the next multiple of the count"),
    entry('U', Fixed(4), Value, 16, "decimal unsigned int"),
    entry('V', Fixed(1), Value, 8, "decimal unsigned int"),
    entry('W', Fixed(4), Write, 16, "write default radix unsigned int"),
    entry('X', Fixed(4), Value, 16, "hexadecimal int"),
    entry('Y', Fixed(4), Value, 24, "time32_t as date and time"),
    entry('Z', Fixed(8), Write, 16, "write hexadecimal long long"),
    entry('^', Fixed(0), Move, 0, "decrement dot by the size of the last value times the count"),
    entry('a', Fixed(0), Address, 0, "dot as symbol and offset"),
    entry('b', Fixed(1), Value, 8, "octal unsigned int"),
    entry('c', Fixed(1), Value, 0, "character"),
    entry('d', Fixed(2), Value, 8, "decimal signed short"),
    entry('e', Fixed(8), Value, 16, "decimal signed long long"),
    entry('f', Fixed(4), Value, 0, "float"),
    entry('g', Fixed(8), Value, 16, "octal signed long long"),
    entry('h', Fixed(2), Value, 8, "swapped bytes, hexadecimal short"),
    entry('i', Variable, Instruction, 0, "disassembled instruction"),
    entry('l', Fixed(2), Match, 0, "match short"),
    entry('n', Fixed(0), Layout, 0, "newline"),
    entry('o', Fixed(2), Value, 8, "octal unsigned short"),
    entry('p', Pointer, Symbol, 16, "symbol and offset"),
    entry('q', Fixed(2), Value, 8, "octal signed short"),
    entry('r', Fixed(0), Layout, 0, "blank"),
    entry('s', Variable, Text, 0, "string"),
    entry('t', Fixed(0), Layout, 0, "tab to the next multiple of the count"),
    entry('u', Fixed(2), Value, 8, "decimal unsigned short"),
    entry('v', Fixed(1), Write, 8, "write decimal signed int"),
    entry('w', Fixed(2), Write, 8, "write default radix unsigned short"),
    entry('x', Fixed(2), Value, 8, "hexadecimal short"),
    entry('y', Fixed(8), Value, 24, "time64_t as date and time"),
    entry('z', Variable, WriteTyped, 0, "write with the size of the type at dot"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_formats() {
        let line = |ch| lookup(ch).unwrap().line();
        assert_eq!(line('X'), "X - hexadecimal int (4 bytes)");
        assert_eq!(line('v'), "v - write decimal signed int (1 byte)");
        assert_eq!(line('L'), "L - match int (4 bytes)");
    }

    #[test]
    fn the_table_is_sorted_without_repeats() {
        assert!(FORMATS.windows(2).all(|pair| pair[0].ch < pair[1].ch));
    }

    #[test]
    fn unsupported_characters_are_not_in_the_table() {
        for ch in "AjkmEé0 ".chars().filter(|ch| *ch != 'E') {
            assert!(lookup(ch).is_none(), "{ch}");
        }
    }
}
