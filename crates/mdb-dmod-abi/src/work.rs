//! The group `work`: the host's threads.

use crate::{Cx, Plain, Status};
use core::ffi::c_void;

/// One part of the work.
pub type WorkFunction = Option<unsafe extern "C" fn(arg: *mut c_void, index: u32) -> Status>;

/// The host's threads.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct WorkGroup {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// Calls `function` for 0..n, from several threads, and returns when all are done; with the
    /// first status that is not [`Status::OK`], after which no further ones are begun.
    pub parallel: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            n: u32,
            function: WorkFunction,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// How many threads there are, at least 1: how many parts are worth making.
    pub threads: Option<unsafe extern "C" fn(cx: *mut Cx) -> u32>,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for WorkGroup {}
