//! Finds, checks, opens and calls dmods.
//!
//! The loader does not know the engine: it builds the tables of `mdb-dmod-abi` over a
//! [`HostServices`] that the engine implements, and gives back plain descriptions of what a dmod
//! has ([`DcmdSpec`], [`WalkerSpec`]).

mod services;
mod spec;

pub use mdb_dmod_abi as abi;
pub use mdb_dmod_abi::{Item, Status};
pub use services::{
    CommandSink, FaultDescription, Flow, FrameInfo, HostServices, LineInfo, MappingInfo,
    MemoryServices, ModuleInfo, NoteInfo, OutputState, ProcessState, ReadError, ServiceError,
    SignalState, StackEndInfo, SymbolInfo, TargetState, ThreadInfo,
};
pub use spec::{
    AddressUse, ArgumentSpec, ArgumentValue, Cell, ColumnAlign, ColumnKind, ColumnSpec, DcmdSpec,
    ExampleSpec, OptionSpec, ParsedArgs, Text, ValueKind, WalkerSpec, json_key,
};
