//! Where an isolate has its parts, found in the target itself: for a V8 whose offsets are not known, or
//! not what they are thought to be. Every search has a proof of what it found; without one the fact
//! stays what it was, and its check fails.

use super::isolates::{FoundHeap, heaps, sound_roots, word_or_zero};
use super::pages::Page;
use super::roots::Roots;
use super::stacks::Stacks;
use crate::frame::frame_type::{FrameTypes, Role};
use crate::layout::Layout;
use crate::layout::fact::{Fact, versions};
use crate::object::heap::Heap;
use crate::object::kind::{Kind, Kinds};
use crate::object::value::Value;
use mdb_dmod::prelude::*;

/// The facts of a page's header, which are of one version together.
pub(crate) const PAGE_FACTS: &[Fact] = &[
    Fact::PageMetadata,
    Fact::PageFlags,
    Fact::PageBytes,
    Fact::PageHeap,
    Fact::PageAreaStart,
    Fact::PageAreaEnd,
    Fact::PageOwner,
];

/// An isolate is at most this long before its heap, and what is looked for at most this far behind.
const BEFORE_HEAP: u64 = 96 << 10;
const BEHIND_HEAP: u64 = 64 << 10;
/// The root table is at most this far behind the beginning of the isolate.
const BEFORE_ROOTS: u64 = 0x1000;
/// `ThreadLocalTop` is in the first part of an isolate.
const FIRST_PART: u64 = 32 << 10;
/// No program has as much code of builtins.
pub(crate) const LARGEST_BLOB: u64 = 64 << 20;
/// Nor as much data about them.
pub(crate) const LARGEST_BLOB_DATA: u64 = 4 << 20;

/// The heaps; where the header of pages is not as it was thought to be, that of another version is tried.
pub(crate) fn find_heaps(
    s: &Session<'_>,
    layout: &mut Layout,
    kinds: &Kinds,
) -> Result<Vec<FoundHeap>> {
    let (found, _) = heaps(s, layout)?;
    if !found.is_empty() {
        return Ok(found);
    }
    for version in versions() {
        let mut other = layout.clone();
        for fact in PAGE_FACTS {
            other.take_from(*fact, version, "pages are found by it");
        }
        let (found, pages) = heaps(s, &other)?;
        let heap = Heap { memory: s.memory(), layout: &other, kinds };
        if !found.is_empty() && are_pages(heap, &pages)? {
            *layout = other;
            return Ok(found);
        }
    }
    Ok(found)
}

/// Whether most pages begin with an object.
fn are_pages(heap: Heap<'_>, pages: &[Page]) -> Result<bool> {
    let mut sound = 0usize;
    for page in pages {
        match heap.object_at(page.area_start) {
            Ok(_) => sound += 1,
            Err(error) if error.is_stop() => return Err(error),
            Err(_) => {}
        }
    }
    Ok(sound * 4 >= pages.len() * 3)
}

/// Finds the root table and the beginning of the isolate with a heap. Answers whether both are proved.
pub(crate) fn find_isolate(
    heap: Heap<'_>,
    roots: &Roots,
    found: FoundHeap,
) -> Result<Option<(i64, i64)>> {
    let start = found.address.saturating_sub(BEFORE_HEAP) & !7;
    let words = read_words(heap.memory, start, found.address)?;
    let Some(table) = find_roots(heap, roots, start, &words)? else { return Ok(None) };
    let Some(isolate) = find_start(heap.layout, start, &words, table) else { return Ok(None) };
    let offset = |address: u64| i64::try_from(address.wrapping_sub(isolate)).ok();
    Ok(offset(found.address).zip(offset(table)))
}

