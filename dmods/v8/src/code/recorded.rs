//! What processes of the five versions of Node had in memory, and what V8 printed of it: the oracle of the
//! decoders.
//!
//! `recorded/v8-*.txt` are of `recorded/program.js`, run by Node 18.20.8, 20.20.2, 22.23.3, 24.21.0 and
//! 26.10.0 with `--allow-natives-syntax --no-concurrent-recompilation --print-opt-code
//! --print-code-verbose`, for Maglev also `--maglev --print-maglev-code`, for baseline code
//! `--always-sparkplug --print-code --print-bytecode`. While it waited in `probe`, its memory was read at
//! the addresses that V8 printed. Lines of hexadecimal digits are that memory, the others what V8 printed:
//! the entries of safepoint tables, source positions, translations, bytecode offsets; `stack` and
//! `baseline` are from the `Error.stack` that the program printed, `call` is the return address that was on
//! the stack. In `deopt_data`, pointers are replaced by the numbers below.
//!
//! A translation is a line: `B` frames, JavaScript frames; after `|` a frame: kind, bytecode offset,
//! function, height, result offset and count; then its values, flat: `S` slot, `R` register, `L` literal,
//! `-` optimised out, `C` captured object and field count, `D` duplicate, `AE` and `AL` arguments. `?` is
//! where the printer of 13.6 crashes: it forgets an operand of INLINED_EXTRA_ARGUMENTS. It also reads
//! heights as signed, which they are not.
//!
//! `wide` is a function of 130 variables: the registers of the last ones need the wide prefix.
//!
//! There is no Maglev code of 11.3 and 12.4: it is compiled out of Node 20 and 22.

use super::variants::{V8Version, v8};

/// Stands for the pointer to the translations.
pub(super) const TRANSLATIONS: u64 = 0x1001;
/// Stands for the pointer to the literals.
pub(super) const LITERALS: u64 = 0x2001;
/// Stands for the pointer to the inlining positions.
pub(super) const INLINING_POSITIONS: u64 = 0x3001;

/// Everything that was recorded of one version.
#[derive(Default)]
pub(super) struct Recording {
    pub(super) version: Option<V8Version>,
    pub(super) sizes: Vec<u8>,
    pub(super) code: Vec<Code>,
    pub(super) bytecode: Vec<Bytecode>,
    pub(super) baseline: Vec<Baseline>,
}

/// Optimised code.
#[derive(Default)]
pub(super) struct Code {
    pub(super) tier: String,
    pub(super) name: String,
    /// Literal and name of functions.
    pub(super) functions: Vec<(u32, String)>,
    pub(super) safepoints: Vec<u8>,
    /// Return address, deoptimisation index, trampoline.
    pub(super) printed_safepoints: Vec<(u32, Option<u32>, Option<u32>)>,
    pub(super) positions: Vec<u8>,
    pub(super) printed_positions: Vec<(i32, u32)>,
    pub(super) deopt_data: Vec<u8>,
    pub(super) inlined_functions: u32,
    pub(super) inlining: Vec<u8>,
    pub(super) translations: Vec<u8>,
    pub(super) entries: Vec<Entry>,
    /// The return address of the call that the process was in.
    pub(super) call: u32,
    /// Name and script offset of the functions in this frame, innermost first; a builtin has no offset.
    pub(super) stack: Vec<(String, Option<u32>)>,
}

/// An entry of deoptimisation data.
pub(super) struct Entry {
    pub(super) bytecode_offset: i32,
    pub(super) pc: Option<u32>,
    pub(super) translation: String,
}

/// A bytecode array.
#[derive(Default)]
pub(super) struct Bytecode {
    pub(super) name: String,
    /// With the receiver.
    pub(super) parameters: u32,
    pub(super) registers: u32,
    pub(super) bytes: Vec<u8>,
    pub(super) offsets: Vec<u32>,
    pub(super) positions: Vec<u8>,
    /// Offset, script offset, is a statement.
    pub(super) printed_positions: Vec<(i32, u32, bool)>,
}

/// A frame of baseline code.
pub(super) struct Baseline {
    pub(super) name: String,
    pub(super) offsets: Vec<u8>,
    pub(super) return_address: u32,
    pub(super) script_offset: u32,
}

impl Recording {
    pub(super) fn version(&self) -> V8Version {
        self.version.unwrap()
    }

