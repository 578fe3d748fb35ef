//! The ELF note of a dmod, made at compile time.

use mdb_dmod_abi::{ABI_MAJOR, ABI_MINOR, NOTE_TYPE};

// The macro `dmod!` writes these numbers as text.
const _: () = assert!(ABI_MAJOR == 0 && ABI_MINOR == 2, "dmod! states other versions");

/// A note in the layout of the ELF gABI, to be put into the section `.note.mdb.dmod`.
#[repr(C, align(4))]
#[derive(Debug)]
pub struct Note<const N: usize> {
    name_size: u32,
    description_size: u32,
    kind: u32,
    name: [u8; 4],
    description: [u8; N],
}

/// How long the description of a note is with its padding.
pub const fn padded(length: usize) -> usize {
    length.next_multiple_of(4)
}

impl<const N: usize> Note<N> {
    /// A note that holds `text`.
    #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
    pub const fn new(text: &str) -> Self {
        let text = text.as_bytes();
        let mut description = [0; N];
        let mut index = 0;
        while index < text.len() {
            description[index] = text[index];
            index += 1;
        }
        Self {
            name_size: 4,
            description_size: N as u32,
            kind: NOTE_TYPE,
            name: *b"MDB\0",
            description,
        }
    }
}
