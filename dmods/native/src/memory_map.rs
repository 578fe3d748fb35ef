//! `::memory`: where every byte of the process is.

use mdb_dmod::prelude::*;
use mdb_dmod::{Mapping, MappingKind, Module};
use std::collections::BTreeMap;
use std::ops::Range;

/// `::memory [-v] [-z]`.
pub(crate) struct MemoryMap;

/// What memory is for; in the order in which it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    Executable,
    Library,
    Bss,
    Heap,
    Stack,
    Anonymous,
    Shared,
    File,
    Vdso,
    Reserved,
}

impl Use {
    fn name(self) -> &'static str {
        match self {
            Self::Executable => "executable",
            Self::Library => "libraries",
            Self::Bss => "bss",
            Self::Heap => "heap",
            Self::Stack => "stacks",
            Self::Anonymous => "anonymous",
            Self::Shared => "shared",
            Self::File => "other files",
            Self::Vdso => "vdso",
            Self::Reserved => "reserved",
        }
    }

    fn of(mapping: &Mapping, modules: &[Module]) -> Self {
        // By address: modules do not overlap.
        let after = modules.partition_point(|module| module.start <= mapping.start);
        let module = after.checked_sub(1).and_then(|index| modules.get(index));
        let module = module.filter(|module| mapping.start < module.end);
        match mapping.kind {
            MappingKind::Stack(_) => Self::Stack,
            MappingKind::Heap => Self::Heap,
            MappingKind::Vdso => Self::Vdso,
            MappingKind::File if is_shared(&mapping.path) => Self::Shared,
            MappingKind::File => match module {
                Some(module) if module.is_executable => Self::Executable,
                Some(_) => Self::Library,
                None => Self::File,
            },
            _ if module.is_some_and(|module| module.is_vdso) => Self::Vdso,
            _ if mapping.permissions == Some([false; 3]) => Self::Reserved,
            _ if module.is_some() => Self::Bss,
            _ => Self::Anonymous,
        }
    }
}

/// Whether a path is one of memory that processes share: what the kernel calls such mappings in
/// `/proc/PID/maps` and notes in cores (`mm/memfd.c`, `ipc/shm.c`, `mm/shmem.c`).
fn is_shared(path: &str) -> bool {
    ["/dev/shm/", "/memfd:", "/SYSV", "/dev/zero"].iter().any(|prefix| path.starts_with(prefix))
}

/// A row.
#[derive(Clone, Debug, Default)]
struct Total {
    mappings: u64,
    size: u64,
    saved: u64,
    zero: u64,
    ranges: Vec<Range<u64>>,
}

impl Total {
    fn add(&mut self, other: &Self) {
        self.mappings += other.mappings;
        self.size = self.size.saturating_add(other.size);
        self.saved = self.saved.saturating_add(other.saved);
        self.zero = self.zero.saturating_add(other.zero);
    }

    fn cells<'c>(&self, what: &'c str, name: &'c str) -> [Cell<'c>; 7] {
        [
            Cell::Text(what.into()),
            Cell::Unsigned(self.mappings),
            Cell::Size(self.size),
            Cell::Size(self.saved),
            Cell::Size(self.zero),
            Cell::Size(self.saved.saturating_sub(self.zero)),
            Cell::text(name),
        ]
    }
}

impl Dcmd for MemoryMap {
    const DECLARATION: Declaration =
        Declaration::new("memory", "print where the memory of the process is")
            .help(
                "SIZE is what was mapped (reserved), SAVED what of it is in the core. ZERO is what \
                 of that is known to be zero because the core has a hole there: pages that were \
                 never written to; with `-z` all pages are looked at and zero ones counted. \
                 TOUCHED is the rest. What was mapped and not saved is in its file, was excluded \
                 (`coredump_filter`), or was never accessible (`reserved`). A core does not tell \
                 which file mappings are shared (only what is shared by its name counts as that), \
                 what was swapped out, nor what other processes had of the same pages. Heaps that \
                 malloc makes for threads are `anonymous`.",
            )
            .no_address()
            .options(&[
                Opt::flag('v', "each file and each stack by itself"),
                Opt::flag('z', "look for pages of zeros"),
            ])
            .columns(&[
                Column::new("USE", cell_kind::TEXT).width(11),
                Column::new("MAPPINGS", cell_kind::UNSIGNED),
                Column::new("SIZE", cell_kind::SIZE).width(12),
                Column::new("SAVED", cell_kind::SIZE).width(12),
                Column::new("ZERO", cell_kind::SIZE).width(12),
                Column::new("TOUCHED", cell_kind::SIZE).width(12),
                Column::new("NAME", cell_kind::TEXT),
            ])
            .examples(&[
                Example::new("::memory", "how much memory is used for what"),
                Example::new("::memory -v", "how much each library has"),
            ]);

    fn run(s: &Session<'_>) -> Result<()> {
        let mut modules = match s.modules() {
            Err(error) if error.is_stop() => return Err(error),
            modules => modules.unwrap_or_default(),
        };
        modules.sort_by_key(|module| module.start);
        let mut totals: BTreeMap<(Use, String), Total> = BTreeMap::new();
        for mapping in s.mappings()? {
            let purpose = Use::of(&mapping, &modules);
            let name = match mapping.kind {
                _ if !s.flag('v') => String::new(),
                MappingKind::Stack(thread) => format!("thread {thread}"),
                _ => mapping.path.clone(),
            };
            let total = totals.entry((purpose, name)).or_default();
            total.mappings += 1;
            total.size = total.size.saturating_add(mapping.end - mapping.start);
            total.saved = total.saved.saturating_add(mapping.saved);
            let end = mapping.start.saturating_add(mapping.saved).min(mapping.end);
            if mapping.start < end {
                total.ranges.push(mapping.start..end);
            }
        }
        let page = s.target().map_or(4096, |target| target.page_size).clamp(512, 1 << 20) as usize;
        let mut all = Total::default();
        for ((purpose, name), total) in &mut totals {
            total.zero = zeros(s, &total.ranges, s.flag('z').then_some(page))?;
            all.add(total);
            s.row(&total.cells(purpose.name(), name))?;
        }
        s.row(&all.cells("total", ""))
    }
}

/// How many bytes of the ranges are in holes of the core, or, where a page's size is given, in
/// pages of zeros.
fn zeros(s: &Session<'_>, ranges: &[Range<u64>], page: Option<usize>) -> Result<u64> {
    let memory = s.memory();
    let mut zero = 0_u64;
    for range in ranges {
        let mut at = range.start;
        while at < range.end {
            let Some(run) = memory.next_run(at)?.filter(|run| run.start < range.end) else { break };
            if run.is_zero {
                zero = zero.saturating_add(run.end.min(range.end) - run.start.max(at));
            }
            at = run.end.max(at.saturating_add(1));
        }
    }
    if let Some(page) = page {
        let count = |_: u64, bytes: &[u8], own: usize| {
            let pages = bytes.get(..own).unwrap_or(bytes).chunks(page);
            let zero = pages.filter(|page| page.iter().fold(0, |any, byte| any | byte) == 0);
            Ok(zero.map(|page| page.len() as u64).sum::<u64>())
        };
        s.scan(ranges, 0, count, |bytes| {
            zero = zero.saturating_add(bytes);
            Ok(())
        })?;
    }
    Ok(zero)
}
