//! Unwinders for code that has no unwind information, such as a virtual machine's.

use crate::Frame;
use mdb_target::{AddressSpace, Fault, RegisterSet};
use std::sync::Arc;

/// Knows how to leave frames that unwind information does not describe.
pub trait FrameProvider: Send + Sync {
    /// Its name; frames that it found carry it ([`FoundBy::Provider`](crate::FoundBy)).
    fn name(&self) -> &str;

    /// The registers of the caller of `frame`: at least pc and stack pointer, and no register
    /// whose value is not known. A pc of 0 says that `frame` is the outermost. `None` means that
    /// the frame is not one of this provider's.
    fn step(&self, memory: &AddressSpace, frame: &Frame) -> Option<Result<RegisterSet, Fault>>;
}

/// The registered providers, in the order in which they are asked.
#[derive(Clone, Default)]
pub struct FrameProviders {
    list: Vec<(Arc<dyn FrameProvider>, bool)>,
}

impl FrameProviders {
    /// No providers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a provider behind the others, switched on. One of the same name is replaced where
    /// it stands.
    pub fn register(&mut self, provider: Arc<dyn FrameProvider>) {
        match self.list.iter_mut().find(|(p, _)| p.name() == provider.name()) {
            Some(entry) => *entry = (provider, true),
            None => self.list.push((provider, true)),
        }
    }

    /// Takes a provider out. Answers whether there was one of this name.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.list.len();
        self.list.retain(|(p, _)| p.name() != name);
        self.list.len() < before
    }

    /// Switches a provider on or off. Answers whether there is one of this name.
    pub fn set_enabled(&mut self, name: &str, enabled: bool) -> bool {
        match self.list.iter_mut().find(|(p, _)| p.name() == name) {
            Some((_, on)) => {
                *on = enabled;
                true
            }
            None => false,
        }
    }

    /// Names of all providers, and whether each is switched on.
    pub fn iter(&self) -> impl Iterator<Item = (&str, bool)> {
        self.list.iter().map(|(p, on)| (p.name(), *on))
    }

    /// Those that are switched on.
    pub(crate) fn enabled(&self) -> impl Iterator<Item = &Arc<dyn FrameProvider>> {
        self.list.iter().filter(|(_, on)| *on).map(|(p, _)| p)
    }
}

impl std::fmt::Debug for FrameProviders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
