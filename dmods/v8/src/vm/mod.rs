//! The virtual machine of a target: which V8, where its isolates are, what its layout is. Found once
//! for each target.

pub(crate) mod binary;
pub(crate) mod code;
pub(crate) mod functions;
pub(crate) mod isolates;
pub(crate) mod pages;
pub(crate) mod roots;

use crate::code::position_table::{POSITION_ENCODINGS, PositionEncoding};
use crate::code::variants::{V8Version, v8, variant_of};
use crate::frame::frame_type::FrameTypes;
use crate::layout::Layout;
use crate::layout::fact::Fact;
use crate::layout::version::Version;
use crate::object::heap::Heap;
use crate::object::kind::Kinds;
use crate::wasm;
use binary::{Binary, MetadataSource};
use code::CompiledCode;
use isolates::Isolate;
use mdb_dmod::MappingKind;
use mdb_dmod::prelude::*;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What is known of the V8 in a target.
#[derive(Debug)]
pub(crate) struct Vm {
    /// The module with V8.
    pub(crate) binary: Binary,
    /// Where its metadata comes from.
    pub(crate) metadata_source: MetadataSource,
    /// The layout.
    pub(crate) layout: Layout,
    /// The instance types.
    pub(crate) kinds: Kinds,
    /// The isolates, in the order of their addresses.
    pub(crate) isolates: Vec<Isolate>,
    /// The types of V8's own frames.
    pub(crate) frame_types: FrameTypes,
    /// How long each bytecode is, at each of three scales.
    pub(crate) bytecode_sizes: Vec<u8>,
    /// How tables of positions are encoded.
    pub(crate) position_encoding: Option<PositionEncoding>,
    /// Executable memory that is of no file, in the order of addresses.
    pub(crate) executable: Vec<Range<u64>>,
    /// Code by pc, as far as it was looked up.
    codes: Mutex<HashMap<u64, Option<CompiledCode>>>,
    /// Functions and scripts, as far as they were looked up.
    known: functions::Store,
    /// Modules of WebAssembly and places in their code, as far as they were looked up.
    pub(crate) wasm: wasm::Store,
    /// Where the embedded builtins are in the binary.
    pub(crate) blob: Option<u64>,
    /// How many bytes of code the embedded builtins have; 0: not known.
    pub(crate) blob_size: u64,
}

/// The key under which the number of a target's machine is kept.
const KEY: &str = "vm";

/// So many places in code are remembered before all are forgotten.
const MOST_REMEMBERED: usize = 1 << 16;

/// The machines of all targets, by the number that each target keeps.
static MACHINES: Mutex<Option<HashMap<u64, Found>>> = Mutex::new(None);
static NEXT: AtomicU64 = AtomicU64::new(1);

/// What looking for V8 in a target gave.
#[derive(Clone, Debug)]
enum Found {
    Machine(Arc<Vm>),
    /// Why there is none.
    Nothing(String),
}

impl Vm {
    /// The machine of the target, found at the first call.
    pub(crate) fn of(s: &Session<'_>) -> Result<Arc<Self>> {
        let key = s.kept(KEY)?.and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
        if let Some(key) = key {
            let machines = MACHINES.lock().unwrap_or_else(PoisonError::into_inner);
            match machines.as_ref().and_then(|machines| machines.get(&key)) {
                Some(Found::Machine(vm)) => return Ok(Arc::clone(vm)),
                Some(Found::Nothing(why)) => return Err(Error::new(why.clone())),
                None => {}
            }
        }
        let found = match Self::find(s) {
            Ok(vm) => Found::Machine(Arc::new(vm)),
            Err(error) if error.is_stop() => return Err(error),
            Err(error) => Found::Nothing(error.to_string()),
        };
        let key = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut machines = MACHINES.lock().unwrap_or_else(PoisonError::into_inner);
        machines.get_or_insert_default().insert(key, found.clone());
        drop(machines);
        s.keep(KEY, &key.to_le_bytes())?;
        match found {
            Found::Machine(vm) => Ok(vm),
            Found::Nothing(why) => Err(Error::new(why)),
        }
    }

    /// Forgets what was found: for a target that is no more.
    pub(crate) fn forget(s: &Session<'_>) {
        let key = s.kept(KEY).ok().flatten().and_then(|bytes| bytes.try_into().ok());
        if let Some(key) = key.map(u64::from_le_bytes) {
            let mut machines = MACHINES.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(machines) = machines.as_mut() {
                machines.remove(&key);
            }
        }
    }

