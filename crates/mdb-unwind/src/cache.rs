//! What is learnt about pcs, kept over the frames and threads of a target.

use crate::abi;
use crate::fde::{CfiLookup, ModuleCfi};
use crate::unwinder::Walk;
use gimli::UnwindContext;
use rustc_hash::FxHashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// How many pcs a worker remembers. A prime, so that return addresses spread.
const SLOTS: usize = 2039;

/// What is known of a pc.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) cfi: CfiLookup,
    pub(crate) executable: Option<bool>,
    pub(crate) is_entry: bool,
    /// Whether instructions say that it is a signal trampoline.
    pub(crate) is_trampoline: bool,
}

impl Site {
    /// Whether code can run there, as far as is known.
    pub(crate) fn may_be_code(&self) -> bool {
        matches!(self.cfi, CfiLookup::Row(_)) || self.executable != Some(false)
    }
}

/// The caches of one walk.
pub(crate) struct Worker {
    context: Box<UnwindContext<usize>>,
    sites: Vec<Option<(u64, u64, Arc<Site>)>>,
    module: Option<Arc<ModuleCfi>>,
    /// The cache's generation when the worker was made.
    generation: u64,
}

impl Worker {
    fn new(generation: u64) -> Self {
        let mut sites = Vec::new();
        sites.resize_with(SLOTS, || None);
        Self { context: Box::default(), sites, module: None, generation }
    }

    /// What is known of `pc`, whose unwind information is looked up by `lookup_pc`.
    #[inline]
    pub(crate) fn site(&mut self, walk: &Walk<'_>, pc: u64, lookup_pc: u64) -> Arc<Site> {
        let slot = (lookup_pc % SLOTS as u64) as usize;
        if let Some(Some((p, l, site))) = self.sites.get(slot)
            && *p == pc
            && *l == lookup_pc
        {
            return Arc::clone(site);
        }
        let site = Arc::new(self.learn(walk, pc, lookup_pc));
        if let Some(entry) = self.sites.get_mut(slot) {
            *entry = Some((pc, lookup_pc, Arc::clone(&site)));
        }
        site
    }

    fn learn(&mut self, walk: &Walk<'_>, pc: u64, lookup_pc: u64) -> Site {
        let known = self.module.as_ref().is_some_and(|m| m.range.contains(&lookup_pc));
        if !known {
            self.module = walk.cache.module(walk, lookup_pc);
        }
        let cfi = match &self.module {
            Some(module) => module.lookup(lookup_pc, &mut self.context),
            None => CfiLookup::None,
        };
        let without_cfi = !matches!(cfi, CfiLookup::Row(_));
        Site {
            executable: is_executable(walk, lookup_pc),
            is_entry: walk.sources.is_entry(lookup_pc),
            is_trampoline: (without_cfi || abi::trampoline_before_cfi(walk.arch))
                && abi::is_trampoline(walk.arch, walk.memory, pc),
            cfi,
        }
    }
}

/// Whether a pc is in code. A call can be the last instruction of a mapping, so its inside is
/// asked first; a signal trampoline, to which nobody called, can be the first.
pub(crate) fn is_executable(walk: &Walk<'_>, lookup_pc: u64) -> Option<bool> {
    match walk.sources.is_executable(lookup_pc) {
        Some(false) => walk.sources.is_executable(lookup_pc.wrapping_add(1)),
        known => known,
    }
}

/// What unwinders of one target have learnt: indexes of unwind information, and what pcs mean.
/// It may be shared by unwinders and by threads; it belongs to one target and one
/// [`UnwindSources`](crate::UnwindSources).
#[derive(Default)]
pub struct UnwindCache {
    modules: RwLock<FxHashMap<u32, Arc<ModuleCfi>>>,
    /// Workers that no walk uses now.
    idle: Mutex<Vec<Worker>>,
    /// How often it was cleared: workers that were out then are not taken back.
    generation: AtomicU64,
}

impl UnwindCache {
    /// An empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets everything: after the modules of the target have changed.
    pub fn clear(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.modules.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn module(&self, walk: &Walk<'_>, pc: u64) -> Option<Arc<ModuleCfi>> {
        let sections = walk.sources.sections(pc)?;
        let modules = self.modules.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = modules.get(&sections.module) {
            return Some(Arc::clone(module));
        }
        drop(modules);
        let mut modules = self.modules.write().unwrap_or_else(PoisonError::into_inner);
        let module = modules
            .entry(sections.module)
            .or_insert_with(|| Arc::new(ModuleCfi::new(&sections, walk.arch)));
        Some(Arc::clone(module))
    }

    pub(crate) fn take_worker(&self) -> Worker {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.unwrap_or_else(|| Worker::new(self.generation.load(Ordering::SeqCst)))
    }

    pub(crate) fn give_back(&self, worker: Worker) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if worker.generation == self.generation.load(Ordering::SeqCst) {
            idle.push(worker);
        }
    }
}

impl std::fmt::Debug for UnwindCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnwindCache").finish_non_exhaustive()
    }
}
