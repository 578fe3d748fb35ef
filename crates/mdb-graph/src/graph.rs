//! The graph, and how it is made.

use rayon::prelude::*;

use crate::block::{Block, Extent, Root, RootEdge};
use crate::edges::{self, Edges};
use crate::index::{NONE, NodeIndex};
use crate::memory::Memory;
use crate::words::{Big4, Big8, Little4, Little8, Word};
use crate::{referrers, roots};

/// How to read the target.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The size of a pointer in bytes: 4 or 8.
    pub pointer_size: u8,
    /// Whether the most significant byte comes first.
    pub big_endian: bool,
    /// Also read blocks whose state is not [`crate::block_state::ALLOCATED`]. What is left in a block that
    /// was given back is no reference of the program's, so this is for special questions. Such blocks
    /// are nodes either way: others may refer to them.
    pub read_freed: bool,
}

/// Why there is no graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// [`Memory::cancelled`] said so.
    #[error("interrupted")]
    Cancelled,
    /// A size of pointers other than 4 and 8.
    #[error("pointers of {0} bytes are not supported")]
    PointerSize(u8),
    /// More blocks than numbers for them.
    #[error("{0} blocks are too many for a memory graph")]
    TooManyBlocks(usize),
    /// More edges than numbers for them.
    #[error("{0} references between blocks are too many for a memory graph")]
    TooManyEdges(u64),
    /// More roots than numbers for them.
    #[error("{0} roots are too many for a memory graph")]
    TooManyRoots(usize),
    /// The system gives no more memory.
    #[error("not enough memory for a memory graph: {0} bytes at once are needed")]
    OutOfMemory(usize),
}

/// The nodes and their index: what the threads look at.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub(crate) nodes: &'a [Block],
    pub(crate) index: &'a NodeIndex,
}

/// An empty list with room for `count`.
pub(crate) fn room<T>(count: usize) -> Result<Vec<T>, GraphError> {
    let mut list = Vec::new();
    match list.try_reserve_exact(count) {
        Ok(()) => Ok(list),
        Err(_) => Err(GraphError::OutOfMemory(count.saturating_mul(size_of::<T>()))),
    }
}

/// What can be numbered; smaller in tests.
#[derive(Clone, Copy)]
struct Limits {
    nodes: usize,
    edges: u64,
}

const LIMITS: Limits = Limits { nodes: NONE as usize - 1, edges: u32::MAX as u64 };

/// The memory graph of a target: blocks as numbered nodes, with who refers to whom. May be read by
/// many threads.
pub struct Graph {
    nodes: Vec<Block>,
    index: NodeIndex,
    edges: Edges,
    referrers: Edges,
    roots: Vec<RootEdge>,
    unreadable_roots: u64,
    overlapping: u64,
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Graph")
            .field("nodes", &self.nodes.len())
            .field("edges", &self.edges.list.len())
            .field("roots", &self.roots.len())
            .field("unreadable", &self.edges.unreadable)
            .field("overlapping", &self.overlapping)
            .finish_non_exhaustive()
    }
}

impl Graph {
    /// Reads all blocks and roots and makes the graph, on the threads of the rayon pool that it is
    /// called in. The result does not depend on the order of `blocks` nor on the number of threads.
    ///
    /// Of blocks that overlap the one that begins first is kept; of those that begin at the same
    /// address the largest. A block that would reach beyond the last address is cut at it.
    ///
    /// # Errors
    ///
    /// What cannot be read is counted and no error. See [`GraphError`].
    pub fn build(
        blocks: Vec<Block>,
        roots: &[Root],
        memory: &dyn Memory,
        options: Options,
    ) -> Result<Self, GraphError> {
        let build = match (options.pointer_size, options.big_endian) {
            (8, false) => build::<Little8>,
            (8, true) => build::<Big8>,
            (4, false) => build::<Little4>,
            (4, true) => build::<Big4>,
            (size, _) => return Err(GraphError::PointerSize(size)),
        };
        build(blocks, roots, memory, options.read_freed, LIMITS)
    }

    /// The blocks by address. They do not overlap, and `address + size` of none overflows.
    pub fn nodes(&self) -> &[Block] {
        &self.nodes
    }

    /// Where the edges of each node begin in [`Graph::all_edges`]; one more than there are nodes.
    pub fn first_edge(&self) -> &[u32] {
        &self.edges.first
    }

    /// The edges of all nodes.
    pub fn all_edges(&self) -> &[u32] {
        &self.edges.list
    }

    /// Where the referrers of each node begin in [`Graph::all_referrers`]; one more than there are
    /// nodes.
    pub fn first_referrer(&self) -> &[u32] {
        &self.referrers.first
    }

