//! Variables of threads: where they are.

use mdb_dmod::prelude::*;
use mdb_dmod::{Symbol, Thread};

/// Where `symbol` is in a thread. `None`: it has no such variable (yet), or only the dynamic linker
/// knows where.
pub(crate) fn address(s: &Session<'_>, thread: &Thread, symbol: &Symbol) -> Result<Option<u64>> {
    // A name between the quotes of the language, in the form OBJECT`NAME.
    let quotable = |text: &str| text.chars().all(|c| c.is_ascii_graphic() && !"'\"\\".contains(c));
    let name = &symbol.name;
    if !quotable(name) || !quotable(&symbol.module) {
        return Ok(None);
    }
    let name =
        if symbol.module.is_empty() { name.clone() } else { format!("{}`{name}", symbol.module) };
    let line = format!("0t{}::tls '{name}'", thread.number);
    let mut found = None;
    let result = s.run_items(&line, None, |item| {
        found = Some(item.value);
        Ok(())
    });
    match result {
        Err(error) if error.is_stop() => Err(error),
        _ => Ok(found),
    }
}

/// A variable in all threads.
pub(crate) struct ThreadLocal {
    symbol: Symbol,
    /// How far behind the thread pointer it is, where that is so in all threads.
    offset: Option<u64>,
}

impl ThreadLocal {
    pub(crate) fn new(s: &Session<'_>, symbol: Symbol, threads: &[Thread]) -> Result<Self> {
        // The block of a library that was there at the start is at the same place in all threads.
        // Two threads are asked; where they agree, all do.
        let mut offsets = Vec::new();
        for thread in threads.iter().take(1).chain(threads.iter().skip(1).next_back()) {
            offsets.push(
                address(s, thread, &symbol)?.map(|at| at.wrapping_sub(thread.thread_pointer)),
            );
        }
        let offset = match offsets.as_slice() {
            [Some(first), Some(last)] if first == last => Some(*first),
            [Some(only)] => Some(*only),
            _ => None,
        };
        Ok(Self { symbol, offset })
    }

    /// How far from the thread pointer it is, where that is so in all threads.
    pub(crate) fn distance(&self) -> Option<u64> {
        self.offset
    }

    pub(crate) fn in_thread(&self, s: &Session<'_>, thread: &Thread) -> Result<Option<u64>> {
        match self.offset {
            Some(offset) => Ok(Some(thread.thread_pointer.wrapping_add(offset))),
            None => address(s, thread, &self.symbol),
        }
    }
}
