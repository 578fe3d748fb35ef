//! Reading a program: symbols, bytes and pointers at addresses, as the loader would see them.

use std::collections::BTreeMap;
use std::ops::Bound;

use memchr::memmem;
use object::elf::{R_AARCH64_ABS64, R_AARCH64_RELATIVE, R_X86_64_64, R_X86_64_RELATIVE};
use object::{
    Architecture, File, Object, ObjectSection, ObjectSegment, ObjectSymbol, ObjectSymbolTable,
    RelocationFlags, RelocationTarget, SymbolIndex,
};

use crate::run::TaskResult;

/// The longest name that we believe in.
const LONGEST_TEXT: usize = 4096;
/// The most bytes that we read at once: far more than there are lengths of bytecodes.
const MOST_BYTES: usize = 1 << 20;

/// Where a symbol stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) address: u64,
    pub(super) size: u64,
}

/// What is loaded at an address: file bytes, then zeros up to the size.
struct Segment<'a> {
    address: u64,
    size: u64,
    bytes: &'a [u8],
}

/// An ELF program or library.
pub(super) struct Program<'a> {
    segments: Vec<Segment<'a>>,
    symbols: BTreeMap<&'a str, Place>,
    /// Pointers that the loader writes.
    relocated: BTreeMap<u64, u64>,
    stripped: bool,
    build_id: Option<String>,
    constants: &'a [u8],
}

impl<'a> Program<'a> {
    /// Reads the headers, all symbols and the pointers that the loader writes.
    pub(super) fn read(data: &'a [u8]) -> TaskResult<Self> {
        let file = File::parse(data)?;
        let mut segments = Vec::new();
        for segment in file.segments() {
            let (address, size) = (segment.address(), segment.size());
            segments.push(Segment { address, size, bytes: segment.data()? });
        }
        let mut symbols = BTreeMap::new();
        // The second table has all of the first, unless the program is stripped.
        for symbol in file.dynamic_symbols().chain(file.symbols()) {
            if symbol.is_undefined() || symbol.section_index().is_none() {
                continue;
            }
            let place = Place { address: symbol.address(), size: symbol.size() };
            if let Ok(name) = symbol.name() {
                symbols.insert(name, place);
            }
        }
        let constants = file.section_by_name(".rodata");
        let constants = constants.and_then(|section| section.data().ok()).unwrap_or_default();
        Ok(Self {
            segments,
            symbols,
            relocated: relocated(&file),
            stripped: file.symbol_table().is_none(),
            build_id: file.build_id()?.map(hexadecimal),
            constants,
        })
    }

    /// Whether it has no `.symtab`.
    pub(super) fn is_stripped(&self) -> bool {
        self.stripped
    }

    /// The GNU build-id in hexadecimal.
    pub(super) fn build_id(&self) -> Option<&str> {
        self.build_id.as_deref()
    }

