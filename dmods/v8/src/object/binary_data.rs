//! ArrayBuffer, typed arrays and DataView (`objects/js-array-buffer.tq`).

use super::heap::{Heap, Object};
use super::kind::Kind;
use super::value::Value;
use crate::layout::fact::Fact;
use mdb_dmod::prelude::*;

/// The types of elements of typed arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ElementType {
    /// `Uint8Array`.
    Uint8,
    /// `Int8Array`.
    Int8,
    /// `Uint16Array`.
    Uint16,
    /// `Int16Array`.
    Int16,
    /// `Uint32Array`.
    Uint32,
    /// `Int32Array`.
    Int32,
    /// `Float16Array`.
    Float16,
    /// `Float32Array`.
    Float32,
    /// `Float64Array`.
    Float64,
    /// `Uint8ClampedArray`.
    Uint8Clamped,
    /// `BigUint64Array`.
    BigUint64,
    /// `BigInt64Array`.
    BigInt64,
}

/// Elements kind, type.
const TYPES: &[(Fact, ElementType)] = &[
    (Fact::ElementsUint8, ElementType::Uint8),
    (Fact::ElementsInt8, ElementType::Int8),
    (Fact::ElementsUint16, ElementType::Uint16),
    (Fact::ElementsInt16, ElementType::Int16),
    (Fact::ElementsUint32, ElementType::Uint32),
    (Fact::ElementsInt32, ElementType::Int32),
    (Fact::ElementsFloat16, ElementType::Float16),
    (Fact::ElementsFloat32, ElementType::Float32),
    (Fact::ElementsFloat64, ElementType::Float64),
    (Fact::ElementsUint8Clamped, ElementType::Uint8Clamped),
    (Fact::ElementsBigUint64, ElementType::BigUint64),
    (Fact::ElementsBigInt64, ElementType::BigInt64),
];

impl ElementType {
    /// The bytes of an element.
    pub(crate) fn size(self) -> u64 {
        match self {
            Self::Uint8 | Self::Int8 | Self::Uint8Clamped => 1,
            Self::Uint16 | Self::Int16 | Self::Float16 => 2,
            Self::Uint32 | Self::Int32 | Self::Float32 => 4,
            Self::Float64 | Self::BigUint64 | Self::BigInt64 => 8,
        }
    }
}

/// A typed array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TypedArray {
    /// The type of its elements, if it is known.
    pub(crate) elements: Option<ElementType>,
    /// How many it has; `None`: as many as a buffer of unknown length.
    pub(crate) length: Option<u64>,
    /// Where they are.
    pub(crate) data: u64,
    /// Its buffer was given away; it has no elements any more.
    pub(crate) is_detached: bool,
}

/// An ArrayBuffer or a SharedArrayBuffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ArrayBuffer {
    /// Its bytes; `None`: it is shared and can grow, and V8 keeps the number outside of the heap.
    pub(crate) length: Option<u64>,
    /// It was given away.
    pub(crate) is_detached: bool,
    /// Other threads may have it too.
    pub(crate) is_shared: bool,
}

