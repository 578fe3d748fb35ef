//! The group `threads`: threads of the target, their registers and frames.

use crate::{Array, Bytes, Cx, Plain, Status, Str};
use core::ffi::c_void;

/// [`Thread::flags`]: the thread that crashed.
pub const THREAD_CRASHED: u32 = 1;

/// A thread.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Thread {
    /// Size of this struct.
    pub size: u32,
    /// `THREAD_*`.
    pub flags: u32,
    /// 1..N.
    pub number: u32,
    /// The kernel's thread id.
    pub tid: u32,
    /// The signal that it was handling or dying of, or 0.
    pub signal: i32,
    /// 0.
    pub reserved: u32,
    /// Its program counter.
    pub pc: u64,
    /// Its stack pointer.
    pub sp: u64,
    /// Where its thread-local storage begins, or 0.
    pub thread_pointer: u64,
    /// Its name, or empty where the target does not know it.
    pub name: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Thread {}

/// Receives a thread.
pub type ThreadCallback =
    Option<unsafe extern "C" fn(arg: *mut c_void, thread: *const Thread) -> Status>;

/// [`Frame::flags`]: the frame that a signal interrupted lies behind this one: its pc is no return
/// address.
pub const FRAME_SIGNAL: u32 = 1;
/// [`Frame::flags`]: inlined into the next frame; it has no stack of its own.
pub const FRAME_INLINED: u32 = 2;
/// [`Frame::flags`]: found by a guess.
pub const FRAME_DOUBTFUL: u32 = 4;
/// [`Frame::flags`]: `pc` is where the frame is, no return address: the innermost, a signal's own, and
/// what a signal interrupted.
pub const FRAME_EXACT: u32 = 8;

/// How a frame was found.
pub mod found_by {
    /// Another way; [`crate::Frame::found_by_name`] says which.
    pub const OTHER: u32 = 0;
    /// The thread's registers.
    pub const REGISTERS: u32 = 1;
    /// Call frame information.
    pub const CFI: u32 = 2;
    /// The chain of frame pointers.
    pub const FRAME_POINTER: u32 = 3;
    /// A word on the stack that looks like a return address.
    pub const STACK_SCAN: u32 = 4;
    /// A signal frame of the kernel.
    pub const SIGNAL_FRAME: u32 = 5;
    /// A frame provider.
    pub const PROVIDER: u32 = 6;
}

/// Why a stack ends.
pub mod stack_end {
    /// Another reason; the sentence says which.
    pub const OTHER: u32 = 0;
    /// Regularly: the outermost frame was reached.
    pub const OUTERMOST: u32 = 1;
    /// The limit of the call was reached.
    pub const LIMIT: u32 = 2;
    /// The stack is corrupt or a cycle.
    pub const CORRUPT: u32 = 3;
    /// Memory of the stack cannot be read.
    pub const UNREADABLE: u32 = 4;
}

/// A frame of a stack, innermost first.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Size of this struct.
    pub size: u32,
    /// `FRAME_*`.
    pub flags: u32,
    /// 0 for the innermost.
    pub level: u32,
    /// [`found_by`].
    pub found_by: u32,
    /// The program counter: for all but the innermost (and what a signal interrupted) the return
    /// address.
    pub pc: u64,
    /// The stack pointer.
    pub sp: u64,
    /// The frame's address as `$C` shows it: the frame pointer where the function has one, the
    /// canonical frame address otherwise.
    pub fp: u64,
    /// The canonical frame address: the stack pointer before the call. 0: unknown.
    pub cfa: u64,
    /// Where the function begins, or 0.
    pub function_start: u64,
    /// How far behind the beginning of the function `pc` is.
    pub offset: u64,
    /// The line, or 0.
    pub line: u32,
    /// The column, or 0.
    pub column: u32,
    /// The function's name, demangled as the user has chosen; empty where unknown.
    pub function: Str,
    /// The name of its module; empty where unknown.
    pub module: Str,
    /// The source file; empty where unknown.
    pub file: Str,
    /// How the host prints the pc: `` libc.so.6`poll+0x4f ``, `main+0x21`, `0x401136`.
    pub text: Str,
    /// The arguments as text, where somebody knows them.
    pub arguments: Str,
    /// How it was found, in words: `frame pointer`.
    pub found_by_name: Str,
    /// The object that stands for the function, where a provider named it (a `JSFunction`); or 0.
    pub object: u64,
    /// The name of its type, or empty.
    pub object_type: Str,
    /// The registers whose values in this frame are known; only where [`FRAMES_REGISTERS`] asks.
    pub registers: Array<RegisterValue>,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Frame {}

