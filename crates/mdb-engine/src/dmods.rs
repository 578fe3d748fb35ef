//! Dmods in the session.

/// Where dmods are looked for.
#[derive(Clone, Debug, Default)]
pub struct DmodPaths;

/// The dmods of a session.
#[derive(Debug, Default)]
pub struct Dmods;
