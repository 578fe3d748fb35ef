//! What the fuzz targets run.
//!
//! Each function takes any bytes and must come back: no panic, no endless loop, no memory beyond a
//! few times the input, and nothing shown that could drive a terminal. The targets in `fuzz/` are
//! thin wrappers of these; `tests/corpus.rs` runs the same over the corpora and over damage that is
//! made on the spot, so that a crash once found stays fixed without a fuzzer.
//!
//! Nothing of this machine is opened: files are looked for below a folder that does not exist, and
//! text that could reach the shell or a file is not evaluated.

mod cfi;
mod core_file;
mod elf;
mod input;
mod language;
mod lend;
mod names;
mod notes;
mod session;
mod shown;
mod watchdog;

pub mod seeds;

pub use cfi::cfi;
pub use core_file::core;
pub use elf::elf;
pub use language::language;
pub use names::names;
pub use notes::notes;
pub use shown::check_refusal;

/// A target: any bytes.
pub type Body = fn(&[u8]);

/// All targets by name; the name is that of the folder in `fuzz/corpus`.
pub const TARGETS: &[(&str, Body)] = &[
    ("core", core),
    ("notes", notes),
    ("cfi", cfi),
    ("language", language),
    ("elf", elf),
    ("names", names),
];
