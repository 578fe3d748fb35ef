//! The threads of a core, from its notes.

use crate::bytes::{i32_at, u16_at, u32_at, u64_at};
use crate::layout::Layout;
use crate::notes::{RawNote, kinds};
use crate::process_notes;
use crate::warnings::Warnings;
use mdb_target::{Arch, FloatingPoint, RegisterSet, SignalInfo, Thread};

/// The threads, and what belongs to them.
pub(crate) struct Threads {
    /// By number; the crasher first.
    pub(crate) list: Vec<Thread>,
    /// For each note of the core the number of the thread that it belongs to.
    pub(crate) of_note: Vec<Option<u32>>,
    /// Why the process died.
    pub(crate) signal: Option<SignalInfo>,
}

/// Notes too short for their registers are damage. A few are kept; a file of nothing else
/// shall not fill the memory.
const MOST_SHORT: usize = 64;

/// Reads the threads. A thread's notes begin with its NT_PRSTATUS and end with the next one's;
/// `NT_PRPSINFO`, `NT_AUXV` and `NT_FILE` between them belong to the process.
///
/// The thread that crashed becomes number 1, the others keep the order of the file:
/// - The kernel writes the crasher first (`fill_note_info`, `fs/binfmt_elf.c`). Its
///   `pr_cursig` is the same in all threads, so it tells nothing.
/// - gdb writes the thread that had the signal first, then the others in its own order
///   (`linux_make_corefile_notes`, `gdb/linux-tdep.c`; seen with gdb 13), but other writers of
///   the same form may not. So: if one thread alone has a `pr_cursig`, it is the crasher; if
///   several have, the one whose `NT_SIGINFO` has that signal too, if that is one alone, or else
///   the first. If none has, nobody crashed: the process lived on, and the thread whose tid is
///   the process id leads.
pub(crate) fn read(
    arch: Arch,
    layout: &Layout,
    notes: &[RawNote],
    by_gcore: bool,
    pid: Option<u32>,
    warnings: &mut Warnings,
) -> Threads {
    let mut list: Vec<Thread> = Vec::new();
    let mut infos: Vec<Option<SignalInfo>> = Vec::new();
    let mut of_note = Vec::with_capacity(notes.len());
    let mut short = 0;
    let mut xsave_layout = None;
    for note in notes {
        of_note.push(None);
        if note.is(b"CORE", kinds::PRSTATUS) {
            let whole =
                note.data.len() >= layout.prstatus.registers + layout.prstatus.order.len() * 8;
            short += usize::from(!whole);
            if short > MOST_SHORT && !whole {
                continue;
            }
            let number = list.len() as u32 + 1;
            let Some(thread) = thread(arch, layout, note, number) else {
                warnings.push(format!(
                    "offset {:#x}: expected NT_PRSTATUS with a thread, found {} bytes",
                    note.offset,
                    note.data.len()
                ));
                continue;
            };
            if !whole {
                warnings.push(format!(
                    "thread {number} (tid {}): some registers are lost, its NT_PRSTATUS ends early",
                    thread.tid
                ));
            }
            list.push(thread);
            infos.push(None);
        } else if note.is(b"LINUX", kinds::X86_XSAVE_LAYOUT) {
            xsave_layout = Some(note.data);
            continue;
        } else if note.owner == b"CORE"
            && matches!(note.kind, kinds::PRPSINFO | kinds::AUXV | kinds::FILE)
            || note.owner == b"GDB"
        {
            continue;
        }
        let (Some(thread), Some(info)) = (list.last_mut(), infos.last_mut()) else { continue };
        match (note.owner, note.kind) {
            (b"CORE", kinds::PRFPREG) => thread.floating_point.fpregset = Some(note.data),
            (b"CORE", kinds::SIGINFO) => *info = process_notes::signal(note.data),
            (b"LINUX", kinds::X86_XSTATE) => thread.floating_point.xstate = Some(note.data),
            (b"LINUX", _) => extra_registers(layout, note, thread),
            _ => {}
        }
        if let Some(last) = of_note.last_mut() {
            *last = Some(thread.number);
        }
    }
    if let Some(layout) = xsave_layout {
        for thread in &mut list {
            thread.floating_point.xsave_layout = Some(layout);
        }
    }
    let crasher = if by_gcore { crasher_of_gcore(&list, &infos, pid) } else { 0 };
    let signal = signal(&list, &infos, crasher, by_gcore);
    renumber(&mut list, &mut of_note, crasher);
    Threads { list, of_note, signal }
}

