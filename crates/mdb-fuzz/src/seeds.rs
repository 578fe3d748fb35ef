//! What a fuzzer begins with, and what the tests spoil: sound inputs of every target, made here so
//! that none of them has to be kept in the repository.

use crate::notes::around;
use crate::shown::FORGED;
use mdb_fixtures::synth::{
    self, CoreBuilder, EXECUTE, Format, MappedFile, READ, WRITE, aarch64_stack, cyclic_link_map,
    minimal, x86_64_stack,
};

/// Sound inputs of a target by its name.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    match target {
        "core" => cores(),
        "notes" => notes(),
        "cfi" => unwinding(),
        "language" => LINES.iter().flat_map(|l| (0..4).map(move |n| with_choice(n, l))).collect(),
        "elf" => vec![object()],
        "names" => NAMES.iter().map(|n| n.as_bytes().to_vec()).collect(),
        _ => Vec::new(),
    }
}

fn with_choice(choice: u8, text: &str) -> Vec<u8> {
    [&[choice], text.as_bytes()].concat()
}

fn cores() -> Vec<Vec<u8>> {
    // Less alignment than the kernel's makes small files, in which a fuzzer finds more.
    let small = |format| minimal(format).alignment(16).build();
    vec![
        small(Format::X86_64),
        small(Format::AARCH64),
        cyclic_link_map(),
        x86_64_stack().core,
        aarch64_stack().core,
        synth::many_mappings(20),
        tiny(),
        forged(),
    ]
}

/// Names with newlines in them: of the process, its arguments, its files and symbols.
fn forged() -> Vec<u8> {
    let name = format!("\n{FORGED}");
    let path = format!("/bin/x{name}");
    let map =
        |start, page_offset| MappedFile { start, end: start + 0x1000, page_offset, path: &path };
    let mut symbols = object();
    // The name of the only symbol, in the strings at 0x2c0.
    for (to, from) in symbols.iter_mut().skip(0x2c1).zip(name.bytes().chain([0])) {
        *to = from;
    }
    let mut registers = [0x50_0000; 27];
    // rip, rsp; the return address on the stack is in the object with the symbol.
    for (number, register) in registers.iter_mut().enumerate() {
        match number {
            16 => *register = 0x40_0800,
            4 | 19 => *register = 0x7fff_0000,
            _ => {}
        }
    }
    let stack = [0x7fff_0020_u64, 0x50_0210, 0, 0, 0x7fff_0040, 0x40_0810, 0, 0, 0, 0, 0, 0];
    CoreBuilder::new(Format::X86_64)
        .alignment(1)
        .thread(1, 11, &registers)
        .process(1, &name, &name)
        .signal(11, 1, 0)
        .thread(2, 0, &[0x50_0210; 27])
        .auxv(&[(9, 0x40_0000), (33, 0x50_0000)])
        .files(&[map(0x40_0000, 0), map(0x60_0000, 5)])
        .load_partly(0x40_0000, 0x1000, READ | EXECUTE, Vec::new())
        .load(0x50_0000, READ | EXECUTE, symbols)
        .load(0x60_0000, READ, name.repeat(9).into_bytes())
        .load(0x7fff_0000, READ | WRITE, stack.map(u64::to_le_bytes).concat())
        .build()
}

/// All kinds of notes and segments in a few hundred bytes.
fn tiny() -> Vec<u8> {
    CoreBuilder::new(Format::X86_64)
        .alignment(1)
        .thread(1, 11, &[0x40_0000; 27])
        .signal(11, 1, 0)
        .auxv(&[(3, 0x40_0040), (4, 56), (5, 1), (9, 0x40_0000), (31, 0x40_0000), (33, 0x40_0000)])
        .files(&[MappedFile { start: 0x40_0000, end: 0x40_1000, page_offset: 0, path: "/bin/x" }])
        .load(0x40_0000, READ | EXECUTE, object())
        .load(0x7fff_0000, READ | WRITE, [0x40_0000_u64; 16].map(u64::to_le_bytes).concat())
        .build()
}

