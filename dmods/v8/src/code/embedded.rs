//! The embedded builtins: which builtin is at an offset of the code blob
//! (`src/snapshot/embedded/embedded-data.h`, `-inl.h`).
//!
//! The *data* blob begins with three hashes, then a description of each builtin in order of its number. From
//! 12.4 on the code lies in another order, and a table sorted by the end of the code follows. How many
//! builtins there are is not stored; it is where the table fits the size of the code.

use super::Malformed;
use super::variants::{Since, v8};
use super::words::Cursor;

const TABLE: &str = "embedded builtins";
/// Three hashes of eight bytes (`LayoutDescriptionTableOffset`).
const DESCRIPTIONS: usize = 24;
/// End offset and number (`BuiltinLookupEntry`).
const LOOKUP_BYTES: usize = 8;
/// More builtins than any version has (2415 in 14.6); bounds the search for their count.
const MAX_BUILTINS: usize = 1 << 13;

/// How the data blob is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlobLayout {
    /// The code is in order of the builtins' numbers; each description has so many bytes.
    InOrder {
        /// The size of a description, which starts with the offset and length of the code.
        description: usize,
    },
    /// The code is in its own order; a lookup table sorted by end offset follows the descriptions.
    Reordered {
        /// The size of a description, which starts with the offset and length of the code.
        description: usize,
    },
}

/// Which version has which layout (without an embedded constant pool, as on x86-64 and arm64).
pub(crate) const BLOB_LAYOUTS: &[Since<BlobLayout>] = &[
    Since {
        from: v8(10, 2),
        variant: BlobLayout::InOrder { description: 28 },
        source: "src/snapshot/embedded/embedded-data.h, LayoutDescription",
    },
    Since {
        from: v8(11, 3),
        variant: BlobLayout::InOrder { description: 32 },
        source: "src/snapshot/embedded/embedded-data.h, LayoutDescription",
    },
    Since {
        from: v8(12, 4),
        variant: BlobLayout::Reordered { description: 12 },
        source: "src/snapshot/embedded/embedded-data.h, LayoutDescription and BuiltinLookupEntry",
    },
];

/// `kCodeAlignment` of x86-64 in all five versions (`src/common/globals.h`).
pub(crate) const CODE_ALIGNMENT_X64: u32 = 64;

/// An embedded builtin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EmbeddedBuiltin {
    /// Its number, `Builtin`.
    pub(crate) id: u32,
    /// Where its code starts in the code blob.
    pub(crate) start: u32,
    /// How long the code is, without padding.
    pub(crate) length: u32,
}

/// The embedded builtins of a blob, by where their code is.
#[derive(Clone, Debug)]
pub(crate) struct EmbeddedBuiltins {
    by_start: Vec<EmbeddedBuiltin>,
    alignment: u32,
}

fn malformed(why: &'static str) -> Malformed {
    Malformed { table: TABLE, at: DESCRIPTIONS, why }
}

impl EmbeddedBuiltins {
    /// The builtins that the data blob's bytes describe. `code_size` is the size of the code blob and
    /// `alignment` that of code on this machine.
    pub(crate) fn new(
        layout: BlobLayout,
        data: &[u8],
        code_size: u32,
        alignment: u32,
    ) -> Result<Self, Malformed> {
        if !alignment.is_power_of_two() {
            return Err(malformed("the code alignment is no power of two"));
        }
        let mut by_start = match layout {
            BlobLayout::InOrder { description } => {
                in_order(data, description, code_size, alignment)?
            }
            BlobLayout::Reordered { description } => {
                reordered(data, description, code_size, alignment)?
            }
        };
        by_start.sort_unstable_by_key(|builtin| builtin.start);
        Ok(Self { by_start, alignment })
    }

    /// How many builtins there are.
    pub(crate) fn len(&self) -> usize {
        self.by_start.len()
    }

    /// The builtins in order of their code.
    #[cfg_attr(not(test), allow(dead_code, reason = "tests compare it with V8's own word"))]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &EmbeddedBuiltin> {
        self.by_start.iter()
    }

    /// The builtin at an offset of the code blob. Padding belongs to the builtin before it: a return
    /// address may be there, behind a call that does not return.
    pub(crate) fn at(&self, code_offset: u32) -> Option<&EmbeddedBuiltin> {
        let behind = self.by_start.partition_point(|builtin| builtin.start <= code_offset);
        let builtin = self.by_start.get(behind.checked_sub(1)?)?;
        (code_offset < padded_end(builtin, self.alignment)?).then_some(builtin)
    }
}

