//! Typed arrays, buffers and views of them.

use super::list::Entries;
use super::{Style, number, object};
use crate::object::binary_data::ElementType;
use crate::object::heap::{Heap, Object};
use mdb_dmod::prelude::*;

/// `Uint8Array(3)`, `Buffer(12)`.
pub(super) fn typed_array_class(heap: Heap<'_>, array: Object) -> Result<String> {
    let found = heap.typed_array(array)?;
    let class = object::class(heap, array)?;
    if found.is_detached {
        return Ok(format!("{class}(detached)"));
    }
    Ok(format!("{class}({})", length(found.length)))
}

/// A number of elements or bytes.
fn length(length: Option<u64>) -> String {
    length.map_or_else(|| "unknown".to_owned(), |length| length.to_string())
}

/// `Uint8Array(3) [1, 2, 3]`.
pub(super) fn typed_array(heap: Heap<'_>, array: Object, style: Style) -> Result<String> {
    let class = typed_array_class(heap, array)?;
    let found = heap.typed_array(array)?;
    let Some(elements) = found.elements.filter(|_| !found.is_detached && found.length.is_some())
    else {
        return Ok(class);
    };
    let mut entries = Entries::new(format!("{class} ["), "]", style);
    let count = (style.max_entries as u64).saturating_add(1);
    let bytes = match heap.typed_array_bytes(found, count) {
        Ok(bytes) => bytes,
        Err(error) if error.is_stop() => return Err(error),
        Err(_) => return Ok(format!("{class} <data not in the core>")),
    };
    for bytes in bytes.chunks_exact(elements.size() as usize) {
        if entries.push(&element(elements, bytes)).is_break() {
            break;
        }
    }
    Ok(entries.finish())
}

fn element(elements: ElementType, bytes: &[u8]) -> String {
    let mut all = [0; 8];
    for (place, byte) in all.iter_mut().zip(bytes) {
        *place = *byte;
    }
    let bits = u64::from_le_bytes(all);
    match elements {
        ElementType::Uint8 | ElementType::Uint8Clamped | ElementType::Uint16 => bits.to_string(),
        ElementType::Uint32 => bits.to_string(),
        ElementType::Int8 => (bits as i8).to_string(),
        ElementType::Int16 => (bits as i16).to_string(),
        ElementType::Int32 => (bits as i32).to_string(),
        ElementType::Float16 => number::number(number::half(bits as u16)),
        // The shortest digits that mean the same as a double, as JavaScript shows them.
        ElementType::Float32 => number::number(f64::from(f32::from_bits(bits as u32))),
        ElementType::Float64 => number::number(f64::from_bits(bits)),
        ElementType::BigUint64 => format!("{bits}n"),
        ElementType::BigInt64 => format!("{}n", bits.cast_signed()),
    }
}

/// `ArrayBuffer(8)`.
pub(super) fn array_buffer(heap: Heap<'_>, buffer: Object) -> Result<String> {
    let found = heap.array_buffer(buffer)?;
    let class = object::class(heap, buffer)?;
    Ok(if found.is_detached {
        format!("{class}(detached)")
    } else {
        format!("{class}({})", length(found.length))
    })
}

/// `DataView(6)`.
pub(super) fn data_view(heap: Heap<'_>, view: Object) -> Result<String> {
    let class = object::class(heap, view)?;
    Ok(if heap.view_buffer(view)?.is_detached {
        format!("{class}(detached)")
    } else {
        format!("{class}({})", length(heap.view_length(view)?))
    })
}
