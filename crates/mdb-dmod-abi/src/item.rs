//! What flows through pipes.

use crate::Plain;

/// A typed item: a value and what it is.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Item {
    /// The value.
    pub value: u64,
    /// The number of its type's name ([`crate::TypesGroup::by_name`]); 0 is an address of
    /// anything. What a dcmd emits with type 0 gets the dcmd's declared output type.
    pub type_id: u64,
}

// SAFETY: integers.
unsafe impl Plain for Item {}

impl Item {
    /// An item without a type.
    pub const fn address(value: u64) -> Self {
        Self { value, type_id: 0 }
    }
}
