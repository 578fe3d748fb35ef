//! Where instructions begin before an address.

use crate::Disassembler;

/// Bytes to read beyond what the instructions themselves can take, so that wrong starts have
/// room to fall in step with the right one.
pub(crate) const SLACK: usize = 64;

/// See [`Disassembler::window`].
pub(crate) fn before(
    disassembler: Disassembler,
    address: u64,
    bytes: &[u8],
    start: Option<u64>,
    count: usize,
) -> Vec<u64> {
    let end = bytes.len();
    let base = address.wrapping_sub(end as u64);
    let known = start
        .and_then(|start| usize::try_from(start.checked_sub(base)?).ok())
        .filter(|start| *start <= end)
        .and_then(|start| from_start(disassembler, base, bytes, start));
    let offsets = known.unwrap_or_else(|| by_agreement(disassembler, base, bytes, count));
    let skip = offsets.len().saturating_sub(count);
    offsets.into_iter().skip(skip).map(|at| base.wrapping_add(at as u64)).collect()
}

/// The length of the instruction at an offset, or of the bytes that are none.
fn step(disassembler: Disassembler, base: u64, bytes: &[u8], at: usize) -> (usize, bool) {
    let rest = bytes.get(at..).unwrap_or(&[]);
    match disassembler.length(base.wrapping_add(at as u64), rest) {
        Some(length) => (length.max(1), true),
        None => (disassembler.alignment().min(rest.len()).max(1), false),
    }
}

/// Counts from the beginning of the function; `None` if that does not meet the end.
fn from_start(
    disassembler: Disassembler,
    base: u64,
    bytes: &[u8],
    start: usize,
) -> Option<Vec<usize>> {
    let mut offsets = Vec::new();
    let mut at = start;
    while at < bytes.len() {
        offsets.push(at);
        at = at.saturating_add(step(disassembler, base, bytes, at).0);
    }
    (at == bytes.len()).then_some(offsets)
}

/// Decoding from a wrong offset falls in step with the right instructions before long. So each
/// offset counts how many starts lead to it, and the way back takes the one with most.
fn by_agreement(disassembler: Disassembler, base: u64, bytes: &[u8], count: usize) -> Vec<usize> {
    let alignment = disassembler.alignment();
    let first = bytes.len() % alignment;
    let mut votes = vec![1_u64; bytes.len().saturating_add(1)];
    let mut next = vec![None; bytes.len()];
    for at in (first..bytes.len()).step_by(alignment) {
        let (length, valid) = step(disassembler, base, bytes, at);
        let to = at.saturating_add(length);
        let own = votes.get(at).copied().unwrap_or(1);
        if let (true, Some(slot), Some(vote)) = (valid, next.get_mut(at), votes.get_mut(to)) {
            *slot = Some(to);
            *vote = vote.saturating_add(own);
        }
    }
    let mut offsets = Vec::new();
    let mut at = bytes.len();
    while offsets.len() < count {
        let from = at.saturating_sub(disassembler.max_length());
        let best = (from..at)
            .filter(|before| next.get(*before).copied().flatten() == Some(at))
            .max_by_key(|before| votes.get(*before).copied());
        let Some(before) = best else { break };
        offsets.push(before);
        at = before;
    }
    offsets.reverse();
    offsets
}
