//! The program on a terminal: prompt, history, completion, pager, ^C.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod program;

use mdb_fixtures::{available, fixture};
use program::{TempDir, mdb};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::Child;
use std::time::{Duration, Instant};

/// A terminal with the program on it.
struct Terminal {
    master: File,
    child: Child,
    /// All that was shown and not yet waited for.
    shown: String,
}

impl Terminal {
    fn open(home: &TempDir, words: &[&str], rows: u16) -> Self {
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

    fn send(&mut self, keys: &str) {
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
                self.shown.push_str(&String::from_utf8_lossy(&bytes[..read]));
                true
            }
            // EIO: nobody has the other side open.
            _ => false,
        }
    }

    /// Waits until all these texts were shown one after the other.
    fn expect(&mut self, texts: &[&str]) {
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

    fn status(mut self) -> Option<i32> {
        while self.read() {}
        self.child.wait().unwrap().code()
    }
}

#[test]
fn lines_are_edited_completed_and_remembered() {
    let home = TempDir::new("prompt");
    let mut terminal = Terminal::open(&home, &[], 24);
    terminal.expect(&["> "]);
    terminal.send("1+2=X\r");
    terminal.expect(&["\n", " 3 ", "> "]);
    // The only command that begins so.
    terminal.send("::vers\t\r");
    terminal.expect(&["::version", "\n", "mdb", "> "]);
    // ^C gives the line up, ^D at an empty one ends.
    terminal.send("::nosuch\x03");
    terminal.expect(&["> "]);
    terminal.send("0t17=X\r");
    terminal.expect(&["\n", " 11 ", "> "]);
    terminal.send("\x04");
    assert_eq!(terminal.status(), Some(0));

    // The next session has the last line of this one: arrow up, return.
    let mut terminal = Terminal::open(&home, &[], 24);
    terminal.expect(&["> "]);
    terminal.send("\x1b[A");
    terminal.expect(&["0t17"]);
    terminal.send("\r");
    terminal.expect(&["\n", " 11 ", "> "]);
    // An incremental search.
    terminal.send("\x121+2");
    terminal.expect(&["1+2"]);
    terminal.send("\r");
    terminal.expect(&["\n", " 3 ", "> "]);
    terminal.send("::nosuch\r");
    terminal.expect(&["unknown dcmd name"]);
    terminal.send("::quit\r");
    // Whoever types has seen the errors.
    assert_eq!(terminal.status(), Some(0));
    let history = home.path.join(".local/state/mdb/history");
    let history = std::fs::read_to_string(history).unwrap();
    assert!(history.contains("0t17=X\n"), "{history}");
}

/// The library of `crates/mdb-dmod/examples/provides.rs`, which is built with the tests.
fn provides() -> String {
    let tests = std::env::current_exe().unwrap();
    let beside = tests.parent().and_then(std::path::Path::parent).unwrap();
    let library = beside.join("examples/libprovides.so");
    assert!(library.exists(), "{} is not built: cargo build --examples", library.display());
    format!("::load {}", library.display())
}

#[test]
fn dmods_complete_words() {
    let test = "dmods_complete_words";
    let Some(blocks) = available(test, fixture("blocks")).unwrap() else { return };
    let home = TempDir::new(test);
    let load = provides();
    let core = blocks.core.to_string_lossy();
    let mut terminal = Terminal::open(&home, &[&core], 24);
    terminal.expect(&["> "]);
    terminal.send(&format!("{load}\r"));
    terminal.expect(&["\n", "> "]);
    // The only word that begins so: the one with an escape sequence is none.
    terminal.send("::pick -c re\t\r");
    terminal.expect(&["picked red\r\n", "> "]);
    terminal.send("::pick -c a\t\r");
    terminal.expect(&["picked a blue", "> "]);
    // From the target.
    let ids: Vec<&str> = blocks.truths("entry").map(|words| words[1]).collect();
    assert_eq!(ids.len(), 3);
    terminal.send("::pick -i i\t");
    for id in ids.iter().rev() {
        terminal.expect(&[&format!("id{id}")]);
    }
    // ^U takes the line away. So many words are cut off.
    terminal.send("\x15::pick -c la\t\r");
    terminal.expect(&["picked la\r\n", "> "]);
    // Neither a panic nor an endless search ends the session.
    terminal.send("::pick panic\t\r");
    terminal.expect(&["picked panic\r\n", "> "]);
    terminal.send("::pick for\t\r");
    terminal.expect(&["picked for\r\n", "> "]);
    terminal.send("1+2=X\r");
    terminal.expect(&[" 3 ", "> "]);
    terminal.send("\x04");
    assert_eq!(terminal.status(), Some(0));
}

