//! What V8's stack traces call a frame: `new Shop`, `Shop.sell`, `Function.run [as start]`
//! (`CallSiteInfo::GetTypeName`, `GetMethodName` and `AppendMethodCall` in `objects/call-site-info.cc`,
//! V8 10.2 to 14.6).

use super::javascript::Reader;
use super::{Held, JsFrame};
use crate::layout::fact::Fact;
use crate::object::heap::Object;
use crate::object::kind::Kind;
use crate::object::properties::Content;
use crate::object::value::Value;
use crate::vm::functions::FunctionFacts;
use mdb_dmod::prelude::*;
use std::ops::ControlFlow;

/// Prototypes that are looked at.
const MOST_PROTOTYPES: usize = 32;
/// Places of a hash table of properties that are looked at.
const MOST_PROPERTIES: u64 = 1 << 16;
/// Names longer than this are cut.
const LONGEST_NAME: usize = 1024;

/// What a function was called on.
enum Receiver {
    /// Nothing, or the global object.
    TopLevel,
    /// A primitive, with the name of its class.
    Primitive(&'static str),
    /// An object.
    Object(Object),
    /// It is not known.
    Unknown,
}

impl Reader<'_> {
    /// The name of a frame, given that of its function. Only ^C is an error.
    pub(super) fn call_name(
        self,
        frame: &JsFrame,
        facts: &FunctionFacts,
        name: &str,
    ) -> Result<Option<String>> {
        if frame.is_construct {
            let name = if name.is_empty() { "<anonymous>" } else { name };
            return Ok(Some(format!("new {name}")));
        }
        match self.method_call(frame, facts, name) {
            Err(error) if !error.is_stop() => Ok(None),
            result => result,
        }
    }

    fn method_call(
        self,
        frame: &JsFrame,
        facts: &FunctionFacts,
        name: &str,
    ) -> Result<Option<String>> {
        let (class, object) = match self.receiver(frame)? {
            Receiver::TopLevel | Receiver::Unknown => return Ok(None),
            Receiver::Primitive(class) => (class.to_owned(), None),
            Receiver::Object(object) => (self.class_of_receiver(object)?, Some(object)),
        };
        let method = match (object, frame.function) {
            (Some(object), Some(function)) if !facts.kind.is_initializer() => {
                self.method_name(object, function, facts)?
            }
            _ => None,
        };
        let method = method.filter(|method| !method.is_empty());
        let mut text = String::new();
        if name.is_empty() {
            if !class.is_empty() {
                text.push_str(&class);
                text.push('.');
            }
            text.push_str(method.as_deref().unwrap_or("<anonymous>"));
            return Ok(Some(text));
        }
        if !class.is_empty() && is_identifier(name) && name != class {
            text.push_str(&class);
            text.push('.');
        }
        text.push_str(name);
        let after_space = self.heap.layout.is(Fact::CallSiteMethodAfterSpace);
        if let Some(method) = method.filter(|method| !ends_with_method(name, method, after_space)) {
            text.push_str(" [as ");
            text.push_str(&method);
            text.push(']');
        }
        Ok(Some(text))
    }

    fn receiver(self, frame: &JsFrame) -> Result<Receiver> {
        let value = match &frame.receiver {
            Held::Tagged(value) => *value,
            Held::Number(_) => return Ok(Receiver::Primitive("Number")),
            Held::BigInt(_) => return Ok(Receiver::Primitive("BigInt")),
            Held::Boolean(_) => return Ok(Receiver::Primitive("Boolean")),
            Held::Undefined => return Ok(Receiver::TopLevel),
            Held::Unallocated(fields) => {
                return Ok(self.unallocated(fields)?.map_or(Receiver::Unknown, Receiver::Object));
            }
            Held::OptimisedOut | Held::Unknown(_) => return Ok(Receiver::Unknown),
        };
        if value.is_smi() {
            return Ok(Receiver::Primitive("Number"));
        }
        let object = self.heap.object(value)?;
        Ok(match object.kind {
            Kind::HeapNumber => Receiver::Primitive("Number"),
            Kind::String => Receiver::Primitive("String"),
            Kind::Symbol => Receiver::Primitive("Symbol"),
            Kind::BigInt => Receiver::Primitive("BigInt"),
            Kind::Oddball => {
                let text = self.heap.field(object.address, Fact::OddballToString)?;
                match self.heap.text(text, 16)?.as_str() {
                    "true" | "false" => Receiver::Primitive("Boolean"),
                    "undefined" | "null" => Receiver::TopLevel,
                    _ => Receiver::Unknown,
                }
            }
            Kind::JsGlobalProxy => Receiver::TopLevel,
            kind if kind.is_receiver() => Receiver::Object(object),
            _ => Receiver::Unknown,
        })
    }