/// Where the padding behind a builtin ends: there is at least one byte of it (`PadAndAlignCode`).
fn padded_end(builtin: &EmbeddedBuiltin, alignment: u32) -> Option<u32> {
    let padded = builtin.length.checked_add(1)?.checked_next_multiple_of(alignment)?;
    builtin.start.checked_add(padded)
}

fn described(data: &[u8], description: usize, id: usize) -> Result<EmbeddedBuiltin, Malformed> {
    let at = id.checked_mul(description).and_then(|at| at.checked_add(DESCRIPTIONS));
    let mut cursor =
        Cursor::new(TABLE, data).seek(at.ok_or_else(|| malformed("too many builtins"))?);
    Ok(EmbeddedBuiltin { id: id as u32, start: cursor.u32()?, length: cursor.u32()? })
}

/// Each builtin begins where the padding of the one before ends; the last padding ends the code.
fn in_order(
    data: &[u8],
    description: usize,
    code_size: u32,
    alignment: u32,
) -> Result<Vec<EmbeddedBuiltin>, Malformed> {
    let mut builtins = Vec::new();
    let mut end = 0;
    while end != code_size {
        if builtins.len() >= MAX_BUILTINS {
            return Err(malformed("too many builtins"));
        }
        let builtin = described(data, description, builtins.len())?;
        if builtin.start != end || end > code_size {
            return Err(malformed("builtins that do not follow each other"));
        }
        end = padded_end(&builtin, alignment)
            .ok_or_else(|| malformed("a builtin of too many bytes"))?;
        builtins.push(builtin);
    }
    Ok(builtins)
}

