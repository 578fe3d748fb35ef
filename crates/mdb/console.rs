//! Standard error, and what the session asks of the program around it.

use crate::stdout::Stdout;
use indicatif::{ProgressBar, ProgressStyle};
use mdb_debuginfo::Modules;
use mdb_engine::Frontend;
use mdb_print::{Palette, Role};
use mdb_target::Target;
use std::cell::{OnceCell, RefCell};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A line of a script: errors name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The script.
    pub(crate) file: String,
    /// Its line, from 1.
    pub(crate) line: usize,
}

/// Errors, warnings and progress, all on standard error. Clones are the same console.
#[derive(Clone)]
pub(crate) struct Console(Rc<Shared>);

struct Shared {
    stdout: Stdout,
    palette: Palette,
    place: RefCell<Option<Place>>,
    progress: RefCell<Option<Progress>>,
    /// Opens further targets as the session's own was opened.
    opener: OnceCell<Box<Opener>>,
}

/// Opens a target.
pub(crate) type Opener = dyn Fn(&Path) -> Result<(Arc<dyn Target>, Arc<Modules>), String>;

struct Progress {
    since: Instant,
    bar: Option<ProgressBar>,
}

/// Shorter work shows no bar.
pub(crate) const PATIENCE: Duration = Duration::from_millis(400);
/// The bar's length in steps: progress is told as a share.
const STEPS: f64 = 1000.0;

impl Console {
    pub(crate) fn new(stdout: Stdout, palette: Palette) -> Self {
        let place = RefCell::default();
        let progress = RefCell::default();
        let opener = OnceCell::new();
        Self(Rc::new(Shared { stdout, palette, place, progress, opener }))
    }

    /// Further targets are opened so.
    pub(crate) fn set_opener(&self, opener: Box<Opener>) {
        // It is set once, when the session begins.
        let _ = self.0.opener.set(opener);
    }

    /// From now on errors are of this line of a script, or of none.
    pub(crate) fn set_place(&self, place: Option<Place>) {
        *self.0.place.borrow_mut() = place;
    }

    /// A sentence that is no command's.
    pub(crate) fn say(&self, sentence: &str) {
        self.error(&format!("mdb: {}\n", mdb_print::escape_lines(sentence)));
    }
}

impl Frontend for Console {
    fn error(&self, text: &str) {
        let text = with_place(text, self.0.place.borrow().as_ref());
        // What was printed before the error stands before it.
        self.0.stdout.hand_on();
        self.progress(0.0, "");
        // If not even an error can be written, nobody can be told.
        let _ = io::stderr().write_all(styled(&text, &self.0.palette).as_bytes());
    }

    fn flush(&self) {
        self.0.stdout.hand_on();
    }

    fn open_target(&self, path: &Path) -> Result<(Arc<dyn Target>, Arc<Modules>), String> {
        match self.0.opener.get() {
            Some(open) => open(path),
            None => Err(format!("{}: no further targets can be opened", path.display())),
        }
    }

    fn progress(&self, done: f64, what: &str) {
        let mut slot = self.0.progress.borrow_mut();
        if what.is_empty() {
            if let Some(Progress { bar: Some(bar), .. }) = slot.take() {
                bar.finish_and_clear();
            }
            return;
        }
        if !io::stderr().is_terminal() {
            return;
        }
        let progress = slot.get_or_insert_with(|| Progress { since: Instant::now(), bar: None });
        if progress.since.elapsed() < PATIENCE {
            return;
        }
        let bar = progress.bar.get_or_insert_with(|| {
            // The words come from the program, but may name a file.
            let bar = ProgressBar::new(STEPS as u64);
            bar.set_style(style("{msg} {wide_bar} {percent:>3}%"));
            bar
        });
        bar.set_message(mdb_print::escape_text(what).into_owned());
        bar.set_position((done.clamp(0.0, 1.0) * STEPS) as u64);
    }
}

/// How a bar looks.
pub(crate) fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Adds the place to the first line, as MDB does.
fn with_place(text: &str, place: Option<&Place>) -> String {
    let Some(Place { file, line }) = place else { return text.to_owned() };
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    format!("{first} on line {line} of {}\n{rest}", mdb_print::escape_text(file))
}

/// The program's name stands out.
fn styled(text: &str, palette: &Palette) -> String {
    let style = palette.style(Role::Error);
    match text.strip_prefix("mdb:") {
        Some(rest) if palette.is_enabled() => {
            format!("{}mdb:{}{rest}", style.render(), style.render_reset())
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_at_the_end_of_the_sentence() {
        let place = Place { file: "(stdin)".to_owned(), line: 3 };
        assert_eq!(
            with_place("mdb: syntax error\n    1+\n      ^\n", Some(&place)),
            "mdb: syntax error on line 3 of (stdin)\n    1+\n      ^\n"
        );
        assert_eq!(with_place("mdb: no\n", None), "mdb: no\n");
    }

    #[test]
    fn only_the_name_is_styled() {
        let mut palette = Palette::colour();
        let text = styled("mdb: no\n", &palette);
        assert!(text.starts_with('\x1b') && text.ends_with(" no\n"), "{text:?}");
        palette.set_enabled(false);
        assert_eq!(styled("mdb: no\n", &palette), "mdb: no\n");
    }
}
