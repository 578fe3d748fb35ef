//! The PT_LOAD program headers: which memory is where in the file.

use crate::bytes::clipped;
use crate::warnings::Warnings;
use mdb_target::{Backing, FaultReason, Segment};
use object::LittleEndian as LE;
use object::elf::{PT_LOAD, ProgramHeader64};
use std::ops::Range;

/// A PT_LOAD, cut to what is true of it.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    /// Its addresses.
    pub(crate) range: Range<u64>,
    /// `p_flags`.
    pub(crate) flags: u32,
    /// `p_offset`.
    pub(crate) offset: u64,
    /// Up to which address the core should have bytes.
    pub(crate) saved_end: u64,
    /// Up to which address the file does have bytes.
    pub(crate) present_end: u64,
}

/// Reads the PT_LOADs in the order of the file, without the empty ones.
pub(crate) fn read(
    data: &'static [u8],
    program: &[ProgramHeader64<LE>],
    warnings: &mut Warnings,
) -> Vec<Load> {
    let mut loads = Vec::with_capacity(program.len());
    let mut missing = (0u64, 0u64);
    let mut expected = 0u64;
    for header in program.iter().filter(|p| p.p_type.get(LE) == PT_LOAD) {
        let (start, size) = (header.p_vaddr.get(LE), header.p_memsz.get(LE));
        let (offset, saved) = (header.p_offset.get(LE), header.p_filesz.get(LE));
        let range = start..start.saturating_add(size);
        if saved > size || range.end - start < size {
            warnings.push(format!(
                "PT_LOAD at address {start:#x}: expected {saved:#x} bytes of the file within \
                 {size:#x} bytes of memory"
            ));
        }
        if range.is_empty() {
            continue;
        }
        let saved = saved.min(range.end - start);
        let present = clipped(data, offset, saved).len() as u64;
        if present < saved {
            missing = (missing.0 + 1, missing.1.saturating_add(saved - present));
            expected = expected.max(offset.saturating_add(saved));
        }
        loads.push(Load {
            flags: header.p_flags.get(LE).0,
            offset,
            saved_end: start + saved,
            present_end: start + present,
            range,
        });
    }
    if missing.0 > 0 {
        warnings.push(format!(
            "the core is truncated: expected {expected:#x} bytes, the file has {:#x}; {:#x} bytes \
             of {} mappings are lost",
            data.len(),
            missing.1,
            missing.0
        ));
    }
    loads
}

/// Whether they stand in order and without overlaps, as they should.
pub(crate) fn are_in_order(loads: &[Load]) -> bool {
    loads.windows(2).all(|w| matches!(w, [a, b] if a.range.end <= b.range.start))
}

/// Bounds the work for hostile files, in which many PT_LOADs name the same holes.
const MOST_PIECES: usize = 1 << 20;

/// The segments of the PT_LOADs. `holes` are those of the file.
pub(crate) fn segments(data: &'static [u8], loads: &[Load], holes: &[Range<u64>]) -> Vec<Segment> {
    let mut segments = Vec::with_capacity(loads.len() + holes.len());
    for load in loads {
        let most = MOST_PIECES.saturating_sub(segments.len());
        present_segments(data, load, holes, most, &mut segments);
        // What should be there, and is not.
        segments.push(Segment {
            range: load.present_end..load.saved_end,
            backing: Backing::Absent(FaultReason::Truncated),
        });
        // Memory that may not be touched (a guard page) is not missing anything.
        let reason =
            if load.flags & 7 == 0 { FaultReason::Protected } else { FaultReason::NotInCore };
        segments.push(Segment {
            range: load.saved_end..load.range.end,
            backing: Backing::Absent(reason),
        });
    }
    segments.retain(|s| !s.range.is_empty());
    segments
}

/// The part that is in the file, at the cost of at most `most` pieces if it has holes.
fn present_segments(
    data: &'static [u8],
    load: &Load,
    holes: &[Range<u64>],
    most: usize,
    segments: &mut Vec<Segment>,
) {
    let length = load.present_end - load.range.start;
    let file_end = load.offset.saturating_add(length);
    let bytes = |from: u64, to: u64| Segment {
        range: load.range.start + (from - load.offset)..load.range.start + (to - load.offset),
        backing: Backing::Bytes(clipped(data, from, to - from)),
    };
    let mut at = load.offset;
    let first = holes.partition_point(|h| h.end <= load.offset);
    for hole in holes.iter().skip(first).take(most / 2) {
        if hole.start >= file_end {
            break;
        }
        let (start, end) = (hole.start.max(load.offset), hole.end.min(file_end));
        segments.push(bytes(at, start));
        segments.push(Segment { backing: Backing::Zero, ..bytes(start, end) });
        at = end;
    }
    segments.push(bytes(at, file_end));
}
