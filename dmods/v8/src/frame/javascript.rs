//! JavaScript frames of the interpreter, the baseline compiler and builtins, and what all JavaScript
//! frames have: function, receiver and arguments at fixed places.

use super::frame_type::Role;
use super::physical::Physical;
use super::{Held, JsFrame, Tier};
use crate::code::baseline::{self, BaselinePc, BaselinePlace};
use crate::layout::fact::Fact;
use crate::object::heap::{Heap, Object};
use crate::object::kind::Kind;
use crate::object::value::Value;
use crate::partial::{found, noted};
use crate::vm::Vm;
use mdb_dmod::prelude::*;

/// V8 passes no more (`Code::kMaxArguments`, objects/code.h), with the receiver.
pub(crate) const MOST_ARGUMENTS: u64 = 1 << 16;
/// So many registers of one frame are read.
const MOST_REGISTERS: u64 = 4096;

/// What a frame is read with.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    /// The call of the host that it reads for.
    pub(crate) session: &'a Session<'a>,
    /// The machine.
    pub(crate) vm: &'a Vm,
    /// Its heap.
    pub(crate) heap: Heap<'a>,
    /// What is asked for.
    pub(crate) wanted: Wanted,
    /// Below it the stack holds nothing of the frame that is read: a thread can be stopped before all
    /// of its innermost frame is there.
    pub(crate) lowest: u64,
}

/// What is read of frames besides function, place, receiver and arguments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Registers of the interpreter.
    pub(crate) registers: bool,
    /// Lines of native code, and functions that are inlined there.
    pub(crate) lines: bool,
}

impl<'a> Reader<'a> {
    /// Reads through a session.
    pub(crate) fn new(vm: &'a Vm, s: &'a Session<'_>) -> Self {
        Self { session: s, vm, heap: vm.heap(s), wanted: Wanted::default(), lowest: 0 }
    }

    /// The word at a place in a frame.
    pub(crate) fn frame_word(self, fp: u64, fact: Fact) -> Result<u64> {
        let offset = self.heap.layout.need(fact)?;
        self.check_built(fp.wrapping_add_signed(offset))?;
        self.heap.word(fp, offset)
    }

    /// The thread came to where it fills this place of its frame.
    fn check_built(self, at: u64) -> Result<()> {
        let is_built = at >= self.lowest;
        is_built.then_some(()).ok_or_else(|| Error::at(at, "the frame was not complete yet"))
    }

    /// What the fixed places of a JavaScript frame hold.
    pub(crate) fn fixed_part(self, physical: &Physical, fp: u64, tier: Tier) -> Result<JsFrame> {
        let mut frame = JsFrame::empty(fp, physical.pc, tier);
        let heap = self.heap;
        let function = self.frame_word(fp, Fact::FrameFunction).map(Value);
        let function = function.and_then(|value| heap.object_of(value, Kind::JsFunction));
        if let Some(function) = noted(&mut frame.troubles, "function", function)? {
            frame.function = Some(function);
            let shared = heap.shared(function);
            frame.shared = noted(&mut frame.troubles, "function", shared)?;
        }
        let context = self.frame_word(fp, Fact::FrameContextOrType).map(Value);
        let context = context.and_then(|value| heap.object_of(value, Kind::Context));
        frame.context = noted(&mut frame.troubles, "context", context)?;
        let receiver = self.frame_word(fp, Fact::FrameReceiver).map(Value);
        frame.receiver = match noted(&mut frame.troubles, "this", receiver)? {
            Some(value) => Held::Tagged(value),
            None => Held::Unknown("it cannot be read".to_owned()),
        };
        let arguments = self.arguments(fp);
        if let Some(arguments) = noted(&mut frame.troubles, "arguments", arguments)? {
            frame.arguments = arguments;
            frame.is_read = true;
        }
        frame.is_construct = found(self.is_called_by_new(fp))?.unwrap_or(false);
        Ok(frame)
    }

    /// Whether the caller's frame is that of `new`.
    fn is_called_by_new(self, fp: u64) -> Result<bool> {
        let caller = self.heap.memory.read_u64(fp)?;
        let pc = self.heap.memory.read_u64(fp.wrapping_add(8))?;
        if caller <= fp || !self.vm.is_generated(pc) {
            return Ok(false);
        }
        let marker = self.frame_word(caller, Fact::FrameContextOrType)?;
        let frame_type = self.vm.frame_types.of_marker(marker);
        Ok(frame_type.is_some_and(|frame_type| frame_type.role == Role::Construct))
    }

    /// The arguments that the caller pushed, without the receiver.
    fn arguments(self, fp: u64) -> Result<Vec<Held>> {
        // A raw number, with the receiver.
        let count = self.frame_word(fp, Fact::FrameArgc)?;
        if count == 0 || count > MOST_ARGUMENTS {
            return Err(Error::at(fp, format!("an impossible number of arguments, {count}")));
        }
        let first = self.heap.layout.need(Fact::FrameReceiver)? + 8;
        let at = fp.wrapping_add_signed(first);
        Ok(self.tagged_words(at, 8, count - 1))
    }

    /// Tagged words, one every `step` bytes.
    pub(crate) fn tagged_words(self, at: u64, step: i64, count: u64) -> Vec<Held> {
        let word = |index: u64| {
            let at = at.wrapping_add_signed(step.wrapping_mul(index as i64));
            match self.check_built(at).and_then(|()| self.heap.memory.read_u64(at)) {
                Ok(word) => Held::Tagged(Value(word)),
                Err(error) => Held::Unknown(error.to_string()),
            }
        };
        (0..count).map(word).collect()
    }

