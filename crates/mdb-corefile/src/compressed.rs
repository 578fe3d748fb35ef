//! zstd-compressed cores, as systemd-coredump writes them: one frame, no index, so the core is
//! streamed once into a temporary file, and that is mapped.

use crate::corefile::{OpenOptions, Progress};
use crate::warnings::Warnings;
use crate::{CoreError, kind};
use mdb_target::{MappedFile, map_open_file};
use std::ffi::CString;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// How much is decompressed at a time.
const BLOCK: usize = 1 << 20;
/// Zeros are left out in units of this: the block of the usual file systems.
const PAGE: usize = 4096;
/// How much is stored between two looks at the free space.
const LOOK_AGAIN: u64 = 64 << 20;

/// Decompresses a core into a file without a name. What comes before the end or before damage
/// is used, with a warning.
pub(crate) fn decompress(
    path: &Path,
    data: &'static [u8],
    options: &OpenOptions<'_>,
    warnings: &mut Warnings,
) -> Result<&'static MappedFile, CoreError> {
    let directory = options.temp_dir.clone().unwrap_or_else(std::env::temp_dir);
    let temporary = |source| CoreError::Temporary {
        file: path.to_owned(),
        directory: directory.clone(),
        source,
    };
    let file = unnamed_file(&directory).map_err(temporary)?;
    let free = free_bytes(&directory).map_err(temporary)?;
    let mut output = Output {
        path,
        directory: &directory,
        file: &file,
        free,
        written: 0,
        stored: 0,
        next_look: LOOK_AGAIN,
    };
    let failed = |why| CoreError::Decompress { file: path.to_owned(), why };
    // The default bound of the window (128 MiB) holds: a hostile frame cannot ask for more.
    let mut decoder = zstd::stream::read::Decoder::with_buffer(data).map_err(failed)?;
    let mut block = vec![0; BLOCK];
    let mut damage = None;
    let total = data.len() as u64;
    while damage.is_none() {
        if options.interrupt.is_raised() {
            return Err(CoreError::Interrupted { file: path.to_owned() });
        }
        if let Some(progress) = options.progress {
            progress(Progress {
                read: total.saturating_sub(decoder.get_ref().len() as u64),
                total,
                written: output.written,
                stored: output.stored,
                directory: &directory,
                free,
            });
        }
        let mut filled = 0;
        while let Some(rest) = block.get_mut(filled..).filter(|r| !r.is_empty()) {
            match decoder.read(rest) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    damage = Some(error);
                    break;
                }
            }
        }
        let Some(part) = block.get(..filled).filter(|p| !p.is_empty()) else { break };
        if output.written == 0 {
            expect_core(path, part)?;
        }
        output.write(part)?;
    }
    if let Some(error) = damage {
        if output.written == 0 {
            return Err(failed(error));
        }
        let at = total.saturating_sub(decoder.get_ref().len() as u64);
        warnings.push(format!(
            "the compressed file is cut or damaged near offset {at:#x} ({error}); using the \
             {:#x} bytes before that",
            output.written
        ));
    }
    file.set_len(output.written).map_err(temporary)?;
    map_open_file(path, file).map_err(temporary)
}

/// Refuses what is no core before gigabytes of it are decompressed.
fn expect_core(path: &Path, start: &[u8]) -> Result<(), CoreError> {
    kind::refuse_other(path, start)
}

/// The temporary file.
struct Output<'a> {
    path: &'a Path,
    directory: &'a Path,
    file: &'a File,
    free: u64,
    written: u64,
    stored: u64,
    next_look: u64,
}

