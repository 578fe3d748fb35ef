//! Answers that are partial: what could not be read is left out or written down, and ^C ends all.

use mdb_dmod::prelude::*;

/// Keeps ^C; everything else is nothing.
pub(crate) fn found<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_stop() => Err(error),
        Err(_) => Ok(None),
    }
}

/// Keeps ^C; what else went wrong is written down.
pub(crate) fn noted<T>(
    troubles: &mut Vec<String>,
    what: &str,
    result: Result<T>,
) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_stop() => Err(error),
        Err(error) => {
            troubles.push(format!("{what}: {error}"));
            Ok(None)
        }
    }
}
