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
    let filter = Filter::new(parts.nodes);
    let found = plan
        .par_iter()
        .with_max_len(1)
        .map_init(
            || Scan { parts, filter, nearby: 0, reader: Reader::new(memory) },
            |scan, share| scan.share::<W>(roots, share),
        )
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
    nearby: usize,
    reader: Reader<'m>,
}

impl Scan<'_> {
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
                    if root.start == root.end {
                        let node = self.parts.find(self.filter, root.value, &mut self.nearby);
                        if let Some(node) = node {
                            edges.push(RootEdge { root: number, node, at: 0 });
                        }
                    } else {
                        self.range::<W>(number, root.start, root.end, &mut edges)?;
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
        let Self { parts, filter, nearby, reader } = self;
        reader.words::<W>(start, end, end, &mut |address, run| {
            for (word, value) in W::values(run).enumerate() {
                if let Some(node) = parts.find(*filter, value, nearby) {
                    let at = address + (word * W::SIZE) as u64;
                    edges.push(RootEdge { root, node, at });
                }
            }
        })
    }
}

impl Parts<'_> {
    fn find(&self, filter: Filter, value: u64, nearby: &mut usize) -> Option<u32> {
        let node =
            if filter.passes(value) { self.index.find(self.nodes, value, nearby) } else { NONE };
        (node != NONE).then_some(node)
    }
}
