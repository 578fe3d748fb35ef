//! The graph beside one that is made the simple way: a byte at a time, every block compared with every
//! other.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use mdb_graph::{
    BLOCK_OPAQUE, Block, Graph, GraphError, Memory, Options, Piece, Root, RootEdge, block_state,
};
use proptest::prelude::*;
use proptest::sample::Index;

/// How a stretch of memory is handed out.
#[derive(Clone, Copy, Debug)]
enum Stretch {
    Lent,
    Copied,
    Zero,
    Unreadable,
}

/// Memory that begins at `base`: stretches of any length, one behind the other.
#[derive(Clone, Debug)]
struct Patchwork {
    base: u64,
    bytes: Vec<u8>,
    /// What each byte is in, and where that ends.
    stretches: Vec<(Stretch, usize)>,
}

impl Patchwork {
    fn byte(&self, address: u64) -> Option<u8> {
        let offset = usize::try_from(address.checked_sub(self.base)?).ok()?;
        match self.stretches.get(offset)?.0 {
            Stretch::Lent | Stretch::Copied => self.bytes.get(offset).copied(),
            Stretch::Zero => Some(0),
            Stretch::Unreadable => None,
        }
    }

    fn word(&self, address: u64, options: Options) -> Option<u64> {
        let mut bytes = (0..u64::from(options.pointer_size))
            .map(|i| self.byte(address.checked_add(i)?))
            .collect::<Option<Vec<u8>>>()?;
        if !options.big_endian {
            bytes.reverse();
        }
        Some(bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }
}

impl Memory for Patchwork {
    fn piece<'m>(&'m self, address: u64, length: u64, buffer: &mut [u8]) -> Piece<'m> {
        assert!(length > 0 && !buffer.is_empty());
        assert!(address.checked_add(length).is_some());
        if address < self.base {
            return Piece::Unreadable(length.min(self.base - address));
        }
        let offset = (address - self.base) as usize;
        let Some(&(stretch, end)) = self.stretches.get(offset) else {
            return Piece::Unreadable(length);
        };
        // Lent and unreadable ones may be longer than what was asked for.
        let bytes = &self.bytes[offset..end];
        match stretch {
            Stretch::Lent => Piece::Lent(bytes),
            Stretch::Copied => {
                let n = bytes.len().min(buffer.len()).min(length as usize);
                buffer[..n].copy_from_slice(&bytes[..n]);
                Piece::Copied(n)
            }
            Stretch::Zero => Piece::Zero(bytes.len() as u64),
            Stretch::Unreadable => Piece::Unreadable(bytes.len() as u64),
        }
    }

    fn cancelled(&self) -> bool {
        false
    }
}

/// Everything that a graph says.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    nodes: Vec<Block>,
    edges: Vec<Vec<u32>>,
    referrers: Vec<Vec<u32>>,
    roots: Vec<RootEdge>,
    unreadable: u64,
    unreadable_roots: u64,
    overlapping: u64,
}

fn said(graph: &Graph) -> Said {
    let numbers = 0..graph.nodes().len() as u32;
    // What is lent as flat arrays says the same.
    for (first, all, of) in [
        (graph.first_edge(), graph.all_edges(), Graph::edges as fn(&Graph, u32) -> &[u32]),
        (graph.first_referrer(), graph.all_referrers(), Graph::referrers),
    ] {
        assert_eq!(first.len(), graph.nodes().len() + 1);
        assert_eq!((first[0], first[first.len() - 1] as usize), (0, all.len()));
        for n in numbers.clone() {
            let flat = &all[first[n as usize] as usize..first[n as usize + 1] as usize];
            assert_eq!(flat, of(graph, n));
        }
        assert_eq!(of(graph, numbers.end), &[] as &[u32]);
    }
    Said {
        nodes: graph.nodes().to_vec(),
        edges: numbers.clone().map(|n| graph.edges(n).to_vec()).collect(),
        referrers: numbers.map(|n| graph.referrers(n).to_vec()).collect(),
        roots: graph.roots().to_vec(),
        unreadable: graph.unreadable(),
        unreadable_roots: graph.unreadable_roots(),
        overlapping: graph.overlapping(),
    }
}

