//! Safepoint tables: which deoptimisation entry belongs to a call in optimised code
//! (`src/codegen/safepoint-table.h`, `maglev-safepoint-table.h`).
//!
//! The table lies directly behind the instructions. Header words, then entries of one size, then for
//! TurboFan a bit map of tagged stack slots for each entry.

use super::Malformed;
use super::variants::{Since, v8};
use super::words::Cursor;

/// The 32-bit words at the head of a table, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SafepointHeader {
    /// TurboFan: entry count, configuration.
    Turbofan,
    /// TurboFan: frame slots, entry count, configuration.
    TurbofanWithStackSlots,
    /// Maglev: entry count, configuration, tagged slots, untagged slots.
    Maglev,
    /// Maglev: frame slots, entry count, configuration, tagged slots.
    MaglevWithStackSlots,
}

/// The headers of TurboFan tables.
pub(crate) const TURBOFAN_HEADERS: &[Since<SafepointHeader>] = &[
    Since {
        from: v8(10, 2),
        variant: SafepointHeader::Turbofan,
        source: "src/codegen/safepoint-table.h",
    },
    Since {
        from: v8(13, 6),
        variant: SafepointHeader::TurbofanWithStackSlots,
        source: "src/codegen/safepoint-table.h",
    },
];

/// The headers of Maglev tables. 10.2 has no Maglev table of its own. The first is read in the sources only:
/// Maglev is compiled out of Node 20 and 22.
pub(crate) const MAGLEV_HEADERS: &[Since<SafepointHeader>] = &[
    Since {
        from: v8(11, 3),
        variant: SafepointHeader::Maglev,
        source: "src/codegen/maglev-safepoint-table.h",
    },
    Since {
        from: v8(13, 6),
        variant: SafepointHeader::MaglevWithStackSlots,
        source: "src/codegen/maglev-safepoint-table.h",
    },
];

/// What an entry says of tagged values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TaggedSlots<'a> {
    /// TurboFan: a bit for each frame slot, the slot nearest to the stack pointer in bit 0 of byte 0. Slots
    /// behind the last byte hold no tagged values.
    Bits(&'a [u8]),
    /// Maglev: the first slots of the frame are tagged, and so many registers are spilled behind the frame.
    First {
        /// How many slots of the frame are tagged.
        tagged: u32,
        /// How many slots this call pushed on top.
        extra_spills: u8,
    },
}

/// An entry of a table: a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Safepoint<'a> {
    /// The offset behind the call: the return address.
    pub(crate) pc: u32,
    /// What the return address is replaced by when the code is deoptimised.
    pub(crate) trampoline: Option<u32>,
    /// The index of the entry in the deoptimisation data.
    pub(crate) deopt_index: Option<u32>,
    /// The registers with tagged values, bit n for register n.
    pub(crate) registers: u32,
    /// The tagged slots of the frame.
    pub(crate) slots: TaggedSlots<'a>,
}

/// A safepoint table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SafepointTable<'a> {
    bytes: &'a [u8],
    header: SafepointHeader,
    header_size: usize,
    /// How many slots the frame has, where the table says so.
    #[cfg_attr(not(test), allow(dead_code, reason = "tests compare it with V8's own word"))]
    pub(crate) stack_slots: Option<u32>,
    length: usize,
    has_deopt_data: bool,
    register_bytes: usize,
    pc_bytes: usize,
    deopt_index_bytes: usize,
    tagged_slots_bytes: usize,
    tagged_slots: u32,
}

const TABLE: &str = "safepoint table";

impl<'a> SafepointTable<'a> {
    /// The table at the start of `bytes`; what lies behind it is ignored.
    pub(crate) fn new(header: SafepointHeader, bytes: &'a [u8]) -> Result<Self, Malformed> {
        use SafepointHeader::{Maglev, MaglevWithStackSlots, Turbofan, TurbofanWithStackSlots};
        let mut cursor = Cursor::new(TABLE, bytes);
        let stack_slots = match header {
            TurbofanWithStackSlots | MaglevWithStackSlots => Some(cursor.u32()?),
            Turbofan | Maglev => None,
        };
        let length = cursor.u32()? as usize;
        let configuration = cursor.u32()?;
        let (tagged_slots, tagged_slots_bytes) = match header {
            Turbofan | TurbofanWithStackSlots => (0, configuration >> 10),
            Maglev => {
                let tagged = cursor.u32()?;
                cursor.u32()?;
                (tagged, 0)
            }
            MaglevWithStackSlots => (cursor.u32()?, 0),
        };
        let size_of = |shift: u32| {
            let size = (configuration >> shift & 7) as usize;
            // The builder writes no field of more than four bytes.
            if size > 4 {
                Err(cursor.malformed("a field of more than four bytes"))
            } else {
                Ok(size)
            }
        };
        let table = Self {
            bytes,
            header,
            header_size: cursor.at(),
            stack_slots,
            length,
            has_deopt_data: configuration & 1 != 0,
            register_bytes: size_of(1)?,
            pc_bytes: size_of(4)?,
            deopt_index_bytes: size_of(7)?,
            tagged_slots_bytes: tagged_slots_bytes as usize,
            tagged_slots,
        };
        // Also keeps a wrong length from being walked: an entry of no bytes cannot exist.
        if length > 0 && table.pc_bytes == 0 {
            return Err(cursor.malformed("entries without a pc"));
        }
        let fits = table.size().is_some_and(|size| size <= bytes.len());
        if fits { Ok(table) } else { Err(cursor.malformed("more entries than bytes")) }
    }

