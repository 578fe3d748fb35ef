//! Whole cores that tests ask for by name.

use super::bytes::{Format, Writer};
use super::{CoreBuilder, EXECUTE, MappedFile, READ, WRITE, note_type};

/// The word size of `elf_gregset_t` on x86-64, and where these stand in it
/// (the kernel's arch/x86/include/uapi/asm/ptrace.h, `struct pt_regs` order).
mod x86_64 {
    pub(super) const RBP: usize = 4;
    pub(super) const RIP: usize = 16;
    pub(super) const RSP: usize = 19;
    pub(super) const COUNT: usize = 27;
}

/// The same for aarch64 (arch/arm64/include/uapi/asm/ptrace.h, `struct user_pt_regs`).
mod aarch64 {
    pub(super) const X29: usize = 29;
    pub(super) const X30: usize = 30;
    pub(super) const SP: usize = 31;
    pub(super) const PC: usize = 32;
    pub(super) const COUNT: usize = 34;
}

const CODE: u64 = 0x40_0000;
const DATA: u64 = 0x60_0000;
const STACK: u64 = 0x7fff_0000_0000;

/// The pieces that every scene has: two threads (2001 the crasher, 2002), process, signal, auxiliary
/// vector, files, and code, data (`data[i] == i`), a hole that was not saved, and stack.
pub fn minimal(format: Format) -> CoreBuilder {
    with_registers(format, &[], vec![0; 0x2000])
}

fn with_registers(format: Format, registers: &[u64], stack: Vec<u8>) -> CoreBuilder {
    let stack_at = if format == Format::I386 { 0xbfff_0000 } else { STACK };
    let code = if format == Format::AARCH64 { [0x1f, 0x20, 0x03, 0xd5] } else { [0x90; 4] };
    let data: Vec<u8> = (0..0x1000_u32).map(|index| index as u8).collect();
    let mut core = CoreBuilder::new(format)
        .thread(2001, 11, registers)
        .process(2001, "synthetic", "synthetic --made by hand")
        .signal(11, 1, 0x10)
        .auxv(&[(6, 4096), (9, CODE + 0x100), (3, CODE + 64), (4, 56), (5, 0)])
        .files(&[
            MappedFile {
                start: CODE,
                end: CODE + 0x1000,
                page_offset: 0,
                path: "/nonexistent/synthetic",
            },
            MappedFile {
                start: DATA,
                end: DATA + 0x1000,
                page_offset: 1,
                path: "/nonexistent/synthetic",
            },
        ])
        .note("CORE", note_type::FPREGSET, vec![0; 512]);
    if format == Format::X86_64 {
        core = core.note("LINUX", note_type::X86_XSTATE, vec![0; 0x340]);
    }
    core.thread(2002, 0, registers)
        .load(CODE, READ | EXECUTE, code.repeat(0x400))
        .load(DATA, READ | WRITE, data)
        .load_partly(DATA + 0x10_0000, 0x4000, READ | WRITE, Vec::new())
        .load(stack_at, READ | WRITE, stack)
}

/// A core whose stack is known frame by frame.
#[derive(Debug, Clone)]
pub struct SynthStack {
    /// The file.
    pub core: Vec<u8>,
    /// The pc of each frame of thread 1, innermost first. Return addresses are as on the stack.
    pub pcs: Vec<u64>,
}

/// A chain of `frames` frame records at the stack's start: each holds the next record's address and
/// a return address. The last one is zero in both words, where unwinding ends.
fn frame_records(format: Format, frames: u64) -> (Vec<u8>, Vec<u64>) {
    let mut stack = Writer::new(format);
    let mut pcs = Vec::new();
    for frame in 0..frames {
        let at = 0x20 * frame;
        let last = frame + 1 == frames;
        let pc = if last { 0 } else { CODE + 0x200 + 0x10 * frame };
        stack.pad_to(at).u64(if last { 0 } else { STACK + at + 0x20 }).u64(pc);
        if !last {
            pcs.push(pc);
        }
    }
    stack.pad_to(0x2000);
    (stack.done(), pcs)
}

/// An x86-64 core without any binary, with a chain of frame pointers.
pub fn x86_64_stack() -> SynthStack {
    let (stack, mut pcs) = frame_records(Format::X86_64, 5);
    let mut registers = [0; x86_64::COUNT];
    registers[x86_64::RIP] = CODE + 0x123;
    registers[x86_64::RBP] = STACK;
    registers[x86_64::RSP] = STACK;
    pcs.insert(0, CODE + 0x123);
    SynthStack { core: with_registers(Format::X86_64, &registers, stack).build(), pcs }
}

