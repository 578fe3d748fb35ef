//! Other commands, walkers, expressions; what the session keeps.

use crate::callbacks::{Receiver, lend_text, take_item, take_text};
use crate::session::function;
use crate::{Error, Result, Session};
use mdb_dmod_abi::{Bytes, Item, RunGroup, SessionGroup, Status, Str};
use std::ffi::c_void;
use std::fmt::Write as _;

fn pointer(item: Option<&Item>) -> *const Item {
    item.map_or(std::ptr::null(), std::ptr::from_ref)
}

/// For `session.get`; the argument is an `Option<Vec<u8>>`.
unsafe extern "C" fn take_bytes(arg: *mut c_void, bytes: Bytes) -> Status {
    // SAFETY: we passed such an argument, and the host lends the bytes.
    unsafe {
        if let Some(place) = arg.cast::<Option<Vec<u8>>>().as_mut() {
            *place = Some(bytes.slice().to_vec());
        }
    }
    Status::OK
}

impl Session<'_> {
    /// The value of an expression.
    pub fn evaluate(&self, expression: &str) -> Result<u64> {
        let function = function!(self.run, RunGroup, evaluate)?;
        let mut value = 0;
        // SAFETY: the context is that of the call under way; the text is lent for the call.
        let status = unsafe { function(self.cx, Str::new(expression), &raw mut value) };
        self.check(status).map(|()| value)
    }

    /// Walks. `Err(Error::Closed)` from the closure stops without being an error of the walk, and
    /// is passed on.
    pub fn run_walk<F>(&self, walker: &str, start: Option<Item>, each: F) -> Result<()>
    where
        F: FnMut(Item) -> Result<()>,
    {
        let function = function!(self.run, RunGroup, walk)?;
        let mut receiver = Receiver::new(each);
        let callback = take_item::<F>;
        let start = pointer(start.as_ref());
        // SAFETY: the context is that of the call under way; the callback fits its argument.
        let status =
            unsafe { function(self.cx, Str::new(walker), start, Some(callback), receiver.arg()) };
        receiver.finish(self, status)
    }

    /// Runs a line of the language and shows its output, with dot set to `dot` meanwhile.
    pub fn run_command(&self, line: &str, dot: Option<Item>) -> Result<()> {
        let function = function!(self.run, RunGroup, command)?;
        let dot = pointer(dot.as_ref());
        // SAFETY: the context is that of the call under way; the rest is lent for the call.
        let status = unsafe { function(self.cx, Str::new(line), dot, None, std::ptr::null_mut()) };
        self.check(status)
    }

    /// Runs a line of the language and gets the items of its last stage.
    pub fn run_items<F>(&self, line: &str, dot: Option<Item>, each: F) -> Result<()>
    where
        F: FnMut(Item) -> Result<()>,
    {
        let function = function!(self.run, RunGroup, command)?;
        let mut receiver = Receiver::new(each);
        let callback = take_item::<F>;
        let dot = pointer(dot.as_ref());
        // SAFETY: the context is that of the call under way; the callback fits its argument.
        let status =
            unsafe { function(self.cx, Str::new(line), dot, Some(callback), receiver.arg()) };
        receiver.finish(self, status)
    }

    /// Runs a line of the language and gets its text, piece by piece.
    pub fn capture<F>(&self, line: &str, dot: Option<Item>, each: F) -> Result<()>
    where
        F: FnMut(&str) -> Result<()>,
    {
        let function = function!(self.run, RunGroup, capture)?;
        let mut receiver = Receiver::new(each);
        let callback = lend_text::<F>;
        let dot = pointer(dot.as_ref());
        // SAFETY: the context is that of the call under way; the callback fits its argument.
        let status =
            unsafe { function(self.cx, Str::new(line), dot, Some(callback), receiver.arg()) };
        receiver.finish(self, status)
    }

    /// Runs one command with an item and words, and shows its output.
    pub fn run_dcmd(&self, name: &str, item: Option<Item>, words: &[&str]) -> Result<()> {
        let mut line = match item {
            Some(item) => format!("0x{:x}::{name}", item.value),
            None => format!("::{name}"),
        };
        for word in words {
            let _ = write!(line, " {}", quoted(word));
        }
        self.run_command(&line, None)
    }

    /// Fails after ^C. Reads of memory do so by themselves; loops that read none ask here.
    pub fn check_cancelled(&self) -> Result<()> {
        let function = function!(self.run, RunGroup, cancelled)?;
        // SAFETY: the context is that of the call under way.
        let status = unsafe { function(self.cx) };
        self.check(status)
    }

    /// How far the command is; `total` 0: unknown. Fails after ^C.
    pub fn progress(&self, done: u64, total: u64, what: &str) -> Result<()> {
        let function = function!(self.run, RunGroup, progress)?;
        // SAFETY: the context is that of the call under way; the text is lent for the call.
        let status = unsafe { function(self.cx, done, total, Str::new(what)) };
        self.check(status)
    }

    /// What this dmod kept for this target under a key.
    pub fn kept(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let function = function!(self.keeping, SessionGroup, get)?;
        let mut found: Option<Vec<u8>> = None;
        // SAFETY: the context is that of the call under way; the callback fits its argument.
        let status =
            unsafe { function(self.cx, Str::new(key), Some(take_bytes), (&raw mut found).cast()) };
        match self.check(status) {
            Ok(()) => Ok(found),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps bytes for this target under a key; no bytes: forgets it.
    pub fn keep(&self, key: &str, bytes: &[u8]) -> Result<()> {
        let function = function!(self.keeping, SessionGroup, set)?;
        // SAFETY: the context is that of the call under way; the rest is lent for the call.
        let status = unsafe { function(self.cx, Str::new(key), Bytes::new(bytes)) };
        self.check(status)
    }

    /// An option of the debugger, as text.
    pub fn debugger_option(&self, name: &str) -> Result<Option<String>> {
        let function = function!(self.keeping, SessionGroup, option)?;
        let mut found: Option<String> = None;
        // SAFETY: the context is that of the call under way; the callback fits its argument.
        let status =
            unsafe { function(self.cx, Str::new(name), Some(take_text), (&raw mut found).cast()) };
        match self.check(status) {
            Ok(()) => Ok(found),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A variable of the debugger.
    pub fn variable(&self, name: &str) -> Result<u64> {
        let function = function!(self.keeping, SessionGroup, variable)?;
        let mut value = 0;
        // SAFETY: the context is that of the call under way; the text is lent for the call.
        let status = unsafe { function(self.cx, Str::new(name), &raw mut value) };
        self.check(status).map(|()| value)
    }

    /// Sets a variable of the debugger.
    pub fn set_variable(&self, name: &str, value: u64) -> Result<()> {
        let function = function!(self.keeping, SessionGroup, set_variable)?;
        // SAFETY: the context is that of the call under way; the text is lent for the call.
        let status = unsafe { function(self.cx, Str::new(name), value) };
        self.check(status)
    }

    /// A line for the session's log.
    pub fn log(&self, line: &str) {
        if let Ok(function) = function!(self.keeping, SessionGroup, log) {
            // SAFETY: the context is that of the call under way; the text is lent for the call.
            let _ = unsafe { function(self.cx, Str::new(line)) };
        }
    }
}

/// A word as the language takes it literally.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-+.:/%=,@`".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    let mut text = String::from("\"");
    for c in word.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_where_they_must_be() {
        assert_eq!(quoted("-n20"), "-n20");
        assert_eq!(quoted("libc.so.6`poll+0x4f"), "libc.so.6`poll+0x4f");
        assert_eq!(quoted("<.$C 0"), "\"<.$C 0\"");
        assert_eq!(quoted(""), "\"\"");
        assert_eq!(quoted("a\"b\\"), "\"a\\\"b\\\\\"");
    }
}
