//! The group `types`. Only names of types exist in this version.

use crate::{Cx, Plain, Status, Str, TextCallback};
use core::ffi::c_void;

/// Types.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct TypesGroup {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// The number of a type's name, for [`crate::Item::type_id`]. Every name gets one.
    pub by_name: Option<unsafe extern "C" fn(cx: *mut Cx, name: Str, id: *mut u64) -> Status>,
    /// The name for a number.
    pub name_of: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            id: u64,
            callback: TextCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for TypesGroup {}
