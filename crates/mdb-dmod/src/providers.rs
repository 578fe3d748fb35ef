//! What dmods provide for each other, from the side of who asks.

use crate::callbacks::{Lent, Receiver, lend, owned, take_text};
use crate::session::function;
use crate::types::Type;
use crate::{Error, Result, Session};
use mdb_dmod_abi::{
    Array, Block, PROVIDER_ENABLED, ProviderInfo, ProvidersGroup, Status, Str, TypeInfo,
    WHATIS_ALL, WHATIS_CONTROL, WHATIS_IDENTIFIER, WHATIS_QUIET, read_sized, root_kind,
};
use std::ffi::c_void;

/// A registered provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredProvider {
    /// [`mdb_dmod_abi::provider_kind`].
    pub kind: u32,
    /// The higher, the earlier it is asked.
    pub priority: i32,
    /// Switched on.
    pub enabled: bool,
    /// Its name.
    pub name: String,
    /// Its dmod; empty: the debugger itself.
    pub dmod: String,
    /// One line.
    pub about: String,
}

impl Lent for ProviderInfo {
    type View<'v> = RegisteredProvider;

    unsafe fn view<'v>(self) -> Self::View<'v> {
        // SAFETY: the caller says that the texts are lent.
        let (name, dmod, about) =
            unsafe { (owned(self.name), owned(self.dmod), owned(self.about)) };
        RegisteredProvider {
            kind: self.kind,
            priority: self.priority,
            enabled: self.flags & PROVIDER_ENABLED != 0,
            name,
            dmod,
            about,
        }
    }
}

/// What is asked of `whatis`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "the flags of the ABI, one by one")]
pub struct WhatisFlags {
    /// All explanations, not only the most specific one of each provider.
    pub all: bool,
    /// The addresses are identifiers.
    pub identifier: bool,
    /// No details of several lines.
    pub quiet: bool,
    /// What manages a block rather than the block.
    pub control: bool,
}

impl WhatisFlags {
    /// As they cross the border.
    pub fn bits(self) -> u32 {
        let flag = |on: bool, flag: u32| if on { flag } else { 0 };
        flag(self.all, WHATIS_ALL)
            | flag(self.identifier, WHATIS_IDENTIFIER)
            | flag(self.quiet, WHATIS_QUIET)
            | flag(self.control, WHATIS_CONTROL)
    }

    /// From what the host asks.
    pub fn from_bits(bits: u32) -> Self {
        Self {
            all: bits & WHATIS_ALL != 0,
            identifier: bits & WHATIS_IDENTIFIER != 0,
            quiet: bits & WHATIS_QUIET != 0,
            control: bits & WHATIS_CONTROL != 0,
        }
    }
}

/// One thing that an address is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// Where the thing begins that the address is in.
    pub base: u64,
    /// How many bytes it has; 0: unknown.
    pub length: u64,
    /// The more specific, the higher: 10 a mapping, 30 a stack, 40 a frame, 50 a symbol, 55 an
    /// allocated block, 60 a thread's own data.
    pub rank: u32,
    /// The thread (1..N) whose it is, or 0.
    pub thread: u32,
    /// One word: `block`.
    pub kind: String,
    /// What it is: `allocated block of 32 bytes`.
    pub text: String,
    /// The name of its type, or empty.
    pub type_name: String,
    /// Further lines, or empty.
    pub details: String,
}

impl Lent for mdb_dmod_abi::Explanation {
    type View<'v> = Explanation;

    unsafe fn view<'v>(self) -> Self::View<'v> {
        // SAFETY: the caller says that the texts are lent.
        let text = |text: Str| unsafe { owned(text) };
        Explanation {
            base: self.base,
            length: self.length,
            rank: self.rank,
            thread: self.thread,
            kind: text(self.kind),
            text: text(self.text),
            type_name: text(self.type_name),
            details: text(self.details),
        }
    }
}

/// Kinds of roots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RootKind {
    /// A register: one value.
    Register,
    /// The part of a stack in use.
    Stack,
    /// A thread's local storage.
    ThreadLocal,
    /// Writable data of a module.
    Data,
    /// A handle of a virtual machine.
    Handle,
    /// Another kind; the name says which.
    Other,
}

impl RootKind {
    fn from_abi(kind: u32) -> Self {
        match kind {
            root_kind::REGISTER => Self::Register,
            root_kind::STACK => Self::Stack,
            root_kind::TLS => Self::ThreadLocal,
            root_kind::DATA => Self::Data,
            root_kind::HANDLE => Self::Handle,
            _ => Self::Other,
        }
    }

    pub(crate) fn to_abi(self) -> u32 {
        match self {
            Self::Register => root_kind::REGISTER,
            Self::Stack => root_kind::STACK,
            Self::ThreadLocal => root_kind::TLS,
            Self::Data => root_kind::DATA,
            Self::Handle => root_kind::HANDLE,
            Self::Other => root_kind::OTHER,
        }
    }
}

/// Something outside of blocks that may refer to them: a range of memory, or one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// Its kind.
    pub kind: RootKind,
    /// The thread (1..N) whose it is, or 0.
    pub thread: u32,
    /// First address; 0 where it is no memory.
    pub start: u64,
    /// The address behind the last; equal to `start` where it is no memory.
    pub end: u64,
    /// The value, where it is no memory.
    pub value: u64,
    /// What it is called: `rax`, a module's name.
    pub name: String,
}

impl Lent for mdb_dmod_abi::Root {
    type View<'v> = Root;

    unsafe fn view<'v>(self) -> Self::View<'v> {
        Root {
            kind: RootKind::from_abi(self.kind),
            thread: self.thread,
            start: self.start,
            end: self.end,
            value: self.value,
            // SAFETY: the caller says that the text is lent.
            name: unsafe { owned(self.name) },
        }
    }
}

