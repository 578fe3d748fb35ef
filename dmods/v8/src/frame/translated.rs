//! The functions of a frame of optimised code with all their values, from the deoptimiser's translation
//! of the call that the frame is in.

use super::javascript::Reader;
use super::optimised::DeoptReader;
use super::physical::Physical;
use super::{Held, JsFrame, Tier};
use crate::code::Malformed;
use crate::code::safepoints::{MAGLEV_HEADERS, SafepointTable, TURBOFAN_HEADERS};
use crate::code::translations::frames::{TranslatedFrame, Translation};
use crate::code::translations::opcodes::{FrameKind, OPCODES};
use crate::code::translations::values::{self, Representation};
use crate::code::variants::variant_of;
use crate::layout::fact::Fact;
use crate::object::heap::Object;
use crate::object::kind::Kind;
use crate::object::value::Value;
use crate::partial::noted;
use crate::vm::code::CompiledCode;
use mdb_dmod::prelude::*;
use std::cell::Cell;

/// The tables behind the instructions of one function are not longer.
const LONGEST_METADATA: u32 = 1 << 26;
/// Objects that were not allocated may hold others: so deep they are followed.
const DEEPEST: u32 = 4;
/// So many fields of one such object are kept.
const MOST_FIELDS: usize = 64;

/// What values are read with.
struct Values<'a> {
    reader: Reader<'a>,
    deopt: &'a DeoptReader,
    translation: &'a Translation,
    fp: u64,
    /// The arguments of the machine's frame.
    arguments: &'a [Held],
    /// How many values may still be read, and how many objects looked up: a translation may name an
    /// object in itself, over and over.
    left: Cell<u32>,
    lookups: Cell<u32>,
}

/// So many values of one machine frame are read.
const MOST_VALUES: u32 = 1 << 16;
/// So many objects that stand in several places are looked up.
const MOST_LOOKUPS: u32 = 1 << 10;

