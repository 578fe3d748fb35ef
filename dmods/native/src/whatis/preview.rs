//! The text at an address, if it is text.

use crate::search::runs::is_printable;
use mdb_dmod::{Mapping, Result, Session};

/// What ends with a zero is text from so many characters on; else it must be longer.
const LEAST: usize = 4;
const LEAST_OPEN: usize = 16;
/// So many characters are shown.
const SHOWN: usize = 64;

pub(crate) fn preview(
    s: &Session<'_>,
    address: u64,
    mapping: Option<&Mapping>,
) -> Result<Option<String>> {
    // Code is no text, even if it looks so.
    if mapping.is_none_or(|m| m.permissions.is_some_and(|[_, _, execute]| execute)) {
        return Ok(None);
    }
    let mut bytes = [0; SHOWN + 1];
    let got = match s.memory().read_some(address, &mut bytes) {
        Ok(got) => got,
        Err(error) if error.is_stop() => return Err(error),
        Err(_) => return Ok(None),
    };
    let bytes = bytes.get(..got).unwrap_or(&[]);
    let length = bytes.iter().take_while(|byte| is_printable(**byte)).count();
    let least = if bytes.get(length) == Some(&0) { LEAST } else { LEAST_OPEN };
    if length < least {
        return Ok(None);
    }
    let more = if length > SHOWN { "..." } else { "" };
    let text: String = bytes.iter().take(length.min(SHOWN)).map(|byte| char::from(*byte)).collect();
    Ok(Some(format!("\"{}\"{more}", text.replace('\t', "\\t"))))
}
