//! ^C.
//!
//! The first one raises the flag that every read of memory looks at. A command of a dmod that reads
//! nothing and asks nothing cannot be stopped so: the next ^C says that, and the one after it ends
//! the program.

use crate::signal_text::Words;
use mdb_target::Interrupt;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

/// The exit status of a program that ^C ended.
const INTERRUPTED: libc::c_int = 130;

/// Installs the handler.
pub(crate) fn install(interrupt: &Interrupt) -> io::Result<()> {
    let interrupt = interrupt.clone();
    let ignored = AtomicU32::new(0);
    // SAFETY: the action does what a handler may (signal-safety(7)): atomics, a thread-local word,
    // write(2), _exit(2).
    unsafe {
        signal_hook::low_level::register(libc::SIGINT, move || pressed(&interrupt, &ignored))
    }?;
    Ok(())
}

/// ^C. `ignored` counts those that a command of a dmod did not hear.
fn pressed(interrupt: &Interrupt, ignored: &AtomicU32) {
    match mdb_dmod_host::current_dmod_call().filter(|_| interrupt.is_raised()) {
        None => ignored.store(0, Ordering::Relaxed),
        Some((dmod, command)) => {
            if ignored.fetch_add(1, Ordering::Relaxed) > 0 {
                // SAFETY: it ends the process without running anything of it.
                unsafe { libc::_exit(INTERRUPTED) };
            }
            let mut words = Words::default();
            words.add(b"\nmdb: ");
            words.add(command.as_bytes());
            words.add(b" of dmod ");
            words.add(dmod.as_bytes());
            words.add(b" does not stop; ^C once more ends mdb\n");
            words.write();
        }
    }
    interrupt.raise();
}
