//! The mappings of the process.

use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// What may be done with the memory of a mapping.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// It may be read.
    pub read: bool,
    /// It may be written.
    pub write: bool,
    /// It may be executed.
    pub execute: bool,
}

impl Permissions {
    /// From ELF `p_flags` (gABI: `PF_X` 1, `PF_W` 2, `PF_R` 4).
    pub fn from_elf(flags: u32) -> Self {
        Self { read: flags & 4 != 0, write: flags & 2 != 0, execute: flags & 1 != 0 }
    }
}

impl std::fmt::Display for Permissions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let letter = |on, c| if on { c } else { '-' };
        write!(
            f,
            "{}{}{}",
            letter(self.read, 'r'),
            letter(self.write, 'w'),
            letter(self.execute, 'x')
        )
    }
}

/// The file behind a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileBacking {
    /// The path as the process saw it. It may be any bytes: escape it before showing it.
    pub path: OsString,
    /// The offset of the mapping's first byte in the file.
    pub offset: u64,
}

impl FileBacking {
    /// The path without the ` (deleted)` that the kernel appends to the name of a file that was
    /// removed or replaced (`d_path`, `fs/d_path.c`), and whether it was there.
    pub fn path_and_deleted(&self) -> (&Path, bool) {
        let bytes = self.path.as_bytes();
        match bytes.strip_suffix(b" (deleted)") {
            Some(path) if !path.is_empty() => (Path::new(OsStr::from_bytes(path)), true),
            _ => (Path::new(&self.path), false),
        }
    }
}

/// What a mapping is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MappingKind {
    /// A file, named by [`Mapping::file`] unless its name was lost.
    File,
    /// The stack of a thread (its number, 1..N): its stack pointer lies in it.
    Stack(u32),
    /// The code that the kernel lends to the process.
    Vdso,
    /// The heap that `brk` grows.
    Heap,
    /// None of these.
    Anonymous,
}

/// One mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Addresses.
    pub range: Range<u64>,
    /// Protection, if it is known.
    pub permissions: Option<Permissions>,
    /// The file behind it, if one is known.
    pub file: Option<FileBacking>,
    /// What it is for.
    pub kind: MappingKind,
    /// How many of its bytes the target has (for a core: were saved and are in the file).
    pub saved: u64,
}
