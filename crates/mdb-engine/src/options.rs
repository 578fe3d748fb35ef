//! The options of `::set` and `-o`.

use crate::nearest::nearest;

/// What the user can change about the debugger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// `-o pager`: a screenful at a time.
    pub pager: bool,
    /// `-o ignoreeof`: ^D at the prompt does not end the session.
    pub ignore_eof: bool,
    /// `-o repeatlast`: an empty line repeats the last command.
    pub repeat_last: bool,
    /// `-o strict`: a script ends at its first failure.
    pub strict: bool,
    /// `-o demangle`: names of C++ and Rust are shown as in the source.
    pub demangle: bool,
    /// `-o color`: styles on a terminal.
    pub color: bool,
    /// The width of output, where the user chose one.
    pub width: Option<usize>,
    /// How far a symbol reaches; 0 is smart mode, in which it reaches over its own size.
    pub symbol_distance: u64,
    /// The prompt.
    pub prompt: String,
    /// `att` or `intel`.
    pub disassembly: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            pager: true,
            ignore_eof: false,
            repeat_last: false,
            strict: false,
            demangle: true,
            color: true,
            width: None,
            symbol_distance: 0,
            prompt: "> ".to_owned(),
            disassembly: "att".to_owned(),
        }
    }
}

/// MDB's limit on the length of the prompt.
const LONGEST_PROMPT: usize = 35;

type Field = fn(&mut Options) -> &mut bool;

const FLAGS: &[(&str, Field, &str)] = &[
    ("color", |o| &mut o.color, "styles on a terminal"),
    ("demangle", |o| &mut o.demangle, "names of C++ and Rust as in the source"),
    ("ignoreeof", |o| &mut o.ignore_eof, "^D at the prompt does not end the session"),
    ("pager", |o| &mut o.pager, "a screenful at a time"),
    ("repeatlast", |o| &mut o.repeat_last, "an empty line repeats the last command"),
    ("strict", |o| &mut o.strict, "a script ends at its first failure"),
];

impl Options {
    /// Sets or unsets options by name: `pager`, or several separated by commas; `width=N`.
    pub fn set(&mut self, names: &str, on: bool) -> Result<(), String> {
        for name in names.split(',').map(str::trim).filter(|n| !n.is_empty()) {
            self.set_one(name, on)?;
        }
        Ok(())
    }

    fn set_one(&mut self, name: &str, on: bool) -> Result<(), String> {
        if let Some((_, field, _)) = FLAGS.iter().find(|(n, _, _)| *n == name) {
            *field(self) = on;
            return Ok(());
        }
        let (key, value) = name.split_once('=').unwrap_or((name, ""));
        if key == "width" {
            if !on {
                self.width = None;
                return Ok(());
            }
            if value.is_empty() {
                return Err("option requires an argument -- width".to_owned());
            }
            let width = value.parse().ok().filter(|w| *w > 0);
            self.width = Some(width.ok_or_else(|| format!("'{value}' is no width"))?);
            return Ok(());
        }
        let names = FLAGS.iter().map(|(n, _, _)| *n).chain(["width"]);
        let near = nearest(name, names);
        let hint = near.map_or(String::new(), |n| format!("; did you mean '{n}'?"));
        Err(format!("invalid debugger option -- {name}{hint}"))
    }

    /// Sets the prompt.
    pub fn set_prompt(&mut self, prompt: &str) -> Result<(), String> {
        if prompt.chars().count() > LONGEST_PROMPT {
            return Err(format!("prompt may not exceed {LONGEST_PROMPT} characters"));
        }
        prompt.clone_into(&mut self.prompt);
        Ok(())
    }

    /// The flags: name, whether it is on, what it does.
    pub fn flags(&self) -> Vec<(&'static str, bool, &'static str)> {
        let mut copy = self.clone();
        FLAGS.iter().map(|(name, field, what)| (*name, *field(&mut copy), *what)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_set_by_name() {
        let mut options = Options::default();
        options.set("repeatlast,strict", true).unwrap();
        assert!(options.repeat_last && options.strict);
        options.set("width=132", true).unwrap();
        assert_eq!(options.width, Some(132));
        assert_eq!(
            options.set("pagr", true).unwrap_err(),
            "invalid debugger option -- pagr; did you mean 'pager'?"
        );
        assert!(options.set("width", true).unwrap_err().contains("requires an argument"));
        assert!(options.set_prompt(&"x".repeat(36)).is_err());
    }
}
