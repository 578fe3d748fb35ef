//! Threads with the same stack.

use crate::sleep::{State, state, waits_for};
use mdb_dmod::Thread;
use mdb_dmod::prelude::*;
use std::collections::HashMap;
use std::rc::Rc;

/// As MDB: more frames are not shown (but searched).
pub(crate) const MOST_FRAMES: usize = 254;

/// One frame of a group.
#[derive(Clone, Debug)]
pub(crate) struct GroupFrame {
    pub(crate) pc: u64,
    pub(crate) function_start: u64,
    pub(crate) module: Rc<str>,
    pub(crate) text: String,
    pub(crate) doubtful: bool,
}

/// Threads that have state, lock and all program counters in common.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) state: State,
    pub(crate) lock: &'static str,
    pub(crate) frames: Vec<GroupFrame>,
    /// Why the stack ends irregularly, or empty.
    pub(crate) end: String,
    pub(crate) threads: Vec<Thread>,
}

impl Group {
    /// The frames that are shown.
    pub(crate) fn shown(&self) -> &[GroupFrame] {
        self.frames.get(..MOST_FRAMES).unwrap_or(&self.frames)
    }

    /// What is said below them: that there are more, or why the stack ends irregularly.
    pub(crate) fn ending(&self) -> String {
        match self.frames.len().checked_sub(MOST_FRAMES) {
            Some(more) if more > 0 => {
                format!("... truncated after {MOST_FRAMES} frames, {more} more ...")
            }
            _ if self.end.is_empty() => String::new(),
            _ => format!("<{}>", self.end),
        }
    }
}

#[derive(PartialEq, Eq, Hash)]
struct Key {
    state: State,
    lock: &'static str,
    pcs: Vec<u64>,
    ends: bool,
}

/// Groups threads; `verbose` shows how far it is.
pub(crate) fn gather(s: &Session<'_>, threads: Vec<Thread>, verbose: bool) -> Result<Vec<Group>> {
    let mut groups: Vec<Group> = Vec::new();
    let mut found: HashMap<Key, usize> = HashMap::new();
    let mut modules: HashMap<String, Rc<str>> = HashMap::new();
    let total = threads.len() as u64;
    for (done, thread) in threads.into_iter().enumerate() {
        if verbose {
            s.progress(done as u64, total, "threads")?;
        }
        let (state, call) = state(s, &thread);
        let mut frames = Vec::new();
        let mut inner: Vec<String> = Vec::new();
        let end = s.plain_frames(thread.number, 0, |frame| {
            if inner.len() < crate::sleep::LOCK_FRAMES {
                inner.push(frame.function.to_owned());
            }
            let module =
                modules.entry(frame.module.to_owned()).or_insert_with(|| Rc::from(frame.module));
            frames.push(GroupFrame {
                pc: frame.pc,
                function_start: frame.function_start,
                module: Rc::clone(module),
                text: frame.text.to_owned(),
                doubtful: frame.is_doubtful,
            });
            Ok(())
        });
        let end = match end {
            Ok(end) if end.is_regular => String::new(),
            Ok(end) => end.sentence,
            Err(error) if error.is_stop() => return Err(error),
            Err(error) => error.to_string(),
        };
        let lock = waits_for(call, inner.iter().map(String::as_str));
        let pcs = frames.iter().map(|frame| frame.pc).collect();
        let key = Key { state, lock, pcs, ends: end.is_empty() };
        let index = *found.entry(key).or_insert(groups.len());
        match groups.get_mut(index) {
            Some(group) => group.threads.push(thread),
            None => {
                groups.push(Group { state, lock, frames, end, threads: vec![thread] });
            }
        }
    }
    sort(&mut groups);
    Ok(groups)
}

/// The crasher first; then the larger group, then by state, names of frames, depth, lock.
fn sort(groups: &mut [Group]) {
    groups.sort_by(|a, b| {
        (b.state == State::Panic)
            .cmp(&(a.state == State::Panic))
            .then_with(|| b.threads.len().cmp(&a.threads.len()))
            .then_with(|| a.state.cmp(&b.state))
            .then_with(|| a.shown().iter().map(|f| &f.text).cmp(b.shown().iter().map(|f| &f.text)))
            .then_with(|| a.frames.len().cmp(&b.frames.len()))
            .then_with(|| a.lock.cmp(b.lock))
    });
}
