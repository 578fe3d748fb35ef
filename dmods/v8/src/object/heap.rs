//! Reading objects of V8's heap: maps, kinds, fields, arrays.

use super::kind::{Kind, Kinds};
use super::value::Value;
use crate::layout::Layout;
use crate::layout::fact::Fact;
use mdb_dmod::prelude::*;

/// A heap as it is read: memory of the target (or of a sample of it) with V8's layout.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heap<'a> {
    /// Where it is read.
    pub(crate) memory: Memory<'a>,
    /// The layout of the V8 at hand.
    pub(crate) layout: &'a Layout,
    /// Its instance types.
    pub(crate) kinds: &'a Kinds,
}

/// An object whose map was found to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    /// Its untagged address.
    pub(crate) address: u64,
    /// The untagged address of its map.
    pub(crate) map: u64,
    /// Its instance type.
    pub(crate) instance_type: u16,
    /// Its kind.
    pub(crate) kind: Kind,
}

impl Object {
    /// The reference to it.
    pub(crate) fn value(self) -> Value {
        Value::object(self.address)
    }
}

/// The longest array of which all is read at once, in elements.
pub(crate) const MOST_ELEMENTS: u64 = 1 << 24;

impl Heap<'_> {
    /// The word at a place in an object.
    pub(crate) fn word(self, address: u64, offset: i64) -> Result<u64> {
        self.memory.read_u64(address.wrapping_add_signed(offset))
    }

    /// The tagged value of a field.
    pub(crate) fn field(self, address: u64, fact: Fact) -> Result<Value> {
        self.word(address, self.layout.need(fact)?).map(Value)
    }

    /// A 32-bit field.
    pub(crate) fn field_u32(self, address: u64, fact: Fact) -> Result<u32> {
        self.memory.read_u32(address.wrapping_add_signed(self.layout.need(fact)?))
    }

    /// A 16-bit field.
    pub(crate) fn field_u16(self, address: u64, fact: Fact) -> Result<u16> {
        self.memory.read_u16(address.wrapping_add_signed(self.layout.need(fact)?))
    }

    /// A field of 8 bits.
    pub(crate) fn field_u8(self, address: u64, fact: Fact) -> Result<u8> {
        self.memory.read_u8(address.wrapping_add_signed(self.layout.need(fact)?))
    }

    /// The object that a value refers to. Its map, and the map of that, must be maps.
    pub(crate) fn object(self, value: Value) -> Result<Object> {
        let Some(address) = value.address() else {
            return Err(Error::at(value.0, "no reference to an object"));
        };
        self.object_at(address)
    }

    /// The object at an untagged address.
    pub(crate) fn object_at(self, address: u64) -> Result<Object> {
        let map = Value(self.memory.read_u64(address)?);
        let no_map = || Error::at(address, "no object is there: its first word is no map");
        let (Some(map_address), false) = (map.address(), map.is_weak()) else {
            return Err(no_map());
        };
        let meta =
            Value(self.memory.read_u64(map_address).map_err(|error| stop_or(error, no_map))?);
        let meta_address = meta.address().filter(|_| !meta.is_weak()).ok_or_else(no_map)?;
        let meta_type = self.field_u16(meta_address, Fact::MapInstanceType);
        let meta_type = meta_type.map_err(|error| stop_or(error, no_map))?;
        if self.kinds.of(meta_type) != Kind::Map {
            return Err(no_map());
        }
        let instance_type = self.field_u16(map_address, Fact::MapInstanceType)?;
        let kind = self.kinds.of(instance_type);
        Ok(Object { address, map: map_address, instance_type, kind })
    }

    /// The object that a value refers to, if it is one of this kind.
    pub(crate) fn object_of(self, value: Value, kind: Kind) -> Result<Object> {
        let object = self.object(value)?;
        if object.kind == kind {
            return Ok(object);
        }
        let found = self.kinds.class(object.instance_type).unwrap_or(object.kind.name());
        Err(Error::at(object.address, format!("a {found}, not a {}", kind.name())))
    }

    /// Whether a value refers to an object of this kind. Only ^C is an error.
    pub(crate) fn is(self, value: Value, kind: Kind) -> Result<bool> {
        match self.object(value) {
            Ok(object) => Ok(object.kind == kind),
            Err(error) if error.is_stop() => Err(error),
            Err(_) => Ok(false),
        }
    }

    /// How many elements an array of tagged words has.
    pub(crate) fn array_length(self, array: Object) -> Result<u64> {
        let length = self.field(array.address, Fact::FixedArrayLength)?;
        let length = length.exact_smi().and_then(|length| u64::try_from(length).ok());
        length.ok_or_else(|| Error::at(array.address, "an array with an impossible length"))
    }

    /// An element of an array of tagged words; `None` behind its end.
    pub(crate) fn element(self, array: Object, index: u64) -> Result<Option<Value>> {
        if !array.kind.is_tagged_array() {
            let what = self.kinds.class(array.instance_type).unwrap_or(array.kind.name());
            return Err(Error::at(array.address, format!("a {what}, no array")));
        }
        if index >= self.array_length(array)? {
            return Ok(None);
        }
        let data = self.layout.need(Fact::FixedArrayData)?;
        let at = array.address.wrapping_add_signed(data).wrapping_add(index.wrapping_mul(8));
        self.memory.read_u64(at).map(|word| Some(Value(word)))
    }

    /// The bytes of a byte array, at most `limit`.
    pub(crate) fn byte_array(self, value: Value, limit: usize) -> Result<Vec<u8>> {
        let array = self.object(value)?;
        if !array.kind.is_byte_array() {
            let what = self.kinds.class(array.instance_type).unwrap_or(array.kind.name());
            return Err(Error::at(array.address, format!("a {what}, no byte array")));
        }
        let length = self.field(array.address, Fact::ByteArrayLength)?.exact_smi();
        let length = length.and_then(|length| usize::try_from(length).ok());
        let Some(length) = length.filter(|length| *length <= limit) else {
            return Err(Error::at(array.address, "a byte array with an impossible length"));
        };
        let data = self.layout.need(Fact::ByteArrayData)?;
        let mut bytes = vec![0; length];
        self.memory.read(array.address.wrapping_add_signed(data), &mut bytes)?;
        Ok(bytes)
    }
}

/// Keeps ^C, replaces everything else.
pub(crate) fn stop_or(error: Error, other: impl FnOnce() -> Error) -> Error {
    if error.is_stop() { error } else { other() }
}
