//! An ELF file, read from its bytes.
//!
//! The bytes are hostile: everything is clipped against their length. What a damaged section
//! table hides is missing, it is no error.

use object::elf::{self, FileHeader64, ProgramHeader64, SectionHeader64, Sym64};
use object::endian::LittleEndian as Le;
use object::read::elf::{FileHeader as _, SectionHeader as _};
use object::read::{CompressedData, CompressionFormat};
use std::ops::Range;
use std::sync::Mutex;

/// Why bytes are no ELF file that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ElfError {
    /// The first four bytes are others.
    #[error("it is not an ELF file")]
    NotElf,
    /// `ELFCLASS32`.
    #[error("it is a 32-bit ELF file; mdb reads 64-bit ones")]
    Class32,
    /// `ELFDATA2MSB`.
    #[error("it is a big-endian ELF file; mdb reads little-endian ones")]
    BigEndian,
    /// The header or the program headers do not fit in the file.
    #[error("its ELF header is damaged: {0}")]
    Damaged(String),
}

/// `PT_*`, `PF_*`, `SHT_*`, `SHF_*`: ELF gABI, `include/uapi/linux/elf.h`.
pub(crate) const PT_LOAD: u32 = 1;
pub(crate) const PT_TLS: u32 = 7;
pub(crate) const PT_DYNAMIC: u32 = 2;
pub(crate) const PT_NOTE: u32 = 4;
pub(crate) const PT_PHDR: u32 = 6;
pub(crate) const PT_GNU_EH_FRAME: u32 = 0x6474_e550;
pub(crate) const PF_X: u32 = 1;
pub(crate) const PF_W: u32 = 2;
pub(crate) const SHT_NOBITS: u32 = 8;
pub(crate) const SHF_ALLOC: u64 = 2;

/// A program header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProgramHeader {
    pub kind: u32,
    pub flags: u32,
    pub offset: u64,
    pub address: u64,
    pub file_size: u64,
    pub memory_size: u64,
    pub align: u64,
}

impl ProgramHeader {
    pub(crate) fn from_object(header: &ProgramHeader64<Le>) -> Self {
        Self {
            kind: header.p_type.get(Le).0,
            flags: header.p_flags.get(Le).0,
            offset: header.p_offset.get(Le),
            address: header.p_vaddr.get(Le),
            file_size: header.p_filesz.get(Le),
            memory_size: header.p_memsz.get(Le),
            align: header.p_align.get(Le),
        }
    }

    pub(crate) fn range(&self) -> Range<u64> {
        self.address..self.address.saturating_add(self.memory_size)
    }
}

/// The lowest and the highest address of the loaded segments, in whole pages.
pub(crate) fn load_range(headers: &[ProgramHeader]) -> Option<Range<u64>> {
    let loads = || headers.iter().filter(|h| h.kind == PT_LOAD && h.memory_size > 0);
    let start = loads().map(|h| h.address).min()?;
    let end = loads().map(|h| h.range().end).max()?;
    Some(start & !0xfff..end.checked_add(0xfff).map_or(u64::MAX, |e| e & !0xfff))
}

/// The address that the file gives to its byte 0, if that byte is loaded.
pub(crate) fn address_of_offset(headers: &[ProgramHeader], offset: u64) -> Option<u64> {
    headers
        .iter()
        .filter(|h| h.kind == PT_LOAD)
        .find(|h| {
            let start = h.offset & !0xfff;
            start <= offset && offset < h.offset.saturating_add(h.file_size.max(1))
        })
        .map(|h| h.address.wrapping_sub(h.offset).wrapping_add(offset))
}

/// A section header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Section {
    pub name: &'static [u8],
    pub header: &'static SectionHeader64<Le>,
}

