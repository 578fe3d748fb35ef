//! Asking the providers of a dmod.

use crate::call::{CallError, Place, ask};
use crate::provided::{
    CallerInfo, ExplanationInfo, FrameDescriptionInfo, FrameQuery, MemberDescription,
    ProvidedSymbol, RootInfo, TypeDescription,
};
use crate::services::{Flow, HostServices};
use crate::tables::text;
use mdb_dmod_abi::{
    Array, Block, BlocksProvider, CallerFrame, Cx, Explanation, FRAME_DESCRIPTION_INLINED,
    FrameDescription, FrameProvider, FrameView, Host, MemberInfo, Plain, PrinterProvider, Root,
    RootsProvider, Status, Str, Symbol, SymbolProvider, TypeInfo, TypesProvider, WhatisProvider,
    read_sized,
};
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The functions of a provider, by kind; a copy of the dmod's table, which was checked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ProviderTable {
    Frame(FrameProvider),
    Symbol(SymbolProvider),
    Whatis(WhatisProvider),
    Blocks(BlocksProvider),
    Types(TypesProvider),
    Printer(PrinterProvider),
    Roots(RootsProvider),
    /// Of a kind that this host does not know.
    Unknown,
}

/// A provider of a loaded dmod.
pub(crate) struct ProviderCall {
    pub(crate) table: ProviderTable,
    pub(crate) place: &'static Place,
}

/// More members, inlined functions, or bytes of text, than any honest provider gives.
const MOST_MEMBERS: usize = 1 << 16;
const MOST_INLINED: usize = 1 << 10;
const LONGEST_TEXT: usize = 1 << 20;

/// What a provider said: `None` where the thing is none of its own.
type Answer<T> = Result<Option<T>, CallError>;

/// Turns NOT_FOUND, and a provider that cannot do this at all, into `None`.
fn settle<T>(result: Result<(), CallError>, found: Option<T>) -> Answer<T> {
    match result {
        Ok(()) => Ok(found),
        Err(error) if error.status == Status::NOT_FOUND => Ok(None),
        Err(error) => Err(error),
    }
}

/// Runs code of the host in a callback: a panic of ours must not enter the dmod.
fn callback(function: impl FnOnce() -> Status) -> Status {
    catch_unwind(AssertUnwindSafe(function)).unwrap_or(Status::HOST_BUG)
}

/// Takes one struct that the dmod lends, converted.
struct One<T, R> {
    convert: fn(&T) -> R,
    found: Option<R>,
}

unsafe extern "C" fn take_one<T: Plain, R>(arg: *mut c_void, lent: *const T) -> Status {
    callback(|| {
        // SAFETY: the argument is ours, and the dmod lends a struct that begins with its size.
        let (one, lent) = unsafe { (arg.cast::<One<T, R>>().as_mut(), read_sized(lent)) };
        match (one, lent) {
            (Some(one), Some(lent)) => {
                one.found = Some((one.convert)(&lent));
                Status::OK
            }
            _ => Status::BAD_ARGUMENT,
        }
    })
}

/// Text of a dmod's struct.
fn owned(lent: Str) -> String {
    // SAFETY: the dmod lends the text while its callback runs, which is now.
    unsafe { text(lent) }.into_owned()
}

fn symbol(lent: &Symbol) -> ProvidedSymbol {
    ProvidedSymbol {
        address: lent.address,
        size: lent.size,
        name: owned(lent.name),
        module: owned(lent.module),
    }
}

fn frame_description(lent: &FrameDescription) -> FrameDescriptionInfo {
    FrameDescriptionInfo {
        function: owned(lent.function),
        module: owned(lent.module),
        file: owned(lent.file),
        line: lent.line,
        column: lent.column,
        function_start: lent.function_start,
        arguments: owned(lent.arguments),
        object: lent.object,
        object_type: owned(lent.object_type),
        inlined: Vec::new(),
    }
}

/// What a provider said of a frame, so far.
#[derive(Default)]
struct Described {
    inlined: Vec<FrameDescriptionInfo>,
    own: Option<FrameDescriptionInfo>,
    too_many: bool,
}

