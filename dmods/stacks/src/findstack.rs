//! `::findstack`: the stack of one thread, in MDB's words.

use crate::scan::scan;
use mdb_dmod::prelude::*;
use mdb_dmod::{Frame, Thread};
use std::fmt::Write as _;

/// `thread::findstack [-nstv] [command]`.
pub(crate) struct FindStack;

/// Cells of a row.
pub(crate) const COLUMNS: usize = 15;

/// What is shown of each frame.
struct Style {
    addresses: bool,
    sizes: bool,
    verbose: bool,
}

impl Dcmd for FindStack {
    const DECLARATION: Declaration = Declaration::new("findstack", "find the stack of a thread")
        .help(
            "Prints the stack pointer of a thread and its frames, innermost first, each with its \
             frame address. The thread is given by its number (1 is the one that crashed) or by \
             the kernel's thread id; without one, it is the representative thread.\n\n\
             A frame that was found by a guess is marked with `?` and how. A stack that does not \
             end where the thread began ends with a sentence that says why.\n\n\
             With a command, that is run instead of printing the frames, with dot set to the \
             address of the innermost frame.\n\n\
             `-S` is for stacks that cannot be unwound, such as one that was overwritten or that of \
             a coroutine: it lists each word, from the stack pointer or the address that was given, \
             that points behind a call instruction, and which function that calls where the \
             instruction says so. All of these are guesses: calls that have returned leave such \
             words behind, too.",
        )
        .input("thread")
        .options(&[
            Opt::flag('n', "print program counters as numbers, not as symbols"),
            Opt::flag('s', "print the size of each frame, in hexadecimal"),
            Opt::flag('t', "print types of arguments where they are known"),
            Opt::flag('v', "print arguments, inlined functions, file and line"),
            Opt::flag('S', "search the stack for return addresses; takes a stack address too"),
        ])
        .arguments(&[Argument::optional("command", value_kind::TEXT, "run for the frame instead")])
        .columns(&[
            Column::new("THREAD", cell_kind::UNSIGNED),
            Column::new("TID", cell_kind::UNSIGNED),
            Column::new("FRAME", cell_kind::ADDRESS).item(),
            Column::new("PC", cell_kind::ADDRESS),
            Column::new("SYMBOL", cell_kind::TEXT),
            Column::new("FUNCTION", cell_kind::TEXT).detail(),
            Column::new("OFFSET", cell_kind::HEX).detail(),
            Column::new("MODULE", cell_kind::TEXT).detail(),
            Column::new("FILE", cell_kind::TEXT).detail(),
            Column::new("LINE", cell_kind::UNSIGNED).detail(),
            Column::new("COLUMN", cell_kind::UNSIGNED).detail(),
            Column::new("INLINED", cell_kind::BOOLEAN).detail(),
            Column::new("FOUND BY", cell_kind::TEXT).detail(),
            Column::new("DOUBTFUL", cell_kind::BOOLEAN).detail(),
            Column::new("END", cell_kind::TEXT).detail(),
        ])
        .examples(&[
            Example::new("1::findstack", "the stack of the thread that crashed"),
            Example::new("::walk thread | ::findstack -v", "all stacks, with lines"),
            Example::new("<rsp::findstack -S", "what looks like return addresses on the stack"),
        ]);

    fn run(s: &Session<'_>) -> Result<()> {
        let id = match s.address() {
            Some(id) => id,
            None => u64::from(s.current_thread()?),
        };
        if s.flag('S') {
            return match s.argument(0) {
                None => scan(s, id),
                Some(_) => Err(Error::Usage("-S takes no command".to_owned())),
            };
        }
        let thread = s.thread(id)?;
        if s.flag('t') && s.is_first() {
            s.warn("types of arguments are not known in this version")?;
        }
        if let Some(command) = s.argument(0) {
            return with_command(s, &thread, command);
        }
        let style = Style { addresses: s.flag('n'), sizes: s.flag('s'), verbose: s.flag('v') };
        let mut shown = 0_u64;
        let mut each = |frame: &Frame<'_>| {
            let text = frame_text(&thread, frame, &style, shown == 0);
            shown += 1;
            s.row_as(&cells(&thread, frame), &text)
        };
        let full = style.verbose || s.output_mode().json;
        let end = if full {
            s.frames(thread.number, &mut each)
        } else {
            s.plain_frames(thread.number, 0, &mut each)
        }?;
        if shown == 0 {
            s.row_as(&end_cells(&thread, ""), &title(&thread))?;
        }
        if !end.is_regular {
            let text = format!("  the stack ends here: {}\n", end.sentence);
            s.row_as(&end_cells(&thread, &end.sentence), &text)?;
        }
        Ok(())
    }
}