/// The contents of the notes' segment of whole cores.
fn notes() -> Vec<Vec<u8>> {
    [(0, Format::X86_64), (1, Format::AARCH64)]
        .into_iter()
        .map(|(choice, format)| {
            let core = minimal(format).build();
            let field = |at: usize| -> usize {
                let bytes = core.get(at..at + 8).and_then(|b| b.try_into().ok());
                bytes.map_or(0, u64::from_le_bytes) as usize
            };
            // The first program header: p_offset and p_filesz (elf(5)).
            let (start, size) = (field(64 + 8), field(64 + 32));
            [&[choice], core.get(start..start + size).unwrap_or_default()].concat()
        })
        .collect()
}

/// Sections with a CIE and an FDE, and the choices of `cfi`.
fn unwinding() -> Vec<Vec<u8>> {
    let mut list = Vec::new();
    for choices in [0x02, 0x03, 0x04, 0x05, 0x0a, 0x0b, 0x22, 0x42, 0x06] {
        let arm = choices & 1 == 1;
        let debug = choices & 4 != 0;
        let frame = frame_section(arm, debug);
        // Version and encodings, distance to .eh_frame, one entry: 0x1000 and the FDE behind the CIE.
        let mut header = vec![1, 0x1b, 3, 0x3b];
        header.extend((0x9000_i32 - 0x8000 - 4).to_le_bytes());
        header.extend(1_u32.to_le_bytes());
        header.extend((0x1000_i32 - 0x8000).to_le_bytes());
        header.extend((0x9000_i32 - 0x8000 + 24).to_le_bytes());
        let header = if choices & 8 == 0 { Vec::new() } else { header };
        let mut bytes = vec![choices];
        for size in [header.len(), frame.len(), 64] {
            bytes.extend((size as u16).to_le_bytes());
        }
        // Registers: pc in the code, the others at the stack's start.
        for number in 0..34_u16 {
            let pc = if arm { number == 32 } else { number == 16 };
            let word: u16 = if pc { 0x110 } else { 0x2100 };
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend(&header);
        bytes.extend(&frame);
        for word in 0..32_u16 {
            let word = if word % 2 == 0 { 0x2100 + word * 8 + 16 } else { 0x120 + word };
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend([0xe8, 0, 0, 0, 0, 0xc3, 0x55, 0x48, 0x89, 0xe5].repeat(40));
        list.push(bytes);
    }
    list
}

/// A CIE (24 bytes) and an FDE for 0x1000..0x3000 with most kinds of instructions.
fn frame_section(arm: bool, debug: bool) -> Vec<u8> {
    let mut section = Vec::new();
    let mut entry = |body: &[u8], to: usize| {
        let mut body = body.to_vec();
        body.resize(body.len().max(to), 0);
        section.extend((body.len() as u32).to_le_bytes());
        section.extend(body);
    };
    let mut cie: Vec<u8> = if debug { vec![0xff; 4] } else { vec![0; 4] };
    cie.push(1);
    cie.extend(if debug { &b"\0"[..] } else { &b"zR\0"[..] });
    cie.extend([1, 0x78, if arm { 30 } else { 16 }]);
    if !debug {
        cie.extend([1, 0]);
    }
    cie.extend(if arm { &[0x0c, 31, 0][..] } else { &[0x0c, 7, 8, 0x90, 1][..] });
    entry(&cie, 20);
    let mut fde: Vec<u8> = if debug { vec![0; 4] } else { 28_u32.to_le_bytes().to_vec() };
    fde.extend(0x1000_u64.to_le_bytes());
    fde.extend(0x2000_u64.to_le_bytes());
    if !debug {
        fde.push(0);
    }
    // advance, def_cfa_offset, offset, remember, def_cfa_expression, restore, expressions.
    fde.extend([0x41, 0x0e, 16, 0x86, 2, 0x0a, 0x44, 0x0f, 3, 0x77, 16, 0x06, 0x0b]);
    fde.extend([0x10, 3, 2, 0x70, 8, 0x16, 12, 2, 0x73, 8, 0x09, 13, 14]);
    entry(&fde, 0);
    if !debug {
        section.extend([0; 4]);
    }
    section
}

/// A program without sections but with a build-id, unwind information and a dynamic section, byte
/// by byte (elf(5)). Larger ones are in the corpus.
fn object() -> Vec<u8> {
    const SIZE: u64 = 0x300;
    let mut bytes = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for half in [3_u16, 62] {
        bytes.extend(half.to_le_bytes());
    }
    bytes.extend(1_u32.to_le_bytes());
    for word in [0x200_u64, 64, 0] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(0_u32.to_le_bytes());
    for half in [64_u16, 56, 4, 64, 0, 0] {
        bytes.extend(half.to_le_bytes());
    }
    // p_type, p_flags, p_offset (which is p_vaddr here), p_filesz
    let headers: [(u32, u32, u64, u64); 4] =
        [(1, 7, 0, SIZE), (4, 4, 0x140, 36), (2, 6, 0x180, 0x60), (0x6474_e550, 4, 0x220, 20)];
    for (kind, flags, place, size) in headers {
        bytes.extend(kind.to_le_bytes());
        bytes.extend(flags.to_le_bytes());
        for word in [place, place, place, size, size, 8] {
            bytes.extend(word.to_le_bytes());
        }
    }
    bytes.resize(0x140, 0);
    for word in [4_u32, 20, 3] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(b"GNU\0");
    bytes.extend(1..=20_u8);
    bytes.resize(0x180, 0);
    // DT_SYMTAB, DT_STRTAB, DT_STRSZ, DT_DEBUG, DT_NULL
    for (tag, value) in [(6_u64, 0x260_u64), (5, 0x2c0), (10, 0x20), (21, 0x2a0), (0, 0)] {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.resize(0x220, 0x90);
    bytes.extend([1, 0x1b, 3, 0x3b]);
    bytes.extend(0x1c_i32.to_le_bytes());
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend([0; 8]);
    bytes.resize(0x240, 0);
    bytes.extend(frame_section(false, false).into_iter().take(0x20));
    bytes.resize(0x260 + 24, 0);
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend([0x12, 0, 1, 0]);
    bytes.extend(0x200_u64.to_le_bytes());
    bytes.extend(0x20_u64.to_le_bytes());
    bytes.resize(0x2c0, 0);
    bytes.extend(b"\0_ZN5space3fooEibc\0");
    bytes.resize(SIZE as usize, 0);
    bytes
}

/// A core around the notes of a seed, for the tests that spoil it field by field.
pub fn core_with_notes(notes: &[u8]) -> Vec<u8> {
    around(Format::X86_64, notes)
}

const LINES: &[&str] = &[
    "1+2*3%%4#8=D",
    "main+0x10::dis -n 4",
    "a.out`main,5/X",
    "0t16=xdoq",
    "$C; ::stack; ::status",
    "::walk thread | ::findstack -v",
    "7fff00000000,4/nap",
    "400000::dump -g 8 -w 2",
    "'abcd'=X; 1.5=f",
    "1>x; <x+<rip=p",
    "::echo 1 2 \"a b\" | ::map '.+1' | ::head -n 1",
    "::eval '1::echo x'",
    "600000/s; 600000\\X 41414141",
    "600000?X ; .,3/2xn4d",
    "::help dis; ::dcmds; ::walkers; ::formats",
    "::nmadd -s 10 foo 400000; foo::nm; ::nmdel foo",
    "::set -o width=40; ::mappings; ::objects -v",
    "::typeset x y; ::vars -n; ::unset x",
    "//comment\n*rsp=K;~1=D;-1=U;1<<2>>3|4&5^6",
    "1 2 3; ::nth 1; ::sort -r; ::uniq; ::count; ::tail 2",
    "::regs; $r; $l; $L; ::thread 1; ::fpregs",
    "%rip=p; 0i1010=o; 0o17=b; #1;.+,^,&=J",
    "600000/W 1; 600000/l 41; 600000/L 4141",
];

const NAMES: &[&str] = &[
    "_ZN5space3fooEibc",
    "_ZN4core3fmt9Formatter3pad17h3a4f1c2b9d8e7f60E",
    "_RNvCs1234_7mycrate3foo",
    "_RINvNtC3std3mem8align_ofNtNtC3std3mem12DiscriminantE",
    "_ZZN1A1fEvE1x",
    "_ZNSt6vectorIN5boost4spinESaIS1_EED2Ev",
    "_GLOBAL__sub_I_main",
    "_ZTv0_n24_NSt3fooD1Ev",
    "_ZN1fIXtl1ALi1EEEEvv",
];
