//! `::dmods ::load ::unload`.

use super::add;
use crate::command::Call;
use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;
use mdb_dmod_host::{ArgumentSpec, ColumnKind, ColumnSpec, DcmdSpec, Origin, ValueKind};
use mdb_print::{Cell, StyledText, escape_text};

pub(super) fn register(session: &Session) {
    add(
        session,
        DcmdSpec::new("dmods", "list the loaded dmods")
            .flag('l', "with their commands and walkers")
            .flag('v', "with their versions and files, and what else could be loaded")
            .argument(ArgumentSpec::optional("DMOD", ValueKind::Text, "only this one"))
            .column(ColumnSpec::new("NAME", ColumnKind::Text))
            .column(ColumnSpec::new("VERSION", ColumnKind::Text))
            .column(ColumnSpec::new("FILE", ColumnKind::Text))
            .column(ColumnSpec::new("STATE", ColumnKind::Text))
            .example("::dmods -l stacks", "what the dmod stacks has"),
        dmods,
    );
    add(
        session,
        DcmdSpec::new("load", "load a dmod by name, or from a file")
            .argument(ArgumentSpec::required("DMOD", ValueKind::File, "a name, or a path with a slash"))
            .help("A dmod is trusted code: it runs inside of the debugger. It is never taken from the current directory, from the core or from where the core is.")
            .example("::unload stacks; ::load stacks", "its commands anew"),
        |session, call, _| {
            let name = call.argument(0).map_or("", |a| a.text.as_str());
            session.load_dmod(name)
        },
    );
    add(
        session,
        DcmdSpec::new("unload", "take the commands and walkers of a dmod away")
            .argument(ArgumentSpec::required("DMOD", ValueKind::Text, "a name, see ::dmods"))
            .example("::unload stacks", "without ::findstack and ::stacks"),
        |session, call, _| {
            let name = call.argument(0).map_or("", |a| a.text.as_str());
            session.unload_dmod(name)
        },
    );
}

fn dmods(session: &Session, call: &Call<'_>, output: &Output<'_>) -> Result<(), Failure> {
    let loaded = session.dmods.borrow().loaded().to_vec();
    let wanted = call.argument(0).map(|a| a.text.as_str());
    let mut any = false;
    for module in loaded.iter().filter(|m| wanted.is_none_or(|w| w == m.name())) {
        any = true;
        let file = match module.origin() {
            Origin::BuiltIn => "built in".to_owned(),
            Origin::File(path) => path.display().to_string(),
        };
        let problem = session.dmods.borrow().unusable(module.name()).map(str::to_owned);
        let state = problem.map_or("loaded".to_owned(), |p| format!("not usable: {p}"));
        let mut text = format!("{}\n", module.name());
        if call.flag("v") {
            text = format!(
                "{:<16} {:<8} {}, {} ({})\n",
                module.name(),
                module.version(),
                state,
                file,
                module.built_with()
            );
        }
        if call.flag("l") {
            for spec in module.dcmds() {
                text.push_str(&format!("  dcmd {:<20} - {}\n", spec.name, spec.summary));
            }
            for spec in module.walkers() {
                text.push_str(&format!("  walk {:<20} - {}\n", spec.name, spec.summary));
            }
        }
        let cells = [module.name().into(), module.version().into(), file.into(), Cell::Text(state)];
        output.row_as(&cells, &StyledText::plain(&text))?;
    }
    if let Some(wanted) = wanted.filter(|_| !any) {
        return Err(Failure::Failed(format!("dmod '{}' is not loaded", escape_text(wanted))));
    }
    if call.flag("v") && wanted.is_none() {
        let found = session.find_dmods();
        let is_loaded = |name: &str| loaded.iter().any(|m| m.name() == name);
        for file in found.dmods.iter().filter(|f| !is_loaded(&f.note.name)) {
            output.row_as(
                &[
                    file.note.name.clone().into(),
                    Cell::Null,
                    file.path.display().to_string().into(),
                    "not loaded".into(),
                ],
                &StyledText::plain(&format!(
                    "{:<16} not loaded, {}\n",
                    file.note.name,
                    escape_text(&file.path.display().to_string())
                )),
            )?;
        }
    }
    Ok(())
}
