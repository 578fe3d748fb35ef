//! Files mapped for the length of the session.
//!
//! Sections and symbols are borrowed from files all over the program. A map that is never taken
//! down gives them the lifetime `'static`, so that no lifetime parameter reaches the rest. A
//! session opens a few hundred files at the most.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

/// A file that stays mapped until the program ends.
#[derive(Debug)]
pub struct MappedFile {
    /// The path under which it was first opened.
    pub path: PathBuf,
    /// Its contents at that time. If somebody truncates the file, a read past its new end raises
    /// SIGBUS; the program's handler finds the file with [`mapped_file_containing`].
    pub data: &'static [u8],
    /// The open file, for asking about holes.
    pub file: File,
}

/// A file could not be mapped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileStoreError {
    /// The operating system said no.
    #[error("cannot open {}: {source}", path.display())]
    Open {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// A directory, a device, a socket, a pipe.
    #[error("{} is {what}, not a regular file", path.display())]
    NotAFile {
        /// Which file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
}

type Key = (u64, u64, u64, i64, i64);

static STORE: OnceLock<Mutex<HashMap<Key, &'static MappedFile>>> = OnceLock::new();

fn store() -> &'static Mutex<HashMap<Key, &'static MappedFile>> {
    STORE.get_or_init(Mutex::default)
}

fn what_is(metadata: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = metadata.file_type();
    if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

/// Maps a file, or gives the map that there is. Only regular files are opened: opening a pipe
/// would wait for its writer, opening a device may do anything.
pub fn map_file(path: &Path) -> Result<&'static MappedFile, FileStoreError> {
    let open_error = |source| FileStoreError::Open { path: path.to_owned(), source };
    let metadata = std::fs::metadata(path).map_err(open_error)?;
    if !metadata.is_file() {
        return Err(FileStoreError::NotAFile { path: path.to_owned(), what: what_is(&metadata) });
    }
    let file = File::open(path).map_err(open_error)?;
    map_open_file(path, file).map_err(open_error)
}

/// Maps a file that is open already (one without a name, for example).
pub fn map_open_file(path: &Path, file: File) -> io::Result<&'static MappedFile> {
    let metadata = file.metadata()?;
    let key =
        (metadata.dev(), metadata.ino(), metadata.len(), metadata.mtime(), metadata.mtime_nsec());
    let mut files = store().lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(mapped) = files.get(&key) {
        return Ok(mapped);
    }
    let data: &'static [u8] = if metadata.len() == 0 {
        &[]
    } else {
        // A map of a file on a broken disk or network would raise SIGBUS at the first touch;
        // one read says so as a value.
        file.read_at(&mut [0], 0)?;
        // SAFETY: the map is read-only and private, and it is leaked, so the slice is valid for
        // the rest of the program. Another process may change or truncate the file meanwhile:
        // changed bytes are only data to us (nothing is assumed of them, and no `str` is borrowed
        // from them), a truncation raises SIGBUS, which the program reports before it ends.
        let map = unsafe { memmap2::MmapOptions::new().map_copy_read_only(&file)? };
        Box::leak(Box::new(map))
    };
    let mapped: &'static MappedFile =
        Box::leak(Box::new(MappedFile { path: path.to_owned(), data, file }));
    files.insert(key, mapped);
    Ok(mapped)
}

/// The mapped file and the offset in it that an address of this process belongs to. For the
/// handler of SIGBUS: takes no lock that may be held, so it may find nothing.
pub fn mapped_file_containing(address: usize) -> Option<(&'static Path, usize)> {
    let files = STORE.get()?.try_lock().ok()?;
    files.values().find_map(|f| {
        let offset = address.checked_sub(f.data.as_ptr() as usize)?;
        (offset < f.data.len()).then_some((f.path.as_path(), offset))
    })
}
