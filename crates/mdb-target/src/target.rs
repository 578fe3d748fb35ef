//! What is being debugged.

use crate::{AddressSpace, Arch, Auxv, Interrupt, Mapping, Note, Process, SignalInfo, Thread};
use std::path::Path;

/// The kinds of target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TargetKind {
    /// Nothing: expressions only.
    None,
    /// An executable or a library that does not run.
    Object,
    /// A core file.
    Core,
    /// A process.
    Live,
}

/// What is being debugged. All of it stands still while a command runs.
pub trait Target: Send + Sync {
    /// Which kind.
    fn kind(&self) -> TargetKind;
    /// The processor's architecture.
    fn arch(&self) -> Arch;
    /// Its memory.
    fn memory(&self) -> &AddressSpace;
    /// The file that was opened.
    fn path(&self) -> Option<&Path> {
        None
    }
    /// Its threads, by number; the one that crashed first.
    fn threads(&self) -> &[Thread] {
        &[]
    }
    /// The thread with this number (1..N).
    fn thread_numbered(&self, number: u32) -> Option<&Thread> {
        let threads = self.threads();
        // They are in order; where one is left out, it is searched for.
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        let found = threads.get(place).filter(|t| t.number == number);
        found.or_else(|| threads.iter().find(|t| t.number == number))
    }
    /// Its mappings, by address.
    fn mappings(&self) -> &[Mapping] {
        &[]
    }
    /// Who it was.
    fn process(&self) -> &Process;
    /// Why it died or stopped.
    fn signal(&self) -> Option<&SignalInfo> {
        None
    }
    /// Its auxiliary vector.
    fn auxv(&self) -> &Auxv;
    /// Raw notes.
    fn notes(&self) -> &[Note] {
        &[]
    }
    /// Where the thread-local storage of a thread begins (`%fs`'s base, `tpidr_el0`).
    fn thread_pointer(&self, thread: &Thread) -> Option<u64> {
        thread.registers.get(match self.arch() {
            Arch::X86_64 => crate::x86_64::registers::FS_BASE,
            Arch::Aarch64 => crate::aarch64::registers::TPIDR,
        })
    }
    /// What the user should know before trusting the target: it was truncated, made by gcore,
    /// lacks notes. One sentence each.
    fn warnings(&self) -> &[String] {
        &[]
    }
    /// Who wrote the core: `gcore` or the kernel, if it can be told.
    fn written_by_gcore(&self) -> bool {
        false
    }
}

/// No target: every read faults.
pub struct NullTarget {
    memory: AddressSpace,
    process: Process,
    auxv: Auxv,
}

impl NullTarget {
    /// Nothing at all.
    pub fn new(interrupt: Interrupt) -> Self {
        Self {
            memory: AddressSpace::new(interrupt),
            process: Process::default(),
            auxv: Auxv::default(),
        }
    }
}

impl Target for NullTarget {
    fn kind(&self) -> TargetKind {
        TargetKind::None
    }
    fn arch(&self) -> Arch {
        if cfg!(target_arch = "aarch64") { Arch::Aarch64 } else { Arch::X86_64 }
    }
    fn memory(&self) -> &AddressSpace {
        &self.memory
    }
    fn process(&self) -> &Process {
        &self.process
    }
    fn auxv(&self) -> &Auxv {
        &self.auxv
    }
}
