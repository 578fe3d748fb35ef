//! Inlining positions of optimised code: which call brought inlined code in (`InliningPosition` in
//! `src/codegen/source-position.h`). Same in all five versions.
//!
//! The byte array has 16 bytes for each inlined call: the packed position of the call, then the literal
//! index of the function, then padding.

use super::Malformed;
use super::position_table::SourcePosition;
use super::words::Cursor;

const TABLE: &str = "inlining positions";
const ENTRY_BYTES: usize = 16;

/// V8 inlines no more functions into each other, by far (`--max-inlined-bytecode-size-cumulative`).
const MOST_PLACES: usize = 1024;

/// A call that was inlined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InliningPosition {
    /// Where the call is, in the function that it is inlined into.
    pub(crate) call: SourcePosition,
    /// The literal with the function that is called; `None` means the outermost function
    /// (`DeoptimizationData::kNotInlinedIndex`).
    pub(crate) function: Option<u32>,
}

/// A function at a position, where code comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InlinedPlace {
    /// The literal with the function; `None` is the outermost function.
    pub(crate) function: Option<u32>,
    /// Where in it.
    pub(crate) position: SourcePosition,
}

/// The inlining position of this index.
pub(crate) fn position(bytes: &[u8], index: u32) -> Result<InliningPosition, Malformed> {
    let start = Cursor::new(TABLE, bytes);
    let at = (index as usize).checked_mul(ENTRY_BYTES);
    let mut cursor = start.seek(at.ok_or_else(|| start.malformed("an index too high"))?);
    let call = SourcePosition(cursor.little_endian(8)?);
    let function = cursor.u32()? as i32;
    if function < -1 {
        return Err(cursor.malformed("a negative literal index"));
    }
    Ok(InliningPosition { call, function: u32::try_from(function).ok() })
}

/// The functions that are at `position` of optimised code, innermost first.
pub(crate) fn stack(
    bytes: &[u8],
    position: SourcePosition,
) -> Result<Vec<InlinedPlace>, Malformed> {
    let mut places = Vec::new();
    let mut position = position;
    // A call can be inlined only into what was there before, so a longer chain would be a cycle.
    for _ in 0..=bytes.len() / ENTRY_BYTES {
        let Some(id) = position.inlining_id() else {
            places.push(InlinedPlace { function: None, position });
            return Ok(places);
        };
        let inlined = self::position(bytes, id)?;
        places.push(InlinedPlace { function: inlined.function, position });
        if places.len() >= MOST_PLACES {
            break;
        }
        position = inlined.call;
    }
    Err(Malformed { table: TABLE, at: bytes.len(), why: "a function that is inlined into itself" })
}

#[cfg(test)]
mod tests {
    use super::super::position_table::{POSITION_ENCODINGS, PositionTable};
    use super::super::recorded;
    use super::super::variants::variant_of;
    use super::*;

    fn packed(script_offset: u64, inlining_id: Option<u64>) -> u64 {
        (script_offset + 1) << 1 | inlining_id.map_or(0, |id| (id + 1) << 31)
    }

    fn entry(call: u64, function: i32) -> Vec<u8> {
        [&call.to_le_bytes()[..], &function.to_le_bytes(), &[0xcc; 4]].concat()
    }

    #[test]
    fn chains_are_followed_to_the_outermost_function() {
        let bytes = [entry(packed(100, None), 7), entry(packed(50, Some(0)), 3)].concat();
        let places = stack(&bytes, SourcePosition(packed(9, Some(1)))).unwrap();
        let read: Vec<_> = places
            .iter()
            .map(|place| (place.function, place.position.script_offset().unwrap()))
            .collect();
        assert_eq!(read, [(Some(3), 9), (Some(7), 50), (None, 100)]);
        assert!(stack(&bytes, SourcePosition(packed(9, Some(2)))).is_err());
        assert_eq!(stack(&[], SourcePosition(packed(9, None))).unwrap().len(), 1);
    }

    #[test]
    fn cycles_end() {
        let bytes = [entry(packed(1, Some(1)), 0), entry(packed(2, Some(0)), 1)].concat();
        assert!(stack(&bytes, SourcePosition(packed(9, Some(0)))).is_err());
        assert!(position(&entry(0, -2), 0).is_err());
        assert_eq!(position(&entry(0, -1), 0).unwrap().function, None);
    }

    #[test]
    fn the_stack_that_the_program_printed() {
        let mut stacks = 0;
        for recording in recorded::recordings() {
            let encoding = variant_of(POSITION_ENCODINGS, recording.version()).unwrap();
            // Maglev gives calls inlined into loops the position of the loop.
            for code in recording.code.iter().filter(|code| code.tier == "turbofan") {
                let table = PositionTable::new(encoding, &code.positions);
                let at = table.find(code.call as i32 - 1).unwrap().unwrap();
                let places = stack(&code.inlining, at.position).unwrap();
                let offsets: Vec<_> =
                    places.iter().map(|place| place.position.script_offset().unwrap()).collect();
                let printed: Vec<_> = code.stack.iter().filter_map(|line| line.1).collect();
                assert_eq!(offsets, printed, "{}", code.name);
                let function = places[0].function.unwrap_or(u32::MAX);
                let name =
                    code.functions.iter().find(|(id, _)| *id == function).map(|(_, name)| name);
                assert_eq!(name, Some(&code.stack[0].0));
                stacks += 1;
            }
        }
        assert!(stacks >= 25);
    }
}