/// Decodes one NT_PRSTATUS, as far as it goes, if it says whose it is.
fn thread(arch: Arch, layout: &Layout, note: &RawNote, number: u32) -> Option<Thread> {
    let prstatus = &layout.prstatus;
    let tid = u32_at(note.data, prstatus.pid)?;
    let mut registers = RegisterSet::new(arch);
    for (i, id) in prstatus.order.iter().enumerate() {
        let Some(value) = u64_at(note.data, prstatus.registers + i * 8) else { break };
        registers.set(*id, value);
    }
    Some(Thread {
        number,
        tid,
        name: None,
        registers,
        signal: u16_at(note.data, prstatus.signal).map_or(0, |s| i32::from(s.cast_signed())),
        floating_point: FloatingPoint::default(),
    })
}

fn extra_registers(layout: &Layout, note: &RawNote, thread: &mut Thread) {
    for extra in layout.extra.iter().filter(|e| e.kind == note.kind) {
        let value = match extra.size {
            4 => i32_at(note.data, extra.offset).map(|v| i64::from(v).cast_unsigned()),
            _ => u64_at(note.data, extra.offset),
        };
        if let Some(value) = value {
            thread.registers.set(extra.register, value);
        }
    }
}

/// Which thread crashed, in a core that gdb wrote.
fn crasher_of_gcore(list: &[Thread], infos: &[Option<SignalInfo>], pid: Option<u32>) -> usize {
    let alone = |mut indices: Box<dyn Iterator<Item = usize> + '_>| match (
        indices.next(),
        indices.next(),
    ) {
        (Some(one), None) => Some(one),
        _ => None,
    };
    let with_signal = || list.iter().enumerate().filter(|(_, t)| t.signal != 0);
    if with_signal().next().is_none() {
        return list.iter().position(|t| Some(t.tid) == pid).unwrap_or(0);
    }
    let agrees = |i: usize, t: &Thread| {
        infos.get(i).and_then(Option::as_ref).is_some_and(|info| info.signal == t.signal)
    };
    alone(Box::new(with_signal().map(|(i, _)| i)))
        .or_else(|| alone(Box::new(with_signal().filter(|(i, t)| agrees(*i, t)).map(|(i, _)| i))))
        .unwrap_or(0)
}

/// Why the process died: the crasher's NT_SIGINFO, or its `pr_cursig` alone. A thread that
/// gdb's gcore stopped has an NT_SIGINFO too (of the SIGSTOP with which gdb stopped it), but
/// no `pr_cursig`.
fn signal(
    list: &[Thread],
    infos: &[Option<SignalInfo>],
    crasher: usize,
    by_gcore: bool,
) -> Option<SignalInfo> {
    let cursig = list.get(crasher).map_or(0, |t| t.signal);
    let info = infos.get(crasher).cloned().flatten();
    if by_gcore {
        return match (cursig, info) {
            (0, _) => None,
            (cursig, Some(info)) if info.signal == cursig => Some(info),
            (cursig, _) => Some(process_notes::bare_signal(cursig)),
        };
    }
    info.or_else(|| (cursig != 0).then(|| process_notes::bare_signal(cursig)))
}

/// Puts the crasher first.
fn renumber(list: &mut [Thread], of_note: &mut [Option<u32>], crasher: usize) {
    if crasher == 0 || crasher >= list.len() {
        return;
    }
    if let Some(front) = list.get_mut(..=crasher) {
        front.rotate_right(1);
    }
    for (i, thread) in list.iter_mut().enumerate() {
        thread.number = i as u32 + 1;
    }
    let crasher = crasher as u32 + 1;
    for number in of_note.iter_mut().flatten() {
        *number = match *number {
            n if n == crasher => 1,
            n if n < crasher => n + 1,
            n => n,
        };
    }
}
