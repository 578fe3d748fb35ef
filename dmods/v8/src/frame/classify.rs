//! What a frame is: from the words at fixed places below its frame pointer.

use super::frame_type::{FrameType, Role};
use super::javascript::Reader;
use super::physical::Physical;
use super::{JsFrame, Tier, What};
use crate::layout::fact::Fact;
use crate::object::heap::Object;
use crate::object::kind::Kind;
use crate::object::value::Value;
use crate::partial::found;
use mdb_dmod::prelude::*;

/// What is said of a function that has no frame yet, or none any more.
const UNFRAMED: &str = "it was being entered or left";
/// What a builtin without a frame is said to be.
pub(crate) const LEAF: &str = "a builtin without a frame";
/// The same of code that was compiled for something else than a function.
const FRAMELESS: &str = "code without a frame";

/// V8's class of frames of builtins that look like those of JavaScript (`execution/frames.h`).
const BUILTIN_FRAME: &str = "BuiltinFrame";
/// The same of code that was compiled for a function that JavaScript calls in WebAssembly.
const WRAPPER_FRAME: &str = "JsToWasmFrame";

impl Reader<'_> {
    /// What a frame is.
    pub(crate) fn classify(self, physical: &Physical) -> Result<What> {
        Reader { lowest: if physical.is_exact { physical.sp } else { 0 }, ..self }.told(physical)
    }

    fn told(self, physical: &Physical) -> Result<What> {
        let is_generated =
            self.vm.is_generated(physical.pc) || physical.is_chained && physical.pc == 0;
        if physical.is_inlined || !is_generated {
            return Ok(What::Native);
        }
        let Some(fp) = physical.fp else {
            return Ok(What::Generated("a frame whose frame pointer is not known".to_owned()));
        };
        if let Some((_, shared)) = self.unframed_call(physical)? {
            let tier = self.vm.code_at(self.heap, physical.pc)?.and_then(|code| code.tier);
            let mut frame = JsFrame::empty(fp, physical.pc, tier.unwrap_or(Tier::Unknown));
            frame.shared = Some(shared);
            frame.troubles.push(UNFRAMED.to_owned());
            self.add_start(&mut frame)?;
            return Ok(What::JavaScript(vec![frame]));
        }
        if self.leaf_call(physical)?.is_some() {
            let is_builtin = self.vm.blob_offset(physical.pc).is_some();
            return Ok(What::Generated(if is_builtin { LEAF } else { FRAMELESS }.to_owned()));
        }
        let Some(marker) = found(self.frame_word(fp, Fact::FrameContextOrType))? else {
            return Ok(What::Generated(format!("no frame can be read at {fp:x}")));
        };
        if let Some(frame_type) = self.vm.frame_types.of_marker(marker) {
            // Builtins that WebAssembly calls have the same type of frame.
            if frame_type.role == Role::Wasm && self.vm.blob_offset(physical.pc).is_none() {
                return self.wasm(physical, fp).map(What::Wasm);
            }
            let function = match frame_type.role {
                Role::BuiltinExit => found(self.builtin_exit(physical, fp))?,
                Role::ApiCallback => found(self.api_exit(physical, fp))?,
                _ => None,
            };
            if let Some(function) = function {
                return Ok(What::JavaScript(vec![function]));
            }
            return Ok(What::Internal(frame_type));
        }
        if !self.is_javascript(fp, marker)? {
            return Ok(What::Generated("an unknown frame".to_owned()));
        }
        if physical.is_exact
            && let Some(code) = self.vm.code_at(self.heap, physical.pc)?
            && !self.is_framed(fp, &code)?
        {
            return Ok(What::Generated(FRAMELESS.to_owned()));
        }
        let functions = self.javascript(physical, fp)?;
        if let [function] = functions.as_slice()
            && function.bytecode.is_none()
            && found(self.is_wasm_export(function))? == Some(true)
        {
            let is_builtin = function.tier == Tier::Builtin;
            let name = if is_builtin { BUILTIN_FRAME } else { WRAPPER_FRAME };
            return Ok(What::Internal(FrameType { name: name.to_owned(), role: Role::Other }));
        }
        Ok(What::JavaScript(functions))
    }

    /// Whether the fixed places hold what a JavaScript frame has there.
    fn is_javascript(self, fp: u64, marker: u64) -> Result<bool> {
        let Some(function) = found(self.frame_word(fp, Fact::FrameFunction))? else {
            return Ok(false);
        };
        // One of the two is enough: the other may be damaged, which is said then.
        Ok(self.heap.is(Value(function), Kind::JsFunction)?
            || self.heap.is(Value(marker), Kind::Context)?)
    }

    fn javascript(self, physical: &Physical, fp: u64) -> Result<Vec<JsFrame>> {
        let bytecode = self.frame_bytecode(fp)?;
        let code = self.vm.code_at(self.heap, physical.pc)?;
        if let Some(code) = &code
            && matches!(code.tier, Some(Tier::Maglev | Tier::Turbofan))
        {
            return self.optimised(physical, fp, code);
        }
        let kept = found(self.frame_word(fp, Fact::FrameBytecodeOffset))?;
        let is_interpreted = code.is_none_or(|code| code.tier == Some(Tier::Interpreter))
            && kept.is_some_and(|word| Value(word).exact_smi().is_some());
        if let Some(bytecode) = bytecode
            && is_interpreted
        {
            let mut frame = self.fixed_part(physical, fp, Tier::Interpreter)?;
            self.add_interpreter(&mut frame, bytecode)?;
            if code.is_none() && self.vm.blob_offset(physical.pc).is_none() && !physical.is_chained
            {
                frame.troubles.push("the pc is in no code of V8".to_owned());
            }
            return Ok(vec![frame]);
        }
        if code.is_none() {
            return self.called_builtin(physical, fp);
        }
        let Some(bytecode) = bytecode else {
            let mut frame = self.fixed_part(physical, fp, Tier::Unknown)?;
            self.add_start(&mut frame)?;
            return Ok(vec![frame]);
        };
        let mut frame = self.fixed_part(physical, fp, Tier::Baseline)?;
        let place = code.map(|code| (code.object, code.start));
        self.add_baseline(&mut frame, bytecode, place, physical.is_exact)?;
        Ok(vec![frame])
    }

    /// A frame of a builtin; or that of a function whose compiled code the thread has left for a builtin
    /// without a frame of its own.
    fn called_builtin(self, physical: &Physical, fp: u64) -> Result<Vec<JsFrame>> {
        let mut frame = self.fixed_part(physical, fp, Tier::Builtin)?;
        let bytecode = match frame.shared {
            Some(shared) => found(self.heap.shared_bytecode(shared))?.flatten(),
            None => None,
        };
        if bytecode.is_none() {
            return Ok(vec![frame]);
        }
        // The baseline compiler keeps parts of its code in builtins (`BaselineOutOfLinePrologue`).
        let builtin = found(self.vm.builtin_at(self.session, physical.pc))?.flatten();
        let is_baseline = builtin.is_some_and(|builtin| builtin.name.starts_with("Baseline"));
        frame.tier = if is_baseline {
            Tier::Baseline
        } else if self.is_interpreter_entry(physical.pc)? {
            Tier::Interpreter
        } else {
            Tier::Unknown
        };
        if !physical.is_exact {
            frame.troubles.push("the frame has no bytecode array where one should be".to_owned());
        }
        self.add_start(&mut frame)?;
        Ok(vec![frame])
    }

    /// The bytecode array that frames of the interpreter and the baseline compiler hold.
    pub(super) fn frame_bytecode(self, fp: u64) -> Result<Option<Object>> {
        let Some(word) = found(self.frame_word(fp, Fact::FrameBytecodeArray))? else {
            return Ok(None);
        };
        found(self.heap.object_of(Value(word), Kind::BytecodeArray))
    }
}
