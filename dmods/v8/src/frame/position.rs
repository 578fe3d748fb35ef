//! From bytecode to the place in the script.

use crate::code::bytecodes::{BytecodeSizes, Bytecodes};
use crate::code::position_table::{PositionEncoding, PositionTable};
use crate::layout::fact::Fact;
use crate::object::heap::{Heap, Object};
use mdb_dmod::prelude::*;

/// Tables and bytecode of one function are not longer.
pub(crate) const LONGEST_TABLE: usize = 1 << 26;

impl Heap<'_> {
    /// The bytes of a bytecode array.
    pub(crate) fn bytecodes(self, bytecode: Object) -> Result<Vec<u8>> {
        let length = self.field(bytecode.address, Fact::BytecodeArrayLength)?.exact_smi();
        let length = length.and_then(|length| usize::try_from(length).ok());
        let Some(length) = length.filter(|length| *length <= LONGEST_TABLE) else {
            return Err(Error::at(bytecode.address, "bytecode of an impossible length"));
        };
        let data = self.layout.need(Fact::BytecodeArrayData)?;
        let mut bytes = vec![0; length];
        self.memory.read(bytecode.address.wrapping_add_signed(data), &mut bytes)?;
        Ok(bytes)
    }

    /// How many bytes of bytecode there are.
    pub(crate) fn bytecode_length(self, bytecode: Object) -> Result<u32> {
        let length = self.field(bytecode.address, Fact::BytecodeArrayLength)?.exact_smi();
        let length = length.and_then(|length| u32::try_from(length).ok());
        length.ok_or_else(|| Error::at(bytecode.address, "bytecode of an impossible length"))
    }

    /// The offset of a bytecode from the number that a frame keeps, which counts from the tagged
    /// beginning of the object.
    pub(crate) fn bytecode_offset(self, bytecode: Object, kept: i32) -> Result<u32> {
        let data = self.layout.need(Fact::BytecodeArrayData)?;
        let offset = i64::from(kept) - (data - 1);
        let length = self.bytecode_length(bytecode)?;
        match u32::try_from(offset) {
            Ok(offset) if offset < length => Ok(offset),
            _ => Err(Error::at(
                bytecode.address,
                format!(
                    "the bytecode offset {offset} is outside of the {length} bytes of bytecode"
                ),
            )),
        }
    }

    /// Where in its script a bytecode is, in UTF-16 units.
    pub(crate) fn bytecode_position(
        self,
        encoding: PositionEncoding,
        bytecode: Object,
        offset: u32,
    ) -> Result<Option<u32>> {
        let table = self.field(bytecode.address, Fact::BytecodeArrayPositions)?;
        let bytes = self.byte_array(table, LONGEST_TABLE)?;
        let offset = i32::try_from(offset).unwrap_or(i32::MAX);
        let found = PositionTable::new(encoding, &bytes).find(offset);
        let found = found.map_err(|error| Error::at(bytecode.address, error.to_string()))?;
        Ok(found.and_then(|entry| entry.position.script_offset()))
    }
}

/// The instructions of bytecode.
pub(crate) fn instructions<'a>(sizes: &'a [u8], bytes: &'a [u8]) -> Result<Bytecodes<'a>> {
    let sizes = BytecodeSizes::new(sizes);
    sizes
        .map(|sizes| Bytecodes::new(sizes, bytes))
        .map_err(|error| Error::new(format!("the lengths of bytecodes: {error}")))
}
