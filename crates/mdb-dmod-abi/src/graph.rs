//! The group `graph`: which block refers to which. One graph for all that ask.

use crate::{Array, Block, Cx, Plain, Status};

/// A reference from a root.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RootEdge {
    /// The number of the root, in the order in which `providers.roots` gives them.
    pub root: u32,
    /// The node that it refers to.
    pub node: u32,
    /// Where the reference lies; for a register 0.
    pub at: u64,
}

// SAFETY: integers.
unsafe impl Plain for RootEdge {}

/// The graph of all allocated blocks: nodes are numbered by address. The edges of node `n` are
/// `edges[first_edge[n]..first_edge[n + 1]]`; likewise its referrers. An edge is a word (aligned to
/// the size of a pointer) in a block whose value is an address inside of another block, also one
/// that is not the block's first byte. Lent until the dcmd returns; may be read by many threads.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Graph {
    /// Size of this struct, set by the caller.
    pub size: u32,
    /// 0.
    pub flags: u32,
    /// The blocks, by address. They do not overlap.
    pub nodes: Array<Block>,
    /// One more than there are nodes.
    pub first_edge: Array<u32>,
    /// Numbers of nodes, for each node ascending and each once.
    pub edges: Array<u32>,
    /// One more than there are nodes.
    pub first_referrer: Array<u32>,
    /// Numbers of nodes, for each node ascending and each once.
    pub referrers: Array<u32>,
    /// References from roots, by root.
    pub roots: Array<RootEdge>,
    /// Bytes of blocks that could not be read.
    pub unreadable: u64,
    /// Blocks that were left out because they overlap others.
    pub overlapping: u64,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Graph {}

/// The memory graph. Only from the thread that runs the dcmd.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct GraphGroup {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// The graph; it is made when it is asked for first, with the host's threads, and kept. `flags`
    /// is 0. [`Status::NOT_FOUND`]: nobody provides blocks.
    pub get: Option<unsafe extern "C" fn(cx: *mut Cx, flags: u32, graph: *mut Graph) -> Status>,
    /// The node that covers an address; [`Status::NOT_FOUND`] if none does.
    pub node_at: Option<unsafe extern "C" fn(cx: *mut Cx, address: u64, node: *mut u32) -> Status>,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for GraphGroup {}
