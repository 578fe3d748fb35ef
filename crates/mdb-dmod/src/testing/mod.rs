//! A host over a fake address space: tests call a dmod **through the real tables**, so that the
//! values of options, the catching of panics and the pipes are tested too.
//!
//! ```
//! use mdb_dmod::prelude::*;
//! use mdb_dmod::testing::Fake;
//!
//! struct Next;
//! impl Dcmd for Next {
//!     const DECLARATION: Declaration = Declaration::new("next", "follow a pointer")
//!         .options(&[Opt::new('o', value_kind::NUMBER, "OFFSET", "where the pointer is")]);
//!     fn run(s: &Session<'_>) -> Result<()> {
//!         s.emit(s.read_u64(s.dot() + s.number('o').unwrap_or(0))?)
//!     }
//! }
//! dmod! { name: list, about: "lists", triggers: [], dcmds: [Next] }
//!
//! let fake = Fake::new(builtin()).words(0x1000, &[7, 0x2000]);
//! assert_eq!(fake.call("next").at(0x1000).number('o', 8).run().pipe, [0x2000]);
//! let failed = fake.call("next").at(0x3000).run();
//! assert_eq!(failed.error.as_deref(), Some("no data at address 0x3000: no mapping for address"));
//! ```

mod tables;

use mdb_dmod_abi::{
    Array, CALL_ADDRESS, CALL_LOOP, CALL_LOOP_FIRST, CALL_PIPE_IN, Call, Item, ModInfo, Status,
    Str, VALUE_GIVEN, Value,
};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ffi::c_void;

/// A frame of a fake thread: what a test writes down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FakeFrame {
    /// Program counter.
    pub pc: u64,
    /// What `$C` shows.
    pub fp: u64,
    /// The function, or empty.
    pub function: String,
    /// How far behind its beginning `pc` is.
    pub offset: u64,
    /// The module, or empty.
    pub module: String,
    /// The source file, or empty.
    pub file: String,
    /// The line, or 0.
    pub line: u32,
    /// `FRAME_*` of the ABI.
    pub flags: u32,
    /// [`mdb_dmod_abi::found_by`].
    pub found_by: u32,
}

impl FakeFrame {
    /// A frame of a function.
    pub fn new(fp: u64, pc: u64, function: &str, offset: u64) -> Self {
        Self { pc, fp, function: function.to_owned(), offset, found_by: 2, ..Self::default() }
    }

    /// In a module.
    pub fn module(mut self, module: &str) -> Self {
        module.clone_into(&mut self.module);
        self
    }

    /// At a line.
    pub fn at(mut self, file: &str, line: u32) -> Self {
        file.clone_into(&mut self.file);
        self.line = line;
        self
    }

    /// With flags.
    pub fn flags(mut self, flags: u32) -> Self {
        self.flags = flags;
        self
    }

    /// How the fake host prints the pc.
    fn text(&self) -> String {
        let offset = match self.offset {
            0 => String::new(),
            offset => format!("+0x{offset:x}"),
        };
        match (self.module.as_str(), self.function.as_str()) {
            (_, "") => format!("0x{:x}", self.pc),
            ("", function) => format!("{function}{offset}"),
            (module, function) => format!("{module}`{function}{offset}"),
        }
    }
}

/// A fake thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FakeThread {
    /// The kernel's thread id.
    pub tid: u32,
    /// The signal, or 0.
    pub signal: i32,
    /// Its frames, innermost first.
    pub frames: Vec<FakeFrame>,
    /// Registers by name.
    pub registers: BTreeMap<String, u64>,
    /// Why its stack ends; empty: regularly.
    pub end: String,
}

impl FakeThread {
    /// A thread with frames.
    pub fn new(tid: u32, frames: Vec<FakeFrame>) -> Self {
        Self { tid, frames, ..Self::default() }
    }

    /// With a register.
    pub fn register(mut self, name: &str, value: u64) -> Self {
        self.registers.insert(name.to_owned(), value);
        self
    }

    /// With a signal.
    pub fn signal(mut self, signal: i32) -> Self {
        self.signal = signal;
        self
    }

    /// With a stack that ends irregularly.
    pub fn end(mut self, sentence: &str) -> Self {
        sentence.clone_into(&mut self.end);
        self
    }
}

