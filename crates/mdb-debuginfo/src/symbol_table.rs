//! The symbols of one module.
//!
//! Nothing is built before it is asked for. The first few questions are answered by going over
//! the table, which costs less than an index; then an index by address is one number of eight
//! bytes for each symbol (offset and number of the symbol, packed), and one by name is four.

use crate::radix_sort::sort_above;
use crate::symbol::{
    Distance, SHN_ABS, SHN_COMMON, SHN_UNDEF, Symbol, SymbolBinding, SymbolKind, SymbolOrigin,
    without_version,
};
use object::elf::Sym64;
use object::endian::LittleEndian as Le;
use std::cmp::Ordering as Cmp;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

/// So many questions are answered by going over the whole table before an index is built.
const SCANS_BEFORE_INDEX: u32 = 4;
/// Entries of the address index that share one entry of the list of ends.
const BLOCK: usize = 64;

/// The symbols of one table: `.symtab` or `.dynsym`.
#[derive(Debug)]
pub(crate) struct Table {
    origin: SymbolOrigin,
    symbols: &'static [Sym64<Le>],
    strings: &'static [u8],
    /// The addresses of the sections by number, for symbols without a size.
    sections: Vec<Range<u64>>,
    by_address: OnceLock<Option<AddressIndex>>,
    by_name: OnceLock<NameIndex>,
    address_scans: AtomicU32,
    name_scans: AtomicU32,
}

/// Symbols by address.
#[derive(Debug)]
struct AddressIndex {
    base: u64,
    shift: u32,
    /// `(value - base) << shift | number`, sorted.
    entries: Vec<u64>,
    /// See [`Table::ends`].
    ends: OnceLock<Vec<u64>>,
}

/// Symbols by the hash of their name without version: the numbers of bucket `b` are
/// `symbols[starts[b]..starts[b + 1]]`.
#[derive(Debug)]
struct NameIndex {
    starts: Vec<u32>,
    symbols: Vec<u32>,
}

/// What a lookup by address found in one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hit {
    value: u64,
    number: u32,
    /// The address is inside the symbol's size.
    inside: bool,
}

/// Comparable from bad to good.
type Rank = (u8, bool, bool, u8, std::cmp::Reverse<u32>);

fn hash(name: &[u8]) -> u32 {
    use std::hash::Hasher as _;
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(name);
    let hash = hasher.finish();
    (hash >> 32) as u32 ^ hash as u32
}

/// Whether addresses may be named after a symbol of this kind.
fn names_addresses(symbol: &Sym64<Le>) -> bool {
    let section = symbol.st_shndx.get(Le).0;
    let kind = symbol.st_info.0 & 0xf;
    !matches!(section, SHN_UNDEF | SHN_ABS | SHN_COMMON)
        && matches!(kind, 0 | 1 | 2 | 10)
        && symbol.st_name.get(Le) != 0
}

impl Table {
    pub(crate) fn new(
        origin: SymbolOrigin,
        symbols: &'static [Sym64<Le>],
        strings: &'static [u8],
        sections: Vec<Range<u64>>,
    ) -> Self {
        // Numbers are kept in 32 bits.
        let symbols = symbols.get(..u32::MAX as usize).unwrap_or(symbols);
        Self {
            origin,
            symbols,
            strings,
            sections,
            by_address: OnceLock::new(),
            by_name: OnceLock::new(),
            address_scans: AtomicU32::new(0),
            name_scans: AtomicU32::new(0),
        }
    }

    pub(crate) fn origin(&self) -> SymbolOrigin {
        self.origin
    }

    pub(crate) fn len(&self) -> usize {
        self.symbols.len()
    }

