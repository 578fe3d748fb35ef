//! The functions that the host calls: they make a session, and keep panics on this side.

use crate::panics::{self, Outcome};
use crate::{Dcmd, Declaration, Error, Result, Session, Walker};
use mdb_dmod_abi::{
    CALL_ADDRESS, Call, Cx, Host, Item, ItemCallback, Status, WalkCall, read_sized,
};
use std::ffi::c_void;

/// The table entry of a command.
pub const fn dcmd<T: Dcmd>() -> mdb_dmod_abi::Dcmd {
    let mut dcmd = T::DECLARATION.dcmd;
    dcmd.run = Some(run::<T>);
    dcmd
}

/// The table entry of a walker.
pub const fn walker<T: Walker>() -> mdb_dmod_abi::Walker {
    let mut walker = T::DECLARATION.walker;
    walker.each = Some(walk::<T>);
    walker
}

/// What a module does when a target is opened or goes away.
pub trait Hook {
    /// Does it.
    fn run(session: &Session<'_>) -> Result<()>;
}

/// The function for a hook.
///
/// # Safety
/// To be called by the host, with its tables and the context of a call.
pub unsafe extern "C" fn hook<T: Hook>(host: *const Host, cx: *mut Cx) -> Status {
    // SAFETY: the host lends both until we return.
    let session = unsafe { Session::new(host, cx, None, &[]) };
    settle(&session, panics::guard(|| T::run(&session)))
}

unsafe extern "C" fn run<T: Dcmd>(host: *const Host, cx: *mut Cx, call: *const Call) -> Status {
    // SAFETY: the host lends a call until we return.
    let call = unsafe { read_sized(call) };
    let Declaration { options, .. } = T::DECLARATION;
    // SAFETY: the host lends both until we return.
    let session = unsafe { Session::new(host, cx, call, options) };
    settle(&session, panics::guard(|| T::run(&session)))
}

unsafe extern "C" fn walk<T: Walker>(
    host: *const Host,
    cx: *mut Cx,
    call: *const WalkCall,
    each: ItemCallback,
    arg: *mut c_void,
) -> Status {
    // SAFETY: the host lends both until we return.
    let session = unsafe { Session::new(host, cx, None, &[]) };
    // SAFETY: the host lends a call until we return.
    let call = unsafe { read_sized(call) };
    let Some(each) = each else { return Status::BAD_ARGUMENT };
    let start = call.filter(|call| call.flags & CALL_ADDRESS != 0).map(|call| call.start);
    let mut emit = |item: Item| {
        // SAFETY: the host's callback with the host's argument, while the walk is under way.
        let status = unsafe { each(arg, item) };
        session.check(status)
    };
    settle(&session, panics::guard(|| T::walk(&session, start, &mut emit)))
}

/// Tells the host how it went.
pub(crate) fn settle(session: &Session<'_>, outcome: Outcome) -> Status {
    match outcome {
        Outcome::Done(Ok(())) => Status::OK,
        Outcome::Done(Err(error)) => {
            if !error.is_stop() {
                session.report(&error.to_string(), error.address());
            }
            match error {
                Error::Closed => Status::CLOSED,
                error => error.status(),
            }
        }
        Outcome::Panicked(message) => {
            session.report(&message, None);
            Status::PANIC
        }
    }
}
