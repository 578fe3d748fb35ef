//! Stacks, code and unwind information written by hand: every way from a frame to its caller, and
//! every way in which a stack ends.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::single_range_in_vec_init,
    reason = "tests"
)]

mod support;

use mdb_target::{Arch, FakeTarget, Fault, RegisterSet, Target};
use mdb_unwind::{
    FoundBy, Frame, FrameKind, FrameProvider, FrameProviders, StackEnd, UnwindCache, UnwindOptions,
    Unwinder,
};
use std::rc::Rc;
use std::sync::Arc;
use support::{AARCH64, FakeSources, Form, Function, X86_64, function, registers, sections};

fn walk(
    target: &FakeTarget,
    sources: &FakeSources,
    registers: RegisterSet,
) -> (Vec<Frame>, StackEnd) {
    Unwinder::new(target.memory(), target.arch(), sources)
        .frames(registers)
        .collect_with_end(10_000)
}

fn pcs(frames: &[Frame]) -> Vec<u64> {
    frames.iter().map(|f| f.pc).collect()
}

fn ways(frames: &[Frame]) -> Vec<FoundBy> {
    frames.iter().map(|f| f.found_by.clone()).collect()
}

fn reg(frame: &Frame, name: &str) -> Option<u64> {
    frame.registers.by_name(frame.registers.arch().register(name).unwrap())
}

/// `sub $16,%rsp`-like: CFA = rsp + 24, rbx at CFA - 16.
const SAVES_RBX: &[u8] = &[0x0e, 24, 0x83, 2];
/// CFA = rsp + 8 and nothing saved, but no caller: DW_CFA_undefined rip.
const OUTERMOST: &[u8] = &[0x07, 16];

#[test]
fn callee_saved_registers_by_every_kind_of_section() {
    for form in [Form::EhFrame, Form::Header, Form::DebugFrame] {
        let info = sections(
            form,
            X86_64,
            &[
                function(0x1000..0x1100, SAVES_RBX),
                function(0x1100..0x1200, SAVES_RBX),
                function(0x1200..0x1300, OUTERMOST),
            ],
        );
        let sources = FakeSources {
            sections: Some(info),
            code: vec![0x1000..0x2000],
            ..FakeSources::default()
        };
        // The last call of 0x1100 is its last instruction: only pc - 1 is inside of it.
        let stack = [0, 0xb0b, 0x1200, 0, 0xb1b, 0x1250];
        let target = FakeTarget::new(Arch::X86_64).words(0x7000, &stack);
        let start =
            [("rip", 0x1010), ("rsp", 0x7000), ("rbx", 1), ("rax", 2), ("r12", 3), ("rbp", 4)];
        let (frames, end) = walk(&target, &sources, registers(Arch::X86_64, &start));
        assert_eq!(pcs(&frames), [0x1010, 0x1200, 0x1250], "{form:?}: {end}");
        assert_eq!(ways(&frames), [FoundBy::Context, FoundBy::Cfi, FoundBy::Cfi]);
        assert_eq!(end, StackEnd::Outermost);
        let column = |name| frames.iter().map(|f| reg(f, name)).collect::<Vec<_>>();
        assert_eq!(column("rbx"), [Some(1), Some(0xb0b), Some(0xb1b)]);
        assert_eq!(column("rax"), [Some(2), None, None]);
        assert_eq!(column("r12"), [Some(3); 3]);
        assert_eq!(column("rbp"), [Some(4); 3]);
        assert_eq!(column("rsp"), [Some(0x7000), Some(0x7018), Some(0x7030)]);
        assert_eq!(frames[1].lookup_pc, 0x11ff);
        assert_eq!(frames[0].cfa, Some(0x7018));
        assert_eq!(frames[1].cfa, Some(0x7030));
    }
}

