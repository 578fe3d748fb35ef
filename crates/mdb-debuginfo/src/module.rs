//! A load object: the executable, a library, the dynamic linker, the vDSO.

use crate::debug_file::find_debug_file;
use crate::elf_image::{
    ElfImage, PF_W, PF_X, PT_LOAD, PT_TLS, ProgramHeader, SHF_ALLOC, SHT_NOBITS, address_of_offset,
};
use crate::file_search::{FileSearch, FileState};
use crate::lines::Lines;
use crate::loaded_headers::LoadedHeaders;
use crate::module_file::find_module_file;
use crate::plt::Plt;
use crate::symbol::{Distance, Symbol};
use crate::symbol_table::SymbolTable;
use crate::{SourceFrame, UnwindSections, module_symbols, unwind_sections};
use mdb_target::Target;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What kind of load object a module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModuleKind {
    /// The program; `a.out` names it, too.
    Executable,
    /// A shared library (or the dynamic linker).
    Library,
    /// The code that the kernel lends to the process.
    Vdso,
    /// Part of the file of another module, mapped once more somewhere else (V8 does that with
    /// its builtins to have them near its other code). The dynamic linker knows nothing of it.
    Remapped,
}

/// A section of a module, with addresses of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionInfo {
    /// `.text`, ...
    pub name: &'static [u8],
    /// Its addresses in the target; empty for sections that are not loaded.
    pub range: Range<u64>,
    /// `sh_size`.
    pub size: u64,
    /// `sh_type`.
    pub kind: u32,
    /// `sh_flags`.
    pub flags: u64,
}

/// What discovery found out about a module.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The path that the process had; empty for the vDSO.
    pub path: PathBuf,
    pub range: Range<u64>,
    pub loaded: Option<LoadedHeaders>,
    /// Address and file offset of its first mapping, when the headers were not saved.
    pub first_mapping: Option<(u64, u64)>,
    /// Address of its `struct link_map`, and `l_addr`.
    pub link_map: Option<(u64, u64)>,
    /// `l_name`, which may be another name of the file than the kernel's.
    pub link_name: PathBuf,
    /// The target is this file: its addresses are those of the file.
    pub absolute: bool,
    /// `AT_PHDR`, for the executable.
    pub headers_at: Option<u64>,
}

/// A load object of the target. Clones are the same module.
#[derive(Clone)]
pub struct Module(Arc<Inner>);

struct Inner {
    number: u32,
    kind: ModuleKind,
    name: String,
    found: Found,
    target: Arc<dyn Target>,
    search: Arc<FileSearch>,
    /// The module whose file this is, for [`ModuleKind::Remapped`].
    original: Option<Module>,
    file: OnceLock<(FileState, Option<Arc<ElfImage>>)>,
    debug_file: OnceLock<Option<(PathBuf, Arc<ElfImage>)>>,
    symbols: OnceLock<SymbolTable>,
    plt: OnceLock<Plt>,
    unwind: OnceLock<UnwindSections>,
    /// addr2line's caches are for one thread at a time.
    lines: OnceLock<Option<Mutex<Lines>>>,
}

impl std::fmt::Debug for Module {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Module")
            .field("number", &self.0.number)
            .field("kind", &self.0.kind)
            .field("name", &self.0.name)
            .field("range", &self.0.found.range)
            .field("link_map", &self.0.found.link_map)
            .finish_non_exhaustive()
    }
}

impl Module {
    pub(crate) fn new(
        number: u32,
        kind: ModuleKind,
        found: Found,
        target: Arc<dyn Target>,
        search: Arc<FileSearch>,
        original: Option<Self>,
    ) -> Self {
        let name = match kind {
            ModuleKind::Vdso => "[vdso]".to_owned(),
            _ => found.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        };
        Self(Arc::new(Inner {
            number,
            kind,
            name,
            found,
            target,
            search,
            original,
            file: OnceLock::new(),
            debug_file: OnceLock::new(),
            symbols: OnceLock::new(),
            plt: OnceLock::new(),
            unwind: OnceLock::new(),
            lines: OnceLock::new(),
        }))
    }

    /// Its number in [`crate::Modules`].
    pub fn number(&self) -> u32 {
        self.0.number
    }

    /// What kind it is.
    pub fn kind(&self) -> ModuleKind {
        self.0.kind
    }

    /// The last part of its path; `[vdso]` for the vDSO. May hold control characters: escape it.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its path as the process saw it; empty for the vDSO.
    pub fn path(&self) -> &Path {
        &self.0.found.path
    }

    /// All its addresses in the target.
    pub fn range(&self) -> Range<u64> {
        self.0.found.range.clone()
    }

    /// Whether `address` is in it.
    pub fn contains(&self, address: u64) -> bool {
        self.0.found.range.contains(&address)
    }

