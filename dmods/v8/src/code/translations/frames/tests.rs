use super::super::super::deopt_data::{DEOPT_DATA_SLOTS, DeoptData};
use super::super::super::position_table::{POSITION_ENCODINGS, PositionTable};
use super::super::super::recorded::{self, Code};
use super::super::super::safepoints::{MAGLEV_HEADERS, SafepointTable, TURBOFAN_HEADERS};
use super::super::super::variants::{V8Version, v8, variant_of};
use super::super::super::words::encode;
use super::super::opcodes::OPCODES;
use super::super::values::{ArgumentsType, Representation, slot_offset};
use super::*;

fn opcodes(version: V8Version) -> TranslationOpcodes {
    variant_of(OPCODES, version).unwrap()
}

/// The notation of the recordings.
fn notation(translation: &Translation, code: &Code, height: impl Fn(u32) -> i32) -> String {
    let mut out = format!("B{},{}", translation.frames.len(), translation.js_frame_count);
    for frame in &translation.frames {
        let kind = match frame.kind {
            FrameKind::Unoptimized => "U",
            FrameKind::InlinedExtraArguments => "A",
            FrameKind::ConstructStub => "CS",
            FrameKind::ConstructCreateStub => "CC",
            FrameKind::ConstructInvokeStub => "CI",
            FrameKind::BuiltinContinuation => "BC",
            FrameKind::JavaScriptBuiltinContinuation => "JC",
            FrameKind::JavaScriptBuiltinContinuationWithCatch => "JCC",
            _ => "none of the recordings has it",
        };
        let offset = frame.bytecode_offset.map_or("-".to_owned(), |offset| offset.to_string());
        let name = function_name(frame, code).unwrap_or("?");
        let height = height(frame.height);
        let (at, count) = (frame.return_value_offset, frame.return_value_count);
        out += &format!(" | {kind} {offset} {name} h{} r{at}#{count}", height as u32);
        frame.values.iter().for_each(|value| flat(value, &mut out));
    }
    out
}

fn function_name<'a>(frame: &TranslatedFrame, code: &'a Code) -> Option<&'a str> {
    code.functions.iter().find(|(id, _)| Some(*id) == frame.function).map(|(_, name)| name.as_str())
}

fn flat(value: &Value, out: &mut String) {
    let suffix = |representation| match representation {
        Representation::Tagged => "",
        Representation::Int32 => ":INT32",
        Representation::Uint32 => ":UINT32",
        Representation::Int64 => ":INT64",
        Representation::SignedBigInt64 => ":SIGNED_BIGINT64",
        Representation::UnsignedBigInt64 => ":UNSIGNED_BIGINT64",
        Representation::Bool => ":BOOL",
        Representation::Float => ":FLOAT",
        Representation::Double => ":DOUBLE",
        Representation::HoleyDouble => ":HOLEY_DOUBLE",
        Representation::Simd128 => ":SIMD128",
    };
    match value {
        Value::StackSlot { slot, representation } => {
            *out += &format!(" S{slot}{}", suffix(*representation));
        }
        Value::Register { code, representation } => {
            *out += &format!(" R{code}{}", suffix(*representation));
        }
        Value::Literal(id) => *out += &format!(" L{id}"),
        Value::OptimizedOut => *out += " -",
        Value::ArgumentsElements { arguments, .. } => {
            let number = match arguments {
                ArgumentsType::Mapped => 0,
                ArgumentsType::Unmapped => 1,
                ArgumentsType::Rest => 2,
            };
            *out += &format!(" AE{number}");
        }
        Value::ArgumentsLength => *out += " AL",
        Value::RestLength => *out += " RL",
        Value::CapturedObject { fields, .. } => {
            *out += &format!(" C{}", fields.len());
            for field in fields {
                flat(field, out);
            }
        }
        Value::StringConcat { parts, .. } => {
            *out += " SC";
            for part in parts {
                flat(part, out);
            }
        }
        Value::DuplicatedObject(object) => *out += &format!(" D{object}"),
    }
}

