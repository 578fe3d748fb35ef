//! Values of translated frames.

use super::super::Malformed;

/// What the bits of a value in a slot or a register are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Representation {
    /// A tagged word.
    Tagged,
    /// A signed 32-bit integer, the low half of the slot.
    Int32,
    /// An unsigned 32-bit integer, the low half of the slot.
    Uint32,
    /// A signed 64-bit integer that is a Number in JavaScript.
    Int64,
    /// A signed 64-bit integer that is a BigInt in JavaScript.
    SignedBigInt64,
    /// An unsigned 64-bit integer that is a BigInt in JavaScript.
    UnsignedBigInt64,
    /// 0 or 1.
    Bool,
    /// A 32-bit floating-point number.
    Float,
    /// A 64-bit floating-point number.
    Double,
    /// The same, where one NaN is the hole: read as `undefined`.
    HoleyDouble,
    /// 128 bits.
    Simd128,
}

/// Which array of arguments (`CreateArgumentsType` in `src/common/globals.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArgumentsType {
    /// `arguments` of a sloppy function, whose elements alias the parameters.
    Mapped,
    /// `arguments` of a strict function.
    Unmapped,
    /// A rest parameter.
    Rest,
}

/// A value of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// In a slot of the optimised code's stack frame; see [`slot_offset`].
    StackSlot {
        /// The slot.
        slot: i32,
        /// What its bits are.
        representation: Representation,
    },
    /// In a register, so known in the innermost frame of a stopped thread only.
    Register {
        /// The register's number in V8, on x86-64 that of the machine encoding.
        code: u32,
        /// What its bits are.
        representation: Representation,
    },
    /// The literal of this index. 10.2 has values that were optimised out as the literal `optimized_out`.
    Literal(u32),
    /// Nowhere any more.
    OptimizedOut,
    /// The elements of an arguments object, to be made of the physical frame's arguments.
    ArgumentsElements {
        /// Its number.
        object: u32,
        /// Which array.
        arguments: ArgumentsType,
    },
    /// The count of the physical frame's actual arguments, without the receiver.
    ArgumentsLength,
    /// The length of the rest parameter, made of the physical frame's arguments.
    RestLength,
    /// An object that was never allocated. The first field is its map.
    CapturedObject {
        /// Its number.
        object: u32,
        /// The words of the object in order.
        fields: Vec<Value>,
    },
    /// A concatenation that was never made.
    StringConcat {
        /// Its number.
        object: u32,
        /// Left and right.
        parts: Vec<Value>,
    },
    /// The object that has this number; see `Translation::object`.
    DuplicatedObject(u32),
}

/// The distance of a stack slot from the frame pointer: slot 0 is the return address, and slots count
/// downwards (`OptimizedFrame::StackSlotOffsetRelativeToFp`; `OptimizedJSFrame` from 13.6 on). Slots of
/// the arguments are negative.
pub(crate) fn slot_offset(slot: i32) -> i64 {
    8 * (1 - i64::from(slot))
}

/// The arguments array of an operand.
pub(super) fn arguments_type(operand: i32, at: usize) -> Result<ArgumentsType, Malformed> {
    match operand {
        0 => Ok(ArgumentsType::Mapped),
        1 => Ok(ArgumentsType::Unmapped),
        2 => Ok(ArgumentsType::Rest),
        _ => Err(Malformed { table: super::reader::TABLE, at, why: "no such arguments type" }),
    }
}
