//! Compiled code.

use super::{Check, Subject, Test, found};
use crate::layout::Score;
use crate::layout::fact::Fact;
use crate::object::heap::Object;
use crate::object::kind::Kind;
use crate::object::value::Value;
use mdb_dmod::prelude::*;

pub(super) const CHECKS: &[Check] = &[
    Check { facts: &[Fact::CodeFromStream], needs: &[], test: Test::Own(from_stream) },
    Check {
        facts: &[Fact::CodeInstructionStart, Fact::CodeStreamHeader],
        needs: &[Fact::CodeFromStream],
        test: Test::Own(instruction_start),
    },
    Check {
        facts: &[Fact::CodeFlags, Fact::CodeKindMask, Fact::CodeKindBaseline],
        needs: &[],
        test: Test::Own(kinds),
    },
    Check {
        facts: &[Fact::CodeInstructionSize, Fact::CodeMetadataSize],
        needs: &[],
        test: Test::Own(sizes),
    },
    Check { facts: &[Fact::CodeDeoptData], needs: &[Fact::CodeFlags], test: Test::Own(deopt_data) },
    Check { facts: &[Fact::CodePositions], needs: &[Fact::CodeFlags], test: Test::Own(positions) },
];

/// No builtin and no function has more instructions.
const LARGEST: u32 = 16 << 20;

/// Instructions belong to a code object.
fn from_stream(subject: &Subject<'_>) -> Result<Score> {
    subject.each(&[Kind::InstructionStream], |object| {
        let code = subject.heap.field(object.address, Fact::CodeFromStream)?;
        Ok(Some(subject.heap.is(code, Kind::Code)?))
    })
}

/// A code object says where the instructions are that belong to it.
fn instruction_start(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    let header = heap.layout.need(Fact::CodeStreamHeader)?;
    subject.each(&[Kind::InstructionStream], |object| {
        let code = heap.field(object.address, Fact::CodeFromStream)?;
        let code = heap.object_of(code, Kind::Code)?;
        let start = heap.layout.need(Fact::CodeInstructionStart)?;
        let start = heap.word(code.address, start)?;
        Ok(Some(start == object.address.wrapping_add_signed(header)))
    })
}

fn code_kind(subject: &Subject<'_>, object: Object) -> Result<i64> {
    let flags = subject.heap.field_u32(object.address, Fact::CodeFlags)?;
    Ok(i64::from(flags) & subject.heap.layout.need(Fact::CodeKindMask)?)
}

/// Turbofan is the last kind but for those of WebAssembly, or the last (`objects/code-kind.h`).
fn kinds(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    let baseline = heap.layout.need(Fact::CodeKindBaseline)?;
    subject.each(&[Kind::Code], |object| {
        let kind = code_kind(subject, object)?;
        // What only compiled functions have: bytecode or deoptimisation data, and a table.
        Ok(Some(kind <= baseline.saturating_add(3)))
    })
}

fn sizes(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    subject.each(&[Kind::Code], |object| {
        let size = heap.field_u32(object.address, Fact::CodeInstructionSize)?;
        let metadata = heap.field_u32(object.address, Fact::CodeMetadataSize)?;
        Ok(Some((1..LARGEST).contains(&size) && metadata < LARGEST))
    })
}

/// Code of the baseline compiler has bytecode, optimised code an array.
fn deopt_data(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    let baseline = heap.layout.need(Fact::CodeKindBaseline)?;
    subject.each(&[Kind::Code], |object| {
        let kind = code_kind(subject, object)? - baseline;
        let value = heap.field(object.address, Fact::CodeDeoptData)?;
        match kind {
            0 => {
                let data = heap.object(value)?.kind;
                Ok(Some(matches!(data, Kind::BytecodeArray | Kind::InterpreterData)))
            }
            1 | 2 => Ok(Some(heap.object(value)?.kind.is_tagged_array())),
            _ => Ok(None),
        }
    })
}

/// Tables of code are bytes.
fn positions(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    let baseline = heap.layout.need(Fact::CodeKindBaseline)?;
    subject.each(&[Kind::Code], |object| {
        let kind = code_kind(subject, object)? - baseline;
        if !(0..=2).contains(&kind) {
            return Ok(None);
        }
        let table = Value(heap.word(object.address, heap.layout.need(Fact::CodePositions)?)?);
        Ok(Some(found(heap.object(table))?.is_some_and(|table| table.kind.is_byte_array())))
    })
}
