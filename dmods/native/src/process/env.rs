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
                 with what the program set itself; where `environ` was not saved, and with `-i`, \
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
    let why = if initial {
        None
    } else {
        match current(s)? {
            Current::List(list) => return pointers(s, list).map(Some),
            Current::Empty => return Ok(None),
            Current::Unknown(why) => Some(why),
        }
    };
    let Some(stack) = InitialStack::find(s)? else {
        return Err(Error::NotFound(
            "the environment was not saved: there is neither `environ` of the C library nor the \
             top of the first stack"
                .to_owned(),
        ));
    };
    if let Some(why) = why {
        s.warn(&format!("{why}: these are the variables that the process was started with"))?;
    }
    Ok(Some(stack.environment))
}

/// What `environ` says.
#[derive(Debug, PartialEq, Eq)]
enum Current {
    /// Where the list is.
    List(u64),
    /// There is no list.
    Empty,
    /// Nothing, for this reason.
    Unknown(String),
}

/// Asks `environ` under all its names, which are one object of the C library (POSIX; glibc, musl).
fn current(s: &Session<'_>) -> Result<Current> {
    let mut values = Vec::new();
    for name in ["__environ", "environ", "_environ"] {
        let symbol = s.symbol_named(None, name)?;
        if let Some(symbol) = symbol.filter(|symbol| symbol.is_object) {
            values.push(s.read_u64(symbol.address));
        }
    }
    judged(values)
}

/// What the values mean. Where the executable has a copy under one name only (a copy relocation),
/// the library's own, which nobody uses, stays 0: so `environ` is 0 only if it is under all names.
fn judged(values: Vec<Result<u64>>) -> Result<Current> {
    let mut found = Current::Unknown("there is no `environ`".to_owned());
    for value in values {
        match value {
            Ok(0) if matches!(found, Current::Unknown(_)) => found = Current::Empty,
            Ok(0) => {}
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

#[cfg(test)]
mod tests {
    use super::{Current, judged};
    use mdb_dmod::Error;

    #[test]
    fn no_list_is_not_an_unknown_one() {
        assert_eq!(judged(vec![Ok(0), Ok(0)]).unwrap(), Current::Empty);
        assert_eq!(judged(vec![Ok(0), Ok(16)]).unwrap(), Current::List(16));
        assert!(matches!(judged(Vec::new()).unwrap(), Current::Unknown(_)));
        let unreadable = || Err(Error::at(8, "no data"));
        assert!(matches!(judged(vec![unreadable()]).unwrap(), Current::Unknown(_)));
        assert_eq!(judged(vec![unreadable(), Ok(16)]).unwrap(), Current::List(16));
    }
}