    fn is_maglev(&self) -> bool {
        matches!(self.header, SafepointHeader::Maglev | SafepointHeader::MaglevWithStackSlots)
    }

    fn entry_size(&self) -> usize {
        let deopt = if self.has_deopt_data { self.deopt_index_bytes + self.pc_bytes } else { 0 };
        self.pc_bytes + deopt + usize::from(self.is_maglev()) + self.register_bytes
    }

    /// How many bytes the table takes.
    pub(crate) fn size(&self) -> Option<usize> {
        let each = self.entry_size().checked_add(self.tagged_slots_bytes)?;
        self.length.checked_mul(each)?.checked_add(self.header_size)
    }

    fn entry(&self, index: usize) -> Result<Safepoint<'a>, Malformed> {
        let start = Cursor::new(TABLE, self.bytes);
        let too_far = || start.malformed("an entry of too high an index");
        let at =
            index.checked_mul(self.entry_size()).and_then(|at| at.checked_add(self.header_size));
        let mut cursor = start.seek(at.ok_or_else(too_far)?);
        let pc = cursor.little_endian(self.pc_bytes)? as u32;
        let (mut deopt_index, mut trampoline) = (None, None);
        if self.has_deopt_data {
            // Both are stored plus one, so that 0 is none.
            deopt_index = (cursor.little_endian(self.deopt_index_bytes)? as u32).checked_sub(1);
            trampoline = (cursor.little_endian(self.pc_bytes)? as u32).checked_sub(1);
        }
        let extra_spills = if self.is_maglev() { cursor.byte()? } else { 0 };
        let registers = cursor.little_endian(self.register_bytes)? as u32;
        let slots = if self.is_maglev() {
            TaggedSlots::First { tagged: self.tagged_slots, extra_spills }
        } else {
            let maps = self
                .length
                .checked_mul(self.entry_size())
                .and_then(|size| size.checked_add(self.header_size));
            let map = index
                .checked_mul(self.tagged_slots_bytes)
                .zip(maps)
                .and_then(|(at, maps)| at.checked_add(maps));
            let map =
                map.and_then(|at| self.bytes.get(at..at.checked_add(self.tagged_slots_bytes)?));
            TaggedSlots::Bits(map.ok_or_else(too_far)?)
        };
        Ok(Safepoint { pc, trampoline, deopt_index, registers, slots })
    }

    /// The entries in order of their pc.
    pub(crate) fn entries(
        &self,
    ) -> impl Iterator<Item = Result<Safepoint<'a>, Malformed>> + use<'a> {
        let table = *self;
        (0..table.length).map(move |index| table.entry(index))
    }

    /// The entry whose return address, or whose trampoline, is `pc_offset`. `None` if there is none: then
    /// nothing is known of this pc.
    ///
    /// V8's own lookup takes the entry before for a pc that has none, since the builder drops an entry
    /// that differs from the one before in nothing but the pc. Such an entry has no deoptimisation index
    /// (those are unique), so the exact search loses nothing but the tagged slots.
    pub(crate) fn find(&self, pc_offset: u32) -> Result<Option<Safepoint<'a>>, Malformed> {
        for entry in self.entries() {
            let entry = entry?;
            if entry.pc == pc_offset || entry.trampoline == Some(pc_offset) {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::super::recorded;
    use super::super::variants::variant_of;
    use super::*;

    /// Two entries, as `SafepointTableBuilder::Emit` writes them: pcs and trampolines in two bytes, deopt
    /// indexes and registers in one, a slot map of two bytes.
    fn turbofan() -> Vec<u8> {
        let configuration: u32 = 1 | 1 << 1 | 2 << 4 | 1 << 7 | 2 << 10;
        let mut out = vec![2, 0, 0, 0];
        out.extend(configuration.to_le_bytes());
        out.extend([0x34, 0x12, 1, 0x01, 0x20, 0x05]);
        out.extend([0x40, 0x12, 0, 0, 0, 0]);
        out.extend([0b101, 0, 0, 0x80]);
        out
    }

    #[test]
    fn a_turbofan_table() {
        let bytes = turbofan();
        let table = SafepointTable::new(SafepointHeader::Turbofan, &bytes).unwrap();
        assert_eq!(table.size(), Some(bytes.len()));
        let first = Safepoint {
            pc: 0x1234,
            trampoline: Some(0x2000),
            deopt_index: Some(0),
            registers: 5,
            slots: TaggedSlots::Bits(&[0b101, 0]),
        };
        let second = Safepoint {
            pc: 0x1240,
            trampoline: None,
            deopt_index: None,
            registers: 0,
            slots: TaggedSlots::Bits(&[0, 0x80]),
        };
        assert_eq!(table.find(0x1234), Ok(Some(first)));
        assert_eq!(table.find(0x2000), Ok(Some(first)));
        assert_eq!(table.find(0x1240), Ok(Some(second)));
        for pc in [0, 0x1233, 0x1235, 0x1fff, 0x2001, u32::MAX] {
            assert_eq!(table.find(pc), Ok(None), "{pc:#x}");
        }
        let mut with_slots = vec![9, 0, 0, 0];
        with_slots.extend(&bytes);
        let table =
            SafepointTable::new(SafepointHeader::TurbofanWithStackSlots, &with_slots).unwrap();
        assert_eq!((table.stack_slots, table.find(0x2000)), (Some(9), Ok(Some(first))));
    }

    #[test]
    fn maglev_tables() {
        let configuration: u32 = 1 | 2 << 1 | 1 << 4 | 1 << 7;
        let entry = [0x20, 3, 0x90, 4, 0x01, 0x80];
        let expected = Safepoint {
            pc: 0x20,
            trampoline: Some(0x8f),
            deopt_index: Some(2),
            registers: 0x8001,
            slots: TaggedSlots::First { tagged: 6, extra_spills: 4 },
        };
        let words = |words: &[u32]| {
            let mut out: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            out.extend(entry);
            out
        };
        let old = words(&[1, configuration, 6, 2]);
        let table = SafepointTable::new(SafepointHeader::Maglev, &old).unwrap();
        assert_eq!(table.find(0x8f), Ok(Some(expected)));
        assert_eq!(table.size(), Some(old.len()));
        let new = words(&[11, 1, configuration, 6]);
        let table = SafepointTable::new(SafepointHeader::MaglevWithStackSlots, &new).unwrap();
        assert_eq!((table.stack_slots, table.find(0x20)), (Some(11), Ok(Some(expected))));
    }

    #[test]
    fn damaged_tables_are_errors() {
        let bytes = turbofan();
        for length in 0..bytes.len() {
            assert!(SafepointTable::new(SafepointHeader::Turbofan, &bytes[..length]).is_err());
        }
        for (at, value) in [(0, 3), (3, 0x7f), (4, 0x0f), (4, 0x0d | 5 << 4)] {
            let mut damaged = bytes.clone();
            damaged[at] = value;
            assert!(SafepointTable::new(SafepointHeader::Turbofan, &damaged).is_err(), "{at}");
        }
        let endless = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
        assert!(SafepointTable::new(SafepointHeader::Turbofan, &endless).is_err());
    }

    #[test]
    fn v8_prints_the_same_entries() {
        let (mut turbofan, mut maglev) = (0, 0);
        for recording in recorded::recordings() {
            for code in &recording.code {
                let (headers, count) = match code.tier.as_str() {
                    "turbofan" => (TURBOFAN_HEADERS, &mut turbofan),
                    _ => (MAGLEV_HEADERS, &mut maglev),
                };
                let header = variant_of(headers, recording.version()).unwrap();
                let table = SafepointTable::new(header, &code.safepoints).unwrap();
                // The bytes are as many as V8 printed.
                assert_eq!(table.size(), Some(code.safepoints.len()));
                let read: Vec<_> = table
                    .entries()
                    .map(Result::unwrap)
                    .map(|entry| (entry.pc, entry.deopt_index, entry.trampoline))
                    .collect();
                assert_eq!(read, code.printed_safepoints, "{} {}", code.tier, code.name);
                *count += 1;
            }
        }
        assert!(turbofan >= 25 && maglev >= 10, "{turbofan} TurboFan, {maglev} Maglev");
    }
}
