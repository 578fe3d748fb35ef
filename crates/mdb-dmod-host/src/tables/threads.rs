//! The group `threads`.

use super::{Answers, here, text};
use crate::call::Context;
use crate::services::{Flow, FrameInfo, SampleInfo, ServiceError, StackEndInfo, ThreadInfo};
use mdb_dmod_abi::{
    Array, Cx, Frame, FrameCallback, StackEnd, StackEndCallback, StackSample, Status, Str, Thread,
    ThreadCallback, ThreadsGroup, read_sized,
};
use std::ffi::c_void;

pub(super) static GROUP: ThreadsGroup = ThreadsGroup {
    size: size_of::<ThreadsGroup>() as u32,
    reserved: 0,
    iterate: Some(iterate),
    find: Some(find),
    register: Some(register),
    register_by_name: Some(register_by_name),
    frames: Some(frames),
    current: Some(current),
    frames_of_sample: Some(frames_of_sample),
};

fn lend_thread(
    thread: &ThreadInfo,
    callback: unsafe extern "C" fn(*mut c_void, *const Thread) -> Status,
    arg: *mut c_void,
) -> Status {
    let lent = Thread {
        size: size_of::<Thread>() as u32,
        flags: thread.flags,
        number: thread.number,
        tid: thread.tid,
        signal: thread.signal,
        reserved: 0,
        pc: thread.pc,
        sp: thread.sp,
        thread_pointer: thread.thread_pointer,
        name: Str::new(&thread.name),
    };
    // SAFETY: the dmod's callback with the dmod's argument.
    unsafe { callback(arg, &raw const lent) }
}

unsafe extern "C" fn iterate(cx: *mut Cx, callback: ThreadCallback, arg: *mut c_void) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        let mut answers = Answers::new();
        let mut each = |thread: &ThreadInfo| answers.note(lend_thread(thread, callback, arg));
        let result = context.services.threads(&mut each);
        answers.settle(context, result)
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn find(
    cx: *mut Cx,
    id: u64,
    callback: ThreadCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        match context.services.find_thread(id) {
            Some(thread) => lend_thread(&thread, callback, arg),
            None => context.record(ServiceError::not_found(format!(
                "no thread has the number or the kernel's id {id} (0x{id:x})"
            ))),
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

/// Stores a register's value where the dmod wants it.
fn store(context: &Context<'_>, result: Result<u64, ServiceError>, value: *mut u64) -> Status {
    // SAFETY: null or a place of the dmod's.
    match (result, unsafe { value.as_mut() }) {
        (_, None) => Status::BAD_ARGUMENT,
        (Ok(number), Some(value)) => {
            *value = number;
            Status::OK
        }
        (Err(error), _) => context.record(error),
    }
}

unsafe extern "C" fn register(cx: *mut Cx, thread: u32, register: u32, value: *mut u64) -> Status {
    let function =
        |context: &Context<'_>| store(context, context.services.register(thread, register), value);
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn register_by_name(
    cx: *mut Cx,
    thread: u32,
    name: Str,
    value: *mut u64,
) -> Status {
    let function = |context: &Context<'_>| {
        // SAFETY: the dmod lends the text for this call.
        let name = unsafe { text(name) };
        store(context, context.services.register_by_name(thread, &name), value)
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn frames(
    cx: *mut Cx,
    thread: u32,
    limit: u32,
    flags: u32,
    callback: FrameCallback,
    end: StackEndCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        lend_frames(context, callback, end, arg, |each| {
            context.services.frames(thread, limit, flags, each)
        })
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

/// No processor has more.
const MOST_REGISTERS: u32 = 1024;

unsafe extern "C" fn frames_of_sample(
    cx: *mut Cx,
    sample: *const StackSample,
    limit: u32,
    flags: u32,
    callback: FrameCallback,
    end: StackEndCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        // SAFETY: null or a struct of the dmod's that begins with its size.
        let Some(sample) = (unsafe { read_sized(sample) }) else { return Status::BAD_ARGUMENT };
        if sample.registers.count > MOST_REGISTERS {
            return Status::BAD_ARGUMENT;
        }
        // SAFETY: the dmod lends array and bytes for this call.
        let (registers, bytes): (Vec<_>, _) =
            unsafe { (sample.registers.iter().collect(), sample.bytes.slice()) };
        let info = SampleInfo { address: sample.address, bytes, registers: &registers };
        lend_frames(context, callback, end, arg, |each| {
            context.services.frames_of_sample(info, limit, flags, each)
        })
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

/// Gives frames to the callback of a dmod, and tells it how they end.
fn lend_frames(
    context: &Context<'_>,
    callback: FrameCallback,
    end: StackEndCallback,
    arg: *mut c_void,
    walk: impl FnOnce(&mut dyn FnMut(&FrameInfo<'_>) -> Flow) -> Result<StackEndInfo, ServiceError>,
) -> Status {
    let Some(callback) = callback else { return Status::BAD_ARGUMENT };
    let mut answers = Answers::new();
    let mut each = |frame: &FrameInfo<'_>| {
        let lent = Frame {
            size: size_of::<Frame>() as u32,
            flags: frame.flags,
            level: frame.level,
            found_by: frame.found_by,
            pc: frame.pc,
            sp: frame.sp,
            fp: frame.fp,
            cfa: frame.cfa,
            function_start: frame.function_start,
            offset: frame.offset,
            line: frame.line,
            column: frame.column,
            function: Str::new(&frame.function),
            module: Str::new(&frame.module),
            file: Str::new(&frame.file),
            text: Str::new(&frame.text),
            arguments: Str::new(&frame.arguments),
            found_by_name: Str::new(&frame.found_by_name),
            object: frame.object,
            object_type: Str::new(&frame.object_type),
            registers: Array::of(&frame.registers),
        };
        // SAFETY: the dmod's callback with the dmod's argument.
        answers.note(unsafe { callback(arg, &raw const lent) })
    };
    let result = walk(&mut each).map(|stack| {
        let lent = StackEnd {
            size: size_of::<StackEnd>() as u32,
            kind: stack.kind,
            sentence: Str::new(&stack.sentence),
        };
        if let Some(end) = end {
            // SAFETY: the dmod's callback with the dmod's argument.
            unsafe { end(arg, &raw const lent) };
        }
    });
    answers.settle(context, result)
}

unsafe extern "C" fn current(cx: *mut Cx, thread: *mut u32) -> Status {
    let function = |context: &Context<'_>| {
        // SAFETY: null or a place of the dmod's.
        let Some(thread) = (unsafe { thread.as_mut() }) else { return Status::BAD_ARGUMENT };
        match context.services.current_thread() {
            Some(number) => {
                *thread = number;
                Status::OK
            }
            None => context.record(ServiceError::not_found("the target has no threads")),
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}
