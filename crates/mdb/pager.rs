//! A screenful at a time.
//!
//! The pager is a writer: it counts the rows that pass, and after a screenful it asks. The
//! answers go back as errors of the write, so that they stop whatever was writing.

use crate::terminal::{CONTROL_BACKSLASH, CONTROL_C};
use std::io::{self, Write};

/// What the pager asks of a terminal.
pub(crate) trait Screen {
    /// Rows and columns at this moment.
    fn size(&self) -> (usize, usize);
    /// Waits for a key.
    fn key(&mut self) -> io::Result<u8>;
}

const QUESTION: &[u8] = b">> More [<space>, <cr>, q, n, c, a] ? ";

/// A writer to a terminal that stops after each screenful.
pub(crate) struct Pager<W, S> {
    inner: W,
    screen: S,
    enabled: bool,
    /// Rows that may pass before the next question; `None` after the answer `c`.
    left: Option<usize>,
    column: usize,
}

impl<W: Write, S: Screen> Pager<W, S> {
    pub(crate) fn new(inner: W, screen: S) -> Self {
        Self { inner, screen, enabled: false, left: None, column: 0 }
    }

    /// A new command: the rows are counted anew.
    pub(crate) fn begin(&mut self, enabled: bool) {
        self.enabled = enabled;
        self.column = 0;
        self.left = Some(self.page());
    }

    /// The last row is for the question.
    fn page(&self) -> usize {
        self.screen.size().0.saturating_sub(1).max(1)
    }

    /// Takes one line, or a part of one without its end.
    fn put(&mut self, piece: &[u8]) -> io::Result<()> {
        self.inner.write_all(piece)?;
        let Some(left) = self.left else { return Ok(()) };
        let columns = self.screen.size().1.max(1);
        self.column += width(piece);
        if piece.last() != Some(&b'\n') {
            return Ok(());
        }
        // A line as wide as the screen takes one row.
        let rows = self.column.div_ceil(columns).max(1);
        self.column = 0;
        match left.checked_sub(rows).filter(|left| *left > 0) {
            Some(left) => {
                self.left = Some(left);
                Ok(())
            }
            None => self.ask(),
        }
    }

    fn ask(&mut self) -> io::Result<()> {
        self.inner.write_all(QUESTION)?;
        self.inner.flush()?;
        let answer = loop {
            match self.screen.key() {
                Ok(b' ') => break Ok(Some(self.page())),
                Ok(b'\r' | b'\n' | b'n' | b'N') => break Ok(Some(1)),
                Ok(b'c' | b'C') => break Ok(None),
                Ok(b'q' | b'Q' | CONTROL_C | CONTROL_BACKSLASH) => {
                    break Err(io::ErrorKind::BrokenPipe.into());
                }
                Ok(b'a' | b'A') => break Err(io::ErrorKind::Interrupted.into()),
                Ok(_) => {}
                Err(error) => break Err(error),
            }
        };
        // The question goes away: what comes next stands in its place.
        let blanks = " ".repeat(QUESTION.len());
        write!(self.inner, "\r{blanks}\r")?;
        self.inner.flush()?;
        self.left = match &answer {
            Ok(left) => *left,
            // The next command of the line begins its own screen.
            Err(_) => Some(self.page()),
        };
        answer.map(drop)
    }
}

impl<W: Write, S: Screen> Write for Pager<W, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    /// [`io::ErrorKind::BrokenPipe`]: no more of this command. [`io::ErrorKind::Interrupted`]: no
    /// more of the whole line. (The usual `write_all` would try again then.)
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.enabled {
            return self.inner.write_all(bytes);
        }
        bytes.split_inclusive(|b| *b == b'\n').try_for_each(|piece| self.put(piece))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// How many columns a piece of output takes. The escape sequences in it are the palette's:
/// they end in `m` and take none. A tab counts as eight, its most.
fn width(piece: &[u8]) -> usize {
    let text = String::from_utf8_lossy(piece);
    let mut width = 0;
    for (index, part) in text.split('\x1b').enumerate() {
        let shown = match part.split_once('m') {
            Some((_, shown)) if index > 0 => shown,
            _ => part,
        };
        let tabs = shown.matches('\t').count();
        width += mdb_print::display_width(shown.trim_end_matches('\n')) + tabs * 7;
    }
    width
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Keys(Vec<u8>);

    impl Screen for Keys {
        fn size(&self) -> (usize, usize) {
            (4, 10)
        }
        fn key(&mut self) -> io::Result<u8> {
            if self.0.is_empty() {
                Err(io::ErrorKind::UnexpectedEof.into())
            } else {
                Ok(self.0.remove(0))
            }
        }
    }

    /// What of `text` passes, and how often was asked.
    fn page(text: &str, keys: &[u8]) -> (String, usize, io::Result<()>) {
        let mut pager = Pager::new(Vec::new(), Keys(keys.to_vec()));
        pager.begin(true);
        let result = pager.write_all(text.as_bytes());
        let out = String::from_utf8(pager.inner).unwrap();
        let question =
            format!("{}\r{}\r", String::from_utf8_lossy(QUESTION), " ".repeat(QUESTION.len()));
        (out.replace(&question, ""), out.matches(">> More").count(), result)
    }

    #[test]
    fn a_screenful_passes_and_then_it_asks() {
        let (out, asked, result) = page("1\n2\n", b"");
        assert_eq!((out.as_str(), asked), ("1\n2\n", 0));
        result.unwrap();
        let (out, asked, result) = page("1\n2\n3\n4\n5\n6\n7\n", b"  ");
        assert_eq!((out.as_str(), asked), ("1\n2\n3\n4\n5\n6\n7\n", 2));
        result.unwrap();
    }

    #[test]
    fn return_gives_one_line_and_c_all() {
        let (out, asked, result) = page("1\n2\n3\n4\n5\n6\n7\n", b"\rnq");
        assert_eq!((out.as_str(), asked), ("1\n2\n3\n4\n5\n", 3));
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        let (out, asked, _) = page("1\n2\n3\n4\n5\n6\n7\n", b"xc");
        assert_eq!((out.as_str(), asked), ("1\n2\n3\n4\n5\n6\n7\n", 1));
    }

    #[test]
    fn q_and_a_stop_the_writer() {
        for (key, kind) in [
            (b'q', io::ErrorKind::BrokenPipe),
            (CONTROL_C, io::ErrorKind::BrokenPipe),
            (b'a', io::ErrorKind::Interrupted),
        ] {
            let (out, _, result) = page("1\n2\n3\n4\n", &[key]);
            assert_eq!(out, "1\n2\n3\n");
            assert_eq!(result.unwrap_err().kind(), kind);
        }
    }

    #[test]
    fn long_lines_take_several_rows_and_styles_none() {
        let (_, asked, _) = page("0123456789\n0123456789\n", b" ");
        assert_eq!(asked, 0);
        let (_, asked, _) = page("0123456789a\n0\n", b" ");
        assert_eq!(asked, 1);
        let (_, asked, _) = page("\x1b[1m\x1b[31m012345678\x1b[0m9\n0\n", b" ");
        assert_eq!(asked, 0);
        let (_, asked, _) = page("日本日本日x\n1\n", b" ");
        assert_eq!(asked, 1);
    }

    #[test]
    fn a_pager_that_is_off_asks_nothing() {
        let mut pager = Pager::new(Vec::new(), Keys(Vec::new()));
        pager.begin(false);
        pager.write_all(b"1\n2\n3\n4\n5\n").unwrap();
        assert_eq!(pager.inner, b"1\n2\n3\n4\n5\n");
    }
}
