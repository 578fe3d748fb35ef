//! Spoils a core in every way: each field of each structure, and a cut at each of their edges.

use std::collections::BTreeSet;

/// A structure's fields: name, offset, size. ELF64 only (elf(5)).
type Fields = &'static [(&'static str, usize, usize)];

const HEADER: Fields = &[
    ("ei_mag0", 0, 1),
    ("ei_class", 4, 1),
    ("ei_data", 5, 1),
    ("ei_version", 6, 1),
    ("ei_osabi", 7, 1),
    ("e_type", 16, 2),
    ("e_machine", 18, 2),
    ("e_version", 20, 4),
    ("e_entry", 24, 8),
    ("e_phoff", 32, 8),
    ("e_shoff", 40, 8),
    ("e_flags", 48, 4),
    ("e_ehsize", 52, 2),
    ("e_phentsize", 54, 2),
    ("e_phnum", 56, 2),
    ("e_shentsize", 58, 2),
    ("e_shnum", 60, 2),
    ("e_shstrndx", 62, 2),
];

const PROGRAM_HEADER: Fields = &[
    ("p_type", 0, 4),
    ("p_flags", 4, 4),
    ("p_offset", 8, 8),
    ("p_vaddr", 16, 8),
    ("p_paddr", 24, 8),
    ("p_filesz", 32, 8),
    ("p_memsz", 40, 8),
    ("p_align", 48, 8),
];

const NOTE_HEADER: Fields = &[("n_namesz", 0, 4), ("n_descsz", 4, 4), ("n_type", 8, 4)];

const SECTION_HEADER: Fields = &[
    ("sh_name", 0, 4),
    ("sh_type", 4, 4),
    ("sh_flags", 8, 8),
    ("sh_addr", 16, 8),
    ("sh_offset", 24, 8),
    ("sh_size", 32, 8),
    ("sh_link", 40, 4),
    ("sh_info", 44, 4),
];

/// How many structures of a kind are spoilt one by one: the first of each are like the others.
const EACH: usize = 40;

/// One way to spoil.
enum Edit {
    /// The file ends here.
    Cut(usize),
    /// These bytes stand at these offsets instead.
    Write(Vec<(usize, Vec<u8>)>),
}

