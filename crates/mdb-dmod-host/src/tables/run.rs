//! The group `run`.

use super::{Answers, anywhere, here, text};
use crate::call::Context;
use crate::services::CommandSink;
use mdb_dmod_abi::{Cx, Item, ItemCallback, RunGroup, Status, Str, TextCallback};
use std::ffi::c_void;

pub(super) static GROUP: RunGroup = RunGroup {
    size: size_of::<RunGroup>() as u32,
    reserved: 0,
    walk: Some(walk),
    command: Some(command),
    capture: Some(capture),
    evaluate: Some(evaluate),
    cancelled: Some(cancelled),
    progress: Some(progress),
};

unsafe extern "C" fn walk(
    cx: *mut Cx,
    name: Str,
    start: *const Item,
    callback: ItemCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        // SAFETY: null or an item; the dmod lends it and the text for this call.
        let (name, start) = unsafe { (text(name), start.as_ref().copied()) };
        let mut answers = Answers::new();
        let mut each = |item: Item| {
            // SAFETY: the dmod's callback with the dmod's argument.
            answers.note(unsafe { callback(arg, item) })
        };
        let result = context.services.walk(&name, start, &mut each);
        answers.settle(context, result)
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn command(
    cx: *mut Cx,
    line: Str,
    dot: *const Item,
    callback: ItemCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        // SAFETY: null or an item; the dmod lends it and the text for this call.
        let (line, dot) = unsafe { (text(line), dot.as_ref().copied()) };
        let mut answers = Answers::new();
        let result = match callback {
            None => context.services.command(&line, dot, CommandSink::Show),
            Some(callback) => {
                let mut each = |item: Item| {
                    // SAFETY: the dmod's callback with the dmod's argument.
                    answers.note(unsafe { callback(arg, item) })
                };
                context.services.command(&line, dot, CommandSink::Items(&mut each))
            }
        };
        answers.settle(context, result)
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn capture(
    cx: *mut Cx,
    line: Str,
    dot: *const Item,
    callback: TextCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        // SAFETY: null or an item; the dmod lends it and the text for this call.
        let (line, dot) = unsafe { (text(line), dot.as_ref().copied()) };
        let mut answers = Answers::new();
        let mut each = |piece: &str| {
            // SAFETY: the dmod's callback with the dmod's argument.
            answers.note(unsafe { callback(arg, Str::new(piece)) })
        };
        let result = context.services.command(&line, dot, CommandSink::Text(&mut each));
        answers.settle(context, result)
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn evaluate(cx: *mut Cx, expression: Str, value: *mut u64) -> Status {
    let function = |context: &Context<'_>| {
        // SAFETY: null or a place of the dmod's.
        let Some(value) = (unsafe { value.as_mut() }) else { return Status::BAD_ARGUMENT };
        // SAFETY: the dmod lends the text for this call.
        match context.services.evaluate(&unsafe { text(expression) }) {
            Ok(number) => {
                *value = number;
                Status::OK
            }
            Err(error) => context.record(error),
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn cancelled(cx: *mut Cx) -> Status {
    let function = |context: &Context<'_>| {
        if context.memory.cancelled() { Status::CANCELLED } else { Status::OK }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { anywhere(cx, function) }
}

unsafe extern "C" fn progress(cx: *mut Cx, done: u64, total: u64, what: Str) -> Status {
    let function = |context: &Context<'_>| {
        if context.memory.cancelled() {
            return Status::CANCELLED;
        }
        // SAFETY: the dmod lends the text for this call.
        context.services.progress(done, total, &unsafe { text(what) });
        Status::OK
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}
