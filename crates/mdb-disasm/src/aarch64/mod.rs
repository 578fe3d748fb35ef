//! Disassembly of 64-bit Arm.
pub(crate) mod decode;
