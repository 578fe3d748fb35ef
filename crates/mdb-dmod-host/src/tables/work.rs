//! The group `work`.

use super::here;
use crate::call::{Context, CurrentCall};
use mdb_dmod_abi::{Cx, Status, WorkFunction, WorkGroup};
use std::ffi::c_void;

pub(super) static GROUP: WorkGroup = WorkGroup {
    size: size_of::<WorkGroup>() as u32,
    reserved: 0,
    parallel: Some(parallel),
    threads: Some(threads),
};

/// The argument of a dmod on its way to other threads.
#[derive(Clone, Copy)]
struct Argument(*mut c_void);

// SAFETY: the contract says that the function is called from several threads with it.
unsafe impl Send for Argument {}
// SAFETY: as above.
unsafe impl Sync for Argument {}

impl Argument {
    fn pointer(&self) -> *mut c_void {
        self.0
    }
}

unsafe extern "C" fn parallel(
    cx: *mut Cx,
    n: u32,
    function: WorkFunction,
    arg: *mut c_void,
) -> Status {
    let answer = |context: &Context<'_>| {
        let Some(function) = function else { return Status::BAD_ARGUMENT };
        let arg = Argument(arg);
        let (place, memory) = (context.place, context.memory);
        context.services.parallel(n, &|index| {
            if memory.cancelled() {
                return Status::CANCELLED;
            }
            // So that a crash on this thread is told as the dmod's, too.
            let note = CurrentCall::enter(place);
            // SAFETY: the dmod's function with the dmod's argument.
            let status = unsafe { function(arg.pointer(), index) };
            drop(note);
            status
        })
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, answer) }
}

unsafe extern "C" fn threads(cx: *mut Cx) -> u32 {
    let mut number = 1;
    let answer = |context: &Context<'_>| {
        number = context.services.worker_threads().max(1);
        Status::OK
    };
    // SAFETY: the context is that of the call under way.
    let _ = unsafe { here(cx, answer) };
    number
}
