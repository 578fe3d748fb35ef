//! `::exception`: the C++ exceptions in flight.

use super::cxx::{Exception, Globals, of_thread};
use super::text::one_line;
use mdb_dmod::Thread;
use mdb_dmod::prelude::*;

/// `[thread]::exception`.
pub(crate) struct ExceptionCommand;

impl Dcmd for ExceptionCommand {
    const DECLARATION: Declaration = Declaration::new(
        "exception",
        "print the C++ exceptions that were thrown and not yet done with",
    )
    .help(
        "ADDRESS is a thread's number or kernel id; without it all threads are asked. \
                 Where nobody catches an exception, `std::terminate` has it. What it says is read \
                 as data, so only of `std::logic_error`, `std::runtime_error`, classes that \
                 inherit from them, strings and numbers; nothing of the target is run.",
    )
    .input("thread")
    .columns(&[
        Column::new("THREAD", cell_kind::UNSIGNED),
        Column::new("OBJECT", cell_kind::ADDRESS).width(16).item(),
        Column::new("TYPE", cell_kind::TEXT).width(24),
        Column::new("WHAT", cell_kind::TEXT),
        Column::new("OF BASE", cell_kind::BOOLEAN)
            .detail()
            .help("the class has a what() of its own, which may say something else"),
        Column::new("HANDLERS", cell_kind::SIGNED).detail(),
        Column::new("TYPE INFO", cell_kind::ADDRESS).detail(),
    ])
    .examples(&[Example::new(
        "::exception",
        "nothing, where the process has no C++ or none is in flight",
    )]);

    fn run(s: &Session<'_>) -> Result<()> {
        let threads = match s.address() {
            Some(id) => vec![s.thread(id)?],
            None => s.threads()?,
        };
        let Some(globals) = Globals::find(s, &threads)? else {
            return s.row_as(
                &Exception::default().cells(None),
                "the process has no C++ runtime (libstdc++), or its symbols are missing\n",
            );
        };
        let mut any = false;
        for thread in threads {
            for exception in in_thread(s, &globals, &thread)? {
                any = true;
                s.row(&exception.cells(Some(thread.number)))?;
            }
        }
        if any {
            return Ok(());
        }
        s.row_as(&Exception::default().cells(None), "no C++ exception is in flight\n")
    }
}

/// Those of a thread; what cannot be read is a warning.
pub(crate) fn in_thread(
    s: &Session<'_>,
    globals: &Globals,
    thread: &Thread,
) -> Result<Vec<Exception>> {
    let Some(at) = globals.in_thread(s, thread)? else { return Ok(Vec::new()) };
    let (all, error) = of_thread(s, at)?;
    if let Some(error) = error {
        s.warn(&format!("thread {}: {error}", thread.number))?;
    }
    Ok(all)
}

impl Exception {
    fn cells(&self, thread: Option<u32>) -> [Cell<'_>; 7] {
        if thread.is_none() {
            return Default::default();
        }
        [
            thread.map_or(Cell::None, |thread| Cell::Unsigned(thread.into())),
            Cell::Address(self.object),
            Cell::text(self.type_name.as_str()),
            Cell::text(self.what.as_deref().unwrap_or("")),
            Cell::Boolean(self.what_is_of_base),
            Cell::Signed(self.handlers.into()),
            Cell::Address(self.type_info),
        ]
    }

    /// `std::runtime_error: text`.
    pub(crate) fn sentence(&self) -> String {
        match &self.what {
            None => {
                format!("{} (what it says is not known: it would have to be run)", self.type_name)
            }
            Some(what) if self.what_is_of_base => {
                format!("{}: {} (what its base says)", self.type_name, one_line(what))
            }
            Some(what) => format!("{}: {}", self.type_name, one_line(what)),
        }
    }
}