/// The addresses of a block, its own if it has no bytes: 128 bits do not overflow.
fn addresses(block: &Block) -> std::ops::Range<u128> {
    let start = u128::from(block.address);
    start..start + u128::from(block.size.max(1))
}

fn naive_node_at(nodes: &[Block], address: u64) -> Option<u32> {
    let n = nodes.iter().position(|node| addresses(node).contains(&u128::from(address)))?;
    Some(n as u32)
}

fn naive(blocks: &[Block], roots: &[Root], memory: &Patchwork, options: Options) -> Said {
    let mut sorted = blocks.to_vec();
    for block in &mut sorted {
        let end = (u128::from(block.address) + u128::from(block.size)).min(u128::from(u64::MAX));
        block.size = (end - u128::from(block.address)) as u64;
    }
    sorted.sort_by(|a, b| {
        (a.address, b.size, a.state, a.flags).cmp(&(b.address, a.size, b.state, b.flags))
    });
    let mut nodes: Vec<Block> = Vec::new();
    for block in &sorted {
        let own = addresses(block);
        let overlaps = nodes.iter().map(addresses).any(|n| n.start < own.end && own.start < n.end);
        if !overlaps {
            nodes.push(*block);
        }
    }
    // Blocks may reach far beyond the memory: what is behind it cannot be read, and is not walked.
    let far = memory.base.saturating_add(memory.bytes.len() as u64);
    let mut unreadable = 0;
    let mut walk = |start: u64, end: u64, see: &mut dyn FnMut(u64, u64)| {
        for address in start..end.min(far) {
            unreadable += u64::from(memory.byte(address).is_none());
            let size = u64::from(options.pointer_size);
            if address % size == 0
                && u128::from(address) + u128::from(size) <= u128::from(end)
                && let Some(value) = memory.word(address, options)
                && value != 0
            {
                see(address, value);
            }
        }
        unreadable += end.saturating_sub(start.max(far));
        std::mem::take(&mut unreadable)
    };
    let mut edges = vec![BTreeSet::new(); nodes.len()];
    let mut of_blocks = 0;
    for (n, node) in nodes.iter().enumerate() {
        let dead = node.state != block_state::ALLOCATED && !options.read_freed;
        if node.flags & BLOCK_OPAQUE != 0 || dead {
            continue;
        }
        of_blocks += walk(node.address, node.address + node.size, &mut |_, value| {
            edges[n].extend(naive_node_at(&nodes, value).filter(|target| *target != n as u32));
        });
    }
    let mut found = Vec::new();
    let mut of_roots = 0;
    for (number, root) in (0..).zip(roots) {
        let mut see = |at, value| {
            found.extend(naive_node_at(&nodes, value).map(|node| RootEdge {
                root: number,
                node,
                at,
            }));
        };
        if root.start != root.end {
            of_roots += walk(root.start, root.end, &mut see);
        } else if root.value != 0 {
            see(0, root.value);
        }
    }
    let edges: Vec<Vec<u32>> = edges.into_iter().map(|set| set.into_iter().collect()).collect();
    let referrers = (0..nodes.len() as u32)
        .map(|n| (0..).zip(&edges).filter(|(_, own)| own.contains(&n)).map(|(m, _)| m).collect())
        .collect();
    Said {
        overlapping: (blocks.len() - nodes.len()) as u64,
        nodes,
        edges,
        referrers,
        roots: found,
        unreadable: of_blocks,
        unreadable_roots: of_roots,
    }
}

#[derive(Clone, Debug)]
struct Case {
    blocks: Vec<Block>,
    roots: Vec<Root>,
    memory: Patchwork,
    options: Options,
}

fn options() -> impl Strategy<Value = Options> {
    (prop_oneof![Just(4u8), Just(8)], any::<bool>(), any::<bool>()).prop_map(
        |(pointer_size, big_endian, read_freed)| Options { pointer_size, big_endian, read_freed },
    )
}

