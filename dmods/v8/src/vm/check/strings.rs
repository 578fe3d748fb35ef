//! Strings.

use super::{Check, Subject, Test};
use crate::layout::Score;
use crate::layout::fact::Fact;
use crate::object::heap::Object;
use crate::object::kind::Kind;
use crate::partial::found;
use mdb_dmod::prelude::*;

pub(super) const CHECKS: &[Check] = &[
    Check {
        facts: &[
            Fact::StringLength,
            Fact::StringRepresentationMask,
            Fact::StringEncodingMask,
            Fact::StringSeqTag,
            Fact::StringOneByteTag,
            Fact::SeqOneByteStringChars,
        ],
        along: &[],
        needs: &[Fact::IsolateRoots],
        test: Test::Own(names),
    },
    Check {
        facts: &[Fact::StringConsTag, Fact::ConsStringFirst, Fact::ConsStringSecond],
        along: &[],
        needs: STRING,
        test: Test::Own(cons),
    },
    Check {
        facts: &[Fact::StringSlicedTag, Fact::SlicedStringParent, Fact::SlicedStringOffset],
        along: &[],
        needs: STRING,
        test: Test::Own(sliced),
    },
    Check {
        facts: &[Fact::StringThinTag, Fact::ThinStringActual],
        along: &[],
        needs: STRING,
        test: Test::Own(thin),
    },
    Check {
        facts: &[Fact::StringExternalTag, Fact::ExternalStringData],
        along: &[],
        needs: STRING,
        test: Test::Own(external),
    },
];

const STRING: &[Fact] = &[Fact::StringLength, Fact::StringRepresentationMask];

/// Roots whose name is their text (`heap-symbols.h`).
const NAMED: &[&str] = &[
    "length",
    "name",
    "message",
    "stack",
    "prototype",
    "constructor",
    "toString",
    "valueOf",
    "value",
    "done",
    "next",
    "undefined",
    "true",
    "false",
    "null",
    "object",
    "number",
    "string",
    "function",
    "symbol",
    "boolean",
    "default",
    "then",
    "get",
    "set",
    "source",
    "global",
];

/// V8 names its constant strings after their texts: no better proof than reading them.
fn names(subject: &Subject<'_>) -> Result<Score> {
    let mut score = Score::default();
    for isolate in subject.isolates() {
        for name in NAMED {
            let root = format!("{name}_string");
            let value = subject.vm.roots.value(subject.heap.memory, isolate, &root)?;
            let Some(value) = value else { continue };
            let text = found(subject.heap.text(value, 32))?;
            score.count(text.as_deref() == Some(*name));
        }
    }
    Ok(score)
}

/// The strings of a representation.
fn of(
    subject: &Subject<'_>,
    tag: Fact,
    test: impl Fn(Object, u64) -> Result<Option<bool>>,
) -> Result<Score> {
    let heap = subject.heap;
    let mask = heap.layout.need(Fact::StringRepresentationMask)?;
    let tag = heap.layout.known(tag).map(|known| known.value);
    subject.each(&[Kind::String], |object| {
        if Some(i64::from(object.instance_type) & mask) != tag {
            return Ok(None);
        }
        test(object, heap.string_length(object)?)
    })
}

/// Both parts are as long as the whole.
fn cons(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    of(subject, Fact::StringConsTag, |object, length| {
        let part = |fact| {
            let part = heap.object_of(heap.field(object.address, fact)?, Kind::String)?;
            heap.string_length(part)
        };
        let (first, second) = (part(Fact::ConsStringFirst)?, part(Fact::ConsStringSecond)?);
        Ok(Some(first.saturating_add(second) == length))
    })
}

/// A slice ends within its parent.
fn sliced(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    of(subject, Fact::StringSlicedTag, |object, length| {
        let parent = heap.field(object.address, Fact::SlicedStringParent)?;
        let parent = heap.string_length(heap.object_of(parent, Kind::String)?)?;
        let offset = heap.field(object.address, Fact::SlicedStringOffset)?.exact_smi();
        let offset = offset.and_then(|offset| u64::try_from(offset).ok());
        Ok(Some(offset.is_some_and(|offset| offset.saturating_add(length) <= parent)))
    })
}

/// A thin string is as long as the one that it stands for.
fn thin(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    of(subject, Fact::StringThinTag, |object, length| {
        let actual = heap.field(object.address, Fact::ThinStringActual)?;
        let actual = heap.object_of(actual, Kind::String)?;
        Ok(Some(heap.string_length(actual)? == length))
    })
}

/// The characters are in memory, or in a file that is not at hand.
fn external(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    let uncached = heap.layout.need(Fact::StringUncachedMask)?;
    let offset = heap.layout.need(Fact::ExternalStringData)?;
    of(subject, Fact::StringExternalTag, |object, _| {
        if i64::from(object.instance_type) & uncached != 0 {
            return Ok(None);
        }
        let data = heap.word(object.address, offset)?;
        if subject.vm.is_in_missing_file(data) {
            return Ok(None);
        }
        Ok(Some(heap.memory.read_u8(data).is_ok()))
    })
}
