//! The program on a terminal, as a person has it.

use super::{TempDir, mdb};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::Child;
use std::time::{Duration, Instant};

/// A terminal with the program on it.
pub(crate) struct Terminal {
    master: File,
    child: Child,
    /// All that was shown and not yet waited for.
    pub(crate) shown: String,
}

impl Terminal {
    /// The program with these words, on a terminal of 80 columns.
    pub(crate) fn open(home: &TempDir, words: &[&str], rows: u16) -> Self {
        let (mut master, mut slave) = (-1, -1);
        let size = libc::winsize { ws_row: rows, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: the two numbers and the size are ours; name and termios may be null.
        let failed = unsafe {
            libc::openpty(
                &raw mut master,
                &raw mut slave,
                std::ptr::null_mut(),
                std::ptr::null(),
                &raw const size,
            )
        };
        assert_eq!(failed, 0);
        // SAFETY: openpty opened both, and nobody else has them.
        let (master, slave) = unsafe { (File::from_raw_fd(master), OwnedFd::from_raw_fd(slave)) };
        let mut command = mdb();
        command
            .env("TERM", "xterm")
            .env("HOME", &home.path)
            .args(words)
            .stdin(slave.try_clone().unwrap())
            .stdout(slave.try_clone().unwrap())
            .stderr(slave);
        // SAFETY: setsid and ioctl may be called between fork and exec.
        unsafe {
            command.pre_exec(|| {
                // The terminal becomes the one that ^C comes from.
                if libc::setsid() < 0 || libc::ioctl(0, libc::TIOCSCTTY, 0) != 0 {
                    return Err(std::io::Error::last_os_error());
                }
                Ok(())
            });
        }
        let child = command.spawn().unwrap();
        Self { master, child, shown: String::new() }
    }

    /// Types.
    pub(crate) fn send(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    /// Reads what is there, for a moment; whether the program still has the terminal.
    fn read(&mut self) -> bool {
        let mut poll =
            libc::pollfd { fd: self.master.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one pollfd, as the count says.
        if unsafe { libc::poll(&raw mut poll, 1, 100) } <= 0 {
            return true;
        }
        let mut bytes = [0; 4096];
        match self.master.read(&mut bytes) {
            Ok(read) if read > 0 => {
                self.shown.push_str(&String::from_utf8_lossy(bytes.get(..read).unwrap()));
                true
            }
            // EIO: nobody has the other side open.
            _ => false,
        }
    }

    /// Waits until all these texts were shown one after the other.
    pub(crate) fn expect(&mut self, texts: &[&str]) {
        let deadline = Instant::now() + Duration::from_secs(60);
        for text in texts {
            loop {
                if let Some(at) = self.shown.find(text) {
                    self.shown.drain(..at + text.len());
                    break;
                }
                let open = self.read();
                if !open || Instant::now() > deadline {
                    let end = self.shown.len().saturating_sub(500);
                    panic!("{text:?} is not in ...{:?}", self.shown.get(end..));
                }
            }
        }
    }

    /// Its exit status, once it has gone.
    pub(crate) fn status(mut self) -> Option<i32> {
        while self.read() {}
        self.child.wait().unwrap().code()
    }
}
