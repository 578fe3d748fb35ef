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

mod call;
mod line;
mod providers;
mod tables;
mod types;

pub use types::FakeType;

use call::{Given, Stage};
use mdb_dmod_abi::{CALL_ADDRESS, CALL_LOOP, CALL_LOOP_FIRST, CALL_PIPE_IN, Item, ModInfo, Status};
pub use providers::Asked;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

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
    short_reads: Vec<u64>,
    blocks: Vec<mdb_dmod_abi::Block>,
    roots: Vec<crate::Root>,
    explanations: Vec<crate::Explanation>,
    kept: RefCell<BTreeMap<String, Vec<u8>>>,
    types: Vec<FakeType>,
    type_names: RefCell<Vec<String>>,
    type_questions: Cell<u64>,
    modules: Vec<types::FakeModule>,
    machine: u32,
    pointer_size: u32,
    big_endian: bool,
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

/// What all calls of a line have in common.
#[derive(Debug, Default)]
struct Shared {
    outcome: RefCell<Outcome>,
    errors: RefCell<Vec<String>>,
    reads: Cell<u64>,
    status: Cell<u32>,
}

/// Takes an item; the next stage of a pipe.
type Next<'a> = &'a dyn Fn(Item) -> Status;

/// What stands behind the context of a fake call.
struct State<'a> {
    fake: &'a Fake,
    outcome: &'a RefCell<Outcome>,
    reads: &'a Cell<u64>,
    shared: &'a Shared,
    piped: bool,
    item_column: Option<usize>,
    last_error: RefCell<Option<String>>,
    next: Option<Next<'a>>,
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
            short_reads: Vec::new(),
            blocks: Vec::new(),
            roots: Vec::new(),
            explanations: Vec::new(),
            kept: RefCell::new(BTreeMap::new()),
            types: Vec::new(),
            type_names: RefCell::default(),
            type_questions: Cell::new(0),
            modules: Vec::new(),
            // EM_X86_64, the System V ABI's registry.
            machine: 62,
            pointer_size: 8,
            big_endian: false,
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

    /// Reads from below this address stop short of it, though there is memory behind.
    pub fn short_read_at(mut self, address: u64) -> Self {
        self.short_reads.push(address);
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
        // SAFETY: the tables of a dmod that is linked in.
        let found = unsafe { self.info.walkers.iter().find(|w| w.name.text() == walker) };
        let Some(found) = found else {
            return Outcome { error: Some(format!("no walker {walker}")), ..Outcome::default() };
        };
        let shared = Shared::default();
        let state = State::new(self, &shared, false, None, None);
        shared.settle(state.call_walker(&found, start.map(Item::address)));
        shared.finish()
    }

    /// How often members of types were asked for.
    pub fn type_questions(&self) -> u64 {
        self.type_questions.get()
    }

    fn read(&self, address: u64, buffer: &mut [u8]) -> usize {
        let end = address.saturating_add(buffer.len() as u64);
        let cuts = self.short_reads.iter().filter(|cut| **cut > address && **cut < end);
        let most = cuts.min().map_or(buffer.len(), |cut| (cut - address) as usize);
        let buffer = buffer.get_mut(..most).unwrap_or_default();
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

impl Shared {
    /// The end of the pipe.
    fn emit(&self, fake: &Fake, item: Item) -> Status {
        let mut outcome = self.outcome.borrow_mut();
        if fake.close_after.is_some_and(|most| outcome.pipe.len() >= most) {
            return Status::CLOSED;
        }
        outcome.pipe.push(item.value);
        Status::OK
    }

    fn fail(&self, why: &str) {
        self.errors.borrow_mut().push(why.to_owned());
        self.status.set(Status::USAGE.0);
    }

    /// A call has returned: notes why it failed.
    fn settle(&self, status: Status) {
        self.status.set(status.0);
        let error = self.outcome.borrow_mut().error.take();
        let error = error.or_else(|| match status {
            Status::OK | Status::CLOSED => None,
            Status::CANCELLED => Some("interrupted".to_owned()),
            status => Some(format!("status {}", status.0)),
        });
        let mut errors = self.errors.borrow_mut();
        // ^C goes through all stages.
        let known = status == Status::CANCELLED && errors.last() == error.as_ref();
        errors.extend(error.filter(|_| !known));
    }

    fn finish(self) -> Outcome {
        let mut outcome = self.outcome.into_inner();
        let errors = self.errors.into_inner();
        outcome.status = self.status.get();
        outcome.error = (!errors.is_empty()).then(|| errors.join("\n"));
        outcome
    }
}

impl<'a> State<'a> {
    fn new(
        fake: &'a Fake,
        shared: &'a Shared,
        piped: bool,
        item_column: Option<usize>,
        next: Option<Next<'a>>,
    ) -> Self {
        Self {
            fake,
            outcome: &shared.outcome,
            reads: &shared.reads,
            shared,
            piped,
            item_column,
            last_error: RefCell::new(None),
            next,
        }
    }

    /// There is no such thing, for this reason.
    fn not_found(&self, sentence: &str) -> Status {
        *self.last_error.borrow_mut() = Some(sentence.to_owned());
        Status::NOT_FOUND
    }

    fn emit(&self, value: u64) -> Status {
        if self.cancelled() {
            return Status::CANCELLED;
        }
        let item = Item::address(value);
        match self.next {
            Some(next) => next(item),
            None => self.shared.emit(self.fake, item),
        }
    }

    fn cancelled(&self) -> bool {
        self.fake.cancel_after.is_some_and(|most| self.reads.get() >= most)
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
        let Some(dcmd) = found else {
            return Outcome { error: Some(format!("no dcmd {name}")), ..Outcome::default() };
        };
        // SAFETY: as above.
        let (options, arguments) = unsafe {
            let options: Vec<_> = dcmd.options.iter().collect();
            let arguments: Vec<_> = dcmd.arguments.iter().collect();
            (options, arguments)
        };
        let options = options.iter().map(|option| {
            let given = self.options.iter().filter(|(l, ..)| *l as u32 == option.short);
            given.map(|(_, number, text)| (*number, text.clone())).collect()
        });
        let arguments = arguments.iter().enumerate().map(|(index, argument)| {
            let rest = argument.flags & mdb_dmod_abi::ARGUMENT_REST != 0;
            let most = if rest { usize::MAX } else { 1 };
            self.arguments.iter().skip(index).take(most).cloned().collect()
        });
        let given = Given { options: options.collect(), arguments: arguments.collect() };
        let mut flags = if self.address.is_some() { CALL_ADDRESS } else { 0 };
        if !self.input.is_empty() {
            flags |= CALL_PIPE_IN | CALL_LOOP | CALL_LOOP_FIRST;
        }
        if self.piped {
            flags |= mdb_dmod_abi::CALL_PIPE_OUT;
        }
        let shared = Shared::default();
        let column = call::item_column(&dcmd);
        let state = State::new(self.fake, &shared, self.piped, column, None);
        let item = Item::address(self.address.unwrap_or(self.dot));
        let stage = Stage { dcmd: &dcmd, given: &given, item, flags, input: &self.input };
        shared.settle(state.call_dcmd(&stage));
        shared.finish()
    }
}