/// `stack pointer for thread 1 (tid 12345): 7ffd...`.
pub(crate) fn title(thread: &Thread) -> String {
    let name = match thread.name.as_str() {
        "" => String::new(),
        name => format!(", {name}"),
    };
    format!(
        "stack pointer for thread {} (tid {}{name}): {:x}\n",
        thread.number, thread.tid, thread.sp
    )
}

fn frame_text(thread: &Thread, frame: &Frame<'_>, style: &Style, first: bool) -> String {
    let size = match (style.sizes, frame.cfa.checked_sub(frame.sp)) {
        (false, _) => String::new(),
        (true, Some(size)) if frame.cfa != 0 => format!("[{size:4x}] "),
        (true, _) => "[   ?] ".to_owned(),
    };
    let arguments = style.verbose && !first;
    let call = if style.addresses {
        format!("{:#x}{}", frame.pc, if arguments { "(...)" } else { "()" })
    } else {
        frame.call_text(arguments)
    };
    let mut text = if first { title(thread) } else { String::new() };
    let _ = if first {
        write!(text, "[ {:016x} {size}{call} ]", frame.fp)
    } else {
        write!(text, "  {:016x} {size}{call}", frame.fp)
    };
    text.push_str(&frame.mark());
    if style.verbose {
        text.push_str(&frame.place_text());
    }
    text.push('\n');
    text
}

fn cells<'c>(thread: &Thread, frame: &Frame<'c>) -> [Cell<'c>; COLUMNS] {
    let number = |n: u32| if n == 0 { Cell::None } else { Cell::Unsigned(n.into()) };
    [
        Cell::Unsigned(thread.number.into()),
        Cell::Unsigned(thread.tid.into()),
        Cell::Address(frame.fp),
        Cell::Address(frame.pc),
        Cell::text(frame.text),
        Cell::text(frame.function),
        if frame.function.is_empty() { Cell::None } else { Cell::Hex(frame.offset) },
        Cell::text(frame.module),
        Cell::text(frame.file),
        number(frame.line),
        number(frame.column),
        Cell::Boolean(frame.is_inlined),
        Cell::text(frame.found_by_name),
        Cell::Boolean(frame.is_doubtful),
        Cell::None,
    ]
}

/// A row without a frame: how the stack ends.
fn end_cells<'c>(thread: &Thread, sentence: &'c str) -> [Cell<'c>; COLUMNS] {
    let mut cells: [Cell<'c>; COLUMNS] = Default::default();
    let [number, tid, .., end] = &mut cells;
    *number = Cell::Unsigned(thread.number.into());
    *tid = Cell::Unsigned(thread.tid.into());
    *end = Cell::text(sentence);
    cells
}

/// The title and the innermost frame, then the output of a command with dot at that frame.
fn with_command(s: &Session<'_>, thread: &Thread, command: &str) -> Result<()> {
    let style = Style { addresses: s.flag('n'), sizes: s.flag('s'), verbose: s.flag('v') };
    let mut dot = thread.sp;
    s.plain_frames(thread.number, 1, |frame| {
        dot = frame.fp;
        s.row_as(&cells(thread, frame), &frame_text(thread, frame, &style, true))
    })?;
    let mode = s.output_mode();
    if mode.json || mode.pipe {
        return s.run_command(command, Some(Item::address(dot)));
    }
    let mut at_start = true;
    s.capture(command, Some(Item::address(dot)), |piece| {
        let mut text = String::new();
        for line in piece.split_inclusive('\n') {
            if at_start {
                text.push_str("  ");
            }
            text.push_str(line);
            at_start = line.ends_with('\n');
        }
        s.write(&text)
    })
}
