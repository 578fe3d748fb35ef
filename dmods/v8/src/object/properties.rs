//! Own named properties of JavaScript objects.
//!
//! An object is in fast mode or in dictionary mode (`objects/js-objects.h`). In fast mode its map has
//! descriptors that say where each property is: in the object, in a PropertyArray behind it, or in the
//! descriptor itself. In dictionary mode a hash table has all, with numbers that say in which order they
//! were made. No getter is called.

use super::heap::{Heap, Object};
use super::kind::Kind;
use super::value::Value;
use crate::layout::fact::Fact;
use mdb_dmod::prelude::*;
use std::ops::ControlFlow;

/// Where the value of a property is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// The value itself. A number that is no small integer is boxed in a HeapNumber.
    Data(Value),
    /// Functions that get and set it; `undefined`, `null` or no function where there is none.
    Accessor {
        /// The getter.
        getter: Value,
        /// The setter.
        setter: Value,
    },
    /// C++ gets and sets it.
    Native,
}

/// A property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Property {
    /// A string or a symbol.
    pub(crate) key: Value,
    /// V8's attributes: not writable, not enumerable, not configurable.
    attributes: i64,
    /// The value.
    pub(crate) content: Content,
}

impl Property {
    /// Whether `Object.keys` would have it, were it no symbol.
    pub(crate) fn is_enumerable(self, heap: Heap<'_>) -> bool {
        heap.layout.get(Fact::PropertyDontEnumBit).is_some_and(|bit| self.attributes & bit == 0)
    }
}

/// Hash tables are searched for one key no further than this; larger ones are maps from many keys, not
/// objects with a constructor or a name.
const MOST_SEARCHED: u64 = 4096;

/// More words than this are never read at once.
const CHUNK: u64 = 8192;

/// A descriptor has a key, details and a value.
const DESCRIPTOR_WORDS: u64 = 3;

/// What is done with each property: whether to go on.
pub(crate) type Each<'e> = dyn FnMut(Property) -> Result<ControlFlow<()>> + 'e;

/// The hash tables in which an object in dictionary mode can have its properties.
struct Table {
    object: Object,
    first: u64,
    entry: u64,
    capacity: u64,
}

/// An entry of a hash table, before it is put into order.
struct Entry {
    order: i64,
    details: i64,
    key: Value,
    value: Value,
}

