//! Variables of threads: where they are.

use mdb_dmod::prelude::*;
use mdb_dmod::{Symbol, Thread};

/// Where `symbol` is in a thread. `None`: it has no such variable (yet), or only the dynamic linker
/// knows where.
fn address(s: &Session<'_>, thread: &Thread, symbol: &Symbol) -> Result<Option<u64>> {
    let Some(name) = quoted(symbol) else { return Ok(None) };
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
    /// The representative thread does not have it.
    missing: bool,
}

/// The representative thread, and where the variable is in it.
fn of_representative(s: &Session<'_>, symbol: &Symbol) -> Result<Option<(Thread, u64)>> {
    let Some(name) = quoted(symbol) else { return Ok(None) };
    let thread = match s.current_thread() {
        Ok(number) => s.thread(number.into())?,
        Err(error) if error.is_stop() => return Err(error),
        Err(_) => return Ok(None),
    };
    match s.evaluate(&format!("\"{name}\"")) {
        Ok(at) => Ok(Some((thread, at))),
        Err(error) if error.is_stop() => Err(error),
        Err(_) => Ok(None),
    }
}

/// The name of a symbol as it can stand in quotes: OBJECT`NAME.
fn quoted(symbol: &Symbol) -> Option<String> {
    let quotable = |text: &str| text.chars().all(|c| c.is_ascii_graphic() && !"'\"\\".contains(c));
    let (module, name) = (&symbol.module, &symbol.name);
    (quotable(name) && quotable(module)).then(|| match module.as_str() {
        "" => name.clone(),
        module => format!("{module}`{name}"),
    })
}

impl ThreadLocal {
    pub(crate) fn new(s: &Session<'_>, symbol: Symbol, threads: &[Thread]) -> Result<Self> {
        // The block of a library that was there at the start is at the same place in all threads:
        // two are asked, and where they agree, all do. The representative thread is asked first,
        // since an expression that has no value makes no noise.
        let Some((representative, first)) = of_representative(s, &symbol)? else {
            return Ok(Self { symbol, offset: None, missing: true });
        };
        let first = first.wrapping_sub(representative.thread_pointer);
        let other = threads.iter().rev().find(|thread| thread.number != representative.number);
        let offset = match other {
            None => Some(first),
            Some(other) => address(s, other, &symbol)?
                .map(|at| at.wrapping_sub(other.thread_pointer))
                .filter(|offset| *offset == first),
        };
        Ok(Self { symbol, offset, missing: false })
    }

    /// How far from the thread pointer it is, where that is so in all threads.
    pub(crate) fn distance(&self) -> Option<u64> {
        self.offset
    }

    pub(crate) fn in_thread(&self, s: &Session<'_>, thread: &Thread) -> Result<Option<u64>> {
        match self.offset {
            Some(offset) => Ok(Some(thread.thread_pointer.wrapping_add(offset))),
            None if self.missing => Ok(None),
            None => address(s, thread, &self.symbol),
        }
    }
}
