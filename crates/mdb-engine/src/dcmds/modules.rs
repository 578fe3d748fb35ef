//! `::dmods ::load ::reload ::unload ::providers`.

use super::add;
use crate::command::Call;
use crate::failure::Failure;
use crate::output::Output;
use crate::providers::{KIND_NAMES, kind_name};
use crate::session::Session;
use mdb_dmod_host::{
    ArgumentSpec, ColumnKind, ColumnSpec, DcmdSpec, OptionSpec, Origin, ValueKind,
};
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
        DcmdSpec::new("reload", "load a dmod anew from its file, for authors")
            .argument(ArgumentSpec::required("DMOD", ValueKind::Text, "a name, see ::dmods"))
            .help("Takes the file as it is now: build the dmod again, reload it, and go on with the same target. What the dmod kept for the target is forgotten. The old code stays in memory.")
            .example("::reload stacks", "after it was built again"),
        |session, call, _| {
            let name = call.argument(0).map_or("", |a| a.text.as_str());
            session.reload_dmod(name)
        },
    );
    add(
        session,
        DcmdSpec::new("providers", "list what dmods provide for each other, or switch it on or off")
            .help("Providers of a kind are asked in the order of this list: who the caller of a frame is (frame), what is at an address that no symbol names (symbol), what an address is (whatis), which blocks are allocated (blocks), where references come from (roots), what types there are (types), how a value is printed (printer). Each can be switched off by its name, or by the dmod's with a backquote and its name.")
            .no_address()
            .option(OptionSpec::new('d', ValueKind::Text, "NAME", "switch this one off"))
            .option(OptionSpec::new('e', ValueKind::Text, "NAME", "switch this one on"))
            .argument(ArgumentSpec::optional("KIND", ValueKind::Text, "only those of this kind"))
            .column(ColumnSpec::new("KIND", ColumnKind::Text).width(8))
            .column(ColumnSpec::new("NAME", ColumnKind::Text).width(16))
            .column(ColumnSpec::new("DMOD", ColumnKind::Text).width(12))
            .column(ColumnSpec::new("PRIORITY", ColumnKind::Signed).width(10))
            .column(ColumnSpec::new("STATE", ColumnKind::Text).width(5))
            .column(ColumnSpec::new("ABOUT", ColumnKind::Text))
            .example("::providers roots", "who knows where references come from"),
        providers,
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

fn providers(session: &Session, call: &Call<'_>, output: &Output<'_>) -> Result<(), Failure> {
    let mut switched = false;
    for (letter, enabled) in [("d", false), ("e", true)] {
        let Some(name) = call.text(letter) else { continue };
        switched = true;
        if session.providers().set_enabled(name, enabled) == 0 {
            let name = escape_text(name);
            return Err(Failure::Failed(format!(
                "no dmod provides '{name}' (::providers lists what can be switched)"
            )));
        }
        session.provider_changed();
    }
    if switched {
        return Ok(());
    }
    let wanted = call.argument(0).map(|a| a.text.as_str());
    let mut any = false;
    for state in session.providers().states(0) {
        let kind = kind_name(state.kind);
        if wanted.is_some_and(|wanted| wanted != kind) {
            continue;
        }
        any = true;
        let own = state.dmod.is_empty();
        output.row(&[
            kind.into(),
            state.name.into(),
            if own { Cell::Text("mdb".to_owned()) } else { state.dmod.into() },
            if own { Cell::Null } else { Cell::Signed(state.priority.into()) },
            if state.enabled { "on" } else { "off" }.into(),
            state.about.into(),
        ])?;
    }
    match wanted.filter(|wanted| !any && !KIND_NAMES.contains(wanted)) {
        Some(wanted) => Err(Failure::Failed(format!(
            "'{}' is no kind of provider; kinds are {}",
            escape_text(wanted),
            KIND_NAMES.join(", ")
        ))),
        None => Ok(()),
    }
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
        for file in &found.shadowed {
            let path = file.path.display().to_string();
            let text = format!(
                "{:<16} shadowed by one found earlier, {}\n",
                file.note.name,
                escape_text(&path)
            );
            output.row_as(
                &[file.note.name.clone().into(), Cell::Null, path.into(), "shadowed".into()],
                &StyledText::plain(&text),
            )?;
        }
    }
    Ok(())
}
