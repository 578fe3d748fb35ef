//! Frames for the debugger itself: `$c`, `::findstack` and `::stacks` show JavaScript by it.

use super::frame_type::Role;
use super::javascript::Reader;
use super::physical::Physical;
use super::wasm::WasmFrame;
use super::{JsFrame, What};
use crate::vm::Vm;
use mdb_dmod::prelude::*;
use mdb_dmod::provide::{AskedFrame, Caller, DescribedFrame, Frames, Provider};
use std::sync::Arc;

/// What the frames of V8's code are.
pub(crate) struct JavaScript;

impl Provider for JavaScript {
    const NAME: &'static str = "javascript";
    const ABOUT: &'static str = "names, places and arguments of JavaScript frames";
}

/// The machine and the frame that is asked about, if it is in code of V8.
fn asked(s: &Session<'_>, frame: &AskedFrame) -> Result<Option<(Arc<Vm>, Physical)>> {
    let vm = match Vm::of(s) {
        Ok(vm) => vm,
        Err(error) if error.is_stop() => return Err(error),
        Err(_) => return Ok(None),
    };
    if !vm.is_generated(frame.pc) {
        return Ok(None);
    }
    let physical = Physical {
        level: frame.level,
        pc: frame.pc,
        sp: frame.sp,
        fp: frame.fp,
        is_exact: frame.is_exact,
        ..Physical::default()
    };
    Ok(Some((vm, physical)))
}

/// What JavaScript frames are said to be in, where native ones have their library.
const MODULE: &str = "js";
/// The same for frames of WebAssembly.
const WASM_MODULE: &str = "wasm";

impl Frames for JavaScript {
    /// Frame pointers lead through V8's code, and the host follows them; builtins without a frame of
    /// their own are what it cannot know of.
    fn caller(s: &Session<'_>, frame: &AskedFrame) -> Result<Option<Caller>> {
        let Some((vm, physical)) = asked(s, frame)? else { return Ok(None) };
        let reader = Reader::new(&vm, s);
        let call = match reader.unframed_call(&physical)? {
            Some((call, _)) => Some(call),
            None => reader.leaf_call(&physical)?,
        };
        Ok(call.map(|call| Caller { pc: call.pc, sp: call.sp, fp: frame.fp, ..Caller::default() }))
    }

    fn describe(s: &Session<'_>, frame: &AskedFrame) -> Result<Option<DescribedFrame>> {
        let Some((vm, physical)) = asked(s, frame)? else { return Ok(None) };
        let reader = Reader::new(&vm, s);
        match reader.classify(&physical)? {
            What::JavaScript(functions) => {
                let mut described = Vec::new();
                for function in &functions {
                    described.push(describe(reader, function)?);
                }
                let Some(mut last) = described.pop() else { return Ok(None) };
                last.inlined = described;
                Ok(Some(last))
            }
            What::Wasm(functions) => {
                let mut described: Vec<DescribedFrame> =
                    functions.iter().map(describe_wasm).collect();
                let Some(mut last) = described.pop() else { return Ok(None) };
                last.inlined = described;
                Ok(Some(last))
            }
            What::Internal(frame_type) => Ok(Some(DescribedFrame {
                function: format!("<{}>", frame_type.name),
                module: if frame_type.role == Role::Wasm { WASM_MODULE } else { "v8" }.to_owned(),
                ..DescribedFrame::default()
            })),
            // The symbol of a builtin says more.
            What::Generated(_) | What::Native => Ok(None),
        }
    }
}

fn describe_wasm(frame: &WasmFrame) -> DescribedFrame {
    let (line, column) = frame.line_column().unwrap_or((0, 0));
    DescribedFrame {
        function: frame.full_name(),
        module: WASM_MODULE.to_owned(),
        file: frame.url.clone(),
        line,
        column,
        ..DescribedFrame::default()
    }
}

fn describe(reader: Reader<'_>, frame: &JsFrame) -> Result<DescribedFrame> {
    let shown = reader.shown(frame)?;
    let place = shown.place.filter(|_| !frame.position_is_start);
    Ok(DescribedFrame {
        arguments: reader.arguments_text(frame, &shown)?,
        function: shown.name,
        module: MODULE.to_owned(),
        file: shown.file,
        line: place.map_or(0, |place| place.line),
        column: place.map_or(0, |place| place.column),
        object: frame.function.map_or(0, |function| function.value().0),
        object_type: if frame.function.is_some() { "JSFunction" } else { "" }.to_owned(),
        ..DescribedFrame::default()
    })
}
