//! Text.

use crate::{Plain, Status};
use core::ffi::c_void;

/// Borrowed UTF-8 text. Receivers replace what is not UTF-8.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Str {
    /// The first byte; may be null where `len` is 0.
    pub data: *const u8,
    /// How many bytes, without any NUL.
    pub len: usize,
}

// SAFETY: null and 0 are the empty text.
unsafe impl Plain for Str {}
// SAFETY: borrowed, and nobody writes it while it is lent.
unsafe impl Sync for Str {}
// SAFETY: as above.
unsafe impl Send for Str {}

impl Default for Str {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl Str {
    /// No text.
    pub const EMPTY: Self = Self { data: core::ptr::null(), len: 0 };

    /// Lends text. It must outlive every use of the result.
    pub const fn new(text: &str) -> Self {
        Self { data: text.as_ptr(), len: text.len() }
    }

    /// The bytes.
    ///
    /// # Safety
    /// `data` must point to `len` readable bytes (or `len` be 0) for as long as `'a`.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.data.is_null() || self.len == 0 {
            return &[];
        }
        // SAFETY: the caller answers for pointer and length.
        unsafe { core::slice::from_raw_parts(self.data, self.len) }
    }

    /// The text up to the first byte that is not UTF-8.
    ///
    /// # Safety
    /// As for [`Str::bytes`].
    pub unsafe fn text<'a>(self) -> &'a str {
        // SAFETY: the caller answers for pointer and length.
        let bytes = unsafe { self.bytes() };
        match core::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => bytes
                .get(..error.valid_up_to())
                .and_then(|valid| core::str::from_utf8(valid).ok())
                .unwrap_or(""),
        }
    }
}

/// Receives one text.
pub type TextCallback = Option<unsafe extern "C" fn(arg: *mut c_void, text: Str) -> Status>;
