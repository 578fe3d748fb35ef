//! The instructions of translations: their numbers and operands (`src/deoptimizer/translation-opcode.h`;
//! which operand is signed is in the builder, `translation-array.cc` or `frame-translation-builder.cc`).
//!
//! The position in a list is the opcode. The lists are those of builds with WebAssembly, as Node's are.

use super::super::variants::{Since, v8};
use super::values::Representation;

/// What a frame of a translation stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameKind {
    /// A function of the script, as the interpreter or baseline code would run it.
    Unoptimized,
    /// The actual arguments of the next frame's function, where they are not as many as its parameters
    /// (10.2 calls it arguments adaptor).
    InlinedExtraArguments,
    /// The stub of a `new` expression.
    ConstructStub,
    /// The stub of a `new` expression that creates the receiver.
    ConstructCreateStub,
    /// The stub of a `new` expression that calls a constructor which makes its own receiver.
    ConstructInvokeStub,
    /// A builtin that goes on in the middle.
    BuiltinContinuation,
    /// A JavaScript builtin that goes on in the middle, such as `Array.prototype.map` after a callback.
    JavaScriptBuiltinContinuation,
    /// The same, with a catch handler.
    JavaScriptBuiltinContinuationWithCatch,
    /// The end of a call from JavaScript into WebAssembly.
    JsToWasmBuiltinContinuation,
    /// A WebAssembly function inlined into JavaScript.
    WasmInlinedIntoJs,
    /// A WebAssembly function as Liftoff would run it.
    Liftoff,
}

/// What an instruction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opcode {
    /// The start of a translation.
    Begin,
    /// The start of a translation; an [`Opcode::UpdateFeedback`] follows.
    BeginWithFeedback,
    /// Instructions of an earlier translation, again.
    MatchPreviousTranslation,
    /// Where deoptimisation notes that it happened; not part of a frame.
    UpdateFeedback,
    /// The start of a frame.
    Frame(FrameKind),
    /// A value in a slot of the stack frame.
    StackSlot(Representation),
    /// A value in a register.
    Register(Representation),
    /// A literal.
    Literal,
    /// A value that nobody needs any more.
    OptimizedOut,
    /// The array behind `arguments` or a rest parameter, not yet made.
    ArgumentsElements,
    /// The count of actual arguments.
    ArgumentsLength,
    /// The length of the rest parameter.
    RestLength,
    /// An object that was never allocated; its fields follow.
    CapturedObject,
    /// A string that was never concatenated; its two parts follow.
    StringConcat,
    /// An object that stands earlier in the same translation.
    DuplicatedObject,
}

/// What an operand is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// How many bytes before this BEGIN the translation to match begins; 0 for none.
    Lookback,
    /// How many frames follow.
    FrameCount,
    /// How many of them are of JavaScript.
    JsFrameCount,
    /// How many [`Opcode::UpdateFeedback`] follow BEGIN.
    FeedbackCount,
    /// How many instructions to match.
    MatchCount,
    /// A bytecode offset, or the builtin of a continuation.
    BytecodeOffset,
    /// The literal with the SharedFunctionInfo.
    Function,
    /// The protected literal with the bytecode array.
    BytecodeArray,
    /// How many values the frame has besides those that every frame of its kind has.
    Height,
    /// Where the callee's result goes: registers from the end, 0 for the accumulator.
    ReturnValueOffset,
    /// How many results there are.
    ReturnValueCount,
    /// The parameter count of a frame of extra arguments.
    ParameterCount,
    /// The type that WebAssembly returns.
    WasmReturnKind,
    /// The number of the WebAssembly function.
    WasmFunction,
    /// A slot of the stack frame.
    Slot,
    /// A register.
    RegisterCode,
    /// A literal.
    LiteralId,
    /// Which arguments array.
    ArgumentsType,
    /// How many fields follow.
    FieldCount,
    /// The number of an object.
    ObjectId,
    /// The literal with the feedback vector.
    FeedbackVector,
    /// The slot in it.
    FeedbackSlot,
}