#[test]
fn expressions() {
    // def_cfa_expression: breg7 (rsp) 16; deref: the CFA is the word at rsp + 16.
    // val_expression of r12: breg3 (rbx) 1. expression of r13: (the CFA) minus 24.
    let cfi = [0x0f, 3, 0x77, 16, 0x06, 0x16, 12, 2, 0x73, 1, 0x10, 13, 4, 0x08, 24, 0x1c, 0x96];
    let cyclic = [0x0f, 3, 0x2f, 0xfd, 0xff];
    let info = sections(
        Form::EhFrame,
        X86_64,
        &[function(0x1000..0x1100, &cfi), function(0x1100..0x1200, &cyclic)],
    );
    let sources =
        FakeSources { sections: Some(info), code: vec![0x1000..0x2000], ..FakeSources::default() };
    let target = FakeTarget::new(Arch::X86_64).words(0x7000, &[0, 0, 0x7030, 0xd00d, 5, 0x1110, 0]);
    let start = registers(Arch::X86_64, &[("rip", 0x1010), ("rsp", 0x7000), ("rbx", 0x41)]);
    let (frames, end) = walk(&target, &sources, start);
    assert_eq!(pcs(&frames), [0x1010, 0x1110]);
    assert_eq!(reg(&frames[1], "r12"), Some(0x42));
    assert_eq!(reg(&frames[1], "r13"), Some(0xd00d));
    assert!(matches!(end, StackEnd::DamagedUnwindInfo { pc: 0x1110, .. }), "{end}");
}

const TRAMPOLINE: &[u8] = &[0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05, 0x90];

/// A `struct rt_sigframe` behind its return address.
fn signal_context(values: &[(usize, u64)]) -> Vec<u64> {
    let mut words = vec![0; 5 + 18];
    for (index, value) in values {
        words[5 + index] = *value;
    }
    words
}

#[test]
fn signal_handler_on_another_stack_above_and_below() {
    let info = sections(
        Form::Header,
        X86_64,
        &[function(0x1000..0x1100, &[]), function(0x1200..0x1300, OUTERMOST)],
    );
    let sources = FakeSources {
        sections: Some(info),
        code: vec![0x1000..0x2000, 0xa000..0xb000],
        ..FakeSources::default()
    };
    for (alternate, main) in [(0x9_0000, 0x7000), (0x5000, 0x7000)] {
        // Handler at 0x1010, its return address the trampoline; the signal interrupted 0x1200,
        // the first instruction of its function: to look up 0x11ff would be wrong.
        let mut stack = vec![0xa000];
        stack.extend(signal_context(&[
            (13, 0xacc),
            (11, 0xb0b),
            (15, main),
            (16, 0x1200),
            (17, 0x246),
        ]));
        let target = FakeTarget::new(Arch::X86_64)
            .region(0xa000, TRAMPOLINE)
            .words(alternate, &stack)
            .words(main, &[0; 4]);
        let start = registers(Arch::X86_64, &[("rip", 0x1010), ("rsp", alternate)]);
        let (frames, end) = walk(&target, &sources, start);
        assert_eq!(pcs(&frames), [0x1010, 0xa000, 0x1200]);
        let kinds: Vec<_> = frames.iter().map(|f| f.kind).collect();
        assert_eq!(kinds, [FrameKind::Normal, FrameKind::Signal, FrameKind::Normal]);
        assert_eq!(frames[2].found_by, FoundBy::SignalContext);
        assert_eq!(frames[2].lookup_pc, 0x1200);
        // What the signal interrupted has all its registers.
        assert_eq!(reg(&frames[2], "rax"), Some(0xacc));
        assert_eq!(reg(&frames[2], "rbx"), Some(0xb0b));
        assert_eq!(reg(&frames[2], "rflags"), Some(0x246));
        assert_eq!(end, StackEnd::Outermost);
    }
}

#[test]
fn signal_frames_that_point_to_each_other() {
    let sources = FakeSources { code: vec![0xa000..0xb000], ..FakeSources::default() };
    let target = FakeTarget::new(Arch::X86_64)
        .region(0xa000, TRAMPOLINE)
        .words(0x7000, &signal_context(&[(15, 0x8000), (16, 0xa000)]))
        .words(0x8000, &signal_context(&[(15, 0x7000), (16, 0xa000)]));
    let start = registers(Arch::X86_64, &[("rip", 0xa000), ("rsp", 0x7000)]);
    let (frames, end) = walk(&target, &sources, start);
    assert!(matches!(end, StackEnd::Cycle { pc: 0xa000, .. }), "{end}");
    assert!(frames.len() < 10, "{}", frames.len());
    assert!(end.to_string().contains("cyclic"));
}

