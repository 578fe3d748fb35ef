//! `NT_FILE`: which files were mapped where.
//!
//! Source: `fill_files_note` in the kernel's `fs/binfmt_elf.c`. Two words (count, page size),
//! then for each mapping three words (start, end, offset in pages), then the names in the same
//! order, each with a NUL.

use crate::bytes::{u64_at, until_nul};
use crate::notes::RawNote;
use crate::warnings::Warnings;
use std::ops::Range;

/// A mapping of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileMapping {
    pub(crate) range: Range<u64>,
    /// In bytes.
    pub(crate) offset: u64,
    /// `None` if the note was cut before it.
    pub(crate) path: Option<&'static [u8]>,
}

const HEADER: usize = 16;
const ENTRY: usize = 24;
/// The kernel's `d_path` gives at most a page; gdb copies what the kernel says.
const LONGEST_PATH: usize = 4096;

/// Decodes the note, as far as it goes. Sorted by address, without overlaps.
pub(crate) fn decode(note: &RawNote, warnings: &mut Warnings) -> Vec<FileMapping> {
    let data = note.data;
    let (Some(count), Some(page_size)) = (u64_at(data, 0), u64_at(data, 8)) else {
        if !note.cut {
            warnings.push(format!(
                "offset {:#x}: expected NT_FILE of at least {HEADER} bytes, found {}",
                note.offset,
                data.len()
            ));
        }
        return Vec::new();
    };
    let fitting = data.len().saturating_sub(HEADER) / ENTRY;
    let promised = usize::try_from(count).unwrap_or(usize::MAX);
    let count = promised.min(fitting);
    if promised > fitting && !note.cut {
        warnings.push(format!(
            "offset {:#x}: expected at most {fitting} mappings in NT_FILE, found {promised}",
            note.offset
        ));
    }
    let names_at = promised.saturating_mul(ENTRY).saturating_add(HEADER);
    let mut names = data.get(names_at..).unwrap_or(&[]);
    let mut mappings = Vec::with_capacity(count);
    for i in 0..count {
        let at = HEADER + i * ENTRY;
        let (Some(start), Some(end), Some(offset)) =
            (u64_at(data, at), u64_at(data, at + 8), u64_at(data, at + 16))
        else {
            break;
        };
        let name = until_nul(names);
        // A name without its NUL was cut.
        let path = (name.len() < names.len() && !name.is_empty())
            .then(|| name.get(..LONGEST_PATH).unwrap_or(name));
        names = names.get(name.len() + 1..).unwrap_or(&[]);
        mappings.push(FileMapping {
            range: start..end,
            offset: offset.saturating_mul(page_size),
            path,
        });
    }
    let before = mappings.len();
    mappings.retain(|m| m.range.start < m.range.end);
    mappings.sort_by_key(|m| m.range.start);
    let mut last_end = 0;
    mappings.retain(|m| {
        let fits = m.range.start >= last_end;
        if fits {
            last_end = m.range.end;
        }
        fits
    });
    if mappings.len() < before {
        warnings.push(format!(
            "offset {:#x}: {} mappings of NT_FILE are empty or overlap others, left out",
            note.offset,
            before - mappings.len()
        ));
    }
    mappings
}
