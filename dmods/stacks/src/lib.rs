//! The stacks dmod.
