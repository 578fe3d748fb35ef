//! `::typeset ::unset ::vars $v`.

use super::{add, alias};
use crate::command::Call;
use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;
use mdb_dmod_host::{ArgumentSpec, ColumnKind, ColumnSpec, DcmdSpec, OptionSpec, ValueKind};
use mdb_print::{Cell, Role, StyledText, format_radix};

pub(super) fn register(session: &Session) {
    let names = || ArgumentSpec {
        optional: false,
        ..ArgumentSpec::rest("NAME", ValueKind::Text, "a variable")
    };
    add(
        session,
        DcmdSpec::new("typeset", "define variables")
            .help("Each variable gets the address before the command as its value, or 0.")
            .flag('t', "tag the variables, for ::vars -t")
            .option(OptionSpec {
                kind: ValueKind::Flag,
                long: "+t".into(),
                help: "take the tag away".into(),
                ..OptionSpec::default()
            })
            .argument(names())
            .example("5::typeset q", "<q is 5"),
        |session, call, _| {
            for name in call.rest(0) {
                mdb_lang::check_variable_name(&name.text).map_err(Failure::Failed)?;
                session.assign(&name.text, call.address().unwrap_or(0))?;
                if call.flag("t") || call.flag("+t") {
                    session.variables_mut().tag(&name.text, call.flag("t"));
                }
            }
            Ok(())
        },
    );
    add(
        session,
        DcmdSpec::new("unset", "remove variables")
            .argument(names())
            .example("5::typeset q; ::unset q", "q is not defined again"),
        |session, call, _| {
            for name in call.rest(0) {
                let result = session.variables_mut().remove(&name.text);
                result.map_err(|e| Failure::Failed(e.to_string()))?;
            }
            Ok(())
        },
    );
    let vars = DcmdSpec::new("vars", "list variables and registers")
        .flag('n', "only those that are not zero")
        .flag('p', "as commands that set them")
        .flag('t', "only tagged ones")
        .column(ColumnSpec::new("NAME", ColumnKind::Text))
        .column(ColumnSpec::new("VALUE", ColumnKind::Hex).item())
        .example("::vars -n", "those that are not zero");
    add(session, vars.clone(), |session, call, output| {
        list(session, call.flag("n"), call.flag("t"), call.flag("p"), output)
    });
    let spec = DcmdSpec { summary: "list variables that are not zero".into(), ..vars };
    alias(session, "$v", &spec, |session, _: &Call<'_>, output| {
        list(session, true, false, false, output)
    });
}

fn list(
    session: &Session,
    non_zero: bool,
    tagged: bool,
    as_commands: bool,
    output: &Output<'_>,
) -> Result<(), Failure> {
    let mut all: Vec<(String, u64)> = {
        let variables = session.variables();
        let chosen = variables.iter().filter(|(_, _, tag)| *tag || !tagged);
        chosen.map(|(n, v, _)| (n.to_owned(), session.variable(n).unwrap_or(v))).collect()
    };
    if !tagged {
        if let Some(thread) = session.thread() {
            all.push(("thread".to_owned(), u64::from(thread.number)));
            let names = session.target().arch().register_names();
            all.extend(
                names
                    .iter()
                    .filter(|r| r.is_whole())
                    .filter_map(|r| Some((r.name.to_owned(), thread.registers.by_name(r)?))),
            );
        }
        all.push((".".to_owned(), session.dot()));
    }
    all.sort();
    all.dedup_by(|a, b| a.0 == b.0);
    for (name, value) in all.into_iter().filter(|(_, v)| !non_zero || *v != 0) {
        let digits = format_radix(value, session.radix());
        let mut text = StyledText::new();
        if as_commands {
            text.push(&format!("{value:#x}>{name}\n"));
        } else {
            text.push(&format!("{name} = "));
            text.push_role(Role::Number, &digits);
            text.push("\n");
        }
        output.row_as(&[name.into(), Cell::Hex(value)], &text)?;
    }
    Ok(())
}