    pub(super) fn bytecode(&self, name: &str) -> Option<&Bytecode> {
        self.bytecode.iter().find(|bytecode| bytecode.name == name)
    }
}

/// What was recorded, oldest version first.
pub(super) fn recordings() -> Vec<Recording> {
    vec![
        read(v8(10, 2), include_str!("recorded/v8-10.2.txt")),
        read(v8(11, 3), include_str!("recorded/v8-11.3.txt")),
        read(v8(12, 4), include_str!("recorded/v8-12.4.txt")),
        read(v8(13, 6), include_str!("recorded/v8-13.6.txt")),
        read(v8(14, 6), include_str!("recorded/v8-14.6.txt")),
    ]
}

fn bytes(digits: &str) -> Vec<u8> {
    if digits == "-" {
        return Vec::new();
    }
    assert!(digits.len().is_multiple_of(2));
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}

fn hex(digits: &str) -> Option<u32> {
    (digits != "-").then(|| u32::from_str_radix(digits, 16).unwrap())
}

fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(digits: &str) -> T {
    digits.parse().unwrap()
}

fn pairs(text: &str, separator: char) -> impl Iterator<Item = (&str, &str)> {
    text.split_whitespace().map(move |pair| pair.split_once(separator).unwrap())
}

fn read(version: V8Version, text: &str) -> Recording {
    let mut recording = Recording { version: Some(version), ..Recording::default() };
    for line in text.lines() {
        let (key, rest) = line.split_once(' ').unwrap();
        let words: Vec<_> = rest.split_whitespace().collect();
        match key {
            "sizes" => recording.sizes = bytes(rest),
            "baseline" => recording.baseline.push(Baseline {
                name: words[0].to_owned(),
                offsets: bytes(words[1]),
                return_address: hex(words[2]).unwrap(),
                script_offset: number(words[4]),
            }),
            "code" => recording.code.push(Code {
                tier: words[0].to_owned(),
                name: words[1].to_owned(),
                ..Code::default()
            }),
            "bytecode" => recording.bytecode.push(Bytecode {
                name: words[0].to_owned(),
                parameters: number(words[1]),
                registers: number(words[2]),
                ..Bytecode::default()
            }),
            "bytecodes" | "offsets" | "table" => {
                let bytecode = recording.bytecode.last_mut().unwrap();
                match key {
                    "bytecodes" => bytecode.bytes = bytes(rest),
                    "table" => bytecode.positions = bytes(rest),
                    _ => bytecode.offsets = words.iter().map(|word| number(word)).collect(),
                }
            }
            "printed_positions" if recording.bytecode.is_empty() => {
                let code = recording.code.last_mut().unwrap();
                code.printed_positions = pairs(rest, ':')
                    .map(|(at, position)| (hex(at).unwrap() as i32, number(position)))
                    .collect();
            }
            "printed_positions" => {
                let bytecode = recording.bytecode.last_mut().unwrap();
                let positions = pairs(rest, ':').map(|(at, rest)| {
                    let (position, kind) = rest.split_once(':').unwrap();
                    (number(at), number(position), kind == "S")
                });
                bytecode.printed_positions = positions.collect();
            }
            _ => read_code_line(recording.code.last_mut().unwrap(), key, rest, &words),
        }
    }
    recording
}

fn read_code_line(code: &mut Code, key: &str, rest: &str, words: &[&str]) {
    match key {
        "functions" => {
            code.functions =
                pairs(rest, '=').map(|(id, name)| (number(id), name.to_owned())).collect();
        }
        "safepoints" => code.safepoints = bytes(rest),
        "safepoint" => {
            let deopt_index = (words[1] != "-").then(|| number(words[1]));
            code.printed_safepoints.push((hex(words[0]).unwrap(), deopt_index, hex(words[2])));
        }
        "positions" => code.positions = bytes(rest),
        "deopt_data" => code.deopt_data = bytes(rest),
        "inlined_functions" => code.inlined_functions = number(rest),
        "inlining" => code.inlining = bytes(rest),
        "translations" => code.translations = bytes(rest),
        "entry" => code.entries.push(Entry {
            bytecode_offset: number(words[0]),
            pc: hex(words[1]),
            translation: words[2..].join(" "),
        }),
        "call" => code.call = hex(rest).unwrap(),
        "stack" => {
            // Without the function that waits, which has a frame of its own, and without the caller's.
            let inlined =
                pairs(rest, ':').filter(|(name, _)| !matches!(*name, "probe" | "<anonymous>"));
            code.stack = inlined
                .map(|(name, position)| {
                    (name.to_owned(), (position != "-").then(|| number(position)))
                })
                .collect();
        }
        _ => panic!("{key}"),
    }
}

