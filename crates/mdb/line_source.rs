//! Where lines come from: a prompt, standard input, a text.

use mdb_target::Interrupt;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd as _, AsRawFd as _};

/// What a source of lines gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// A line without its end.
    Line(String),
    /// The user pressed ^C instead.
    Interrupted,
    /// There are no more.
    End,
}

/// A source of lines. The line editor is one of several, so that it can be replaced by another.
pub(crate) trait LineSource {
    /// The next line. A prompt is shown only where somebody types.
    fn next(&mut self, prompt: &str) -> io::Result<Input>;

    /// Whether somebody types.
    fn is_interactive(&self) -> bool {
        false
    }
}

/// No line of a script is longer: a binary file is none.
const LONGEST_LINE: usize = 1 << 20;

/// Standard input that is no terminal. It is read byte by byte, because shell commands of the
/// script read on from the same place.
pub(crate) struct StdinLines {
    file: File,
    interrupt: Interrupt,
}

impl StdinLines {
    pub(crate) fn open(interrupt: Interrupt) -> io::Result<Self> {
        let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        Ok(Self { file, interrupt })
    }

    /// Waits until there is something to read or until the user presses ^C: a read would go on
    /// waiting after the signal.
    fn wait(&self) -> io::Result<bool> {
        const MILLISECONDS: libc::c_int = 250;
        let mut poll = libc::pollfd { fd: self.file.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        loop {
            if self.interrupt.is_raised() {
                return Ok(false);
            }
            // SAFETY: `poll` is one `pollfd`, as the count says, with an open descriptor.
            match unsafe { libc::poll(&raw mut poll, 1, MILLISECONDS) } {
                0 => {}
                -1 => {
                    let error = io::Error::last_os_error();
                    if error.kind() != io::ErrorKind::Interrupted {
                        return Err(error);
                    }
                }
                // Also at the end and after an error: the read says which.
                _ => return Ok(true),
            }
        }
    }
}

impl LineSource for StdinLines {
    fn next(&mut self, _prompt: &str) -> io::Result<Input> {
        let mut line = Vec::new();
        let mut byte = [0];
        loop {
            if !self.wait()? {
                return Ok(Input::Interrupted);
            }
            match self.file.read(&mut byte) {
                Ok(0) if line.is_empty() => return Ok(Input::End),
                Ok(0) => break,
                Ok(_) if byte == [b'\n'] => break,
                Ok(_) => line.extend_from_slice(&byte),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if line.len() > LONGEST_LINE {
                let text = format!("a line is longer than {LONGEST_LINE} bytes: not a script");
                return Err(io::Error::new(io::ErrorKind::InvalidData, text));
            }
        }
        Ok(Input::Line(text_of(&line)))
    }
}

/// The lines of a text, such as a file of commands.
pub(crate) struct TextLines {
    lines: std::vec::IntoIter<String>,
}

impl TextLines {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let lines: Vec<String> = bytes.split(|b| *b == b'\n').map(text_of).collect();
        Self { lines: lines.into_iter() }
    }
}

impl LineSource for TextLines {
    fn next(&mut self, _prompt: &str) -> io::Result<Input> {
        Ok(self.lines.next().map_or(Input::End, Input::Line))
    }
}

fn text_of(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    String::from_utf8_lossy(line).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_its_lines() {
        let mut source = TextLines::new(b"1=X\r\n\n\xff");
        let mut lines = Vec::new();
        while let Input::Line(line) = source.next("> ").unwrap() {
            lines.push(line);
        }
        assert_eq!(lines, ["1=X", "", "\u{fffd}"]);
        assert!(!source.is_interactive());
    }

    #[test]
    fn stdin_stops_at_an_interrupt() {
        let interrupt = Interrupt::new();
        let (reader, writer) = io::pipe().unwrap();
        let file = File::from(std::os::fd::OwnedFd::from(reader));
        let mut source = StdinLines { file, interrupt: interrupt.clone() };
        io::Write::write_all(&mut &writer, b"one\ntwo").unwrap();
        assert_eq!(source.next("").unwrap(), Input::Line("one".to_owned()));
        // The rest of the line never comes.
        let raiser = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(20));
            interrupt.raise();
        });
        assert_eq!(source.next("").unwrap(), Input::Interrupted);
        raiser.join().unwrap();
    }
}
