//! Elements: what an object has under the numbers 0, 1, 2 and so on (`objects/elements-kind.h`).
//!
//! The class of the store says how they are kept: tagged words, doubles, a hash table, or arguments of
//! which some are variables of the function.

use super::context::Slot;
use super::heap::{Heap, Object};
use super::kind::Kind;
use super::properties::Content;
use super::value::Value;
use crate::layout::fact::Fact;
use mdb_dmod::prelude::*;
use std::ops::ControlFlow;

/// An element that is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Element {
    /// A value.
    Value(Value),
    /// A number that is not boxed.
    Number(f64),
    /// `undefined` among numbers that are not boxed.
    Undefined,
    /// Functions that get and set it.
    Accessor(Content),
}

/// What is done with each element and its index: whether to go on.
pub(crate) type EachElement<'e> = dyn FnMut(u64, Element) -> Result<ControlFlow<()>> + 'e;

/// Places that are read at once.
const CHUNK: u64 = 512;

impl Heap<'_> {
    /// The length of a JSArray.
    pub(crate) fn js_array_length(self, array: Object) -> Result<u64> {
        let length = self.field(array.address, Fact::JsArrayLength)?;
        let length = match length.exact_smi() {
            Some(length) => u64::try_from(length).ok(),
            // Up to 2^32 - 1.
            None => self
                .heap_number(length)?
                .filter(|l| (0.0..4294967296.0).contains(l))
                .map(|l| l as u64),
        };
        length.ok_or_else(|| Error::at(array.address, "an array with an impossible length"))
    }

    /// The number in a HeapNumber.
    pub(crate) fn heap_number(self, value: Value) -> Result<Option<f64>> {
        if !self.is(value, Kind::HeapNumber)? {
            return Ok(None);
        }
        let offset = self.layout.need(Fact::HeapNumberValue)?;
        self.word(value.address().unwrap_or_default(), offset).map(f64::from_bits).map(Some)
    }

    /// Calls `each` for the elements below `end`, ascending; holes are left out. No more than `limit`
    /// places of the store are looked at. Answers the number of the first that was not looked at: what
    /// lies below it and was not named is not there. The characters of a string object are not among
    /// them.
    pub(crate) fn elements(
        self,
        object: Object,
        end: u64,
        limit: u64,
        each: &mut EachElement<'_>,
    ) -> Result<u64> {
        if !object.kind.is_receiver() || object.kind == Kind::JsProxy {
            return Ok(end);
        }
        let store = self.object(self.field(object.address, Fact::JsObjectElements)?)?;
        match store.kind {
            Kind::FixedArray => self.tagged_elements(store, end, limit, each),
            Kind::FixedDoubleArray => self.double_elements(store, end, limit, each),
            Kind::NumberDictionary => self.dictionary_elements(store, end, limit, None, each),
            Kind::SloppyArgumentsElements => self.arguments_elements(store, end, limit, each),
            // A typed array has an empty byte array: its data is elsewhere.
            kind if kind.is_byte_array() => Ok(end),
            _ => Err(Error::at(store.address, "no store of elements")),
        }
    }

    fn tagged_elements(
        self,
        store: Object,
        end: u64,
        limit: u64,
        each: &mut EachElement<'_>,
    ) -> Result<u64> {
        let mut hole = None;
        self.scan(store, end, limit, &mut |index, word| {
            let value = Value(word);
            if !value.is_smi() {
                if hole == Some(value) {
                    return Ok(ControlFlow::Continue(()));
                }
                if self.is_hole(value)? {
                    hole = Some(value);
                    return Ok(ControlFlow::Continue(()));
                }
            }
            each(index, Element::Value(value))
        })
    }

    fn double_elements(
        self,
        store: Object,
        end: u64,
        limit: u64,
        each: &mut EachElement<'_>,
    ) -> Result<u64> {
        let hole = self.layout.need(Fact::DoubleHole)?.cast_unsigned();
        let undefined = self.layout.get(Fact::DoubleUndefined).map(i64::cast_unsigned);
        self.scan(store, end, limit, &mut |index, word| {
            if word == hole {
                return Ok(ControlFlow::Continue(()));
            }
            if Some(word) == undefined {
                return each(index, Element::Undefined);
            }
            each(index, Element::Number(f64::from_bits(word)))
        })
    }

    /// Goes over the words of a store. Answers the first number that was not looked at.
    fn scan(
        self,
        store: Object,
        end: u64,
        limit: u64,
        each: &mut dyn FnMut(u64, u64) -> Result<ControlFlow<()>>,
    ) -> Result<u64> {
        let data = store.address.wrapping_add_signed(self.layout.need(Fact::FixedArrayData)?);
        let length = self.array_length(store)?.min(end);
        let stop = length.min(limit);
        let mut index = 0;
        while index < stop {
            let at = data.wrapping_add(index.wrapping_mul(8));
            for word in self.words(at, (stop - index).min(CHUNK))? {
                let answer = each(index, word)?;
                index = index.wrapping_add(1);
                if answer.is_break() {
                    return Ok(index);
                }
            }
        }
        // Behind the store there is nothing.
        Ok(if stop == length { end } else { stop })
    }

    /// Elements in a hash table. `context`: of arguments, where an entry can stand for a variable.
    fn dictionary_elements(
        self,
        store: Object,
        end: u64,
        limit: u64,
        context: Option<Object>,
        each: &mut EachElement<'_>,
    ) -> Result<u64> {
        let first = self.layout.need(Fact::HashTablePrefix)?
            + self.layout.need(Fact::NumberDictionaryPrefix)?;
        let entry = self.layout.need(Fact::NumberDictionaryEntrySize)?;
        let (first, entry) = (first as u64, entry as u64);
        let capacity = self.table_capacity(store, first, entry)?;
        let kind_mask = self.layout.need(Fact::PropertyKindMask)?;
        let mut found = Vec::new();
        self.table_words(store, first, entry, capacity.min(limit), &mut |words| {
            let [key, value, details] = *words else { return Ok(()) };
            let key = match Value(key).exact_smi() {
                Some(key) => u64::try_from(key).ok(),
                None => self.heap_number(Value(key))?.map(|key| key as u64),
            };
            if let Some(key) = key.filter(|key| *key < end) {
                let details = Value(details).exact_smi().map_or(0, i64::from);
                found.push((key, Value(value), details & kind_mask != 0));
            }
            Ok(())
        })?;
        found.sort_by_key(|(key, _, _)| *key);
        for (index, value, is_accessor) in found {
            let element = match context {
                _ if is_accessor => Element::Accessor(self.accessor(value)?),
                Some(context) => self.aliased(value, context)?,
                None => Element::Value(value),
            };
            if each(index, element)?.is_break() {
                return Ok(index.wrapping_add(1));
            }
        }
        // Where only a part of the table was looked at, nothing is known to be missing.
        Ok(if capacity <= limit { end } else { 0 })
    }

    /// The elements of `arguments` of a function in sloppy mode.
    fn arguments_elements(
        self,
        store: Object,
        end: u64,
        limit: u64,
        each: &mut EachElement<'_>,
    ) -> Result<u64> {
        let context = self.field(store.address, Fact::SloppyArgumentsContext)?;
        let context = self.object_of(context, Kind::Context)?;
        let values = self.object(self.field(store.address, Fact::SloppyArgumentsStore)?)?;
        if values.kind == Kind::NumberDictionary {
            return self.dictionary_elements(values, end, limit, Some(context), each);
        }
        let mapped = self.layout.need(Fact::SloppyArgumentsMapped)?;
        let mapped = store.address.wrapping_add_signed(mapped);
        let mapped_count = self.array_length(store)?;
        // The first ones can be variables in the context; then they are holes in the other array.
        for index in 0..mapped_count.min(end).min(limit) {
            let at = mapped.wrapping_add(index.wrapping_mul(8));
            let slot = Value(self.memory.read_u64(at)?).exact_smi();
            let element = match slot {
                Some(slot) => self.context_element(context, slot)?,
                None => match self.element(values, index)? {
                    Some(value) if !self.is_hole(value)? => Element::Value(value),
                    _ => continue,
                },
            };
            if each(index, element)?.is_break() {
                return Ok(index.wrapping_add(1));
            }
        }
        self.tagged_elements(values, end, limit, &mut |index, element| {
            if index < mapped_count {
                return Ok(ControlFlow::Continue(()));
            }
            each(index, element)
        })
    }

    fn context_element(self, context: Object, slot: i32) -> Result<Element> {
        let slot = u64::try_from(slot).ok();
        let value = slot.map(|slot| self.context_slot(context, slot)).transpose()?.flatten();
        let value = value.ok_or_else(|| Error::at(context.address, "no such variable"))?;
        Ok(match self.unwrap_cell(value)? {
            Slot::Value(value) => Element::Value(value),
            Slot::Number(number) => Element::Number(number),
        })
    }

    /// What an entry of a hash table of arguments means.
    fn aliased(self, value: Value, context: Object) -> Result<Element> {
        let object = match self.object(value) {
            Ok(object) => object,
            Err(error) if error.is_stop() => return Err(error),
            Err(_) => return Ok(Element::Value(value)),
        };
        if self.kinds.class(object.instance_type) != Some("AliasedArgumentsEntry") {
            return Ok(Element::Value(value));
        }
        let slot = self.field(object.address, Fact::AliasedArgumentSlot)?.exact_smi();
        self.context_element(context, slot.unwrap_or(-1))
    }
}
