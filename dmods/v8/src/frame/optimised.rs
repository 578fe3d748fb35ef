//! Frames of optimised code, and the functions inlined into them.

use super::javascript::Reader;
use super::physical::Physical;
use super::position::LONGEST_TABLE;
use super::{JsFrame, Tier};
use crate::code::Malformed;
use crate::code::deopt_data::{DEOPT_DATA_SLOTS, DeoptData, DeoptDataSlots};
use crate::code::inlining;
use crate::code::position_table::PositionTable;
use crate::code::variants::variant_of;
use crate::layout::fact::Fact;
use crate::object::heap::{MOST_ELEMENTS, Object};
use crate::object::kind::Kind;
use crate::object::value::Value;
use crate::partial::noted;
use crate::vm::code::CompiledCode;
use mdb_dmod::prelude::*;

/// The deoptimisation data of code.
pub(super) struct DeoptReader {
    slots: DeoptDataSlots,
    code: u64,
    /// The bytes of the array.
    elements: Vec<u8>,
}

impl DeoptReader {
    /// The array.
    pub(super) fn data(&self) -> Result<DeoptData<'_>> {
        DeoptData::new(self.slots, &self.elements).map_err(|error| self.malformed(error))
    }

    fn malformed(&self, error: Malformed) -> Error {
        Error::at(self.code, error.to_string())
    }
}