    /// The address of its `struct link_map` in the target, if the dynamic linker lists it.
    pub fn link_map(&self) -> Option<u64> {
        self.0.found.link_map.map(|(address, _)| address)
    }

    /// The build-id that the process had in memory. `None`: it was not saved or has none.
    pub fn build_id(&self) -> Option<&[u8]> {
        if let Some(original) = &self.0.original {
            return original.build_id();
        }
        self.0.found.loaded.as_ref()?.build_id.as_deref()
    }

    /// What to add (wrapping) to an address of the file to get one of the target. Opens the file
    /// only if the target saved no headers.
    pub fn bias(&self) -> u64 {
        if let Some(loaded) = &self.0.found.loaded {
            return loaded.bias;
        }
        if self.0.found.absolute {
            return 0;
        }
        if let Some((_, bias)) = self.0.found.link_map {
            return bias;
        }
        let from_file = || {
            let image = self.image()?;
            if let Some(at) = self.0.found.headers_at {
                let own = address_of_offset(&image.headers, image.headers_offset)?;
                return Some(at.wrapping_sub(own));
            }
            let (start, offset) = self.0.found.first_mapping?;
            Some(start.wrapping_sub(address_of_offset(&image.headers, offset)?))
        };
        from_file().unwrap_or(self.0.found.range.start)
    }

    /// What became of the search for its file. Searches when called first.
    pub fn file(&self) -> &FileState {
        &self.file_and_image().0
    }

    /// As [`Module::file`], but only if the search was done already.
    pub fn file_if_known(&self) -> Option<&FileState> {
        let original = self.0.original.as_ref().map(|o| &o.0.file);
        original.unwrap_or(&self.0.file).get().map(|(state, _)| state)
    }

    fn file_and_image(&self) -> &(FileState, Option<Arc<ElfImage>>) {
        if let Some(original) = &self.0.original {
            return original.file_and_image();
        }
        self.0.file.get_or_init(|| match self.0.kind {
            ModuleKind::Vdso => (FileState::InMemory, self.vdso_image()),
            kind => find_module_file(
                &self.0.search,
                &*self.0.target,
                &self.0.found,
                kind == ModuleKind::Executable,
            ),
        })
    }

    /// The vDSO is a whole ELF file in memory, section headers included.
    fn vdso_image(&self) -> Option<Arc<ElfImage>> {
        let range = self.range();
        // The kernel's has two to four pages.
        let length = range.end.saturating_sub(range.start).min(1 << 20) as usize;
        let bytes = crate::saved_memory::saved_static(self.0.target.memory(), range.start, length);
        ElfImage::parse(bytes).ok().map(Arc::new)
    }

    /// Its file, verified, or the vDSO's image.
    pub(crate) fn image(&self) -> Option<&Arc<ElfImage>> {
        self.file_and_image().1.as_ref()
    }

    pub(crate) fn loaded(&self) -> Option<&LoadedHeaders> {
        self.0.found.loaded.as_ref()
    }

    pub(crate) fn target(&self) -> &dyn Target {
        &*self.0.target
    }

    /// Its separate debug file, verified.
    pub(crate) fn debug_image(&self) -> Option<&Arc<ElfImage>> {
        self.debug().map(|(_, image)| image)
    }

    /// Where its separate debug file is, if it has one. Searches when called first.
    pub fn debug_file(&self) -> Option<&Path> {
        self.debug().map(|(path, _)| path.as_path())
    }

    fn debug(&self) -> Option<&(PathBuf, Arc<ElfImage>)> {
        if let Some(original) = &self.0.original {
            return original.debug();
        }
        self.0
            .debug_file
            .get_or_init(|| {
                let image = match self.0.kind {
                    ModuleKind::Vdso => None,
                    _ => self.image().map(Arc::as_ref),
                };
                find_debug_file(&self.0.search, self.file().path(), self.path(), image, || {
                    self.build_id()
                })
            })
            .as_ref()
    }

    /// Its symbols. The tables are found when called first; they are indexed when a question is
    /// asked.
    pub fn symbols(&self) -> &SymbolTable {
        self.0.symbols.get_or_init(|| match &self.0.original {
            Some(original) => original.symbols().at_bias(self.bias()),
            None => module_symbols::load(self),
        })
    }

    /// The symbol after which an address of the target is called, and how far into it the address
    /// is. Entries of the procedure linkage table are called `puts@plt`.
    pub fn symbol_at(&self, address: u64, distance: Distance) -> Option<(Symbol, u64)> {
        self.symbols().by_address(address, distance).or_else(|| {
            if !Plt::covers(self, address) {
                return None;
            }
            let plt = self.0.plt.get_or_init(|| Plt::new(self));
            plt.by_address(address)
        })
    }

