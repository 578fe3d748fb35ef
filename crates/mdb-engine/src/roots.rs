//! What outside of the blocks of allocators may refer to them: the target's own roots.

use crate::session::Session;
use crate::thread_local;
use mdb_dmod_host::abi::root_kind;
use mdb_dmod_host::{Flow, RootInfo};
use mdb_target::{Mapping, MappingKind, Thread};
use std::ops::Range;

/// Leaf functions may keep data so far below the stack pointer without moving it (psABI AMD64,
/// section 3.2.2, "red zone").
const RED_ZONE: u64 = 128;

/// Gives the registers, the part of the stack in use and the local storage of each thread, and the
/// writable data of each module.
pub(crate) fn of_target(session: &Session, each: &mut dyn FnMut(&RootInfo<'_>) -> Flow) -> Flow {
    for thread in session.target().threads() {
        let flow = of_thread(session, thread, each);
        if flow != Flow::Continue {
            return flow;
        }
    }
    let mappings = session.target().mappings();
    for module in session.modules().all() {
        let range = module.range();
        for mapping in overlapping(mappings, &range).filter(|m| is_writable(m)) {
            let root = RootInfo {
                kind: root_kind::DATA,
                start: mapping.range.start.max(range.start),
                end: mapping.range.end.min(range.end),
                name: mdb_print::escape_text(module.name()),
                ..RootInfo::default()
            };
            let flow = each(&root);
            if flow != Flow::Continue {
                return flow;
            }
        }
    }
    Flow::Continue
}

fn is_writable(mapping: &Mapping) -> bool {
    mapping.permissions.is_some_and(|p| p.write)
}

/// The mappings, which are in order, that have bytes in a range.
fn overlapping<'m>(
    mappings: &'m [Mapping],
    range: &Range<u64>,
) -> impl Iterator<Item = &'m Mapping> + use<'m> {
    let first = mappings.partition_point(|m| m.range.end <= range.start);
    let end = range.end;
    mappings.iter().skip(first).take_while(move |m| m.range.start < end)
}

fn of_thread(
    session: &Session,
    thread: &Thread,
    each: &mut dyn FnMut(&RootInfo<'_>) -> Flow,
) -> Flow {
    let target = session.target();
    let names = target.arch().register_names();
    for (id, value) in thread.registers.iter() {
        let name = names.iter().find(|name| name.id == id && name.is_whole());
        let root = RootInfo {
            kind: root_kind::REGISTER,
            thread: thread.number,
            value,
            name: name.map_or("register", |name| name.name).into(),
            ..RootInfo::default()
        };
        let flow = each(&root);
        if flow != Flow::Continue {
            return flow;
        }
    }
    let stacks = stacks_in_use(session, thread);
    for range in &stacks {
        let root = RootInfo {
            kind: root_kind::STACK,
            thread: thread.number,
            start: range.start,
            end: range.end,
            name: "stack".into(),
            ..RootInfo::default()
        };
        let flow = each(&root);
        if flow != Flow::Continue {
            return flow;
        }
    }
    let Some(pointer) = target.thread_pointer(thread).filter(|p| *p != 0) else {
        return Flow::Continue;
    };
    let range = thread_local::static_block(session.modules(), pointer);
    let in_stack = |r: &Range<u64>| stacks.iter().any(|s| s.start <= r.start && r.end <= s.end);
    match range.filter(|r| !in_stack(r)) {
        None => Flow::Continue,
        Some(range) => each(&RootInfo {
            kind: root_kind::TLS,
            thread: thread.number,
            start: range.start,
            end: range.end,
            name: "thread-local storage".into(),
            ..RootInfo::default()
        }),
    }
}

/// The parts of stacks that a thread uses. As a rule it is one: from the stack pointer to the end of
/// its mapping. A thread that overflowed its stack has its stack pointer in no mapping or a guard
/// page; one that handles a signal on a stack of its own uses that and the interrupted one, which its
/// frames lead to.
fn stacks_in_use(session: &Session, thread: &Thread) -> Vec<Range<u64>> {
    let mappings = session.target().mappings();
    let holding = |address: u64| {
        let found = overlapping(mappings, &(address..address.saturating_add(1))).next();
        found.filter(|m| m.permissions.is_none_or(|p| p.read || p.write))
    };
    let from = |sp: u64, mapping: &Mapping| {
        sp.saturating_sub(RED_ZONE).max(mapping.range.start)..mapping.range.end
    };
    let mut found: Vec<Range<u64>> = Vec::new();
    let Some(sp) = thread.registers.sp() else { return found };
    let own = mappings.iter().find(|m| m.kind == MappingKind::Stack(thread.number));
    match (holding(sp), own) {
        (Some(mapping), _) => found.push(from(sp, mapping)),
        // It overflowed: all of the stack is in use.
        (None, Some(mapping)) => found.push(mapping.range.clone()),
        (None, None) => {}
    }
    // Frames on another stack than the one before; few, however deep the stack is.
    let mut steps = 0_u32;
    session.stacks().walk(session, thread.registers.clone(), &mut |frame| {
        steps += 1;
        if !frame.is_doubtful()
            && !found.iter().any(|range| range.contains(&frame.sp))
            && let Some(mapping) = holding(frame.sp)
            && mapping.permissions.is_none_or(|p| p.write)
        {
            found.push(from(frame.sp, mapping));
        }
        found.len() < MOST_STACKS && steps < MOST_FRAMES
    });
    found
}

/// A thread is on no more stacks at once, and its frames are searched so far for them.
const MOST_STACKS: usize = 8;
const MOST_FRAMES: u32 = 1 << 16;
