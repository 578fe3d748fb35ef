//! What dmods provide for the debugger and for each other.
//!
//! Providers of a kind are asked in the order of their priority. One that fails is told once and is
//! asked again the next time; one that is being asked is not asked by what it calls itself.

use crate::failure::Failure;
use crate::host_services::{Services, call_failure};
use crate::session::Session;
use mdb_dmod_host::abi::{Block, provider_kind};
use mdb_dmod_host::{
    CallError, CallerInfo, ExplanationInfo, Flow, FrameDescriptionInfo, FrameQuery, LoadedModule,
    LoadedProvider, MemberDescription, ProvidedSymbol, ProviderState, RootInfo, Status,
    TypeDescription,
};
use mdb_target::AddressSpace;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The registered providers.
#[derive(Default)]
pub struct Providers {
    list: RefCell<Vec<Rc<Entry>>>,
}

/// A registered provider.
struct Entry {
    module: Rc<LoadedModule>,
    index: usize,
    state: ProviderState,
    enabled: Cell<bool>,
    /// It is being asked.
    asked: Cell<bool>,
    /// It has failed, and the user was told.
    failed: Cell<bool>,
}

impl std::fmt::Debug for Providers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.list.borrow().iter().map(|e| &e.state.name)).finish()
    }
}

/// The name of a kind, as users write it.
pub(crate) fn kind_name(kind: u32) -> &'static str {
    match kind {
        provider_kind::FRAME => "frame",
        provider_kind::SYMBOL => "symbol",
        provider_kind::WHATIS => "whatis",
        provider_kind::BLOCKS => "blocks",
        provider_kind::TYPES => "types",
        provider_kind::PRINTER => "printer",
        provider_kind::ROOTS => "roots",
        _ => "unknown",
    }
}

/// All names of kinds.
pub(crate) const KIND_NAMES: [&str; 7] =
    ["frame", "symbol", "whatis", "blocks", "types", "printer", "roots"];

/// The name of the session's own provider of roots.
const OWN_ROOTS: &str = "target";

impl Providers {
    /// Registers what a dmod provides.
    pub(crate) fn register(&self, module: &Rc<LoadedModule>) {
        let mut list = self.list.borrow_mut();
        for (index, spec) in module.providers().iter().enumerate() {
            let state = ProviderState {
                kind: spec.kind,
                priority: spec.priority,
                enabled: true,
                name: spec.name.to_string(),
                dmod: module.name().to_owned(),
                about: spec.about.to_string(),
            };
            list.push(Rc::new(Entry {
                module: Rc::clone(module),
                index,
                state,
                enabled: Cell::new(true),
                asked: Cell::new(false),
                failed: Cell::new(false),
            }));
        }
        // Stable: of two with the same priority the one that came first is asked first.
        list.sort_by_key(|entry| std::cmp::Reverse(entry.state.priority));
    }

    /// Takes what a dmod provides away.
    pub(crate) fn remove_module(&self, module: &str) {
        self.list.borrow_mut().retain(|entry| entry.state.dmod != module);
    }

    /// Switches those of this name (or ``dmod`name``) on or off. Answers how many there are.
    pub(crate) fn set_enabled(&self, name: &str, enabled: bool) -> usize {
        let list = self.list.borrow();
        let is_meant = |entry: &&Rc<Entry>| {
            let state = &entry.state;
            state.name == name || format!("{}`{}", state.dmod, state.name) == name
        };
        list.iter().filter(is_meant).map(|entry| entry.enabled.set(enabled)).count()
    }

    /// All of a kind (0: of all kinds), in the order in which they are asked.
    pub fn states(&self, kind: u32) -> Vec<ProviderState> {
        let mut states: Vec<ProviderState> = Vec::new();
        if kind == 0 || kind == provider_kind::ROOTS {
            states.push(ProviderState {
                kind: provider_kind::ROOTS,
                priority: i32::MAX,
                enabled: true,
                name: OWN_ROOTS.to_owned(),
                dmod: String::new(),
                about: "registers, stacks, local storage and writable data".to_owned(),
            });
        }
        let list = self.list.borrow();
        let wanted = list.iter().filter(|entry| kind == 0 || entry.state.kind == kind);
        states.extend(
            wanted
                .map(|entry| ProviderState { enabled: entry.enabled.get(), ..entry.state.clone() }),
        );
        states
    }

    /// Whether any provider of a kind is switched on.
    pub(crate) fn has(&self, kind: u32) -> bool {
        self.list.borrow().iter().any(|entry| entry.state.kind == kind && entry.enabled.get())
    }

