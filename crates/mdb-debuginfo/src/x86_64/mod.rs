//! What is particular to AMD64.
pub(crate) mod plt;
