//! The frames of a translation (`TranslatedState::Init` in `src/deoptimizer/translated-state.cc`).

use super::super::Malformed;
use super::opcodes::{FrameKind, Opcode, Role, TranslationOpcodes};
use super::reader::{Instruction, TABLE, TranslationReader};
use super::values::{Value, arguments_type};

/// Objects in objects, no deeper than this; V8 itself needs a handful.
const MAX_NESTING: usize = 64;

/// A frame of a function that was inlined, or of the outermost function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TranslatedFrame {
    /// What it stands for.
    pub(crate) kind: FrameKind,
    /// Of an unoptimised function: the bytecode, −1 for the function's entry. In a frame that is not the
    /// innermost it is that of the call. Of a continuation: see [`TranslatedFrame::builtin`].
    pub(crate) bytecode_offset: Option<i32>,
    /// The literal with the SharedFunctionInfo.
    pub(crate) function: Option<u32>,
    /// The protected literal with the bytecode array, from 13.6 on.
    pub(crate) bytecode_array: Option<u32>,
    /// Of an unoptimised function: how many registers it has. Of others: how many values besides the
    /// function and the context.
    pub(crate) height: u32,
    /// Where the result of the call goes that the frame is in: so many registers from the end; 0 is the
    /// accumulator.
    pub(crate) return_value_offset: u32,
    /// How many results the call has that are not yet there.
    pub(crate) return_value_count: u32,
    /// Of extra arguments, from 13.6 on: how many parameters the function has, with the receiver.
    pub(crate) parameter_count: Option<u32>,
    /// Of Liftoff: the number of the function.
    pub(crate) wasm_function: Option<u32>,
    /// The values in order, the function first (Liftoff has no function).
    pub(crate) values: Vec<Value>,
    at: usize,
}

/// The values of an unoptimised frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnoptimizedValues<'a> {
    /// The closure.
    pub(crate) function: &'a Value,
    /// `this`.
    pub(crate) receiver: &'a Value,
    /// One for each formal parameter. If the actual arguments are more, they are in the frame before,
    /// which is then one of extra arguments, or in the physical frame.
    pub(crate) arguments: &'a [Value],
    /// The context.
    pub(crate) context: &'a Value,
    /// r0 and on.
    pub(crate) registers: &'a [Value],
    /// The accumulator.
    pub(crate) accumulator: &'a Value,
}

impl TranslatedFrame {
    /// The values of an unoptimised frame. `parameter_count` is that of its function, *with* the receiver:
    /// up to 12.4 V8 takes it from the SharedFunctionInfo, then from the bytecode array. If the values are
    /// not as many as it says, the count belongs to another function.
    pub(crate) fn unoptimized(
        &self,
        parameter_count: u32,
    ) -> Result<UnoptimizedValues<'_>, Malformed> {
        let malformed = |why| Malformed { table: TABLE, at: self.at, why };
        if self.kind != FrameKind::Unoptimized {
            return Err(malformed("not a frame of an unoptimised function"));
        }
        // Function, parameters, context, registers, accumulator (`Deoptimizer::DoComputeUnoptimizedFrame`).
        let split = || {
            let (function, rest) = self.values.split_first()?;
            let (parameters, rest) = rest.split_at_checked(parameter_count as usize)?;
            let (receiver, arguments) = parameters.split_first()?;
            let (context, rest) = rest.split_first()?;
            let (accumulator, registers) = rest.split_last()?;
            (registers.len() == self.height as usize).then_some(UnoptimizedValues {
                function,
                receiver,
                arguments,
                context,
                registers,
                accumulator,
            })
        };
        split().ok_or_else(|| malformed("not as many values as parameters and registers"))
    }

    /// The actual arguments that a frame of extra arguments has, after the receiver.
    pub(crate) fn extra_arguments(&self) -> Option<&[Value]> {
        if self.kind == FrameKind::InlinedExtraArguments { self.values.get(2..) } else { None }
    }

    fn begin(kind: FrameKind, instruction: &Instruction) -> Result<Self, Malformed> {
        let optional =
            |role| instruction.operand(role).map(|_| instruction.count(role)).transpose();
        Ok(Self {
            kind,
            bytecode_offset: instruction.operand(Role::BytecodeOffset),
            function: optional(Role::Function)?,
            bytecode_array: optional(Role::BytecodeArray)?,
            height: optional(Role::Height)?.unwrap_or(0),
            return_value_offset: optional(Role::ReturnValueOffset)?.unwrap_or(0),
            return_value_count: optional(Role::ReturnValueCount)?.unwrap_or(0),
            parameter_count: optional(Role::ParameterCount)?,
            wasm_function: optional(Role::WasmFunction)?,
            values: Vec::new(),
            at: instruction.at,
        })
    }

    /// Are there as many values as `TranslatedFrame::GetValueCount` says? The parameters of an unoptimised
    /// function are not known here.
    fn is_complete(&self) -> bool {
        let height = self.height as usize;
        let values = self.values.len();
        match self.kind {
            FrameKind::Unoptimized => height.checked_add(3).is_some_and(|least| values >= least),
            FrameKind::InlinedExtraArguments => height.checked_add(1) == Some(values),
            FrameKind::Liftoff => height == values,
            FrameKind::ConstructStub
            | FrameKind::ConstructCreateStub
            | FrameKind::ConstructInvokeStub
            | FrameKind::BuiltinContinuation
            | FrameKind::JavaScriptBuiltinContinuation
            | FrameKind::JavaScriptBuiltinContinuationWithCatch
            | FrameKind::JsToWasmBuiltinContinuation
            | FrameKind::WasmInlinedIntoJs => height.checked_add(2) == Some(values),
        }
    }
}

