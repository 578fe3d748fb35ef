//! The name of an object's class, as V8 has it (`JSReceiver::GetConstructorName`,
//! `objects/js-objects.cc`).

use super::heap::{Heap, Object};
use super::kind::Kind;
use super::properties::Content;
use super::value::Value;
use crate::layout::fact::Fact;
use mdb_dmod::prelude::*;

/// Longer names of classes are cut.
const LONGEST_NAME: usize = 256;

/// Maps point back to those that they were made from: one for each property, and some more.
const MOST_MAPS: usize = 4096;

/// Longer chains of prototypes are not followed.
const MOST_PROTOTYPES: usize = 256;

impl Heap<'_> {
    /// The name of an object's class: of the function that made it, its `Symbol.toStringTag`, the
    /// `constructor` of a prototype, or V8's own class.
    pub(crate) fn constructor_name(self, object: Object) -> Result<String> {
        if object.kind == Kind::JsProxy {
            return Ok("Proxy".to_owned());
        }
        if let Some(name) = self.name_by_map(object)? {
            return Ok(name);
        }
        let mut current = object;
        for _ in 0..MOST_PROTOTYPES {
            if current.kind == Kind::JsProxy {
                // Proxies are passed over, and what they would answer is not known.
                break;
            }
            if let Some(tag) = self.property_of_symbol(current, "Symbol.toStringTag")?
                && let Content::Data(tag) = tag.content
                && self.is(tag, Kind::String)?
            {
                return self.text(tag, LONGEST_NAME);
            }
            if current != object
                && let Some(constructor) = self.property_named(current, "constructor")?
                && let Content::Data(constructor) = constructor.content
                && self.is(constructor, Kind::JsFunction)?
            {
                let name = self.function_name(self.object(constructor)?)?;
                if !name.is_empty() && name != "Object" {
                    return Ok(name);
                }
            }
            match self.prototype(current)? {
                Some(prototype) => current = prototype,
                None => break,
            }
        }
        self.class_name(object)
    }

    /// By the function in the map; not for prototypes, nor for objects of derived classes.
    fn name_by_map(self, object: Object) -> Result<Option<String>> {
        let bits = self.field_u8(object.map, Fact::MapBitField2)?;
        if i64::from(bits) & self.layout.need(Fact::MapNewTargetIsBaseBit)? == 0 {
            return Ok(None);
        }
        let bits = self.field_u32(object.map, Fact::MapBitField3)?;
        let shift = u32::try_from(self.layout.need(Fact::MapIsPrototypeMapShift)?).unwrap_or(0);
        if bits.checked_shr(shift).unwrap_or(0) & 1 == 1 {
            return Ok(None);
        }
        let Some(constructor) = self.map_constructor(object)? else { return Ok(None) };
        let name = match constructor.kind {
            Kind::JsFunction => self.function_name(constructor)?,
            Kind::FunctionTemplateInfo => self.template_name(constructor)?,
            _ => return Ok(None),
        };
        Ok((!name.is_empty() && name != "Object").then_some(name))
    }

    /// What the first of the maps that an object's map was made from says of the constructor.
    pub(crate) fn map_constructor(self, object: Object) -> Result<Option<Object>> {
        let mut map = object.map;
        for _ in 0..MOST_MAPS {
            let found = match self.object(self.field(map, Fact::MapConstructor)?) {
                Ok(found) => found,
                Err(error) if error.is_stop() => return Err(error),
                Err(_) => return Ok(None),
            };
            if found.kind != Kind::Map {
                return Ok(Some(found));
            }
            map = found.address;
        }
        Ok(None)
    }

    /// The name of a function, empty if it has none: its property `name` where that was set, else what
    /// V8 knows, inferred or not.
    pub(crate) fn function_name(self, function: Object) -> Result<String> {
        if let Some(name) = self.property_named(function, "name")?
            && let Content::Data(name) = name.content
            && self.is(name, Kind::String)?
        {
            return self.text(name, LONGEST_NAME);
        }
        Ok(self.shared_name(self.shared(function)?)?.text)
    }

    fn template_name(self, template: Object) -> Result<String> {
        let name: Value = self.field(template.address, Fact::FunctionTemplateClassName)?;
        if self.is(name, Kind::String)? { self.text(name, LONGEST_NAME) } else { Ok(String::new()) }
    }

    /// V8's class of an object that nothing else names (`JSReceiver::class_name`).
    fn class_name(self, object: Object) -> Result<String> {
        let name = match object.kind {
            Kind::JsFunction | Kind::JsBoundFunction | Kind::JsWrappedFunction => "Function",
            Kind::JsArgumentsObject => "Arguments",
            Kind::JsArray => "Array",
            Kind::JsArrayBuffer if self.array_buffer(object)?.is_shared => "SharedArrayBuffer",
            Kind::JsArrayBuffer => "ArrayBuffer",
            Kind::JsDataView => "DataView",
            Kind::JsDate => "Date",
            Kind::JsMap => "Map",
            Kind::JsSet => "Set",
            Kind::JsWeakMap => "WeakMap",
            Kind::JsWeakSet => "WeakSet",
            Kind::JsWeakRef => "WeakRef",
            Kind::JsRegExp => "RegExp",
            Kind::JsPromise => "Promise",
            Kind::JsError => "Error",
            Kind::JsGlobalProxy | Kind::JsGlobalObject => "global",
            Kind::JsApiObject | Kind::JsSpecialApiObject => {
                let Some(constructor) = self.map_constructor(object)? else {
                    return Ok("Object".to_owned());
                };
                let name = match constructor.kind {
                    Kind::FunctionTemplateInfo => self.template_name(constructor)?,
                    Kind::JsFunction => self.shared_name(self.shared(constructor)?)?.text,
                    _ => String::new(),
                };
                return Ok(if name.is_empty() { "Object".to_owned() } else { name });
            }
            _ => "Object",
        };
        Ok(name.to_owned())
    }
}