impl Described {
    /// What is wrong with it.
    fn defect(&self) -> Option<&'static str> {
        if self.too_many {
            return Some("gave more inlined functions than a frame can have");
        }
        let without_frame = self.own.is_none() && !self.inlined.is_empty();
        without_frame.then_some("gave inlined functions, but not the one that has the frame")
    }
}

unsafe extern "C" fn take_description(arg: *mut c_void, lent: *const FrameDescription) -> Status {
    callback(|| {
        // SAFETY: the argument is ours, and the dmod lends a struct that begins with its size.
        let (described, lent) = unsafe { (arg.cast::<Described>().as_mut(), read_sized(lent)) };
        let (Some(described), Some(lent)) = (described, lent) else { return Status::BAD_ARGUMENT };
        if lent.flags & FRAME_DESCRIPTION_INLINED == 0 {
            described.own = Some(frame_description(&lent));
        } else if described.inlined.len() < MOST_INLINED {
            described.inlined.push(frame_description(&lent));
        } else {
            described.too_many = true;
            return Status::BAD_ARGUMENT;
        }
        Status::OK
    })
}

fn type_description(lent: &TypeInfo) -> TypeDescription {
    TypeDescription {
        kind: lent.kind,
        size: lent.size,
        count: lent.count,
        name: owned(lent.name),
        target: owned(lent.target),
    }
}

/// Hands what the dmod gives to a closure, until that wants no more.
struct Many<'a, R: ?Sized> {
    each: &'a mut R,
    stopped: Option<Flow>,
}

impl<R: ?Sized> Many<'_, R> {
    fn note(&mut self, flow: Flow) -> Status {
        if flow != Flow::Continue {
            self.stopped = Some(flow);
        }
        flow.status()
    }

    /// A stop that we wished is no failure; ^C is.
    fn settle(self, result: Result<(), CallError>) -> Result<(), CallError> {
        match self.stopped {
            Some(Flow::Cancelled) => Err(CallError::cancelled()),
            Some(_) => Ok(()),
            None => result,
        }
    }
}

type EachExplanation<'a> = dyn FnMut(usize, &ExplanationInfo<'_>) -> Flow + 'a;
type EachBlocks<'a> = dyn FnMut(&[Block]) -> Flow + 'a;
type EachRoot<'a> = dyn FnMut(&RootInfo<'_>) -> Flow + 'a;
type EachMember<'a> = dyn FnMut(&MemberDescription) -> Flow + 'a;

unsafe extern "C" fn take_explanation(
    arg: *mut c_void,
    index: u32,
    lent: *const Explanation,
) -> Status {
    callback(|| {
        // SAFETY: the argument is ours, and the dmod lends a struct that begins with its size.
        let (many, lent) =
            unsafe { (arg.cast::<Many<'_, EachExplanation<'_>>>().as_mut(), read_sized(lent)) };
        let (Some(many), Some(lent)) = (many, lent) else { return Status::BAD_ARGUMENT };
        let info = ExplanationInfo {
            base: lent.base,
            length: lent.length,
            rank: lent.rank,
            thread: lent.thread,
            kind: owned(lent.kind).into(),
            text: owned(lent.text).into(),
            type_name: owned(lent.type_name).into(),
            details: owned(lent.details).into(),
        };
        let flow = (many.each)(index as usize, &info);
        many.note(flow)
    })
}

unsafe extern "C" fn take_blocks(arg: *mut c_void, lent: *const Array<Block>) -> Status {
    callback(|| {
        // SAFETY: the argument is ours, and the dmod lends the array.
        let (many, lent) =
            unsafe { (arg.cast::<Many<'_, EachBlocks<'_>>>().as_mut(), lent.as_ref()) };
        let (Some(many), Some(lent)) = (many, lent) else { return Status::BAD_ARGUMENT };
        // SAFETY: the dmod answers for its array.
        let blocks: Vec<Block> = unsafe { lent.iter() }.collect();
        let flow = (many.each)(&blocks);
        many.note(flow)
    })
}

