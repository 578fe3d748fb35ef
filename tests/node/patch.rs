//! Copies of cores that tests write into, by address.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A copy of a core, with where its memory is in the file.
#[derive(Debug)]
pub(crate) struct Copy {
    /// The file.
    pub(crate) path: PathBuf,
    file: File,
    /// Address, offset and length of each part of memory in the file.
    parts: Vec<(u64, u64, u64)>,
    /// Offset and length of the notes.
    notes: (u64, u64),
    /// What was there before, newest last.
    before: Vec<(u64, Vec<u8>)>,
}

impl Copy {
    /// Copies a core, and keeps its holes.
    pub(crate) fn of(core: &Path, to: PathBuf) -> Self {
        let mut cp = Command::new("cp");
        let done = cp.arg("--sparse=always").arg(core).arg(&to).status().unwrap();
        assert!(done.success());
        let file = OpenOptions::new().read(true).write(true).open(&to).unwrap();
        // Elf64_Ehdr and Elf64_Phdr of <elf.h>, as x86-64 has them.
        let number = |at: u64, length: usize| {
            let mut bytes = [0; 8];
            file.read_exact_at(&mut bytes[..length], at).unwrap();
            u64::from_le_bytes(bytes)
        };
        let (headers, count) = (number(32, 8), number(56, 2));
        let (mut parts, mut notes) = (Vec::new(), (0, 0));
        for index in 0..count {
            let at = headers + index * 56;
            // PT_LOAD.
            if number(at, 4) == 1 && number(at + 32, 8) > 0 {
                parts.push((number(at + 16, 8), number(at + 8, 8), number(at + 32, 8)));
            }
            // PT_NOTE.
            if number(at, 4) == 4 {
                notes = (number(at + 8, 8), number(at + 32, 8));
            }
        }
        Self { path: to, file, parts, notes, before: Vec::new() }
    }

    fn offset(&self, address: u64) -> Option<u64> {
        let part = self
            .parts
            .iter()
            .find(|(start, _, length)| (*start..start + length).contains(&address))?;
        Some(part.1 + (address - part.0))
    }

    /// The word at an address, where the core has it.
    pub(crate) fn word(&self, address: u64) -> Option<u64> {
        let mut bytes = [0; 8];
        self.file.read_exact_at(&mut bytes, self.offset(address)?).ok()?;
        Some(u64::from_le_bytes(bytes))
    }

    /// Where these bytes stand in memory, from words' beginnings on.
    pub(crate) fn find(&self, bytes: &[u8]) -> Vec<u64> {
        const CHUNK: u64 = 1 << 20;
        let mut found = Vec::new();
        for (start, offset, length) in &self.parts {
            let mut at = 0;
            while at < *length {
                // A little more than a chunk, for what lies across its end.
                let wanted = (length - at).min(CHUNK + bytes.len() as u64) as usize;
                let mut chunk = vec![0; wanted];
                if self.file.read_exact_at(&mut chunk, offset + at).is_err() {
                    break;
                }
                let last = wanted.min(CHUNK as usize);
                let places =
                    (0..last).step_by(8).filter(|place| chunk[*place..].starts_with(bytes));
                found.extend(places.map(|place| start + at + place as u64));
                at += CHUNK;
            }
        }
        found
    }

    /// Writes a word; [`Self::restore`] takes it back.
    pub(crate) fn write(&mut self, address: u64, word: u64) {
        let old = self.word(address).unwrap();
        let offset = self.offset(address).unwrap();
        self.before.push((offset, old.to_le_bytes().to_vec()));
        self.file.write_all_at(&word.to_le_bytes(), offset).unwrap();
    }

    /// Gives the thread that is at `from` other registers: pc, frame pointer and stack pointer.
    pub(crate) fn move_thread(&mut self, from: (u64, u64), to: (u64, u64, u64)) {
        // Words of `user_regs_struct` of <sys/user.h>.
        const FP: usize = 4;
        const PC: usize = 16;
        const SP: usize = 19;
        let mut notes = vec![0; self.notes.1 as usize];
        self.file.read_exact_at(&mut notes, self.notes.0).unwrap();
        let is_at = |place: usize, index: usize, word: u64| {
            notes[place + 8 * index..].starts_with(&word.to_le_bytes())
        };
        let place = (0..notes.len() - 8 * SP)
            .step_by(4)
            .find(|place| is_at(*place, FP, from.1) && is_at(*place, PC, from.0))
            .unwrap();
        for (index, word) in [(PC, to.0), (FP, to.1), (SP, to.2)] {
            let at = place + 8 * index;
            let offset = self.notes.0 + at as u64;
            self.before.push((offset, notes[at..at + 8].to_vec()));
            self.file.write_all_at(&word.to_le_bytes(), offset).unwrap();
        }
    }

    /// Takes back all that was written.
    pub(crate) fn restore(&mut self) {
        for (offset, bytes) in self.before.drain(..).rev() {
            self.file.write_all_at(&bytes, offset).unwrap();
        }
    }

    /// Cuts the file for good.
    pub(crate) fn cut(&mut self, length: u64) {
        self.file.set_len(length).unwrap();
    }

    /// How long the file is.
    pub(crate) fn length(&self) -> u64 {
        self.file.metadata().unwrap().len()
    }
}
