//! A core with its modules, as the engine opens it.

use mdb_corefile::{OpenOptions, open_core};
use mdb_debuginfo::{Demangler, Distance, FileSearch, Modules, UnwindSections};
use mdb_fixtures::Fixture;
use mdb_target::{RegisterSet, Target};
use mdb_unwind::{Frame, StackEnd, UnwindSources, Unwinder};
use std::path::Path;
use std::sync::Arc;

pub struct Opened {
    pub target: Arc<dyn Target>,
    pub modules: Arc<Modules>,
}

pub fn open(core: &Path, executable: Option<&Path>) -> Opened {
    let target: Arc<dyn Target> = Arc::new(open_core(core, &OpenOptions::default()).unwrap());
    let search = FileSearch { executable: executable.map(Path::to_owned), ..FileSearch::default() };
    let modules = Modules::discover(Arc::clone(&target), search);
    Opened { target, modules }
}

/// The fixture of this name; `None` where this machine cannot make it, which is counted.
pub fn fixture(test: &str, name: &str) -> Option<(Fixture, Opened)> {
    let fixture = mdb_fixtures::available(test, mdb_fixtures::fixture(name)).unwrap()?;
    let opened = open(&fixture.core, None);
    Some((fixture, opened))
}

impl Opened {
    pub fn walk(&self, registers: RegisterSet) -> (Vec<Frame>, StackEnd) {
        Unwinder::new(self.target.memory(), self.target.arch(), self)
            .frames(registers)
            .collect_with_end(1 << 20)
    }

    /// The stack of the thread with this number.
    pub fn stack(&self, number: usize) -> (Vec<Frame>, StackEnd) {
        self.walk(self.target.threads()[number - 1].registers.clone())
    }

    /// The function that a frame is in, without arguments and namespaces.
    pub fn function(&self, frame: &Frame) -> Option<String> {
        let (_, symbol, _) = self.modules.symbol_at(frame.lookup_pc, Distance::Smart)?;
        let name = Demangler::default().demangle(symbol.name).into_owned();
        let name = name.split('(').next().unwrap_or(&name);
        let name = name.rsplit("::").next().unwrap_or(name);
        Some(name.split('<').next().unwrap_or(name).to_owned())
    }

    /// Whether a frame is in the program itself.
    pub fn in_program(&self, frame: &Frame) -> bool {
        self.modules.executable().is_some_and(|m| m.contains(frame.lookup_pc))
    }

    pub fn describe(&self, frames: &[Frame], end: &StackEnd) -> String {
        let mut text = String::new();
        for f in frames.iter().take(30) {
            let name = self.function(f).unwrap_or_default();
            let line = format!("{:x} sp {:x} {} ({})\n", f.pc, f.sp, name, f.found_by);
            text.push_str(&line);
        }
        text + &end.to_string()
    }
}

impl UnwindSources for Opened {
    fn sections(&self, pc: u64) -> Option<UnwindSections> {
        self.modules.unwind_sections(pc)
    }

    fn is_executable(&self, pc: u64) -> Option<bool> {
        let mapping = self.target.mappings().iter().find(|m| m.range.contains(&pc));
        match mapping {
            None => Some(false),
            Some(mapping) => mapping.permissions.map(|p| p.execute),
        }
    }

    fn function_start(&self, pc: u64) -> Option<u64> {
        self.modules.symbol_at(pc, Distance::Smart).map(|(_, _, offset)| pc - offset)
    }

    fn is_entry(&self, pc: u64) -> bool {
        // The kernel's word for it; also where the program's file is missing.
        let entry = self.target.auxv().get(mdb_target::Auxv::ENTRY);
        entry.is_some_and(|entry| (entry..entry + 0x40).contains(&pc))
    }
}