    /// The symbol with a name; see [`SymbolTable::by_name`].
    pub fn symbol_named(&self, name: &[u8]) -> Option<Symbol> {
        self.symbols().by_name(name).or_else(|| {
            name.ends_with(b"@plt").then(|| {
                let plt = self.0.plt.get_or_init(|| Plt::new(self));
                plt.by_name(name)
            })?
        })
    }

    /// What an unwinder needs. Kept, so that later calls cost nothing.
    pub fn unwind_sections(&self) -> &UnwindSections {
        self.0.unwind.get_or_init(|| unwind_sections::load(self))
    }

    /// The places in source text for an address of the target, the innermost inlined function
    /// first. Empty without debug information. For a return address ask for the byte before it.
    pub fn locate(&self, address: u64) -> Vec<SourceFrame> {
        if let Some(original) = &self.0.original {
            let file_address = address.wrapping_sub(self.bias());
            return original.locate(file_address.wrapping_add(original.bias()));
        }
        let lines = self.0.lines.get_or_init(|| Lines::load(self).map(Mutex::new));
        let Some(lines) = lines else { return Vec::new() };
        let lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.locate(address.wrapping_sub(self.bias()))
    }

    /// Its sections. Empty without a file.
    pub fn sections(&self) -> Vec<SectionInfo> {
        let Some(image) = self.image() else { return Vec::new() };
        let bias = self.bias();
        image
            .sections
            .iter()
            .map(|section| {
                let range = section.range();
                let loaded = section.flags() & SHF_ALLOC != 0;
                let place = |a: u64| if loaded { a.wrapping_add(bias) } else { 0 };
                SectionInfo {
                    name: section.name,
                    range: place(range.start)..place(range.end),
                    size: range.end - range.start,
                    kind: section.kind(),
                    flags: section.flags(),
                }
            })
            .collect()
    }

    /// The section that holds an address of the target.
    pub fn section_at(&self, address: u64) -> Option<SectionInfo> {
        self.sections().into_iter().find(|s| s.range.contains(&address))
    }

    /// The contents of a section in the file, decompressed. Not what the process had: a writable
    /// section may have changed.
    pub fn section_bytes(&self, name: &str) -> Option<&'static [u8]> {
        let image = self.image()?;
        image.section_bytes(name).or_else(|| {
            let debug = self.debug_image()?;
            debug.section(name).filter(|s| s.kind() != SHT_NOBITS)?;
            debug.section_bytes(name)
        })
    }

    /// The address of its entry point; `None` when it has none or its file is missing.
    pub fn entry(&self) -> Option<u64> {
        let entry = self.image()?.entry;
        (entry != 0).then(|| entry.wrapping_add(self.bias()))
    }

    /// Addresses of its code: the first executable segment. (MDB's `t` is its length.)
    pub fn text(&self) -> Option<Range<u64>> {
        self.segment(|flags| flags & PF_X != 0)
    }

    /// Addresses of its data: the first writable segment, `.bss` included. (MDB's `b` and `d`.)
    pub fn data(&self) -> Option<Range<u64>> {
        self.segment(|flags| flags & PF_W != 0)
    }

    /// Size and alignment of its block of thread-local storage (`PT_TLS`).
    pub fn thread_local(&self) -> Option<(u64, u64)> {
        let header = self.headers()?.iter().find(|h| h.kind == PT_TLS)?;
        Some((header.memory_size, header.align.max(1)))
    }

    fn headers(&self) -> Option<&[ProgramHeader]> {
        match (&self.0.found.loaded, self.image()) {
            (Some(loaded), _) => Some(&loaded.headers),
            (None, Some(image)) => Some(&image.headers),
            (None, None) => None,
        }
    }

    fn segment(&self, wanted: impl Fn(u32) -> bool) -> Option<Range<u64>> {
        let header = self.headers()?.iter().find(|h| h.kind == PT_LOAD && wanted(h.flags))?;
        let (range, bias) = (header.range(), self.bias());
        Some(range.start.wrapping_add(bias)..range.end.wrapping_add(bias))
    }

    /// Whether this module is meant by the name of an object: its whole path, its name, its name
    /// up to any `.` (`libc.so` or `libc` for `libc.so.6`), `a.out` for the executable.
    pub fn is_called(&self, object: &str) -> bool {
        if object.is_empty() {
            return false;
        }
        let name = self.name();
        match self.0.kind {
            ModuleKind::Executable if object == "a.out" => return true,
            // The names that /proc/PID/maps, MDB's language and the link map have for it.
            ModuleKind::Vdso => return matches!(object, "[vdso]" | "vdso" | "linux-vdso.so.1"),
            _ => {}
        }
        let short = |name: &str| {
            name.strip_prefix(object).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let link_name = || self.0.found.link_name.file_name()?.to_str();
        short(name)
            || self.path().as_os_str() == object
            || self.0.found.link_name.as_os_str() == object
            || link_name().is_some_and(short)
    }
}
