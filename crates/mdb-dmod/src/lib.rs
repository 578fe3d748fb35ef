//! What a dmod author uses: the safe face of the dmod ABI.
//!
//! A dmod is a shared library that adds commands and walkers to `mdb`. A command is a type that
//! implements [`Dcmd`], a walker one that implements [`Walker`], and [`dmod!`] makes a dmod of
//! them. A [`Session`] gives memory, symbols, threads, output and pipes; every failure is an
//! [`Error`], and `?` is all that is needed to report it.

mod args;
mod callbacks;
mod declare;
pub mod entry;
mod error;
mod frame_text;
mod macros;
mod memory;
pub mod note;
mod output;
mod panics;
mod run;
mod session;
mod signal;
mod symbols;
mod target;
#[cfg(feature = "testing")]
pub mod testing;
mod threads;
mod work;

pub use declare::{Dcmd, Declaration, Walker, WalkerDeclaration};
pub use entry::Hook;
pub use error::{Error, Result};
pub use mdb_dmod_abi as abi;
pub use mdb_dmod_abi::{Argument, Column, Example, Item, Opt, cell_kind, value_kind};
pub use memory::{Mapping, MappingKind, Memory, MemoryRun};
pub use output::{Cell, OutputMode};
pub use session::Session;
pub use signal::{signal_code_name, signal_name};
pub use symbols::{Module, SourceLine, Symbol};
pub use target::{Note, ProcessInfo, SignalInfo, TargetInfo, TargetKind};
pub use threads::{FoundBy, Frame, StackEnd, Thread};

/// The compiler.
#[doc(hidden)]
pub const BUILT_WITH: &str = env!("MDB_DMOD_RUSTC");

/// What a dmod needs.
pub mod prelude {
    pub use crate::{
        Argument, Cell, Column, Dcmd, Declaration, Error, Example, Item, Memory, Opt, Result,
        Session, Walker, WalkerDeclaration, cell_kind, dmod, value_kind,
    };
}
