//! Source-position tables: code offset → position in the script (`src/codegen/source-position-table.cc`).
//!
//! A table belongs to a bytecode array (offsets are bytecode offsets) or to optimised code (offsets from
//! the instruction start). Each entry is two variable-length numbers: the distance of the code offset, with
//! flags, and the distance of the position.

use super::Malformed;
use super::variants::{Since, v8};
use super::words::Cursor;

/// Where the running code offset starts; an entry that stays there is the function's entry
/// (`kFunctionEntryBytecodeOffset`).
pub(crate) const FUNCTION_ENTRY: i32 = -1;

/// How the first number of an entry is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PositionEncoding {
    /// Zig-zag; a negative number d is an expression and the distance −d − 1, others are statements.
    SignedDelta,
    /// Unsigned: bit 0 statement, bit 1 breakable, the distance above.
    DeltaWithFlags,
}

/// Which version writes which.
pub(crate) const POSITION_ENCODINGS: &[Since<PositionEncoding>] = &[
    Since {
        from: v8(10, 2),
        variant: PositionEncoding::SignedDelta,
        source: "src/codegen/source-position-table.cc, EncodeEntry",
    },
    Since {
        from: v8(14, 6),
        variant: PositionEncoding::DeltaWithFlags,
        source: "src/codegen/source-position-table.cc, EncodeEntry",
    },
];

/// A position in a script, packed (`src/codegen/source-position.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SourcePosition(pub(crate) u64);

impl SourcePosition {
    /// Is it a line of a C++ or Torque file (debug builds of builtins) rather than of a script?
    pub(crate) fn is_external(self) -> bool {
        self.0 & 1 != 0
    }

    /// The offset in the script's source, in UTF-16 units. `None` if there is none.
    pub(crate) fn script_offset(self) -> Option<u32> {
        let field = (self.0 >> 1 & 0x3fff_ffff) as u32;
        if self.is_external() { None } else { field.checked_sub(1) }
    }

    /// The index in the inlining positions of the call that brought this code in. `None` if not inlined.
    pub(crate) fn inlining_id(self) -> Option<u32> {
        let field = (self.0 >> 31 & 0xffff) as u32;
        if self.is_external() { None } else { field.checked_sub(1) }
    }
}

/// An entry of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PositionEntry {
    /// The first offset that the entry is for, or [`FUNCTION_ENTRY`].
    pub(crate) code_offset: i32,
    /// Where that is.
    pub(crate) position: SourcePosition,
    /// Does a statement start here?
    pub(crate) is_statement: bool,
}

/// A table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PositionTable<'a> {
    encoding: PositionEncoding,
    bytes: &'a [u8],
}

impl<'a> PositionTable<'a> {
    /// The table in `bytes`, the contents of V8's byte array.
    pub(crate) fn new(encoding: PositionEncoding, bytes: &'a [u8]) -> Self {
        Self { encoding, bytes }
    }

    /// The entries in order. After an error nothing follows.
    pub(crate) fn entries(&self) -> PositionEntries<'a> {
        PositionEntries {
            encoding: self.encoding,
            cursor: Cursor::new("source-position table", self.bytes),
            code_offset: FUNCTION_ENTRY,
            position: 0,
            failed: false,
        }
    }

    /// The last entry whose code offset is not beyond `code_offset` and which is of a script.
    ///
    /// For a bytecode array the offset is that of the bytecode; for optimised code it is the pc's, minus
    /// one if the pc is a return address (`Code::SourcePosition`). `None` if no entry is that early. The
    /// whole table is read, so that a malformed one gives no answer.
    pub(crate) fn find(&self, code_offset: i32) -> Result<Option<PositionEntry>, Malformed> {
        let mut found = None;
        for entry in self.entries() {
            let entry = entry?;
            if entry.code_offset <= code_offset && !entry.position.is_external() {
                found = Some(entry);
            }
        }
        Ok(found)
    }
}

/// The entries of a [`PositionTable`].
#[derive(Clone, Debug)]
pub(crate) struct PositionEntries<'a> {
    encoding: PositionEncoding,
    cursor: Cursor<'a>,
    code_offset: i32,
    position: i64,
    failed: bool,
}

impl PositionEntries<'_> {
    fn read(&mut self) -> Result<PositionEntry, Malformed> {
        let start = self.cursor;
        let (delta, is_statement) = match self.encoding {
            PositionEncoding::SignedDelta => {
                let number = self.cursor.zig_zag_32()?;
                // −d − 1 is !d, which has no overflow.
                if number < 0 { (!number, false) } else { (number, true) }
            }
            PositionEncoding::DeltaWithFlags => {
                let number = self.cursor.unsigned()?;
                ((number >> 2) as i32, number & 1 != 0)
            }
        };
        let position_delta = self.cursor.zig_zag_64()?;
        let sums =
            self.code_offset.checked_add(delta).zip(self.position.checked_add(position_delta));
        let Some((code_offset, position)) = sums else {
            return Err(start.malformed("offset or position overflow"));
        };
        if position < 0 {
            return Err(start.malformed("a position before the script"));
        }
        self.code_offset = code_offset;
        self.position = position;
        Ok(PositionEntry { code_offset, position: SourcePosition(position as u64), is_statement })
    }
}

