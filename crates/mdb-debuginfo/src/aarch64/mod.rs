//! What is particular to 64-bit Arm.
pub(crate) mod plt;
