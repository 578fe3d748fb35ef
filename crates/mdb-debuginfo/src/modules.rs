//! All load objects of a target.

use crate::demangle::Demangler;
use crate::file_search::{FileSearch, FileState};
use crate::module::{Module, ModuleKind};
use crate::symbol::{Distance, Symbol};
use crate::{SourceFrame, UnwindSections};
use mdb_target::Target;
use std::borrow::Cow;
use std::sync::Arc;

/// Why a name means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// No module is called so.
    #[error("unknown object file name")]
    UnknownObject,
    /// No symbol is called so (in the module that was named).
    #[error("unknown symbol name")]
    UnknownSymbol,
}

/// The load objects of a target: the executable first, the rest by address.
pub struct Modules {
    target: Arc<dyn Target>,
    search: Arc<FileSearch>,
    list: Vec<Module>,
    /// How many of them are load objects; the rest are [`ModuleKind::Remapped`].
    objects: usize,
    /// Start of each module and its number, by address.
    by_address: Vec<(u64, u32)>,
    demangler: Demangler,
}

impl std::fmt::Debug for Modules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.list).finish()
    }
}

impl Modules {
    /// Finds the modules of a target in what it saved; opens no file. From then on the target's
    /// memory also reads, from verified files, what a core did not save because it never changed.
    pub fn discover(target: Arc<dyn Target>, search: FileSearch) -> Arc<Self> {
        let search = Arc::new(search);
        let list = crate::discover::discover(&target, &search);
        let mut by_address: Vec<(u64, u32)> =
            list.iter().map(|m| (m.range().start, m.number())).collect();
        by_address.sort_unstable();
        let objects = list.iter().filter(|m| m.kind() != ModuleKind::Remapped).count();
        let demangler = Demangler::default();
        let modules = Arc::new(Self { target, search, list, objects, by_address, demangler });
        crate::file_memory::install(&modules);
        modules
    }

    /// The target.
    pub fn target(&self) -> &dyn Target {
        &*self.target
    }

    /// Where files are looked for.
    pub fn search(&self) -> &FileSearch {
        &self.search
    }

    /// All load objects. ([`Modules::at`] also knows [`ModuleKind::Remapped`] ones.)
    pub fn all(&self) -> &[Module] {
        self.list.get(..self.objects).unwrap_or_default()
    }

    /// The module with this number.
    pub fn get(&self, number: u32) -> Option<&Module> {
        self.list.get(number as usize)
    }

    /// The program, if it could be told which one it is.
    pub fn executable(&self) -> Option<&Module> {
        self.all().first().filter(|m| m.kind() == ModuleKind::Executable)
    }

    /// The module that holds an address.
    #[inline]
    pub fn at(&self, address: u64) -> Option<&Module> {
        let after = self.by_address.partition_point(|(start, _)| *start <= address);
        let (_, number) = self.by_address.get(after.checked_sub(1)?)?;
        self.get(*number).filter(|m| m.contains(address))
    }

    /// The module with a name; see [`Module::is_called`]. Whole names count before short ones.
    pub fn by_object_name(&self, object: &str) -> Option<&Module> {
        self.all()
            .iter()
            .find(|m| m.name() == object || m.path().as_os_str() == object)
            .or_else(|| self.all().iter().find(|m| m.is_called(object)))
    }

    /// The symbol after which an address is called, and how far into it the address is.
    pub fn symbol_at(&self, address: u64, distance: Distance) -> Option<(&Module, Symbol, u64)> {
        let module = self.at(address)?;
        let (symbol, offset) = module.symbol_at(address, distance)?;
        Some((module, symbol, offset))
    }

    /// The symbol with a name in one module, or in all: the executable's comes first. The
    /// session's own symbols (`::nmadd`) come before these; that is the caller's work.
    pub fn lookup(
        &self,
        object: Option<&str>,
        name: &str,
    ) -> Result<(&Module, Symbol), LookupError> {
        let search = |module| Some((module, Module::symbol_named(module, name.as_bytes())?));
        match object {
            Some(object) => {
                let module = self.by_object_name(object).ok_or(LookupError::UnknownObject)?;
                search(module)
            }
            None => self.all().iter().find_map(search),
        }
        .ok_or(LookupError::UnknownSymbol)
    }

    /// The places in source text for an address; see [`Module::locate`].
    pub fn locate(&self, address: u64) -> Vec<SourceFrame> {
        self.at(address).map(|m| m.locate(address)).unwrap_or_default()
    }

    /// What an unwinder needs of the module that holds `pc`. Computed once for each module;
    /// borrow it with [`Module::unwind_sections`] to save the copy.
    pub fn unwind_sections(&self, pc: u64) -> Option<UnwindSections> {
        self.at(pc).map(|m| m.unwind_sections().clone())
    }

    /// A name as the programmer wrote it; see [`crate::demangle()`].
    pub fn demangle<'a>(&self, name: &'a [u8]) -> Cow<'a, str> {
        self.demangler.demangle(name)
    }

    /// One sentence for each module whose file is missing, another one, or not certain. Looks for
    /// the files of all modules, which takes some 30 µs each.
    pub fn warnings(&self) -> Vec<String> {
        self.all().iter().filter_map(|m| warning(m.file())).collect()
    }

    /// As [`Modules::warnings`], but only about files that were needed so far.
    pub fn warnings_so_far(&self) -> Vec<String> {
        self.all().iter().filter_map(|m| warning(m.file_if_known()?)).collect()
    }
}

fn warning(state: &FileState) -> Option<String> {
    use crate::file_search::Verification::{Forced, Unverified};
    match state {
        FileState::InMemory => None,
        FileState::Found { verification: Unverified | Forced, .. } => Some(state.to_string()),
        FileState::Found { .. } => None,
        _ => Some(state.to_string()),
    }
}
