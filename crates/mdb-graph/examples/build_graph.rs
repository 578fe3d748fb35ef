//! How fast a graph is built: `cargo run --release -p mdb-graph --example build_graph -- [MIB [THREADS]]`.
//!
//! The memory is made up: blocks of 32 to 256 bytes with a word of 16 bytes between them, a quarter of
//! the words refers to any block, the rest are small numbers. No two lookups are near each other, which
//! is worse than a program's heap.

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use mdb_graph::{Block, Graph, Memory, Options, Piece, block_state};

const BASE: u64 = 0x7f00_0000_0000;

struct Heap(Vec<u8>);

impl Memory for Heap {
    fn piece<'m>(&'m self, address: u64, length: u64, _: &mut [u8]) -> Piece<'m> {
        let offset = address.wrapping_sub(BASE) as usize;
        match self.0.get(offset..) {
            Some(bytes) => Piece::Lent(bytes.get(..length as usize).unwrap_or(bytes)),
            None => Piece::Unreadable(length),
        }
    }

    fn cancelled(&self) -> bool {
        false
    }
}

/// Numbers without order (xorshift), below a bound.
fn next(state: &mut u64, bound: u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state % bound
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let mib: usize = words.next().as_deref().unwrap_or("1024").parse()?;
    let threads: usize = words.next().as_deref().unwrap_or("0").parse()?;
    let size = mib << 20;

    let mut state = 0x9e37_79b9_7f4a_7c15;
    let mut blocks = Vec::new();
    let mut at = 16;
    while at + 256 <= size as u64 {
        let size = 24 + 16 * next(&mut state, 15);
        blocks.push(Block { address: BASE + at, size, state: block_state::ALLOCATED, flags: 0 });
        at += size + 8;
    }
    let mut bytes = vec![0; size];
    for word in bytes.as_chunks_mut().0 {
        let value = match next(&mut state, 4) {
            0 => {
                let target = next(&mut state, blocks.len() as u64) as usize;
                blocks.get(target).map_or(0, |block| block.address)
            }
            _ => next(&mut state, 1 << 20),
        };
        *word = u64::to_le_bytes(value);
    }
    let heap = Heap(bytes);

    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let options = Options { pointer_size: 8, big_endian: false, read_freed: false };
    let mut out = std::io::stdout();
    for _ in 0..3 {
        let blocks = blocks.clone();
        let start = Instant::now();
        let graph = pool.install(|| Graph::build(blocks, &[], &heap, options))?;
        let seconds = start.elapsed().as_secs_f64();
        writeln!(
            out,
            "{mib} MiB, {} nodes, {} edges, {} threads: {seconds:.3} s, {:.2} GB/s",
            graph.nodes().len(),
            graph.all_edges().len(),
            pool.current_num_threads(),
            size as f64 / seconds / 1e9,
        )?;
    }
    Ok(())
}
