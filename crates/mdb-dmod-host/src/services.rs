//! What the loader needs of a host: plain Rust, implemented by the engine.

use crate::provided::{
    ExplanationInfo, GraphView, MemberDescription, ProviderState, RootInfo, TypeDescription,
};
use crate::spec::Cell;
use mdb_dmod_abi::{Block, Item, RegisterValue, Status};
use std::borrow::Cow;

/// Whether whoever receives items, rows or text wants more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Flow {
    /// More, please.
    Continue,
    /// No more; the producer shall stop, and all is well.
    Closed,
    /// The user pressed ^C.
    Cancelled,
}

impl Flow {
    /// As it crosses the border.
    pub fn status(self) -> Status {
        match self {
            Self::Continue => Status::OK,
            Self::Closed => Status::CLOSED,
            Self::Cancelled => Status::CANCELLED,
        }
    }
}

/// Why a service failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ServiceError {
    /// The kind of failure.
    pub status: Status,
    /// One sentence.
    pub message: String,
    /// The address that it is about.
    pub address: Option<u64>,
}

impl ServiceError {
    /// A failure of the general kind.
    pub fn new(message: impl Into<String>) -> Self {
        Self { status: Status::ERROR, message: message.into(), address: None }
    }

    /// There is no such thing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self { status: Status::NOT_FOUND, ..Self::new(message) }
    }

    /// This target or this host cannot do it.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self { status: Status::UNSUPPORTED, ..Self::new(message) }
    }

    /// Memory could not be read.
    pub fn fault(address: u64, message: impl Into<String>) -> Self {
        Self { status: Status::FAULT, address: Some(address), ..Self::new(message) }
    }

    /// The user pressed ^C.
    pub fn cancelled() -> Self {
        Self { status: Status::CANCELLED, ..Self::new("interrupted") }
    }
}

/// Why a read failed. [`MemoryServices::describe_fault`] has the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// The first byte cannot be read.
    Fault,
    /// The user pressed ^C.
    Cancelled,
}

/// Why a byte cannot be read: [`mdb_dmod_abi::fault_kind`] and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultDescription {
    /// [`mdb_dmod_abi::fault_kind`].
    pub kind: u32,
    /// The sentence.
    pub sentence: Cow<'static, str>,
}

/// A mapping of the target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MappingInfo {
    /// First address.
    pub start: u64,
    /// The address behind the last.
    pub end: u64,
    /// `MAPPING_*` of the ABI.
    pub flags: u32,
    /// [`mdb_dmod_abi::mapping_kind`].
    pub kind: u32,
    /// The thread (1..N) whose stack it is, or 0.
    pub thread: u32,
    /// The offset of the first byte in the file.
    pub offset: u64,
    /// How many of its bytes the target has.
    pub saved: u64,
    /// The file, or empty.
    pub path: String,
}

/// A run of memory that can be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunInfo {
    /// First address.
    pub start: u64,
    /// The address behind the last.
    pub end: u64,
    /// `RUN_*` of the ABI.
    pub flags: u32,
}

/// Memory of the target: what dmods may use from many threads at once.
pub trait MemoryServices: Sync {
    /// Copies what can be read at `address`, at least one byte; short where the next byte cannot.
    fn read(&self, address: u64, buffer: &mut [u8]) -> Result<usize, ReadError>;

    /// Lends at most `length` bytes, at least one; `None` where they cannot be lent or read.
    fn borrow(&self, address: u64, length: usize) -> Option<&[u8]>;

    /// Why the byte at `address` cannot be read.
    fn describe_fault(&self, address: u64) -> FaultDescription;

    /// The first mapping whose end is greater than `address`.
    fn next_mapping(&self, address: u64) -> Option<MappingInfo>;

    /// The first run at or behind `address` that can be read. It is never empty.
    fn next_run(&self, address: u64) -> Option<RunInfo>;

    /// Whether the user pressed ^C.
    fn cancelled(&self) -> bool;
}

