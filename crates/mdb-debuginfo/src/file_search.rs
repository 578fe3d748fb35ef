//! Where the files of modules are looked for, and what came of it.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where to look for executables, libraries and debug files.
#[derive(Clone, Debug)]
pub struct FileSearch {
    /// The folder that stands for `/` of the machine where the process ran (`-R`). Nothing is
    /// looked for outside of it.
    pub sysroot: Option<PathBuf>,
    /// The executable, as given on the command line. It is the only candidate then.
    pub executable: Option<PathBuf>,
    /// Take files with another build-id, too, and read data files that cannot be verified.
    pub force_mismatch: bool,
    /// Folders with debug files (`.build-id/xx/yyyy.debug` and whole paths). Under `sysroot`,
    /// too.
    pub debug_dirs: Vec<PathBuf>,
}

impl Default for FileSearch {
    fn default() -> Self {
        Self {
            sysroot: None,
            executable: None,
            force_mismatch: false,
            debug_dirs: vec![PathBuf::from("/usr/lib/debug")],
        }
    }
}

/// A build-id as hexadecimal digits.
#[derive(Clone, Copy, Debug)]
pub struct HexId<'a>(pub &'a [u8]);

impl fmt::Display for HexId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

/// How it was made sure that a file is the one which the process had mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verification {
    /// Both have the same build-id.
    BuildId,
    /// The core has no build-id, but the saved first page is the file's.
    FirstPage,
    /// The core saved nothing to compare with.
    Unverified,
    /// It is another file, and the user said to take it nevertheless.
    Forced,
    /// The file is the target itself.
    Target,
}

/// What became of the search for the file of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileState {
    /// It is there.
    Found {
        /// Where.
        path: PathBuf,
        /// What is known about it.
        verification: Verification,
    },
    /// There is no such file.
    NotFound {
        /// The path that the process had.
        path: PathBuf,
        /// The build-id that it should have.
        wanted: Option<Box<[u8]>>,
    },
    /// There is one, but it is another one.
    Mismatched {
        /// Which.
        path: PathBuf,
        /// The build-id that it should have.
        wanted: Option<Box<[u8]>>,
        /// The build-id that it has.
        found: Option<Box<[u8]>>,
        /// It was named on the command line.
        named: bool,
    },
    /// There is one, but it cannot be used.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The module never had a file: the vDSO. It is read from memory.
    InMemory,
}

impl FileState {
    /// Whether the module's file (or its whole image, for the vDSO) is at hand.
    pub fn is_usable(&self) -> bool {
        matches!(self, Self::Found { .. } | Self::InMemory)
    }

    /// Where the file is.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Found { path, .. } => Some(path),
            _ => None,
        }
    }
}

fn id(id: Option<&[u8]>) -> String {
    match id {
        Some(id) => format!("build-id {}", HexId(id)),
        None => "no build-id".to_owned(),
    }
}

/// A path that may be the target's, so that it stays within its line and is mere text.
struct Shown<'a>(&'a Path);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.to_string_lossy().chars().try_for_each(|c| match c {
            '\'' | '"' => write!(f, "{c}"),
            _ => write!(f, "{}", c.escape_debug()),
        })
    }
}

impl fmt::Display for FileState {
    /// One sentence: what is wrong and what to try.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found { path, verification } => {
                let path = Shown(path);
                match verification {
                    Verification::BuildId => write!(f, "{path} (build-id verified)"),
                    Verification::FirstPage => write!(f, "{path} (first page verified)"),
                    Verification::Unverified => {
                        write!(f, "{path} (unverified: the core has neither build-id nor headers)")
                    }
                    Verification::Forced => {
                        write!(f, "{path} (another file than the process had, taken by --force)")
                    }
                    Verification::Target => write!(f, "{path}"),
                }
            }
            Self::NotFound { path, wanted } => {
                write!(f, "{} was not found", Shown(path))?;
                if let Some(wanted) = wanted {
                    write!(f, " (wanted: build-id {})", HexId(wanted))?;
                }
                f.write_str("; name a folder that has it with -R SYSROOT")
            }
            Self::Mismatched { path, wanted, found, named } => {
                write!(f, "{} is not the file that the process had mapped: ", Shown(path))?;
                match (wanted, found) {
                    (None, None) => f.write_str("its first page differs from the saved one")?,
                    _ => write!(
                        f,
                        "it has {}, wanted is {}",
                        id(found.as_deref()),
                        id(wanted.as_deref())
                    )?,
                }
                f.write_str("; it is not used. ")?;
                let how = if *named { "on the command line" } else { "with -R SYSROOT" };
                write!(f, "Name the right one {how}, or take this one with --force")
            }
            Self::Unreadable { path, why } => {
                write!(f, "{} cannot be used: {why}", Shown(path))
            }
            Self::InMemory => f.write_str("read from memory"),
        }
    }
}
