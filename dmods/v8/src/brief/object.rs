//! Objects with their properties.

use super::list::{Entries, MOST_PLACES, accessor, element};
use super::{NESTED_CHARS, Style, quote};
use crate::layout::fact::Fact;
use crate::object::heap::{Heap, Object};
use crate::object::kind::Kind;
use crate::object::properties::{Content, Property};
use crate::object::value::Value;
use mdb_dmod::prelude::*;
use std::ops::ControlFlow;

/// Places of a hash table of properties that are looked at; the order of the properties is right only if
/// all are.
const MOST_PROPERTIES: u64 = 1 << 17;

/// Characters of the name of a class.
const CLASS_CHARS: usize = 60;

/// The name of an object's class.
pub(super) fn class(heap: Heap<'_>, object: Object) -> Result<String> {
    let class = heap.kinds.class(object.instance_type).unwrap_or_default();
    // Maps of objects of WebAssembly's own garbage collection have no constructor.
    if matches!(class, "WasmStruct" | "WasmArray") {
        return Ok(format!("<{class}>"));
    }
    // `WebAssembly.Memory` and its like, whose functions are called `Memory` only.
    if let Some(name) = class.strip_prefix("Wasm").and_then(|name| name.strip_suffix("Object")) {
        return Ok(format!("WebAssembly.{name}"));
    }
    Ok(quote::plain(&heap.constructor_name(object)?, CLASS_CHARS))
}

/// `{a: 1}`, `Foo {a: 1}`, `[Object: null prototype] {a: 1}`.
pub(super) fn object(heap: Heap<'_>, object: Object, style: Style) -> Result<String> {
    let class = class(heap, object)?;
    let open = match heap.prototype(object)? {
        _ if class.starts_with('<') => return Ok(class),
        None => format!("[{class}: null prototype] {{"),
        Some(_) if class == "Object" => "{".to_owned(),
        Some(_) => format!("{class} {{"),
    };
    let mut entries = Entries::new(open, "}", style);
    let known = heap.elements(object, u64::MAX, MOST_PLACES, &mut |index, value| {
        Ok(entries.push(&format!("{index}: {}", element(heap, value)?)))
    })?;
    if known != u64::MAX {
        entries.more();
    }
    push_properties(heap, object, &mut entries)?;
    // What such an object is about may be in V8's own fields only: no claim that it is empty.
    let is_opaque = !matches!(object.kind, Kind::JsObject | Kind::JsApiObject);
    let is_opaque = is_opaque || class.starts_with("WebAssembly.");
    if entries.is_empty() && is_opaque && class != "Object" {
        return Ok(class);
    }
    Ok(entries.finish())
}

/// Adds the properties that `Object.keys` would name, and private ones.
pub(super) fn push_properties(heap: Heap<'_>, object: Object, entries: &mut Entries) -> Result<()> {
    if entries.is_cut() {
        return Ok(());
    }
    let is_namespace = object.kind == Kind::JsModuleNamespace;
    // As JavaScript lists them: symbols after names.
    for symbols in [false, true] {
        let result = heap.properties(object, MOST_PROPERTIES, &mut |property| {
            let Some(key) = shown_key(heap, property, symbols)? else {
                return Ok(ControlFlow::Continue(()));
            };
            // The value of an export is in its module.
            if is_namespace && property.content == Content::Native {
                return Ok(entries.push(&key));
            }
            let value = accessor(heap, property.content)?;
            Ok(entries.push(&format!("{key}: {value}")))
        });
        match result {
            Ok(true) if entries.is_cut() => break,
            Ok(true) => {}
            Ok(false) => {
                entries.more();
                break;
            }
            Err(error) if error.is_stop() => return Err(error),
            Err(_) => {
                let _ = entries.push("<damaged properties>");
                break;
            }
        }
    }
    Ok(())
}

/// The key of a property that is shown: of those with names, or of those with symbols.
fn shown_key(heap: Heap<'_>, property: Property, symbols: bool) -> Result<Option<String>> {
    let key = match heap.object(property.key) {
        Ok(key) => key,
        Err(error) if error.is_stop() => return Err(error),
        Err(_) => return Ok(Some(format!("<no key at {:x}>", property.key.0))),
    };
    if symbols != (key.kind == Kind::Symbol) {
        return Ok(None);
    }
    if key.kind == Kind::Symbol {
        let flags = i64::from(heap.field_u32(key.address, Fact::SymbolFlags)?);
        if flags & heap.layout.need(Fact::SymbolPrivateMask)? != 0 {
            let brand = heap.layout.need(Fact::SymbolPrivateBrandMask)?;
            let is_name = flags & heap.layout.need(Fact::SymbolPrivateNameBit)? != 0;
            // `#x`; V8's own ones are none of the program's business.
            return if is_name && flags & brand != brand {
                super::primitive::symbol(heap, key).map(Some)
            } else {
                Ok(None)
            };
        }
    }
    if !property.is_enumerable(heap) {
        return Ok(None);
    }
    if key.kind == Kind::Symbol {
        return super::primitive::symbol(heap, key).map(Some);
    }
    self::key(heap, property.key).map(Some)
}

fn key(heap: Heap<'_>, key: Value) -> Result<String> {
    let text = heap.string(key, NESTED_CHARS)?;
    let lossy = text.lossy();
    if !text.is_cut() && quote::is_identifier(&lossy) {
        return Ok(lossy);
    }
    quote::string(heap, heap.object(key)?, NESTED_CHARS)
}