/// V8 inlines no more functions into one, and no frame has more values, by far
/// (`--max-inlined-bytecode-size-cumulative`, `flags/flag-definitions.h`).
const MOST_FRAMES: usize = 1024;
const MOST_INSTRUCTIONS: usize = 1 << 18;

/// A translation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Translation {
    /// The frames, outermost first.
    pub(crate) frames: Vec<TranslatedFrame>,
    /// How many of them V8 counts as JavaScript.
    pub(crate) js_frame_count: u32,
}

/// An object whose fields are being read.
struct Open {
    object: u32,
    is_string: bool,
    missing: u32,
    fields: Vec<Value>,
}

/// The state of reading.
struct Builder {
    frames: Vec<TranslatedFrame>,
    open: Vec<Open>,
    /// For each object number, the number of the object itself: a duplicate takes a number too.
    objects: Vec<u32>,
}

impl Translation {
    /// The translation at `index` of the translations' bytes.
    pub(crate) fn read(
        opcodes: TranslationOpcodes,
        bytes: &[u8],
        index: u32,
    ) -> Result<Self, Malformed> {
        let (mut reader, begin) = TranslationReader::new(opcodes, bytes, index)?;
        let frame_count = begin.count(Role::FrameCount)?;
        let js_frame_count = begin.count(Role::JsFrameCount)?;
        let mut builder = Builder { frames: Vec::new(), open: Vec::new(), objects: Vec::new() };
        for _ in 0..=MOST_INSTRUCTIONS {
            let Some(instruction) = reader.next()? else { break };
            builder.take(&instruction)?;
            if builder.frames.len() > MOST_FRAMES {
                return Err(begin.malformed("too many frames"));
            }
        }
        if reader.next()?.is_some() {
            return Err(begin.malformed("too many values"));
        }
        builder.end_frame(&begin)?;
        if builder.frames.len() != frame_count as usize {
            return Err(begin.malformed("not as many frames as BEGIN says"));
        }
        Ok(Self { frames: builder.frames, js_frame_count })
    }

    /// The object of this number, as a [`Value::DuplicatedObject`] names it. Objects may contain
    /// themselves: who follows duplicates has to remember where it was.
    pub(crate) fn object(&self, number: u32) -> Option<&Value> {
        let mut pending: Vec<&Value> = self.frames.iter().flat_map(|frame| &frame.values).collect();
        while let Some(value) = pending.pop() {
            match value {
                Value::CapturedObject { object, .. }
                | Value::StringConcat { object, .. }
                | Value::ArgumentsElements { object, .. }
                    if *object == number =>
                {
                    return Some(value);
                }
                Value::CapturedObject { fields, .. } => pending.extend(fields),
                Value::StringConcat { parts, .. } => pending.extend(parts),
                _ => {}
            }
        }
        None
    }
}