impl Output<'_> {
    /// Appends, without the pages that are zero.
    fn write(&mut self, part: &[u8]) -> Result<(), CoreError> {
        // Runs of pages with something in them.
        let mut run: Option<(usize, usize)> = None;
        for (i, page) in part.chunks(PAGE).enumerate() {
            let start = i * PAGE;
            if is_zero(page) {
                if let Some((from, to)) = run.take() {
                    self.store(part, from, to)?;
                }
            } else {
                run = Some((run.map_or(start, |r| r.0), start + page.len()));
            }
        }
        if let Some((from, to)) = run {
            self.store(part, from, to)?;
        }
        self.written = self.written.saturating_add(part.len() as u64);
        Ok(())
    }

    fn store(&mut self, part: &[u8], from: usize, to: usize) -> Result<(), CoreError> {
        let bytes = part.get(from..to).unwrap_or(&[]);
        let stored = self.stored.saturating_add(bytes.len() as u64);
        if stored > self.free {
            return Err(self.no_space());
        }
        // Others write to the disk as well.
        if stored >= self.next_look {
            self.next_look = stored.saturating_add(LOOK_AGAIN);
            if free_bytes(self.directory).is_ok_and(|free| free < LOOK_AGAIN) {
                return Err(self.no_space());
            }
        }
        let at = self.written.saturating_add(from as u64);
        self.file.write_all_at(bytes, at).map_err(|source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::FileTooLarge => self.no_space(),
            _ => CoreError::Temporary {
                file: self.path.to_owned(),
                directory: self.directory.to_owned(),
                source,
            },
        })?;
        self.stored = stored;
        Ok(())
    }

    fn no_space(&self) -> CoreError {
        CoreError::NoSpace {
            file: self.path.to_owned(),
            directory: self.directory.to_owned(),
            free: self.free,
            stored: self.stored,
            reached: self.written,
        }
    }
}

fn is_zero(page: &[u8]) -> bool {
    static ZEROS: [u8; PAGE] = [0; PAGE];
    ZEROS.get(..page.len()).is_some_and(|zeros| zeros == page)
}

/// A file without a name, readable by nobody else: a core has everything that the process knew.
fn unnamed_file(directory: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    match options.clone().custom_flags(libc::O_TMPFILE).open(directory) {
        Ok(file) => return Ok(file),
        // The file system cannot (open(2)).
        Err(e) if matches!(e.raw_os_error(), Some(libc::EOPNOTSUPP | libc::EISDIR)) => {}
        Err(e) => return Err(e),
    }
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for attempt in 0..100 {
        let name: PathBuf = directory.join(format!(".mdb-core-{}-{attempt}", std::process::id()));
        match options.create_new(true).open(&name) {
            Ok(file) => {
                fs::remove_file(&name)?;
                return Ok(file);
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => last = e,
            Err(e) => return Err(e),
        }
    }
    Err(last)
}

/// How many bytes an ordinary user may still write where a directory is (statvfs(3)).
fn free_bytes(directory: &Path) -> io::Result<u64> {
    let path = CString::new(directory.as_os_str().as_bytes())?;
    let mut answer = std::mem::MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: the path ends with a NUL and `answer` has room for the structure.
    let failed = unsafe { libc::statvfs(path.as_ptr(), answer.as_mut_ptr()) } != 0;
    if failed {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: statvfs filled it in, as it said.
    let answer = unsafe { answer.assume_init() };
    Ok(answer.f_bavail.saturating_mul(answer.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk with room for two pages.
    #[test]
    fn a_full_disk_is_an_error_that_says_where() {
        let directory = std::env::temp_dir();
        let file = unnamed_file(&directory).unwrap();
        let mut output = Output {
            path: Path::new("core.zst"),
            directory: &directory,
            file: &file,
            free: 2 * PAGE as u64,
            written: 0,
            stored: 0,
            next_look: LOOK_AGAIN,
        };
        output.write(&vec![0; 10 * PAGE]).unwrap();
        output.write(&[1; 2 * PAGE]).unwrap();
        output.write(&[0; PAGE]).unwrap();
        assert_eq!((output.written, output.stored), (13 * PAGE as u64, 2 * PAGE as u64));
        let error = output.write(&[1; 10]).unwrap_err();
        assert!(
            matches!(error, CoreError::NoSpace { stored: 8192, reached: 53248, .. }),
            "{error}"
        );
        let text = error.to_string();
        assert!(text.contains("TMPDIR") && text.contains(&*directory.to_string_lossy()));
        // What was written is where it belongs.
        let mut bytes = [0; 2];
        file.read_exact_at(&mut bytes, 10 * PAGE as u64).unwrap();
        assert_eq!(bytes, [1, 1]);
        assert_eq!(file.metadata().unwrap().len(), 12 * PAGE as u64);
    }
}
