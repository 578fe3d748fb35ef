//! From an address to the node that covers it.
//!
//! Blocks lie in few dense regions of a huge address space. Each region has a table of buckets: the
//! number of the last node that begins at or before the bucket. There are about two buckets for a
//! node, so what is left to search is a node or two.

use crate::block::{Block, Extent};

/// No node.
pub(crate) const NONE: u32 = u32::MAX;

/// A region ends where the next node begins farther away than this, so that neither gaps nor big
/// blocks make the buckets of small ones coarse.
const FAR: u64 = 1 << 20;

/// So many addresses are looked up together.
const TOGETHER: usize = 256;

struct Region {
    /// Where its first node begins.
    base: u64,
    /// Its last node's last address.
    last: u64,
    /// Binary logarithm of a bucket's size.
    shift: u32,
    /// Its first bucket. One more follows its last.
    first_bucket: usize,
    /// The number of its last bucket, counted from its first.
    last_bucket: u64,
}

/// The index over nodes that are sorted and do not overlap.
#[derive(Default)]
pub(crate) struct NodeIndex {
    /// `base` of each region, close together for the search.
    bases: Vec<u64>,
    regions: Vec<Region>,
    buckets: Vec<u32>,
}

impl NodeIndex {
    /// There are fewer than [`NONE`] nodes.
    pub(crate) fn new(nodes: &[Block]) -> Self {
        let mut index = Self::default();
        let mut first = 0;
        while let Some(rest) = nodes.get(first..).filter(|rest| !rest.is_empty()) {
            let far = |pair: &[Block]| match pair {
                [a, b] => b.address - a.address > FAR,
                _ => true,
            };
            let count = rest.windows(2).position(far).map_or(rest.len(), |last| last + 1);
            index.add_region(rest.get(..count).unwrap_or(rest), first);
            first += count;
        }
        index.buckets.shrink_to_fit();
        index
    }

    fn add_region(&mut self, nodes: &[Block], first: usize) {
        let ([head, ..], [.., tail]) = (nodes, nodes) else { return };
        let span = tail.address - head.address;
        let mut shift = 0;
        while span >> shift > 2 * nodes.len() as u64 {
            shift += 1;
        }
        let region = Region {
            base: head.address,
            last: tail.last(),
            shift,
            first_bucket: self.buckets.len(),
            last_bucket: span >> shift,
        };
        let mut number = first as u32;
        let mut nodes = nodes.iter().skip(1).peekable();
        for bucket in 0..=region.last_bucket {
            let start = region.base + (bucket << shift);
            while nodes.next_if(|node| node.address <= start).is_some() {
                number += 1;
            }
            self.buckets.push(number);
        }
        self.buckets.push(number + nodes.count() as u32);
        self.bases.push(region.base);
        self.regions.push(region);
    }

    /// The number of the node that covers `address`, or [`NONE`].
    pub(crate) fn find(&self, nodes: &[Block], address: u64) -> u32 {
        let mut one = [address];
        self.find_all(nodes, &mut one, &mut 0);
        let [node] = one;
        node as u32
    }

    /// Replaces addresses by the numbers of the nodes that cover them, or [`NONE`]. `nearby` remembers
    /// the region: the next address is often in the same.
    ///
    /// Of a large graph neither bucket nor node is in the processor's caches. So all buckets of some
    /// addresses are loaded before any node, and these before they are compared: the loads of one step
    /// do not wait for each other.
    pub(crate) fn find_all(&self, nodes: &[Block], addresses: &mut [u64], nearby: &mut usize) {
        let mut buckets = [usize::MAX; TOGETHER];
        let mut bounds = [(0, 0); TOGETHER];
        for addresses in addresses.chunks_mut(TOGETHER) {
            for (address, bucket) in addresses.iter().zip(&mut buckets) {
                *bucket = self.bucket(*address, nearby).unwrap_or(usize::MAX);
            }
            for (bucket, bounds) in buckets.iter().zip(&mut bounds).take(addresses.len()) {
                *bounds = match self.buckets.get(*bucket..bucket.saturating_add(2)) {
                    Some(&[low, high]) => (low, high),
                    _ => (NONE, 0),
                };
            }
            let mut sum = 0;
            for (low, _) in bounds.iter().take(addresses.len()) {
                let low = *low as usize;
                if let Some([first, .., last]) = nodes.get(low..=low.saturating_add(FEW)) {
                    sum ^= first.address ^ last.address;
                }
            }
            std::hint::black_box(sum);
            for (address, (low, high)) in addresses.iter_mut().zip(&bounds) {
                *address = u64::from(among(nodes, *low, *high, *address));
            }
        }
    }

    /// The bucket of an address.
    #[inline]
    fn bucket(&self, address: u64, nearby: &mut usize) -> Option<usize> {
        let region = match self.regions.get(*nearby) {
            Some(region) if region.base <= address && address <= region.last => region,
            _ => {
                let number = self.bases.partition_point(|base| *base <= address).checked_sub(1)?;
                *nearby = number;
                self.regions.get(number).filter(|region| address <= region.last)?
            }
        };
        // The last node of a region may be long: what is in it belongs to the last bucket.
        let bucket = ((address - region.base) >> region.shift).min(region.last_bucket);
        Some(region.first_bucket + bucket as usize)
    }
}

/// A bucket rarely has more nodes than this.
const FEW: usize = 3;

/// Which of the nodes from `low` to `high` covers an address; `low` begins at or before it.
#[inline]
fn among(nodes: &[Block], low: u32, high: u32, address: u64) -> u32 {
    let more = low as usize + 1;
    // Nodes behind `high` begin behind the address: in the usual case a fixed number of nodes is
    // counted, without a branch that depends on them.
    let after = match nodes.get(more..more + FEW) {
        Some(few) if high.saturating_sub(low) as usize <= FEW => {
            few.iter().map(|node| usize::from(node.address <= address)).sum()
        }
        _ => match nodes.get(more..=high as usize) {
            Some(more) => more.partition_point(|node| node.address <= address),
            None => return NONE,
        },
    };
    let found = low + after as u32;
    match nodes.get(found as usize) {
        Some(node) if address <= node.last() => found,
        _ => NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Every address near a node, against a search through all of them.
        #[test]
        fn as_a_search_through_all(
            base in prop_oneof![Just(0u64), Just(0x5555_0000_0000), Just(u64::MAX - (1 << 33))],
            steps in prop::collection::vec(
                (prop_oneof![8 => 0u64..100, 1 => Just(FAR), 1 => FAR..5 * FAR], 0u64..200), 1..60),
        ) {
            let mut nodes = Vec::new();
            let mut at = base;
            for (gap, size) in steps {
                let size = if size == 199 { 3 * FAR } else { size };
                nodes.push(Block { address: at + gap, size, state: 1, flags: 0 });
                at += gap + size.max(1);
            }
            let index = NodeIndex::new(&nodes);
            prop_assert!(index.buckets.len() <= 2 * nodes.len() + 2 * index.regions.len());
            let (mut asked, mut truths) = (Vec::new(), Vec::new());
            for node in &nodes {
                for address in [node.address, node.last()] {
                    for address in address.saturating_sub(3)..=address.saturating_add(3) {
                        let truth = nodes
                            .iter()
                            .position(|n| n.address <= address && address <= n.last())
                            .map_or(NONE, |n| n as u32);
                        prop_assert_eq!(index.find(&nodes, address), truth);
                        asked.push(address);
                        truths.push(u64::from(truth));
                    }
                }
            }
            index.find_all(&nodes, &mut asked, &mut 0);
            prop_assert_eq!(asked, truths);
        }
    }
}
