//! The group `target`: what is being debugged.

use crate::{Bytes, Cx, Plain, Status, Str};
use core::ffi::c_void;

/// Kinds of target.
pub mod target_kind {
    /// None: expressions only.
    pub const NONE: u32 = 0;
    /// A file that does not run.
    pub const OBJECT: u32 = 1;
    /// A core.
    pub const CORE: u32 = 2;
    /// A process.
    pub const LIVE: u32 = 3;
}

/// [`TargetInfo::flags`]: the core was written by gcore.
pub const TARGET_GCORE: u32 = 1;
/// [`TargetInfo::flags`]: a live process that runs: what is read may change meanwhile.
pub const TARGET_RUNNING: u32 = 2;

/// What the target is.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct TargetInfo {
    /// Size of this struct, set by the caller.
    pub size: u32,
    /// `TARGET_*`.
    pub flags: u32,
    /// [`target_kind`].
    pub kind: u32,
    /// The processor, as ELF's `e_machine` numbers it.
    pub machine: u32,
    /// Bytes in a pointer.
    pub pointer_size: u32,
    /// 1 where the most significant byte comes first.
    pub big_endian: u32,
    /// Bytes in a page.
    pub page_size: u64,
    /// How many threads.
    pub threads: u32,
    /// 0.
    pub reserved: u32,
}

// SAFETY: integers.
unsafe impl Plain for TargetInfo {}

/// [`SignalInfo::flags`]: `code` is known.
pub const SIGNAL_HAS_CODE: u32 = 1;
/// [`SignalInfo::flags`]: `address` is known.
pub const SIGNAL_HAS_ADDRESS: u32 = 2;
/// [`SignalInfo::flags`]: `sender_pid` and `sender_uid` are known.
pub const SIGNAL_HAS_SENDER: u32 = 4;

/// Why the process died or stopped.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SignalInfo {
    /// Size of this struct, set by the caller.
    pub size: u32,
    /// `SIGNAL_*`.
    pub flags: u32,
    /// The signal.
    pub signal: i32,
    /// `si_code`.
    pub code: i32,
    /// `si_errno`.
    pub errno: i32,
    /// Who sent it.
    pub sender_pid: u32,
    /// As which user.
    pub sender_uid: u32,
    /// 0.
    pub reserved: u32,
    /// The faulting address.
    pub address: u64,
}

// SAFETY: integers.
unsafe impl Plain for SignalInfo {}

/// Who the process was. What is not known is 0 or empty; ids are -1.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ProcessInfo {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub flags: u32,
    /// Process id.
    pub pid: i64,
    /// The parent's.
    pub ppid: i64,
    /// Real user id.
    pub uid: i64,
    /// Real group id.
    pub gid: i64,
    /// The short name.
    pub name: Str,
    /// The beginning of the arguments.
    pub arguments: Str,
    /// The executable's path.
    pub executable: Str,
    /// The file that was opened.
    pub path: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for ProcessInfo {}

/// A raw note of a core.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Note {
    /// Size of this struct.
    pub size: u32,
    /// `n_type`.
    pub kind: u32,
    /// The number of the thread that it belongs to, or 0.
    pub thread: u32,
    /// 0.
    pub reserved: u32,
    /// Where its contents begin in the file.
    pub offset: u64,
    /// `CORE`, `LINUX`, ...
    pub owner: Str,
    /// The name of its kind (`NT_PRSTATUS`), or empty.
    pub name: Str,
    /// Its contents.
    pub data: Bytes,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Note {}

/// Receives who the process was.
pub type ProcessCallback =
    Option<unsafe extern "C" fn(arg: *mut c_void, process: *const ProcessInfo) -> Status>;
/// Receives an entry of the auxiliary vector with its name (`AT_PHDR`), which may be empty.
pub type AuxvCallback =
    Option<unsafe extern "C" fn(arg: *mut c_void, kind: u64, value: u64, name: Str) -> Status>;
/// Receives a note.
pub type NoteCallback = Option<unsafe extern "C" fn(arg: *mut c_void, note: *const Note) -> Status>;

/// What is being debugged.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct TargetGroup {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// What it is.
    pub info: Option<unsafe extern "C" fn(cx: *mut Cx, info: *mut TargetInfo) -> Status>,
    /// Why it died; [`Status::NOT_FOUND`] where that is unknown.
    pub signal: Option<unsafe extern "C" fn(cx: *mut Cx, info: *mut SignalInfo) -> Status>,
    /// Who it was.
    pub process: Option<
        unsafe extern "C" fn(cx: *mut Cx, callback: ProcessCallback, arg: *mut c_void) -> Status,
    >,
    /// Its auxiliary vector.
    pub auxv: Option<
        unsafe extern "C" fn(cx: *mut Cx, callback: AuxvCallback, arg: *mut c_void) -> Status,
    >,
    /// Its notes.
    pub notes: Option<
        unsafe extern "C" fn(cx: *mut Cx, callback: NoteCallback, arg: *mut c_void) -> Status,
    >,
    /// Stops a live process, so that what is read fits together. Calls nest.
    /// [`Status::UNSUPPORTED`] where the target is no live process: it stands still anyway.
    pub stop: Option<unsafe extern "C" fn(cx: *mut Cx) -> Status>,
    /// Lets it run again, when as many calls were made as of `stop`.
    pub resume: Option<unsafe extern "C" fn(cx: *mut Cx) -> Status>,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for TargetGroup {}
