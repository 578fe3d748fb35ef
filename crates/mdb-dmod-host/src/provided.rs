//! What providers give, as plain Rust: the engine asks for it and hands it on.

use mdb_dmod_abi::{Block, RegisterValue};
use std::borrow::Cow;

/// A frame as a provider is asked about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameQuery {
    /// `FRAME_VIEW_*` of the ABI.
    pub flags: u32,
    /// 0 for the innermost.
    pub level: u32,
    /// Program counter.
    pub pc: u64,
    /// Stack pointer.
    pub sp: u64,
    /// Frame pointer register, if it is known.
    pub fp: Option<u64>,
    /// Known registers.
    pub registers: Vec<RegisterValue>,
}

/// The caller of a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallerInfo {
    /// Return address; 0: there is no caller.
    pub pc: u64,
    /// Stack pointer.
    pub sp: u64,
    /// Frame pointer register, if it is known.
    pub fp: Option<u64>,
    /// Further registers: DWARF number and value.
    pub registers: Vec<(u32, u64)>,
}

/// What a frame is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameDescriptionInfo {
    /// Or empty.
    pub function: String,
    /// Or empty.
    pub module: String,
    /// Or empty.
    pub file: String,
    /// Or 0.
    pub line: u32,
    /// Or 0.
    pub column: u32,
    /// Where the function begins, or 0.
    pub function_start: u64,
    /// Ready to be shown, or empty.
    pub arguments: String,
    /// The object that stands for the function, or 0.
    pub object: u64,
    /// Its type, or empty.
    pub object_type: String,
    /// Functions that are inlined there, innermost first; these have none.
    pub inlined: Vec<FrameDescriptionInfo>,
}

/// A symbol of a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProvidedSymbol {
    /// Its address.
    pub address: u64,
    /// Its size; 0: unknown.
    pub size: u64,
    /// Its name.
    pub name: String,
    /// Its module, or empty.
    pub module: String,
}

/// One thing that an address is; the fields are those of [`mdb_dmod_abi::Explanation`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExplanationInfo<'a> {
    /// Where the thing begins.
    pub base: u64,
    /// How long it is; 0: unknown.
    pub length: u64,
    /// The more specific, the higher.
    pub rank: u32,
    /// The thread (1..N), or 0.
    pub thread: u32,
    /// One word.
    pub kind: Cow<'a, str>,
    /// What it is.
    pub text: Cow<'a, str>,
    /// Or empty.
    pub type_name: Cow<'a, str>,
    /// Further lines, or empty.
    pub details: Cow<'a, str>,
}

/// A root; the fields are those of [`mdb_dmod_abi::Root`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RootInfo<'a> {
    /// [`mdb_dmod_abi::root_kind`].
    pub kind: u32,
    /// The thread (1..N), or 0.
    pub thread: u32,
    /// First address, or 0.
    pub start: u64,
    /// The address behind the last.
    pub end: u64,
    /// The value, where it is no memory.
    pub value: u64,
    /// What it is called.
    pub name: Cow<'a, str>,
}

/// A type; the fields are those of [`mdb_dmod_abi::TypeInfo`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeDescription {
    /// [`mdb_dmod_abi::type_kind`].
    pub kind: u32,
    /// Bytes; 0: unknown.
    pub size: u64,
    /// Elements of an array.
    pub count: u64,
    /// Its name.
    pub name: String,
    /// What it points to, or has.
    pub target: String,
}

/// A member; the fields are those of [`mdb_dmod_abi::MemberInfo`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberDescription {
    /// [`mdb_dmod_abi::type_kind`].
    pub kind: u32,
    /// Bytes from the beginning of the struct.
    pub offset: u64,
    /// Bytes.
    pub size: u64,
    /// The first bit, of a bit field.
    pub bit_offset: u32,
    /// How many bits, of a bit field; else 0.
    pub bit_size: u32,
    /// Its name.
    pub name: String,
    /// Its type.
    pub type_name: String,
}

/// A registered provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderState {
    /// [`mdb_dmod_abi::provider_kind`].
    pub kind: u32,
    /// The higher, the earlier it is asked.
    pub priority: i32,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Its name.
    pub name: String,
    /// Its dmod; empty: the host.
    pub dmod: String,
    /// One line.
    pub about: String,
}

/// The memory graph, as it is lent to dmods; the fields are those of [`mdb_dmod_abi::Graph`].
#[derive(Clone, Copy, Debug, Default)]
pub struct GraphView<'a> {
    /// Blocks by address.
    pub nodes: &'a [Block],
    /// One more than there are nodes.
    pub first_edge: &'a [u32],
    /// Numbers of nodes.
    pub edges: &'a [u32],
    /// One more than there are nodes.
    pub first_referrer: &'a [u32],
    /// Numbers of nodes.
    pub referrers: &'a [u32],
    /// References from roots.
    pub roots: &'a [mdb_dmod_abi::RootEdge],
    /// Bytes that could not be read.
    pub unreadable: u64,
    /// Blocks that were left out.
    pub overlapping: u64,
}