#[test]
fn v8_prints_the_same_translations() {
    let (mut entries, mut inlined) = (0, 0);
    for recording in recorded::recordings() {
        let version = recording.version();
        // What the printer of 13.6 makes of an unsigned height.
        let height = |height: u32| match version {
            V8Version { major: 13, .. } if height & 1 == 0 => (height >> 1) as i32,
            V8Version { major: 13, .. } => -((height >> 1) as i32),
            _ => height as i32,
        };
        for code in &recording.code {
            let data =
                DeoptData::new(variant_of(DEOPT_DATA_SLOTS, version).unwrap(), &code.deopt_data)
                    .unwrap();
            for (index, printed) in code.entries.iter().enumerate() {
                let at = data.entry(index as u32).unwrap().translation_index;
                let translation =
                    Translation::read(opcodes(version), &code.translations, at).unwrap();
                let innermost = translation.frames.last().unwrap();
                // A stub of `new` has no bytecode offset, and −1 in the entry.
                assert_eq!(innermost.bytecode_offset.unwrap_or(-1), printed.bytecode_offset);
                if printed.translation != "?" {
                    let expected = printed.translation.replace(" F |", " |");
                    assert_eq!(
                        notation(&translation, code, height),
                        expected,
                        "{version:?} {}",
                        code.name
                    );
                    entries += 1;
                    inlined += usize::from(translation.frames.len() > 1);
                }
            }
        }
    }
    assert!(entries > 200 && inlined > 80, "{entries} translations, {inlined} with inlining");
}

/// The chain that a stack needs: return address, safepoint, deoptimisation entry, translation, bytecode
/// offset, position. The oracle is what the program printed of its own stack.
#[test]
fn the_stack_that_the_program_printed() {
    let (mut stacks, mut positions) = (0, 0);
    for recording in recorded::recordings() {
        let version = recording.version();
        for code in &recording.code {
            let headers = if code.tier == "turbofan" { TURBOFAN_HEADERS } else { MAGLEV_HEADERS };
            let table =
                SafepointTable::new(variant_of(headers, version).unwrap(), &code.safepoints)
                    .unwrap();
            let safepoint = table.find(code.call).unwrap().unwrap();
            assert_eq!(table.find(safepoint.trampoline.unwrap()).unwrap(), Some(safepoint));
            let data =
                DeoptData::new(variant_of(DEOPT_DATA_SLOTS, version).unwrap(), &code.deopt_data)
                    .unwrap();
            let entry = data.entry(safepoint.deopt_index.unwrap()).unwrap();
            let translation =
                Translation::read(opcodes(version), &code.translations, entry.translation_index)
                    .unwrap();
            let visible = translation.frames.iter().rev().filter(|frame| {
                matches!(
                    frame.kind,
                    FrameKind::Unoptimized
                        | FrameKind::JavaScriptBuiltinContinuation
                        | FrameKind::JavaScriptBuiltinContinuationWithCatch
                )
            });
            let visible: Vec<_> = visible.collect();
            // Only what is in the frame itself: Maglev has not inlined the builtin and its callback.
            let printed = &code.stack[code.stack.len() - visible.len()..];
            if code.tier == "turbofan" {
                assert_eq!(printed.len(), code.stack.len());
            }
            for (frame, (name, script_offset)) in visible.into_iter().zip(printed) {
                // The name of the builtin's literal is known only where V8 printed the translation.
                if frame.kind == FrameKind::Unoptimized || function_name(frame, code).is_some() {
                    assert_eq!(function_name(frame, code).unwrap(), name);
                }
                let Some(bytecode) = recording.bytecode(name) else { continue };
                let encoding = variant_of(POSITION_ENCODINGS, version).unwrap();
                let positions_of = PositionTable::new(encoding, &bytecode.positions);
                let found = positions_of.find(frame.bytecode_offset.unwrap()).unwrap().unwrap();
                assert_eq!(found.position.script_offset(), *script_offset, "{version:?} {name}");
                positions += 1;
            }
            stacks += 1;
        }
    }
    assert!(stacks >= 35 && positions >= 54, "{stacks} stacks, {positions} positions");
}

#[test]
fn values_split_as_the_bytecode_arrays_say() {
    let mut frames = 0;
    for recording in recorded::recordings() {
        let version = recording.version();
        for code in &recording.code {
            let data =
                DeoptData::new(variant_of(DEOPT_DATA_SLOTS, version).unwrap(), &code.deopt_data)
                    .unwrap();
            for index in 0..data.entry_count() {
                let at = data.entry(index as u32).unwrap().translation_index;
                let translation =
                    Translation::read(opcodes(version), &code.translations, at).unwrap();
                for frame in
                    translation.frames.iter().filter(|frame| frame.kind == FrameKind::Unoptimized)
                {
                    let Some(bytecode) = recording.bytecode(function_name(frame, code).unwrap())
                    else {
                        continue;
                    };
                    let values = frame.unoptimized(bytecode.parameters).unwrap();
                    assert_eq!(values.registers.len(), bytecode.registers as usize);
                    assert_eq!(values.arguments.len() + 1, bytecode.parameters as usize);
                    assert!(frame.unoptimized(bytecode.parameters + 1).is_err());
                    assert!(frame.unoptimized(0).is_err());
                    frames += 1;
                }
                // The outermost function's first values are where the caller and the prologue put them:
                // function at fp − 16, receiver at fp + 16, first argument at fp + 24.
                let outermost = &translation.frames[0];
                let bytecode = recording.bytecode(&code.name);
                if code.tier == "turbofan"
                    && let Some(bytecode) = bytecode
                {
                    let values = outermost.unoptimized(bytecode.parameters).unwrap();
                    let offset = |value: &Value| match value {
                        Value::StackSlot { slot, representation: Representation::Tagged } => {
                            Some(slot_offset(*slot))
                        }
                        _ => None,
                    };
                    assert_eq!(offset(values.function), Some(-16));
                    assert_eq!(offset(values.receiver), Some(16));
                    assert!(matches!(offset(&values.arguments[0]), Some(24) | None));
                }
            }
        }
    }
    assert!(frames >= 150, "{frames}");
}

