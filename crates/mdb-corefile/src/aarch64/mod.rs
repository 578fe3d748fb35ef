//! Facts of 64-bit Arm.
pub(crate) mod prstatus;