/// The table of roots: where roots that are maps of known kinds are such maps.
fn find_roots(heap: Heap<'_>, roots: &Roots, start: u64, words: &[u64]) -> Result<Option<u64>> {
    let Some(meta) = roots.index("meta_map") else {
        return find_run_of_objects(heap, start, words);
    };
    for (place, word) in (0u64..).zip(words) {
        // The map of all maps is its own.
        let Some(address) = Value(*word).address() else { continue };
        if word & 7 != 1 || word_or_zero(heap.memory, address)? != *word {
            continue;
        }
        let Some(first) = place.checked_sub(meta) else { continue };
        let table = start.wrapping_add(first.wrapping_mul(8));
        let score = known_maps(heap, roots, table)?;
        if score.1 > 0 && score.0 == score.1 {
            return Ok(Some(table));
        }
    }
    Ok(None)
}

/// How many roots that are maps of kinds with a symbol there are, and how many are such maps.
pub(crate) fn known_maps(heap: Heap<'_>, roots: &Roots, table: u64) -> Result<(u32, u32)> {
    let mut score = (0, 0);
    for (name, kind) in CERTAIN_MAPS {
        let Some(index) = roots.index(name) else { continue };
        let value = Value(word_or_zero(heap.memory, table.wrapping_add(8 * index))?);
        score.1 += 1;
        let fits = match heap.object(value) {
            Ok(map) if map.kind == Kind::Map => {
                let instance_type = heap.field_u16(map.address, Fact::MapInstanceType)?;
                heap.kinds.of(instance_type) == *kind
            }
            Ok(_) => false,
            Err(error) if error.is_stop() => return Err(error),
            Err(_) => false,
        };
        if fits {
            score.0 += 1;
        }
    }
    Ok(score)
}

/// Roots of all versions that are maps, and of what kind their objects are (`roots/roots.h`).
const CERTAIN_MAPS: &[(&str, Kind)] = &[
    ("meta_map", Kind::Map),
    ("fixed_array_map", Kind::FixedArray),
    ("byte_array_map", Kind::ByteArray),
    ("symbol_map", Kind::Symbol),
    ("heap_number_map", Kind::HeapNumber),
    ("scope_info_map", Kind::ScopeInfo),
    ("shared_function_info_map", Kind::SharedFunctionInfo),
    ("bytecode_array_map", Kind::BytecodeArray),
    ("feedback_vector_map", Kind::FeedbackVector),
    ("property_array_map", Kind::PropertyArray),
    ("code_map", Kind::Code),
    ("undefined_map", Kind::Oddball),
    ("script_map", Kind::Script),
    ("accessor_info_map", Kind::AccessorInfo),
];

/// Without names: the longest run of references to objects is the table.
fn find_run_of_objects(heap: Heap<'_>, start: u64, words: &[u64]) -> Result<Option<u64>> {
    let mut best = (0, 0);
    let mut run = (0, 0usize);
    for (place, word) in (0u64..).zip(words) {
        if word & 7 == 1 {
            run = if run.1 == 0 { (place, 1) } else { (run.0, run.1 + 1) };
            best = if run.1 > best.1 { run } else { best };
        } else {
            run.1 = 0;
        }
    }
    // No V8 has fewer (784 in 10.2), and nothing else in an isolate is as long.
    if best.1 < FEWEST_ROOTS {
        return Ok(None);
    }
    let table = start.wrapping_add(8 * best.0);
    let (sound, tried) = sound_roots(heap, table)?;
    Ok((sound == tried).then_some(table))
}

const FEWEST_ROOTS: usize = 300;

/// The beginning of an isolate: its stack guard, which comes first, holds its address.
fn find_start(layout: &Layout, start: u64, words: &[u64], table: u64) -> Option<u64> {
    let guard = layout.get(Fact::IsolateStackGuard)?;
    let near = (0u64..).zip(words).filter_map(|(place, word)| {
        let at = start.checked_add(place.checked_mul(8)?)?;
        (at < table && table - at < BEFORE_ROOTS && at.checked_add_signed(-guard) == Some(*word))
            .then_some(*word)
    });
    // Nothing else at the beginning refers to what is just before it; the first is it.
    let mut candidates = near;
    let first = candidates.next()?;
    candidates.all(|other| other == first).then_some(first)
}

