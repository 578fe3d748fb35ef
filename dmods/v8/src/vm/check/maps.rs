//! Maps and descriptors.

use super::{Check, Subject, Test};
use crate::layout::Score;
use crate::layout::fact::Fact;
use crate::object::kind::Kind;
use crate::object::value::Value;
use crate::partial::found;
use crate::vm::search::known_maps;
use mdb_dmod::prelude::*;

pub(super) const CHECKS: &[Check] = &[
    Check { facts: &[Fact::MapInstanceType], along: &[], needs: &[], test: Test::Own(types) },
    Check { facts: &[Fact::MapInstanceSizeWords], along: &[], needs: &[], test: Test::Own(sizes) },
    Check {
        facts: &[Fact::MapInobjectStart],
        along: &[],
        needs: &[Fact::MapInstanceSizeWords],
        test: Test::Own(inobject_start),
    },
    Check {
        facts: &[Fact::MapBitField, Fact::MapIsCallableBit],
        along: &[],
        needs: &[],
        test: Test::Own(callable),
    },
    Check {
        facts: &[Fact::MapBitField2, Fact::MapElementsKindMask, Fact::MapElementsKindShift],
        along: &[],
        needs: &[Fact::JsObjectElements],
        test: Test::Own(elements_kind),
    },
    Check {
        facts: &[
            Fact::MapBitField3,
            Fact::MapOwnDescriptorsMask,
            Fact::MapOwnDescriptorsShift,
            Fact::DescriptorArrayCount,
        ],
        along: &[],
        needs: &[Fact::MapDescriptors],
        test: Test::Own(own_descriptors),
    },
    Check {
        facts: &[Fact::DescriptorArrayHeader],
        along: &[],
        needs: &[Fact::DescriptorArrayCount],
        test: Test::Own(descriptors),
    },
];

/// Roots that are maps are those of the kinds that their names say.
fn types(subject: &Subject<'_>) -> Result<Score> {
    let mut score = Score::default();
    for isolate in subject.isolates() {
        let (passed, tried) = known_maps(subject.heap, &subject.vm.roots, isolate.roots)?;
        score.passed = score.passed.saturating_add(passed);
        score.tried = score.tried.saturating_add(tried);
    }
    Ok(score)
}

/// Words of the objects of some maps that are roots; 0: they differ. The same in all versions
/// (`objects/*.tq`).
const SIZES: &[(&str, u8)] = &[
    ("meta_map", 9),
    ("fixed_array_map", 0),
    ("byte_array_map", 0),
    ("heap_number_map", 2),
    ("symbol_map", 3),
    ("cons_one_byte_string_map", 4),
    ("sliced_one_byte_string_map", 4),
    ("thin_one_byte_string_map", 3),
    ("undefined_map", 6),
];

fn sizes(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    let mut score = Score::default();
    for isolate in subject.isolates() {
        for (root, words) in SIZES {
            let map = subject.vm.roots.value(heap.memory, isolate, root)?;
            let Some(address) = map.and_then(Value::address) else { continue };
            let size = found(heap.field_u8(address, Fact::MapInstanceSizeWords))?;
            score.count(size == Some(*words));
        }
    }
    Ok(score)
}

/// Properties of plain objects begin behind map, properties and elements, and within the object.
fn inobject_start(subject: &Subject<'_>) -> Result<Score> {
    subject.each(&[Kind::JsObject, Kind::JsArray], |object| {
        let start = subject.heap.field_u8(object.map, Fact::MapInobjectStart)?;
        let words = subject.heap.field_u8(object.map, Fact::MapInstanceSizeWords)?;
        Ok(Some((3..=words).contains(&start)))
    })
}

/// Functions can be called, arrays cannot.
fn callable(subject: &Subject<'_>) -> Result<Score> {
    let bit = subject.heap.layout.need(Fact::MapIsCallableBit)?;
    subject.each(&[Kind::JsFunction, Kind::JsArray], |object| {
        let bits = i64::from(subject.heap.field_u8(object.map, Fact::MapBitField)?);
        Ok(Some((bits & bit != 0) == (object.kind == Kind::JsFunction)))
    })
}

/// Elements of arrays are held by what their kind says: 4 and 5 are numbers, 0 to 3 tagged words
/// (`objects/elements-kind.h`).
fn elements_kind(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    let mask = heap.layout.need(Fact::MapElementsKindMask)?;
    let shift = heap.layout.need(Fact::MapElementsKindShift)?;
    let shift = u32::try_from(shift).unwrap_or(0);
    subject.each(&[Kind::JsArray], |object| {
        let bits = i64::from(heap.field_u8(object.map, Fact::MapBitField2)?);
        let kind = (bits & mask).checked_shr(shift).unwrap_or(i64::MAX);
        let elements = heap.object(heap.field(object.address, Fact::JsObjectElements)?)?;
        Ok(Some(match kind {
            0..=3 => elements.kind == Kind::FixedArray,
            // An array without elements has the empty fixed array.
            4 | 5 => matches!(elements.kind, Kind::FixedDoubleArray | Kind::FixedArray),
            kind if Some(kind) == heap.layout.get(Fact::ElementsDictionary) => {
                elements.kind == Kind::NumberDictionary
            }
            // Sealed and frozen ones.
            6..=11 => matches!(elements.kind, Kind::FixedArray | Kind::NumberDictionary),
            _ => false,
        }))
    })
}

/// A map uses no more descriptors than there are.
fn own_descriptors(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    let mask = heap.layout.need(Fact::MapOwnDescriptorsMask)?;
    let shift = heap.layout.need(Fact::MapOwnDescriptorsShift)?;
    let shift = u32::try_from(shift).unwrap_or(0);
    subject.each(&[Kind::Map], |object| {
        let bits = i64::from(heap.field_u32(object.address, Fact::MapBitField3)?);
        let own = (bits & mask).checked_shr(shift).unwrap_or(i64::MAX);
        let value = heap.field(object.address, Fact::MapDescriptors)?;
        if subject.is_moved(value)? {
            return Ok(None);
        }
        let array = heap.object_of(value, Kind::DescriptorArray)?;
        let all = heap.field_u16(array.address, Fact::DescriptorArrayCount)?;
        Ok(Some(own <= i64::from(all)))
    })
}

/// Keys are names, details small integers.
fn descriptors(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    let header = heap.layout.need(Fact::DescriptorArrayHeader)?;
    subject.each(&[Kind::DescriptorArray], |object| {
        let count = heap.field_u16(object.address, Fact::DescriptorArrayCount)?;
        if count == 0 {
            return Ok(None);
        }
        for index in 0..i64::from(count.min(16)) {
            let at = header.saturating_add(24 * index);
            let key = heap.object(Value(heap.word(object.address, at)?))?;
            let details = Value(heap.word(object.address, at.saturating_add(8))?);
            // Slack is undefined.
            if key.kind == Kind::Oddball {
                break;
            }
            if !matches!(key.kind, Kind::String | Kind::Symbol) || details.exact_smi().is_none() {
                return Ok(Some(false));
            }
        }
        Ok(Some(true))
    })
}
