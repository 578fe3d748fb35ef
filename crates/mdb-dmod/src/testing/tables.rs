//! The tables of the fake host.

use super::{State, types};
use mdb_dmod_abi::{
    ABI_MAJOR, ABI_MINOR, Array, AuxvCallback, Bytes, BytesCallback, Cell, Cx, ErrorCallback,
    FaultCallback, Frame, FrameCallback, Host, Item, ItemCallback, Mapping, MappingCallback,
    MemoryGroup, MemoryRun, OutputGroup, PipeGroup, RunGroup, SIGNAL_HAS_ADDRESS, SIGNAL_HAS_CODE,
    SessionGroup, SignalInfo, StackEnd, StackEndCallback, Status, Str, Symbol, SymbolCallback,
    SymbolsGroup, THREAD_CRASHED, TargetGroup, TextCallback, Thread, ThreadCallback, ThreadsGroup,
    cell_kind, fault_kind, stack_end,
};
use std::ffi::c_void;

pub(super) static HOST: Host = Host {
    size: size_of::<Host>() as u32,
    abi_major: ABI_MAJOR,
    abi_minor: ABI_MINOR,
    memory: &raw const MEMORY,
    symbols: &raw const SYMBOLS,
    types: &raw const types::TYPES,
    threads: &raw const THREADS,
    output: &raw const OUTPUT,
    pipe: &raw const PIPE,
    run: &raw const RUN,
    session: &raw const SESSION,
    work: std::ptr::null(),
    target: &raw const TARGET,
    providers: &raw const super::providers::GROUP,
    graph: std::ptr::null(),
    targets: std::ptr::null(),
};

static MEMORY: MemoryGroup = MemoryGroup {
    size: size_of::<MemoryGroup>() as u32,
    reserved: 0,
    read: Some(read),
    borrow: None,
    next_mapping: Some(next_mapping),
    describe_fault: Some(describe_fault),
    search: None,
    next_run: Some(next_run),
};

static SYMBOLS: SymbolsGroup = SymbolsGroup {
    size: size_of::<SymbolsGroup>() as u32,
    reserved: 0,
    by_name: Some(by_name),
    by_address: Some(by_address),
    iterate: None,
    demangle: None,
    module_at: Some(types::module_at),
    modules: Some(types::modules),
    section_bytes: None,
    line_at: None,
};

static THREADS: ThreadsGroup = ThreadsGroup {
    size: size_of::<ThreadsGroup>() as u32,
    reserved: 0,
    iterate: Some(iterate),
    find: Some(find),
    register: None,
    register_by_name: Some(register_by_name),
    frames: Some(frames),
    current: Some(current),
    frames_of_sample: None,
};

static OUTPUT: OutputGroup = OutputGroup {
    size: size_of::<OutputGroup>() as u32,
    reserved: 0,
    info: None,
    write: Some(write),
    row: Some(row),
    warn: Some(warn),
    fail: Some(fail),
    write_styled: None,
};

static PIPE: PipeGroup =
    PipeGroup { size: size_of::<PipeGroup>() as u32, reserved: 0, emit: Some(emit) };

static RUN: RunGroup = RunGroup {
    size: size_of::<RunGroup>() as u32,
    reserved: 0,
    walk: None,
    command: Some(command),
    capture: Some(capture),
    evaluate: Some(evaluate),
    cancelled: Some(cancelled),
    progress: None,
};

static SESSION: SessionGroup = SessionGroup {
    size: size_of::<SessionGroup>() as u32,
    reserved: 0,
    get: Some(get),
    set: Some(set),
    option: None,
    variable: None,
    set_variable: None,
    log: None,
    last_error: Some(last_error),
};

static TARGET: TargetGroup = TargetGroup {
    size: size_of::<TargetGroup>() as u32,
    reserved: 0,
    info: Some(types::info),
    signal: Some(signal),
    process: None,
    auxv: Some(auxv),
    notes: None,
    stop: None,
    resume: None,
};

/// # Safety
/// The context is that of a call of the fake host that is under way.
pub(super) unsafe fn state_of<'a>(cx: *mut Cx) -> Option<&'a State<'a>> {
    // SAFETY: says the caller.
    unsafe { cx.cast::<State<'a>>().as_ref() }
}

