//! The virtual machine of a target: which V8, where its isolates are, what its layout is. Found once
//! for each target.

pub(crate) mod binary;
pub(crate) mod builtins;
pub(crate) mod check;
pub(crate) mod choice;
pub(crate) mod code;
pub(crate) mod find;
pub(crate) mod functions;
pub(crate) mod isolates;
pub(crate) mod pages;
pub(crate) mod roots;
pub(crate) mod sample;
pub(crate) mod search;
pub(crate) mod stacks;
pub(crate) mod warnings;

use crate::code::embedded::EmbeddedBuiltins;
use crate::code::position_table::{POSITION_ENCODINGS, PositionEncoding};
use crate::code::variants::{V8Version, v8};
use crate::frame::frame_type::FrameTypes;
use crate::frame::walk::KnownStacks;
use crate::layout::Layout;
use crate::layout::fact::Fact;
use crate::layout::version::Minor;
use crate::object::heap::Heap;
use crate::object::kind::Kinds;
use crate::wasm;
use binary::{Binary, MetadataSource};
use code::CompiledCode;
use isolates::{FoundHeap, Isolate};
use mdb_dmod::prelude::*;
use roots::Roots;
use sample::Depth;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What is known of the V8 in a target.
#[derive(Debug)]
pub(crate) struct Vm {
    /// The module with V8.
    pub(crate) binary: Binary,
    /// Where its metadata comes from.
    pub(crate) metadata_source: MetadataSource,
    /// The version whose built-in facts are in use.
    pub(crate) base: Minor,
    /// The layout.
    pub(crate) layout: Layout,
    /// The instance types.
    pub(crate) kinds: Kinds,
    /// The heaps, in the order of their addresses.
    pub(crate) heaps: Vec<FoundHeap>,
    /// The isolates, in the same order.
    pub(crate) isolates: Vec<Isolate>,
    /// How many heaps are left out since their isolates are damaged, or are none.
    pub(crate) damaged_isolates: usize,
    /// The names of the roots.
    pub(crate) roots: Roots,
    /// The types of V8's own frames.
    pub(crate) frame_types: FrameTypes,
    /// How long each bytecode is, at each of three scales.
    pub(crate) bytecode_sizes: Vec<u8>,
    /// How tables of positions are encoded.
    pub(crate) position_encoding: Option<PositionEncoding>,
    /// Executable memory that is of no file, in the order of addresses.
    pub(crate) executable: Vec<Range<u64>>,
    /// Executable memory of the module.
    pub(crate) text: Vec<Range<u64>>,
    /// Code by pc, as far as it was looked up.
    codes: Mutex<HashMap<u64, Option<CompiledCode>>>,
    /// Functions and scripts, as far as they were looked up.
    known: functions::Store,
    /// Stacks, as far as single frames of them were asked for.
    pub(crate) stacks: Mutex<KnownStacks>,
    /// Modules of WebAssembly and places in their code, as far as they were looked up.
    pub(crate) wasm: wasm::Store,
    /// Where the embedded builtins are in the binary.
    pub(crate) blob: Option<u64>,
    /// How many bytes of code the embedded builtins have; 0: not known.
    pub(crate) blob_size: u64,
    /// The same, as the binary itself or the table of its build says it.
    pub(crate) known_blob_size: u64,
    /// Where the data about the embedded builtins are, and how many bytes.
    pub(crate) blob_data: Option<(u64, u64)>,
    /// The builtins by their place, once they were wanted.
    builtins: OnceLock<Option<EmbeddedBuiltins>>,
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
    /// The machine of the target, found at the first call, which also warns of what is wrong with it.
    pub(crate) fn of(s: &Session<'_>) -> Result<Arc<Self>> {
        if let Some(key) = key_of(s)? {
            let machines = MACHINES.lock().unwrap_or_else(PoisonError::into_inner);
            match machines.as_ref().and_then(|machines| machines.get(&key)) {
                Some(Found::Machine(vm)) => return Ok(Arc::clone(vm)),
                Some(Found::Nothing(why)) => return Err(Error::new(why.clone())),
                None => {}
            }
        }
        let found = Self::search(s, Depth::Quick)?;
        if let Ok(vm) = &found {
            warnings::give(s, vm)?;
        }
        found
    }