/// A fake mapping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct FakeMapping {
    start: u64,
    end: u64,
    kind: u32,
    thread: u32,
    path: String,
}

/// A host over a fake target, with one dmod.
#[derive(Debug)]
pub struct Fake {
    info: &'static ModInfo,
    regions: BTreeMap<u64, Vec<u8>>,
    symbols: Vec<(String, u64, u64)>,
    mappings: Vec<FakeMapping>,
    threads: Vec<FakeThread>,
    auxv: Vec<(u64, u64, String)>,
    signal: Option<(i32, i32, Option<u64>)>,
    cancel_after: Option<u64>,
    close_after: Option<usize>,
    kept: RefCell<BTreeMap<String, Vec<u8>>>,
}

/// What a call came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The status that the dcmd answered.
    pub status: u32,
    /// Text, and rows that brought their own; other rows are their cells with blanks between.
    pub text: String,
    /// The cells of all rows, as text.
    pub rows: Vec<Vec<String>>,
    /// What it emitted.
    pub pipe: Vec<u64>,
    /// Command lines that it ran, with dot.
    pub commands: Vec<(String, Option<u64>)>,
    /// Warnings.
    pub warnings: Vec<String>,
    /// Why it failed.
    pub error: Option<String>,
}

/// What stands behind the context of a fake call.
struct State<'a> {
    fake: &'a Fake,
    outcome: RefCell<Outcome>,
    reads: Cell<u64>,
    piped: bool,
    item_column: Option<usize>,
    last_error: RefCell<Option<String>>,
}

impl Fake {
    /// A host with nothing but a dmod: `Fake::new(builtin())`.
    pub fn new(info: &'static ModInfo) -> Self {
        Self {
            info,
            regions: BTreeMap::new(),
            symbols: Vec::new(),
            mappings: Vec::new(),
            threads: Vec::new(),
            auxv: Vec::new(),
            signal: None,
            cancel_after: None,
            close_after: None,
            kept: RefCell::new(BTreeMap::new()),
        }
    }

    /// With memory.
    pub fn region(mut self, address: u64, bytes: impl Into<Vec<u8>>) -> Self {
        self.regions.insert(address, bytes.into());
        self
    }

    /// With little-endian words.
    pub fn words(self, address: u64, words: &[u64]) -> Self {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.region(address, bytes)
    }

    /// With a symbol.
    pub fn symbol(mut self, name: &str, address: u64, size: u64) -> Self {
        self.symbols.push((name.to_owned(), address, size));
        self
    }

    /// With a mapping of a file, or (`path` empty) an anonymous one.
    pub fn mapping(mut self, start: u64, end: u64, path: &str) -> Self {
        let kind = u32::from(!path.is_empty());
        self.mappings.push(FakeMapping { start, end, kind, thread: 0, path: path.to_owned() });
        self
    }

    /// With the stack of a thread (1..N).
    pub fn stack(mut self, start: u64, end: u64, thread: u32) -> Self {
        let kind = mdb_dmod_abi::mapping_kind::STACK;
        self.mappings.push(FakeMapping { start, end, kind, thread, path: String::new() });
        self
    }

    /// With a thread.
    pub fn thread(mut self, thread: FakeThread) -> Self {
        self.threads.push(thread);
        self
    }

    /// With an entry of the auxiliary vector.
    pub fn auxv(mut self, kind: u64, value: u64, name: &str) -> Self {
        self.auxv.push((kind, value, name.to_owned()));
        self
    }

    /// With a signal, its code and the faulting address.
    pub fn signal(mut self, signal: i32, code: i32, address: Option<u64>) -> Self {
        self.signal = Some((signal, code, address));
        self
    }

    /// The user presses ^C after so many reads.
    pub fn cancel_after(mut self, reads: u64) -> Self {
        self.cancel_after = Some(reads);
        self
    }

    /// The next stage of the pipe wants no more than so many items.
    pub fn close_after(mut self, items: usize) -> Self {
        self.close_after = Some(items);
        self
    }

