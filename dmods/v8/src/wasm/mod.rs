//! WebAssembly: which function of which module a pc is in, and where in the bytes of the module.

pub(crate) mod module;
pub(crate) mod native;
mod wire;

use crate::code::position_table::{PositionTable, SourcePosition};
use crate::layout::fact::Fact;
use crate::object::heap::Heap;
use crate::partial::noted;
use crate::vm::Vm;
use mdb_dmod::prelude::*;
use module::Module;
use native::{NativeModule, WasmCode, WasmTier};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// So many places are remembered before all are forgotten.
const MOST_PLACES: usize = 1 << 16;
/// So many modules are.
const MOST_MODULES: usize = 32;
/// Tables of positions of one function are not longer.
const LONGEST_TABLE: u64 = 1 << 26;
/// So many calls of inlined functions lie in each other.
const DEEPEST_INLINING: usize = 256;

/// V8 keeps positions of instructions that call or may trap, and of no others.
const BETWEEN: &str = "the place is that of the last call or check before the pc";

/// The number of a function, and how far from the beginning of its body a call in it is.
type Call = (u32, Option<u32>);

/// A function of a module, and where in it the call is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WasmSite {
    /// The number of the function.
    pub(crate) function: u32,
    /// Its name, if the module says it.
    pub(crate) name: Option<String>,
    /// The byte of the module that the call is at.
    pub(crate) offset: Option<u32>,
}

/// What is known of a pc in code of WebAssembly.
#[derive(Clone, Debug, Default)]
pub(crate) struct WasmPlace {
    /// The compiler.
    pub(crate) tier: Option<WasmTier>,
    /// The function of the frame is the last; before it stand those inlined into it, innermost first.
    pub(crate) sites: Vec<WasmSite>,
    /// The name of the module, if the module says it.
    pub(crate) module: Option<String>,
    /// What could not be found out, and why.
    pub(crate) troubles: Vec<String>,
}

/// What was looked up so far.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// By the address of the C++ module.
    modules: HashMap<u64, Arc<Module>>,
    /// By that address, the pc, and whether the thread was there.
    places: HashMap<(u64, u64, bool), Arc<WasmPlace>>,
}

/// The store of what was looked up.
pub(crate) type Store = Mutex<Known>;

