//! The main loop: texts of `-e`, scripts, the prompt. And what the exit status becomes.

use crate::console::{Console, Place};
use crate::line_source::{Input, LineSource, TextLines};
use crate::stdout::{Lost, Stdout};
use crate::terminal;
use mdb_engine::{Failure, Session, Sink as _, Source, WriterSink};
use mdb_print::Palette;
use std::cell::Cell;
use std::rc::Rc;

/// Whether to go on with the next line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Go on, or the texts are at their end.
    Continue,
    /// The session is over: `::quit`, or a failure that ends it.
    End,
    /// The user pressed ^C while a script ran.
    Interrupted,
}

/// Evaluates texts one after the other.
pub(crate) struct Runner {
    pub(crate) session: Rc<Session>,
    pub(crate) sink: WriterSink,
    pub(crate) stdout: Stdout,
    pub(crate) console: Console,
    /// The styles of output, where the user wants any.
    pub(crate) palette: Palette,
    /// Somebody types, and reads what is printed.
    pub(crate) interactive: bool,
    /// The files of the start are run: their failures are theirs.
    pub(crate) starting: Cell<bool>,
    /// Something failed.
    pub(crate) failed: Cell<bool>,
}

impl Runner {
    /// Evaluates one text. Whether it failed is kept for the exit status.
    fn evaluate(&self, text: &str, source: Source) -> Next {
        let strict = self.prepare();
        self.session.clear_failed();
        let result = self.session.evaluate(text, source, &self.sink);
        // Half a line before the next prompt or at the end of a file.
        let _ = self.sink.end_line();
        self.stdout.hand_on();
        let failed = self.session.has_failed();
        self.failed.set(self.failed.get() || failed);
        if self.stdout.lost().is_some() {
            return Next::End;
        }
        match result {
            Err(Failure::Quit) => Next::End,
            Err(Failure::Interrupted) if !self.interactive => Next::Interrupted,
            _ if failed && strict && !self.interactive && !self.starting.get() => Next::End,
            _ => Next::Continue,
        }
    }

    /// Before each text: what the user may have changed, and a clean start. Gives `-o strict`.
    fn prepare(&self) -> bool {
        self.session.interrupt().clear();
        let options = self.session.options();
        let is_terminal = Stdout::is_terminal();
        self.stdout.begin_command(options.pager && self.interactive && is_terminal);
        let columns = is_terminal.then(|| terminal::size(std::io::stdout())).flatten();
        self.sink.set_width(options.width.or(columns.map(|(_, columns)| columns)));
        let plain = !options.color;
        self.sink.set_palette(if plain { Palette::plain() } else { self.palette.clone() });
        options.strict
    }

    /// The texts of `-e`, in order.
    pub(crate) fn texts(&self, texts: &[String]) -> Next {
        for text in texts {
            match self.evaluate(text, Source::Text) {
                Next::Continue => {}
                next => return next,
            }
        }
        Next::Continue
    }

    /// A file of commands at the start. Only `::quit` and ^C in it end the session.
    pub(crate) fn start_file(&self, name: &str, contents: &[u8]) -> Next {
        self.starting.set(true);
        let next = self.lines(&mut TextLines::new(contents), Source::Text, Some(name));
        self.starting.set(false);
        self.failed.set(false);
        next
    }

    /// Lines until there are no more. Errors name the lines of a script.
    pub(crate) fn lines(
        &self,
        source: &mut dyn LineSource,
        kind: Source,
        script: Option<&str>,
    ) -> Next {
        let mut number = 0;
        loop {
            let (prompt, ignore_eof) = {
                let options = self.session.options();
                (options.prompt.clone(), options.ignore_eof)
            };
            let line = match source.next(&prompt) {
                Ok(Input::Line(line)) => line,
                Ok(Input::Interrupted) if source.is_interactive() => continue,
                Ok(Input::Interrupted) => return Next::Interrupted,
                Ok(Input::End) if ignore_eof && source.is_interactive() => {
                    self.console.say("use '::quit' to end the session");
                    continue;
                }
                Ok(Input::End) => return Next::Continue,
                Err(error) => {
                    self.console.say(&format!("cannot read commands: {error}"));
                    self.failed.set(true);
                    return Next::End;
                }
            };
            number += 1;
            // The kernel reads the first line of a script, we do not.
            if number == 1 && line.starts_with("#!") {
                continue;
            }
            let place = script.map(|file| Place { file: file.to_owned(), line: number });
            self.console.set_place(place);
            let next = self.evaluate(&line, kind);
            self.console.set_place(None);
            if next != Next::Continue {
                return next;
            }
        }
    }

    /// The exit status at the end.
    pub(crate) fn status(&self, next: Next) -> u8 {
        self.stdout.hand_on();
        if let Some(Lost::Failed(why)) = self.stdout.lost() {
            self.console.say(&format!("write to stdout failed, exiting: {why}"));
            return 1;
        }
        match next {
            // As a shell says it of a program that SIGINT ended.
            Next::Interrupted => 130,
            _ if self.interactive => 0,
            _ => u8::from(self.failed.get()),
        }
    }
}
