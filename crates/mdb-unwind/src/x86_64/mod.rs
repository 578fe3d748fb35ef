//! What unwinding on x86-64 needs to know.
pub(crate) mod call_site;
pub(crate) mod prologue;
pub(crate) mod rules;
pub(crate) mod signal_frame;
