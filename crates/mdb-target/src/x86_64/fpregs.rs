//! The floating-point and vector registers of a thread.
//!
//! Sources: the FXSAVE area and the XSAVE header are in the Intel SDM, volume 1, sections 10.5.1
//! and 13.4; that `XCR0` stands at 464 is `struct _fpx_sw_bytes`
//! (`arch/x86/include/uapi/asm/sigcontext.h`); `NT_X86_XSAVE_LAYOUT` is `struct
//! x86_xfeat_component` (`arch/x86/include/uapi/asm/elf.h`).

use crate::FloatingPoint;

/// The x87, SSE, AVX and AVX-512 registers. What the core does not say is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FpRegisters {
    /// x87 control word.
    pub control: u16,
    /// x87 status word.
    pub status: u16,
    /// Which of the x87 registers (by their physical number, a bit each) are in use.
    pub used: u8,
    /// Opcode of the last x87 instruction.
    pub opcode: u16,
    /// Address of the last x87 instruction.
    pub instruction: u64,
    /// Address of its operand.
    pub operand: u64,
    /// SSE control and status.
    pub mxcsr: u32,
    /// The bits of `mxcsr` that this processor has.
    pub mxcsr_mask: u32,
    /// `st0` to `st7`: 80 bits each.
    pub st: [[u8; 10]; 8],
    /// `xmm0` to `xmm15`.
    pub xmm: [u128; 16],
    /// The upper halves of `ymm0` to `ymm15`.
    pub ymm_high: Option<[u128; 16]>,
    /// The mask registers `k0` to `k7`.
    pub opmask: Option<[u64; 8]>,
    /// The upper halves of `zmm0` to `zmm15`.
    pub zmm_high: Option<[[u128; 2]; 16]>,
    /// `zmm16` to `zmm31`.
    pub zmm_upper: Option<[[u128; 4]; 16]>,
    /// The rights of the protection keys.
    pub pkru: Option<u32>,
}

/// Offsets in the FXSAVE area.
mod fxsave {
    pub(super) const CONTROL: usize = 0;
    pub(super) const STATUS: usize = 2;
    pub(super) const USED: usize = 4;
    pub(super) const OPCODE: usize = 6;
    pub(super) const INSTRUCTION: usize = 8;
    pub(super) const OPERAND: usize = 16;
    pub(super) const MXCSR: usize = 24;
    pub(super) const MXCSR_MASK: usize = 28;
    pub(super) const ST: usize = 32;
    pub(super) const XMM: usize = 160;
    /// Free for software: Linux puts `XCR0` here.
    pub(super) const XCR0: usize = 464;
    pub(super) const END: usize = 512;
}

/// `XSTATE_BV`: which parts are not in their initial state (zero).
const XSTATE_BV: usize = 512;

// The numbers of the parts: bits of XCR0 (SDM volume 1, section 13.1).
const AVX: u32 = 2;
const OPMASK: u32 = 5;
const ZMM_HIGH: u32 = 6;
const ZMM_UPPER: u32 = 7;
const PKRU: u32 = 9;

/// Where the parts lie: number and offset. The processor says it (CPUID leaf 0xd), the core
/// only since Linux 6.12.
type Offsets = &'static [(u32, usize)];

/// Intel's processors.
const INTEL: Offsets =
    &[(AVX, 576), (OPMASK, 1088), (ZMM_HIGH, 1152), (ZMM_UPPER, 1664), (PKRU, 2688)];
/// AMD's from Zen 4 on, which leave no room for MPX.
const AMD: Offsets = &[(AVX, 576), (OPMASK, 832), (ZMM_HIGH, 896), (ZMM_UPPER, 1408), (PKRU, 2432)];
/// AMD's with protection keys and without AVX-512 (Zen 3).
const AMD_WITHOUT_AVX512: Offsets = &[(AVX, 576), (PKRU, 832)];

fn array<const N: usize>(data: &[u8], at: usize) -> Option<[u8; N]> {
    data.get(at..)?.first_chunk().copied()
}

fn u128_at(data: &[u8], at: usize) -> Option<u128> {
    array(data, at).map(u128::from_le_bytes)
}