/// The count is the one with which the last row of the lookup table ends at the end of the code and every
/// row agrees with a description.
fn reordered(
    data: &[u8],
    description: usize,
    code_size: u32,
    alignment: u32,
) -> Result<Vec<EmbeddedBuiltin>, Malformed> {
    let each = description.saturating_add(LOOKUP_BYTES);
    let most = data.len().saturating_sub(DESCRIPTIONS) / each;
    for count in 1..=most.min(MAX_BUILTINS) {
        let lookup = DESCRIPTIONS + count * description;
        let row = |index: usize| -> Result<(u32, u32), Malformed> {
            let mut cursor = Cursor::new(TABLE, data).seek(lookup + index * LOOKUP_BYTES);
            Ok((cursor.u32()?, cursor.u32()?))
        };
        if row(count - 1)?.0 != code_size {
            continue;
        }
        let mut builtins = Vec::new();
        let mut start = 0;
        for index in 0..count {
            let (end, id) = row(index)?;
            if id as usize >= count {
                break;
            }
            let builtin = described(data, description, id as usize)?;
            if builtin.start != start || padded_end(&builtin, alignment) != Some(end) {
                break;
            }
            start = end;
            builtins.push(builtin);
        }
        if builtins.len() == count {
            return Ok(builtins);
        }
    }
    Err(malformed("no count of builtins fits the size of the code"))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use object::{Object, ObjectSection, ObjectSymbol};

    use super::super::recorded;
    use super::super::variants::{V8Version, variant_of};
    use super::*;

    /// Builtins of these (id, length), laid out in this order.
    fn blob(layout: BlobLayout, order: &[(u32, u32)]) -> (Vec<u8>, u32) {
        let (BlobLayout::InOrder { description } | BlobLayout::Reordered { description }) = layout;
        let mut data = vec![0xee; DESCRIPTIONS + order.len() * description];
        let mut lookup = Vec::new();
        let mut start = 0u32;
        for &(id, length) in order {
            let at = DESCRIPTIONS + id as usize * description;
            data[at..at + 4].copy_from_slice(&start.to_le_bytes());
            data[at + 4..at + 8].copy_from_slice(&length.to_le_bytes());
            start += (length / 64 + 1) * 64;
            lookup.extend(start.to_le_bytes());
            lookup.extend(id.to_le_bytes());
        }
        if matches!(layout, BlobLayout::Reordered { .. }) {
            data.extend(lookup);
        }
        data.extend([0xdd; 100]);
        (data, start)
    }

    #[test]
    fn builtins_are_found_by_offset() {
        for row in BLOB_LAYOUTS {
            let order: &[_] = match row.variant {
                BlobLayout::InOrder { .. } => &[(0, 10), (1, 64), (2, 63)],
                BlobLayout::Reordered { .. } => &[(2, 10), (0, 64), (1, 63)],
            };
            let (data, size) = blob(row.variant, order);
            let builtins = EmbeddedBuiltins::new(row.variant, &data, size, 64).unwrap();
            assert_eq!(builtins.len(), 3);
            let id = |offset| builtins.at(offset).map(|builtin| builtin.id);
            let ids: Vec<_> = order.iter().map(|&(id, _)| Some(id)).collect();
            // A builtin of 64 bytes has 64 bytes of padding, one of 63 has one.
            assert_eq!(
                [id(0), id(63), id(64), id(191), id(192), id(255)],
                [ids[0], ids[0], ids[1], ids[1], ids[2], ids[2]]
            );
            assert_eq!(id(256), None);
            assert!(EmbeddedBuiltins::new(row.variant, &data, size + 64, 64).is_err());
            assert!(EmbeddedBuiltins::new(row.variant, &data[..40], size, 64).is_err());
            assert!(EmbeddedBuiltins::new(row.variant, &data, size, 32).is_err());
            assert!(EmbeddedBuiltins::new(row.variant, &data, size, 0).is_err());
        }
    }

    /// The version of V8 in a version of Node, as `process.versions.v8` says.
    fn version_of(node: u32) -> V8Version {
        match node {
            18 => v8(10, 2),
            20 => v8(11, 3),
            22 => v8(12, 4),
            24 => v8(13, 6),
            26 => v8(14, 6),
            _ => panic!("Node {node} is not known"),
        }
    }

    /// Beside the symbols of the program, which has one for each builtin.
    #[test]
    fn builtins_of_the_programs_are_where_their_symbols_are() {
        for version in mdb_fixtures::NODE_VERSIONS {
            let test = format!("builtins_of_the_programs_are_where_their_symbols_are {version}");
            let Some(node) = mdb_fixtures::available(&test, mdb_fixtures::node(version)).unwrap()
            else {
                continue;
            };
            let program = std::fs::read(&node.executable).unwrap();
            let elf = object::File::parse(&*program).unwrap();
            let symbols: HashMap<_, _> =
                elf.symbols().map(|symbol| (symbol.name().unwrap_or_default(), symbol)).collect();
            // Up to 20 the symbol with this name is a pointer, and one behind it the blob itself.
            let blob = |name: &str, inner: &str| {
                symbols.get(inner).or(symbols.get(name)).unwrap().address()
            };
            let code =
                blob("v8_Default_embedded_blob_code_", "v8_Default_embedded_blob_code_data_");
            let data =
                blob("v8_Default_embedded_blob_data_", "v8_Default_embedded_blob_data_data_");
            let bytes = |address: u64, size: u64| {
                elf.sections()
                    .find_map(|section| section.data_range(address, size).unwrap_or(None))
                    .unwrap()
            };
            let size = |name: &str| {
                u32::from_le_bytes(bytes(symbols[name].address(), 4).try_into().unwrap())
            };
            let code_size = size("v8_Default_embedded_blob_code_size_");
            let data = bytes(data, size("v8_Default_embedded_blob_data_size_").into());
            let layout = variant_of(BLOB_LAYOUTS, version_of(node.major)).unwrap();
            let builtins =
                EmbeddedBuiltins::new(layout, data, code_size, CODE_ALIGNMENT_X64).unwrap();
            let mut starts = BTreeMap::new();
            for (name, symbol) in &symbols {
                if name.starts_with("Builtins_") {
                    let offset = u32::try_from(symbol.address() - code).unwrap();
                    starts.insert(offset, (*name, symbol.size()));
                    let found =
                        builtins.at(offset + (symbol.size() as u32).saturating_sub(1)).unwrap();
                    assert_eq!(
                        (found.start, u64::from(found.length)),
                        (offset, symbol.size()),
                        "{name}"
                    );
                }
            }
            assert!(starts.len() > 2000);
            assert_eq!(builtins.len(), starts.len());
            assert!(builtins.iter().map(|builtin| &builtin.start).eq(starts.keys()));
            // The numbers are those of the builtins: continuation frames name the builtin that goes on.
            let by_id: HashMap<_, _> =
                builtins.iter().map(|builtin| (builtin.id, builtin.start)).collect();
            let mut continuations = 0;
            for recording in recorded::recordings() {
                if recording.version() != version_of(node.major) {
                    continue;
                }
                let entries = recording.code.iter().flat_map(|code| &code.entries);
                for printed in entries.flat_map(|entry| entry.translation.split(" | ")) {
                    let words: Vec<_> = printed.split(' ').collect();
                    let expected = match words[..3.min(words.len())] {
                        ["JC", _, "map"] => "Builtins_ArrayMap",
                        ["JCC", _, "Promise"] => "Builtins_PromiseConstructorLazyDeoptContinuation",
                        _ => continue,
                    };
                    let id: u32 = words[1].parse().unwrap();
                    let (name, _) = starts[&by_id[&(id - 1)]];
                    assert!(name.starts_with(expected), "{name}");
                    continuations += 1;
                }
            }
            // 13.6 prints no such translation.
            assert!(continuations > 0 || node.major == 24, "{version}");
        }
    }
}
