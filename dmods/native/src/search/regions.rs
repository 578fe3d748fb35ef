//! Which parts of memory are searched.

use mdb_dmod::prelude::*;
use mdb_dmod::{Mapping, MappingKind, Module};
use std::ops::Range;

/// What a mapping is, in the words of `-R`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Region {
    /// A thread's stack.
    Stack,
    /// What `brk` grew.
    Heap,
    /// Other memory without a file.
    Anonymous,
    /// Writable data of a module, `.bss` included, and other writable file mappings.
    Data,
    /// What can be executed.
    Code,
    /// File mappings that are neither.
    File,
    /// The vDSO.
    Vdso,
}

/// The words of `-R`.
const WORDS: [(&str, Region); 7] = [
    ("stack", Region::Stack),
    ("heap", Region::Heap),
    ("anon", Region::Anonymous),
    ("data", Region::Data),
    ("code", Region::Code),
    ("file", Region::File),
    ("vdso", Region::Vdso),
];

impl Region {
    /// What a mapping is. An anonymous mapping inside of a module is its `.bss`.
    pub(crate) fn of(mapping: &Mapping, modules: &[Module]) -> Self {
        let [_, write, execute] = mapping.permissions.unwrap_or_default();
        match mapping.kind {
            MappingKind::Stack(_) => Self::Stack,
            MappingKind::Heap => Self::Heap,
            MappingKind::Vdso => Self::Vdso,
            _ if execute => Self::Code,
            MappingKind::File if write => Self::Data,
            MappingKind::File => Self::File,
            _ if modules.iter().any(|m| m.start < mapping.start && mapping.start < m.end) => {
                Self::Data
            }
            _ => Self::Anonymous,
        }
    }
}

/// The options that choose.
pub(crate) const REGIONS: Opt = Opt::new(
    'R',
    value_kind::TEXT,
    "REGIONS",
    "only these: stack, heap, anon, data, code, file, vdso, with commas between",
)
.repeatable();
pub(crate) const OBJECT: Opt =
    Opt::new('o', value_kind::TEXT, "OBJECT", "only the mappings of this load object");
pub(crate) const FROM: Opt = Opt::new('a', value_kind::ADDRESS, "MIN", "only from this address on");
pub(crate) const UNTIL: Opt = Opt::new('A', value_kind::ADDRESS, "MAX", "only below this address");

/// The ranges that the options of a call choose, by address.
pub(crate) fn chosen(s: &Session<'_>) -> Result<Vec<Range<u64>>> {
    let regions = wanted(&s.texts('R'))?;
    // A host without modules (a fake one) can still be searched.
    let modules = s.modules().unwrap_or_default();
    let object = match s.text('o') {
        None => None,
        Some(name) => {
            Some(modules.iter().find(|m| m.name == name || m.path == name).ok_or_else(|| {
                Error::NotFound(format!("there is no load object '{name}': see ::objects"))
            })?)
        }
    };
    let from = s.number('a').unwrap_or(0);
    let until = s.number('A').unwrap_or(u64::MAX);
    if from >= until {
        return Err(Error::Usage(format!("nothing is from 0x{from:x} to 0x{until:x}")));
    }
    let mut ranges: Vec<Range<u64>> = Vec::new();
    for mapping in s.mappings()? {
        let inside = |m: &Module| m.start <= mapping.start && mapping.start < m.end;
        if object.is_some_and(|m| !inside(m))
            || regions.as_ref().is_some_and(|r| !r.contains(&Region::of(&mapping, &modules)))
        {
            continue;
        }
        let range = mapping.start.max(from)..mapping.end.min(until);
        match ranges.last_mut() {
            _ if range.start >= range.end => {}
            // What adjoins is searched in one go: a match may reach over the border.
            Some(last) if last.end == range.start => last.end = range.end,
            _ => ranges.push(range),
        }
    }
    Ok(ranges)
}

/// `None`: all.
fn wanted(texts: &[&str]) -> Result<Option<Vec<Region>>> {
    let mut wanted = Vec::new();
    for word in texts.iter().flat_map(|text| text.split(',')).filter(|word| !word.is_empty()) {
        let found = WORDS.iter().find(|(name, _)| *name == word);
        let Some((_, region)) = found else {
            let names: Vec<&str> = WORDS.iter().map(|(name, _)| *name).collect();
            return Err(Error::Usage(format!(
                "'{word}' is no region: there are {}",
                names.join(", ")
            )));
        };
        wanted.push(*region);
    }
    Ok((!texts.is_empty()).then_some(wanted))
}
