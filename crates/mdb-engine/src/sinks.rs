//! Where the output of whole commands ends.

use crate::failure::Failure;
use crate::item::Item;
use crate::output::{OutputMode, Sink};
use mdb_print::{Palette, StyledText, json_text};
use std::cell::{Cell, RefCell};
use std::io::{self, Write};

/// Writes to a file, a pipe or a terminal.
pub struct WriterSink {
    writer: RefCell<Box<dyn Write>>,
    palette: RefCell<Palette>,
    json: bool,
    terminal: bool,
    width: Cell<Option<usize>>,
    middle_of_line: Cell<bool>,
    /// In JSON: text that is not yet a whole line.
    pending: RefCell<String>,
}

impl std::fmt::Debug for WriterSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WriterSink").field("json", &self.json).finish_non_exhaustive()
    }
}

impl WriterSink {
    /// Writes text, or with `json` an object a line.
    pub fn new(writer: Box<dyn Write>, json: bool) -> Self {
        Self {
            writer: RefCell::new(writer),
            palette: RefCell::new(Palette::plain()),
            json,
            terminal: false,
            width: Cell::new(None),
            middle_of_line: Cell::new(false),
            pending: RefCell::default(),
        }
    }

    /// Says that it is a terminal, with this palette.
    #[must_use]
    pub fn on_terminal(mut self, palette: Palette) -> Self {
        self.terminal = true;
        self.palette = RefCell::new(palette);
        self
    }

    /// Changes the styles.
    pub fn set_palette(&self, palette: Palette) {
        self.palette.replace(palette);
    }

    /// Limits the width of lines.
    pub fn set_width(&self, width: Option<usize>) {
        self.width.set(width);
    }

    /// Writes out what is buffered.
    pub fn flush(&self) -> io::Result<()> {
        self.writer.borrow_mut().flush()
    }

    fn put(&self, text: &str) -> Result<(), Failure> {
        self.writer.borrow_mut().write_all(text.as_bytes()).map_err(|e| match e.kind() {
            // The reader has gone, or the user has seen enough.
            io::ErrorKind::BrokenPipe => Failure::Closed,
            io::ErrorKind::Interrupted => Failure::Interrupted,
            _ => Failure::Abort(format!("write to stdout failed: {e}")),
        })
    }
}

impl Sink for WriterSink {
    fn mode(&self) -> OutputMode {
        if self.json { OutputMode::Json } else { OutputMode::Text }
    }

    fn write(&self, text: &StyledText) -> Result<(), Failure> {
        if !self.json {
            let Some(last) = text.as_str().chars().next_back() else { return Ok(()) };
            self.middle_of_line.set(last != '\n');
            return self.put(&text.render(&self.palette.borrow()));
        }
        // Text is never taken for a row, whatever it begins with.
        let mut pending = self.pending.borrow_mut();
        pending.push_str(text.as_str());
        let Some((lines, rest)) = pending.rsplit_once('\n') else { return Ok(()) };
        let rest = rest.to_owned();
        for line in lines.split('\n') {
            self.put(&json_text(line))?;
            self.put("\n")?;
        }
        *pending = rest;
        Ok(())
    }

    fn write_json(&self, lines: &str) -> Result<(), Failure> {
        self.end_line()?;
        self.put(lines)
    }

    fn item(&self, _item: Item) -> Result<(), Failure> {
        Ok(())
    }

    fn width(&self) -> Option<usize> {
        self.width.get()
    }

    fn is_terminal(&self) -> bool {
        self.terminal
    }

    fn end_line(&self) -> Result<(), Failure> {
        let pending = if self.json { self.pending.take() } else { String::new() };
        if !pending.is_empty() {
            self.put(&json_text(&pending))?;
            return self.put("\n");
        }
        if self.middle_of_line.replace(false) {
            return self.put("\n");
        }
        Ok(())
    }
}

/// Keeps text and items, for commands that look at what another command prints.
#[derive(Debug, Default)]
pub struct CaptureSink {
    text: RefCell<String>,
    limit: usize,
}

impl CaptureSink {
    /// Keeps at most so many bytes of text.
    pub fn new(limit: usize) -> Self {
        Self { text: RefCell::default(), limit }
    }

    /// What was written.
    pub fn into_text(self) -> String {
        self.text.into_inner()
    }
}

impl Sink for CaptureSink {
    fn mode(&self) -> OutputMode {
        OutputMode::Text
    }

    fn write(&self, text: &StyledText) -> Result<(), Failure> {
        let mut kept = self.text.borrow_mut();
        if kept.len().saturating_add(text.as_str().len()) > self.limit {
            return Err(Failure::Closed);
        }
        kept.push_str(text.as_str());
        Ok(())
    }

    fn item(&self, _item: Item) -> Result<(), Failure> {
        Ok(())
    }
}

/// Puts blanks before each line of another sink, as `::findstack` does with frames.
pub struct IndentSink<'a> {
    inner: &'a dyn Sink,
    indent: usize,
    start_of_line: Cell<bool>,
}

impl<'a> IndentSink<'a> {
    /// Indents what goes to `inner`.
    pub fn new(inner: &'a dyn Sink, indent: usize) -> Self {
        Self { inner, indent, start_of_line: Cell::new(true) }
    }
}

impl Sink for IndentSink<'_> {
    fn mode(&self) -> OutputMode {
        self.inner.mode()
    }

    fn write(&self, text: &StyledText) -> Result<(), Failure> {
        if self.mode() != OutputMode::Text {
            return self.inner.write(text);
        }
        let mut indented = StyledText::new();
        for (role, piece) in text.spans() {
            for line in piece.split_inclusive('\n') {
                if self.start_of_line.replace(line.ends_with('\n')) {
                    indented.push_blanks(self.indent);
                }
                match role {
                    Some(role) => indented.push_role(role, line),
                    None => indented.push(line),
                }
            }
        }
        self.inner.write(&indented)
    }

    fn write_json(&self, lines: &str) -> Result<(), Failure> {
        self.inner.write_json(lines)
    }

    fn item(&self, item: Item) -> Result<(), Failure> {
        self.inner.item(item)
    }

    fn width(&self) -> Option<usize> {
        self.inner.width().map(|w| w.saturating_sub(self.indent))
    }

    fn is_terminal(&self) -> bool {
        self.inner.is_terminal()
    }
}