/// Code at 0x1000 that is nothing but `call *%rax`: every even address behind one can be a
/// return address.
fn calls(target: FakeTarget) -> FakeTarget {
    target.region(0x1000, [0xff, 0xd0].repeat(0x800))
}

#[test]
fn frame_pointers_without_unwind_information() {
    let sources = FakeSources { code: vec![0x1000..0x2000], ..FakeSources::default() };
    let target = calls(FakeTarget::new(Arch::X86_64))
        .words(0x7000, &[1, 2, 0x7020, 0x1020, 0x7040, 0x1040, 0, 0, 0, 0]);
    let start = [("rip", 0x1010), ("rsp", 0x7000), ("rbp", 0x7010), ("rbx", 7), ("rcx", 8)];
    let (frames, end) = walk(&target, &sources, registers(Arch::X86_64, &start));
    assert_eq!(pcs(&frames), [0x1010, 0x1020, 0x1040]);
    assert_eq!(frames[1].found_by, FoundBy::FramePointer);
    assert_eq!(frames[0].cfa, Some(0x7020));
    // Nothing says what became of rbx.
    assert_eq!(reg(&frames[1], "rbx"), None);
    assert_eq!(end, StackEnd::NullReturnAddress);
    assert!(end.is_complete());

    // The chain bites its tail.
    let target = calls(FakeTarget::new(Arch::X86_64))
        .words(0x7000, &[1, 2, 0x7020, 0x1020, 0x7010, 0x1040, 0, 0]);
    let (frames, end) = walk(&target, &sources, registers(Arch::X86_64, &start));
    assert_eq!(pcs(&frames), [0x1010, 0x1020, 0x1040]);
    assert!(!end.is_complete(), "{end}");
}

#[test]
fn entry_function_is_the_end() {
    let sources = FakeSources {
        code: vec![0x1000..0x2000],
        entry: Some(0x1020..0x1030),
        ..FakeSources::default()
    };
    let target = calls(FakeTarget::new(Arch::X86_64))
        .words(0x7000, &[0x7020, 0x1028, 0, 0, 0x7040, 0x1040, 0, 0]);
    let start = registers(Arch::X86_64, &[("rip", 0x1010), ("rsp", 0x7000), ("rbp", 0x7000)]);
    let (frames, end) = walk(&target, &sources, start);
    assert_eq!((pcs(&frames), end), (vec![0x1010, 0x1028], StackEnd::Outermost));
}

#[test]
fn call_through_a_null_pointer() {
    let sources = FakeSources { code: vec![0x1000..0x2000], ..FakeSources::default() };
    let target = calls(FakeTarget::new(Arch::X86_64)).words(0x7000, &[0x1020, 0]);
    for pc in [0, 0xdead_0000] {
        let start = registers(
            Arch::X86_64,
            &[("rip", pc), ("rsp", 0x7000), ("rbp", 0), ("rax", 9), ("rbx", 7)],
        );
        let (frames, _) = walk(&target, &sources, start);
        assert_eq!(pcs(&frames)[..2], [pc, 0x1020]);
        assert_eq!(frames[1].found_by, FoundBy::LeafReturn);
        assert!(!frames[1].is_doubtful());
        assert_eq!(frames[1].sp, 0x7008);
        // Nothing has run since: all registers stand.
        assert_eq!(reg(&frames[1], "rax"), Some(9));
    }
}

#[test]
fn edges_of_functions_without_unwind_information() {
    let sources = FakeSources {
        code: vec![0x1000..0x2000, 0x3000..0x3100],
        functions: vec![0x3000..0x3100],
        ..FakeSources::default()
    };
    // push %rbp; mov %rsp,%rbp; pop %rbp; ret
    let target = calls(FakeTarget::new(Arch::X86_64))
        .region(0x3000, [0x55, 0x48, 0x89, 0xe5, 0x5d, 0xc3, 0x90, 0x90])
        .words(0x7000, &[0x5555, 0x1020, 0x1040]);
    let first = |pc, sp, rbp| {
        let start = registers(Arch::X86_64, &[("rip", pc), ("rsp", sp), ("rbp", rbp)]);
        walk(&target, &sources, start).0.swap_remove(1)
    };
    let frame = first(0x3000, 0x7008, 0x5555);
    assert_eq!((frame.pc, frame.sp, &frame.found_by), (0x1020, 0x7010, &FoundBy::Instructions));
    let frame = first(0x3001, 0x7000, 0x5555);
    assert_eq!((frame.pc, reg(&frame, "rbp")), (0x1020, Some(0x5555)));
    let frame = first(0x3004, 0x7000, 0x7000);
    assert_eq!((frame.pc, reg(&frame, "rbp")), (0x1020, Some(0x5555)));
    let frame = first(0x3005, 0x7008, 0x5555);
    assert_eq!((frame.pc, frame.sp), (0x1020, 0x7010));
}