    /// Whether one is being asked: what is learned now may lack what that one has.
    pub(crate) fn is_asking(&self) -> bool {
        self.list.borrow().iter().any(|entry| entry.asked.get())
    }

    fn to_ask(&self, kind: u32) -> Vec<Rc<Entry>> {
        self.list.borrow().iter().filter(|entry| entry.is_to_ask(kind)).cloned().collect()
    }

    /// The first to ask from a place in the list on, and where it is. For what is asked of every
    /// frame and every address: nothing is allocated.
    fn next_to_ask(&self, kind: u32, from: usize) -> Option<(usize, Rc<Entry>)> {
        let list = self.list.borrow();
        let mut rest = list.iter().enumerate().skip(from);
        rest.find(|(_, entry)| entry.is_to_ask(kind)).map(|(at, entry)| (at, Rc::clone(entry)))
    }
}

impl Entry {
    fn is_to_ask(&self, kind: u32) -> bool {
        self.state.kind == kind && self.enabled.get() && !self.asked.get()
    }

    /// Asks it; a failure other than ^C is told once and is no answer.
    fn ask<T: Default>(
        &self,
        session: &Session,
        question: impl FnOnce(LoadedProvider<'_>) -> Result<T, CallError>,
    ) -> Result<T, Failure> {
        match self.call(question) {
            Ok(answer) => Ok(answer),
            Err(error) if error.status == Status::CANCELLED => Err(Failure::Interrupted),
            Err(error) => {
                if !self.failed.replace(true) {
                    let what = format!("provider {} of dmod {}", self.state.name, self.state.dmod);
                    let failure = call_failure(&self.state.name, error);
                    session.warn(&format!("{what} failed: {failure}"));
                }
                Ok(T::default())
            }
        }
    }
}

impl Entry {
    fn call<T: Default>(
        &self,
        question: impl FnOnce(LoadedProvider<'_>) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let Some(provider) = self.module.provider(self.index) else { return Ok(T::default()) };
        self.asked.set(true);
        let answer = question(provider);
        self.asked.set(false);
        answer
    }

    /// Asks for all that it has. A part that looks like all would be a wrong answer, so a failure
    /// is one; only "nothing of mine" is none.
    fn ask_for_all(
        &self,
        question: impl FnOnce(LoadedProvider<'_>) -> Result<(), CallError>,
    ) -> Result<(), Failure> {
        match self.call(question) {
            Ok(()) => Ok(()),
            Err(error) if error.status == Status::NOT_FOUND => Ok(()),
            Err(error) if error.status == Status::CANCELLED => Err(Failure::Interrupted),
            Err(error) => {
                let (name, dmod) = (&self.state.name, &self.state.dmod);
                let failure = call_failure(name, error);
                Err(Failure::Failed(format!("provider {name} of dmod {dmod} failed: {failure}")))
            }
        }
    }
}

impl Session {
    /// The first answer of the providers of a kind.
    fn first_answer<T>(
        &self,
        kind: u32,
        memory: &AddressSpace,
        question: impl Fn(LoadedProvider<'_>, &Services<'_>) -> Result<Option<T>, CallError>,
    ) -> Result<Option<T>, Failure> {
        let mut from = 0;
        while let Some((at, entry)) = self.providers().next_to_ask(kind, from) {
            from = at.saturating_add(1);
            let services = Services::over(self, memory);
            if let Some(answer) = entry.ask(self, |provider| question(provider, &services))? {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    /// Asks the providers of frames, each by name, for the caller of a frame.
    pub(crate) fn frame_providers(&self) -> Vec<FrameAsker<'_>> {
        let entries = self.providers().to_ask(provider_kind::FRAME);
        entries.into_iter().map(|entry| FrameAsker { session: self, entry }).collect()
    }

    /// What the providers say that a frame is.
    pub(crate) fn describe_provided_frame(
        &self,
        memory: &AddressSpace,
        query: &FrameQuery,
    ) -> Option<FrameDescriptionInfo> {
        // ^C is seen by the walk that asks.
        self.first_answer(provider_kind::FRAME, memory, |provider, services| {
            provider.describe_frame(services, query)
        })
        .unwrap_or_default()
    }

    /// The symbol of a provider that covers an address.
    pub(crate) fn provided_symbol_at(&self, address: u64) -> Option<ProvidedSymbol> {
        let memory = self.target().memory();
        let found = self.first_answer(provider_kind::SYMBOL, memory, |provider, services| {
            provider.symbol_at(services, address)
        });
        // What covers the address is an answer; what does not is the provider's mistake.
        let covers = |s: &ProvidedSymbol| {
            address.checked_sub(s.address).is_some_and(|offset| s.size == 0 || offset < s.size)
        };
        found.unwrap_or_default().filter(covers)
    }

    /// The symbol of a provider that has this name.
    pub(crate) fn provided_symbol(&self, name: &str) -> Option<ProvidedSymbol> {
        let memory = self.target().memory();
        self.first_answer(provider_kind::SYMBOL, memory, |provider, services| {
            provider.symbol_by_name(services, name)
        })
        .unwrap_or_default()
    }

    /// What the providers say that addresses are.
    pub(crate) fn explain(
        &self,
        addresses: &[u64],
        flags: u32,
        each: &mut dyn FnMut(usize, &ExplanationInfo<'_>) -> Flow,
    ) -> Result<(), Failure> {
        let mut flow = Flow::Continue;
        for entry in self.providers().to_ask(provider_kind::WHATIS) {
            let services = Services::new(self, None);
            entry.ask(self, |provider| {
                provider.explain(&services, addresses, flags, &mut |index, found| {
                    flow = each(index, found);
                    flow
                })
            })?;
            if flow != Flow::Continue {
                break;
            }
        }
        Ok(())
    }

    /// All blocks of all allocators. Answers whether anybody knows some.
    pub(crate) fn blocks(&self, each: &mut dyn FnMut(&[Block]) -> Flow) -> Result<bool, Failure> {
        let mut flow = Flow::Continue;
        let entries = self.providers().to_ask(provider_kind::BLOCKS);
        for entry in &entries {
            let services = Services::new(self, None);
            entry.ask_for_all(|provider| {
                provider.blocks(&services, &mut |blocks| {
                    flow = each(blocks);
                    flow
                })
            })?;
            if flow != Flow::Continue {
                break;
            }
        }
        Ok(!entries.is_empty())
    }

    /// All roots: the session's own, then those of the providers.
    pub(crate) fn roots(&self, each: &mut dyn FnMut(&RootInfo<'_>) -> Flow) -> Result<(), Failure> {
        if crate::roots::of_target(self, each) != Flow::Continue {
            return Ok(());
        }
        let mut flow = Flow::Continue;
        for entry in self.providers().to_ask(provider_kind::ROOTS) {
            let services = Services::new(self, None);
            entry.ask_for_all(|provider| {
                provider.roots(&services, &mut |root| {
                    flow = each(root);
                    flow
                })
            })?;
            if flow != Flow::Continue {
                break;
            }
        }
        Ok(())
    }

    /// The type of a name.
    pub(crate) fn type_by_name(&self, name: &str) -> Result<Option<TypeDescription>, Failure> {
        let memory = self.target().memory();
        self.first_answer(provider_kind::TYPES, memory, |provider, services| {
            provider.type_by_name(services, name)
        })
    }

    /// The members of the type of a name.
    pub(crate) fn type_members(
        &self,
        name: &str,
    ) -> Result<Option<Vec<MemberDescription>>, Failure> {
        let memory = self.target().memory();
        self.first_answer(provider_kind::TYPES, memory, |provider, services| {
            provider.type_members(services, name)
        })
    }

    /// The type of the object at an address.
    pub(crate) fn object_type(&self, address: u64) -> Result<Option<TypeDescription>, Failure> {
        let memory = self.target().memory();
        self.first_answer(provider_kind::TYPES, memory, |provider, services| {
            provider.object_type(services, address)
        })
    }

    /// The value of a type at an address, as text.
    pub(crate) fn print_value(
        &self,
        type_name: &str,
        address: u64,
    ) -> Result<Option<String>, Failure> {
        let memory = self.target().memory();
        self.first_answer(provider_kind::PRINTER, memory, |provider, services| {
            provider.print(services, type_name, address)
        })
    }
}

/// A provider of frames, as the unwinder asks it.
pub(crate) struct FrameAsker<'a> {
    session: &'a Session,
    entry: Rc<Entry>,
}

impl FrameAsker<'_> {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.entry.state.name
    }

    /// The caller of a frame, if that is one of its own.
    pub(crate) fn caller(&self, memory: &AddressSpace, query: &FrameQuery) -> Option<CallerInfo> {
        if self.entry.asked.get() {
            return None;
        }
        let services = Services::over(self.session, memory);
        let answer = self.entry.ask(self.session, |provider| provider.caller(&services, query));
        // ^C is seen by the next read of the walk.
        answer.unwrap_or_default()
    }
}