    /// The name at an offset in the strings; empty when there is none.
    fn string(&self, offset: u32) -> &'static [u8] {
        let rest = self.strings.get(offset as usize..).unwrap_or_default();
        // `position` on a slice of unknown length goes byte by byte; names are short.
        let end = rest.iter().position(|b| *b == 0);
        end.and_then(|end| rest.get(..end)).unwrap_or_default()
    }

    fn raw(&self, number: u32) -> Option<&'static Sym64<Le>> {
        self.symbols.get(number as usize)
    }

    /// The symbol with this number.
    pub(crate) fn symbol(&self, number: u32, bias: u64) -> Option<Symbol> {
        let raw = self.raw(number)?;
        let mut symbol = Symbol {
            name: self.string(raw.st_name.get(Le)),
            value: raw.st_value.get(Le),
            size: raw.st_size.get(Le),
            kind: SymbolKind::from_elf(raw.st_info.0 & 0xf),
            binding: SymbolBinding::from_elf(raw.st_info.0 >> 4),
            other: raw.st_other.0,
            section: raw.st_shndx.get(Le).0,
            origin: self.origin,
            index: number,
        };
        if symbol.has_address() {
            symbol.value = symbol.value.wrapping_add(bias);
        }
        Some(symbol)
    }

    /// Which of several symbols for the same thing is shown: global before weak before local,
    /// code and data before labels, sized before unsized, few leading underscores before many,
    /// the first of the table.
    fn rank(&self, number: u32) -> Rank {
        let Some(raw) = self.raw(number) else {
            return (0, false, false, 0, std::cmp::Reverse(number));
        };
        let binding = match raw.st_info.0 >> 4 {
            1 | 10 => 2,
            2 => 1,
            _ => 0,
        };
        let name = self.string(raw.st_name.get(Le));
        // `__GI_read` is what glibc calls `read` inside of itself (`include/libc-symbols.h`).
        let internal = if name.starts_with(b"__GI_") { 50 } else { 0 };
        let underscores =
            name.iter().take(200).take_while(|b| **b == b'_').count() as u8 + internal;
        (
            binding,
            raw.st_info.0 & 0xf != 0,
            raw.st_size.get(Le) != 0,
            u8::MAX - underscores,
            std::cmp::Reverse(number),
        )
    }

    /// Whether addresses may be named after a symbol: one of the right kind in a section that the
    /// process has in memory.
    fn names_addresses(&self, raw: &Sym64<Le>) -> bool {
        let section = usize::from(raw.st_shndx.get(Le).0);
        names_addresses(raw) && self.sections.get(section).is_none_or(|s| !s.is_empty())
    }

    /// Marks between code and data of Arm (`$x`, `$d`, `$x.12`) say nothing to a reader (ELF for
    /// the Arm 64-bit Architecture, "Mapping symbols").
    fn is_mapping_symbol(&self, raw: &Sym64<Le>) -> bool {
        raw.st_info.0 == 0
            && raw.st_size.get(Le) == 0
            && matches!(
                self.string(raw.st_name.get(Le)),
                [b'$', b'a' | b'd' | b't' | b'x'] | [b'$', b'a' | b'd' | b't' | b'x', b'.', ..]
            )
    }

    /// The better of two hits.
    fn better(&self, a: Option<Hit>, b: Hit) -> Hit {
        let Some(a) = a else { return b };
        let size = |h: Hit| self.raw(h.number).map_or(0, |r| r.st_size.get(Le));
        let order = a.inside.cmp(&b.inside).then(a.value.cmp(&b.value));
        let order = if a.inside && b.inside {
            // Of two that begin at one place, the inner one.
            order.then_with(|| size(b).cmp(&size(a)))
        } else {
            order
        };
        match order.then_with(|| self.rank(a.number).cmp(&self.rank(b.number))) {
            Cmp::Less => b,
            _ => a,
        }
    }

    /// Takes `hit` only if it may be called by the symbol under the rules of `distance`.
    fn accept(&self, hit: Option<Hit>, address: u64, distance: Distance) -> Option<Hit> {
        let hit = hit?;
        let allowed = match distance {
            Distance::Within(limit) => address - hit.value <= limit,
            Distance::Smart if hit.inside => true,
            Distance::Smart => {
                let raw = self.raw(hit.number)?;
                let section = self.sections.get(usize::from(raw.st_shndx.get(Le).0));
                raw.st_size.get(Le) == 0 && section.is_some_and(|s| s.contains(&address))
            }
        };
        allowed.then_some(hit)
    }

    /// One symbol as a candidate for `address`, which is at or after its value.
    fn hit(number: u32, raw: &Sym64<Le>, address: u64, distance: Distance) -> Hit {
        let value = raw.st_value.get(Le);
        let inside = distance == Distance::Smart && address - value < raw.st_size.get(Le);
        Hit { value, number, inside }
    }

    /// Goes over all symbols.
    fn scan_address(&self, address: u64, distance: Distance) -> Option<Hit> {
        let mut best: Option<Hit> = None;
        for (number, raw) in (0u32..).zip(self.symbols) {
            let value = raw.st_value.get(Le);
            if value > address || !self.names_addresses(raw) {
                continue;
            }
            let hit = Self::hit(number, raw, address, distance);
            // Most are told apart by this alone.
            let order = best.map_or(Cmp::Less, |b| (b.inside, b.value).cmp(&(hit.inside, value)));
            if order == Cmp::Greater || self.is_mapping_symbol(raw) {
                continue;
            }
            let other = best.filter(|_| order == Cmp::Equal);
            best = Some(self.better_unsized(other, hit));
        }
        self.accept(best, address, distance)
    }

    /// As [`Table::better`], but of symbols at one value that do not hold the address one with a
    /// size wins: its size says that the address is beyond it.
    fn better_unsized(&self, a: Option<Hit>, b: Hit) -> Hit {
        if let Some(a) = a
            && !a.inside
            && !b.inside
            && a.value == b.value
        {
            let sized = |h: Hit| self.raw(h.number).is_some_and(|r| r.st_size.get(Le) != 0);
            match (sized(a), sized(b)) {
                (true, false) => return a,
                (false, true) => return b,
                _ => {}
            }
        }
        self.better(a, b)
    }

    fn address_index(&self) -> Option<&AddressIndex> {
        self.by_address.get_or_init(|| self.build_address_index()).as_ref()
    }

    fn build_address_index(&self) -> Option<AddressIndex> {
        // Addresses of a file are mostly small enough as they are. If not, what counts is how far
        // they lie apart; where that is too far no compiler made this, and scans will do.
        self.address_index_from(0).or_else(|| {
            let base = self.symbols.iter().filter(|s| self.names_addresses(s)).map(value).min()?;
            self.address_index_from(base)
        })
    }

    /// `None`: an address is too far from `base`, or there are no symbols.
    fn address_index_from(&self, base: u64) -> Option<AddressIndex> {
        let shift = u32::BITS - (self.symbols.len() as u32).leading_zeros();
        let limit = u64::MAX >> shift;
        let mut entries = Vec::with_capacity(self.symbols.len());
        for (number, raw) in (0u64..).zip(self.symbols) {
            if self.names_addresses(raw) && !self.is_mapping_symbol(raw) {
                let offset = value(raw).checked_sub(base).filter(|offset| *offset <= limit)?;
                entries.push(offset << shift | number);
            }
        }
        if entries.is_empty() {
            return None;
        }
        let mut entries = sort_above(entries, shift);
        entries.shrink_to_fit();
        Some(AddressIndex { base, shift, entries, ends: OnceLock::new() })
    }

    /// For each block of entries the highest end of a symbol in it.
    fn ends<'a>(&self, index: &'a AddressIndex) -> &'a [u64] {
        index.ends.get_or_init(|| {
            let end = |e: &u64| {
                let raw = self.raw(index.number(*e))?;
                Some(value(raw).saturating_add(raw.st_size.get(Le)))
            };
            let blocks = index.entries.chunks(BLOCK);
            blocks.map(|block| block.iter().filter_map(end).max().unwrap_or(0)).collect()
        })
    }

    /// Uses the index by address.
    fn search_address(
        &self,
        index: &AddressIndex,
        address: u64,
        distance: Distance,
    ) -> Option<Hit> {
        let offset = address.checked_sub(index.base)?;
        let after = match offset.checked_shl(index.shift) {
            Some(key) if key >> index.shift == offset => {
                let last = key | ((1 << index.shift) - 1);
                index.entries.partition_point(|e| *e <= last)
            }
            _ => index.entries.len(),
        };
        let before = index.entries.get(..after)?;
        // The nearest ones: all that share the highest value.
        let top = index.value(*before.last()?);
        let mut best: Option<Hit> = None;
        for entry in before.iter().rev().take_while(|e| index.value(**e) == top) {
            let number = index.number(*entry);
            let hit = Self::hit(number, self.raw(number)?, address, distance);
            best = Some(self.better_unsized(best, hit));
        }
        if distance == Distance::Smart && !best.is_some_and(|b| b.inside) {
            // One that began earlier may still hold the address.
            if let Some(outer) = self.search_outer(index, before, address) {
                best = Some(outer);
            }
        }
        self.accept(best, address, distance)
    }

    fn search_outer(&self, index: &AddressIndex, before: &[u64], address: u64) -> Option<Hit> {
        let mut best: Option<Hit> = None;
        for (block, end) in before.chunks(BLOCK).zip(self.ends(index)).rev() {
            if *end <= address {
                continue;
            }
            for entry in block.iter().rev() {
                let number = index.number(*entry);
                let hit = Self::hit(number, self.raw(number)?, address, Distance::Smart);
                if best.is_some_and(|b| b.value > hit.value) {
                    return best;
                }
                if hit.inside {
                    best = Some(self.better(best, hit));
                }
            }
            if best.is_some_and(|b| block.first().is_some_and(|e| index.value(*e) < b.value)) {
                return best;
            }
        }
        best
    }

    /// The symbol after which `address` (of the file) is called, and whether it is inside of it.
    fn by_address(&self, address: u64, distance: Distance) -> Option<Hit> {
        if self.by_address.get().is_none()
            && self.address_scans.fetch_add(1, Ordering::Relaxed) < SCANS_BEFORE_INDEX
        {
            return self.scan_address(address, distance);
        }
        match self.address_index() {
            Some(index) => self.search_address(index, address, distance),
            None => self.scan_address(address, distance),
        }
    }

    /// Whether a symbol can be found by its name.
    fn is_named(raw: &Sym64<Le>) -> bool {
        raw.st_shndx.get(Le).0 != SHN_UNDEF
            && !matches!(raw.st_info.0 & 0xf, 3 | 4)
            && raw.st_name.get(Le) != 0
    }

    /// How well a symbol's name fits: with exactly this text, the default version, an old one.
    fn fit(&self, raw: &Sym64<Le>, wanted: &[u8]) -> Option<u8> {
        let rest = self.strings.get(raw.st_name.get(Le) as usize..)?;
        if !rest.starts_with(wanted) {
            return None;
        }
        match rest.get(wanted.len()..)? {
            [0, ..] => Some(2),
            [b'@', b'@', ..] => Some(1),
            [b'@', ..] => Some(0),
            _ => None,
        }
    }

    fn name_index(&self) -> &NameIndex {
        self.by_name.get_or_init(|| {
            let bits = (self.symbols.len().max(1) as u32).ilog2().max(4);
            let bucket = |h: u32| (h >> (u32::BITS - bits)) as usize;
            let mut starts = vec![0u32; (1 << bits) + 1];
            let hashes: Vec<Option<u32>> = self
                .symbols
                .iter()
                .map(|raw| {
                    let named = Self::is_named(raw);
                    named.then(|| hash(without_version(self.string(raw.st_name.get(Le)))))
                })
                .collect();
            for h in hashes.iter().flatten() {
                if let Some(count) = starts.get_mut(bucket(*h) + 1) {
                    *count += 1;
                }
            }
            let mut total = 0;
            for start in &mut starts {
                total += *start;
                *start = total;
            }
            let mut next = starts.clone();
            let mut symbols = vec![0u32; total as usize];
            for (number, h) in (0u32..).zip(&hashes) {
                if let Some(h) = h
                    && let Some(at) = next.get_mut(bucket(*h))
                    && let Some(place) = symbols.get_mut(*at as usize)
                {
                    *place = number;
                    *at += 1;
                }
            }
            NameIndex { starts, symbols }
        })
    }

    fn by_name(&self, name: &[u8]) -> Option<u32> {
        if name.is_empty() || name.contains(&0) {
            return None;
        }
        let candidate = |number: u32| {
            let raw = self.raw(number)?;
            if !Self::is_named(raw) {
                return None;
            }
            let fit = self.fit(raw, name)?;
            Some((fit, self.rank(number), number))
        };
        let found = if self.by_name.get().is_none()
            && self.name_scans.fetch_add(1, Ordering::Relaxed) < SCANS_BEFORE_INDEX
        {
            (0..self.symbols.len() as u32).filter_map(candidate).max()
        } else {
            let index = self.name_index();
            let bits = (index.starts.len() - 1).ilog2();
            let bucket = (hash(without_version(name)) >> (u32::BITS - bits)) as usize;
            let start = *index.starts.get(bucket)? as usize;
            let end = *index.starts.get(bucket + 1)? as usize;
            index.symbols.get(start..end)?.iter().filter_map(|n| candidate(*n)).max()
        };
        found.map(|(_, _, number)| number)
    }
}

