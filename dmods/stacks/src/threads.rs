//! `::threads`: one row per thread.

use crate::frames::FrameTable;
use crate::lock::{LOCK_FRAMES, waiting_function};
use crate::state::Probe;
use crate::subjects::Subjects;
use crate::waiting::Waiting;
use mdb_dmod::prelude::*;
use mdb_dmod::{Thread, signal_name};

/// `::threads`.
pub(crate) struct Threads;

/// How far up the stack the first frame outside the C library is looked for.
const DEEPEST: usize = 32;

/// Headings of the text table, and where a cell is cut off there; 0: never.
const TABLE: [(&str, usize); 8] = [
    ("THREAD", 0),
    ("TID", 0),
    ("STATE", 0),
    ("SOBJ", 0),
    ("OBJECT", 32),
    ("SIGNAL", 0),
    ("FUNCTION", 40),
    ("CALLER", 0),
];

impl Dcmd for Threads {
    const DECLARATION: Declaration = Declaration::new("threads", "print one line for each thread")
        .help(
            "Number (1 is the thread that crashed), the kernel's thread id, state, what it waits \
             for, the function it is in, and the innermost function outside the C library.\n\n\
             STATE and SOBJ are told from the registers and the system call: a core does not \
             record them. OBJECT is the lock, with its symbol if it has one, the descriptor \
             (`FD 12`) or the thread that is waited for; `-v` says more in a line below, such as \
             who holds the lock and how long the thread would wait. What is a guess has a `?` \
             before it.\n\n\
             With an address, or in a pipe, only those threads. Long names are cut off with `...` \
             except in the last column; `--json` has them in full.",
        )
        .takes_all_input()
        .input("thread")
        .output("thread")
        .options(&[Opt::flag('v', "say all that is known of what a thread waits for")])
        .columns(&[
            Column::new("THREAD", cell_kind::UNSIGNED).item(),
            Column::new("TID", cell_kind::UNSIGNED),
            Column::new("STATE", cell_kind::TEXT),
            Column::new("SOBJ", cell_kind::TEXT),
            Column::new("OBJECT", cell_kind::TEXT),
            Column::new("SIGNAL", cell_kind::TEXT),
            Column::new("FUNCTION", cell_kind::TEXT),
            Column::new("CALLER", cell_kind::TEXT),
            Column::new("PC", cell_kind::ADDRESS).detail(),
            Column::new("SP", cell_kind::ADDRESS).detail(),
            Column::new("NAME", cell_kind::TEXT).detail(),
            Column::new("CALL", cell_kind::TEXT).detail().help("the system call"),
            Column::new("LOCK", cell_kind::ADDRESS).detail().help("the lock's address"),
            Column::new("FD", cell_kind::SIGNED).detail().help("the (first) descriptor"),
            Column::new("OWNER", cell_kind::UNSIGNED).detail().help("tid of who holds the lock"),
            Column::new("TARGET", cell_kind::UNSIGNED).detail().help("whose end is waited for"),
            Column::new("WAITS", cell_kind::TEXT).detail().help("all of that as a sentence"),
            Column::new("GUESS", cell_kind::TEXT).detail().help("what of it is a guess"),
        ])
        .examples(&[
            Example::new("::threads", "all threads"),
            Example::new("::threads -v", "with what they wait for"),
            Example::new("::threads | ::findstack", "the stack of each"),
        ]);

    fn run(s: &Session<'_>) -> Result<()> {
        let subjects = Subjects::of(s)?;
        let mut threads = subjects.chosen();
        threads.retain(|thread| subjects.only.is_none_or(|only| thread.number == only));
        if s.into_pipe() || s.output_mode().pipe {
            return threads.iter().try_for_each(|thread| s.emit(thread.number.into()));
        }
        let probe = Probe::new(s, &subjects.all);
        let mut table = FrameTable::new(false);
        let rows: Vec<Row> = threads
            .into_iter()
            .map(|thread| Row::of(&probe, &mut table, thread))
            .collect::<Result<_>>()?;
        let widths = widths(&rows);
        for (index, row) in rows.iter().enumerate() {
            let mut text = String::new();
            if index == 0 {
                text = line(TABLE.map(|(heading, _)| heading.to_owned()), widths);
            }
            text.push_str(&line(row.shown(), widths));
            if s.flag('v') && !row.sentence.is_empty() {
                text.push_str(&format!("         {}\n", row.sentence));
            }
            s.row_as(&row.cells(), &text)?;
        }
        Ok(())
    }
}

/// Whether a module is the C library's or the kernel's: every thread that sleeps is in one.
fn is_system(module: &str) -> bool {
    ["libc.so", "libc-", "libpthread", "ld-linux", "ld-musl", "linux-vdso", "[vdso]", "vdso"]
        .iter()
        .any(|prefix| module.starts_with(prefix))
}