impl Reader<'_> {
    /// The functions of a frame of optimised code, innermost first.
    pub(crate) fn optimised(
        self,
        physical: &Physical,
        fp: u64,
        code: &CompiledCode,
    ) -> Result<Vec<JsFrame>> {
        let tier = code.tier.unwrap_or(Tier::Unknown);
        let mut frame = self.fixed_part(physical, fp, tier)?;
        let deopt = self.deopt_reader(code);
        let Some(deopt) = noted(&mut frame.troubles, "inlined functions", deopt)? else {
            self.add_start(&mut frame)?;
            return Ok(vec![frame]);
        };
        match self.by_translation(physical, &frame, code, &deopt) {
            Ok(frames) => return Ok(frames),
            Err(error) if error.is_stop() => return Err(error),
            // Only calls have values; where the thread just was, the place is known all the same.
            Err(_) if physical.is_exact => {}
            Err(error) => {
                frame.troubles.push(format!("values of inlined functions are not known: {error}"));
            }
        }
        let by_positions = self.by_positions(physical, &frame, code, &deopt);
        if let Some(frames) = noted(&mut frame.troubles, "inlined functions", by_positions)? {
            return Ok(frames);
        }
        self.add_start(&mut frame)?;
        Ok(vec![frame])
    }

    /// The function that code was compiled for; `None`: it does not say.
    pub(super) fn function_of_code(self, code: &CompiledCode) -> Result<Option<Object>> {
        match code.tier {
            Some(Tier::Maglev | Tier::Turbofan) => {
                let deopt = self.deopt_reader(code)?;
                let word = deopt.data()?.shared_function_info();
                let word = word.map_err(|error| deopt.malformed(error))?;
                self.function_of_literal(Value(word)).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn deopt_reader(self, code: &CompiledCode) -> Result<DeoptReader> {
        let slots = variant_of(DEOPT_DATA_SLOTS, self.vm.code_version());
        let slots = slots.ok_or_else(|| Error::new("deoptimisation data of an unknown form"))?;
        let data = self.heap.field(code.object.address, Fact::CodeDeoptData)?;
        let array = self.heap.object(data)?;
        if !array.kind.is_tagged_array() {
            return Err(Error::at(array.address, "the code has no deoptimisation data"));
        }
        let length = self.heap.array_length(array)?;
        if length > MOST_ELEMENTS {
            return Err(Error::at(array.address, "an array with an impossible length"));
        }
        let mut elements = vec![0; length as usize * 8];
        let offset = self.heap.layout.need(Fact::FixedArrayData)?;
        self.heap.memory.read(array.address.wrapping_add_signed(offset), &mut elements)?;
        Ok(DeoptReader { slots, code: code.object.address, elements })
    }

    /// From the positions of instructions: function and place of each inlined call, no values. The place
    /// may be that of the statement around the call.
    fn by_positions(
        self,
        physical: &Physical,
        outermost: &JsFrame,
        code: &CompiledCode,
        deopt: &DeoptReader,
    ) -> Result<Vec<JsFrame>> {
        let at = |error: Malformed| Error::at(code.object.address, error.to_string());
        let encoding = self.vm.position_encoding;
        let encoding =
            encoding.ok_or_else(|| Error::new("the encoding of positions is not known"))?;
        let table = self.heap.field(code.object.address, Fact::CodePositions)?;
        let table = self.heap.byte_array(table, LONGEST_TABLE)?;
        let offset = i32::try_from(physical.pc.saturating_sub(code.start)).unwrap_or(i32::MAX);
        let offset = if physical.is_exact { offset } else { offset.saturating_sub(1) };
        let found = PositionTable::new(encoding, &table).find(offset).map_err(at)?;
        let Some(found) = found else {
            return Err(Error::at(code.object.address, "no position of the code is that early"));
        };
        let positions = Value(deopt.data()?.inlining_positions().map_err(at)?);
        let positions = self.heap.byte_array(positions, LONGEST_TABLE)?;
        let places = inlining::stack(&positions, found.position).map_err(at)?;
        let mut frames = Vec::new();
        for place in places {
            let mut frame = match place.function {
                None => outermost.clone(),
                Some(index) => {
                    let mut frame = JsFrame {
                        is_inlined: true,
                        ..JsFrame::empty(outermost.fp, outermost.pc, outermost.tier)
                    };
                    let shared = self.literal_function(deopt, index);
                    frame.shared = noted(&mut frame.troubles, "function", shared)?;
                    frame
                }
            };
            frame.position = place.position.script_offset();
            if frame.position.is_none() {
                self.add_start(&mut frame)?;
            }
            frames.push(frame);
        }
        Ok(frames)
    }

    /// The function that a literal of optimised code is.
    pub(super) fn literal_function(self, deopt: &DeoptReader, index: u32) -> Result<Object> {
        let literals = [self.protected_literal(deopt, index)?, self.literal(deopt, index)?];
        let mut failure = Error::new(format!("literal {index} of the code is no function"));
        for value in literals.into_iter().flatten() {
            match self.function_of_literal(value) {
                Ok(shared) => return Ok(shared),
                Err(error) if error.is_stop() => return Err(error),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// A literal of optimised code.
    pub(super) fn literal(self, deopt: &DeoptReader, index: u32) -> Result<Option<Value>> {
        let array = deopt.data()?.literals().map_err(|error| deopt.malformed(error))?;
        self.heap.element(self.heap.object(Value(array))?, index.into())
    }

    /// A literal of the array that JavaScript cannot reach, where there is one.
    pub(super) fn protected_literal(
        self,
        deopt: &DeoptReader,
        index: u32,
    ) -> Result<Option<Value>> {
        let array = deopt.data()?.protected_literals().map_err(|error| deopt.malformed(error))?;
        match array {
            Some(array) => self.heap.element(self.heap.object(Value(array))?, index.into()),
            None => Ok(None),
        }
    }

    fn function_of_literal(self, value: Value) -> Result<Object> {
        let object = self.heap.object(value.strong())?;
        match object.kind {
            Kind::SharedFunctionInfoWrapper => {
                let shared = self.heap.field(object.address, Fact::SfiWrapperShared)?;
                self.heap.object_of(shared, Kind::SharedFunctionInfo)
            }
            Kind::SharedFunctionInfo => Ok(object),
            kind => Err(Error::at(object.address, format!("a {}, no function", kind.name()))),
        }
    }
}