fn value(raw: &Sym64<Le>) -> u64 {
    raw.st_value.get(Le)
}

impl AddressIndex {
    fn value(&self, entry: u64) -> u64 {
        self.base + (entry >> self.shift)
    }
    fn number(&self, entry: u64) -> u32 {
        (entry & ((1 << self.shift) - 1)) as u32
    }
}

/// All symbols of a module.
#[derive(Debug)]
pub struct SymbolTable {
    bias: u64,
    tables: Arc<[Table]>,
}

impl SymbolTable {
    pub(crate) fn new(bias: u64, tables: Vec<Table>) -> Self {
        Self { bias, tables: tables.into() }
    }

    /// The same symbols for another place in memory.
    pub(crate) fn at_bias(&self, bias: u64) -> Self {
        Self { bias, tables: Arc::clone(&self.tables) }
    }

    /// Whether there is no symbol at all.
    pub fn is_empty(&self) -> bool {
        self.tables.iter().all(|t| t.len() == 0)
    }

    /// How many symbols all tables have together.
    pub fn len(&self) -> usize {
        self.tables.iter().map(Table::len).sum()
    }

    /// Whether only the names for dynamic linking are there: the file is stripped.
    pub fn is_stripped(&self) -> bool {
        self.tables.iter().all(|t| t.origin() == SymbolOrigin::Dynsym)
    }

