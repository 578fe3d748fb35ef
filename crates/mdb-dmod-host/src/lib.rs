//! Finds, checks, opens and calls dmods.
//!
//! The loader does not know the engine: it builds the tables of `mdb-dmod-abi` over a
//! [`HostServices`] that the engine implements, and gives back plain descriptions of what a dmod
//! has ([`DcmdSpec`], [`WalkerSpec`]).

mod call;
mod error;
mod load;
mod loaded_object;
mod note;
mod parse_args;
mod provided;
mod provider;
mod search;
mod services;
mod spec;
mod tables;
mod trigger;
mod validate;

pub use call::{CallError, current_dmod_call};
pub use error::LoadError;
pub use load::{LoadedModule, Origin, load, register_builtin, reload};
pub use mdb_dmod_abi as abi;
pub use mdb_dmod_abi::{Item, Status};
pub use mdb_lang::arguments::{Evaluate, UsageError, Values, Word};
pub use note::{DmodNote, is_module_name, read_note};
pub use parse_args::{parse_args, usage};
pub use provided::{
    CallerInfo, ExplanationInfo, FrameDescriptionInfo, FrameQuery, GraphView, MemberDescription,
    ProvidedSymbol, ProviderState, RootInfo, TypeDescription,
};
pub use provider::LoadedProvider;
pub use search::{DmodFile, Found, SearchPath, Surroundings, open_file};
pub use services::{
    CommandSink, FaultDescription, Flow, FrameInfo, HostServices, LineInfo, MappingInfo,
    MemoryServices, ModuleInfo, NoteInfo, OutputState, ProcessState, ReadError, RunInfo,
    SampleInfo, ServiceError, SignalState, StackEndInfo, SymbolInfo, TargetState, ThreadInfo,
};
pub use spec::{
    AddressUse, ArgumentSpec, ArgumentValue, Cell, ColumnAlign, ColumnKind, ColumnSpec, DcmdSpec,
    ExampleSpec, OptionSpec, ParsedArgs, Text, ValueKind, WalkerSpec, json_key,
};
pub use trigger::{Trigger, TriggerFacts, glob_matches};
pub use validate::ProviderSpec;
