//! `::stacks`: a thousand threads as a handful of unique stacks.

use crate::filter::Filter;
use crate::group::{Group, gather};
use mdb_dmod::Thread;
use mdb_dmod::prelude::*;
use std::collections::HashSet;
use std::fmt::Write as _;

/// `::stacks [-aiv] [-c FUNCTION] [-C FUNCTION] [-m MODULE] [-M MODULE] ...`.
pub(crate) struct Stacks;

impl Dcmd for Stacks {
    const DECLARATION: Declaration = Declaration::new("stacks", "print unique thread stacks")
        .help(
            "Threads with the same state, the same lock and the same frames are one group; the \
             group of the thread that crashed comes first, then the largest.\n\n\
             With an address, only the group of that thread is shown. Threads that come through a \
             pipe are the only ones that are looked at; into a pipe go the threads of the groups \
             that are shown, so `::stacks -c a | ::stacks -c b` shows stacks with both.\n\n\
             STATE and SOBJ are told from the registers: a core does not record them. An option \
             that may be repeated means any of its values.",
        )
        .takes_all_input()
        .input("thread")
        .output("thread")
        .options(&[
            Opt::flag('a', "list all threads of each group"),
            Opt::flag('i', "leave out threads that wait for work, time or input"),
            Opt::flag('v', "show progress"),
            Opt::new(
                'c',
                value_kind::TEXT,
                "FUNCTION",
                "with this function, or with this exact pc",
            )
            .repeatable(),
            Opt::new('C', value_kind::TEXT, "FUNCTION", "without this function or pc").repeatable(),
            Opt::new('m', value_kind::TEXT, "MODULE", "with a frame in this module").repeatable(),
            Opt::new('M', value_kind::TEXT, "MODULE", "without one in this module").repeatable(),
            Opt::new('s', value_kind::TEXT, "SOBJ", "waiting for this; ALL is anything")
                .repeatable(),
            Opt::new('S', value_kind::TEXT, "SOBJ", "not waiting for this").repeatable(),
            Opt::new('t', value_kind::TEXT, "STATE", "in this state").repeatable(),
            Opt::new('T', value_kind::TEXT, "STATE", "not in this state").repeatable(),
        ])
        .columns(&[
            Column::new("THREAD", cell_kind::UNSIGNED).width(16).item(),
            Column::new("STATE", cell_kind::TEXT).width(8),
            Column::new("SOBJ", cell_kind::TEXT).width(16),
            Column::new("COUNT", cell_kind::UNSIGNED).width(8),
            Column::new("FRAMES", cell_kind::LINES).detail(),
            Column::new("THREADS", cell_kind::LINES).detail(),
            Column::new("END", cell_kind::TEXT).detail(),
        ])
        .examples(&[
            Example::new("::stacks", "all unique stacks"),
            Example::new("::stacks -c main", "those with main"),
            Example::new("::stacks -m libc ! head", "those with a frame in the C library"),
        ]);

    fn run(s: &Session<'_>) -> Result<()> {
        let filter = Filter::new(s)?;
        let (threads, only) = subjects(s)?;
        let groups = gather(s, threads, s.flag('v'))?;
        let shown = groups
            .iter()
            .filter(|group| filter.shows(group) && only.is_none_or(|only| has_thread(group, only)));
        let into_pipe = s.into_pipe() || s.output_mode().pipe;
        for (index, group) in shown.enumerate() {
            if into_pipe {
                for thread in &group.threads {
                    s.emit(thread.number.into())?;
                }
                continue;
            }
            let text = text(group, s.flag('a'), index == 0);
            s.row_as(&cells(group), &text)?;
        }
        Ok(())
    }
}

fn has_thread(group: &Group, number: u32) -> bool {
    group.threads.iter().any(|thread| thread.number == number)
}

/// The threads to look at, and the one whose group is asked for.
fn subjects(s: &Session<'_>) -> Result<(Vec<Thread>, Option<u32>)> {
    if !s.from_pipe() {
        let only = s.address().map(|id| s.thread(id)).transpose()?;
        return Ok((s.threads()?, only.map(|thread| thread.number)));
    }
    let all = s.threads()?;
    let mut wanted = HashSet::new();
    for item in s.input() {
        match s.thread(item.value) {
            Ok(thread) => {
                wanted.insert(thread.number);
            }
            Err(error) if error.is_stop() => return Err(error),
            Err(error) => s.warn(&error.to_string())?,
        }
    }
    Ok((all.into_iter().filter(|thread| wanted.contains(&thread.number)).collect(), None))
}

const INDENT: &str = "                 ";

fn head(thread: &str, state: &str, lock: &str, count: &str) -> String {
    format!("{thread:<16} {state:<8} {lock:<16} {count:>8}\n")
}

fn text(group: &Group, all: bool, first: bool) -> String {
    let mut text = String::new();
    if first || all {
        text.push_str(&head("THREAD", "STATE", "SOBJ", "COUNT"));
    }
    let (state, lock) = (group.state.name(), group.lock);
    for (index, thread) in group.threads.iter().enumerate() {
        let count = if index == 0 { group.threads.len().to_string() } else { "-".to_owned() };
        text.push_str(&head(&thread.number.to_string(), state, lock, &count));
        if !all {
            break;
        }
    }
    for frame in group.shown() {
        let mark = if frame.doubtful { " ?" } else { "" };
        let _ = writeln!(text, "{INDENT}{}{mark}", frame.text);
    }
    let ending = group.ending();
    if !ending.is_empty() {
        let _ = writeln!(text, "{INDENT}{ending}");
    }
    text.push('\n');
    text
}

fn cells(group: &Group) -> [Cell<'_>; 7] {
    let lines = |lines: Vec<String>| Cell::Lines(lines.join("\n").into());
    let first = group.threads.first().map_or(0, |thread| thread.number);
    [
        Cell::Unsigned(first.into()),
        Cell::text(group.state.name()),
        Cell::text(group.lock),
        Cell::Unsigned(group.threads.len() as u64),
        lines(group.shown().iter().map(|frame| frame.text.clone()).collect()),
        lines(group.threads.iter().map(|thread| thread.number.to_string()).collect()),
        if group.ending().is_empty() { Cell::None } else { Cell::Text(group.ending().into()) },
    ]
}
