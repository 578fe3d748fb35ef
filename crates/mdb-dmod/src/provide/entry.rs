//! The functions that the host calls to ask a provider.

use super::{
    AskedFrame, Blocks, DescribedFrame, Frames, Printer, Provider, Roots, Symbols, Types, Whatis,
};
use crate::entry::settle;
use crate::panics::{self, Outcome};
use crate::providers::{Explanation, Root, WhatisFlags};
use crate::types::{Member, Type};
use crate::{Error, Result, Session, Symbol};
use mdb_dmod_abi::{
    Array, Block, BlocksCallback, BlocksProvider, CallerFrame, Cx, ExplanationCallback,
    FRAME_DESCRIPTION_INLINED, FRAME_VIEW_EXACT, FRAME_VIEW_SAMPLE, FrameDescription,
    FrameDescriptionCallback, FrameProvider, FrameView, Host, MemberCallback, MemberInfo,
    PrinterProvider, RootCallback, RootsProvider, Status, Str, SymbolCallback, SymbolProvider,
    TextCallback, TypeCallback, TypeInfo, TypesProvider, WhatisProvider, field, provider_kind,
    read_sized,
};
use std::ffi::c_void;
use std::marker::PhantomData;

/// The row of the table of providers.
const fn row<T: Provider>(kind: u32, table: *const c_void) -> mdb_dmod_abi::Provider {
    mdb_dmod_abi::Provider {
        kind,
        flags: 0,
        priority: T::PRIORITY,
        reserved: 0,
        name: Str::new(T::NAME),
        about: Str::new(T::ABOUT),
        table,
    }
}

/// The tables of a type, one for each kind that it provides.
struct Tables<T>(PhantomData<T>);

