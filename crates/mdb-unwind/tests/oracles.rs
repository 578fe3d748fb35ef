//! Other unwinders on the same cores: gdb (pcs and callee-saved registers of every frame of every
//! thread) and framehop (pcs).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[path = "support/opened.rs"]
#[allow(unreachable_pub, dead_code, reason = "each test file uses its part")]
mod opened;

use mdb_fixtures::Fixture;
use mdb_unwind::{FoundBy, Frame};
use opened::{Opened, fixture};
use std::collections::BTreeMap;
use std::process::Command;

/// Frames of each thread that are compared at most.
const DEPTH: usize = 200;

/// Registers that gdb is asked for, in every frame.
const REGISTERS: &[&str] = if cfg!(target_arch = "aarch64") {
    &["sp", "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", "x29"]
} else {
    &["rsp", "rbx", "rbp", "r12", "r13", "r14", "r15"]
};

/// A frame: pc, and the registers.
type GdbFrame = (u64, Vec<Option<u64>>);

/// gdb's frames by thread id, without those that have no place on the stack: inlined functions, and
/// functions that gdb thinks jumped to the next.
fn gdb(fixture: &Fixture) -> Option<BTreeMap<u32, Vec<GdbFrame>>> {
    let script = format!(
        "
import gdb
def word(frame, name):
    try:
        return '%x' % (int(frame.read_register(name)) & (2**64 - 1))
    except Exception:
        return '-'
for thread in gdb.selected_inferior().threads():
    thread.switch()
    frame, count = gdb.newest_frame(), 0
    while frame is not None and frame.is_valid() and count < {DEPTH}:
        if frame.type() not in (gdb.INLINE_FRAME, gdb.TAILCALL_FRAME):
            words = [word(frame, name) for name in {REGISTERS:?}]
            print('MDB', thread.ptid[1], '%x' % frame.pc(), *words)
            count += 1
        try:
            frame = frame.older()
        except gdb.error:
            break
"
    );
    let script_file = std::env::temp_dir().join(format!("mdb-oracle-{}.py", std::process::id()));
    std::fs::write(&script_file, script).unwrap();
    let output = Command::new("gdb")
        .args(["-nx", "-batch", "-iex", "set debuginfod enabled off"])
        .args(["-iex", "set auto-load safe-path /"])
        .args(["-ex", "set backtrace past-main on", "-ex", "set backtrace past-entry on"])
        .arg("-ex")
        .arg(format!("source {}", script_file.display()))
        .arg(&fixture.executable)
        .arg(&fixture.core)
        .output();
    let _ = std::fs::remove_file(script_file);
    let output = output.ok()?;
    let hex = |word: &str| u64::from_str_radix(word, 16).ok();
    let mut threads: BTreeMap<u32, Vec<GdbFrame>> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let mut words = line.split(' ');
        if words.next() != Some("MDB") {
            continue;
        }
        let tid = words.next().unwrap().parse().unwrap();
        let pc = hex(words.next().unwrap()).unwrap();
        threads.entry(tid).or_default().push((pc, words.map(hex).collect()));
    }
    (!threads.is_empty()).then_some(threads)
}

fn pcs(frames: &[Frame]) -> Vec<u64> {
    frames.iter().map(|f| f.pc).collect()
}

/// Fixtures whose stacks gdb gets wrong, and what it does there.
fn wrong_in_gdb(name: &str) -> Option<&'static str> {
    Some(match name {
        "jit-fp" => "takes the word at the stack pointer for a return address",
        "jit-nofp" => "takes the word at the stack pointer for a return address",
        "smashed" | "smashed-return" => "shows the garbage as frames",
        "example1-missing" | "example1-replaced" => "has no unwind information, or another's",
        _ => return None,
    })
}

