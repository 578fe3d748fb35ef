//! The floating-point and vector registers of a thread.
