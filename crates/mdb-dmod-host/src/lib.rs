//! Finds, checks, opens and calls dmods.