unsafe extern "C" fn take_root(arg: *mut c_void, lent: *const Root) -> Status {
    callback(|| {
        // SAFETY: the argument is ours, and the dmod lends a struct that begins with its size.
        let (many, lent) =
            unsafe { (arg.cast::<Many<'_, EachRoot<'_>>>().as_mut(), read_sized(lent)) };
        let (Some(many), Some(lent)) = (many, lent) else { return Status::BAD_ARGUMENT };
        let info = RootInfo {
            kind: lent.kind,
            thread: lent.thread,
            start: lent.start,
            end: lent.end,
            value: lent.value,
            name: owned(lent.name).into(),
        };
        let flow = (many.each)(&info);
        many.note(flow)
    })
}

unsafe extern "C" fn take_member(arg: *mut c_void, lent: *const MemberInfo) -> Status {
    callback(|| {
        // SAFETY: the argument is ours, and the dmod lends a struct that begins with its size.
        let (many, lent) =
            unsafe { (arg.cast::<Many<'_, EachMember<'_>>>().as_mut(), read_sized(lent)) };
        let (Some(many), Some(lent)) = (many, lent) else { return Status::BAD_ARGUMENT };
        let info = MemberDescription {
            kind: lent.kind,
            offset: lent.offset,
            size: lent.size,
            bit_offset: lent.bit_offset,
            bit_size: lent.bit_size,
            name: owned(lent.name),
            type_name: owned(lent.type_name),
        };
        let flow = (many.each)(&info);
        many.note(flow)
    })
}

unsafe extern "C" fn take_text(arg: *mut c_void, lent: Str) -> Status {
    callback(|| {
        // SAFETY: the argument is ours, and the dmod lends the text.
        let (kept, piece) = unsafe { (arg.cast::<String>().as_mut(), text(lent)) };
        let Some(kept) = kept else { return Status::BAD_ARGUMENT };
        if kept.len().saturating_add(piece.len()) > LONGEST_TEXT {
            return Status::CLOSED;
        }
        kept.push_str(&piece);
        Status::OK
    })
}

/// A provider of a loaded dmod, to be asked. Of another kind than what it is asked for it knows
/// nothing.
#[derive(Clone, Copy)]
pub struct LoadedProvider<'a>(pub(crate) &'a ProviderCall);

impl std::fmt::Debug for LoadedProvider<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("LoadedProvider").field(&self.0.table).finish()
    }
}

