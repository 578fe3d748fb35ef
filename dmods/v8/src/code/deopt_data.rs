//! The deoptimisation data of optimised code: a fixed array of a head and three Smis for each entry
//! (`DeoptimizationData`, in `src/objects/code.h` up to 11.3, then `src/objects/deoptimization-data.h`).

use super::Malformed;
use super::variants::{Since, v8};
use super::words::Cursor;

const TABLE: &str = "deoptimisation data";
/// Bytecode offset, translation index, pc; release builds have no fourth (`kDeoptEntrySize`).
const ENTRY_SLOTS: usize = 3;
const SLOT_BYTES: usize = 8;

/// Which slot of the array holds what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DeoptDataSlots {
    /// The byte array of translations.
    pub(crate) translations: usize,
    /// How many of the first literals are inlined functions.
    pub(crate) inlined_function_count: usize,
    /// Literals in trusted space: bytecode arrays.
    pub(crate) protected_literals: Option<usize>,
    /// Literals: SharedFunctionInfos, and values of frames.
    pub(crate) literals: usize,
    /// The bytecode offset of an on-stack replacement's loop; −1 for other code.
    pub(crate) osr_bytecode_offset: usize,
    /// The pc where on-stack replacement enters; −1 for other code.
    pub(crate) osr_pc_offset: usize,
    /// The number of the compilation.
    pub(crate) optimization_id: usize,
    /// The outermost function: a SharedFunctionInfo, or a wrapper of it where there are protected literals.
    pub(crate) shared_function_info: usize,
    /// The byte array of inlining positions.
    pub(crate) inlining_positions: usize,
    /// The pc offset where the deoptimisation exits begin.
    pub(crate) deopt_exit_start: usize,
    /// How many exits are eager.
    pub(crate) eager_deopt_count: usize,
    /// How many exits are lazy.
    pub(crate) lazy_deopt_count: usize,
    /// Where the entries begin.
    pub(crate) first_entry: usize,
}

const ONE_LITERAL_ARRAY: DeoptDataSlots = DeoptDataSlots {
    translations: 0,
    inlined_function_count: 1,
    protected_literals: None,
    literals: 2,
    osr_bytecode_offset: 3,
    osr_pc_offset: 4,
    optimization_id: 5,
    shared_function_info: 6,
    inlining_positions: 7,
    deopt_exit_start: 8,
    eager_deopt_count: 9,
    lazy_deopt_count: 10,
    first_entry: 11,
};

const PROTECTED_LITERALS: DeoptDataSlots = DeoptDataSlots {
    translations: 0,
    inlined_function_count: 1,
    protected_literals: Some(2),
    literals: 3,
    osr_bytecode_offset: 4,
    osr_pc_offset: 5,
    optimization_id: 6,
    shared_function_info: 7,
    inlining_positions: 8,
    deopt_exit_start: 9,
    eager_deopt_count: 10,
    lazy_deopt_count: 11,
    first_entry: 12,
};

/// Which version has which slots.
pub(crate) const DEOPT_DATA_SLOTS: &[Since<DeoptDataSlots>] = &[
    Since {
        from: v8(10, 2),
        variant: ONE_LITERAL_ARRAY,
        source: "src/objects/code.h (10.2, 11.3), src/objects/deoptimization-data.h (12.4)",
    },
    Since {
        from: v8(13, 6),
        variant: PROTECTED_LITERALS,
        source: "src/objects/deoptimization-data.h",
    },
];

/// An entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DeoptEntry {
    /// The bytecode offset in the innermost function, or, for a builtin's continuation, the builtin.
    pub(crate) bytecode_offset: i32,
    /// Where the translation begins in the byte array.
    pub(crate) translation_index: u32,
    /// TurboFan: the return address of the call, of a lazy exit. Maglev: where the exit itself is, which is
    /// the trampoline of a lazy one. So only the safepoint table tells what a return address belongs to.
    pub(crate) pc: Option<u32>,
}

/// The elements of a deoptimisation data array.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeoptData<'a> {
    slots: DeoptDataSlots,
    elements: &'a [u8],
}

impl<'a> DeoptData<'a> {
    /// The array with these elements (the bytes behind its length). An empty array, which code without
    /// deoptimisation has, is an error.
    pub(crate) fn new(slots: DeoptDataSlots, elements: &'a [u8]) -> Result<Self, Malformed> {
        let data = Self { slots, elements };
        let malformed = |why| Malformed { table: TABLE, at: elements.len(), why };
        let length = elements.len() / SLOT_BYTES;
        if !elements.len().is_multiple_of(SLOT_BYTES) {
            return Err(malformed("not whole words"));
        }
        match length.checked_sub(slots.first_entry) {
            Some(entries) if entries % ENTRY_SLOTS == 0 => Ok(data),
            Some(_) => Err(malformed("not whole entries")),
            None => Err(malformed("no room for the head")),
        }
    }

    /// The tagged word in a slot.
    pub(crate) fn word(&self, slot: usize) -> Result<u64, Malformed> {
        let cursor = Cursor::new(TABLE, self.elements);
        let at = slot
            .checked_mul(SLOT_BYTES)
            .ok_or_else(|| cursor.malformed("a slot of too high an index"))?;
        cursor.seek(at).little_endian(SLOT_BYTES)
    }

