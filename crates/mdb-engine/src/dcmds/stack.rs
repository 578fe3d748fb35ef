//! `::stack $c $C ::thread $l $L`.

use super::{add, alias};
use crate::command::Call;
use crate::failure::Failure;
use crate::output::{Output, OutputMode};
use crate::session::Session;
use crate::stacks::{SourcePlace, Unwound};
use mdb_dmod_host::{ArgumentSpec, ColumnKind, ColumnSpec, DcmdSpec, OptionSpec, ValueKind};
use mdb_print::{Cell, Role, StyledText};
use mdb_target::{RegisterSet, Thread};

pub(super) fn register(session: &Session) {
    let stack = DcmdSpec::new("stack", "show the frames of a thread")
        .help(
            "ADDRESS is a thread's number or kernel id, else a frame pointer; without it the \
             representative thread is meant. Arguments are not invented: `(...)` stands for what \
             is not known. A frame that is a guess is marked with `?` and how it was found, and the sentence at the \
             end says why the stack ends where that is not its regular end.",
        )
        .flag('n', "addresses instead of symbols")
        .flag('s', "the size of each frame")
        .flag('t', "types of arguments, where somebody knows them (nobody does yet)")
        .flag('v', "frame addresses, how each frame was found, source lines, inlined functions")
        .option(OptionSpec::new('l', ValueKind::Decimal, "LIMIT", "the most frames to show"))
        .argument(ArgumentSpec::optional(
            "ARGUMENTS",
            ValueKind::Number,
            "0 shows no arguments; other numbers change nothing, all that are known are shown",
        ))
        .column(ColumnSpec::new("FRAME", ColumnKind::Unsigned))
        .column(ColumnSpec::new("ADDRESS", ColumnKind::Address))
        .column(ColumnSpec::new("PC", ColumnKind::Address).item())
        .column(ColumnSpec::new("SYMBOL", ColumnKind::Symbol))
        .column(ColumnSpec::new("FUNCTION", ColumnKind::Text))
        .column(ColumnSpec::new("MODULE", ColumnKind::Text))
        .column(ColumnSpec::new("FILE", ColumnKind::Text))
        .column(ColumnSpec::new("LINE", ColumnKind::Unsigned))
        .column(ColumnSpec::new("COLUMN", ColumnKind::Unsigned))
        .column(ColumnSpec::new("FOUND BY", ColumnKind::Text))
        .column(ColumnSpec::new("DOUBTFUL", ColumnKind::Boolean))
        .column(ColumnSpec::new("END", ColumnKind::Text).detail())
        .example("1::stack", "the frames of the thread that crashed");
    add(session, stack.clone(), |s, c, o| show(s, c, o, c.flag("v")));
    let short = DcmdSpec { summary: "show the frames of a thread (as ::stack)".into(), ..stack };
    alias(session, "$c", &short, |s, c, o| show(s, c, o, c.flag("v")));
    let short = DcmdSpec { summary: "show frames with their addresses".into(), ..short };
    alias(session, "$C", &short, |s, c, o| show(s, c, o, true));
    register_threads(session);
}

fn show(
    session: &Session,
    call: &Call<'_>,
    output: &Output<'_>,
    addresses: bool,
) -> Result<(), Failure> {
    let registers = registers_at(session, call.address())?;
    let limit = call.number("l").unwrap_or(u64::MAX);
    let options = FrameOptions {
        numbers: call.flag("n"),
        sizes: call.flag("s"),
        addresses,
        lines: call.flag("v"),
        no_arguments: call.argument(0).is_some_and(|a| a.number == 0),
    };
    frames(session, output, registers, limit, options)
}

