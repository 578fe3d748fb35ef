//! Commands that pass on, choose, order and count what comes through a pipe.

use super::add;
use crate::command::{Call, Command};
use crate::failure::Failure;
use crate::item::Item;
use crate::output::{Output, OutputMode};
use crate::session::Session;
use mdb_dmod_host::{ColumnKind, ColumnSpec, DcmdSpec, OptionSpec, ValueKind};
use mdb_print::{Cell, StyledText};
use rustc_hash::FxHashSet;
use std::cell::Cell as Mutable;
use std::rc::Rc;

fn number(default: &'static str) -> OptionSpec {
    OptionSpec::new('n', ValueKind::Decimal, "COUNT", default)
}

fn needs_pipe(call: &Call<'_>) -> Result<(), Failure> {
    if call.invocation.in_pipe {
        return Ok(());
    }
    Err(call.usage("it works on what comes through a pipe, as in '::walk thread | ::head'"))
}

pub(super) fn register(session: &Session) {
    register_head(session);
    add(
        session,
        DcmdSpec::new("tail", "pass on the last items of a pipe")
            .all_input()
            .option(number("how many (10), decimal"))
            .example("::walk thread | ::tail -1", "the last thread"),
        |_, call, output| {
            needs_pipe(call)?;
            let keep = usize::try_from(call.number("n").unwrap_or(10)).unwrap_or(usize::MAX);
            let input = call.invocation.input;
            let from = input.len().saturating_sub(keep);
            pass(output, input.get(from..).unwrap_or_default())
        },
    );
    add(
        session,
        DcmdSpec::new("nth", "pass on the items of a pipe with these positions")
            .all_input()
            .argument(mdb_dmod_host::ArgumentSpec {
                optional: false,
                ..mdb_dmod_host::ArgumentSpec::rest(
                    "POSITION",
                    ValueKind::Decimal,
                    "1 is the first; decimal",
                )
            })
            .example("::walk thread | ::nth 1", "the first thread"),
        |_, call, output| {
            needs_pipe(call)?;
            for position in call.rest(0) {
                let index = usize::try_from(position.number).ok().and_then(|n| n.checked_sub(1));
                match index.and_then(|i| call.invocation.input.get(i)) {
                    Some(item) => output.emit(*item)?,
                    None => {
                        return Err(Failure::Failed(format!(
                            "there is no item {}: the pipe has {}",
                            position.number,
                            call.invocation.input.len()
                        )));
                    }
                }
            }
            Ok(())
        },
    );
    add(
        session,
        DcmdSpec::new("sort", "order the items of a pipe by value")
            .all_input()
            .flag('r', "greatest first")
            .flag('u', "each value once")
            .example("::walk thread | ::sort -r", "threads, the last first"),
        |_, call, output| {
            needs_pipe(call)?;
            let mut items = call.invocation.input.to_vec();
            items.sort_by_key(|i| i.value);
            if call.flag("u") {
                items.dedup_by_key(|i| i.value);
            }
            if call.flag("r") {
                items.reverse();
            }
            pass(output, &items)
        },
    );
    register_uniq(session);
    let count = DcmdSpec::new("count", "count the items of a pipe")
        .all_input()
        .column(ColumnSpec::new("COUNT", ColumnKind::Unsigned).item())
        .example("::walk thread | ::count", "how many threads");
    for name in ["count", "wc"] {
        let mut spec = count.clone();
        spec.name = name.into();
        if name == "wc" {
            spec.examples.clear();
            spec.summary = "the same as ::count".into();
        }
        let command = Command::built_in(session, spec, |_, call, output| {
            needs_pipe(call)?;
            let count = call.invocation.counted;
            output.row_as(&[Cell::Unsigned(count)], &StyledText::plain(&format!("{count}\n")))
        });
        session.registry_mut().add_command(command.even_without_input().only_counts());
    }
}

fn pass(output: &Output<'_>, items: &[Item]) -> Result<(), Failure> {
    items.iter().try_for_each(|item| output.emit(*item))
}

fn register_head(session: &Session) {
    // How many items went through; it begins anew with each pipe.
    let seen = Rc::new(Mutable::new(0_u64));
    add(
        session,
        DcmdSpec::new("head", "pass on the first items of a pipe and end its producer")
            .option(number("how many (10), decimal"))
            .example("::walk thread | ::head -2", "the first two threads"),
        move |_, call, output| {
            needs_pipe(call)?;
            if call.invocation.first {
                seen.set(0);
            }
            let wanted = call.number("n").unwrap_or(10);
            if seen.get() >= wanted {
                return Err(Failure::Closed);
            }
            let now = seen.get() + 1;
            seen.set(now);
            output.emit(call.invocation.item)?;
            seen.set(now);
            if now >= wanted { Err(Failure::Closed) } else { Ok(()) }
        },
    );
}

fn register_uniq(session: &Session) {
    add(
        session,
        DcmdSpec::new("uniq", "pass on each value of a pipe once")
            .all_input()
            .flag('c', "count how often each came")
            .column(ColumnSpec::new("COUNT", ColumnKind::Unsigned).width(8))
            .column(ColumnSpec::new("VALUE", ColumnKind::Address).item())
            .help("Unlike uniq(1) it does not need sorted input. Values keep the order of their first appearance.")
            .example("::walk thread | ::uniq -c", "how often each thread came"),
        |_, call, output| {
            needs_pipe(call)?;
            let input = call.invocation.input;
            if !call.flag("c") {
                let mut seen = FxHashSet::default();
                for item in input {
                    if seen.insert(item.value) {
                        output.emit(*item)?;
                    }
                }
                return Ok(());
            }
            let mut order: Vec<(Item, u64)> = Vec::new();
            let mut places = rustc_hash::FxHashMap::default();
            for item in input {
                let place = *places.entry(item.value).or_insert_with(|| {
                    order.push((*item, 0));
                    order.len() - 1
                });
                if let Some((_, count)) = order.get_mut(place) {
                    *count += 1;
                }
            }
            for (item, count) in order {
                if output.mode() == OutputMode::Items {
                    output.emit(item)?;
                } else {
                    output.row(&[Cell::Unsigned(count), Cell::Address(item.value)])?;
                }
            }
            Ok(())
        },
    );
}