unsafe extern "C" fn on_explanation<F>(
    arg: *mut c_void,
    index: u32,
    lent: *const mdb_dmod_abi::Explanation,
) -> Status
where
    F: FnMut(usize, &Explanation) -> Result<()>,
{
    // SAFETY: we passed such an argument, and the host lends the struct for this call.
    unsafe {
        match (arg.cast::<Receiver<F>>().as_mut(), read_sized(lent)) {
            (Some(receiver), Some(lent)) => {
                receiver.guard(|function| function(index as usize, &lent.view()))
            }
            _ => Status::BAD_ARGUMENT,
        }
    }
}

unsafe extern "C" fn on_blocks<F>(arg: *mut c_void, blocks: *const Array<Block>) -> Status
where
    F: FnMut(&[Block]) -> Result<()>,
{
    // SAFETY: we passed such an argument, and the host lends the array for this call.
    unsafe {
        match (arg.cast::<Receiver<F>>().as_mut(), blocks.as_ref()) {
            (Some(receiver), Some(blocks)) => {
                let blocks: Vec<Block> = blocks.iter().collect();
                receiver.guard(|function| function(&blocks))
            }
            _ => Status::BAD_ARGUMENT,
        }
    }
}

impl Session<'_> {
    /// The registered providers of a kind ([`mdb_dmod_abi::provider_kind`]; 0: of all), in the order
    /// in which they are asked.
    pub fn providers(&self, kind: u32) -> Result<Vec<RegisteredProvider>> {
        fn ask<F>(s: &Session<'_>, kind: u32, f: F) -> Result<()>
        where
            F: FnMut(&RegisteredProvider) -> Result<()>,
        {
            let function = function!(s.providers, ProvidersGroup, list)?;
            let mut receiver = Receiver::new(f);
            let callback = lend::<ProviderInfo, F>;
            // SAFETY: the context is that of the call under way; the callback fits its argument.
            let status = unsafe { function(s.cx, kind, Some(callback), receiver.arg()) };
            receiver.finish(s, status)
        }
        let mut all = Vec::new();
        ask(self, kind, |provider| {
            all.push(provider.clone());
            Ok(())
        })?;
        Ok(all)
    }

    /// What other dmods say that addresses are: `each` gets the index of an address and what it is.
    /// A host that is too old for this says nothing.
    pub fn explanations<F>(&self, addresses: &[u64], flags: WhatisFlags, each: F) -> Result<()>
    where
        F: FnMut(usize, &Explanation) -> Result<()>,
    {
        let Ok(function) = function!(self.providers, ProvidersGroup, whatis) else {
            return Ok(());
        };
        let mut receiver = Receiver::new(each);
        let addresses = Array::of(addresses);
        let callback = on_explanation::<F>;
        // SAFETY: the context is that of the call under way; the callback fits its argument.
        let status = unsafe {
            function(self.cx, &raw const addresses, flags.bits(), Some(callback), receiver.arg())
        };
        receiver.finish(self, status)
    }

    /// The blocks of all allocators that loaded dmods know, some thousands at a time.
    ///
    /// # Errors
    /// [`Error::NotFound`] where no dmod knows any.
    pub fn blocks<F>(&self, each: F) -> Result<()>
    where
        F: FnMut(&[Block]) -> Result<()>,
    {
        let function = function!(self.providers, ProvidersGroup, blocks)?;
        let mut receiver = Receiver::new(each);
        // SAFETY: the context is that of the call under way; the callback fits its argument.
        let status = unsafe { function(self.cx, Some(on_blocks::<F>), receiver.arg()) };
        receiver.finish(self, status)
    }

    /// All roots: registers, stacks, local storage, writable data, and what dmods add.
    pub fn roots<F>(&self, each: F) -> Result<()>
    where
        F: FnMut(&Root) -> Result<()>,
    {
        let function = function!(self.providers, ProvidersGroup, roots)?;
        let mut receiver = Receiver::new(each);
        let callback = lend::<mdb_dmod_abi::Root, F>;
        // SAFETY: the context is that of the call under way; the callback fits its argument.
        let status = unsafe { function(self.cx, Some(callback), receiver.arg()) };
        receiver.finish(self, status)
    }

    /// The type of the object at an address; `None`: nobody knows.
    pub fn object_type(&self, address: u64) -> Result<Option<Type>> {
        fn ask<F>(s: &Session<'_>, address: u64, f: F) -> Result<()>
        where
            F: FnMut(&Type) -> Result<()>,
        {
            let function = function!(s.providers, ProvidersGroup, object_type)?;
            let mut receiver = Receiver::new(f);
            let callback = lend::<TypeInfo, F>;
            // SAFETY: the context is that of the call under way; the callback fits its argument.
            let status = unsafe { function(s.cx, address, Some(callback), receiver.arg()) };
            receiver.finish(s, status)
        }
        let mut found = None;
        let result = ask(self, address, |described| {
            found = Some(described.clone());
            Ok(())
        });
        match result {
            Ok(()) => Ok(found),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The value of a type at an address as text; `None`: nobody can print it.
    pub fn printed(&self, type_name: &str, address: u64) -> Result<Option<String>> {
        let function = function!(self.providers, ProvidersGroup, print)?;
        let mut found: Option<String> = None;
        let arg = (&raw mut found).cast();
        // SAFETY: the context is that of the call under way; the callback fits its argument.
        let status =
            unsafe { function(self.cx, Str::new(type_name), address, Some(take_text), arg) };
        match self.check(status) {
            Ok(()) => Ok(found),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