/// Where isolates keep the frame pointer of their innermost exit frame, and their innermost entry into
/// JavaScript: the only two words at a known distance of which the first points to an exit frame and the
/// second into the same stack, outwards of it.
pub(crate) fn find_entry_fp(
    memory: Memory<'_>,
    layout: &Layout,
    frame_types: &FrameTypes,
    stacks: &Stacks,
    isolate: u64,
    is_generated: &dyn Fn(u64) -> bool,
) -> Result<Option<(i64, i64)>> {
    let words = read_words(memory, isolate, isolate.saturating_add(FIRST_PART))?;
    let mut found = None;
    for (place, word) in (0usize..).zip(&words) {
        if !is_exit_frame(memory, layout, frame_types, stacks, *word, is_generated)? {
            continue;
        }
        for distance in HANDLER_DISTANCES {
            let at = place.saturating_add(*distance);
            let Some(handler) = words.get(at) else { continue };
            let thread = |address| stacks.live_at(address).map(|thread| thread.number);
            if handler > word && thread(*handler) == thread(*word) {
                if found.is_some() {
                    return Ok(None);
                }
                found = Some((place as i64 * 8, at as i64 * 8));
                // Where the next word is the handler, others behind it point into the stack too.
                break;
            }
        }
    }
    Ok(found)
}

/// Words from `c_entry_fp_` to `handler_` (`execution/thread-local-top.h`): 10.2 and 11.3, then 12.4 to
/// 14.6.
const HANDLER_DISTANCES: &[usize] = &[1, 17];

/// Whether an address is the frame pointer of a frame through which JavaScript left.
pub(crate) fn is_exit_frame(
    memory: Memory<'_>,
    layout: &Layout,
    frame_types: &FrameTypes,
    stacks: &Stacks,
    fp: u64,
    is_generated: &dyn Fn(u64) -> bool,
) -> Result<bool> {
    if !fp.is_multiple_of(8) || stacks.live_at(fp).is_none() {
        return Ok(false);
    }
    let Some(offset) = layout.get(Fact::FrameContextOrType) else { return Ok(false) };
    let marker = word_or_zero(memory, fp.wrapping_add_signed(offset))?;
    let is_exit = frame_types.of_marker(marker).is_some_and(|frame_type| {
        matches!(frame_type.role, Role::Exit | Role::BuiltinExit | Role::ApiCallback)
    });
    Ok(is_exit && is_generated(word_or_zero(memory, fp.wrapping_add(8))?))
}

/// The embedded builtins as an isolate describes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EmbeddedBlob {
    /// Where the code is.
    pub(crate) code: u64,
    /// How many bytes of it.
    pub(crate) code_size: u64,
    /// Where the data about it are.
    pub(crate) data: u64,
    /// How many bytes of those.
    pub(crate) data_size: u64,
}

impl EmbeddedBlob {
    /// Reads it: two addresses, each with a size of 32 bits behind it.
    pub(crate) fn read(memory: Memory<'_>, address: u64) -> Result<Self> {
        let size = |at: u64| memory.read_u32(address.wrapping_add(at)).map(u64::from);
        let place = |at: u64| memory.read_u64(address.wrapping_add(at));
        Ok(Self { code: place(0)?, code_size: size(8)?, data: place(16)?, data_size: size(24)? })
    }

    /// Whether it can be one: code that can run, of the size that is known, or of a sound one.
    pub(crate) fn is_sound(&self, known_size: u64, is_executable: &dyn Fn(u64) -> bool) -> bool {
        let size_fits = if known_size == 0 {
            (1 << 16..=LARGEST_BLOB).contains(&self.code_size)
        } else {
            self.code_size == known_size
        };
        let last = self.code.checked_add(self.code_size.saturating_sub(1));
        size_fits
            && self.code.is_multiple_of(64)
            && self.data != 0
            && (1..=LARGEST_BLOB_DATA).contains(&self.data_size)
            && is_executable(self.code)
            && last.is_some_and(is_executable)
    }
}

