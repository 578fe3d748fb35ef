//! Functions and classes.

use super::quote;
use crate::layout::fact::Fact;
use crate::object::heap::{Heap, Object};
use crate::object::kind::Kind;
use mdb_dmod::prelude::*;

/// Characters of a function's name.
const NAME_CHARS: usize = 60;

/// Functions bound again and again are followed no further.
const MOST_BOUND: usize = 8;

/// `ƒ name(a, b)`, `async ƒ name()`, `ƒ* name()`, `class Foo extends Bar`; without parameters within
/// others.
pub(super) fn function(heap: Heap<'_>, function: Object, with_parameters: bool) -> Result<String> {
    let name = quote::plain(&heap.function_name(function)?, NAME_CHARS);
    let shared = heap.shared(function)?;
    let kind = i64::from(heap.field_u32(shared.address, Fact::SfiFlags)?)
        & heap.layout.need(Fact::SfiKindMask)?;
    let is = |first, last| -> Result<bool> {
        Ok((heap.layout.need(first)?..=heap.layout.need(last)?).contains(&kind))
    };
    if is(Fact::FunctionKindFirstClass, Fact::FunctionKindLastClass)? {
        let base = heap.prototype(function)?.filter(|base| base.kind == Kind::JsFunction);
        let base = base.map(|base| heap.function_name(base)).transpose()?.unwrap_or_default();
        let space = if name.is_empty() { "" } else { " " };
        return Ok(if base.is_empty() {
            format!("class{space}{name}")
        } else {
            format!("class{space}{name} extends {}", quote::plain(&base, NAME_CHARS))
        });
    }
    let is_async = is(Fact::FunctionKindFirstAsync, Fact::FunctionKindLastAsync)?;
    let is_generator = is(Fact::FunctionKindFirstGenerator, Fact::FunctionKindLastGenerator)?;
    let mut text = String::new();
    text.push_str(if is_async { "async ƒ" } else { "ƒ" });
    text.push_str(if is_generator { "* " } else { " " });
    text.push_str(if name.is_empty() { "(anonymous)" } else { &name });
    if with_parameters {
        text.push_str(&parameters(heap, shared)?);
    }
    Ok(text)
}

/// `bound ƒ name(a, b)`.
pub(super) fn bound(heap: Heap<'_>, bound: Object) -> Result<String> {
    let mut text = String::new();
    let mut current = bound;
    for _ in 0..MOST_BOUND {
        match current.kind {
            Kind::JsFunction => {
                text.push_str(&function(heap, current, true)?);
                return Ok(text);
            }
            Kind::JsBoundFunction => text.push_str("bound "),
            Kind::JsWrappedFunction => text.push_str("wrapped "),
            _ => break,
        }
        // JSWrappedFunction has its target in the same place (objects/js-function.tq).
        let target = heap.field(current.address, Fact::JsBoundFunctionTarget)?;
        current = heap.object(target)?;
    }
    text.push('…');
    Ok(text)
}

/// `(a, b)`; `(…)` where they are not known.
fn parameters(_heap: Heap<'_>, _shared: Object) -> Result<String> {
    Ok("(…)".to_owned())
}