/// The state, or a status that says that the dmod passed a wrong context.
macro_rules! state {
    ($cx:expr) => {
        // SAFETY: a dmod passes the context that it was called with.
        match unsafe { $crate::testing::tables::state_of($cx) } {
            Some(state) => state,
            None => return Status::BAD_ARGUMENT,
        }
    };
}
pub(super) use state;

unsafe extern "C" fn read(
    cx: *mut Cx,
    address: u64,
    buffer: *mut u8,
    length: usize,
    got: *mut usize,
) -> Status {
    let state = state!(cx);
    if state.cancelled() {
        return Status::CANCELLED;
    }
    state.reads.set(state.reads.get() + 1);
    // SAFETY: the dmod has room for `length` bytes there.
    let buffer = unsafe { std::slice::from_raw_parts_mut(buffer, length) };
    let done = state.fake.read(address, buffer);
    // SAFETY: null or a place of the dmod's.
    if let Some(got) = unsafe { got.as_mut() } {
        *got = done;
    }
    if done < length { Status::FAULT } else { Status::OK }
}

unsafe extern "C" fn describe_fault(
    _cx: *mut Cx,
    _address: u64,
    callback: FaultCallback,
    arg: *mut c_void,
) -> Status {
    match callback {
        // SAFETY: the dmod's callback with the dmod's argument.
        Some(callback) => unsafe {
            callback(arg, fault_kind::UNMAPPED, Str::new("no mapping for address"))
        },
        None => Status::BAD_ARGUMENT,
    }
}

unsafe extern "C" fn next_run(cx: *mut Cx, address: u64, run: *mut MemoryRun) -> Status {
    let state = state!(cx);
    let end = |(start, bytes): &(&u64, &Vec<u8>)| **start + bytes.len() as u64;
    let Some(found) = state.fake.regions.iter().find(|region| end(region) > address) else {
        return Status::NOT_FOUND;
    };
    // SAFETY: null or a struct of the dmod's.
    if let Some(run) = unsafe { run.as_mut() } {
        (run.flags, run.start, run.end) = (0, address.max(*found.0), end(&found));
    }
    Status::OK
}

unsafe extern "C" fn next_mapping(
    cx: *mut Cx,
    address: u64,
    callback: MappingCallback,
    arg: *mut c_void,
) -> Status {
    let state = state!(cx);
    let Some(callback) = callback else { return Status::BAD_ARGUMENT };
    let behind = state.fake.mappings.iter().filter(|m| m.end > address);
    let Some(found) = behind.min_by_key(|m| m.start) else { return Status::NOT_FOUND };
    let lent = Mapping {
        size: size_of::<Mapping>() as u32,
        flags: 0,
        kind: found.kind,
        thread: found.thread,
        start: found.start,
        end: found.end,
        offset: 0,
        saved: found.end - found.start,
        path: Str::new(&found.path),
    };
    // SAFETY: the dmod's callback with the dmod's argument.
    unsafe { callback(arg, &raw const lent) }
}

fn lend_symbol(
    (name, address, size): &(String, u64, u64),
    offset: u64,
    callback: unsafe extern "C" fn(*mut c_void, *const Symbol) -> Status,
    arg: *mut c_void,
) -> Status {
    let text = if offset == 0 { name.clone() } else { format!("{name}+0x{offset:x}") };
    let lent = Symbol {
        struct_size: size_of::<Symbol>() as u32,
        flags: 0,
        address: *address,
        size: *size,
        offset,
        name: Str::new(name),
        raw_name: Str::new(name),
        module: Str::EMPTY,
        text: Str::new(&text),
    };
    // SAFETY: the dmod's callback with the dmod's argument.
    unsafe { callback(arg, &raw const lent) }
}

unsafe extern "C" fn by_name(
    cx: *mut Cx,
    _module: Str,
    name: Str,
    callback: SymbolCallback,
    arg: *mut c_void,
) -> Status {
    let state = state!(cx);
    let Some(callback) = callback else { return Status::BAD_ARGUMENT };
    // SAFETY: the dmod lends the text.
    let name = unsafe { name.text() };
    match state.fake.symbols.iter().find(|(n, ..)| n == name) {
        Some(symbol) => lend_symbol(symbol, 0, callback, arg),
        None => Status::NOT_FOUND,
    }
}

