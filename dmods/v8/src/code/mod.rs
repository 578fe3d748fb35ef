//! Where a pc in V8-generated code is in JavaScript: the tables that V8 keeps beside its code.
//!
//! Everything here is pure: bytes in, answers or [`Malformed`] out, no target. Where versions of V8
//! differ in how they encode something, there is an enum named for the encodings, and one table of
//! which version uses which; the caller takes the variant from its layout.
//!
//! The facts are read in the V8 sources of Node 18, 20, 22, 24 and 26 (V8 10.2, 11.3, 12.4, 13.6 and
//! 14.6). "From" in a table is the first of those five where the variant was seen; the change itself may
//! be in a version between.

pub(crate) mod baseline;
pub(crate) mod bytecodes;
pub(crate) mod deopt_data;
pub(crate) mod embedded;
pub(crate) mod inlining;
pub(crate) mod malformed;
pub(crate) mod position_table;
#[cfg(test)]
mod recorded;
pub(crate) mod safepoints;
pub(crate) mod translations;
pub(crate) mod variants;
mod words;

pub(crate) use malformed::Malformed;
