//! The session: evaluator, pipelines, registries and the built-in dcmds.
//!
//! A [`Session`] holds one target and the state of the language. Text is evaluated with
//! [`Session::evaluate`]; what commands print goes into a [`Sink`].

mod command;
mod complete;
mod dcmds;
mod disassembly;
mod dmods;
mod evaluator;
mod failure;
mod format_verbs;
mod graph;
mod host_services;
mod item;
mod nearest;
mod options;
mod other_targets;
mod output;
mod pipeline;
mod private_symbols;
mod providers;
mod registry;
mod roots;
mod session;
mod shell;
mod sinks;
mod stacks;
mod symbols;
mod thread_local;
mod variables;
mod workers;

pub use command::{Call, Command, Invocation, Run, Walk, Walker};
pub use dmods::Dmods;
pub use evaluator::Source;
pub use failure::Failure;
pub use item::{Item, TypeId, TypeNames};
pub use options::Options;
pub use output::{Columns, Output, OutputMode, Sink, StageState};
pub use private_symbols::{PrivateSymbol, PrivateSymbolKind, PrivateSymbols};
pub use registry::Registry;
pub use session::{Frontend, Session};
pub use sinks::{CaptureSink, IndentSink, WriterSink};
pub use stacks::{FrameNames, Inlined, SourcePlace, Stacks, Unwound};
pub use symbols::{SymbolAt, Symbols};
pub use variables::{VariableError, Variables};
