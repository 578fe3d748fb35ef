//! The text and the facts of single instructions.
#![allow(clippy::unwrap_used, reason = "tests")]

use mdb_disasm::{Disassembler, Flow, Instruction, Syntax, TokenRole};
use mdb_target::Arch;
use proptest::prelude::*;

fn name(address: u64) -> Option<String> {
    (address == 0x40_1136).then(|| "a.out`func".to_owned())
}

fn att(bytes: &[u8]) -> Instruction {
    Disassembler::new(Arch::X86_64).decode(0x40_1000, bytes, &name).unwrap()
}

fn intel(bytes: &[u8]) -> String {
    let intel = Disassembler::new(Arch::X86_64).with_syntax(Syntax::Intel);
    intel.decode(0x40_1000, bytes, &name).unwrap().to_string()
}

fn arm(word: u32) -> Instruction {
    Disassembler::new(Arch::Aarch64).decode(0x40_1000, &word.to_le_bytes(), &name).unwrap()
}

#[test]
fn att_as_mdb_writes_it() {
    for (bytes, text) in [
        (&[0x48, 0x89, 0xe5][..], "movq   %rsp,%rbp"),
        (&[0x55], "pushq  %rbp"),
        (&[0x48, 0x83, 0xec, 0x10], "subq   $0x10,%rsp"),
        (&[0xc3], "ret"),
        (&[0xc9], "leave"),
        (&[0xe8, 0x31, 0x01, 0, 0], "call   0x401136 <a.out`func>"),
        (&[0xe9, 0x31, 0x01, 0, 0], "jmp    0x401136 <a.out`func>"),
        (&[0x74, 0x10], "je     0x401012"),
        (&[0xff, 0xd0], "call   *%rax"),
        (&[0x48, 0x8d, 0x3d, 0x2f, 0x01, 0, 0], "leaq   0x12f(%rip),%rdi  <a.out`func>"),
        (&[0x48, 0x8b, 0x05, 0x2f, 0x02, 0, 0], "movq   0x22f(%rip),%rax  <0x401236>"),
        (&[0xc7, 0x45, 0xfc, 0x2a, 0, 0, 0], "movl   $0x2a,-0x4(%rbp)"),
        (&[0xf0, 0x0f, 0xc1, 0x07], "lock xaddl %eax,(%rdi)"),
        (&[0x64, 0x48, 0x8b, 0x04, 0x25, 0x28, 0, 0, 0], "movq   %fs:0x28,%rax"),
        (&[0x0f, 0x0b], "ud2"),
        (&[0x06], ".byte  0x06"),
    ] {
        assert_eq!(att(bytes).to_string(), text);
    }
}

#[test]
fn intel_on_demand() {
    assert_eq!(intel(&[0x48, 0x89, 0xe5]), "mov    rbp,rsp");
    assert_eq!(intel(&[0xe8, 0x31, 0x01, 0, 0]), "call   0x401136 <a.out`func>");
    assert_eq!(intel(&[0xc7, 0x45, 0xfc, 0x2a, 0, 0, 0]), "mov    dword ptr [rbp-0x4],0x2a");
}

#[test]
fn flow_and_addresses() {
    let facts = |i: Instruction| (i.flow, i.target, i.memory_reference, i.length);
    let (at, go) = (0x40_1000, Some(0x40_1136));
    assert_eq!(facts(att(&[0xe8, 0x31, 1, 0, 0])), (Flow::Call, go, None, 5));
    assert_eq!(facts(att(&[0xeb, 0xfe])), (Flow::Jump, Some(at), None, 2));
    assert_eq!(facts(att(&[0x75, 0x00])), (Flow::Conditional, Some(at + 2), None, 2));
    assert_eq!(facts(att(&[0xff, 0xe0])), (Flow::IndirectJump, None, None, 2));
    assert_eq!(
        facts(att(&[0xff, 0x15, 0, 1, 0, 0])),
        (Flow::IndirectCall, None, Some(at + 0x106), 6)
    );
    assert_eq!(facts(att(&[0xc3])), (Flow::Return, None, None, 1));
    assert_eq!(facts(att(&[0x0f, 0x05])), (Flow::SystemCall, None, None, 2));
    assert_eq!(facts(att(&[0xcc])), (Flow::Trap, None, None, 1));
    assert_eq!(facts(att(&[0x0f, 0x0b])), (Flow::Trap, None, None, 2));
    assert_eq!(facts(att(&[0x90])), (Flow::Next, None, None, 1));
    assert!(!att(&[0x06]).valid);
    // Cut in the middle.
    assert!(!att(&[0xe8, 0x31]).valid);
    assert_eq!(Disassembler::new(Arch::X86_64).decode(0, &[], &name), None);
}