unsafe extern "C" fn by_address(
    cx: *mut Cx,
    address: u64,
    callback: SymbolCallback,
    arg: *mut c_void,
) -> Status {
    let state = state!(cx);
    let Some(callback) = callback else { return Status::BAD_ARGUMENT };
    match state.fake.symbol_at(address) {
        Some(symbol) => lend_symbol(symbol, address - symbol.1, callback, arg),
        None => Status::NOT_FOUND,
    }
}

fn lend_thread(
    state: &State<'_>,
    index: usize,
    callback: unsafe extern "C" fn(*mut c_void, *const Thread) -> Status,
    arg: *mut c_void,
) -> Status {
    let Some(thread) = state.fake.threads.get(index) else { return Status::NOT_FOUND };
    let first = thread.frames.first();
    let lent = Thread {
        size: size_of::<Thread>() as u32,
        flags: if index == 0 { THREAD_CRASHED } else { 0 },
        number: index as u32 + 1,
        tid: thread.tid,
        signal: thread.signal,
        reserved: 0,
        pc: first.map_or(0, |f| f.pc),
        sp: thread.registers.get("rsp").copied().or(first.map(|f| f.fp)).unwrap_or(0),
        thread_pointer: 0,
        name: Str::EMPTY,
    };
    // SAFETY: the dmod's callback with the dmod's argument.
    unsafe { callback(arg, &raw const lent) }
}

unsafe extern "C" fn iterate(cx: *mut Cx, callback: ThreadCallback, arg: *mut c_void) -> Status {
    let state = state!(cx);
    let Some(callback) = callback else { return Status::BAD_ARGUMENT };
    for index in 0..state.fake.threads.len() {
        match lend_thread(state, index, callback, arg) {
            Status::OK => {}
            Status::CLOSED => break,
            status => return status,
        }
    }
    Status::OK
}

unsafe extern "C" fn find(
    cx: *mut Cx,
    id: u64,
    callback: ThreadCallback,
    arg: *mut c_void,
) -> Status {
    let state = state!(cx);
    let Some(callback) = callback else { return Status::BAD_ARGUMENT };
    let threads = &state.fake.threads;
    let by_number = (id as usize).checked_sub(1).filter(|index| *index < threads.len());
    let index = by_number.or_else(|| threads.iter().position(|t| u64::from(t.tid) == id));
    if let Some(index) = index {
        return lend_thread(state, index, callback, arg);
    }
    *state.last_error.borrow_mut() = Some(format!("no thread {id}"));
    Status::NOT_FOUND
}

unsafe extern "C" fn register_by_name(
    cx: *mut Cx,
    thread: u32,
    name: Str,
    value: *mut u64,
) -> Status {
    let state = state!(cx);
    let thread = (thread as usize).checked_sub(1).and_then(|i| state.fake.threads.get(i));
    // SAFETY: the dmod lends the text.
    let found = thread.and_then(|thread| thread.registers.get(unsafe { name.text() }));
    // SAFETY: null or a place of the dmod's.
    match (found, unsafe { value.as_mut() }) {
        (Some(found), Some(value)) => {
            *value = *found;
            Status::OK
        }
        _ => Status::NOT_FOUND,
    }
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
    let state = state!(cx);
    let Some(callback) = callback else { return Status::BAD_ARGUMENT };
    let thread = (thread as usize).checked_sub(1).and_then(|i| state.fake.threads.get(i));
    let Some(thread) = thread else { return Status::NOT_FOUND };
    let most = if limit == 0 { usize::MAX } else { limit as usize };
    let shown = thread.frames.iter().filter(|f| {
        flags & mdb_dmod_abi::FRAMES_NO_INLINED == 0 || f.flags & mdb_dmod_abi::FRAME_INLINED == 0
    });
    for (level, frame) in shown.take(most).enumerate() {
        let text = frame.text();
        let lent = Frame {
            size: size_of::<Frame>() as u32,
            flags: frame.flags,
            level: level as u32,
            found_by: frame.found_by,
            pc: frame.pc,
            sp: frame.fp,
            fp: frame.fp,
            cfa: 0,
            function_start: frame.pc.wrapping_sub(frame.offset),
            offset: frame.offset,
            line: frame.line,
            column: 0,
            function: Str::new(&frame.function),
            module: Str::new(&frame.module),
            file: Str::new(&frame.file),
            text: Str::new(&text),
            arguments: Str::EMPTY,
            found_by_name: Str::new("stack scan"),
            object: 0,
            object_type: Str::EMPTY,
            registers: Array::EMPTY,
        };
        // SAFETY: the dmod's callback with the dmod's argument.
        match unsafe { callback(arg, &raw const lent) } {
            Status::OK => {}
            Status::CLOSED => break,
            status => return status,
        }
    }
    if let Some(end) = end {
        let regular = thread.end.is_empty();
        let lent = StackEnd {
            size: size_of::<StackEnd>() as u32,
            kind: if regular { stack_end::OUTERMOST } else { stack_end::CORRUPT },
            sentence: Str::new(&thread.end),
        };
        // SAFETY: the dmod's callback with the dmod's argument.
        unsafe { end(arg, &raw const lent) };
    }
    Status::OK
}

