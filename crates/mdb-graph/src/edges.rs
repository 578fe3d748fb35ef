//! The edges: every block is read once, and what its words refer to is noted.

use rayon::prelude::*;

use crate::block::{BLOCK_OPAQUE, Block, Extent, block_state};
use crate::graph::{GraphError, Parts, room};
use crate::index::NONE;
use crate::memory::Memory;
use crate::plan::{Share, shares};
use crate::words::{Reader, Word};

/// Values are looked up so many at a time: the processor waits for several nodes at once.
const BATCH: usize = 4096;

/// Targets of one block beyond which those found twice are dropped before its end.
const MANY: usize = 1 << 16;

/// Edges by node: those of `n` are `list[first[n]..first[n + 1]]`.
#[derive(Default)]
pub(crate) struct Edges {
    pub(crate) first: Vec<u32>,
    pub(crate) list: Vec<u32>,
    /// Bytes that could not be read.
    pub(crate) unreadable: u64,
}

/// Whether a block's words count.
pub(crate) fn is_read(block: &Block, freed: bool) -> bool {
    block.flags & BLOCK_OPAQUE == 0 && (freed || block.state == block_state::ALLOCATED)
}

/// The part of the address space in which all nodes lie: most words fail here.
#[derive(Clone, Copy)]
pub(crate) struct Filter {
    low: u64,
    span: u64,
}

impl Filter {
    pub(crate) fn new(nodes: &[Block]) -> Self {
        // Zero is no reference, whatever is said to be at address 0.
        let low = nodes.first().map_or(u64::MAX, |node| node.address.max(1));
        let high = nodes.last().map_or(0, Extent::last);
        Self { low, span: high.saturating_sub(low) }
    }

    #[inline]
    pub(crate) fn passes(self, value: u64) -> bool {
        value.wrapping_sub(self.low) <= self.span
    }
}

/// What a thread found in a share.
struct Found {
    edges: Box<[u32]>,
    unreadable: u64,
}

/// Reads all blocks. `most` bounds the number of edges.
pub(crate) fn find<W: Word>(
    parts: Parts<'_>,
    memory: &dyn Memory,
    freed: bool,
    most: u64,
) -> Result<Edges, GraphError> {
    let nodes = parts.nodes;
    let read = |node: &Block| if is_read(node, freed) { node.end() } else { node.address };
    let plan = shares(nodes.iter().map(|node| (node.address, read(node))));

    // `first[n]` is the number of edges of `n`, until they are summed up.
    let mut first = room(nodes.len() + 1)?;
    first.resize(nodes.len() + 1, 0);
    let mut counts = first.as_mut_slice();
    let mut jobs = Vec::with_capacity(plan.len());
    for share in &plan {
        let own = match share {
            Share::Whole(numbers) => counts.split_off_mut(..numbers.len()),
            Share::Part { .. } => None,
        };
        // The count of a node that is read in parts is not known before they are joined.
        if matches!(share, Share::Part { start, number, .. }
            if nodes.get(*number).is_some_and(|node| node.address == *start))
        {
            let _ = counts.split_off_mut(..1);
        }
        jobs.push((share, own.unwrap_or_default()));
    }
    let found = jobs
        .into_par_iter()
        .with_max_len(1)
        .map_init(
            || Scan::new(parts, memory),
            |scan, (share, counts)| scan.share::<W>(share, counts, read),
        )
        .collect::<Result<Vec<Found>, _>>()?;
    join(&plan, found, first, most)
}

/// Puts the edges of all shares behind each other and frees each share's own.
fn join(
    plan: &[Share],
    found: Vec<Found>,
    mut first: Vec<u32>,
    most: u64,
) -> Result<Edges, GraphError> {
    let total: usize = found.iter().map(|found| found.edges.len()).sum();
    let mut edges: Vec<u32> = room(total)?;
    let mut unreadable = 0u64;
    // The node that is being joined from parts, and where its edges begin.
    let mut parted: Option<(usize, usize)> = None;
    let mut close = |edges: &mut Vec<u32>, parted: &mut Option<(usize, usize)>| {
        let Some((node, begin)) = parted.take() else { return };
        if let Some(own) = edges.get_mut(begin..) {
            own.par_sort_unstable();
            let kept = drop_repeated(own);
            edges.truncate(begin + kept);
            if let Some(count) = first.get_mut(node) {
                *count = kept as u32;
            }
        }
    };
    for (share, found) in plan.iter().zip(found) {
        let number = match share {
            Share::Part { number, .. } => Some(*number),
            Share::Whole(_) => None,
        };
        if parted.map(|(node, _)| node) != number {
            close(&mut edges, &mut parted);
            parted = number.map(|number| (number, edges.len()));
        }
        edges.extend_from_slice(&found.edges);
        unreadable = unreadable.saturating_add(found.unreadable);
    }
    close(&mut edges, &mut parted);
    if edges.len() as u64 > most {
        return Err(GraphError::TooManyEdges(edges.len() as u64));
    }
    if edges.len() < total {
        edges.shrink_to_fit();
    }
    sum_up(&mut first);
    Ok(Edges { first, list: edges, unreadable })
}

/// From counts to where each one's own begin. The sum is known to fit.
pub(crate) fn sum_up(counts: &mut [u32]) {
    let mut sum = 0u32;
    for count in counts {
        let own = std::mem::replace(count, sum);
        sum = sum.wrapping_add(own);
    }
}

