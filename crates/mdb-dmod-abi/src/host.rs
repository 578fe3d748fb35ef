//! The root of what the host gives.

use crate::{
    GraphGroup, MemoryGroup, OutputGroup, PipeGroup, Plain, ProvidersGroup, RunGroup, SessionGroup,
    SymbolsGroup, TargetGroup, TargetsGroup, ThreadsGroup, TypesGroup, WorkGroup,
};

/// The context of a call: which session, which target, which stage of which pipe. Opaque. It lives
/// until the call returns.
#[repr(C)]
#[derive(Debug)]
pub struct Cx {
    _private: [u8; 0],
}

/// The host's tables. A new group is appended here, a new function to its group; either raises the
/// minor version. A group may be null.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Host {
    /// Size of this struct.
    pub size: u32,
    /// The host's [`crate::ABI_MAJOR`].
    pub abi_major: u16,
    /// The host's [`crate::ABI_MINOR`].
    pub abi_minor: u16,
    /// Memory of the target. From any thread.
    pub memory: *const MemoryGroup,
    /// Modules and symbols of the target.
    pub symbols: *const SymbolsGroup,
    /// Types.
    pub types: *const TypesGroup,
    /// Threads of the target.
    pub threads: *const ThreadsGroup,
    /// Rows, text, warnings.
    pub output: *const OutputGroup,
    /// Items.
    pub pipe: *const PipeGroup,
    /// Other commands, walkers and expressions.
    pub run: *const RunGroup,
    /// What is kept from call to call.
    pub session: *const SessionGroup,
    /// The host's threads.
    pub work: *const WorkGroup,
    /// What the target is.
    pub target: *const TargetGroup,
    /// What dmods provide for each other.
    pub providers: *const ProvidersGroup,
    /// Which block refers to which.
    pub graph: *const GraphGroup,
    /// Further targets.
    pub targets: *const TargetsGroup,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Host {}
// SAFETY: static data that nobody writes.
unsafe impl Sync for Host {}
