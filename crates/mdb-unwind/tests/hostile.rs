//! Whatever is in registers, memory and sections: no panic, and an end.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::single_range_in_vec_init,
    reason = "tests"
)]

mod support;

use mdb_debuginfo::{SectionBytes, UnwindSections};
use mdb_target::{Arch, FakeTarget, RegisterId, RegisterSet, Target};
use mdb_unwind::Unwinder;
use proptest::prelude::*;
use support::{AARCH64, FakeSources, Form, X86_64, function, leak, sections};

/// More frames than the stacks here have words.
const MANY: usize = 5000;

/// Addresses that meet the code and the stack often.
fn address() -> impl Strategy<Value = u64> {
    prop_oneof![
        0x1000..0x1400_u64,
        (0x7000..0x7400_u64).prop_map(|a| a & !7),
        any::<u64>(),
        Just(0),
        Just(u64::MAX),
    ]
}

fn registers_of(arch: Arch, values: &[u64]) -> RegisterSet {
    let mut set = RegisterSet::new(arch);
    for (n, value) in values.iter().enumerate() {
        set.set(RegisterId(n as u16), *value);
    }
    set
}

fn walk(target: &FakeTarget, sources: &FakeSources, registers: RegisterSet) {
    let unwinder = Unwinder::new(target.memory(), target.arch(), sources);
    let (frames, end) = unwinder.frames(registers).collect_with_end(MANY);
    assert!(frames.len() < MANY, "no end");
    let sentence = end.to_string();
    assert!(!sentence.is_empty() && !sentence.contains('\n'));
}

fn arch() -> impl Strategy<Value = Arch> {
    prop_oneof![Just(Arch::X86_64), Just(Arch::Aarch64)]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        max_shrink_iters: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_stacks_and_registers(
        arch in arch(),
        values in prop::collection::vec(address(), 33),
        stack in prop::collection::vec(address(), 128),
        code in prop::collection::vec(any::<u8>(), 0x400),
        good in any::<bool>(),
    ) {
        let abi = if arch == Arch::X86_64 { X86_64 } else { AARCH64 };
        let info = sections(Form::Header, abi, &[
            function(0x1000..0x1100, &[0x0e, 24, 0x83, 2]),
            function(0x1100..0x1200, &[0x0c, abi.initial[1] ^ 1, 16]),
        ]);
        let sources = FakeSources {
            sections: good.then_some(info),
            code: vec![0x1000..0x1400],
            ..FakeSources::default()
        };
        let target = FakeTarget::new(arch).region(0x1000, code).words(0x7000, &stack);
        walk(&target, &sources, registers_of(arch, &values));
    }

    #[test]
    fn random_sections(
        arch in arch(),
        values in prop::collection::vec(address(), 33),
        frame in prop::collection::vec(any::<u8>(), 0..512),
        header in prop::collection::vec(any::<u8>(), 0..128),
        usual in any::<bool>(),
        bias in address(),
    ) {
        let mut header = header;
        if usual && header.len() >= 4 {
            header[..4].copy_from_slice(&[1, 0x1b, 3, 0x3b]);
        }
        let frame = SectionBytes { address: 0x9000, bytes: leak(frame) };
        let info = UnwindSections {
            module: 0,
            range: 0..u64::MAX,
            bias,
            eh_frame: Some(frame),
            eh_frame_hdr: Some(SectionBytes { address: 0x8000, bytes: leak(header) }),
            debug_frame: Some(frame),
            text: Some(u64::MAX),
            got: None,
        };
        let sources =
            FakeSources { sections: Some(info), code: vec![0..u64::MAX], ..Default::default() };
        let target = FakeTarget::new(arch).words(0x7000, &values);
        walk(&target, &sources, registers_of(arch, &values));
    }

    #[test]
    fn one_byte_of_good_sections_is_another(
        arch in arch(),
        form in prop_oneof![Just(Form::Header), Just(Form::EhFrame), Just(Form::DebugFrame)],
        at in any::<prop::sample::Index>(),
        cfi in prop::collection::vec(any::<u8>(), 0..24),
        byte: u8,
        values in prop::collection::vec(address(), 33),
    ) {
        let abi = if arch == Arch::X86_64 { X86_64 } else { AARCH64 };
        let mut info = sections(form, abi, &[
            function(0x1000..0x1100, &cfi),
            function(0x1100..0x1200, &[0x0f, 3, 0x77, 16, 0x06]),
            function(0x1200..0x1400, &[0x0e, 24]),
        ]);
        let all = [&mut info.eh_frame, &mut info.eh_frame_hdr, &mut info.debug_frame];
        for section in all.into_iter().flatten() {
            let mut bytes = section.bytes.to_vec();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            section.bytes = leak(bytes);
        }
        let sources = FakeSources {
            sections: Some(info),
            code: vec![0x1000..0x1400],
            ..FakeSources::default()
        };
        let target = FakeTarget::new(arch).words(0x7000, &values);
        let mut registers = registers_of(arch, &values);
        registers.set(arch.sp(), 0x7000);
        for pc in [0x1010, 0x1110, 0x1210] {
            registers.set(arch.pc(), pc);
            walk(&target, &sources, registers.clone());
        }
    }
}