/// A thread as it is shown.
struct Row {
    thread: Thread,
    state: &'static str,
    sobj: &'static str,
    guess: bool,
    waiting: Waiting,
    sentence: String,
    signal: String,
    function: String,
    caller: String,
}

impl Row {
    fn of(probe: &Probe<'_>, table: &mut FrameTable, thread: Thread) -> Result<Self> {
        let mut standing = probe.standing(&thread);
        let mut frames = Vec::new();
        let mut caller = None;
        let walked = probe.session.plain_frames(thread.number, 0, |frame| {
            let Some(number) = table.number(frame) else { return Ok(()) };
            frames.push(number);
            let own = frames.len() > 1 && !frame.is_doubtful && !is_system(frame.module);
            if own && caller.is_none() {
                caller = Some(number);
            }
            let enough = caller.is_some() && frames.len() >= LOCK_FRAMES;
            if enough || frames.len() >= DEEPEST { Err(Error::Closed) } else { Ok(()) }
        });
        match walked {
            Err(error) if error == Error::Cancelled => return Err(error),
            // A stack that cannot be walked is a row without functions.
            _ => {}
        }
        let known = || frames.iter().filter_map(|number| table.get(*number));
        let function = known().next();
        if let Some(innermost) = function {
            probe.restarted(&mut standing, &innermost.function);
        }
        let lock = waiting_function(known().take(LOCK_FRAMES).map(|frame| frame.lock));
        let (sobj, guess) = probe.sobj(&thread, &standing, lock);
        let waiting = Waiting::of(probe, &thread, &standing, lock);
        let text = |number: u32| table.get(number).map_or(String::new(), |f| f.text.clone());
        let signal = match thread.signal {
            0 => String::new(),
            signal if thread.crashed => signal_name(signal),
            _ => String::new(),
        };
        Ok(Self {
            state: standing.state.name(),
            sobj: sobj.name(),
            guess,
            sentence: waiting.sentence(probe),
            waiting,
            signal,
            function: function.map_or(String::new(), |frame| frame.text.clone()),
            caller: caller.map_or(String::new(), text),
            thread,
        })
    }

    fn shown(&self) -> [String; 8] {
        let guess = if self.guess { "? " } else { "" };
        [
            self.thread.number.to_string(),
            self.thread.tid.to_string(),
            self.state.to_owned(),
            format!("{guess}{}", self.sobj),
            self.waiting.object(),
            self.signal.clone(),
            self.function.clone(),
            self.caller.clone(),
        ]
    }

    fn cells(&self) -> [Cell<'_>; 18] {
        let number = |n: Option<u32>| n.map_or(Cell::None, |n| Cell::Unsigned(n.into()));
        let waiting = &self.waiting;
        let descriptor = waiting.descriptors.first();
        [
            Cell::Unsigned(self.thread.number.into()),
            Cell::Unsigned(self.thread.tid.into()),
            Cell::text(self.state),
            Cell::text(self.sobj),
            Cell::text(waiting.object()),
            Cell::text(self.signal.as_str()),
            Cell::text(self.function.as_str()),
            Cell::text(self.caller.as_str()),
            Cell::Address(self.thread.pc),
            Cell::Address(self.thread.sp),
            Cell::text(self.thread.name.as_str()),
            Cell::text(waiting.call.as_str()),
            waiting.lock.map_or(Cell::None, Cell::Address),
            descriptor.map_or(Cell::None, |fd| Cell::Signed((*fd).into())),
            number(waiting.owner),
            number(waiting.target),
            Cell::text(self.sentence.as_str()),
            Cell::text(waiting.guess.join("; ")),
        ]
    }
}

/// A cell of the text table, cut off if it is too long.
fn cut(text: &str, most: usize) -> String {
    if most == 0 || text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(3)).chain("...".chars()).collect()
}

fn widths(rows: &[Row]) -> [usize; 8] {
    let mut widths = TABLE.map(|(heading, _)| heading.len());
    for row in rows {
        for ((width, text), (_, most)) in widths.iter_mut().zip(row.shown()).zip(TABLE) {
            *width = (*width).max(cut(&text, most).chars().count());
        }
    }
    widths
}

/// A line of the text table: numbers to the right, the rest to the left.
fn line(cells: [String; 8], widths: [usize; 8]) -> String {
    let mut line = String::new();
    for (index, ((text, width), (_, most))) in cells.iter().zip(widths).zip(TABLE).enumerate() {
        let text = cut(text, most);
        match index {
            0 => line.push_str(&format!("{text:>width$}")),
            1 => line.push_str(&format!(" {text:>width$}")),
            _ => line.push_str(&format!(" {text:<width$}")),
        }
    }
    line.truncate(line.trim_end().len());
    line.push('\n');
    line
}