impl Builder {
    fn take(&mut self, instruction: &Instruction) -> Result<(), Malformed> {
        let value = match instruction.opcode {
            Opcode::Frame(kind) => {
                self.end_frame(instruction)?;
                self.frames.push(TranslatedFrame::begin(kind, instruction)?);
                return Ok(());
            }
            Opcode::UpdateFeedback if self.frames.is_empty() => return Ok(()),
            Opcode::UpdateFeedback
            | Opcode::Begin
            | Opcode::BeginWithFeedback
            | Opcode::MatchPreviousTranslation => {
                return Err(instruction.malformed("not a value of a frame"));
            }
            Opcode::StackSlot(representation) => {
                let slot = instruction.operand(Role::Slot).unwrap_or_default();
                Value::StackSlot { slot, representation }
            }
            Opcode::Register(representation) => {
                Value::Register { code: instruction.count(Role::RegisterCode)?, representation }
            }
            Opcode::Literal => Value::Literal(instruction.count(Role::LiteralId)?),
            Opcode::OptimizedOut => Value::OptimizedOut,
            Opcode::ArgumentsLength => Value::ArgumentsLength,
            Opcode::RestLength => Value::RestLength,
            Opcode::ArgumentsElements => {
                let operand = instruction.operand(Role::ArgumentsType).unwrap_or_default();
                Value::ArgumentsElements {
                    object: self.new_object(),
                    arguments: arguments_type(operand, instruction.at)?,
                }
            }
            Opcode::DuplicatedObject => {
                let number = instruction.count(Role::ObjectId)? as usize;
                let original = self.objects.get(number).copied();
                let original = original
                    .ok_or_else(|| instruction.malformed("a duplicate of a later object"))?;
                self.objects.push(original);
                Value::DuplicatedObject(original)
            }
            Opcode::CapturedObject => {
                return self.open(instruction, false, instruction.count(Role::FieldCount)?);
            }
            Opcode::StringConcat => return self.open(instruction, true, 2),
        };
        self.add(value, instruction)
    }

    fn new_object(&mut self) -> u32 {
        let number = self.objects.len() as u32;
        self.objects.push(number);
        number
    }

    fn open(
        &mut self,
        instruction: &Instruction,
        is_string: bool,
        missing: u32,
    ) -> Result<(), Malformed> {
        if self.open.len() >= MAX_NESTING {
            return Err(instruction.malformed("objects nested too deep"));
        }
        let open = Open { object: self.new_object(), is_string, missing, fields: Vec::new() };
        if missing > 0 {
            self.open.push(open);
            return Ok(());
        }
        self.add(open.close(), instruction)
    }

    /// Puts a value where it belongs, and ends the objects that it is the last field of.
    fn add(&mut self, value: Value, instruction: &Instruction) -> Result<(), Malformed> {
        let mut value = value;
        while let Some(mut open) = self.open.pop() {
            open.fields.push(value);
            open.missing = open.missing.saturating_sub(1);
            if open.missing > 0 {
                self.open.push(open);
                return Ok(());
            }
            value = open.close();
        }
        let frame = self
            .frames
            .last_mut()
            .ok_or_else(|| instruction.malformed("a value before any frame"))?;
        frame.values.push(value);
        Ok(())
    }

    fn end_frame(&self, instruction: &Instruction) -> Result<(), Malformed> {
        if !self.open.is_empty() {
            return Err(instruction.malformed("an object without all its fields"));
        }
        match self.frames.last() {
            Some(frame) if !frame.is_complete() => Err(Malformed {
                table: TABLE,
                at: frame.at,
                why: "not as many values as the frame has",
            }),
            _ => Ok(()),
        }
    }
}

impl Open {
    fn close(self) -> Value {
        if self.is_string {
            Value::StringConcat { object: self.object, parts: self.fields }
        } else {
            Value::CapturedObject { object: self.object, fields: self.fields }
        }
    }
}

#[cfg(test)]
mod tests;
