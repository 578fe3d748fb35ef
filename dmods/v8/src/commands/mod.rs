//! Commands.

pub(crate) mod isolates;
pub(crate) mod jsstack;
