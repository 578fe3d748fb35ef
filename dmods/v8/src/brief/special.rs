//! Objects with fields of V8's own: dates, regular expressions, promises, proxies, generators.

use super::list::Entries;
use super::{Style, nested, object, quote};
use crate::layout::fact::Fact;
use crate::object::heap::{Heap, Object};
use crate::object::kind::Kind;
use mdb_dmod::prelude::*;

/// `2025-11-25T21:59:59.123Z`.
pub(super) fn date(heap: Heap<'_>, date: Object) -> Result<String> {
    let time = if heap.layout.is(Fact::JsDateIsDouble) {
        Some(f64::from_bits(heap.word(date.address, heap.layout.need(Fact::JsDateValue)?)?))
    } else {
        let value = heap.field(date.address, Fact::JsDateValue)?;
        match value.exact_smi() {
            Some(time) => Some(f64::from(time)),
            None => heap.heap_number(value)?,
        }
    };
    let time = time.ok_or_else(|| Error::at(date.address, "a date without a time"))?;
    Ok(super::date::iso(time).unwrap_or_else(|| "Invalid Date".to_owned()))
}

/// The letters of a regular expression's flags and their bits (`objects/js-regexp.tq`), in the order in
/// which JavaScript gives them; `l` is V8's own.
const FLAGS: &[(char, i32)] = &[
    ('d', 1 << 7),
    ('g', 1),
    ('i', 1 << 1),
    ('l', 1 << 6),
    ('m', 1 << 2),
    ('s', 1 << 5),
    ('u', 1 << 4),
    ('v', 1 << 8),
    ('y', 1 << 3),
];

/// `/a+/g`.
pub(super) fn regexp(heap: Heap<'_>, regexp: Object, room: usize) -> Result<String> {
    let source = heap.field(regexp.address, Fact::JsRegExpSource)?;
    let source = quote::bare(heap, source, room.saturating_sub(FLAGS.len().saturating_add(2)))?;
    let flags = heap.field(regexp.address, Fact::JsRegExpFlags)?.exact_smi();
    let flags = flags.ok_or_else(|| Error::at(regexp.address, "no flags"))?;
    let letters: String =
        FLAGS.iter().filter(|(_, bit)| flags & bit != 0).map(|(letter, _)| *letter).collect();
    Ok(format!("/{source}/{letters}"))
}

/// `Promise {<pending>}`, `Promise {<fulfilled>: 5}`.
pub(super) fn promise(heap: Heap<'_>, promise: Object, style: Style) -> Result<String> {
    let flags = heap.field(promise.address, Fact::JsPromiseFlags)?.exact_smi();
    let status =
        flags.map(i64::from).map(|flags| (flags, heap.layout.need(Fact::JsPromiseStatusMask)));
    let status = match status {
        Some((flags, mask)) => flags & mask?,
        None => return Err(Error::at(promise.address, "a promise without a state")),
    };
    let mut entries = Entries::new(format!("{} {{", object::class(heap, promise)?), "}", style);
    let result = heap.field(promise.address, Fact::JsPromiseResult)?;
    // `Promise::PromiseState` (include/v8-promise.h).
    let text = match status {
        0 => "<pending>".to_owned(),
        1 => format!("<fulfilled>: {}", nested(heap, result)?),
        2 => format!("<rejected>: {}", nested(heap, result)?),
        _ => return Err(Error::at(promise.address, "a promise in no known state")),
    };
    let _ = entries.push(&text);
    object::push_properties(heap, promise, &mut entries)?;
    Ok(entries.finish())
}

/// `Proxy({a: 1})`.
pub(super) fn proxy(heap: Heap<'_>, proxy: Object, style: Style) -> Result<String> {
    let target = heap.object(heap.field(proxy.address, Fact::JsProxyTarget)?)?;
    if !target.kind.is_receiver() {
        return Ok("Proxy(<revoked>)".to_owned());
    }
    if target.kind == Kind::JsProxy {
        return Ok("Proxy(Proxy)".to_owned());
    }
    let style = Style { max_chars: style.max_chars.saturating_sub(7), ..style };
    Ok(format!("Proxy({})", super::outer(heap, target, style)?))
}

/// `WeakRef {Foo}`.
pub(super) fn weak_ref(heap: Heap<'_>, weak: Object, style: Style) -> Result<String> {
    let target = heap.field(weak.address, Fact::JsWeakRefTarget)?;
    let target = heap.object(target)?;
    let mut entries = Entries::new(format!("{} {{", object::class(heap, weak)?), "}", style);
    // The garbage collector puts `undefined` there, which no program can.
    let text = if target.kind == Kind::Oddball {
        "<cleared>".to_owned()
    } else {
        nested(heap, target.value())?
    };
    let _ = entries.push(&text);
    Ok(entries.finish())
}

/// `generating {<suspended>}`.
pub(super) fn generator(heap: Heap<'_>, generator: Object) -> Result<String> {
    let function = heap.field(generator.address, Fact::JsGeneratorFunction)?;
    let name = heap.function_name(heap.object_of(function, Kind::JsFunction)?)?;
    let name =
        if name.is_empty() { object::class(heap, generator)? } else { quote::plain(&name, 60) };
    let continuation = heap.field(generator.address, Fact::JsGeneratorContinuation)?.exact_smi();
    let continuation = continuation.map(i64::from);
    let state = if continuation == Some(heap.layout.need(Fact::JsGeneratorExecuting)?) {
        "<running>"
    } else if continuation == Some(heap.layout.need(Fact::JsGeneratorClosed)?) {
        "<closed>"
    } else if continuation.is_some_and(|continuation| continuation >= 0) {
        "<suspended>"
    } else {
        return Err(Error::at(generator.address, "a generator in no known state"));
    };
    Ok(format!("{name} {{{state}}}"))
}
