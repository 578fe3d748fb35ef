//! The group `target`.

use super::output::give;
use super::{Answers, here};
use crate::call::Context;
use crate::services::{NoteInfo, ServiceError};
use mdb_dmod_abi::{
    AuxvCallback, Bytes, Cx, Note, NoteCallback, ProcessCallback, ProcessInfo, SIGNAL_HAS_ADDRESS,
    SIGNAL_HAS_CODE, SIGNAL_HAS_SENDER, SignalInfo, Status, Str, TargetGroup, TargetInfo,
};
use std::ffi::c_void;

pub(super) static GROUP: TargetGroup = TargetGroup {
    size: size_of::<TargetGroup>() as u32,
    reserved: 0,
    info: Some(info),
    signal: Some(signal),
    process: Some(process),
    auxv: Some(auxv),
    notes: Some(notes),
    stop: Some(stop),
    resume: Some(resume),
};

unsafe extern "C" fn info(cx: *mut Cx, info: *mut TargetInfo) -> Status {
    let function = |context: &Context<'_>| {
        let state = context.services.target();
        let ours = TargetInfo {
            size: size_of::<TargetInfo>() as u32,
            flags: state.flags,
            kind: state.kind,
            machine: state.machine,
            pointer_size: state.pointer_size,
            big_endian: u32::from(state.big_endian),
            page_size: state.page_size,
            threads: state.threads,
            reserved: 0,
        };
        // SAFETY: null or a struct of the dmod's that begins with its size.
        unsafe { give(&ours, info) }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn signal(cx: *mut Cx, info: *mut SignalInfo) -> Status {
    let function = |context: &Context<'_>| {
        let Some(state) = context.services.signal() else { return Status::NOT_FOUND };
        let flag = |on: bool, flag: u32| if on { flag } else { 0 };
        let (sender_pid, sender_uid) = state.sender.unwrap_or_default();
        let ours = SignalInfo {
            size: size_of::<SignalInfo>() as u32,
            flags: flag(state.code.is_some(), SIGNAL_HAS_CODE)
                | flag(state.address.is_some(), SIGNAL_HAS_ADDRESS)
                | flag(state.sender.is_some(), SIGNAL_HAS_SENDER),
            signal: state.signal,
            code: state.code.unwrap_or(0),
            errno: state.errno,
            sender_pid,
            sender_uid,
            reserved: 0,
            address: state.address.unwrap_or(0),
        };
        // SAFETY: null or a struct of the dmod's that begins with its size.
        unsafe { give(&ours, info) }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn process(cx: *mut Cx, callback: ProcessCallback, arg: *mut c_void) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        let state = context.services.process();
        let id = |id: Option<u32>| id.map_or(-1, i64::from);
        let lent = ProcessInfo {
            size: size_of::<ProcessInfo>() as u32,
            flags: 0,
            pid: id(state.pid),
            ppid: id(state.ppid),
            uid: id(state.uid),
            gid: id(state.gid),
            name: Str::new(&state.name),
            arguments: Str::new(&state.arguments),
            executable: Str::new(&state.executable),
            path: Str::new(&state.path),
        };
        // SAFETY: the dmod's callback with the dmod's argument.
        unsafe { callback(arg, &raw const lent) }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn auxv(cx: *mut Cx, callback: AuxvCallback, arg: *mut c_void) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        for (kind, value, name) in context.services.auxv() {
            // SAFETY: the dmod's callback with the dmod's argument.
            match unsafe { callback(arg, kind, value, Str::new(&name)) } {
                Status::OK => {}
                Status::CLOSED => break,
                status => return status,
            }
        }
        Status::OK
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn notes(cx: *mut Cx, callback: NoteCallback, arg: *mut c_void) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        let mut answers = Answers::new();
        let mut each = |note: &NoteInfo<'_>| {
            let lent = Note {
                size: size_of::<Note>() as u32,
                kind: note.kind,
                thread: note.thread,
                reserved: 0,
                offset: note.offset,
                owner: Str::new(note.owner),
                name: Str::new(note.name),
                data: Bytes::new(note.data),
            };
            // SAFETY: the dmod's callback with the dmod's argument.
            answers.note(unsafe { callback(arg, &raw const lent) })
        };
        context.services.notes(&mut each);
        answers.settle(context, Ok(()))
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn stop(cx: *mut Cx) -> Status {
    let function = |context: &Context<'_>| done(context, context.services.stop());
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn resume(cx: *mut Cx) -> Status {
    let function = |context: &Context<'_>| done(context, context.services.resume());
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

fn done(context: &Context<'_>, result: Result<(), ServiceError>) -> Status {
    match result {
        Ok(()) => Status::OK,
        Err(error) => context.record(error),
    }
}
