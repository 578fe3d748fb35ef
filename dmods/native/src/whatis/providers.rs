//! What other dmods say.

use super::explanation::Explanation;
use mdb_dmod::prelude::*;
use mdb_dmod::{RegisteredProvider, WhatisFlags, abi::provider_kind};

/// Asks all providers for all addresses in one go, and adds what they say.
pub(crate) fn explain(
    s: &Session<'_>,
    addresses: &[u64],
    found: &mut [Vec<Explanation>],
) -> Result<()> {
    let flags = WhatisFlags {
        all: s.flag('a'),
        identifier: s.flag('i'),
        quiet: s.flag('q'),
        control: s.flag('b'),
    };
    s.explanations(addresses, flags, |index, theirs| {
        let (Some(address), Some(found)) = (addresses.get(index), found.get_mut(index)) else {
            return Ok(());
        };
        found.push(of(*address, theirs));
        Ok(())
    })
}

/// Theirs, in our line: `BASE+OFFSET, TEXT`.
fn of(address: u64, theirs: &mdb_dmod::Explanation) -> Explanation {
    let offset = address.wrapping_sub(theirs.base);
    let inside = offset != 0 && (theirs.length == 0 || offset < theirs.length) && theirs.base != 0;
    let text = theirs.text.trim_end().replace('\n', "\\n");
    let text = if inside { format!("{:x}+{offset:x}, {text}", theirs.base) } else { text };
    Explanation {
        source: "provider".to_owned(),
        offset: Some(offset),
        thread: (theirs.thread != 0).then_some(theirs.thread),
        type_name: theirs.type_name.clone(),
        details: theirs.details.lines().map(str::to_owned).collect(),
        ..Explanation::new(theirs.rank, &theirs.kind, text)
    }
}

/// Who is asked besides our own sources; a host that is too old has none.
pub(crate) fn registered(s: &Session<'_>) -> Result<Vec<RegisteredProvider>> {
    match s.providers(provider_kind::WHATIS) {
        Err(error) if error.is_stop() => Err(error),
        found => Ok(found.unwrap_or_default().into_iter().filter(|p| p.enabled).collect()),
    }
}