/// A symbol, with the address that was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SymbolInfo<'a> {
    /// Its address.
    pub address: u64,
    /// Its size; 0: unknown.
    pub size: u64,
    /// How far behind it the address is that was asked for.
    pub offset: u64,
    /// `SYMBOL_*` of the ABI.
    pub flags: u32,
    /// Demangled, as the user has chosen.
    pub name: Cow<'a, str>,
    /// As in the file.
    pub raw_name: Cow<'a, str>,
    /// Its module's name.
    pub module: Cow<'a, str>,
    /// How the host prints the address: `` libc.so.6`poll+0x4f ``. Empty: the loader puts `name`
    /// and the offset together.
    pub text: Cow<'a, str>,
}

/// A module of the target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModuleInfo {
    /// Its number.
    pub index: u32,
    /// `MODULE_*` of the ABI.
    pub flags: u32,
    /// First address.
    pub start: u64,
    /// The address behind the last.
    pub end: u64,
    /// What to add to an address of the file.
    pub bias: u64,
    /// The last part of the path.
    pub name: String,
    /// The path.
    pub path: String,
    /// In hexadecimal, or empty.
    pub build_id: String,
}

/// A place in the source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineInfo {
    /// From 1; 0: unknown.
    pub line: u32,
    /// From 1; 0: unknown.
    pub column: u32,
    /// The file.
    pub file: String,
    /// The function.
    pub function: String,
}

/// A thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadInfo {
    /// 1..N.
    pub number: u32,
    /// The kernel's.
    pub tid: u32,
    /// `THREAD_*` of the ABI.
    pub flags: u32,
    /// Or 0.
    pub signal: i32,
    /// Program counter.
    pub pc: u64,
    /// Stack pointer.
    pub sp: u64,
    /// Thread-local storage, or 0.
    pub thread_pointer: u64,
    /// Or empty.
    pub name: String,
}

/// A frame; the fields are those of [`mdb_dmod_abi::Frame`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameInfo<'a> {
    /// `FRAME_*` of the ABI.
    pub flags: u32,
    /// 0 for the innermost.
    pub level: u32,
    /// [`mdb_dmod_abi::found_by`].
    pub found_by: u32,
    /// Program counter.
    pub pc: u64,
    /// Stack pointer.
    pub sp: u64,
    /// What `$C` shows.
    pub fp: u64,
    /// Canonical frame address, or 0.
    pub cfa: u64,
    /// Where the function begins, or 0.
    pub function_start: u64,
    /// How far behind that `pc` is.
    pub offset: u64,
    /// Or 0.
    pub line: u32,
    /// Or 0.
    pub column: u32,
    /// Demangled, or empty.
    pub function: Cow<'a, str>,
    /// Module's name, or empty.
    pub module: Cow<'a, str>,
    /// Or empty.
    pub file: Cow<'a, str>,
    /// How the host prints the pc.
    pub text: Cow<'a, str>,
    /// Or empty.
    pub arguments: Cow<'a, str>,
    /// In words.
    pub found_by_name: Cow<'a, str>,
    /// The object that stands for the function, or 0.
    pub object: u64,
    /// Its type, or empty.
    pub object_type: Cow<'a, str>,
    /// The registers that are known, where they are asked for.
    pub registers: Cow<'a, [RegisterValue]>,
}

/// A copy of a part of a stack, and registers by DWARF number.
#[derive(Clone, Copy, Debug)]
pub struct SampleInfo<'a> {
    /// Where it was copied from.
    pub address: u64,
    /// The copy.
    pub bytes: &'a [u8],
    /// At least the program counter and the stack pointer.
    pub registers: &'a [RegisterValue],
}

/// The end of a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StackEndInfo {
    /// [`mdb_dmod_abi::stack_end`].
    pub kind: u32,
    /// A sentence; empty where the stack ends regularly.
    pub sentence: Cow<'static, str>,
}

/// Where the output of a call goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutputState {
    /// `OUTPUT_*` of the ABI.
    pub flags: u32,
    /// Columns; 0: no limit.
    pub width: u32,
}

