//! Primitive values, and the objects around them.

use super::quote;
use crate::layout::fact::Fact;
use crate::object::heap::{Heap, Object};
use crate::object::kind::Kind;
use mdb_dmod::prelude::*;

/// Larger `BigInt`s are shown by their size; this many digits of 64 bits have 309 decimal ones.
const MOST_DIGITS: u64 = 16;

/// Characters of a symbol's description.
const DESCRIPTION_CHARS: usize = 60;

/// `undefined`, `null`, `true`, `false`, and V8's own markers.
pub(super) fn oddball(heap: Heap<'_>, object: Object) -> Result<String> {
    let text = quote::bare(heap, heap.field(object.address, Fact::OddballToString)?, 40)?;
    Ok(match text.as_str() {
        "undefined" | "null" | "true" | "false" => text,
        _ => hole(heap, object),
    })
}

/// `<hole>`, `<optimized out>`: one of V8's markers.
pub(super) fn hole(heap: Heap<'_>, object: Object) -> String {
    let name = heap.kinds.hole(object.address).unwrap_or("hole");
    let name = name.strip_suffix("_value").unwrap_or(name);
    format!("<{}>", name.strip_prefix("the_").unwrap_or(name).replace('_', " "))
}

/// `Symbol(x)`.
pub(super) fn symbol(heap: Heap<'_>, object: Object) -> Result<String> {
    let description = heap.field(object.address, Fact::SymbolDescription)?;
    let is_string = heap.is(description, Kind::String)?;
    let text =
        if is_string { quote::bare(heap, description, DESCRIPTION_CHARS)? } else { String::new() };
    let flags = i64::from(heap.field_u32(object.address, Fact::SymbolFlags)?);
    let is_private_name =
        heap.layout.get(Fact::SymbolPrivateNameBit).is_some_and(|bit| flags & bit != 0);
    Ok(if is_private_name { text } else { format!("Symbol({text})") })
}

/// `123n`.
pub(super) fn bigint(heap: Heap<'_>, object: Object) -> Result<String> {
    let (digits, is_negative, count) = heap.bigint(object.value(), MOST_DIGITS)?;
    if count > MOST_DIGITS {
        let sign = if is_negative { "negative " } else { "" };
        return Ok(format!("<{sign}BigInt of {} bits>", count.saturating_mul(64)));
    }
    Ok(format!("{}n", super::number::bigint(&digits, is_negative)))
}

/// `[String: "x"]`.
pub(super) fn wrapper(heap: Heap<'_>, object: Object, room: usize) -> Result<String> {
    let value = heap.field(object.address, Fact::JsPrimitiveWrapperValue)?;
    let class = match (value.is_smi(), heap.object(value)) {
        (true, _) => "Number",
        (false, Ok(wrapped)) => match wrapped.kind {
            Kind::String => {
                let text = quote::string(heap, wrapped, room.saturating_sub(10))?;
                return Ok(format!("[String: {text}]"));
            }
            Kind::HeapNumber => "Number",
            Kind::Symbol => "Symbol",
            Kind::BigInt => "BigInt",
            Kind::Oddball => "Boolean",
            _ => "Object",
        },
        (false, Err(error)) => return Err(error),
    };
    Ok(format!("[{class}: {}]", super::nested(heap, value)?))
}
