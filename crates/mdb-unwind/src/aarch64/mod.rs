//! What unwinding on 64-bit Arm needs to know.
pub(crate) mod call_site;
pub(crate) mod prologue;
pub(crate) mod rules;
pub(crate) mod signal_frame;
