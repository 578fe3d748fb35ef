//! A core as a target.

use crate::header::{self, Headers};
use crate::layout::{Layout, layout};
use crate::loads::{self, Load};
use crate::notes::{self, RawNote, kinds};
use crate::threads::{self, Threads};
use crate::warnings::Warnings;
use crate::{CoreError, compressed, file_note, holes, kind, mappings, process_notes};
use mdb_target::{
    AddressSpace, Arch, Auxv, Interrupt, Mapping, Note, Process, SignalInfo, Target, TargetKind,
    Thread, map_file,
};
use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

/// How to open a core.
#[derive(Clone, Default)]
pub struct OpenOptions<'a> {
    /// Stops the opening, and later the reads of the core's memory.
    pub interrupt: Interrupt,
    /// Is told how far the decompression of a compressed core is, first before it begins.
    pub progress: Option<&'a dyn Fn(Progress<'_>)>,
    /// Where a compressed core is decompressed to; `TMPDIR` or `/tmp` if not set. The file has
    /// no name there and vanishes with the program.
    pub temp_dir: Option<PathBuf>,
}

/// How far the decompression of a core is. All numbers are bytes.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// How much of the compressed file was read.
    pub read: u64,
    /// How long the compressed file is.
    pub total: u64,
    /// How long the decompressed core is so far.
    pub written: u64,
    /// How much disk it takes so far: zeros are not stored.
    pub stored: u64,
    /// Where it is written.
    pub directory: &'a Path,
    /// How much was free there at the beginning: the most that it may take.
    pub free: u64,
}

/// An ELF core file.
pub struct CoreFile {
    path: PathBuf,
    arch: Arch,
    memory: AddressSpace,
    threads: Vec<Thread>,
    mappings: Vec<Mapping>,
    process: Process,
    signal: Option<SignalInfo>,
    auxv: Auxv,
    notes: Vec<Note>,
    warnings: Vec<String>,
    by_gcore: bool,
}

impl std::fmt::Debug for CoreFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CoreFile").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Opens a core. Takes time by the number of its mappings and notes, not by its size, unless it
/// is compressed.
pub fn open_core(path: &Path, options: &OpenOptions<'_>) -> Result<CoreFile, CoreError> {
    let mut warnings = Warnings::default();
    let mut mapped = map_file(path)?;
    if kind::is_zstd(mapped.data) {
        mapped = compressed::decompress(path, mapped.data, options, &mut warnings)?;
    }
    // Nothing to find holes for if it is no core.
    header::read(path, mapped.data, &mut Warnings::default())?;
    let holes =
        holes::holes(&mapped.file, mapped.data.len() as u64, LEAST_HOLE, &options.interrupt);
    let core = Contents { path, data: mapped.data, holes: &holes };
    core.read(options.interrupt.clone(), warnings)
}

/// The smallest hole worth a segment of its own: the page of the machines whose cores we read.
const LEAST_HOLE: u64 = 4096;

/// The bytes of a core, decompressed.
struct Contents<'a> {
    path: &'a Path,
    data: &'static [u8],
    holes: &'a [Range<u64>],
}

impl Contents<'_> {
    fn read(&self, interrupt: Interrupt, mut warnings: Warnings) -> Result<CoreFile, CoreError> {
        let warn = &mut warnings;
        let headers = header::read(self.path, self.data, warn)?;
        let Some(layout) = layout(headers.arch) else {
            return Err(CoreError::Header {
                file: self.path.to_owned(),
                offset: 0x12,
                expected: "a machine whose notes are known",
                found: headers.arch.name().to_owned(),
            });
        };
        let fixed = |owner: &[u8], kind| fixed_size(layout, owner, kind);
        let raw = notes::read(self.data, headers.program, &fixed, warn);
        self.refuse_kernel_dump(&raw)?;
        let loads = loads::read(self.data, headers.program, warn);
        if loads.is_empty() {
            return Err(CoreError::NoMemory {
                file: self.path.to_owned(),
                offset: headers.offset,
                count: headers.program.len() as u64,
            });
        }
        // A truncated or damaged core may have lost its threads and still have its memory; one
        // that is whole and never had any is something else.
        if warn.is_empty() && !raw.iter().any(|n| n.is(b"CORE", kinds::PRSTATUS)) {
            return Err(CoreError::NoThreads {
                file: self.path.to_owned(),
                count: raw.len() as u64,
            });
        }
        if interrupt.is_raised() {
            return Err(CoreError::Interrupted { file: self.path.to_owned() });
        }
        Ok(self.build(interrupt, &headers, layout, &raw, &loads, warnings))
    }

    fn build(
        &self,
        interrupt: Interrupt,
        headers: &Headers,
        layout: &Layout,
        raw: &[RawNote],
        loads: &[Load],
        mut warnings: Warnings,
    ) -> CoreFile {
        let warn = &mut warnings;
        let by_gcore = is_by_gcore(headers, raw);
        let core_note = |kind| raw.iter().find(|n| n.is(b"CORE", kind));
        let mut process = core_note(kinds::PRPSINFO)
            .map_or_else(Process::default, |n| process_notes::process(n.data));
        let auxv =
            core_note(kinds::AUXV).map_or_else(Auxv::default, |n| process_notes::auxv(n.data));
        let files = core_note(kinds::FILE).map(|n| file_note::decode(n, warn)).unwrap_or_default();
        let Threads { list: threads, of_note, signal } =
            threads::read(headers.arch, layout, raw, by_gcore, process.pid, warn);
        for (kind, loss) in [
            (kinds::PRSTATUS, "no threads, no registers, no stacks"),
            (kinds::AUXV, "the executable and the dynamic linker are harder to find"),
            (kinds::FILE, "which files were mapped is not known"),
        ] {
            if core_note(kind).is_none() {
                let name = notes::kind_name(b"CORE", kind).unwrap_or("a note");
                warn.push(format!("the core has no {name}: {loss}"));
            }
        }

        // Honest names are in the file once for each mapping.
        let path_budget = self.data.len();
        let mut mappings = mappings::merge(loads, &files, path_budget, warn);
        let mut memory = AddressSpace::new(interrupt);
        let mut segments: Vec<_> = mappings::segments_without_load(&mappings).collect();
        let without = segments.len();
        segments.extend(loads::segments(self.data, loads, self.holes));
        // Later ones count where they overlap, so only honest ones may be put in order.
        if without > 0 && loads::are_in_order(loads) {
            segments.sort_by_key(|s| s.range.start);
        }
        memory.set_segments(segments);

        process.executable = executable(&mappings, &auxv, &memory);
        mappings::name_kinds(&mut mappings, &threads, &auxv, process.executable.as_deref());
        CoreFile {
            path: self.path.to_owned(),
            arch: headers.arch,
            memory,
            threads,
            mappings,
            process,
            signal,
            auxv,
            notes: raw.iter().zip(of_note).map(|(note, thread)| public(note, thread)).collect(),
            warnings: warnings.finish(),
            by_gcore,
        }
    }

    /// /proc/vmcore and what makedumpfile writes with -E are ELF cores of a kernel
    /// (`Documentation/admin-guide/kdump/vmcoreinfo.rst`).
    fn refuse_kernel_dump(&self, notes: &[RawNote]) -> Result<(), CoreError> {
        match notes.iter().find(|n| n.owner == b"VMCOREINFO") {
            None => Ok(()),
            Some(note) => Err(CoreError::KernelDump {
                file: self.path.to_owned(),
                offset: note.offset,
                what: "the core of a kernel (a VMCOREINFO note)",
            }),
        }
    }
}

