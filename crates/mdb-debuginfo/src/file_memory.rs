//! Mapped bytes that the core did not save, out of the files that were mapped.

use crate::elf_image::{PF_W, PT_LOAD, ProgramHeader};
use crate::file_search::FileSearch;
use crate::module::Module;
use crate::modules::Modules;
use mdb_target::{
    Fault, FaultReason, Mapping, MappingKind, MemoryReader, Target, TargetKind, map_file,
};
use std::sync::{Arc, Weak};

/// Reads from the files behind the mappings. Only bytes that the process cannot have changed
/// are given: those of a mapping that was not writable and that its module does not relocate,
/// out of a verified file.
pub(crate) struct FileMemory {
    /// Weak, for the target holds this reader and the modules hold the target.
    pub modules: Weak<Modules>,
    /// Whether the core is one from which unsaved private memory is known to be as in the file.
    pub saved_all_changes: bool,
}

/// Whether the target was written by a kernel that saved changed private memory.
///
/// The kernel (`fs/coredump.c`, `vma_dump_size`) saves a private file mapping in whole once a
/// page of it was written to, if the filter's bit 0 (anonymous private memory) is set. That the
/// bit was set shows where a stack or the heap was saved. Then a private file mapping of which
/// nothing (or only the header's page) was saved was never written to. gcore has other rules.
pub(crate) fn saved_all_changes(target: &dyn Target) -> bool {
    target.kind() == TargetKind::Core
        && !target.written_by_gcore()
        && target
            .mappings()
            .iter()
            .any(|m| m.saved > 0 && matches!(m.kind, MappingKind::Stack(_) | MappingKind::Heap))
}

fn mapping_at(target: &dyn Target, address: u64) -> Option<&Mapping> {
    let mappings = target.mappings();
    let after = mappings.partition_point(|m| m.range.start <= address);
    mappings.get(after.checked_sub(1)?).filter(|m| m.range.contains(&address))
}

/// Whether the file's segment that holds this address is writable: then the dynamic linker or the
/// program may have changed it, even if the mapping is read-only by now (RELRO).
fn segment_is_writable(headers: &[ProgramHeader], address: u64) -> bool {
    let mut covering = headers.iter().filter(|h| {
        let pages = h.address & !0xfff..h.range().end.saturating_add(0xfff) & !0xfff;
        h.kind == PT_LOAD && pages.contains(&address)
    });
    // An address of no segment at all: nobody knows.
    match covering.next() {
        Some(first) => first.flags & PF_W != 0 || covering.any(|h| h.flags & PF_W != 0),
        None => true,
    }
}

fn unavailable(address: u64, why: String) -> Fault {
    Fault::new(address, FaultReason::FileUnavailable(why.into()))
}

impl FileMemory {
    /// The bytes of the file from `address` to the end of its mapping.
    fn find(&self, address: u64) -> Result<&'static [u8], Fault> {
        let unmapped = || Fault::new(address, FaultReason::Unmapped);
        let modules = self.modules.upgrade().ok_or_else(unmapped)?;
        let target = modules.target();
        let mapping = mapping_at(target, address).ok_or_else(unmapped)?;
        let file = mapping.file.as_ref().ok_or_else(unmapped)?;
        let shown = || file.path.to_string_lossy().escape_debug().to_string();
        let data = match modules.at(address).filter(|m| m.path().as_os_str() == file.path) {
            Some(module) => self.module_data(module, mapping, address)?,
            None => data_file(modules.search(), mapping)
                .map_err(|why| unavailable(address, format!("{} {why}", shown())))?,
        };
        let offset = address - mapping.range.start;
        let left = usize::try_from(mapping.range.end - address).unwrap_or(usize::MAX);
        let start = file.offset.checked_add(offset).and_then(|o| usize::try_from(o).ok());
        match start.and_then(|s| data.get(s..)).filter(|d| !d.is_empty()) {
            Some(bytes) => Ok(bytes.get(..left).unwrap_or(bytes)),
            None => Err(unavailable(address, format!("{} ends before this byte", shown()))),
        }
    }

    fn module_data(
        &self,
        module: &Module,
        mapping: &Mapping,
        address: u64,
    ) -> Result<&'static [u8], Fault> {
        let Some(image) = module.image() else {
            return Err(unavailable(address, module.file().to_string()));
        };
        let address_in_file = address.wrapping_sub(module.bias());
        let writable = mapping.permissions.is_some_and(|p| p.write)
            || segment_is_writable(&image.headers, address_in_file);
        if writable && !self.saved_all_changes {
            let name = module.name().escape_debug();
            return Err(unavailable(
                address,
                format!("it may have been changed since it was loaded from {name}"),
            ));
        }
        Ok(image.data)
    }
}

/// A file that is no module has no build-id: nobody knows whether it changed.
fn data_file(search: &FileSearch, mapping: &Mapping) -> Result<&'static [u8], String> {
    let Some(file) = mapping.file.as_ref().filter(|_| search.force_mismatch) else {
        return Err("cannot be verified (no build-id); --force reads it nevertheless".into());
    };
    if mapping.permissions.is_none_or(|p| p.write) {
        return Err("may have been changed in memory".into());
    }
    let path = std::path::Path::new(&file.path);
    let path = match &search.sysroot {
        Some(root) => crate::module_file::below(root, path),
        None => path.to_owned(),
    };
    map_file(&path).map(|f| f.data).map_err(|error| format!("cannot be used: {error}"))
}

impl MemoryReader for FileMemory {
    fn read(&self, address: u64, buffer: &mut [u8]) -> Result<usize, Fault> {
        let bytes = self.find(address)?;
        let length = bytes.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(bytes) {
            *to = *from;
        }
        Ok(length)
    }

    fn borrow(&self, address: u64, length: usize) -> Option<&'static [u8]> {
        let bytes = self.find(address).ok()?;
        Some(bytes.get(..length).unwrap_or(bytes))
    }
}

/// Makes the target ask the files.
pub(crate) fn install(modules: &Arc<Modules>) {
    let target = modules.target();
    if target.kind() == TargetKind::Core {
        target.memory().set_fallback(Arc::new(FileMemory {
            modules: Arc::downgrade(modules),
            saved_all_changes: saved_all_changes(target),
        }));
    }
}
