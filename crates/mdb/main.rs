//! The mdb program.
fn main() {}
