//! Memory and mappings, as dmods use them.

use super::describe::one_line;
use mdb_dmod_host::abi::{
    self, MAPPING_EXECUTE, MAPPING_PERMISSIONS_KNOWN, MAPPING_READ, MAPPING_WRITE,
};
use mdb_dmod_host::{FaultDescription, MappingInfo, MemoryServices, ReadError, RunInfo};
use mdb_target::{AddressSpace, FaultReason, Mapping, MappingKind, RunOrigin, Target};

/// Memory and mappings: the part that dmods use from many threads.
pub(super) struct Memory<'a> {
    pub(super) target: &'a dyn Target,
    pub(super) space: &'a AddressSpace,
}

impl MemoryServices for Memory<'_> {
    fn read(&self, address: u64, buffer: &mut [u8]) -> Result<usize, ReadError> {
        self.space.read(address, buffer).map_err(|fault| {
            if fault.is_interrupt() { ReadError::Cancelled } else { ReadError::Fault }
        })
    }

    fn borrow(&self, address: u64, length: usize) -> Option<&[u8]> {
        self.space.borrow(address, length).ok()
    }

    fn describe_fault(&self, address: u64) -> FaultDescription {
        use abi::fault_kind;
        let Err(fault) = self.space.read(address, &mut [0]) else {
            return FaultDescription { kind: fault_kind::NONE, sentence: "".into() };
        };
        let kind = match fault.reason {
            FaultReason::Unmapped => fault_kind::UNMAPPED,
            FaultReason::NotInCore | FaultReason::FileUnavailable(_) => fault_kind::NOT_IN_CORE,
            FaultReason::Truncated => fault_kind::TRUNCATED,
            FaultReason::Protected => fault_kind::PROTECTED,
            _ => fault_kind::OTHER,
        };
        FaultDescription { kind, sentence: fault.reason.to_string().into() }
    }

    fn next_mapping(&self, address: u64) -> Option<MappingInfo> {
        let mappings = self.target.mappings();
        let next = mappings.partition_point(|m| m.range.end <= address);
        mappings.get(next).map(mapping_info)
    }

    fn next_run(&self, address: u64) -> Option<RunInfo> {
        let (range, origin) = self.space.next_run(address)?;
        let flags = match origin {
            RunOrigin::Target => 0,
            RunOrigin::Zero => abi::RUN_ZERO,
            RunOrigin::File => abi::RUN_FILE,
        };
        Some(RunInfo { start: range.start, end: range.end, flags })
    }

    fn cancelled(&self) -> bool {
        self.space.interrupt().is_raised()
    }
}

pub(super) fn mapping_info(mapping: &Mapping) -> MappingInfo {
    use abi::mapping_kind;
    let flags = mapping.permissions.map_or(0, |p| {
        MAPPING_PERMISSIONS_KNOWN
            | if p.read { MAPPING_READ } else { 0 }
            | if p.write { MAPPING_WRITE } else { 0 }
            | if p.execute { MAPPING_EXECUTE } else { 0 }
    });
    let (kind, thread) = match mapping.kind {
        MappingKind::File => (mapping_kind::FILE, 0),
        MappingKind::Stack(thread) => (mapping_kind::STACK, thread),
        MappingKind::Vdso => (mapping_kind::VDSO, 0),
        MappingKind::Heap => (mapping_kind::HEAP, 0),
        _ => (mapping_kind::ANONYMOUS, 0),
    };
    let file = mapping.file.as_ref();
    MappingInfo {
        start: mapping.range.start,
        end: mapping.range.end,
        flags,
        kind,
        thread,
        offset: file.map_or(0, |f| f.offset),
        saved: mapping.saved,
        path: file.map_or(String::new(), |f| one_line(&f.path.to_string_lossy())),
    }
}
