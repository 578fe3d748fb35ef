//! Standard output: buffered, through the pager, and what became of it.

use crate::pager::{Pager, Screen};
use crate::terminal;
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::os::fd::AsFd as _;
use std::rc::Rc;

/// Why nothing more can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// Nobody reads any more, as behind `| head`.
    Closed,
    /// Anything else: the operating system's words.
    Failed(String),
}

/// Standard output. Clones are the same output: the engine writes to one, the front end flushes
/// another.
#[derive(Clone)]
pub(crate) struct Stdout(Rc<RefCell<Inner>>);

struct Inner {
    /// Somebody looks: whole lines are handed on at once.
    by_lines: bool,
    pager: Pager<BufWriter<Watched>, Terminal>,
    lost: Rc<RefCell<Option<Lost>>>,
}

/// Output is handed on in pieces of this size, or at the end of a command.
const BUFFER: usize = 64 << 10;
/// On a terminal ^C is to stop it soon.
const TERMINAL_BUFFER: usize = 4 << 10;

impl Stdout {
    pub(crate) fn open() -> io::Result<Self> {
        let file = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        let keys = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        let lost = Rc::default();
        let watched = Watched { file, lost: Rc::clone(&lost) };
        let by_lines = Self::is_terminal();
        let size = if by_lines { TERMINAL_BUFFER } else { BUFFER };
        let pager = Pager::new(BufWriter::with_capacity(size, watched), Terminal { keys });
        Ok(Self(Rc::new(RefCell::new(Inner { by_lines, pager, lost }))))
    }

    pub(crate) fn is_terminal() -> bool {
        io::stdout().is_terminal()
    }

    /// Before each command of the user.
    pub(crate) fn begin_command(&self, pager: bool) {
        if let Ok(mut inner) = self.0.try_borrow_mut() {
            inner.pager.begin(pager);
        }
    }

    /// Hands on what is buffered. Failures are kept for [`Stdout::lost`].
    pub(crate) fn hand_on(&self) {
        // While the output writes, nothing else is to be flushed.
        if let Ok(mut inner) = self.0.try_borrow_mut() {
            let _ = inner.pager.flush();
        }
    }

    pub(crate) fn lost(&self) -> Option<Lost> {
        self.0.try_borrow().ok()?.lost.borrow().clone()
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    // The pager's answers go through here, so nothing may be tried again.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut inner = self.0.borrow_mut();
        inner.pager.write_all(bytes)?;
        // Who waits for a slow command sees what it has found so far.
        if inner.by_lines && bytes.ends_with(b"\n") { inner.pager.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.borrow_mut().pager.flush()
    }
}

/// The file itself. It remembers why it failed, which tells a closed pipe from the pager's `q`.
struct Watched {
    file: File,
    lost: Rc<RefCell<Option<Lost>>>,
}

impl Write for Watched {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.file.write(bytes);
        if let Err(error) = &result
            && error.kind() != io::ErrorKind::Interrupted
        {
            *self.lost.borrow_mut() = Some(match error.kind() {
                io::ErrorKind::BrokenPipe => Lost::Closed,
                _ => Lost::Failed(error.to_string()),
            });
        }
        result
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

struct Terminal {
    keys: File,
}

impl Screen for Terminal {
    fn size(&self) -> (usize, usize) {
        terminal::size(io::stdout()).unwrap_or((24, 80))
    }

    fn key(&mut self) -> io::Result<u8> {
        terminal::read_key(&self.keys)
    }
}
