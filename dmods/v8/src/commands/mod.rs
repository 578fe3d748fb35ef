//! Commands.

pub(crate) mod isolates;