    /// The referrers of all nodes.
    pub fn all_referrers(&self) -> &[u32] {
        &self.referrers.list
    }

    /// The nodes that node `n` refers to: ascending, each once, not itself. Empty if there is no `n`.
    pub fn edges(&self, n: u32) -> &[u32] {
        self.edges.of(n)
    }

    /// The nodes that refer to node `n`: ascending, each once, not itself. Empty if there is no `n`.
    pub fn referrers(&self, n: u32) -> &[u32] {
        self.referrers.of(n)
    }

    /// The references from roots, by number of the root, then by place. A root has one for each word
    /// that refers to a block.
    pub fn roots(&self) -> &[RootEdge] {
        &self.roots
    }

    /// The node that covers an address.
    pub fn node_at(&self, address: u64) -> Option<u32> {
        let node = self.index.find(&self.nodes, address);
        (node != NONE).then_some(node)
    }

    /// Bytes of blocks that could not be read. Blocks that are not looked into do not count.
    pub fn unreadable(&self) -> u64 {
        self.edges.unreadable
    }

    /// Bytes of roots that could not be read.
    pub fn unreadable_roots(&self) -> u64 {
        self.unreadable_roots
    }

    /// Blocks that were left out because they overlap others.
    pub fn overlapping(&self) -> u64 {
        self.overlapping
    }
}

impl Edges {
    fn of(&self, n: u32) -> &[u32] {
        match self.first.get(n as usize..).unwrap_or_default() {
            [begin, end, ..] => self.list.get(*begin as usize..*end as usize).unwrap_or_default(),
            _ => &[],
        }
    }
}

fn build<W: Word>(
    mut nodes: Vec<Block>,
    roots: &[Root],
    memory: &dyn Memory,
    read_freed: bool,
    limits: Limits,
) -> Result<Graph, GraphError> {
    if memory.cancelled() {
        return Err(GraphError::Cancelled);
    }
    let overlapping = tidy(&mut nodes);
    if nodes.len() > limits.nodes {
        return Err(GraphError::TooManyBlocks(nodes.len()));
    }
    let index = NodeIndex::new(&nodes);
    let parts = Parts { nodes: &nodes, index: &index };
    let edges = edges::find::<W>(parts, memory, read_freed, limits.edges)?;
    let referrers = referrers::reverse(&edges, memory)?;
    let (roots, unreadable_roots) = roots::find::<W>(parts, roots, memory)?;
    Ok(Graph { nodes, index, edges, referrers, roots, unreadable_roots, overlapping })
}

/// Sorts blocks and drops those that overlap earlier ones; how many.
fn tidy(blocks: &mut Vec<Block>) -> u64 {
    blocks.par_iter_mut().for_each(|block| block.size = block.size.min(u64::MAX - block.address));
    blocks.par_sort_unstable_by_key(|block| {
        (block.address, std::cmp::Reverse(block.size), block.state, block.flags)
    });
    let before = blocks.len();
    let mut last = None;
    blocks.retain(|block| {
        let keep = last.is_none_or(|last| block.address > last);
        if keep {
            last = Some(block.last());
        }
        keep
    });
    if blocks.capacity() > blocks.len() + blocks.len() / 8 {
        blocks.shrink_to_fit();
    }
    (before - blocks.len()) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Piece;

    /// Every word of it is 0x1000.
    struct Same;

    impl Memory for Same {
        fn piece<'m>(&'m self, _: u64, _: u64, buffer: &mut [u8]) -> Piece<'m> {
            buffer.as_chunks_mut().0.iter_mut().for_each(|word| *word = 0x1000u64.to_le_bytes());
            Piece::Copied(buffer.len() & !7)
        }

        fn cancelled(&self) -> bool {
            false
        }
    }

    /// Four blocks, three of which refer to the first.
    #[test]
    fn what_cannot_be_numbered_is_an_error() {
        let blocks: Vec<Block> =
            (1..5).map(|i| Block { address: 0x1000 * i, size: 64, state: 1, flags: 0 }).collect();
        let build = |nodes, edges| {
            let limits = Limits { nodes, edges };
            build::<Little8>(blocks.clone(), &[], &Same, false, limits)
                .map(|graph| graph.all_edges().len())
        };
        assert_eq!(build(4, 3), Ok(3));
        assert_eq!(build(4, 2), Err(GraphError::TooManyEdges(3)));
        assert_eq!(build(3, 3), Err(GraphError::TooManyBlocks(4)));
        assert_eq!(room::<u64>(usize::MAX).err(), Some(GraphError::OutOfMemory(usize::MAX)));
    }
}
