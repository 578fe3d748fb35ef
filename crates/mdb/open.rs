//! From the operands to a target.

use indicatif::{HumanBytes, ProgressBar};
use mdb_corefile::{CoreError, FileKind, OpenOptions, Progress, open_core, sniff};
use mdb_debuginfo::{FileSearch, Modules, ObjectTarget, ObjectTargetError};
use mdb_target::{Interrupt, NullTarget, Target};
use std::cell::OnceCell;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// What the command line says of the target.
#[derive(Debug, Default)]
pub(crate) struct Wanted<'a> {
    /// One file or two, in any order.
    pub(crate) operands: &'a [PathBuf],
    /// The core, where it was named as such (`-c`).
    pub(crate) core: Option<&'a Path>,
    /// `-R`
    pub(crate) sysroot: Option<PathBuf>,
    /// `--force`
    pub(crate) force: bool,
}

/// The target, and where its code is from.
pub(crate) struct Opened {
    pub(crate) target: Arc<dyn Target>,
    pub(crate) modules: Arc<Modules>,
}

/// Why there is no target.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error(transparent)]
    Core(#[from] CoreError),
    #[error(transparent)]
    Object(#[from] ObjectTargetError),
    #[error("{} and {} are both {what}; expected an executable and a core", .first.display(), .second.display())]
    Twice { first: PathBuf, second: PathBuf, what: &'static str },
}

/// Which files are what.
#[derive(Debug, Default, PartialEq, Eq)]
struct Files {
    core: Option<PathBuf>,
    object: Option<PathBuf>,
}

impl Files {
    fn take_core(&mut self, path: &Path) -> Result<(), OpenError> {
        put(&mut self.core, path, "cores")
    }

    fn take(&mut self, path: &Path) -> Result<(), OpenError> {
        match sniff(path) {
            FileKind::Core | FileKind::CompressedCore => self.take_core(path),
            FileKind::Executable | FileKind::SharedObject => {
                put(&mut self.object, path, "executables or libraries")
            }
            FileKind::Other(error) => Err(error.into()),
            // No kind that mdb knows how to open: opening it as a core says what is wrong.
            _ => self.take_core(path),
        }
    }
}

fn put(slot: &mut Option<PathBuf>, path: &Path, what: &'static str) -> Result<(), OpenError> {
    match slot {
        None => {
            *slot = Some(path.to_owned());
            Ok(())
        }
        Some(first) => {
            Err(OpenError::Twice { first: first.clone(), second: path.to_owned(), what })
        }
    }
}

/// Opens what is wanted. ^C stops it.
pub(crate) fn open(wanted: Wanted<'_>, interrupt: &Interrupt) -> Result<Opened, OpenError> {
    let mut files = Files::default();
    if let Some(core) = wanted.core {
        files.take_core(core)?;
    }
    for operand in wanted.operands {
        files.take(operand)?;
    }
    let mut search = FileSearch {
        sysroot: wanted.sysroot,
        force_mismatch: wanted.force,
        ..FileSearch::default()
    };
    let target: Arc<dyn Target> = match files {
        Files { core: Some(core), object } => {
            search.executable = object;
            open_with_progress(&core, interrupt)?
        }
        Files { core: None, object: Some(object) } => {
            Arc::new(ObjectTarget::open(&object, interrupt.clone())?)
        }
        Files { core: None, object: None } => Arc::new(NullTarget::new(interrupt.clone())),
    };
    let modules = Modules::discover(Arc::clone(&target), search);
    Ok(Opened { target, modules })
}

/// A core that must be decompressed first shows how far that is.
fn open_with_progress(core: &Path, interrupt: &Interrupt) -> Result<Arc<dyn Target>, CoreError> {
    let bar: OnceCell<ProgressBar> = OnceCell::new();
    let begin = Instant::now();
    let show = |progress: Progress<'_>| {
        if begin.elapsed() >= crate::console::PATIENCE {
            let bar = bar.get_or_init(|| decompression_bar(&progress));
            bar.set_position(progress.read);
            bar.set_message(HumanBytes(progress.stored).to_string());
        }
    };
    let options = OpenOptions {
        interrupt: interrupt.clone(),
        progress: io::stderr().is_terminal().then_some(&show),
        temp_dir: None,
    };
    let opened = open_core(core, &options);
    if let Some(bar) = bar.get() {
        bar.finish_and_clear();
    }
    Ok(Arc::new(opened?))
}

/// Where the core goes and how much disk it has taken so far of what was free there.
fn decompression_bar(progress: &Progress<'_>) -> ProgressBar {
    let bar = ProgressBar::new(progress.total);
    let directory = progress.directory.to_string_lossy();
    bar.set_prefix(format!("decompressing into {}", mdb_print::escape_text(&directory)));
    let free = HumanBytes(progress.free);
    bar.set_style(crate::console::style(&format!(
        "{{prefix}} ({{msg}} of {free} free) {{wide_bar}} {{percent:>3}}% {{eta}}"
    )));
    bar
}

/// What the user should know of a target before trusting it, one sentence each.
pub(crate) fn warnings(opened: &Opened) -> Vec<String> {
    /// So many modules are named; of the others there is only the number.
    const NAMED: usize = 5;
    let mut warnings = opened.target.warnings().to_vec();
    let mut files = opened.modules.warnings();
    let more = files.len().saturating_sub(NAMED);
    files.truncate(NAMED);
    warnings.append(&mut files);
    if more > 0 {
        warnings.push(format!("{more} more modules have no file that can be used, either"));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use mdb_target::TargetKind;

    fn opened(operands: &[PathBuf], core: Option<&Path>) -> Result<Opened, OpenError> {
        open(Wanted { operands, core, ..Wanted::default() }, &Interrupt::new())
    }

    #[test]
    fn nothing_is_a_target_too() {
        assert_eq!(opened(&[], None).ok().unwrap().target.kind(), TargetKind::None);
    }

    #[test]
    fn files_are_told_apart_by_what_is_in_them() {
        let fixture = mdb_fixtures::committed().unwrap();
        let (program, core) = (fixture.executable, fixture.core);
        let kind = |operands: &[PathBuf], core| opened(operands, core).ok().unwrap().target.kind();
        assert_eq!(kind(std::slice::from_ref(&program), None), TargetKind::Object);
        assert_eq!(kind(std::slice::from_ref(&core), None), TargetKind::Core);
        assert_eq!(kind(&[program.clone(), core.clone()], None), TargetKind::Core);
        assert_eq!(kind(&[core.clone(), program.clone()], None), TargetKind::Core);
        assert_eq!(kind(std::slice::from_ref(&program), Some(&core)), TargetKind::Core);
        let error = opened(&[program.clone(), program.clone()], None).err().unwrap().to_string();
        assert!(error.contains("are both executables"), "{error}");
        let error = opened(std::slice::from_ref(&core), Some(&core)).err().unwrap().to_string();
        assert!(error.contains("are both cores"), "{error}");
        let error = opened(&[PathBuf::from("/")], None).err().unwrap().to_string();
        assert!(error.contains("a directory"), "{error}");
    }
}