fn u64_at(data: &[u8], at: usize) -> Option<u64> {
    array(data, at).map(u64::from_le_bytes)
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    array(data, at).map(u32::from_le_bytes)
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    array(data, at).map(u16::from_le_bytes)
}

/// An array from a function that may not know an element: then nothing is known.
fn all<T: Copy + Default, const N: usize>(get: impl Fn(usize) -> Option<T>) -> Option<[T; N]> {
    let mut values = [T::default(); N];
    for (i, value) in values.iter_mut().enumerate() {
        *value = get(i)?;
    }
    Some(values)
}

/// Decodes the registers of a thread: from `NT_X86_XSTATE`, or from `NT_PRFPREG` alone (no AVX
/// then). `None` if the core has neither, or not whole.
pub fn decode(raw: &FloatingPoint) -> Option<FpRegisters> {
    let xstate = raw.xstate.filter(|x| x.len() >= fxsave::END);
    let legacy = xstate.or(raw.fpregset)?;
    let extended = xstate.and_then(|data| Extended::new(data, raw.xsave_layout));
    let part = |number| extended.as_ref().and_then(|e| e.part(number));
    Some(FpRegisters {
        control: u16_at(legacy, fxsave::CONTROL)?,
        status: u16_at(legacy, fxsave::STATUS)?,
        used: *legacy.get(fxsave::USED)?,
        opcode: u16_at(legacy, fxsave::OPCODE)?,
        instruction: u64_at(legacy, fxsave::INSTRUCTION)?,
        operand: u64_at(legacy, fxsave::OPERAND)?,
        mxcsr: u32_at(legacy, fxsave::MXCSR)?,
        mxcsr_mask: u32_at(legacy, fxsave::MXCSR_MASK)?,
        st: all(|i| array(legacy, fxsave::ST + i * 16))?,
        xmm: all(|i| u128_at(legacy, fxsave::XMM + i * 16))?,
        ymm_high: part(AVX).and_then(|p| all(|i| p.u128(i))),
        opmask: part(OPMASK).and_then(|p| all(|i| p.u64(i))),
        zmm_high: part(ZMM_HIGH).and_then(|p| all(|i| all(|k| p.u128(i * 2 + k)))),
        zmm_upper: part(ZMM_UPPER).and_then(|p| all(|i| all(|k| p.u128(i * 4 + k)))),
        pkru: part(PKRU).and_then(|p| p.u64(0)).map(|v| v as u32),
    })
}

/// The XSAVE area behind the FXSAVE area.
struct Extended<'a> {
    data: &'a [u8],
    layout: Option<&'a [u8]>,
    xcr0: u64,
    present: u64,
}

/// A part of it; `None` when it is in its initial state.
struct Part<'a>(Option<&'a [u8]>);

impl Part<'_> {
    fn u128(&self, index: usize) -> Option<u128> {
        self.0.map_or(Some(0), |data| u128_at(data, index * 16))
    }

    fn u64(&self, index: usize) -> Option<u64> {
        self.0.map_or(Some(0), |data| u64_at(data, index * 8))
    }
}

impl<'a> Extended<'a> {
    fn new(data: &'a [u8], layout: Option<&'a [u8]>) -> Option<Self> {
        let xcr0 = u64_at(data, fxsave::XCR0)?;
        let present = u64_at(data, XSTATE_BV)?;
        Some(Self { data, layout, xcr0, present })
    }

