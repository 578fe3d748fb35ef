//! What the roots refer to.

use rayon::prelude::*;

use crate::block::{Root, RootEdge};
use crate::edges::Filter;
use crate::graph::{GraphError, Parts, room};
use crate::index::NONE;
use crate::memory::Memory;
use crate::plan::{Share, shares};
use crate::words::{Reader, Word};

/// The references from roots, by root and place; how many bytes of roots could not be read.
pub(crate) fn find<W: Word>(
    parts: Parts<'_>,
    roots: &[Root],
    memory: &dyn Memory,
) -> Result<(Vec<RootEdge>, u64), GraphError> {
    if u32::try_from(roots.len()).is_err() {
        return Err(GraphError::TooManyRoots(roots.len()));
    }
    let plan = shares(roots.iter().map(|root| (root.start, root.end)));
    let found = plan
        .par_iter()
        .with_max_len(1)
        .map_init(|| Scan::new(parts, memory), |scan, share| scan.share::<W>(roots, share))
        .collect::<Result<Vec<_>, GraphError>>()?;
    let mut edges = room(found.iter().map(|(edges, _)| edges.len()).sum())?;
    let mut unreadable = 0u64;
    for (part, bytes) in found {
        edges.extend_from_slice(&part);
        unreadable = unreadable.saturating_add(bytes);
    }
    Ok((edges, unreadable))
}

/// What a thread works with.
struct Scan<'m> {
    parts: Parts<'m>,
    filter: Filter,
    reader: Reader<'m>,
    /// Values that may be addresses of nodes: looked up a run at a time.
    values: Vec<u64>,
    /// Where they lie.
    places: Vec<u64>,
    nearby: usize,
}

impl<'m> Scan<'m> {
    fn new(parts: Parts<'m>, memory: &'m dyn Memory) -> Self {
        let (filter, reader) = (Filter::new(parts.nodes), Reader::new(memory));
        Self { parts, filter, reader, values: Vec::new(), places: Vec::new(), nearby: 0 }
    }

    fn share<W: Word>(
        &mut self,
        roots: &[Root],
        share: &Share,
    ) -> Result<(Box<[RootEdge]>, u64), GraphError> {
        self.reader.unreadable = 0;
        let mut edges = Vec::new();
        match share {
            Share::Part { number, start, end } => {
                self.range::<W>(*number as u32, *start, *end, &mut edges)?;
            }
            Share::Whole(numbers) => {
                let own = roots.get(numbers.clone()).unwrap_or_default();
                for (number, root) in (numbers.start as u32..).zip(own) {
                    if root.start != root.end {
                        self.range::<W>(number, root.start, root.end, &mut edges)?;
                    } else if self.filter.passes(root.value) {
                        let node = self.parts.index.find(self.parts.nodes, root.value);
                        edges.extend((node != NONE).then_some(RootEdge {
                            root: number,
                            node,
                            at: 0,
                        }));
                    }
                }
            }
        }
        Ok((edges.into_boxed_slice(), self.reader.unreadable))
    }

    fn range<W: Word>(
        &mut self,
        root: u32,
        start: u64,
        end: u64,
        edges: &mut Vec<RootEdge>,
    ) -> Result<(), GraphError> {
        let Self { parts, filter, reader, values, places, nearby } = self;
        reader.words::<W>(start, end, end, &mut |address, run| {
            values.clear();
            places.clear();
            for (word, value) in W::values(run).enumerate() {
                if filter.passes(value) {
                    values.push(value);
                    places.push(address + (word * W::SIZE) as u64);
                }
            }
            parts.index.find_all(parts.nodes, values, nearby);
            for (node, at) in values.iter().zip(places.iter()) {
                let node = *node as u32;
                edges.extend((node != NONE).then_some(RootEdge { root, node, at: *at }));
            }
        })
    }
}