/// The registers that a stack begins with: a thread's, or those that a frame pointer leads to.
fn registers_at(session: &Session, address: Option<u64>) -> Result<RegisterSet, Failure> {
    let Some(address) = address else {
        return Ok(session.thread_or_representative(None)?.registers.clone());
    };
    if let Ok(thread) = session.find_thread(address) {
        return Ok(thread.registers.clone());
    }
    // A frame pointer: the saved one and the return address lie there.
    let memory = session.target().memory();
    let arch = session.target().arch();
    let mut registers = RegisterSet::new(arch);
    registers.set(arch.fp(), memory.read_u64(address)?);
    registers.set(arch.pc(), memory.read_u64(address.wrapping_add(8))?);
    registers.set(arch.sp(), address.wrapping_add(16));
    Ok(registers)
}

/// How many columns `::stack` has.
const COLUMNS: usize = 12;

/// What is shown of frames.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "they are the letters of an option string")]
struct FrameOptions {
    numbers: bool,
    sizes: bool,
    addresses: bool,
    lines: bool,
    no_arguments: bool,
}

fn frames(
    session: &Session,
    output: &Output<'_>,
    registers: RegisterSet,
    limit: u64,
    options: FrameOptions,
) -> Result<(), Failure> {
    let stacks = session.stacks();
    let mut result = Ok(());
    let mut shown = 0_u64;
    let mut previous: Option<u64> = None;
    let end = stacks.walk(session, registers, &mut |frame| {
        if shown >= limit {
            return false;
        }
        shown += 1;
        let lines = options.lines || output.mode() == OutputMode::Json;
        let unwound = stacks.describe(session, frame, lines);
        result = frame_rows(output, &unwound, options, previous);
        previous = Some(unwound.address);
        result.is_ok()
    });
    result?;
    let end = end.filter(|e| shown < limit && !e.is_complete() && !e.is_interrupt());
    if let Some(sentence) = end {
        // For programs a row of its own: the frames before it were shown as they were found.
        let mut cells = [const { Cell::Null }; COLUMNS];
        if let Some(last) = cells.last_mut() {
            *last = Cell::Text(sentence.to_string());
        }
        let text = StyledText::new().with(Role::Warning, &format!("{sentence}\n"));
        output.row_as(&cells, &text)?;
    }
    if session.interrupt().is_raised() { Err(Failure::Interrupted) } else { Ok(()) }
}

fn frame_rows(
    output: &Output<'_>,
    unwound: &Unwound,
    options: FrameOptions,
    previous: Option<u64>,
) -> Result<(), Failure> {
    let names = &unwound.names;
    for inlined in &names.inlined {
        let place = inlined.place.as_ref();
        output.row_or_text(
            || cells(unwound, &inlined.function, place, true),
            || {
                let mut text = StyledText::new();
                if options.addresses {
                    text.push_blanks(17);
                }
                text.push_target(Role::Symbol, &inlined.function);
                if !options.no_arguments && !inlined.arguments.is_empty() {
                    text.push(&format!("({})", inlined.arguments));
                }
                text.push(" [inlined]");
                if options.lines {
                    text.push(&place_text(place));
                }
                text.push("\n");
                text
            },
        )?;
    }
    output.row_or_text(
        || {
            let function = names.function.as_deref().unwrap_or_default();
            cells(unwound, function, names.place.as_ref(), false)
        },
        || frame_text(unwound, options, previous),
    )
}

fn frame_text(unwound: &Unwound, options: FrameOptions, previous: Option<u64>) -> StyledText {
    let names = &unwound.names;
    let mut text = StyledText::new();
    if options.addresses {
        text.push_role(Role::Address, &format!("{:016x} ", unwound.address));
    }
    if options.sizes {
        let size = previous.map_or(0, |p| unwound.address.wrapping_sub(p));
        text.push(&format!("[{size:6}] "));
    }
    if options.numbers {
        text.push_role(Role::Address, &format!("{:016x}", unwound.pc));
    } else {
        text.push_target(Role::Symbol, &names.text);
    }
    match (unwound.signal, options.no_arguments, names.arguments.as_str()) {
        (true, ..) | (_, true, _) => text.push("()"),
        (false, false, "") => text.push("(...)"),
        // A provider knows them.
        (false, false, known) => text.push(&format!("({known})")),
    }
    // The same marks as those of `::findstack`.
    if unwound.doubtful {
        text.push_role(Role::Doubtful, &format!(" ? {}", unwound.found_by));
    }
    if unwound.signal {
        text.push(" [signal frame]");
    }
    if options.lines {
        text.push(&place_text(names.place.as_ref()));
    }
    if options.lines && !unwound.doubtful {
        text.push(&format!("  ({})", unwound.found_by));
    }
    text.push("\n");
    text
}

