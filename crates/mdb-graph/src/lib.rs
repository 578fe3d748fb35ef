//! The memory graph of a target: which allocated block refers to which, for whoever asks (leaks,
//! types, referrers).
//!
//! [`Graph::build`] takes the blocks of all allocators and the roots (registers, stacks, writable
//! data), reads each block once from its first byte to its last, in parallel, and keeps numbers:
//! nodes are the blocks by address, edges are flat arrays of `u32`. What follows after that touches
//! no memory of the target.
//!
//! A **reference** is a word, aligned to the size of a pointer and wholly inside of a block or a
//! root, whose value is an address inside of a block: its first byte or any other. A block of no
//! bytes has one address, its own. Zero is never a reference, and a block's references to itself are
//! not kept.
//!
//! Memory used, with N blocks, E edges and R references from roots, in bytes:
//!
//! | what | kept | while building |
//! | --- | --- | --- |
//! | nodes | 24 N | (in place) |
//! | index of addresses | at most 8 N, and 56 for each region | |
//! | edges and referrers | 8 N + 8 E | 4 for each edge of a block that is not yet joined |
//! | references from roots | 16 R | 16 R |
//! | each thread | | about 0.5 MiB, and 4 for each edge of the share of the work that it is at |
//!
//! A share is 1 MiB of blocks, or a 16384th of all if that is more. A block of more than two shares is
//! read in parts by several threads; until they are joined an edge of it counts once for each part in
//! which it was found.
//!
//! The crate knows no allocator, no target and no dmod: it asks a [`Memory`].

mod block;
mod edges;
mod graph;
mod index;
mod memory;
mod plan;
mod referrers;
mod roots;
mod words;

pub use block::{BLOCK_OPAQUE, Block, Root, RootEdge, block_state};
pub use graph::{Graph, GraphError, Options};
pub use memory::{Memory, Piece};
