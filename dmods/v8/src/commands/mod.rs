//! Commands.

pub(crate) mod isolates;
pub(crate) mod jsstack;
pub(crate) mod table;
pub(crate) mod v8layout;
