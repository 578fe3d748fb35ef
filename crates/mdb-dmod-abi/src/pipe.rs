//! The group `pipe`. Only from the thread that runs the dcmd.

use crate::{Cx, Item, Plain, Status};

/// Pipes.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct PipeGroup {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// Pushes one item into the next stage, which runs before this returns. At the end of a
    /// pipeline the item is printed. [`Status::CLOSED`]: the next stage wants no more;
    /// [`Status::CANCELLED`]: the user wants no more. Return either.
    pub emit: Option<unsafe extern "C" fn(cx: *mut Cx, item: Item) -> Status>,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for PipeGroup {}