    /// The symbol after which an address of the target is called, and how far into it the
    /// address is.
    pub fn by_address(&self, address: u64, distance: Distance) -> Option<(Symbol, u64)> {
        let file_address = address.wrapping_sub(self.bias);
        let mut best: Option<(Hit, &Table)> = None;
        for table in &*self.tables {
            let Some(hit) = table.by_address(file_address, distance) else { continue };
            if best.is_none_or(|(b, _)| (hit.inside, hit.value) > (b.inside, b.value)) {
                best = Some((hit, table));
            }
            if hit.inside {
                break;
            }
        }
        let (hit, table) = best?;
        Some((table.symbol(hit.number, self.bias)?, file_address - hit.value))
    }

    /// The symbol with a name, with or without a version. Symbols that another module defines
    /// are not found.
    pub fn by_name(&self, name: &[u8]) -> Option<Symbol> {
        self.tables.iter().find_map(|t| t.symbol(t.by_name(name)?, self.bias))
    }

    /// Whether a name of a defined symbol begins so. For triggers like `v8dbg_*`.
    pub fn has_prefix(&self, prefix: &[u8]) -> bool {
        self.tables.iter().any(|t| {
            t.symbols.iter().any(|raw| {
                Table::is_named(raw)
                    && t.strings
                        .get(raw.st_name.get(Le) as usize..)
                        .is_some_and(|name| name.starts_with(prefix))
            })
        })
    }

