//! Map, Set and their weak kin.

use super::list::{Entries, MOST_PLACES};
use super::{Style, nested, object};
use crate::object::heap::{Heap, Object};
use mdb_dmod::prelude::*;

/// `Map(2) {"a" => 1, {…} => 2}`, `Set(1) {1}`.
pub(super) fn entries(heap: Heap<'_>, collection: Object, style: Style) -> Result<String> {
    let size = heap.collection_size(collection)?;
    let class = object::class(heap, collection)?;
    let mut entries = Entries::new(format!("{class}({size}) {{"), "}", style);
    let mut shown: u64 = 0;
    heap.collection_entries(collection, MOST_PLACES, &mut |key, value| {
        let mut text = nested(heap, key)?;
        if let Some(value) = value {
            text.push_str(" => ");
            text.push_str(&nested(heap, value)?);
        }
        shown = shown.saturating_add(1);
        Ok(entries.push(&text))
    })?;
    if shown < size && !entries.is_cut() {
        entries.more();
    }
    Ok(entries.finish())
}

/// `WeakMap(1)`: what its keys are depends on the garbage collector.
pub(super) fn weak(heap: Heap<'_>, collection: Object) -> Result<String> {
    let size = heap.collection_size(collection)?;
    Ok(format!("{}({size})", object::class(heap, collection)?))
}
