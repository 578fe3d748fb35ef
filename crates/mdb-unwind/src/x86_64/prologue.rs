//! Where the return address is while a function has not yet made its frame, or has just taken
//! it down.

use crate::abi::Edge;
use mdb_target::x86_64::registers as r;
use mdb_target::{AddressSpace, RegisterSet};

const ENDBR64: &[u8] = &[0xf3, 0x0f, 0x1e, 0xfa];

/// Looks at the instructions from `start`, where the function begins if that is known, and at
/// `pc`. `None` where they do not say that the frame is not there.
pub(crate) fn edge(
    memory: &AddressSpace,
    registers: &RegisterSet,
    pc: u64,
    start: Option<u64>,
) -> Option<Edge> {
    let sp = registers.get(r::RSP)?;
    let untouched = Edge::Stack { return_address: sp, frame_pointer: None };
    let pushed = Edge::Stack { return_address: sp.wrapping_add(8), frame_pointer: Some(sp) };
    let mut bytes = [0_u8; 8];
    let got = memory.read(pc, &mut bytes).ok()?;
    let here = bytes.get(..got)?;
    // pop %rbp; ret. leave; ret is left to the frame pointer, which still holds then.
    match here {
        // ret; ret imm16; rep ret
        [0xc3 | 0xc2, ..] | [0xf3, 0xc3, ..] => return Some(untouched),
        [0x5d, 0xc3 | 0xc2, ..] => return Some(pushed),
        _ => {}
    }
    let start = start?;
    let mut head = [0_u8; 8];
    let got = memory.read(start, &mut head).ok()?;
    let head = head.get(..got)?;
    let (skip, head) = match head.strip_prefix(ENDBR64) {
        Some(rest) => (ENDBR64.len() as u64, rest),
        None => (0, head),
    };
    let done = pc.checked_sub(start)?;
    if done <= skip {
        return Some(untouched);
    }
    // push %rbp; mov %rsp,%rbp (two encodings)
    let frame = matches!(head, [0x55, 0x48, 0x89, 0xe5] | [0x55, 0x48, 0x8b, 0xec])
        || matches!(head, [0x55, 0x48, 0x89, 0xe5, ..] | [0x55, 0x48, 0x8b, 0xec, ..]);
    (frame && done == skip + 1).then_some(pushed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mdb_target::{Arch, FakeTarget, Target};

    fn look(code: &[u8], pc: u64) -> Option<Edge> {
        let mut registers = RegisterSet::new(Arch::X86_64);
        registers.set(r::RSP, 0x7000);
        let target = FakeTarget::new(Arch::X86_64).region(0x1000, code);
        edge(target.memory(), &registers, pc, Some(0x1000))
    }

    #[test]
    fn edges_of_a_function() {
        let at_sp = Some(Edge::Stack { return_address: 0x7000, frame_pointer: None });
        let pushed = Some(Edge::Stack { return_address: 0x7008, frame_pointer: Some(0x7000) });
        // endbr64; push %rbp; mov %rsp,%rbp; nop; pop %rbp; ret
        let code =
            [0xf3, 0x0f, 0x1e, 0xfa, 0x55, 0x48, 0x89, 0xe5, 0x90, 0x5d, 0xc3, 0x90, 0x90, 0x90];
        assert_eq!(look(&code, 0x1000), at_sp);
        assert_eq!(look(&code, 0x1004), at_sp);
        assert_eq!(look(&code, 0x1005), pushed);
        assert_eq!(look(&code, 0x1008), None);
        assert_eq!(look(&code, 0x1009), pushed);
        assert_eq!(look(&code, 0x100a), at_sp);
        assert_eq!(look(&code, 0x100b), None);
        assert_eq!(look(&code, 0xfff), None);
    }
}