/// An operand of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operand {
    /// What it is.
    pub(crate) role: Role,
    /// Is the sign in bit 0?
    pub(crate) signed: bool,
}

/// How instructions are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TranslationEncoding {
    /// Opcode and operands are all signed variable-length numbers.
    AllSigned,
    /// The opcode is a byte; one beyond the last is a short MATCH_PREVIOUS_TRANSLATION.
    ByteOpcode,
}

/// An instruction in the list of a version.
pub(crate) type OpcodeRow = (Opcode, &'static [Operand]);

/// The instructions of a version, by opcode.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TranslationOpcodes {
    /// How they are encoded.
    pub(crate) encoding: TranslationEncoding,
    /// What they are.
    pub(crate) rows: &'static [OpcodeRow],
}

const fn signed(role: Role) -> Operand {
    Operand { role, signed: true }
}

const fn unsigned(role: Role) -> Operand {
    Operand { role, signed: false }
}

use FrameKind::{
    BuiltinContinuation, ConstructCreateStub, ConstructInvokeStub, ConstructStub,
    InlinedExtraArguments, JavaScriptBuiltinContinuation, JavaScriptBuiltinContinuationWithCatch,
    JsToWasmBuiltinContinuation, Liftoff, Unoptimized, WasmInlinedIntoJs,
};
use Opcode::{
    ArgumentsElements, ArgumentsLength, Begin, BeginWithFeedback, CapturedObject, DuplicatedObject,
    Frame, Literal, MatchPreviousTranslation, OptimizedOut, Register, RestLength, StackSlot,
    StringConcat, UpdateFeedback,
};
use Representation::{
    Bool, Double, Float, HoleyDouble, Int32, Int64, SignedBigInt64, Simd128, Tagged, Uint32,
    UnsignedBigInt64,
};

const OFFSET: Operand = signed(Role::BytecodeOffset);
const FUNCTION: Operand = signed(Role::Function);
const BYTECODE: Operand = signed(Role::BytecodeArray);
const HEIGHT: Operand = signed(Role::Height);
const UNSIGNED_HEIGHT: Operand = unsigned(Role::Height);
const RETURN_OFFSET: Operand = signed(Role::ReturnValueOffset);
const RETURN_COUNT: Operand = signed(Role::ReturnValueCount);
const WASM_RETURN: Operand = signed(Role::WasmReturnKind);

const NONE: &[Operand] = &[];
const SLOT: &[Operand] = &[signed(Role::Slot)];
const REGISTER: &[Operand] = &[unsigned(Role::RegisterCode)];
const SIGNED_REGISTER: &[Operand] = &[signed(Role::RegisterCode)];
const LITERAL: &[Operand] = &[signed(Role::LiteralId)];
const ARGUMENTS: &[Operand] = &[signed(Role::ArgumentsType)];
const FIELDS: &[Operand] = &[signed(Role::FieldCount)];
const OBJECT: &[Operand] = &[signed(Role::ObjectId)];
const FEEDBACK: &[Operand] = &[signed(Role::FeedbackVector), signed(Role::FeedbackSlot)];
const MATCH: &[Operand] = &[unsigned(Role::MatchCount)];
const BEGIN_10_2: &[Operand] =
    &[signed(Role::FrameCount), signed(Role::JsFrameCount), signed(Role::FeedbackCount)];
const BEGIN: &[Operand] =
    &[unsigned(Role::Lookback), signed(Role::FrameCount), signed(Role::JsFrameCount)];
const OFFSET_FUNCTION_HEIGHT: &[Operand] = &[OFFSET, FUNCTION, HEIGHT];
const OFFSET_FUNCTION_HEIGHT_RETURN: &[Operand] =
    &[OFFSET, FUNCTION, HEIGHT, RETURN_OFFSET, RETURN_COUNT];
