//! V8's C++ objects for WebAssembly: the module, and the code of its functions.

use crate::layout::Layout;
use crate::layout::fact::Fact;
use crate::object::heap::{Heap, Object};
use crate::object::kind::Kind;
use crate::object::value::Value;
use mdb_dmod::prelude::*;
use std::ops::Range;

use super::wire::Source;

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
    /// The instance.
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

    /// Whether a script is a module of WebAssembly, and not a script with asm.js.
    pub(crate) fn is_wasm_script(self, script: Object) -> Result<bool> {
        let script_type = self.field(script.address, Fact::ScriptType)?.exact_smi();
        Ok(script_type.map(i64::from) == Some(self.layout.need(Fact::ScriptTypeWasm)?))
    }

    /// The C++ object of a module.
    pub(crate) fn wasm_native_module(self, instance: Instance) -> Result<u64> {
        let managed = self.field(instance.module.address, Fact::WasmModuleNative)?;
        // The script of a module has the same in the field in which others have a position.
        if self.is_wasm_script(instance.script)?
            && self.field(instance.script.address, Fact::ScriptEvalFromPosition)? != managed
        {
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
}

/// A module as V8 has it in C++ (`NativeModule`).
#[derive(Clone, Copy)]
pub(crate) struct NativeModule<'a> {
    /// Where it is.
    pub(crate) address: u64,
    /// The layout of the V8 at hand.
    pub(crate) layout: &'a Layout,
    /// Reads memory of the target, by addresses.
    pub(crate) memory: Source<'a>,
}

