//! Last words: what to say of a SIGBUS, SIGSEGV, SIGILL or SIGFPE in the debugger itself.
//!
//! Two of their causes are nobody's bug in here. A file that is mapped was truncated by somebody
//! else: touching what is gone raises SIGBUS. And a dmod is a shared library that can do anything.
//! The handlers name the file or the dmod and let the signal do its work.

use crate::signal_text::Words;
use std::io;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::OnceLock;

type Action = libc::sigaction;

/// What was installed before: Rust's own handlers, which know a stack overflow.
static BEFORE_BUS: OnceLock<Action> = OnceLock::new();
static BEFORE_SEGV: OnceLock<Action> = OnceLock::new();
static BEFORE_ILL: OnceLock<Action> = OnceLock::new();
static BEFORE_FPE: OnceLock<Action> = OnceLock::new();

/// Installs the handlers.
pub(crate) fn install() -> io::Result<()> {
    let signals = [
        (libc::SIGBUS, &BEFORE_BUS),
        (libc::SIGSEGV, &BEFORE_SEGV),
        (libc::SIGILL, &BEFORE_ILL),
        (libc::SIGFPE, &BEFORE_FPE),
    ];
    for (signal, before) in signals {
        let mut old = MaybeUninit::<Action>::zeroed();
        // SAFETY: an action of zeros is valid: no handler, no flags, an empty mask.
        let mut new: Action = unsafe { MaybeUninit::zeroed().assume_init() };
        new.sa_sigaction = handler as *const () as usize;
        // On the alternate stack that Rust made, if there is one: the usual one may be full.
        new.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        // SAFETY: `handler` has the signature that SA_SIGINFO wants and does only what a handler
        // may; `old` has room for one action.
        if unsafe { libc::sigaction(signal, &raw const new, old.as_mut_ptr()) } != 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: sigaction filled it in, as it said.
        let _ = before.set(unsafe { old.assume_init() });
    }
    Ok(())
}

/// Only calls that signal-safety(7) allows from here on: no allocation, no lock, write(2).
extern "C" fn handler(
    signal: libc::c_int,
    info: *mut libc::siginfo_t,
    _context: *mut libc::c_void,
) {
    // SAFETY: the kernel passes a valid siginfo.
    let (code, address) = unsafe { ((*info).si_code, (*info).si_addr() as usize) };
    // Codes above 0 are faults; others are signals that somebody sent.
    let is_fault = code > 0;
    let mut words = Words::default();
    if is_fault {
        describe(&mut words, signal, address);
    }
    words.write();
    let before = match signal {
        libc::SIGBUS => &BEFORE_BUS,
        libc::SIGILL => &BEFORE_ILL,
        libc::SIGFPE => &BEFORE_FPE,
        _ => &BEFORE_SEGV,
    };
    // SAFETY: an action of zeros is SIG_DFL; the pointers are to actions that live long enough.
    unsafe {
        let default: Action = MaybeUninit::zeroed().assume_init();
        let next = match before.get() {
            Some(before) if is_fault => before,
            _ => &default,
        };
        libc::sigaction(signal, std::ptr::from_ref(next), std::ptr::null_mut());
        if !is_fault {
            libc::raise(signal);
        }
    }
    // A fault happens again now, and whoever comes next handles it.
}

fn describe(words: &mut Words, signal: libc::c_int, address: usize) {
    if signal == libc::SIGBUS
        && let Some((path, offset)) = mdb_target::mapped_file_containing(address)
    {
        words.add(b"\nmdb: ");
        words.add(path.as_os_str().as_bytes());
        words.add(b": offset ");
        words.add_hex(offset);
        words.add(b" cannot be read any more: the file was truncated while mdb had it open, or ");
        words.add(b"its disk failed\n");
        return;
    }
    if let Some((dmod, command)) = mdb_dmod_host::current_dmod_call() {
        words.add(b"\nmdb: the dmod ");
        words.add(dmod.as_bytes());
        words.add(b" crashed mdb in ");
        words.add(command.as_bytes());
        words.add(b" (address ");
        words.add_hex(address);
        words.add(b"); -A starts without dmods\n");
    }
}
