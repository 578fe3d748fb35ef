//! The group `targets`.

use super::{here, text};
use crate::call::{Context, enter};
use crate::services::{HostServices, ServiceError};
use mdb_dmod_abi::{Cx, Status, Str, TargetCallback, TargetsGroup};
use std::ffi::c_void;

pub(super) static GROUP: TargetsGroup = TargetsGroup {
    size: size_of::<TargetsGroup>() as u32,
    reserved: 0,
    open: Some(open),
    with: Some(with),
    close: Some(close),
};

unsafe extern "C" fn open(cx: *mut Cx, path: Str, target: *mut u32) -> Status {
    let function = |context: &Context<'_>| {
        // SAFETY: null or a place of the dmod's.
        let Some(target) = (unsafe { target.as_mut() }) else { return Status::BAD_ARGUMENT };
        // SAFETY: the dmod lends the text for this call.
        match context.services.open_target(&unsafe { text(path) }) {
            Ok(number) => {
                *target = number;
                Status::OK
            }
            Err(error) => context.record(error),
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn with(
    cx: *mut Cx,
    target: u32,
    callback: TargetCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        let place = context.place;
        let mut failure = None;
        let mut call = |services: &dyn HostServices| {
            let entered = enter(services, place, |host, cx| {
                // SAFETY: the dmod's callback with the dmod's argument; the context lives until it
                // returns.
                unsafe { callback(arg, host, cx) }
            });
            match entered {
                Ok(()) => Status::OK,
                Err(error) => {
                    let (status, message, address) = (error.status, error.message, error.address);
                    failure = Some(ServiceError { status, message, address });
                    status
                }
            }
        };
        let result = context.services.with_target(target, &mut call);
        match (failure, result) {
            (Some(error), _) | (None, Err(error)) => context.record(error),
            (None, Ok(status)) => status,
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn close(cx: *mut Cx, target: u32) -> Status {
    let function = |context: &Context<'_>| match context.services.close_target(target) {
        Ok(()) => Status::OK,
        Err(error) => context.record(error),
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}
