//! Where dmods are looked for.
//!
//! Never in the current directory, in the core's, in one that the target names: a core is
//! untrusted input, and a dmod is code that runs.

use crate::error::LoadError;
use crate::note::{DmodNote, read_note};
use std::ffi::OsStr;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file that is a dmod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DmodFile {
    /// The file.
    pub path: PathBuf,
    /// What it says of itself.
    pub note: DmodNote,
}

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The dmods, each name once, in the order of the search.
    pub dmods: Vec<DmodFile>,
    /// Files of the same names that came later.
    pub shadowed: Vec<DmodFile>,
    /// Files with a bad note and directories that are not safe: to be shown as warnings.
    pub warnings: Vec<LoadError>,
    /// Libraries that are no dmods. Nobody wants to hear of them, except in `::dmods -v`.
    pub others: Vec<LoadError>,
}

/// The directories, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchPath {
    directories: Vec<PathBuf>,
}

/// What the standard search path is made of; taken from the process by [`Surroundings::ours`].
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// `MDB_DMOD_PATH`.
    pub dmod_path: Option<std::ffi::OsString>,
    /// `XDG_CONFIG_HOME`.
    pub config_home: Option<PathBuf>,
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// The running program.
    pub program: Option<PathBuf>,
}

impl Surroundings {
    /// Those of this process.
    pub fn ours() -> Self {
        let path = |name| std::env::var_os(name).map(PathBuf::from);
        Self {
            dmod_path: std::env::var_os("MDB_DMOD_PATH"),
            config_home: path("XDG_CONFIG_HOME"),
            home: path("HOME"),
            program: std::env::current_exe().ok(),
        }
    }
}

impl SearchPath {
    /// `-L` directories (which may be relative: the user has just typed them), `MDB_DMOD_PATH`,
    /// `$XDG_CONFIG_HOME/mdb/dmods`, `../lib/mdb/dmods` from the program, and the program's own
    /// directory, where builds put the dmods that we ship.
    pub fn standard(given: &[PathBuf], around: &Surroundings) -> Self {
        let mut path = Self::default();
        for directory in given {
            path.push(std::path::absolute(directory).unwrap_or_else(|_| directory.clone()));
        }
        if let Some(list) = &around.dmod_path {
            // An empty or relative part would be the current directory or below it.
            std::env::split_paths(list).for_each(|directory| path.push(directory));
        }
        let config = around.config_home.clone().filter(|p| p.is_absolute());
        let config = config.or_else(|| around.home.as_ref().map(|home| home.join(".config")));
        if let Some(config) = config {
            path.push(config.join("mdb/dmods"));
        }
        if let Some(beside) = around.program.as_deref().and_then(Path::parent) {
            if let Some(prefix) = beside.parent() {
                path.push(prefix.join("lib/mdb/dmods"));
            }
            path.push(beside.to_owned());
        }
        path
    }

    /// Adds a directory at the end. Relative ones are left out.
    pub fn push(&mut self, directory: PathBuf) {
        if directory.is_absolute() && !self.directories.contains(&directory) {
            self.directories.push(directory);
        }
    }

    /// The directories, in order.
    pub fn directories(&self) -> &[PathBuf] {
        &self.directories
    }

    /// Looks at every library in every directory.
    pub fn find_all(&self) -> Found {
        let mut found = Found::default();
        for directory in &self.directories {
            let metadata = match std::fs::metadata(directory) {
                Ok(metadata) if metadata.is_dir() => metadata,
                _ => continue,
            };
            // Nothing is said of a directory that others may write to unless it has a library.
            let files = libraries(directory);
            if files.is_empty() {
                continue;
            }
            if let Some(error) = unsafe_to_use(directory, &metadata) {
                found.warnings.push(error);
                continue;
            }
            for path in files {
                found.take(path);
            }
        }
        found
    }

