//! x86-64, by iced.

use crate::disassembler::{Symbolizer, Syntax};
use crate::text::{OPERANDS, invalid, push_reference, push_symbol, token};
use crate::{Flow, Instruction, Token, TokenRole};
use iced_x86::{
    Decoder, DecoderOptions, FlowControl, Formatter, FormatterOutput, FormatterTextKind,
    GasFormatter, IntelFormatter, Mnemonic, OpKind,
};

/// The longest instruction (Intel SDM volume 2, section 2.3.11).
pub(crate) const MAX_LENGTH: usize = 15;

fn raw(address: u64, bytes: &[u8]) -> Option<iced_x86::Instruction> {
    let bytes = bytes.get(..MAX_LENGTH).unwrap_or(bytes);
    let instruction = Decoder::with_ip(64, bytes, address, DecoderOptions::NONE).decode();
    (!instruction.is_invalid()).then_some(instruction)
}

/// The length of an instruction.
pub(crate) fn length(address: u64, bytes: &[u8]) -> Option<usize> {
    raw(address, bytes).map(|instruction| instruction.len())
}

/// An instruction, or the byte that begins none.
pub(crate) fn decode(
    address: u64,
    bytes: &[u8],
    syntax: Syntax,
    symbolize: &Symbolizer<'_>,
) -> Option<Instruction> {
    let first = bytes.first()?;
    let Some(raw) = raw(address, bytes) else {
        return Some(invalid(address, ".byte", format!("{first:#04x}"), 1));
    };
    let flow = flow(&raw);
    let target = match raw.op0_kind() {
        OpKind::NearBranch16 | OpKind::NearBranch32 | OpKind::NearBranch64 => {
            Some(raw.near_branch_target())
        }
        _ => None,
    };
    let memory_reference = raw.is_ip_rel_memory_operand().then(|| raw.ip_rel_memory_address());
    let mut tokens = text(&raw, syntax);
    if let Some(target) = target {
        push_symbol(&mut tokens, target, symbolize);
    }
    if let Some(address) = memory_reference {
        push_reference(&mut tokens, address, symbolize);
    }
    Some(Instruction {
        address,
        length: raw.len(),
        tokens,
        flow,
        target,
        memory_reference,
        valid: true,
    })
}

fn flow(instruction: &iced_x86::Instruction) -> Flow {
    match instruction.flow_control() {
        FlowControl::Next => Flow::Next,
        FlowControl::UnconditionalBranch => Flow::Jump,
        FlowControl::IndirectBranch => Flow::IndirectJump,
        FlowControl::ConditionalBranch => Flow::Conditional,
        FlowControl::Return => Flow::Return,
        FlowControl::Call => match instruction.mnemonic() {
            Mnemonic::Syscall | Mnemonic::Sysenter => Flow::SystemCall,
            _ => Flow::Call,
        },
        FlowControl::IndirectCall => Flow::IndirectCall,
        FlowControl::Interrupt if instruction.immediate8() == 0x80 => Flow::SystemCall,
        FlowControl::Interrupt | FlowControl::Exception => Flow::Trap,
        FlowControl::XbeginXabortXend => match instruction.mnemonic() {
            Mnemonic::Xbegin => Flow::Conditional,
            _ => Flow::Next,
        },
    }
}

/// The text without symbols.
fn text(instruction: &iced_x86::Instruction, syntax: Syntax) -> Vec<Token> {
    let mut formatter: Box<dyn Formatter> = if syntax == Syntax::Intel {
        Box::new(IntelFormatter::new())
    } else {
        let mut gas = GasFormatter::new();
        gas.options_mut().set_gas_show_mnemonic_size_suffix(true);
        Box::new(gas)
    };
    let options = formatter.options_mut();
    options.set_first_operand_char_index(OPERANDS as u32);
    options.set_space_after_operand_separator(false);
    options.set_uppercase_hex(false);
    options.set_hex_prefix("0x");
    options.set_hex_suffix("");
    options.set_small_hex_numbers_in_decimal(false);
    options.set_branch_leading_zeros(false);
    options.set_rip_relative_addresses(true);
    options.set_show_branch_size(false);
    let mut sink = Sink(Vec::new());
    formatter.format(instruction, &mut sink);
    let mut tokens = sink.0;
    if let Some(mnemonic) = tokens.iter_mut().find(|t| t.role == TokenRole::Mnemonic)
        && syntax == Syntax::Att
        && let Some(short) = without_suffix(&mnemonic.text)
    {
        let lost = mnemonic.text.len().saturating_sub(short.len());
        mnemonic.text = short.to_owned();
        let at = tokens.iter().position(|t| t.role == TokenRole::Mnemonic).unwrap_or(0);
        if let Some(padding) = tokens.get_mut(at.saturating_add(1)) {
            padding.text.insert_str(0, &" ".repeat(lost));
        }
    }
    tokens
}

/// Instructions that only exist in one size in 64-bit code: MDB and the GNU tools write them
/// without the suffix.
fn without_suffix(mnemonic: &str) -> Option<&'static str> {
    Some(match mnemonic {
        "callq" => "call",
        "retq" => "ret",
        "jmpq" => "jmp",
        "leaveq" => "leave",
        _ => return None,
    })
}

struct Sink(Vec<Token>);

impl FormatterOutput for Sink {
    fn write(&mut self, text: &str, kind: FormatterTextKind) {
        let role = match kind {
            FormatterTextKind::Directive | FormatterTextKind::Mnemonic => TokenRole::Mnemonic,
            FormatterTextKind::Prefix => TokenRole::Prefix,
            FormatterTextKind::Register => TokenRole::Register,
            FormatterTextKind::Number | FormatterTextKind::SelectorValue => TokenRole::Number,
            FormatterTextKind::LabelAddress
            | FormatterTextKind::FunctionAddress
            | FormatterTextKind::Label
            | FormatterTextKind::Function
            | FormatterTextKind::Data => TokenRole::Address,
            FormatterTextKind::Keyword | FormatterTextKind::Decorator => TokenRole::Keyword,
            _ => TokenRole::Punctuation,
        };
        match self.0.last_mut() {
            Some(last) if last.role == role && role == TokenRole::Punctuation => {
                last.text.push_str(text);
            }
            _ => self.0.push(token(text, role)),
        }
    }
}
