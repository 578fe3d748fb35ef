//! Frames of WebAssembly.

use super::JsFrame;
use super::javascript::Reader;
use super::physical::Physical;
use crate::brief::one_line;
use crate::layout::fact::Fact;
use crate::object::heap::Object;
use crate::object::kind::Kind;
use crate::object::value::Value;
use crate::wasm::native::{Instance, WasmTier};
use mdb_dmod::prelude::*;
use std::fmt::Write as _;

/// A function of WebAssembly in a frame, or inlined into one.
#[derive(Clone, Debug)]
pub(crate) struct WasmFrame {
    /// The frame pointer of the frame that it is in.
    pub(crate) fp: u64,
    /// The program counter of that frame.
    pub(crate) pc: u64,
    /// The compiler, if it is known.
    pub(crate) tier: Option<WasmTier>,
    /// It is inlined into the next frame outwards.
    pub(crate) is_inlined: bool,
    /// The number of the function in its module.
    pub(crate) function: Option<u32>,
    /// The name that the module gives it.
    pub(crate) name: Option<String>,
    /// The name that the module gives itself.
    pub(crate) module: Option<String>,
    /// The URL that V8 made for the module; empty where it has none.
    pub(crate) url: String,
    /// The byte of the module that the call is at.
    pub(crate) offset: Option<u32>,
    /// V8 compiled it from asm.js: the module is none that anyone wrote.
    pub(crate) is_asm_js: bool,
    /// The instance of the module.
    pub(crate) instance: Option<Object>,
    /// What could not be found out, and why.
    pub(crate) troubles: Vec<String>,
}

impl WasmFrame {
    /// A function without a name is called by its number, as in places.
    fn number(&self) -> String {
        match self.function {
            Some(function) => format!("wasm-function[{function}]"),
            None => "wasm-function[?]".to_owned(),
        }
    }

    /// The name of the function.
    pub(crate) fn function_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.number())
    }

    /// As stack traces of V8 name it: `module.function`.
    pub(crate) fn full_name(&self) -> String {
        match (&self.module, &self.name) {
            (Some(module), Some(name)) => format!("{module}.{name}"),
            (Some(module), None) if self.function.is_some() => module.clone(),
            (_, Some(name)) => name.clone(),
            (_, None) => self.number(),
        }
    }

    /// As in stack traces of V8: `URL:wasm-function[2]:0x3e`.
    pub(crate) fn place_text(&self) -> String {
        let url = if self.url.is_empty() { "<anonymous>" } else { &self.url };
        let mut text = format!("{url}:{}", self.number());
        if let Some(offset) = self.offset {
            let _ = write!(text, ":{offset:#x}");
        }
        text
    }

    /// Line and column as V8 gives them: a module is one line, and columns are bytes, from 1.
    pub(crate) fn line_column(&self) -> Option<(u32, u32)> {
        self.offset.map(|offset| (1, offset.saturating_add(1)))
    }
}

impl Reader<'_> {
    /// The functions of a frame of WebAssembly, innermost first; the last is that of the frame. Only ^C
    /// is an error.
    pub(crate) fn wasm(self, physical: &Physical, fp: u64) -> Result<Vec<WasmFrame>> {
        let mut frame = WasmFrame {
            fp,
            pc: physical.pc,
            tier: None,
            is_inlined: false,
            function: None,
            name: None,
            module: None,
            url: String::new(),
            offset: None,
            is_asm_js: false,
            instance: None,
            troubles: Vec::new(),
        };
        let native = match self.wasm_module(&mut frame) {
            Ok(native) => native,
            Err(error) if error.is_stop() => return Err(error),
            Err(error) => {
                frame.troubles.push(error.to_string());
                return Ok(vec![frame]);
            }
        };
        let place = self.vm.wasm_place(self.heap, native, physical.pc, physical.is_exact)?;
        frame.tier = place.tier;
        frame.module = place.module.as_deref().map(one_line);
        frame.troubles.extend(place.troubles.iter().cloned());
        let mut frames = Vec::new();
        for (index, site) in place.sites.iter().enumerate() {
            let mut frame = WasmFrame {
                is_inlined: index + 1 < place.sites.len(),
                function: Some(site.function),
                name: site.name.as_deref().map(one_line),
                offset: site.offset.filter(|_| !frame.is_asm_js),
                ..frame.clone()
            };
            if site.offset.is_none() && frame.troubles.is_empty() {
                frame.troubles.push("the code has no position for this place".to_owned());
            }
            frames.push(frame);
        }
        Ok(if frames.is_empty() { vec![frame] } else { frames })
    }

    /// Adds what the heap says of a frame, and answers the C++ module.
    fn wasm_module(self, frame: &mut WasmFrame) -> Result<u64> {
        let heap = self.heap;
        let held = Value(self.frame_word(frame.fp, Fact::FrameWasmInstance)?);
        let instance: Instance = heap.wasm_instance(held)?;
        frame.instance = Some(instance.object);
        frame.url = one_line(&self.vm.script(heap, instance.script)?.script.name);
        if !heap.is_wasm_script(instance.script)? {
            frame.is_asm_js = true;
            frame.troubles.push("compiled from asm.js: the place in the script is not told".into());
        }
        heap.wasm_native_module(instance)
    }

    /// Whether a frame is only how JavaScript gets into a function that a module exports: V8 shows the
    /// function and not this frame.
    pub(crate) fn is_wasm_export(self, frame: &JsFrame) -> Result<bool> {
        let Some(shared) = frame.shared else { return Ok(false) };
        let data = self.heap.field(shared.address, Fact::SfiData)?;
        self.heap.is(data, Kind::WasmFunctionData)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(function: Option<u32>, name: Option<&str>, module: Option<&str>) -> WasmFrame {
        WasmFrame {
            fp: 0,
            pc: 0,
            tier: None,
            is_inlined: false,
            function,
            name: name.map(str::to_owned),
            module: module.map(str::to_owned),
            url: "wasm://wasm/fixture-cce84e06".to_owned(),
            offset: Some(62),
            is_asm_js: false,
            instance: None,
            troubles: Vec::new(),
        }
    }

    /// The texts are those of V8's `Error.stack`.
    #[test]
    fn names_and_places_are_those_of_v8() {
        let named = frame(Some(2), Some("outer"), Some("fixture"));
        assert_eq!(named.full_name(), "fixture.outer");
        assert_eq!(named.function_name(), "outer");
        assert_eq!(named.place_text(), "wasm://wasm/fixture-cce84e06:wasm-function[2]:0x3e");
        assert_eq!(named.line_column(), Some((1, 63)));
        assert_eq!(frame(Some(2), Some("outer"), None).full_name(), "outer");
        assert_eq!(frame(Some(2), None, Some("fixture")).full_name(), "fixture");
        assert_eq!(frame(Some(2), None, Some("fixture")).function_name(), "wasm-function[2]");
        assert_eq!(frame(Some(2), None, None).full_name(), "wasm-function[2]");
        let unknown = WasmFrame { offset: None, ..frame(None, None, Some("fixture")) };
        assert_eq!(unknown.full_name(), "wasm-function[?]");
        assert_eq!(unknown.place_text(), "wasm://wasm/fixture-cce84e06:wasm-function[?]");
        assert_eq!(unknown.line_column(), None);
    }
}
