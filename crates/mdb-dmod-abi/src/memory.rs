//! The group `memory`. All its functions may be called from any thread.

use crate::{Cx, Plain, Status, Str};
use core::ffi::c_void;

/// Borrowed bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Bytes {
    /// The first byte; may be null where `len` is 0.
    pub data: *const u8,
    /// How many.
    pub len: usize,
}

// SAFETY: null and 0 are no bytes.
unsafe impl Plain for Bytes {}

impl Bytes {
    /// No bytes.
    pub const EMPTY: Self = Self { data: core::ptr::null(), len: 0 };

    /// Lends bytes. They must outlive every use of the result.
    pub const fn new(bytes: &[u8]) -> Self {
        Self { data: bytes.as_ptr(), len: bytes.len() }
    }

    /// The bytes.
    ///
    /// # Safety
    /// `data` must point to `len` readable bytes (or `len` be 0) for as long as `'a`.
    pub unsafe fn slice<'a>(self) -> &'a [u8] {
        if self.data.is_null() || self.len == 0 {
            return &[];
        }
        // SAFETY: the caller answers for pointer and length.
        unsafe { core::slice::from_raw_parts(self.data, self.len) }
    }
}

/// Why memory cannot be read.
pub mod fault_kind {
    /// Another reason; the sentence says which.
    pub const OTHER: u32 = 0;
    /// Nothing was mapped there.
    pub const UNMAPPED: u32 = 1;
    /// Mapped, but not saved in the core.
    pub const NOT_IN_CORE: u32 = 2;
    /// The core file ends before.
    pub const TRUNCATED: u32 = 3;
    /// The mapping may not be read.
    pub const PROTECTED: u32 = 4;
    /// It can be read: there is no fault.
    pub const NONE: u32 = 5;
}

/// [`Mapping::flags`]: readable.
pub const MAPPING_READ: u32 = 1;
/// [`Mapping::flags`]: writable.
pub const MAPPING_WRITE: u32 = 2;
/// [`Mapping::flags`]: executable.
pub const MAPPING_EXECUTE: u32 = 4;
/// [`Mapping::flags`]: the three above are known.
pub const MAPPING_PERMISSIONS_KNOWN: u32 = 8;

/// What a mapping is for.
pub mod mapping_kind {
    /// Anonymous memory.
    pub const ANONYMOUS: u32 = 0;
    /// A file.
    pub const FILE: u32 = 1;
    /// The stack of a thread.
    pub const STACK: u32 = 2;
    /// The vDSO.
    pub const VDSO: u32 = 3;
    /// The heap that `brk` grows.
    pub const HEAP: u32 = 4;
}

/// One mapping of the target.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Mapping {
    /// Size of this struct.
    pub size: u32,
    /// `MAPPING_*`.
    pub flags: u32,
    /// [`mapping_kind`].
    pub kind: u32,
    /// The number (1..N) of the thread whose stack it is, or 0.
    pub thread: u32,
    /// First address.
    pub start: u64,
    /// The address behind the last.
    pub end: u64,
    /// The offset of the first byte in the file.
    pub offset: u64,
    /// How many bytes the target has of it.
    pub saved: u64,
    /// The file's path as the process saw it, or empty.
    pub path: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Mapping {}

/// Receives a mapping.
pub type MappingCallback =
    Option<unsafe extern "C" fn(arg: *mut c_void, mapping: *const Mapping) -> Status>;

/// Receives why memory cannot be read: [`fault_kind`] and a sentence.
pub type FaultCallback =
    Option<unsafe extern "C" fn(arg: *mut c_void, kind: u32, sentence: Str) -> Status>;

/// [`MemoryRun::flags`]: all bytes are zero and the core has none of them (a hole in a sparse file).
/// Work on all memory may pass over it.
pub const RUN_ZERO: u32 = 1;
/// [`MemoryRun::flags`]: the core has none of the bytes; they are those of the mapped file.
pub const RUN_FILE: u32 = 2;

/// A run of memory that can be read.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MemoryRun {
    /// Size of this struct, set by the caller.
    pub size: u32,
    /// `RUN_*`.
    pub flags: u32,
    /// First address.
    pub start: u64,
    /// The address behind the last.
    pub end: u64,
}

// SAFETY: integers.
unsafe impl Plain for MemoryRun {}

/// Memory of the target.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MemoryGroup {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// Copies `length` bytes at `address` to `buffer`. `*got` (may be null) is how many were
    /// copied. [`Status::FAULT`] means fewer than asked for: the byte at `address + *got` cannot be
    /// read. After ^C it answers [`Status::CANCELLED`], so that every loop that reads can be
    /// interrupted.
    pub read: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            address: u64,
            buffer: *mut u8,
            length: usize,
            got: *mut usize,
        ) -> Status,
    >,
    /// Lends the bytes at `address`, at most `length`, at least one, until the dcmd returns;
    /// [`Status::UNSUPPORTED`] where they must be copied with `read`.
    pub borrow: Option<
        unsafe extern "C" fn(cx: *mut Cx, address: u64, length: usize, bytes: *mut Bytes) -> Status,
    >,
    /// The first mapping that ends behind `address`; [`Status::NOT_FOUND`] behind the last.
    pub next_mapping: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            address: u64,
            callback: MappingCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// Why the byte at `address` cannot be read.
    pub describe_fault: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            address: u64,
            callback: FaultCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// Searches bytes in `[start, end)`, in what can be read of it, and gives the address of each
    /// place to the callback, in ascending order. Where `mask` has bytes (as many as `pattern`),
    /// only its bits are compared; `alignment` 0 and 1: at any address. Matches may overlap.
    pub search: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            start: u64,
            end: u64,
            pattern: Bytes,
            mask: Bytes,
            alignment: u32,
            callback: AddressCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// The first run of memory at or behind `address` that can be read; it begins at `address` where
    /// that can be read. [`Status::NOT_FOUND`] behind the last. So whole memory is gone over without
    /// asking for what a core does not have, however large it says that it is.
    pub next_run:
        Option<unsafe extern "C" fn(cx: *mut Cx, address: u64, run: *mut MemoryRun) -> Status>,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for MemoryGroup {}

/// Receives an address. [`Status::CLOSED`] stops without a failure.
pub type AddressCallback = Option<unsafe extern "C" fn(arg: *mut c_void, address: u64) -> Status>;
