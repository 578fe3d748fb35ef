//! What the unwinder asks about the code at a pc.

use mdb_debuginfo::UnwindSections;

/// Answers about the code at a pc. The engine implements it over the modules and mappings of a
/// target; tests write it by hand.
///
/// Answers are cached, so they have to stay the same for as long as an
/// [`UnwindCache`](crate::UnwindCache) lives.
pub trait UnwindSources: Send + Sync {
    /// The unwind sections of the module that holds `pc`. [`UnwindSections::module`] has to be
    /// another number for each module.
    fn sections(&self, pc: u64) -> Option<UnwindSections>;

    /// Whether the memory at `pc` may be executed, if mappings are known. `Some(false)` also
    /// means that nothing is mapped there.
    fn is_executable(&self, pc: u64) -> Option<bool>;

    /// Where the function (symbol) that holds `pc` begins.
    fn function_start(&self, pc: u64) -> Option<u64> {
        let _ = pc;
        None
    }

    /// Whether `pc` is in the program's entry function (`_start`), which has no caller.
    fn is_entry(&self, pc: u64) -> bool {
        let _ = pc;
        false
    }
}

/// Knows nothing: frames are found by frame pointers and by scans.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSources;

impl UnwindSources for NoSources {
    fn sections(&self, _pc: u64) -> Option<UnwindSections> {
        None
    }

    fn is_executable(&self, _pc: u64) -> Option<bool> {
        None
    }
}
