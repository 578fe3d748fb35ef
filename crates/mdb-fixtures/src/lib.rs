//! Builds, crashes and finds the programs and cores that the tests debug.
