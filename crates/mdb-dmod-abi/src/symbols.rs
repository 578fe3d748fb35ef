//! The group `symbols`: modules of the target, their symbols and lines.

use crate::{Bytes, Cx, Plain, Status, Str, TextCallback};
use core::ffi::c_void;

/// [`Symbol::flags`]: a function.
pub const SYMBOL_FUNCTION: u32 = 1;
/// [`Symbol::flags`]: data.
pub const SYMBOL_OBJECT: u32 = 2;
/// [`Symbol::flags`]: thread-local data; the value is an offset.
pub const SYMBOL_TLS: u32 = 4;
/// [`Symbol::flags`]: visible outside its module.
pub const SYMBOL_GLOBAL: u32 = 8;

/// A symbol.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Symbol {
    /// Size of this struct.
    pub struct_size: u32,
    /// `SYMBOL_*`.
    pub flags: u32,
    /// Its address.
    pub address: u64,
    /// Its size in bytes; 0: unknown.
    pub size: u64,
    /// How far behind `address` the address is that was asked for.
    pub offset: u64,
    /// Its name, demangled as the user has chosen.
    pub name: Str,
    /// Its name as it is in the file.
    pub raw_name: Str,
    /// The name of its module.
    pub module: Str,
    /// How the host would print the address that was asked for: `` libc.so.6`poll+0x4f ``.
    pub text: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Symbol {}

/// Receives a symbol.
pub type SymbolCallback =
    Option<unsafe extern "C" fn(arg: *mut c_void, symbol: *const Symbol) -> Status>;

/// [`Module::flags`]: the program itself.
pub const MODULE_EXECUTABLE: u32 = 1;
/// [`Module::flags`]: the vDSO.
pub const MODULE_VDSO: u32 = 2;
/// [`Module::flags`]: its file was not found or is another one.
pub const MODULE_FILE_MISSING: u32 = 4;

/// A module of the target: the program, a library, the vDSO.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Module {
    /// Size of this struct.
    pub size: u32,
    /// `MODULE_*`.
    pub flags: u32,
    /// Its number.
    pub index: u32,
    /// 0.
    pub reserved: u32,
    /// First address.
    pub start: u64,
    /// The address behind the last.
    pub end: u64,
    /// What to add (wrapping) to an address of the file to get one of the target.
    pub bias: u64,
    /// Its name: the last part of the path.
    pub name: Str,
    /// Its path as the process saw it.
    pub path: Str,
    /// Its build-id in hexadecimal, or empty.
    pub build_id: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Module {}

/// Receives a module.
pub type ModuleCallback =
    Option<unsafe extern "C" fn(arg: *mut c_void, module: *const Module) -> Status>;

/// A place in a source file.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SourceLine {
    /// Size of this struct.
    pub size: u32,
    /// The line, from 1; 0: unknown.
    pub line: u32,
    /// The column, from 1; 0: unknown.
    pub column: u32,
    /// 0.
    pub reserved: u32,
    /// The file.
    pub file: Str,
    /// The function that stands there; for an inlined one, its name.
    pub function: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for SourceLine {}

/// Receives a place in a source file. Called for each inlined function, innermost first.
pub type LineCallback =
    Option<unsafe extern "C" fn(arg: *mut c_void, line: *const SourceLine) -> Status>;

/// Modules and symbols.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SymbolsGroup {
    /// Size of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// Looks a symbol up by name, in one module or (`module` empty) in all.
    pub by_name: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            module: Str,
            name: Str,
            callback: SymbolCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// The symbol that covers an address.
    pub by_address: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            address: u64,
            callback: SymbolCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// All symbols of one module or (`module` empty) of all.
    pub iterate: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            module: Str,
            callback: SymbolCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// Demangles a name.
    pub demangle: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            name: Str,
            callback: TextCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// The module that covers an address.
    pub module_at: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            address: u64,
            callback: ModuleCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
    /// All modules.
    pub modules: Option<
        unsafe extern "C" fn(cx: *mut Cx, callback: ModuleCallback, arg: *mut c_void) -> Status,
    >,
    /// Lends the bytes of a section of a module, until the dcmd returns.
    pub section_bytes: Option<
        unsafe extern "C" fn(cx: *mut Cx, module: u32, name: Str, bytes: *mut Bytes) -> Status,
    >,
    /// Where the instruction at an address stands in the source.
    pub line_at: Option<
        unsafe extern "C" fn(
            cx: *mut Cx,
            address: u64,
            callback: LineCallback,
            arg: *mut c_void,
        ) -> Status,
    >,
}

// SAFETY: integers and optional functions.
unsafe impl Plain for SymbolsGroup {}