/// Where memory begins: also so that its end is the end of the address space, or almost.
fn base(pointer_size: u8, length: u64) -> BoxedStrategy<u64> {
    if pointer_size == 4 {
        prop_oneof![Just(0u64), Just(0x1001), Just((1 << 32) - length)].boxed()
    } else {
        prop_oneof![
            Just(0u64),
            Just(0x5555_5555_4003),
            Just(u64::MAX - length),
            Just(u64::MAX - length - 13),
        ]
        .boxed()
    }
}

fn stretch() -> impl Strategy<Value = (Stretch, usize)> {
    let kind = prop_oneof![
        6 => Just(Stretch::Lent),
        4 => Just(Stretch::Copied),
        1 => Just(Stretch::Zero),
        2 => Just(Stretch::Unreadable),
    ];
    (kind, prop_oneof![2 => 1usize..12, 3 => 12usize..200, 1 => Just(64)])
}

fn case() -> impl Strategy<Value = Case> {
    (options(), prop::collection::vec(stretch(), 1..12))
        .prop_flat_map(|(options, list)| {
            let mut stretches = Vec::new();
            for (kind, length) in list {
                let end = stretches.len() + length;
                stretches.extend(vec![(kind, end); length]);
            }
            let length = stretches.len() as u64;
            // Sizes that are usual, none, and ones that reach beyond everything.
            let size = prop_oneof![
                10 => 0u64..70,
                1 => Just(0u64),
                1 => Just(u64::MAX),
                1 => (0u32..64).prop_map(|shift| 1u64 << shift),
            ];
            let flags = prop_oneof![4 => Just(0u32), 1 => Just(BLOCK_OPAQUE), 1 => Just(6)];
            let block = (0u64..length + 20, size, 1u32..4, flags);
            // Most words of the memory refer to a block, some to its neighbourhood.
            let word = (any::<Index>(), -3i64..75, 0u8..4);
            let root =
                (0u64..length + 20, prop_oneof![Just(0u64), 1u64..100], any::<Index>(), 0u64..70);
            (
                Just((options, stretches)),
                base(options.pointer_size, length),
                prop::collection::vec(block, 0..14),
                prop::collection::vec(word, length as usize / 4 + 1),
                prop::collection::vec(root, 0..5),
            )
        })
        .prop_map(|((options, stretches), base, blocks, words, roots)| {
            let blocks: Vec<Block> = blocks
                .into_iter()
                .map(|(offset, size, state, flags)| Block {
                    address: base.saturating_add(offset),
                    size,
                    state,
                    flags,
                })
                .collect();
            let address = |index: Index| match blocks.as_slice() {
                [] => base,
                blocks => index.get(blocks).address,
            };
            let mut bytes = vec![0xa5; stretches.len()];
            let size = usize::from(options.pointer_size);
            let first = (base.wrapping_neg() % size as u64) as usize;
            for (place, (index, delta, kind)) in
                bytes.get_mut(first..).unwrap_or_default().chunks_exact_mut(size).zip(words)
            {
                let value = match kind {
                    0 => 0,
                    1 => index.index(1 << 20) as u64,
                    _ => address(index).wrapping_add_signed(delta),
                };
                let value = if options.big_endian {
                    (value << (64 - 8 * size)).to_be_bytes()
                } else {
                    value.to_le_bytes()
                };
                place.copy_from_slice(&value[..size]);
            }
            let roots = roots
                .into_iter()
                .map(|(offset, length, index, delta)| {
                    let start = base.saturating_add(offset);
                    Root {
                        start,
                        end: start.saturating_add(length),
                        value: address(index).wrapping_add(delta),
                    }
                })
                .collect();
            let memory = Patchwork { base, bytes, stretches };
            Case { blocks, roots, memory, options }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn as_the_naive_one(case in case()) {
        let Case { blocks, roots, memory, options } = case;
        let graph = Graph::build(blocks.clone(), &roots, &memory, options).unwrap();
        let truth = naive(&blocks, &roots, &memory, options);
        prop_assert_eq!(said(&graph), truth);
        for block in &blocks {
            for delta in [-2, -1, 0, 1, 23, 24, 25] {
                let address = block.address.saturating_add_signed(delta);
                prop_assert_eq!(graph.node_at(address), naive_node_at(graph.nodes(), address));
            }
            let end = block.address.saturating_add(block.size);
            prop_assert_eq!(graph.node_at(end), naive_node_at(graph.nodes(), end));
        }
    }
}

/// Memory of one stretch.
fn plain(base: u64, bytes: Vec<u8>, stretch: Stretch) -> Patchwork {
    let stretches = vec![(stretch, bytes.len()); bytes.len()];
    Patchwork { base, bytes, stretches }
}

fn block(address: u64, size: u64) -> Block {
    Block { address, size, state: block_state::ALLOCATED, flags: 0 }
}

const LITTLE: Options = Options { pointer_size: 8, big_endian: false, read_freed: false };

/// Blocks that several threads read in parts, with small ones before, between and behind; roots in
/// parts, too. Words at the very borders of the parts count.
#[test]
fn large_blocks_in_parts() {
    const BASE: u64 = 0x7f12_3456_7008;
    let size = 24 << 20;
    let mut blocks = vec![block(BASE, 9 << 20), block(BASE + (9 << 20), 7 << 20)];
    blocks.extend((0..4000).map(|i| block(BASE + (16 << 20) + 64 * i, 40)));
    blocks.push(block(BASE + (17 << 20) + 4, 6 << 20));
    let all = blocks.len() as u64;
    let mut bytes = vec![0u8; size];
    let mut expected = vec![BTreeSet::new(); blocks.len()];
    for (i, place) in bytes.as_chunks_mut().0.iter_mut().enumerate() {
        let address = BASE + 8 * i as u64;
        let last = (address + 8).is_multiple_of(4096) || address.is_multiple_of(4096);
        let number = if last { i as u64 / 512 % all } else { all - 1 - i as u64 % 7 };
        let target = blocks[number as usize];
        *place = (target.address + target.size - 1).to_le_bytes();
        let holder = blocks
            .partition_point(|block| block.address <= address)
            .checked_sub(1)
            .filter(|n| address + 8 <= blocks[*n].address + blocks[*n].size)
            // The first word of the last block is not all its own.
            .filter(|n| address >= blocks[*n].address);
        if let Some(holder) = holder
            && holder as u64 != number
        {
            expected[holder].insert(number as u32);
        }
    }
    let root = Root { start: BASE, end: BASE + size as u64, value: 0 };
    for stretch in [Stretch::Lent, Stretch::Copied] {
        let memory = plain(BASE, bytes.clone(), stretch);
        let build = || Graph::build(blocks.clone(), &[root, root], &memory, LITTLE).unwrap();
        let graph = build();
        assert_eq!((graph.unreadable(), graph.overlapping()), (0, 0));
        for threads in [1, 3, 20] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let other = pool.install(build);
            assert!(graph.first_edge() == other.first_edge());
            assert!(graph.all_edges() == other.all_edges());
            assert!(graph.first_referrer() == other.first_referrer());
            assert!(graph.all_referrers() == other.all_referrers());
            assert!(graph.roots() == other.roots());
        }
        for (n, expected) in (0..).zip(&expected) {
            assert!(graph.edges(n).iter().eq(expected), "edges of {n}");
            assert!(graph.edges(n).iter().all(|target| graph.referrers(*target).contains(&n)));
        }
        // Every word of the memory refers to a block.
        let places: Vec<_> = graph.roots().iter().map(|edge| (edge.root, edge.at)).collect();
        let words = (0..size as u64 / 8).map(|i| BASE + 8 * i);
        assert!(places.into_iter().eq([0, 1].iter().flat_map(|r| words.clone().map(|w| (*r, w)))));
    }
}

/// Blocks that somebody made up: one word of memory, and the whole address space said to be theirs.
#[test]
fn what_was_made_up_takes_no_time() {
    let memory = plain(0x1000, 0x1008u64.to_le_bytes().to_vec(), Stretch::Lent);
    let roots = [
        Root { start: 0, end: u64::MAX, value: 0 },
        Root { start: 9, end: 3, value: 0x1008 },
        Root { start: 7, end: 7, value: 0x1008 },
    ];
    let blocks = vec![
        block(0, 0x1008),
        block(0x1008, u64::MAX),
        block(u64::MAX, u64::MAX),
        block(u64::MAX, 0),
    ];
    let graph = Graph::build(blocks, &roots, &memory, LITTLE).unwrap();
    let sizes: Vec<u64> = graph.nodes().iter().map(|node| node.size).collect();
    assert_eq!(sizes, [0x1008, u64::MAX - 0x1008, 0]);
    assert_eq!((graph.edges(0), graph.referrers(1)), (&[1][..], &[0][..]));
    assert_eq!(
        graph.roots(),
        [RootEdge { root: 0, node: 1, at: 0x1000 }, RootEdge { root: 2, node: 1, at: 0 }]
    );
    assert_eq!((graph.overlapping(), graph.unreadable()), (1, u64::MAX - 8));
    assert_eq!(
        [0, 0x1007, u64::MAX - 1, u64::MAX].map(|a| graph.node_at(a)),
        [0, 0, 1, 2].map(Some)
    );
}

#[test]
fn nothing_at_all() {
    let memory = plain(0x1000, vec![0; 8], Stretch::Lent);
    let roots =
        [Root { start: 0x1000, end: 0x1008, value: 0 }, Root { start: 0, end: 0, value: 1 }];
    let graph = Graph::build(Vec::new(), &roots, &memory, LITTLE).unwrap();
    assert_eq!((graph.first_edge(), graph.first_referrer()), (&[0][..], &[0][..]));
    assert!(graph.roots().is_empty() && graph.node_at(0).is_none());
    let options = Options { pointer_size: 2, ..LITTLE };
    let failed = Graph::build(Vec::new(), &[], &memory, options);
    assert_eq!(failed.unwrap_err(), GraphError::PointerSize(2));
}

/// Memory that stops after it was asked so often whether to.
struct Stopping {
    memory: Patchwork,
    left: AtomicUsize,
}

impl Memory for Stopping {
    fn piece<'m>(&'m self, address: u64, length: u64, buffer: &mut [u8]) -> Piece<'m> {
        self.memory.piece(address, length, buffer)
    }

    fn cancelled(&self) -> bool {
        let less = |left: usize| left.checked_sub(1);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_err()
    }
}

