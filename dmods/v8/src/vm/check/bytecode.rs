//! Bytecode.

use super::{Check, Subject, Test};
use crate::code::position_table::PositionTable;
use crate::frame::position::{LONGEST_TABLE, instructions};
use crate::layout::Score;
use crate::layout::fact::Fact;
use crate::object::kind::Kind;
use crate::vm::position_encoding;
use mdb_dmod::prelude::*;
use std::collections::HashSet;

pub(super) const CHECKS: &[Check] = &[
    Check {
        facts: &[Fact::BytecodeArrayLength, Fact::BytecodeArrayData],
        along: &[],
        needs: &[],
        test: Test::Own(walk),
    },
    Check {
        facts: &[
            Fact::BytecodeArrayPositions,
            Fact::PositionsAreFlagged,
            Fact::ByteArrayLength,
            Fact::ByteArrayData,
        ],
        along: &[],
        needs: &[Fact::BytecodeArrayData],
        test: Test::Own(positions),
    },
    Check {
        facts: &[Fact::BytecodeArrayFrameSize],
        along: &[],
        needs: &[],
        test: Test::Own(frame_size),
    },
    Check {
        facts: &[
            Fact::BytecodeArrayParameters,
            Fact::BytecodeArrayParametersAreBytes,
            Fact::SfiParameterCount,
        ],
        along: &[],
        needs: &[Fact::SfiData],
        test: Test::Own(parameters),
    },
    Check {
        facts: &[Fact::SfiFlags, Fact::SfiIsToplevelBit],
        along: &[],
        needs: &[Fact::SfiName],
        test: Test::Own(flags),
    },
];

/// The last instruction ends where the bytecode ends.
fn walk(subject: &Subject<'_>) -> Result<Score> {
    if subject.vm.bytecode_sizes.is_empty() {
        return Ok(Score::default());
    }
    let heap = subject.heap;
    subject.each(&[Kind::BytecodeArray], |object| {
        let bytes = heap.bytecodes(object)?;
        Ok(Some(instructions(&subject.vm.bytecode_sizes, &bytes)?.ends_exactly()))
    })
}

/// Every entry of a table of positions is for the beginning of an instruction.
fn positions(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    let Some(encoding) = position_encoding(heap.layout) else { return Ok(Score::default()) };
    if subject.vm.bytecode_sizes.is_empty() {
        return Ok(Score::default());
    }
    subject.each(&[Kind::BytecodeArray], |object| {
        let table = heap.field(object.address, Fact::BytecodeArrayPositions)?;
        // Positions that were not wanted so far: undefined, or the exception that was no time for it.
        if table.is_smi() || heap.is(table, Kind::Oddball)? || heap.is(table, Kind::Hole)? {
            return Ok(None);
        }
        let table = heap.byte_array(table, LONGEST_TABLE)?;
        if table.is_empty() {
            return Ok(None);
        }
        let bytes = heap.bytecodes(object)?;
        let mut starts = HashSet::new();
        for instruction in instructions(&subject.vm.bytecode_sizes, &bytes)? {
            let Ok(instruction) = instruction else { return Ok(Some(false)) };
            starts.insert(i64::from(instruction.offset));
        }
        let fits = |entry: &crate::code::position_table::PositionEntry| {
            let offset = i64::from(entry.code_offset);
            starts.contains(&offset) || offset == -1
        };
        let entries = PositionTable::new(encoding, &table).entries();
        Ok(Some(entries.into_iter().all(|entry| entry.is_ok_and(|entry| fits(&entry)))))
    })
}

/// Frames have whole registers.
fn frame_size(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    subject.each(&[Kind::BytecodeArray], |object| {
        let size = heap.field_u32(object.address, Fact::BytecodeArrayFrameSize)?;
        // 0 proves nothing: other fields are 0 as well.
        Ok((size != 0).then_some(size % 8 == 0 && size < 1 << 20))
    })
}

/// What a function says of its parameters its bytecode says as well.
fn parameters(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    let in_bytes = heap
        .layout
        .known(Fact::BytecodeArrayParametersAreBytes)
        .is_some_and(|known| known.value != 0);
    subject.each(&[Kind::SharedFunctionInfo], |object| {
        let Some(bytecode) = heap.shared_bytecode(object)? else { return Ok(None) };
        let shared = heap.field_u16(object.address, Fact::SfiParameterCount)?;
        let own = if in_bytes {
            heap.field_u32(bytecode.address, Fact::BytecodeArrayParameters)? / 8
        } else {
            u32::from(heap.field_u16(bytecode.address, Fact::BytecodeArrayParameters)?)
        };
        // Where arguments are not adapted V8 keeps no number.
        if shared == u16::MAX || shared == 0 {
            return Ok(None);
        }
        Ok(Some(own == u32::from(shared)))
    })
}

/// Whole scripts are marked so: few functions are, and those have no name of their own.
fn flags(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    let toplevel = heap.layout.need(Fact::SfiIsToplevelBit)?;
    subject.each(&[Kind::SharedFunctionInfo], |object| {
        let flags = i64::from(heap.field_u32(object.address, Fact::SfiFlags)?);
        if flags & toplevel == 0 || heap.shared_bytecode(object)?.is_none() {
            return Ok(None);
        }
        Ok(heap.shared_scope_info(object)?.map(|scope| {
            heap.layout.get(Fact::ScopeTypeFunction) != Some(scope.scope_type())
                || heap.shared_name(object).is_ok_and(|name| name.text.is_empty())
        }))
    })
}
