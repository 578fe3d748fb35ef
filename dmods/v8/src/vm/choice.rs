//! What the user chose: an isolate, and what to take for granted of V8.

use super::Vm;
use super::isolates::{Isolate, Role};
use crate::layout::version::Minor;
use mdb_dmod::prelude::*;

const ISOLATE: &str = "isolate";
const ASSUMED: &str = "assumed";

/// What the user takes for granted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Assumed {
    /// The version whose built-in facts are used.
    pub(crate) version: Option<Minor>,
    /// What the binary says of itself is not used.
    pub(crate) without_metadata: bool,
}

/// What is taken for granted for the target.
pub(crate) fn assumed(s: &Session<'_>) -> Result<Assumed> {
    let Some(bytes) = s.kept(ASSUMED)? else { return Ok(Assumed::default()) };
    let number = |at: usize| {
        let bytes = bytes.get(at..at.saturating_add(4))?;
        bytes.try_into().ok().map(u32::from_le_bytes)
    };
    let version = number(0).zip(number(4)).filter(|version| *version != (0, 0));
    Ok(Assumed { version, without_metadata: bytes.get(8) == Some(&1) })
}

/// Takes something for granted from now on.
pub(crate) fn assume(s: &Session<'_>, assumed: Assumed) -> Result<()> {
    if assumed == Assumed::default() {
        return s.keep(ASSUMED, &[]);
    }
    let (major, minor) = assumed.version.unwrap_or_default();
    let mut bytes = Vec::from(major.to_le_bytes());
    bytes.extend(minor.to_le_bytes());
    bytes.push(assumed.without_metadata.into());
    s.keep(ASSUMED, &bytes)
}

/// Chooses an isolate; `None`: the choice is that of the current thread again.
pub(crate) fn choose(s: &Session<'_>, isolate: Option<u64>) -> Result<()> {
    match isolate {
        Some(address) => s.keep(ISOLATE, &address.to_le_bytes()),
        None => s.keep(ISOLATE, &[]),
    }
}

impl Vm {
    /// The isolate that the user chose, if so.
    pub(crate) fn chosen_by_user(&self, s: &Session<'_>) -> Result<Option<&Isolate>> {
        let kept = s.kept(ISOLATE)?.and_then(|bytes| bytes.try_into().ok());
        let Some(address) = kept.map(u64::from_le_bytes) else { return Ok(None) };
        Ok(self.isolates.iter().find(|isolate| isolate.address == address))
    }

    /// The isolate that commands are about: the one that the user chose, else that of the current
    /// thread, else that of the first thread, else the first.
    pub(crate) fn chosen(&self, s: &Session<'_>) -> Result<Option<&Isolate>> {
        if let Some(isolate) = self.chosen_by_user(s)? {
            return Ok(Some(isolate));
        }
        if let Some(isolate) = self.isolate_of(s.current_thread()?) {
            return Ok(Some(isolate));
        }
        let main = self.isolates.iter().find(|isolate| isolate.role == Role::Main);
        Ok(main.or(self.isolates.first()))
    }
}