impl Heap<'_> {
    /// Calls `each` for own named properties, in the order in which they were made. Of a hash table no
    /// more than `limit` places are looked at. Answers whether all were.
    pub(crate) fn properties(
        self,
        object: Object,
        limit: u64,
        each: &mut Each<'_>,
    ) -> Result<bool> {
        if !object.kind.is_receiver() || object.kind == Kind::JsProxy {
            return Ok(true);
        }
        let bits = self.field_u32(object.map, Fact::MapBitField3)?;
        let dictionary = self.layout.need(Fact::MapIsDictionaryShift)?;
        if u32::try_from(dictionary)
            .is_ok_and(|shift| bits.checked_shr(shift).unwrap_or(0) & 1 == 1)
        {
            return self.dictionary_properties(object, limit, each);
        }
        let mask = self.layout.need(Fact::MapOwnDescriptorsMask)?;
        let shift = self.layout.need(Fact::MapOwnDescriptorsShift)?;
        let own = masked(i64::from(bits), mask, shift);
        self.fast_properties(object, own, each)
    }

    /// The property of this name, if there is one. Of large hash tables not all is looked at.
    pub(crate) fn property_named(self, object: Object, name: &str) -> Result<Option<Property>> {
        self.property_where(object, &mut |key| self.is_text(key, name))
    }

    /// The property whose key is the well-known symbol of this description, if there is one. Of large
    /// hash tables not all is looked at.
    pub(crate) fn property_of_symbol(self, object: Object, name: &str) -> Result<Option<Property>> {
        self.property_where(object, &mut |key| {
            let symbol = match self.object(key) {
                Ok(object) if object.kind == Kind::Symbol => object,
                Err(error) if error.is_stop() => return Err(error),
                _ => return Ok(false),
            };
            let flags = i64::from(self.field_u32(symbol.address, Fact::SymbolFlags)?);
            if flags & self.layout.need(Fact::SymbolWellKnownBit)? == 0 {
                return Ok(false);
            }
            self.is_text(self.field(symbol.address, Fact::SymbolDescription)?, name)
        })
    }

    fn property_where(
        self,
        object: Object,
        fits: &mut dyn FnMut(Value) -> Result<bool>,
    ) -> Result<Option<Property>> {
        let mut found = None;
        self.properties(object, MOST_SEARCHED, &mut |property| {
            if fits(property.key)? {
                found = Some(property);
                return Ok(ControlFlow::Break(()));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }

    /// Whether a value is a string with this text (of ASCII characters).
    pub(crate) fn is_text(self, value: Value, text: &str) -> Result<bool> {
        let string = match self.object(value) {
            Ok(object) if object.kind == Kind::String => object,
            Err(error) if error.is_stop() => return Err(error),
            _ => return Ok(false),
        };
        if self.string_length(string)? != text.len() as u64 {
            return Ok(false);
        }
        Ok(self.string(value, text.len())?.units.into_iter().eq(text.encode_utf16()))
    }

    /// The prototype of an object; `None` where it is `null`.
    pub(crate) fn prototype(self, object: Object) -> Result<Option<Object>> {
        let prototype = self.object(self.field(object.map, Fact::MapPrototype)?)?;
        Ok(prototype.kind.is_receiver().then_some(prototype))
    }

    fn fast_properties(self, object: Object, own: i64, each: &mut Each<'_>) -> Result<bool> {
        let descriptors = self.field(object.map, Fact::MapDescriptors)?;
        let descriptors = self.object_of(descriptors, Kind::DescriptorArray)?;
        let all = self.field_u16(descriptors.address, Fact::DescriptorArrayCount)?;
        if own > i64::from(all) {
            return Err(Error::at(
                object.map,
                "a map with more properties than it has descriptors",
            ));
        }
        let header = self.layout.need(Fact::DescriptorArrayHeader)?;
        let count = (own as u64).wrapping_mul(DESCRIPTOR_WORDS);
        let words = self.words(descriptors.address.wrapping_add_signed(header), count)?;
        let start = self.field_u8(object.map, Fact::MapInobjectStart)?;
        let size = self.field_u8(object.map, Fact::MapInstanceSizeWords)?;
        let inside = u64::from(size).saturating_sub(u64::from(start));
        for descriptor in words.chunks_exact(DESCRIPTOR_WORDS as usize) {
            let [key, details, value] = descriptor else { break };
            let Some(details) = Value(*details).exact_smi().map(i64::from) else {
                return Err(Error::at(descriptors.address, "a descriptor without details"));
            };
            let value = if details & self.layout.need(Fact::PropertyLocationMask)? == 0 {
                let mask = self.layout.need(Fact::PropertyIndexMask)?;
                let shift = self.layout.need(Fact::PropertyIndexShift)?;
                let index = masked(details, mask, shift) as u64;
                if let Some(index) = index.checked_sub(inside) {
                    self.property_array_value(object, index)?
                } else {
                    let offset = u64::from(start).wrapping_add(index).wrapping_mul(8);
                    Value(self.memory.read_u64(object.address.wrapping_add(offset))?)
                }
            } else {
                Value(*value)
            };
            let property = self.property(Value(*key), details, value)?;
            if each(property)?.is_break() {
                break;
            }
        }
        Ok(true)
    }

    fn property_array_value(self, object: Object, index: u64) -> Result<Value> {
        let array = self.field(object.address, Fact::JsReceiverProperties)?;
        let array = self.object_of(array, Kind::PropertyArray)?;
        let length = self.field(array.address, Fact::FixedArrayLength)?.exact_smi().unwrap_or(0);
        let length = i64::from(length) & self.layout.need(Fact::PropertyArrayLengthMask)?;
        if index >= length as u64 {
            return Err(Error::at(array.address, "a property array that is too short"));
        }
        let data = self.layout.need(Fact::FixedArrayData)?;
        let at = array.address.wrapping_add_signed(data).wrapping_add(index.wrapping_mul(8));
        self.memory.read_u64(at).map(Value)
    }

    fn property(self, key: Value, details: i64, value: Value) -> Result<Property> {
        let mask = self.layout.need(Fact::PropertyAttributesMask)?;
        let shift = self.layout.need(Fact::PropertyAttributesShift)?;
        let attributes = masked(details, mask, shift);
        let is_accessor = details & self.layout.need(Fact::PropertyKindMask)? != 0;
        let content = if is_accessor { self.accessor(value)? } else { Content::Data(value) };
        Ok(Property { key, attributes, content })
    }

    /// What an accessor property holds.
    pub(crate) fn accessor(self, value: Value) -> Result<Content> {
        if !self.is(value, Kind::AccessorPair)? {
            return Ok(Content::Native);
        }
        let address = value.address().unwrap_or_default();
        let getter = self.field(address, Fact::AccessorPairGetter)?;
        let setter = self.field(address, Fact::AccessorPairSetter)?;
        Ok(Content::Accessor { getter, setter })
    }

    /// The hash table of an object in dictionary mode.
    fn table(self, object: Object) -> Result<Table> {
        let table = self.object(self.field(object.address, Fact::JsReceiverProperties)?)?;
        let (prefix, entry) = match table.kind {
            Kind::NameDictionary => (Fact::NameDictionaryPrefix, Fact::NameDictionaryEntrySize),
            Kind::GlobalDictionary => {
                (Fact::GlobalDictionaryPrefix, Fact::GlobalDictionaryEntrySize)
            }
            _ => return Err(Error::at(table.address, "no dictionary of properties")),
        };
        let first = self.layout.need(Fact::HashTablePrefix)? + self.layout.need(prefix)?;
        let entry = self.layout.need(entry)?;
        let capacity = self.table_capacity(table, first as u64, entry as u64)?;
        Ok(Table { object: table, first: first as u64, entry: entry as u64, capacity })
    }

    /// How many places a hash table has, which must fit into its array.
    pub(crate) fn table_capacity(self, table: Object, first: u64, entry: u64) -> Result<u64> {
        let index = self.layout.need(Fact::HashTableCapacity)?;
        let capacity = self.element(table, index as u64)?.and_then(Value::exact_smi);
        let capacity = capacity.and_then(|capacity| u64::try_from(capacity).ok());
        let length = self.array_length(table)?;
        capacity
            .filter(|capacity| {
                capacity.checked_mul(entry).and_then(|words| words.checked_add(first))
                    <= Some(length)
            })
            .ok_or_else(|| Error::at(table.address, "a hash table with an impossible capacity"))
    }

    fn dictionary_properties(
        self,
        object: Object,
        limit: u64,
        each: &mut Each<'_>,
    ) -> Result<bool> {
        let table = self.table(object)?;
        let looked_at = table.capacity.min(limit);
        let mut entries = Vec::new();
        let mut no_cells = Vec::new();
        self.table_words(table.object, table.first, table.entry, looked_at, &mut |words| {
            entries.extend(self.entry(words, &mut no_cells)?);
            Ok(())
        })?;
        entries.sort_by_key(|entry| entry.order);
        let mut no_names = Vec::new();
        for entry in entries {
            // Of deleted entries no more than the key is cleared; few keys need to be looked at where
            // few properties are wanted.
            if !self.is_name(entry.key, &mut no_names)? {
                continue;
            }
            let property = self.property(entry.key, entry.details, entry.value)?;
            if each(property)?.is_break() {
                break;
            }
        }
        Ok(looked_at == table.capacity)
    }

    /// Calls `each` with the words of each of the first `count` entries of a hash table.
    pub(crate) fn table_words(
        self,
        table: Object,
        first: u64,
        entry: u64,
        count: u64,
        each: &mut dyn FnMut(&[u64]) -> Result<()>,
    ) -> Result<()> {
        let data = table.address.wrapping_add_signed(self.layout.need(Fact::FixedArrayData)?);
        let at_once = CHUNK.checked_div(entry).unwrap_or(1).max(1);
        let mut done = 0;
        while done < count {
            let some = (count - done).min(at_once);
            let index = done.wrapping_mul(entry).wrapping_add(first);
            let words =
                self.words(data.wrapping_add(index.wrapping_mul(8)), some.wrapping_mul(entry))?;
            for words in words.chunks_exact((entry as usize).max(1)) {
                each(words)?;
            }
            done = done.wrapping_add(some);
        }
        Ok(())
    }

    /// An entry of a NameDictionary (key, value, details) or a GlobalDictionary (a cell with them), if
    /// there can be one. `no_cells` are words that were found to be of empty or deleted entries.
    fn entry(self, words: &[u64], no_cells: &mut Vec<Value>) -> Result<Option<Entry>> {
        let (key, value, details) = match *words {
            [key, value, details] => (Value(key), Value(value), Value(details)),
            [cell] if no_cells.contains(&Value(cell)) => return Ok(None),
            [cell] => {
                let cell = Value(cell);
                if !self.is(cell, Kind::PropertyCell)? {
                    note(no_cells, cell);
                    return Ok(None);
                }
                let cell = cell.address().unwrap_or_default();
                let value = self.field(cell, Fact::PropertyCellValue)?;
                if self.is_hole(value)? {
                    return Ok(None);
                }
                let key = self.field(cell, Fact::PropertyCellName)?;
                (key, value, self.field(cell, Fact::PropertyCellDetails)?)
            }
            _ => return Ok(None),
        };
        // Empty entries have `undefined` there.
        let Some(details) = details.exact_smi().map(i64::from) else { return Ok(None) };
        let mask = self.layout.need(Fact::PropertyEnumerationMask)?;
        let shift = self.layout.need(Fact::PropertyEnumerationShift)?;
        Ok(Some(Entry { order: masked(details, mask, shift), details, key, value }))
    }

    /// Whether a value is a string or a symbol. `no_names` are values that were found to be none.
    fn is_name(self, value: Value, no_names: &mut Vec<Value>) -> Result<bool> {
        if no_names.contains(&value) {
            return Ok(false);
        }
        match self.object(value) {
            Ok(object) if matches!(object.kind, Kind::String | Kind::Symbol) => Ok(true),
            Err(error) if error.is_stop() => Err(error),
            _ => {
                note(no_names, value);
                Ok(false)
            }
        }
    }

    /// Whether a value is the hole: what marks a missing element, or a variable before its
    /// declaration. Since V8 12.4 any of the holes.
    pub(crate) fn is_hole(self, value: Value) -> Result<bool> {
        let object = match self.object(value) {
            Ok(object) => object,
            Err(error) if error.is_stop() => return Err(error),
            Err(_) => return Ok(false),
        };
        match (object.kind, self.layout.get(Fact::OddballTheHole)) {
            (Kind::Hole, _) => Ok(true),
            (Kind::Oddball, Some(hole)) => {
                let kind = self.field(object.address, Fact::OddballKind)?.exact_smi();
                Ok(kind.map(i64::from) == Some(hole))
            }
            _ => Ok(false),
        }
    }

    /// Reads words. No more than what a map's descriptors or a chunk of a table have.
    pub(crate) fn words(self, address: u64, count: u64) -> Result<Vec<u64>> {
        let count = count.min(CHUNK.max(u64::from(u16::MAX).wrapping_mul(DESCRIPTOR_WORDS)));
        let mut bytes = vec![0; count.wrapping_mul(8) as usize];
        self.memory.read(address, &mut bytes)?;
        let words = bytes.chunks_exact(8).map(|word| word.try_into().unwrap_or_default());
        Ok(words.map(u64::from_le_bytes).collect())
    }
}

/// Adds a value to those that mark empty or deleted entries. There are two; a damaged table shall not
/// make the list long.
fn note(markers: &mut Vec<Value>, value: Value) {
    if markers.len() < 4 {
        markers.push(value);
    }
}

/// The number in a bit field.
fn masked(bits: i64, mask: i64, shift: i64) -> i64 {
    let shift = u32::try_from(shift).unwrap_or(0);
    (bits & mask).checked_shr(shift).unwrap_or(0)
}
