//! Unwind information, registers and stacks.

use crate::input::Input;
use crate::lend::lend;
use mdb_debuginfo::{SectionBytes, UnwindSections};
use mdb_target::{AddressSpace, Arch, Backing, Interrupt, RegisterId, RegisterSet, Segment};
use mdb_unwind::{UnwindOptions, UnwindSources, Unwinder};

/// Where the code is.
const CODE: u64 = 0x1000;
/// Where the stack is.
const STACK: u64 = 0x7000_0000;
/// Where the sections are.
const FRAME: u64 = 0x9000;
const HEADER: u64 = 0x8000;

struct Sources(UnwindSections);

impl UnwindSources for Sources {
    fn sections(&self, pc: u64) -> Option<UnwindSections> {
        self.0.range.contains(&pc).then(|| self.0.clone())
    }
    fn is_executable(&self, pc: u64) -> Option<bool> {
        Some((CODE..CODE + 0x2000).contains(&pc))
    }
    fn function_start(&self, pc: u64) -> Option<u64> {
        Some(pc & !0x3f)
    }
    fn is_entry(&self, pc: u64) -> bool {
        (CODE + 0x1ff0..CODE + 0x2000).contains(&pc)
    }
}

/// Input: a byte of choices (1 aarch64, 2 `.eh_frame`, 4 `.debug_frame`, 8 the usual beginning of
/// `.eh_frame_hdr`, 16 a bias), the sizes of the sections and of the stack (two bytes each),
/// registers (two bytes each choose an address), then header, frames, stack, code.
pub fn cfi(data: &[u8]) {
    let mut input = Input::new(data);
    let choices = input.u8();
    let arch = if choices & 1 == 0 { Arch::X86_64 } else { Arch::Aarch64 };
    let sizes = [input.u16(), input.u16(), input.u16()].map(usize::from);
    let regions = [CODE, STACK, STACK, FRAME];
    let mut registers = RegisterSet::new(arch);
    for number in 0..34 {
        registers.set(RegisterId(number), input.address(&regions));
    }
    let [header_size, frame_size, stack_size] = sizes;
    let mut header = input.bytes(header_size).to_vec();
    if choices & 8 != 0
        && let Some(start) = header.get_mut(..4)
    {
        start.copy_from_slice(&[1, 0x1b, 3, 0x3b]);
    }
    let frame = input.bytes(frame_size);
    let mut words = Input::new(input.bytes(stack_size & 0xfff));
    let mut stack = Vec::new();
    for _ in 0..(stack_size & 0xfff) / 2 {
        stack.extend(words.address(&regions).to_le_bytes());
    }
    let code = input.rest();
    lend(&header, |header| {
        lend(frame, |frame| {
            lend(&stack, |stack| {
                lend(code, |code| walk(choices, &registers, header, frame, stack, code));
            });
        });
    });
}

fn walk(
    choices: u8,
    registers: &RegisterSet,
    header: &'static [u8],
    frame: &'static [u8],
    stack: &'static [u8],
    code: &'static [u8],
) {
    let mut memory = AddressSpace::new(Interrupt::new());
    let segment = |start: u64, bytes: &'static [u8]| Segment {
        range: start..start + bytes.len() as u64,
        backing: Backing::Bytes(bytes),
    };
    let code = code.get(..0x2000).unwrap_or(code);
    memory.set_segments(vec![segment(CODE, code), segment(STACK, stack)]);
    let frames = SectionBytes { address: FRAME, bytes: frame };
    let sources = Sources(UnwindSections {
        module: 0,
        range: if choices & 32 == 0 { CODE..CODE + 0x2000 } else { 0..u64::MAX },
        bias: if choices & 16 == 0 { 0 } else { CODE },
        eh_frame: (choices & 2 != 0).then_some(frames),
        eh_frame_hdr: (!header.is_empty())
            .then_some(SectionBytes { address: HEADER, bytes: header }),
        debug_frame: (choices & 4 != 0).then_some(frames),
        text: Some(CODE),
        got: Some(FRAME),
    });
    let options = UnwindOptions { scan: choices & 64 == 0, ..UnwindOptions::default() };
    let unwinder = Unwinder::new(&memory, registers.arch(), &sources).with_options(options);
    // Each frame is further up the stack; signal frames and expressions may jump.
    const MANY: usize = 20_000;
    let (list, end) = unwinder.frames(registers.clone()).collect_with_end(MANY);
    assert!(list.len() < MANY, "no end");
    let sentence = end.to_string();
    assert!(!sentence.is_empty() && !sentence.chars().any(char::is_control), "{sentence:?}");
}
