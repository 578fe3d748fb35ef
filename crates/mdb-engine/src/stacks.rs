//! The frames of threads, with names and places.

use crate::providers::FrameAsker;
use crate::session::Session;
use crate::symbols::object_name;
use mdb_debuginfo::{Distance, Modules, UnwindSections};
use mdb_dmod_host::abi::{FRAME_VIEW_EXACT, FRAME_VIEW_SAMPLE, RegisterValue, provider_kind};
use mdb_dmod_host::{FrameDescriptionInfo, FrameQuery};
use mdb_target::{AddressSpace, Auxv, Fault, RegisterId, RegisterSet, Target};
use mdb_unwind::{
    FoundBy, Frame, FrameKind, FrameProvider, FrameProviders, StackEnd, UnwindCache, UnwindSources,
    Unwinder,
};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// Walks stacks; what it learns of unwind information it keeps for the next.
pub struct Stacks {
    target: Arc<dyn Target>,
    sources: Sources,
    cache: Arc<UnwindCache>,
    names: RefCell<FxHashMap<Place, Rc<FrameNames>>>,
}

impl std::fmt::Debug for Stacks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stacks").finish_non_exhaustive()
    }
}

struct Sources {
    target: Arc<dyn Target>,
    modules: Arc<Modules>,
}

impl UnwindSources for Sources {
    fn sections(&self, pc: u64) -> Option<UnwindSections> {
        self.modules.unwind_sections(pc)
    }

    fn is_executable(&self, pc: u64) -> Option<bool> {
        let mappings = self.target.mappings();
        if mappings.is_empty() {
            return None;
        }
        let after = mappings.partition_point(|m| m.range.start <= pc);
        let mapping = after.checked_sub(1).and_then(|n| mappings.get(n));
        match mapping.filter(|m| m.range.contains(&pc)) {
            None => Some(false),
            Some(mapping) => mapping.permissions.map(|p| p.execute),
        }
    }

    fn function_start(&self, pc: u64) -> Option<u64> {
        let (_, _, offset) = self.modules.symbol_at(pc, Distance::Smart)?;
        Some(pc.wrapping_sub(offset))
    }

    fn is_entry(&self, pc: u64) -> bool {
        // The kernel says where the executable begins, also where the file is missing.
        let entry = self.target.auxv().get(Auxv::ENTRY);
        let entry = entry.or_else(|| self.modules.executable()?.entry());
        // `_start` of every C library is shorter than this.
        const LONGEST_START: u64 = 64;
        entry.is_some_and(|e| (e..e.saturating_add(LONGEST_START)).contains(&pc))
    }
}

/// A place in source code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePlace {
    /// The file.
    pub file: String,
    /// The line; 0 is not known.
    pub line: u32,
    /// The column; 0 is not known. Only providers say it: where a compiler's line table has columns,
    /// they are those of parts of expressions, and no native debugger shows them.
    pub column: u32,
}

impl std::fmt::Display for SourcePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let file = mdb_print::escape_text(&self.file);
        match (self.line, self.column) {
            (0, _) => write!(f, "{file}"),
            (line, 0) => write!(f, "{file}:{line}"),
            (line, column) => write!(f, "{file}:{line}:{column}"),
        }
    }
}

/// An inlined function at a frame's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inlined {
    /// Its name.
    pub function: String,
    /// Where in it.
    pub place: Option<SourcePlace>,
    /// The arguments, where a provider knows them: ready to be shown.
    pub arguments: String,
    /// The object that stands for the function, where a provider knows one; or 0.
    pub object: u64,
    /// The name of its type, or empty.
    pub object_type: String,
}

/// What a place in code is called. It is looked up once for each place: frames of deep stacks and
/// of many threads are at few places.
#[derive(Debug)]
pub struct FrameNames {
    /// The program counter as symbol and offset, or as a place in its module, or as a number.
    pub text: String,
    /// The function, if it has a name.
    pub function: Option<String>,
    /// How far into it the program counter is.
    pub offset: u64,
    /// Where the function begins.
    pub function_start: Option<u64>,
    /// The module.
    pub module: Option<String>,
    /// Where in the function that has machine code of its own.
    pub place: Option<SourcePlace>,
    /// Functions that are inlined there, innermost first.
    pub inlined: Vec<Inlined>,
    /// The arguments, where a provider knows them: ready to be shown.
    pub arguments: String,
    /// The object that stands for the function, where a provider knows one; or 0.
    pub object: u64,
    /// The name of its type, or empty.
    pub object_type: String,
}

/// The memory that a stack is read from.
#[derive(Clone, Copy)]
pub(crate) struct StackMemory<'a> {
    space: &'a AddressSpace,
    /// A part of it is a copy that was taken earlier.
    is_sample: bool,
}

impl<'a> StackMemory<'a> {
    /// The target's.
    pub(crate) fn target(session: &'a Session) -> Self {
        Self { space: session.target().memory(), is_sample: false }
    }