const OFFSET_FUNCTION_UNSIGNED_HEIGHT: &[Operand] = &[OFFSET, FUNCTION, UNSIGNED_HEIGHT];

/// `src/deoptimizer/translation-opcode.h` of 10.2.
const ROWS_10_2: &[OpcodeRow] = &[
    (Frame(InlinedExtraArguments), &[FUNCTION, HEIGHT]),
    (ArgumentsElements, ARGUMENTS),
    (ArgumentsLength, NONE),
    (Begin, BEGIN_10_2),
    (Register(Bool), SIGNED_REGISTER),
    (StackSlot(Bool), SLOT),
    (Frame(BuiltinContinuation), OFFSET_FUNCTION_HEIGHT),
    (CapturedObject, FIELDS),
    (Frame(ConstructStub), OFFSET_FUNCTION_HEIGHT),
    (Register(Double), SIGNED_REGISTER),
    (StackSlot(Double), SLOT),
    (DuplicatedObject, OBJECT),
    (Register(Float), SIGNED_REGISTER),
    (StackSlot(Float), SLOT),
    (Register(Int32), SIGNED_REGISTER),
    (StackSlot(Int32), SLOT),
    (Register(Int64), SIGNED_REGISTER),
    (StackSlot(Int64), SLOT),
    (Frame(Unoptimized), OFFSET_FUNCTION_HEIGHT_RETURN),
    (Frame(JavaScriptBuiltinContinuation), OFFSET_FUNCTION_HEIGHT),
    (Frame(JavaScriptBuiltinContinuationWithCatch), OFFSET_FUNCTION_HEIGHT),
    (Frame(JsToWasmBuiltinContinuation), &[OFFSET, FUNCTION, HEIGHT, WASM_RETURN]),
    (Literal, LITERAL),
    (Register(Tagged), SIGNED_REGISTER),
    (StackSlot(Tagged), SLOT),
    (Register(Uint32), SIGNED_REGISTER),
    (StackSlot(Uint32), SLOT),
    (UpdateFeedback, FEEDBACK),
];

/// `src/deoptimizer/translation-opcode.h` of 11.3.
const ROWS_11_3: &[OpcodeRow] = &[
    (ArgumentsElements, ARGUMENTS),
    (ArgumentsLength, NONE),
    (Begin, BEGIN),
    (BeginWithFeedback, BEGIN),
    (Register(Bool), REGISTER),
    (StackSlot(Bool), SLOT),
    (Frame(BuiltinContinuation), OFFSET_FUNCTION_HEIGHT),
    (CapturedObject, FIELDS),
    (Frame(ConstructStub), OFFSET_FUNCTION_HEIGHT),
    (Register(Double), REGISTER),
    (StackSlot(Double), SLOT),
    (DuplicatedObject, OBJECT),
    (Register(Float), REGISTER),
    (StackSlot(Float), SLOT),
    (Frame(InlinedExtraArguments), &[FUNCTION, HEIGHT]),
    (Register(Int32), REGISTER),
    (StackSlot(Int32), SLOT),
    (Register(Int64), REGISTER),
    (StackSlot(Int64), SLOT),
    (Register(SignedBigInt64), REGISTER),
    (StackSlot(SignedBigInt64), SLOT),
    (Register(UnsignedBigInt64), REGISTER),
    (StackSlot(UnsignedBigInt64), SLOT),
    (Frame(Unoptimized), OFFSET_FUNCTION_HEIGHT_RETURN),
    (Frame(Unoptimized), OFFSET_FUNCTION_HEIGHT),
    (Frame(JavaScriptBuiltinContinuation), OFFSET_FUNCTION_HEIGHT),
    (Frame(JavaScriptBuiltinContinuationWithCatch), OFFSET_FUNCTION_HEIGHT),
    (Frame(JsToWasmBuiltinContinuation), &[OFFSET, FUNCTION, HEIGHT, WASM_RETURN]),
    (OptimizedOut, NONE),
    (Literal, LITERAL),
    (Register(Tagged), REGISTER),
    (StackSlot(Tagged), SLOT),
    (Register(Uint32), REGISTER),
    (StackSlot(Uint32), SLOT),
    (UpdateFeedback, FEEDBACK),
    (MatchPreviousTranslation, MATCH),
];

