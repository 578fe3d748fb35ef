//! The group `types`.

use super::{Answers, here, text};
use crate::call::Context;
use crate::provided::{MemberDescription, TypeDescription};
use crate::services::{Flow, ServiceError};
use mdb_dmod_abi::{
    Cx, MemberCallback, MemberInfo, Status, Str, TextCallback, TypeCallback, TypeInfo, TypesGroup,
};
use std::ffi::c_void;

pub(super) static GROUP: TypesGroup = TypesGroup {
    size: size_of::<TypesGroup>() as u32,
    reserved: 0,
    by_name: Some(by_name),
    name_of: Some(name_of),
    describe: Some(describe),
    members: Some(members),
};

unsafe extern "C" fn by_name(cx: *mut Cx, name: Str, id: *mut u64) -> Status {
    let function = |context: &Context<'_>| {
        // SAFETY: null or a place of the dmod's.
        let Some(id) = (unsafe { id.as_mut() }) else { return Status::BAD_ARGUMENT };
        // SAFETY: the dmod lends the text for this call.
        *id = context.services.type_id(&unsafe { text(name) });
        Status::OK
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn name_of(
    cx: *mut Cx,
    id: u64,
    callback: TextCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        match context.services.type_name(id) {
            // SAFETY: the dmod's callback with the dmod's argument.
            Some(name) => unsafe { callback(arg, Str::new(&name)) },
            None => Status::NOT_FOUND,
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

/// Lends a type to a callback.
pub(super) fn lend_type(
    found: &TypeDescription,
    callback: unsafe extern "C" fn(*mut c_void, *const TypeInfo) -> Status,
    arg: *mut c_void,
) -> Status {
    let lent = TypeInfo {
        struct_size: size_of::<TypeInfo>() as u32,
        kind: found.kind,
        size: found.size,
        count: found.count,
        name: Str::new(&found.name),
        target: Str::new(&found.target),
    };
    // SAFETY: the dmod's callback with the dmod's argument.
    unsafe { callback(arg, &raw const lent) }
}

fn unknown_type(name: &str) -> ServiceError {
    ServiceError::not_found(format!("no loaded dmod knows a type '{name}'"))
}

unsafe extern "C" fn describe(
    cx: *mut Cx,
    name: Str,
    callback: TypeCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        // SAFETY: the dmod lends the text for this call.
        let name = unsafe { text(name) };
        match context.services.describe_type(&name) {
            Ok(Some(found)) => lend_type(&found, callback, arg),
            Ok(None) => context.record(unknown_type(&name)),
            Err(error) => context.record(error),
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

fn lend_member(
    found: &MemberDescription,
    callback: unsafe extern "C" fn(*mut c_void, *const MemberInfo) -> Status,
    arg: *mut c_void,
) -> Status {
    let lent = MemberInfo {
        struct_size: size_of::<MemberInfo>() as u32,
        kind: found.kind,
        offset: found.offset,
        size: found.size,
        bit_offset: found.bit_offset,
        bit_size: found.bit_size,
        name: Str::new(&found.name),
        type_name: Str::new(&found.type_name),
    };
    // SAFETY: the dmod's callback with the dmod's argument.
    unsafe { callback(arg, &raw const lent) }
}

unsafe extern "C" fn members(
    cx: *mut Cx,
    name: Str,
    member: Str,
    callback: MemberCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        // SAFETY: the dmod lends the texts for this call.
        let (name, member) = unsafe { (text(name), text(member)) };
        let found = match context.services.type_members(&name) {
            Ok(Some(found)) => found,
            Ok(None) => return context.record(unknown_type(&name)),
            Err(error) => return context.record(error),
        };
        if !member.is_empty() {
            return match found.iter().find(|m| m.name == member) {
                Some(found) => lend_member(found, callback, arg),
                None => context.record(ServiceError::not_found(format!(
                    "type '{name}' has no member '{member}'"
                ))),
            };
        }
        let mut answers = Answers::new();
        for found in &found {
            if answers.note(lend_member(found, callback, arg)) != Flow::Continue {
                break;
            }
        }
        answers.settle(context, Ok(()))
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}
