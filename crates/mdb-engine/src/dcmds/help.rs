//! `::help ::dcmds ::walkers ::which`.

use super::{add, alias};
use crate::command::{Call, Command};
use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;
use mdb_dmod_host::{ArgumentSpec, ColumnKind, ColumnSpec, DcmdSpec, ValueKind, usage};
use mdb_print::{Cell, Role, StyledText};
use std::rc::Rc;

pub(super) fn register(session: &Session) {
    add(
        session,
        DcmdSpec::new("help", "show what a command does and how it is called")
            .argument(ArgumentSpec::optional(
                "COMMAND",
                ValueKind::Text,
                "a dcmd, with or without ::",
            ))
            .column(ColumnSpec::new("SECTION", ColumnKind::Text))
            .column(ColumnSpec::new("TEXT", ColumnKind::Text))
            .example("::help dump", "all about ::dump"),
        help,
    );
    let pattern =
        || ArgumentSpec::optional("PATTERN", ValueKind::Text, "part of a name or description");
    add(
        session,
        DcmdSpec::new("dcmds", "list the commands")
            .flag('n', "search names only")
            .argument(pattern())
            .column(ColumnSpec::new("NAME", ColumnKind::Text))
            .column(ColumnSpec::new("DESCRIPTION", ColumnKind::Text))
            .example("::dcmds dump", "commands that have to do with dumps"),
        |session, call, output| {
            let commands: Vec<Rc<Command>> = session.registry().commands().cloned().collect();
            let all = commands.iter().filter(|c| !c.spec.hidden);
            list(call, output, all.map(|c| (c.spec.name.to_string(), c.spec.summary.to_string())))
        },
    );
    add(
        session,
        DcmdSpec::new("walkers", "list the walkers")
            .flag('n', "search names only")
            .argument(pattern())
            .column(ColumnSpec::new("NAME", ColumnKind::Text))
            .column(ColumnSpec::new("DESCRIPTION", ColumnKind::Text))
            .example("::walkers", "all of them"),
        |session, call, output| {
            let walkers: Vec<_> = session.registry().walkers().cloned().collect();
            list(call, output, walkers.iter().map(|w| (w.name.clone(), w.spec.summary.to_string())))
        },
    );
    let which = DcmdSpec::new("which", "show where a command or walker comes from")
        .flag('v', "all definitions")
        .argument(ArgumentSpec {
            optional: false,
            ..ArgumentSpec::rest("NAME", ValueKind::Text, "a dcmd or a walker")
        })
        .column(ColumnSpec::new("NAME", ColumnKind::Text))
        .column(ColumnSpec::new("KIND", ColumnKind::Text))
        .column(ColumnSpec::new("MODULE", ColumnKind::Text))
        .example("::which echo", "echo is a built-in dcmd");
    add(session, which.clone(), which_command);
    alias(session, "whence", &which, which_command);
}

fn list(
    call: &Call<'_>,
    output: &Output<'_>,
    all: impl Iterator<Item = (String, String)>,
) -> Result<(), Failure> {
    let pattern = call.argument(0).map(|a| a.text.to_lowercase());
    for (name, description) in all {
        let matches = pattern.as_ref().is_none_or(|p| {
            name.to_lowercase().contains(p.as_str())
                || (!call.flag("n") && description.to_lowercase().contains(p.as_str()))
        });
        if matches {
            let text = StyledText::plain(&format!("{name:<24} - {description}\n"));
            output.row_as(&[name.into(), description.into()], &text)?;
        }
    }
    Ok(())
}

const OVERVIEW: &str = "\
mdb reads commands of the form  [ADDRESS][,COUNT] VERB [ARGUMENTS] [| ...] [! shell command]
  ADDRESS/X  ADDRESS=D     print memory or a value; ::formats lists the letters
  ::status                 what the target is and how it died
  $c  ::walk thread | ::findstack -v
                           the stack of the representative thread; of all threads
  ::regs  ::mappings  ::objects  ADDRESS::dis  ADDRESS::dump
  ::walk NAME | ::dcmd     what a walker gives goes into a command, one item at a time
  ::dcmds  ::walkers       list all commands and walkers
  ::help NAME              all about one command
  ::quit                   end the session
";