/// A register and its value.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterValue {
    /// Its DWARF number.
    pub number: u32,
    /// 0.
    pub reserved: u32,
    /// Its value.
    pub value: u64,
}

// SAFETY: integers.
unsafe impl Plain for RegisterValue {}

/// A frame as a [`crate::FrameProvider`] gets it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct FrameView {
    /// Size of this struct.
    pub size: u32,
    /// `FRAME_VIEW_*`.
    pub flags: u32,
    /// 0 for the innermost.
    pub level: u32,
    /// Whether `fp` is known.
    pub has_fp: u32,
    /// The program counter.
    pub pc: u64,
    /// The stack pointer.
    pub sp: u64,
    /// The frame pointer register (`rbp`, `x29`).
    pub fp: u64,
    /// All registers whose value in this frame is known.
    pub registers: Array<RegisterValue>,
}

// SAFETY: integers and pointers.
unsafe impl Plain for FrameView {}

/// A copy of a part of a stack, taken while the process ran, with the registers of that moment.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct StackSample {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub flags: u32,
    /// Where `bytes` were copied from.
    pub address: u64,
    /// The copy.
    pub bytes: Bytes,
    /// The registers; at least the program counter and the stack pointer.
    pub registers: Array<RegisterValue>,
}

// SAFETY: integers and pointers.
unsafe impl Plain for StackSample {}

/// Receives a frame. [`Status::CLOSED`] stops without a failure.
pub type FrameCallback =
    Option<unsafe extern "C" fn(arg: *mut c_void, frame: *const Frame) -> Status>;

/// The end of a stack.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct StackEnd {
    /// Size of this struct.
    pub size: u32,
    /// [`stack_end`].
    pub kind: u32,
    /// A sentence; empty where the stack ends regularly.
    pub sentence: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for StackEnd {}

/// Receives the end of a stack.
pub type StackEndCallback = Option<unsafe extern "C" fn(arg: *mut c_void, end: *const StackEnd)>;

/// `frames` flag: without inlined functions.
pub const FRAMES_NO_INLINED: u32 = 1;
/// `frames` flag: without file, line and column (which may have to be searched in DWARF).
pub const FRAMES_NO_LINES: u32 = 2;
/// `frames` flag: with the registers of each frame.
pub const FRAMES_REGISTERS: u32 = 4;
/// `frames` flag: without asking frame providers what the frames are. They are asked for callers
/// all the same. For a provider's own commands, which know better.
pub const FRAMES_NO_DESCRIPTIONS: u32 = 8;

/// Threads.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ThreadsGroup {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// All threads, by number.
    pub iterate: Option<
        unsafe extern "C" fn(cx: *mut Cx, callback: ThreadCallback, arg: *mut c_void) -> Status,
    >,
    /// The thread with this number (1..N) or else with this kernel thread id.
    pub find: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            id: u64,
            callback: ThreadCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// A register by its DWARF number. `thread` is a number (1..N).
    pub register: Option<
        unsafe extern "C" fn(cx: *mut Cx, thread: u32, register: u32, value: *mut u64) -> Status,
    >,
    /// A register by its name.
    pub register_by_name: Option<
        unsafe extern "C" fn(cx: *mut Cx, thread: u32, name: Str, value: *mut u64) -> Status,
    >,
    /// The frames of a thread, innermost first, at most `limit` (0: no limit). `end` (may be null)
    /// is called once behind the last.
    pub frames: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            thread: u32,
            limit: u32,
            flags: u32,
            callback: FrameCallback,
            end: StackEndCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// The number of the representative thread.
    pub current: Option<unsafe extern "C" fn(cx: *mut Cx, thread: *mut u32) -> Status>,
    /// The frames of a copy of a stack; as `frames`. Providers of frames read the copy.
    pub frames_of_sample: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            sample: *const StackSample,
            limit: u32,
            flags: u32,
            callback: FrameCallback,
            end: StackEndCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for ThreadsGroup {}
