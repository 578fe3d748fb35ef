//! Providers: how dmods extend the host itself, and how all dmods ask them.
//!
//! A provider is a row of [`crate::ModInfo::providers`] with a table of functions for its kind. The
//! host asks the providers of a kind in the order of their priority, and each can be switched off
//! by name. Whoever asks does not know who answers: leak analysis asks for blocks, whichever
//! allocator gives them.

use crate::{
    Array, Cx, FrameView, Host, MemberCallback, Plain, Status, Str, SymbolCallback, TextCallback,
    TypeCallback,
};
use core::ffi::c_void;

/// Kinds of providers. Each has a table of its own; a host ignores kinds that it does not know.
pub mod provider_kind {
    /// Callers, names and arguments of frames: [`crate::FrameProvider`].
    pub const FRAME: u32 = 1;
    /// What is at an address where no ELF symbol is: [`crate::SymbolProvider`].
    pub const SYMBOL: u32 = 2;
    /// Whether an address is yours, and what it is: [`crate::WhatisProvider`].
    pub const WHATIS: u32 = 3;
    /// Every allocated block: [`crate::BlocksProvider`].
    pub const BLOCKS: u32 = 4;
    /// Types by name, types of objects: [`crate::TypesProvider`].
    pub const TYPES: u32 = 5;
    /// How to print values of a type: [`crate::PrinterProvider`].
    pub const PRINTER: u32 = 6;
    /// Where references from outside the heap are: [`crate::RootsProvider`].
    pub const ROOTS: u32 = 7;
}

/// A provider.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Provider {
    /// [`provider_kind`].
    pub kind: u32,
    /// `PROVIDER_*`; none are defined yet.
    pub flags: u32,
    /// The higher, the earlier it is asked.
    pub priority: i32,
    /// 0.
    pub reserved: u32,
    /// Its name.
    pub name: Str,
    /// One line.
    pub about: Str,
    /// The table of its kind, which begins with its own size (`u32`).
    pub table: *const c_void,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Provider {}
// SAFETY: static data that nobody writes.
unsafe impl Sync for Provider {}

// -- frames ----------------------------------------------------------------------------------------

/// [`FrameView::flags`]: the innermost frame, or one that a signal interrupted: `pc` is exact and
/// no return address.
pub const FRAME_VIEW_EXACT: u32 = 1;
/// [`FrameView::flags`]: the stack is a copy that was taken earlier (a sample). What is read through
/// the context of the call comes from the copy where that has it.
pub const FRAME_VIEW_SAMPLE: u32 = 2;

/// The registers of the caller that a [`FrameProvider`] found.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CallerFrame {
    /// Size of this struct, set by the host.
    pub size: u32,
    /// 0.
    pub flags: u32,
    /// The return address; 0: the frame that was asked for is the outermost.
    pub pc: u64,
    /// The caller's stack pointer.
    pub sp: u64,
    /// The caller's frame pointer register; used where `has_fp` is not 0.
    pub fp: u64,
    /// Whether `fp` is known.
    pub has_fp: u32,
    /// Further registers that are known, by DWARF number: how many of `registers` are used.
    pub count: u32,
    /// Their DWARF numbers.
    pub registers: [u32; 8],
    /// Their values.
    pub values: [u64; 8],
}

// SAFETY: integers.
unsafe impl Plain for CallerFrame {}

/// [`FrameDescription::flags`]: a function that the compiler put into the one that has the frame.
/// It has no code of its own: of `module` and `function_start` those of that one count.
pub const FRAME_DESCRIPTION_INLINED: u32 = 1;

/// What a [`FrameProvider`] says of a frame. All texts may be empty.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct FrameDescription {
    /// Size of this struct.
    pub size: u32,
    /// `FRAME_DESCRIPTION_*`.
    pub flags: u32,
    /// The line, or 0.
    pub line: u32,
    /// The column, or 0.
    pub column: u32,
    /// Where the function's code begins, or 0: frames of one function have the same.
    pub function_start: u64,
    /// The object that stands for the function (a `JSFunction`), or 0.
    pub object: u64,
    /// The function's name.
    pub function: Str,
    /// What its module is called.
    pub module: Str,
    /// The source file.
    pub file: Str,
    /// The arguments, ready to be shown between parentheses.
    pub arguments: Str,
    /// The name of the type of `object`.
    pub object_type: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for FrameDescription {}

/// Receives what a frame is.
pub type FrameDescriptionCallback =
    Option<unsafe extern "C" fn(arg: *mut c_void, frame: *const FrameDescription) -> Status>;

