//! The instructions of a bytecode array (`src/interpreter/bytecodes.h`, `bytecode-array-iterator.cc`).

use super::Malformed;

const TABLE: &str = "bytecode array";

/// The first opcodes of all five versions: Wide, ExtraWide, DebugBreakWide, DebugBreakExtraWide. Each
/// scales the operands of the bytecode behind it (`Bytecodes::IsPrefixScalingBytecode`).
const LAST_PREFIX: u8 = 3;
/// Bit 0 of a prefix opcode: extra-wide rather than wide.
const EXTRA_WIDE: u8 = 1;

/// How long bytecodes are: `Bytecodes::kBytecodeSizes` of the binary.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BytecodeSizes<'a> {
    sizes: &'a [u8],
    opcodes: usize,
}

impl<'a> BytecodeSizes<'a> {
    /// The table with these bytes: one for each opcode, in single, double and quadruple scale.
    pub(crate) fn new(sizes: &'a [u8]) -> Result<Self, Malformed> {
        let opcodes = sizes.len() / 3;
        // More than 256 opcodes do not fit into a byte; the prefixes are always there.
        if !sizes.len().is_multiple_of(3) || opcodes > 256 || opcodes <= LAST_PREFIX.into() {
            return Err(Malformed {
                table: "bytecode sizes",
                at: sizes.len(),
                why: "not three scales of opcodes",
            });
        }
        Ok(Self { sizes, opcodes })
    }

    /// The length of a bytecode with its operands and without a prefix. `scale` is 0, 1 or 2.
    fn length(&self, scale: usize, opcode: u8) -> Option<u8> {
        if usize::from(opcode) >= self.opcodes {
            return None;
        }
        let length = self.sizes.get(scale * self.opcodes + usize::from(opcode))?;
        (*length != 0).then_some(*length)
    }
}

/// An instruction of a bytecode array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instruction {
    /// Where it starts. With a prefix that is the prefix, as in the frames of the interpreter and in all
    /// of V8's tables (`InterpreterAssembler::SaveBytecodeOffset`).
    pub(crate) offset: u32,
    /// The opcode behind the prefix.
    pub(crate) opcode: u8,
    /// The length with prefix and operands.
    pub(crate) length: u32,
}

/// A walk over a bytecode array. After an error nothing follows.
#[derive(Clone, Debug)]
pub(crate) struct Bytecodes<'a> {
    sizes: BytecodeSizes<'a>,
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Bytecodes<'a> {
    /// A walk over `bytes`, the bytecodes of an array without its header.
    pub(crate) fn new(sizes: BytecodeSizes<'a>, bytes: &'a [u8]) -> Self {
        Self { sizes, bytes, offset: 0 }
    }

    /// Does the last instruction end where the array ends? With wrong sizes or a wrong start it hardly
    /// ever does.
    pub(crate) fn ends_exactly(&self) -> bool {
        !self.bytes.is_empty()
            && Self::new(self.sizes, self.bytes).all(|instruction| instruction.is_ok())
    }

    /// The instruction that starts at `offset`, if one does.
    #[cfg_attr(not(test), allow(dead_code, reason = "tests compare it with V8's own word"))]
    pub(crate) fn at(&self, offset: u32) -> Result<Option<Instruction>, Malformed> {
        for instruction in Self::new(self.sizes, self.bytes) {
            let instruction = instruction?;
            if instruction.offset >= offset {
                return Ok((instruction.offset == offset).then_some(instruction));
            }
        }
        Ok(None)
    }

    fn read(&self) -> Result<Instruction, Malformed> {
        let malformed = |why| Malformed { table: TABLE, at: self.offset, why };
        let byte =
            |at: usize| self.bytes.get(at).copied().ok_or_else(|| malformed("a cut instruction"));
        let first = byte(self.offset)?;
        let (prefix, scale, opcode) = if first > LAST_PREFIX {
            (0, 0, first)
        } else {
            let scale = if first & EXTRA_WIDE == 0 { 1 } else { 2 };
            (1, scale, byte(self.offset.saturating_add(1))?)
        };
        if prefix == 1 && opcode <= LAST_PREFIX {
            return Err(malformed("a prefix behind a prefix"));
        }
        let length = self.sizes.length(scale, opcode).ok_or_else(|| malformed("no such opcode"))?;
        let length = prefix + u32::from(length);
        if self.offset.saturating_add(length as usize) > self.bytes.len() {
            return Err(malformed("a cut instruction"));
        }
        let offset =
            u32::try_from(self.offset).map_err(|_| malformed("an offset of too many bits"))?;
        Ok(Instruction { offset, opcode, length })
    }
}