/// Whenever the wish to stop comes, it is obeyed: in blocks that are lent as a whole, in the edges
/// the other way round, in roots.
#[test]
fn cancelled_at_any_time() {
    let blocks: Vec<Block> = (0..3000).map(|i| block(0x10000 + 64 * i, 64)).collect();
    let mut bytes = vec![0; 3000 * 64 + (1 << 20)];
    for (i, place) in bytes.as_chunks_mut().0.iter_mut().enumerate() {
        *place = (0x10000 + 200 * (i as u64 % 900)).to_le_bytes();
    }
    let end = 0x10000 + bytes.len() as u64;
    let roots = [Root { start: 0x10000, end, value: 0 }];
    let memory = plain(0x10000, bytes, Stretch::Lent);
    let mut stopped = 0;
    loop {
        let memory = Stopping { memory: memory.clone(), left: AtomicUsize::new(stopped) };
        match Graph::build(blocks.clone(), &roots, &memory, LITTLE) {
            Err(error) => assert_eq!(error, GraphError::Cancelled),
            Ok(graph) => {
                assert_eq!(graph.nodes().len(), 3000);
                break;
            }
        }
        stopped += 1;
    }
    // 1.2 MiB of roots alone make 18.
    assert!(stopped > 20, "asked only {stopped} times");
}