impl Reader<'_> {
    /// The functions of a frame, innermost first; `outermost` is what its fixed places hold.
    pub(super) fn by_translation(
        self,
        physical: &Physical,
        outermost: &JsFrame,
        code: &CompiledCode,
        deopt: &DeoptReader,
    ) -> Result<Vec<JsFrame>> {
        let at = |error: Malformed| Error::at(code.object.address, error.to_string());
        let index = self.deopt_index(physical, code)?;
        let version = self.vm.code_version();
        let opcodes = variant_of(OPCODES, version);
        let opcodes = opcodes.ok_or_else(|| Error::new("translations of an unknown form"))?;
        let data = deopt.data()?;
        let entry = data.entry(index).map_err(at)?;
        let bytes = Value(data.translations().map_err(at)?);
        let bytes = self.heap.byte_array(bytes, super::position::LONGEST_TABLE)?;
        let translation =
            Translation::read(opcodes, &bytes, entry.translation_index).map_err(at)?;
        let values = Values {
            reader: self,
            deopt,
            translation: &translation,
            fp: outermost.fp,
            arguments: &outermost.arguments,
            left: Cell::new(MOST_VALUES),
            lookups: Cell::new(MOST_LOOKUPS),
        };
        let mut frames: Vec<JsFrame> = Vec::new();
        let mut is_construct = false;
        let mut extra: Option<Vec<Held>> = None;
        for translated in &translation.frames {
            match translated.kind {
                FrameKind::ConstructStub
                | FrameKind::ConstructCreateStub
                | FrameKind::ConstructInvokeStub => is_construct = true,
                FrameKind::InlinedExtraArguments => {
                    let arguments = translated.extra_arguments().unwrap_or_default();
                    extra = Some(values.all(arguments)?);
                }
                FrameKind::Unoptimized
                | FrameKind::JavaScriptBuiltinContinuation
                | FrameKind::JavaScriptBuiltinContinuationWithCatch => {
                    let is_outermost = frames.is_empty();
                    let mut frame = if is_outermost {
                        outermost.clone()
                    } else {
                        JsFrame {
                            is_inlined: true,
                            is_construct,
                            ..JsFrame::empty(outermost.fp, outermost.pc, outermost.tier)
                        }
                    };
                    self.add_translated(&mut frame, translated, &values, extra.take())?;
                    is_construct = false;
                    frames.push(frame);
                }
                FrameKind::BuiltinContinuation
                | FrameKind::JsToWasmBuiltinContinuation
                | FrameKind::WasmInlinedIntoJs
                | FrameKind::Liftoff => {}
            }
        }
        if frames.is_empty() {
            return Err(Error::at(code.object.address, "a translation without functions"));
        }
        frames.reverse();
        Ok(frames)
    }

    /// Which deoptimisation entry belongs to the call that a frame is in.
    fn deopt_index(self, physical: &Physical, code: &CompiledCode) -> Result<u32> {
        let no = |why: &str| Error::at(physical.pc, why.to_owned());
        if physical.is_exact {
            return Err(no("the thread was not in a call here"));
        }
        let headers =
            if code.tier == Some(Tier::Maglev) { MAGLEV_HEADERS } else { TURBOFAN_HEADERS };
        let header = variant_of(headers, self.vm.code_version());
        let header = header.ok_or_else(|| no("safepoint tables of an unknown form"))?;
        let size = self.heap.field_u32(code.object.address, Fact::CodeMetadataSize)?;
        if size > LONGEST_METADATA {
            return Err(no("tables of an impossible length behind the code"));
        }
        let mut bytes = vec![0; size as usize];
        self.heap.memory.read(code.end, &mut bytes)?;
        let malformed = |error: Malformed| Error::at(code.end, error.to_string());
        let table = SafepointTable::new(header, &bytes).map_err(malformed)?;
        let offset = physical.pc.checked_sub(code.start).and_then(|pc| u32::try_from(pc).ok());
        let offset = offset.ok_or_else(|| no("the pc is not in this code"))?;
        let found = table.find(offset).map_err(malformed)?;
        let found = found.ok_or_else(|| no("no safepoint of the code is at this pc"))?;
        found.deopt_index.ok_or_else(|| no("the call has no deoptimisation entry"))
    }

    /// Adds to a frame what its part of the translation says.
    fn add_translated(
        self,
        frame: &mut JsFrame,
        translated: &TranslatedFrame,
        values: &Values<'_>,
        extra: Option<Vec<Held>>,
    ) -> Result<()> {
        let shared = match translated.function {
            Some(index) => self.literal_function(values.deopt, index),
            None => Err(Error::new("the translation names no function")),
        };
        let shared = noted(&mut frame.troubles, "function", shared)?;
        if shared.is_some() {
            frame.shared = shared;
        }
        if translated.kind != FrameKind::Unoptimized {
            frame.tier = Tier::Builtin;
            if let Some(function) = translated.values.first() {
                self.set_function(frame, &values.value(function, 0)?)?;
            }
            // The receiver stands next (`OptimizedFrame::Summarize`, execution/frames.cc).
            if let Some(receiver) = translated.values.get(1) {
                frame.receiver = values.value(receiver, 0)?;
            }
            return Ok(());
        }
        let bytecode = self.bytecode_of_frame(translated, values, frame.shared);
        frame.bytecode = noted(&mut frame.troubles, "bytecode", bytecode)?.flatten();
        let Some(bytecode) = frame.bytecode else { return self.add_start(frame) };
        let offset = translated.bytecode_offset.map(|offset| u32::try_from(offset).unwrap_or(0));
        frame.bytecode_offset = offset;
        self.add_position(frame)?;
        let parameters = self.parameter_count(bytecode);
        let Some(parameters) = noted(&mut frame.troubles, "parameters", parameters)? else {
            return Ok(());
        };
        let parts = translated.unoptimized(parameters);
        let parts = parts.map_err(|error| Error::at(frame.pc, error.to_string()));
        let Some(parts) = noted(&mut frame.troubles, "values", parts)? else { return Ok(()) };
        if frame.is_inlined {
            self.set_function(frame, &values.value(parts.function, 0)?)?;
            frame.receiver = values.value(parts.receiver, 0)?;
            frame.is_read = true;
            frame.arguments = match extra {
                Some(arguments) => arguments,
                None => values.all(parts.arguments)?,
            };
        }
        if self.wanted.registers {
            frame.registers = values.all(parts.registers)?;
        }
        if let Held::Tagged(context) = values.value(parts.context, 0)? {
            let context = self.heap.object_of(context, Kind::Context);
            frame.context = noted(&mut frame.troubles, "context", context)?.or(frame.context);
        }
        Ok(())
    }

    fn set_function(self, frame: &mut JsFrame, held: &Held) -> Result<()> {
        if let Held::Tagged(value) = held
            && let Some(function) = {
                let function = self.heap.object_of(*value, Kind::JsFunction);
                noted(&mut frame.troubles, "function", function)?
            }
        {
            frame.function = Some(function);
            if frame.shared.is_none() {
                let shared = self.heap.shared(function);
                frame.shared = noted(&mut frame.troubles, "function", shared)?;
            }
        }
        Ok(())
    }

    /// The bytecode that a translated frame runs.
    fn bytecode_of_frame(
        self,
        translated: &TranslatedFrame,
        values: &Values<'_>,
        shared: Option<Object>,
    ) -> Result<Option<Object>> {
        if let Some(index) = translated.bytecode_array
            && let Some(value) = self.protected_literal(values.deopt, index)?
            && let Ok(object) = self.heap.object(value.strong())
            && object.kind == Kind::BytecodeArray
        {
            return Ok(Some(object));
        }
        match shared {
            Some(shared) => self.heap.shared_bytecode(shared),
            None => Ok(None),
        }
    }

    /// How many parameters bytecode has, with the receiver.
    pub(crate) fn parameter_count(self, bytecode: Object) -> Result<u32> {
        if self.heap.layout.is(Fact::BytecodeArrayParametersAreBytes) {
            return Ok(self.heap.field_u32(bytecode.address, Fact::BytecodeArrayParameters)? / 8);
        }
        self.heap.field_u16(bytecode.address, Fact::BytecodeArrayParameters).map(u32::from)
    }
}

