//! Frames that were seen: each is described once, however many stacks it is on.

use crate::lock::{LockFunction, lock_function};
use mdb_dmod::{FoundBy, Frame};
use std::borrow::Cow;
use std::collections::HashMap;

/// A frame that some stack has.
#[derive(Clone, Debug)]
pub(crate) struct KnownFrame {
    pub(crate) pc: u64,
    /// Where its function begins, or 0.
    pub(crate) start: u64,
    /// The function, or empty.
    pub(crate) function: String,
    /// The module, or empty.
    pub(crate) module: String,
    /// As it is shown.
    pub(crate) text: String,
    pub(crate) doubtful: bool,
    /// The lock that this function waits for.
    pub(crate) lock: Option<&'static LockFunction>,
    /// Functions that are inlined there, innermost first; only if they were asked for.
    pub(crate) inlined: Vec<String>,
}

impl KnownFrame {
    /// Texts and inlined functions of coalesced places differ, so there they tell nothing.
    fn is_named_as(&self, frame: &Frame<'_>, inlined: &[String], coalesced: bool) -> bool {
        self.function == frame.function
            && (coalesced
                || self.inlined == inlined
                    && (!frame.function.is_empty() || self.text == frame.text))
    }
}

/// What tells functions at one place apart: the same function has code with others in it, and
/// code without.
fn name<'f>(frame: &Frame<'f>, inlined: &[String]) -> Cow<'f, str> {
    let own = if frame.function.is_empty() { frame.text } else { frame.function };
    if inlined.is_empty() {
        return own.into();
    }
    format!("{}\n{own}", inlined.join("\n")).into()
}

/// The number of a name, which is `next` if it is new.
fn named(names: &mut HashMap<String, u32>, name: &str, next: u32) -> u32 {
    if let Some(number) = names.get(name) {
        return *number;
    }
    names.insert(name.to_owned(), next);
    next
}

/// What makes two frames the same one, but for names that a provider gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Identity {
    /// The program counter; with `by_function` the function's beginning.
    place: u64,
    /// After a signal's frame a pc is no return address, so it may belong to another function.
    start: u64,
    doubtful: bool,
}

/// All frames, by number.
#[derive(Debug, Default)]
pub(crate) struct FrameTable {
    by_function: bool,
    frames: Vec<KnownFrame>,
    native: HashMap<Identity, u32>,
    /// Frames that a provider named and that unwinding reached: at one place there are as many
    /// functions as the interpreter runs. The first of each place is in `native`.
    renamed: HashMap<Identity, HashMap<String, u32>>,
    /// Frames of providers: an interpreter has all its functions at one pc, and code that is made
    /// anew moves, so without a module the name alone counts.
    provided: HashMap<u64, HashMap<String, u32>>,
    /// Inlined functions that came before their frame.
    inlined: Vec<String>,
}

impl FrameTable {
    /// Empty; `by_function` takes all places in a function for one.
    pub(crate) fn new(by_function: bool) -> Self {
        Self { by_function, ..Self::default() }
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[KnownFrame] {
        &self.frames
    }

    /// The one with a number.
    pub(crate) fn get(&self, number: u32) -> Option<&KnownFrame> {
        self.frames.get(number as usize)
    }

    /// The number of a frame; nothing for an inlined one, which is a part of the next.
    pub(crate) fn number(&mut self, frame: &Frame<'_>) -> Option<u32> {
        if frame.is_inlined {
            self.inlined.push(frame.function.to_owned());
            return None;
        }
        let next = self.frames.len() as u32;
        let number = if frame.found_by == FoundBy::Provider {
            let place = if frame.module.is_empty() { 0 } else { frame.pc };
            let name = name(frame, if self.by_function { &[] } else { &self.inlined });
            named(self.provided.entry(place).or_default(), &name, next)
        } else {
            let coalesced = self.by_function && frame.function_start != 0;
            let place = if coalesced { frame.function_start } else { frame.pc };
            let identity =
                Identity { place, start: frame.function_start, doubtful: frame.is_doubtful };
            let first = *self.native.entry(identity).or_insert(next);
            match self.get(first) {
                // How a frame was found does not say who named it.
                Some(known) if !known.is_named_as(frame, &self.inlined, coalesced) => {
                    let name = name(frame, if coalesced { &[] } else { &self.inlined });
                    named(self.renamed.entry(identity).or_default(), &name, next)
                }
                _ => first,
            }
        };
        if number == next {
            self.add(frame);
        }
        self.inlined.clear();
        Some(number)
    }

    fn add(&mut self, frame: &Frame<'_>) {
        let text = match (frame.function, frame.module) {
            (function, "") if self.by_function && !function.is_empty() => function.to_owned(),
            (function, module)
                if self.by_function
                    && !function.is_empty()
                    // The host leaves out the name of the executable.
                    && frame.text.strip_prefix(module).is_some_and(|rest| rest.starts_with('`')) =>
            {
                format!("{module}`{function}")
            }
            (function, _) if self.by_function && !function.is_empty() => function.to_owned(),
            _ => frame.text.to_owned(),
        };
        self.frames.push(KnownFrame {
            pc: frame.pc,
            start: frame.function_start,
            function: frame.function.to_owned(),
            module: frame.module.to_owned(),
            text,
            doubtful: frame.is_doubtful,
            lock: lock_function(frame.function),
            inlined: std::mem::take(&mut self.inlined),
        });
    }
}
