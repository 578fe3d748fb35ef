//! The ELF headers of a module as the process had them in memory.

use crate::elf_image::{
    PT_DYNAMIC, PT_NOTE, PT_PHDR, ProgramHeader, address_of_offset, build_id_of_notes, check_ident,
    load_range,
};
use crate::saved_memory::{saved, saved_u64};
use mdb_target::AddressSpace;
use object::elf::{FileHeader64, ProgramHeader64};
use object::endian::LittleEndian as Le;
use std::ops::Range;

/// The headers of one load object, read from the target's memory.
#[derive(Clone, Debug)]
pub(crate) struct LoadedHeaders {
    pub headers: Vec<ProgramHeader>,
    /// To be added to an address of the file.
    pub bias: u64,
    /// Where the module is in the target.
    pub range: Range<u64>,
    pub build_id: Option<Box<[u8]>>,
    /// The header's address, if it was saved.
    pub base: Option<u64>,
}

/// Load objects have about a dozen program headers. All of them are kept for each object, and a
/// damaged core can claim many objects.
const MOST_HEADERS: usize = 64;
/// More objects than anybody loads.
pub(crate) const MOST_OBJECTS: usize = 1 << 14;
/// Notes of a load object are small: build-id, ABI tag, properties, package metadata, SystemTap
/// probes are elsewhere.
const LONGEST_NOTES: u64 = 1 << 16;

fn parse(bytes: &[u8]) -> Vec<ProgramHeader> {
    let count = bytes.len() / size_of::<ProgramHeader64<Le>>();
    object::pod::slice_from_bytes::<ProgramHeader64<Le>>(bytes, count).map_or_else(
        |()| Vec::new(),
        |(headers, _)| headers.iter().map(ProgramHeader::from_object).collect(),
    )
}

impl LoadedHeaders {
    /// Reads those of the object whose file begins at `base`. `None` if there is no ELF header
    /// of a 64-bit little-endian object or its program headers were not saved.
    pub(crate) fn read(memory: &AddressSpace, base: u64) -> Option<Self> {
        // The header's page is what a core has of a module's text: one read gets all of it.
        let first_page = saved(memory, base, 0x1000);
        check_ident(&first_page).ok()?;
        let (header, _) = object::pod::from_bytes::<FileHeader64<Le>>(&first_page).ok()?;
        let count = usize::from(header.e_phnum.get(Le)).min(MOST_HEADERS);
        let size = count * size_of::<ProgramHeader64<Le>>();
        let offset = header.e_phoff.get(Le);
        let start = usize::try_from(offset).ok()?;
        let headers = match first_page.get(start..start.checked_add(size)?) {
            Some(bytes) => parse(bytes),
            None => parse(&saved(memory, base.checked_add(offset)?, size)),
        };
        let bias = base.wrapping_sub(address_of_offset(&headers, 0)?);
        let mut loaded = Self::with_bias(memory, headers, bias)?;
        loaded.base = Some(base);
        Some(loaded)
    }

    /// Reads from the program headers themselves (`AT_PHDR`, `AT_PHNUM`).
    pub(crate) fn read_headers(memory: &AddressSpace, address: u64, count: u64) -> Option<Self> {
        let count = usize::try_from(count).ok()?.min(MOST_HEADERS);
        let headers = parse(&saved(memory, address, count * size_of::<ProgramHeader64<Le>>()));
        let own = headers.iter().find(|h| h.kind == PT_PHDR).map(|h| h.address);
        // Without PT_PHDR (static programs) they follow the ELF header: 64 bytes.
        let own = own.or_else(|| Some(address_of_offset(&headers, 0)?.wrapping_add(64)))?;
        let bias = address.wrapping_sub(own);
        let base = address_of_offset(&headers, 0)?.wrapping_add(bias);
        Self::read(memory, base).or_else(|| Self::with_bias(memory, headers, bias))
    }

