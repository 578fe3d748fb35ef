//! Where the return address is while a function has not yet made its frame, or has just taken
//! it down.

use crate::abi::Edge;
use mdb_target::{AddressSpace, RegisterSet};

/// `stp x29, x30, [sp, #-n]!` (Arm ARM, C6.2 STP, pre-index, 64 bits).
pub(crate) fn is_frame_record_push(word: u32) -> bool {
    word & 0xffc0_7fff == 0xa980_7bfd
}

/// `ret` through `x30`, also the authenticating ones.
fn is_return(word: u32) -> bool {
    matches!(word, 0xd65f_03c0 | 0xd65f_0bff | 0xd65f_0fff)
}

/// Looks at the instructions from `start`, where the function begins if that is known, and at
/// `pc`. `None` where they do not say that the frame is not there.
pub(crate) fn edge(
    memory: &AddressSpace,
    _registers: &RegisterSet,
    pc: u64,
    start: Option<u64>,
) -> Option<Edge> {
    if memory.read_u32(pc).is_ok_and(is_return) {
        return Some(Edge::LinkRegister);
    }
    let start = start?;
    // bti c, paciasp
    let marker = |word: u32| matches!(word, 0xd503_245f | 0xd503_233f);
    let mut at = start;
    while at < pc && at < start.saturating_add(8) && memory.read_u32(at).is_ok_and(marker) {
        at = at.saturating_add(4);
    }
    (at == pc).then_some(Edge::LinkRegister)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mdb_target::{Arch, FakeTarget, Target};

    #[test]
    fn edges_of_a_function() {
        // paciasp; stp x29, x30, [sp, #-16]!; nop; ret
        let words = [0xd503_233f_u32, 0xa9bf_7bfd, 0xd503_201f, 0xd65f_03c0];
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let target = FakeTarget::new(Arch::Aarch64).region(0x1000, bytes);
        let look = |pc| edge(target.memory(), &RegisterSet::new(Arch::Aarch64), pc, Some(0x1000));
        assert_eq!(look(0x1000), Some(Edge::LinkRegister));
        assert_eq!(look(0x1004), Some(Edge::LinkRegister));
        assert_eq!(look(0x1008), None);
        assert_eq!(look(0x100c), Some(Edge::LinkRegister));
        assert!(is_frame_record_push(words[1]));
    }
}