impl NativeModule<'_> {
    fn word(self, address: u64, offset: i64) -> Result<u64> {
        let mut bytes = [0; 8];
        (self.memory)(address.wrapping_add_signed(offset), &mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn field(self, address: u64, fact: Fact) -> Result<u64> {
        self.word(address, self.layout.need(fact)?)
    }

    fn field_u32(self, address: u64, fact: Fact) -> Result<u32> {
        let mut bytes = [0; 4];
        (self.memory)(address.wrapping_add_signed(self.layout.need(fact)?), &mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    /// Where the bytes of a module are in memory, and how many.
    pub(crate) fn wire_bytes(self) -> Result<(u64, u64)> {
        let owned = self.field(self.address, Fact::NativeModuleWireBytes)?;
        let (start, length) = (self.word(owned, 0)?, self.word(owned, 8)?);
        let mut magic = [0; 4];
        (self.memory)(start, &mut magic)?;
        if magic != *b"\0asm" {
            return Err(Error::at(
                self.address,
                "the C++ module has no bytes of a WebAssembly module",
            ));
        }
        Ok((start, length))
    }

    /// The code of a module that a pc is in.
    pub(crate) fn code(self, pc: u64) -> Result<WasmCode> {
        let map = self.address.wrapping_add_signed(self.layout.need(Fact::NativeModuleOwnedCode)?);
        if let Some((start, code)) = self.code_in_tree(map, pc)?
            && let Some(code) = self.code_at(code, pc)?
            && code.start == start
        {
            return Ok(code);
        }
        let vector = map.wrapping_add_signed(MAP_SIZE);
        match self.code_in_vector(vector, pc)? {
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
    fn code_in_vector(self, vector: u64, pc: u64) -> Result<Option<WasmCode>> {
        let (first, end) = (self.word(vector, 0)?, self.word(vector, 8)?);
        let length = end.checked_sub(first).filter(|length| length % 8 == 0).map(|bytes| bytes / 8);
        let Some(length) = length.filter(|length| *length <= MOST_NEW) else {
            return Err(Error::at(vector, "no list of new WebAssembly code is there"));
        };
        let mut done = 0;
        while done < length {
            let count = (length - done).min(NEW_AT_ONCE);
            let mut bytes = vec![0; count as usize * 8];
            (self.memory)(first.wrapping_add(done * 8), &mut bytes)?;
            for word in bytes.chunks_exact(8) {
                let code = u64::from_le_bytes(word.try_into().unwrap_or_default());
                if let Some(code) = self.code_at(code, pc)? {
                    return Ok(Some(code));
                }
            }
            done += count;
        }
        Ok(None)
    }

    /// The code object at an address, if it is one of this module and its instructions hold the pc.
    fn code_at(self, code: u64, pc: u64) -> Result<Option<WasmCode>> {
        let word = |fact| self.field(code, fact);
        let size = |fact| -> Result<u64> { self.field_u32(code, fact).map(u64::from) };
        if word(Fact::WasmCodeModule)? != self.address {
            return Err(Error::at(code, "the code is of another WebAssembly module"));
        }
        let start = word(Fact::WasmCodeInstructions)?;
        let length = size(Fact::WasmCodeInstructionsSize)?;
        if pc.checked_sub(start).is_none_or(|offset| offset >= length) {
            return Ok(None);
        }
        let flags = i64::from(self.field_u32(code, Fact::WasmCodeFlags)? & 0xff);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::metadata::Metadata;
    use crate::layout::version::Version;
    use std::collections::HashMap;

    const MODULE: u64 = 0x10_0000;
    const WIRE: u64 = 0x20_0000;
    const TABLES: u64 = 0x30_0000;

    /// Memory by bytes.
    struct World {
        layout: Layout,
        bytes: HashMap<u64, u8>,
    }

    impl World {
        fn new(version: &str) -> Self {
            let layout = Layout::new(Version::parse(version).unwrap(), &Metadata::new(Vec::new()));
            Self { layout, bytes: HashMap::new() }
        }

        fn put(&mut self, address: u64, bytes: &[u8]) {
            for (index, byte) in bytes.iter().enumerate() {
                self.bytes.insert(address + index as u64, *byte);
            }
        }

        fn word(&mut self, address: u64, value: u64) {
            self.put(address, &value.to_le_bytes());
        }

        fn fact(&self, base: u64, fact: Fact) -> u64 {
            base.wrapping_add_signed(self.layout.get(fact).unwrap())
        }

        /// A code object of a function, with 16 bytes of positions behind 3 + 5 bytes of other tables.
        fn code(&mut self, at: u64, start: u64, length: u32, function: u32) {
            let flags = 1 << self.layout.get(Fact::WasmCodeTierShift).unwrap();
            for (fact, value) in [
                (Fact::WasmCodeFlags, flags),
                (Fact::WasmCodeInstructionsSize, length),
                (Fact::WasmCodeRelocationSize, 5),
                (Fact::WasmCodePositionsSize, 16),
                (Fact::WasmCodeProtectedSize, 3),
                (Fact::WasmCodeFunction, function),
                (Fact::WasmCodeInliningSize, 13),
            ] {
                if self.layout.get(fact).is_some() {
                    let at = self.fact(at, fact);
                    self.put(at, &value.to_le_bytes());
                }
            }
            self.word(self.fact(at, Fact::WasmCodeModule), MODULE);
            self.word(self.fact(at, Fact::WasmCodeInstructions), start);
            self.word(self.fact(at, Fact::WasmCodeTables), TABLES);
        }

        fn node(&mut self, at: u64, links: [u64; 3], code: u64, start: u64) {
            let places = [NODE_PARENT, NODE_LEFT, NODE_RIGHT, NODE_VALUE, NODE_KEY];
            for (place, value) in places.into_iter().zip(links.into_iter().chain([code, start])) {
                self.word(at.wrapping_add_signed(place), value);
            }
        }

        /// Three functions in the tree, one that is still in the list, and the bytes of a module.
        fn example(version: &str) -> Self {
            let mut world = Self::new(version);
            let owned = world.fact(MODULE, Fact::NativeModuleWireBytes);
            world.word(owned, 0x5000);
            world.word(0x5000, WIRE);
            world.word(0x5008, 107);
            world.put(WIRE, b"\0asm");
            let map = world.fact(MODULE, Fact::NativeModuleOwnedCode);
            let end = map + 8;
            world.word(end + 8, 0x6000);
            world.node(0x6000, [end, 0x6100, 0x6200], 0x7000, 0x9_0100);
            world.node(0x6100, [0x6000, 0, 0], 0x7100, 0x9_0000);
            world.node(0x6200, [0x6000, 0, 0], 0x7200, 0x9_0200);
            world.code(0x7000, 0x9_0100, 0x80, 11);
            world.code(0x7100, 0x9_0000, 0x100, 10);
            world.code(0x7200, 0x9_0200, 0x100, 12);
            world.code(0x7300, 0x9_0400, 0x10, 13);
            world.word(map + 48, 0x8000);
            world.word(map + 56, 0x8008);
            world.word(0x8000, 0x7300);
            world
        }

        fn module<T>(&self, ask: impl FnOnce(NativeModule<'_>) -> T) -> T {
            let memory = |at: u64, buffer: &mut [u8]| {
                for (index, byte) in buffer.iter_mut().enumerate() {
                    let at = at.wrapping_add(index as u64);
                    *byte = *self.bytes.get(&at).ok_or_else(|| Error::at(at, "not mapped"))?;
                }
                Ok(())
            };
            ask(NativeModule { address: MODULE, layout: &self.layout, memory: &memory })
        }

        fn wire_bytes(&self) -> Result<(u64, u64)> {
            self.module(|module| {
                let bytes = module.wire_bytes()?;
                Ok(bytes)
            })
        }

        fn function(&self, pc: u64) -> Option<u32> {
            self.module(|module| module.code(pc)).ok().map(|code| code.function)
        }
    }

    const VERSIONS: [&str; 5] = ["10.2.1.1", "11.3.1.1", "12.4.1.1", "13.6.1.1", "14.6.1.1"];

    #[test]
    fn code_is_found_by_pc() {
        for version in VERSIONS {
            let world = World::example(version);
            let functions = [0x9_0000, 0x9_00ff, 0x9_0100, 0x9_017f, 0x9_02ff, 0x9_0405];
            let found = functions.map(|pc| world.function(pc));
            assert_eq!(found, [10, 10, 11, 11, 12, 13].map(Some), "{version}");
            // Before all, between, and behind all.
            assert_eq!([0x8_ffff, 0x9_0180, 0x9_0410].map(|pc| world.function(pc)), [None; 3]);
            let code = world.module(|module| module.code(0x9_0110)).unwrap();
            assert_eq!((code.start, code.tier), (0x9_0100, Some(WasmTier::Liftoff)));
            assert_eq!(code.positions, TABLES + 8..TABLES + 24);
            let inlining = if version == VERSIONS[0] { 0 } else { 13 };
            assert_eq!(code.inlining, TABLES + 24..TABLES + 24 + inlining);
            assert_eq!(world.wire_bytes().unwrap(), (WIRE, 107));
        }
    }

    #[test]
    fn what_does_not_fit_together_is_no_code() {
        let mut world = World::example("14.6.1.1");
        world.word(world.fact(0x7000, Fact::WasmCodeModule), MODULE + 8);
        assert_eq!(world.function(0x9_0110), None, "of another module");

        let mut world = World::example("14.6.1.1");
        world.put(world.fact(0x7000, Fact::WasmCodeFlags), &[1]);
        assert_eq!(world.function(0x9_0110), None, "a wrapper");

        let mut world = World::example("14.6.1.1");
        world.word(0x6000 + 8, 0x1234);
        assert_eq!(world.function(0x9_0110), None, "no tree");

        let mut world = World::example("14.6.1.1");
        world.put(WIRE, b"\x7fELF");
        assert!(world.wire_bytes().is_err());
    }

    #[test]
    fn cycles_and_endless_lists_end() {
        let mut world = World::example("14.6.1.1");
        world.node(0x6200, [0x6000, 0x6200, 0x6200], 0x7200, 0x9_0200);
        assert_eq!(world.function(0x9_0210), None);

        let mut world = World::example("14.6.1.1");
        let map = world.fact(MODULE, Fact::NativeModuleOwnedCode);
        world.word(map + 56, u64::MAX - 7);
        assert_eq!(world.function(0x9_0405), None);
        assert_eq!(world.function(0x9_0110), Some(11));
    }
}
