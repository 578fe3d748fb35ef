//! 64-bit Arm, by yaxpeax; what an instruction does to the flow of control is read from its bits.

use crate::disassembler::Symbolizer;
use crate::text::{OPERANDS, invalid, push_reference, push_symbol, token};
use crate::{Flow, Instruction, Token, TokenRole};
use yaxpeax_arch::{Decoder, U8Reader};
use yaxpeax_arm::armv8::a64::InstDecoder;

/// Every instruction.
pub(crate) const MAX_LENGTH: usize = 4;

fn raw(bytes: [u8; 4]) -> Option<yaxpeax_arm::armv8::a64::Instruction> {
    InstDecoder::default().decode(&mut U8Reader::new(&bytes)).ok()
}

/// The length of an instruction: 4, if there are so many bytes. Words that are no instruction
/// count too, since the next one begins behind them all the same.
pub(crate) fn length(bytes: &[u8]) -> Option<usize> {
    bytes.first_chunk::<4>().map(|chunk| chunk.len())
}

/// An instruction, or the word that is none.
pub(crate) fn decode(
    address: u64,
    bytes: &[u8],
    symbolize: &Symbolizer<'_>,
) -> Option<Instruction> {
    let first = bytes.first()?;
    let Some(word) = bytes.first_chunk::<4>() else {
        return Some(invalid(address, ".byte", format!("{first:#04x}"), 1));
    };
    let value = u32::from_le_bytes(*word);
    let text = raw(*word).map(|raw| raw.to_string()).filter(|text| !text.is_empty());
    let Some(text) = text else {
        return Some(invalid(address, ".word", format!("{value:#010x}"), 4));
    };
    let (flow, target) = flow(address, value);
    let memory_reference = reference(address, value);
    let mut tokens = tokens(&text, target.or(memory_reference));
    match (target, memory_reference) {
        (Some(target), _) => push_symbol(&mut tokens, target, symbolize),
        (None, Some(at)) => push_reference(&mut tokens, at, symbolize),
        (None, None) => {}
    }
    Some(Instruction { address, length: 4, tokens, flow, target, memory_reference, valid: true })
}

/// `width` bits from bit `low`, sign-extended, times `scale`, from `base`.
fn relative(base: u64, word: u32, low: u32, width: u32, scale: i64) -> u64 {
    let field = i64::from(word) << (64 - low - width) >> (64 - width);
    base.wrapping_add_signed(field.wrapping_mul(scale))
}

/// Branches, exceptions and system calls (Arm ARM, DDI 0487, C4.1.66).
fn flow(address: u64, word: u32) -> (Flow, Option<u64>) {
    let far = || Some(relative(address, word, 0, 26, 4));
    let near = || Some(relative(address, word, 5, 19, 4));
    let test = || Some(relative(address, word, 5, 14, 4));
    match word {
        w if w & 0xfc00_0000 == 0x1400_0000 => (Flow::Jump, far()),
        w if w & 0xfc00_0000 == 0x9400_0000 => (Flow::Call, far()),
        // B.cond and BC.cond
        w if w & 0xff00_0000 == 0x5400_0000 => (Flow::Conditional, near()),
        // CBZ, CBNZ
        w if w & 0x7e00_0000 == 0x3400_0000 => (Flow::Conditional, near()),
        // TBZ, TBNZ
        w if w & 0x7e00_0000 == 0x3600_0000 => (Flow::Conditional, test()),
        // BR, BLR, RET and their authenticating kin: opc is bits 24 to 21.
        w if w & 0xfe00_0000 == 0xd600_0000 => match w >> 21 & 7 {
            0 => (Flow::IndirectJump, None),
            1 => (Flow::IndirectCall, None),
            _ => (Flow::Return, None),
        },
        // SVC, HVC, SMC; BRK, HLT, DCPS
        w if w & 0xffe0_0000 == 0xd400_0000 && w & 3 != 0 => (Flow::SystemCall, None),
        w if w & 0xff00_0000 == 0xd400_0000 => (Flow::Trap, None),
        // UDF
        w if w & 0xffff_0000 == 0 => (Flow::Trap, None),
        _ => (Flow::Next, None),
    }
}

/// ADR, ADRP and literal loads (Arm ARM, C4.1.65 and C4.1.88).
fn reference(address: u64, word: u32) -> Option<u64> {
    if word & 0x1f00_0000 == 0x1000_0000 {
        let low = u64::from(word >> 29 & 3);
        return Some(if word >> 31 == 0 {
            relative(address, word, 5, 19, 4).wrapping_add(low)
        } else {
            let page = address & !0xfff;
            relative(page, word, 5, 19, 4 << 12).wrapping_add(low << 12)
        });
    }
    (word & 0x3b00_0000 == 0x1800_0000).then(|| relative(address, word, 5, 19, 4))
}

/// Cuts yaxpeax's text into pieces, with the operands at their column and an absolute address in
/// the place of an offset from the instruction (`$+0x10`).
fn tokens(text: &str, absolute: Option<u64>) -> Vec<Token> {
    let (mnemonic, operands) = text.split_once(' ').unwrap_or((text, ""));
    let mut tokens = vec![token(mnemonic, TokenRole::Mnemonic)];
    if operands.is_empty() {
        return tokens;
    }
    let padding = OPERANDS.saturating_sub(mnemonic.len()).max(1);
    tokens.push(token(" ".repeat(padding), TokenRole::Punctuation));
    let mut rest = operands.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_');
        let (length, role) = match first {
            '#' | '$' => {
                let end = rest.get(1..).and_then(|r| {
                    r.find(|c: char| !is_word(c) && !matches!(c, '-' | '+')).map(|at| at + 1)
                });
                let role = if first == '$' { TokenRole::Address } else { TokenRole::Number };
                (end.unwrap_or(rest.len()), role)
            }
            c if is_word(c) => {
                let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
                (end, role_of_word(rest.get(..end).unwrap_or(rest)))
            }
            _ => {
                let end = rest.find(|c: char| is_word(c) || matches!(c, '#' | '$'));
                (end.unwrap_or(rest.len()), TokenRole::Punctuation)
            }
        };
        let (piece, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        match (role, absolute) {
            (TokenRole::Address, Some(address)) => {
                tokens.push(token(format!("{address:#x}"), role));
            }
            _ => tokens.push(token(piece, role)),
        }
        rest = tail;
    }
    tokens
}

fn role_of_word(word: &str) -> TokenRole {
    let (letter, number) = word.split_at_checked(1).unwrap_or((word, ""));
    let number = number.split('.').next().unwrap_or(number);
    if matches!(word, "sp" | "wsp" | "xzr" | "wzr")
        || matches!(letter, "x" | "w" | "v" | "q" | "d" | "s" | "h" | "b")
            && number.parse::<u8>().is_ok_and(|n| n < 32)
    {
        TokenRole::Register
    } else if word.starts_with(|c: char| c.is_ascii_digit()) {
        TokenRole::Number
    } else {
        TokenRole::Keyword
    }
}
