//! `::flamegraph`: all stacks as one picture.

use crate::folded::{Folded, clean};
use crate::group::{Gathering, gather};
use crate::stacks::positive;
use crate::state::Probe;
use crate::subjects::Subjects;
use inferno::flamegraph::{Options, from_lines};
use mdb_dmod::prelude::*;

/// `::flamegraph [-v] [-d DEPTH] [-t TITLE] FILE`.
pub(crate) struct FlameGraph;

impl Dcmd for FlameGraph {
    const DECLARATION: Declaration =
        Declaration::new("flamegraph", "draw the stacks of threads as a flame graph")
            .help(
                "Writes a picture (SVG) that a browser shows and searches: each box is a function, \
                 as wide as there are threads in it, above its caller. A file of that name is \
                 overwritten.\n\n\
                 Threads that come through a pipe are the only ones that are drawn: \
                 `::stacks -s MUTEX | ::flamegraph mutex.svg`. `::stacks -o folded` has the same \
                 stacks as text, for other programs.\n\n\
                 A frame that was guessed is marked `_[?]`, an inlined function `_[i]`; a stack \
                 that ends irregularly stands on `[incomplete]`.",
            )
            .takes_all_input()
            .input("thread")
            .options(&[
                Opt::flag('v', "with inlined functions"),
                Opt::new('d', value_kind::DECIMAL, "DEPTH", "only so many innermost frames"),
                Opt::new('t', value_kind::TEXT, "TITLE", "what stands above the picture"),
            ])
            .arguments(&[Argument::required("file", value_kind::FILE, "the file to write")])
            .columns(&[
                Column::new("FILE", cell_kind::TEXT),
                Column::new("THREADS", cell_kind::UNSIGNED),
                Column::new("STACKS", cell_kind::UNSIGNED),
                Column::new("BYTES", cell_kind::SIZE),
            ])
            .examples(&[
                Example::new("::flamegraph stacks.svg", "all threads"),
                Example::new("::stacks -c main | ::flamegraph main.svg", "those with main"),
            ]);

    fn run(s: &Session<'_>) -> Result<()> {
        let Some(file) = s.argument(0) else {
            return Err(Error::Usage("the file to write is missing".to_owned()));
        };
        let subjects = Subjects::of(s)?;
        let mut threads = subjects.chosen();
        threads.retain(|thread| subjects.only.is_none_or(|only| thread.number == only));
        let probe = Probe::new(s, &subjects.all);
        let how = Gathering {
            inlined: s.flag('v'),
            depth: positive(s, 'd')?.unwrap_or(0),
            ..Gathering::default()
        };
        let gathered = gather(&probe, threads, how)?;
        let folded = Folded::of(&gathered.table, gathered.groups.iter());
        if folded.stacks.is_empty() {
            return Err(Error::new("there are no threads to draw"));
        }
        let svg = draw(&folded, s.text('t'))?;
        std::fs::write(file, &svg)
            .map_err(|error| Error::new(format!("cannot write {}: {error}", clean(file))))?;
        let (threads, stacks) = (folded.threads(), folded.stacks.len() as u64);
        let text = format!(
            "{}: {threads} {}, {stacks} different {}\n",
            clean(file),
            if threads == 1 { "thread" } else { "threads" },
            if stacks == 1 { "stack" } else { "stacks" },
        );
        let cells = [
            Cell::text(file),
            Cell::Unsigned(threads),
            Cell::Unsigned(stacks),
            Cell::Size(svg.len() as u64),
        ];
        s.row_as(&cells, &text)
    }
}

/// The picture. inferno escapes all names for XML; what XML cannot have at all is gone by then.
fn draw(folded: &Folded, title: Option<&str>) -> Result<Vec<u8>> {
    let mut options = Options::default();
    options.title = title.map_or_else(|| "Stacks of threads".to_owned(), clean);
    "threads".clone_into(&mut options.count_name);
    // A function has the same colour in every picture.
    options.hash = true;
    let lines: Vec<String> =
        folded.stacks.iter().map(|(stack, count)| format!("{stack} {count}")).collect();
    let mut svg = Vec::new();
    from_lines(&mut options, lines.iter().map(String::as_str), &mut svg)
        .map_err(|error| Error::new(format!("the picture cannot be drawn: {error}")))?;
    Ok(svg)
}