    /// The target's with a copy of a stack before it.
    pub(crate) fn sample(space: &'a AddressSpace) -> Self {
        Self { space, is_sample: true }
    }
}

/// A provider of frames of a dmod, as the unwinder knows it.
struct ProvidedFrames<'a> {
    asker: FrameAsker<'a>,
    sample: bool,
}

impl FrameProvider for ProvidedFrames<'_> {
    fn name(&self) -> &str {
        self.asker.name()
    }

    fn step(&self, memory: &AddressSpace, frame: &Frame) -> Option<Result<RegisterSet, Fault>> {
        let caller = self.asker.caller(memory, &query(frame, self.sample))?;
        let arch = frame.registers.arch();
        let mut registers = RegisterSet::new(arch);
        for (number, value) in caller.registers {
            registers.set(RegisterId(u16::try_from(number).unwrap_or(u16::MAX)), value);
        }
        registers.set(arch.pc(), caller.pc);
        registers.set(arch.sp(), caller.sp);
        if let Some(fp) = caller.fp {
            registers.set(arch.fp(), fp);
        }
        Some(Ok(registers))
    }
}

/// What a provider is told of a frame.
fn query(frame: &Frame, sample: bool) -> FrameQuery {
    let exact = if is_exact(frame) { FRAME_VIEW_EXACT } else { 0 };
    FrameQuery {
        flags: exact | if sample { FRAME_VIEW_SAMPLE } else { 0 },
        level: u32::try_from(frame.index).unwrap_or(u32::MAX),
        pc: frame.pc,
        sp: frame.sp,
        fp: frame.registers.fp(),
        registers: register_values(frame),
    }
}

/// Whether a frame's pc is where it is, no return address: a signal's trampoline was never called.
fn is_exact(frame: &Frame) -> bool {
    frame.kind == FrameKind::Signal || !frame.pc_is_return_address()
}

/// The registers that are known in a frame.
pub(crate) fn register_values(frame: &Frame) -> Vec<RegisterValue> {
    let registers = frame.registers.iter();
    registers.map(|(id, value)| RegisterValue { number: id.0.into(), reserved: 0, value }).collect()
}

/// What the providers call a frame; `None` where it is none of theirs.
fn provided_names(
    session: &Session,
    memory: StackMemory<'_>,
    frame: &Frame,
) -> Option<Rc<FrameNames>> {
    if !session.providers().has(provider_kind::FRAME) {
        return None;
    }
    let query = query(frame, memory.is_sample);
    let found = session.describe_provided_frame(memory.space, &query)?;
    let one_line = |text: String| mdb_print::escape_text(&text).into_owned();
    let some = |text: String| (!text.is_empty()).then(|| one_line(text));
    let place =
        |file: String, line, column| some(file).map(|file| SourcePlace { file, line, column });
    let inlined = |found: FrameDescriptionInfo| Inlined {
        function: some(found.function).unwrap_or_else(|| "?".to_owned()),
        place: place(found.file, found.line, found.column),
        arguments: one_line(found.arguments),
        object: found.object,
        object_type: one_line(found.object_type),
    };
    let function = some(found.function);
    let start = (found.function_start != 0).then_some(found.function_start);
    let text = match &function {
        Some(function) => function.clone(),
        None => format!("{:#x}", frame.pc),
    };
    Some(Rc::new(FrameNames {
        text,
        function,
        offset: start.map_or(0, |start| frame.pc.wrapping_sub(start)),
        function_start: start,
        module: some(found.module),
        place: place(found.file, found.line, found.column),
        inlined: found.inlined.into_iter().map(inlined).collect(),
        arguments: one_line(found.arguments),
        object: found.object,
        object_type: one_line(found.object_type),
    }))
}

/// A place in code: the program counter, the address that it is looked up by, and whether lines
/// are wanted.
type Place = (u64, u64, bool);

/// So many places are remembered before all are forgotten.
const MOST_PLACES: usize = 1 << 16;

/// What is looked up of a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Naming {
    /// Inlined functions and lines of native code, which have to be looked up in debug information.
    pub(crate) lines: bool,
    /// What providers say.
    pub(crate) providers: bool,
}

/// A frame with its names.
#[derive(Clone, Debug)]
pub struct Unwound {
    /// 0 is the innermost.
    pub index: usize,
    /// The program counter.
    pub pc: u64,
    /// The stack pointer.
    pub sp: u64,
    /// The canonical frame address.
    pub cfa: Option<u64>,
    /// The frame's address as `$C` shows it: where its caller's frame pointer is saved in code
    /// with frame pointers, which is 16 bytes below the canonical frame address.
    pub address: u64,
    /// What its place is called.
    pub names: Rc<FrameNames>,
    /// How the frame was found.
    pub found_by: FoundBy,
    /// It is a guess.
    pub doubtful: bool,
    /// It is the trampoline of a signal handler.
    pub signal: bool,
    /// Its program counter is no return address.
    pub exact: bool,
}

