//! The functions that the host calls back: they copy or lend what they get to closures.

use crate::{Error, Result, Session};
use mdb_dmod_abi::{Item, Plain, Status, Str, fault_kind, read_sized};
use std::any::Any;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// The error for a status.
pub(crate) fn failure(status: Status, message: String, address: Option<u64>) -> Error {
    match (status, address) {
        (Status::CANCELLED, _) => Error::Cancelled,
        (Status::CLOSED, _) => Error::Closed,
        (Status::FAULT, Some(address)) => {
            Error::Fault { address, kind: fault_kind::OTHER, sentence: message.into() }
        }
        (Status::USAGE, _) => Error::Usage(message),
        (Status::NOT_FOUND, _) if message.is_empty() => Error::NotFound("not found".to_owned()),
        (Status::NOT_FOUND, _) => Error::NotFound(message),
        (Status::UNSUPPORTED, _) if message.is_empty() => {
            Error::Unsupported("not supported by this target".to_owned())
        }
        (Status::UNSUPPORTED, _) => Error::Unsupported(message),
        (Status::ERROR, address) if !message.is_empty() => Error::Other { message, address },
        (status, _) => Error::Host { status, message },
    }
}

/// A copy of text.
///
/// # Safety
/// The text is lent for this call.
pub(crate) unsafe fn owned(text: Str) -> String {
    // SAFETY: says the caller.
    String::from_utf8_lossy(unsafe { text.bytes() }).into_owned()
}

/// For `session.last_error`; the argument is an `Option<(String, Option<u64>)>`.
pub(crate) unsafe extern "C" fn take_error(
    arg: *mut c_void,
    sentence: Str,
    address: u64,
    has_address: u32,
) -> Status {
    // SAFETY: we passed such an argument, and the host lends the text.
    unsafe {
        if let Some(place) = arg.cast::<Option<(String, Option<u64>)>>().as_mut() {
            let address = (has_address != 0).then_some(address);
            *place = Some((sentence.text().to_owned(), address));
        }
    }
    Status::OK
}

/// For a text; the argument is an `Option<String>`.
pub(crate) unsafe extern "C" fn take_text(arg: *mut c_void, text: Str) -> Status {
    // SAFETY: we passed such an argument, and the host lends the text.
    unsafe {
        if let Some(place) = arg.cast::<Option<String>>().as_mut() {
            *place = Some(String::from_utf8_lossy(text.bytes()).into_owned());
        }
    }
    Status::OK
}

/// A struct of the ABI that can be shown to a closure.
pub(crate) trait Lent: Plain {
    /// What the closure gets.
    type View<'v>;

    /// # Safety
    /// The texts and bytes that it points to are readable for as long as `'v`.
    unsafe fn view<'v>(self) -> Self::View<'v>;
}

/// A closure that the host calls back. A panic in it must not cross the host: it is kept and goes
/// on when the host has returned. So is an error: the host only hears that it shall stop.
pub(crate) struct Receiver<F> {
    function: F,
    error: Option<Error>,
    payload: Option<Box<dyn Any + Send>>,
}

impl<F> Receiver<F> {
    pub(crate) fn new(function: F) -> Self {
        Self { function, error: None, payload: None }
    }

    /// The argument for the host.
    pub(crate) fn arg(&mut self) -> *mut c_void {
        std::ptr::from_mut(self).cast()
    }

    /// Calls the closure and answers what the host is to do.
    pub(crate) fn guard(&mut self, call: impl FnOnce(&mut F) -> Result<()>) -> Status {
        let function = &mut self.function;
        match catch_unwind(AssertUnwindSafe(|| call(function))) {
            Ok(Ok(())) => return Status::OK,
            Ok(Err(error)) => self.error = Some(error),
            Err(payload) => self.payload = Some(payload),
        }
        match self.error {
            Some(Error::Cancelled) => Status::CANCELLED,
            _ => Status::CLOSED,
        }
    }

    /// After the host has returned: what the closure met with, else what the host answered.
    pub(crate) fn finish(self, session: &Session<'_>, status: Status) -> Result<()> {
        self.settle(|| session.check(status))
    }

    /// As [`Receiver::finish`], where the host's answer is told otherwise.
    pub(crate) fn settle(self, answer: impl FnOnce() -> Result<()>) -> Result<()> {
        if let Some(payload) = self.payload {
            resume_unwind(payload);
        }
        match self.error {
            Some(error) => Err(error),
            None => answer(),
        }
    }
}

/// The host's callback for a struct that it lends; the argument is a [`Receiver`] of `F`.
pub(crate) unsafe extern "C" fn lend<T, F>(arg: *mut c_void, lent: *const T) -> Status
where
    T: Lent,
    F: FnMut(&T::View<'_>) -> Result<()>,
{
    // SAFETY: we passed such an argument, and the host lends the struct, which begins with its
    // size, for this call.
    unsafe {
        let Some(receiver) = arg.cast::<Receiver<F>>().as_mut() else {
            return Status::BAD_ARGUMENT;
        };
        let Some(lent) = read_sized(lent) else { return Status::BAD_ARGUMENT };
        receiver.guard(|function| function(&lent.view()))
    }
}

/// The host's callback for an item; the argument is a [`Receiver`] of `F`.
pub(crate) unsafe extern "C" fn take_item<F>(arg: *mut c_void, item: Item) -> Status
where
    F: FnMut(Item) -> Result<()>,
{
    // SAFETY: we passed such an argument.
    match unsafe { arg.cast::<Receiver<F>>().as_mut() } {
        Some(receiver) => receiver.guard(|function| function(item)),
        None => Status::BAD_ARGUMENT,
    }
}

/// The host's callback for text; the argument is a [`Receiver`] of `F`.
pub(crate) unsafe extern "C" fn lend_text<F>(arg: *mut c_void, text: Str) -> Status
where
    F: FnMut(&str) -> Result<()>,
{
    // SAFETY: we passed such an argument, and the host lends the text.
    unsafe {
        match arg.cast::<Receiver<F>>().as_mut() {
            Some(receiver) => receiver.guard(|function| function(text.text())),
            None => Status::BAD_ARGUMENT,
        }
    }
}