    /// The tables that there are, in the order in which they are asked.
    pub fn origins(&self) -> impl Iterator<Item = SymbolOrigin> + '_ {
        self.tables.iter().map(Table::origin)
    }

    /// All symbols of one table in its order, also the undefined ones, sections and files; of all
    /// tables with `None`.
    pub fn iter(&self, origin: Option<SymbolOrigin>) -> impl Iterator<Item = Symbol> + '_ {
        self.tables.iter().filter(move |t| origin.is_none_or(|o| o == t.origin)).flat_map(
            move |t| {
                (0..t.symbols.len() as u32).filter_map(move |number| t.symbol(number, self.bias))
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    struct Plain {
        name: usize,
        kind: u8,
        binding: u8,
        section: u16,
        value: u64,
        size: u64,
    }

    const NAMES: [&str; 8] = ["", "f", "__f", "g@@V2", "g@V1", "$x", "$x.1", "h"];

    fn table(list: &[Plain]) -> Table {
        let mut strings = Vec::new();
        let offsets: Vec<u32> = NAMES
            .iter()
            .map(|name| {
                let at = strings.len() as u32;
                strings.extend_from_slice(name.as_bytes());
                strings.push(0);
                at
            })
            .collect();
        let mut bytes = Vec::new();
        for s in list {
            bytes.extend_from_slice(&offsets[s.name].to_le_bytes());
            bytes.extend_from_slice(&[s.binding << 4 | s.kind, 0]);
            bytes.extend_from_slice(&s.section.to_le_bytes());
            bytes.extend_from_slice(&s.value.to_le_bytes());
            bytes.extend_from_slice(&s.size.to_le_bytes());
        }
        let sections = vec![0..0, 0x1000..0x1040, 0x1040..0x1100];
        Table::new(
            SymbolOrigin::Symtab,
            crate::elf_image::symbols_of(Box::leak(bytes.into_boxed_slice())),
            Box::leak(strings.into_boxed_slice()),
            sections,
        )
    }

    fn symbols() -> impl Strategy<Value = Vec<Plain>> {
        let symbol = (0..NAMES.len(), 0u8..12, 0u8..3, 0u16..3, 0x1000u64..0x1100, 0u64..0x60);
        let one = symbol.prop_map(|(name, kind, binding, section, value, size)| Plain {
            name,
            // Mostly kinds that count.
            kind: [0, 1, 2, 2, 2, 2, 0, 3, 4, 6, 10, 2][usize::from(kind)],
            binding,
            section: [1, 1, 2][usize::from(section)],
            value,
            size: size.saturating_sub(0x20),
        });
        prop::collection::vec(one, 0..200)
    }

    /// The rules in words, without regard to time: what a reader would do with a sheet of paper.
    fn on_paper(list: &[Plain], address: u64) -> Option<(u64, u64)> {
        let counts = |s: &&Plain| {
            matches!(s.kind, 0 | 1 | 2 | 10)
                && s.name != 0
                && !(matches!(s.name, 5 | 6) && s.kind == 0 && s.binding == 0 && s.size == 0)
        };
        let eligible = || list.iter().filter(counts);
        let inner = eligible()
            .filter(|s| s.value <= address && address < s.value + s.size)
            .map(|s| (s.value, u64::MAX - s.size))
            .max();
        if let Some((value, size)) = inner {
            return Some((value, u64::MAX - size));
        }
        let top = eligible().filter(|s| s.value <= address).map(|s| s.value).max()?;
        let at_top = || eligible().filter(|s| s.value == top);
        let sections = [0..0, 0x1000..0x1040, 0x1040..0x1100u64];
        let all_unsized = at_top().all(|s| s.size == 0);
        let reaches = at_top().any(|s| sections[usize::from(s.section)].contains(&address));
        // Of several the ranking chooses one, whose section then decides.
        (all_unsized && reaches).then_some((top, 0))
    }

    proptest! {
        #[test]
        fn index_and_scan_agree(list in symbols(), probes in prop::collection::vec(0xff0u64..0x1180, 20)) {
            let table = table(&list);
            for address in probes {
                for distance in [Distance::Smart, Distance::Within(0), Distance::Within(8)] {
                    let scanned = table.scan_address(address, distance);
                    let index = table.address_index();
                    let searched = index.and_then(|i| table.search_address(i, address, distance));
                    prop_assert_eq!(scanned, searched, "{:#x} {:?}", address, distance);
                }
                let found = table.scan_address(address, Distance::Smart).map(|h| {
                    (h.value, table.raw(h.number).unwrap().st_size.get(Le))
                });
                let paper = on_paper(&list, address);
                // Two unsized ones of different sections at one place: only one can be right.
                if found.is_some() || paper.is_some_and(|p| p.1 != 0) {
                    prop_assert_eq!(found, paper, "{:#x}", address);
                }
            }
        }

        #[test]
        fn names(list in symbols()) {
            let table = table(&list);
            for name in ["f", "__f", "g", "g@V1", "g@@V2", "h", "nothing", ""] {
                let first = table.by_name(name.as_bytes());
                let expected = list.iter().any(|s| {
                    let text = NAMES[s.name];
                    let plain = text.split('@').next().unwrap();
                    !matches!(s.kind, 3 | 4) && !text.is_empty() && (text == name || plain == name)
                });
                prop_assert_eq!(first.is_some(), expected && !name.is_empty(), "{}", name);
                // Until the index is there and after it.
                for _ in 0..3 {
                    prop_assert_eq!(table.by_name(name.as_bytes()), first);
                }
            }
        }
    }

    fn symbol(name: usize, kind: u8, binding: u8, value: u64, size: u64) -> Plain {
        Plain { name, kind, binding, section: 1, value, size }
    }

    #[test]
    fn the_better_of_aliases() {
        // Local, weak, global with underscores, global; all for the same function.
        let list = [
            symbol(7, 2, 0, 0x1000, 8),
            symbol(7, 2, 2, 0x1000, 8),
            symbol(2, 2, 1, 0x1000, 8),
            symbol(1, 2, 1, 0x1000, 8),
            symbol(7, 0, 1, 0x1000, 8),
        ];
        let hit = table(&list).scan_address(0x1004, Distance::Smart).unwrap();
        assert_eq!(hit.number, 3);
        let version = table(&[symbol(4, 2, 1, 0x1000, 8), symbol(3, 2, 1, 0x1010, 8)]);
        assert_eq!(version.by_name(b"g"), Some(1), "the default version");
    }

    #[test]
    fn inner_before_outer_and_gaps() {
        let list = [
            symbol(1, 1, 1, 0x1000, 0x30),
            symbol(7, 2, 1, 0x1000, 8),
            symbol(7, 2, 1, 0x1010, 8),
            symbol(2, 0, 0, 0x1038, 0),
        ];
        let table = table(&list);
        let at = |a| table.scan_address(a, Distance::Smart).map(|h| h.number);
        assert_eq!(at(0x1004), Some(1));
        assert_eq!(at(0x100c), Some(0));
        assert_eq!(at(0x1014), Some(2));
        assert_eq!(at(0x1034), None);
        assert_eq!(at(0x103f), Some(3), "a label reaches to the end of its section");
        assert_eq!(at(0x1040), None);
        assert_eq!(table.scan_address(0x1034, Distance::Within(0x24)).map(|h| h.number), Some(2));
        assert_eq!(table.scan_address(0x1034, Distance::Within(0x23)), None);
    }

    #[test]
    fn high_addresses_that_lie_near_each_other() {
        let base = 0xffff_ffff_8000_0000;
        let list: Vec<Plain> =
            (0..100).map(|n| symbol(1, 2, 1, base + n % 10 * 0x100 + n / 10 * 8, 8)).collect();
        let table = table(&list);
        let index = table.address_index().unwrap();
        assert_eq!(index.base, base);
        for address in (base - 16..base + 0xa00).step_by(4) {
            for distance in [Distance::Smart, Distance::Within(64)] {
                let found = table.search_address(index, address, distance);
                assert_eq!(found, table.scan_address(address, distance), "{address:#x}");
            }
        }
    }

    #[test]
    fn wild_addresses_need_no_index() {
        let list = [symbol(1, 2, 1, 8, 8), symbol(7, 2, 1, u64::MAX - 8, 100)];
        let table = table(&list);
        assert!(table.address_index().is_none());
        for _ in 0..5 {
            assert_eq!(table.by_address(u64::MAX - 1, Distance::Smart).unwrap().number, 1);
            assert_eq!(table.by_address(9, Distance::Smart).unwrap().number, 0);
        }
    }
}
