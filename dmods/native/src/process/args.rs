//! `::args`: the arguments of the process.

use super::secrets::masked_argument;
use super::start::{InitialStack, LONGEST, MOST_BYTES};
use super::text::one_line;
use mdb_dmod::prelude::*;

/// `::args [-s]`.
pub(crate) struct Args;

impl Dcmd for Args {
    const DECLARATION: Declaration = Declaration::new("args", "print the arguments of the process")
        .help(
            "They are what the process has in its `argv` now. Where the stack was not saved, the \
             beginning of the command line is shown that the kernel notes (79 characters), and that \
             is said. Values that look secret are masked.",
        )
        .no_address()
        .options(&[Opt::flag('s', "secrets too").long("secrets")])
        .columns(&[
            Column::new("INDEX", cell_kind::UNSIGNED),
            Column::new("ADDRESS", cell_kind::ADDRESS).width(16).item(),
            Column::new("ARGUMENT", cell_kind::TEXT),
            Column::new("MASKED", cell_kind::BOOLEAN).detail(),
            Column::new("COMPLETE", cell_kind::BOOLEAN)
                .detail()
                .help("not only what the kernel notes of the command line"),
        ])
        .examples(&[Example::new("::args", "each argument, and where its text is")]);

    fn run(s: &Session<'_>) -> Result<()> {
        let secrets = s.flag('s');
        let Some(stack) = InitialStack::find(s)? else { return from_note(s, secrets) };
        let mut follows = false;
        let mut left = MOST_BYTES;
        for (index, pointer) in stack.arguments.iter().enumerate() {
            let text = match s.memory().read_c_string(*pointer, LONGEST) {
                Ok(text) => text,
                Err(error) if error.is_stop() => return Err(error),
                Err(error) => format!("({error})"),
            };
            // The pointer and the end count too.
            let Some(rest) = left.checked_sub(text.len() + 9) else {
                let more = stack.arguments.len() - index;
                return s.warn(&format!(
                    "{more} more arguments are not shown: the kernel takes 6 MiB in all, so these \
                     are not what the process was started with"
                ));
            };
            left = rest;
            let masked = masked(&mut follows, &text, secrets);
            s.row(&[
                Cell::Unsigned(index as u64),
                Cell::Address(*pointer),
                Cell::Text(masked.as_deref().unwrap_or(&text).into()),
                Cell::Boolean(masked.is_some()),
                Cell::Boolean(true),
            ])?;
        }
        Ok(())
    }
}

/// What is shown instead of an argument.
fn masked(follows: &mut bool, text: &str, secrets: bool) -> Option<String> {
    if secrets { None } else { masked_argument(follows, text) }
}

/// The beginning of the command line, from `pr_psargs`: blanks stand where arguments ended.
fn from_note(s: &Session<'_>, secrets: bool) -> Result<()> {
    let line = s.process()?.arguments;
    if line.is_empty() {
        return Err(Error::NotFound(
            "the arguments are neither on the stack nor in the core's notes".to_owned(),
        ));
    }
    let mut follows = false;
    let mut any = false;
    let parts = line.split(' ').map(|word| match masked(&mut follows, word, secrets) {
        Some(masked) => {
            any = true;
            masked
        }
        None => word.to_owned(),
    });
    let line = parts.collect::<Vec<_>>().join(" ");
    let text = format!(
        "{}\n(the first 79 characters of the command line, from the core's notes: the stack with \
         the arguments was not saved)\n",
        one_line(&line)
    );
    s.row_as(
        &[Cell::None, Cell::None, Cell::text(line), Cell::Boolean(any), Cell::Boolean(false)],
        &text,
    )
}
