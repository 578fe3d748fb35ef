//! The group `symbols`.

use super::{Answers, here, text};
use crate::call::Context;
use crate::services::{ModuleInfo, ServiceError, SymbolInfo};
use mdb_dmod_abi::{
    Bytes, Cx, LineCallback, Module, ModuleCallback, SourceLine, Status, Str, Symbol,
    SymbolCallback, SymbolsGroup, TextCallback,
};
use std::ffi::c_void;

pub(super) static GROUP: SymbolsGroup = SymbolsGroup {
    size: size_of::<SymbolsGroup>() as u32,
    reserved: 0,
    by_name: Some(by_name),
    by_address: Some(by_address),
    iterate: Some(iterate),
    demangle: Some(demangle),
    module_at: Some(module_at),
    modules: Some(modules),
    section_bytes: Some(section_bytes),
    line_at: Some(line_at),
};

/// Lends a symbol to a callback.
fn lend_symbol(
    symbol: &SymbolInfo<'_>,
    callback: unsafe extern "C" fn(*mut c_void, *const Symbol) -> Status,
    arg: *mut c_void,
) -> Status {
    let made;
    let shown = if symbol.text.is_empty() {
        made = match symbol.offset {
            0 => symbol.name.to_string(),
            offset => format!("{}+0x{offset:x}", symbol.name),
        };
        made.as_str()
    } else {
        &symbol.text
    };
    let lent = Symbol {
        struct_size: size_of::<Symbol>() as u32,
        flags: symbol.flags,
        address: symbol.address,
        size: symbol.size,
        offset: symbol.offset,
        name: Str::new(&symbol.name),
        raw_name: Str::new(&symbol.raw_name),
        module: Str::new(&symbol.module),
        text: Str::new(shown),
    };
    // SAFETY: the dmod's callback with the dmod's argument.
    unsafe { callback(arg, &raw const lent) }
}

/// Lends a module to a callback.
fn lend_module(
    module: &ModuleInfo,
    callback: unsafe extern "C" fn(*mut c_void, *const Module) -> Status,
    arg: *mut c_void,
) -> Status {
    let lent = Module {
        size: size_of::<Module>() as u32,
        flags: module.flags,
        index: module.index,
        reserved: 0,
        start: module.start,
        end: module.end,
        bias: module.bias,
        name: Str::new(&module.name),
        path: Str::new(&module.path),
        build_id: Str::new(&module.build_id),
    };
    // SAFETY: the dmod's callback with the dmod's argument.
    unsafe { callback(arg, &raw const lent) }
}

/// An empty name of a module means all of them.
fn scope(module: &str) -> Option<&str> {
    (!module.is_empty()).then_some(module)
}

unsafe extern "C" fn by_name(
    cx: *mut Cx,
    module: Str,
    name: Str,
    callback: SymbolCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        // SAFETY: the dmod lends both texts for this call.
        let (module, name) = unsafe { (text(module), text(name)) };
        match context.services.symbol_by_name(scope(&module), &name) {
            Some(symbol) => lend_symbol(&symbol, callback, arg),
            None => context.record(ServiceError::not_found(format!("no symbol {name}"))),
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn by_address(
    cx: *mut Cx,
    address: u64,
    callback: SymbolCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        match context.services.symbol_at(address) {
            Some(symbol) => lend_symbol(&symbol, callback, arg),
            None => Status::NOT_FOUND,
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn iterate(
    cx: *mut Cx,
    module: Str,
    callback: SymbolCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        // SAFETY: the dmod lends the text for this call.
        let module = unsafe { text(module) };
        let mut answers = Answers::new();
        let mut each = |symbol: &SymbolInfo<'_>| answers.note(lend_symbol(symbol, callback, arg));
        let result = context.services.symbols(scope(&module), &mut each);
        answers.settle(context, result)
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn demangle(
    cx: *mut Cx,
    name: Str,
    callback: TextCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        // SAFETY: the dmod lends the text for this call.
        let name = unsafe { text(name) };
        match context.services.demangle(&name) {
            // SAFETY: the dmod's callback with the dmod's argument.
            Some(plain) => unsafe { callback(arg, Str::new(&plain)) },
            None => Status::NOT_FOUND,
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn module_at(
    cx: *mut Cx,
    address: u64,
    callback: ModuleCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        match context.services.module_at(address) {
            Some(module) => lend_module(&module, callback, arg),
            None => Status::NOT_FOUND,
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn modules(cx: *mut Cx, callback: ModuleCallback, arg: *mut c_void) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        for module in context.services.modules() {
            match lend_module(&module, callback, arg) {
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

unsafe extern "C" fn section_bytes(
    cx: *mut Cx,
    module: u32,
    name: Str,
    bytes: *mut Bytes,
) -> Status {
    let function = |context: &Context<'_>| {
        // SAFETY: null or a place of the dmod's.
        let Some(bytes) = (unsafe { bytes.as_mut() }) else { return Status::BAD_ARGUMENT };
        // SAFETY: the dmod lends the text for this call.
        let name = unsafe { text(name) };
        match context.services.section_bytes(module, &name) {
            Some(lent) => {
                *bytes = Bytes::new(lent);
                Status::OK
            }
            None => context.record(ServiceError::not_found(format!("no section {name}"))),
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn line_at(
    cx: *mut Cx,
    address: u64,
    callback: LineCallback,
    arg: *mut c_void,
) -> Status {
    let function = |context: &Context<'_>| {
        let Some(callback) = callback else { return Status::BAD_ARGUMENT };
        let lines = context.services.lines_at(address);
        for line in &lines {
            let lent = SourceLine {
                size: size_of::<SourceLine>() as u32,
                line: line.line,
                column: line.column,
                reserved: 0,
                file: Str::new(&line.file),
                function: Str::new(&line.function),
            };
            // SAFETY: the dmod's callback with the dmod's argument.
            match unsafe { callback(arg, &raw const lent) } {
                Status::OK => {}
                Status::CLOSED => break,
                status => return status,
            }
        }
        if lines.is_empty() { Status::NOT_FOUND } else { Status::OK }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}
