//! The terminal: its size, one key from it, and whether there is one.

use std::io::{self, Read as _};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd};

/// Rows and columns, where a terminal says how many it has.
pub(crate) fn size(of: impl AsFd) -> Option<(usize, usize)> {
    let mut answer = MaybeUninit::<libc::winsize>::zeroed();
    // SAFETY: the descriptor is borrowed and so open; TIOCGWINSZ writes one `winsize`.
    let failed =
        unsafe { libc::ioctl(of.as_fd().as_raw_fd(), libc::TIOCGWINSZ, answer.as_mut_ptr()) } != 0;
    if failed {
        return None;
    }
    // SAFETY: a `winsize` is four numbers; all zeros, which it began as, is one too.
    let answer = unsafe { answer.assume_init() };
    (answer.ws_row > 0 && answer.ws_col > 0)
        .then(|| (usize::from(answer.ws_row), usize::from(answer.ws_col)))
}

/// Keys without their echo and without waiting for the end of a line, until it is dropped. ^C is
/// a key like any other.
struct SingleKeys<'a> {
    terminal: BorrowedFd<'a>,
    before: libc::termios,
}

impl<'a> SingleKeys<'a> {
    fn begin(terminal: BorrowedFd<'a>) -> io::Result<Self> {
        let mut before = MaybeUninit::<libc::termios>::zeroed();
        // SAFETY: the descriptor is open; tcgetattr writes one `termios`.
        if unsafe { libc::tcgetattr(terminal.as_raw_fd(), before.as_mut_ptr()) } != 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: tcgetattr filled it in, as it said.
        let before = unsafe { before.assume_init() };
        let mut now = before;
        now.c_lflag &= !(libc::ICANON | libc::ECHO | libc::ISIG);
        if let Some(least) = now.c_cc.get_mut(libc::VMIN) {
            *least = 1;
        }
        if let Some(time) = now.c_cc.get_mut(libc::VTIME) {
            *time = 0;
        }
        set(terminal, &now)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for SingleKeys<'_> {
    fn drop(&mut self) {
        // Nobody is there to be told.
        let _ = set(self.terminal, &self.before);
    }
}

fn set(terminal: BorrowedFd<'_>, to: &libc::termios) -> io::Result<()> {
    // SAFETY: the descriptor is open, and `to` is a whole `termios`.
    match unsafe { libc::tcsetattr(terminal.as_raw_fd(), libc::TCSADRAIN, to) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Waits for one key. The end of the terminal is a ^C.
pub(crate) fn read_key(mut terminal: &std::fs::File) -> io::Result<u8> {
    let _keys = SingleKeys::begin(terminal.as_fd())?;
    let mut key = [0];
    match terminal.read(&mut key)? {
        0 => Ok(CONTROL_C),
        _ => Ok(u8::from_le_bytes(key)),
    }
}

/// The byte of ^C.
pub(crate) const CONTROL_C: u8 = 3;
/// The byte of ^\.
pub(crate) const CONTROL_BACKSLASH: u8 = 0x1c;