    /// The number in a slot: a Smi, whose value is in the upper half.
    pub(crate) fn smi(&self, slot: usize) -> Result<i32, Malformed> {
        let word = self.word(slot)?;
        if word as u32 != 0 {
            let at = slot.saturating_mul(SLOT_BYTES);
            return Err(Malformed { table: TABLE, at, why: "not a small integer" });
        }
        Ok((word >> 32) as i32)
    }

    /// How many entries there are.
    pub(crate) fn entry_count(&self) -> usize {
        (self.elements.len() / SLOT_BYTES).saturating_sub(self.slots.first_entry) / ENTRY_SLOTS
    }

    /// The entry of this index. An index too high is an error.
    pub(crate) fn entry(&self, index: u32) -> Result<DeoptEntry, Malformed> {
        let malformed = |why| Malformed { table: TABLE, at: self.elements.len(), why };
        if index as usize >= self.entry_count() {
            return Err(malformed("an entry of too high an index"));
        }
        let slot = self.slots.first_entry + index as usize * ENTRY_SLOTS;
        let translation_index = u32::try_from(self.smi(slot + 1)?);
        Ok(DeoptEntry {
            bytecode_offset: self.smi(slot)?,
            translation_index: translation_index
                .map_err(|_| malformed("a negative translation index"))?,
            pc: u32::try_from(self.smi(slot + 2)?).ok(),
        })
    }

    /// The tagged word of the translations' byte array.
    pub(crate) fn translations(&self) -> Result<u64, Malformed> {
        self.word(self.slots.translations)
    }

    /// The tagged word of the literal array, a weak fixed array: functions in it may be weak references.
    pub(crate) fn literals(&self) -> Result<u64, Malformed> {
        self.word(self.slots.literals)
    }

    /// The tagged word of the protected literal array, where there is one.
    pub(crate) fn protected_literals(&self) -> Result<Option<u64>, Malformed> {
        self.slots.protected_literals.map(|slot| self.word(slot)).transpose()
    }

    /// The tagged word of the outermost function's SharedFunctionInfo or its wrapper.
    pub(crate) fn shared_function_info(&self) -> Result<u64, Malformed> {
        self.word(self.slots.shared_function_info)
    }

    /// The tagged word of the inlining positions' byte array.
    pub(crate) fn inlining_positions(&self) -> Result<u64, Malformed> {
        self.word(self.slots.inlining_positions)
    }

    /// How many of the first literals are functions inlined into this code.
    #[cfg_attr(not(test), allow(dead_code, reason = "tests compare it with V8's own word"))]
    pub(crate) fn inlined_function_count(&self) -> Result<u32, Malformed> {
        let slot = self.slots.inlined_function_count;
        let at = slot.saturating_mul(SLOT_BYTES);
        u32::try_from(self.smi(slot)?).map_err(|_| Malformed {
            table: TABLE,
            at,
            why: "a negative count",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::recorded;
    use super::super::variants::variant_of;
    use super::*;

    fn array(words: &[u64]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn the_shape_is_checked() {
        let head = vec![1u64; 11];
        assert!(DeoptData::new(ONE_LITERAL_ARRAY, &array(&head)).is_ok());
        assert!(DeoptData::new(PROTECTED_LITERALS, &array(&head)).is_err());
        assert!(DeoptData::new(ONE_LITERAL_ARRAY, &[]).is_err());
        assert!(DeoptData::new(ONE_LITERAL_ARRAY, &array(&head)[..87]).is_err());
        assert!(DeoptData::new(ONE_LITERAL_ARRAY, &array(&[1; 13])).is_err());
        let bytes = array(&[1; 14]);
        let data = DeoptData::new(ONE_LITERAL_ARRAY, &bytes).unwrap();
        assert_eq!(data.entry_count(), 1);
        assert_eq!(data.entry(0).unwrap_err().why, "not a small integer");
        assert!(data.entry(1).is_err() && data.entry(u32::MAX).is_err());
        assert!(data.word(usize::MAX).is_err());
    }

    #[test]
    fn v8_prints_the_same_entries() {
        let mut arrays = 0;
        for recording in recorded::recordings() {
            for code in &recording.code {
                let slots = variant_of(DEOPT_DATA_SLOTS, recording.version()).unwrap();
                let data = DeoptData::new(slots, &code.deopt_data).unwrap();
                assert_eq!(data.entry_count(), code.entries.len());
                assert_eq!(data.inlined_function_count(), Ok(code.inlined_functions));
                assert_eq!(data.translations(), Ok(recorded::TRANSLATIONS));
                assert_eq!(data.literals(), Ok(recorded::LITERALS));
                assert_eq!(data.inlining_positions(), Ok(recorded::INLINING_POSITIONS));
                for (index, printed) in code.entries.iter().enumerate() {
                    let entry = data.entry(index as u32).unwrap();
                    assert_eq!(
                        (entry.bytecode_offset, entry.pc),
                        (printed.bytecode_offset, printed.pc)
                    );
                }
                arrays += 1;
            }
        }
        assert!(arrays >= 35);
    }
}
