//! The mappings of the process: PT_LOADs and NT_FILE put together.

use crate::file_note::FileMapping;
use crate::loads::{self, Load};
use crate::warnings::Warnings;
use mdb_target::{
    Auxv, Backing, FaultReason, FileBacking, Mapping, MappingKind, Permissions, Segment, Thread,
};
use std::ffi::OsStr;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt as _;

/// Puts the two lists together. Where both speak of the same addresses, permissions and bytes
/// come from the PT_LOAD, the name from NT_FILE. An NT_FILE entry without PT_LOAD (gdb leaves
/// out what it does not save) becomes a mapping without bytes. `path_budget` bounds the bytes of
/// paths that are copied.
pub(crate) fn merge(
    loads: &[Load],
    files: &[FileMapping],
    path_budget: usize,
    warnings: &mut Warnings,
) -> Vec<Mapping> {
    let sorted;
    let loads = if loads::are_in_order(loads) {
        loads
    } else {
        sorted = sorted_without_overlaps(loads);
        warnings.push("the PT_LOAD program headers overlap or are out of order".to_owned());
        &sorted
    };
    let mut paths = Paths { left: path_budget, out: false };
    let mut mappings = Vec::with_capacity(loads.len().max(files.len()));
    let (mut loads, mut files) = (loads.iter().peekable(), files.iter().peekable());
    // Everything below is done.
    let mut at = 0;
    loop {
        while loads.next_if(|l| l.range.end <= at).is_some() {}
        while files.next_if(|f| f.range.end <= at).is_some() {}
        let (load, file) = (loads.peek().copied(), files.peek().copied());
        let starts = [load.map(|l| l.range.start.max(at)), file.map(|f| f.range.start.max(at))];
        let Some(start) = starts.into_iter().flatten().min() else { break };
        let load_here = load.filter(|l| l.range.start <= start);
        let file_here = file.filter(|f| f.range.start <= start);
        // To where the next thing begins or ends.
        let border = |range: &Range<u64>| if range.start > start { range.start } else { range.end };
        let borders = [load.map(|l| border(&l.range)), file.map(|f| border(&f.range))];
        let Some(end) = borders.into_iter().flatten().min() else { break };
        mappings.push(mapping(start..end, load_here, file_here, &mut paths));
        at = end;
    }
    if paths.out {
        warnings.push("NT_FILE: mappings overlap so often that some names are left out".to_owned());
    }
    mappings
}

/// The names that may still be copied.
struct Paths {
    left: usize,
    out: bool,
}

fn mapping(
    range: Range<u64>,
    load: Option<&Load>,
    file: Option<&FileMapping>,
    paths: &mut Paths,
) -> Mapping {
    let backing = file.and_then(|f| {
        let path = f.path?;
        let Some(left) = paths.left.checked_sub(path.len()) else {
            paths.out = true;
            return None;
        };
        paths.left = left;
        Some(FileBacking {
            path: OsStr::from_bytes(path).to_owned(),
            offset: f.offset.saturating_add(range.start - f.range.start),
        })
    });
    Mapping {
        permissions: load.map(|l| Permissions::from_elf(l.flags)),
        kind: if file.is_some() { MappingKind::File } else { MappingKind::Anonymous },
        file: backing,
        saved: load.map_or(0, |l| l.present_end.min(range.end).saturating_sub(range.start)),
        range,
    }
}

/// A later one ends where the next begins; enough for a damaged file.
fn sorted_without_overlaps(loads: &[Load]) -> Vec<Load> {
    let mut sorted = loads.to_vec();
    sorted.sort_by_key(|l| l.range.start);
    let mut next_start = u64::MAX;
    for load in sorted.iter_mut().rev() {
        load.range.end = load.range.end.min(next_start);
        load.saved_end = load.saved_end.min(next_start);
        load.present_end = load.present_end.min(next_start);
        next_start = load.range.start;
    }
    sorted.retain(|l| !l.range.is_empty());
    sorted
}