unsafe extern "C" fn current(_cx: *mut Cx, thread: *mut u32) -> Status {
    // SAFETY: null or a place of the dmod's.
    match unsafe { thread.as_mut() } {
        Some(thread) => {
            *thread = 1;
            Status::OK
        }
        None => Status::BAD_ARGUMENT,
    }
}

unsafe extern "C" fn write(cx: *mut Cx, text: Str) -> Status {
    let state = state!(cx);
    // SAFETY: the dmod lends the text.
    state.outcome.borrow_mut().text.push_str(unsafe { text.text() });
    Status::OK
}

/// # Safety
/// The text of the cell is lent.
unsafe fn shown(cell: &Cell) -> String {
    match cell.kind {
        cell_kind::NONE => String::new(),
        // SAFETY: says the caller.
        cell_kind::TEXT | cell_kind::LINES => unsafe { cell.text.text() }.to_owned(),
        cell_kind::ADDRESS | cell_kind::HEX | cell_kind::SYMBOL => format!("{:x}", cell.number),
        cell_kind::SIGNED => (cell.number as i64).to_string(),
        _ => cell.number.to_string(),
    }
}

unsafe extern "C" fn row(cx: *mut Cx, cells: *const Array<Cell>, text: *const Str) -> Status {
    let state = state!(cx);
    // SAFETY: the dmod lends cells and text.
    let Some(cells) = (unsafe { cells.as_ref() }) else { return Status::BAD_ARGUMENT };
    // SAFETY: as above.
    let cells: Vec<Cell> = unsafe { cells.iter().collect() };
    if state.piped {
        let item = state.item_column.and_then(|column| cells.get(column));
        return match item {
            Some(cell) if cell.kind != cell_kind::NONE => state.emit(cell.number),
            _ => Status::OK,
        };
    }
    // SAFETY: as above.
    let (cells, text) = unsafe {
        let cells: Vec<String> = cells.iter().map(|cell| shown(cell)).collect();
        (cells, text.as_ref().map(|text| text.text()))
    };
    let mut outcome = state.outcome.borrow_mut();
    let table = || format!("{}\n", cells.join(" "));
    outcome.text += &text.map_or_else(table, str::to_owned);
    outcome.rows.push(cells);
    Status::OK
}

unsafe extern "C" fn warn(cx: *mut Cx, text: Str) -> Status {
    let state = state!(cx);
    // SAFETY: the dmod lends the text.
    state.outcome.borrow_mut().warnings.push(unsafe { text.text() }.to_owned());
    Status::OK
}

unsafe extern "C" fn fail(cx: *mut Cx, text: Str, _address: *const u64) -> Status {
    let state = state!(cx);
    // SAFETY: the dmod lends the text.
    state.outcome.borrow_mut().error = Some(unsafe { text.text() }.to_owned());
    Status::ERROR
}

unsafe extern "C" fn emit(cx: *mut Cx, item: Item) -> Status {
    state!(cx).emit(item.value)
}

unsafe extern "C" fn command(
    cx: *mut Cx,
    text: Str,
    dot: *const Item,
    _callback: ItemCallback,
    _arg: *mut c_void,
) -> Status {
    let state = state!(cx);
    // SAFETY: the dmod lends both.
    let (text, dot) = unsafe { (text.text().to_owned(), dot.as_ref().map(|item| item.value)) };
    state.outcome.borrow_mut().commands.push((text, dot));
    Status::OK
}

