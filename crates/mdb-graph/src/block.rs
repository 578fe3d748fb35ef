//! Blocks and roots: what a graph is made of. Blocks and edges are those of the dmod ABI, so that a
//! host lends them as they are.

pub use mdb_dmod_abi::{BLOCK_OPAQUE, Block, RootEdge, block_state};

/// Where a block ends.
pub(crate) trait Extent {
    /// The last address that belongs to it. A block of no bytes has its own.
    fn last(&self) -> u64;

    /// The address behind its last byte. Does not overflow once the block is a node.
    fn end(&self) -> u64;
}

impl Extent for Block {
    #[inline]
    fn last(&self) -> u64 {
        self.address.saturating_add(self.size.saturating_sub(1))
    }

    #[inline]
    fn end(&self) -> u64 {
        self.address.saturating_add(self.size)
    }
}

/// Something outside the blocks that may refer to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root {
    /// The first address of a range of memory.
    pub start: u64,
    /// The address behind its last; equal to `start` if the root is a value and no memory.
    pub end: u64,
    /// The value then.
    pub value: u64,
}
