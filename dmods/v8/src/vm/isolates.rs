//! Isolates: the virtual machines of a process, one for the main thread and one for each worker.

use super::pages::{Page, each_page};
use crate::layout::Layout;
use crate::layout::fact::Fact;
use crate::object::heap::Heap;
use crate::object::value::Value;
use mdb_dmod::prelude::*;
use mdb_dmod::{Mapping, MappingKind, Thread};
use std::collections::BTreeMap;

/// How it is known which thread an isolate belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ThreadSource {
    /// Its innermost frame that left JavaScript is on the thread's stack.
    EntryFrame,
    /// The limit of its stack is in the thread's stack.
    StackLimit,
}

impl ThreadSource {
    /// For people.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::EntryFrame => "c_entry_fp",
            Self::StackLimit => "stack limit",
        }
    }
}

/// An isolate.
#[derive(Clone, Debug)]
pub(crate) struct Isolate {
    /// Its address.
    pub(crate) address: u64,
    /// The address of its heap.
    pub(crate) heap: u64,
    /// The address of its table of roots.
    pub(crate) roots: u64,
    /// How many pages carry the address of its heap.
    pub(crate) pages: u64,
    /// Bytes for objects in those pages.
    pub(crate) bytes: u64,
    /// The frame pointer of its innermost exit frame; 0: it runs JavaScript or nothing.
    pub(crate) entry_fp: u64,
    /// The thread (1..N) that it belongs to, and how that is known.
    pub(crate) thread: Option<(u32, ThreadSource)>,
    /// Where its copy of the embedded builtins is, or they themselves.
    pub(crate) blob: u64,
    /// How many of its first roots were looked at, and how many are objects.
    pub(crate) sound_roots: (u32, u32),
}

/// A heap with fewer pages than this is a coincidence: the smallest real one has some dozens.
const FEWEST_PAGES: u64 = 3;
/// So many roots are looked at.
const ROOTS_LOOKED_AT: u64 = 64;
/// More isolates than any process has.
const MOST_ISOLATES: usize = 4096;
/// So many words at the beginning of an isolate hold its stack guard.
const GUARD_WORDS: u64 = 12;

/// Finds the isolates: the pages of a heap carry its address, and the heap is a part of the isolate.
pub(crate) fn find(s: &Session<'_>, layout: &Layout) -> Result<Vec<(u64, u64, u64)>> {
    let mut heaps: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    each_page(s, layout, &mut |page: &Page| {
        if page.heap != 0 && heaps.len() < MOST_ISOLATES {
            let counts = heaps.entry(page.heap).or_default();
            counts.0 = counts.0.saturating_add(1);
            counts.1 = counts.1.saturating_add(page.area_end.saturating_sub(page.area_start));
        }
        Ok(())
    })?;
    Ok(heaps
        .into_iter()
        .filter(|(_, (pages, _))| *pages >= FEWEST_PAGES)
        .map(|(heap, (pages, bytes))| (heap, pages, bytes))
        .collect())
}

/// What can be read of the isolate with a heap; `None`: nothing at all.
pub(crate) fn describe(
    s: &Session<'_>,
    heap_reader: Heap<'_>,
    (heap, pages, bytes): (u64, u64, u64),
    stacks: &[(Thread, Option<Mapping>)],
) -> Result<Option<Isolate>> {
    let layout = heap_reader.layout;
    let offset = layout.need(Fact::IsolateHeap)?;
    let Some(address) = heap.checked_add_signed(-offset) else { return Ok(None) };
    let place = |fact| -> Result<u64> { Ok(address.wrapping_add_signed(layout.need(fact)?)) };
    let word = |fact| -> Result<u64> {
        match s.memory().read_u64(place(fact)?) {
            Ok(word) => Ok(word),
            Err(error) if error.is_stop() => Err(error),
            Err(_) => Ok(0),
        }
    };
    let roots = place(Fact::IsolateRoots)?;
    let mut sound_roots = (0, 0);
    for index in 0..ROOTS_LOOKED_AT {
        let value = match s.memory().read_u64(roots.wrapping_add(8 * index)) {
            Ok(word) => Value(word),
            Err(error) if error.is_stop() => return Err(error),
            Err(_) => continue,
        };
        sound_roots.1 += 1;
        match heap_reader.object(value) {
            Ok(_) => sound_roots.0 += 1,
            Err(error) if error.is_stop() => return Err(error),
            Err(_) => {}
        }
    }
    let mut isolate = Isolate {
        address,
        heap,
        roots,
        pages,
        bytes,
        entry_fp: word(Fact::IsolateEntryFp)?,
        thread: None,
        blob: word(Fact::IsolateEmbeddedBlob)?,
        sound_roots,
    };
    isolate.thread = thread_of(s, &isolate, layout, stacks)?;
    Ok(Some(isolate))
}

/// The threads, each with the mapping of its stack.
pub(crate) fn stacks(s: &Session<'_>) -> Result<Vec<(Thread, Option<Mapping>)>> {
    let mut stacks = Vec::new();
    let mappings = s.mappings()?;
    for thread in s.threads()? {
        let of_thread = |m: &&Mapping| m.kind == MappingKind::Stack(thread.number);
        let mapping = mappings.iter().find(of_thread).cloned();
        let mapping = mapping
            .or_else(|| mappings.iter().find(|m| (m.start..m.end).contains(&thread.sp)).cloned());
        stacks.push((thread, mapping));
    }
    Ok(stacks)
}

fn thread_of(
    s: &Session<'_>,
    isolate: &Isolate,
    layout: &Layout,
    stacks: &[(Thread, Option<Mapping>)],
) -> Result<Option<(u32, ThreadSource)>> {
    let holding = |address: u64| {
        stacks.iter().find_map(|(thread, mapping)| {
            let mapping = mapping.as_ref()?;
            (mapping.start..mapping.end).contains(&address).then_some(thread.number)
        })
    };
    if let Some(number) = holding(isolate.entry_fp) {
        return Ok(Some((number, ThreadSource::EntryFrame)));
    }
    let guard = isolate.address.wrapping_add_signed(layout.need(Fact::IsolateStackGuard)?);
    for index in 0..GUARD_WORDS {
        let limit = match s.memory().read_u64(guard.wrapping_add(8 * index)) {
            Ok(word) => word,
            Err(error) if error.is_stop() => return Err(error),
            Err(_) => continue,
        };
        if let Some(number) = holding(limit) {
            return Ok(Some((number, ThreadSource::StackLimit)));
        }
        // The stack of the main thread grows: its limit may be below what is mapped so far.
        let nearest = stacks.iter().filter_map(|(thread, mapping)| {
            let mapping = mapping.as_ref()?;
            let below = mapping.start.checked_sub(limit)?;
            (below < LARGEST_STACK).then_some((below, thread.number))
        });
        if let Some((_, number)) = nearest.min()
            && stacks.iter().any(|(t, m)| t.number == number && m.as_ref().is_some_and(is_growing))
        {
            return Ok(Some((number, ThreadSource::StackLimit)));
        }
    }
    Ok(None)
}

/// Stacks are not larger than this below what is mapped.
const LARGEST_STACK: u64 = 1 << 30;

/// Whether it is the stack that the kernel makes and lets grow.
fn is_growing(mapping: &Mapping) -> bool {
    mapping.path == "[stack]" || mapping.end >> 44 == 0x7ff
}
