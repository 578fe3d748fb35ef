//! The contract between `mdb` and its dmods.
//!
//! Tables of C functions and plain structs, nothing else: no allocator, no panic and no Rust type
//! without a fixed layout crosses the border, so a dmod may be built by another Rust compiler or
//! be written in C. The rules that hold for all of it:
//!
//! * **Strings** are a pointer and a length, UTF-8 ([`Str`]); an empty one may have a null pointer.
//! * **Enumerations are integers.** A value that the reader does not know is legal and ignored.
//! * **Sizes come first, tables grow at the end.** A struct that is passed by pointer begins with
//!   its own size; a reader uses a field only where the size covers it ([`read_sized`],
//!   [`field!`]). An [`Array`] states the size of its elements, and the reader steps by that.
//! * **Nothing is owned across.** What a callback is given is borrowed until the callback returns;
//!   what a dcmd is given, until the dcmd returns.
//! * **The host calls in, the dmod calls back.** A dmod gets the host's tables and a context, and
//!   may use the context until it returns.
//!
//! The layout of every struct is compared with a committed table by a test of this crate.

#![no_std]

mod array;
mod call;
mod dcmd;
mod graph;
mod host;
mod item;
mod memory;
mod modinfo;
mod note;
mod output;
mod pipe;
mod provider;
mod run;
mod session;
mod status;
mod symbols;
mod target;
mod targets;
mod text;
mod threads;
mod types;
mod walker;
mod work;

pub use array::{Array, Plain, element, field_size, read_sized};
pub use call::{
    CALL_ADDRESS, CALL_LOOP, CALL_LOOP_FIRST, CALL_PIPE_IN, CALL_PIPE_OUT, Call, VALUE_GIVEN,
    Value, WalkCall,
};
pub use dcmd::{
    ALIGN_DEFAULT, ALIGN_LEFT, ALIGN_RIGHT, ARGUMENT_OPTIONAL, ARGUMENT_REST, Argument,
    COLUMN_DETAIL, COLUMN_ITEM, Column, DCMD_ADDRESS_NONE, DCMD_ADDRESS_OPTIONAL,
    DCMD_ADDRESS_REQUIRED, DCMD_HIDDEN, DCMD_TAKES_ALL_INPUT, Dcmd, DcmdComplete, DcmdRun,
    EXAMPLE_NEEDS_TARGET, Example, OPTION_HIDDEN, OPTION_REPEATABLE, OPTION_REQUIRED, Opt, Partial,
    value_kind,
};
pub use graph::{Graph, GraphGroup, RootEdge};
pub use host::{Cx, Host};
pub use item::Item;
pub use memory::{
    AddressCallback, Bytes, FaultCallback, MAPPING_EXECUTE, MAPPING_PERMISSIONS_KNOWN,
    MAPPING_READ, MAPPING_WRITE, Mapping, MappingCallback, MemoryGroup, MemoryRun, RUN_FILE,
    RUN_ZERO, fault_kind, mapping_kind,
};
pub use modinfo::{Entry, MOD_PANIC_ABORTS, ModInfo};
pub use note::{ENTRY_PREFIX, NOTE_OWNER, NOTE_SECTION, NOTE_TYPE};
pub use output::{
    Cell, OUTPUT_COLOUR, OUTPUT_JSON, OUTPUT_PIPE, OUTPUT_TERMINAL, OutputGroup, OutputInfo,
    StyledPiece, cell_kind, text_role,
};
pub use pipe::PipeGroup;
pub use provider::{
    BLOCK_OPAQUE, Block, BlocksCallback, BlocksProvider, CallerFrame, Explanation,
    ExplanationCallback, FRAME_DESCRIPTION_INLINED, FRAME_VIEW_EXACT, FRAME_VIEW_SAMPLE,
    FrameDescription, FrameDescriptionCallback, FrameProvider, PROVIDER_ENABLED, PrinterProvider,
    Provider, ProviderCallback, ProviderInfo, ProvidersGroup, Root, RootCallback, RootsProvider,
    SymbolProvider, TypesProvider, WHATIS_ALL, WHATIS_CONTROL, WHATIS_IDENTIFIER, WHATIS_QUIET,
    WhatisProvider, block_state, provider_kind, root_kind,
};
pub use run::{ItemCallback, RunGroup};
pub use session::{BytesCallback, ErrorCallback, SessionGroup};
pub use status::Status;
pub use symbols::{
    LineCallback, MODULE_EXECUTABLE, MODULE_FILE_MISSING, MODULE_VDSO, Module, ModuleCallback,
    SYMBOL_FUNCTION, SYMBOL_GLOBAL, SYMBOL_OBJECT, SYMBOL_TLS, SourceLine, Symbol, SymbolCallback,
    SymbolsGroup,
};
pub use target::{
    AuxvCallback, Note, NoteCallback, ProcessCallback, ProcessInfo, SIGNAL_HAS_ADDRESS,
    SIGNAL_HAS_CODE, SIGNAL_HAS_SENDER, SignalInfo, TARGET_GCORE, TARGET_RUNNING, TargetGroup,
    TargetInfo, target_kind,
};
pub use targets::{TargetCallback, TargetsGroup};
pub use text::{Str, TextCallback};
pub use threads::{
    FRAME_DOUBTFUL, FRAME_EXACT, FRAME_INLINED, FRAME_SIGNAL, FRAMES_NO_DESCRIPTIONS,
    FRAMES_NO_INLINED, FRAMES_NO_LINES, FRAMES_REGISTERS, Frame, FrameCallback, FrameView,
    RegisterValue, StackEnd, StackEndCallback, StackSample, THREAD_CRASHED, Thread, ThreadCallback,
    ThreadsGroup, found_by, stack_end,
};
pub use types::{MemberCallback, MemberInfo, TypeCallback, TypeInfo, TypesGroup, type_kind};
pub use walker::{
    WALKER_START_NONE, WALKER_START_OPTIONAL, WALKER_START_REQUIRED, WalkEach, WalkFini, WalkInit,
    WalkStep, Walker,
};
pub use work::{WorkFunction, WorkGroup};

/// The major version: what has another one is refused. It stays 0 until the contract is declared
/// stable; until then [`OLDEST_MINOR`] says how far back it still reaches.
pub const ABI_MAJOR: u16 = 0;

/// The minor version: raised by every addition.
pub const ABI_MINOR: u16 = 2;

/// The oldest minor version that a host of this version still understands. Raised, while the major
/// version is 0, by a change that is no addition.
pub const OLDEST_MINOR: u16 = 1;
