//! The instructions of one translation (`TranslationArrayIterator`, from 12.4 on
//! `DeoptimizationFrameTranslation::Iterator`, from 13.6 on `DeoptTranslationIterator`).

use super::super::Malformed;
use super::super::words::Cursor;
use super::opcodes::{Opcode, OpcodeRow, Role, TranslationEncoding, TranslationOpcodes};

pub(super) const TABLE: &str = "translation";

/// No instruction has more (`kMaxTranslationOperandCount`).
const MAX_OPERANDS: usize = 6;

/// An instruction with its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instruction {
    /// What it is.
    pub(crate) opcode: Opcode,
    /// Where it was read.
    pub(crate) at: usize,
    row: &'static OpcodeRow,
    /// Signed, or the bits of an unsigned operand.
    operands: [i32; MAX_OPERANDS],
}

impl Instruction {
    /// The operand of this role, if the instruction has one.
    pub(crate) fn operand(&self, role: Role) -> Option<i32> {
        let place = self.row.1.iter().position(|operand| operand.role == role)?;
        self.operands.get(place).copied()
    }

    /// The operand of this role, which must be there and not negative: an index or a count.
    pub(crate) fn count(&self, role: Role) -> Result<u32, Malformed> {
        let value = self.operand(role).and_then(|value| u32::try_from(value).ok());
        value.ok_or_else(|| self.malformed("a count or an index that is negative"))
    }

    /// An error about this instruction.
    pub(crate) fn malformed(&self, why: &'static str) -> Malformed {
        Malformed { table: TABLE, at: self.at, why }
    }
}

/// Where instructions to match come from.
#[derive(Clone, Copy, Debug)]
struct Basis<'a> {
    cursor: Cursor<'a>,
    /// The matched translation ends before this one begins, at the latest.
    end: usize,
    /// How many instructions are still to be taken from here.
    remaining: u32,
    /// How many instructions came from the translation itself since the last match: so many are to be
    /// skipped here before the next.
    behind: u32,
}

/// The instructions of one translation, matched ones resolved. It ends before the next translation's
/// BEGIN or with the bytes; every step reads at least one byte forwards, here or in the basis.
#[derive(Clone, Debug)]
pub(crate) struct TranslationReader<'a> {
    opcodes: TranslationOpcodes,
    cursor: Cursor<'a>,
    basis: Option<Basis<'a>>,
}

impl<'a> TranslationReader<'a> {
    /// A reader at `index` of the translations' `bytes`, and the BEGIN there.
    pub(crate) fn new(
        opcodes: TranslationOpcodes,
        bytes: &'a [u8],
        index: u32,
    ) -> Result<(Self, Instruction), Malformed> {
        let cursor = Cursor::new(TABLE, bytes).seek(index as usize);
        let mut reader = Self { opcodes, cursor, basis: None };
        let begin = read_instruction(opcodes, &mut reader.cursor)?;
        if !matches!(begin.opcode, Opcode::Begin | Opcode::BeginWithFeedback) {
            return Err(begin.malformed("a translation that does not begin with BEGIN"));
        }
        let lookback = begin.operand(Role::Lookback).unwrap_or(0) as u32 as usize;
        if lookback != 0 {
            let start = begin.at.checked_sub(lookback);
            let start =
                start.ok_or_else(|| begin.malformed("a basis before the first translation"))?;
            let mut basis = Cursor::new(TABLE, bytes).seek(start);
            let basis_begin = read_instruction(opcodes, &mut basis)?;
            let is_basis = matches!(basis_begin.opcode, Opcode::Begin | Opcode::BeginWithFeedback)
                && basis_begin.operand(Role::Lookback) == Some(0);
            if !is_basis {
                return Err(begin.malformed("a basis that is no basis"));
            }
            // Behind the BEGIN of the basis, which stands for the BEGIN of this one.
            reader.basis = Some(Basis { cursor: basis, end: begin.at, remaining: 0, behind: 0 });
        }
        Ok((reader, begin))
    }

    /// The next instruction; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Instruction>, Malformed> {
        if let Some(mut basis) = self.basis
            && basis.remaining > 0
        {
            let instruction = self.matched(&mut basis)?;
            basis.remaining -= 1;
            self.basis = Some(basis);
            return Ok(Some(instruction));
        }
        if self.cursor.is_at_end() {
            return Ok(None);
        }
        let mut short = None;
        if self.opcodes.encoding == TranslationEncoding::ByteOpcode {
            let mut ahead = self.cursor;
            short = usize::from(ahead.byte()?).checked_sub(self.opcodes.rows.len());
            if short.is_some() {
                self.cursor = ahead;
            }
        }
        let here = self.cursor;
        let count = if let Some(count) = short {
            count as u32
        } else {
            let instruction = read_instruction(self.opcodes, &mut self.cursor)?;
            match instruction.opcode {
                Opcode::Begin | Opcode::BeginWithFeedback => {
                    self.cursor = here.seek(usize::MAX);
                    return Ok(None);
                }
                Opcode::MatchPreviousTranslation => instruction.count(Role::MatchCount)?,
                _ => {
                    if let Some(basis) = &mut self.basis {
                        basis.behind = basis.behind.saturating_add(1);
                    }
                    return Ok(Some(instruction));
                }
            }
        };
        let Some(mut basis) = self.basis else {
            return Err(here.malformed("a match without a basis"));
        };
        // The builder writes no match of nothing.
        basis.remaining =
            count.checked_sub(1).ok_or_else(|| here.malformed("a match of no instructions"))?;
        for _ in 0..std::mem::take(&mut basis.behind) {
            self.matched(&mut basis)?;
        }
        let instruction = self.matched(&mut basis)?;
        self.basis = Some(basis);
        Ok(Some(instruction))
    }

    fn matched(&self, basis: &mut Basis<'a>) -> Result<Instruction, Malformed> {
        let instruction = read_instruction(self.opcodes, &mut basis.cursor)?;
        let leaves = matches!(
            instruction.opcode,
            Opcode::Begin | Opcode::BeginWithFeedback | Opcode::MatchPreviousTranslation
        );
        if leaves || basis.cursor.at() > basis.end {
            return Err(self.cursor.malformed("a match beyond the end of its basis"));
        }
        Ok(instruction)
    }
}

fn read_instruction(
    opcodes: TranslationOpcodes,
    cursor: &mut Cursor<'_>,
) -> Result<Instruction, Malformed> {
    let start = *cursor;
    let opcode = match opcodes.encoding {
        TranslationEncoding::AllSigned => usize::try_from(cursor.sign_and_magnitude()?).ok(),
        TranslationEncoding::ByteOpcode => Some(usize::from(cursor.byte()?)),
    };
    let row = opcode.and_then(|opcode| opcodes.rows.get(opcode));
    let row = row.ok_or_else(|| start.malformed("no such opcode"))?;
    let mut operands = [0; MAX_OPERANDS];
    for (operand, place) in row.1.iter().zip(&mut operands) {
        *place = if operand.signed {
            cursor.sign_and_magnitude()?
        } else {
            // What would be negative here is refused where it is used: see `Instruction::count`.
            cursor.unsigned()? as i32
        };
    }
    Ok(Instruction { opcode: row.0, at: start.at(), row, operands })
}
