//! The group `session`.

use super::{here, text};
use crate::call::Context;
use crate::services::ServiceError;
use mdb_dmod_abi::{
    Bytes, BytesCallback, Cx, ErrorCallback, SessionGroup, Status, Str, TextCallback,
};
use std::ffi::c_void;

pub(super) static GROUP: SessionGroup = SessionGroup {
    size: size_of::<SessionGroup>() as u32,
    reserved: 0,
    get: Some(get),
    set: Some(set),
    option: Some(option),
    variable: Some(variable),
    set_variable: Some(set_variable),
    log: Some(log),
    last_error: Some(last_error),
};

unsafe extern "C" fn get(
    cx: *mut Cx,
    key: Str,
    callback: BytesCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        // SAFETY: the dmod lends the text for this call.
        match context.services.blob(context.module, &unsafe { text(key) }) {
            // SAFETY: the dmod's callback with the dmod's argument.
            Some(bytes) => unsafe { callback(arg, Bytes::new(&bytes)) },
            None => Status::NOT_FOUND,
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn set(cx: *mut Cx, key: Str, bytes: Bytes) -> Status {
    let function = |context: &Context<'_>| {
        // SAFETY: the dmod lends both for this call.
        let (key, bytes) = unsafe { (text(key), bytes.slice()) };
        match context.services.set_blob(context.module, &key, bytes) {
            Ok(()) => Status::OK,
            Err(error) => context.record(error),
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn option(
    cx: *mut Cx,
    name: Str,
    callback: TextCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        // SAFETY: the dmod lends the text for this call.
        match context.services.option(&unsafe { text(name) }) {
            // SAFETY: the dmod's callback with the dmod's argument.
            Some(value) => unsafe { callback(arg, Str::new(&value)) },
            None => Status::NOT_FOUND,
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn variable(cx: *mut Cx, name: Str, value: *mut u64) -> Status {
    let function = |context: &Context<'_>| {
        // SAFETY: null or a place of the dmod's.
        let Some(value) = (unsafe { value.as_mut() }) else { return Status::BAD_ARGUMENT };
        // SAFETY: the dmod lends the text for this call.
        let name = unsafe { text(name) };
        match context.services.variable(&name) {
            Some(number) => {
                *value = number;
                Status::OK
            }
            None => context.record(ServiceError::not_found(format!("no variable {name}"))),
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn set_variable(cx: *mut Cx, name: Str, value: u64) -> Status {
    let function = |context: &Context<'_>| {
        // SAFETY: the dmod lends the text for this call.
        match context.services.set_variable(&unsafe { text(name) }, value) {
            Ok(()) => Status::OK,
            Err(error) => context.record(error),
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn log(cx: *mut Cx, line: Str) -> Status {
    let function = |context: &Context<'_>| {
        // SAFETY: the dmod lends the text for this call.
        context.services.log(context.module, &unsafe { text(line) });
        Status::OK
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn last_error(cx: *mut Cx, callback: ErrorCallback, arg: *mut c_void) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        let Some(error) = context.last_error() else { return Status::NOT_FOUND };
        let (address, known) = error.address.map_or((0, 0), |address| (address, 1));
        // SAFETY: the dmod's callback with the dmod's argument.
        unsafe { callback(arg, Str::new(&error.message), address, known) }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}
