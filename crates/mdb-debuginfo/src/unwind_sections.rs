//! What an unwinder needs of a module.

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