impl Vm {
    fn known_wasm<T>(&self, ask: impl FnOnce(&mut Known) -> T) -> T {
        ask(&mut self.wasm.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What a pc in code of a module is. `is_exact`: it is no return address. Only ^C is an error.
    pub(crate) fn wasm_place(
        &self,
        heap: Heap<'_>,
        native: u64,
        pc: u64,
        is_exact: bool,
    ) -> Result<Arc<WasmPlace>> {
        let key = (native, pc, is_exact);
        if let Some(place) = self.known_wasm(|known| known.places.get(&key).cloned()) {
            return Ok(place);
        }
        let mut place = WasmPlace::default();
        let result = self.find_place(heap, &mut place, native, pc, is_exact);
        noted(&mut place.troubles, "WebAssembly", result)?;
        let place = Arc::new(place);
        self.known_wasm(|known| {
            if known.places.len() >= MOST_PLACES {
                known.places.clear();
            }
            known.places.insert(key, Arc::clone(&place));
        });
        Ok(place)
    }

    fn find_place(
        &self,
        heap: Heap<'_>,
        place: &mut WasmPlace,
        native: u64,
        pc: u64,
        is_exact: bool,
    ) -> Result<()> {
        let memory = |at: u64, buffer: &mut [u8]| heap.memory.read(at, buffer);
        let native = NativeModule { address: native, layout: &self.layout, memory: &memory };
        let wire = native.wire_bytes()?;
        let (module, troubles) = self.wasm_module(heap, native.address, wire)?;
        place.module.clone_from(&module.name);
        place.troubles.extend(troubles);
        let code = native.code(pc)?;
        place.tier = code.tier;
        let calls = self.calls(heap, &code, pc, is_exact);
        let calls = noted(&mut place.troubles, "position", calls)?;
        let (calls, is_certain) = calls.unwrap_or_else(|| (vec![(code.function, None)], true));
        if !is_certain {
            place.troubles.push(BETWEEN.to_owned());
        }
        let source = |at: u64, buffer: &mut [u8]| heap.memory.read(wire.0.wrapping_add(at), buffer);
        for (function, offset) in calls {
            let name = module.function_name(&source, function);
            let name = noted(&mut place.troubles, "name", name)?.flatten();
            let body = module.body(function);
            let offset = offset.zip(body).and_then(|(offset, body)| body.checked_add(offset));
            place.sites.push(WasmSite { function, name, offset });
        }
        Ok(())
    }

    fn wasm_module(
        &self,
        heap: Heap<'_>,
        native: u64,
        (start, length): (u64, u64),
    ) -> Result<(Arc<Module>, Vec<String>)> {
        if let Some(module) = self.known_wasm(|known| known.modules.get(&native).cloned()) {
            let troubles = module.troubles.clone();
            return Ok((module, troubles));
        }
        let source = |at: u64, buffer: &mut [u8]| heap.memory.read(start.wrapping_add(at), buffer);
        let module = Arc::new(Module::decode(&source, length)?);
        self.known_wasm(|known| {
            if known.modules.len() >= MOST_MODULES {
                known.modules.clear();
            }
            known.modules.insert(native, Arc::clone(&module));
        });
        let troubles = module.troubles.clone();
        Ok((module, troubles))
    }

    /// The functions that a pc is in, innermost first, each with the distance from the beginning of its
    /// body; and whether the thread was just there.
    fn calls(
        &self,
        heap: Heap<'_>,
        code: &WasmCode,
        pc: u64,
        is_exact: bool,
    ) -> Result<(Vec<Call>, bool)> {
        let encoding = self
            .position_encoding
            .ok_or_else(|| Error::new("the encoding of positions is not known"))?;
        let table = bytes(heap, code.positions.start, code.positions.end)?;
        let offset = i32::try_from(pc.saturating_sub(code.start)).unwrap_or(i32::MAX);
        // Of a return address it is the call before it that counts.
        let offset = if is_exact { offset } else { offset.saturating_sub(1) };
        let entry = PositionTable::new(encoding, &table).find(offset);
        let entry = entry.map_err(|error| Error::new(error.to_string()))?;
        let Some(entry) = entry else { return Ok((vec![(code.function, None)], true)) };
        let is_certain = !is_exact || entry.code_offset == offset;
        let inlining = bytes(heap, code.inlining.start, code.inlining.end)?;
        let shape = Inlining {
            entry: size(heap, Fact::WasmInliningEntry),
            tail_call: size(heap, Fact::WasmInliningTailCall),
            position: size(heap, Fact::WasmInliningCaller),
        };
        let calls = shape.calls(&inlining, code.function, entry.position)?;
        Ok((calls, is_certain))
    }
}

/// How an entry of the positions of inlined calls looks.
#[derive(Clone, Copy, Debug)]
struct Inlining {
    /// How long it is; it begins with the number of the function. `None`: this V8 has none.
    entry: Option<usize>,
    /// Where it says whether it was a tail call.
    tail_call: Option<usize>,
    /// Where the position of the call is.
    position: Option<usize>,
}

impl Inlining {
    /// Follows inlined calls outwards to the function that has the code.
    fn calls(
        self,
        table: &[u8],
        outermost: u32,
        mut position: SourcePosition,
    ) -> Result<Vec<Call>> {
        let mut calls = Vec::new();
        // A caller that made a tail call is not on the stack any more.
        let mut has_left = false;
        let mut depth = 0;
        while let Some(id) = position.inlining_id() {
            let entry = self.entry.and_then(|length| {
                let start = length.checked_mul(id as usize)?;
                table.get(start..start.checked_add(length)?)
            });
            let parts = entry.zip(self.position).and_then(|(entry, at)| {
                let function = entry.first_chunk::<4>()?;
                let caller = entry.get(at..)?.first_chunk::<8>()?;
                Some((entry, u32::from_le_bytes(*function), u64::from_le_bytes(*caller)))
            });
            let Some((entry, function, caller)) = parts else {
                return Err(Error::new(format!("no inlined call has the number {id}")));
            };
            depth += 1;
            if depth > DEEPEST_INLINING {
                return Err(Error::new("inlined calls without an end"));
            }
            if !has_left {
                calls.push((function, position.script_offset()));
            }
            let is_tail_call = self.tail_call.and_then(|at| entry.get(at)).is_some_and(|b| *b != 0);
            (position, has_left) = (SourcePosition(caller), is_tail_call);
        }
        if !has_left {
            calls.push((outermost, position.script_offset()));
        }
        Ok(calls)
    }
}

fn size(heap: Heap<'_>, fact: Fact) -> Option<usize> {
    heap.layout.get(fact).and_then(|value| usize::try_from(value).ok())
}

fn bytes(heap: Heap<'_>, start: u64, end: u64) -> Result<Vec<u8>> {
    let length = end.saturating_sub(start);
    if length > LONGEST_TABLE {
        return Err(Error::at(start, format!("a table of {length} bytes")));
    }
    let mut bytes = vec![0; length as usize];
    if !bytes.is_empty() {
        heap.memory.read(start, &mut bytes)?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: u64, inlining: Option<u64>) -> SourcePosition {
        SourcePosition((offset + 1) << 1 | inlining.map_or(0, |id| id + 1) << 31)
    }

    fn entry(function: u32, is_tail_call: bool, caller: SourcePosition) -> Vec<u8> {
        let mut bytes = function.to_le_bytes().to_vec();
        bytes.push(u8::from(is_tail_call));
        bytes.extend(caller.0.to_le_bytes());
        bytes
    }

    /// As in V8 12.4 and later.
    const PACKED: Inlining = Inlining { entry: Some(13), tail_call: Some(4), position: Some(5) };

    #[test]
    fn inlined_calls_are_followed_outwards() {
        let table = [entry(7, false, at(20, None)), entry(9, false, at(30, Some(0)))].concat();
        let calls = |position| PACKED.calls(&table, 3, position).unwrap();
        assert_eq!(calls(at(40, None)), [(3, Some(40))]);
        assert_eq!(calls(at(40, Some(0))), [(7, Some(40)), (3, Some(20))]);
        assert_eq!(calls(at(40, Some(1))), [(9, Some(40)), (7, Some(30)), (3, Some(20))]);
    }

    #[test]
    fn callers_that_made_a_tail_call_are_gone() {
        let table = [entry(7, true, at(20, None)), entry(9, false, at(30, Some(0)))].concat();
        let calls = |position| PACKED.calls(&table, 3, position).unwrap();
        assert_eq!(calls(at(40, Some(0))), [(7, Some(40))]);
        assert_eq!(calls(at(40, Some(1))), [(9, Some(40)), (7, Some(30))]);
    }

    #[test]
    fn entries_that_are_not_there_and_cycles_are_errors() {
        assert!(PACKED.calls(&[], 3, at(1, Some(0))).is_err());
        let cycle = entry(7, false, at(20, Some(0)));
        assert!(PACKED.calls(&cycle, 3, at(1, Some(0))).is_err());
        let none = Inlining { entry: None, tail_call: None, position: None };
        assert!(none.calls(&cycle, 3, at(1, Some(0))).is_err());
        assert_eq!(none.calls(&[], 3, at(1, None)).unwrap(), [(3, Some(1))]);
        // Tail calls in a cycle add nothing to the calls and end all the same.
        let cycle = entry(7, true, at(20, Some(0)));
        assert!(PACKED.calls(&cycle, 3, at(1, Some(0))).is_err());
    }
}