/// What the target is; the fields are those of [`mdb_dmod_abi::TargetInfo`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TargetState {
    /// [`mdb_dmod_abi::target_kind`].
    pub kind: u32,
    /// `TARGET_*` of the ABI.
    pub flags: u32,
    /// `e_machine`.
    pub machine: u32,
    /// Bytes in a pointer.
    pub pointer_size: u32,
    /// Most significant byte first.
    pub big_endian: bool,
    /// Bytes in a page.
    pub page_size: u64,
    /// How many threads.
    pub threads: u32,
}

/// Why the process died.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignalState {
    /// The signal.
    pub signal: i32,
    /// `si_code`, if known.
    pub code: Option<i32>,
    /// `si_errno`.
    pub errno: i32,
    /// The faulting address, if any.
    pub address: Option<u64>,
    /// Process and user that sent it, if any.
    pub sender: Option<(u32, u32)>,
}

/// Who the process was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcessState {
    /// Process id.
    pub pid: Option<u32>,
    /// The parent's.
    pub ppid: Option<u32>,
    /// Real user id.
    pub uid: Option<u32>,
    /// Real group id.
    pub gid: Option<u32>,
    /// The short name, or empty.
    pub name: String,
    /// The beginning of the arguments, or empty.
    pub arguments: String,
    /// The executable's path, or empty.
    pub executable: String,
    /// The file that was opened, or empty.
    pub path: String,
}

/// A raw note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoteInfo<'a> {
    /// `n_type`.
    pub kind: u32,
    /// The thread (1..N), or 0.
    pub thread: u32,
    /// Offset of the contents in the file.
    pub offset: u64,
    /// `CORE`, `LINUX`, ...
    pub owner: &'a str,
    /// `NT_PRSTATUS`, or empty.
    pub name: &'a str,
    /// Contents.
    pub data: &'a [u8],
}

