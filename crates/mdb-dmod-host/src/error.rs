//! Why a dmod is not loaded.

use std::path::PathBuf;

/// Why a file, a table or a directory is refused. Every sentence names the file and the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be read.
    #[error("{path}: {reason}", path = path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The operating system's words.
        reason: String,
    },
    /// The file is something else.
    #[error("{path}: not a dmod: {reason}", path = path.display())]
    NotADmod {
        /// The file.
        path: PathBuf,
        /// What it lacks.
        reason: String,
    },
    /// The note is there and makes no sense.
    #[error("{path}: its dmod note is bad: {reason}", path = path.display())]
    BadNote {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Built for a version of the ABI that this host does not speak.
    #[error("{module}: dmod {name} is built for ABI {theirs}, this mdb has {ours}: {cure}")]
    Version {
        /// The file, or the module's name if it is built in.
        module: String,
        /// The module's name.
        name: String,
        /// The version that it wants.
        theirs: String,
        /// The version that we have.
        ours: String,
        /// What to do.
        cure: &'static str,
    },
    /// Built with `panic = "abort"`.
    #[error(
        "{module}: dmod {name} is built with panic=abort: a panic in it would end mdb; build it \
         with panic=unwind"
    )]
    PanicAborts {
        /// The file, or the module's name if it is built in.
        module: String,
        /// The module's name.
        name: String,
    },
    /// The dynamic linker refused it.
    #[error("{path}: cannot be opened: {reason}", path = path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The dynamic linker's words.
        reason: String,
    },
    /// A table says something impossible.
    #[error("{module}: table {table}: {reason}")]
    Table {
        /// The file, or the module's name if it is built in.
        module: String,
        /// Which table: `dcmds[2].options`.
        table: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A directory, or a file in it, that others may write to.
    #[error("{path}: skipped: {reason}", path = path.display())]
    Unsafe {
        /// The directory or file.
        path: PathBuf,
        /// Who may write to it.
        reason: String,
    },
    /// No file of that name.
    #[error("no module '{name}' could be found in {searched}")]
    NotFound {
        /// The name.
        name: String,
        /// Where it was looked for.
        searched: String,
    },
}
