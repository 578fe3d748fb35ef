//! Facts of x86-64.
pub(crate) mod prstatus;
