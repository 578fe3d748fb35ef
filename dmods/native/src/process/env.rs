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
        let wanted = s.argument(0);
        let Some(all) = variables(s, s.flag('i'))? else {
            return s.write("the environment is empty (clearenv); -i shows the initial one\n");
        };
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

/// Pointers to the variables. `None`: the program has none any more.
fn variables(s: &Session<'_>, initial: bool) -> Result<Option<Vec<u64>>> {
    if !initial {
        match current(s)? {
            Current::List(list) => return pointers(s, list).map(Some),
            Current::Empty => return Ok(None),
            Current::Unknown(why) => s.warn(&format!(
                "{why}: these are the variables that the process was started with"
            ))?,
        }
    }
    match InitialStack::find(s)? {
        Some(stack) => Ok(Some(stack.environment)),
        None => Err(Error::NotFound(
            "the environment was not saved: there is neither `environ` of the C library nor the \
             top of the first stack"
                .to_owned(),
        )),
    }
}

/// What `environ` says.
enum Current {
    /// Where the list is.
    List(u64),
    /// There is no list.
    Empty,
    /// Nothing, for this reason.
    Unknown(String),
}

/// Asks `environ`. Its other names are the same object of the C library (POSIX; glibc, musl), but
/// where the executable has a copy under one name only (a copy relocation), the library's own, which
/// nobody uses, stays 0: so it is 0 only if it is under all names.
fn current(s: &Session<'_>) -> Result<Current> {
    let mut found = Current::Unknown("there is no `environ`".to_owned());
    for name in ["__environ", "environ", "_environ"] {
        let symbol = s.symbol_named(None, name)?;
        let Some(symbol) = symbol.filter(|symbol| symbol.is_object) else { continue };
        match s.read_u64(symbol.address) {
            Ok(0) => found = Current::Empty,
            Ok(list) => return Ok(Current::List(list)),
            Err(error) if error.is_stop() => return Err(error),
            Err(error) if matches!(found, Current::Unknown(_)) => {
                found = Current::Unknown(format!("`environ` cannot be read ({error})"));
            }
            Err(_) => {}
        }
    }
    Ok(found)
}
