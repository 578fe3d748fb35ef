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

#[cfg(test)]
mod tests {
    use super::*;

    fn note(words: &[u64], names: &[u8], cut: bool) -> RawNote {
        let mut data: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        data.extend(names);
        RawNote { owner: b"CORE", kind: 0, data: data.leak(), offset: 0, cut }
    }

    type Plain = (Range<u64>, u64, Option<&'static str>);

    /// Range, offset, name of each, and how many warnings.
    fn read(note: &RawNote) -> (Vec<Plain>, usize) {
        let mut warnings = Warnings::default();
        let list = decode(note, &mut warnings);
        let text = |path: &'static [u8]| std::str::from_utf8(path).unwrap();
        let list = list.into_iter().map(|m| (m.range, m.offset, m.path.map(text))).collect();
        (list, warnings.finish().len())
    }

    const TWO: [u64; 8] = [2, 0x4000, 0x10000, 0x20000, 3, 0x30000, 0x40000, 0];

    #[test]
    fn offsets_are_in_the_notes_pages() {
        let both =
            vec![(0x10000..0x20000, 0xc000, Some("/a")), (0x30000..0x40000, 0, Some("/b c"))];
        assert_eq!(read(&note(&TWO, b"/a\0/b c\0", false)), (both, 0));
    }

    #[test]
    fn cut_within_the_names_or_before() {
        let (list, _) = read(&note(&TWO, b"/a\0/b", true));
        assert_eq!(list[1], (0x30000..0x40000, 0, None));
        let (list, warnings) = read(&note(&TWO[..6], b"", true));
        assert_eq!((list, warnings), (vec![(0x10000..0x20000, 0xc000, None)], 0));
        assert_eq!(read(&note(&TWO[..1], b"", true)), (vec![], 0));
        assert_eq!(read(&note(&TWO[..1], b"", false)), (vec![], 1));
    }

    #[test]
    fn wrong_ones_are_left_out() {
        let words = [3, 1, 0x10, 0x20, 0, 0x18, 0x30, 0, 0x50, 0x40, 0];
        let (list, warnings) = read(&note(&words, b"/a\0/b\0/c\0", false));
        assert_eq!((list, warnings), (vec![(0x10..0x20, 0, Some("/a"))], 1));
    }
}
