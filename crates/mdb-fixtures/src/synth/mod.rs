//! Odd cores, written byte by byte.
//!
//! This writer shares no code with the reader under test, nor with the `object` crate that the reader
//! is built on: offsets come from elf(5) and the kernel's headers, as the functions say.
//! [`CoreBuilder`] makes whole cores of any architecture, [`mutations`] spoils one in every way,
//! [`odd_files`] has what is no core at all.

mod bytes;
mod mutate;
mod notes;
mod odd;
mod scenes;

pub use bytes::{Class, Format, Order};
pub use mutate::mutations;
pub use notes::{MappedFile, machine, note_type};
pub use odd::{OddFile, odd_files};
pub use scenes::{
    SynthStack, aarch64_stack, cyclic_link_map, many_mappings, minimal, x86_64_stack,
};

use bytes::Writer;
use notes::Note;

/// Permission bits of a segment (elf(5) `p_flags`).
pub const READ: u32 = 4;
/// Writable.
pub const WRITE: u32 = 2;
/// Executable.
pub const EXECUTE: u32 = 1;

/// elf(5) `ET_CORE`
const ET_CORE: u16 = 4;
/// elf(5) `PT_LOAD`
const PT_LOAD: u32 = 1;
/// elf(5) `PT_NOTE`
const PT_NOTE: u32 = 4;
/// elf(5): the count of program headers is in section header 0.
const PN_XNUM: u16 = 0xffff;

/// A piece of the address space.
#[derive(Debug, Clone)]
struct Load {
    address: u64,
    memory_size: u64,
    flags: u32,
    contents: Vec<u8>,
}

/// A core under construction. Segments and notes stand in the file in the order they were added.
#[derive(Debug, Clone)]
pub struct CoreBuilder {
    format: Format,
    file_type: u16,
    loads: Vec<Load>,
    notes: Vec<Note>,
    alignment: u64,
}

impl CoreBuilder {
    /// An empty core of this format.
    pub fn new(format: Format) -> Self {
        Self { format, file_type: ET_CORE, loads: Vec::new(), notes: Vec::new(), alignment: 0x1000 }
    }

    /// Another `e_type` (1 relocatable, 2 executable, 3 shared object).
    #[must_use]
    pub fn file_type(mut self, file_type: u16) -> Self {
        self.file_type = file_type;
        self
    }

    /// Alignment of segment contents in the file; 4096 as the kernel does it, unless changed.
    #[must_use]
    pub fn alignment(mut self, alignment: u64) -> Self {
        self.alignment = alignment.max(1);
        self
    }

    /// Memory whose contents are saved.
    #[must_use]
    pub fn load(self, address: u64, flags: u32, contents: impl Into<Vec<u8>>) -> Self {
        let contents = contents.into();
        let memory_size = contents.len() as u64;
        self.load_partly(address, memory_size, flags, contents)
    }

    /// Memory of which only the beginning is saved, or nothing (`p_filesz < p_memsz`).
    #[must_use]
    pub fn load_partly(
        mut self,
        address: u64,
        memory_size: u64,
        flags: u32,
        contents: impl Into<Vec<u8>>,
    ) -> Self {
        self.loads.push(Load { address, memory_size, flags, contents: contents.into() });
        self
    }

    /// Any note.
    #[must_use]
    pub fn note(mut self, owner: &str, kind: u32, description: impl Into<Vec<u8>>) -> Self {
        self.notes.push(Note { owner: owner.to_owned(), kind, description: description.into() });
        self
    }

    /// NT_PRSTATUS of a thread: registers in the order of the architecture's `elf_gregset_t`
    /// (missing ones are 0).
    #[must_use]
    pub fn thread(self, tid: u32, signal: u16, registers: &[u64]) -> Self {
        let description = notes::prstatus(self.format, tid, signal, registers);
        self.note("CORE", note_type::PRSTATUS, description)
    }

    /// NT_PRPSINFO: the process's short name and arguments.
    #[must_use]
    pub fn process(self, pid: u32, name: &str, arguments: &str) -> Self {
        let description = notes::prpsinfo(self.format, pid, name, arguments);
        self.note("CORE", note_type::PRPSINFO, description)
    }

    /// NT_SIGINFO.
    #[must_use]
    pub fn signal(self, number: i32, code: i32, address: u64) -> Self {
        let description = notes::siginfo(self.format, number, code, address);
        self.note("CORE", note_type::SIGINFO, description)
    }

    /// NT_AUXV: `(AT_ type, value)`; the closing AT_NULL is added.
    #[must_use]
    pub fn auxv(self, entries: &[(u64, u64)]) -> Self {
        let mut writer = Writer::new(self.format);
        for (kind, value) in entries.iter().chain(&[(0, 0)]) {
            writer.word(*kind).word(*value);
        }
        self.note("CORE", note_type::AUXV, writer.done())
    }

    /// NT_FILE.
    #[must_use]
    pub fn files(self, files: &[MappedFile<'_>]) -> Self {
        let description = notes::files(self.format, files);
        self.note("CORE", note_type::FILE, description)
    }

    /// The finished file: header, program headers, notes, contents, and a section header for the
    /// count when there are 65,535 segments or more.
    pub fn build(&self) -> Vec<u8> {
        let (header_size, entry_size, section_size) = match self.format.class {
            Class::Bits64 => (64, 56, 64),
            Class::Bits32 => (52, 32, 40),
        };
        let mut note_bytes = Writer::new(self.format);
        for note in &self.notes {
            note.write(&mut note_bytes);
        }
        let note_bytes = note_bytes.done();

        let count = self.loads.len() as u64 + u64::from(!note_bytes.is_empty());
        let extended = count >= u64::from(PN_XNUM);
        let notes_at = header_size + count * entry_size;
        let mut at = notes_at + note_bytes.len() as u64;
        let mut places = Vec::with_capacity(self.loads.len());
        for load in &self.loads {
            if !load.contents.is_empty() {
                at = at.next_multiple_of(self.alignment);
            }
            places.push(at);
            at += load.contents.len() as u64;
        }
        let sections_at = at.next_multiple_of(8);

        let mut file = Writer::new(self.format);
        file.elf_header(&bytes::ElfHeader {
            file_type: self.file_type,
            program_headers_at: header_size,
            program_header_size: entry_size as u16,
            program_headers: if extended { PN_XNUM } else { count as u16 },
            section_headers_at: if extended { sections_at } else { 0 },
            section_header_size: if extended { section_size } else { 0 },
            section_headers: u16::from(extended),
        });
        if !note_bytes.is_empty() {
            let size = note_bytes.len() as u64;
            file.program_header(PT_NOTE, 0, notes_at, 0, size, 0, 4);
        }
        for (load, place) in self.loads.iter().zip(&places) {
            let size = load.contents.len() as u64;
            file.program_header(
                PT_LOAD,
                load.flags,
                *place,
                load.address,
                size,
                load.memory_size,
                self.alignment,
            );
        }
        file.bytes(&note_bytes);
        for (load, place) in self.loads.iter().zip(&places) {
            if !load.contents.is_empty() {
                file.pad_to(*place).bytes(&load.contents);
            }
        }
        if extended {
            // Section header 0: sh_info holds the count of program headers (elf(5), PN_XNUM).
            file.pad_to(sections_at).u32(0).u32(0).word(0).word(0).word(0).word(0);
            file.u32(0).u32(count as u32).word(0).word(0);
        }
        file.done()
    }
}
