//! Where V8 keeps things: facts that differ by its version.

#[allow(dead_code, reason = "the layout will ask for them")]
mod tables;
