//! Further targets in one session, to compare two cores.

use crate::callbacks::Receiver;
use crate::session::function;
use crate::{Result, Session};
use mdb_dmod_abi::{Cx, Host, Status, Str, TargetGroup, TargetsGroup};
use std::ffi::c_void;

/// A further target that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OtherTarget(u32);

/// For `targets.with`; the argument is a [`Receiver`] of `F`.
unsafe extern "C" fn run<F>(arg: *mut c_void, host: *const Host, cx: *mut Cx) -> Status
where
    F: FnMut(&Session<'_>) -> Result<()>,
{
    // SAFETY: we passed such an argument.
    let Some(receiver) = (unsafe { arg.cast::<Receiver<F>>().as_mut() }) else {
        return Status::BAD_ARGUMENT;
    };
    // SAFETY: the host lends both until we return.
    let session = unsafe { Session::new(host, cx, None, &[]) };
    receiver.guard(|function| function(&session))
}

impl Session<'_> {
    /// Opens a core, or an executable, beside the session's own target. The same path is the same
    /// target; it stays open until it is closed or the session ends.
    pub fn open_target(&self, path: &str) -> Result<OtherTarget> {
        let function = function!(self.targets, TargetsGroup, open)?;
        let mut number = 0;
        // SAFETY: the context is that of the call under way; the text is lent for the call.
        let status = unsafe { function(self.cx, Str::new(path), &raw mut number) };
        self.check(status).map(|()| OtherTarget(number))
    }

    /// Calls `each` with a session over another target: all that is asked through it is asked of that
    /// target, and output goes to where this call's goes.
    pub fn with_target<T>(
        &self,
        target: OtherTarget,
        each: impl FnOnce(&Session<'_>) -> Result<T>,
    ) -> Result<T> {
        fn call<F>(s: &Session<'_>, number: u32, each: F) -> Result<()>
        where
            F: FnMut(&Session<'_>) -> Result<()>,
        {
            let function = function!(s.targets, TargetsGroup, with)?;
            let mut receiver = Receiver::new(each);
            // SAFETY: the context is that of the call under way; the callback fits its argument.
            let status = unsafe { function(s.cx, number, Some(run::<F>), receiver.arg()) };
            receiver.finish(s, status)
        }
        let mut each = Some(each);
        let mut answer = None;
        call(self, target.0, |session| {
            if let Some(each) = each.take() {
                answer = Some(each(session)?);
            }
            Ok(())
        })?;
        answer.ok_or_else(|| crate::Error::new("the other target was not asked"))
    }

    /// Closes a further target.
    pub fn close_target(&self, target: OtherTarget) -> Result<()> {
        let function = function!(self.targets, TargetsGroup, close)?;
        // SAFETY: the context is that of the call under way.
        let status = unsafe { function(self.cx, target.0) };
        self.check(status)
    }

    /// Stops a live process for as long as `each` runs, so that what it reads fits together. A target
    /// that is no live process stands still anyway.
    pub fn while_stopped<T>(&self, each: impl FnOnce() -> Result<T>) -> Result<T> {
        let stopped = match function!(self.target, TargetGroup, stop) {
            // SAFETY: the context is that of the call under way.
            Ok(stop) => unsafe { stop(self.cx) },
            Err(_) => Status::UNSUPPORTED,
        };
        if stopped == Status::UNSUPPORTED {
            return each();
        }
        self.check(stopped)?;
        let answer = each();
        let resume = function!(self.target, TargetGroup, resume)?;
        // SAFETY: the context is that of the call under way.
        let status = unsafe { resume(self.cx) };
        let resumed = self.check(status);
        answer.and_then(|answer| resumed.map(|()| answer))
    }
}
