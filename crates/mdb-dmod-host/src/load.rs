//! Opening dmods, and those that are linked in: one path.

use crate::call::{self, CallError, Place};
use crate::error::LoadError;
use crate::provider::{LoadedProvider, ProviderCall};
use crate::search::DmodFile;
use crate::services::{Flow, HostServices};
use crate::spec::{DcmdSpec, ParsedArgs, WalkerSpec};
use crate::validate::{Checked, ProviderSpec, check};
use mdb_dmod_abi::{ABI_MAJOR, Dcmd, Entry, Item, ModInfo, Status, Walker};
use std::os::fd::{AsRawFd as _, FromRawFd as _};
use std::path::{Path, PathBuf};

/// Where a module came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Linked into the program.
    BuiltIn,
    /// A file.
    File(PathBuf),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built in"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// A module whose tables are checked. It can be called for as long as the program runs: nothing
/// is ever unmapped, because a library that has left a thread-local destructor, a thread or a
/// borrowed string behind must not be.
pub struct LoadedModule {
    checked: Checked,
    origin: Origin,
    dcmds: Vec<DcmdSpec>,
    walkers: Vec<WalkerSpec>,
    dcmd_calls: Vec<DcmdCall>,
    walker_calls: Vec<(Walker, &'static Place)>,
    provider_specs: Vec<ProviderSpec>,
    provider_calls: Vec<ProviderCall>,
    hooks: &'static Place,
}

struct DcmdCall {
    dcmd: Dcmd,
    place: &'static Place,
    options: Vec<u32>,
    arguments: Vec<u32>,
}

impl std::fmt::Debug for LoadedModule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoadedModule")
            .field("name", &self.checked.name)
            .field("version", &self.checked.version)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// Registers a module that is linked in: `mdb_stacks::builtin()`.
pub fn register_builtin(info: &'static ModInfo) -> Result<LoadedModule, LoadError> {
    // SAFETY: only the name is read, for sentences, and `check` reads it again with care.
    let name = unsafe { info.name.text() };
    let checked = check(&format!("built-in dmod {name}"), None, info)?;
    Ok(LoadedModule::new(checked, Origin::BuiltIn))
}

/// Opens a file whose note was read and registers the module in it. Its constructors run here.
pub fn load(file: &DmodFile) -> Result<LoadedModule, LoadError> {
    let module = file.path.display().to_string();
    file.note.check_version(&module)?;
    let info = open(&file.path, &file.note.entry)?;
    let checked = check(&module, Some(&file.note.name), info)?;
    Ok(LoadedModule::new(checked, Origin::File(file.path.clone())))
}

/// As [`load`], of a file that was opened before and may have changed since. The dynamic linker
/// gives a path that it knows its old code again, so it is shown a copy under a name of its own.
pub fn reload(file: &DmodFile) -> Result<LoadedModule, LoadError> {
    let module = file.path.display().to_string();
    file.note.check_version(&module)?;
    let io = |error: std::io::Error| LoadError::Io {
        path: file.path.clone(),
        reason: error.to_string(),
    };
    let mut copy = memory_file(&file.note.name).map_err(io)?;
    let mut from = std::fs::File::open(&file.path).map_err(io)?;
    std::io::copy(&mut from, &mut copy).map_err(io)?;
    let path = PathBuf::from(format!("/proc/self/fd/{}", copy.as_raw_fd()));
    // Kept open: under a number that is used again the linker would find the old code again.
    std::mem::forget(copy);
    let info = open(&path, &file.note.entry)?;
    let checked = check(&module, Some(&file.note.name), info)?;
    Ok(LoadedModule::new(checked, Origin::File(file.path.clone())))
}

/// A file without a name, in memory.
fn memory_file(name: &str) -> std::io::Result<std::fs::File> {
    let name = std::ffi::CString::new(name)?;
    // SAFETY: the name ends with a NUL; the call only makes a descriptor.
    let descriptor = unsafe { libc::memfd_create(name.as_ptr(), libc::MFD_CLOEXEC) };
    if descriptor < 0 {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: the descriptor is new and nobody else's.
    Ok(unsafe { std::fs::File::from_raw_fd(descriptor) })
}

fn open(path: &Path, entry: &str) -> Result<*const ModInfo, LoadError> {
    let fail = |error: libloading::Error| {
        // The dynamic linker's words are behind the outer sentence.
        let source = std::error::Error::source(&error).map(ToString::to_string);
        LoadError::Open { path: path.into(), reason: source.unwrap_or_else(|| error.to_string()) }
    };
    // Its constructors run now: a crash in them is told as the dmod's.
    let place = Place::new(&path.display().to_string(), "its constructors");
    let note = call::CurrentCall::enter(place);
    // A path without a slash would be searched for in the library path.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // SAFETY: a dmod is trusted code, and its note says that it is one.
    let library = unsafe {
        libloading::os::unix::Library::open(
            Some(&path),
            libloading::os::unix::RTLD_NOW | libloading::os::unix::RTLD_LOCAL,
        )
    }
    .map_err(fail)?;
    // Constructors have run: from here on the library stays mapped, also when it is refused.
    let library = std::mem::ManuallyDrop::new(library);
    // SAFETY: the contract gives this symbol this type.
    let entry = unsafe { library.get::<Entry>(entry) }.map_err(fail)?;
    // SAFETY: as above; the function only answers with a pointer to static data.
    let info = unsafe { entry(ABI_MAJOR) };
    drop(note);
    Ok(info)
}

impl LoadedModule {
    fn new(checked: Checked, origin: Origin) -> Self {
        let name = checked.name.clone();
        let kinds = |spec: &DcmdSpec| -> (Vec<u32>, Vec<u32>) {
            (
                spec.options.iter().map(|o| o.kind.number()).collect(),
                spec.arguments.iter().map(|a| a.kind.number()).collect(),
            )
        };
        let dcmd_calls = checked
            .dcmds
            .iter()
            .map(|(spec, dcmd)| {
                let (options, arguments) = kinds(spec);
                let place = Place::new(&name, &format!("::{}", spec.name));
                DcmdCall { dcmd: *dcmd, place, options, arguments }
            })
            .collect();
        let walker_calls = checked
            .walkers
            .iter()
            .map(|(spec, walker)| (*walker, Place::new(&name, &format!("walker {}", spec.name))))
            .collect();
        let provider_calls = checked
            .providers
            .iter()
            .map(|(spec, table)| ProviderCall {
                table: *table,
                place: Place::new(&name, &format!("provider {}", spec.name)),
            })
            .collect();
        Self {
            dcmds: checked.dcmds.iter().map(|(spec, _)| spec.clone()).collect(),
            walkers: checked.walkers.iter().map(|(spec, _)| spec.clone()).collect(),
            dcmd_calls,
            walker_calls,
            provider_specs: checked.providers.iter().map(|(spec, _)| spec.clone()).collect(),
            provider_calls,
            hooks: Place::new(&name, "attach or detach"),
            checked,
            origin,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.checked.name
    }

    /// Its version.
    pub fn version(&self) -> &str {
        &self.checked.version
    }

    /// The compiler that built it.
    pub fn built_with(&self) -> &str {
        &self.checked.built_with
    }

    /// One line about it.
    pub fn about(&self) -> &str {
        &self.checked.about
    }

    /// The version of the ABI that it was built for.
    pub fn abi(&self) -> (u16, u16) {
        (self.checked.info.abi_major, self.checked.info.abi_minor)
    }

    /// Where it came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Its commands.
    pub fn dcmds(&self) -> &[DcmdSpec] {
        &self.dcmds
    }

    /// Its walkers.
    pub fn walkers(&self) -> &[WalkerSpec] {
        &self.walkers
    }

    /// Its providers.
    pub fn providers(&self) -> &[ProviderSpec] {
        &self.provider_specs
    }

    /// Tells it that a target is open. Where this fails, it is loaded but not usable.
    pub fn attach(&self, services: &dyn HostServices) -> Result<(), CallError> {
        call::call_hook(services, self.hooks, self.checked.info.attach)
    }

    /// Tells it that the target, or the module itself, goes away.
    pub fn detach(&self, services: &dyn HostServices) -> Result<(), CallError> {
        call::call_hook(services, self.hooks, self.checked.info.detach)
    }

    /// Calls command `index` of [`LoadedModule::dcmds`]. A consumer that closed the pipe is no
    /// failure.
    pub fn call_dcmd(
        &self,
        index: usize,
        services: &dyn HostServices,
        args: &ParsedArgs,
    ) -> Result<(), CallError> {
        let Some(call) = self.dcmd_calls.get(index) else { return Err(self.no_such(index)) };
        let DcmdCall { dcmd, place, options, arguments } = call;
        call::call_dcmd(services, place, dcmd.run, options, arguments, args)
    }

    /// Asks command `index` what the word that is being typed could be: at most some hundred words
    /// without control characters. Not all need begin as `word` does.
    pub fn complete(
        &self,
        index: usize,
        services: &dyn HostServices,
        word_place: mdb_lang::arguments::WordPlace,
        word: &str,
    ) -> Result<Vec<String>, CallError> {
        let Some(call) = self.dcmd_calls.get(index) else { return Err(self.no_such(index)) };
        call::complete(services, call.place, call.dcmd.complete, word_place, word)
    }

    /// Walks with walker `index` of [`LoadedModule::walkers`]. Stopping with [`Flow::Closed`] is
    /// no failure.
    pub fn walk(
        &self,
        index: usize,
        services: &dyn HostServices,
        start: Option<Item>,
        each: &mut dyn FnMut(Item) -> Flow,
    ) -> Result<(), CallError> {
        match self.walker_calls.get(index) {
            Some((walker, place)) => call::walk(services, place, walker, start, each),
            None => Err(self.no_such(index)),
        }
    }

    /// Provider `index` of [`LoadedModule::providers`].
    pub fn provider(&self, index: usize) -> Option<LoadedProvider<'_>> {
        self.provider_calls.get(index).map(LoadedProvider)
    }

    fn no_such(&self, index: usize) -> CallError {
        CallError {
            status: Status::NOT_FOUND,
            message: format!("dmod {} has no number {index}", self.name()),
            address: None,
        }
    }
}
