//! Why a file cannot be opened as a core.

use mdb_target::FileStoreError;
use std::io;
use std::path::PathBuf;

/// A file could not be opened as a core. Each says which file, where in it, what was expected
/// there and what was found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CoreError {
    /// It cannot be opened, or is no regular file.
    #[error(transparent)]
    File(#[from] FileStoreError),
    /// It has no bytes.
    #[error("{}: the file is empty; expected an ELF core file", file.display())]
    Empty {
        /// Which file.
        file: PathBuf,
    },
    /// It is something else.
    #[error(
        "{}: offset 0x0: expected the ELF magic 7f 45 4c 46, found {found}",
        file.display()
    )]
    NotElf {
        /// Which file.
        file: PathBuf,
        /// What it is, in words, or its first bytes.
        found: String,
    },
    /// It is compressed in a way that mdb does not undo.
    #[error(
        "{}: compressed with {format}; decompress it first: {command} < {} > core",
        file.display(), file.display()
    )]
    Compressed {
        /// Which file.
        file: PathBuf,
        /// The format's name.
        format: &'static str,
        /// The command that decompresses.
        command: &'static str,
    },
    /// It ends within the ELF header.
    #[error(
        "{}: the file ends at offset {length:#x}, within the ELF header (expected 0x40 bytes)",
        file.display()
    )]
    HeaderCut {
        /// Which file.
        file: PathBuf,
        /// Its length in bytes.
        length: u64,
    },
    /// A field of the ELF header says that mdb cannot read the file.
    #[error("{}: offset {offset:#x}: expected {expected}, found {found}", file.display())]
    Header {
        /// Which file.
        file: PathBuf,
        /// Where the field is.
        offset: u64,
        /// What mdb reads.
        expected: &'static str,
        /// What it says.
        found: String,
    },
    /// An ELF file that is no core.
    #[error(
        "{}: offset 0x10: expected an ELF core (ET_CORE, 4), found {what} ({value})",
        file.display()
    )]
    NotACore {
        /// Which file.
        file: PathBuf,
        /// What it is.
        what: &'static str,
        /// `e_type`.
        value: u16,
    },
    /// The dump of an operating system's kernel.
    #[error(
        "{}: offset {offset:#x}: expected the core of a process, found {what}; \
         use crash(8) or drgn for it",
        file.display()
    )]
    KernelDump {
        /// Which file.
        file: PathBuf,
        /// Where that is to be seen.
        offset: u64,
        /// What it is.
        what: &'static str,
    },
    /// The program headers are not in the file.
    #[error(
        "{}: expected {count} program headers of 0x38 bytes at offset {offset:#x}, \
         but the file ends at {length:#x}: nothing of the process is in it",
        file.display()
    )]
    ProgramHeaders {
        /// Which file.
        file: PathBuf,
        /// `e_phoff`.
        offset: u64,
        /// How many there should be.
        count: u64,
        /// The file's length in bytes.
        length: u64,
    },
    /// There is no PT_LOAD.
    #[error(
        "{}: offset {offset:#x}: expected PT_LOAD program headers (the memory of the process), \
         found none among {count}",
        file.display()
    )]
    NoMemory {
        /// Which file.
        file: PathBuf,
        /// `e_phoff`.
        offset: u64,
        /// How many program headers there are.
        count: u64,
    },
    /// The file is whole, but no thread is in it.
    #[error(
        "{}: expected a note NT_PRSTATUS for each thread, found none among {count} notes: \
         not the core of a process",
        file.display()
    )]
    NoThreads {
        /// Which file.
        file: PathBuf,
        /// How many notes there are.
        count: u64,
    },
    /// The user pressed ^C while it was being opened.
    #[error("{}: interrupted while opening", file.display())]
    Interrupted {
        /// Which file.
        file: PathBuf,
    },
    /// The compressed file cannot be decompressed at all.
    #[error(
        "{}: cannot be decompressed (zstd): {why}; try: zstd -d --long=31 < {} > core",
        file.display(), file.display()
    )]
    Decompress {
        /// Which file.
        file: PathBuf,
        /// What the decompressor said.
        why: io::Error,
    },
    /// The decompressed core does not fit.
    #[error(
        "{}: decompressing needs more than the {free} bytes that are free in {} \
         ({stored} bytes stored of {reached} decompressed so far); set TMPDIR to a directory \
         on a larger disk",
        file.display(), directory.display()
    )]
    NoSpace {
        /// Which file.
        file: PathBuf,
        /// Where the temporary file was.
        directory: PathBuf,
        /// How many bytes were free there at the beginning.
        free: u64,
        /// How many bytes, holes left out, had been written.
        stored: u64,
        /// How many bytes had been decompressed, holes included.
        reached: u64,
    },
    /// No temporary file can be made or written.
    #[error(
        "{}: cannot decompress into a temporary file in {}: {source}; set TMPDIR to another directory",
        file.display(), directory.display()
    )]
    Temporary {
        /// Which file was being decompressed.
        file: PathBuf,
        /// Where the temporary file was to be.
        directory: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}