/// The table of a provider of frames. It reads memory **only through the context it is given**: a
/// copy of a stack may stand behind it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct FrameProvider {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// Finds the caller of a frame that no unwind table describes. [`Status::NOT_FOUND`]: the frame
    /// is none of its own.
    pub caller: Option<
        unsafe extern "C" fn(
            host: *const Host,
            cx: *mut Cx,
            frame: *const FrameView,
            caller: *mut CallerFrame,
        ) -> Status,
    >,
    /// Says what a frame is. [`Status::NOT_FOUND`]: none of its own.
    ///
    /// Where the compiler put functions into others, the frame has several. The callback is called
    /// for each: for the inlined ones first, flagged [`FRAME_DESCRIPTION_INLINED`], the innermost
    /// of them before the others, and at last for the function that has the frame.
    pub describe: Option<
        unsafe extern "C" fn(
            host: *const Host,
            cx: *mut Cx,
            frame: *const FrameView,
            callback: FrameDescriptionCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for FrameProvider {}
// SAFETY: static data that nobody writes.
unsafe impl Sync for FrameProvider {}

// -- symbols ---------------------------------------------------------------------------------------

/// The table of a provider of symbols.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SymbolProvider {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// The symbol that covers an address; [`Status::NOT_FOUND`] if there is none. Only `address`,
    /// `size`, `name` and `module` of it are used.
    pub at: Option<
        unsafe extern "C" fn(
            host: *const Host,
            cx: *mut Cx,
            address: u64,
            callback: SymbolCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// The symbol of this name; may be null.
    pub by_name: Option<
        unsafe extern "C" fn(
            host: *const Host,
            cx: *mut Cx,
            name: Str,
            callback: SymbolCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for SymbolProvider {}
// SAFETY: static data that nobody writes.
unsafe impl Sync for SymbolProvider {}

// -- whatis ----------------------------------------------------------------------------------------

/// Flag of `whatis`: all explanations, not only the most specific one of each provider.
pub const WHATIS_ALL: u32 = 1;
/// Flag of `whatis`: the address is the identifier of something (a thread's id), not an address.
pub const WHATIS_IDENTIFIER: u32 = 2;
/// Flag of `whatis`: no details of several lines.
pub const WHATIS_QUIET: u32 = 4;
/// Flag of `whatis`: prefer what manages a block to the block.
pub const WHATIS_CONTROL: u32 = 8;

/// One thing that an address is.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Explanation {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub flags: u32,
    /// Where the thing begins that the address is in.
    pub base: u64,
    /// How long it is in bytes; 0: unknown.
    pub length: u64,
    /// The more specific it is, the higher: a variable in a frame in a stack in a mapping. The host's
    /// own are 10 (mapping), 20 (segment), 30 (stack), 40 (frame), 50 (symbol), 60 (thread object);
    /// an allocated block is 55.
    pub rank: u32,
    /// The thread (1..N) whose it is, or 0.
    pub thread: u32,
    /// One word: `block`, `tls`.
    pub kind: Str,
    /// What it is: `allocated block of 32 bytes`. The host puts the address before it.
    pub text: Str,
    /// The name of its type, or empty.
    pub type_name: Str,
    /// Further lines, or empty.
    pub details: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Explanation {}

/// Receives an explanation of address `index` of those that were asked for.
pub type ExplanationCallback = Option<
    unsafe extern "C" fn(arg: *mut c_void, index: u32, explanation: *const Explanation) -> Status,
>;

/// The table of a provider of explanations.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct WhatisProvider {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// Explains those of the addresses that are its own: all at once, so that one pass does for all.
    pub explain: Option<
        unsafe extern "C" fn(
            host: *const Host,
            cx: *mut Cx,
            addresses: *const Array<u64>,
            flags: u32,
            callback: ExplanationCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for WhatisProvider {}
// SAFETY: static data that nobody writes.
unsafe impl Sync for WhatisProvider {}

// -- blocks and roots ------------------------------------------------------------------------------

/// States of blocks.
pub mod block_state {
    /// In use.
    pub const ALLOCATED: u32 = 1;
    /// Given back.
    pub const FREE: u32 = 2;
    /// Given back, but kept at hand (a thread's cache, a fast bin).
    pub const CACHED: u32 = 3;
}

/// [`Block::flags`]: pointers in it do not count as references (it holds no pointers).
pub const BLOCK_OPAQUE: u32 = 1;

/// A block of an allocator.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Block {
    /// Where the user's bytes begin.
    pub address: u64,
    /// How many bytes the user may use.
    pub size: u64,
    /// [`block_state`].
    pub state: u32,
    /// `BLOCK_*`.
    pub flags: u32,
}

// SAFETY: integers.
unsafe impl Plain for Block {}

/// Receives many blocks at once. [`Status::CLOSED`] stops without a failure.
pub type BlocksCallback =
    Option<unsafe extern "C" fn(arg: *mut c_void, blocks: *const Array<Block>) -> Status>;

/// The table of a provider of blocks.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BlocksProvider {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// Gives all blocks, in any order, a few thousand at a time.
    pub each: Option<
        unsafe extern "C" fn(
            host: *const Host,
            cx: *mut Cx,
            callback: BlocksCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for BlocksProvider {}
// SAFETY: static data that nobody writes.
unsafe impl Sync for BlocksProvider {}

/// Kinds of roots.
pub mod root_kind {
    /// Another kind; the name says which.
    pub const OTHER: u32 = 0;
    /// A register of a thread: one value, no memory.
    pub const REGISTER: u32 = 1;
    /// The part of a thread's stack that is in use.
    pub const STACK: u32 = 2;
    /// A thread's local storage.
    pub const TLS: u32 = 3;
    /// Writable data of a module.
    pub const DATA: u32 = 4;
    /// A handle of a virtual machine.
    pub const HANDLE: u32 = 5;
}

/// Something outside the blocks that may refer to them: a range of memory, or one value.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Root {
    /// Size of this struct.
    pub size: u32,
    /// [`root_kind`].
    pub kind: u32,
    /// The thread (1..N) whose it is, or 0.
    pub thread: u32,
    /// 0.
    pub flags: u32,
    /// First address; 0 where it is no memory.
    pub start: u64,
    /// The address behind the last; equal to `start` where it is no memory.
    pub end: u64,
    /// The value, where it is no memory.
    pub value: u64,
    /// What it is called: `rax`, `libc.so.6 .data`.
    pub name: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Root {}

/// Receives a root.
pub type RootCallback = Option<unsafe extern "C" fn(arg: *mut c_void, root: *const Root) -> Status>;

/// The table of a provider of roots.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct RootsProvider {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// Gives all roots that it knows besides the host's own.
    pub each: Option<
        unsafe extern "C" fn(
            host: *const Host,
            cx: *mut Cx,
            callback: RootCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for RootsProvider {}
// SAFETY: static data that nobody writes.
unsafe impl Sync for RootsProvider {}

// -- types and printers ----------------------------------------------------------------------------

/// The table of a provider of types.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct TypesProvider {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// The type of this name; [`Status::NOT_FOUND`] if it has none.
    pub by_name: Option<
        unsafe extern "C" fn(
            host: *const Host,
            cx: *mut Cx,
            name: Str,
            callback: TypeCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// The members of the type of this name, in order.
    pub members: Option<
        unsafe extern "C" fn(
            host: *const Host,
            cx: *mut Cx,
            name: Str,
            callback: MemberCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// The type of the object at an address; may be null.
    pub of_object: Option<
        unsafe extern "C" fn(
            host: *const Host,
            cx: *mut Cx,
            address: u64,
            callback: TypeCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for TypesProvider {}
// SAFETY: static data that nobody writes.
unsafe impl Sync for TypesProvider {}

/// The table of a provider of printers.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct PrinterProvider {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// Prints the value of a type at an address: the text goes to the callback in pieces.
    /// [`Status::NOT_FOUND`]: a type of somebody else.
    pub print: Option<
        unsafe extern "C" fn(
            host: *const Host,
            cx: *mut Cx,
            type_name: Str,
            address: u64,
            callback: TextCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for PrinterProvider {}
// SAFETY: static data that nobody writes.
unsafe impl Sync for PrinterProvider {}

// -- asking ----------------------------------------------------------------------------------------

/// [`ProviderInfo::flags`]: switched on.
pub const PROVIDER_ENABLED: u32 = 1;

/// A registered provider.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ProviderInfo {
    /// Size of this struct.
    pub size: u32,
    /// [`PROVIDER_ENABLED`].
    pub flags: u32,
    /// [`provider_kind`].
    pub kind: u32,
    /// The higher, the earlier it is asked.
    pub priority: i32,
    /// Its name.
    pub name: Str,
    /// The dmod that has it; empty: the host itself.
    pub dmod: Str,
    /// One line.
    pub about: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for ProviderInfo {}

/// Receives a registered provider.
pub type ProviderCallback =
    Option<unsafe extern "C" fn(arg: *mut c_void, provider: *const ProviderInfo) -> Status>;

/// The group `providers`: asks whoever provides something. Only from the thread that runs the dcmd.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ProvidersGroup {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// All registered providers of a kind (0: of all kinds), in the order in which they are asked.
    pub list: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            kind: u32,
            callback: ProviderCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// What the addresses are. `flags`: `WHATIS_*`. A provider that fails is a warning.
    pub whatis: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            addresses: *const Array<u64>,
            flags: u32,
            callback: ExplanationCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// All blocks of all allocators. [`Status::NOT_FOUND`]: nobody provides any.
    pub blocks: Option<
        unsafe extern "C" fn(cx: *mut Cx, callback: BlocksCallback, arg: *mut c_void) -> Status,
    >,
    /// All roots: the host's own (registers, stacks, local storage, writable data), then those of
    /// the providers.
    pub roots: Option<
        unsafe extern "C" fn(cx: *mut Cx, callback: RootCallback, arg: *mut c_void) -> Status,
    >,
    /// The type of the object at an address.
    pub object_type: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            address: u64,
            callback: TypeCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// The text of the value of a type at an address. [`Status::NOT_FOUND`]: nobody can print it.
    pub print: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            type_name: Str,
            address: u64,
            callback: TextCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for ProvidersGroup {}
