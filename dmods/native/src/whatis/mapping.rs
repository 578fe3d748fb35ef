//! Which mapping, which segment of which file, or how far from the nearest.

use super::explanation::{Explanation, rank};
use super::facts::Facts;
use crate::elf::segment;
use mdb_dmod::{Mapping, MappingKind, Result};
use std::fmt::Write as _;

/// Farther away from a mapping, an address has nothing to do with it.
const NEAR: u64 = 1 << 20;
/// Pointers to the members of nothing are below (`vm.mmap_min_addr`).
const NULL_PAGES: u64 = 1 << 16;

/// `[lo,hi)`.
pub(crate) fn range(mapping: &Mapping) -> String {
    format!("[{:x},{:x})", mapping.start, mapping.end)
}

/// What a mapping is, and its name.
fn name(mapping: &Mapping) -> (&'static str, String) {
    match mapping.kind {
        MappingKind::File => ("file mapping", mapping.path.clone()),
        MappingKind::Stack(thread) => {
            ("stack", format!("the mapping of the stack of thread {thread}"))
        }
        MappingKind::Vdso => ("vdso", "the vdso".to_owned()),
        MappingKind::Heap => ("heap", "the heap".to_owned()),
        _ => ("anonymous mapping", "an anonymous mapping".to_owned()),
    }
}

pub(crate) fn explain(address: u64, mapping: &Mapping, found: &mut Vec<Explanation>) {
    let (kind, what) = name(mapping);
    let offset = address.wrapping_sub(mapping.start);
    let mut text = format!("in {what} {} {}", range(mapping), mapping.permissions_text());
    if mapping.kind == MappingKind::File {
        let _ = write!(text, ", offset 0x{:x} in the file", mapping.offset.wrapping_add(offset));
    }
    found.push(Explanation { offset: Some(offset), ..Explanation::new(rank::MAPPING, kind, text) });
}

/// What of its file stands at an address: `text`, `.bss`; empty where it is of no file.
pub(crate) fn section(facts: &Facts<'_>, address: u64) -> Result<String> {
    let Some(module) = facts.module_at(address)? else { return Ok(String::new()) };
    let headers = facts.headers(module)?;
    let found = segment(&headers, address.wrapping_sub(module.bias));
    Ok(found.map_or(String::new(), |(_, _, contents)| contents.to_owned()))
}

pub(crate) fn explain_segment(
    facts: &Facts<'_>,
    address: u64,
    found: &mut Vec<Explanation>,
) -> Result<()> {
    // The vdso is one mapping, and is said to be that.
    let Some(module) = facts.module_at(address)?.filter(|module| !module.is_vdso) else {
        return Ok(());
    };
    let headers = facts.headers(module)?;
    let in_file = address.wrapping_sub(module.bias);
    let Some((index, header, contents)) = segment(&headers, in_file) else { return Ok(()) };
    let flag = |bit: u32, letter: char| if header.flags & bit != 0 { letter } else { '-' };
    let text = format!(
        "in segment {index} of {} ({contents}, {}{}{}), 0x{in_file:x} in the addresses of the file",
        module.path,
        flag(4, 'r'),
        flag(2, 'w'),
        flag(1, 'x'),
    );
    found.push(Explanation {
        section: contents.to_owned(),
        offset: Some(in_file.wrapping_sub(header.address)),
        ..Explanation::new(rank::SEGMENT, "segment", text)
    });
    Ok(())
}

/// For an address in no mapping: the nearest ones.
pub(crate) fn explain_gap(
    facts: &Facts<'_>,
    address: u64,
    found: &mut Vec<Explanation>,
) -> Result<()> {
    let mappings = facts.mappings()?;
    let next = mappings.partition_point(|mapping| mapping.end <= address);
    let above = mappings.get(next).filter(|above| above.start - address.min(above.start) <= NEAR);
    let below = next.checked_sub(1).and_then(|index| mappings.get(index));
    let below = below.filter(|below| address - below.end <= NEAR);
    let mut explanation = Explanation::new(rank::GAP, "unknown", "unknown");
    if address >= NULL_PAGES {
        if let Some(below) = below {
            let (_, what) = name(below);
            let behind = address - below.end;
            explanation.details.push(match behind {
                0 => format!("right behind the end of {what} {}", range(below)),
                behind => format!("0x{behind:x} behind the end of {what} {}", range(below)),
            });
        }
        if let Some(above) = above {
            let (_, what) = name(above);
            let before = above.start - address;
            explanation.details.push(format!("0x{before:x} before {what} {}", range(above)));
            match above.kind {
                MappingKind::Stack(thread) => {
                    "guard".clone_into(&mut explanation.kind);
                    explanation.thread = Some(thread);
                    explanation.details.push(format!(
                        "below the stack of thread {thread}: a stack overflow? (inferred)"
                    ));
                }
                MappingKind::Vdso => explanation.details.push(
                    "the data of the vdso (vvar) is here, which no core has (inferred)".to_owned(),
                ),
                _ => {}
            }
        }
    }
    found.push(explanation);
    Ok(())
}
