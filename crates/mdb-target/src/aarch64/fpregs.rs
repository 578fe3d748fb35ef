//! The floating-point and vector registers of a thread.
//!
//! Source: `struct user_fpsimd_state` (`arch/arm64/include/uapi/asm/ptrace.h`): 32 registers of
//! 16 bytes, then two words. The vectors of SVE have a note of their own, which is not decoded.

use crate::FloatingPoint;

/// The registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FpRegisters {
    /// `v0` to `v31`.
    pub v: [u128; 32],
    /// Status.
    pub fpsr: u32,
    /// Control.
    pub fpcr: u32,
}

const FPSR: usize = 512;
const FPCR: usize = 516;

/// Decodes the registers of a thread from `NT_PRFPREG`. `None` if the core does not have them
/// whole.
pub fn decode(raw: &FloatingPoint) -> Option<FpRegisters> {
    let data = raw.fpregset?;
    let word = |at: usize| data.get(at..)?.first_chunk().map(|b| u32::from_le_bytes(*b));
    let mut v = [0; 32];
    let (vectors, _) = data.get(..FPSR)?.as_chunks::<16>();
    for (to, from) in v.iter_mut().zip(vectors) {
        *to = u128::from_le_bytes(*from);
    }
    Some(FpRegisters { v, fpsr: word(FPSR)?, fpcr: word(FPCR)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_and_status() {
        let mut data: Vec<u8> = (0..32u128).flat_map(|i| (i << 64 | 5).to_le_bytes()).collect();
        data.extend([7u32, 8, 0, 0].map(u32::to_le_bytes).concat());
        let data: &'static [u8] = data.leak();
        let raw =
            |length| FloatingPoint { fpregset: Some(&data[..length]), ..FloatingPoint::default() };
        let registers = decode(&raw(528)).unwrap();
        assert_eq!((registers.v[31], registers.fpsr, registers.fpcr), (31 << 64 | 5, 7, 8));
        assert!((0..520).all(|length| decode(&raw(length)).is_none()));
    }
}
