//! The memory graph: which block refers to which.

use crate::session::function;
use crate::{Error, Result, Session};
use mdb_dmod_abi::{Array, Block, GraphGroup, RootEdge};

/// The graph of all allocated blocks, lent until the command returns; many threads may read it. Nodes
/// are numbered by address. An edge is an aligned word of a block in use whose value is an address
/// inside of another block.
#[derive(Clone, Copy, Debug)]
pub struct MemoryGraph<'a> {
    /// The blocks by address. They do not overlap.
    pub nodes: &'a [Block],
    first_edge: &'a [u32],
    edges: &'a [u32],
    first_referrer: &'a [u32],
    referrers: &'a [u32],
    /// References from roots, by the number of the root in the order of [`Session::roots`].
    pub roots: &'a [RootEdge],
    /// Bytes of blocks that could not be read.
    pub unreadable: u64,
    /// Blocks that were left out because they overlap others.
    pub overlapping: u64,
}

/// # Safety
/// The array is the host's, which lends it for as long as `'a`.
unsafe fn slice<'a, T>(array: Array<T>) -> Result<&'a [T]> {
    if array.count == 0 || array.items.is_null() {
        return Ok(&[]);
    }
    if array.stride as usize != size_of::<T>() {
        return Err(Error::HostTooOld("the memory graph of this mdb has other elements"));
    }
    // SAFETY: says the caller.
    Ok(unsafe { std::slice::from_raw_parts(array.items, array.count as usize) })
}

/// Part `n` of a flat list.
fn part<'a>(first: &[u32], list: &'a [u32], n: u32) -> &'a [u32] {
    let at = |n: usize| first.get(n).map(|at| *at as usize);
    let range = at(n as usize).zip(at((n as usize).saturating_add(1)));
    range.and_then(|(from, to)| list.get(from..to)).unwrap_or(&[])
}

impl<'a> MemoryGraph<'a> {
    /// The nodes that node `n` refers to, ascending.
    pub fn edges(&self, n: u32) -> &'a [u32] {
        part(self.first_edge, self.edges, n)
    }

    /// The nodes that refer to node `n`, ascending.
    pub fn referrers(&self, n: u32) -> &'a [u32] {
        part(self.first_referrer, self.referrers, n)
    }

    /// How many edges there are.
    pub fn edge_count(&self) -> usize {
        self.edges.len()
    }

    /// The node that covers an address.
    pub fn node_at(&self, address: u64) -> Option<u32> {
        let after = self.nodes.partition_point(|block| block.address <= address);
        let index = after.checked_sub(1)?;
        let block = self.nodes.get(index)?;
        let covers = address == block.address || address - block.address < block.size;
        covers.then(|| u32::try_from(index).unwrap_or(u32::MAX))
    }
}

impl Session<'_> {
    /// The memory graph; it is made when somebody asks for it first, and shared by all who ask.
    ///
    /// # Errors
    /// [`Error::NotFound`] where no loaded dmod knows the blocks of an allocator.
    pub fn memory_graph(&self) -> Result<MemoryGraph<'_>> {
        let function = function!(self.graph, GraphGroup, get)?;
        let mut graph = mdb_dmod_abi::Graph {
            size: size_of::<mdb_dmod_abi::Graph>() as u32,
            flags: 0,
            nodes: Array::EMPTY,
            first_edge: Array::EMPTY,
            edges: Array::EMPTY,
            first_referrer: Array::EMPTY,
            referrers: Array::EMPTY,
            roots: Array::EMPTY,
            unreadable: 0,
            overlapping: 0,
        };
        // SAFETY: the context is that of the call under way.
        let status = unsafe { function(self.cx, 0, &raw mut graph) };
        self.check(status)?;
        // SAFETY: the host lends the arrays until the command returns.
        unsafe {
            Ok(MemoryGraph {
                nodes: slice(graph.nodes)?,
                first_edge: slice(graph.first_edge)?,
                edges: slice(graph.edges)?,
                first_referrer: slice(graph.first_referrer)?,
                referrers: slice(graph.referrers)?,
                roots: slice(graph.roots)?,
                unreadable: graph.unreadable,
                overlapping: graph.overlapping,
            })
        }
    }
}
