//! Unwind sections written by hand, and sources that hold them.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use mdb_debuginfo::{SectionBytes, UnwindSections};
use mdb_target::RegisterSet;
use mdb_unwind::UnwindSources;
use std::collections::BTreeMap;
use std::ops::Range;

pub fn leak(bytes: Vec<u8>) -> &'static [u8] {
    Box::leak(bytes.into_boxed_slice())
}

/// The numbers of a CIE that differ between architectures.
#[derive(Clone, Copy)]
pub struct Abi {
    /// The return address column.
    pub return_column: u8,
    /// Instructions of the CIE.
    pub initial: &'static [u8],
}

/// CFA = rsp + 8, return address at CFA - 8.
pub const X86_64: Abi = Abi { return_column: 16, initial: &[0x0c, 7, 8, 0x90, 1] };
/// CFA = sp.
pub const AARCH64: Abi = Abi { return_column: 30, initial: &[0x0c, 31, 0] };

/// One function.
pub struct Function<'a> {
    pub range: Range<u64>,
    pub signal: bool,
    pub cfi: &'a [u8],
}

pub fn function(range: Range<u64>, cfi: &[u8]) -> Function<'_> {
    Function { range, signal: false, cfi }
}

/// Which section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `.eh_frame` without a table.
    EhFrame,
    /// `.eh_frame` with its header.
    Header,
    /// `.debug_frame`.
    DebugFrame,
}

/// Builds sections, each function with a CIE of its own, absolute pointers.
pub fn sections(form: Form, abi: Abi, functions: &[Function<'_>]) -> UnwindSections {
    let debug = form == Form::DebugFrame;
    let mut frame = Vec::new();
    let mut table = BTreeMap::new();
    for f in functions {
        let cie_at = frame.len() as u32;
        let mut cie = if debug { u32::MAX.to_le_bytes() } else { [0; 4] }.to_vec();
        let augmentation: &[u8] = match (debug, f.signal) {
            (true, _) => b"\0",
            (_, true) => b"zRS\0",
            _ => b"zR\0",
        };
        cie.push(1);
        cie.extend(augmentation);
        cie.extend([1, 0x78, abi.return_column]);
        if !debug {
            cie.extend([1, 0]);
        }
        cie.extend(abi.initial);
        push_entry(&mut frame, cie);
        let at = frame.len() as u32;
        table.insert(f.range.start, at);
        let pointer = if debug { cie_at } else { at + 4 - cie_at };
        let mut fde = pointer.to_le_bytes().to_vec();
        fde.extend(f.range.start.to_le_bytes());
        fde.extend((f.range.end - f.range.start).to_le_bytes());
        if !debug {
            fde.push(0);
        }
        fde.extend(f.cfi);
        push_entry(&mut frame, fde);
    }
    if !debug {
        frame.extend([0; 4]);
    }
    let frame_at = 0x9000_u64;
    let header_at = 0x8000_u64;
    let mut header = vec![1, 0x1b, 0x03, 0x3b];
    header.extend((frame_at as i32 - header_at as i32 - 4).to_le_bytes());
    header.extend((table.len() as u32).to_le_bytes());
    for (start, offset) in table {
        header.extend((start as i64 - header_at as i64).to_le_bytes().into_iter().take(4));
        header.extend((frame_at as u32 + offset - header_at as u32).to_le_bytes());
    }
    let frame = SectionBytes { address: frame_at, bytes: leak(frame) };
    let header = SectionBytes { address: header_at, bytes: leak(header) };
    UnwindSections {
        module: 0,
        range: 0x1000..0x8000,
        bias: 0,
        eh_frame: (!debug).then_some(frame),
        eh_frame_hdr: (form == Form::Header).then_some(header),
        debug_frame: debug.then_some(frame),
        text: None,
        got: None,
    }
}

fn push_entry(frame: &mut Vec<u8>, mut entry: Vec<u8>) {
    while !(entry.len() + 4).is_multiple_of(8) {
        entry.push(0);
    }
    frame.extend((entry.len() as u32).to_le_bytes());
    frame.extend(entry);
}

/// Sources of one module, code in given ranges.
#[derive(Default)]
pub struct FakeSources {
    pub sections: Option<UnwindSections>,
    pub code: Vec<Range<u64>>,
    pub functions: Vec<Range<u64>>,
    pub entry: Option<Range<u64>>,
}

impl UnwindSources for FakeSources {
    fn sections(&self, pc: u64) -> Option<UnwindSections> {
        self.sections.clone().filter(|s| s.range.contains(&pc))
    }
    fn is_executable(&self, pc: u64) -> Option<bool> {
        Some(self.code.iter().any(|c| c.contains(&pc)))
    }
    fn function_start(&self, pc: u64) -> Option<u64> {
        self.functions.iter().find(|f| f.contains(&pc)).map(|f| f.start)
    }
    fn is_entry(&self, pc: u64) -> bool {
        self.entry.as_ref().is_some_and(|e| e.contains(&pc))
    }
}

/// Registers by name.
pub fn registers(arch: mdb_target::Arch, values: &[(&str, u64)]) -> RegisterSet {
    let mut set = RegisterSet::new(arch);
    for (name, value) in values {
        set.set(arch.register(name).unwrap().id, *value);
    }
    set
}
