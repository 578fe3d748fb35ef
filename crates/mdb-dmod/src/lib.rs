//! What a dmod author uses: the safe face of the dmod ABI.
//!
//! A dmod is a shared library that adds commands and walkers to `mdb`. A command is a type that
//! implements [`Dcmd`], a walker one that implements [`Walker`], and [`dmod!`] makes a dmod of
//! them. A [`Session`] gives memory, symbols, threads, output and pipes; every failure is an
//! [`Error`], and `?` is all that is needed to report it.

mod args;
mod arguments;
mod callbacks;
mod declare;
pub mod entry;
mod error;
mod frame_text;
mod graph;
mod load;
mod macros;
mod memory;
pub mod note;
mod other_target;
mod output;
mod panics;
pub mod provide;
mod providers;
mod run;
mod session;
mod signal;
mod symbols;
mod target;
#[cfg(feature = "testing")]
pub mod testing;
mod threads;
mod types;
mod walk_item;
mod work;

pub use arguments::{Address, Args, FromWord, Size, TypeName, Word};
pub use declare::{Dcmd, Declaration, Walker, WalkerDeclaration};
pub use entry::Hook;
pub use error::{Error, Result};
pub use graph::MemoryGraph;
pub use load::{Layout, Load, LoadField, Loaded, Mirror};
pub use mdb_dmod_abi as abi;
pub use mdb_dmod_abi::{Argument, Column, Example, Item, Opt, cell_kind, value_kind};
pub use mdb_dmod_macros::{Args, Load, dcmd, walker};
pub use memory::{Mapping, MappingKind, Memory, MemoryRun};
pub use other_target::OtherTarget;
pub use output::{Cell, OutputMode};
pub use providers::{Explanation, RegisteredProvider, Root, RootKind, WhatisFlags};
pub use session::Session;
pub use signal::{signal_code_name, signal_name};
pub use symbols::{Module, SourceLine, Symbol};
pub use target::{Note, ProcessInfo, SignalInfo, TargetInfo, TargetKind};
pub use threads::{FoundBy, Frame, StackEnd, Thread};
pub use types::{Member, Type};
pub use walk_item::IntoItem;

/// The compiler.
#[doc(hidden)]
pub const BUILT_WITH: &str = env!("MDB_DMOD_RUSTC");

/// What a dmod needs.
pub mod prelude {
    pub use crate::{
        Address, Args, Argument, Cell, Column, Dcmd, Declaration, Error, Example, Item, Load,
        Memory, Opt, Result, Session, Size, TypeName, Walker, WalkerDeclaration, cell_kind, dcmd,
        dmod, value_kind, walker,
    };
}