impl Stacks {
    pub(crate) fn new(target: Arc<dyn Target>, modules: Arc<Modules>) -> Self {
        Self {
            sources: Sources { target: Arc::clone(&target), modules },
            target,
            cache: Arc::default(),
            names: RefCell::default(),
        }
    }

    /// Gives each frame to `each` until that says false. Answers why the stack ended, if it did.
    pub fn walk(
        &self,
        session: &Session,
        registers: RegisterSet,
        each: &mut dyn FnMut(&Frame) -> bool,
    ) -> Option<StackEnd> {
        self.walk_in(session, StackMemory::target(session), registers, each)
    }

    /// As [`Stacks::walk`], with the memory that is given.
    pub(crate) fn walk_in(
        &self,
        session: &Session,
        memory: StackMemory<'_>,
        registers: RegisterSet,
        each: &mut dyn FnMut(&Frame) -> bool,
    ) -> Option<StackEnd> {
        let mut providers = FrameProviders::new();
        for asker in session.frame_providers() {
            providers.push(Rc::new(ProvidedFrames { asker, sample: memory.is_sample }));
        }
        let mut unwinder = Unwinder::new(memory.space, self.target.arch(), &self.sources)
            .with_cache(Arc::clone(&self.cache));
        if !providers.is_empty() {
            unwinder = unwinder.with_providers(&providers);
        }
        let mut frames = unwinder.frames(registers);
        for frame in frames.by_ref() {
            if !each(&frame) {
                return None;
            }
        }
        frames.end().cloned()
    }

    /// Forgets what places are called: after something has changed that names depend on.
    pub(crate) fn forget_names(&self) {
        self.names.borrow_mut().clear();
    }

    /// Names and places for a frame; inlined functions and lines of native code only if they are
    /// wanted, since they have to be looked up in debug information.
    pub fn describe(&self, session: &Session, frame: &Frame, lines: bool) -> Unwound {
        let naming = Naming { lines, providers: true };
        self.describe_in(session, StackMemory::target(session), frame, naming)
    }

    /// As [`Stacks::describe`], with the memory that is given.
    pub(crate) fn describe_in(
        &self,
        session: &Session,
        memory: StackMemory<'_>,
        frame: &Frame,
        naming: Naming,
    ) -> Unwound {
        let exact = is_exact(frame);
        let lookup_pc = if exact { frame.pc } else { frame.lookup_pc };
        let provided = if naming.providers { provided_names(session, memory, frame) } else { None };
        Unwound {
            index: frame.index,
            pc: frame.pc,
            sp: frame.sp,
            cfa: frame.cfa,
            address: frame.cfa.map_or(frame.sp, |cfa| cfa.wrapping_sub(16)),
            names: provided
                .unwrap_or_else(|| self.names(session, (frame.pc, lookup_pc, naming.lines))),
            found_by: frame.found_by.clone(),
            doubtful: frame.is_doubtful(),
            signal: frame.kind == FrameKind::Signal,
            exact,
        }
    }

    fn names(&self, session: &Session, place: Place) -> Rc<FrameNames> {
        if let Some(names) = self.names.borrow().get(&place) {
            return Rc::clone(names);
        }
        let names = Rc::new(look_up(session, place));
        let mut known = self.names.borrow_mut();
        if known.len() >= MOST_PLACES {
            known.clear();
        }
        known.insert(place, Rc::clone(&names));
        names
    }
}

fn look_up(session: &Session, (pc, lookup_pc, lines): Place) -> FrameNames {
    let modules = session.modules();
    let module = modules.at(lookup_pc);
    let symbol = session.symbols().at(session, lookup_pc);
    let back = pc.wrapping_sub(lookup_pc);
    let symbol = symbol.map(|mut s| {
        s.offset = s.offset.wrapping_add(back);
        s
    });
    let text = match (&symbol, module) {
        (Some(symbol), _) => symbol.text(),
        // The binary is missing or has no symbols: where in it is still a fact.
        (None, Some(module)) => {
            let name = mdb_print::escape_text(module.name());
            format!("{name}+{:#x}", pc.wrapping_sub(module.range().start))
        }
        (None, None) => format!("{pc:#x}"),
    };
    let mut names = FrameNames {
        text,
        offset: symbol.as_ref().map_or(0, |s| s.offset),
        function_start: symbol.as_ref().map(|s| s.value),
        function: symbol.map(|s| s.name),
        module: module.and_then(object_name).or_else(|| module.map(|m| m.name().to_owned())),
        place: None,
        inlined: Vec::new(),
        arguments: String::new(),
        object: 0,
        object_type: String::new(),
    };
    if lines {
        for source in modules.locate(lookup_pc) {
            let line = source.line.unwrap_or(0);
            let place = source.file.map(|file| SourcePlace { file, line, column: 0 });
            if source.inlined {
                let raw = source.function.unwrap_or(b"?");
                let function = session.symbols().name(session, raw);
                names.inlined.push(Inlined {
                    function,
                    place,
                    arguments: String::new(),
                    object: 0,
                    object_type: String::new(),
                });
            } else {
                names.place = place;
            }
        }
    }
    names
}
