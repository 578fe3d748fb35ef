//! Disassembly of x86-64.
pub(crate) mod decode;
