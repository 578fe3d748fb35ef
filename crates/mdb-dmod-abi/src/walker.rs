//! Walkers.

use crate::{Cx, Host, Item, ItemCallback, Plain, Status, Str, WalkCall};
use core::ffi::c_void;

/// [`Walker::flags`]: may start at an address.
pub const WALKER_START_OPTIONAL: u32 = 0;
/// [`Walker::flags`]: must start at an address.
pub const WALKER_START_REQUIRED: u32 = 1;
/// [`Walker::flags`]: must not start at an address.
pub const WALKER_START_NONE: u32 = 2;

/// Begins a walk and answers with a state of the walker's own.
pub type WalkInit = Option<
    unsafe extern "C" fn(
        host: *const Host,
        cx: *mut Cx,
        call: *const WalkCall,
        state: *mut *mut c_void,
    ) -> Status,
>;
/// The next item, or [`Status::CLOSED`] at the end.
pub type WalkStep = Option<
    unsafe extern "C" fn(
        host: *const Host,
        cx: *mut Cx,
        state: *mut c_void,
        item: *mut Item,
    ) -> Status,
>;
/// Ends a walk. Called exactly once for each successful [`WalkInit`].
pub type WalkFini =
    Option<unsafe extern "C" fn(host: *const Host, cx: *mut Cx, state: *mut c_void)>;
/// A whole walk: calls `each` for every item and stops with the status that it answers, if that is
/// not [`Status::OK`].
pub type WalkEach = Option<
    unsafe extern "C" fn(
        host: *const Host,
        cx: *mut Cx,
        call: *const WalkCall,
        each: ItemCallback,
        arg: *mut c_void,
    ) -> Status,
>;

/// A walker: either `init`, `step` and `fini`, or `each`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Walker {
    /// Its name.
    pub name: Str,
    /// One line.
    pub summary: Str,
    /// Markdown.
    pub help: Str,
    /// The name of the type that it starts at; empty: an address of anything.
    pub input_type: Str,
    /// The name of the type of its items; empty: addresses of anything.
    pub output_type: Str,
    /// The walker whose items it starts at when it is given no start, or empty.
    pub layered_on: Str,
    /// `WALKER_*`.
    pub flags: u32,
    /// 0.
    pub reserved: u32,
    /// See [`WalkInit`].
    pub init: WalkInit,
    /// See [`WalkStep`].
    pub step: WalkStep,
    /// See [`WalkFini`]; may be null.
    pub fini: WalkFini,
    /// See [`WalkEach`]; used where `step` is null.
    pub each: WalkEach,
}

// SAFETY: integers, pointers, optional functions.
unsafe impl Plain for Walker {}
// SAFETY: static data that nobody writes.
unsafe impl Sync for Walker {}
