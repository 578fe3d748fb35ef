//! Providers of the dmod, asked through their real tables; and what other dmods would provide.

use super::tables::{self, state};
use super::{Fake, Shared, State};
use crate::provide::{AskedFrame, Caller, DescribedFrame};
use crate::providers::{Explanation, Root, WhatisFlags};
use mdb_dmod_abi::{
    Array, Block, BlocksCallback, BlocksProvider, CallerFrame, Cx, ExplanationCallback,
    FRAME_DESCRIPTION_INLINED, FRAME_VIEW_EXACT, FRAME_VIEW_SAMPLE, FrameDescription,
    FrameProvider, FrameView, Host, ProviderCallback, ProvidersGroup, RegisterValue, RootCallback,
    RootsProvider, Status, Str, Symbol, SymbolProvider, TextCallback, TypeCallback, WhatisProvider,
    provider_kind, read_sized,
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

/// What a provider answered, or the sentence that it failed with; `None`: none of its own.
pub type Asked<T> = Result<Option<T>, String>;

impl Fake {
    /// With a block that another dmod provides: what `Session::blocks` gives.
    pub fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// With a root: what `Session::roots` gives.
    pub fn root(mut self, root: Root) -> Self {
        self.roots.push(root);
        self
    }

    /// With something that another dmod says of the addresses in its range: what
    /// `Session::explanations` gives.
    pub fn explanation(mut self, explanation: Explanation) -> Self {
        self.explanations.push(explanation);
        self
    }

    /// The table of the provider of a kind and name of the dmod.
    fn table<T: mdb_dmod_abi::Plain>(&self, kind: u32, name: &str) -> Asked<T> {
        // SAFETY: the tables of a dmod that is linked in.
        let mut all = unsafe { self.info.providers.iter() };
        let found = all.find(|p| p.kind == kind && lent(p.name) == name);
        let found = found.ok_or_else(|| format!("the dmod has no such provider '{name}'"))?;
        // SAFETY: a table of a dmod that is linked in begins with its size.
        Ok(unsafe { read_sized(found.table.cast::<T>()) })
    }

    /// Calls into a provider, and answers its status or why it failed.
    fn ask(&self, run: impl FnOnce(*const Host, *mut Cx) -> Status) -> Asked<()> {
        let shared = Shared::default();
        let state = State::new(self, &shared, false, None, None);
        let cx = (&raw const state).cast_mut().cast();
        let status = run(&raw const tables::HOST, cx);
        match status {
            Status::OK | Status::CLOSED => Ok(Some(())),
            Status::NOT_FOUND => Ok(None),
            status => {
                let said = shared.outcome.borrow().error.clone();
                Err(said.unwrap_or_else(|| format!("status {}", status.0)))
            }
        }
    }

    /// The blocks that provider `name` of the dmod gives.
    pub fn ask_blocks(&self, name: &str) -> Asked<Vec<Block>> {
        unsafe extern "C" fn take(arg: *mut c_void, blocks: *const Array<Block>) -> Status {
            // SAFETY: the argument is ours; the dmod lends the array.
            let both = unsafe { (arg.cast::<Vec<Block>>().as_mut(), blocks.as_ref()) };
            if let (Some(list), Some(blocks)) = both {
                // SAFETY: as above.
                list.extend(unsafe { blocks.iter() });
            }
            Status::OK
        }
        let table: Option<BlocksProvider> = self.table(provider_kind::BLOCKS, name)?;
        let Some(each) = table.and_then(|table| table.each) else { return Ok(None) };
        let mut list: Vec<Block> = Vec::new();
        let arg = (&raw mut list).cast();
        // SAFETY: the function of a dmod that is linked in.
        let answer = self.ask(|host, cx| unsafe { each(host, cx, Some(take), arg) })?;
        Ok(answer.map(|()| list))
    }

    /// The roots that provider `name` of the dmod gives.
    pub fn ask_roots(&self, name: &str) -> Asked<Vec<Root>> {
        unsafe extern "C" fn take(arg: *mut c_void, root: *const mdb_dmod_abi::Root) -> Status {
            use crate::callbacks::Lent as _;
            // SAFETY: the argument is ours; the dmod lends the struct and its text.
            unsafe {
                if let (Some(list), Some(root)) =
                    (arg.cast::<Vec<Root>>().as_mut(), read_sized(root))
                {
                    list.push(root.view());
                }
            }
            Status::OK
        }
        let table: Option<RootsProvider> = self.table(provider_kind::ROOTS, name)?;
        let Some(each) = table.and_then(|table| table.each) else { return Ok(None) };
        let mut list: Vec<Root> = Vec::new();
        let arg = (&raw mut list).cast();
        // SAFETY: the function of a dmod that is linked in.
        let answer = self.ask(|host, cx| unsafe { each(host, cx, Some(take), arg) })?;
        Ok(answer.map(|()| list))
    }

    /// What provider `name` of the dmod says that addresses are, with their indexes.
    pub fn ask_whatis(
        &self,
        name: &str,
        addresses: &[u64],
        flags: WhatisFlags,
    ) -> Asked<Vec<(usize, Explanation)>> {
        unsafe extern "C" fn take(
            arg: *mut c_void,
            index: u32,
            found: *const mdb_dmod_abi::Explanation,
        ) -> Status {
            use crate::callbacks::Lent as _;
            // SAFETY: the argument is ours; the dmod lends the struct and its texts.
            unsafe {
                if let (Some(list), Some(found)) =
                    (arg.cast::<Vec<(usize, Explanation)>>().as_mut(), read_sized(found))
                {
                    list.push((index as usize, found.view()));
                }
            }
            Status::OK
        }
        let table: Option<WhatisProvider> = self.table(provider_kind::WHATIS, name)?;
        let Some(explain) = table.and_then(|table| table.explain) else { return Ok(None) };
        let mut list: Vec<(usize, Explanation)> = Vec::new();
        let arg = (&raw mut list).cast();
        let addresses = Array::of(addresses);
        let answer = self.ask(|host, cx| {
            // SAFETY: the function of a dmod that is linked in.
            unsafe { explain(host, cx, &raw const addresses, flags.bits(), Some(take), arg) }
        })?;
        Ok(answer.map(|()| list))
    }

    /// The caller of a frame, of provider `name` of the dmod.
    pub fn ask_caller(&self, name: &str, frame: &AskedFrame) -> Asked<Caller> {
        let table: Option<FrameProvider> = self.table(provider_kind::FRAME, name)?;
        let Some(caller) = table.and_then(|table| table.caller) else { return Ok(None) };
        let registers = registers(frame);
        let view = view(frame, &registers);
        let mut found = CallerFrame {
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
        let place = &raw mut found;
        // SAFETY: the function of a dmod that is linked in.
        let answer = self.ask(|host, cx| unsafe { caller(host, cx, &raw const view, place) })?;
        let known = found.registers.into_iter().zip(found.values).take(found.count as usize);
        Ok(answer.map(|()| Caller {
            pc: found.pc,
            sp: found.sp,
            fp: (found.has_fp != 0).then_some(found.fp),
            registers: known.collect(),
        }))
    }

    /// What a frame is, of provider `name` of the dmod.
    pub fn ask_frame(&self, name: &str, frame: &AskedFrame) -> Asked<DescribedFrame> {
        unsafe extern "C" fn take(arg: *mut c_void, found: *const FrameDescription) -> Status {
            // SAFETY: the argument is ours; the dmod lends the struct.
            let both =
                unsafe { (arg.cast::<Vec<(u32, DescribedFrame)>>().as_mut(), read_sized(found)) };
            if let (Some(list), Some(found)) = both {
                let described = DescribedFrame {
                    function: lent(found.function),
                    module: lent(found.module),
                    file: lent(found.file),
                    line: found.line,
                    column: found.column,
                    function_start: found.function_start,
                    arguments: lent(found.arguments),
                    object: found.object,
                    object_type: lent(found.object_type),
                    inlined: Vec::new(),
                };
                list.push((found.flags, described));
            }
            Status::OK
        }
        let table: Option<FrameProvider> = self.table(provider_kind::FRAME, name)?;
        let Some(describe) = table.and_then(|table| table.describe) else { return Ok(None) };
        let registers = registers(frame);
        let view = view(frame, &registers);
        let mut list: Vec<(u32, DescribedFrame)> = Vec::new();
        let arg = (&raw mut list).cast();
        let answer = self.ask(|host, cx| {
            // SAFETY: the function of a dmod that is linked in.
            unsafe { describe(host, cx, &raw const view, Some(take), arg) }
        })?;
        Ok(answer.and_then(|()| {
            let (_, own) = list.pop()?;
            let inlined = list.into_iter().filter(|(f, _)| f & FRAME_DESCRIPTION_INLINED != 0);
            Some(DescribedFrame {
                inlined: inlined.map(|(_, described)| described).collect(),
                ..own
            })
        }))
    }

    /// The name and address of the symbol at an address, of provider `name` of the dmod.
    pub fn ask_symbol(&self, name: &str, address: u64) -> Asked<(String, u64)> {
        unsafe extern "C" fn take(arg: *mut c_void, found: *const Symbol) -> Status {
            // SAFETY: the argument is ours; the dmod lends the struct.
            let both = unsafe { (arg.cast::<Option<(String, u64)>>().as_mut(), read_sized(found)) };
            if let (Some(place), Some(found)) = both {
                *place = Some((lent(found.name), found.address));
            }
            Status::OK
        }
        let table: Option<SymbolProvider> = self.table(provider_kind::SYMBOL, name)?;
        let Some(at) = table.and_then(|table| table.at) else { return Ok(None) };
        let mut found: Option<(String, u64)> = None;
        let arg = (&raw mut found).cast();
        // SAFETY: the function of a dmod that is linked in.
        let answer = self.ask(|host, cx| unsafe { at(host, cx, address, Some(take), arg) })?;
        Ok(answer.and(found))
    }
}

/// Text that is static, or that the dmod lends for the callback that is running.
fn lent(text: Str) -> String {
    // SAFETY: as above; all callers are such callbacks.
    unsafe { crate::callbacks::owned(text) }
}

fn registers(frame: &AskedFrame) -> Vec<RegisterValue> {
    let known = frame.registers.iter();
    known
        .map(|(number, value)| RegisterValue { number: *number, reserved: 0, value: *value })
        .collect()
}

fn view(frame: &AskedFrame, registers: &[RegisterValue]) -> FrameView {
    let flag = |on: bool, flag: u32| if on { flag } else { 0 };
    FrameView {
        size: size_of::<FrameView>() as u32,
        flags: flag(frame.is_exact, FRAME_VIEW_EXACT) | flag(frame.is_sample, FRAME_VIEW_SAMPLE),
        level: frame.level,
        has_fp: u32::from(frame.fp.is_some()),
        pc: frame.pc,
        sp: frame.sp,
        fp: frame.fp.unwrap_or(0),
        registers: Array::of(registers),
    }
}

unsafe extern "C" fn list(_: *mut Cx, _: u32, _: ProviderCallback, _: *mut c_void) -> Status {
    Status::OK
}

unsafe extern "C" fn whatis(
    cx: *mut Cx,
    addresses: *const Array<u64>,
    _flags: u32,
    callback: ExplanationCallback,
    arg: *mut c_void,
) -> Status {
    let state = state!(cx);
    // SAFETY: null or an array that the dmod lends for this call.
    let (Some(callback), Some(addresses)) = (callback, unsafe { addresses.as_ref() }) else {
        return Status::BAD_ARGUMENT;
    };
    // SAFETY: the dmod answers for its array.
    for (index, address) in (0..).zip(unsafe { addresses.iter() }) {
        for found in &state.fake.explanations {
            if address.checked_sub(found.base).is_none_or(|offset| offset >= found.length) {
                continue;
            }
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
            // SAFETY: the dmod's callback with the dmod's argument.
            let status = unsafe { callback(arg, index, &raw const lent) };
            if !status.is_ok() {
                return status;
            }
        }
    }
    Status::OK
}

unsafe extern "C" fn blocks(cx: *mut Cx, callback: BlocksCallback, arg: *mut c_void) -> Status {
    let state = state!(cx);
    let Some(callback) = callback else { return Status::BAD_ARGUMENT };
    if state.fake.blocks.is_empty() {
        return state.not_found("no loaded dmod knows the blocks of an allocator");
    }
    let lent = Array::of(&state.fake.blocks);
    // SAFETY: the dmod's callback with the dmod's argument.
    unsafe { callback(arg, &raw const lent) }
}

unsafe extern "C" fn roots(cx: *mut Cx, callback: RootCallback, arg: *mut c_void) -> Status {
    let state = state!(cx);
    let Some(callback) = callback else { return Status::BAD_ARGUMENT };
    for root in &state.fake.roots {
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
        // SAFETY: the dmod's callback with the dmod's argument.
        let status = unsafe { callback(arg, &raw const lent) };
        if !status.is_ok() {
            return status;
        }
    }
    Status::OK
}

unsafe extern "C" fn object_type(
    cx: *mut Cx,
    _address: u64,
    _callback: TypeCallback,
    _arg: *mut c_void,
) -> Status {
    state!(cx).not_found("no loaded dmod knows what object is there")
}

unsafe extern "C" fn print(
    cx: *mut Cx,
    _type_name: Str,
    _address: u64,
    _callback: TextCallback,
    _arg: *mut c_void,
) -> Status {
    state!(cx).not_found("no loaded dmod can print this")
}