/// The size that a note must have.
fn fixed_size(layout: &Layout, owner: &[u8], kind: u32) -> Option<usize> {
    match (owner, kind) {
        (b"CORE", kinds::PRSTATUS) => Some(layout.prstatus.size),
        (b"CORE", kinds::PRPSINFO) => Some(process_notes::PRPSINFO_SIZE),
        (b"CORE", kinds::SIGINFO) => Some(process_notes::SIGINFO_SIZE),
        _ => None,
    }
}

/// Whether gdb wrote the core (its `gcore` command or script). The kernel begins the notes with
/// the crasher's NT_PRSTATUS and writes no sections (`fs/binfmt_elf.c`); gdb begins with
/// NT_PRPSINFO (`linux_make_corefile_notes`, `gdb/linux-tdep.c`), writes a section for each
/// segment, and in newer versions (seen with 13) its target description as a note.
fn is_by_gcore(headers: &Headers, notes: &[RawNote]) -> bool {
    if notes.iter().any(|n| n.is(b"GDB", kinds::GDB_TDESC)) {
        return true;
    }
    let by_kernel = notes.first().is_some_and(|n| n.is(b"CORE", kinds::PRSTATUS));
    headers.has_sections && !by_kernel
}

/// The path of the executable: the file mapped where the kernel says that its program headers
/// or its entry point are. If that is not known, the path given to `execve`, which may be
/// relative or that of a script.
fn executable(mappings: &[Mapping], auxv: &Auxv, memory: &AddressSpace) -> Option<OsString> {
    for kind in [Auxv::PHDR, Auxv::ENTRY] {
        let mapping = auxv.get(kind).and_then(|at| mappings::find(mappings, at));
        if let Some(file) = mapping.and_then(|m| m.file.as_ref()) {
            return Some(file.path.clone());
        }
    }
    const PATH_MAX: usize = 4096;
    let path = memory.read_c_string(auxv.get(Auxv::EXECFN)?, PATH_MAX).ok()?;
    (!path.is_empty()).then(|| OsString::from_vec(path))
}

fn public(note: &RawNote, thread: Option<u32>) -> Note {
    Note {
        owner: String::from_utf8_lossy(note.owner).into_owned(),
        kind: note.kind,
        name: notes::kind_name(note.owner, note.kind),
        thread,
        data: note.data,
        offset: note.offset,
    }
}

impl CoreFile {
    /// Reads a core from memory: for fuzzing and for tests. No holes, no decompression.
    pub fn from_bytes(
        name: impl AsRef<OsStr>,
        bytes: &'static [u8],
        interrupt: Interrupt,
    ) -> Result<Self, CoreError> {
        let contents = Contents { path: Path::new(name.as_ref()), data: bytes, holes: &[] };
        contents.read(interrupt, Warnings::default())
    }
}

impl Target for CoreFile {
    fn kind(&self) -> TargetKind {
        TargetKind::Core
    }
    fn arch(&self) -> Arch {
        self.arch
    }
    fn memory(&self) -> &AddressSpace {
        &self.memory
    }
    fn path(&self) -> Option<&Path> {
        Some(&self.path)
    }
    fn threads(&self) -> &[Thread] {
        &self.threads
    }
    fn mappings(&self) -> &[Mapping] {
        &self.mappings
    }
    fn process(&self) -> &Process {
        &self.process
    }
    fn signal(&self) -> Option<&SignalInfo> {
        self.signal.as_ref()
    }
    fn auxv(&self) -> &Auxv {
        &self.auxv
    }
    fn notes(&self) -> &[Note] {
        &self.notes
    }
    fn warnings(&self) -> &[String] {
        &self.warnings
    }
    fn written_by_gcore(&self) -> bool {
        self.by_gcore
    }
}
