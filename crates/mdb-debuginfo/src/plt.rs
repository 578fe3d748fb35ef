//! Names for the entries of the procedure linkage table: `puts@plt`.

use crate::elf_image::ElfImage;
use crate::module::Module;
use crate::symbol::{Symbol, SymbolBinding, SymbolKind, SymbolOrigin};
use crate::{aarch64, x86_64};
use mdb_target::Arch;
use object::elf::Rela64;
use object::endian::LittleEndian as Le;
use rustc_hash::FxHashMap;

/// The entries of one module, by address.
#[derive(Debug, Default)]
pub(crate) struct Plt(Vec<Symbol>);

/// Finds the word through which an entry at an address jumps.
type SlotOf = fn(u64, &[u8]) -> Option<u64>;

/// The sections that hold entries.
const SECTIONS: [&str; 3] = [".plt", ".plt.sec", ".plt.got"];

impl Plt {
    /// Whether an address is in one of the sections: a look at the section headers, before the
    /// relocations are gone through.
    pub(crate) fn covers(module: &Module, address: u64) -> bool {
        let address = address.wrapping_sub(module.bias());
        module.image().is_some_and(|image| {
            SECTIONS
                .iter()
                .filter_map(|name| image.section(name))
                .any(|section| section.range().contains(&address))
        })
    }

    /// Decodes the entries: each jumps through a word that a relocation fills with the address of
    /// a symbol.
    pub(crate) fn new(module: &Module) -> Self {
        let Some(image) = module.image() else { return Self::default() };
        let (size, kinds, slot): (usize, [u32; 2], SlotOf) = match module.target().arch() {
            Arch::X86_64 => (x86_64::plt::ENTRY, x86_64::plt::RELOCATIONS, x86_64::plt::slot),
            Arch::Aarch64 => (aarch64::plt::ENTRY, aarch64::plt::RELOCATIONS, aarch64::plt::slot),
            _ => return Self::default(),
        };
        let slots = relocations(image, kinds);
        let mut entries = Vec::new();
        for (number, section) in (0u16..).zip(&image.sections) {
            if !SECTIONS.iter().any(|s| s.as_bytes() == section.name) {
                continue;
            }
            let (bytes, start) = (image.raw(section).unwrap_or_default(), section.range().start);
            // .plt.got of x86-64 has entries of eight bytes; they begin there, too.
            let step = if section.name == b".plt.got" { 8 } else { size };
            for (i, _) in bytes.chunks(step).enumerate() {
                let address = start.wrapping_add((i * step) as u64);
                let entry = bytes.get(i * step..).unwrap_or_default();
                let entry = entry.get(..size).unwrap_or(entry);
                let Some(name) = slot(address, entry).and_then(|s| slots.get(&s)) else {
                    continue;
                };
                let mut text = crate::symbol::without_version(name).to_vec();
                text.extend_from_slice(b"@plt");
                entries.push(Symbol {
                    // As long as the session, as all names; once for each entry.
                    name: Box::leak(text.into_boxed_slice()),
                    value: address.wrapping_add(module.bias()),
                    size: step as u64,
                    kind: SymbolKind::Function,
                    binding: SymbolBinding::Local,
                    other: 0,
                    section: number,
                    origin: SymbolOrigin::Plt,
                    index: entries.len() as u32,
                });
            }
        }
        entries.sort_by_key(|s: &Symbol| s.value);
        Self(entries)
    }

    pub(crate) fn by_address(&self, address: u64) -> Option<(Symbol, u64)> {
        let after = self.0.partition_point(|s| s.value <= address);
        let symbol = self.0.get(after.checked_sub(1)?)?;
        let offset = address - symbol.value;
        (offset < symbol.size).then_some((*symbol, offset))
    }

    pub(crate) fn by_name(&self, name: &[u8]) -> Option<Symbol> {
        self.0.iter().find(|s| s.name == name).copied()
    }
}

/// The names of the symbols by the word that the dynamic linker fills with their address.
fn relocations(image: &ElfImage, kinds: [u32; 2]) -> FxHashMap<u64, &'static [u8]> {
    let mut slots = FxHashMap::default();
    let Some((symbols, strings)) = image.symbols(".dynsym") else { return slots };
    for section in [".rela.plt", ".rela.dyn"] {
        let bytes = image.section(section).and_then(|s| image.raw(s)).unwrap_or_default();
        let count = bytes.len() / size_of::<Rela64<Le>>();
        let list = object::pod::slice_from_bytes::<Rela64<Le>>(bytes, count);
        for relocation in list.map_or(&[][..], |(list, _)| list) {
            let info = relocation.r_info.get(Le);
            if !kinds.contains(&(info as u32)) {
                continue;
            }
            let name = symbols.get((info >> 32) as usize).and_then(|s| {
                let rest = strings.get(s.st_name.get(Le) as usize..)?;
                rest.split(|b| *b == 0).next().filter(|name| !name.is_empty())
            });
            if let Some(name) = name {
                slots.insert(relocation.r_offset.get(Le), name);
            }
        }
    }
    slots
}
