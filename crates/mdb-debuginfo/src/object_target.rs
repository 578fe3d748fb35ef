//! An executable or a library as a target.

use crate::elf_image::{ElfError, ElfImage, PT_LOAD};
use mdb_target::{
    AddressSpace, Arch, Auxv, Backing, FileBacking, FileStoreError, Interrupt, Mapping,
    MappingKind, Permissions, Process, Segment, Target, TargetKind, map_file,
};
use std::path::{Path, PathBuf};

/// A file is no target.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectTargetError {
    /// It cannot be opened.
    #[error(transparent)]
    File(#[from] FileStoreError),
    /// It is no ELF file that mdb reads.
    #[error("cannot open {}: {source}", path.display())]
    Elf {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        source: ElfError,
    },
    /// It is for a processor that mdb does not know.
    #[error("cannot open {}: unknown processor (e_machine {machine})", path.display())]
    Machine {
        /// Which file.
        path: PathBuf,
        /// `e_machine`.
        machine: u16,
    },
}

/// A program or library that does not run. Its memory is what its segments load, at the addresses
/// of the file; the part of `.bss` is zeros.
#[derive(Debug)]
pub struct ObjectTarget {
    path: PathBuf,
    arch: Arch,
    memory: AddressSpace,
    mappings: Vec<Mapping>,
    process: Process,
    auxv: Auxv,
}

impl ObjectTarget {
    /// Opens a file.
    pub fn open(path: &Path, interrupt: Interrupt) -> Result<Self, ObjectTargetError> {
        let data = map_file(path)?.data;
        let image = ElfImage::parse(data)
            .map_err(|source| ObjectTargetError::Elf { path: path.to_owned(), source })?;
        let machine = image.machine;
        let arch = Arch::from_elf_machine(machine)
            .ok_or_else(|| ObjectTargetError::Machine { path: path.to_owned(), machine })?;
        let mut segments = Vec::new();
        let mut mappings = Vec::new();
        for header in image.headers.iter().filter(|h| h.kind == PT_LOAD) {
            let range = header.range();
            if range.is_empty() {
                continue;
            }
            let bytes = image
                .bytes(header.offset, header.file_size.min(header.memory_size))
                .unwrap_or_default();
            let middle = range.start.saturating_add(bytes.len() as u64).min(range.end);
            let saved = bytes.len() as u64;
            segments.push(Segment { range: range.start..middle, backing: Backing::Bytes(bytes) });
            // Bytes that the file should have but has not are not zeros.
            let end = range.start.saturating_add(header.file_size).min(range.end);
            segments.push(Segment {
                range: middle..end,
                backing: Backing::Absent(mdb_target::FaultReason::Truncated),
            });
            segments.push(Segment { range: end.max(middle)..range.end, backing: Backing::Zero });
            mappings.push(Mapping {
                range,
                permissions: Some(Permissions::from_elf(header.flags)),
                file: Some(FileBacking { path: path.into(), offset: header.offset }),
                kind: MappingKind::File,
                saved,
            });
        }
        mappings.sort_by_key(|m| m.range.start);
        let mut memory = AddressSpace::new(interrupt);
        memory.set_segments(segments);
        let process = Process { executable: Some(path.into()), ..Process::default() };
        let auxv = Auxv(vec![(Auxv::ENTRY, image.entry)]);
        Ok(Self { path: path.to_owned(), arch, memory, mappings, process, auxv })
    }
}

impl Target for ObjectTarget {
    fn kind(&self) -> TargetKind {
        TargetKind::Object
    }
    fn arch(&self) -> Arch {
        self.arch
    }
    fn memory(&self) -> &AddressSpace {
        &self.memory
    }
    fn path(&self) -> Option<&Path> {
        Some(&self.path)
    }
    fn mappings(&self) -> &[Mapping] {
        &self.mappings
    }
    fn process(&self) -> &Process {
        &self.process
    }
    fn auxv(&self) -> &Auxv {
        &self.auxv
    }
}
