//! The edges the other way round, by counting.

use rayon::prelude::*;

use crate::edges::{Edges, sum_up};
use crate::graph::{GraphError, room};
use crate::memory::Memory;

/// Threads beyond this many would only read the same edges again.
const MOST_THREADS: usize = 16;

/// After so many nodes or edges the wish to stop is looked at.
const STEP: usize = 1 << 16;

/// Who refers to each node, ascending. Every thread goes over all edges and takes those to its own
/// nodes, so nothing is shared and the order is that of the nodes.
pub(crate) fn reverse(edges: &Edges, memory: &dyn Memory) -> Result<Edges, GraphError> {
    let nodes = edges.first.len().saturating_sub(1);
    let threads = rayon::current_num_threads().clamp(1, MOST_THREADS);
    let own = nodes.div_ceil(threads).max(1);

    let mut first = room(nodes + 1)?;
    first.resize(nodes + 1, 0);
    let counts = first.get_mut(..nodes).unwrap_or_default();
    counts.par_chunks_mut(own).enumerate().try_for_each(|(thread, counts)| {
        let base = (thread * own) as u32;
        for some in edges.list.chunks(STEP) {
            stop_if_cancelled(memory)?;
            for target in some {
                if let Some(count) = counts.get_mut(target.wrapping_sub(base) as usize) {
                    *count += 1;
                }
            }
        }
        Ok(())
    })?;
    sum_up(&mut first);

    let mut referrers = room(edges.list.len())?;
    referrers.resize(edges.list.len(), 0);
    let mut rest = referrers.as_mut_slice();
    let mut jobs = Vec::with_capacity(threads);
    for base in (0..nodes).step_by(own) {
        let behind = (base + own).min(nodes);
        let bounds = first.get(base..behind).unwrap_or_default();
        let start = bounds.first().copied().unwrap_or(0);
        let end = first.get(behind).copied().unwrap_or(start);
        let part = rest.split_off_mut(..(end - start) as usize).unwrap_or_default();
        jobs.push((base as u32, bounds, start, part));
    }
    jobs.into_par_iter().with_max_len(1).try_for_each(|(base, bounds, start, part)| {
        let mut next = room(bounds.len())?;
        next.extend(bounds.iter().map(|bound| bound - start));
        for (number, bounds) in edges.first.windows(2).enumerate() {
            if number % STEP == 0 {
                stop_if_cancelled(memory)?;
            }
            let &[begin, end] = bounds else { continue };
            for target in edges.list.get(begin as usize..end as usize).unwrap_or_default() {
                if let Some(next) = next.get_mut(target.wrapping_sub(base) as usize) {
                    if let Some(place) = part.get_mut(*next as usize) {
                        *place = number as u32;
                    }
                    *next += 1;
                }
            }
        }
        Ok(())
    })?;
    Ok(Edges { first, list: referrers, unreadable: 0 })
}

fn stop_if_cancelled(memory: &dyn Memory) -> Result<(), GraphError> {
    if memory.cancelled() { Err(GraphError::Cancelled) } else { Ok(()) }
}
