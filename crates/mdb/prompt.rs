//! The prompt: rustyline as a source of lines.

use crate::completion::{self, Candidate};
use crate::highlight::{highlight, paint};
use crate::hint::{self, Hint};
use crate::line_source::{Input, LineSource};
use crate::{directories, vocabulary::Vocabulary};
use mdb_engine::Session;
use mdb_print::{Palette, Role};
use rustyline::completion::Completer;
use rustyline::config::Behavior;
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hinter, HistoryHinter};
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{ColorMode, CompletionType, Config, Context, Editor, Helper};
use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Lines that the history keeps.
const HISTORY: usize = 10_000;

/// Lines that somebody types.
pub(crate) struct Prompt {
    editor: Editor<Assistant, DefaultHistory>,
    session: Rc<Session>,
    history: Option<PathBuf>,
}

impl Prompt {
    /// A prompt over a terminal. Without a file the history is forgotten at the end; the sentence
    /// says why there is none.
    pub(crate) fn new(
        session: &Rc<Session>,
        palette: Palette,
    ) -> Result<(Self, Option<String>), ReadlineError> {
        let colours = if palette.is_enabled() { ColorMode::Forced } else { ColorMode::Disabled };
        // If the output goes to a file, the prompt still goes to the terminal.
        let behavior = if crate::stdout::Stdout::is_terminal() {
            Behavior::Stdio
        } else {
            Behavior::PreferTerm
        };
        let config = Config::builder()
            .max_history_size(HISTORY)?
            .history_ignore_dups(true)?
            .history_ignore_space(true)
            .completion_type(CompletionType::List)
            .completion_show_all_if_ambiguous(true)
            .color_mode(colours)
            .behavior(behavior)
            .build();
        let mut editor =
            Editor::with_history(config.clone(), DefaultHistory::with_config(&config))?;
        editor.set_helper(Some(Assistant {
            words: Rc::clone(session) as Rc<dyn Vocabulary>,
            history: HistoryHinter::new(),
            palette,
        }));
        let (history, trouble) = match directories::history() {
            None => (None, None),
            Some(file) => match open_history(&mut editor, &file) {
                Ok(()) => (Some(file), None),
                Err(why) => {
                    let sentence = format!("the history is not kept: {}: {why}", file.display());
                    (None, Some(sentence))
                }
            },
        };
        Ok((Self { editor, session: Rc::clone(session), history }, trouble))
    }

    fn remember(&mut self, line: &str) {
        if line.trim().is_empty() || !self.editor.add_history_entry(line).unwrap_or(false) {
            return;
        }
        if let Some(file) = &self.history {
            // At once: nothing is lost if the debugger is killed. That it can be written was
            // seen at the start.
            let _ = self.editor.append_history(file);
        }
    }
}

fn open_history(
    editor: &mut Editor<Assistant, DefaultHistory>,
    file: &Path,
) -> Result<(), ReadlineError> {
    if let Some(directory) = file.parent() {
        std::fs::create_dir_all(directory)?;
    }
    match editor.load_history(file) {
        Ok(()) => {}
        Err(ReadlineError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    editor.append_history(file)
}

impl LineSource for Prompt {
    fn next(&mut self, prompt: &str) -> io::Result<Input> {
        let prompt = expand(prompt, |name| self.session.variable(name));
        match self.editor.readline(&prompt) {
            Ok(line) => {
                self.remember(&line);
                Ok(Input::Line(line))
            }
            Err(ReadlineError::Eof) => Ok(Input::End),
            Err(ReadlineError::Interrupted) => Ok(Input::Interrupted),
            Err(ReadlineError::Io(error)) => Err(error),
            Err(error) => Err(io::Error::other(error.to_string())),
        }
    }

    fn is_interactive(&self) -> bool {
        true
    }
}

/// MDB formats its prompt: `%<_name>` is the value of a variable in decimal, `%%` a percent sign.
pub(crate) fn expand(prompt: &str, variable: impl Fn(&str) -> Option<u64>) -> String {
    let mut text = String::new();
    let mut rest = prompt;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        let value = after.strip_prefix("<_").and_then(|after| {
            let (name, after) = after.split_once('>')?;
            Some((variable(name)?.to_string(), after))
        });
        let (value, after) = match (value, after.strip_prefix('%')) {
            (Some(value), _) => value,
            (None, Some(after)) => ("%".to_owned(), after),
            (None, None) => ("%".to_owned(), after),
        };
        text.push_str(&value);
        rest = after;
    }
    text.push_str(rest);
    text
}

/// What the editor asks while somebody types.
struct Assistant {
    words: Rc<dyn Vocabulary>,
    history: HistoryHinter,
    palette: Palette,
}

impl Helper for Assistant {}

impl Validator for Assistant {}

impl rustyline::completion::Candidate for Candidate {
    fn display(&self) -> &str {
        &self.shown
    }

    fn replacement(&self) -> &str {
        &self.text
    }
}

impl Completer for Assistant {
    type Candidate = Candidate;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Candidate>)> {
        let completion = completion::complete(line, cursor, &*self.words);
        Ok((completion.start, completion.candidates))
    }
}

impl rustyline::hint::Hint for Hint {
    fn display(&self) -> &str {
        &self.shown
    }

    fn completion(&self) -> Option<&str> {
        self.can_be_typed.then_some(self.shown.as_str())
    }
}

impl Hinter for Assistant {
    type Hint = Hint;

    fn hint(&self, line: &str, cursor: usize, context: &Context<'_>) -> Option<Hint> {
        // What the user typed before, or else what the command says of itself.
        hint::hint(line, cursor, &*self.words).or_else(|| {
            let shown = self.history.hint(line, cursor, context)?;
            Some(Hint { shown, can_be_typed: true })
        })
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        Cow::Owned(highlight(line, &self.palette))
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        let mut styled = String::new();
        paint(&mut styled, prompt, Role::Prompt, &self.palette);
        Cow::Owned(styled)
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        let mut styled = String::new();
        paint(&mut styled, hint, Role::Dim, &self.palette);
        Cow::Owned(styled)
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        kind != CmdKind::MoveCursor
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::fake::Fake;
    use rustyline::history::History;

    #[test]
    fn the_prompt_is_a_format() {
        let variable = |name: &str| (name == "thread").then_some(16);
        assert_eq!(expand("t%<_thread>> ", variable), "t16> ");
        assert_eq!(expand("%<_nosuch>%%%", variable), "%<_nosuch>%%");
        assert_eq!(expand("> ", variable), "> ");
    }

    #[test]
    fn the_editor_is_helped_without_a_terminal() {
        let assistant = Assistant {
            words: Rc::new(Fake),
            history: HistoryHinter::new(),
            palette: Palette::plain(),
        };
        let mut history = DefaultHistory::new();
        history.add("1=X").unwrap();
        let context = Context::new(&history);
        let (start, candidates) = assistant.complete("::walk th", 9, &context).unwrap();
        assert_eq!((start, candidates.len()), (7, 1));
        let hint = assistant.hint("1=", 2, &context).unwrap();
        assert_eq!((hint.shown.as_str(), hint.can_be_typed), ("X", true));
        assert_eq!(assistant.highlight("1=X", 0), "1=X");
    }
}
