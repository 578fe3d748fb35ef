//! Threads with the same stack.

use crate::frames::{FrameTable, KnownFrame};
use crate::lock::{LOCK_FRAMES, LockFunction, waiting_function};
use crate::sobj::Sobj;
use crate::state::{Probe, Standing, State};
use crate::waiting::Waiting;
use mdb_dmod::prelude::*;
use mdb_dmod::{StackEnd, Thread};
use std::collections::HashMap;

/// As MDB: more frames are not shown (but searched).
pub(crate) const MOST_FRAMES: usize = 254;

/// How threads are gathered.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gathering {
    /// Inlined functions are wanted.
    pub(crate) inlined: bool,
    /// All places in a function are one.
    pub(crate) by_function: bool,
    /// So many of the inner frames count; 0: all.
    pub(crate) depth: usize,
    /// It is shown how far this is.
    pub(crate) progress: bool,
    /// The crasher comes last, as in MDB.
    pub(crate) crasher_last: bool,
}

/// A thread of a group.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) thread: Thread,
    pub(crate) standing: Standing,
    /// The word for what it waits for is a guess.
    pub(crate) guess: bool,
}

/// Threads that have state, lock and all frames in common.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) state: State,
    pub(crate) sobj: Sobj,
    /// Numbers of [`FrameTable`], innermost first.
    pub(crate) frames: Vec<u32>,
    /// Why the stack ends irregularly, or empty.
    pub(crate) end: String,
    pub(crate) members: Vec<Member>,
    /// The function that waits for the lock.
    pub(crate) function: Option<&'static LockFunction>,
}

impl Group {
    /// The frames that are shown.
    pub(crate) fn shown<'t>(&self, table: &'t FrameTable) -> impl Iterator<Item = &'t KnownFrame> {
        self.frames.iter().take(MOST_FRAMES).filter_map(|number| table.get(*number))
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

    /// What a member waits for, in full.
    pub(crate) fn waiting(&self, probe: &Probe<'_>, member: &Member) -> Waiting {
        Waiting::of(probe, &member.thread, &member.standing, self.function)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Key {
    state: Option<State>,
    sobj: Option<Sobj>,
    frames: Vec<u32>,
    ends: bool,
}

/// Groups, and the frames that they have.
#[derive(Debug)]
pub(crate) struct Gathered {
    pub(crate) groups: Vec<Group>,
    pub(crate) table: FrameTable,
}

/// Groups threads.
pub(crate) fn gather(probe: &Probe<'_>, threads: Vec<Thread>, how: Gathering) -> Result<Gathered> {
    let mut table = FrameTable::new(how.by_function);
    let mut groups: Vec<Group> = Vec::new();
    let mut found: HashMap<Key, usize> = HashMap::new();
    let mut key = Key::default();
    let total = threads.len() as u64;
    for (done, thread) in threads.into_iter().enumerate() {
        if how.progress
            && let Err(error) = probe.session.progress(done as u64, total, "threads")
            && error.is_stop()
        {
            return Err(error);
        }
        let mut standing = probe.standing(&thread);
        key.frames.clear();
        let end = walk(probe.session, &thread, how, &mut table, &mut key.frames)?;
        let inner = || key.frames.iter().take(LOCK_FRAMES).filter_map(|number| table.get(*number));
        if let Some(first) = inner().next() {
            probe.restarted(&mut standing, &first.function);
        }
        let function = match standing.call {
            Some(_) => waiting_function(inner().map(|frame| frame.lock)),
            None => None,
        };
        let (sobj, guess) = probe.sobj(&thread, &standing, function);
        if how.depth != 0 {
            key.frames.truncate(how.depth);
        }
        let member = Member { thread, standing, guess };
        (key.state, key.sobj, key.ends) = (Some(standing.state), Some(sobj), end.is_empty());
        let index = found.get(&key).copied();
        if let Some(group) = index.and_then(|index| groups.get_mut(index)) {
            group.members.push(member);
            continue;
        }
        found.insert(key.clone(), groups.len());
        groups.push(Group {
            state: standing.state,
            sobj,
            frames: key.frames.clone(),
            end,
            members: vec![member],
            function,
        });
    }
    sort(&mut groups, &table, how.crasher_last);
    Ok(Gathered { groups, table })
}

/// Takes down the frames of a thread; answers why the stack ends irregularly, or nothing.
fn walk(
    s: &Session<'_>,
    thread: &Thread,
    how: Gathering,
    table: &mut FrameTable,
    frames: &mut Vec<u32>,
) -> Result<String> {
    let mut full = false;
    // The frames that tell what a thread waits for are looked at in any case.
    let most = if how.depth == 0 { usize::MAX } else { how.depth.max(LOCK_FRAMES) };
    let each = |frame: &mdb_dmod::Frame<'_>| {
        frames.extend(table.number(frame));
        full = frames.len() >= most;
        if full { Err(Error::Closed) } else { Ok(()) }
    };
    let end: Result<StackEnd> = if how.inlined {
        s.frames(thread.number, each)
    } else {
        s.plain_frames(thread.number, 0, each)
    };
    match end {
        Ok(end) if end.is_regular => Ok(String::new()),
        Ok(end) => Ok(end.sentence),
        Err(Error::Closed) if full => Ok(String::new()),
        Err(error) if error.is_stop() => Err(error),
        Err(error) => Ok(error.to_string()),
    }
}

/// The crasher first; then the larger group, then by state, functions and pcs of frames, depth,
/// lock. All but the crasher's place is MDB's order.
fn sort(groups: &mut [Group], table: &FrameTable, crasher_last: bool) {
    let rank = |group: &Group| (group.state == State::Panic) == crasher_last;
    let frames = |a: &Group, b: &Group| {
        let differ = a.frames.iter().zip(&b.frames).find(|(a, b)| a != b);
        let differ = differ.and_then(|(a, b)| table.get(*a).zip(table.get(*b)));
        differ.map_or(std::cmp::Ordering::Equal, |(a, b)| {
            a.function.cmp(&b.function).then(a.pc.cmp(&b.pc)).then(a.text.cmp(&b.text))
        })
    };
    groups.sort_by(|a, b| {
        rank(a)
            .cmp(&rank(b))
            .then_with(|| b.members.len().cmp(&a.members.len()))
            .then_with(|| a.state.cmp(&b.state))
            .then_with(|| frames(a, b))
            .then_with(|| a.frames.len().cmp(&b.frames.len()))
            .then_with(|| a.sobj.name().cmp(b.sobj.name()))
    });
}
