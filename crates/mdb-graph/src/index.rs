//! From an address to the node that covers it.
//!
//! Blocks lie in few dense regions of a huge address space. Each region has a table of buckets: the
//! number of the last node that begins at or before the bucket. There are about two buckets for a
//! node, so what is left to search is a node or two.

use crate::block::Block;

/// No node.
pub(crate) const NONE: u32 = u32::MAX;

/// A region ends where the next node begins farther away than this, so that neither gaps nor big
/// blocks make the buckets of small ones coarse.
const FAR: u64 = 1 << 20;

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

    /// The number of the node that covers `address`, or [`NONE`]. `nearby` remembers the region:
    /// the next address is often in the same.
    #[inline]
    pub(crate) fn find(&self, nodes: &[Block], address: u64, nearby: &mut usize) -> u32 {
        let region = match self.regions.get(*nearby) {
            Some(region) if region.base <= address && address <= region.last => region,
            _ => {
                let after = self.bases.partition_point(|base| *base <= address);
                let Some(number) = after.checked_sub(1) else { return NONE };
                match self.regions.get(number) {
                    Some(region) if address <= region.last => {
                        *nearby = number;
                        region
                    }
                    _ => return NONE,
                }
            }
        };
        // The last node of a region may be long: what is in it belongs to the last bucket.
        let bucket = ((address - region.base) >> region.shift).min(region.last_bucket) as usize;
        let bucket = region.first_bucket + bucket;
        let Some(&[low, high]) = self.buckets.get(bucket..bucket + 2) else { return NONE };
        // `low` begins at or before the address; of those behind it, as many as do.
        let (low, high) = (low as usize, high as usize);
        let Some(more) = nodes.get(low + 1..=high) else { return NONE };
        let found = low
            + if more.len() <= 8 {
                more.iter().take_while(|node| node.address <= address).count()
            } else {
                more.partition_point(|node| node.address <= address)
            };
        match nodes.get(found) {
            Some(node) if address <= node.last() => found as u32,
            _ => NONE,
        }
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
            let mut nearby = 0;
            for node in &nodes {
                for address in [node.address, node.last()] {
                    for address in address.saturating_sub(3)..=address.saturating_add(3) {
                        let truth = nodes
                            .iter()
                            .position(|n| n.address <= address && address <= n.last())
                            .map_or(NONE, |n| n as u32);
                        prop_assert_eq!(index.find(&nodes, address, &mut nearby), truth);
                    }
                }
            }
        }
    }
}
