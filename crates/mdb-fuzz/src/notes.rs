//! The notes of a core.

use mdb_fixtures::synth::{CoreBuilder, EXECUTE, Format, READ, WRITE};

/// Takes the bytes as the contents of the notes' segment of a small core. The last bit of the first
/// byte chooses the architecture.
pub fn notes(data: &[u8]) {
    let (first, notes) = data.split_first().unwrap_or((&0, &[]));
    let format = if first & 1 == 0 { Format::X86_64 } else { Format::AARCH64 };
    crate::core(&around(format, notes));
}

/// A core with these notes.
pub(crate) fn around(format: Format, notes: &[u8]) -> Vec<u8> {
    let mut bytes = CoreBuilder::new(format)
        .alignment(16)
        .load(0x40_0000, READ | EXECUTE, [0x90, 0xc3].repeat(0x80))
        .load(0x60_0000, READ | WRITE, vec![0x41; 0x100])
        .load_partly(0x70_0000, 0x1000, READ, Vec::new())
        .load(0x7fff_0000_0000, READ | WRITE, stack())
        .note("X", 0, Vec::new())
        .build();
    // The notes' segment is the first of the headers: 64 bytes of ELF header, then p_offset at 8
    // and p_filesz at 32 of it (elf(5)). It moves to the end of the file.
    let place = bytes.len() as u64;
    for (at, value) in [(64 + 8, place), (64 + 32, notes.len() as u64)] {
        if let Some(field) = bytes.get_mut(at..at + 8) {
            field.copy_from_slice(&value.to_le_bytes());
        }
    }
    bytes.extend_from_slice(notes);
    bytes
}

/// Frame records, each pointing to the next.
fn stack() -> Vec<u8> {
    let words = (0..32_u64).flat_map(|n| [0x7fff_0000_0010 + n * 0x10, 0x40_0000 + n * 2]);
    words.flat_map(u64::to_le_bytes).collect()
}
