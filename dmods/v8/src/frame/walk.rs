//! Walking the stack of a thread, with what each frame is.

use super::javascript::Reader;
pub(crate) use super::javascript::Wanted;
use super::physical::{self, Physical};
use super::wasm::WasmFrame;
use super::{JsFrame, What};
use crate::vm::Vm;
use mdb_dmod::prelude::*;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

/// A frame with what it is.
#[derive(Clone, Debug)]
pub(crate) struct StackFrame {
    /// As the machine has it.
    pub(crate) physical: Physical,
    /// What it is.
    pub(crate) what: What,
}

/// Gives every frame of a thread, innermost first. Answers with which sentence the stack ends, or
/// nothing where it ends regularly.
pub(crate) fn walk(
    s: &Session<'_>,
    vm: &Vm,
    thread: u32,
    wanted: Wanted,
    each: &mut dyn FnMut(StackFrame) -> Result<()>,
) -> Result<String> {
    let reader = Reader { wanted, ..Reader::new(vm, s) };
    let mut stack =
        Stack { reader, waiting: None, levels: 0, exits: Vec::new(), last_fp: None, each };
    let end = physical::frames(s, thread, wanted.lines, &mut |physical| stack.next(physical))?;
    // The isolate knows better where JavaScript is, if unwinding did not come there.
    let exit = vm.isolate_of(thread).map(|isolate| isolate.entry_fp).filter(|fp| *fp != 0);
    let level = stack.levels;
    let end = match (exit.filter(|fp| !stack.exits.contains(fp)), stack.last_fp) {
        (Some(exit), _) => reader.chain(exit, 0, level, &mut |physical| stack.next(physical))?,
        // A return address that leads nowhere: V8's frame pointers go on.
        (None, Some(last)) if !end.is_empty() => match reader.outer(last)? {
            Some((fp, pc)) => {
                s.warn(&format!("{end}; the frames above are found by frame pointers alone"))?;
                reader.chain(fp, pc, level, &mut |physical| stack.next(physical))?
            }
            None => end,
        },
        _ => end,
    };
    stack.flush()?;
    Ok(end)
}

/// So many frame pointers are compared with the one that the isolate keeps: it is among the innermost.
const MOST_EXITS: usize = 256;

/// The frames so far.
struct Stack<'a, 'e> {
    reader: Reader<'a>,
    /// A frame is given when its caller is known.
    waiting: Option<StackFrame>,
    levels: u32,
    /// Frame pointers of V8's frames.
    exits: Vec<u64>,
    /// The frame pointer of the outermost frame so far, if that is one of V8's.
    last_fp: Option<u64>,
    each: &'e mut dyn FnMut(StackFrame) -> Result<()>,
}

impl Stack<'_, '_> {
    fn next(&mut self, physical: Physical) -> Result<()> {
        let what = self.reader.classify(&physical)?;
        self.levels = physical.level.saturating_add(1);
        self.last_fp = physical.fp.filter(|_| !matches!(what, What::Native));
        if !matches!(what, What::Native) && self.exits.len() < MOST_EXITS {
            self.exits.extend(physical.fp);
        }
        if let Some(mut callee) = self.waiting.take() {
            let is_leaf = callee.physical.is_exact
                && !physical.is_inlined
                && callee.physical.fp == physical.fp
                && callee.javascript().last().is_some_and(|frame| frame.is_read)
                && matches!(what, What::JavaScript(_));
            if is_leaf {
                // A builtin without a frame of its own: what was read is the caller's frame.
                callee.what = What::Generated(super::classify::LEAF.to_owned());
            }
            (self.each)(callee)?;
        }
        self.waiting = Some(StackFrame { physical, what });
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        match self.waiting.take() {
            Some(last) => (self.each)(last),
            None => Ok(()),
        }
    }
}

/// Frames of so many are remembered; deeper stacks are walked anew.
const MOST_REMEMBERED: usize = 1 << 20;

/// The machine's frames of a thread that run JavaScript or WebAssembly, in the order of their frame pointers.
type ByFramePointer = Vec<(u64, Physical)>;

/// Stacks whose frames are asked for one by one.
#[derive(Debug, Default)]
pub(crate) struct KnownStacks {
    stacks: HashMap<u32, Arc<ByFramePointer>>,
}

/// The frame of a thread that has a frame pointer.
pub(crate) fn frame_at(
    s: &Session<'_>,
    vm: &Vm,
    thread: u32,
    fp: u64,
    wanted: Wanted,
) -> Result<Option<StackFrame>> {
    let known = {
        let known = vm.stacks.lock().unwrap_or_else(PoisonError::into_inner);
        known.stacks.get(&thread).cloned()
    };
    let known = match known {
        Some(known) => known,
        None => match remember(s, vm, thread)? {
            Some(known) => known,
            None => return walk_to(s, vm, thread, fp, wanted),
        },
    };
    let reader = Reader { wanted, ..Reader::new(vm, s) };
    let first = known.partition_point(|(at, ..)| *at < fp);
    for (at, physical) in known.get(first..).unwrap_or_default() {
        if *at != fp {
            break;
        }
        let frame = StackFrame { physical: physical.clone(), what: reader.classify(physical)? };
        if frame.is_shown() {
            return Ok(Some(frame));
        }
    }
    Ok(None)
}

/// Walks a stack once, for all its frames; `None`: it is too deep for that.
fn remember(s: &Session<'_>, vm: &Vm, thread: u32) -> Result<Option<Arc<ByFramePointer>>> {
    let mut frames = Vec::new();
    walk(s, vm, thread, Wanted::default(), &mut |frame| {
        if let Some(fp) = frame.physical.fp
            && frames.len() < MOST_REMEMBERED
            && frame.is_shown()
        {
            frames.push((fp, frame.physical));
        }
        Ok(())
    })?;
    if frames.len() >= MOST_REMEMBERED {
        return Ok(None);
    }
    frames.sort_by_key(|(fp, ..)| *fp);
    let frames = Arc::new(frames);
    let mut known = vm.stacks.lock().unwrap_or_else(PoisonError::into_inner);
    known.stacks.insert(thread, Arc::clone(&frames));
    Ok(Some(frames))
}

fn walk_to(
    s: &Session<'_>,
    vm: &Vm,
    thread: u32,
    fp: u64,
    wanted: Wanted,
) -> Result<Option<StackFrame>> {
    let mut found = None;
    let result = walk(s, vm, thread, wanted, &mut |frame| {
        if frame.physical.fp != Some(fp) || !frame.is_shown() {
            return Ok(());
        }
        found = Some(frame);
        Err(Error::Closed)
    });
    match result {
        Ok(_) => Ok(found),
        Err(Error::Closed) if found.is_some() => Ok(found),
        Err(error) => Err(error),
    }
}

impl StackFrame {
    /// It is of JavaScript or WebAssembly.
    fn is_shown(&self) -> bool {
        matches!(self.what, What::JavaScript(_) | What::Wasm(_))
    }

    /// The JavaScript functions of the frame, innermost first.
    pub(crate) fn javascript(&self) -> &[JsFrame] {
        match &self.what {
            What::JavaScript(frames) => frames,
            _ => &[],
        }
    }

    /// The functions of WebAssembly of the frame, innermost first.
    pub(crate) fn wasm(&self) -> &[WasmFrame] {
        match &self.what {
            What::Wasm(frames) => frames,
            _ => &[],
        }
    }
}
