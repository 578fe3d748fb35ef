//! A call of the host, and what it lends.

use crate::callbacks::failure;
use crate::load::Layouts;
use crate::memory::Memory;
use crate::{Error, Result};
use mdb_dmod_abi::{
    Call, Cx, GraphGroup, Host, MemoryGroup, Opt, OutputGroup, PipeGroup, ProvidersGroup, RunGroup,
    SessionGroup, Status, Str, SymbolsGroup, TargetGroup, TargetsGroup, ThreadsGroup, TypesGroup,
    WorkGroup, field,
};
use std::marker::PhantomData;

/// One call of a command or walker: its arguments, and the services of the host until it returns.
///
/// It stays on its thread; [`Session::memory`] can be taken to others.
pub struct Session<'a> {
    pub(crate) cx: *mut Cx,
    pub(crate) call: Option<Call>,
    pub(crate) options: &'static [Opt],
    pub(crate) memory: *const MemoryGroup,
    pub(crate) symbols: *const SymbolsGroup,
    pub(crate) types: *const TypesGroup,
    pub(crate) threads: *const ThreadsGroup,
    pub(crate) output: *const OutputGroup,
    pub(crate) pipe: *const PipeGroup,
    pub(crate) run: *const RunGroup,
    pub(crate) keeping: *const SessionGroup,
    pub(crate) target: *const TargetGroup,
    pub(crate) layouts: Layouts,
    pub(crate) work: *const WorkGroup,
    pub(crate) providers: *const ProvidersGroup,
    pub(crate) graph: *const GraphGroup,
    pub(crate) targets: *const TargetsGroup,
    lent: PhantomData<&'a ()>,
}

impl std::fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("call", &self.call).finish_non_exhaustive()
    }
}

/// A group of the host's root; null where the host is too old to have it.
macro_rules! group {
    ($host:expr, $field:ident) => {
        // SAFETY: the host's root begins with its size.
        unsafe { field!($host, Host, $field) }.unwrap_or(std::ptr::null())
    };
}

impl Session<'_> {
    /// What the host lends for one call.
    ///
    /// # Safety
    /// `host` and `cx` are what the host passed to the call that is under way, `call` is a copy of
    /// its third argument, and the session does not outlive the call.
    pub(crate) unsafe fn new(
        host: *const Host,
        cx: *mut Cx,
        call: Option<Call>,
        options: &'static [Opt],
    ) -> Self {
        Self {
            cx,
            call,
            options,
            memory: group!(host, memory),
            symbols: group!(host, symbols),
            types: group!(host, types),
            threads: group!(host, threads),
            output: group!(host, output),
            pipe: group!(host, pipe),
            run: group!(host, run),
            keeping: group!(host, session),
            target: group!(host, target),
            layouts: Layouts::default(),
            work: group!(host, work),
            providers: group!(host, providers),
            graph: group!(host, graph),
            targets: group!(host, targets),
            lent: PhantomData,
        }
    }

    /// Memory of the target; may be copied, and taken to other threads.
    pub fn memory(&self) -> Memory<'_> {
        Memory::new(self.memory, self.cx)
    }

    /// Reads eight bytes.
    pub fn read_u64(&self, address: u64) -> Result<u64> {
        self.memory().read_u64(address)
    }

    /// Turns the status of a function of the host into a result.
    pub(crate) fn check(&self, status: Status) -> Result<()> {
        match status {
            Status::OK => Ok(()),
            Status::CANCELLED => Err(Error::Cancelled),
            Status::CLOSED => Err(Error::Closed),
            status => {
                let (message, address) = self.last_error().unwrap_or_default();
                Err(failure(status, message, address))
            }
        }
    }

    /// Why the function of the host that was called last failed.
    fn last_error(&self) -> Option<(String, Option<u64>)> {
        // SAFETY: the group is the host's and begins with its size.
        let function = unsafe { field!(self.keeping, SessionGroup, last_error) }??;
        let mut found = None;
        // SAFETY: the context is that of the call under way, and the callback gets what it expects.
        let _ = unsafe {
            function(self.cx, Some(crate::callbacks::take_error), (&raw mut found).cast())
        };
        found
    }

    /// Says why this call is going to fail.
    pub(crate) fn report(&self, message: &str, address: Option<u64>) {
        // SAFETY: the group is the host's and begins with its size.
        let Some(Some(fail)) = (unsafe { field!(self.output, OutputGroup, fail) }) else { return };
        let place = address.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: the context is that of the call under way; the rest is lent for the call.
        let _ = unsafe { fail(self.cx, Str::new(message), place) };
    }
}

/// A function of a group, or the error that says that the host has none.
macro_rules! function {
    ($group:expr, $type:ty, $field:ident) => {
        // SAFETY: the group is null or the host's, and begins with its size.
        match unsafe { mdb_dmod_abi::field!($group, $type, $field) } {
            Some(Some(function)) => Ok(function),
            _ => {
                Err($crate::Error::HostTooOld(concat!(stringify!($type), "::", stringify!($field))))
            }
        }
    };
}
pub(crate) use function;
