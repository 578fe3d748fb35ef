//! `::stacks`: a thousand threads as a handful of unique stacks.

use crate::cross;
use crate::filter::Filter;
use crate::folded::{self, Folded};
use crate::group::{Gathered, Gathering, Group, gather};
use crate::state::Probe;
use crate::subjects::Subjects;
use mdb_dmod::prelude::*;
use std::fmt::Write as _;

/// `::stacks [-afiLvx] [-c FUNCTION] [-C FUNCTION] [-m MODULE] [-M MODULE] ...`.
pub(crate) struct Stacks;

/// Cells of a row.
pub(crate) const COLUMNS: usize = 11;

impl Dcmd for Stacks {
    const DECLARATION: Declaration = Declaration::new("stacks", "print unique thread stacks")
        .help(
            "Threads with the same state, the same kind of wait and the same frames are one group; \
             the group of the thread that crashed comes first, then the largest.\n\n\
             With an address, only the group of that thread is shown. Threads that come through a \
             pipe are the only ones that are looked at; into a pipe go the threads of the groups \
             that are shown, so `::stacks -c a | ::stacks -c b` shows stacks with both.\n\n\
             STATE and SOBJ are told from the registers and the system call: a core does not \
             record them. `-v` says what each group waits for: the lock and who holds it, the \
             descriptor, how long. What is a guess has a `?` before it.\n\n\
             An option that may be repeated means any of its values; all options count. A function \
             is found whether it has a frame of its own or was inlined. Nothing is kept from one \
             call to the next, so that `-f` is not needed.",
        )
        .takes_all_input()
        .input("thread")
        .output("thread")
        .options(&[
            Opt::flag('a', "list all threads of each group"),
            Opt::flag('f', "gather anew; that is always done"),
            Opt::flag('i', "leave out threads that wait for work, time or input"),
            Opt::flag('v', "say what is waited for, show inlined functions and progress"),
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
            Opt::new('F', value_kind::TEXT, "REGEX", "with a frame that matches").repeatable(),
            Opt::new('n', value_kind::DECIMAL, "N", "the first N groups only"),
            Opt::new('d', value_kind::DECIMAL, "DEPTH", "look at so many innermost frames only"),
            Opt::flag('l', "take all places in a function for one"),
            Opt::flag('L', "the group that crashed last, as in MDB"),
            Opt::flag('x', "count threads by the lock or descriptor they wait for"),
            Opt::new('o', value_kind::TEXT, "FORMAT", "`folded`: one line a stack, root first"),
        ])
        .columns(&[
            Column::new("THREAD", cell_kind::UNSIGNED).width(16).item(),
            Column::new("STATE", cell_kind::TEXT).width(8),
            Column::new("SOBJ", cell_kind::TEXT).width(16),
            Column::new("COUNT", cell_kind::UNSIGNED).width(8),
            Column::new("FRAMES", cell_kind::LINES).detail(),
            Column::new("THREADS", cell_kind::LINES).detail(),
            Column::new("END", cell_kind::TEXT).detail().help("why the stack ends irregularly"),
            Column::new("WAITS", cell_kind::LINES).detail().help("what its threads wait for"),
            Column::new("OBJECT", cell_kind::TEXT).detail().help("with -x: lock or descriptor"),
            Column::new("OWNER", cell_kind::UNSIGNED).detail().help("with -x: who holds the lock"),
            Column::new("FOLDED", cell_kind::TEXT).detail().help("with -o folded"),
        ])
        .examples(&[
            Example::new("::stacks", "all unique stacks"),
            Example::new("::stacks -c main", "those with main"),
            Example::new("::stacks -m libc ! head", "those with a frame in the C library"),
            Example::new("::stacks -v", "with what is waited for"),
            Example::new("::stacks -o folded", "for programs that draw flame graphs"),
        ]);

    fn run(s: &Session<'_>) -> Result<()> {
        let form = Form::of(s)?;
        let filter = Filter::new(s)?;
        let subjects = Subjects::of(s)?;
        let probe = Probe::new(s, &subjects.all);
        let how = Gathering {
            inlined: filter.needs_inlined() || s.flag('v'),
            by_function: s.flag('l'),
            depth: positive(s, 'd')?.unwrap_or(0),
            progress: s.flag('v'),
            crasher_last: s.flag('L'),
        };
        let most = positive(s, 'n')?.unwrap_or(usize::MAX);
        let gathered = gather(&probe, subjects.chosen(), how)?;
        let choice = filter.on(&gathered.table)?;
        let shown: Vec<&Group> = gathered
            .groups
            .iter()
            .filter(|group| choice.shows(group))
            .filter(|group| subjects.only.is_none_or(|only| has_thread(group, only)))
            .take(most)
            .collect();
        let mode = s.output_mode();
        if s.into_pipe() || mode.pipe {
            let mut members = shown.iter().flat_map(|group| &group.members);
            return members.try_for_each(|member| s.emit(member.thread.number.into()));
        }
        match form {
            Form::Folded => folded::print(s, &Folded::of(&gathered.table, shown.iter().copied())),
            Form::Cross => cross::print(&probe, &shown),
            Form::Groups { all } => {
                let show = Show { probe: &probe, gathered: &gathered, all, verbose: s.flag('v') };
                for (index, group) in shown.into_iter().enumerate() {
                    s.check_cancelled()?;
                    let waits = if mode.json || show.verbose { show.waits(group) } else { vec![] };
                    let text = show.text(group, &waits, index == 0);
                    s.row_as(&show.cells(group, &waits), &text)?;
                }
                Ok(())
            }
        }
    }
}