/// A function that makes the row for a type, and the table behind it.
macro_rules! provider {
    ($(#[$doc:meta])* $name:ident, $trait:ident, $kind:ident, $table:ident, $($field:ident: $function:ident),*) => {
        impl<T: $trait> Tables<T> {
            #[allow(non_upper_case_globals, reason = "named for what it is the table of")]
            const $name: $table = $table {
                size: size_of::<$table>() as u32,
                reserved: 0,
                $($field: Some($function::<T>),)*
            };
        }

        $(#[$doc])*
        pub const fn $name<T: $trait>() -> mdb_dmod_abi::Provider {
            // A reference to a constant lives for ever.
            let table: &'static $table = const { &Tables::<T>::$name };
            row::<T>(provider_kind::$kind, std::ptr::from_ref(table).cast())
        }
    };
}

provider! {
    /// The row for a provider of frames.
    frames, Frames, FRAME, FrameProvider, caller: caller, describe: describe
}
provider! {
    /// The row for a provider of symbols.
    symbols, Symbols, SYMBOL, SymbolProvider, at: symbol_at, by_name: symbol_by_name
}
provider! {
    /// The row for a provider of explanations.
    whatis, Whatis, WHATIS, WhatisProvider, explain: explain
}
provider! {
    /// The row for a provider of blocks.
    blocks, Blocks, BLOCKS, BlocksProvider, each: each_block
}
provider! {
    /// The row for a provider of roots.
    roots, Roots, ROOTS, RootsProvider, each: each_root
}
provider! {
    /// The row for a provider of types.
    types, Types, TYPES, TypesProvider, by_name: type_by_name, members: type_members, of_object: type_of_object
}
provider! {
    /// The row for a provider of texts of values.
    printer, Printer, PRINTER, PrinterProvider, print: print
}

/// Runs code of a provider: with a session, and with panics kept on this side.
///
/// # Safety
/// `host` and `cx` are what the host passed to the call that is under way.
unsafe fn enter(
    host: *const Host,
    cx: *mut Cx,
    run: impl FnOnce(&Session<'_>) -> Result<()>,
) -> Status {
    // SAFETY: the host lends both until we return.
    let session = unsafe { Session::new(host, cx, None, &[]) };
    match panics::guard(|| run(&session)) {
        // No failure: the thing is none of this provider's.
        Outcome::Done(Err(Error::NotFound(sentence))) if sentence.is_empty() => Status::NOT_FOUND,
        outcome => settle(&session, outcome),
    }
}

/// Says that the thing is none of this provider's.
fn none_of_mine() -> Error {
    Error::NotFound(String::new())
}

/// # Safety
/// The host lends the frame, which begins with its size, and its registers.
unsafe fn asked(frame: *const FrameView) -> Result<AskedFrame> {
    // SAFETY: says the caller.
    let Some(frame) = (unsafe { read_sized(frame) }) else { return Err(none_of_mine()) };
    // SAFETY: says the caller.
    let lent = unsafe { frame.registers.iter() };
    // Asked for every frame: the vector grows once.
    let mut registers = Vec::with_capacity(lent.size_hint().1.unwrap_or(0).min(128));
    registers.extend(lent.map(|r| (r.number, r.value)));
    Ok(AskedFrame {
        level: frame.level,
        pc: frame.pc,
        sp: frame.sp,
        fp: (frame.has_fp != 0).then_some(frame.fp),
        registers,
        is_exact: frame.flags & FRAME_VIEW_EXACT != 0,
        is_sample: frame.flags & FRAME_VIEW_SAMPLE != 0,
    })
}

unsafe extern "C" fn caller<T: Frames>(
    host: *const Host,
    cx: *mut Cx,
    frame: *const FrameView,
    caller: *mut CallerFrame,
) -> Status {
    let run = |session: &Session<'_>| {
        // SAFETY: the host lends the frame for this call.
        let frame = unsafe { asked(frame) }?;
        let found = T::caller(session, &frame)?.ok_or_else(none_of_mine)?;
        // SAFETY: the host's struct, of which the size says how much there is; all of it was there
        // when providers came to be.
        let room = unsafe { field!(caller, CallerFrame, values) };
        // SAFETY: as above.
        let Some(caller) = (unsafe { caller.as_mut() }).filter(|_| room.is_some()) else {
            return Err(none_of_mine());
        };
        (caller.pc, caller.sp) = (found.pc, found.sp);
        (caller.fp, caller.has_fp) = (found.fp.unwrap_or(0), u32::from(found.fp.is_some()));
        let places = caller.registers.iter_mut().zip(caller.values.iter_mut());
        caller.count = 0;
        for ((number, value), known) in places.zip(&found.registers) {
            (*number, *value) = *known;
            caller.count += 1;
        }
        Ok(())
    };
    // SAFETY: the host lends both until we return.
    unsafe { enter(host, cx, run) }
}

unsafe extern "C" fn describe<T: Frames>(
    host: *const Host,
    cx: *mut Cx,
    frame: *const FrameView,
    callback: FrameDescriptionCallback,
    arg: *mut c_void,
) -> Status {
    let run = |session: &Session<'_>| {
        // SAFETY: the host lends the frame for this call.
        let frame = unsafe { asked(frame) }?;
        let found: DescribedFrame = T::describe(session, &frame)?.ok_or_else(none_of_mine)?;
        let callback = callback.ok_or_else(none_of_mine)?;
        let give = |described: &DescribedFrame, flags: u32| {
            let lent = description(described, flags);
            // SAFETY: the host's callback with the host's argument.
            session.check(unsafe { callback(arg, &raw const lent) })
        };
        for inlined in &found.inlined {
            give(inlined, FRAME_DESCRIPTION_INLINED)?;
        }
        give(&found, 0)
    };
    // SAFETY: the host lends both until we return.
    unsafe { enter(host, cx, run) }
}

/// A description as it is lent to the host.
fn description(described: &DescribedFrame, flags: u32) -> FrameDescription {
    FrameDescription {
        size: size_of::<FrameDescription>() as u32,
        flags,
        line: described.line,
        column: described.column,
        function_start: described.function_start,
        object: described.object,
        function: Str::new(&described.function),
        module: Str::new(&described.module),
        file: Str::new(&described.file),
        arguments: Str::new(&described.arguments),
        object_type: Str::new(&described.object_type),
    }
}

/// Lends a symbol to the host.
fn give_symbol(
    session: &Session<'_>,
    found: Option<Symbol>,
    callback: SymbolCallback,
    arg: *mut c_void,
) -> Result<()> {
    let (found, callback) = found.zip(callback).ok_or_else(none_of_mine)?;
    let lent = mdb_dmod_abi::Symbol {
        struct_size: size_of::<mdb_dmod_abi::Symbol>() as u32,
        flags: 0,
        address: found.address,
        size: found.size,
        offset: found.offset,
        name: Str::new(&found.name),
        raw_name: Str::new(&found.name),
        module: Str::new(&found.module),
        text: Str::new(&found.text),
    };
    // SAFETY: the host's callback with the host's argument.
    session.check(unsafe { callback(arg, &raw const lent) })
}

unsafe extern "C" fn symbol_at<T: Symbols>(
    host: *const Host,
    cx: *mut Cx,
    address: u64,
    callback: SymbolCallback,
    arg: *mut c_void,
) -> Status {
    let run = |s: &Session<'_>| give_symbol(s, T::at(s, address)?, callback, arg);
    // SAFETY: the host lends both until we return.
    unsafe { enter(host, cx, run) }
}

unsafe extern "C" fn symbol_by_name<T: Symbols>(
    host: *const Host,
    cx: *mut Cx,
    name: Str,
    callback: SymbolCallback,
    arg: *mut c_void,
) -> Status {
    let run = |s: &Session<'_>| {
        // SAFETY: the host lends the text for this call.
        let name = unsafe { name.text() };
        give_symbol(s, T::by_name(s, name)?, callback, arg)
    };
    // SAFETY: the host lends both until we return.
    unsafe { enter(host, cx, run) }
}

