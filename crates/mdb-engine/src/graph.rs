//! The memory graph of the session: made when it is asked for first, and kept.

use crate::failure::Failure;
use crate::session::Session;
use mdb_dmod_host::abi::Block;
use mdb_dmod_host::{Flow, GraphView};
use mdb_graph::{Graph, GraphError, Memory, Options, Piece, Root};
use mdb_target::{AddressSpace, Backing};
use std::cell::RefCell;
use std::rc::Rc;

/// The graph, once it was made.
#[derive(Debug, Default)]
pub(crate) struct KeptGraph(RefCell<Option<Rc<Graph>>>);

impl KeptGraph {
    /// Another set of providers may give other blocks.
    pub(crate) fn forget(&self) {
        self.0.borrow_mut().take();
    }
}

/// The memory of a target, as the graph asks for it.
struct TargetMemory<'a> {
    space: &'a AddressSpace,
}

impl TargetMemory<'_> {
    /// How far from `address` it is to where something else may be.
    fn gap(&self, address: u64) -> u64 {
        let segments = self.space.segments();
        let next = segments.partition_point(|s| s.range.end <= address);
        let border = segments.get(next).map(|segment| {
            if segment.range.start > address { segment.range.start } else { segment.range.end }
        });
        border.unwrap_or(u64::MAX).saturating_sub(address).max(1)
    }
}

impl Memory for TargetMemory<'_> {
    fn piece<'m>(&'m self, address: u64, length: u64, buffer: &mut [u8]) -> Piece<'m> {
        let most = usize::try_from(length).unwrap_or(usize::MAX);
        if let Some(segment) = self.space.segment_at(address)
            && matches!(segment.backing, Backing::Zero)
        {
            return Piece::Zero(segment.range.end.saturating_sub(address));
        }
        if let Ok(bytes) = self.space.borrow(address, most) {
            return Piece::Lent(bytes);
        }
        let wanted = most.min(buffer.len());
        let (buffer, _) = buffer.split_at_mut(wanted);
        match self.space.read(address, buffer) {
            Ok(got) => Piece::Copied(got),
            Err(_) => Piece::Unreadable(self.gap(address)),
        }
    }

    fn cancelled(&self) -> bool {
        self.space.interrupt().is_raised()
    }
}

impl Session {
    /// The memory graph; `None` where nobody knows blocks.
    pub(crate) fn graph(&self) -> Result<Option<Rc<Graph>>, Failure> {
        if let Some(graph) = &*self.kept_graph.0.borrow() {
            return Ok(Some(Rc::clone(graph)));
        }
        let mut blocks: Vec<Block> = Vec::new();
        let anybody = self.blocks(&mut |some| {
            blocks.extend_from_slice(some);
            Flow::Continue
        })?;
        if !anybody {
            return Ok(None);
        }
        let mut roots = Vec::new();
        self.roots(&mut |root| {
            roots.push(Root { start: root.start, end: root.end, value: root.value });
            Flow::Continue
        })?;
        let pointer_size = self.target().arch().pointer_size();
        let options = Options {
            pointer_size: u8::try_from(pointer_size).unwrap_or(8),
            big_endian: false,
            read_freed: false,
        };
        let memory = TargetMemory { space: self.target().memory() };
        let built = crate::workers::install(|| Graph::build(blocks, &roots, &memory, options));
        let graph = built.map_err(|error| match error {
            GraphError::Cancelled => Failure::Interrupted,
            other => Failure::Failed(other.to_string()),
        })?;
        let graph = Rc::new(graph);
        if self.providers().is_asking() {
            // A provider asks, whose own blocks or roots are not in it.
            return Ok(Some(graph));
        }
        self.kept_graph.0.replace(Some(Rc::clone(&graph)));
        Ok(Some(graph))
    }
}

/// A graph as it is lent to dmods.
pub(crate) fn view(graph: &Graph) -> GraphView<'_> {
    GraphView {
        nodes: graph.nodes(),
        first_edge: graph.first_edge(),
        edges: graph.all_edges(),
        first_referrer: graph.first_referrer(),
        referrers: graph.all_referrers(),
        roots: graph.roots(),
        unreadable: graph.unreadable(),
        overlapping: graph.overlapping(),
    }
}
