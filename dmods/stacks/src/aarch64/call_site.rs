//! Calls in the code (Arm Architecture Reference Manual, C6.2: `BL`, `BLR`, `BLRAA` and kin).

use crate::architecture::CallSite;

/// The call that ends where `bytes` do, at `end`.
pub(crate) fn call_before(bytes: &[u8], end: u64) -> Option<CallSite> {
    let word = u32::from_le_bytes(*bytes.last_chunk()?);
    if word & 0xfc00_0000 == 0x9400_0000 {
        // 26 bits of distance in words, signed.
        let distance = i64::from((word << 6) as i32 >> 6) * 4;
        return Some(CallSite { target: Some(end.wrapping_sub(4).wrapping_add_signed(distance)) });
    }
    let blr = word & 0xffff_fc1f == 0xd63f_0000;
    let authenticated = word & 0xfeff_f800 == 0xd63f_0800;
    (blr || authenticated).then_some(CallSite { target: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Encoded by hand from the manual.
    #[test]
    fn calls_are_seen() {
        let at = |word: u32| call_before(&word.to_le_bytes(), 0x1004);
        assert_eq!(at(0x9400_0002), Some(CallSite { target: Some(0x1008) }), "bl .+8");
        assert_eq!(at(0x97ff_ffff), Some(CallSite { target: Some(0xffc) }), "bl .-4");
        assert_eq!(at(0xd63f_0100), Some(CallSite { target: None }), "blr x8");
        assert_eq!(at(0xd73f_0901), Some(CallSite { target: None }), "blraa x8, x1");
        assert_eq!(at(0xd61f_0100), None, "br x8");
        assert_eq!(at(0x1400_0002), None, "b .+8");
        assert_eq!(call_before(&[0x94], 0x1004), None);
    }
}