    /// A call of a command of the dmod.
    pub fn call<'f>(&'f self, dcmd: &str) -> FakeCall<'f> {
        FakeCall {
            fake: self,
            dcmd: dcmd.to_owned(),
            address: None,
            dot: 0,
            options: Vec::new(),
            arguments: Vec::new(),
            input: Vec::new(),
            piped: false,
        }
    }

    /// Walks with a walker of the dmod, and answers the items.
    pub fn walk(&self, walker: &str, start: Option<u64>) -> Outcome {
        unsafe extern "C" fn take(arg: *mut c_void, item: Item) -> Status {
            // SAFETY: the argument is the state below.
            match unsafe { arg.cast::<State<'_>>().as_ref() } {
                Some(state) => state.emit(item.value),
                None => Status::BAD_ARGUMENT,
            }
        }
        // SAFETY: the tables of a dmod that is linked in.
        let found = unsafe { self.info.walkers.iter().find(|w| w.name.text() == walker) };
        let Some(each) = found.and_then(|found| found.each) else {
            return Outcome { error: Some(format!("no walker {walker}")), ..Outcome::default() };
        };
        let state = State::new(self, false, None);
        let call = mdb_dmod_abi::WalkCall {
            size: size_of::<mdb_dmod_abi::WalkCall>() as u32,
            flags: if start.is_some() { CALL_ADDRESS } else { 0 },
            start: Item::address(start.unwrap_or(0)),
        };
        let cx = (&raw const state).cast_mut();
        // SAFETY: the function of a dmod that is linked in; all is lent until it returns.
        let status = unsafe {
            each(&raw const tables::HOST, cx.cast(), &raw const call, Some(take), cx.cast())
        };
        state.finish(status)
    }

    fn read(&self, address: u64, buffer: &mut [u8]) -> usize {
        let mut got = 0;
        for byte in buffer {
            let Some(at) = address.checked_add(got as u64) else { break };
            let region = self.regions.range(..=at).next_back();
            let found = region.and_then(|(start, bytes)| bytes.get((at - start) as usize));
            let Some(found) = found else { break };
            *byte = *found;
            got += 1;
        }
        got
    }

    fn symbol_at(&self, address: u64) -> Option<&(String, u64, u64)> {
        let covers = |start: u64, size: u64| address.checked_sub(start).is_some_and(|o| o < size);
        self.symbols.iter().find(|(_, start, size)| covers(*start, *size))
    }
}

impl<'a> State<'a> {
    fn new(fake: &'a Fake, piped: bool, item_column: Option<usize>) -> Self {
        Self {
            fake,
            outcome: RefCell::default(),
            reads: Cell::new(0),
            piped,
            item_column,
            last_error: RefCell::new(None),
        }
    }

    fn emit(&self, value: u64) -> Status {
        if self.cancelled() {
            return Status::CANCELLED;
        }
        let mut outcome = self.outcome.borrow_mut();
        if self.fake.close_after.is_some_and(|most| outcome.pipe.len() >= most) {
            return Status::CLOSED;
        }
        outcome.pipe.push(value);
        Status::OK
    }

    fn cancelled(&self) -> bool {
        self.fake.cancel_after.is_some_and(|most| self.reads.get() >= most)
    }

    fn finish(self, status: Status) -> Outcome {
        let mut outcome = self.outcome.into_inner();
        outcome.status = status.0;
        if !matches!(status, Status::OK | Status::CLOSED) && outcome.error.is_none() {
            outcome.error = Some(match status {
                Status::CANCELLED => "interrupted".to_owned(),
                status => format!("status {}", status.0),
            });
        }
        outcome
    }
}

/// A call that is being put together.
#[derive(Debug)]
pub struct FakeCall<'f> {
    fake: &'f Fake,
    dcmd: String,
    address: Option<u64>,
    dot: u64,
    options: Vec<(char, u64, String)>,
    arguments: Vec<(u64, String)>,
    input: Vec<Item>,
    piped: bool,
}

