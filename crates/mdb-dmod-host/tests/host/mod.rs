//! A host for tests: a little memory, a walker, everything written down.

#![allow(clippy::indexing_slicing, clippy::panic, reason = "tests")]

use mdb_dmod_host::{
    Cell, CommandSink, FaultDescription, Flow, FrameInfo, HostServices, Item, LineInfo,
    MappingInfo, MemoryServices, ModuleInfo, NoteInfo, OutputState, ProcessState, ReadError,
    RunInfo, ServiceError, SignalState, StackEndInfo, SymbolInfo, TargetState, ThreadInfo,
};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Words at 0x1000.
pub(crate) struct TestMemory {
    words: Vec<u8>,
    reads: AtomicU64,
    /// ^C after so many reads.
    pub(crate) cancel_after: u64,
}

impl MemoryServices for TestMemory {
    fn read(&self, address: u64, buffer: &mut [u8]) -> Result<usize, ReadError> {
        if self.cancelled() {
            return Err(ReadError::Cancelled);
        }
        self.reads.fetch_add(1, Ordering::Relaxed);
        let start = address.checked_sub(0x1000).ok_or(ReadError::Fault)?;
        let from = self.words.get(start as usize..).filter(|w| !w.is_empty());
        let from = from.ok_or(ReadError::Fault)?;
        let length = from.len().min(buffer.len());
        buffer[..length].copy_from_slice(&from[..length]);
        Ok(length)
    }

    fn borrow(&self, address: u64, length: usize) -> Option<&[u8]> {
        let from = self.words.get(address.checked_sub(0x1000)? as usize..)?;
        Some(&from[..from.len().min(length)])
    }

    fn describe_fault(&self, _: u64) -> FaultDescription {
        FaultDescription { kind: 1, sentence: "no mapping for address".into() }
    }

    fn next_mapping(&self, address: u64) -> Option<MappingInfo> {
        (address < 0x2000).then(|| MappingInfo {
            start: 0x1000,
            end: 0x2000,
            ..MappingInfo::default()
        })
    }

    fn next_run(&self, address: u64) -> Option<RunInfo> {
        let end = 0x1000 + self.words.len() as u64;
        (address < end).then(|| RunInfo { start: address.max(0x1000), end, flags: 0 })
    }

    fn cancelled(&self) -> bool {
        self.reads.load(Ordering::Relaxed) >= self.cancel_after
    }
}

/// The host.
pub(crate) struct TestHost {
    pub(crate) memory: TestMemory,
    /// What was written.
    pub(crate) text: RefCell<String>,
    /// What was emitted.
    pub(crate) items: RefCell<Vec<u64>>,
    /// How many items the next stage takes.
    pub(crate) close_after: usize,
    /// Lines that were run.
    pub(crate) commands: RefCell<Vec<String>>,
    /// The next stage has a defect.
    pub(crate) defect: bool,
    blobs: RefCell<BTreeMap<(String, String), Vec<u8>>>,
}

impl TestHost {
    pub(crate) fn new(words: &[u64]) -> Self {
        Self {
            memory: TestMemory {
                words: words.iter().flat_map(|w| w.to_le_bytes()).collect(),
                reads: AtomicU64::new(0),
                cancel_after: u64::MAX,
            },
            text: RefCell::default(),
            items: RefCell::default(),
            close_after: usize::MAX,
            commands: RefCell::default(),
            defect: false,
            blobs: RefCell::default(),
        }
    }
}