fn help(session: &Session, call: &Call<'_>, output: &Output<'_>) -> Result<(), Failure> {
    let Some(name) = call.argument(0).map(|a| a.text.as_str()) else {
        return output.row_as(&["overview".into(), OVERVIEW.into()], &StyledText::plain(OVERVIEW));
    };
    let name = name.strip_prefix("::").unwrap_or(name);
    let command = session.registry().command(None, name);
    let Some(command) = command else {
        let near = session.registry().nearest_command(name);
        let hint = near.map_or(String::new(), |n| format!("; did you mean '{n}'?"));
        return Err(Failure::Failed(format!("unknown command: {name}{hint}")));
    };
    let module = command.module.as_deref().unwrap_or("mdb (built in)");
    for (section, body) in sections(&command.spec, module) {
        let mut text = StyledText::new();
        text.push_role(Role::Header, section);
        text.push("\n");
        for line in body.lines() {
            text.push(&format!("  {line}"));
            text.trim_end();
            text.push("\n");
        }
        text.push("\n");
        output.row_as(&[section.into(), body.into()], &text)?;
    }
    Ok(())
}

/// The parts of a help page, from the one description that a command has.
pub(super) fn sections(spec: &DcmdSpec, module: &str) -> Vec<(&'static str, String)> {
    let mut all =
        vec![("NAME", format!("{} - {}", spec.name, spec.summary)), ("SYNOPSIS", usage(spec))];
    if !spec.help.is_empty() {
        all.push(("DESCRIPTION", wrap(&spec.help)));
    }
    let mut options = String::new();
    for option in spec.options.iter().filter(|o| !o.hidden) {
        let mut names = option.short.map_or(String::new(), |s| format!("-{s}"));
        if !option.long.is_empty() {
            if !names.is_empty() {
                names.push_str(", ");
            }
            if !option.long.starts_with('+') {
                names.push_str("--");
            }
            names.push_str(&option.long);
        }
        if option.kind.takes_value() {
            names.push(' ');
            names.push_str(&option.value_name);
        }
        options.push_str(&format!("{names:<16} {}\n", option.help));
    }
    for argument in &spec.arguments {
        options.push_str(&format!("{:<16} {}\n", argument.name, argument.help));
    }
    if !options.is_empty() {
        all.push(("OPTIONS AND ARGUMENTS", options));
    }
    let columns: Vec<&str> = spec.columns.iter().map(|c| &*c.key).collect();
    if !columns.is_empty() {
        all.push(("JSON", columns.join(" ")));
    }
    let mut examples = String::new();
    for example in &spec.examples {
        examples.push_str(&format!("{:<36} {}\n", example.command, example.help));
    }
    if !examples.is_empty() {
        all.push(("EXAMPLES", examples));
    }
    let mut attributes = format!("Module: {module}");
    for (what, name) in [("Input", &spec.input_type), ("Output", &spec.output_type)] {
        if !name.is_empty() {
            attributes.push_str(&format!("\n{what}: {name}"));
        }
    }
    all.push(("ATTRIBUTES", attributes));
    all
}

/// Lines of at most 76 columns; paragraphs and lists stay.
fn wrap(text: &str) -> String {
    let mut wrapped = String::new();
    for line in text.lines() {
        let mut width = 0;
        for word in line.split(' ') {
            let length = word.chars().count();
            if width > 0 && width + 1 + length > 76 {
                wrapped.push('\n');
                width = 0;
            } else if width > 0 {
                wrapped.push(' ');
                width += 1;
            }
            wrapped.push_str(word);
            width += length;
        }
        wrapped.push('\n');
    }
    wrapped
}

fn which_command(session: &Session, call: &Call<'_>, output: &Output<'_>) -> Result<(), Failure> {
    for name in call.rest(0) {
        let name = name.text.strip_prefix("::").unwrap_or(&name.text);
        let mut definitions: Vec<(&str, Option<String>)> = Vec::new();
        {
            let registry = session.registry();
            let dcmds = registry.commands_named(name).iter().map(|c| ("dcmd", c.module.clone()));
            definitions.extend(dcmds);
            let walkers = registry.walkers_named(name).iter();
            definitions.extend(walkers.map(|w| ("walker", w.module.clone())));
        }
        if definitions.is_empty() {
            session.report(&Failure::Failed(format!("{name} not found")), None);
            continue;
        }
        if !call.flag("v") {
            // One of each kind: the one that the name means.
            definitions.dedup_by_key(|(kind, _)| *kind);
        }
        for (kind, module) in definitions {
            let text = match &module {
                None => format!("{name} is a built-in {kind}\n"),
                Some(module) => format!("{name} is a {kind} from module {module}\n"),
            };
            let cells = [name.into(), kind.into(), module.map_or(Cell::Null, Cell::Text)];
            output.row_as(&cells, &StyledText::plain(&text))?;
        }
    }
    Ok(())
}
