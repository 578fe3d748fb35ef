//! An ELF core file as a target.
//!
//! [`open_core`] opens the core of a process, written by the kernel or by gdb's `gcore`, whole or
//! truncated, plain or compressed with zstd, as an [`mdb_target::Target`]. [`sniff`] tells what
//! a file is. A core is hostile input: every offset, size and count in it is cut to what the
//! file has, what is doubtful becomes one of [`mdb_target::Target::warnings`], and what cannot
//! be a core is refused with a [`CoreError`] that says where and why.

mod aarch64;
mod bytes;
mod compressed;
mod corefile;
mod error;
mod file_note;
mod header;
mod holes;
mod kind;
mod layout;
mod loads;
mod mappings;
mod notes;
mod process_notes;
mod threads;
mod warnings;
mod x86_64;

pub use corefile::{CoreFile, OpenOptions, Progress, open_core};
pub use error::CoreError;
pub use kind::{FileKind, sniff};
