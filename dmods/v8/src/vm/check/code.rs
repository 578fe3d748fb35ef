//! Compiled code.

use super::{Check, Subject, Test};
use crate::layout::Score;
use crate::layout::fact::Fact;
use crate::object::heap::Object;
use crate::object::kind::Kind;
use crate::object::value::Value;
use crate::partial::found;
use mdb_dmod::prelude::*;

pub(super) const CHECKS: &[Check] = &[
    Check { facts: &[Fact::CodeFromStream], along: &[], needs: &[], test: Test::Own(from_stream) },
    Check {
        facts: &[Fact::CodeInstructionStart, Fact::CodeStreamHeader],
        along: &[],
        needs: &[Fact::CodeFromStream],
        test: Test::Own(instruction_start),
    },
    Check {
        facts: &[Fact::CodeFlags, Fact::CodeKindMask, Fact::CodeKindBaseline],
        along: &[],
        needs: &[],
        test: Test::Own(kinds),
    },
    Check {
        facts: &[Fact::CodeInstructionSize, Fact::CodeMetadataSize, Fact::CodeStreamBodySize],
        along: &[],
        needs: &[Fact::CodeFromStream],
        test: Test::Own(sizes),
    },
    Check {
        facts: &[Fact::CodeDeoptData],
        along: &[],
        needs: &[Fact::CodeFlags],
        test: Test::Own(deopt_data),
    },
    Check {
        facts: &[Fact::CodePositions],
        along: &[],
        needs: &[Fact::CodeFlags],
        test: Test::Own(positions),
    },
];

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

/// Builtins are of the first four kinds; the compilers' three follow each other (`objects/code-kind.h`).
/// No code has no flag at all.
fn kinds(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    let baseline = heap.layout.need(Fact::CodeKindBaseline)?;
    let start = heap.layout.get(Fact::CodeInstructionStart);
    subject.each(&[Kind::Code], |object| {
        let flags = heap.field_u32(object.address, Fact::CodeFlags)?;
        let kind = code_kind(subject, object)?;
        let is_builtin = match start {
            Some(offset) => {
                let start = heap.word(object.address, offset)?;
                subject.vm.blob_offset(start).is_some()
            }
            // Before V8 11.3 code objects do not say.
            None => kind < baseline,
        };
        let last = if is_builtin { 3 } else { baseline.saturating_add(2) };
        Ok(Some(flags != 0 && kind <= last))
    })
}

/// Instructions and what belongs to them are all that stands behind the header.
fn sizes(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    let body = heap.layout.need(Fact::CodeStreamBodySize)?;
    subject.each(&[Kind::InstructionStream], |object| {
        let code = heap.field(object.address, Fact::CodeFromStream)?;
        let code = heap.object_of(code, Kind::Code)?;
        let size = heap.field_u32(code.address, Fact::CodeInstructionSize)?;
        let metadata = heap.field_u32(code.address, Fact::CodeMetadataSize)?;
        let body = heap.memory.read_u32(object.address.wrapping_add_signed(body))?;
        Ok(Some(size != 0 && size.checked_add(metadata) == Some(body)))
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