/// Notes the line as [`command`] does, and answers with two lines of text.
unsafe extern "C" fn capture(
    cx: *mut Cx,
    text: Str,
    dot: *const Item,
    callback: TextCallback,
    arg: *mut c_void,
) -> Status {
    // SAFETY: the dmod's own arguments are passed on.
    let status = unsafe { command(cx, text, dot, None, std::ptr::null_mut()) };
    match callback {
        Some(callback) if status.is_ok() => {
            ["one", "\ntw", "o\n"].iter().fold(Status::OK, |status, piece| {
                // SAFETY: the dmod's callback with the dmod's argument.
                if status.is_ok() { unsafe { callback(arg, Str::new(piece)) } } else { status }
            })
        }
        _ => status,
    }
}

/// Hexadecimal numbers, and symbols with an offset.
unsafe extern "C" fn evaluate(cx: *mut Cx, text: Str, value: *mut u64) -> Status {
    let state = state!(cx);
    // SAFETY: the dmod lends the text.
    let text = unsafe { text.text() };
    let hex = |text: &str| u64::from_str_radix(text.trim_start_matches("0x"), 16).ok();
    let named = |name: &str| state.fake.symbols.iter().find(|(n, ..)| n == name).map(|s| s.1);
    let found = match text.split_once('+') {
        Some((name, offset)) => named(name).zip(hex(offset)).map(|(a, b)| a.wrapping_add(b)),
        None => named(text).or_else(|| hex(text)),
    };
    // SAFETY: null or a place of the dmod's.
    if let (Some(found), Some(value)) = (found, unsafe { value.as_mut() }) {
        *value = found;
        return Status::OK;
    }
    *state.last_error.borrow_mut() = Some(format!("unknown symbol name: {text}"));
    Status::ERROR
}

unsafe extern "C" fn cancelled(cx: *mut Cx) -> Status {
    if state!(cx).cancelled() { Status::CANCELLED } else { Status::OK }
}

unsafe extern "C" fn get(
    cx: *mut Cx,
    key: Str,
    callback: BytesCallback,
    arg: *mut c_void,
) -> Status {
    let state = state!(cx);
    // SAFETY: the dmod lends the text.
    let found = state.fake.kept.borrow().get(unsafe { key.text() }).cloned();
    match (found, callback) {
        // SAFETY: the dmod's callback with the dmod's argument.
        (Some(bytes), Some(callback)) => unsafe { callback(arg, Bytes::new(&bytes)) },
        _ => Status::NOT_FOUND,
    }
}

unsafe extern "C" fn set(cx: *mut Cx, key: Str, bytes: Bytes) -> Status {
    let state = state!(cx);
    // SAFETY: the dmod lends both.
    let (key, bytes) = unsafe { (key.text().to_owned(), bytes.slice().to_vec()) };
    state.fake.kept.borrow_mut().insert(key, bytes);
    Status::OK
}

unsafe extern "C" fn last_error(cx: *mut Cx, callback: ErrorCallback, arg: *mut c_void) -> Status {
    let state = state!(cx);
    match (state.last_error.borrow().as_ref(), callback) {
        // SAFETY: the dmod's callback with the dmod's argument.
        (Some(error), Some(callback)) => unsafe { callback(arg, Str::new(error), 0, 0) },
        _ => Status::NOT_FOUND,
    }
}

unsafe extern "C" fn signal(cx: *mut Cx, info: *mut SignalInfo) -> Status {
    let state = state!(cx);
    let Some((signal, code, address)) = state.fake.signal else { return Status::NOT_FOUND };
    // SAFETY: null or a place of the dmod's.
    let Some(info) = (unsafe { info.as_mut() }) else { return Status::BAD_ARGUMENT };
    info.flags = SIGNAL_HAS_CODE | if address.is_some() { SIGNAL_HAS_ADDRESS } else { 0 };
    info.signal = signal;
    info.code = code;
    info.address = address.unwrap_or(0);
    Status::OK
}

unsafe extern "C" fn auxv(cx: *mut Cx, callback: AuxvCallback, arg: *mut c_void) -> Status {
    let state = state!(cx);
    let Some(callback) = callback else { return Status::BAD_ARGUMENT };
    for (kind, value, name) in &state.fake.auxv {
        // SAFETY: the dmod's callback with the dmod's argument.
        match unsafe { callback(arg, *kind, *value, Str::new(name)) } {
            Status::OK => {}
            status => return status,
        }
    }
    Status::OK
}
