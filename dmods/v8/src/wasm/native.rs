//! V8's C++ objects for WebAssembly: the module, and the code of its functions.

use crate::layout::fact::Fact;
use crate::object::heap::{Heap, Object};
use crate::object::kind::Kind;
use crate::object::value::Value;
use mdb_dmod::prelude::*;
use std::ops::Range;

/// The compiler of a function of WebAssembly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WasmTier {
    /// The baseline compiler.
    Liftoff,
    /// The optimising compiler.
    Turbofan,
}

impl WasmTier {
    /// For people.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Liftoff => "liftoff",
            Self::Turbofan => "turbofan",
        }
    }
}

/// Objects of the heap that lead from a frame to its module.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instance {
    /// The object.
    pub(crate) object: Object,
    /// The module.
    pub(crate) module: Object,
    /// Its script, which has its URL.
    pub(crate) script: Object,
}

/// Code of a function (`WasmCode`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WasmCode {
    /// Its first instruction.
    pub(crate) start: u64,
    /// The number of the function.
    pub(crate) function: u32,
    /// The compiler, where it is one that is known.
    pub(crate) tier: Option<WasmTier>,
    /// Where the table of positions is.
    pub(crate) positions: Range<u64>,
    /// Where the positions of inlined calls are.
    pub(crate) inlining: Range<u64>,
}

/// Code of one function, and all that is kept beside it, is not longer.
const LONGEST_CODE: u64 = 1 << 30;
/// A balanced tree of all that fits into memory is not deeper (libstdc++'s trees are red-black).
const DEEPEST_TREE: u32 = 128;
/// Code that was compiled since the tree was used last; no module has more functions.
const MOST_NEW: u64 = 1 << 20;
/// Pointers that are read at once.
const NEW_AT_ONCE: u64 = 512;

// libstdc++, bits/stl_tree.h: a map holds its comparison (empty), a node that stands for the end, and
// the number of elements; that node's parent is the root. A vector is three pointers.
const MAP_END: i64 = 8;
const MAP_SIZE: i64 = 48;
const NODE_PARENT: i64 = 8;
const NODE_LEFT: i64 = 16;
const NODE_RIGHT: i64 = 24;
const NODE_KEY: i64 = 32;
const NODE_VALUE: i64 = 40;

