//! What may be shown to the user.

use mdb_engine::{Failure, Frontend, OutputMode, Sink};
use mdb_print::StyledText;
use std::cell::Cell;

/// Output that is more than anybody reads ends the command.
const MOST_OUTPUT: usize = 1 << 18;

/// Seeds have names of files, processes and symbols with a newline before this: a line that begins so
/// was forged by the target.
pub(crate) const FORGED: &str = "FORGED";

/// Whether a terminal takes `text` as mere text, and all of its lines are ours.
fn is_harmless(text: &str, starts_line: bool) -> bool {
    // Direction overrides (Unicode Standard Annex 9) are no controls by their category.
    let turns = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().all(|c| matches!(c, '\n' | '\t') || !(c.is_control() || turns(c)))
        // The rest of a line that we began may be the target's.
        && !text.lines().skip(usize::from(!starts_line)).any(|line| line.starts_with(FORGED))
}

/// Checks the sentence with which a file is refused: one, which names the file and says where in it
/// or what was expected.
///
/// # Panics
/// It is none.
pub fn check_refusal(file: &str, text: &str) {
    assert!(!text.contains('\n'), "more than a line: {text:?}");
    assert!(text.contains(file), "names no file: {text:?}");
    let useful = ["offset ", "expected ", "decompress", " is "].iter().any(|w| text.contains(w));
    assert!(useful, "says neither where nor what: {text:?}");
    assert!(text.len() < 1000, "more than a sentence: {text:?}");
}

/// Takes output, and looks whether it could drive the terminal.
pub(crate) struct Checked {
    mode: OutputMode,
    taken: Cell<usize>,
    starts_line: Cell<bool>,
}

impl Checked {
    pub(crate) fn new(mode: OutputMode) -> Self {
        Self { mode, taken: Cell::new(0), starts_line: Cell::new(true) }
    }
}

impl Sink for Checked {
    fn mode(&self) -> OutputMode {
        self.mode
    }

    fn write(&self, text: &StyledText) -> Result<(), Failure> {
        assert!(
            is_harmless(text.as_str(), self.starts_line.get()),
            "not harmless: {:?}",
            text.as_str()
        );
        if let Some(last) = text.as_str().chars().last() {
            self.starts_line.set(last == '\n');
        }
        self.taken.set(self.taken.get() + text.as_str().len());
        if self.taken.get() > MOST_OUTPUT { Err(Failure::Closed) } else { Ok(()) }
    }

    fn item(&self, _item: mdb_engine::Item) -> Result<(), Failure> {
        Ok(())
    }

    fn width(&self) -> Option<usize> {
        Some(80)
    }
}

/// The program around the session: looks at what it is told.
pub(crate) struct Around;

impl Frontend for Around {
    fn error(&self, text: &str) {
        assert!(is_harmless(text, true), "not harmless: {text:?}");
        assert!(text.ends_with('\n'), "no line: {text:?}");
    }
}