    /// Looks at the target again, and more closely.
    pub(crate) fn again(s: &Session<'_>, depth: Depth) -> Result<Arc<Self>> {
        Self::forget(s);
        Self::search(s, depth)?
    }

    /// The outer result is an error only after ^C.
    fn search(s: &Session<'_>, depth: Depth) -> Result<Result<Arc<Self>>> {
        let found = match Self::find(s, depth) {
            Ok(vm) => Found::Machine(Arc::new(vm)),
            Err(error) if error.is_stop() => return Err(error),
            Err(error) => Found::Nothing(error.to_string()),
        };
        let key = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut machines = MACHINES.lock().unwrap_or_else(PoisonError::into_inner);
        machines.get_or_insert_default().insert(key, found.clone());
        drop(machines);
        s.keep(KEY, &key.to_le_bytes())?;
        Ok(match found {
            Found::Machine(vm) => Ok(vm),
            Found::Nothing(why) => Err(Error::new(why)),
        })
    }

    /// Forgets what was found: for a target that is no more.
    pub(crate) fn forget(s: &Session<'_>) {
        if let Ok(Some(key)) = key_of(s) {
            let mut machines = MACHINES.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(machines) = machines.as_mut() {
                machines.remove(&key);
            }
        }
    }

    /// The version, as tables of variants have it.
    pub(crate) fn code_version(&self) -> V8Version {
        v8(self.base.0, self.base.1)
    }

    /// The heap as it is read through a session.
    pub(crate) fn heap<'a>(&'a self, s: &'a Session<'_>) -> Heap<'a> {
        Heap { memory: s.memory(), layout: &self.layout, kinds: &self.kinds }
    }

    /// The isolate of a thread.
    pub(crate) fn isolate_of(&self, thread: u32) -> Option<&Isolate> {
        self.isolates.iter().find(|isolate| isolate.thread.is_some_and(|(t, _)| t == thread))
    }

    /// Whether code can run at an address.
    pub(crate) fn may_execute(&self, address: u64) -> bool {
        let has = |ranges: &[Range<u64>]| ranges.iter().any(|range| range.contains(&address));
        has(&self.executable) || has(&self.text)
    }

    /// Whether an address is in the module, and the module's file is not at hand.
    pub(crate) fn is_in_missing_file(&self, address: u64) -> bool {
        self.binary.file_missing && (self.binary.start..self.binary.end).contains(&address)
    }
}

/// How tables of positions are encoded, as the layout says.
pub(crate) fn position_encoding(layout: &Layout) -> Option<PositionEncoding> {
    let variant = layout.known(Fact::PositionsAreFlagged)?.value;
    let row = POSITION_ENCODINGS.get(usize::try_from(variant).ok()?)?;
    Some(row.variant)
}

fn key_of(s: &Session<'_>) -> Result<Option<u64>> {
    Ok(s.kept(KEY)?.and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes))
}

/// Forgets the machine of a target that goes.
pub(crate) struct Detach;

impl mdb_dmod::Hook for Detach {
    fn run(s: &Session<'_>) -> Result<()> {
        Vm::forget(s);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::variants::variant_of;
    use crate::layout::fact::versions;
    use crate::layout::metadata::Metadata;
    use crate::layout::version::Version;

    #[test]
    fn the_fact_of_positions_agrees_with_the_decoder() {
        for (major, minor) in versions() {
            let version = Version { major, minor, ..Version::default() };
            let layout = Layout::new(version, &Metadata::default());
            let encoding = position_encoding(&layout);
            assert_eq!(encoding, variant_of(POSITION_ENCODINGS, v8(major, minor)));
        }
    }
}
