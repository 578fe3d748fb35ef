//! The group `targets`: further targets in one session, to compare two cores.

use crate::{Cx, Host, Plain, Status, Str};
use core::ffi::c_void;

/// Runs with another target: all that is asked through this context is asked of that target.
/// Output goes to where the caller's own goes.
pub type TargetCallback =
    Option<unsafe extern "C" fn(arg: *mut c_void, host: *const Host, cx: *mut Cx) -> Status>;

/// Further targets. Only from the thread that runs the dcmd.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct TargetsGroup {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// Opens a core, or an executable, and gives it a number from 1. The same path has the same
    /// number. It stays open until it is closed or the session ends.
    pub open: Option<unsafe extern "C" fn(cx: *mut Cx, path: Str, target: *mut u32) -> Status>,
    /// Calls the callback with a context of that target; 0 is the session's own.
    pub with: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            target: u32,
            callback: TargetCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// Closes a target. While a call works with it that is an error.
    pub close: Option<unsafe extern "C" fn(cx: *mut Cx, target: u32) -> Status>,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for TargetsGroup {}