    fn with_bias(memory: &AddressSpace, headers: Vec<ProgramHeader>, bias: u64) -> Option<Self> {
        let range = load_range(&headers)?;
        let range = range.start.wrapping_add(bias)..range.end.wrapping_add(bias);
        if range.is_empty() {
            return None;
        }
        let build_id = headers.iter().filter(|h| h.kind == PT_NOTE).find_map(|h| {
            let size = h.file_size.min(LONGEST_NOTES) as usize;
            let notes = saved(memory, h.address.wrapping_add(bias), size);
            build_id_of_notes(&notes).map(Box::from)
        });
        Some(Self { headers, bias, range, build_id, base: None })
    }

    /// The entries of the dynamic section in memory: pairs of a tag and a value.
    pub(crate) fn dynamic(&self, memory: &AddressSpace) -> Vec<(u64, u64)> {
        let Some(header) = self.headers.iter().find(|h| h.kind == PT_DYNAMIC) else {
            return Vec::new();
        };
        dynamic_at(memory, header.address.wrapping_add(self.bias), header.memory_size)
    }
}

/// More entries than any dynamic section has.
const LONGEST_DYNAMIC: u64 = 16 * 1024;

/// Dynamic entries at an address of the target, up to `DT_NULL`.
pub(crate) fn dynamic_at(memory: &AddressSpace, address: u64, size: u64) -> Vec<(u64, u64)> {
    let bytes = saved(memory, address, size.min(LONGEST_DYNAMIC) as usize);
    let (entries, _) = bytes.as_chunks::<16>();
    entries
        .iter()
        .map(|entry| {
            let (tag, value) = entry.split_at(8);
            let word = |b: &[u8]| b.try_into().map_or(0, u64::from_le_bytes);
            (word(tag), word(value))
        })
        .take_while(|(tag, _)| *tag != 0)
        .collect()
}

/// A node of the dynamic linker's list of objects.
#[derive(Clone, Debug)]
pub(crate) struct LinkMap {
    /// Where the node is.
    pub address: u64,
    /// `l_addr`: the bias.
    pub bias: u64,
    /// `l_name`; empty for the executable.
    pub name: Vec<u8>,
    /// `l_ld`: address of its dynamic section.
    pub dynamic: u64,
}

/// More than the names of all objects of a process have together: nodes can share one long name.
const LONGEST_NAMES: usize = 4 << 20;
/// More namespaces (`dlmopen`) than glibc has (16).
const MOST_NAMESPACES: usize = 64;

/// Follows `r_debug` (glibc `elf/link.h`: `r_version` at 0, `r_map` at 8, and from version 2 on
/// `r_next` at 40) and its `link_map`s (`l_addr`, `l_name`, `l_ld`, `l_next`, `l_prev`, a word
/// each). Stops at the first node that cannot be read or was seen before.
pub(crate) fn link_maps(memory: &AddressSpace, r_debug: u64) -> Vec<LinkMap> {
    let mut seen = rustc_hash::FxHashSet::default();
    let mut list = Vec::new();
    let mut namespace = r_debug;
    let mut room = LONGEST_NAMES;
    for _ in 0..MOST_NAMESPACES {
        if namespace == 0 || !seen.insert(namespace) {
            break;
        }
        let word = |at: u64| saved_u64(memory, namespace.wrapping_add(at));
        let (Some(version), Some(mut node)) = (word(0), word(8)) else { break };
        while node != 0 && room > 0 && list.len() < MOST_OBJECTS && seen.insert(node) {
            let bytes = saved(memory, node, 32);
            let (words, _) = bytes.as_chunks::<8>();
            let [bias, name, dynamic, next] = words else { break };
            let name = u64::from_le_bytes(*name);
            let limit = room.min(4096);
            let name = crate::saved_memory::saved_string(memory, name, limit).unwrap_or_default();
            room = room.saturating_sub(name.len());
            list.push(LinkMap {
                address: node,
                bias: u64::from_le_bytes(*bias),
                name,
                dynamic: u64::from_le_bytes(*dynamic),
            });
            node = u64::from_le_bytes(*next);
        }
        if version as u32 as i32 >= 2 {
            namespace = word(40).unwrap_or(0);
        } else {
            break;
        }
    }
    list
}