unsafe extern "C" fn explain<T: Whatis>(
    host: *const Host,
    cx: *mut Cx,
    addresses: *const Array<u64>,
    flags: u32,
    callback: ExplanationCallback,
    arg: *mut c_void,
) -> Status {
    let run = |session: &Session<'_>| {
        // SAFETY: the host lends the array for this call.
        let addresses: Option<Vec<u64>> =
            unsafe { addresses.as_ref().map(|addresses| addresses.iter().collect()) };
        let (addresses, callback) = addresses.zip(callback).ok_or_else(none_of_mine)?;
        let mut give = |index: usize, found: &Explanation| {
            let lent = mdb_dmod_abi::Explanation {
                size: size_of::<mdb_dmod_abi::Explanation>() as u32,
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
            // SAFETY: the host's callback with the host's argument.
            session.check(unsafe { callback(arg, index, &raw const lent) })
        };
        T::explain(session, &addresses, WhatisFlags::from_bits(flags), &mut give)
    };
    // SAFETY: the host lends both until we return.
    unsafe { enter(host, cx, run) }
}

unsafe extern "C" fn each_block<T: Blocks>(
    host: *const Host,
    cx: *mut Cx,
    callback: BlocksCallback,
    arg: *mut c_void,
) -> Status {
    let run = |session: &Session<'_>| {
        let callback = callback.ok_or_else(none_of_mine)?;
        let mut give = |blocks: &[Block]| {
            // The number of elements of an array is one of 32 bits.
            blocks.chunks(1 << 24).try_for_each(|part| {
                let lent = Array::of(part);
                // SAFETY: the host's callback with the host's argument.
                session.check(unsafe { callback(arg, &raw const lent) })
            })
        };
        T::each(session, &mut give)
    };
    // SAFETY: the host lends both until we return.
    unsafe { enter(host, cx, run) }
}

