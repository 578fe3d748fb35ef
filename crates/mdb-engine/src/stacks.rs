//! The frames of threads, with names and places.

use crate::session::Session;
use crate::symbols::object_name;
use mdb_debuginfo::{Distance, Modules, UnwindSections};
use mdb_target::{Auxv, RegisterSet, Target};
use mdb_unwind::{
    FoundBy, Frame, FrameKind, FrameProviders, StackEnd, UnwindCache, UnwindSources, Unwinder,
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
    providers: RefCell<FrameProviders>,
    names: RefCell<FxHashMap<Place, Rc<FrameNames>>>,
}

impl std::fmt::Debug for Stacks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stacks").field("providers", &self.providers).finish_non_exhaustive()
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

/// An inlined function at a frame's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inlined {
    /// Its name.
    pub function: String,
    /// File and line; line 0 is not known.
    pub place: Option<(String, u32)>,
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
    /// File and line of the function that has machine code of its own.
    pub place: Option<(String, u32)>,
    /// Functions that are inlined there, innermost first.
    pub inlined: Vec<Inlined>,
}

/// A place in code: the program counter, the address that it is looked up by, and whether lines
/// are wanted.
type Place = (u64, u64, bool);

/// So many places are remembered before all are forgotten.
const MOST_PLACES: usize = 1 << 16;

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
}

impl Stacks {
    pub(crate) fn new(target: Arc<dyn Target>, modules: Arc<Modules>) -> Self {
        Self {
            sources: Sources { target: Arc::clone(&target), modules },
            target,
            cache: Arc::default(),
            providers: RefCell::default(),
            names: RefCell::default(),
        }
    }

    /// Gives each frame to `each` until that says false. Answers why the stack ended, if it did.
    pub fn walk(
        &self,
        registers: RegisterSet,
        each: &mut dyn FnMut(&Frame) -> bool,
    ) -> Option<StackEnd> {
        // A copy, so that a command that is run for a frame may register a provider.
        let providers = self.providers.borrow().clone();
        let unwinder = Unwinder::new(self.target.memory(), self.target.arch(), &self.sources)
            .with_cache(Arc::clone(&self.cache))
            .with_providers(&providers);
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

    /// Names and places for a frame; inlined functions and lines only if they are wanted, since
    /// they have to be looked up in debug information.
    pub fn describe(&self, session: &Session, frame: &Frame, lines: bool) -> Unwound {
        Unwound {
            index: frame.index,
            pc: frame.pc,
            sp: frame.sp,
            cfa: frame.cfa,
            address: frame.cfa.map_or(frame.sp, |cfa| cfa.wrapping_sub(16)),
            names: self.names(session, (frame.pc, frame.lookup_pc, lines)),
            found_by: frame.found_by.clone(),
            doubtful: frame.is_doubtful(),
            signal: frame.kind == FrameKind::Signal,
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
    };
    if lines {
        for source in modules.locate(lookup_pc) {
            let place = source.file.map(|file| (file, source.line.unwrap_or(0)));
            if source.inlined {
                let raw = source.function.unwrap_or(b"?");
                let function = session.symbols().name(session, raw);
                names.inlined.push(Inlined { function, place });
            } else {
                names.place = place;
            }
        }
    }
    names
}
