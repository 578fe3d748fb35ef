//! Memory of the target.

use crate::callbacks::{Lent, Receiver, lend};
use crate::session::function;
use crate::{Error, Result, Session};
use mdb_dmod_abi::{
    Bytes, Cx, MAPPING_EXECUTE, MAPPING_PERMISSIONS_KNOWN, MAPPING_READ, MAPPING_WRITE,
    MemoryGroup, RUN_FILE, RUN_ZERO, Status, Str, mapping_kind,
};
use std::ffi::c_void;
use std::marker::PhantomData;

/// Memory of the target. It may be copied and used from many threads, until the command returns.
#[derive(Clone, Copy)]
pub struct Memory<'a> {
    group: *const MemoryGroup,
    cx: *mut Cx,
    lent: PhantomData<&'a ()>,
}

// SAFETY: the contract says that all functions of the group may be called from any thread.
unsafe impl Send for Memory<'_> {}
// SAFETY: as above.
unsafe impl Sync for Memory<'_> {}

impl std::fmt::Debug for Memory<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory")
    }
}

impl<'a> Memory<'a> {
    pub(crate) fn new(group: *const MemoryGroup, cx: *mut Cx) -> Self {
        Self { group, cx, lent: PhantomData }
    }

    /// Reads as much of `buffer` as there is, and answers how much: at least one byte.
    pub fn read_some(self, address: u64, buffer: &mut [u8]) -> Result<usize> {
        let (got, status) = self.raw_read(address, buffer)?;
        match status {
            Status::OK => Ok(got),
            Status::FAULT if got > 0 => Ok(got),
            Status::FAULT => Err(self.fault(address)),
            Status::CANCELLED => Err(Error::Cancelled),
            status => Err(Error::Host { status, message: String::new() }),
        }
    }

    /// Fills `buffer`.
    pub fn read(self, address: u64, buffer: &mut [u8]) -> Result<()> {
        let (got, status) = self.raw_read(address, buffer)?;
        match status {
            Status::OK => Ok(()),
            Status::FAULT => Err(self.fault(address.wrapping_add(got as u64))),
            Status::CANCELLED => Err(Error::Cancelled),
            status => Err(Error::Host { status, message: String::new() }),
        }
    }

    #[inline]
    fn raw_read(self, address: u64, buffer: &mut [u8]) -> Result<(usize, Status)> {
        let read = function!(self.group, MemoryGroup, read)?;
        let mut got = 0;
        // SAFETY: the context is that of the call under way; the buffer has that many bytes.
        let status =
            unsafe { read(self.cx, address, buffer.as_mut_ptr(), buffer.len(), &raw mut got) };
        Ok((got.min(buffer.len()), status))
    }

    /// Why the byte at `address` cannot be read.
    fn fault(self, address: u64) -> Error {
        let mut found = (mdb_dmod_abi::fault_kind::OTHER, "it cannot be read".to_owned());
        if let Ok(describe) = function!(self.group, MemoryGroup, describe_fault) {
            // SAFETY: the context is that of the call under way; the callback gets what it expects.
            let _ =
                unsafe { describe(self.cx, address, Some(take_fault), (&raw mut found).cast()) };
        }
        Error::Fault { address, kind: found.0, sentence: found.1.into() }
    }

