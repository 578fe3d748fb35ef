//! `::strings`: printable text in memory.

use super::regions::{FROM, OBJECT, REGIONS, UNTIL, chosen};
use super::runs::{LONGEST, RunFinder, Runs};
use super::scan::scan;
use mdb_dmod::prelude::*;

/// `::strings [-n LENGTH] [-w]`.
pub(crate) struct Strings;

/// As `strings` has it.
const LEAST: u64 = 4;

impl Dcmd for Strings {
    const DECLARATION: Declaration = Declaration::new("strings", "print the text in memory")
        .help(
            "Runs of printable ASCII characters, in what the options choose of all memory. Of a \
             run longer than 1024 characters the beginning is shown, and `...`.",
        )
        .no_address()
        .options(&[
            FROM,
            UNTIL,
            Opt::new('n', value_kind::DECIMAL, "LENGTH", "at least so many characters; 4"),
            Opt::flag('w', "text in UTF-16 (least significant byte first)"),
            REGIONS,
            OBJECT,
        ])
        .columns(&[
            Column::new("ADDRESS", cell_kind::ADDRESS).width(12).item(),
            Column::new("TEXT", cell_kind::TEXT),
            Column::new("CUT", cell_kind::BOOLEAN).detail().help("the run is longer"),
        ])
        .examples(&[
            Example::new("::strings -n 12 -R stack", "text on the stacks"),
            Example::new("::strings -R heap | ::count", "how much text the heap has"),
        ]);

    fn run(s: &Session<'_>) -> Result<()> {
        let least = s.number('n').unwrap_or(LEAST);
        if !(1..=LONGEST as u64).contains(&least) {
            return Err(Error::Usage(format!("a length is from 1 to {LONGEST}")));
        }
        let runs = Runs { least: least as usize, wide: s.flag('w') };
        let runs = RunFinder { runs, memory: s.memory() };
        let looked_at = scan(s, &chosen(s)?, &runs, |run| {
            let more = if run.cut { "..." } else { "" };
            let line = format!("{:>12x} {}{more}\n", run.address, run.text.replace('\t', "\\t"));
            s.row_as(
                &[Cell::Address(run.address), Cell::text(run.text), Cell::Boolean(run.cut)],
                &line,
            )
        })?;
        if looked_at == 0 {
            s.warn("nothing was searched: the target has no memory there")?;
        }
        Ok(())
    }
}
