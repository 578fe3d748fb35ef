//! `::set $d $P $s $w ::version ::quit`.

use super::{add, alias};
use crate::command::Call;
use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;
use mdb_dmod_host::{ArgumentSpec, ColumnKind, ColumnSpec, DcmdSpec, OptionSpec, ValueKind};
use mdb_print::{Cell, StyledText};

pub(super) fn register(session: &Session) {
    let set_option = |long: &'static str, help: &'static str| OptionSpec {
        kind: ValueKind::Text,
        long: long.into(),
        value_name: "OPTION".into(),
        help: help.into(),
        repeatable: true,
        ..OptionSpec::default()
    };
    add(
        session,
        DcmdSpec::new("set", "show or change the properties of the debugger")
            .no_address()
            .option(OptionSpec {
                short: Some('o'),
                ..set_option("", "set options, separated by commas")
            })
            .option(set_option("+o", "unset options"))
            .option(OptionSpec::new(
                'P',
                ValueKind::Text,
                "PROMPT",
                "the prompt, at most 35 characters",
            ))
            .option(OptionSpec::new(
                's',
                ValueKind::Decimal,
                "DISTANCE",
                "how far a symbol reaches in bytes; 0 is its own size",
            ))
            .option(OptionSpec::new(
                'w',
                ValueKind::Decimal,
                "WIDTH",
                "columns of a line of output",
            ))
            .column(ColumnSpec::new("PROPERTY", ColumnKind::Text))
            .column(ColumnSpec::new("VALUE", ColumnKind::Text))
            .example("::set -o repeatlast", "an empty line repeats the last command"),
        set,
    );
    let radix = DcmdSpec::new("$d", "show or set the default radix, 2 to 16")
        .argument(ArgumentSpec::optional(
            "RADIX",
            ValueKind::Number,
            "as a number before the command",
        ))
        .column(ColumnSpec::new("RADIX", ColumnKind::Unsigned).item());
    add(session, radix, |session, call, output| {
        if let Some(radix) = call.address().or(call.argument(0).map(|a| a.number)) {
            session.set_radix(u32::try_from(radix).unwrap_or(0))?;
        }
        let radix = session.radix();
        let text = StyledText::plain(&format!("radix = {radix} base ten\n"));
        output.row_as(&[Cell::Unsigned(radix.into())], &text)
    });
    add(
        session,
        DcmdSpec::new("$P", "set the prompt; without an argument it is empty")
            .argument(ArgumentSpec::optional("PROMPT", ValueKind::Text, "at most 35 characters")),
        |session, call, _| {
            let prompt = call.argument(0).map_or("", |a| a.text.as_str());
            session.options_mut().set_prompt(prompt).map_err(Failure::Failed)
        },
    );
    add(
        session,
        DcmdSpec::new("$s", "show or set how far a symbol reaches; 0 is its own size")
            .argument(ArgumentSpec::optional("DISTANCE", ValueKind::Number, "in bytes"))
            .column(ColumnSpec::new("DISTANCE", ColumnKind::Unsigned).item()),
        |session, call, output| {
            if let Some(distance) = call.address().or(call.argument(0).map(|a| a.number)) {
                session.options_mut().symbol_distance = distance;
            }
            let distance = session.options().symbol_distance;
            let mode = if distance == 0 { "smart mode" } else { "absolute mode" };
            let text = format!("symbol matching distance = {distance} ({mode})\n");
            output.row_as(&[Cell::Unsigned(distance)], &StyledText::plain(&text))
        },
    );
    add(
        session,
        DcmdSpec::new("$w", "show or set the width of output")
            .argument(ArgumentSpec::optional("WIDTH", ValueKind::Decimal, "columns; 0 is no limit"))
            .column(ColumnSpec::new("WIDTH", ColumnKind::Unsigned).item()),
        |session, call, output| {
            if let Some(width) = call.address().or(call.argument(0).map(|a| a.number)) {
                let width = usize::try_from(width).ok().filter(|w| *w > 0);
                session.options_mut().width = width;
            }
            let width = session.options().width.or(output.sink().width());
            let shown = width.map_or("unlimited".to_owned(), |w| w.to_string());
            let cell = width.map_or(Cell::Null, |w| Cell::Unsigned(w as u64));
            let text = StyledText::plain(&format!("output page width = {shown}\n"));
            output.row_as(&[cell], &text)
        },
    );
    add(
        session,
        DcmdSpec::new("version", "show the version of the debugger")
            .column(ColumnSpec::new("VERSION", ColumnKind::Text))
            .example("::version", "name and number"),
        |_, _, output| {
            let version = env!("CARGO_PKG_VERSION");
            let text = StyledText::plain(&format!("mdb {version}\n"));
            output.row_as(&[version.into()], &text)
        },
    );
    let quit = DcmdSpec::new("quit", "end the session");
    for name in ["quit", "$q", "$Q", "$%"] {
        alias(session, name, &quit, |_, _: &Call<'_>, _| Err(Failure::Quit));
    }
}

fn set(session: &Session, call: &Call<'_>, output: &Output<'_>) -> Result<(), Failure> {
    let mut changed = false;
    for (name, on) in [("o", true), ("+o", false)] {
        for value in call.arguments.values(call.spec, name) {
            session.options_mut().set(&value.text, on).map_err(Failure::Failed)?;
            changed = true;
        }
    }
    if let Some(prompt) = call.text("P") {
        session.options_mut().set_prompt(prompt).map_err(Failure::Failed)?;
        changed = true;
    }
    if let Some(distance) = call.number("s") {
        session.options_mut().symbol_distance = distance;
        changed = true;
    }
    if let Some(width) = call.number("w") {
        session.options_mut().width = usize::try_from(width).ok().filter(|w| *w > 0);
        changed = true;
    }
    if changed {
        return Ok(());
    }
    let options = session.options().clone();
    let width = options.width.map_or("automatic".to_owned(), |w| w.to_string());
    let mut all = vec![
        ("prompt", format!("\"{}\"", options.prompt)),
        ("symbol matching distance", options.symbol_distance.to_string()),
        ("output width", width),
        ("default radix", session.radix().to_string()),
        ("disassembly mode", options.disassembly.clone()),
    ];
    let flags = options.flags();
    all.extend(flags.iter().map(|(n, on, _)| (*n, if *on { "on" } else { "off" }.to_owned())));
    for (name, value) in all {
        let text = StyledText::plain(&format!("{name:>26}: {value}\n"));
        output.row_as(&[name.into(), value.into()], &text)?;
    }
    Ok(())
}