    /// Borrows at most `length` bytes of the core, at least one. `None`: they must be read.
    pub fn borrow(self, address: u64, length: usize) -> Result<Option<&'a [u8]>> {
        let borrow = function!(self.group, MemoryGroup, borrow)?;
        let mut bytes = Bytes::EMPTY;
        // SAFETY: the context is that of the call under way.
        match unsafe { borrow(self.cx, address, length, &raw mut bytes) } {
            // SAFETY: the host lends them until the command returns.
            Status::OK => Ok(Some(unsafe { bytes.slice() })),
            Status::CANCELLED => Err(Error::Cancelled),
            _ => Ok(None),
        }
    }

    /// The first run of memory at or behind `address` that can be read.
    pub fn next_run(self, address: u64) -> Result<Option<MemoryRun>> {
        let next = function!(self.group, MemoryGroup, next_run)?;
        let mut run = mdb_dmod_abi::MemoryRun {
            size: size_of::<mdb_dmod_abi::MemoryRun>() as u32,
            flags: 0,
            start: 0,
            end: 0,
        };
        // SAFETY: the context is that of the call under way.
        match unsafe { next(self.cx, address, &raw mut run) } {
            Status::OK => Ok(Some(MemoryRun {
                start: run.start,
                end: run.end,
                is_zero: run.flags & RUN_ZERO != 0,
                is_of_file: run.flags & RUN_FILE != 0,
            })),
            Status::NOT_FOUND => Ok(None),
            Status::CANCELLED => Err(Error::Cancelled),
            status => Err(Error::Host { status, message: String::new() }),
        }
    }

    /// Calls `each` for the address of every place in `[start, end)` where `pattern` stands, in what
    /// can be read of it, in ascending order; `alignment` 1: at any address.
    pub fn search<F>(
        self,
        start: u64,
        end: u64,
        pattern: &[u8],
        alignment: u32,
        each: F,
    ) -> Result<()>
    where
        F: FnMut(u64) -> Result<()>,
    {
        let search = function!(self.group, MemoryGroup, search)?;
        let mut receiver = Receiver::new(each);
        // SAFETY: the context is that of the call under way; the callback fits its argument.
        let status = unsafe {
            search(
                self.cx,
                start,
                end,
                Bytes::new(pattern),
                Bytes::EMPTY,
                alignment,
                Some(take_address::<F>),
                receiver.arg(),
            )
        };
        receiver.settle(|| match status {
            Status::OK => Ok(()),
            Status::CANCELLED => Err(Error::Cancelled),
            status => Err(Error::Host { status, message: String::new() }),
        })
    }

    fn array<const N: usize>(self, address: u64) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.read(address, &mut bytes)?;
        Ok(bytes)
    }

    /// Reads a byte.
    pub fn read_u8(self, address: u64) -> Result<u8> {
        self.array(address).map(u8::from_le_bytes)
    }

    /// Reads two bytes, least significant first.
    pub fn read_u16(self, address: u64) -> Result<u16> {
        self.array(address).map(u16::from_le_bytes)
    }

    /// Reads four bytes, least significant first.
    pub fn read_u32(self, address: u64) -> Result<u32> {
        self.array(address).map(u32::from_le_bytes)
    }

    /// Reads eight bytes, least significant first.
    pub fn read_u64(self, address: u64) -> Result<u64> {
        self.array(address).map(u64::from_le_bytes)
    }

    /// Reads text that ends with a NUL, at most `limit` bytes of it.
    pub fn read_c_string(self, address: u64, limit: usize) -> Result<String> {
        let mut text = Vec::new();
        let mut block = [0; 256];
        while text.len() < limit {
            let at = address.wrapping_add(text.len() as u64);
            let got = match self.read_some(at, &mut block) {
                Ok(got) => got,
                Err(error) if text.is_empty() || error.is_stop() => return Err(error),
                Err(_) => break,
            };
            let part = block.get(..got).unwrap_or(&block);
            let line = part.split(|byte| *byte == 0).next().unwrap_or(part);
            text.extend_from_slice(line);
            if line.len() < part.len() {
                break;
            }
        }
        text.truncate(limit);
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

/// For `describe_fault`; the argument is a `(u32, String)`.
unsafe extern "C" fn take_fault(arg: *mut c_void, kind: u32, sentence: Str) -> Status {
    // SAFETY: we passed such an argument, and the host lends the text.
    unsafe {
        if let Some(place) = arg.cast::<(u32, String)>().as_mut() {
            *place = (kind, String::from_utf8_lossy(sentence.bytes()).into_owned());
        }
    }
    Status::OK
}

/// For `search`; the argument is a [`Receiver`] of `F`.
unsafe extern "C" fn take_address<F>(arg: *mut c_void, address: u64) -> Status
where
    F: FnMut(u64) -> Result<()>,
{
    // SAFETY: we passed such an argument.
    match unsafe { arg.cast::<Receiver<F>>().as_mut() } {
        Some(receiver) => receiver.guard(|function| function(address)),
        None => Status::BAD_ARGUMENT,
    }
}

/// A run of memory that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryRun {
    /// First address.
    pub start: u64,
    /// The address behind the last.
    pub end: u64,
    /// All bytes are zero, and the core has none of them.
    pub is_zero: bool,
    /// The core has none of them: they are those of the mapped file.
    pub is_of_file: bool,
}

