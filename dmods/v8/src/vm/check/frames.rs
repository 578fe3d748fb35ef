//! Frames of JavaScript, on the stacks of the threads that have an exit frame.

use super::{Check, Subject, Test};
use crate::frame::frame_type::Role;
use crate::layout::Score;
use crate::layout::fact::Fact;
use crate::object::heap::Object;
use crate::object::kind::Kind;
use crate::object::value::Value;
use crate::partial::found;
use crate::vm::Vm;
use crate::vm::stacks::Stacks;
use mdb_dmod::prelude::*;

pub(super) const CHECKS: &[Check] = &[
    Check {
        facts: &[Fact::FrameContextOrType, Fact::FrameFunction],
        along: &[],
        needs: &[Fact::IsolateEntryFp],
        test: Test::Own(functions),
    },
    Check { facts: &[Fact::FrameArgc], along: &[], needs: FRAME, test: Test::Own(argument_counts) },
    Check { facts: &[Fact::FrameReceiver], along: &[], needs: FRAME, test: Test::Own(receivers) },
    Check {
        facts: &[Fact::FrameBytecodeArray, Fact::FrameBytecodeOffset],
        along: &[],
        needs: FRAME,
        test: Test::Own(bytecode),
    },
    Check { facts: &[Fact::FrameRegisters], along: &[], needs: FRAME, test: Test::Own(registers) },
    Check {
        facts: &[Fact::FrameEntryLink],
        along: &[],
        needs: &[Fact::IsolateEntryFp, Fact::FrameContextOrType],
        test: Test::Own(entry_links),
    },
];

const FRAME: &[Fact] = &[Fact::IsolateEntryFp, Fact::FrameContextOrType, Fact::FrameFunction];

/// So many frames of each stack are looked at.
const MOST_FRAMES: usize = 64;

/// The frame pointers from the innermost exit frame of each isolate outwards.
pub(crate) fn frame_pointers(vm: &Vm, memory: Memory<'_>, stacks: &Stacks) -> Result<Vec<u64>> {
    let mut all = Vec::new();
    for isolate in vm.isolates.iter().take(super::MOST_ISOLATES) {
        let mut fp = isolate.entry_fp;
        for _ in 0..MOST_FRAMES {
            if fp % 8 != 0 || stacks.live_at(fp).is_none() {
                break;
            }
            all.push(fp);
            let Some(next) = found(memory.read_u64(fp))? else { break };
            // Frames outwards are above.
            if next <= fp {
                break;
            }
            fp = next;
        }
    }
    Ok(all)
}

impl Subject<'_> {
    /// Counts the frames of JavaScript: those whose type is none, and whose caller's pc is known.
    fn each_frame(&self, test: impl Fn(u64) -> Result<Option<bool>>) -> Result<Score> {
        let marker = self.heap.layout.need(Fact::FrameContextOrType)?;
        let mut score = Score::default();
        let mut inner_return = None;
        for fp in frame_pointers(self.vm, self.heap.memory, self.stacks)? {
            let is_generated = inner_return.is_some_and(|pc| self.vm.is_generated(pc));
            inner_return = found(self.heap.memory.read_u64(fp.wrapping_add(8)))?;
            let Some(marker) = found(self.heap.word(fp, marker))? else { continue };
            if !is_generated || self.vm.frame_types.of_marker(marker).is_some() {
                continue;
            }
            match test(fp) {
                Ok(Some(fits)) => score.count(fits),
                Ok(None) => {}
                Err(error) if error.is_stop() => return Err(error),
                Err(error) if error.address().is_none() => {}
                Err(_) => score.count(false),
            }
        }
        Ok(score)
    }

    fn frame_value(&self, fp: u64, fact: Fact) -> Result<Value> {
        self.heap.word(fp, self.heap.layout.need(fact)?).map(Value)
    }

    fn frame_bytecode(&self, fp: u64) -> Result<Option<Object>> {
        let value = self.frame_value(fp, Fact::FrameBytecodeArray)?;
        found(self.heap.object_of(value, Kind::BytecodeArray))
    }

    /// Whether a word is a tagged value.
    fn is_value(&self, value: Value) -> Result<bool> {
        Ok(value.exact_smi().is_some() || found(self.heap.object(value))?.is_some())
    }
}