/// What is made of the groups.
#[derive(Clone, Copy)]
enum Form {
    Groups { all: bool },
    Folded,
    Cross,
}

impl Form {
    fn of(s: &Session<'_>) -> Result<Self> {
        match (s.text('o'), s.flag('x'), s.flag('a')) {
            (Some("folded"), false, false) => Ok(Self::Folded),
            (None, true, false) => Ok(Self::Cross),
            (None, false, all) => Ok(Self::Groups { all }),
            (Some("folded") | None, ..) => {
                Err(Error::Usage("only one of -a, -o and -x can be given".to_owned()))
            }
            (Some(other), ..) => {
                Err(Error::Usage(format!("'{other}' is no format; there is folded")))
            }
        }
    }
}

/// The number of an option, from 1.
pub(crate) fn positive(s: &Session<'_>, letter: char) -> Result<Option<usize>> {
    match s.number(letter) {
        Some(0) => Err(Error::Usage(format!("-{letter} takes a number from 1"))),
        number => Ok(number.map(|number| usize::try_from(number).unwrap_or(usize::MAX))),
    }
}

fn has_thread(group: &Group, number: u32) -> bool {
    group.members.iter().any(|member| member.thread.number == number)
}

const INDENT: &str = "                 ";
/// So many different waits of a group are told apart.
const MOST_WAITS: usize = 8;

fn head(thread: &str, state: &str, sobj: &str, count: &str) -> String {
    format!("{thread:<16} {state:<8} {sobj:<16} {count:>8}\n")
}

/// How groups are shown.
struct Show<'a, 's> {
    probe: &'a Probe<'s>,
    gathered: &'a Gathered,
    all: bool,
    verbose: bool,
}

impl Show<'_, '_> {
    /// What the members wait for, with how many do where that differs.
    fn waits(&self, group: &Group) -> Vec<String> {
        let mut counted: Vec<(String, usize)> = Vec::new();
        let mut others = 0;
        for member in &group.members {
            let sentence = group.waiting(self.probe, member).sentence(self.probe);
            if sentence.is_empty() {
                continue;
            }
            let known = counted.iter().position(|(known, _)| *known == sentence);
            if let Some((_, count)) = known.and_then(|index| counted.get_mut(index)) {
                *count += 1;
            } else if counted.len() < MOST_WAITS {
                counted.push((sentence, 1));
            } else {
                others += 1;
            }
        }
        let alone = counted.len() == 1 && others == 0;
        let mut lines: Vec<String> = counted
            .into_iter()
            .map(|(text, count)| if alone { text } else { format!("{count} in {text}") })
            .collect();
        if others > 0 {
            lines.push(format!("{others} in others"));
        }
        lines
    }

    fn text(&self, group: &Group, waits: &[String], first: bool) -> String {
        let mut text = String::new();
        if first || self.all {
            text.push_str(&head("THREAD", "STATE", "SOBJ", "COUNT"));
        }
        for (index, member) in group.members.iter().enumerate() {
            let count = if index == 0 { group.members.len().to_string() } else { "-".to_owned() };
            let number = member.thread.number.to_string();
            let guess = if member.guess { "? " } else { "" };
            let sobj = format!("{guess}{}", group.sobj.name());
            text.push_str(&head(&number, group.state.name(), &sobj, &count));
            if !self.all {
                break;
            }
        }
        if self.verbose {
            for line in waits {
                let _ = writeln!(text, "  {line}");
            }
        }
        for line in self.frames(group) {
            let _ = writeln!(text, "{INDENT}{line}");
        }
        let ending = group.ending();
        if !ending.is_empty() {
            let _ = writeln!(text, "{INDENT}{ending}");
        }
        text.push('\n');
        text
    }

    fn frames(&self, group: &Group) -> Vec<String> {
        let mut lines = Vec::new();
        for frame in group.shown(&self.gathered.table) {
            if self.verbose {
                lines.extend(frame.inlined.iter().map(|name| format!("{name} [inlined]")));
            }
            let mark = if frame.doubtful { " ?" } else { "" };
            lines.push(format!("{}{mark}", frame.text));
        }
        lines
    }

    fn cells(&self, group: &Group, waits: &[String]) -> [Cell<'static>; COLUMNS] {
        let lines = |lines: &[String]| {
            if lines.is_empty() { Cell::None } else { Cell::Lines(lines.join("\n").into()) }
        };
        let numbers: Vec<String> =
            group.members.iter().map(|member| member.thread.number.to_string()).collect();
        let first = group.members.first().map_or(0, |member| member.thread.number);
        [
            Cell::Unsigned(first.into()),
            Cell::text(group.state.name()),
            Cell::text(group.sobj.name()),
            Cell::Unsigned(group.members.len() as u64),
            lines(&self.frames(group)),
            lines(&numbers),
            Cell::text(group.ending()),
            lines(waits),
            Cell::None,
            Cell::None,
            Cell::None,
        ]
    }
}
