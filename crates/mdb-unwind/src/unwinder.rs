//! The walk from a thread's registers to its outermost caller.

use crate::abi;
use crate::frame::{FoundBy, Frame, FrameKind};
use crate::provider::FrameProviders;
use crate::step::{Step, Stepper};
use crate::{StackEnd, UnwindCache, UnwindSources};
use mdb_target::{AddressSpace, Arch, RegisterSet};
use std::sync::Arc;

/// What an [`Unwinder`] may do.
#[derive(Clone, Debug)]
pub struct UnwindOptions {
    /// How many frames at most.
    pub frame_limit: usize,
    /// Whether to search the stack for return addresses where nothing better is left.
    pub scan: bool,
    /// How many bytes of the stack to search for one frame.
    pub scan_window: u64,
}

impl Default for UnwindOptions {
    fn default() -> Self {
        Self { frame_limit: 1 << 24, scan: true, scan_window: 0x2000 }
    }
}

/// Finds the frames of threads.
pub struct Unwinder<'a> {
    memory: &'a AddressSpace,
    arch: Arch,
    sources: &'a dyn UnwindSources,
    providers: Option<&'a FrameProviders<'a>>,
    options: UnwindOptions,
    cache: Arc<UnwindCache>,
}

impl<'a> Unwinder<'a> {
    /// An unwinder with default options, a cache of its own and no providers.
    pub fn new(memory: &'a AddressSpace, arch: Arch, sources: &'a dyn UnwindSources) -> Self {
        Self {
            memory,
            arch,
            sources,
            providers: None,
            options: UnwindOptions::default(),
            cache: Arc::default(),
        }
    }

    /// Keeps what it learns in `cache`, which belongs to one target and outlives the unwinder.
    #[must_use]
    pub fn with_cache(mut self, cache: Arc<UnwindCache>) -> Self {
        self.cache = cache;
        self
    }

    /// Asks `providers` where there is no unwind information.
    #[must_use]
    pub fn with_providers(mut self, providers: &'a FrameProviders<'a>) -> Self {
        self.providers = Some(providers);
        self
    }

    /// Sets the options.
    #[must_use]
    pub fn with_options(mut self, options: UnwindOptions) -> Self {
        self.options = options;
        self
    }

    /// The frames of the thread (or of the saved context) that has these registers, innermost
    /// first. They are found one by one as the iterator is asked for them.
    pub fn frames(&self, registers: RegisterSet) -> FrameIter<'_> {
        let walk = Walk {
            memory: self.memory,
            arch: self.arch,
            sources: self.sources,
            providers: self.providers,
            options: &self.options,
            pac_mask: abi::pac_mask(&registers),
            cache: &self.cache,
        };
        let first =
            Step { registers, found_by: FoundBy::Context, pc_is_exact: true, read_at: None };
        FrameIter {
            stepper: Stepper::new(walk, self.cache.take_worker()),
            next: Some(first),
            end: None,
            index: 0,
        }
    }
}

impl std::fmt::Debug for Unwinder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unwinder").field("arch", &self.arch).finish_non_exhaustive()
    }
}

/// What a walk goes over.
#[derive(Clone, Copy)]
pub(crate) struct Walk<'a> {
    pub(crate) memory: &'a AddressSpace,
    pub(crate) arch: Arch,
    pub(crate) sources: &'a dyn UnwindSources,
    pub(crate) providers: Option<&'a FrameProviders<'a>>,
    pub(crate) options: &'a UnwindOptions,
    /// The bits of a return address that hold an authentication code.
    pub(crate) pac_mask: u64,
    pub(crate) cache: &'a UnwindCache,
}

/// The frames of a thread. When it has none left, [`FrameIter::end`] says why.
pub struct FrameIter<'a> {
    stepper: Stepper<'a>,
    next: Option<Step>,
    end: Option<StackEnd>,
    index: usize,
}

impl FrameIter<'_> {
    /// Why there are no more frames; `None` as long as there may be some.
    pub fn end(&self) -> Option<&StackEnd> {
        if self.next.is_some() { None } else { self.end.as_ref() }
    }

    /// Takes all frames that are left, up to `limit`, and says why there are no more.
    pub fn collect_with_end(mut self, limit: usize) -> (Vec<Frame>, StackEnd) {
        let frames: Vec<_> = self.by_ref().take(limit).collect();
        let end = self.end().cloned().unwrap_or(StackEnd::FrameLimit(limit));
        (frames, end)
    }
}

impl Iterator for FrameIter<'_> {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        let found = self.next.take()?;
        let limit = self.stepper.walk.options.frame_limit;
        if self.index >= limit {
            self.end = Some(StackEnd::FrameLimit(limit));
            return None;
        }
        let (Some(pc), Some(sp)) = (found.registers.pc(), found.registers.sp()) else {
            self.end = Some(StackEnd::NoContext);
            return None;
        };
        let lookup_pc = if found.pc_is_exact { pc } else { pc.wrapping_sub(1) };
        let mut frame = Frame {
            index: self.index,
            registers: found.registers,
            pc,
            sp,
            cfa: None,
            kind: FrameKind::Normal,
            found_by: found.found_by,
            lookup_pc,
        };
        match self.stepper.step(&mut frame) {
            Ok(found) => self.next = Some(found),
            Err(end) => self.end = Some(end),
        }
        self.index += 1;
        Some(frame)
    }
}

impl std::iter::FusedIterator for FrameIter<'_> {}

impl std::fmt::Debug for FrameIter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FrameIter").field("index", &self.index).finish_non_exhaustive()
    }
}
