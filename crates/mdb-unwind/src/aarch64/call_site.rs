//! Whether a return address can be one: a call ends there.

use crate::abi::CallSite;
use mdb_target::{AddressSpace, Fault};

/// The call that ends at `address`. `None` where none does; the error where the bytes before it
/// cannot be read, so that nothing is known.
pub(crate) fn before(memory: &AddressSpace, address: u64) -> Result<Option<CallSite>, Fault> {
    let Some(at) = address.checked_sub(4).filter(|at| at % 4 == 0) else { return Ok(None) };
    let word = memory.read_u32(at)?;
    // Arm ARM (DDI 0487), C6.2: BL is 100101 imm26.
    if word & 0xfc00_0000 == 0x9400_0000 {
        let offset = i64::from((word << 6) as i32 >> 6) * 4;
        return Ok(Some(CallSite::Direct(at.wrapping_add_signed(offset))));
    }
    // BLR is 1101011 0001 11111 000000 Rn 00000; BLRAA and its kin set bits 24, 11, 10 and Rm.
    let blr = word & 0xffff_fc1f == 0xd63f_0000;
    let blra = word & 0xfeff_f800 == 0xd63f_0800;
    Ok((blr || blra).then_some(CallSite::Indirect))
}

/// Whether the function that begins at `address` begins by saving the caller's frame pointer:
/// `stp x29, x30, [sp, #-n]!`, perhaps behind `bti c` or `paciasp`.
pub(crate) fn saves_frame_pointer(memory: &AddressSpace, address: u64) -> bool {
    [address, address.wrapping_add(4)]
        .into_iter()
        .map_while(|at| memory.read_u32(at).ok())
        .any(super::prologue::is_frame_record_push)
}

/// Whether the code at `address` begins with a jump: `b`, or the entry of a procedure linkage
/// table, which ends in `br x17` (`bti c` and three instructions before). Code that cannot be
/// read may.
pub(crate) fn is_jump(memory: &AddressSpace, address: u64) -> bool {
    let word = |n: u64| memory.read_u32(address.wrapping_add(n * 4));
    let Ok(first) = word(0) else { return true };
    first & 0xfc00_0000 == 0x1400_0000 || (0..5).any(|n| word(n) == Ok(0xd61f_0220))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mdb_target::{Arch, FakeTarget, Target};

    #[test]
    fn the_forms_of_call() {
        let at_end = |word: u32| {
            let target = FakeTarget::new(Arch::Aarch64).region(0x1000, word.to_le_bytes());
            before(target.memory(), 0x1004).unwrap()
        };
        assert_eq!(at_end(0x9400_0002), Some(CallSite::Direct(0x1008))); // bl .+8
        assert_eq!(at_end(0x97ff_ffff), Some(CallSite::Direct(0xffc))); // bl .-4
        assert_eq!(at_end(0xd63f_0200), Some(CallSite::Indirect)); // blr x16
        assert_eq!(at_end(0xd73f_0a11), Some(CallSite::Indirect)); // blraa x16, x17
        assert_eq!(at_end(0xd65f_03c0), None); // ret
        assert_eq!(at_end(0xd61f_0200), None); // br x16
        assert_eq!(at_end(0x1400_0002), None); // b .+8
    }
}