impl Section {
    pub(crate) fn kind(&self) -> u32 {
        self.header.sh_type.get(Le).0
    }
    pub(crate) fn flags(&self) -> u64 {
        self.header.sh_flags.get(Le).0
    }
    pub(crate) fn range(&self) -> Range<u64> {
        let start = self.header.sh_addr.get(Le);
        start..start.saturating_add(self.header.sh_size.get(Le))
    }
}

/// The number of a section and its contents, if they could be decompressed.
type Decompressed = (usize, Option<&'static [u8]>);

/// An ELF file.
#[derive(Debug)]
pub(crate) struct ElfImage {
    pub data: &'static [u8],
    pub machine: u16,
    pub entry: u64,
    pub headers_offset: u64,
    pub headers: Vec<ProgramHeader>,
    pub sections: Vec<Section>,
    /// Sections that were decompressed, by number, so that each is only once.
    decompressed: Mutex<Vec<Decompressed>>,
}

/// Bytes of a header: class and byte order before anything else is read of it.
pub(crate) fn check_ident(data: &[u8]) -> Result<(), ElfError> {
    match data {
        [0x7f, b'E', b'L', b'F', 2, 1, ..] => Ok(()),
        [0x7f, b'E', b'L', b'F', 1, ..] => Err(ElfError::Class32),
        [0x7f, b'E', b'L', b'F', 2, 2, ..] => Err(ElfError::BigEndian),
        [0x7f, b'E', b'L', b'F', ..] => Err(ElfError::Damaged("unknown class or order".into())),
        _ => Err(ElfError::NotElf),
    }
}

impl ElfImage {
    pub(crate) fn parse(data: &'static [u8]) -> Result<Self, ElfError> {
        check_ident(data)?;
        let damaged = |e: object::read::Error| ElfError::Damaged(e.to_string());
        let header = FileHeader64::<Le>::parse(data).map_err(damaged)?;
        let headers = header.program_headers(Le, data).map_err(damaged)?;
        let sections = header.sections(Le, data).unwrap_or_default();
        let sections = sections
            .iter()
            .map(|section| Section {
                name: sections.section_name(Le, section).unwrap_or_default(),
                header: section,
            })
            .collect();
        Ok(Self {
            data,
            machine: header.e_machine.get(Le).0,
            entry: header.e_entry.get(Le),
            headers_offset: header.e_phoff.get(Le),
            headers: headers.iter().map(ProgramHeader::from_object).collect(),
            sections,
            decompressed: Mutex::default(),
        })
    }

    /// The bytes that the file loads at `address`, as many as are left in the segment.
    pub(crate) fn bytes_at(&self, address: u64) -> Option<&'static [u8]> {
        self.headers.iter().filter(|h| h.kind == PT_LOAD).find_map(|h| {
            let skip = address.checked_sub(h.address)?;
            let length = h.file_size.checked_sub(skip)?;
            let bytes = self.bytes(h.offset.checked_add(skip)?, length)?;
            (!bytes.is_empty()).then_some(bytes)
        })
    }

    /// The bytes from `offset`, at most `length`, clipped where the file ends.
    pub(crate) fn bytes(&self, offset: u64, length: u64) -> Option<&'static [u8]> {
        let rest = self.data.get(usize::try_from(offset).ok()?..)?;
        Some(rest.get(..usize::try_from(length).ok()?).unwrap_or(rest))
    }

    pub(crate) fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|s| s.name == name.as_bytes())
    }

    /// The stored bytes of a section; not those of a compressed one.
    pub(crate) fn raw(&self, section: &Section) -> Option<&'static [u8]> {
        let compressed = section.flags() & elf::SHF_COMPRESSED.0 != 0;
        if section.kind() == SHT_NOBITS || compressed {
            return None;
        }
        self.bytes(section.header.sh_offset.get(Le), section.header.sh_size.get(Le))
    }

    /// Whether there is such a section with contents, compressed or not.
    pub(crate) fn has_section(&self, name: &str) -> bool {
        self.section(name).is_some_and(|s| s.kind() != SHT_NOBITS && s.header.sh_size.get(Le) > 0)
    }

    /// The contents of a section, decompressed where needed (once).
    pub(crate) fn section_bytes(&self, name: &str) -> Option<&'static [u8]> {
        let number = self.sections.iter().position(|s| s.name == name.as_bytes())?;
        let section = self.sections.get(number)?;
        if section.flags() & elf::SHF_COMPRESSED.0 == 0 {
            return self.raw(section);
        }
        let mut done = self.decompressed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, bytes)) = done.iter().find(|(n, _)| *n == number) {
            return *bytes;
        }
        let bytes = self.decompress(section);
        done.push((number, bytes));
        bytes
    }

    fn decompress(&self, section: &Section) -> Option<&'static [u8]> {
        let (header, offset, size) = section.header.compression(Le, self.data).ok()??;
        let format = match header.ch_type.get(Le) {
            elf::ELFCOMPRESS_ZLIB => CompressionFormat::Zlib,
            elf::ELFCOMPRESS_ZSTD => CompressionFormat::Zstandard,
            _ => return None,
        };
        let uncompressed_size = header.ch_size.get(Le);
        // A size that no real section reaches is a lie: deflate cannot do better than 1032:1.
        if uncompressed_size > size.saturating_mul(1100).saturating_add(1 << 16) {
            return None;
        }
        let data = self.bytes(offset, size)?;
        let bytes = CompressedData { format, data, uncompressed_size }.decompress().ok()?;
        Some(Box::leak(bytes.into_owned().into_boxed_slice()))
    }

    /// The symbols of the section of this type with their strings.
    pub(crate) fn symbols(&self, name: &str) -> Option<(&'static [Sym64<Le>], &'static [u8])> {
        let section = self.section(name)?;
        let strings = self.sections.get(section.header.sh_link.get(Le) as usize)?;
        let symbols = symbols_of(self.raw(section)?);
        Some((symbols, self.raw(strings)?))
    }
}

