//! The virtual machine of a target: which V8, where its isolates are, what its layout is. Found once
//! for each target.

pub(crate) mod binary;
pub(crate) mod isolates;
pub(crate) mod pages;

use crate::layout::Layout;
use crate::layout::fact::Fact;
use crate::object::heap::Heap;
use crate::object::kind::Kinds;
use binary::{Binary, MetadataSource};
use isolates::Isolate;
use mdb_dmod::prelude::*;
use std::collections::HashMap;
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
    /// How many bytes of code the embedded builtins have; 0: not known.
    pub(crate) blob_size: u64,
}

/// The key under which the number of a target's machine is kept.
const KEY: &str = "vm";

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
        let mut vm =
            Self { binary, metadata_source, layout, kinds, isolates: Vec::new(), blob_size: 0 };
        let stacks = isolates::stacks(s)?;
        for found in isolates::find(s, &vm.layout)? {
            let isolate = isolates::describe(s, vm.heap(s), found, &stacks)?;
            vm.isolates.extend(isolate);
        }
        vm.blob_size = match vm.binary.symbol(s, "v8_Default_embedded_blob_code_size_")? {
            Some(address) => s.memory().read_u32(address).map_or(0, u64::from),
            None => vm.binary.tables().map_or(0, |tables| u64::from(tables.blob_code_size)),
        };
        Ok(vm)
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
