//! `::env`: the environment of the process.

use super::secrets::masked_value;
use super::start::{InitialStack, LONGEST, pointers};
use mdb_dmod::prelude::*;

/// `::env [-i] [-s] [NAME]`.
pub(crate) struct Env;

impl Dcmd for Env {
    const DECLARATION: Declaration =
        Declaration::new("env", "print the environment of the process")
            .help(
                "The variables are those that `getenv` of the C library would find at the end, so \
                 with what the program set itself; where there is no `environ`, and with `-i`, \
                 those that the process was started with. Values that look secret, and passwords \
                 in URLs, are masked.",
            )
            .no_address()
            .options(&[
                Opt::flag('i', "what the process was started with").long("initial"),
                Opt::flag('s', "secrets too").long("secrets"),
            ])
            .arguments(&[Argument::optional("NAME", value_kind::TEXT, "only this variable")])
            .columns(&[
                Column::new("ADDRESS", cell_kind::ADDRESS).width(16).item(),
                Column::new("NAME", cell_kind::TEXT).width(20),
                Column::new("VALUE", cell_kind::TEXT),
                Column::new("MASKED", cell_kind::BOOLEAN).detail(),
            ])
            .examples(&[
                Example::new("::env", "all variables, secrets masked"),
                Example::new("::env PATH", "one variable"),
            ]);

    fn run(s: &Session<'_>) -> Result<()> {
        let all = variables(s, s.flag('i'))?;
        let wanted = s.argument(0);
        let mut any = false;
        for pointer in all {
            let text = match s.memory().read_c_string(pointer, LONGEST) {
                Ok(text) => text,
                Err(error) if error.is_stop() => return Err(error),
                Err(error) => {
                    s.warn(&error.to_string())?;
                    continue;
                }
            };
            let (name, value) = text.split_once('=').unwrap_or((&text, ""));
            if wanted.is_some_and(|wanted| wanted != name) {
                continue;
            }
            any = true;
            let masked = masked_value(name, value).filter(|_| !s.flag('s'));
            s.row(&[
                Cell::Address(pointer),
                Cell::text(name),
                Cell::Text(masked.as_deref().unwrap_or(value).into()),
                Cell::Boolean(masked.is_some()),
            ])?;
        }
        match wanted {
            Some(wanted) if !any => {
                Err(Error::NotFound(format!("the environment has no variable '{wanted}'")))
            }
            _ => Ok(()),
        }
    }
}

/// Pointers to the variables.
fn variables(s: &Session<'_>, initial: bool) -> Result<Vec<u64>> {
    if !initial
        // `environ` and its other names are one object of the C library (POSIX; glibc, musl).
        && let Some(symbol) = first_symbol(s, &["__environ", "environ", "_environ"])?
        && let Ok(list) = s.read_u64(symbol)
        && list != 0
    {
        return pointers(s, list);
    }
    match InitialStack::find(s)? {
        Some(stack) => Ok(stack.environment),
        None => Err(Error::NotFound(
            "the environment was not saved: there is neither `environ` of the C library nor the \
             top of the first stack"
                .to_owned(),
        )),
    }
}

/// The address of the first of these symbols that there is. The executable's own copy comes first:
/// it is the one that the program uses (a copy relocation).
fn first_symbol(s: &Session<'_>, names: &[&str]) -> Result<Option<u64>> {
    for name in names {
        if let Some(symbol) = s.symbol_named(None, name)?.filter(|symbol| symbol.is_object) {
            return Ok(Some(symbol.address));
        }
    }
    Ok(None)
}