/// As many symbols as there are whole ones.
pub(crate) fn symbols_of(bytes: &'static [u8]) -> &'static [Sym64<Le>] {
    let count = bytes.len() / size_of::<Sym64<Le>>();
    object::pod::slice_from_bytes(bytes, count).map_or(&[], |(symbols, _)| symbols)
}

/// `NT_GNU_BUILD_ID` (binutils, `include/elf/common.h`).
const NT_GNU_BUILD_ID: u32 = 3;

/// The build-id in the contents of a `PT_NOTE` segment or of a note section.
pub(crate) fn build_id_of_notes(notes: &[u8]) -> Option<&[u8]> {
    let mut rest = notes;
    loop {
        let word = |at: usize| {
            let bytes = rest.get(at..at.checked_add(4)?)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?))
        };
        let (name_size, size, kind) = (word(0)? as usize, word(4)? as usize, word(8)?);
        let name = rest.get(12..12usize.checked_add(name_size)?)?;
        // Names and contents are padded to four bytes; notes of segments aligned to eight have
        // sizes for which that makes no difference up to the build-id.
        let start = 12usize.checked_add(name_size.checked_next_multiple_of(4)?)?;
        let end = start.checked_add(size)?;
        let contents = rest.get(start..end)?;
        if kind == NT_GNU_BUILD_ID && name == b"GNU\0" && (1..=64).contains(&size) {
            return Some(contents);
        }
        rest = rest.get(end.checked_next_multiple_of(4)?..)?;
    }
}

impl ElfImage {
    /// The build-id of the file, from its segments, else from its section.
    pub(crate) fn build_id(&self) -> Option<&'static [u8]> {
        let mut segments = self
            .headers
            .iter()
            .filter(|h| h.kind == PT_NOTE)
            .filter_map(|h| self.bytes(h.offset, h.file_size));
        let section = || self.section_bytes(".note.gnu.build-id");
        segments.find_map(build_id_of_notes).or_else(|| section().and_then(build_id_of_notes))
    }
}
