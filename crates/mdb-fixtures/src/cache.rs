//! Where fixtures are kept, and the lock that makes each one once.

use std::env;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use crate::FixtureError;

/// The root of the workspace that this crate was compiled in.
pub fn workspace_dir() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// The `fixtures` folder of the workspace: sources and committed files.
pub fn fixtures_dir() -> PathBuf {
    workspace_dir().join("fixtures")
}

/// Cargo's target directory: the one that the running program lies in, `CARGO_TARGET_DIR`, or
/// `target` in the workspace.
pub fn target_dir() -> PathBuf {
    // cargo marks its target directories with this file.
    let of_program = env::current_exe().ok().and_then(|program| {
        program.ancestors().find(|dir| dir.join("CACHEDIR.TAG").is_file()).map(Path::to_owned)
    });
    of_program
        .or_else(|| env::var_os("CARGO_TARGET_DIR").map(|dir| workspace_dir().join(dir)))
        .unwrap_or_else(|| workspace_dir().join("target"))
}

/// `fixtures` below the target directory, created.
pub(crate) fn cache_dir() -> Result<PathBuf, FixtureError> {
    let dir = target_dir().join("fixtures");
    fs::create_dir_all(&dir).map_err(FixtureError::io("create", &dir))?;
    Ok(dir)
}

/// A key under construction: everything that decides what a fixture looks like.
pub(crate) struct Key(DefaultHasher);

impl Key {
    /// A key that already holds what all fixtures of this machine share: the libraries.
    pub(crate) fn new() -> Self {
        static LIBRARIES: OnceLock<(u64, i64)> = OnceLock::new();
        let mut hasher = DefaultHasher::new();
        // Rewritten whenever a system library changes: an old core would no longer fit its libc.
        let stamp = LIBRARIES.get_or_init(|| {
            fs::metadata("/etc/ld.so.cache").map_or((0, 0), |meta| (meta.len(), meta.mtime()))
        });
        stamp.hash(&mut hasher);
        Self(hasher)
    }

    /// Adds a value.
    pub(crate) fn add(&mut self, value: impl Hash) {
        value.hash(&mut self.0);
    }

    /// The key as it stands in a directory's name.
    pub(crate) fn finish(&self) -> String {
        format!("{:016x}", self.0.finish())
    }
}

/// Gives the directory `NAME-KEY` of the cache, filled by `fill` if no one did before.
///
/// One process fills, others wait for its lock. A `fill` that fails leaves nothing that counts: the
/// file `done` is written last. Old directories of the same name with another key go.
pub(crate) fn filled(
    name: &str,
    key: &str,
    fill: impl FnOnce(&Path) -> Result<(), FixtureError>,
) -> Result<PathBuf, FixtureError> {
    let cache = cache_dir()?;
    let dir = cache.join(format!("{name}-{key}"));
    let done = dir.join("done");
    if done.is_file() {
        return Ok(dir);
    }
    let lock_path = cache.join(format!("{name}.lock"));
    let lock = File::create(&lock_path).map_err(FixtureError::io("create", &lock_path))?;
    flock(&lock).map_err(FixtureError::io("lock", &lock_path))?;
    if done.is_file() {
        return Ok(dir);
    }
    remove_outdated(&cache, name);
    fs::create_dir_all(&dir).map_err(FixtureError::io("create", &dir))?;
    fill(&dir)?;
    fs::write(&done, "").map_err(FixtureError::io("write", &done))?;
    Ok(dir)
}

/// Removes `NAME-<16 hex digits>` directories that a day has passed over: what is younger may be in
/// use by another checkout with the same target directory.
fn remove_outdated(cache: &Path, name: &str) {
    let Ok(entries) = fs::read_dir(cache) else { return };
    for entry in entries.flatten() {
        let file_name = entry.file_name();
        let key = file_name.to_str().and_then(|text| text.strip_prefix(name)?.strip_prefix('-'));
        let ours =
            key.is_some_and(|key| key.len() == 16 && key.bytes().all(|b| b.is_ascii_hexdigit()));
        let age = entry.metadata().ok().and_then(|meta| meta.modified().ok()?.elapsed().ok());
        if ours && age.is_some_and(|age| age > Duration::from_secs(24 * 3600)) {
            // Best effort: what stays only costs disk.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Waits for the exclusive lock on an open file; closing the file gives it back.
fn flock(file: &File) -> io::Result<()> {
    loop {
        // SAFETY: flock takes a descriptor, which `file` keeps open, and touches no memory.
        if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX) } == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}