#[test]
fn scan_takes_what_leads_on() {
    // 0x1000..0x1100 has unwind information (rsp + 24), 0x1100 on is the outermost.
    let info = sections(
        Form::Header,
        X86_64,
        &[function(0x1000..0x1100, &[0x0e, 24]), function(0x1100..0x1800, OUTERMOST)],
    );
    let sources = FakeSources {
        sections: Some(info),
        code: vec![0x1000..0x1800, 0xa000..0xb000],
        ..FakeSources::default()
    };
    // 0x1020 at 0x7008 is a remnant: what it would return to is no code. 0x1040 is real.
    let target = calls(FakeTarget::new(Arch::X86_64))
        .words(0x7000, &[0x77, 0x1020, 0x99, 0, 0, 0x1040, 0, 0, 0x1200, 0]);
    let start = registers(Arch::X86_64, &[("rip", 0xa010), ("rsp", 0x7000), ("rbp", 0x77)]);
    let (frames, end) = walk(&target, &sources, start.clone());
    assert_eq!(pcs(&frames), [0xa010, 0x1040, 0x1200]);
    assert_eq!(ways(&frames), [FoundBy::Context, FoundBy::Scan, FoundBy::Cfi]);
    assert!(frames[1].is_doubtful());
    assert_eq!(end, StackEnd::Outermost);

    let options = UnwindOptions { scan: false, ..UnwindOptions::default() };
    let unwinder = Unwinder::new(target.memory(), Arch::X86_64, &sources).with_options(options);
    let (frames, end) = unwinder.frames(start).collect_with_end(10);
    assert_eq!(pcs(&frames), [0xa010]);
    assert_eq!(end, StackEnd::NoCaller { pc: 0xa010 });
}

#[test]
fn code_without_frame_pointer_below_a_function_with_one() {
    // Generated code at 0xa000, called by 0x3000 (which saves rbp), called by 0x1000.
    let sources = FakeSources {
        code: vec![0x1000..0x2000, 0x3000..0x3100, 0xa000..0xb000],
        functions: vec![0x1000..0x2000, 0x3000..0x3100],
        ..FakeSources::default()
    };
    let mut caller = vec![0x90; 0x100];
    let displacement = (0x3000_i32 - 0x1045).to_le_bytes();
    caller[0x40] = 0xe8;
    caller[0x41..0x45].copy_from_slice(&displacement);
    let mut callee = vec![0x90; 0x100];
    callee[..4].copy_from_slice(&[0x55, 0x48, 0x89, 0xe5]);
    callee[0x20..0x22].copy_from_slice(&[0xff, 0xd0]);
    let target = FakeTarget::new(Arch::X86_64)
        .region(0x1000, caller)
        .region(0x3000, callee)
        .region(0xa000, vec![0x90; 0x100])
        .words(0x7000, &[5, 0x3022, 6, 0x7030, 0x1045, 0, 0, 0]);
    let start = registers(Arch::X86_64, &[("rip", 0xa010), ("rsp", 0x7000), ("rbp", 0x7018)]);
    let (frames, _) = walk(&target, &sources, start);
    assert_eq!(pcs(&frames)[..3], [0xa010, 0x3022, 0x1045]);
    assert_eq!(ways(&frames)[1..3], [FoundBy::Scan, FoundBy::FramePointer]);
}

