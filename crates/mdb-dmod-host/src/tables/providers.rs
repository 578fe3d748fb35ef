//! The group `providers`.

use super::types::lend_type;
use super::{Answers, here, text};
use crate::call::Context;
use crate::provided::{ExplanationInfo, RootInfo};
use crate::services::{Flow, ServiceError};
use mdb_dmod_abi::{
    Array, Block, BlocksCallback, Cx, Explanation, ExplanationCallback, PROVIDER_ENABLED,
    ProviderCallback, ProviderInfo, ProvidersGroup, Root, RootCallback, Status, Str, TextCallback,
    TypeCallback,
};
use std::ffi::c_void;

pub(super) static GROUP: ProvidersGroup = ProvidersGroup {
    size: size_of::<ProvidersGroup>() as u32,
    reserved: 0,
    list: Some(list),
    whatis: Some(whatis),
    blocks: Some(blocks),
    roots: Some(roots),
    object_type: Some(object_type),
    print: Some(print),
};

/// No caller asks for more addresses at once.
const MOST_ADDRESSES: u32 = 1 << 24;

unsafe extern "C" fn list(
    cx: *mut Cx,
    kind: u32,
    callback: ProviderCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        let mut answers = Answers::new();
        for provider in context.services.providers(kind) {
            let lent = ProviderInfo {
                size: size_of::<ProviderInfo>() as u32,
                flags: if provider.enabled { PROVIDER_ENABLED } else { 0 },
                kind: provider.kind,
                priority: provider.priority,
                name: Str::new(&provider.name),
                dmod: Str::new(&provider.dmod),
                about: Str::new(&provider.about),
            };
            // SAFETY: the dmod's callback with the dmod's argument.
            if answers.note(unsafe { callback(arg, &raw const lent) }) != Flow::Continue {
                break;
            }
        }
        answers.settle(context, Ok(()))
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn whatis(
    cx: *mut Cx,
    addresses: *const Array<u64>,
    flags: u32,
    callback: ExplanationCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        // SAFETY: null or an array that the dmod lends for this call.
        let Some(addresses) = (unsafe { addresses.as_ref() }) else { return Status::BAD_ARGUMENT };
        if addresses.count > MOST_ADDRESSES {
            return Status::BAD_ARGUMENT;
        }
        // SAFETY: the dmod answers for its array.
        let addresses: Vec<u64> = unsafe { addresses.iter() }.collect();
        let mut answers = Answers::new();
        let mut each = |index: usize, found: &ExplanationInfo<'_>| {
            let lent = Explanation {
                size: size_of::<Explanation>() as u32,
                flags: 0,
                base: found.base,
                length: found.length,
                rank: found.rank,
                thread: found.thread,
                kind: Str::new(&found.kind),
                text: Str::new(&found.text),
                type_name: Str::new(&found.type_name),
                details: Str::new(&found.details),
            };
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            // SAFETY: the dmod's callback with the dmod's argument.
            answers.note(unsafe { callback(arg, index, &raw const lent) })
        };
        let result = context.services.explain(&addresses, flags, &mut each);
        answers.settle(context, result)
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn blocks(cx: *mut Cx, callback: BlocksCallback, arg: *mut c_void) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        let mut answers = Answers::new();
        let mut each = |blocks: &[Block]| {
            let lent = Array::of(blocks);
            // SAFETY: the dmod's callback with the dmod's argument.
            answers.note(unsafe { callback(arg, &raw const lent) })
        };
        let result = context.services.blocks(&mut each);
        answers.settle(context, result)
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn roots(cx: *mut Cx, callback: RootCallback, arg: *mut c_void) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        let mut answers = Answers::new();
        let mut each = |root: &RootInfo<'_>| {
            let lent = Root {
                size: size_of::<Root>() as u32,
                kind: root.kind,
                thread: root.thread,
                flags: 0,
                start: root.start,
                end: root.end,
                value: root.value,
                name: Str::new(&root.name),
            };
            // SAFETY: the dmod's callback with the dmod's argument.
            answers.note(unsafe { callback(arg, &raw const lent) })
        };
        let result = context.services.roots(&mut each);
        answers.settle(context, result)
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn object_type(
    cx: *mut Cx,
    address: u64,
    callback: TypeCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        match context.services.object_type(address) {
            Ok(Some(found)) => lend_type(&found, callback, arg),
            Ok(None) => context.record(ServiceError::not_found(format!(
                "no loaded dmod knows what object is at 0x{address:x}"
            ))),
            Err(error) => context.record(error),
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn print(
    cx: *mut Cx,
    type_name: Str,
    address: u64,
    callback: TextCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        // SAFETY: the dmod lends the text for this call.
        let type_name = unsafe { text(type_name) };
        match context.services.print_value(&type_name, address) {
            // SAFETY: the dmod's callback with the dmod's argument.
            Ok(Some(printed)) => unsafe { callback(arg, Str::new(&printed)) },
            Ok(None) => context.record(ServiceError::not_found(format!(
                "no loaded dmod can print a '{type_name}'"
            ))),
            Err(error) => context.record(error),
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}