unsafe extern "C" fn each_root<T: Roots>(
    host: *const Host,
    cx: *mut Cx,
    callback: RootCallback,
    arg: *mut c_void,
) -> Status {
    let run = |session: &Session<'_>| {
        let callback = callback.ok_or_else(none_of_mine)?;
        let mut give = |root: &Root| {
            let lent = mdb_dmod_abi::Root {
                size: size_of::<mdb_dmod_abi::Root>() as u32,
                kind: root.kind.to_abi(),
                thread: root.thread,
                flags: 0,
                start: root.start,
                end: root.end,
                value: root.value,
                name: Str::new(&root.name),
            };
            // SAFETY: the host's callback with the host's argument.
            session.check(unsafe { callback(arg, &raw const lent) })
        };
        T::each(session, &mut give)
    };
    // SAFETY: the host lends both until we return.
    unsafe { enter(host, cx, run) }
}

/// Lends a type to the host.
fn give_type(
    session: &Session<'_>,
    found: Option<Type>,
    callback: TypeCallback,
    arg: *mut c_void,
) -> Result<()> {
    let (found, callback) = found.zip(callback).ok_or_else(none_of_mine)?;
    let lent = TypeInfo {
        struct_size: size_of::<TypeInfo>() as u32,
        kind: found.kind,
        size: found.size,
        count: found.count,
        name: Str::new(&found.name),
        target: Str::new(&found.target),
    };
    // SAFETY: the host's callback with the host's argument.
    session.check(unsafe { callback(arg, &raw const lent) })
}

unsafe extern "C" fn type_by_name<T: Types>(
    host: *const Host,
    cx: *mut Cx,
    name: Str,
    callback: TypeCallback,
    arg: *mut c_void,
) -> Status {
    let run = |s: &Session<'_>| {
        // SAFETY: the host lends the text for this call.
        let name = unsafe { name.text() };
        give_type(s, T::by_name(s, name)?, callback, arg)
    };
    // SAFETY: the host lends both until we return.
    unsafe { enter(host, cx, run) }
}

unsafe extern "C" fn type_members<T: Types>(
    host: *const Host,
    cx: *mut Cx,
    name: Str,
    callback: MemberCallback,
    arg: *mut c_void,
) -> Status {
    let run = |session: &Session<'_>| {
        // SAFETY: the host lends the text for this call.
        let name = unsafe { name.text() };
        let members: Vec<Member> = T::members(session, name)?.ok_or_else(none_of_mine)?;
        let callback = callback.ok_or_else(none_of_mine)?;
        members.iter().try_for_each(|member| {
            let (bit_offset, bit_size) = member.bits.unwrap_or((0, 0));
            let lent = MemberInfo {
                struct_size: size_of::<MemberInfo>() as u32,
                kind: member.kind,
                offset: member.offset,
                size: member.size,
                bit_offset,
                bit_size,
                name: Str::new(&member.name),
                type_name: Str::new(&member.type_name),
            };
            // SAFETY: the host's callback with the host's argument.
            session.check(unsafe { callback(arg, &raw const lent) })
        })
    };
    // SAFETY: the host lends both until we return.
    unsafe { enter(host, cx, run) }
}

unsafe extern "C" fn type_of_object<T: Types>(
    host: *const Host,
    cx: *mut Cx,
    address: u64,
    callback: TypeCallback,
    arg: *mut c_void,
) -> Status {
    let run = |s: &Session<'_>| give_type(s, T::of_object(s, address)?, callback, arg);
    // SAFETY: the host lends both until we return.
    unsafe { enter(host, cx, run) }
}

unsafe extern "C" fn print<T: Printer>(
    host: *const Host,
    cx: *mut Cx,
    type_name: Str,
    address: u64,
    callback: TextCallback,
    arg: *mut c_void,
) -> Status {
    let run = |session: &Session<'_>| {
        // SAFETY: the host lends the text for this call.
        let type_name = unsafe { type_name.text() };
        let printed = T::print(session, type_name, address)?.ok_or_else(none_of_mine)?;
        let callback = callback.ok_or_else(none_of_mine)?;
        // SAFETY: the host's callback with the host's argument.
        session.check(unsafe { callback(arg, Str::new(&printed)) })
    };
    // SAFETY: the host lends both until we return.
    unsafe { enter(host, cx, run) }
}