    fn find(s: &Session<'_>) -> Result<Self> {
        let Some(binary) = Binary::find(s)? else {
            return Err(Error::new(
                "no V8 was found: no module of the target has v8dbg_ symbols or a build-id that is \
                 known",
            ));
        };
        let (metadata, metadata_source) = binary.metadata(s)?;
        let layout = Layout::new(binary.version, &metadata);
        if layout.get(Fact::TaggedSize) == Some(4) {
            return Err(Error::new(
                "this V8 was built with pointer compression (its tagged words have 4 bytes), which \
                 mdb cannot read yet; official Node.js builds have none",
            ));
        }
        let kinds = Kinds::from_metadata(&metadata);
        let mut vm = Self {
            frame_types: FrameTypes::from_metadata(&metadata),
            bytecode_sizes: bytecode_sizes(s, &binary)?,
            position_encoding: variant_of(POSITION_ENCODINGS, code_version(binary.version)),
            executable: executable(s)?,
            codes: Mutex::default(),
            known: functions::Store::default(),
            wasm: wasm::Store::default(),
            blob: blob(s, &binary)?,
            binary,
            metadata_source,
            layout,
            kinds,
            isolates: Vec::new(),
            blob_size: 0,
        };
        let stacks = isolates::stacks(s)?;
        for found in isolates::find(s, &vm.layout)? {
            let isolate = isolates::describe(s, vm.heap(s), found, &stacks)?;
            vm.isolates.extend(isolate);
        }
        if let Some(isolate) = vm.isolates.first() {
            let learned = roots::learn(s, &vm.binary, vm.heap(s), isolate)?;
            for (root, instance_type) in &learned.types {
                vm.kinds.add_root(root, *instance_type);
            }
            vm.kinds.add_holes(learned.holes);
        }
        vm.blob_size = match vm.binary.symbol(s, "v8_Default_embedded_blob_code_size_")? {
            Some(address) => s.memory().read_u32(address).map_or(0, u64::from),
            None => vm.binary.tables().map_or(0, |tables| u64::from(tables.blob_code_size)),
        };
        Ok(vm)
    }

    /// The version, as tables of variants have it.
    pub(crate) fn code_version(&self) -> V8Version {
        code_version(self.binary.version)
    }

    /// The heap as it is read through a session.
    pub(crate) fn heap<'a>(&'a self, s: &'a Session<'_>) -> Heap<'a> {
        Heap { memory: s.memory(), layout: &self.layout, kinds: &self.kinds }
    }

    /// The isolate of a thread.
    pub(crate) fn isolate_of(&self, thread: u32) -> Option<&Isolate> {
        self.isolates.iter().find(|isolate| isolate.thread.is_some_and(|(t, _)| t == thread))
    }
}

fn code_version(version: Version) -> V8Version {
    v8(version.major, version.minor)
}

/// The lengths of bytecodes, from the binary or from the table of its version.
fn bytecode_sizes(s: &Session<'_>, binary: &Binary) -> Result<Vec<u8>> {
    let known = binary.tables().map(|tables| tables.bytecode_sizes().to_vec()).unwrap_or_default();
    if !known.is_empty() {
        return Ok(known);
    }
    let symbol = s.symbol_named(Some(&binary.module), BYTECODE_SIZES)?;
    let Some(symbol) = symbol.filter(|symbol| symbol.size > 0 && symbol.size <= 3 * 256) else {
        return Ok(Vec::new());
    };
    let mut sizes = vec![0; symbol.size as usize];
    match s.memory().read(symbol.address, &mut sizes) {
        Ok(()) => Ok(sizes),
        Err(error) if error.is_stop() => Err(error),
        Err(_) => Ok(Vec::new()),
    }
}

/// `Bytecodes::kBytecodeSizes` (`interpreter/bytecodes.h`).
const BYTECODE_SIZES: &str = "_ZN2v88internal11interpreter9Bytecodes14kBytecodeSizesE";

/// Executable memory that is of no file: where V8 puts the code that it makes.
fn executable(s: &Session<'_>) -> Result<Vec<Range<u64>>> {
    let mut ranges: Vec<Range<u64>> = Vec::new();
    for mapping in s.mappings()? {
        let is_code = mapping.permissions.is_none_or(|[_, _, execute]| execute)
            && matches!(mapping.kind, MappingKind::Anonymous)
            && mapping.path.is_empty();
        match ranges.last_mut() {
            Some(last) if is_code && last.end == mapping.start => last.end = mapping.end,
            _ if is_code => ranges.push(mapping.start..mapping.end),
            _ => {}
        }
    }
    Ok(ranges)
}

/// The address of the embedded builtins. In V8 10.2 a pointer to them has the name that they have later.
fn blob(s: &Session<'_>, binary: &Binary) -> Result<Option<u64>> {
    let data = binary.symbol(s, "v8_Default_embedded_blob_code_data_")?;
    match data {
        Some(address) => Ok(Some(address)),
        None => binary.symbol(s, "v8_Default_embedded_blob_code_"),
    }
}
