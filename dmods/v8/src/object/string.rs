//! Strings of every representation: sequential, cons, sliced, thin, external, of one or two bytes.

use super::heap::{Heap, Object, stop_or};
use super::kind::Kind;
use super::value::Value;
use crate::layout::fact::Fact;
use mdb_dmod::prelude::*;

/// Text that was read from a string.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text {
    /// UTF-16 units, as many as were asked for.
    pub(crate) units: Vec<u16>,
    /// How many the string has.
    pub(crate) length: u64,
}

impl Text {
    /// As Rust has it; lone surrogates become U+FFFD.
    pub(crate) fn lossy(&self) -> String {
        String::from_utf16_lossy(&self.units)
    }

    /// Whether more is there than was asked for.
    pub(crate) fn is_cut(&self) -> bool {
        (self.units.len() as u64) < self.length
    }
}

/// What is still to be read: a string, from which unit on, how many, and what the string may be so
/// that no string goes on for ever.
struct Part {
    value: Value,
    start: u64,
    count: u64,
    within: Within,
}

/// What a part is a part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// The string that was asked for.
    Nothing,
    /// A cons string of this length: its parts are shorter, or flat.
    Cons(u64),
    /// A sliced string: of a flat one, which may have become thin.
    Slice,
    /// A thin string: of a flat one.
    Thin,
}

impl Heap<'_> {
    /// How many units a string has.
    pub(crate) fn string_length(self, string: Object) -> Result<u64> {
        self.field_u32(string.address, Fact::StringLength).map(u64::from)
    }

    /// Text of a string: `limit` units from its beginning.
    pub(crate) fn string(self, value: Value, limit: usize) -> Result<Text> {
        self.substring(value, 0, limit)
    }

    /// Text of a string as Rust has it.
    pub(crate) fn text(self, value: Value, limit: usize) -> Result<String> {
        self.string(value, limit).map(|text| text.lossy())
    }

    /// `limit` units of a string from unit `start` on; fewer where it ends.
    pub(crate) fn substring(self, value: Value, start: u64, limit: usize) -> Result<Text> {
        let string = self.object_of(value, Kind::String)?;
        let length = self.string_length(string)?;
        let mut units = Vec::new();
        let mut parts = Vec::new();
        if start < length {
            let count = (limit as u64).min(length - start);
            parts.push(Part { value, start, count, within: Within::Nothing });
        }
        while let Some(part) = parts.pop() {
            self.read_part(part, &mut parts, &mut units)?;
        }
        Ok(Text { units, length })
    }

    /// Reads a part, or pushes the parts that it consists of.
    fn read_part(self, part: Part, parts: &mut Vec<Part>, units: &mut Vec<u16>) -> Result<()> {
        let Part { value, start, count, within } = part;
        let string = self.object_of(value, Kind::String)?;
        let length = self.string_length(string)?;
        // A part of another string claims a range that this one must have.
        if start.checked_add(count).is_none_or(|end| end > length) {
            return Err(Error::at(
                string.address,
                "a string that is shorter than what is made of it",
            ));
        }
        let layout = self.layout;
        let bits = i64::from(string.instance_type);
        let representation = bits & layout.need(Fact::StringRepresentationMask)?;
        let is_one_byte =
            bits & layout.need(Fact::StringEncodingMask)? == layout.need(Fact::StringOneByteTag)?;
        if representation == layout.need(Fact::StringSeqTag)? {
            let chars =
                if is_one_byte { Fact::SeqOneByteStringChars } else { Fact::SeqTwoByteStringChars };
            let data = string.address.wrapping_add_signed(layout.need(chars)?);
            return self.read_units(data, is_one_byte, start, count, units);
        }
        if representation == layout.need(Fact::StringExternalTag)? {
            let data = self.external_data(string)?;
            return self.read_units(data, is_one_byte, start, count, units);
        }
        let endless = || Error::at(string.address, "a string that is made of itself");
        if representation == layout.need(Fact::StringThinTag)? {
            if within == Within::Thin {
                return Err(endless());
            }
            let value = self.field(string.address, Fact::ThinStringActual)?;
            parts.push(Part { value, start, count, within: Within::Thin });
            return Ok(());
        }
        if representation == layout.need(Fact::StringSlicedTag)? {
            if matches!(within, Within::Slice | Within::Thin) {
                return Err(endless());
            }
            let value = self.field(string.address, Fact::SlicedStringParent)?;
            let offset = self.field(string.address, Fact::SlicedStringOffset)?.exact_smi();
            let offset = offset.and_then(|offset| u64::try_from(offset).ok());
            let start = offset.and_then(|offset| offset.checked_add(start));
            let start = start.ok_or_else(|| Error::at(string.address, "an impossible slice"))?;
            parts.push(Part { value, start, count, within: Within::Slice });
            return Ok(());
        }
        if representation == layout.need(Fact::StringConsTag)? {
            match within {
                Within::Nothing => {}
                Within::Cons(whole) if length < whole => {}
                _ => return Err(endless()),
            }
            let within = Within::Cons(length);
            let first = self.field(string.address, Fact::ConsStringFirst)?;
            let second = self.field(string.address, Fact::ConsStringSecond)?;
            let split = self.string_length(self.object_of(first, Kind::String)?)?;
            let in_first = split.saturating_sub(start).min(count);
            if count > in_first {
                let (start, count) = (start.saturating_sub(split), count - in_first);
                parts.push(Part { value: second, start, count, within });
            }
            if in_first > 0 {
                parts.push(Part { value: first, start, count: in_first, within });
            }
            return Ok(());
        }
        Err(Error::at(string.address, "a string of an unknown representation"))
    }

    /// Where the characters of an external string are.
    fn external_data(self, string: Object) -> Result<u64> {
        let uncached = self.layout.need(Fact::StringUncachedMask)?;
        if i64::from(string.instance_type) & uncached == 0 {
            return self.word(string.address, self.layout.need(Fact::ExternalStringData)?);
        }
        Err(Error::at(string.address, "an external string that keeps no address of its characters"))
    }

    fn read_units(
        self,
        data: u64,
        is_one_byte: bool,
        start: u64,
        count: u64,
        units: &mut Vec<u16>,
    ) -> Result<()> {
        let size: u64 = if is_one_byte { 1 } else { 2 };
        let mut at = data.wrapping_add(start.wrapping_mul(size));
        let mut left = count;
        let mut buffer = [0; 8192];
        while left > 0 {
            let bytes = (left * size).min(buffer.len() as u64) as usize;
            let Some(place) = buffer.get_mut(..bytes) else { break };
            self.memory.read(at, place).map_err(|error| {
                stop_or(error, || Error::at(at, "the characters of a string are not in the core"))
            })?;
            if is_one_byte {
                units.extend(place.iter().map(|byte| u16::from(*byte)));
            } else {
                units.extend(place.chunks_exact(2).map(|pair| match pair {
                    [low, high] => u16::from_le_bytes([*low, *high]),
                    _ => 0,
                }));
            }
            at = at.wrapping_add(bytes as u64);
            left -= bytes as u64 / size;
        }
        Ok(())
    }
}