impl Iterator for Bytecodes<'_> {
    type Item = Result<Instruction, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.offset >= self.bytes.len() {
            return None;
        }
        let instruction = self.read();
        self.offset = match &instruction {
            Ok(read) => self.offset.saturating_add(read.length as usize),
            Err(_) => self.bytes.len(),
        };
        Some(instruction)
    }
}

#[cfg(test)]
mod tests {
    use super::super::recorded;
    use super::*;

    /// Six opcodes: the prefixes, one with no operand, one with an operand of the scale's width.
    const SIZES: &[u8] = &[1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 3, 1, 1, 1, 1, 1, 5];

    fn walk(bytes: &[u8]) -> Bytecodes<'_> {
        Bytecodes::new(BytecodeSizes::new(SIZES).unwrap(), bytes)
    }

    #[test]
    fn prefixes_scale_and_belong_to_the_instruction() {
        let bytes = [4, 5, 9, 0, 5, 9, 9, 1, 5, 9, 9, 9, 9, 2, 5, 9, 9, 3, 4, 4];
        let read: Vec<_> =
            walk(&bytes).map(Result::unwrap).map(|i| (i.offset, i.opcode, i.length)).collect();
        assert_eq!(
            read,
            [(0, 4, 1), (1, 5, 2), (3, 5, 4), (7, 5, 6), (13, 5, 4), (17, 4, 2), (19, 4, 1)]
        );
        assert!(walk(&bytes).ends_exactly());
        assert_eq!(walk(&bytes).at(7).unwrap().unwrap().length, 6);
        assert_eq!(walk(&bytes).at(8), Ok(None));
        assert_eq!(walk(&bytes).at(20), Ok(None));
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        assert!(!walk(&[]).ends_exactly());
        for bytes in [&[5][..], &[4, 0], &[4, 1, 5, 9], &[6], &[0, 1, 5], &[255]] {
            assert!(!walk(bytes).ends_exactly(), "{bytes:?}");
            assert!(walk(bytes).last().unwrap().is_err());
        }
        assert!(BytecodeSizes::new(&[1; 17]).is_err());
        assert!(BytecodeSizes::new(&[]).is_err());
        // A size of zero would be an unbounded walk.
        assert!(
            Bytecodes::new(BytecodeSizes::new(&[0; 18]).unwrap(), &[5, 5]).next().unwrap().is_err()
        );
    }

    #[test]
    fn v8_prints_the_same_instructions() {
        let (mut arrays, mut prefixes) = (0, 0);
        for recording in recorded::recordings() {
            let sizes = BytecodeSizes::new(&recording.sizes).unwrap();
            for array in &recording.bytecode {
                let walk = Bytecodes::new(sizes, &array.bytes);
                assert!(walk.ends_exactly());
                let offsets: Vec<_> = walk.map(|instruction| instruction.unwrap().offset).collect();
                assert_eq!(offsets, array.offsets, "{}", array.name);
                prefixes +=
                    offsets.iter().filter(|at| array.bytes[**at as usize] <= LAST_PREFIX).count();
                arrays += 1;
            }
        }
        assert!(arrays >= 45 && prefixes >= 5);
    }
}
