//! `::args`: the arguments of the process.

use super::secrets::masked_arguments;
use super::start::{InitialStack, LONGEST};
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
        let mut texts = Vec::new();
        for pointer in &stack.arguments {
            texts.push(match s.memory().read_c_string(*pointer, LONGEST) {
                Ok(text) => text,
                Err(error) if error.is_stop() => return Err(error),
                Err(error) => format!("({error})"),
            });
        }
        for (index, (text, masked)) in shown(&texts, secrets).iter().enumerate() {
            let pointer = stack.arguments.get(index).copied().unwrap_or(0);
            s.row(&[
                Cell::Unsigned(index as u64),
                Cell::Address(pointer),
                Cell::Text(text.as_str().into()),
                Cell::Boolean(*masked),
                Cell::Boolean(true),
            ])?;
        }
        Ok(())
    }
}

fn shown(texts: &[String], secrets: bool) -> Vec<(String, bool)> {
    if secrets {
        texts.iter().map(|text| (text.clone(), false)).collect()
    } else {
        masked_arguments(texts)
    }
}

/// The beginning of the command line, from `pr_psargs`: blanks stand where arguments ended.
fn from_note(s: &Session<'_>, secrets: bool) -> Result<()> {
    let line = s.process()?.arguments;
    if line.is_empty() {
        return Err(Error::NotFound(
            "the arguments are neither on the stack nor in the core's notes".to_owned(),
        ));
    }
    let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    let parts = shown(&words, secrets);
    let masked = parts.iter().any(|(_, masked)| *masked);
    let line = parts.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join(" ");
    let text = format!(
        "{}\n(the first 79 characters of the command line, from the core's notes: the stack with \
         the arguments was not saved)\n",
        one_line(&line)
    );
    s.row_as(
        &[Cell::None, Cell::None, Cell::text(line), Cell::Boolean(masked), Cell::Boolean(false)],
        &text,
    )
}