impl Heap<'_> {
    /// The instance that a frame of WebAssembly holds, with its module and script.
    pub(crate) fn wasm_instance(self, held: Value) -> Result<Instance> {
        let mut instance = self.object(held)?;
        if let Some(offset) = self.layout.get(Fact::WasmTrustedInstanceObject)
            && instance.kind != Kind::WasmInstanceObject
        {
            let value = Value(self.word(instance.address, offset)?);
            instance = self.object_of(value, Kind::WasmInstanceObject)?;
        }
        let module = self.field(instance.address, Fact::WasmInstanceModule)?;
        let module = self.object_of(module, Kind::WasmModuleObject)?;
        let script = self.field(module.address, Fact::WasmModuleScript)?;
        let script = self.object_of(script, Kind::Script)?;
        Ok(Instance { object: instance, module, script })
    }

    /// The C++ object of a module.
    pub(crate) fn wasm_native_module(self, instance: Instance) -> Result<u64> {
        let managed = self.field(instance.module.address, Fact::WasmModuleNative)?;
        // The script of a module has the same in the field in which others have a position.
        if self.field(instance.script.address, Fact::ScriptEvalFromPosition)? != managed {
            return Err(Error::at(
                instance.module.address,
                "the module and its script disagree on the C++ module",
            ));
        }
        let managed = self.object(managed)?;
        let destructor = self.word(managed.address, self.layout.need(Fact::ForeignAddress)?)?;
        let shared = self.word(destructor, self.layout.need(Fact::ManagedSharedPointer)?)?;
        self.memory.read_u64(shared)
    }

    /// Where the bytes of a module are in memory, and how many.
    pub(crate) fn wasm_wire_bytes(self, native: u64) -> Result<(u64, u64)> {
        let owned = self.word(native, self.layout.need(Fact::NativeModuleWireBytes)?)?;
        let (start, length) = (self.word(owned, 0)?, self.word(owned, 8)?);
        let mut magic = [0; 4];
        self.memory.read(start, &mut magic)?;
        if magic != *b"\0asm" {
            return Err(Error::at(native, "the C++ module has no bytes of a WebAssembly module"));
        }
        Ok((start, length))
    }

    /// The code of a module that a pc is in.
    pub(crate) fn wasm_code(self, native: u64, pc: u64) -> Result<WasmCode> {
        let map = native.wrapping_add_signed(self.layout.need(Fact::NativeModuleOwnedCode)?);
        if let Some((start, code)) = self.code_in_tree(map, pc)?
            && let Some(code) = self.wasm_code_at(code, native, pc)?
            && code.start == start
        {
            return Ok(code);
        }
        let vector = map.wrapping_add_signed(MAP_SIZE);
        match self.code_in_vector(vector, native, pc)? {
            Some(code) => Ok(code),
            None => Err(Error::at(pc, "no function of the WebAssembly module has this code")),
        }
    }

    /// The key and the value of the last element of the tree whose key is not behind the pc.
    fn code_in_tree(self, map: u64, pc: u64) -> Result<Option<(u64, u64)>> {
        let end = map.wrapping_add_signed(MAP_END);
        let mut node = self.word(end, NODE_PARENT)?;
        if node == 0 {
            return Ok(None);
        }
        if self.word(node, NODE_PARENT)? != end {
            return Err(Error::at(map, "no tree of WebAssembly code is there"));
        }
        let mut found = None;
        for _ in 0..DEEPEST_TREE {
            if node == 0 {
                return Ok(found);
            }
            let key = self.word(node, NODE_KEY)?;
            node = if key <= pc {
                found = Some((key, self.word(node, NODE_VALUE)?));
                self.word(node, NODE_RIGHT)?
            } else {
                self.word(node, NODE_LEFT)?
            };
        }
        Err(Error::at(map, "the tree of WebAssembly code is too deep"))
    }

    /// The same among code that is not in the tree yet.
    fn code_in_vector(self, vector: u64, native: u64, pc: u64) -> Result<Option<WasmCode>> {
        let (first, end) = (self.word(vector, 0)?, self.word(vector, 8)?);
        let length = end.checked_sub(first).filter(|length| length % 8 == 0).map(|bytes| bytes / 8);
        let Some(length) = length.filter(|length| *length <= MOST_NEW) else {
            return Err(Error::at(vector, "no list of new WebAssembly code is there"));
        };
        let mut done = 0;
        while done < length {
            let count = (length - done).min(NEW_AT_ONCE);
            let mut bytes = vec![0; count as usize * 8];
            self.memory.read(first.wrapping_add(done * 8), &mut bytes)?;
            for word in bytes.chunks_exact(8) {
                let code = u64::from_le_bytes(word.try_into().unwrap_or_default());
                if let Some(code) = self.wasm_code_at(code, native, pc)? {
                    return Ok(Some(code));
                }
            }
            done += count;
        }
        Ok(None)
    }

    /// The code object at an address, if it is one of this module and its instructions hold the pc.
    fn wasm_code_at(self, code: u64, native: u64, pc: u64) -> Result<Option<WasmCode>> {
        let word = |fact| self.word(code, self.layout.need(fact)?);
        let size = |fact| -> Result<u64> { self.field_u32(code, fact).map(u64::from) };
        if word(Fact::WasmCodeModule)? != native {
            return Err(Error::at(code, "the code is of another WebAssembly module"));
        }
        let start = word(Fact::WasmCodeInstructions)?;
        let length = size(Fact::WasmCodeInstructionsSize)?;
        if pc.checked_sub(start).is_none_or(|offset| offset >= length) {
            return Ok(None);
        }
        let flags = i64::from(self.field_u8(code, Fact::WasmCodeFlags)?);
        if flags & self.layout.need(Fact::WasmCodeKindMask)? != 0 {
            return Err(Error::at(code, "the code is of no function of the WebAssembly module"));
        }
        let tier = flags >> self.layout.need(Fact::WasmCodeTierShift)? & 3;
        let tier = match tier {
            1 => Some(WasmTier::Liftoff),
            2 => Some(WasmTier::Turbofan),
            _ => None,
        };
        // Tables stand behind each other: protected instructions, relocations, positions, inlining.
        let skipped = size(Fact::WasmCodeProtectedSize)? + size(Fact::WasmCodeRelocationSize)?;
        let positions = word(Fact::WasmCodeTables)?.wrapping_add(skipped);
        let inlining = positions.wrapping_add(size(Fact::WasmCodePositionsSize)?);
        let inlining_size = match self.layout.get(Fact::WasmCodeInliningSize) {
            Some(_) => size(Fact::WasmCodeInliningSize)?,
            None => 0,
        };
        let behind = inlining.wrapping_add(inlining_size);
        if length > LONGEST_CODE || behind < positions || behind - positions > LONGEST_CODE {
            return Err(Error::at(code, "WebAssembly code of an impossible length"));
        }
        Ok(Some(WasmCode {
            start,
            function: self.field_u32(code, Fact::WasmCodeFunction)?,
            tier,
            positions: positions..inlining,
            inlining: inlining..behind,
        }))
    }
}