impl Heap<'_> {
    /// What an ArrayBuffer says of itself.
    pub(crate) fn array_buffer(self, buffer: Object) -> Result<ArrayBuffer> {
        let flags = i64::from(self.field_u32(buffer.address, Fact::JsArrayBufferFlags)?);
        let length = self.layout.need(Fact::JsArrayBufferByteLength)?;
        let is_shared = flags & self.layout.need(Fact::JsArrayBufferSharedBit)? != 0;
        let can_grow = is_shared && flags & self.layout.need(Fact::JsArrayBufferResizableBit)? != 0;
        let length = if can_grow { None } else { Some(self.word(buffer.address, length)?) };
        let is_detached = flags & self.layout.need(Fact::JsArrayBufferDetachedBit)? != 0;
        Ok(ArrayBuffer { length, is_detached, is_shared })
    }

    /// The buffer of a typed array or a DataView.
    pub(crate) fn view_buffer(self, view: Object) -> Result<ArrayBuffer> {
        let buffer = self.field(view.address, Fact::JsArrayBufferViewBuffer)?;
        self.array_buffer(self.object_of(buffer, Kind::JsArrayBuffer)?)
    }

    /// The bytes of a view: its own number, or for one that follows the length of its buffer, what that
    /// has behind the view's beginning.
    pub(crate) fn view_length(self, view: Object) -> Result<Option<u64>> {
        let buffer = self.view_buffer(view)?;
        if buffer.is_detached {
            return Ok(Some(0));
        }
        let flags = i64::from(self.field_u32(view.address, Fact::JsArrayBufferViewFlags)?);
        if flags & self.layout.need(Fact::JsArrayBufferViewTrackingBit)? != 0 {
            let offset = self.layout.need(Fact::JsArrayBufferViewOffset)?;
            let offset = self.word(view.address, offset)?;
            return Ok(buffer.length.map(|length| length.saturating_sub(offset)));
        }
        self.word(view.address, self.layout.need(Fact::JsArrayBufferViewByteLength)?).map(Some)
    }

    /// What a typed array says of itself.
    pub(crate) fn typed_array(self, array: Object) -> Result<TypedArray> {
        let bits = i64::from(self.field_u8(array.map, Fact::MapBitField2)?);
        let mask = self.layout.need(Fact::MapElementsKindMask)?;
        let shift = self.layout.need(Fact::MapElementsKindShift)?;
        let kind = (bits & mask).checked_shr(u32::try_from(shift).unwrap_or(0)).unwrap_or(0);
        let resizable = self.layout.get(Fact::ElementsTypedCount).map(|count| kind - count);
        let elements = TYPES.iter().find_map(|(fact, elements)| {
            let number = self.layout.get(*fact)?;
            (number == kind || Some(number) == resizable).then_some(*elements)
        });
        let is_detached = self.view_buffer(array)?.is_detached;
        let length = match elements {
            Some(elements) => self
                .view_length(array)?
                .map(|length| length.checked_div(elements.size()).unwrap_or(0)),
            None if is_detached => Some(0),
            None => Some(self.word(array.address, self.layout.need(Fact::JsTypedArrayLength)?)?),
        };
        let external = self.word(array.address, self.layout.need(Fact::JsTypedArrayExternal)?)?;
        let base = self.field(array.address, Fact::JsTypedArrayBase)?;
        // A small array is in the heap: then the base is its byte array, tagged, else the small
        // integer 0; their sum is the address of the data.
        let base = if base.is_smi() { 0 } else { base.0 };
        Ok(TypedArray { elements, length, data: external.wrapping_add(base), is_detached })
    }

    /// The bytes of the first `count` elements of a typed array.
    pub(crate) fn typed_array_bytes(self, array: TypedArray, count: u64) -> Result<Vec<u8>> {
        let size = array.elements.map_or(1, ElementType::size);
        // Only beginnings are read.
        let bytes = count.min(array.length.unwrap_or(0)).saturating_mul(size).min(1 << 16);
        let mut buffer = vec![0; bytes as usize];
        self.memory.read(array.data, &mut buffer)?;
        Ok(buffer)
    }

    /// The digits of a `BigInt`, least significant first, at most `limit`; whether it is negative; how
    /// many digits it has.
    pub(crate) fn bigint(self, value: Value, limit: u64) -> Result<(Vec<u64>, bool, u64)> {
        let object = self.object_of(value, Kind::BigInt)?;
        let bits = self.field_u32(object.address, Fact::BigIntBitfield)?;
        let count = u64::from(bits >> 1);
        let digits = self.layout.need(Fact::BigIntDigits)?;
        let digits = self.words(object.address.wrapping_add_signed(digits), count.min(limit))?;
        Ok((digits, bits & 1 == 1, count))
    }
}
