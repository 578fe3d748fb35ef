//! The group `types`. The host has no types of its own in this version: the answers come from
//! [`crate::TypesProvider`]s.

use crate::{Cx, Plain, Status, Str, TextCallback};
use core::ffi::c_void;

/// Kinds of types.
pub mod type_kind {
    /// Another kind.
    pub const OTHER: u32 = 0;
    /// An integer without a sign.
    pub const UNSIGNED: u32 = 1;
    /// An integer with a sign.
    pub const SIGNED: u32 = 2;
    /// A floating-point number.
    pub const FLOAT: u32 = 3;
    /// A pointer.
    pub const POINTER: u32 = 4;
    /// A struct, class or object.
    pub const STRUCT: u32 = 5;
    /// A union.
    pub const UNION: u32 = 6;
    /// An array.
    pub const ARRAY: u32 = 7;
    /// An enumeration.
    pub const ENUM: u32 = 8;
    /// A function.
    pub const FUNCTION: u32 = 9;
    /// 0 or 1.
    pub const BOOLEAN: u32 = 10;
    /// A character.
    pub const CHARACTER: u32 = 11;
}

/// A type.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct TypeInfo {
    /// Size of this struct.
    pub struct_size: u32,
    /// [`type_kind`].
    pub kind: u32,
    /// Bytes of a value; 0: unknown.
    pub size: u64,
    /// For an array, how many elements.
    pub count: u64,
    /// Its name.
    pub name: Str,
    /// What a pointer points to, what an array has; or empty.
    pub target: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for TypeInfo {}

/// Receives a type.
pub type TypeCallback =
    Option<unsafe extern "C" fn(arg: *mut c_void, found: *const TypeInfo) -> Status>;

/// A member of a struct or union, or a value of an enumeration.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MemberInfo {
    /// Size of this struct.
    pub struct_size: u32,
    /// [`type_kind`] of the member's type.
    pub kind: u32,
    /// Where it is in the struct, in bytes; for an enumeration the value.
    pub offset: u64,
    /// Bytes of it.
    pub size: u64,
    /// For a bit field, the first bit counted from bit 0 of the byte at `offset`.
    pub bit_offset: u32,
    /// For a bit field, how many bits; else 0.
    pub bit_size: u32,
    /// Its name.
    pub name: Str,
    /// The name of its type.
    pub type_name: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for MemberInfo {}

/// Receives a member.
pub type MemberCallback =
    Option<unsafe extern "C" fn(arg: *mut c_void, member: *const MemberInfo) -> Status>;

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
    /// The type of this name. [`Status::NOT_FOUND`]: nobody knows it.
    pub describe: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            name: Str,
            callback: TypeCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// The member `member` of the type `name`; of no name: all of them, in order.
    pub members: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            name: Str,
            member: Str,
            callback: MemberCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for TypesGroup {}
