//! Frames of functions of V8 that are written in C++: the caller's arguments lie above the frame.

use super::javascript::Reader;
use super::physical::Physical;
use super::{Held, JsFrame, Tier};
use crate::layout::fact::Fact;
use crate::object::kind::Kind;
use crate::object::value::Value;
use mdb_dmod::prelude::*;

/// So many arguments are read.
const MOST_ARGUMENTS: u64 = 4096;

impl Reader<'_> {
    /// The function that a frame of a C++ builtin runs.
    pub(crate) fn builtin_exit(self, physical: &Physical, fp: u64) -> Result<JsFrame> {
        let mut frame = JsFrame::empty(fp, physical.pc, Tier::Builtin);
        let heap = self.heap;
        let target = self.frame_word(fp, Fact::BuiltinExitTarget)?;
        let function = heap.object_of(Value(target), Kind::JsFunction)?;
        frame.function = Some(function);
        frame.shared = Some(heap.shared(function)?);
        let receiver = heap.layout.need(Fact::BuiltinExitReceiver)?;
        frame.receiver = Held::Tagged(Value(heap.word(fp, receiver)?));
        // The number counts what stands between the frame and the receiver, and the receiver.
        let all = Value(self.frame_word(fp, Fact::BuiltinExitArgc)?).exact_smi();
        let extra = (receiver - 16) / 8 + 1;
        let count = all.map(|all| i64::from(all) - extra).and_then(|n| u64::try_from(n).ok());
        match count.filter(|count| *count <= MOST_ARGUMENTS) {
            Some(count) => {
                let first = fp.wrapping_add_signed(receiver + 8);
                frame.arguments = self.tagged_words(first, 8, count);
            }
            None => frame.troubles.push("an impossible number of arguments".to_owned()),
        }
        let new_target = heap.word(fp, heap.layout.need(Fact::BuiltinExitNewTarget)?)?;
        frame.is_construct = heap.is(Value(new_target), Kind::JsFunction)?;
        Ok(frame)
    }
}
