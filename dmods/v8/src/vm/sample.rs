//! A sample of the objects of the heap, for checks of the layout. No walk over the whole heap: the
//! beginnings of some pages of each space are looked through.

use super::pages::Page;
use crate::layout::fact::Fact;
use crate::object::heap::{Heap, Object};
use crate::object::kind::Kind;
use crate::object::value::Value;
use mdb_dmod::prelude::*;
use std::collections::HashMap;

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Little, whenever a target's V8 is first looked at.
    Quick,
    /// More, where the user asks whether the layout is right.
    Thorough,
}

impl Depth {
    /// Objects of one kind.
    fn objects(self) -> usize {
        match self {
            Self::Quick => 24,
            Self::Thorough => 400,
        }
    }

    /// Pages.
    fn pages(self) -> usize {
        match self {
            Self::Quick => 24,
            Self::Thorough => MOST_PAGES,
        }
    }

    /// Bytes of one page.
    fn bytes(self) -> usize {
        match self {
            Self::Quick => 32 << 10,
            Self::Thorough => 256 << 10,
        }
    }
}

/// So many pages are kept for samples, and so many of one space.
const MOST_PAGES: usize = 96;
const MOST_OF_ONE_SPACE: usize = 16;

/// Some pages of each space.
#[derive(Clone, Debug, Default)]
pub(crate) struct SomePages {
    pages: Vec<Page>,
    of_space: HashMap<u64, usize>,
}

impl SomePages {
    /// Keeps a page, unless there are enough.
    pub(crate) fn add(&mut self, page: &Page) {
        if self.pages.len() >= MOST_PAGES {
            return;
        }
        let count = self.of_space.entry(page.owner).or_default();
        if *count < MOST_OF_ONE_SPACE {
            *count += 1;
            self.pages.push(*page);
        }
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[Page] {
        &self.pages
    }

    /// At most so many, of as many spaces as there are.
    fn some(&self, most: usize) -> Vec<Page> {
        let mut spaces: Vec<(u64, Vec<Page>)> = Vec::new();
        for page in &self.pages {
            match spaces.iter_mut().find(|(owner, _)| *owner == page.owner) {
                Some((_, pages)) => pages.push(*page),
                None => spaces.push((page.owner, vec![*page])),
            }
        }
        let mut chosen = Vec::new();
        for turn in 0..MOST_OF_ONE_SPACE {
            chosen.extend(spaces.iter().filter_map(|(_, pages)| pages.get(turn)).copied());
        }
        chosen.truncate(most);
        chosen
    }
}

/// Objects by kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    objects: HashMap<Kind, Vec<Object>>,
    most: usize,
}

/// What was found out about a word that could be a reference to a map.
#[derive(Clone, Copy)]
struct MapOf {
    instance_type: u16,
    kind: Kind,
    /// Bytes of each object; 0: they differ.
    size: u64,
}

impl Sample {
    /// Looks through pages.
    pub(crate) fn take(heap: Heap<'_>, pages: &SomePages, depth: Depth) -> Result<Self> {
        let mut sample = Self { objects: HashMap::new(), most: depth.objects() };
        let mut maps: HashMap<u64, Option<MapOf>> = HashMap::new();
        let mut buffer = vec![0; depth.bytes()];
        for page in pages.some(depth.pages()) {
            let length = page.area_end.saturating_sub(page.area_start).min(buffer.len() as u64);
            let Some(place) = buffer.get_mut(..length as usize) else { continue };
            let read = match heap.memory.read_some(page.area_start, place) {
                Ok(read) => read,
                Err(error) if error.is_stop() => return Err(error),
                Err(_) => continue,
            };
            let Some(bytes) = place.get(..read.min(length as usize)) else { continue };
            sample.look_through(heap, page.area_start, bytes, &mut maps)?;
        }
        Ok(sample)
    }

    /// The objects of a kind.
    pub(crate) fn of(&self, kind: Kind) -> &[Object] {
        self.objects.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// Adds an object that another one led to.
    pub(crate) fn add(&mut self, object: Object) {
        let objects = self.objects.entry(object.kind).or_default();
        if objects.len() < self.most && !objects.contains(&object) {
            objects.push(object);
        }
    }

    fn look_through(
        &mut self,
        heap: Heap<'_>,
        start: u64,
        bytes: &[u8],
        maps: &mut HashMap<u64, Option<MapOf>>,
    ) -> Result<()> {
        let mut at = 0;
        while let Some(word) = word(bytes, at) {
            let map = if word & 7 == 1 { map_of(heap, word, maps)? } else { None };
            let mut size = 8;
            if let Some(map) = map {
                let objects = self.objects.entry(map.kind).or_default();
                if objects.len() < self.most {
                    objects.push(Object {
                        address: start.wrapping_add(at as u64),
                        map: word & !3,
                        instance_type: map.instance_type,
                        kind: map.kind,
                    });
                }
                // What an object holds may look like the beginning of another one.
                size = if map.size == 0 { length_of(heap, map.kind, bytes, at) } else { map.size };
            }
            at = at.saturating_add(usize::try_from(size.max(8)).unwrap_or(usize::MAX));
        }
        Ok(())
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(8)?)?;
    bytes.try_into().ok().map(u64::from_le_bytes)
}

fn map_of(
    heap: Heap<'_>,
    word: u64,
    maps: &mut HashMap<u64, Option<MapOf>>,
) -> Result<Option<MapOf>> {
    if let Some(known) = maps.get(&word) {
        return Ok(*known);
    }
    let found = match heap.object(Value(word)) {
        Ok(object) if object.kind == Kind::Map => {
            let instance_type = heap.field_u16(object.address, Fact::MapInstanceType)?;
            let words = heap.field_u8(object.address, Fact::MapInstanceSizeWords)?;
            let kind = heap.kinds.of(instance_type);
            Some(MapOf { instance_type, kind, size: u64::from(words) * 8 })
        }
        Ok(_) => None,
        Err(error) if error.is_stop() => return Err(error),
        Err(_) => None,
    };
    maps.insert(word, found);
    Ok(found)
}

/// How long an object of a kind of variable size is; 8 where that is not known here, so that what
/// follows is looked through word by word.
fn length_of(heap: Heap<'_>, kind: Kind, bytes: &[u8], at: usize) -> u64 {
    if !(kind.is_tagged_array() || kind.is_byte_array() || kind == Kind::Context) {
        return 8;
    }
    let offset = heap.layout.get(Fact::FixedArrayLength).and_then(|at| usize::try_from(at).ok());
    let length = offset.and_then(|offset| word(bytes, at.checked_add(offset)?));
    let length = length.and_then(|word| Value(word).exact_smi());
    let Some(Ok(length)) = length.map(u64::try_from) else { return 8 };
    let data = if kind.is_byte_array() { length.next_multiple_of(8) } else { length * 8 };
    data.saturating_add(16)
}
