//! Skips that are counted: printed by the test, and written to a file that `xtask ci` sums up.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use crate::{FixtureError, target_dir};

/// The file that skipped tests add a line to: `fixtures/skipped.txt` in the target directory.
pub fn skipped_log() -> PathBuf {
    target_dir().join("fixtures").join("skipped.txt")
}

/// Counts the test as skipped: one line `SKIPPED test: why` to standard error and to
/// [`skipped_log`].
pub fn skipped(test: &str, why: &str) {
    let line = format!("SKIPPED {test}: {why}\n");
    // Straight to the descriptor: the test harness would capture (and hide) what eprintln writes.
    let _ = io::stderr().write_all(line.as_bytes());
    let log = skipped_log();
    if let Some(dir) = log.parent() {
        let _ = fs::create_dir_all(dir);
    }
    // One short write in append mode: lines of parallel tests do not mix.
    let _ = OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .and_then(|mut file| file.write_all(line.as_bytes()));
}

/// `Some` when the fixture is there, `None` (counted as a skip of `test`) when this machine cannot
/// make it, and the error for everything else.
///
/// ```no_run
/// # fn test() -> Result<(), mdb_fixtures::FixtureError> {
/// let Some(core) = mdb_fixtures::available("opens_threads", mdb_fixtures::fixture("threads"))? else {
///     return Ok(());
/// };
/// # Ok(())
/// # }
/// ```
pub fn available<T>(
    test: &str,
    result: Result<T, FixtureError>,
) -> Result<Option<T>, FixtureError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(FixtureError::Unavailable { why }) => {
            skipped(test, &why);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
