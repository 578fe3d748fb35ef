//! Where thread-local variables are.

use mdb_debuginfo::{Module, ModuleKind, Modules};
use mdb_target::Arch;

/// The address of a thread-local symbol of a module in the thread that has this thread pointer.
/// `value` is the symbol's, an offset in the module's block. x86-64 only.
///
/// The executable's block ends at the thread pointer, rounded up to its alignment (variant II of
/// "ELF Handling For Thread-Local Storage", section 3, which the psABI refers to). Where the block
/// of a library is only the dynamic linker knows; glibc says where it writes it down in the
/// descriptors for its own `libthread_db` (`nptl/db_info.c`: size in bits, count, offset).
pub(crate) fn address(
    modules: &Modules,
    module: &Module,
    value: u64,
    thread_pointer: u64,
) -> Option<u64> {
    if modules.target().arch() != Arch::X86_64 {
        return None;
    }
    if module.kind() == ModuleKind::Executable {
        let (size, align) = module.thread_local()?;
        let rounded = size.checked_next_multiple_of(align)?;
        return Some(thread_pointer.wrapping_sub(rounded).wrapping_add(value));
    }
    let memory = modules.target().memory();
    let link_map = module.link_map()?;
    let offset = descriptor(modules, "link_map_l_tls_offset")?.offset;
    let block = memory.read_u64(link_map.checked_add(offset)?).ok()?;
    // `NO_TLS_OFFSET` and `FORCED_DYNAMIC_TLS_OFFSET` (`sysdeps/generic/ldsodefs.h`).
    if block != 0 && block != u64::MAX {
        return Some(thread_pointer.wrapping_sub(block).wrapping_add(value));
    }
    let at = link_map.checked_add(descriptor(modules, "link_map_l_tls_modid")?.offset)?;
    let number = memory.read_u64(at).ok().filter(|n| *n != 0)?;
    let vector = thread_pointer.checked_add(descriptor(modules, "pthread_dtvp")?.offset)?;
    let vector = memory.read_u64(vector).ok()?;
    let entry = descriptor(modules, "dtv_dtv")?.bits / 8;
    let pointer = descriptor(modules, "dtv_t_pointer_val")?.offset;
    let at = vector.checked_add(number.checked_mul(entry)?)?.checked_add(pointer)?;
    // `TLS_DTV_UNALLOCATED`: this thread has not used the module's variables yet.
    let block = memory.read_u64(at).ok().filter(|b| *b != u64::MAX && *b != 0)?;
    Some(block.wrapping_add(value))
}

/// The static thread-local storage of the thread that has this thread pointer, with glibc's
/// descriptor of the thread (`struct pthread`), whose size glibc writes down for its
/// `libthread_db`. x86-64 with glibc only.
pub(crate) fn static_block(modules: &Modules, thread_pointer: u64) -> Option<std::ops::Range<u64>> {
    if modules.target().arch() != Arch::X86_64 {
        return None;
    }
    let (_, symbol) = modules.lookup(None, "_thread_db_sizeof_pthread").ok()?;
    let size = modules.target().memory().read_u32(symbol.value).ok()?;
    // Blocks of modules that came later are elsewhere: they do not lie below the thread pointer.
    const LARGEST: u64 = 1 << 24;
    let below = |start: &u64| thread_pointer.checked_sub(*start).is_some_and(|d| d <= LARGEST);
    let blocks = modules.all().iter().filter(|m| m.thread_local().is_some());
    let starts = blocks.filter_map(|m| address(modules, m, 0, thread_pointer)).filter(below);
    let start = starts.min().unwrap_or(thread_pointer);
    Some(start..thread_pointer.checked_add(size.into())?)
}

struct Descriptor {
    bits: u64,
    offset: u64,
}

fn descriptor(modules: &Modules, name: &str) -> Option<Descriptor> {
    let (_, symbol) = modules.lookup(None, &format!("_thread_db_{name}")).ok()?;
    let memory = modules.target().memory();
    Some(Descriptor {
        bits: memory.read_u32(symbol.value).ok()?.into(),
        offset: memory.read_u32(symbol.value.checked_add(8)?).ok()?.into(),
    })
}
