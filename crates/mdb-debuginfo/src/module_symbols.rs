//! The symbol tables of a module: of its file, of its debug file, or out of memory.

use crate::elf_image::{ElfImage, SHF_ALLOC, Section, symbols_of};
use crate::module::Module;
use crate::saved_memory::{saved, saved_static};
use crate::symbol::SymbolOrigin;
use crate::symbol_table::{SymbolTable, Table};
use std::ops::Range;

/// The addresses of the sections by number.
/// Addresses of the sections; empty for those that no process has in memory, such as glibc's
/// `.gnu.warning.gets`, whose symbols have the value 0.
fn ranges(image: &ElfImage) -> Vec<Range<u64>> {
    let loaded = |s: &Section| if s.flags() & SHF_ALLOC == 0 { 0..0 } else { s.range() };
    image.sections.iter().map(loaded).collect()
}

fn table(image: &ElfImage, name: &str, origin: SymbolOrigin) -> Option<Table> {
    let (symbols, strings) = image.symbols(name)?;
    (!symbols.is_empty()).then(|| Table::new(origin, symbols, strings, ranges(image)))
}

/// Finds the tables of a module. The debug file is opened only when the file has no `.symtab`.
pub(crate) fn load(module: &Module) -> SymbolTable {
    let mut tables = Vec::new();
    if let Some(image) = module.image() {
        let own = table(image, ".symtab", SymbolOrigin::Symtab);
        tables.extend(own.or_else(|| table(module.debug_image()?, ".symtab", SymbolOrigin::Debug)));
        tables
            .extend(table(image, ".dynsym", SymbolOrigin::Dynsym).or_else(|| from_memory(module)));
    } else {
        let debug = module.debug_image();
        tables.extend(debug.and_then(|d| table(d, ".symtab", SymbolOrigin::Debug)));
        tables.extend(from_memory(module));
    }
    SymbolTable::new(module.bias(), tables)
}

/// Tags of dynamic entries (gABI, "Dynamic Section"; `DT_GNU_HASH`: `elf.h`).
const DT_HASH: u64 = 4;
const DT_STRTAB: u64 = 5;
const DT_SYMTAB: u64 = 6;
const DT_STRSZ: u64 = 10;
const DT_GNU_HASH: u64 = 0x6fff_fef5;

/// More dynamic symbols than the largest libraries have (LLVM: some 40,000; Node: 75,000).
const MOST_SYMBOLS: u64 = 1 << 20;
const LONGEST_STRINGS: u64 = 1 << 26;

/// `.dynsym` through the dynamic section, both in the target's memory: all that is left without a
/// file. Needs those pages in the core.
fn from_memory(module: &Module) -> Option<Table> {
    let loaded = module.loaded()?;
    let memory = module.target().memory();
    let entries = loaded.dynamic(memory);
    // glibc writes addresses of the target over those of the file, musl and the vDSO do not.
    let entry = |tag: u64| {
        let value = entries.iter().find(|(t, _)| *t == tag)?.1;
        Some(if loaded.range.contains(&value) { value } else { value.wrapping_add(loaded.bias) })
    };
    let (symbols, strings) = (entry(DT_SYMTAB)?, entry(DT_STRTAB)?);
    let word = |address: u64| -> Option<u32> {
        Some(u32::from_le_bytes(saved(memory, address, 4).try_into().ok()?))
    };
    let count = entry(DT_HASH)
        .and_then(|hash| word(hash.wrapping_add(4)).map(u64::from))
        .or_else(|| gnu_hash_count(entry(DT_GNU_HASH)?, word))
        // The strings usually follow the symbols.
        .or_else(|| Some(strings.checked_sub(symbols)? / 24))?
        .min(MOST_SYMBOLS);
    let strings_size = entries.iter().find(|(t, _)| *t == DT_STRSZ)?.1.min(LONGEST_STRINGS);
    let symbols = symbols_of(saved_static(memory, symbols, (count * 24) as usize));
    let strings = saved_static(memory, strings, strings_size as usize);
    // The sections are unknown, so symbols without a size name only their first byte; the first
    // section is "undefined" and never asked for.
    (!symbols.is_empty() && !strings.is_empty())
        .then(|| Table::new(SymbolOrigin::Dynsym, symbols, strings, Vec::new()))
}

/// The number of symbols, from the chains of `DT_GNU_HASH`: header of four words (buckets, first
/// hashed symbol, words of the filter, shift), the filter, the buckets, the chains; the last of
/// each chain has its lowest bit set (glibc `elf/dl-lookup.c`).
fn gnu_hash_count(table: u64, word: impl Fn(u64) -> Option<u32>) -> Option<u64> {
    let header = |n: u64| word(table.wrapping_add(n * 4)).map(u64::from);
    let (buckets, first, filter) = (header(0)?, header(1)?, header(2)?);
    if buckets > MOST_SYMBOLS || filter > MOST_SYMBOLS {
        return None;
    }
    let start = table.wrapping_add(16 + filter * 8);
    let mut last = 0;
    for bucket in 0..buckets {
        last = last.max(u64::from(word(start.wrapping_add(bucket * 4))?));
    }
    if last < first {
        return Some(first);
    }
    let chains = start.wrapping_add(buckets * 4);
    while last - first < MOST_SYMBOLS {
        let link = word(chains.wrapping_add((last - first) * 4))?;
        last += 1;
        if link & 1 != 0 {
            return Some(last);
        }
    }
    None
}
