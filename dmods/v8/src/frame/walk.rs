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
    // A frame is given when its caller is known: whether it was called by `new` is seen there.
    let mut waiting: Option<StackFrame> = None;
    let end = physical::frames(s, thread, &mut |physical| {
        let what = reader.classify(&physical)?;
        if let Some(mut callee) = waiting.take() {
            if Reader::is_construct(&what)
                && let What::JavaScript(frames) = &mut callee.what
                && let Some(frame) = frames.last_mut()
            {
                frame.is_construct = true;
            }
            each(callee)?;
        }
        waiting = Some(StackFrame { physical, what });
        Ok(())
    })?;
    if let Some(last) = waiting {
        each(last)?;
    }
    Ok(end)
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
