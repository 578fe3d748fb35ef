//! Providers: how dmods extend the host itself.

use crate::{Plain, Str};
use core::ffi::c_void;

/// Kinds of providers. Each has a table of its own, named after it; a host ignores kinds that it
/// does not know.
pub mod provider_kind {
    /// Callers, names and arguments of frames that no unwind table describes.
    pub const FRAME: u32 = 1;
    /// What is at an address where no ELF symbol is.
    pub const SYMBOL: u32 = 2;
    /// Whether an address is yours, and what it is.
    pub const WHATIS: u32 = 3;
    /// Every allocated block.
    pub const BLOCKS: u32 = 4;
    /// Types by name, types of objects.
    pub const TYPES: u32 = 5;
    /// How to print values of a type.
    pub const PRINTER: u32 = 6;
    /// Where references from outside the heap are.
    pub const ROOTS: u32 = 7;
}

/// A provider. Asked in order of priority; each can be switched off by name.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Provider {
    /// [`provider_kind`].
    pub kind: u32,
    /// `PROVIDER_*`; none are defined yet.
    pub flags: u32,
    /// The higher, the earlier it is asked.
    pub priority: i32,
    /// 0.
    pub reserved: u32,
    /// Its name.
    pub name: Str,
    /// One line.
    pub about: Str,
    /// The table of its kind, which begins with its own size (`u32`).
    pub table: *const c_void,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Provider {}
// SAFETY: static data that nobody writes.
unsafe impl Sync for Provider {}
