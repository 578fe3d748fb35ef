//! The walk from a thread's registers to its outermost caller.

use crate::cache::Worker;
use crate::frame::{FoundBy, Frame};
use crate::provider::FrameProviders;
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
    /// The bits of a return address that hold a pointer authentication code
    /// (`NT_ARM_PAC_MASK`, `insn_mask`). Only aarch64 uses it.
    pub pac_mask: u64,
}

impl Default for UnwindOptions {
    fn default() -> Self {
        Self {
            frame_limit: 1 << 24,
            scan: true,
            scan_window: 0x2000,
            pac_mask: crate::aarch64::rules::DEFAULT_PAC_MASK,
        }
    }
}

/// Finds the frames of threads. It may be used from many threads of mdb at once.
pub struct Unwinder<'a> {
    memory: &'a AddressSpace,
    arch: Arch,
    sources: &'a dyn UnwindSources,
    providers: Option<&'a FrameProviders>,
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
    pub fn with_providers(mut self, providers: &'a FrameProviders) -> Self {
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
        todo!()
    }
}
