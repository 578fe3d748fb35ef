//! Separate debug files: by build-id, by `.gnu_debuglink`.

use crate::elf_image::ElfImage;
use crate::file_search::FileSearch;
use crate::module_file::{below, build_id_path, debug_dirs};
use mdb_target::map_file;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Looks for the debug file of a module. `file` is where the module's own file was found,
/// `path` where the process had it; `image` is that file. Every candidate is verified by build-id,
/// or by the check sum of the link where there is no build-id.
pub(crate) fn find_debug_file<'a>(
    search: &FileSearch,
    file: Option<&Path>,
    path: &Path,
    image: Option<&ElfImage>,
    build_id: impl Fn() -> Option<&'a [u8]>,
) -> Option<(PathBuf, Arc<ElfImage>)> {
    let id = image.and_then(ElfImage::build_id).or_else(build_id);
    let open = |candidate: &Path, checksum: Option<u32>| {
        // Most candidates do not exist; no file that is no file is opened.
        let data = map_file(candidate).ok()?.data;
        if image.is_some_and(|i| std::ptr::eq(i.data, data)) {
            return None;
        }
        let debug = ElfImage::parse(data).ok()?;
        let right = match (id, debug.build_id()) {
            (Some(wanted), Some(found)) => wanted == found,
            _ => checksum.is_some_and(|sum| crc32(data) == sum),
        };
        right.then(|| (candidate.to_owned(), Arc::new(debug)))
    };
    if let Some(link) = id.and_then(|id| build_id_path(id, ".debug")) {
        for dir in debug_dirs(search) {
            if let Some(found) = open(&dir.join(&link), None) {
                return Some(found);
            }
        }
    }
    let (name, checksum) = debug_link(image?)?;
    let own_dirs = [file.and_then(Path::parent), path.parent()];
    let mut candidates = Vec::new();
    if let Some(dir) = own_dirs.into_iter().flatten().next() {
        candidates.push(dir.join(name));
        candidates.push(dir.join(".debug").join(name));
    }
    for debug_dir in debug_dirs(search) {
        for dir in own_dirs.into_iter().flatten() {
            candidates.push(below(&debug_dir, dir).join(name));
        }
    }
    candidates.iter().find_map(|c| open(c, Some(checksum)))
}

/// The contents of `.gnu_debuglink`: a file name with its NUL, padding to four bytes, the CRC-32
/// of that file (GDB manual, "Debugging Information in Separate Files").
fn debug_link(image: &ElfImage) -> Option<(&'static OsStr, u32)> {
    let section = image.section_bytes(".gnu_debuglink")?;
    let end = section.iter().position(|b| *b == 0)?;
    let name = section.get(..end)?;
    let at = end.checked_add(1)?.checked_next_multiple_of(4)?;
    let checksum = u32::from_le_bytes(section.get(at..at.checked_add(4)?)?.try_into().ok()?);
    // A name, not a path: it comes from the file and is opened.
    if name.is_empty() || name.contains(&b'/') || name == b".." {
        return None;
    }
    Some((OsStr::from_bytes(name), checksum))
}

/// CRC-32 with the polynomial 0xedb88320, as `.gnu_debuglink` has it.
fn crc32(data: &[u8]) -> u32 {
    const TABLES: [[u32; 256]; 8] = crc_tables();
    let table = |number: usize, byte: u32| {
        TABLES.get(number).and_then(|t| t.get((byte & 0xff) as usize)).copied().unwrap_or(0)
    };
    let mut crc = !0u32;
    let (blocks, rest) = data.as_chunks::<8>();
    for [a, b, c, d, e, f, g, h] in blocks {
        let low = crc ^ u32::from_le_bytes([*a, *b, *c, *d]);
        crc = table(7, low)
            ^ table(6, low >> 8)
            ^ table(5, low >> 16)
            ^ table(4, low >> 24)
            ^ table(3, u32::from(*e))
            ^ table(2, u32::from(*f))
            ^ table(1, u32::from(*g))
            ^ table(0, u32::from(*h));
    }
    for byte in rest {
        crc = table(0, crc ^ u32::from(*byte)) ^ (crc >> 8);
    }
    !crc
}

#[allow(clippy::indexing_slicing, reason = "computed by the compiler, which checks it")]
const fn crc_tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut i = 0;
    while i < 256 {
        let mut value = i as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 != 0 { value >> 1 ^ 0xedb8_8320 } else { value >> 1 };
            bit += 1;
        }
        tables[0][i] = value;
        i += 1;
    }
    let mut table = 1;
    while table < 8 {
        let mut i = 0;
        while i < 256 {
            let before = tables[table - 1][i];
            tables[table][i] = before >> 8 ^ tables[0][(before & 0xff) as usize];
            i += 1;
        }
        table += 1;
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_of_the_textbook() {
        // The check value of the catalogue of CRC algorithms (CRC-32/ISO-HDLC).
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }
}