impl LoadedProvider<'_> {
    /// Calls one function of the table, if it has it.
    fn call(
        self,
        services: &dyn HostServices,
        function: Option<impl FnOnce(*const Host, *mut Cx) -> Status>,
    ) -> Result<(), CallError> {
        match function {
            Some(function) => ask(services, self.0.place, function),
            None => {
                Err(CallError { status: Status::NOT_FOUND, message: String::new(), address: None })
            }
        }
    }

    /// The caller of a frame.
    pub fn caller(self, services: &dyn HostServices, frame: &FrameQuery) -> Answer<CallerInfo> {
        let ProviderTable::Frame(table) = &self.0.table else { return Ok(None) };
        let mut caller = CallerFrame {
            size: size_of::<CallerFrame>() as u32,
            flags: 0,
            pc: 0,
            sp: 0,
            fp: 0,
            has_fp: 0,
            count: 0,
            registers: [0; 8],
            values: [0; 8],
        };
        let view = frame_view(frame);
        let out = &raw mut caller;
        let function = table.caller.map(|function| {
            move |host: *const Host, cx: *mut Cx| {
                // SAFETY: a checked function of the dmod; what it is given lives until it returns.
                unsafe { function(host, cx, &raw const view, out) }
            }
        });
        let result = self.call(services, function);
        let known = caller.registers.into_iter().zip(caller.values);
        settle(
            result,
            Some(CallerInfo {
                pc: caller.pc,
                sp: caller.sp,
                fp: (caller.has_fp != 0).then_some(caller.fp),
                registers: known.take(caller.count as usize).collect(),
            }),
        )
    }

    /// What a frame is.
    pub fn describe_frame(
        self,
        services: &dyn HostServices,
        frame: &FrameQuery,
    ) -> Answer<FrameDescriptionInfo> {
        let ProviderTable::Frame(table) = &self.0.table else { return Ok(None) };
        let mut described = Described::default();
        let arg = (&raw mut described).cast::<c_void>();
        let view = frame_view(frame);
        let function = table.describe.map(|function| {
            move |host: *const Host, cx: *mut Cx| {
                // SAFETY: a checked function of the dmod; what it is given lives until it returns.
                unsafe { function(host, cx, &raw const view, Some(take_description), arg) }
            }
        });
        let result = self.call(services, function);
        // A dmod that hands on that we refuse one too many does not know why.
        let said = matches!(&result, Err(error) if error.status != Status::BAD_ARGUMENT);
        if let Some(defect) = described.defect().filter(|_| !said) {
            let Place { module, what } = self.0.place;
            let message = format!("dmod {module}, {what}: {defect}");
            return Err(CallError { status: Status::BAD_ARGUMENT, message, address: None });
        }
        let Described { inlined, own, .. } = described;
        settle(result, own.map(|own| FrameDescriptionInfo { inlined, ..own }))
    }

    /// The symbol that covers an address.
    pub fn symbol_at(self, services: &dyn HostServices, address: u64) -> Answer<ProvidedSymbol> {
        let ProviderTable::Symbol(table) = &self.0.table else { return Ok(None) };
        let mut one = One { convert: symbol, found: None };
        let arg = (&raw mut one).cast::<c_void>();
        let take = take_one::<Symbol, ProvidedSymbol>;
        let function = table.at.map(|function| {
            move |host: *const Host, cx: *mut Cx| {
                // SAFETY: a checked function of the dmod; what it is given lives until it returns.
                unsafe { function(host, cx, address, Some(take), arg) }
            }
        });
        let result = self.call(services, function);
        settle(result, one.found)
    }

    /// The symbol of a name.
    pub fn symbol_by_name(self, services: &dyn HostServices, name: &str) -> Answer<ProvidedSymbol> {
        let ProviderTable::Symbol(table) = &self.0.table else { return Ok(None) };
        let mut one = One { convert: symbol, found: None };
        let arg = (&raw mut one).cast::<c_void>();
        let take = take_one::<Symbol, ProvidedSymbol>;
        let name = Str::new(name);
        let function = table.by_name.map(|function| {
            move |host: *const Host, cx: *mut Cx| {
                // SAFETY: a checked function of the dmod; what it is given lives until it returns.
                unsafe { function(host, cx, name, Some(take), arg) }
            }
        });
        let result = self.call(services, function);
        settle(result, one.found)
    }

    /// What addresses are.
    pub fn explain(
        self,
        services: &dyn HostServices,
        addresses: &[u64],
        flags: u32,
        each: &mut EachExplanation<'_>,
    ) -> Result<(), CallError> {
        let ProviderTable::Whatis(table) = &self.0.table else { return Ok(()) };
        let most = addresses.len();
        let mut bounded = |index: usize, info: &ExplanationInfo<'_>| {
            if index < most { each(index, info) } else { Flow::Continue }
        };
        let mut many: Many<'_, EachExplanation<'_>> = Many { each: &mut bounded, stopped: None };
        let arg = (&raw mut many).cast::<c_void>();
        let addresses = Array::of(addresses);
        let function = table.explain.map(|function| {
            move |host: *const Host, cx: *mut Cx| {
                // SAFETY: a checked function of the dmod; what it is given lives until it returns.
                unsafe {
                    function(host, cx, &raw const addresses, flags, Some(take_explanation), arg)
                }
            }
        });
        let result = self.call(services, function);
        many.settle(result)
    }

    /// All blocks.
    pub fn blocks(
        self,
        services: &dyn HostServices,
        each: &mut EachBlocks<'_>,
    ) -> Result<(), CallError> {
        let ProviderTable::Blocks(table) = &self.0.table else { return Ok(()) };
        let mut many: Many<'_, EachBlocks<'_>> = Many { each, stopped: None };
        let arg = (&raw mut many).cast::<c_void>();
        let function = table.each.map(|function| {
            move |host: *const Host, cx: *mut Cx| {
                // SAFETY: a checked function of the dmod; what it is given lives until it returns.
                unsafe { function(host, cx, Some(take_blocks), arg) }
            }
        });
        let result = self.call(services, function);
        many.settle(result)
    }

    /// All roots.
    pub fn roots(
        self,
        services: &dyn HostServices,
        each: &mut EachRoot<'_>,
    ) -> Result<(), CallError> {
        let ProviderTable::Roots(table) = &self.0.table else { return Ok(()) };
        let mut many: Many<'_, EachRoot<'_>> = Many { each, stopped: None };
        let arg = (&raw mut many).cast::<c_void>();
        let function = table.each.map(|function| {
            move |host: *const Host, cx: *mut Cx| {
                // SAFETY: a checked function of the dmod; what it is given lives until it returns.
                unsafe { function(host, cx, Some(take_root), arg) }
            }
        });
        let result = self.call(services, function);
        many.settle(result)
    }

    /// The type of a name.
    pub fn type_by_name(self, services: &dyn HostServices, name: &str) -> Answer<TypeDescription> {
        let ProviderTable::Types(table) = &self.0.table else { return Ok(None) };
        let mut one = One { convert: type_description, found: None };
        let arg = (&raw mut one).cast::<c_void>();
        let take = take_one::<TypeInfo, TypeDescription>;
        let name = Str::new(name);
        let function = table.by_name.map(|function| {
            move |host: *const Host, cx: *mut Cx| {
                // SAFETY: a checked function of the dmod; what it is given lives until it returns.
                unsafe { function(host, cx, name, Some(take), arg) }
            }
        });
        let result = self.call(services, function);
        settle(result, one.found)
    }

    /// The members of the type of a name; `None` where that is not known here.
    pub fn type_members(
        self,
        services: &dyn HostServices,
        name: &str,
    ) -> Answer<Vec<MemberDescription>> {
        let ProviderTable::Types(table) = &self.0.table else { return Ok(None) };
        let mut found = Vec::new();
        let mut keep = |member: &MemberDescription| {
            found.push(member.clone());
            if found.len() < MOST_MEMBERS { Flow::Continue } else { Flow::Closed }
        };
        let mut many: Many<'_, EachMember<'_>> = Many { each: &mut keep, stopped: None };
        let arg = (&raw mut many).cast::<c_void>();
        let name = Str::new(name);
        let function = table.members.map(|function| {
            move |host: *const Host, cx: *mut Cx| {
                // SAFETY: a checked function of the dmod; what it is given lives until it returns.
                unsafe { function(host, cx, name, Some(take_member), arg) }
            }
        });
        let result = self.call(services, function);
        let result = many.settle(result);
        settle(result, Some(found))
    }

    /// The type of the object at an address.
    pub fn object_type(self, services: &dyn HostServices, address: u64) -> Answer<TypeDescription> {
        let ProviderTable::Types(table) = &self.0.table else { return Ok(None) };
        let mut one = One { convert: type_description, found: None };
        let arg = (&raw mut one).cast::<c_void>();
        let take = take_one::<TypeInfo, TypeDescription>;
        let function = table.of_object.map(|function| {
            move |host: *const Host, cx: *mut Cx| {
                // SAFETY: a checked function of the dmod; what it is given lives until it returns.
                unsafe { function(host, cx, address, Some(take), arg) }
            }
        });
        let result = self.call(services, function);
        settle(result, one.found)
    }

    /// The text of a value of a type.
    pub fn print(
        self,
        services: &dyn HostServices,
        type_name: &str,
        address: u64,
    ) -> Answer<String> {
        let ProviderTable::Printer(table) = &self.0.table else { return Ok(None) };
        let mut printed = String::new();
        let arg = (&raw mut printed).cast::<c_void>();
        let name = Str::new(type_name);
        let function = table.print.map(|function| {
            move |host: *const Host, cx: *mut Cx| {
                // SAFETY: a checked function of the dmod; what it is given lives until it returns.
                unsafe { function(host, cx, name, address, Some(take_text), arg) }
            }
        });
        let result = self.call(services, function);
        settle(result, Some(printed))
    }
}

fn frame_view(frame: &FrameQuery) -> FrameView {
    FrameView {
        size: size_of::<FrameView>() as u32,
        flags: frame.flags,
        level: frame.level,
        has_fp: u32::from(frame.fp.is_some()),
        pc: frame.pc,
        sp: frame.sp,
        fp: frame.fp.unwrap_or(0),
        registers: Array::of(&frame.registers),
    }
}
