//! Entries of the procedure linkage table.

/// Bytes of an entry, and `R_X86_64_JUMP_SLOT`, `R_X86_64_GLOB_DAT` (psABI, "Relocation Types").
pub(crate) const ENTRY: usize = 16;
pub(crate) const RELOCATIONS: [u32; 2] = [7, 6];

/// The address of the word through which an entry at `address` jumps: `jmp *disp(%rip)` is
/// ff 25 and four bytes; `endbr64` (f3 0f 1e fa) and `bnd` (f2) may stand before it.
pub(crate) fn slot(address: u64, entry: &[u8]) -> Option<u64> {
    let skip = if entry.starts_with(&[0xf3, 0x0f, 0x1e, 0xfa]) { 4 } else { 0 };
    let skip = skip + usize::from(entry.get(skip) == Some(&0xf2));
    let [0xff, 0x25, a, b, c, d, ..] = entry.get(skip..)? else { return None };
    let next = address.wrapping_add(skip as u64 + 6);
    Some(next.wrapping_add_signed(i64::from(i32::from_le_bytes([*a, *b, *c, *d]))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms() {
        let plain = [0xff, 0x25, 0x10, 0, 0, 0, 0x68, 0, 0, 0, 0, 0xe9, 0, 0, 0, 0];
        assert_eq!(slot(0x1000, &plain), Some(0x1016));
        let cet = [0xf3, 0x0f, 0x1e, 0xfa, 0xf2, 0xff, 0x25, 0xf0, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0];
        assert_eq!(slot(0x1000, &cet), Some(0xffb));
        assert_eq!(slot(0x1000, &[0x90; 16]), None);
    }
}