impl Values<'_> {
    /// What the bits of a stack slot are.
    fn held(&self, word: u64, representation: Representation) -> Held {
        let is = |fact| {
            let bits = self.reader.heap.layout.get(fact).map(i64::cast_unsigned);
            bits == Some(word)
        };
        match representation {
            Representation::Tagged => Held::Tagged(Value(word)),
            Representation::Int32 => Held::Number(f64::from(word as u32 as i32)),
            Representation::Uint32 => Held::Number(f64::from(word as u32)),
            Representation::Int64 => Held::Number(word.cast_signed() as f64),
            Representation::SignedBigInt64 => Held::BigInt(i128::from(word.cast_signed())),
            Representation::UnsignedBigInt64 => Held::BigInt(i128::from(word)),
            Representation::Bool => Held::Boolean(word & 0xff != 0),
            Representation::Float => Held::Number(f64::from(f32::from_bits(word as u32))),
            Representation::HoleyDouble if is(Fact::DoubleHole) || is(Fact::DoubleUndefined) => {
                Held::Undefined
            }
            Representation::Double | Representation::HoleyDouble => {
                Held::Number(f64::from_bits(word))
            }
            Representation::Simd128 => Held::Unknown("a vector of 128 bits".to_owned()),
        }
    }

    fn all(&self, values: &[values::Value]) -> Result<Vec<Held>> {
        values.iter().map(|value| self.value(value, 0)).collect()
    }

    /// What a value is. Only ^C is an error.
    fn value(&self, value: &values::Value, depth: u32) -> Result<Held> {
        match self.try_value(value, depth) {
            Err(error) if !error.is_stop() => Ok(Held::Unknown(error.to_string())),
            result => result,
        }
    }

    fn try_value(&self, value: &values::Value, depth: u32) -> Result<Held> {
        use values::Value as Translated;
        if !take(&self.left) {
            return Ok(Held::Unknown("the frame has too many values".to_owned()));
        }
        match value {
            Translated::StackSlot { slot, representation } => {
                let at = self.fp.wrapping_add_signed(values::slot_offset(*slot));
                let word = self.reader.heap.memory.read_u64(at)?;
                Ok(self.held(word, *representation))
            }
            Translated::Register { .. } => Ok(Held::Unknown("in a register".to_owned())),
            Translated::Literal(index) => {
                let literal = self.reader.literal(self.deopt, *index)?;
                let Some(literal) = literal else {
                    return Err(Error::new(format!("the code has no literal {index}")));
                };
                Ok(self.literal(literal.strong()))
            }
            Translated::OptimizedOut => Ok(Held::OptimisedOut),
            Translated::ArgumentsElements { .. } => Ok(Held::Unallocated(self.arguments.to_vec())),
            Translated::ArgumentsLength => Ok(Held::Number(self.arguments.len() as f64)),
            Translated::RestLength => {
                Ok(Held::Unknown("the length of the rest of the arguments".to_owned()))
            }
            Translated::CapturedObject { fields, .. }
            | Translated::StringConcat { parts: fields, .. } => {
                if depth >= DEEPEST {
                    return Ok(Held::Unknown(
                        "an object in objects that were not allocated".to_owned(),
                    ));
                }
                let fields = fields.iter().take(MOST_FIELDS);
                let fields = fields.map(|field| self.value(field, depth + 1));
                fields.collect::<Result<Vec<Held>>>().map(Held::Unallocated)
            }
            Translated::DuplicatedObject(_) if depth >= DEEPEST || !take(&self.lookups) => {
                Ok(Held::Unknown("an object that was not allocated".to_owned()))
            }
            Translated::DuplicatedObject(number) => match self.translation.object(*number) {
                Some(object) => self.value(object, depth + 1),
                _ => Ok(Held::Unknown("an object that was not allocated".to_owned())),
            },
        }
    }

    /// V8 10.2 has an oddball as the literal for what was optimised out.
    fn literal(&self, literal: Value) -> Held {
        let heap = self.reader.heap;
        if let Ok(object) = heap.object(literal)
            && object.kind == Kind::Oddball
            && let Ok(text) = heap.field(object.address, Fact::OddballToString)
            && heap.text(text, 32).is_ok_and(|text| text == "optimized_out")
        {
            return Held::OptimisedOut;
        }
        Held::Tagged(literal)
    }
}

/// Takes one of what is left.
fn take(left: &Cell<u32>) -> bool {
    match left.get().checked_sub(1) {
        Some(less) => {
            left.set(less);
            true
        }
        None => false,
    }
}
