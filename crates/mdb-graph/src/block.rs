//! Blocks and roots: what a graph is made of.

/// [`Block::state`] of a block in use.
pub const BLOCK_ALLOCATED: u32 = 1;

/// [`Block::flags`]: what is in the block does not count as references.
pub const BLOCK_OPAQUE: u32 = 1;

/// A block of an allocator. The layout is that of the dmod ABI's `Block`, so that a host can lend the
/// nodes as they are.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Block {
    /// Where its bytes begin.
    pub address: u64,
    /// How many bytes it has.
    pub size: u64,
    /// [`BLOCK_ALLOCATED`], or another number: not in use.
    pub state: u32,
    /// [`BLOCK_OPAQUE`]; other bits are carried along.
    pub flags: u32,
}

impl Block {
    /// The last address that belongs to it. A block of no bytes has its own.
    #[inline]
    pub(crate) fn last(&self) -> u64 {
        self.address.saturating_add(self.size.saturating_sub(1))
    }

    /// The address behind its last byte. Does not overflow once the block is a node.
    #[inline]
    pub(crate) fn end(&self) -> u64 {
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

/// A reference from a root. The layout is that of the dmod ABI's `RootEdge`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RootEdge {
    /// The number of the root, as they were given.
    pub root: u32,
    /// The node that it refers to.
    pub node: u32,
    /// Where the word lies; 0 for a value.
    pub at: u64,
}