/// Every spoilt variant of a little-endian 64-bit core, as `(what was done, bytes)`, made as the
/// iterator is asked: each field of the ELF header, of program and section headers and of note
/// headers takes extreme values; the words inside of NT_FILE and NT_AUXV too; the file is cut at and
/// inside of each structure; section headers lie in wild places.
pub fn mutations(bytes: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> {
    plan(bytes).into_iter().map(|(name, edit)| {
        let spoilt = match edit {
            Edit::Cut(length) => bytes.get(..length).unwrap_or(bytes).to_vec(),
            Edit::Write(places) => {
                let mut spoilt = bytes.to_vec();
                for (offset, new) in places {
                    if let Some(old) = spoilt.get_mut(offset..offset + new.len()) {
                        old.copy_from_slice(&new);
                    }
                }
                spoilt
            }
        };
        (name, spoilt)
    })
}

/// Up to 8 bytes, little-endian; 0 beyond the end.
fn read(bytes: &[u8], offset: usize, size: usize) -> u64 {
    let field = offset.checked_add(size).and_then(|end| bytes.get(offset..end)).unwrap_or_default();
    field.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// All that will be done.
fn plan(bytes: &[u8]) -> Vec<(String, Edit)> {
    let mut edits = Vec::new();
    let mut cuts: BTreeSet<usize> = [0, 1, 4, 15, 16, 40, 63, 64].into();
    spoil(&mut edits, bytes, "header", HEADER, 0);

    let table = read(bytes, 32, 8) as usize;
    let count = read(bytes, 56, 2) as usize;
    for index in 0..count.min(EACH) {
        let at = table + index * 56;
        spoil(&mut edits, bytes, &format!("segment {index}"), PROGRAM_HEADER, at);
        cuts.extend([at, at + 20, at + 55]);
        let (start, size) = (read(bytes, at + 8, 8) as usize, read(bytes, at + 32, 8) as usize);
        cuts.extend([start, start + size / 2, (start + size).saturating_sub(1), start + size]);
        if read(bytes, at, 4) == 4 {
            spoil_notes(&mut edits, &mut cuts, bytes, start, start + size);
        }
    }

    let sections = read(bytes, 40, 8) as usize;
    if sections != 0 {
        spoil(&mut edits, bytes, "section 0", SECTION_HEADER, sections);
        cuts.extend([sections, sections + 20, sections + 63]);
    }
    // Section headers in wild places, with the counts that make a reader go there.
    let length = bytes.len() as u64;
    for place in [1, 63, length - length.min(1), length, length + 1, u64::MAX - 63, u64::MAX] {
        for (phnum, shnum, entry) in
            [(0xffff_u16, 0_u16, 64_u16), (0xffff, 1, 0), (0xffff, 1, 64), (1, 0xffff, 64)]
        {
            let name =
                format!("e_shoff={place:#x} e_phnum={phnum} e_shnum={shnum} e_shentsize={entry}");
            let places = vec![
                (40, place.to_le_bytes().to_vec()),
                (56, phnum.to_le_bytes().to_vec()),
                (58, entry.to_le_bytes().to_vec()),
                (60, shnum.to_le_bytes().to_vec()),
            ];
            edits.push((name, Edit::Write(places)));
        }
    }
    let inside = cuts.into_iter().filter(|cut| *cut < bytes.len());
    edits.extend(inside.map(|cut| (format!("cut at {cut:#x}"), Edit::Cut(cut))));
    edits
}

/// Extreme values for each field of the structure at an offset.
fn spoil(edits: &mut Vec<(String, Edit)>, bytes: &[u8], what: &str, fields: Fields, at: usize) {
    for &(name, offset, size) in fields {
        spoil_field(edits, bytes, &format!("{what} {name}"), at + offset, size);
    }
}

/// Extreme values for one field.
fn spoil_field(edits: &mut Vec<(String, Edit)>, bytes: &[u8], what: &str, at: usize, size: usize) {
    if at + size > bytes.len() {
        return;
    }
    let old = read(bytes, at, size);
    let mask = u64::MAX >> (64 - 8 * size);
    let length = bytes.len() as u64;
    let values: BTreeSet<u64> = [
        0,
        1,
        old.wrapping_add(1),
        old.wrapping_sub(1),
        old.wrapping_add(4),
        old.wrapping_mul(2),
        !old,
        length,
        length + 1,
        mask >> 1,
        (mask >> 1) + 1,
        mask - 3,
        mask,
    ]
    .into_iter()
    .map(|value| value & mask)
    .filter(|value| *value != old)
    .collect();
    for value in values {
        let new = value.to_le_bytes().get(..size).unwrap_or_default().to_vec();
        edits.push((format!("{what}={value:#x}"), Edit::Write(vec![(at, new)])));
    }
}

/// Notes: their headers, the words in their descriptions that say counts and places, and cuts.
fn spoil_notes(
    edits: &mut Vec<(String, Edit)>,
    cuts: &mut BTreeSet<usize>,
    bytes: &[u8],
    start: usize,
    end: usize,
) {
    let mut at = start;
    let mut index = 0;
    while at + 12 <= end.min(bytes.len()) && index < EACH {
        let name_size = read(bytes, at, 4) as usize;
        let size = read(bytes, at + 4, 4) as usize;
        let kind = read(bytes, at + 8, 4) as u32;
        let what = format!("note {index} (type {kind:#x})");
        spoil(edits, bytes, &what, NOTE_HEADER, at);
        let description = at + 12 + name_size.next_multiple_of(4);
        let words = match kind {
            super::note_type::FILE => 8,
            super::note_type::AUXV => 10,
            _ => 0,
        };
        for word in 0..words.min(size / 8) {
            spoil_field(edits, bytes, &format!("{what} word {word}"), description + 8 * word, 8);
        }
        let next = description + size.next_multiple_of(4);
        cuts.extend([at, at + 1, at + 6, at + 12, at + 14, description, description + size / 2]);
        cuts.extend([next.saturating_sub(1), next]);
        at = next;
        index += 1;
    }
}