/// Moves what differs from its predecessor to the front; how many those are.
fn drop_repeated(sorted: &mut [u32]) -> usize {
    let mut kept = 0;
    let mut last = None;
    for from in 0..sorted.len() {
        let value = sorted.get(from).copied();
        if value != last {
            if let (Some(to), Some(value)) = (sorted.get_mut(kept), value) {
                *to = value;
            }
            kept += 1;
            last = value;
        }
    }
    kept
}

/// What a thread works with.
struct Scan<'m> {
    parts: Parts<'m>,
    filter: Filter,
    reader: Reader<'m>,
    pending: Pending<'m>,
}

/// Values that may be addresses of nodes and are not yet looked up.
struct Pending<'m> {
    parts: Parts<'m>,
    values: Vec<u64>,
    /// Nodes whose words are all in `values`: the node, how many of `values` are its own or of an
    /// earlier one's.
    ends: Vec<(u32, usize)>,
    /// The targets of the node that was not at its end when values were looked up last.
    targets: Vec<u32>,
    /// When `targets` is this long, repeated ones are dropped.
    many: usize,
    nearby: usize,
    /// The edges of the share.
    edges: Vec<u32>,
}

impl<'m> Scan<'m> {
    fn new(parts: Parts<'m>, memory: &'m dyn Memory) -> Self {
        let pending = Pending {
            parts,
            values: Vec::with_capacity(2 * BATCH),
            ends: Vec::new(),
            targets: Vec::new(),
            many: MANY,
            nearby: 0,
            edges: Vec::new(),
        };
        Self { parts, filter: Filter::new(parts.nodes), reader: Reader::new(memory), pending }
    }

    fn share<W: Word>(
        &mut self,
        share: &Share,
        counts: &mut [u32],
        read: impl Fn(&Block) -> u64,
    ) -> Result<Found, GraphError> {
        self.reader.unreadable = 0;
        // An interrupted share leaves things behind.
        self.pending.clear();
        match share {
            Share::Whole(numbers) => {
                let first = numbers.start as u32;
                let nodes = self.parts.nodes.get(numbers.clone()).unwrap_or_default();
                let ahead = nodes.last().map_or(0, &read);
                for (number, node) in (first..).zip(nodes) {
                    self.range::<W>(number, node.address, read(node), ahead, first, counts)?;
                }
                self.pending.look_up(first, counts);
            }
            Share::Part { number, start, end } => {
                let number = *number as u32;
                let mut count = [0];
                self.range::<W>(number, *start, *end, *end, number, &mut count)?;
                self.pending.look_up(number, &mut count);
            }
        }
        let edges = self.pending.edges.as_slice().into();
        Ok(Found { edges, unreadable: self.reader.unreadable })
    }

    fn range<W: Word>(
        &mut self,
        number: u32,
        start: u64,
        end: u64,
        ahead: u64,
        first: u32,
        counts: &mut [u32],
    ) -> Result<(), GraphError> {
        let (filter, pending) = (self.filter, &mut self.pending);
        self.reader.words::<W>(start, end, ahead, &mut |_, run| {
            pending.values.extend(W::values(run).filter(|value| filter.passes(*value)));
            if pending.values.len() >= BATCH {
                pending.unfinished(number, first, counts);
            }
        })?;
        pending.ends.push((number, pending.values.len()));
        if pending.ends.len() >= BATCH {
            pending.look_up(first, counts);
        }
        Ok(())
    }
}

impl Pending<'_> {
    fn clear(&mut self) {
        self.values.clear();
        self.ends.clear();
        self.targets.clear();
        self.edges.clear();
        self.many = MANY;
    }

    /// Looks all values up and finishes the nodes that are at their ends. The first of `counts` is
    /// that of node `first`.
    fn look_up(&mut self, first: u32, counts: &mut [u32]) {
        let Parts { nodes, index } = self.parts;
        index.find_all(nodes, &mut self.values, &mut self.nearby);
        let mut begin = 0;
        for (number, end) in self.ends.drain(..) {
            let own = self.values.get(begin..end).unwrap_or_default();
            begin = end;
            let before = self.edges.len();
            self.edges.append(&mut self.targets);
            self.edges.extend(targets(own, number));
            if let Some(own) = self.edges.get_mut(before..) {
                if own.len() > 1 {
                    own.sort_unstable();
                }
                let kept = drop_repeated(own);
                self.edges.truncate(before + kept);
                if let Some(count) = counts.get_mut((number - first) as usize) {
                    *count = kept as u32;
                }
            }
            self.many = MANY;
        }
        self.values.drain(..begin);
    }

    /// Looks all values up; what is left are targets of `number`, which is not at its end.
    fn unfinished(&mut self, number: u32, first: u32, counts: &mut [u32]) {
        self.look_up(first, counts);
        self.targets.extend(targets(&self.values, number));
        self.values.clear();
        if self.targets.len() >= self.many {
            self.targets.sort_unstable();
            self.targets.dedup();
            self.many = (2 * self.targets.len()).max(MANY);
        }
    }
}

/// The nodes among what was looked up, without the node itself.
fn targets(found: &[u64], own: u32) -> impl Iterator<Item = u32> {
    found
        .iter()
        .map(|target| *target as u32)
        .filter(move |target| *target != NONE && *target != own)
}