    /// All symbols that begin so, sorted.
    pub(super) fn symbols_with_prefix<'b>(
        &'b self,
        prefix: &'b str,
    ) -> impl Iterator<Item = (&'a str, Place)> + 'b {
        self.symbols
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .map(|(name, place)| (*name, *place))
            .take_while(move |(name, _)| name.starts_with(prefix))
    }

    /// A symbol's place.
    pub(super) fn symbol(&self, name: &str) -> Option<Place> {
        self.symbols.get(name).copied()
    }

    /// Bytes as they are before the program runs.
    pub(super) fn bytes(&self, address: u64, count: usize) -> TaskResult<Vec<u8>> {
        let absent = || format!("no {count} bytes are loaded at {address:#x}");
        let (segment, offset) = self.segment(address).ok_or_else(absent)?;
        if count > MOST_BYTES || (count as u64) > segment.size - offset {
            return Err(absent().into());
        }
        let in_file = segment.bytes.get(offset as usize..).unwrap_or_default();
        let mut bytes = in_file.get(..count).unwrap_or(in_file).to_vec();
        bytes.resize(count, 0);
        Ok(bytes)
    }

    /// Whether the file has no byte for this address: it is zero before the program runs.
    pub(super) fn is_unwritten(&self, address: u64) -> bool {
        self.segment(address).is_some_and(|(segment, at)| at >= segment.bytes.len() as u64)
    }

    /// A signed number of 4 or 8 bytes.
    pub(super) fn number(&self, place: Place) -> TaskResult<i64> {
        match place.size {
            8 => Ok(i64::from_le_bytes(self.array(place.address)?)),
            // Assembled symbols have no size; those that we read are words.
            4 | 0 => Ok(i32::from_le_bytes(self.array(place.address)?).into()),
            size => Err(format!("a number of {size} bytes at {:#x}", place.address).into()),
        }
    }

    /// A pointer, as the loader leaves it.
    pub(super) fn pointer(&self, address: u64) -> TaskResult<u64> {
        match self.relocated.get(&address) {
            Some(value) => Ok(*value),
            None => Ok(u64::from_le_bytes(self.array(address)?)),
        }
    }

    /// The text up to the zero.
    pub(super) fn text(&self, address: u64) -> TaskResult<&'a str> {
        let unreadable = || format!("no text is at {address:#x}");
        let (segment, offset) = self.segment(address).ok_or_else(unreadable)?;
        let bytes = segment.bytes.get(offset as usize..).unwrap_or_default();
        let bytes = bytes.get(..LONGEST_TEXT).unwrap_or(bytes);
        let end = memchr::memchr(0, bytes).ok_or_else(unreadable)?;
        Ok(str::from_utf8(bytes.get(..end).unwrap_or_default())?)
    }

    /// Finds the rest of the constant text that begins so.
    pub(super) fn constant_after(&self, beginning: &str) -> Option<&'a str> {
        let at = memmem::find(self.constants, beginning.as_bytes())?;
        let rest = self.constants.get(at + beginning.len()..)?;
        let rest = rest.get(..LONGEST_TEXT).unwrap_or(rest);
        str::from_utf8(rest.get(..memchr::memchr(0, rest)?)?).ok()
    }

    fn array<const COUNT: usize>(&self, address: u64) -> TaskResult<[u8; COUNT]> {
        let bytes = self.bytes(address, COUNT)?;
        bytes.try_into().map_err(|_| format!("no {COUNT} bytes at {address:#x}").into())
    }

    /// The segment of an address, and how far inside it is.
    fn segment(&self, address: u64) -> Option<(&Segment<'a>, u64)> {
        self.segments.iter().find_map(|segment| {
            let offset = address.checked_sub(segment.address)?;
            (offset < segment.size).then_some((segment, offset))
        })
    }
}

/// The pointers of a program that may be loaded anywhere: the place and what it is to point to. Those
/// of DT_RELR have their target in the file and need no entry.
fn relocated(file: &File<'_>) -> BTreeMap<u64, u64> {
    let (relative, absolute) = match file.architecture() {
        Architecture::X86_64 => (R_X86_64_RELATIVE, R_X86_64_64),
        Architecture::Aarch64 => (R_AARCH64_RELATIVE, R_AARCH64_ABS64),
        _ => return BTreeMap::new(),
    };
    let symbol = |index: SymbolIndex| {
        let symbol = file.dynamic_symbol_table()?.symbol_by_index(index).ok()?;
        Some(symbol.address())
    };
    file.dynamic_relocations()
        .into_iter()
        .flatten()
        .filter_map(|(address, relocation)| {
            let RelocationFlags::Elf { r_type } = relocation.flags() else { return None };
            let addend = relocation.addend() as u64;
            let base = match relocation.target() {
                RelocationTarget::Symbol(index) if r_type == absolute => symbol(index)?,
                _ if r_type == relative => 0,
                _ => return None,
            };
            Some((address, base.wrapping_add(addend)))
        })
        .collect()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
