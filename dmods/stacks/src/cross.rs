//! `::stacks -x`: threads by what they wait for, whatever their stacks.

use crate::group::Group;
use crate::sobj::Sobj;
use crate::stacks::COLUMNS;
use crate::state::Probe;
use crate::waiting::Waiting;
use mdb_dmod::prelude::*;
use std::collections::BTreeMap;

struct Waiters {
    first: u32,
    count: u64,
    waiting: Waiting,
}

/// A line for each lock, descriptor and so on, the one with most threads first.
pub(crate) fn print(probe: &Probe<'_>, groups: &[&Group]) -> Result<()> {
    let s = probe.session;
    let mut all: BTreeMap<(Sobj, Option<u64>, String), Waiters> = BTreeMap::new();
    for group in groups.iter().filter(|group| group.sobj != Sobj::None) {
        s.check_cancelled()?;
        for member in &group.members {
            let waiting = group.waiting(probe, member);
            let first = member.thread.number;
            let key = (group.sobj, waiting.lock, waiting.object());
            all.entry(key).or_insert(Waiters { first, count: 0, waiting }).count += 1;
        }
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(_, waiters)| std::cmp::Reverse(waiters.count));
    for (index, ((sobj, lock, object), waiters)) in all.into_iter().enumerate() {
        let mut text = String::new();
        if index == 0 {
            text.push_str("   COUNT SOBJ     OBJECT\n");
        }
        let name = sobj.name();
        let at = match lock {
            Some(lock) if !waiters.waiting.symbol.is_empty() => format!(" ({lock:x})"),
            _ => String::new(),
        };
        let owner = match waiters.waiting.owner {
            Some(tid) => match probe.number(tid) {
                Some(number) => format!(", held by thread {number} (tid {tid})"),
                None => format!(", held by tid {tid}"),
            },
            None => String::new(),
        };
        let line = format!("{:>8} {name:<8} {object}{at}{owner}", waiters.count);
        text.push_str(line.trim_end());
        text.push('\n');
        let mut cells: [Cell<'_>; COLUMNS] = Default::default();
        let [thread, state, sobj, count, .., shown, held, _] = &mut cells;
        *thread = Cell::Unsigned(waiters.first.into());
        *state = Cell::text("SLEEP");
        *sobj = Cell::text(name);
        *count = Cell::Unsigned(waiters.count);
        *shown = Cell::text(object.as_str());
        *held = waiters.waiting.owner.map_or(Cell::None, |tid| Cell::Unsigned(tid.into()));
        s.row_as(&cells, &text)?;
    }
    Ok(())
}
