//! The target's memory without the files behind it.
//!
//! To choose the file of a module, its headers are read from memory. If that read fell back to
//! the module's file, the question would ask itself. So these reads see only what the target
//! itself has.

use mdb_target::{AddressSpace, Backing};

/// Copies as much of `length` bytes at `address` as the target saved without a gap.
pub(crate) fn saved(memory: &AddressSpace, address: u64, length: usize) -> Vec<u8> {
    copy(memory, address, length, true)
}

/// With or without holes of a sparse file, which can be larger than all that is in it.
fn copy(memory: &AddressSpace, address: u64, length: usize, holes: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < length {
        let Some(at) = address.checked_add(bytes.len() as u64) else { break };
        let Some(segment) = memory.segment_at(at) else { break };
        let left = usize::try_from(segment.range.end - at).unwrap_or(usize::MAX);
        let want = left.min(length - bytes.len());
        match &segment.backing {
            Backing::Bytes(all) => {
                let from = (at - segment.range.start) as usize;
                let part = all.get(from..).unwrap_or_default();
                let part = part.get(..want).unwrap_or(part);
                bytes.extend_from_slice(part);
                if part.len() < want {
                    break;
                }
            }
            Backing::Zero if holes => bytes.resize(bytes.len() + want, 0),
            Backing::Reader(reader) => {
                let start = bytes.len();
                bytes.resize(start + want, 0);
                let got = match bytes.get_mut(start..) {
                    Some(buffer) => reader.read(at, buffer).unwrap_or(0).min(want),
                    None => 0,
                };
                bytes.truncate(start + got);
                if got < want {
                    break;
                }
            }
            _ => break,
        }
    }
    bytes
}

/// Lends the bytes at `address` if the target has them in one piece, else copies them for the
/// length of the session. For tables of code, which have no zero pages: a hole ends them. The
/// caller bounds `length`.
pub(crate) fn saved_static(memory: &AddressSpace, address: u64, length: usize) -> &'static [u8] {
    if let Some(segment) = memory.segment_at(address)
        && let Backing::Bytes(all) = &segment.backing
        && let Some(rest) = all.get((address - segment.range.start) as usize..)
        && (rest.len() >= length || rest.len() as u64 == segment.range.end - address)
        && let next = segment.range.end
        && (rest.len() >= length || memory.segment_at(next).is_none())
    {
        return rest.get(..length).unwrap_or(rest);
    }
    Box::leak(copy(memory, address, length, false).into_boxed_slice())
}

/// A word of the target, if it was saved.
pub(crate) fn saved_u64(memory: &AddressSpace, address: u64) -> Option<u64> {
    let bytes = saved(memory, address, 8);
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}

/// A C string of the target, if it was saved; at most `limit` bytes of it.
pub(crate) fn saved_string(memory: &AddressSpace, address: u64, limit: usize) -> Option<Vec<u8>> {
    let mut string = Vec::new();
    while string.len() < limit {
        let at = address.checked_add(string.len() as u64)?;
        // Not beyond the page: what follows may be missing.
        let step = 0x1000 - (at & 0xfff) as usize;
        let block = saved(memory, at, step.min(256));
        if block.is_empty() {
            return None;
        }
        match block.iter().position(|b| *b == 0) {
            Some(end) => {
                string.extend_from_slice(block.get(..end)?);
                break;
            }
            None => string.extend_from_slice(&block),
        }
    }
    string.truncate(limit);
    Some(string)
}