/// Where isolates say where the embedded builtins are: behind the heap.
pub(crate) fn find_blob(
    memory: Memory<'_>,
    heap: u64,
    isolate: u64,
    known_size: u64,
    is_executable: &dyn Fn(u64) -> bool,
) -> Result<Option<i64>> {
    let end = heap.saturating_add(BEHIND_HEAP);
    let words = read_words(memory, heap, end)?;
    let mut found = None;
    for (place, window) in (0u64..).zip(words.windows(4)) {
        let [code, code_size, data, data_size] = window else { continue };
        let low = |word: u64| word & 0xffff_ffff;
        let blob = EmbeddedBlob {
            code: *code,
            code_size: low(*code_size),
            data: *data,
            data_size: low(*data_size),
        };
        if *code != 0 && blob.is_sound(known_size, is_executable) {
            if found.is_some() {
                return Ok(None);
            }
            let at = heap.wrapping_add(place.wrapping_mul(8));
            found = i64::try_from(at.wrapping_sub(isolate)).ok();
        }
    }
    Ok(found)
}

/// The words of the isolate with a heap, and of the heap itself: all that can be a part of either.
pub(crate) fn words_near(memory: Memory<'_>, heap: u64) -> Result<Vec<u64>> {
    let start = heap.saturating_sub(BEFORE_HEAP) & !7;
    let mut words = read_words(memory, start, heap)?;
    words.extend(read_words(memory, heap, heap.saturating_add(BEHIND_HEAP))?);
    Ok(words)
}

/// The words from `start` to `end`, as far as they can be read at once.
fn read_words(memory: Memory<'_>, start: u64, end: u64) -> Result<Vec<u64>> {
    let length = end.saturating_sub(start).min(BEFORE_HEAP);
    let mut bytes = vec![0; length as usize];
    let mut read = 0;
    // What cannot be read is zero.
    while read < bytes.len() {
        let step =
            (bytes.len() - read).min(4096 - (start.wrapping_add(read as u64) & 4095) as usize);
        let Some(place) = bytes.get_mut(read..read.saturating_add(step)) else { break };
        match memory.read(start.wrapping_add(read as u64), place) {
            Ok(()) => {}
            Err(error) if error.is_stop() => return Err(error),
            Err(_) => place.fill(0),
        }
        read = read.saturating_add(step);
    }
    let words = bytes.chunks_exact(8).map(|chunk| chunk.try_into().map_or(0, u64::from_le_bytes));
    Ok(words.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_builtins_are_code_of_a_known_size() {
        let code = 0x40_0000..0x60_0000;
        let can_run = |address: u64| code.contains(&address);
        let blob =
            EmbeddedBlob { code: 0x40_0040, code_size: 1 << 20, data: 0x1000, data_size: 0x8000 };
        assert!(blob.is_sound(0, &can_run) && blob.is_sound(1 << 20, &can_run));
        assert!(!blob.is_sound(1 << 21, &can_run));
        for other in [
            EmbeddedBlob { code: 0x40_0041, ..blob },
            EmbeddedBlob { code: 0, ..blob },
            EmbeddedBlob { code: 0x5f_ffc0, ..blob },
            EmbeddedBlob { code_size: 100, ..blob },
            EmbeddedBlob { code_size: LARGEST_BLOB + 1, ..blob },
            EmbeddedBlob { data: 0, ..blob },
            EmbeddedBlob { data_size: 0, ..blob },
            EmbeddedBlob { data_size: LARGEST_BLOB_DATA + 1, ..blob },
        ] {
            assert!(!other.is_sound(0, &can_run), "{other:?}");
        }
    }
}
