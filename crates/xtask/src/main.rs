//! The tasks of the workspace: demo, test, checks, benches.
fn main() {}