impl FakeCall<'_> {
    /// With an address.
    pub fn at(mut self, address: u64) -> Self {
        self.address = Some(address);
        self
    }

    /// With dot, and no address.
    pub fn dot(mut self, dot: u64) -> Self {
        self.dot = dot;
        self
    }

    /// With flags: `flags("av")`.
    pub fn flags(mut self, letters: &str) -> Self {
        self.options.extend(letters.chars().map(|letter| (letter, 1, String::new())));
        self
    }

    /// With the number of an option.
    pub fn number(mut self, letter: char, number: u64) -> Self {
        self.options.push((letter, number, format!("{number:x}")));
        self
    }

    /// With the text of an option; may be repeated.
    pub fn text(mut self, letter: char, text: &str) -> Self {
        self.options.push((letter, 0, text.to_owned()));
        self
    }

    /// With a positional argument.
    pub fn argument(mut self, text: &str) -> Self {
        self.arguments.push((u64::from_str_radix(text, 16).unwrap_or(0), text.to_owned()));
        self
    }

    /// With the whole input of a command that takes all of it.
    pub fn input(mut self, values: &[u64]) -> Self {
        self.input = values.iter().map(|value| Item::address(*value)).collect();
        self
    }

    /// Into a pipe: rows become items.
    pub fn piped(mut self) -> Self {
        self.piped = true;
        self
    }

    /// Runs it, through the tables.
    pub fn run(self) -> Outcome {
        let name = self.dcmd.as_str();
        // SAFETY: the tables of a dmod that is linked in.
        let found = unsafe { self.fake.info.dcmds.iter().find(|d| d.name.text() == name) };
        let Some((dcmd, run)) = found.and_then(|dcmd| Some((dcmd, dcmd.run?))) else {
            return Outcome { error: Some(format!("no dcmd {name}")), ..Outcome::default() };
        };
        let value = |kind: u32, given: Option<(u64, &str)>| Value {
            kind,
            flags: if given.is_some() { VALUE_GIVEN } else { 0 },
            number: given.map_or(0, |(number, _)| number),
            text: given.map_or(Str::EMPTY, |(_, text)| Str::new(text)),
            rest: Array::EMPTY,
        };
        let mut more: Vec<Vec<Value>> = Vec::new();
        let mut join = |mut values: Vec<Value>, kind: u32| {
            if values.is_empty() {
                return value(kind, None);
            }
            let mut first = values.remove(0);
            first.rest = Array::of(&values);
            more.push(values);
            first
        };
        // SAFETY: the tables of a dmod that is linked in.
        let (options, arguments, columns) = unsafe {
            let options: Vec<_> = dcmd.options.iter().collect();
            let arguments: Vec<_> = dcmd.arguments.iter().collect();
            let columns: Vec<_> = dcmd.columns.iter().collect();
            (options, arguments, columns)
        };
        let options: Vec<Value> = options
            .iter()
            .map(|option| {
                let given = self.options.iter().filter(|(l, ..)| *l as u32 == option.short);
                let given = given.map(|(_, n, text)| value(option.kind, Some((*n, text.as_str()))));
                join(given.collect(), option.kind)
            })
            .collect();
        let arguments: Vec<Value> = arguments
            .iter()
            .enumerate()
            .map(|(index, argument)| {
                let rest = argument.flags & mdb_dmod_abi::ARGUMENT_REST != 0;
                let most = if rest { usize::MAX } else { 1 };
                let given = self.arguments.iter().skip(index).take(most);
                let given = given.map(|(n, text)| value(argument.kind, Some((*n, text.as_str()))));
                join(given.collect(), argument.kind)
            })
            .collect();
        let mut flags = if self.address.is_some() { CALL_ADDRESS } else { 0 };
        if !self.input.is_empty() {
            flags |= CALL_PIPE_IN | CALL_LOOP | CALL_LOOP_FIRST;
        }
        if self.piped {
            flags |= mdb_dmod_abi::CALL_PIPE_OUT;
        }
        let call = Call {
            size: size_of::<Call>() as u32,
            flags,
            item: Item::address(self.address.unwrap_or(self.dot)),
            options: Array::of(&options),
            arguments: Array::of(&arguments),
            input: Array::of(&self.input),
        };
        let item = columns.iter().position(|c| c.flags & mdb_dmod_abi::COLUMN_ITEM != 0);
        let state = State::new(self.fake, self.piped, item);
        let cx = (&raw const state).cast_mut().cast();
        // SAFETY: the function of a dmod that is linked in; all is lent until it returns.
        let status = unsafe { run(&raw const tables::HOST, cx, &raw const call) };
        state.finish(status)
    }
}