#[test]
fn the_prompt_and_the_end_are_options() {
    let home = TempDir::new("options");
    let mut terminal =
        Terminal::open(&home, &["-P", "t%<_x>> ", "-o", "ignoreeof", "--color", "never"], 24);
    // Not defined yet.
    terminal.expect(&["t%<_x>> "]);
    terminal.send("0x10>x\r");
    terminal.expect(&["t16> "]);
    terminal.send("\x04");
    terminal.expect(&["use '::quit'", "t16> "]);
    terminal.send("::quit\r");
    assert_eq!(terminal.status(), Some(0));
}

#[test]
fn output_stops_after_a_screenful() {
    let home = TempDir::new("pager");
    let mut terminal = Terminal::open(&home, &[], 5);
    terminal.expect(&["> "]);
    terminal.send("1,0t100::echo line; ::echo after\r");
    terminal.expect(&["line", "line", "line", "line", ">> More [<space>, <cr>, q, n, c, a] ? "]);
    assert!(!terminal.shown.contains("line"));
    terminal.send("\r");
    terminal.expect(&["line", ">> More"]);
    // `q` ends this command, not the whole line.
    terminal.send("q");
    terminal.expect(&["after", "> "]);
    terminal.send("1,0t100::echo line; ::echo after\r");
    terminal.expect(&[">> More"]);
    terminal.send("c");
    terminal.expect(&["after", "> "]);
    terminal.send("1,0t100::echo line; ::echo after\r");
    terminal.expect(&[">> More"]);
    // `a` ends all of it.
    terminal.send("a");
    terminal.expect(&["interrupted", "> "]);
    terminal.send("::set +o pager\r");
    terminal.expect(&["> "]);
    terminal.send("1,8::echo line\r");
    terminal.expect(&["line\r\n"; 8]);
    terminal.send("\x04");
    assert_eq!(terminal.status(), Some(0));
}

#[test]
fn control_c_stops_the_command_and_not_the_session() {
    let home = TempDir::new("interrupt");
    let mut terminal = Terminal::open(&home, &["+o", "pager"], 24);
    terminal.expect(&["> "]);
    terminal.send("0t42>x\r");
    terminal.expect(&["\n", "> "]);
    terminal.send("1,0xffffffffffff::echo hello\r");
    terminal.expect(&["hello\r\n", "hello\r\n"]);
    terminal.send("\x03");
    terminal.expect(&["interrupted", "> "]);
    terminal.send("<x=D\r");
    terminal.expect(&["\n", " 42 ", "> "]);
    terminal.send("\x04");
    assert_eq!(terminal.status(), Some(0));
}

/// What a slow pipe has found is shown before the pipe ends.
#[test]
fn results_are_shown_at_once() {
    let home = TempDir::new("at-once");
    let go = home.path.join("go");
    let mut terminal = Terminal::open(&home, &[], 24);
    terminal.expect(&["> "]);
    // The producer ends when we have seen its first value.
    let wait = format!("while ! test -e {}; do sleep 0.05; done", go.display());
    terminal.send(&format!("! 'echo 1; {wait}; echo 2' | ::map '.+0xabcd'\r"));
    terminal.expect(&["\n", "abce"]);
    std::fs::write(&go, "").unwrap();
    terminal.expect(&["abcf", "> "]);
    terminal.send("\x04");
    assert_eq!(terminal.status(), Some(0));
}
