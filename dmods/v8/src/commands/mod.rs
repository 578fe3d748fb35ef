//! Commands.

pub(crate) mod isolates;
pub(crate) mod jsstack;
pub(crate) mod v8brief;