    /// Finds one dmod by name, ignoring triggers.
    pub fn find(&self, name: &str) -> Result<DmodFile, LoadError> {
        let found = self.find_all();
        if let Some(file) = found.dmods.into_iter().find(|file| file.note.name == name) {
            return Ok(file);
        }
        // A file of that name that is refused explains more than "not found".
        let stem = |error: &LoadError| match error {
            LoadError::Io { path, .. }
            | LoadError::NotADmod { path, .. }
            | LoadError::BadNote { path, .. }
            | LoadError::Unsafe { path, .. } => {
                path.file_name().and_then(library_name) == Some(name)
            }
            _ => false,
        };
        let refused = found.warnings.into_iter().chain(found.others).find(stem);
        Err(refused.unwrap_or_else(|| {
            let list: Vec<_> = self.directories.iter().map(|d| d.display().to_string()).collect();
            LoadError::NotFound { name: name.to_owned(), searched: list.join(", ") }
        }))
    }
}

impl Found {
    fn take(&mut self, path: PathBuf) {
        match std::fs::metadata(&path) {
            Ok(metadata) => {
                if let Some(error) = unsafe_to_use(&path, &metadata) {
                    // Only a dmod is worth a warning.
                    if read_note(&path).is_ok() {
                        self.warnings.push(error);
                    }
                    return;
                }
            }
            Err(error) => {
                self.others.push(LoadError::Io { path, reason: error.to_string() });
                return;
            }
        }
        match read_note(&path) {
            Ok(note) => {
                let file = DmodFile { path, note };
                if self.dmods.iter().any(|other| other.note.name == file.note.name) {
                    self.shadowed.push(file);
                } else {
                    self.dmods.push(file);
                }
            }
            Err(error @ (LoadError::NotADmod { .. } | LoadError::Io { .. })) => {
                self.others.push(error);
            }
            Err(error) => self.warnings.push(error),
        }
    }
}

/// `NAME` of `NAME.so` and of `libNAME.so`.
fn library_name(file: &OsStr) -> Option<&str> {
    let name = file.to_str()?.strip_suffix(".so")?;
    Some(name.strip_prefix("lib").unwrap_or(name)).filter(|name| !name.is_empty())
}

/// The libraries in a directory, by name.
fn libraries(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| library_name(&entry.file_name()).is_some())
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files
}

/// Whether somebody else could have put code there.
fn unsafe_to_use(path: &Path, metadata: &Metadata) -> Option<LoadError> {
    // SAFETY: has no conditions.
    let us = unsafe { libc::geteuid() };
    let owner = metadata.uid();
    let reason = if metadata.mode() & 0o002 != 0 {
        format!("anybody may write to it (mode {:o}); chmod o-w it", metadata.mode() & 0o7777)
    } else if owner != us && owner != 0 && Some(owner) != program_owner() {
        format!("it belongs to user {owner}, and code of others is not run")
    } else {
        return None;
    };
    Some(LoadError::Unsafe { path: path.into(), reason })
}

/// Who owns the running program: whoever could change that need not bother with a dmod.
fn program_owner() -> Option<u32> {
    std::fs::metadata("/proc/self/exe").ok().map(|metadata| metadata.uid())
}

/// Reads the note of one file that the user named; it need not be on the search path, but must be
/// as safe.
pub fn open_file(path: &Path) -> Result<DmodFile, LoadError> {
    let io = |e: std::io::Error| LoadError::Io { path: path.into(), reason: e.to_string() };
    let path = std::fs::canonicalize(path).map_err(io)?;
    let metadata = std::fs::metadata(&path).map_err(io)?;
    if !metadata.is_file() {
        let what = if metadata.is_dir() { "a directory" } else { "no regular file" };
        return Err(LoadError::NotADmod { path, reason: format!("it is {what}") });
    }
    if let Some(error) = unsafe_to_use(&path, &metadata) {
        return Err(error);
    }
    let note = read_note(&path)?;
    Ok(DmodFile { path, note })
}
