//! What outside of the blocks of allocators may refer to them: the target's own roots.

use crate::session::Session;
use crate::thread_local;
use mdb_dmod_host::abi::root_kind;
use mdb_dmod_host::{Flow, RootInfo};
use mdb_target::{Mapping, Thread};
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
    let mapping_at =
        |address: u64| overlapping(target.mappings(), &(address..address.saturating_add(1))).next();
    let stack = thread.registers.sp().and_then(|sp| Some((sp, mapping_at(sp)?)));
    if let Some((sp, mapping)) = stack {
        let root = RootInfo {
            kind: root_kind::STACK,
            thread: thread.number,
            start: sp.saturating_sub(RED_ZONE).max(mapping.range.start),
            end: mapping.range.end,
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
    let in_stack =
        |r: &Range<u64>| stack.is_some_and(|(sp, m)| r.start >= sp && r.end <= m.range.end);
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