    /// An object that the compiler did not allocate, as far as its map tells: it has no address.
    pub(super) fn unallocated(self, fields: &[Held]) -> Result<Option<Object>> {
        let Some(Held::Tagged(map)) = fields.first() else { return Ok(None) };
        let map = match self.heap.object_of(*map, Kind::Map) {
            Ok(map) => map,
            Err(error) if error.is_stop() => return Err(error),
            Err(_) => return Ok(None),
        };
        let instance_type = self.heap.field_u16(map.address, Fact::MapInstanceType)?;
        let kind = self.heap.kinds.of(instance_type);
        Ok(Some(Object { address: 0, map: map.address, instance_type, kind }))
    }

    fn class_of_receiver(self, object: Object) -> Result<String> {
        if object.kind == Kind::JsProxy {
            return Ok("Proxy".to_owned());
        }
        if object.kind == Kind::JsFunction {
            // Up to V8 12 only classes give their own name.
            let shared = self.heap.shared(object)?;
            let facts = self.vm.function(self.heap, shared)?;
            if facts.kind.is_class_constructor()
                || self.heap.layout.is(Fact::CallSiteNamesFunctions)
            {
                let name = self.vm.closure_name(self.heap, object, &facts)?;
                if !name.is_empty() {
                    return Ok(name);
                }
            }
        }
        self.heap.constructor_name(object)
    }

    /// The name of the property by which a function was reached from a receiver.
    fn method_name(
        self,
        receiver: Object,
        function: Object,
        facts: &FunctionFacts,
    ) -> Result<Option<String>> {
        let own = &facts.name.text;
        let key = match own.strip_prefix("get ").or_else(|| own.strip_prefix("set ")) {
            Some(key) if !facts.name.is_inferred => key,
            _ if facts.name.is_inferred => own.rsplit('.').next().unwrap_or(own),
            _ => own.as_str(),
        };
        if !key.is_empty() {
            let mut object = Some(receiver);
            for _ in 0..MOST_PROTOTYPES {
                let Some(at) = object.filter(|at| at.kind != Kind::JsProxy) else { break };
                if let Some(property) = self.heap.property_named(at, key)? {
                    if holds(property.content, function) {
                        return Ok(Some(key.to_owned()));
                    }
                    break;
                }
                object = self.heap.prototype(at)?;
            }
        }
        self.inferred_method(receiver, function)
    }

    /// The only name under which the receiver or its prototypes have the function.
    fn inferred_method(self, receiver: Object, function: Object) -> Result<Option<String>> {
        let mut found: Option<Value> = None;
        let mut is_unique = true;
        let mut object = Some(receiver);
        for _ in 0..MOST_PROTOTYPES {
            let Some(at) = object.filter(|at| at.kind != Kind::JsProxy) else { break };
            let is_whole = self.heap.properties(at, MOST_PROPERTIES, &mut |property| {
                if property.is_enumerable(self.heap)
                    && holds(property.content, function)
                    && self.heap.is(property.key, Kind::String)?
                {
                    is_unique &= found.is_none_or(|key| key == property.key);
                    found = Some(property.key);
                }
                Ok(ControlFlow::Continue(()))
            })?;
            // A name that was not looked at may be another one.
            is_unique &= is_whole;
            object = self.heap.prototype(at)?;
        }
        match found.filter(|_| is_unique) {
            Some(key) => self.heap.text(key, LONGEST_NAME).map(Some),
            None => Ok(None),
        }
    }
}

/// Whether a property is the function, or calls it.
fn holds(content: Content, function: Object) -> bool {
    let is = |value: Value| value == function.value();
    match content {
        Content::Data(value) => is(value),
        Content::Accessor { getter, setter } => is(getter) || is(setter),
        Content::Native => false,
    }
}

fn is_identifier(name: &str) -> bool {
    let starts = |c: char| c.is_alphabetic() || matches!(c, '$' | '_');
    let mut chars = name.chars();
    chars.next().is_some_and(starts)
        && chars.all(|c| starts(c) || c.is_alphanumeric() || matches!(c, '\u{200c}' | '\u{200d}'))
}

/// Whether a function's name ends with that of the method, as a word of its own.
fn ends_with_method(name: &str, method: &str, after_space: bool) -> bool {
    match name.strip_suffix(method) {
        Some(before) => {
            before.is_empty() || before.ends_with('.') || after_space && before.ends_with(' ')
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_joined_as_v8_does() {
        assert!(is_identifier("sell") && is_identifier("$x1") && is_identifier("été"));
        assert!(
            !is_identifier("get price") && !is_identifier("Module._load") && !is_identifier("1a")
        );
        assert!(ends_with_method("Module._load", "_load", false));
        assert!(ends_with_method("get price", "price", true));
        assert!(!ends_with_method("get price", "price", false));
        assert!(!ends_with_method("unload", "load", true));
    }
}