    /// Adds to a frame of the interpreter what it says of itself.
    pub(crate) fn add_interpreter(self, frame: &mut JsFrame, bytecode: Object) -> Result<()> {
        frame.bytecode = Some(bytecode);
        self.compare_bytecode(frame, bytecode)?;
        let heap = self.heap;
        let offset = self
            .frame_word(frame.fp, Fact::FrameBytecodeOffset)
            .map(|word| Value(word).exact_smi())
            .and_then(|kept| match kept {
                Some(kept) => heap.bytecode_offset(bytecode, kept),
                None => Err(Error::at(frame.fp, "the frame holds no bytecode offset")),
            });
        frame.bytecode_offset = noted(&mut frame.troubles, "bytecode offset", offset)?;
        self.add_position(frame)?;
        self.add_registers(frame, bytecode)
    }

    /// Adds to a frame of the baseline compiler where its pc is in the bytecode; `code`: the code
    /// object, with the address of its first instruction.
    pub(crate) fn add_baseline(
        self,
        frame: &mut JsFrame,
        bytecode: Object,
        code: Option<(Object, u64)>,
        is_exact: bool,
    ) -> Result<()> {
        frame.bytecode = Some(bytecode);
        self.compare_bytecode(frame, bytecode)?;
        let offset = match code {
            Some((code, start)) => self.baseline_offset(bytecode, code, start, frame.pc, is_exact),
            None => Err(Error::at(frame.pc, "the code of the baseline compiler was not found")),
        };
        frame.bytecode_offset = noted(&mut frame.troubles, "bytecode offset", offset)?;
        self.add_position(frame)?;
        self.add_registers(frame, bytecode)
    }

    /// The function of a frame and the bytecode that it runs belong together.
    fn compare_bytecode(self, frame: &mut JsFrame, bytecode: Object) -> Result<()> {
        let Some(shared) = frame.shared else { return Ok(()) };
        match found(self.heap.shared_bytecode(shared))?.flatten() {
            Some(own) if own == bytecode => {}
            Some(_) => {
                frame.troubles.push("the frame runs the bytecode of another function".to_owned());
            }
            None => frame.troubles.push("the function of the frame has no bytecode".to_owned()),
        }
        Ok(())
    }

    fn baseline_offset(
        self,
        bytecode: Object,
        code: Object,
        start: u64,
        pc: u64,
        is_exact: bool,
    ) -> Result<u32> {
        let table = self.heap.field(code.address, Fact::CodePositions)?;
        let table = self.heap.byte_array(table, super::position::LONGEST_TABLE)?;
        let bytes = self.heap.bytecodes(bytecode)?;
        let instructions = super::position::instructions(&self.vm.bytecode_sizes, &bytes)?;
        let pc = pc.checked_sub(start).and_then(|pc| u32::try_from(pc).ok());
        let pc = pc.ok_or_else(|| Error::at(code.address, "the pc is not in this code"))?;
        let place = if is_exact { BaselinePc::Exact(pc) } else { BaselinePc::ReturnAddress(pc) };
        match baseline::find(&table, instructions, place) {
            Ok(Some(BaselinePlace::Bytecode(offset))) => Ok(offset),
            Ok(Some(BaselinePlace::Prologue)) => Ok(0),
            Ok(None) => Err(Error::at(code.address, "the pc is behind the last bytecode")),
            Err(error) => Err(Error::at(code.address, error.to_string())),
        }
    }

    /// Adds the place in the script.
    pub(crate) fn add_position(self, frame: &mut JsFrame) -> Result<()> {
        let (Some(bytecode), Some(offset)) = (frame.bytecode, frame.bytecode_offset) else {
            return self.add_start(frame);
        };
        let position = match self.vm.position_encoding {
            Some(encoding) => self.heap.bytecode_position(encoding, bytecode, offset),
            None => Err(Error::new("the encoding of positions is not known")),
        };
        frame.position = noted(&mut frame.troubles, "position", position)?.flatten();
        if frame.position.is_none() { self.add_start(frame) } else { Ok(()) }
    }

    /// Where the place of the call is not known, that of the function is better than nothing.
    pub(crate) fn add_start(self, frame: &mut JsFrame) -> Result<()> {
        let Some(shared) = frame.shared else { return Ok(()) };
        let positions = self.heap.shared_positions(shared);
        if let Some(Some((start, _))) = noted(&mut frame.troubles, "position", positions)? {
            frame.position = Some(start);
            frame.position_is_start = true;
        }
        Ok(())
    }

    /// How many registers bytecode has.
    pub(crate) fn register_count(self, bytecode: Object) -> Result<u64> {
        let size = self.heap.field_u32(bytecode.address, Fact::BytecodeArrayFrameSize)?;
        Ok(u64::from(size / 8).min(MOST_REGISTERS))
    }

    fn add_registers(self, frame: &mut JsFrame, bytecode: Object) -> Result<()> {
        if !self.wanted.registers {
            return Ok(());
        }
        let count = self.register_count(bytecode);
        if let Some(count) = noted(&mut frame.troubles, "registers", count)? {
            let first = self.heap.layout.need(Fact::FrameRegisters);
            if let Some(first) = noted(&mut frame.troubles, "registers", first)? {
                let at = frame.fp.wrapping_add_signed(first);
                frame.registers = self.tagged_words(at, -8, count);
            }
        }
        Ok(())
    }
}