#[test]
fn overwritten_return_address() {
    let info = sections(
        Form::Header,
        X86_64,
        &[function(0x1000..0x1100, &[0x0e, 24]), function(0x1100..0x1800, OUTERMOST)],
    );
    let sources =
        FakeSources { sections: Some(info), code: vec![0x1000..0x1800], ..FakeSources::default() };
    let target = calls(FakeTarget::new(Arch::X86_64))
        .words(0x7000, &[0, 0, 0x4141_4141_4141_4141, 0x4141, 0, 0x1200, 0]);
    let start = registers(Arch::X86_64, &[("rip", 0x1010), ("rsp", 0x7000)]);
    let (frames, end) = walk(&target, &sources, start);
    assert_eq!(pcs(&frames), [0x1010, 0x1200]);
    assert_eq!(frames[1].found_by, FoundBy::Scan);
    assert_eq!(
        end,
        StackEnd::BadReturnAddress { value: 0x4141_4141_4141_4141, place: Some(0x7010) }
    );
    assert_eq!(
        end.to_string(),
        "the stack is corrupt: the return address 0x4141414141414141 (read at 0x7010) is not in \
         executable memory"
    );
}

#[test]
fn other_ends() {
    // CFA = rbp + 16.
    let info = sections(
        Form::Header,
        X86_64,
        &[function(0x1000..0x1100, &[0x0c, 6, 16]), function(0x1100..0x1200, &[0x0c, 3, 16])],
    );
    let sources =
        FakeSources { sections: Some(info), code: vec![0x1000..0x1800], ..FakeSources::default() };
    let target = FakeTarget::new(Arch::X86_64).words(0x7000, &[0, 0x1020, 0, 0, 0, 0]);
    let end = |registers| walk(&target, &sources, registers).1;
    let at = |list: &[(&str, u64)]| registers(Arch::X86_64, list);
    assert_eq!(
        end(at(&[("rip", 0x1010), ("rsp", 0x7018), ("rbp", 0x7000)])),
        StackEnd::SpNotIncreasing { callee: 0x7018, caller: 0x7010 }
    );
    let fault = end(at(&[("rip", 0x1010), ("rsp", 0x7018), ("rbp", 0x9000)]));
    assert!(matches!(&fault, StackEnd::Fault(f) if f.address == 0x9008), "{fault}");
    assert_eq!(
        end(at(&[("rip", 0x1110), ("rsp", 0x7018)])),
        StackEnd::UnknownRegister { register: 3 }
    );
    assert_eq!(end(at(&[("rsp", 0x7018)])), StackEnd::NoContext);
    let start = at(&[("rip", 0x1010), ("rsp", 0x7000), ("rbp", 0x7000)]);
    target.memory().interrupt().raise();
    assert!(end(start.clone()).is_interrupt());
    target.memory().interrupt().clear();
    let options = UnwindOptions { frame_limit: 1, ..UnwindOptions::default() };
    let unwinder = Unwinder::new(target.memory(), Arch::X86_64, &sources).with_options(options);
    let (frames, end) = unwinder.frames(start).collect_with_end(10);
    assert_eq!((frames.len(), end), (1, StackEnd::FrameLimit(1)));
}

