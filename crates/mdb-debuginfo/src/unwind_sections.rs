//! What an unwinder needs of a module.

use crate::elf_image::{ElfImage, PT_GNU_EH_FRAME, PT_LOAD, ProgramHeader, SHT_NOBITS};
use crate::module::Module;
use crate::saved_memory::saved_static;
use std::ops::Range;

/// A section with the address that the file gives it (before the bias is added).
#[derive(Clone, Copy, Debug)]
pub struct SectionBytes {
    /// `sh_addr`, or the address computed from a program header.
    pub address: u64,
    /// Its contents, decompressed.
    pub bytes: &'static [u8],
}

/// The unwind sections of one module. Any may be missing.
#[derive(Clone, Debug)]
pub struct UnwindSections {
    /// The module's number in its target: a key for caches.
    pub module: u32,
    /// The module's addresses in the target.
    pub range: Range<u64>,
    /// What to add (wrapping) to an address of the file to get one of the target.
    pub bias: u64,
    /// `.eh_frame`.
    pub eh_frame: Option<SectionBytes>,
    /// `.eh_frame_hdr`.
    pub eh_frame_hdr: Option<SectionBytes>,
    /// `.debug_frame`, from the file or from its separate debug file.
    pub debug_frame: Option<SectionBytes>,
    /// The address of `.text`, for text-relative pointers.
    pub text: Option<u64>,
    /// The address of `.got`, for data-relative pointers.
    pub got: Option<u64>,
}

/// Finds the unwind sections of a module: through its section headers, else through its program
/// headers, in the file or, where there is none, in the target's memory.
pub(crate) fn load(module: &Module) -> UnwindSections {
    let image = module.image().map(AsRef::as_ref);
    let mut sections = UnwindSections {
        module: module.number(),
        range: module.range(),
        bias: module.bias(),
        eh_frame: image.and_then(|i| section(i, ".eh_frame")),
        eh_frame_hdr: image.and_then(|i| section(i, ".eh_frame_hdr")),
        debug_frame: image
            .and_then(|i| section(i, ".debug_frame"))
            .or_else(|| section(module.debug_image()?, ".debug_frame")),
        text: image.and_then(|i| address(i, ".text")),
        got: image.and_then(|i| address(i, ".got")),
    };
    if sections.eh_frame.is_some() && sections.eh_frame_hdr.is_some() {
        return sections;
    }
    let (header, frames) = match (image, module.loaded()) {
        (Some(image), _) => through_headers(&image.headers, |address, limit| {
            let bytes = image.bytes_at(address)?;
            Some(bytes.get(..limit).unwrap_or(bytes))
        }),
        (None, Some(loaded)) => through_headers(&loaded.headers, |address, limit| {
            let memory = module.target().memory();
            let bytes = saved_static(memory, address.wrapping_add(loaded.bias), limit);
            (!bytes.is_empty()).then_some(bytes)
        }),
        (None, None) => (None, None),
    };
    sections.eh_frame_hdr = sections.eh_frame_hdr.or(header);
    sections.eh_frame = sections.eh_frame.or(frames);
    sections
}

fn section(image: &ElfImage, name: &str) -> Option<SectionBytes> {
    let header = image.section(name).filter(|s| s.kind() != SHT_NOBITS)?;
    let bytes = image.section_bytes(name).filter(|b| !b.is_empty())?;
    Some(SectionBytes { address: header.range().start, bytes })
}

fn address(image: &ElfImage, name: &str) -> Option<u64> {
    Some(image.section(name)?.range().start)
}

/// More unwind information than large programs have (a browser: some 20 MiB).
const LONGEST: u64 = 1 << 26;

/// `.eh_frame_hdr` by its program header and `.eh_frame` by the pointer in it (Linux Standard
/// Base, "The .eh_frame_hdr section"): version 1, three encodings, then the pointer.
fn through_headers(
    headers: &[ProgramHeader],
    bytes_at: impl Fn(u64, usize) -> Option<&'static [u8]>,
) -> (Option<SectionBytes>, Option<SectionBytes>) {
    let Some(header) = headers.iter().find(|h| h.kind == PT_GNU_EH_FRAME) else {
        return (None, None);
    };
    let size = header.memory_size.min(LONGEST) as usize;
    let Some(bytes) = bytes_at(header.address, size) else { return (None, None) };
    let hdr = SectionBytes { address: header.address, bytes };
    let frames = || {
        let word = |at: usize| Some(i32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        // What every linker writes is DW_EH_PE_pcrel | DW_EH_PE_sdata4 (0x1b); seen from the
        // pointer, which is at byte 4.
        let [1, 0x1b, ..] = bytes else { return None };
        let address = header.address.wrapping_add(4).wrapping_add_signed(i64::from(word(4)?));
        let segment = headers.iter().find(|h| h.kind == PT_LOAD && h.range().contains(&address))?;
        // Its end is unknown; a terminator or the end of the segment ends it.
        let left = (segment.range().end - address).min(LONGEST) as usize;
        Some(SectionBytes { address, bytes: bytes_at(address, left)? })
    };
    (Some(hdr), frames())
}