#[test]
fn frames_and_registers_equal_those_of_gdb() {
    let test = "frames_and_registers_equal_those_of_gdb";
    let (mut frames_compared, mut registers_compared) = (0, 0);
    for name in mdb_fixtures::names() {
        if wrong_in_gdb(name).is_some() || name == "threads1001" {
            continue;
        }
        let Some((fixture, opened)) = fixture(test, name) else { continue };
        let Some(threads) = gdb(&fixture) else {
            mdb_fixtures::skipped(test, "gdb (with Python) is not installed");
            return;
        };
        for (index, thread) in opened.target.threads().iter().enumerate() {
            let theirs = &threads[&thread.tid];
            let (mut ours, end) = opened.stack(index + 1);
            ours.truncate(DEPTH);
            let text = opened.describe(&ours, &end);
            let their_pcs: Vec<u64> = theirs.iter().map(|f| f.0).collect();
            assert_eq!(pcs(&ours), their_pcs, "{name}, thread {}\n{text}", index + 1);
            frames_compared += ours.len();
            let mut guessed = false;
            for (frame, (_, values)) in ours.iter().zip(theirs) {
                guessed |= matches!(
                    frame.found_by,
                    FoundBy::FramePointer | FoundBy::Instructions | FoundBy::Scan
                );
                for (register, theirs) in REGISTERS.iter().zip(values) {
                    let known = opened.target.arch().register(register).unwrap();
                    let ours = frame.registers.by_name(known);
                    // gdb believes that a function without unwind information keeps registers.
                    if ours.is_none() && guessed {
                        continue;
                    }
                    let at = format!("{name}, frame {}, {register}\n{text}", frame.index);
                    assert_eq!(ours, *theirs, "{at}");
                    registers_compared += 1;
                }
            }
        }
    }
    assert!(frames_compared == 0 || frames_compared > 300, "{frames_compared}");
    assert!(registers_compared >= frames_compared * 5, "{registers_compared}");
}

/// framehop's pcs, with the unwind sections that we use and nothing else of the modules.
#[cfg(target_arch = "x86_64")]
fn framehop_pcs(opened: &Opened, number: usize) -> Vec<u64> {
    use framehop::Unwinder as _;
    use framehop::x86_64::{CacheX86_64, UnwindRegsX86_64, UnwinderX86_64};
    let mut unwinder = UnwinderX86_64::<&'static [u8]>::new();
    for module in opened.modules.all() {
        let sections = module.unwind_sections();
        let mut info = framehop::ExplicitModuleSectionInfo::default();
        let range =
            |s: &mdb_debuginfo::SectionBytes| Some(s.address..s.address + s.bytes.len() as u64);
        if let Some(section) = &sections.eh_frame {
            info.eh_frame_svma = range(section);
            info.eh_frame = Some(section.bytes);
        }
        if let Some(section) = &sections.eh_frame_hdr {
            info.eh_frame_hdr_svma = range(section);
            info.eh_frame_hdr = Some(section.bytes);
        }
        info.debug_frame = sections.debug_frame.map(|s| s.bytes);
        let name = module.name().to_owned();
        unwinder.add_module(framehop::Module::new(
            name,
            sections.range.clone(),
            sections.bias,
            info,
        ));
    }
    let registers = &opened.target.threads()[number - 1].registers;
    let fp = registers.fp().unwrap();
    let (pc, sp) = (registers.pc().unwrap(), registers.sp().unwrap());
    let mut cache = CacheX86_64::<_>::new();
    let mut read = |address| opened.target.memory().read_u64(address).map_err(drop);
    let mut frames =
        unwinder.iter_frames(pc, UnwindRegsX86_64::new(pc, sp, fp), &mut cache, &mut read);
    let mut pcs = Vec::new();
    while let Ok(Some(frame)) = frames.next() {
        pcs.push(frame.address());
    }
    pcs
}

/// Fixtures whose stacks framehop does not walk to their end: it passes no signal handler on another
/// stack, knows nothing of calls of what is no code, uses one section of a module only, and does
/// not scan. Answers how many frames it finds at least.
#[cfg(target_arch = "x86_64")]
fn framehop_gives_up(name: &str) -> Option<usize> {
    Some(match name {
        "sighandler" | "overflow-handled" => 5,
        "jit-nofp" => 5,
        "example1-debug-frame" => 2,
        "call-null" | "pc-unmapped" | "smashed" | "smashed-return" => 1,
        _ => return None,
    })
}

#[cfg(target_arch = "x86_64")]
#[test]
fn frames_equal_those_of_framehop() {
    let mut compared = 0;
    for name in mdb_fixtures::names() {
        let test = "frames_equal_those_of_framehop";
        let Some((_, opened)) = fixture(test, name) else { continue };
        for number in 1..=opened.target.threads().len().min(40) {
            let (ours, end) = opened.stack(number);
            let theirs = framehop_pcs(&opened, number);
            let ours_pcs = pcs(&ours);
            let text = opened.describe(&ours, &end);
            let same = ours_pcs.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
            if let Some(least) = framehop_gives_up(name) {
                assert!(same >= least, "{name}, thread {number}: {theirs:x?}\n{text}");
            } else {
                let all = ours.len().max(theirs.len());
                assert_eq!(same, all, "{name}, thread {number}: {theirs:x?}\n{text}");
            }
            compared += same;
        }
    }
    assert!(compared == 0 || compared > 100_000, "{compared}");
}