/// The segments of the mappings that no PT_LOAD names.
pub(crate) fn segments_without_load(mappings: &[Mapping]) -> impl Iterator<Item = Segment> + '_ {
    mappings.iter().filter(|m| m.permissions.is_none()).map(|m| Segment {
        range: m.range.clone(),
        backing: Backing::Absent(FaultReason::NotInCore),
    })
}

/// The index of the mapping that holds an address.
fn index_of(mappings: &[Mapping], address: u64) -> Option<usize> {
    let after = mappings.partition_point(|m| m.range.start <= address);
    let index = after.checked_sub(1)?;
    mappings.get(index).filter(|m| address < m.range.end).map(|_| index)
}

/// The mapping that holds an address.
pub(crate) fn find(mappings: &[Mapping], address: u64) -> Option<&Mapping> {
    mappings.get(index_of(mappings, address)?)
}

/// Says what the anonymous mappings are for: the vDSO, the stacks of the threads, the heap.
pub(crate) fn name_kinds(
    mappings: &mut [Mapping],
    threads: &[Thread],
    auxv: &Auxv,
    executable: Option<&OsStr>,
) {
    let vdso = auxv.get(Auxv::SYSINFO_EHDR).and_then(|at| index_of(mappings, at));
    if let Some(mapping) = vdso.and_then(|i| mappings.get_mut(i)) {
        mapping.kind = MappingKind::Vdso;
    }
    for thread in threads {
        let Some(sp) = thread.registers.sp() else { continue };
        if let Some(mapping) = stack_of(mappings, sp).and_then(|i| mappings.get_mut(i))
            && mapping.kind == MappingKind::Anonymous
        {
            mapping.kind = MappingKind::Stack(thread.number);
        }
    }
    if let Some(mapping) = heap(mappings, executable).and_then(|i| mappings.get_mut(i)) {
        mapping.kind = MappingKind::Heap;
    }
}

/// The kernel keeps this much free below a stack that grows (`stack_guard_gap`, 256 pages,
/// `mm/mmap.c`), so nothing else is that near.
const STACK_GAP: u64 = 256 * 4096;

fn is_usable(mapping: &Mapping) -> bool {
    mapping.kind == MappingKind::Anonymous && mapping.permissions.is_some_and(|p| p.write)
}

/// The mapping that a stack pointer belongs to: the one that holds it, or, after an overflow,
/// the one right above the guard page or the gap that it points into.
fn stack_of(mappings: &[Mapping], sp: u64) -> Option<usize> {
    let above = if let Some(index) = index_of(mappings, sp) {
        let here = mappings.get(index)?;
        let guard = here.file.is_none()
            && here.permissions.is_some_and(|p| !p.read && !p.write && !p.execute);
        if !guard {
            return Some(index);
        }
        let next = mappings.get(index + 1)?;
        (next.range.start == here.range.end).then_some(index + 1)?
    } else {
        let index = mappings.partition_point(|m| m.range.start <= sp);
        (mappings.get(index)?.range.start - sp <= STACK_GAP).then_some(index)?
    };
    mappings.get(above).filter(|m| is_usable(m)).map(|_| above)
}

/// How far above the executable `brk` may begin (`arch_randomize_brk` of the architectures).
const HEAP_DISTANCE: u64 = 1 << 30;

/// The heap that `brk` grows: the first writable anonymous mapping above the executable's last
/// one. One that touches the executable is its bss; without randomisation the heap grows on
/// from there, so that is the second choice. Cores do not say it: this is a good guess.
fn heap(mappings: &[Mapping], executable: Option<&OsStr>) -> Option<usize> {
    let executable = executable?;
    let is_of = |m: &Mapping| m.file.as_ref().is_some_and(|f| f.path == executable);
    let last = mappings.iter().rposition(is_of)?;
    let end = mappings.get(last)?.range.end;
    let mut bss = None;
    for (index, mapping) in mappings.iter().enumerate().skip(last + 1) {
        if mapping.kind == MappingKind::File || mapping.range.start - end > HEAP_DISTANCE {
            break;
        }
        if is_usable(mapping) {
            if mapping.range.start > end {
                return Some(index);
            }
            bss = Some(index);
        }
    }
    bss
}
