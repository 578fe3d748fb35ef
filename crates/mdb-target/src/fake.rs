//! A target made by a test.

use crate::{
    AddressSpace, Arch, Auxv, Backing, Interrupt, Mapping, Process, RegisterSet, Segment,
    SignalInfo, Target, TargetKind, Thread,
};

/// A target whose memory, threads and mappings a test wrote down.
#[derive(Debug)]
pub struct FakeTarget {
    arch: Arch,
    memory: AddressSpace,
    segments: Vec<Segment>,
    threads: Vec<Thread>,
    mappings: Vec<Mapping>,
    process: Process,
    auxv: Auxv,
    signal: Option<SignalInfo>,
}

impl FakeTarget {
    /// An empty target.
    pub fn new(arch: Arch) -> Self {
        Self {
            arch,
            memory: AddressSpace::new(Interrupt::new()),
            segments: Vec::new(),
            threads: Vec::new(),
            mappings: Vec::new(),
            process: Process::default(),
            auxv: Auxv::default(),
            signal: None,
        }
    }

    /// Adds memory. The bytes are leaked, as files are.
    pub fn region(self, address: u64, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes: &'static [u8] = Box::leak(bytes.into().into_boxed_slice());
        let range = address..address.saturating_add(bytes.len() as u64);
        self.segment(Segment { range, backing: Backing::Bytes(bytes) })
    }

    /// Adds a segment of any kind.
    pub fn segment(mut self, segment: Segment) -> Self {
        self.segments.push(segment);
        self.memory.set_segments(self.segments.clone());
        self
    }

    /// Adds little-endian words.
    pub fn words(self, address: u64, words: &[u64]) -> Self {
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        self.region(address, bytes)
    }

    /// Adds a thread.
    pub fn thread(mut self, tid: u32, registers: RegisterSet) -> Self {
        let number = self.threads.len() as u32 + 1;
        self.threads.push(Thread {
            number,
            tid,
            name: None,
            registers,
            signal: 0,
            floating_point: crate::FloatingPoint::default(),
        });
        self
    }

    /// Adds a mapping.
    pub fn mapping(mut self, mapping: Mapping) -> Self {
        self.mappings.push(mapping);
        self
    }

    /// Sets an entry of the auxiliary vector.
    pub fn auxv_entry(mut self, kind: u64, value: u64) -> Self {
        self.auxv.0.push((kind, value));
        self
    }

    /// Says of what it died.
    pub fn died_of(mut self, signal: SignalInfo) -> Self {
        self.signal = Some(signal);
        self
    }
}

impl Target for FakeTarget {
    fn kind(&self) -> TargetKind {
        TargetKind::Core
    }
    fn arch(&self) -> Arch {
        self.arch
    }
    fn memory(&self) -> &AddressSpace {
        &self.memory
    }
    fn threads(&self) -> &[Thread] {
        &self.threads
    }
    fn mappings(&self) -> &[Mapping] {
        &self.mappings
    }
    fn process(&self) -> &Process {
        &self.process
    }
    fn signal(&self) -> Option<&SignalInfo> {
        self.signal.as_ref()
    }
    fn auxv(&self) -> &Auxv {
        &self.auxv
    }
}
