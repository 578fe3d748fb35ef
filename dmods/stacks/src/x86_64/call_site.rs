//! Calls in the code (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2:
//! `CALL`, and table 2-2 for the lengths of operands).

use crate::architecture::CallSite;

/// The call that ends where `bytes` do, at `end`. Instructions have many lengths, so a byte before
/// the call may be taken for part of another one: this is a guess.
pub(crate) fn call_before(bytes: &[u8], end: u64) -> Option<CallSite> {
    if let Some([0xe8, a, b, c, d]) = bytes.last_chunk() {
        let distance = i32::from_le_bytes([*a, *b, *c, *d]);
        return Some(CallSite { target: Some(end.wrapping_add_signed(distance.into())) });
    }
    // `ff /2`, from the shortest.
    let indirect = (2..=7).any(|length| {
        let start = bytes.len().checked_sub(length);
        let instruction = start.and_then(|start| bytes.get(start..)).unwrap_or_default();
        matches!(instruction, [0xff, modrm, rest @ ..]
            if (modrm >> 3) & 7 == 2 && operand_length(*modrm, rest.first()) == Some(length - 2))
    });
    indirect.then_some(CallSite { target: None })
}

/// The bytes behind ModRM: SIB and displacement.
fn operand_length(modrm: u8, sib: Option<&u8>) -> Option<usize> {
    let (mode, rm) = (modrm >> 6, modrm & 7);
    Some(match (mode, rm) {
        (3, _) => 0,
        // With SIB; base 5 without a mode has 32 bits of displacement.
        (0, 4) if sib? & 7 == 5 => 5,
        (0, 4) => 1,
        (0, 5) => 4,
        (0, _) => 0,
        (1, 4) => 2,
        (1, _) => 1,
        (_, 4) => 5,
        (_, _) => 4,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes as `as` and `objdump` of binutils 2.40 have them.
    #[test]
    fn calls_are_seen() {
        let direct = |bytes: &[u8]| call_before(bytes, 0x1005).and_then(|call| call.target);
        assert_eq!(direct(&[0x90, 0xe8, 0x10, 0, 0, 0]), Some(0x1015), "call .+0x15");
        assert_eq!(direct(&[0xe8, 0xfb, 0xff, 0xff, 0xff]), Some(0x1000), "call .");
        for (bytes, text) in [
            (&[0xff, 0xd0][..], "call *%rax"),
            (&[0x41, 0xff, 0xd4], "call *%r12"),
            (&[0xff, 0x10], "call *(%rax)"),
            (&[0xff, 0x50, 0x18], "call *0x18(%rax)"),
            (&[0xff, 0x14, 0xc8], "call *(%rax,%rcx,8)"),
            (&[0x41, 0xff, 0x14, 0x24], "call *(%r12)"),
            (&[0xff, 0x54, 0x24, 0x08], "call *0x8(%rsp)"),
            (&[0xff, 0x15, 0x10, 0x20, 0, 0], "call *0x2010(%rip)"),
            (&[0xff, 0x90, 0x88, 0, 0, 0], "call *0x88(%rax)"),
            (&[0xff, 0x94, 0x24, 0x88, 0, 0, 0], "call *0x88(%rsp)"),
            (&[0xff, 0x14, 0xc5, 0x10, 0x20, 0, 0], "call *0x2010(,%rax,8)"),
        ] {
            assert_eq!(call_before(bytes, 0x1000), Some(CallSite { target: None }), "{text}");
        }
        for (bytes, text) in [
            (&[0xff, 0xe0][..], "jmp *%rax"),
            (&[0xff, 0x25, 0x10, 0x20, 0, 0], "jmp *0x2010(%rip)"),
            (&[0xeb, 0x10], "jmp"),
            (&[0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90], "nop"),
            (&[], "nothing"),
        ] {
            assert_eq!(call_before(bytes, 0x1000), None, "{text}");
        }
    }
}