struct Machine(&'static str, u64);

impl FrameProvider for Machine {
    fn name(&self) -> &str {
        self.0
    }
    fn step(
        &self,
        memory: &mdb_target::AddressSpace,
        frame: &Frame,
    ) -> Option<Result<RegisterSet, Fault>> {
        (frame.pc & !0xfff == self.1).then(|| {
            let mut caller = RegisterSet::new(Arch::X86_64);
            caller.set(Arch::X86_64.pc(), memory.read_u64(frame.sp)?);
            caller.set(Arch::X86_64.sp(), frame.sp + 8);
            Ok(caller)
        })
    }
}

#[test]
fn providers_in_order() {
    let sources = FakeSources { code: vec![0x1000..0xd000], ..FakeSources::default() };
    let target = FakeTarget::new(Arch::X86_64).words(0x7000, &[0xb010, 0xa020, 0]);
    let start = registers(Arch::X86_64, &[("rip", 0xa010), ("rsp", 0x7000)]);
    let names = |machines: &[(&'static str, u64)]| {
        let mut providers = FrameProviders::new();
        for (name, page) in machines {
            providers.push(Rc::new(Machine(name, *page)));
        }
        let unwinder = Unwinder::new(target.memory(), Arch::X86_64, &sources)
            .with_options(UnwindOptions { scan: false, ..UnwindOptions::default() })
            .with_providers(&providers);
        let (frames, end) = unwinder.frames(start.clone()).collect_with_end(10);
        let names: Vec<_> = frames.iter().map(|f| f.found_by.to_string()).collect();
        (names.join(" "), end.is_complete())
    };
    let [one, two, three] = [("one", 0xa000), ("two", 0xb000), ("three", 0xa000)];
    assert_eq!(names(&[one, two, three]), ("context one two".to_owned(), true));
    assert_eq!(names(&[two, three]), ("context three two".to_owned(), true));
    assert_eq!(names(&[three]), ("context three".to_owned(), false));
}

/// Leaves frames of one page without moving the frame pointer; `by` says how far up the caller is.
struct Frameless {
    page: u64,
    by: u64,
}

impl FrameProvider for Frameless {
    fn name(&self) -> &'static str {
        "frameless"
    }
    fn step(
        &self,
        memory: &mdb_target::AddressSpace,
        frame: &Frame,
    ) -> Option<Result<RegisterSet, Fault>> {
        (frame.pc & !0xfff == self.page).then(|| {
            let arch = Arch::X86_64;
            let mut caller = RegisterSet::new(arch);
            caller.set(arch.pc(), memory.read_u64(frame.sp)?);
            caller.set(arch.sp(), frame.sp + self.by);
            caller.set(arch.fp(), frame.registers.fp().unwrap_or(0));
            Ok(caller)
        })
    }
}

/// Code of a virtual machine that has no frame (yet): by the frame pointer its caller is lost.
#[test]
fn a_provider_comes_before_the_frame_pointer() {
    let sources = FakeSources { code: vec![0x1000..0xd000], ..FakeSources::default() };
    let target = FakeTarget::new(Arch::X86_64)
        .words(0x7000, &[0xb010, 0, 0x7020, 0xc010, 0, 0])
        .words(0x8000, &[0xa010, 0]);
    let start = [("rip", 0xa010), ("rsp", 0x7000), ("rbp", 0x7010)];
    let start = registers(Arch::X86_64, &start);
    let (frames, _) = walk(&target, &sources, start.clone());
    assert_eq!(pcs(&frames)[..2], [0xa010, 0xc010]);
    let mut providers = FrameProviders::new();
    providers.push(Rc::new(Frameless { page: 0xa000, by: 8 }));
    let unwinder =
        Unwinder::new(target.memory(), Arch::X86_64, &sources).with_providers(&providers);
    let (frames, _) = unwinder.frames(start).collect_with_end(10);
    assert_eq!(pcs(&frames)[..3], [0xa010, 0xb010, 0xc010]);
    assert_eq!(
        ways(&frames)[..3],
        [FoundBy::Context, FoundBy::Provider("frameless".into()), FoundBy::FramePointer]
    );
    assert_eq!(reg(&frames[1], "rbp"), Some(0x7010));
    // One that goes nowhere does not go on for ever.
    let mut providers = FrameProviders::new();
    providers.push(Rc::new(Frameless { page: 0xa000, by: 0 }));
    let unwinder =
        Unwinder::new(target.memory(), Arch::X86_64, &sources).with_providers(&providers);
    let start = registers(Arch::X86_64, &[("rip", 0xa010), ("rsp", 0x8000)]);
    let (frames, end) = unwinder.frames(start).collect_with_end(1000);
    assert_eq!(end, StackEnd::Cycle { pc: 0xa010, sp: 0x8000 });
    assert!(frames.len() < 4, "{}", frames.len());
}

#[test]
fn arm_link_register_and_authenticated_addresses() {
    // First function: a leaf without a frame. Second: paciasp (negate_ra_state) and a frame
    // record at the bottom: CFA = sp + 32, x29 at CFA - 32, x30 at CFA - 24, x19 at CFA - 16.
    let info = sections(
        Form::Header,
        AARCH64,
        &[
            function(0x1000..0x1100, &[]),
            function(0x1100..0x1200, &[0x2d, 0x0e, 32, 0x9d, 4, 0x9e, 3, 0x93, 2]),
            function(0x1200..0x1300, &[0x07, 30]),
        ],
    );
    let sources =
        FakeSources { sections: Some(info), code: vec![0x1000..0x2000], ..FakeSources::default() };
    let signed = 0x0025_0000_0000_1210;
    let target = FakeTarget::new(Arch::Aarch64).words(0x7000, &[0xf0f0, signed, 0x1919, 0, 0, 0]);
    let start = registers(
        Arch::Aarch64,
        &[("pc", 0x1010), ("sp", 0x7000), ("x30", 0x1110), ("x19", 1), ("x0", 2)],
    );
    let (frames, end) = walk(&target, &sources, start);
    assert_eq!(pcs(&frames), [0x1010, 0x1110, 0x1210], "{end}");
    assert_eq!(frames.iter().map(|f| f.sp).collect::<Vec<_>>(), [0x7000, 0x7000, 0x7020]);
    assert_eq!(reg(&frames[1], "x19"), Some(1));
    assert_eq!(reg(&frames[2], "x19"), Some(0x1919));
    assert_eq!(reg(&frames[2], "x29"), Some(0xf0f0));
    assert_eq!(reg(&frames[1], "x0"), None);
    assert_eq!(end, StackEnd::Outermost);
}

#[test]
fn arm_signal_frame_and_null_call() {
    let info = sections(Form::Header, AARCH64, &[function(0x1200..0x1300, &[0x07, 30])]);
    let sources = FakeSources {
        sections: Some(info),
        code: vec![0x1000..0x2000, 0xa000..0xb000],
        ..FakeSources::default()
    };
    // mov x8, #139; svc #0
    let trampoline = [0xd280_1168_u32, 0xd400_0001].iter().flat_map(|w| w.to_le_bytes());
    // blr x0, everywhere
    let code = 0xd63f_0000_u32.to_le_bytes().repeat(0x400);
    let mut frame = vec![0; 0x400 / 8];
    frame[312 / 8 + 5] = 0x55; // x5
    frame[312 / 8 + 30] = 0x1204; // x30
    frame[312 / 8 + 31] = 0x7000; // sp
    frame[312 / 8 + 32] = 0; // pc: a call through a null pointer
    let target = FakeTarget::new(Arch::Aarch64)
        .region(0xa000, trampoline.collect::<Vec<u8>>())
        .region(0x1000, code)
        .words(0x5000, &frame)
        .words(0x7000, &[0; 8]);
    let start = registers(Arch::Aarch64, &[("pc", 0xa000), ("sp", 0x5000)]);
    let (frames, end) = walk(&target, &sources, start);
    assert_eq!(pcs(&frames), [0xa000, 0, 0x1204], "{end}");
    assert_eq!(frames[0].kind, FrameKind::Signal);
    assert_eq!(reg(&frames[1], "x5"), Some(0x55));
    assert_eq!(frames[2].found_by, FoundBy::LeafReturn);
    assert_eq!(end, StackEnd::Outermost);
}

#[test]
fn a_cache_serves_many_walks() {
    let info = sections(
        Form::EhFrame,
        X86_64,
        &[
            Function { range: 0x1000..0x1100, signal: false, cfi: &[] },
            function(0x1200..0x1300, OUTERMOST),
        ],
    );
    let sources =
        FakeSources { sections: Some(info), code: vec![0x1000..0x2000], ..FakeSources::default() };
    let target = FakeTarget::new(Arch::X86_64).words(0x7000, &[0x1250, 0]);
    let start = registers(Arch::X86_64, &[("rip", 0x1010), ("rsp", 0x7000)]);
    let cache = Arc::new(UnwindCache::default());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let unwinder = Unwinder::new(target.memory(), Arch::X86_64, &sources)
                    .with_cache(Arc::clone(&cache));
                for _ in 0..100 {
                    let mut frames = unwinder.frames(start.clone());
                    assert!(frames.end().is_none());
                    assert_eq!(frames.by_ref().map(|f| f.pc).collect::<Vec<_>>(), [0x1010, 0x1250]);
                    assert_eq!(frames.end(), Some(&StackEnd::Outermost));
                    assert!(frames.next().is_none());
                }
            });
        }
    });
}
