//! What the target is.

use crate::callbacks::{Lent, Receiver, lend};
use crate::session::function;
use crate::{Error, Result, Session};
use mdb_dmod_abi::{
    SIGNAL_HAS_ADDRESS, SIGNAL_HAS_CODE, SIGNAL_HAS_SENDER, Status, Str, TARGET_GCORE, TargetGroup,
    target_kind,
};
use std::ffi::c_void;

/// Kinds of target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TargetKind {
    /// None: expressions only.
    None,
    /// A file that does not run.
    Object,
    /// A core.
    Core,
    /// A process.
    Live,
}

/// What the target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetInfo {
    /// Its kind.
    pub kind: TargetKind,
    /// ELF's `e_machine`.
    pub machine: u32,
    /// Bytes in a pointer.
    pub pointer_size: u32,
    /// Most significant byte first.
    pub big_endian: bool,
    /// Bytes in a page.
    pub page_size: u64,
    /// How many threads.
    pub threads: u32,
    /// A core that gcore wrote.
    pub by_gcore: bool,
}

/// Why the process died or stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalInfo {
    /// The signal.
    pub signal: i32,
    /// `si_code`.
    pub code: Option<i32>,
    /// `si_errno`.
    pub errno: i32,
    /// The faulting address.
    pub address: Option<u64>,
    /// Process and user that sent it.
    pub sender: Option<(u32, u32)>,
}

/// Who the process was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessInfo {
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

impl Lent for mdb_dmod_abi::ProcessInfo {
    type View<'v> = ProcessInfo;

    unsafe fn view<'v>(self) -> Self::View<'v> {
        // SAFETY: the caller says that the texts are lent.
        let owned = |text: Str| unsafe { String::from_utf8_lossy(text.bytes()).into_owned() };
        let id = |id: i64| u32::try_from(id).ok();
        ProcessInfo {
            pid: id(self.pid),
            ppid: id(self.ppid),
            uid: id(self.uid),
            gid: id(self.gid),
            name: owned(self.name),
            arguments: owned(self.arguments),
            executable: owned(self.executable),
            path: owned(self.path),
        }
    }
}

/// A raw note of a core; lent until the closure returns.
#[derive(Clone, Copy, Debug)]
pub struct Note<'a> {
    /// `n_type`.
    pub kind: u32,
    /// The thread (1..N) that it belongs to, or 0.
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

impl Lent for mdb_dmod_abi::Note {
    type View<'v> = Note<'v>;

    unsafe fn view<'v>(self) -> Note<'v> {
        // SAFETY: the caller says that texts and bytes are lent.
        let (owner, name, data) =
            unsafe { (self.owner.text(), self.name.text(), self.data.slice()) };
        Note { kind: self.kind, thread: self.thread, offset: self.offset, owner, name, data }
    }
}

/// For `target.auxv`; the argument is a `Vec<(u64, u64, String)>`.
unsafe extern "C" fn take_auxv(arg: *mut c_void, kind: u64, value: u64, name: Str) -> Status {
    // SAFETY: we passed such an argument, and the host lends the text.
    unsafe {
        if let Some(all) = arg.cast::<Vec<(u64, u64, String)>>().as_mut() {
            all.push((kind, value, String::from_utf8_lossy(name.bytes()).into_owned()));
        }
    }
    Status::OK
}

impl Session<'_> {
    /// What the target is.
    pub fn target(&self) -> Result<TargetInfo> {
        let function = function!(self.target, TargetGroup, info)?;
        let mut info = mdb_dmod_abi::TargetInfo {
            size: size_of::<mdb_dmod_abi::TargetInfo>() as u32,
            flags: 0,
            kind: 0,
            machine: 0,
            pointer_size: 0,
            big_endian: 0,
            page_size: 0,
            threads: 0,
            reserved: 0,
        };
        // SAFETY: the context is that of the call under way.
        let status = unsafe { function(self.cx, &raw mut info) };
        self.check(status)?;
        Ok(TargetInfo {
            kind: match info.kind {
                target_kind::OBJECT => TargetKind::Object,
                target_kind::CORE => TargetKind::Core,
                target_kind::LIVE => TargetKind::Live,
                _ => TargetKind::None,
            },
            machine: info.machine,
            pointer_size: info.pointer_size,
            big_endian: info.big_endian != 0,
            page_size: info.page_size,
            threads: info.threads,
            by_gcore: info.flags & TARGET_GCORE != 0,
        })
    }

    /// Why the process died.
    pub fn signal(&self) -> Result<Option<SignalInfo>> {
        let function = function!(self.target, TargetGroup, signal)?;
        let mut info = mdb_dmod_abi::SignalInfo {
            size: size_of::<mdb_dmod_abi::SignalInfo>() as u32,
            flags: 0,
            signal: 0,
            code: 0,
            errno: 0,
            sender_pid: 0,
            sender_uid: 0,
            reserved: 0,
            address: 0,
        };
        // SAFETY: the context is that of the call under way.
        let status = unsafe { function(self.cx, &raw mut info) };
        match self.check(status) {
            Ok(()) => {}
            Err(Error::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        }
        let known = |flag| info.flags & flag != 0;
        Ok(Some(SignalInfo {
            signal: info.signal,
            code: known(SIGNAL_HAS_CODE).then_some(info.code),
            errno: info.errno,
            address: known(SIGNAL_HAS_ADDRESS).then_some(info.address),
            sender: known(SIGNAL_HAS_SENDER).then_some((info.sender_pid, info.sender_uid)),
        }))
    }

    /// Who the process was.
    pub fn process(&self) -> Result<ProcessInfo> {
        fn ask<F: FnMut(&ProcessInfo) -> Result<()>>(s: &Session<'_>, f: F) -> Result<()> {
            let function = function!(s.target, TargetGroup, process)?;
            let mut receiver = Receiver::new(f);
            let callback = lend::<mdb_dmod_abi::ProcessInfo, F>;
            // SAFETY: the context is that of the call under way; the callback fits its argument.
            let status = unsafe { function(s.cx, Some(callback), receiver.arg()) };
            receiver.finish(s, status)
        }
        let mut found = None;
        ask(self, |process| {
            found = Some(process.clone());
            Ok(())
        })?;
        found.ok_or_else(|| Error::NotFound("nothing is known of the process".to_owned()))
    }

    /// The auxiliary vector: type, value, name of the type.
    pub fn auxv(&self) -> Result<Vec<(u64, u64, String)>> {
        let function = function!(self.target, TargetGroup, auxv)?;
        let mut all: Vec<(u64, u64, String)> = Vec::new();
        // SAFETY: the context is that of the call under way; the callback fits its argument.
        let status = unsafe { function(self.cx, Some(take_auxv), (&raw mut all).cast()) };
        self.check(status).map(|()| all)
    }

    /// The notes of the core.
    pub fn notes<F>(&self, each: F) -> Result<()>
    where
        F: FnMut(&Note<'_>) -> Result<()>,
    {
        let function = function!(self.target, TargetGroup, notes)?;
        let mut receiver = Receiver::new(each);
        let callback = lend::<mdb_dmod_abi::Note, F>;
        // SAFETY: the context is that of the call under way; the callback fits its argument.
        let status = unsafe { function(self.cx, Some(callback), receiver.arg()) };
        receiver.finish(self, status)
    }
}