#[test]
fn roles() {
    let roles: Vec<_> = att(&[0xe8, 0x31, 1, 0, 0]).tokens.into_iter().map(|t| t.role).collect();
    use TokenRole::{Address, Mnemonic, Punctuation, Symbol};
    assert_eq!(roles, [Mnemonic, Punctuation, Address, Punctuation, Symbol]);
    let registers: Vec<_> = att(&[0x48, 0x89, 0xe5])
        .tokens
        .into_iter()
        .filter(|t| t.role == TokenRole::Register)
        .map(|t| t.text)
        .collect();
    assert_eq!(registers, ["%rsp", "%rbp"]);
}

/// Encodings from the Arm ARM.
#[test]
fn arm_instructions() {
    for (word, text, flow, target, reference) in [
        (0xa9bf_7bfd, "stp    x29, x30, [sp, #-0x10]!", Flow::Next, None, None),
        (0x9100_03fd, "mov    x29, sp", Flow::Next, None, None),
        (0xd65f_03c0, "ret", Flow::Return, None, None),
        (0x9400_0002, "bl     0x401008", Flow::Call, Some(0x40_1008), None),
        (0x17ff_ffff, "b      0x400ffc", Flow::Jump, Some(0x40_0ffc), None),
        (0x5400_0040, "b.eq   0x401008", Flow::Conditional, Some(0x40_1008), None),
        (0xb400_0040, "cbz    x0, 0x401008", Flow::Conditional, Some(0x40_1008), None),
        (0x3600_0040, "tbz    w0, #0x0, 0x401008", Flow::Conditional, Some(0x40_1008), None),
        (0xd63f_0000, "blr    x0", Flow::IndirectCall, None, None),
        (0xd61f_0200, "br     x16", Flow::IndirectJump, None, None),
        (0xd400_0001, "svc    #0x0", Flow::SystemCall, None, None),
        (0xd420_0000, "brk    #0x0", Flow::Trap, None, None),
        (0x9000_0010, "adrp   x16, 0x401000  <0x401000>", Flow::Next, None, Some(0x40_1000)),
        (0xb000_0010, "adrp   x16, 0x402000  <0x402000>", Flow::Next, None, Some(0x40_2000)),
        (0x1000_0080, "adr    x0, 0x401010  <0x401010>", Flow::Next, None, Some(0x40_1010)),
        (0x5800_0041, "ldr    x1, 0x401008  <0x401008>", Flow::Next, None, Some(0x40_1008)),
        (0xd503_201f, "nop", Flow::Next, None, None),
    ] {
        let got = arm(word);
        assert_eq!(got.to_string(), text, "{word:#x}");
        assert_eq!((got.flow, got.target, got.memory_reference), (flow, target, reference));
    }
    assert_eq!(arm(0xffff_ffff).to_string(), ".word  0xffffffff");
    assert!(!arm(0xffff_ffff).valid);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]
    #[test]
    fn any_bytes_are_an_instruction_or_not(
        bytes in prop::collection::vec(any::<u8>(), 1..24),
        address: u64,
        syntax in 0..3,
    ) {
        let disassembler = match syntax {
            0 => Disassembler::new(Arch::X86_64),
            1 => Disassembler::new(Arch::X86_64).with_syntax(Syntax::Intel),
            _ => Disassembler::new(Arch::Aarch64),
        };
        let got = disassembler.decode(address, &bytes, &|a| Some(format!("{a:x}"))).unwrap();
        prop_assert!((1..=bytes.len().min(disassembler.max_length())).contains(&got.length));
        prop_assert!(!got.to_string().is_empty());
        if got.valid {
            prop_assert_eq!(disassembler.length(address, &bytes), Some(got.length));
        }
        let window = disassembler.window(address, &bytes, None, 3);
        prop_assert!(window.len() <= 3);
    }
}

/// Words of all kinds: the upper half runs through everything.
#[test]
fn arm_words_do_not_panic() {
    for high in 0..=0xffff_u32 {
        for low in [0, 0x03e0, 0x7c1f, 0xffff, 0x1234, 0xa5a5] {
            let got = arm(high << 16 | low);
            assert_eq!(got.length, 4);
        }
    }
}