/// Where the result of a command line goes.
pub enum CommandSink<'a> {
    /// To where the caller's own output goes.
    Show,
    /// The items of the last stage.
    Items(&'a mut dyn FnMut(Item) -> Flow),
    /// The text.
    Text(&'a mut dyn FnMut(&str) -> Flow),
}

/// The services of a host during one call of a dmod.
///
/// The host is **re-entered** while a dcmd runs: a dcmd walks, evaluates and emits into other
/// dcmds. So everything takes `&self`, and an implementation holds no borrow (of a `RefCell`, of a
/// lock) while it calls a callback. Only [`HostServices::memory`]'s result is used from other
/// threads than the caller's.
///
/// An engine may make one small object per stage of a pipeline that knows the stage's columns and
/// its successor and shares the session.
#[allow(unused_variables, reason = "the names of the defaults' parameters are documentation")]
pub trait HostServices {
    /// Memory.
    fn memory(&self) -> &dyn MemoryServices;

    // -- symbols -------------------------------------------------------------------------------

    /// The symbol `name`, in `module` or in any. A name is what users write.
    fn symbol_by_name(&self, module: Option<&str>, name: &str) -> Option<SymbolInfo<'_>>;

    /// The symbol that covers `address`.
    fn symbol_at(&self, address: u64) -> Option<SymbolInfo<'_>>;

    /// Every symbol of `module`, or of all.
    fn symbols(
        &self,
        module: Option<&str>,
        each: &mut dyn FnMut(&SymbolInfo<'_>) -> Flow,
    ) -> Result<(), ServiceError>;

    /// A demangled name; `None` if it is not mangled.
    fn demangle(&self, name: &str) -> Option<String>;

    /// The module that covers `address`.
    fn module_at(&self, address: u64) -> Option<ModuleInfo>;

    /// All modules.
    fn modules(&self) -> Vec<ModuleInfo>;

    /// The contents of a section of a module, by the module's number.
    fn section_bytes(&self, module: u32, name: &str) -> Option<&[u8]>;

    /// Where the instruction at `address` stands, innermost inlined function first.
    fn lines_at(&self, address: u64) -> Vec<LineInfo>;

    // -- types ---------------------------------------------------------------------------------

    /// The number of a type's name; every name gets one.
    fn type_id(&self, name: &str) -> u64;

    /// The name for a number.
    fn type_name(&self, id: u64) -> Option<String>;

    /// The type of a name.
    fn describe_type(&self, name: &str) -> Result<Option<TypeDescription>, ServiceError> {
        Ok(None)
    }

    /// The members of the type of a name.
    fn type_members(&self, name: &str) -> Result<Option<Vec<MemberDescription>>, ServiceError> {
        Ok(None)
    }

    // -- providers -----------------------------------------------------------------------------

    /// The registered providers of a kind, or (0) of all, in the order in which they are asked.
    fn providers(&self, kind: u32) -> Vec<ProviderState> {
        Vec::new()
    }

    /// What addresses are.
    fn explain(
        &self,
        addresses: &[u64],
        flags: u32,
        each: &mut dyn FnMut(usize, &ExplanationInfo<'_>) -> Flow,
    ) -> Result<(), ServiceError> {
        Ok(())
    }

    /// All blocks of all allocators.
    fn blocks(&self, each: &mut dyn FnMut(&[Block]) -> Flow) -> Result<(), ServiceError> {
        Err(ServiceError::not_found("no loaded dmod knows the blocks of an allocator"))
    }

    /// All roots.
    fn roots(&self, each: &mut dyn FnMut(&RootInfo<'_>) -> Flow) -> Result<(), ServiceError> {
        Ok(())
    }

    /// The type of the object at an address.
    fn object_type(&self, address: u64) -> Result<Option<TypeDescription>, ServiceError> {
        Ok(None)
    }

    /// The value of a type at an address as text.
    fn print_value(&self, type_name: &str, address: u64) -> Result<Option<String>, ServiceError> {
        Ok(None)
    }

    // -- graph ---------------------------------------------------------------------------------

    /// The memory graph, lent for as long as the services are.
    fn graph(&self) -> Result<GraphView<'_>, ServiceError> {
        Err(ServiceError::unsupported("there is no memory graph here"))
    }

    /// The node of the graph that covers an address.
    fn node_at(&self, address: u64) -> Result<Option<u32>, ServiceError> {
        self.graph().map(|_| None)
    }

    // -- targets -------------------------------------------------------------------------------

    /// Opens a further target, and answers its number.
    fn open_target(&self, path: &str) -> Result<u32, ServiceError> {
        Err(ServiceError::unsupported("no further targets can be opened here"))
    }

    /// Calls `function` with the services over target `number`; 0 is the session's own.
    fn with_target(
        &self,
        number: u32,
        function: &mut dyn FnMut(&dyn HostServices) -> Status,
    ) -> Result<Status, ServiceError> {
        Err(ServiceError::not_found(format!("there is no target {number}")))
    }

    /// Closes a further target.
    fn close_target(&self, number: u32) -> Result<(), ServiceError> {
        Err(ServiceError::not_found(format!("there is no target {number}")))
    }

    // -- threads -------------------------------------------------------------------------------

    /// All threads, by number.
    fn threads(&self, each: &mut dyn FnMut(&ThreadInfo) -> Flow) -> Result<(), ServiceError>;

    /// The thread with the number, or else the kernel's thread id, `id`.
    fn find_thread(&self, id: u64) -> Option<ThreadInfo>;

    /// The number of the representative thread.
    fn current_thread(&self) -> Option<u32>;

    /// A register of thread `thread` (1..N) by its DWARF number.
    fn register(&self, thread: u32, register: u32) -> Result<u64, ServiceError>;

    /// A register by its name.
    fn register_by_name(&self, thread: u32, name: &str) -> Result<u64, ServiceError>;

    /// The frames of a thread, innermost first, at most `limit` (0: all). `flags`: `FRAMES_*`.
    /// When `each` stops it, the result is that of [`mdb_dmod_abi::stack_end::LIMIT`].
    fn frames(
        &self,
        thread: u32,
        limit: u32,
        flags: u32,
        each: &mut dyn FnMut(&FrameInfo<'_>) -> Flow,
    ) -> Result<StackEndInfo, ServiceError>;

    /// The frames of a copy of a stack; else as [`HostServices::frames`].
    fn frames_of_sample(
        &self,
        sample: SampleInfo<'_>,
        limit: u32,
        flags: u32,
        each: &mut dyn FnMut(&FrameInfo<'_>) -> Flow,
    ) -> Result<StackEndInfo, ServiceError> {
        Err(ServiceError::unsupported("stacks of samples are not supported here"))
    }

    // -- target --------------------------------------------------------------------------------

    /// What the target is.
    fn target(&self) -> TargetState;

    /// Why it died.
    fn signal(&self) -> Option<SignalState>;

    /// Who it was.
    fn process(&self) -> ProcessState;

    /// Its auxiliary vector: type, value, name of the type (`AT_PHDR`) or empty.
    fn auxv(&self) -> Vec<(u64, u64, Cow<'static, str>)>;

    /// Its notes.
    fn notes(&self, each: &mut dyn FnMut(&NoteInfo<'_>) -> Flow);

    /// Stops a live process.
    fn stop(&self) -> Result<(), ServiceError> {
        Err(ServiceError::unsupported("the target is no live process: it stands still anyway"))
    }

    /// Lets it run again.
    fn resume(&self) -> Result<(), ServiceError> {
        Err(ServiceError::unsupported("the target is no live process: it cannot run"))
    }

    // -- output --------------------------------------------------------------------------------

    /// Where output goes.
    fn output(&self) -> OutputState;

    /// Text outside rows. In a pipe it is read as expressions, one a line.
    fn write(&self, text: &str) -> Flow;

    /// As [`HostServices::write`], in pieces with their roles
    /// ([`mdb_dmod_abi::text_role`]).
    fn write_styled(&self, pieces: &[(u32, Cow<'_, str>)]) -> Flow {
        self.write(&pieces.iter().map(|(_, text)| text.as_ref()).collect::<String>())
    }

    /// A row: cells in the order of the declared columns. In text it looks as `text` says, if that
    /// is given, else it is a line of the table.
    fn row(&self, cells: &[Cell<'_>], text: Option<&str>) -> Flow;

    /// A warning beside the output.
    fn warn(&self, text: &str);

    // -- pipe ----------------------------------------------------------------------------------

    /// One item for the next stage, which runs before this returns. Type 0 becomes the dcmd's
    /// declared output type.
    fn emit(&self, item: Item) -> Flow;

    // -- run -----------------------------------------------------------------------------------

    /// Walks.
    fn walk(
        &self,
        name: &str,
        start: Option<Item>,
        each: &mut dyn FnMut(Item) -> Flow,
    ) -> Result<(), ServiceError>;

    /// Runs a line of the language, with dot set to `dot` meanwhile if it is given.
    fn command(
        &self,
        text: &str,
        dot: Option<Item>,
        sink: CommandSink<'_>,
    ) -> Result<(), ServiceError>;

    /// The value of an expression.
    fn evaluate(&self, text: &str) -> Result<u64, ServiceError>;

    /// How far the call is.
    fn progress(&self, done: u64, total: u64, what: &str) {}

    // -- work ----------------------------------------------------------------------------------

    /// Calls `function` for 0..n from several threads and returns when all are done: with the first
    /// status that is not [`Status::OK`], after which no further ones are begun.
    fn parallel(&self, n: u32, function: &(dyn Fn(u32) -> Status + Sync)) -> Status {
        (0..n).map(function).find(|status| !status.is_ok()).unwrap_or(Status::OK)
    }

    /// How many threads do that.
    fn worker_threads(&self) -> u32 {
        1
    }

    // -- session -------------------------------------------------------------------------------

    /// Bytes that `dmod` keeps for this target.
    fn blob(&self, dmod: &str, key: &str) -> Option<Vec<u8>>;

    /// Keeps bytes, or (empty) forgets them.
    fn set_blob(&self, dmod: &str, key: &str, bytes: &[u8]) -> Result<(), ServiceError>;

    /// An option of the debugger.
    fn option(&self, name: &str) -> Option<String>;

    /// A variable.
    fn variable(&self, name: &str) -> Option<u64>;

    /// Sets a variable.
    fn set_variable(&self, name: &str, value: u64) -> Result<(), ServiceError>;

    /// The log.
    fn log(&self, dmod: &str, text: &str) {}
}