/// A function that is inlined with more arguments than parameters: `extra(a, r, 7, 8)`.
#[test]
fn extra_arguments_are_in_the_frame_before() {
    let mut found = 0;
    for recording in recorded::recordings() {
        let version = recording.version();
        for code in recording
            .code
            .iter()
            .filter(|code| code.name == "outerArguments" && code.tier == "turbofan")
        {
            let data =
                DeoptData::new(variant_of(DEOPT_DATA_SLOTS, version).unwrap(), &code.deopt_data)
                    .unwrap();
            for index in 0..data.entry_count() {
                let at = data.entry(index as u32).unwrap().translation_index;
                let translation =
                    Translation::read(opcodes(version), &code.translations, at).unwrap();
                for pair in translation.frames.windows(2) {
                    let is_extra = function_name(&pair[1], code) == Some("extra");
                    if let Some(arguments) = pair[0].extra_arguments().filter(|_| is_extra) {
                        assert_eq!(arguments.len(), 4);
                        let values = pair[1].unoptimized(3).unwrap();
                        assert_eq!(values.arguments, &arguments[..2]);
                        // The second is the rest array, which stands in the caller's frame.
                        let Value::DuplicatedObject(number) = arguments[1] else {
                            panic!("{arguments:?}")
                        };
                        let Some(Value::CapturedObject { fields, .. }) = translation.object(number)
                        else {
                            panic!()
                        };
                        let elements = |value: &Value| {
                            matches!(
                                value,
                                Value::ArgumentsElements { arguments: ArgumentsType::Rest, .. }
                            )
                        };
                        assert!(fields.iter().any(elements));
                        found += 1;
                    }
                }
            }
        }
    }
    assert!(found >= 5, "{found}");
}

