//! Objects that no program sees, in angle brackets.

use super::quote;
use crate::object::heap::{Heap, Object};
use crate::object::kind::Kind;
use mdb_dmod::prelude::*;

/// Characters of the name of a script or a function.
const NAME_CHARS: usize = 60;

/// `<FixedArray[12]>`, `<Context>`, `<Script /app/x.js>`.
pub(super) fn internal(heap: Heap<'_>, object: Object) -> Result<String> {
    let class = match object.kind {
        Kind::Context | Kind::Map => object.kind.name(),
        kind => heap.kinds.class(object.instance_type).unwrap_or(kind.name()),
    };
    // An instance type that no symbol and no root names.
    if class == "?" {
        return Ok(format!("<internal object of type {}>", object.instance_type));
    }
    let about = match object.kind {
        kind if kind.is_tagged_array() => format!("[{}]", heap.array_length(object)?),
        Kind::SharedFunctionInfo => format!(" {}", heap.shared_name(object)?.text),
        Kind::Script => format!(" {}", heap.script(object)?.name),
        _ => String::new(),
    };
    Ok(format!("<{class}{}>", quote::plain(about.trim_end(), NAME_CHARS)))
}