mod tests {
    use super::super::baseline::{self, BaselinePc};
    use super::super::bytecodes::{BytecodeSizes, Bytecodes};
    use super::super::deopt_data::{DEOPT_DATA_SLOTS, DeoptData};
    use super::super::inlining;
    use super::super::position_table::{POSITION_ENCODINGS, PositionTable, SourcePosition};
    use super::super::safepoints::{MAGLEV_HEADERS, SafepointTable, TURBOFAN_HEADERS};
    use super::super::translations::frames::Translation;
    use super::super::translations::opcodes::OPCODES;
    use super::super::variants::variant_of;
    use super::*;

    /// Every byte replaced by each of some values, and the table cut before it.
    fn damaged(bytes: &[u8], mut read: impl FnMut(&[u8])) {
        for at in 0..bytes.len() {
            read(&bytes[..at]);
            for value in [0, 1, 0x7f, 0x80, 0xff, bytes[at] ^ 1, bytes[at] ^ 0x40] {
                let mut copy = bytes.to_owned();
                copy[at] = value;
                read(&copy);
            }
        }
    }

    /// Damage gives an error or another answer; no decoder panics or goes on for ever, and none walks more
    /// entries than the table has bytes.
    #[test]
    fn damaged_tables_end() {
        for recording in recordings() {
            let version = recording.version();
            let encoding = variant_of(POSITION_ENCODINGS, version).unwrap();
            let opcodes = variant_of(OPCODES, version).unwrap();
            let slots = variant_of(DEOPT_DATA_SLOTS, version).unwrap();
            for code in &recording.code {
                let headers = if code.tier == "maglev" { MAGLEV_HEADERS } else { TURBOFAN_HEADERS };
                let header = variant_of(headers, version).unwrap();
                damaged(&code.safepoints, |bytes| {
                    if let Ok(table) = SafepointTable::new(header, bytes) {
                        assert!(table.entries().count() <= bytes.len());
                        let _ = table.find(code.call);
                    }
                });
                damaged(&code.positions, |bytes| {
                    assert!(PositionTable::new(encoding, bytes).entries().count() <= bytes.len());
                    let _ = PositionTable::new(encoding, bytes).find(i32::MAX);
                });
                damaged(&code.deopt_data, |bytes| {
                    if let Ok(data) = DeoptData::new(slots, bytes) {
                        for index in 0..data.entry_count() {
                            let _ = data.entry(index as u32);
                        }
                    }
                });
                damaged(&code.inlining, |bytes| {
                    let _ = inlining::stack(bytes, SourcePosition(2 << 31));
                });
                let data = DeoptData::new(slots, &code.deopt_data).unwrap();
                let starts: Vec<_> = (0..data.entry_count())
                    .map(|index| data.entry(index as u32).unwrap().translation_index)
                    .collect();
                damaged(&code.translations, |bytes| {
                    for start in &starts {
                        if let Ok(translation) = Translation::read(opcodes, bytes, *start) {
                            // An instruction is one byte or more, here or in the basis.
                            let values = translation.frames.iter().map(|frame| frame.values.len());
                            assert!(values.sum::<usize>() <= 2 * bytes.len());
                        }
                    }
                });
            }
            let sizes = BytecodeSizes::new(&recording.sizes).unwrap();
            for frame in &recording.baseline {
                let bytecodes = &recording.bytecode(&frame.name).unwrap().bytes;
                let pc = BaselinePc::ReturnAddress(frame.return_address);
                damaged(&frame.offsets, |bytes| {
                    let _ = baseline::find(bytes, Bytecodes::new(sizes, bytecodes), pc);
                });
                damaged(bytecodes, |bytes| {
                    let walk = Bytecodes::new(sizes, bytes);
                    assert!(walk.clone().count() <= bytes.len());
                    let _ = baseline::find(&frame.offsets, walk, pc);
                });
            }
        }
    }
}
