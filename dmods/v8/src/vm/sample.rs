//! A sample of the objects of the heap, for checks of the layout: what the isolates and their heaps
//! refer to, and what that refers to. Objects that nothing refers to are no instances: V8 leaves their
//! remains where they were, and what they referred to may be gone.

use super::isolates::word_or_zero;
use super::search::words_near;
use crate::layout::fact::Fact;
use crate::object::heap::{Heap, Object};
use crate::object::kind::Kind;
use crate::object::value::Value;
use crate::partial::found;
use mdb_dmod::prelude::*;
use std::collections::{HashMap, HashSet, VecDeque};

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Little, whenever a target's V8 is first looked at.
    Quick,
    /// More, where the user asks whether the layout is right.
    Thorough,
}

impl Depth {
    /// Heaps: they all have the same layout.
    pub(crate) fn heaps(self) -> usize {
        match self {
            Self::Quick => 1,
            Self::Thorough => 8,
        }
    }

    /// Objects of one kind.
    fn objects(self) -> usize {
        match self {
            Self::Quick => 24,
            Self::Thorough => 400,
        }
    }
}

/// Of objects whose kind has no name, of which there are many kinds, so many times as many are followed;
/// and of functions, few of which have been compiled, and maps, of which V8's own come first.
const MANY: usize = 16;
/// So many references are looked at.
const MOST_SEEN: usize = 1 << 20;
/// So many words of one object are followed.
const MOST_WORDS: u64 = 512;
/// Of an object of unknown length these words are followed.
const FIRST_WORDS: u64 = 2;

/// Objects by kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    objects: HashMap<Kind, Vec<Object>>,
    most: usize,
    seen: HashSet<u64>,
    waiting: VecDeque<Object>,
    /// The first words of objects, if they are maps, and how many words objects of that map have.
    maps: HashMap<u64, Option<(Object, u64)>>,
}

impl Sample {
    /// Objects that can be reached from the isolates of some heaps, and from further values.
    pub(crate) fn reach(
        heap: Heap<'_>,
        heaps: &[u64],
        further: &[Value],
        depth: Depth,
    ) -> Result<Self> {
        let mut sample = Self { most: depth.objects(), ..Self::default() };
        for value in further {
            sample.meet(heap, *value)?;
        }
        for address in heaps {
            for word in words_near(heap.memory, *address)? {
                sample.meet(heap, Value(word))?;
            }
        }
        let mut words = Vec::new();
        while let Some(object) = sample.waiting.pop_front() {
            sample.follow(heap, object, &mut words)?;
        }
        Ok(sample)
    }

    /// The objects of a kind.
    pub(crate) fn of(&self, kind: Kind) -> &[Object] {
        self.objects.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// All objects.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Object> {
        self.objects.values().flatten()
    }

    /// A value that something holds.
    fn meet(&mut self, heap: Heap<'_>, value: Value) -> Result<()> {
        if value.0 & 7 != 1 && value.0 & 7 != 3 {
            return Ok(());
        }
        let Some(address) = value.address() else { return Ok(()) };
        if self.seen.len() >= MOST_SEEN || !self.seen.insert(address) {
            return Ok(());
        }
        let Some(object) = self.object_at(heap, address)? else { return Ok(()) };
        let is_many = matches!(object.kind, Kind::Other | Kind::SharedFunctionInfo | Kind::Map);
        let most = self.most.saturating_mul(if is_many { MANY } else { 1 });
        let objects = self.objects.entry(object.kind).or_default();
        if objects.len() < most {
            objects.push(object);
            self.waiting.push_back(object);
        }
        Ok(())
    }

    /// The object at an address. Many objects have the same map: it is looked at once.
    fn object_at(&mut self, heap: Heap<'_>, address: u64) -> Result<Option<Object>> {
        let map = word_or_zero(heap.memory, address)?;
        if map & 7 != 1 {
            return Ok(None);
        }
        if let Some(known) = self.maps.get(&map) {
            return Ok(known.map(|(object, _)| Object { address, ..object }));
        }
        let first = found(heap.object_at(address))?;
        let words = match first {
            Some(object) => found(heap.field_u8(object.map, Fact::MapInstanceSizeWords))?,
            None => None,
        };
        self.maps.insert(map, first.map(|object| (object, words.unwrap_or(0).into())));
        Ok(first)
    }

    /// Goes on with what an object holds. A word that only looks like a reference leads to no object.
    fn follow(&mut self, heap: Heap<'_>, object: Object, bytes: &mut Vec<u8>) -> Result<()> {
        if object.kind.is_byte_array() || object.kind == Kind::FixedDoubleArray {
            return Ok(());
        }
        let known = self.maps.get(&(object.map | 1)).copied().flatten();
        let fixed = known.map_or(0, |(_, words)| words);
        let length = words_of(heap, object, fixed)?.min(MOST_WORDS);
        bytes.clear();
        bytes.resize(length as usize * 8, 0);
        let read = match heap.memory.read_some(object.address, bytes) {
            Ok(read) => read,
            Err(error) if error.is_stop() => return Err(error),
            Err(_) => return Ok(()),
        };
        let words = bytes.get(..read).unwrap_or_default().chunks_exact(8);
        let words: Vec<u64> =
            words.map(|word| word.try_into().map_or(0, u64::from_le_bytes)).collect();
        words.into_iter().try_for_each(|word| self.meet(heap, Value(word)))
    }
}

/// How many words an object has, as far as it matters here; `fixed`: as its map says, 0 where they differ.
fn words_of(heap: Heap<'_>, object: Object, fixed: u64) -> Result<u64> {
    if fixed != 0 {
        return Ok(fixed);
    }
    if object.kind.is_tagged_array() || object.kind == Kind::Context {
        return Ok(found(heap.array_length(object))?.unwrap_or(0).saturating_add(2));
    }
    if object.kind == Kind::String {
        // Only flat ones are of variable size.
        return Ok(1);
    }
    // Never more than there is: behind an object may stand the remains of another.
    let second = Value(word_or_zero(heap.memory, object.address.wrapping_add(8))?);
    let count = second.exact_smi().and_then(|count| u64::try_from(count).ok());
    Ok(match (object.kind, count) {
        // Other arrays and lists: their length stands first.
        (Kind::Other, Some(count)) => count.saturating_add(2),
        _ => FIRST_WORDS,
    })
}
