//! How a frame looks in text, for every command that shows one.

use crate::{FoundBy, Frame};

impl Frame<'_> {
    /// `main+0x21(...)`: the place and the arguments. Invented arguments are never shown: where
    /// nobody knows them, `...` stands for them if they are wanted.
    pub fn call_text(&self, arguments: bool) -> String {
        let arguments = match (arguments, self.arguments) {
            (false, _) => "",
            (true, "") => "...",
            (true, known) => known,
        };
        let place = if self.text.is_empty() { "?" } else { self.text };
        format!("{place}({arguments})")
    }

    /// What a reader must know of the frame: that it is a guess, a signal's, an inlined one. Empty,
    /// or with a blank before it.
    pub fn mark(&self) -> String {
        let mut mark = String::new();
        if self.is_doubtful {
            let how = if self.found_by_name.is_empty() { "a guess" } else { self.found_by_name };
            mark = format!(" ? {how}");
        } else if self.found_by == FoundBy::Provider && !self.found_by_name.is_empty() {
            mark = format!(" [{}]", self.found_by_name);
        }
        if self.is_signal {
            mark.push_str(" [signal frame]");
        }
        if self.is_inlined {
            mark.push_str(" [inlined]");
        }
        mark
    }

    /// ` at file.c:12` or ` at file.js:12:3`, or nothing.
    pub fn place_text(&self) -> String {
        match (self.file, self.line, self.column) {
            ("", ..) => String::new(),
            (file, 0, _) => format!(" at {file}"),
            (file, line, 0) => format!(" at {file}:{line}"),
            (file, line, column) => format!(" at {file}:{line}:{column}"),
        }
    }
}
