//! The program headers of a module, read from the target's memory: the kernel maps them, and saves
//! the first page of each file even where it leaves out the rest.
//!
//! Offsets: System V ABI, "Object files" (`Elf64_Ehdr`, `Elf64_Phdr`), also in `elf.h`.

use mdb_dmod::Module;
use mdb_dmod::prelude::*;

/// `PT_LOAD` and others (`elf.h`).
pub(crate) const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const PT_INTERP: u32 = 3;
const PT_NOTE: u32 = 4;
const PT_PHDR: u32 = 6;
pub(crate) const PT_TLS: u32 = 7;
const PT_GNU_EH_FRAME: u32 = 0x6474_e550;
const PT_GNU_RELRO: u32 = 0x6474_e552;

/// More than any linker writes.
const MOST: u16 = 256;

/// A program header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProgramHeader {
    pub(crate) kind: u32,
    /// `PF_*`: 4 read, 2 write, 1 execute.
    pub(crate) flags: u32,
    /// In the file's own addresses.
    pub(crate) address: u64,
    pub(crate) file_size: u64,
    pub(crate) memory_size: u64,
    pub(crate) align: u64,
}

impl ProgramHeader {
    /// Whether it covers an address of the file.
    pub(crate) fn covers(&self, address: u64) -> bool {
        address.checked_sub(self.address).is_some_and(|offset| offset < self.memory_size)
    }

    /// What stands there, by the kind of the header: `text`, `.bss`.
    fn contents(&self, address: u64) -> &'static str {
        let zeros = address.wrapping_sub(self.address) >= self.file_size;
        match self.kind {
            PT_LOAD if zeros => ".bss",
            PT_LOAD if self.flags & 1 != 0 => "text",
            PT_LOAD if self.flags & 2 != 0 => "data",
            PT_LOAD => "read-only data",
            PT_DYNAMIC => ".dynamic",
            PT_INTERP => ".interp",
            PT_NOTE => "notes",
            PT_PHDR => "program headers",
            PT_TLS if zeros => ".tbss",
            PT_TLS => ".tdata, the first values of thread-local variables",
            PT_GNU_EH_FRAME => ".eh_frame_hdr",
            PT_GNU_RELRO => "data that is read-only after relocation",
            _ => "",
        }
    }
}

/// The program headers of a 64-bit module; empty where they were not saved.
pub(crate) fn program_headers(s: &Session<'_>, module: &Module) -> Result<Vec<ProgramHeader>> {
    match read(s.memory(), module.start) {
        Ok(all) => Ok(all),
        Err(error) if error.is_stop() => Err(error),
        Err(_) => Ok(Vec::new()),
    }
}

fn read(memory: Memory<'_>, start: u64) -> Result<Vec<ProgramHeader>> {
    /// `ELFMAG`, `ELFCLASS64`, `ELFDATA2LSB`.
    const IDENT: u64 = 0x0102_464c_457f;
    if memory.read_u64(start)? & 0xffff_ffff_ffff != IDENT {
        return Ok(Vec::new());
    }
    let at = |offset: u64| start.wrapping_add(offset);
    let table = start.wrapping_add(memory.read_u64(at(32))?);
    let size = u64::from(memory.read_u16(at(54))?);
    let count = memory.read_u16(at(56))?.min(MOST);
    let mut all = Vec::new();
    for index in 0..u64::from(count) {
        let entry = table.wrapping_add(index * size);
        let word = |offset: u64| memory.read_u64(entry.wrapping_add(offset));
        all.push(ProgramHeader {
            kind: memory.read_u32(entry)?,
            flags: memory.read_u32(entry.wrapping_add(4))?,
            address: word(16)?,
            file_size: word(32)?,
            memory_size: word(40)?,
            align: word(48)?,
        });
    }
    Ok(all)
}

/// The number of the segment that an address of the file is in, and what stands there, the more
/// special the better.
pub(crate) fn segment(
    headers: &[ProgramHeader],
    address: u64,
) -> Option<(usize, &ProgramHeader, &'static str)> {
    let (index, load) =
        headers.iter().enumerate().find(|(_, h)| h.kind == PT_LOAD && h.covers(address))?;
    let special = headers.iter().find(|header| {
        // The template of thread-local zeros takes no room: what follows it stands there.
        let in_file = address.wrapping_sub(header.address) < header.file_size;
        header.kind != PT_LOAD && header.kind != PT_GNU_RELRO && header.covers(address) && in_file
    });
    let relro = || headers.iter().find(|h| h.kind == PT_GNU_RELRO && h.covers(address));
    let named = special.or_else(relro).unwrap_or(load);
    match named.contents(address) {
        "" => Some((index, load, load.contents(address))),
        contents => Some((index, load, contents)),
    }
}