    /// A part that the processor has.
    fn part(&self, number: u32) -> Option<Part<'a>> {
        let has = |bits: u64| bits >> number & 1 == 1;
        if !has(self.xcr0) {
            return None;
        }
        if !has(self.present) {
            return Some(Part(None));
        }
        let offset = match self.layout {
            Some(layout) => Self::noted_offset(layout, number)?,
            None => self.guessed_offset(number)?,
        };
        Some(Part(Some(self.data.get(offset..)?)))
    }

    /// `NT_X86_XSAVE_LAYOUT`: type, size, offset, flags, four bytes each.
    fn noted_offset(layout: &[u8], number: u32) -> Option<usize> {
        let (entries, _) = layout.as_chunks::<16>();
        let entry = entries.iter().find(|e| u32_at(*e, 0) == Some(number))?;
        usize::try_from(u32_at(entry, 8)?).ok()
    }

    /// By the length of the whole, as gdb does it.
    fn guessed_offset(&self, number: u32) -> Option<usize> {
        let avx512 = self.xcr0 >> OPMASK & 1 == 1;
        let offsets = match self.data.len() {
            840 if !avx512 => AMD_WITHOUT_AVX512,
            2432 | 2440 if avx512 => AMD,
            _ => INTEL,
        };
        offsets.iter().find(|(n, _)| *n == number).map(|(_, offset)| *offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An area of `length` bytes in which each part of `xcr0` begins with its number.
    fn area(length: usize, xcr0: u64, present: u64, offsets: Offsets) -> &'static [u8] {
        let mut data = vec![0; length];
        data[fxsave::MXCSR..][..4].copy_from_slice(&0x1f80u32.to_le_bytes());
        data[fxsave::XMM + 16] = 0x11;
        data[fxsave::XCR0..][..8].copy_from_slice(&xcr0.to_le_bytes());
        data[XSTATE_BV..][..8].copy_from_slice(&present.to_le_bytes());
        for (number, offset) in offsets {
            if let Some(byte) = data.get_mut(*offset) {
                *byte = *number as u8;
            }
        }
        data.leak()
    }

    fn raw(xstate: &'static [u8]) -> FloatingPoint {
        FloatingPoint { xstate: Some(xstate), ..FloatingPoint::default() }
    }

    #[test]
    fn the_layouts_of_the_makers() {
        for (length, xcr0, offsets) in [
            (2696, 0x2e7, INTEL),
            (2688, 0x0e7, INTEL),
            (2440, 0x2e7, AMD),
            (2432, 0x0e7, AMD),
            (840, 0x207, AMD_WITHOUT_AVX512),
            (832, 0x007, INTEL),
        ] {
            let registers = decode(&raw(area(length, xcr0, u64::MAX, offsets))).unwrap();
            let has = |number: u32| (xcr0 >> number & 1 == 1).then_some(u128::from(number));
            assert_eq!(registers.xmm[1], 0x11);
            assert_eq!(registers.mxcsr, 0x1f80);
            assert_eq!(registers.ymm_high.map(|r| r[0]), has(AVX), "{length}");
            assert_eq!(registers.opmask.map(|r| r[0].into()), has(OPMASK), "{length}");
            assert_eq!(registers.zmm_high.map(|r| r[0][0]), has(ZMM_HIGH), "{length}");
            assert_eq!(registers.zmm_upper.map(|r| r[0][0]), has(ZMM_UPPER), "{length}");
            assert_eq!(registers.pkru.map(u128::from), has(PKRU), "{length}");
        }
    }

    #[test]
    fn the_note_says_where() {
        let data = area(2696, 0x7, u64::MAX, &[(AVX, 1000)]);
        let layout = [AVX, 256, 1000, 0].map(u32::to_le_bytes).concat();
        let raw = FloatingPoint { xsave_layout: Some(layout.leak()), ..raw(data) };
        assert_eq!(decode(&raw).unwrap().ymm_high.unwrap()[0], u128::from(AVX));
    }

    #[test]
    fn what_is_not_there() {
        // In its initial state: zero, whatever the bytes are.
        let registers = decode(&raw(area(2696, 0x7, 0x3, INTEL))).unwrap();
        assert_eq!(registers.ymm_high, Some([0; 16]));
        assert_eq!(registers.opmask, None);
        // Cut within AVX.
        let data = area(2696, 0x7, 0x7, INTEL);
        let registers = decode(&raw(&data[..600])).unwrap();
        assert_eq!((registers.xmm[1], registers.ymm_high), (0x11, None));
        // NT_PRFPREG alone.
        let old = FloatingPoint { fpregset: Some(&data[..512]), ..FloatingPoint::default() };
        assert_eq!(decode(&old).unwrap().xmm[1], 0x11);
        assert_eq!(decode(&FloatingPoint::default()), None);
        for length in 0..512 {
            assert_eq!(decode(&raw(&data[..length])), None);
        }
    }
}
