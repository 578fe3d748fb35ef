//! Builtins and code without a frame of their own, or without one yet: where a signal hit one, the frame
//! pointer is still that of the function that called it.

use super::Tier;
use super::javascript::Reader;
use super::physical::Physical;
use crate::layout::fact::Fact;
use crate::object::heap::Object;
use crate::object::kind::Kind;
use crate::object::value::Value;
use crate::partial::found;
use crate::vm::code::CompiledCode;
use mdb_dmod::prelude::*;

/// The call that led into a builtin without a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LeafCall {
    /// Where it returns to.
    pub(crate) pc: u64,
    /// The stack pointer behind the return address.
    pub(crate) sp: u64,
}

/// Builtins without a frame keep no more words on the stack.
const MOST_WORDS: u64 = 32;

/// The builtin that calls the handlers of bytecodes (`builtins/x64/builtins-x64.cc`), and those that the
/// tiers enter it by.
const INTERPRETER_ENTRIES: [&str; 3] =
    ["InterpreterEntryTrampoline", "InterpreterEnterAtBytecode", "InterpreterEnterAtNextBytecode"];

impl Reader<'_> {
    /// The call into the builtin or code that a thread was stopped in, if that has no frame of its own.
    pub(crate) fn leaf_call(self, physical: &Physical) -> Result<Option<LeafCall>> {
        let (true, Some(fp)) = (physical.is_exact, physical.fp) else { return Ok(None) };
        let is_leaf = match self.vm.code_at(self.heap, physical.pc)? {
            Some(code) => !self.is_framed(fp, &code)?,
            None => self.vm.blob_offset(physical.pc).is_some(),
        };
        if !is_leaf || fp <= physical.sp {
            return Ok(None);
        }
        let Some(word) = found(self.frame_word(fp, Fact::FrameFunction))? else { return Ok(None) };
        let function = found(self.heap.object_of(Value(word), Kind::JsFunction))?;
        let Some(function) = function else { return Ok(None) };
        let bytecode =
            found(self.heap.shared(function).and_then(|shared| self.heap.shared_bytecode(shared)))?;
        if bytecode.flatten().is_none() || self.is_interpreter_entry(physical.pc)? {
            return Ok(None);
        }
        for index in 0..MOST_WORDS {
            let at = physical.sp.wrapping_add(8 * index);
            if at >= fp {
                break;
            }
            let Some(pc) = found(self.heap.memory.read_u64(at))? else { break };
            let is_caller = match self.vm.code_at(self.heap, pc)? {
                // A part of the prologue of code that has no frame yet is a builtin too.
                Some(code) => pc > code.start && self.is_framed(fp, &code)?,
                None => self.is_interpreter_entry(pc)?,
            };
            if is_caller {
                return Ok(Some(LeafCall { pc, sp: at.wrapping_add(8) }));
            }
        }
        Ok(None)
    }

    /// The call into compiled code that the thread is entering or leaving: the frame pointer is that of
    /// the caller, whose function is another one.
    pub(crate) fn unframed_call(self, physical: &Physical) -> Result<Option<(LeafCall, Object)>> {
        let (true, Some(fp)) = (physical.is_exact, physical.fp) else { return Ok(None) };
        let Some(code) = self.vm.code_at(self.heap, physical.pc)? else { return Ok(None) };
        let Some(own) = found(self.function_of_code(&code))?.flatten() else { return Ok(None) };
        let function_at = fp.wrapping_add_signed(self.heap.layout.need(Fact::FrameFunction)?);
        if function_at < physical.sp && physical.sp <= fp {
            // Its frame begins, without what it holds.
            let pc = found(self.heap.memory.read_u64(fp.wrapping_add(8)))?;
            let call = |pc| (LeafCall { pc, sp: fp.wrapping_add(16) }, own);
            return Ok(pc.map(call));
        }
        let framed = found(
            self.frame_word(fp, Fact::FrameFunction)
                .and_then(|word| self.heap.object_of(Value(word), Kind::JsFunction))
                .and_then(|function| self.heap.shared(function)),
        )?;
        if framed.is_none_or(|framed| framed == own) {
            return Ok(None);
        }
        // Before or behind the frame's life: with the saved frame pointer above it, or without.
        for index in 0..2 {
            let at = physical.sp.wrapping_add(8 * index);
            let Some(pc) = found(self.heap.memory.read_u64(at))? else { break };
            if self.vm.is_generated(pc) {
                return Ok(Some((LeafCall { pc, sp: at.wrapping_add(8) }, own)));
            }
        }
        Ok(None)
    }

    /// Whether the frame at `fp` can be that of this code. Code of the baseline compiler has its
    /// function's bytecode; that of no function (of a regular expression) has no such frame.
    pub(super) fn is_framed(self, fp: u64, code: &CompiledCode) -> Result<bool> {
        match code.tier {
            Some(Tier::Baseline) => {
                let own = found(
                    self.heap
                        .field(code.object.address, Fact::CodeDeoptData)
                        .and_then(|own| self.heap.object_of(own, Kind::BytecodeArray)),
                )?;
                let framed = self.frame_bytecode(fp)?;
                Ok(own.is_none() || framed.is_none() || own == framed)
            }
            Some(_) => Ok(true),
            None => Ok(false),
        }
    }

    pub(super) fn is_interpreter_entry(self, pc: u64) -> Result<bool> {
        if self.vm.blob_offset(pc).is_none() {
            return Ok(false);
        }
        let builtin = self.vm.builtin_at(self.session, pc)?;
        Ok(builtin.is_some_and(|builtin| INTERPRETER_ENTRIES.contains(&builtin.name.as_str())))
    }
}
