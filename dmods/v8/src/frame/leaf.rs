//! Builtins without a frame of their own: where a signal hit one, the frame pointer is still that of the
//! function that called it.

use super::javascript::Reader;
use super::physical::Physical;
use crate::layout::fact::Fact;
use crate::object::heap::Object;
use crate::object::kind::Kind;
use crate::object::value::Value;
use crate::vm::check::found;
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
    /// The call into the builtin that a thread was stopped in, if that has no frame of its own.
    pub(crate) fn leaf_call(self, physical: &Physical) -> Result<Option<LeafCall>> {
        let (true, Some(fp)) = (physical.is_exact, physical.fp) else { return Ok(None) };
        if self.vm.blob_offset(physical.pc).is_none() || fp <= physical.sp {
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
            let code = self.vm.code_at(self.heap, pc)?;
            if code.is_some_and(|code| pc > code.start) || self.is_interpreter_entry(pc)? {
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

    fn is_interpreter_entry(self, pc: u64) -> Result<bool> {
        if self.vm.blob_offset(pc).is_none() {
            return Ok(false);
        }
        let builtin = self.vm.builtin_at(self.session, pc)?;
        Ok(builtin.is_some_and(|builtin| INTERPRETER_ENTRIES.contains(&builtin.name.as_str())))
    }
}
