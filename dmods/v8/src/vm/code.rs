//! Which code of V8 a pc is in: the embedded builtins (or their copy near the heap's code), or code that
//! was compiled for a function.

use super::Vm;
use crate::frame::Tier;
use crate::layout::fact::Fact;
use crate::object::heap::{Heap, Object};
use crate::object::kind::Kind;
use crate::object::value::Value;
use mdb_dmod::prelude::*;
use std::sync::PoisonError;

/// Code that was compiled for a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CompiledCode {
    /// The code object.
    pub(crate) object: Object,
    /// Its first instruction.
    pub(crate) start: u64,
    /// The address behind its instructions (and before what V8 keeps behind them).
    pub(crate) end: u64,
    /// The compiler; `None`: of another kind.
    pub(crate) tier: Option<Tier>,
}

/// Code objects are searched backwards from a pc, at most this far: no function is larger.
const LARGEST_CODE: u64 = 4 << 20;

impl Vm {
    /// How far into the embedded builtins a pc is, in the binary or in a copy.
    pub(crate) fn blob_offset(&self, pc: u64) -> Option<u64> {
        let copies = self.isolates.iter().map(|isolate| isolate.blob);
        let mut starts = self.blob.into_iter().chain(copies).filter(|start| *start != 0);
        starts.find_map(|start| pc.checked_sub(start).filter(|offset| *offset < self.blob_size))
    }

    /// Whether a pc is in code that V8 made.
    pub(crate) fn is_generated(&self, pc: u64) -> bool {
        self.blob_offset(pc).is_some() || self.is_in_code_range(pc)
    }

    /// Whether a pc is in executable memory that is of no file.
    fn is_in_code_range(&self, pc: u64) -> bool {
        let after = self.executable.partition_point(|range| range.start <= pc);
        let range = after.checked_sub(1).and_then(|index| self.executable.get(index));
        range.is_some_and(|range| pc < range.end)
    }

    /// Where the executable memory begins that a pc is in.
    fn code_range_start(&self, pc: u64) -> u64 {
        let after = self.executable.partition_point(|range| range.start <= pc);
        let range = after.checked_sub(1).and_then(|index| self.executable.get(index));
        range.map_or(pc, |range| range.start)
    }

    /// The compiled code that a pc is in.
    pub(crate) fn code_at(&self, heap: Heap<'_>, pc: u64) -> Result<Option<CompiledCode>> {
        if self.blob_offset(pc).is_some() || !self.is_in_code_range(pc) {
            return Ok(None);
        }
        let known = self.codes.lock().unwrap_or_else(PoisonError::into_inner).get(&pc).copied();
        if let Some(code) = known {
            return Ok(code);
        }
        let code = find_code(heap, pc, self.code_range_start(pc))?;
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        if codes.len() >= super::MOST_REMEMBERED {
            codes.clear();
        }
        codes.insert(pc, code);
        Ok(code)
    }
}

/// Instructions begin at a multiple of the alignment, behind a header: goes back from the pc until the
/// header of an object is there that reaches to the pc and whose code object says the same.
fn find_code(heap: Heap<'_>, pc: u64, lowest: u64) -> Result<Option<CompiledCode>> {
    let layout = heap.layout;
    let (Ok(alignment), Ok(header)) = (
        u64::try_from(layout.need(Fact::CodeAlignment)?),
        u64::try_from(layout.need(Fact::CodeStreamHeader)?),
    ) else {
        return Ok(None);
    };
    if alignment == 0 {
        return Ok(None);
    }
    let mut start = pc / alignment * alignment;
    while pc - start <= LARGEST_CODE && start >= lowest {
        let Some(address) = start.checked_sub(header) else { break };
        match code_with(heap, address, start) {
            Ok(Some(code)) if pc <= code.end => return Ok(Some(code)),
            Ok(_) => {}
            Err(error) if error.is_stop() => return Err(error),
            // The beginning of the code range.
            Err(_) if heap.memory.read_u64(address).is_err() => break,
            Err(_) => {}
        }
        let Some(next) = start.checked_sub(alignment) else { break };
        start = next;
    }
    Ok(None)
}

/// The code whose instructions begin at `start`, in an object at `address`.
fn code_with(heap: Heap<'_>, address: u64, start: u64) -> Result<Option<CompiledCode>> {
    let layout = heap.layout;
    let holder = heap.object_at(address)?;
    let object = match (holder.kind, layout.get(Fact::CodeFromStream)) {
        (Kind::InstructionStream, Some(offset)) => {
            let code = heap.object_of(Value(heap.word(address, offset)?), Kind::Code)?;
            if let Some(offset) = layout.get(Fact::CodeInstructionStart)
                && heap.word(code.address, offset)? != start
            {
                return Ok(None);
            }
            code
        }
        // Before V8 11 instructions are a part of the code object.
        (Kind::Code, None) => holder,
        _ => return Ok(None),
    };
    let size = heap.field_u32(object.address, Fact::CodeInstructionSize)?;
    let flags = heap.field_u32(object.address, Fact::CodeFlags)?;
    let kind = i64::from(flags) & layout.need(Fact::CodeKindMask)?;
    // The compilers follow each other in the enumeration (objects/code-kind.h).
    let tier = match kind - layout.need(Fact::CodeKindBaseline)? {
        0 => Some(Tier::Baseline),
        1 => Some(Tier::Maglev),
        2 => Some(Tier::Turbofan),
        -1 => Some(Tier::Interpreter),
        _ => None,
    };
    Ok(start.checked_add(size.into()).map(|end| CompiledCode { object, start, end, tier }))
}