impl HostServices for TestHost {
    fn memory(&self) -> &dyn MemoryServices {
        &self.memory
    }
    fn symbol_by_name(&self, _: Option<&str>, _: &str) -> Option<SymbolInfo<'_>> {
        None
    }
    fn symbol_at(&self, _: u64) -> Option<SymbolInfo<'_>> {
        None
    }
    fn symbols(
        &self,
        _: Option<&str>,
        _: &mut dyn FnMut(&SymbolInfo<'_>) -> Flow,
    ) -> Result<(), ServiceError> {
        Ok(())
    }
    fn demangle(&self, _: &str) -> Option<String> {
        None
    }
    fn module_at(&self, _: u64) -> Option<ModuleInfo> {
        None
    }
    fn modules(&self) -> Vec<ModuleInfo> {
        Vec::new()
    }
    fn section_bytes(&self, _: u32, _: &str) -> Option<&[u8]> {
        None
    }
    fn lines_at(&self, _: u64) -> Vec<LineInfo> {
        Vec::new()
    }
    fn type_id(&self, _: &str) -> u64 {
        0
    }
    fn type_name(&self, _: u64) -> Option<String> {
        None
    }
    fn threads(&self, _: &mut dyn FnMut(&ThreadInfo) -> Flow) -> Result<(), ServiceError> {
        Ok(())
    }
    fn find_thread(&self, _: u64) -> Option<ThreadInfo> {
        None
    }
    fn current_thread(&self) -> Option<u32> {
        None
    }
    fn register(&self, _: u32, _: u32) -> Result<u64, ServiceError> {
        Err(ServiceError::not_found("no registers"))
    }
    fn register_by_name(&self, _: u32, _: &str) -> Result<u64, ServiceError> {
        Err(ServiceError::not_found("no registers"))
    }
    fn frames(
        &self,
        _: u32,
        _: u32,
        _: u32,
        _: &mut dyn FnMut(&FrameInfo<'_>) -> Flow,
    ) -> Result<StackEndInfo, ServiceError> {
        Err(ServiceError::not_found("no threads"))
    }
    fn target(&self) -> TargetState {
        TargetState::default()
    }
    fn signal(&self) -> Option<SignalState> {
        None
    }
    fn process(&self) -> ProcessState {
        ProcessState::default()
    }
    fn auxv(&self) -> Vec<(u64, u64, Cow<'static, str>)> {
        Vec::new()
    }
    fn notes(&self, _: &mut dyn FnMut(&NoteInfo<'_>) -> Flow) {}
    fn output(&self) -> OutputState {
        OutputState::default()
    }
    fn write(&self, text: &str) -> Flow {
        self.text.borrow_mut().push_str(text);
        Flow::Continue
    }
    fn row(&self, cells: &[Cell<'_>], text: Option<&str>) -> Flow {
        match text {
            Some(text) => self.write(text),
            None => self.write(&format!("{cells:?}\n")),
        }
    }
    fn warn(&self, text: &str) {
        let _ = self.write(&format!("warning: {text}\n"));
    }
    fn emit(&self, item: Item) -> Flow {
        assert!(!self.defect, "a defect of the host");
        let mut items = self.items.borrow_mut();
        if items.len() >= self.close_after {
            return Flow::Closed;
        }
        items.push(item.value);
        Flow::Continue
    }
    fn walk(
        &self,
        name: &str,
        _: Option<Item>,
        each: &mut dyn FnMut(Item) -> Flow,
    ) -> Result<(), ServiceError> {
        if name != "numbers" {
            return Err(ServiceError::not_found(format!("unknown walk name: {name}")));
        }
        for value in 0..4 {
            match each(Item::address(value)) {
                Flow::Continue => {}
                Flow::Closed => break,
                Flow::Cancelled => return Err(ServiceError::cancelled()),
            }
        }
        Ok(())
    }
    fn command(
        &self,
        text: &str,
        dot: Option<Item>,
        _: CommandSink<'_>,
    ) -> Result<(), ServiceError> {
        let dot = dot.map_or(0, |item| item.value);
        self.commands.borrow_mut().push(format!("{dot}{text}"));
        Ok(())
    }
    fn evaluate(&self, text: &str) -> Result<u64, ServiceError> {
        let sum = text.split('+').map(|part| part.parse::<u64>().ok()).sum::<Option<u64>>();
        sum.ok_or_else(|| ServiceError::new(format!("unknown symbol name: {text}")))
    }
    fn blob(&self, dmod: &str, key: &str) -> Option<Vec<u8>> {
        self.blobs.borrow().get(&(dmod.to_owned(), key.to_owned())).cloned()
    }
    fn set_blob(&self, dmod: &str, key: &str, bytes: &[u8]) -> Result<(), ServiceError> {
        self.blobs.borrow_mut().insert((dmod.to_owned(), key.to_owned()), bytes.to_vec());
        Ok(())
    }
    fn option(&self, _: &str) -> Option<String> {
        None
    }
    fn variable(&self, _: &str) -> Option<u64> {
        None
    }
    fn set_variable(&self, _: &str, _: u64) -> Result<(), ServiceError> {
        Ok(())
    }
}
