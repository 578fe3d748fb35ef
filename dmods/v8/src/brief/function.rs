//! Functions and classes.

use super::quote;
use crate::layout::fact::Fact;
use crate::object::function_kind::FunctionKind;
use crate::object::heap::{Heap, Object};
use crate::object::kind::Kind;
use crate::source::{self, Form, SourceText};
use mdb_dmod::prelude::*;

/// Characters of a function's name.
const NAME_CHARS: usize = 60;

/// Units of a function's text in which its parameters are looked for.
const MOST_SOURCE: usize = 1024;

/// `FunctionSyntaxKind::kWrapped` (`objects/function-syntax-kind.h`).
const WRAPPED: i64 = 4;

/// Functions bound again and again are followed no further.
const MOST_BOUND: usize = 8;

/// `ƒ name(a, b)`, `async ƒ name()`, `ƒ* name()`, `class Foo extends Bar`; without parameters within
/// others.
pub(super) fn function(heap: Heap<'_>, function: Object, with_parameters: bool) -> Result<String> {
    let name = quote::plain(&heap.function_name(function)?, NAME_CHARS);
    let shared = heap.shared(function)?;
    let flags = heap.field_u32(shared.address, Fact::SfiFlags)?;
    let mask = u32::try_from(heap.layout.need(Fact::SfiKindMask)?).unwrap_or(0);
    let kind = FunctionKind(flags & mask);
    if kind.is_class_constructor() {
        let base = heap.prototype(function)?.filter(|base| base.kind == Kind::JsFunction);
        let base = base.map(|base| heap.function_name(base)).transpose()?.unwrap_or_default();
        let space = if name.is_empty() { "" } else { " " };
        return Ok(if base.is_empty() {
            format!("class{space}{name}")
        } else {
            format!("class{space}{name} extends {}", quote::plain(&base, NAME_CHARS))
        });
    }
    let mut text = String::new();
    text.push_str(if kind.is_async() { "async ƒ" } else { "ƒ" });
    text.push_str(if kind.is_generator() { "*" } else { "" });
    if !name.is_empty() || with_parameters {
        text.push(' ');
    }
    text.push_str(&name);
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

/// `(a, b)`; `(…)` where they are not known: they stand in the source and nowhere else.
fn parameters(heap: Heap<'_>, shared: Object) -> Result<String> {
    match parameter_names(heap, shared) {
        Ok(Some(names)) => Ok(format!("({names})")),
        Err(error) if error.is_stop() => Err(error),
        _ => Ok("(…)".to_owned()),
    }
}

fn parameter_names(heap: Heap<'_>, shared: Object) -> Result<Option<String>> {
    let flags = i64::from(heap.field_u32(shared.address, Fact::SfiFlags)?);
    let shift = u32::try_from(heap.layout.need(Fact::SfiSyntaxShift)?).unwrap_or(0);
    let syntax = flags.checked_shr(shift).unwrap_or(0) & 7;
    // What Node wraps around a module has its parameters elsewhere.
    if flags & heap.layout.need(Fact::SfiIsToplevelBit)? != 0 || syntax == WRAPPED {
        return Ok(None);
    }
    let Some(script) = heap.shared_script(shared)? else { return Ok(None) };
    let source = heap.field(script.address, Fact::ScriptSource)?;
    let Some((start, end)) = heap.shared_positions(shared)? else { return Ok(None) };
    let length = (end.saturating_sub(start) as usize).min(MOST_SOURCE);
    let text = heap.substring(source, start.into(), length)?;
    let found = source::parameters(SourceText::TwoByte(&text.units));
    if !found.complete || matches!(found.form, Form::Class | Form::Unknown) {
        return Ok(None);
    }
    let names: Vec<String> = found
        .list
        .iter()
        .map(|one| {
            let dots = if one.rest && !one.text.starts_with("...") { "..." } else { "" };
            format!("{dots}{}", quote::plain(&one.text, NAME_CHARS))
        })
        .collect();
    Ok(Some(names.join(", ")))
}
