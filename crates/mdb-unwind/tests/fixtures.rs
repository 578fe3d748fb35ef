//! Programs that died on purpose: their stacks are what they said.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[path = "support/opened.rs"]
#[allow(unreachable_pub, dead_code, reason = "each test file uses its part")]
mod opened;

use mdb_fixtures::Fixture;
use mdb_unwind::{FoundBy, Frame, FrameKind, StackEnd};
use opened::{Opened, fixture};

/// The names that the program said, found on our stack: functions of the program in order, from
/// the innermost; `jit` is code without a module.
fn names_on(opened: &Opened, frames: &[Frame]) -> Vec<String> {
    let name = |frame: &Frame| {
        if opened.in_program(frame) {
            opened.function(frame)
        } else if frame.pc != 0 && opened.modules.at(frame.pc).is_none() {
            Some("jit".to_owned())
        } else {
            None
        }
    };
    frames.iter().filter_map(name).collect()
}

fn check_truth(fixture: &Fixture, opened: &Opened) -> usize {
    let mut checked = 0;
    for (index, thread) in opened.target.threads().iter().enumerate() {
        let truth = fixture.stack(thread.tid);
        if truth.is_empty() {
            continue;
        }
        let (frames, end) = opened.stack(index + 1);
        let mut names = names_on(opened, &frames);
        // What is not C: glue of the language around the program's own functions.
        names.retain(|n| truth.contains(&n.as_str()));
        names.truncate(truth.len());
        assert_eq!(names, truth, "{}:\n{}", fixture.name, opened.describe(&frames, &end));
        checked += 1;
    }
    checked
}

#[test]
fn stacks_are_what_the_programs_said() {
    let mut checked = 0;
    for name in mdb_fixtures::names() {
        let test = "stacks_are_what_the_programs_said";
        let Some((fixture, opened)) = fixture(test, name) else { continue };
        // Without names there is nothing to compare; the pcs are compared elsewhere.
        if ["example1-missing", "example1-replaced"].contains(&name) {
            continue;
        }
        checked += check_truth(&fixture, &opened);
    }
    assert!(checked > 20 || checked == 0, "only {checked} stacks were checked");
}

/// How the walk over thread 1 ends, and that no frame is a guess.
#[test]
fn ends_and_ways() {
    for name in mdb_fixtures::names() {
        let Some((_, opened)) = fixture("ends_and_ways", name) else { continue };
        let (frames, end) = opened.stack(1);
        let doubtful = frames.iter().filter(|f| f.is_doubtful()).count();
        let text = opened.describe(&frames, &end);
        match name {
            "jit-nofp" => {
                // The code that calls back, and its caller: which the scan finds.
                assert_eq!(doubtful, 1, "{name}\n{text}");
                assert!(end.is_complete(), "{name}\n{text}");
            }
            "smashed" | "smashed-return" => {
                assert!(!end.is_complete(), "{name}\n{text}");
                assert!(end.to_string().contains("4141414141414141"), "{name}\n{text}");
            }
            "example1-missing" | "example1-replaced" => assert!(frames.len() > 2, "{text}"),
            _ => {
                assert_eq!(doubtful, 0, "{name}\n{text}");
                assert!(end.is_complete(), "{name}\n{text}");
            }
        }
    }
}

#[test]
fn a_hundred_thousand_frames() {
    let Some((fixture, opened)) = fixture("a_hundred_thousand_frames", "deep") else { return };
    let (frames, end) = opened.stack(1);
    let down = frames
        .iter()
        .filter(|f| opened.in_program(f) && opened.function(f).as_deref() == Some("down"))
        .count();
    assert_eq!(down as i64, fixture.value("depth").unwrap());
    assert_eq!(end, StackEnd::Outermost);
    let main = frames.iter().rev().find(|f| opened.in_program(f)).unwrap();
    assert_eq!(opened.function(main).as_deref(), Some("_start"));
}

#[test]
fn registers_behind_a_signal_handler() {
    let Some((fixture, opened)) = fixture("registers_behind_a_signal_handler", "sighandler") else {
        return;
    };
    let (frames, end) = opened.stack(1);
    let text = opened.describe(&frames, &end);
    let at = frames.iter().position(|f| f.kind == FrameKind::Signal).expect(&text);
    let interrupted = &frames[at + 1];
    assert_eq!(opened.function(interrupted).as_deref(), Some("interrupted"), "{text}");
    assert_eq!(interrupted.lookup_pc, interrupted.pc);
    // The handler ran on the alternate stack.
    let stack = fixture.address("alternate").unwrap();
    let size = fixture.value("alternate_size").unwrap() as u64;
    assert!((stack..stack + size).contains(&frames[at - 1].sp));
    assert!(!(stack..stack + size).contains(&interrupted.sp));
    for name in ["rbx", "r12", "r13", "r14", "r15"] {
        let Some(value) = fixture.value(name) else { continue };
        let register = opened.target.arch().register(name).unwrap();
        assert_eq!(interrupted.registers.by_name(register), Some(value as u64), "{name}");
    }
}

#[test]
fn wild_calls() {
    for name in ["call-null", "pc-unmapped"] {
        let Some((fixture, opened)) = fixture("wild_calls", name) else { continue };
        let (frames, _) = opened.stack(1);
        assert_eq!(Some(frames[0].pc), fixture.address("pc"), "{name}");
        assert_eq!(frames[1].found_by, FoundBy::LeafReturn, "{name}");
        assert_eq!(opened.function(&frames[1]).as_deref(), Some("caller"), "{name}");
    }
}

#[test]
fn overflowed_stacks() {
    for name in ["overflow", "overflow-handled"] {
        let Some((_, opened)) = fixture("overflowed_stacks", name) else { continue };
        let (frames, end) = opened.stack(1);
        assert!(frames.len() > 1000, "{name}: {}", frames.len());
        assert_eq!(end, StackEnd::Outermost, "{name}");
        let main = frames.iter().filter(|f| opened.function(f).as_deref() == Some("main"));
        assert_eq!(main.count(), 1, "{name}");
    }
}

#[test]
fn inside_the_vdso() {
    let Some((fixture, opened)) = fixture("inside_the_vdso", "vdso") else { return };
    let (frames, end) = opened.stack(1);
    let text = opened.describe(&frames, &end);
    let vdso = fixture.address("vdso").unwrap();
    assert!((vdso..vdso + 0x4000).contains(&frames[0].pc), "{text}");
    assert_eq!(frames[1].found_by, FoundBy::Cfi, "{text}");
}
