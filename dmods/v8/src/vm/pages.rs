//! Pages of V8's heap: where they are, whose they are.

use crate::layout::Layout;
use crate::layout::fact::Fact;
use mdb_dmod::prelude::*;

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// Where it begins.
    pub(crate) base: u64,
    /// Where objects begin.
    pub(crate) area_start: u64,
    /// The address behind the last object.
    pub(crate) area_end: u64,
    /// The heap that it belongs to; 0 for read-only pages, which all isolates share.
    pub(crate) heap: u64,
    /// The space that owns it; 0 for read-only pages.
    pub(crate) owner: u64,
    /// V8's flags.
    pub(crate) flags: u64,
}

/// A page of a large object may be as long as this.
const LONGEST_PAGE: u64 = 1 << 40;
/// All flags are in the lower half of the word (`heap/memory-chunk-layout.h`).
const MOST_FLAGS: u64 = u32::MAX as u64;

/// The page whose header is at an address, if there is one.
pub(crate) fn page_at(memory: Memory<'_>, layout: &Layout, base: u64) -> Result<Option<Page>> {
    match read_page(memory, layout, base) {
        Ok(page) => Ok(page),
        Err(error) if error.is_stop() => Err(error),
        Err(_) => Ok(None),
    }
}

fn read_page(memory: Memory<'_>, layout: &Layout, base: u64) -> Result<Option<Page>> {
    let regular = layout.need(Fact::PageSize)?.cast_unsigned();
    let flags = memory.read_u64(base.wrapping_add_signed(layout.need(Fact::PageFlags)?))?;
    if flags > MOST_FLAGS {
        return Ok(None);
    }
    let metadata = match layout.get(Fact::PageMetadata) {
        Some(offset) => memory.read_u64(base.wrapping_add_signed(offset))?,
        None => base,
    };
    if metadata == 0 || metadata % 8 != 0 {
        return Ok(None);
    }
    let word =
        |fact| -> Result<u64> { memory.read_u64(metadata.wrapping_add_signed(layout.need(fact)?)) };
    let area_start = word(Fact::PageAreaStart)?;
    let inside = base < area_start && area_start - base < regular;
    if !inside {
        return Ok(None);
    }
    let (area_end, size) = (word(Fact::PageAreaEnd)?, word(Fact::PageBytes)?);
    let sound = area_start <= area_end
        && (0x1000..=LONGEST_PAGE).contains(&size)
        && area_end.checked_sub(base).is_some_and(|length| length <= size);
    if !sound {
        return Ok(None);
    }
    let (heap, owner) = (word(Fact::PageHeap)?, word(Fact::PageOwner)?);
    if heap % 8 != 0 || owner % 8 != 0 {
        return Ok(None);
    }
    Ok(Some(Page { base, area_start, area_end, heap, owner, flags }))
}

impl Page {
    /// Whether it is of the new space, where dead objects and stale copies stand beside live ones.
    pub(crate) fn is_young(&self, layout: &Layout) -> bool {
        layout.get(Fact::PageYoungMask).is_some_and(|mask| self.flags & mask.cast_unsigned() != 0)
    }
}

/// Gives every page of the target, in the order of addresses.
pub(crate) fn each_page(
    s: &Session<'_>,
    layout: &Layout,
    each: &mut dyn FnMut(&Page) -> Result<()>,
) -> Result<()> {
    let size = layout.need(Fact::PageSize)?.cast_unsigned();
    let memory = s.memory();
    let mut at = 0;
    while let Some(run) = memory.next_run(at)? {
        if !run.is_of_file && !run.is_zero {
            let mut base = run.start.div_ceil(size).saturating_mul(size);
            while base < run.end {
                if let Some(page) = page_at(memory, layout, base)? {
                    each(&page)?;
                }
                base = base.saturating_add(size);
            }
        }
        at = run.end;
    }
    Ok(())
}
