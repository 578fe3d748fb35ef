//! Isolates: the virtual machines of a process, one for the main thread and one for each worker.

use super::pages::{Page, each_page};
use super::stacks::Stacks;
use crate::layout::Layout;
use crate::layout::fact::Fact;
use crate::object::heap::Heap;
use crate::object::value::Value;
use mdb_dmod::prelude::*;
use std::collections::BTreeMap;

/// How it is known which thread an isolate belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ThreadSource {
    /// Its innermost frame that left JavaScript is on the thread's stack.
    EntryFrame,
    /// Its innermost entry into JavaScript is on the thread's stack.
    Handler,
    /// The limit of its stack is in the thread's stack.
    StackLimit,
    /// The limit of its stack is below the main thread's stack, which grows.
    BelowStack,
}

impl ThreadSource {
    /// For people.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::EntryFrame => "exit frame on its stack",
            Self::Handler => "entry frame on its stack",
            Self::StackLimit => "stack limit in its stack",
            Self::BelowStack => "stack limit below its stack",
        }
    }
}

/// Whose isolate it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// That of the process's first thread.
    Main,
    /// That of another thread.
    Worker,
    /// Its thread is not known.
    Unknown,
}

impl Role {
    /// For people.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Worker => "worker",
            Self::Unknown => "?",
        }
    }
}

/// What an isolate is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Its thread runs JavaScript, or code that V8 made for it.
    InJavaScript,
    /// JavaScript called native code, which runs.
    InNative,
    /// No JavaScript is on its stack.
    Idle,
    /// It cannot be told.
    Unknown,
}

impl State {
    /// For people.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::InJavaScript => "in JavaScript",
            Self::InNative => "in native below JavaScript",
            Self::Idle => "idle",
            Self::Unknown => "?",
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
    /// The frame pointer of its innermost exit frame; 0: it runs JavaScript or nothing, or is not
    /// known.
    pub(crate) entry_fp: u64,
    /// The thread (1..N) that it belongs to, and how that is known.
    pub(crate) thread: Option<(u32, ThreadSource)>,
    /// The kernel's number of that thread.
    pub(crate) tid: Option<u32>,
    /// Whose it is.
    pub(crate) role: Role,
    /// What it is at.
    pub(crate) state: State,
    /// Where its copy of the embedded builtins is, or they themselves; 0: not known.
    pub(crate) blob: u64,
    /// How many of its first roots were looked at, and how many are objects.
    pub(crate) sound_roots: (u32, u32),
}

/// A heap, as its pages show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FoundHeap {
    /// Its address.
    pub(crate) address: u64,
    /// How many pages carry it.
    pub(crate) pages: u64,
    /// Bytes for objects in those pages.
    pub(crate) bytes: u64,
}

/// A heap with fewer pages than this is a coincidence: the smallest real one has some dozens.
const FEWEST_PAGES: u64 = 3;
/// So many pages are given.
const FIRST_PAGES: usize = 96;
/// So many roots are looked at.
const ROOTS_LOOKED_AT: u64 = 64;
/// More isolates than any process has.
const MOST_ISOLATES: usize = 4096;
/// So many words at the beginning of an isolate hold its stack guard.
pub(crate) const GUARD_WORDS: u64 = 6;

/// Finds the heaps: their pages carry their address. Answers the first pages as well.
pub(crate) fn heaps(s: &Session<'_>, layout: &Layout) -> Result<(Vec<FoundHeap>, Vec<Page>)> {
    let mut heaps: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    let mut first = Vec::new();
    each_page(s, layout, &mut |page: &Page| {
        if page.heap != 0 && heaps.len() < MOST_ISOLATES {
            let counts = heaps.entry(page.heap).or_default();
            counts.0 = counts.0.saturating_add(1);
            counts.1 = counts.1.saturating_add(page.area_end.saturating_sub(page.area_start));
        }
        if first.len() < FIRST_PAGES && !page.is_young(layout) {
            first.push(*page);
        }
        Ok(())
    })?;
    let found = heaps
        .into_iter()
        .filter(|(_, (pages, _))| *pages >= FEWEST_PAGES)
        .map(|(address, (pages, bytes))| FoundHeap { address, pages, bytes })
        .collect();
    Ok((found, first))
}

/// A word; 0 where it cannot be read.
pub(crate) fn word_or_zero(memory: Memory<'_>, address: u64) -> Result<u64> {
    match memory.read_u64(address) {
        Ok(word) => Ok(word),
        Err(error) if error.is_stop() => Err(error),
        Err(_) => Ok(0),
    }
}