/// `src/deoptimizer/translation-opcode.h` of 12.4.
const ROWS_12_4: &[OpcodeRow] = &[
    (Frame(Unoptimized), OFFSET_FUNCTION_HEIGHT_RETURN),
    (Frame(Unoptimized), OFFSET_FUNCTION_HEIGHT),
    (Frame(JavaScriptBuiltinContinuation), OFFSET_FUNCTION_HEIGHT),
    (Frame(JavaScriptBuiltinContinuationWithCatch), OFFSET_FUNCTION_HEIGHT),
    (Frame(ConstructCreateStub), &[FUNCTION, HEIGHT]),
    (Frame(ConstructInvokeStub), &[FUNCTION]),
    (Frame(BuiltinContinuation), OFFSET_FUNCTION_HEIGHT),
    (Frame(JsToWasmBuiltinContinuation), &[OFFSET, FUNCTION, HEIGHT, WASM_RETURN]),
    (Frame(WasmInlinedIntoJs), OFFSET_FUNCTION_HEIGHT),
    (Frame(InlinedExtraArguments), &[FUNCTION, HEIGHT]),
    (ArgumentsElements, ARGUMENTS),
    (ArgumentsLength, NONE),
    (Begin, BEGIN),
    (BeginWithFeedback, BEGIN),
    (Register(Bool), REGISTER),
    (StackSlot(Bool), SLOT),
    (CapturedObject, FIELDS),
    (Register(Double), REGISTER),
    (StackSlot(Double), SLOT),
    (Register(HoleyDouble), REGISTER),
    (StackSlot(HoleyDouble), SLOT),
    (DuplicatedObject, OBJECT),
    (Register(Float), REGISTER),
    (StackSlot(Float), SLOT),
    (Register(Int32), REGISTER),
    (StackSlot(Int32), SLOT),
    (Register(Int64), REGISTER),
    (StackSlot(Int64), SLOT),
    (Register(SignedBigInt64), REGISTER),
    (StackSlot(SignedBigInt64), SLOT),
    (Register(UnsignedBigInt64), REGISTER),
    (StackSlot(UnsignedBigInt64), SLOT),
    (OptimizedOut, NONE),
    (Literal, LITERAL),
    (Register(Tagged), REGISTER),
    (StackSlot(Tagged), SLOT),
    (Register(Uint32), REGISTER),
    (StackSlot(Uint32), SLOT),
    (UpdateFeedback, FEEDBACK),
    (MatchPreviousTranslation, MATCH),
];