/// An encoder of lists of instructions by number, after `AddRawToContents`: byte opcode, `u` operands
/// unsigned, others with their sign in bit 0.
fn encoded(instructions: &[(u8, &[Encoded])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (opcode, operands) in instructions {
        out.push(*opcode);
        for operand in *operands {
            match *operand {
                Encoded::Signed(value) => encode::sign_and_magnitude(&mut out, value),
                Encoded::Unsigned(value) => encode::unsigned(&mut out, value.into()),
            }
        }
    }
    out
}

#[derive(Clone, Copy)]
enum Encoded {
    Signed(i32),
    Unsigned(u32),
}
use Encoded::{Signed as S, Unsigned as U};

/// Opcodes of 14.6, counted in its `translation-opcode.h`.
const FRAME: u8 = 1;
const BEGIN: u8 = 14;
const CAPTURED: u8 = 18;
const CONCAT: u8 = 19;
const DUPLICATE: u8 = 26;
const OUT: u8 = 37;
const LITERAL: u8 = 38;
const SLOT: u8 = 40;
const MATCH: u8 = 44;
const SHORT_MATCH: u8 = 45;

fn read(bytes: &[u8], index: usize) -> Result<Translation, Malformed> {
    Translation::read(opcodes(v8(14, 6)), bytes, index as u32)
}

#[test]
fn instructions_are_taken_from_the_basis() {
    let mut bytes = encoded(&[
        (BEGIN, &[U(0), S(1), S(1)]),
        (FRAME, &[S(4), S(0), S(0), U(1)]),
        (SLOT, &[S(3)]),
        (SLOT, &[S(-1)]),
        (OUT, &[]),
        (LITERAL, &[S(300)]),
        (SLOT, &[S(9)]),
    ]);
    let second = bytes.len();
    bytes.extend(encoded(&[
        (BEGIN, &[U(second as u32), S(1), S(1)]),
        (FRAME, &[S(8), S(0), S(0), U(1)]),
        (SHORT_MATCH + 2, &[]),
        (LITERAL, &[S(7)]),
        (MATCH, &[U(2)]),
    ]));
    let third = bytes.len();
    bytes.extend(encoded(&[(BEGIN, &[U(0), S(0), S(0)])]));
    let slot = |slot| Value::StackSlot { slot, representation: Representation::Tagged };
    let values = |index| read(&bytes, index).unwrap().frames[0].values.clone();
    assert_eq!(values(0), [slot(3), slot(-1), Value::OptimizedOut, Value::Literal(300), slot(9)]);
    assert_eq!(
        values(second),
        [slot(3), slot(-1), Value::Literal(7), Value::Literal(300), slot(9)]
    );
    assert_eq!(read(&bytes, second).unwrap().frames[0].bytecode_offset, Some(8));
    assert!(read(&bytes, third).unwrap().frames.is_empty());
    // Not a BEGIN; beyond the bytes.
    assert!(read(&bytes, 4).is_err() && read(&bytes, 1000).is_err());
}

#[test]
fn objects_nest_and_duplicates_take_numbers() {
    let bytes = encoded(&[
        (BEGIN, &[U(0), S(1), S(1)]),
        (FRAME, &[S(0), S(0), S(0), U(0)]),
        (CAPTURED, &[S(2)]),
        (CAPTURED, &[S(0)]),
        (CONCAT, &[]),
        (DUPLICATE, &[S(0)]),
        (DUPLICATE, &[S(3)]),
        (DUPLICATE, &[S(2)]),
        (OUT, &[]),
    ]);
    let translation = read(&bytes, 0).unwrap();
    let empty = Value::CapturedObject { object: 1, fields: vec![] };
    let parts = vec![Value::DuplicatedObject(0), Value::DuplicatedObject(0)];
    let string = Value::StringConcat { object: 2, parts };
    let outer = Value::CapturedObject { object: 0, fields: vec![empty.clone(), string.clone()] };
    assert_eq!(
        translation.frames[0].values,
        [outer.clone(), Value::DuplicatedObject(2), Value::OptimizedOut]
    );
    assert_eq!(translation.object(0), Some(&outer));
    assert_eq!(translation.object(1), Some(&empty));
    assert_eq!(translation.object(2), Some(&string));
    assert_eq!(translation.object(3), None);
}

#[test]
fn hostile_translations_are_errors() {
    let frame: (u8, &[Encoded]) = (FRAME, &[S(0), S(0), S(0), U(0)]);
    let begin: (u8, &[Encoded]) = (BEGIN, &[U(0), S(1), S(1)]);
    let nested = |depth: usize| {
        let mut bytes = encoded(&[begin, frame]);
        bytes.extend(encoded(&vec![(CAPTURED, &[S(1)][..]); depth]));
        bytes.extend(encoded(&[(OUT, &[]), (OUT, &[]), (OUT, &[])]));
        bytes
    };
    assert!(read(&nested(MAX_NESTING), 0).is_ok());
    assert!(read(&nested(MAX_NESTING + 1), 0).is_err());
    for instructions in [
        &[(BEGIN, &[U(7), S(1), S(1)][..]), frame][..],
        &[(BEGIN, &[U(0), S(-1), S(1)])],
        &[begin, (OUT, &[])],
        &[begin, frame, (CAPTURED, &[S(2)]), (OUT, &[])],
        &[begin, frame, (CAPTURED, &[S(-2)])],
        &[begin, frame, (CAPTURED, &[S(i32::MAX)]), (OUT, &[])],
        &[begin, frame, (DUPLICATE, &[S(0)]), (OUT, &[]), (OUT, &[])],
        &[begin, frame, (SHORT_MATCH + 3, &[])],
        &[begin, frame, (OUT, &[]), (OUT, &[])],
        &[begin, frame, frame, (OUT, &[]), (OUT, &[]), (OUT, &[])],
        &[begin, (FRAME, &[S(0), S(-1), S(0), U(0)]), (OUT, &[]), (OUT, &[]), (OUT, &[])],
        &[begin, (FRAME, &[S(0), S(0), S(0), U(u32::MAX)]), (OUT, &[]), (OUT, &[]), (OUT, &[])],
    ] {
        let bytes = encoded(instructions);
        assert!(read(&bytes, 0).is_err(), "{bytes:?}");
    }
    // A basis that is itself based on another, and a match that runs into this translation.
    let mut bytes = encoded(&[begin, frame, (OUT, &[]), (OUT, &[]), (OUT, &[])]);
    let second = bytes.len();
    bytes.extend(encoded(&[(BEGIN, &[U(second as u32), S(1), S(1)]), (SHORT_MATCH + 5, &[])]));
    assert!(read(&bytes, second).is_err());
    let third = bytes.len();
    bytes.extend(encoded(&[(BEGIN, &[U((third - second) as u32), S(1), S(1)]), frame]));
    assert!(read(&bytes, third).is_err());
}
