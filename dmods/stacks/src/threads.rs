//! `::threads`: one row per thread.

use crate::sleep::{LOCK_FRAMES, state, waits_for};
use mdb_dmod::Thread;
use mdb_dmod::prelude::*;
use mdb_dmod::signal_name;

/// `::threads`.
pub(crate) struct Threads;

/// How far up the stack the first frame outside the C library is looked for.
const DEEPEST: u32 = 32;

impl Dcmd for Threads {
    const DECLARATION: Declaration = Declaration::new("threads", "print one line for each thread")
        .help(
            "Number (1 is the thread that crashed), the kernel's thread id, state, what it waits \
             for, the function it is in, and the innermost function outside the C library. STATE \
             and SOBJ are told from the registers: a core does not record them.\n\n\
             With an address, or in a pipe, only that thread.",
        )
        .input("thread")
        .output("thread")
        .columns(&[
            Column::new("THREAD", cell_kind::UNSIGNED).item(),
            Column::new("TID", cell_kind::UNSIGNED).width(8),
            Column::new("STATE", cell_kind::TEXT).width(8),
            Column::new("SOBJ", cell_kind::TEXT).width(8),
            Column::new("SIGNAL", cell_kind::TEXT).width(8),
            Column::new("FUNCTION", cell_kind::TEXT).width(24),
            Column::new("CALLER", cell_kind::TEXT),
            Column::new("PC", cell_kind::ADDRESS).detail(),
            Column::new("SP", cell_kind::ADDRESS).detail(),
            Column::new("NAME", cell_kind::TEXT).detail(),
        ])
        .examples(&[
            Example::new("::threads", "all threads"),
            Example::new("::threads | ::findstack", "the stack of each"),
        ]);

    fn run(s: &Session<'_>) -> Result<()> {
        let threads = match s.address() {
            Some(id) => vec![s.thread(id)?],
            None => s.threads()?,
        };
        threads.iter().try_for_each(|thread| row(s, thread))
    }
}

/// Whether a module is the C library's or the kernel's: every thread that sleeps is in one.
fn is_system(module: &str) -> bool {
    ["libc.so", "libc-", "libpthread", "ld-linux", "ld-musl", "linux-vdso", "[vdso]", "vdso"]
        .iter()
        .any(|prefix| module.starts_with(prefix))
}

fn row(s: &Session<'_>, thread: &Thread) -> Result<()> {
    if s.output_mode().pipe {
        return s.emit(thread.number.into());
    }
    let (state, call) = state(s, thread);
    let mut inner: Vec<String> = Vec::new();
    let (mut function, mut caller) = (String::new(), String::new());
    let walked = s.plain_frames(thread.number, DEEPEST, |frame| {
        if inner.len() < LOCK_FRAMES {
            inner.push(frame.function.to_owned());
        }
        if function.is_empty() {
            frame.text.clone_into(&mut function);
        } else if !frame.is_doubtful && !is_system(frame.module) {
            frame.text.clone_into(&mut caller);
            return Err(Error::Closed);
        }
        Ok(())
    });
    match walked {
        Err(error) if error != Error::Closed => return Err(error),
        _ => {}
    }
    let signal = if thread.crashed && thread.signal != 0 {
        signal_name(thread.signal)
    } else {
        String::new()
    };
    s.row(&[
        Cell::Unsigned(thread.number.into()),
        Cell::Unsigned(thread.tid.into()),
        Cell::text(state.name()),
        Cell::text(waits_for(call, inner.iter().map(String::as_str))),
        Cell::text(signal),
        Cell::text(function),
        Cell::text(caller),
        Cell::Address(thread.pc),
        Cell::Address(thread.sp),
        Cell::text(thread.name.as_str()),
    ])
}