fn functions(subject: &Subject<'_>) -> Result<Score> {
    subject.each_frame(|fp| {
        let context = subject.frame_value(fp, Fact::FrameContextOrType)?;
        let function = subject.frame_value(fp, Fact::FrameFunction)?;
        Ok(Some(
            subject.heap.is(context, Kind::Context)?
                && subject.heap.is(function, Kind::JsFunction)?,
        ))
    })
}

/// With the receiver; no call passes more arguments than this (`Code::kMaxArguments`).
fn argument_counts(subject: &Subject<'_>) -> Result<Score> {
    subject.each_frame(|fp| {
        let count = subject.frame_value(fp, Fact::FrameArgc)?.0;
        Ok(Some((1..1 << 16).contains(&count)))
    })
}

fn receivers(subject: &Subject<'_>) -> Result<Score> {
    subject.each_frame(|fp| {
        let receiver = subject.frame_value(fp, Fact::FrameReceiver)?;
        subject.is_value(receiver).map(Some)
    })
}

/// Frames of the interpreter hold their bytecode and where they are in it.
fn bytecode(subject: &Subject<'_>) -> Result<Score> {
    subject.each_frame(|fp| {
        let function = subject.frame_value(fp, Fact::FrameFunction)?;
        let function = subject.heap.object_of(function, Kind::JsFunction)?;
        let shared = subject.heap.shared(function)?;
        let Some(own) = subject.heap.shared_bytecode(shared)? else { return Ok(None) };
        let Some(bytecode) = subject.frame_bytecode(fp)? else { return Ok(None) };
        let offset = subject.frame_value(fp, Fact::FrameBytecodeOffset)?;
        let fits = match offset.exact_smi() {
            Some(kept) => subject.heap.bytecode_offset(bytecode, kept).is_ok(),
            // Code of the baseline compiler keeps something else there.
            None => true,
        };
        Ok(Some(fits && own == bytecode))
    })
}

/// Between the offset and the first register some versions keep a feedback vector, others nothing.
fn registers(subject: &Subject<'_>) -> Result<Score> {
    let layout = subject.heap.layout;
    let first = layout.need(Fact::FrameRegisters)?;
    let offset = layout.need(Fact::FrameBytecodeOffset)?;
    subject.each_frame(|fp| {
        if subject.frame_bytecode(fp)?.is_none() {
            return Ok(None);
        }
        let behind = subject.heap.word(fp, offset.saturating_sub(8)).map(Value)?;
        let kind = match behind.exact_smi() {
            Some(_) => None,
            None => Some(subject.heap.object(behind)?.kind),
        };
        // Undefined is a register without a value as well as no vector: that proves nothing.
        if kind == Some(Kind::Oddball) {
            return Ok(None);
        }
        let is_vector = kind == Some(Kind::FeedbackVector);
        Ok(match offset.saturating_sub(first) {
            8 => Some(!is_vector),
            16 => Some(is_vector),
            _ => Some(false),
        })
    })
}

/// An entry frame links to the exit frame outside of it on the same stack, or to none.
fn entry_links(subject: &Subject<'_>) -> Result<Score> {
    let marker = subject.heap.layout.need(Fact::FrameContextOrType)?;
    let link = subject.heap.layout.need(Fact::FrameEntryLink)?;
    let vm = subject.vm;
    let mut score = Score::default();
    for fp in frame_pointers(vm, subject.heap.memory, subject.stacks)? {
        let Some(marker) = found(subject.heap.word(fp, marker))? else { continue };
        let is_entry = vm.frame_types.of_marker(marker).is_some_and(|of| of.role == Role::Entry);
        if is_entry {
            let outer = found(subject.heap.word(fp, link))?.unwrap_or(1);
            score.count(outer == 0 || (outer > fp && subject.stacks.live_at(outer).is_some()));
        }
    }
    Ok(score)
}
