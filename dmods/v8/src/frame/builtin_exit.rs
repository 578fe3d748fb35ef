//! Frames of functions of V8 that are written in C++: the caller's arguments lie above the frame.

use super::javascript::{MOST_ARGUMENTS, Reader};
use super::physical::Physical;
use super::{Held, JsFrame, Tier};
use crate::layout::fact::Fact;
use crate::object::kind::Kind;
use crate::object::value::Value;
use mdb_dmod::prelude::*;

/// Where a frame of a function in C++ has its parts.
struct Places {
    function: Fact,
    count: Fact,
    receiver: Fact,
    /// The number counts more than the arguments: what stands from here on.
    counted_from: Option<Fact>,
}

/// Functions of V8.
const BUILTIN: Places = Places {
    function: Fact::BuiltinExitTarget,
    count: Fact::BuiltinExitArgc,
    receiver: Fact::BuiltinExitReceiver,
    counted_from: Some(Fact::BuiltinExitNewTarget),
};

/// Functions of the embedder, from V8 12 on.
const API: Places = Places {
    function: Fact::ApiExitTarget,
    count: Fact::ApiExitArgc,
    receiver: Fact::ApiExitReceiver,
    counted_from: None,
};

impl Reader<'_> {
    /// The function that a frame of a C++ builtin runs.
    pub(crate) fn builtin_exit(self, physical: &Physical, fp: u64) -> Result<JsFrame> {
        let mut frame = self.exit(physical, fp, &BUILTIN)?;
        let new_target = self.frame_word(fp, Fact::BuiltinExitNewTarget)?;
        frame.is_construct = self.heap.is(Value(new_target), Kind::JsFunction)?;
        Ok(frame)
    }

    /// The function of the embedder that a frame runs.
    pub(crate) fn api_exit(self, physical: &Physical, fp: u64) -> Result<JsFrame> {
        self.exit(physical, fp, &API)
    }

    fn exit(self, physical: &Physical, fp: u64, places: &Places) -> Result<JsFrame> {
        let mut frame = JsFrame::empty(fp, physical.pc, Tier::Builtin);
        let heap = self.heap;
        let target = self.frame_word(fp, places.function)?;
        let object = heap.object(Value(target))?;
        // Optimised calls pass the template that the function was made from instead of it.
        let shared = if object.kind == Kind::FunctionTemplateInfo {
            let shared = heap.field(object.address, Fact::FunctionTemplateShared)?;
            heap.object_of(shared, Kind::SharedFunctionInfo)?
        } else {
            frame.function = Some(object);
            heap.shared(object)?
        };
        frame.shared = Some(shared);
        if heap.is_api_function(shared)? {
            frame.tier = Tier::Api;
        }
        let receiver = heap.layout.need(places.receiver)?;
        frame.receiver = Held::Tagged(Value(heap.word(fp, receiver)?));
        let word = self.frame_word(fp, places.count)?;
        // A small integer, or (from V8 13 on, in API frames) a raw number.
        let all = match Value(word).exact_smi() {
            Some(smi) if smi != 0 => i64::from(smi),
            _ => i64::try_from(word).unwrap_or(i64::MAX),
        };
        let extra = match places.counted_from {
            Some(first) => (receiver - heap.layout.need(first)?) / 8 + 1,
            None => 0,
        };
        let count = all.checked_sub(extra).and_then(|count| u64::try_from(count).ok());
        match count.filter(|count| *count <= MOST_ARGUMENTS) {
            Some(count) => {
                let first = fp.wrapping_add_signed(receiver + 8);
                frame.arguments = self.tagged_words(first, 8, count);
                frame.is_read = true;
            }
            None => frame.troubles.push("an impossible number of arguments".to_owned()),
        }
        Ok(frame)
    }
}