/// How many of the first roots there are, and how many of those are objects.
pub(crate) fn sound_roots(heap: Heap<'_>, roots: u64) -> Result<(u32, u32)> {
    let mut sound = (0, 0);
    for index in 0..ROOTS_LOOKED_AT {
        let value = Value(word_or_zero(heap.memory, roots.wrapping_add(8 * index))?);
        sound.1 += 1;
        match heap.object(value) {
            Ok(_) => sound.0 += 1,
            Err(error) if error.is_stop() => return Err(error),
            Err(_) => {}
        }
    }
    Ok(sound)
}

/// What can be read of the isolate with a heap.
pub(crate) fn describe(
    heap_reader: Heap<'_>,
    heap: FoundHeap,
    stacks: &Stacks,
    is_generated: &dyn Fn(u64) -> bool,
) -> Result<Option<Isolate>> {
    let layout = heap_reader.layout;
    let memory = heap_reader.memory;
    let (Some(to_heap), Some(to_roots)) =
        (layout.get(Fact::IsolateHeap), layout.get(Fact::IsolateRoots))
    else {
        return Ok(None);
    };
    let Some(address) = heap.address.checked_add_signed(-to_heap) else { return Ok(None) };
    let roots = address.wrapping_add_signed(to_roots);
    let word = |fact| match layout.get(fact) {
        Some(offset) => word_or_zero(memory, address.wrapping_add_signed(offset)).map(Some),
        None => Ok(None),
    };
    let entry_fp = word(Fact::IsolateEntryFp)?;
    let handler = word(Fact::IsolateHandler)?;
    let thread = thread_of(memory, layout, address, (entry_fp, handler), stacks)?;
    let known = thread.and_then(|(number, _)| stacks.thread(number));
    let role = match (known, stacks.pid()) {
        (Some(thread), Some(pid)) if thread.tid == pid => Role::Main,
        (Some(_), Some(_)) => Role::Worker,
        _ => Role::Unknown,
    };
    let state = match (entry_fp, handler) {
        (Some(fp), _) if fp != 0 => State::InNative,
        (Some(_), Some(0)) => State::Idle,
        (Some(_), Some(_)) => State::InJavaScript,
        _ if known.is_some_and(|thread| is_generated(thread.pc)) => State::InJavaScript,
        _ => State::Unknown,
    };
    Ok(Some(Isolate {
        address,
        heap: heap.address,
        roots,
        pages: heap.pages,
        bytes: heap.bytes,
        entry_fp: entry_fp.unwrap_or(0),
        thread,
        tid: known.map(|thread| thread.tid),
        role,
        state,
        blob: word(Fact::IsolateEmbeddedBlob)?.unwrap_or(0),
        sound_roots: sound_roots(heap_reader, roots)?,
    }))
}

fn thread_of(
    memory: Memory<'_>,
    layout: &Layout,
    isolate: u64,
    (entry_fp, handler): (Option<u64>, Option<u64>),
    stacks: &Stacks,
) -> Result<Option<(u32, ThreadSource)>> {
    for (address, source) in
        [(entry_fp, ThreadSource::EntryFrame), (handler, ThreadSource::Handler)]
    {
        if let Some(thread) = address.and_then(|address| stacks.holding(address)) {
            return Ok(Some((thread.number, source)));
        }
    }
    let Some(offset) = layout.get(Fact::IsolateStackGuard) else { return Ok(None) };
    let guard = isolate.wrapping_add_signed(offset);
    let mut limits = Vec::new();
    for index in 0..GUARD_WORDS {
        limits.push(word_or_zero(memory, guard.wrapping_add(8 * index))?);
    }
    if let Some(thread) = limits.iter().find_map(|limit| stacks.holding(*limit)) {
        return Ok(Some((thread.number, ThreadSource::StackLimit)));
    }
    // The stack of the first thread grows: its limit may be below what is mapped so far.
    let Some((thread, start)) = stacks.first() else { return Ok(None) };
    let is_below =
        |limit: &u64| start.checked_sub(*limit).is_some_and(|below| below < LARGEST_STACK);
    Ok(limits.iter().any(is_below).then_some((thread.number, ThreadSource::BelowStack)))
}

/// V8 is told of no larger stacks (node: `--stack-size`, in KiB, and 8 MiB by default of the system).
const LARGEST_STACK: u64 = 16 << 20;