/// The same on aarch64: frame records (AAPCS64), the link register pointing into the caller.
pub fn aarch64_stack() -> SynthStack {
    let (stack, mut pcs) = frame_records(Format::AARCH64, 5);
    let mut registers = [0; aarch64::COUNT];
    registers[aarch64::PC] = CODE + 0x120;
    registers[aarch64::X29] = STACK;
    registers[aarch64::X30] = pcs.first().copied().unwrap_or_default();
    registers[aarch64::SP] = STACK;
    pcs.insert(0, CODE + 0x120);
    SynthStack { core: with_registers(Format::AARCH64, &registers, stack).build(), pcs }
}

/// A core with `count` mappings of one page, of which every 1,000th is saved: its first word is its
/// own address. From 65,534 on (with the notes' header) the count does not fit `e_phnum` (PN_XNUM).
pub fn many_mappings(count: u64) -> Vec<u8> {
    let mut core = CoreBuilder::new(Format::X86_64)
        .alignment(16)
        .thread(2001, 11, &[])
        .process(2001, "many", "many")
        .signal(11, 1, 0);
    for index in 0..count {
        let address = 0x1000_0000 + index * 0x2000;
        let contents = if index % 1000 == 0 { address.to_le_bytes().to_vec() } else { Vec::new() };
        core = core.load_partly(address, 0x1000, READ | WRITE, contents);
    }
    core.build()
}

/// An x86-64 core whose link map is a ring: the entry for the program, then /lib/first.so and
/// /lib/second.so, whose `l_next` is first.so again.
///
/// AT_PHDR leads to program headers in memory, PT_DYNAMIC to the dynamic section, DT_DEBUG (21) to
/// `struct r_debug`, and that to `struct link_map` (glibc's elf/link.h).
pub fn cyclic_link_map() -> Vec<u8> {
    const IMAGE: u64 = 0x40_0000;
    const DYNAMIC: u64 = IMAGE + 0x400;
    const DEBUG: u64 = IMAGE + 0x600;
    const MAPS: u64 = IMAGE + 0x800;
    const NAMES: u64 = IMAGE + 0xa00;
    const MAP_SIZE: u64 = 0x40;
    let mut image = Writer::new(Format::X86_64);
    image.elf_header(&super::bytes::ElfHeader {
        file_type: 2,
        program_headers_at: 64,
        program_header_size: 56,
        program_headers: 3,
        section_headers_at: 0,
        section_header_size: 0,
        section_headers: 0,
    });
    // PT_PHDR (6), PT_LOAD (1), PT_DYNAMIC (2)
    image.program_header(6, READ, 64, IMAGE + 64, 168, 168, 8);
    image.program_header(1, READ | WRITE, 0, IMAGE, 0x1000, 0x1000, 0x1000);
    image.program_header(2, READ | WRITE, 0x400, DYNAMIC, 0x20, 0x20, 8);
    image.pad_to(DYNAMIC - IMAGE).u64(21).u64(DEBUG).u64(0).u64(0);
    // r_version, r_map, r_brk, r_state, r_ldbase
    image.pad_to(DEBUG - IMAGE).u64(1).u64(MAPS).u64(0).u64(0).u64(0);
    // l_addr, l_name, l_ld, l_next, l_prev
    let entries = [
        (0, NAMES, DYNAMIC, MAPS + MAP_SIZE, 0),
        (0x7f00_0000_0000, NAMES + 0x10, 0, MAPS + 2 * MAP_SIZE, MAPS),
        (0x7f00_1000_0000, NAMES + 0x30, 0, MAPS + MAP_SIZE, MAPS + MAP_SIZE),
    ];
    for (index, (address, name, dynamic, next, previous)) in (0_u64..).zip(entries) {
        image.pad_to(MAPS - IMAGE + index * MAP_SIZE);
        image.u64(address).u64(name).u64(dynamic).u64(next).u64(previous);
    }
    image.pad_to(NAMES - IMAGE + 0x10).bytes(b"/lib/first.so\0");
    image.pad_to(NAMES - IMAGE + 0x30).bytes(b"/lib/second.so\0").pad_to(0x1000);
    CoreBuilder::new(Format::X86_64)
        .thread(2001, 11, &[])
        .process(2001, "ring", "ring")
        .signal(11, 1, 0)
        .auxv(&[(3, IMAGE + 64), (4, 56), (5, 3), (6, 4096), (9, IMAGE + 0x100)])
        .files(&[MappedFile {
            start: IMAGE,
            end: IMAGE + 0x1000,
            page_offset: 0,
            path: "/nonexistent/ring",
        }])
        .load(IMAGE, READ | WRITE, image.done())
        .build()
}
