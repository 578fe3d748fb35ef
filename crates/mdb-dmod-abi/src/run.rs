//! The group `run`: walkers, commands, expressions. `cancelled` from any thread, the others only
//! from the one that runs the dcmd.

use crate::{Cx, Item, Plain, Status, Str, TextCallback};
use core::ffi::c_void;

/// Receives an item. [`Status::CLOSED`] stops without a failure.
pub type ItemCallback = Option<unsafe extern "C" fn(arg: *mut c_void, item: Item) -> Status>;

/// Running things.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct RunGroup {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// Walks with the walker `name`, from `start` (null: it finds its own). Answers what the
    /// callback answered last if that was not [`Status::OK`].
    pub walk: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            name: Str,
            start: *const Item,
            callback: ItemCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// Runs a line of the language with dot set to `dot` (null: as it is). With a callback, the
    /// items of its last stage go there; without one, its output is shown.
    pub command: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            text: Str,
            dot: *const Item,
            callback: ItemCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// Runs a line of the language and gives its text to the callback, piece by piece.
    pub capture: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            text: Str,
            dot: *const Item,
            callback: TextCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// The value of an expression.
    pub evaluate: Option<unsafe extern "C" fn(cx: *mut Cx, text: Str, value: *mut u64) -> Status>,
    /// [`Status::CANCELLED`] after ^C.
    pub cancelled: Option<unsafe extern "C" fn(cx: *mut Cx) -> Status>,
    /// How far this call is; `total` 0: unknown. Cheap enough to be called often.
    pub progress:
        Option<unsafe extern "C" fn(cx: *mut Cx, done: u64, total: u64, what: Str) -> Status>,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for RunGroup {}
