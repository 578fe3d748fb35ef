//! The bytecode-offset table of baseline (Sparkplug) code: pc → bytecode
//! (`src/baseline/bytecode-offset-iterator.h`, written by `BaselineCompiler::GenerateCode`).
//!
//! A list of unsigned variable-length numbers: how long the machine code of the prologue is, then that of
//! each bytecode in order. A bytecode may have none. Same in all five versions.

use super::Malformed;
use super::bytecodes::Bytecodes;
use super::words::Cursor;

/// What a pc offset is. The two differ where one bytecode's code ends and the next one's begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BaselinePc {
    /// The instruction that the thread was about to execute: belongs to the code that starts at or before it.
    Exact(u32),
    /// Where a call returns to: belongs to the code that has the call, which ends at or behind it
    /// (`BytecodeOffsetIterator::AdvanceToPCOffset`).
    ReturnAddress(u32),
}

/// Where a pc is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BaselinePlace {
    /// In the set-up of the frame, before the first bytecode.
    Prologue,
    /// In the code of the bytecode at this offset.
    Bytecode(u32),
}

/// Where `pc` is: the table's `bytes` walked in step with the bytecodes. `None` behind the last bytecode,
/// and for a return address of 0.
///
/// The whole table is checked: it must have exactly one number for the prologue and one for each bytecode.
pub(crate) fn find(
    bytes: &[u8],
    bytecodes: Bytecodes<'_>,
    pc: BaselinePc,
) -> Result<Option<BaselinePlace>, Malformed> {
    let mut cursor = Cursor::new("bytecode-offset table", bytes);
    let mut start = 0u32;
    let mut found = None;
    let mut range = |cursor: &mut Cursor<'_>, place| -> Result<(), Malformed> {
        let length = cursor.unsigned()?;
        let end =
            start.checked_add(length).ok_or_else(|| cursor.malformed("code of too many bytes"))?;
        let inside = match pc {
            BaselinePc::Exact(pc) => start <= pc && pc < end,
            BaselinePc::ReturnAddress(pc) => start < pc && pc <= end,
        };
        if inside {
            found = Some(place);
        }
        start = end;
        Ok(())
    };
    range(&mut cursor, BaselinePlace::Prologue)?;
    for instruction in bytecodes {
        range(&mut cursor, BaselinePlace::Bytecode(instruction?.offset))?;
    }
    if cursor.is_at_end() {
        Ok(found)
    } else {
        Err(cursor.malformed("more numbers than bytecodes"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::bytecodes::BytecodeSizes;
    use super::super::position_table::{POSITION_ENCODINGS, PositionTable};
    use super::super::recorded;
    use super::super::variants::variant_of;
    use super::super::words::encode;
    use super::*;

    const SIZES: &[u8] = &[1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 3, 1, 1, 1, 1, 1, 5];
    /// Bytecodes at 0, 1, 5 and 7.
    const BYTECODES: &[u8] = &[4, 0, 5, 9, 9, 5, 9, 4];

    fn bytecodes() -> Bytecodes<'static> {
        Bytecodes::new(BytecodeSizes::new(SIZES).unwrap(), BYTECODES)
    }

    fn table(lengths: &[u64]) -> Vec<u8> {
        let mut out = Vec::new();
        for &length in lengths {
            encode::unsigned(&mut out, length);
        }
        out
    }

    #[test]
    fn a_return_address_belongs_to_the_code_before_it() {
        use BaselinePc::{Exact, ReturnAddress};
        use BaselinePlace::{Bytecode, Prologue};
        // Prologue 0..200, bytecode 0 200..210, 1 210..210, 5 210..500, 7 500..501.
        let table = table(&[200, 10, 0, 290, 1]);
        for (pc, place) in [
            (Exact(0), Some(Prologue)),
            (Exact(199), Some(Prologue)),
            (Exact(200), Some(Bytecode(0))),
            (Exact(210), Some(Bytecode(5))),
            (Exact(500), Some(Bytecode(7))),
            (Exact(501), None),
            (ReturnAddress(0), None),
            (ReturnAddress(200), Some(Prologue)),
            (ReturnAddress(201), Some(Bytecode(0))),
            (ReturnAddress(210), Some(Bytecode(0))),
            (ReturnAddress(211), Some(Bytecode(5))),
            (ReturnAddress(500), Some(Bytecode(5))),
            (ReturnAddress(501), Some(Bytecode(7))),
            (ReturnAddress(502), None),
        ] {
            assert_eq!(find(&table, bytecodes(), pc), Ok(place), "{pc:?}");
        }
    }

    #[test]
    fn a_table_of_other_bytecodes_is_an_error() {
        let pc = BaselinePc::Exact(3);
        for lengths in [
            &[][..],
            &[200, 10, 0, 290],
            &[200, 10, 0, 290, 1, 1],
            &[u64::from(u32::MAX), 10, 0, 0, 0],
        ] {
            assert!(find(&table(lengths), bytecodes(), pc).is_err(), "{lengths:?}");
        }
        assert!(find(&[0x80, 0x80], bytecodes(), pc).is_err());
    }

    #[test]
    fn return_addresses_of_a_running_process() {
        let mut frames = 0;
        for recording in recorded::recordings() {
            let sizes = BytecodeSizes::new(&recording.sizes).unwrap();
            let encoding = variant_of(POSITION_ENCODINGS, recording.version()).unwrap();
            for frame in &recording.baseline {
                let bytecode = recording.bytecode(&frame.name).unwrap();
                let walk = Bytecodes::new(sizes, &bytecode.bytes);
                let pc = BaselinePc::ReturnAddress(frame.return_address);
                let Some(BaselinePlace::Bytecode(at)) = find(&frame.offsets, walk, pc).unwrap()
                else {
                    panic!("{} is not in a bytecode", frame.name);
                };
                let position =
                    PositionTable::new(encoding, &bytecode.positions).find(at as i32).unwrap();
                assert_eq!(position.unwrap().position.script_offset(), Some(frame.script_offset));
                frames += 1;
            }
        }
        assert!(frames >= 15);
    }
}
