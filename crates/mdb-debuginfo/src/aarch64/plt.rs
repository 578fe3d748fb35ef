//! Entries of the procedure linkage table.

/// Bytes of an entry, and `R_AARCH64_JUMP_SLOT`, `R_AARCH64_GLOB_DAT` (ELF for the Arm 64-bit
/// Architecture, "Dynamic relocations").
pub(crate) const ENTRY: usize = 16;
pub(crate) const RELOCATIONS: [u32; 2] = [1026, 1025];

/// The address of the word through which an entry at `address` jumps: `adrp x16, page` and
/// `ldr x17, [x16, #offset]`; `bti c` may stand before them.
pub(crate) fn slot(address: u64, entry: &[u8]) -> Option<u64> {
    let (words, _) = entry.as_chunks::<4>();
    let word = |n: usize| words.get(n).map(|w| u32::from_le_bytes(*w));
    let skip = usize::from(word(0)? == 0xd503_245f);
    let (adrp, ldr) = (word(skip)?, word(skip + 1)?);
    if adrp & 0x9f00_001f != 0x9000_0010 || ldr & 0xffc0_03ff != 0xf940_0211 {
        return None;
    }
    let pages = u64::from(adrp >> 29 & 3) | u64::from(adrp >> 5 & 0x7_ffff) << 2;
    // 21 bits with a sign, in pages.
    let distance = ((pages << 43) as i64 >> 43) << 12;
    let page = (address.wrapping_add(skip as u64 * 4) & !0xfff).wrapping_add_signed(distance);
    Some(page.wrapping_add(u64::from(ldr >> 10 & 0xfff) * 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_and_without_bti() {
        // adrp x16, +0x11000; ldr x17, [x16, #8]; add x16, x16, #8; br x17
        let mut entry = Vec::new();
        for word in [0xb000_0090u32, 0xf940_0611, 0x9100_2210, 0xd61f_0220] {
            entry.extend_from_slice(&word.to_le_bytes());
        }
        assert_eq!(slot(0x400, &entry), Some(0x11008));
        let mut bti = 0xd503_245fu32.to_le_bytes().to_vec();
        bti.extend_from_slice(&entry);
        assert_eq!(slot(0x400, &bti), Some(0x11008));
        assert_eq!(slot(0x400, &[0; 16]), None);
    }
}
