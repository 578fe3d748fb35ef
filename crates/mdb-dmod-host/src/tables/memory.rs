//! The group `memory`.

use super::anywhere;
use super::output::give;
use crate::services::ReadError;
use mdb_dmod_abi::{
    Bytes, Cx, FaultCallback, Mapping, MappingCallback, MemoryGroup, MemoryRun, Status, Str,
};
use std::ffi::c_void;

pub(super) static GROUP: MemoryGroup = MemoryGroup {
    size: size_of::<MemoryGroup>() as u32,
    reserved: 0,
    read: Some(read),
    borrow: Some(borrow),
    next_mapping: Some(next_mapping),
    describe_fault: Some(describe_fault),
    search: Some(super::search::search),
    next_run: Some(next_run),
};

unsafe extern "C" fn read(
    cx: *mut Cx,
    address: u64,
    buffer: *mut u8,
    length: usize,
    got: *mut usize,
) -> Status {
    let function = |context: &crate::call::Context<'_>| {
        let mut done = 0;
        let status = if length == 0 {
            Status::OK
        } else if buffer.is_null() || isize::try_from(length).is_err() {
            Status::BAD_ARGUMENT
        } else {
            // SAFETY: the dmod says that it has room for `length` bytes there. What stands in
            // them is unknown to our compiler, and the services only write to them.
            let buffer = unsafe { std::slice::from_raw_parts_mut(buffer, length) };
            match context.memory.read(address, buffer) {
                Ok(n) => {
                    done = n;
                    if n < length { Status::FAULT } else { Status::OK }
                }
                Err(ReadError::Fault) => Status::FAULT,
                Err(ReadError::Cancelled) => Status::CANCELLED,
            }
        };
        // SAFETY: null or a place of the dmod's.
        if let Some(got) = unsafe { got.as_mut() } {
            *got = done;
        }
        if status == Status::FAULT {
            context.record_fault(address.wrapping_add(done as u64));
        }
        status
    };
    // SAFETY: the context is that of the call under way.
    unsafe { anywhere(cx, function) }
}

unsafe extern "C" fn borrow(cx: *mut Cx, address: u64, length: usize, bytes: *mut Bytes) -> Status {
    let function = |context: &crate::call::Context<'_>| {
        // SAFETY: null or a place of the dmod's.
        let Some(bytes) = (unsafe { bytes.as_mut() }) else { return Status::BAD_ARGUMENT };
        if context.memory.cancelled() {
            return Status::CANCELLED;
        }
        match context.memory.borrow(address, length) {
            Some(lent) => {
                *bytes = Bytes::new(lent);
                Status::OK
            }
            None => Status::UNSUPPORTED,
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { anywhere(cx, function) }
}

unsafe extern "C" fn next_mapping(
    cx: *mut Cx,
    address: u64,
    callback: MappingCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &crate::call::Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        let Some(mapping) = context.memory.next_mapping(address) else {
            return Status::NOT_FOUND;
        };
        let lent = Mapping {
            size: size_of::<Mapping>() as u32,
            flags: mapping.flags,
            kind: mapping.kind,
            thread: mapping.thread,
            start: mapping.start,
            end: mapping.end,
            offset: mapping.offset,
            saved: mapping.saved,
            path: Str::new(&mapping.path),
        };
        // SAFETY: the dmod's callback with the dmod's argument.
        unsafe { callback(arg, &raw const lent) }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { anywhere(cx, function) }
}

unsafe extern "C" fn describe_fault(
    cx: *mut Cx,
    address: u64,
    callback: FaultCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &crate::call::Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        let fault = context.memory.describe_fault(address);
        // SAFETY: the dmod's callback with the dmod's argument.
        unsafe { callback(arg, fault.kind, Str::new(&fault.sentence)) }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { anywhere(cx, function) }
}

unsafe extern "C" fn next_run(cx: *mut Cx, address: u64, run: *mut MemoryRun) -> Status {
    let function = |context: &crate::call::Context<'_>| {
        if context.memory.cancelled() {
            return Status::CANCELLED;
        }
        let Some(found) = context.memory.next_run(address) else { return Status::NOT_FOUND };
        let ours = MemoryRun {
            size: size_of::<MemoryRun>() as u32,
            flags: found.flags,
            start: found.start,
            end: found.end,
        };
        // SAFETY: null or a struct of the dmod's that begins with its size.
        unsafe { give(&ours, run) }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { anywhere(cx, function) }
}
