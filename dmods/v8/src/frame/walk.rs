//! Walking the stack of a thread, with what each frame is.

use super::javascript::Reader;
pub(crate) use super::javascript::Wanted;
use super::physical::{self, Physical};
use super::wasm::WasmFrame;
use super::{JsFrame, What};
use crate::vm::Vm;
use mdb_dmod::prelude::*;

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
    let mut stack = Stack { reader, waiting: None, levels: 0, exits: Vec::new(), each };
    let end = physical::frames(s, thread, wanted.lines, &mut |physical| stack.next(physical))?;
    // The isolate knows better where JavaScript is, if unwinding did not come there.
    let exit = vm.isolate_of(thread).map(|isolate| isolate.entry_fp).filter(|fp| *fp != 0);
    let end = match exit.filter(|fp| !stack.exits.contains(fp)) {
        Some(exit) => {
            let level = stack.levels;
            reader.chain(exit, level, &mut |physical| stack.next(physical))?
        }
        None => end,
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
    each: &'e mut dyn FnMut(StackFrame) -> Result<()>,
}

impl Stack<'_, '_> {
    fn next(&mut self, physical: Physical) -> Result<()> {
        let what = self.reader.classify(&physical)?;
        self.levels = physical.level.saturating_add(1);
        if !matches!(what, What::Native) && self.exits.len() < MOST_EXITS {
            self.exits.extend(physical.fp);
        }
        if let Some(mut callee) = self.waiting.take() {
            if Reader::is_construct(&what)
                && let What::JavaScript(frames) = &mut callee.what
                && let Some(frame) = frames.last_mut()
            {
                frame.is_construct = true;
            }
            let is_leaf = callee.physical.is_exact
                && !physical.is_inlined
                && callee.physical.fp == physical.fp
                && matches!(callee.what, What::JavaScript(_))
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

impl StackFrame {
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
