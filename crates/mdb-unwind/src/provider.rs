//! Unwinders for code that has no unwind information, such as a virtual machine's.

use crate::Frame;
use mdb_target::{AddressSpace, Fault, RegisterSet};
use std::rc::Rc;

/// Knows how to leave frames that unwind information does not describe.
pub trait FrameProvider {
    /// Its name; frames that it found carry it ([`FoundBy::Provider`](crate::FoundBy)).
    fn name(&self) -> &str;

    /// The registers of the caller of `frame`: at least pc and stack pointer, and no register
    /// whose value is not known. A pc of 0 says that `frame` is the outermost. `None` means that
    /// the frame is not one of this provider's. It reads `memory` and nothing else: a copy of the
    /// stack may stand behind that.
    fn step(&self, memory: &AddressSpace, frame: &Frame) -> Option<Result<RegisterSet, Fault>>;
}

/// Providers, in the order in which they are asked.
#[derive(Clone, Default)]
pub struct FrameProviders<'p> {
    list: Vec<Rc<dyn FrameProvider + 'p>>,
}

impl<'p> FrameProviders<'p> {
    /// No providers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a provider behind the others.
    pub fn push(&mut self, provider: Rc<dyn FrameProvider + 'p>) {
        self.list.push(provider);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(dyn FrameProvider + 'p)> {
        self.list.iter().map(|provider| &**provider)
    }
}

impl std::fmt::Debug for FrameProviders<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter().map(FrameProvider::name)).finish()
    }
}
