//! Any value in one line, much as the DevTools show it in a stack.
//!
//! Nothing is called and nothing is guessed: what cannot be read is marked, in angle brackets. Objects
//! are shown with a few of their properties, and the objects in these by their class only.

mod bytes;
mod collection;
mod date;
mod error;
mod function;
mod internal;
mod list;
mod number;
mod object;
mod primitive;
mod quote;
mod special;
#[cfg(test)]
mod tests;

use crate::object::heap::{Heap, Object};
use crate::object::kind::Kind;
use crate::object::value::Value;
use mdb_dmod::prelude::*;

pub(crate) use quote::one_line;

/// How long a brief may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    /// Characters of all.
    pub(crate) max_chars: usize,
    /// Elements, properties or entries that are shown.
    pub(crate) max_entries: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { max_chars: 100, max_entries: 5 }
    }
}

/// What a value turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nature {
    /// A value of JavaScript, or an object of V8's own.
    Sound,
    /// The hole: a variable that is not initialised yet, an element that is not there.
    Hole,
    /// Another of V8's markers, such as `optimized_out`.
    Marker,
    /// No value: what is there could not be read, or is no object.
    Damaged,
}

/// A value in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Brief {
    /// The line; no control characters are in it.
    pub(crate) text: String,
    /// What the value is.
    pub(crate) nature: Nature,
}

/// Characters of a string, a name or a message within something else.
const NESTED_CHARS: usize = 40;

/// The line for a value. Only ^C is an error.
pub(crate) fn brief(heap: Heap<'_>, value: Value, style: Style) -> Result<Brief> {
    let object = match classify(heap, value)? {
        Class::Object(object) => object,
        Class::Text(text) => return Ok(Brief { text: cut(text, style), nature: Nature::Sound }),
        Class::Damaged(text) => {
            return Ok(Brief { text: cut(text, style), nature: Nature::Damaged });
        }
    };
    match outer(heap, object, style) {
        Ok(text) => {
            let nature = nature(heap, object, value)?;
            Ok(Brief { text: cut(text, style), nature })
        }
        Err(error) if error.is_stop() => Err(error),
        Err(_) => Ok(Brief { text: cut(damaged(heap, object), style), nature: Nature::Damaged }),
    }
}

/// What an object is that could be read.
fn nature(heap: Heap<'_>, object: Object, value: Value) -> Result<Nature> {
    if object.kind == Kind::Hole {
        return Ok(match heap.kinds.hole(object.address) {
            None | Some("the_hole_value") => Nature::Hole,
            Some(_) => Nature::Marker,
        });
    }
    if heap.is_hole(value)? {
        return Ok(Nature::Hole);
    }
    let is_marker = object.kind == Kind::Oddball && heap.kinds.hole(object.address).is_some();
    Ok(if is_marker { Nature::Marker } else { Nature::Sound })
}

/// The line for a number that is not boxed.
pub(crate) fn brief_number(value: f64) -> Brief {
    Brief { text: number::number(value), nature: Nature::Sound }
}

/// What a tagged word is, as far as it alone says so.
enum Class {
    Object(Object),
    Text(String),
    Damaged(String),
}

fn classify(heap: Heap<'_>, value: Value) -> Result<Class> {
    if let Some(number) = value.exact_smi() {
        return Ok(Class::Text(number.to_string()));
    }
    let Some(address) = value.address() else {
        return Ok(if value.is_weak() {
            Class::Text("<cleared weak reference>".to_owned())
        } else {
            Class::Damaged(format!("<no value: {:#x}>", value.0))
        });
    };
    match heap.object_at(address) {
        Ok(object) => Ok(Class::Object(object)),
        Err(error) if error.is_stop() => Err(error),
        Err(Error::Fault { .. }) => Ok(Class::Damaged(format!("<unreadable: {address:x}>"))),
        Err(_) => Ok(Class::Damaged(format!("<no object at {address:x}>"))),
    }
}

/// An object of which something could not be read.
fn damaged(heap: Heap<'_>, object: Object) -> String {
    let class = heap.kinds.class(object.instance_type).unwrap_or(object.kind.name());
    format!("<damaged {class} at {:x}>", object.address)
}