impl Iterator for PositionEntries<'_> {
    type Item = Result<PositionEntry, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.cursor.is_at_end() {
            return None;
        }
        let entry = self.read();
        self.failed = entry.is_err();
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::super::recorded;
    use super::super::variants::variant_of;
    use super::super::words::encode;
    use super::*;

    fn encoded(encoding: PositionEncoding, entries: &[(i32, i64, bool)]) -> Vec<u8> {
        let mut out = Vec::new();
        let (mut code_offset, mut position) = (FUNCTION_ENTRY, 0);
        for &(code, pos, statement) in entries {
            let delta = code - code_offset;
            match encoding {
                PositionEncoding::SignedDelta if statement => {
                    encode::zig_zag(&mut out, delta.into());
                }
                PositionEncoding::SignedDelta => encode::zig_zag(&mut out, (-delta - 1).into()),
                PositionEncoding::DeltaWithFlags => {
                    encode::unsigned(&mut out, (delta as u64) << 2 | 2 | u64::from(statement));
                }
            }
            encode::zig_zag(&mut out, pos - position);
            (code_offset, position) = (code, pos);
        }
        out
    }

    fn packed(script_offset: i64, inlining_id: i64) -> i64 {
        (script_offset + 1) << 1 | (inlining_id + 1) << 31
    }

    #[test]
    fn entries_of_both_encodings_are_read() {
        let entries = [
            (FUNCTION_ENTRY, packed(3, -1), false),
            (0, packed(40, -1), true),
            (5, packed(30, 2), false),
            (5, packed(31, 2), true),
            (300, packed(5000, 0), true),
        ];
        for encoding in [PositionEncoding::SignedDelta, PositionEncoding::DeltaWithFlags] {
            let bytes = encoded(encoding, &entries);
            let table = PositionTable::new(encoding, &bytes);
            let read: Vec<_> = table.entries().collect::<Result<_, _>>().unwrap();
            let expected: Vec<_> = entries
                .iter()
                .map(|&(code_offset, position, is_statement)| PositionEntry {
                    code_offset,
                    position: SourcePosition(position as u64),
                    is_statement,
                })
                .collect();
            assert_eq!(read, expected);
            let offset = |at| table.find(at).unwrap().unwrap().position.script_offset().unwrap();
            assert_eq!(
                [offset(-1), offset(0), offset(4), offset(5), offset(299)],
                [3, 40, 40, 31, 31]
            );
            assert_eq!(table.find(1000).unwrap().unwrap().position.inlining_id(), Some(0));
            assert_eq!(table.find(1).unwrap().unwrap().position.inlining_id(), None);
        }
    }

    #[test]
    fn external_positions_are_not_of_the_script() {
        let bytes =
            encoded(PositionEncoding::SignedDelta, &[(0, packed(7, -1), true), (4, 0x801, true)]);
        let table = PositionTable::new(PositionEncoding::SignedDelta, &bytes);
        assert_eq!(table.entries().count(), 2);
        assert_eq!(table.find(9).unwrap().unwrap().position.script_offset(), Some(7));
        assert_eq!(SourcePosition(0x801).script_offset(), None);
        assert_eq!(SourcePosition(0x801).inlining_id(), None);
        assert_eq!(SourcePosition(0).script_offset(), None);
    }

    #[test]
    fn cut_tables_are_errors() {
        let bytes = encoded(PositionEncoding::DeltaWithFlags, &[(0, 80, true), (9, 9000, true)]);
        for length in 0..bytes.len() {
            let table = PositionTable::new(PositionEncoding::DeltaWithFlags, &bytes[..length]);
            let whole = length == 0 || length == 3;
            assert_eq!(table.find(100).is_ok(), whole, "{length} bytes");
        }
        let back = encoded(PositionEncoding::SignedDelta, &[(0, 80, true), (1, -1, true)]);
        assert!(PositionTable::new(PositionEncoding::SignedDelta, &back).find(0).is_err());
        assert!(PositionTable::new(PositionEncoding::SignedDelta, &[0xff; 64]).find(0).is_err());
    }

    #[test]
    fn v8_prints_the_same_entries() {
        let (mut code_tables, mut bytecode_tables) = (0, 0);
        for recording in recorded::recordings() {
            let encoding = variant_of(POSITION_ENCODINGS, recording.version()).unwrap();
            let read = |bytes: &[u8]| -> Vec<_> {
                let entries = PositionTable::new(encoding, bytes).entries().map(Result::unwrap);
                entries
                    .map(|entry| {
                        (
                            entry.code_offset,
                            entry.position.script_offset().unwrap(),
                            entry.is_statement,
                        )
                    })
                    .collect()
            };
            for code in &recording.code {
                let read: Vec<_> = read(&code.positions)
                    .into_iter()
                    .map(|(at, position, _)| (at, position))
                    .collect();
                assert_eq!(read, code.printed_positions, "{} {}", code.tier, code.name);
                code_tables += 1;
            }
            for bytecode in &recording.bytecode {
                let mut read = read(&bytecode.positions);
                // V8 does not print the function's entry.
                assert_eq!(read.remove(0).0, FUNCTION_ENTRY);
                assert_eq!(read, bytecode.printed_positions, "{}", bytecode.name);
                bytecode_tables += 1;
            }
        }
        assert!(code_tables >= 35 && bytecode_tables >= 45);
    }
}
