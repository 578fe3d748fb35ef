//! Errors: what they are called, and their message.

use super::list::Entries;
use super::{Style, object, quote};
use crate::object::heap::{Heap, Object};
use crate::object::kind::Kind;
use crate::object::properties::Content;
use crate::object::value::Value;
use mdb_dmod::prelude::*;

/// Prototypes that are asked for a property.
const MOST_PROTOTYPES: usize = 16;

/// `TypeError: message`, and properties like `code` behind it.
pub(super) fn error(heap: Heap<'_>, error: Object, style: Style) -> Result<String> {
    let headline = headline(heap, error, style.max_chars)?;
    let mut entries = Entries::new(format!("{headline} {{"), "}", style);
    object::push_properties(heap, error, &mut entries)?;
    if entries.is_empty() || headline.ends_with('…') {
        return Ok(headline);
    }
    Ok(entries.finish())
}

/// `TypeError: message`.
pub(super) fn headline(heap: Heap<'_>, error: Object, room: usize) -> Result<String> {
    let name = match text(heap, error, "name")? {
        Some(name) => quote::bare(heap, name, room)?,
        None => String::new(),
    };
    let class = object::class(heap, error)?;
    // A subclass often sets no name of its own.
    let name = if name.is_empty() || name == "Error" { class } else { name };
    let message = match text(heap, error, "message")? {
        Some(message) => quote::bare(heap, message, room)?,
        None => String::new(),
    };
    Ok(quote::cut(if message.is_empty() { name } else { format!("{name}: {message}") }, room))
}

/// A string under a name in an object or its prototypes.
fn text(heap: Heap<'_>, object: Object, name: &str) -> Result<Option<Value>> {
    let mut current = object;
    for _ in 0..MOST_PROTOTYPES {
        if let Some(property) = heap.property_named(current, name)? {
            return match property.content {
                Content::Data(value) if heap.is(value, Kind::String)? => Ok(Some(value)),
                _ => Ok(None),
            };
        }
        match heap.prototype(current)? {
            Some(prototype) if prototype.kind != Kind::JsProxy => current = prototype,
            _ => break,
        }
    }
    Ok(None)
}