/// `src/deoptimizer/translation-opcode.h` of 13.6; that of 14.6 is the same.
const ROWS_13_6: &[OpcodeRow] = &[
    (
        Frame(Unoptimized),
        &[OFFSET, FUNCTION, BYTECODE, UNSIGNED_HEIGHT, RETURN_OFFSET, RETURN_COUNT],
    ),
    (Frame(Unoptimized), &[OFFSET, FUNCTION, BYTECODE, UNSIGNED_HEIGHT]),
    (Frame(JavaScriptBuiltinContinuation), OFFSET_FUNCTION_UNSIGNED_HEIGHT),
    (Frame(JavaScriptBuiltinContinuationWithCatch), OFFSET_FUNCTION_UNSIGNED_HEIGHT),
    (Frame(ConstructCreateStub), &[FUNCTION, UNSIGNED_HEIGHT]),
    (Frame(ConstructInvokeStub), &[FUNCTION]),
    (Frame(BuiltinContinuation), OFFSET_FUNCTION_UNSIGNED_HEIGHT),
    (Frame(JsToWasmBuiltinContinuation), &[OFFSET, FUNCTION, UNSIGNED_HEIGHT, WASM_RETURN]),
    (Frame(WasmInlinedIntoJs), OFFSET_FUNCTION_UNSIGNED_HEIGHT),
    (Frame(Liftoff), &[OFFSET, UNSIGNED_HEIGHT, unsigned(Role::WasmFunction)]),
    (Frame(InlinedExtraArguments), &[FUNCTION, UNSIGNED_HEIGHT, unsigned(Role::ParameterCount)]),
    (ArgumentsElements, ARGUMENTS),
    (ArgumentsLength, NONE),
    (RestLength, NONE),
    (Begin, BEGIN),
    (BeginWithFeedback, BEGIN),
    (Register(Bool), REGISTER),
    (StackSlot(Bool), SLOT),
    (CapturedObject, FIELDS),
    (StringConcat, NONE),
    (Register(Double), REGISTER),
    (StackSlot(Double), SLOT),
    (StackSlot(Simd128), SLOT),
    (Register(HoleyDouble), REGISTER),
    (StackSlot(HoleyDouble), SLOT),
    (Register(Simd128), REGISTER),
    (DuplicatedObject, OBJECT),
    (Register(Float), REGISTER),
    (StackSlot(Float), SLOT),
    (Register(Int32), REGISTER),
    (StackSlot(Int32), SLOT),
    (Register(Int64), REGISTER),
    (StackSlot(Int64), SLOT),
    (Register(SignedBigInt64), REGISTER),
    (StackSlot(SignedBigInt64), SLOT),
    (Register(UnsignedBigInt64), REGISTER),
    (StackSlot(UnsignedBigInt64), SLOT),
    (OptimizedOut, NONE),
    (Literal, LITERAL),
    (Register(Tagged), REGISTER),
    (StackSlot(Tagged), SLOT),
    (Register(Uint32), REGISTER),
    (StackSlot(Uint32), SLOT),
    (UpdateFeedback, FEEDBACK),
    (MatchPreviousTranslation, MATCH),
];

/// Which version has which instructions. The lists of 11.3, 12.4 and 13.6 differ in nearly every number, so
/// a version between two of these has to be checked before its answers are believed.
pub(crate) const OPCODES: &[Since<TranslationOpcodes>] = &[
    Since {
        from: v8(10, 2),
        variant: TranslationOpcodes { encoding: TranslationEncoding::AllSigned, rows: ROWS_10_2 },
        source: "src/deoptimizer/translation-opcode.h, translation-array.cc",
    },
    Since {
        from: v8(11, 3),
        variant: TranslationOpcodes { encoding: TranslationEncoding::ByteOpcode, rows: ROWS_11_3 },
        source: "src/deoptimizer/translation-opcode.h, translation-array.cc",
    },
    Since {
        from: v8(12, 4),
        variant: TranslationOpcodes { encoding: TranslationEncoding::ByteOpcode, rows: ROWS_12_4 },
        source: "src/deoptimizer/translation-opcode.h, frame-translation-builder.cc",
    },
    Since {
        from: v8(13, 6),
        variant: TranslationOpcodes { encoding: TranslationEncoding::ByteOpcode, rows: ROWS_13_6 },
        source: "src/deoptimizer/translation-opcode.h, frame-translation-builder.cc",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_opcodes_as_the_sources_have() {
        let counts: Vec<_> = OPCODES.iter().map(|row| row.variant.rows.len()).collect();
        assert_eq!(counts, [28, 36, 40, 45]);
    }

    #[test]
    fn every_frame_but_that_of_liftoff_has_a_function() {
        for (opcode, operands) in OPCODES.iter().flat_map(|row| row.variant.rows) {
            let Frame(kind) = opcode else { continue };
            let has_function = operands.iter().any(|operand| operand.role == Role::Function);
            assert_eq!(has_function, *kind != Liftoff);
        }
    }
}
