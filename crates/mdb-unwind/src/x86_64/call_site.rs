//! Whether a return address can be one: a call ends there.

use crate::abi::CallSite;
use mdb_target::{AddressSpace, Fault};

/// The longest indirect call that is looked for: REX, `ff`, ModRM, SIB, 32-bit displacement.
const LONGEST: u64 = 8;

/// The call that ends at `address`. `None` where none does; the error where the bytes before it
/// cannot be read, so that nothing is known.
pub(crate) fn before(memory: &AddressSpace, address: u64) -> Result<Option<CallSite>, Fault> {
    let mut bytes = [0_u8; LONGEST as usize];
    // A short read is a call at the beginning of a mapping: look at what there is.
    let mut have = LONGEST;
    loop {
        let Some(from) = address.checked_sub(have) else { return Ok(None) };
        let skip = (LONGEST - have) as usize;
        let Some(part) = bytes.get_mut(skip..) else { return Ok(None) };
        match memory.read_exact(from, part) {
            Ok(()) => return Ok(classify(address, bytes, have as usize)),
            Err(fault) if have <= 2 || fault.is_interrupt() => return Err(fault),
            Err(_) => have -= 1,
        }
    }
}

/// The last `have` of `bytes` are those before `address`.
fn classify(address: u64, bytes: [u8; LONGEST as usize], have: usize) -> Option<CallSite> {
    if let [.., 0xe8, a, b, c, d] = bytes
        && have >= 5
    {
        // Intel SDM volume 2, CALL: E8 cd, relative to the next instruction.
        let offset = i64::from(i32::from_le_bytes([a, b, c, d]));
        return Some(CallSite::Direct(address.wrapping_add_signed(offset)));
    }
    // FF /2: ModRM with reg = 2. Its mode and base say how long the instruction is.
    (2..=7).filter(|length| *length <= have).find_map(|length| {
        let at = bytes.get(bytes.len().checked_sub(length)?..)?;
        let (&opcode, rest) = at.split_first()?;
        let (&modrm, rest) = rest.split_first()?;
        if opcode != 0xff || modrm >> 3 & 7 != 2 {
            return None;
        }
        let (mode, base) = (modrm >> 6, modrm & 7);
        let sib = mode != 3 && base == 4;
        let displacement = match mode {
            0 if base == 5 => 4,
            // A SIB byte without base register has a displacement also in mode 0.
            0 if sib && rest.first().is_some_and(|sib| sib & 7 == 5) => 4,
            1 => 1,
            2 => 4,
            _ => 0,
        };
        (length == 2 + usize::from(sib) + displacement).then_some(CallSite::Indirect)
    })
}

/// Whether the function that begins at `address` begins by saving the caller's frame pointer:
/// `push %rbp`, perhaps behind `endbr64`.
pub(crate) fn saves_frame_pointer(memory: &AddressSpace, address: u64) -> bool {
    let mut bytes = [0_u8; 5];
    if memory.read(address, &mut bytes).is_err() {
        return false;
    }
    matches!(bytes, [0x55, ..] | [0xf3, 0x0f, 0x1e, 0xfa, 0x55])
}

/// Whether the code at `address` begins with a jump, perhaps behind `endbr64` and with a `bnd`
/// prefix. Code that cannot be read may.
pub(crate) fn is_jump(memory: &AddressSpace, address: u64) -> bool {
    let mut bytes = [0_u8; 8];
    let Ok(got) = memory.read(address, &mut bytes) else { return true };
    let code = bytes.get(..got).unwrap_or(&[]);
    let code = code.strip_prefix(&[0xf3, 0x0f, 0x1e, 0xfa]).unwrap_or(code);
    let code = code.strip_prefix(&[0xf2]).unwrap_or(code);
    matches!(
        code,
        [0xe9 | 0xeb, ..] | [0xff, 0x25 | 0xe0..=0xe7, ..] | [0x41, 0xff, 0xe0..=0xe7, ..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use mdb_target::{Arch, FakeTarget, Target};

    fn at_end(code: &[u8]) -> Option<CallSite> {
        let end = 0x1000 + code.len() as u64;
        let target = FakeTarget::new(Arch::X86_64).region(0x1000, code);
        before(target.memory(), end).unwrap()
    }

    #[test]
    fn the_forms_of_call() {
        assert_eq!(at_end(&[0xe8, 0xfb, 0xff, 0xff, 0xff]), Some(CallSite::Direct(0x1000)));
        for indirect in [
            &[0xff, 0xd0][..],                                 // call *%rax
            &[0x41, 0xff, 0xd4],                               // call *%r12
            &[0xff, 0x10],                                     // call *(%rax)
            &[0xff, 0x50, 0x08],                               // call *8(%rax)
            &[0xff, 0x90, 0x10, 0x01, 0, 0],                   // call *0x110(%rax)
            &[0xff, 0x15, 0x01, 0x02, 0x03, 0x04],             // call *0x4030201(%rip)
            &[0xff, 0x14, 0xc7],                               // call *(%rdi,%rax,8)
            &[0xff, 0x54, 0x24, 0x08],                         // call *8(%rsp)
            &[0x41, 0xff, 0x94, 0xc4, 1, 0, 0, 0],             // call *1(%r12,%rax,8)
            &[0xff, 0x14, 0xc5, 0, 0, 0x40, 0],                // call *0x400000(,%rax,8)
            &[0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0xd0], // behind others
        ] {
            assert_eq!(at_end(indirect), Some(CallSite::Indirect), "{indirect:x?}");
        }
        for other in [
            &[0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90][..],
            &[0xff, 0xe0],       // jmp *%rax
            &[0xff, 0x50],       // cut in the middle
            &[0x48, 0x89, 0xe5], // mov
            &[0xfb, 0xff, 0xff, 0xff],
        ] {
            assert_eq!(at_end(other), None, "{other:x?}");
        }
    }

    #[test]
    fn nothing_to_read_is_a_fault() {
        let target = FakeTarget::new(Arch::X86_64);
        assert!(before(target.memory(), 0x1000).is_err());
        assert_eq!(before(target.memory(), 3), before(target.memory(), 3));
    }
}
