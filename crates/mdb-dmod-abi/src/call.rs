//! What a command or a walker is called with.

use crate::{Array, Item, Plain, Str};

/// [`Call::flags`]: the address was given, by the user or by a pipe; else the item is dot.
pub const CALL_ADDRESS: u32 = 1;
/// [`Call::flags`]: one call of several: a pipe's, or a repeat count's.
pub const CALL_LOOP: u32 = 2;
/// [`Call::flags`]: the first of them.
pub const CALL_LOOP_FIRST: u32 = 4;
/// [`Call::flags`]: the item came through a pipe.
pub const CALL_PIPE_IN: u32 = 8;
/// [`Call::flags`]: the output goes to another command.
pub const CALL_PIPE_OUT: u32 = 16;

/// [`Value::flags`]: it was given.
pub const VALUE_GIVEN: u32 = 1;

/// The value of an option or of a positional argument.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Value {
    /// [`crate::value_kind`].
    pub kind: u32,
    /// `VALUE_*`.
    pub flags: u32,
    /// The number: 1 for a flag, how often for a count, the index for a choice.
    pub number: u64,
    /// The word as it was written (for flags and counts, empty).
    pub text: Str,
    /// Further values, of a repeated option or of an argument that takes the rest.
    pub rest: Array<Value>,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Value {}

/// A call of a command.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// Size of this struct.
    pub size: u32,
    /// `CALL_*`.
    pub flags: u32,
    /// The address with its type, or dot.
    pub item: Item,
    /// One for each declared option, in that order.
    pub options: Array<Value>,
    /// One for each declared positional argument, in that order.
    pub arguments: Array<Value>,
    /// The whole input of a command with [`crate::DCMD_TAKES_ALL_INPUT`]; else empty.
    pub input: Array<Item>,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Call {}

/// The beginning of a walk.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct WalkCall {
    /// Size of this struct.
    pub size: u32,
    /// [`CALL_ADDRESS`] where the walk starts at an address.
    pub flags: u32,
    /// Where it starts.
    pub start: Item,
}

// SAFETY: integers.
unsafe impl Plain for WalkCall {}