/// What a mapping is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MappingKind {
    /// Anonymous memory.
    Anonymous,
    /// A file.
    File,
    /// The stack of a thread (its number, 1..N).
    Stack(u32),
    /// The vDSO.
    Vdso,
    /// The heap that `brk` grows.
    Heap,
}

/// A mapping of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// First address.
    pub start: u64,
    /// The address behind the last.
    pub end: u64,
    /// What it is for.
    pub kind: MappingKind,
    /// `rwx`, or `None` if that is not known.
    pub permissions: Option<[bool; 3]>,
    /// The offset of the first byte in the file.
    pub offset: u64,
    /// How many of its bytes the target has.
    pub saved: u64,
    /// The file, or empty.
    pub path: String,
}

impl Mapping {
    /// `rw-`, or `???` where that is not known.
    pub fn permissions_text(&self) -> String {
        match self.permissions {
            None => "???".to_owned(),
            Some(flags) => {
                flags.iter().zip("rwx".chars()).map(|(on, c)| if *on { c } else { '-' }).collect()
            }
        }
    }
}

impl Lent for mdb_dmod_abi::Mapping {
    type View<'v> = Mapping;

    unsafe fn view<'v>(self) -> Self::View<'v> {
        let on = |flag| self.flags & flag != 0;
        Mapping {
            start: self.start,
            end: self.end,
            kind: match self.kind {
                mapping_kind::FILE => MappingKind::File,
                mapping_kind::STACK => MappingKind::Stack(self.thread),
                mapping_kind::VDSO => MappingKind::Vdso,
                mapping_kind::HEAP => MappingKind::Heap,
                _ => MappingKind::Anonymous,
            },
            permissions: on(MAPPING_PERMISSIONS_KNOWN)
                .then(|| [on(MAPPING_READ), on(MAPPING_WRITE), on(MAPPING_EXECUTE)]),
            offset: self.offset,
            saved: self.saved,
            // SAFETY: the caller says that it is lent.
            path: unsafe { String::from_utf8_lossy(self.path.bytes()).into_owned() },
        }
    }
}

impl Session<'_> {
    /// The first mapping that ends behind `address`.
    pub fn next_mapping(&self, address: u64) -> Result<Option<Mapping>> {
        fn next<F>(session: &Session<'_>, address: u64, take: F) -> Result<()>
        where
            F: FnMut(&Mapping) -> Result<()>,
        {
            let function = function!(session.memory, MemoryGroup, next_mapping)?;
            let mut receiver = Receiver::new(take);
            let callback = lend::<mdb_dmod_abi::Mapping, F>;
            // SAFETY: the context is that of the call under way; the callback fits its argument.
            let status = unsafe { function(session.cx, address, Some(callback), receiver.arg()) };
            if status == Status::NOT_FOUND {
                return Ok(());
            }
            receiver.finish(session, status)
        }
        let mut found = None;
        next(self, address, |mapping| {
            found = Some(mapping.clone());
            Ok(())
        })?;
        Ok(found)
    }

    /// The mapping that holds `address`.
    pub fn mapping_at(&self, address: u64) -> Result<Option<Mapping>> {
        Ok(self.next_mapping(address)?.filter(|mapping| mapping.start <= address))
    }

    /// All mappings, by address.
    pub fn mappings(&self) -> Result<Vec<Mapping>> {
        let mut all = Vec::new();
        let mut after = 0;
        while let Some(mapping) = self.next_mapping(after)? {
            if mapping.end <= after {
                break;
            }
            after = mapping.end;
            all.push(mapping);
        }
        Ok(all)
    }
}