/// An object with its properties.
fn outer(heap: Heap<'_>, object: Object, style: Style) -> Result<String> {
    if let Some(text) = simple(heap, object, style.max_chars)? {
        return Ok(text);
    }
    match object.kind {
        Kind::JsFunction => function::function(heap, object, true),
        Kind::JsBoundFunction | Kind::JsWrappedFunction => function::bound(heap, object),
        Kind::JsArray => list::array(heap, object, style),
        Kind::JsArgumentsObject => list::arguments(heap, object, style),
        Kind::JsTypedArray => bytes::typed_array(heap, object, style),
        Kind::JsArrayBuffer => bytes::array_buffer(heap, object),
        Kind::JsDataView => bytes::data_view(heap, object),
        Kind::JsMap | Kind::JsSet => collection::entries(heap, object, style),
        Kind::JsWeakMap | Kind::JsWeakSet => collection::weak(heap, object),
        Kind::JsWeakRef => special::weak_ref(heap, object, style),
        Kind::JsError => error::error(heap, object, style),
        Kind::JsPromise => special::promise(heap, object, style),
        Kind::JsProxy => special::proxy(heap, object, style),
        Kind::JsGeneratorObject | Kind::JsAsyncFunctionObject | Kind::JsAsyncGeneratorObject => {
            special::generator(heap, object)
        }
        Kind::JsExternalObject => Ok("[External]".to_owned()),
        Kind::WasmModuleObject | Kind::WasmInstanceObject => object::class(heap, object),
        kind if kind.is_receiver() => object::object(heap, object, style),
        _ => internal::internal(heap, object),
    }
}

/// What is shown in the same way outside and inside of others.
fn simple(heap: Heap<'_>, object: Object, room: usize) -> Result<Option<String>> {
    let text = match object.kind {
        Kind::String => quote::string(heap, object, room)?,
        Kind::HeapNumber => number::number(heap.heap_number(object.value())?.unwrap_or(f64::NAN)),
        Kind::BigInt => primitive::bigint(heap, object)?,
        Kind::Symbol => primitive::symbol(heap, object)?,
        Kind::Oddball => primitive::oddball(heap, object)?,
        Kind::Hole => primitive::hole(heap, object),
        Kind::JsDate => special::date(heap, object)?,
        Kind::JsRegExp => special::regexp(heap, object, room)?,
        Kind::JsPrimitiveWrapper => primitive::wrapper(heap, object, room)?,
        Kind::JsGlobalObject | Kind::JsGlobalProxy => "globalThis".to_owned(),
        _ => return Ok(None),
    };
    Ok(Some(text))
}

/// A value within another: objects by their class.
fn nested(heap: Heap<'_>, value: Value) -> Result<String> {
    let object = match classify(heap, value)? {
        Class::Object(object) => object,
        Class::Text(text) | Class::Damaged(text) => return Ok(text),
    };
    match inner(heap, object) {
        Ok(text) => Ok(text),
        Err(error) if error.is_stop() => Err(error),
        Err(_) => Ok(damaged(heap, object)),
    }
}

fn inner(heap: Heap<'_>, object: Object) -> Result<String> {
    if let Some(text) = simple(heap, object, NESTED_CHARS)? {
        return Ok(text);
    }
    match object.kind {
        Kind::JsFunction => function::function(heap, object, false),
        Kind::JsBoundFunction | Kind::JsWrappedFunction => function::bound(heap, object),
        Kind::JsArray => {
            let length = heap.js_array_length(object)?;
            Ok(format!("{}({length})", object::class(heap, object)?))
        }
        Kind::JsTypedArray => bytes::typed_array_class(heap, object),
        Kind::JsArrayBuffer => bytes::array_buffer(heap, object),
        Kind::JsMap | Kind::JsSet | Kind::JsWeakMap | Kind::JsWeakSet => {
            collection::weak(heap, object)
        }
        Kind::JsError => error::headline(heap, object, NESTED_CHARS),
        Kind::JsExternalObject => Ok("[External]".to_owned()),
        Kind::JsGeneratorObject | Kind::JsAsyncFunctionObject | Kind::JsAsyncGeneratorObject => {
            special::generator(heap, object)
        }
        Kind::WasmModuleObject | Kind::WasmInstanceObject => object::class(heap, object),
        kind if kind.is_receiver() => {
            let class = object::class(heap, object)?;
            Ok(if class == "Object" { "{…}".to_owned() } else { class })
        }
        _ => internal::internal(heap, object),
    }
}

/// The text, no longer than allowed.
fn cut(text: String, style: Style) -> String {
    quote::cut(text, style.max_chars)
}
