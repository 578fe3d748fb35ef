//! The holes of a sparse file.

use mdb_target::Interrupt;
use std::fs::File;
use std::ops::Range;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::MetadataExt as _;

/// More extents than an honest core has; past them a file is taken to have no holes.
const MOST: usize = 1 << 20;

/// The holes of a file of `length` bytes, at least `least` bytes long each, by offset. None are
/// found where the file system cannot tell (lseek(2), `SEEK_DATA`).
pub(crate) fn holes(
    file: &File,
    length: u64,
    least: u64,
    interrupt: &Interrupt,
) -> Vec<Range<u64>> {
    let mut holes = Vec::new();
    // st_blocks counts 512 bytes each (stat(2)).
    let sparse = file.metadata().is_ok_and(|m| m.blocks().saturating_mul(512) < length);
    if !sparse {
        return holes;
    }
    let mut at = 0;
    for _ in 0..MOST {
        if at >= length || interrupt.is_raised() {
            break;
        }
        let data = match seek(file, at, libc::SEEK_DATA) {
            Ok(data) => data.min(length),
            // The rest is one hole.
            Err(libc::ENXIO) => length,
            Err(_) => break,
        };
        if data > at && data - at >= least {
            holes.push(at..data);
        }
        if data >= length {
            break;
        }
        match seek(file, data, libc::SEEK_HOLE) {
            Ok(hole) if hole > data => at = hole,
            _ => break,
        }
    }
    holes
}

fn seek(file: &File, at: u64, whence: i32) -> Result<u64, i32> {
    let at = i64::try_from(at).map_err(|_| libc::EOVERFLOW)?;
    // SAFETY: lseek takes no pointers; the descriptor is open as long as `file` lives. Nobody
    // else uses its position: the file is read through its map.
    let found = unsafe { libc::lseek(file.as_raw_fd(), at, whence) };
    u64::try_from(found)
        .map_err(|_| std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EINVAL))
}