fn place_text(place: Option<&SourcePlace>) -> String {
    place.map_or_else(String::new, |place| format!(" at {place}"))
}

fn cells(
    unwound: &Unwound,
    function: &str,
    place: Option<&SourcePlace>,
    inlined: bool,
) -> [Cell; COLUMNS] {
    let text = |t: &str| if t.is_empty() { Cell::Null } else { Cell::Text(t.to_owned()) };
    let number = |n: u32| if n == 0 { Cell::Null } else { Cell::Unsigned(n.into()) };
    [
        Cell::Unsigned(unwound.index as u64),
        Cell::Address(unwound.address),
        Cell::Address(unwound.pc),
        text(&unwound.names.text),
        text(function),
        unwound.names.module.clone().map_or(Cell::Null, Cell::Text),
        place.map_or(Cell::Null, |place| Cell::Text(place.file.clone())),
        place.map_or(Cell::Null, |place| number(place.line)),
        place.map_or(Cell::Null, |place| number(place.column)),
        text(if inlined { "inlined" } else { unwound.found_by.name() }),
        Cell::Boolean(unwound.doubtful),
        Cell::Null,
    ]
}

fn register_threads(session: &Session) {
    add(
        session,
        DcmdSpec::new("thread", "show or change the representative thread")
            .types("thread", "thread")
            .argument(ArgumentSpec::optional("THREAD", ValueKind::Decimal, "a number from ::walk thread, or the kernel's thread id"))
            .column(ColumnSpec::new("THREAD", ColumnKind::Unsigned).item())
            .column(ColumnSpec::new("TID", ColumnKind::Unsigned))
            .help("Registers as variables (`<rip`), `$c` and `::regs` are those of the representative thread. It is the one that crashed at first.")
            .example("1::thread", "back to the thread that crashed"),
        |session, call, output| {
            if let Some(id) = call.address().or(call.argument(0).map(|a| a.number)) {
                let number = session.find_thread(id)?.number;
                session.set_thread(number);
            }
            let Thread { number, tid, .. } = session.thread_or_representative(None)?;
            let text = format!("representative thread is {number} (tid {tid})\n");
            let cells = [Cell::Unsigned((*number).into()), Cell::Unsigned((*tid).into())];
            output.row_as(&cells, &StyledText::plain(&text))
        },
    );
    add(
        session,
        DcmdSpec::new("$l", "show the kernel's id of the representative thread")
            .column(ColumnSpec::new("TID", ColumnKind::Unsigned).item()),
        |session, _, output| {
            let tid = session.thread_or_representative(None)?.tid;
            output.row_as(&[Cell::Unsigned(tid.into())], &StyledText::plain(&format!("{tid}\n")))
        },
    );
    add(
        session,
        DcmdSpec::new("$L", "list the kernel's thread ids")
            .column(ColumnSpec::new("TID", ColumnKind::Unsigned).item()),
        |session, _, output| {
            let threads = session.target().threads();
            if output.mode() != OutputMode::Text {
                let mut tids = threads.iter().map(|t| t.tid);
                return tids.try_for_each(|tid| output.row(&[Cell::Unsigned(tid.into())]));
            }
            let tids: Vec<String> = threads.iter().map(|t| t.tid.to_string()).collect();
            let pid = session.target().process().pid;
            let of = pid.map_or(String::new(), |pid| format!(" in core of process {pid}"));
            let is = if tids.len() == 1 { "lwpid" } else { "lwpids" };
            output.line(&format!("{is} {}{of}.", tids.join(", ")))
        },
    );
}
