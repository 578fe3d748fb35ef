//! The group `session`: what is kept from call to call. Only from the thread that runs the dcmd.

use crate::{Bytes, Cx, Plain, Status, Str, TextCallback};
use core::ffi::c_void;

/// Receives bytes.
pub type BytesCallback = Option<unsafe extern "C" fn(arg: *mut c_void, bytes: Bytes) -> Status>;

/// Receives a failure: its sentence and (where `has_address` is not 0) the address it is about.
pub type ErrorCallback = Option<
    unsafe extern "C" fn(arg: *mut c_void, sentence: Str, address: u64, has_address: u32) -> Status,
>;

/// The session.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SessionGroup {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// Bytes that were kept under a key, for this dmod and this target.
    pub get: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            key: Str,
            callback: BytesCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// Keeps a copy of bytes under a key, for this dmod and this target. No bytes: forgets it.
    pub set: Option<unsafe extern "C" fn(cx: *mut Cx, key: Str, bytes: Bytes) -> Status>,
    /// The value of an option of the debugger (`::set`), as text.
    pub option: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            name: Str,
            callback: TextCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// The value of a variable.
    pub variable: Option<unsafe extern "C" fn(cx: *mut Cx, name: Str, value: *mut u64) -> Status>,
    /// Sets a variable.
    pub set_variable: Option<unsafe extern "C" fn(cx: *mut Cx, name: Str, value: u64) -> Status>,
    /// Writes to the session's log, for the author of the dmod.
    pub log: Option<unsafe extern "C" fn(cx: *mut Cx, text: Str) -> Status>,
    /// Why the host function that this thread called last and that failed did so.
    pub last_error: Option<
        unsafe extern "C" fn(cx: *mut Cx, callback: ErrorCallback, arg: *mut c_void) -> Status,
    >,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for SessionGroup {}
