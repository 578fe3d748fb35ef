//! `::help ::dcmds ::walkers ::which`.

use super::{add, alias};
use crate::command::{Call, Command};
use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;
use mdb_dmod_host::{
    AddressUse, ArgumentSpec, ColumnKind, ColumnSpec, DcmdSpec, ValueKind, WalkerSpec, usage,
};
use mdb_print::{Cell, Role, StyledText};
use std::rc::Rc;

pub(super) fn register(session: &Session) {
    add(
        session,
        DcmdSpec::new("help", "show what a command does and how it is called")
            .argument(ArgumentSpec::optional(
                "NAME",
                ValueKind::Text,
                "a dcmd, with or without ::, or a walker",
            ))
            .help("A walker of the same name is described too. In JSON each option, column and example is a row of its own.")
            .column(ColumnSpec::new("SECTION", ColumnKind::Text))
            .column(ColumnSpec::new("ITEM", ColumnKind::Text))
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

/// A part of a help page.
struct Section {
    title: &'static str,
    /// What the lines are about: an option, a column, an example.
    entries: Vec<(Option<String>, String)>,
}

impl Section {
    fn text(title: &'static str, text: String) -> Self {
        Self { title, entries: vec![(None, text)] }
    }

    /// As people see it.
    fn lines(&self) -> String {
        let mut lines = String::new();
        for (item, text) in &self.entries {
            match (self.title, item) {
                // The keys alone: their kinds are for programs.
                ("JSON", Some(key)) => lines.push_str(&format!("{key} ")),
                ("EXAMPLES", Some(command)) => lines.push_str(&format!("{command:<36} {text}\n")),
                ("NAME" | "WALKER", Some(name)) => lines.push_str(&format!("{name} - {text}\n")),
                ("ATTRIBUTES", Some(name)) => lines.push_str(&format!("{name}: {text}\n")),
                (_, Some(option)) => lines.push_str(&format!("{option:<16} {text}\n")),
                (_, None) => lines.push_str(&wrap(text)),
            }
        }
        if self.title == "JSON" { wrap(lines.trim_end()) } else { lines }
    }
}

fn help(session: &Session, call: &Call<'_>, output: &Output<'_>) -> Result<(), Failure> {
    let Some(name) = call.argument(0).map(|a| a.text.as_str()) else {
        let cells = ["overview".into(), Cell::Null, OVERVIEW.into()];
        return output.row_as(&cells, &StyledText::plain(OVERVIEW));
    };
    let name = name.strip_prefix("::").unwrap_or(name);
    let module = |module: Option<&str>| module.unwrap_or("mdb (built in)").to_owned();
    let mut pages = Vec::new();
    {
        let registry = session.registry();
        if let Some(command) = registry.command(None, name) {
            pages.push(sections(&command.spec, module(command.module.as_deref())));
        }
        if let Some(walker) = registry.walkers_named(name).first() {
            pages.push(walker_sections(&walker.spec, module(walker.module.as_deref())));
        }
        if pages.is_empty() {
            let near = registry.nearest_command(name);
            let hint = near.map_or(String::new(), |n| format!("; did you mean '{n}'?"));
            return Err(Failure::Failed(format!("unknown command: {name}{hint}")));
        }
    }
    for section in pages.iter().flatten() {
        // People see the section as a whole, programs each entry of it.
        let mut text = StyledText::new();
        text.push_role(Role::Header, section.title);
        text.push("\n");
        for line in section.lines().lines() {
            text.push(&format!("  {line}"));
            text.trim_end();
            text.push("\n");
        }
        text.push("\n");
        for (index, (item, body)) in section.entries.iter().enumerate() {
            let item = item.as_ref().map_or(Cell::Null, |item| Cell::Text(item.clone()));
            let cells = [section.title.into(), item, body.as_str().into()];
            let nothing = StyledText::new();
            output.row_as(&cells, if index == 0 { &text } else { &nothing })?;
        }
    }
    Ok(())
}

/// The parts of a command's help page, from the one description that it has.
fn sections(spec: &DcmdSpec, module: String) -> Vec<Section> {
    let name = (Some(spec.name.to_string()), spec.summary.to_string());
    let mut all = vec![
        Section { title: "NAME", entries: vec![name] },
        Section::text("SYNOPSIS", usage(spec)),
    ];
    if !spec.help.is_empty() {
        all.push(Section::text("DESCRIPTION", spec.help.to_string()));
    }
    let mut entries = Vec::new();
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
        entries.push((Some(names), option.help.to_string()));
    }
    let arguments = spec.arguments.iter();
    entries.extend(arguments.map(|a| (Some(a.name.to_string()), a.help.to_string())));
    all.push(Section { title: "OPTIONS AND ARGUMENTS", entries });
    let columns = spec.columns.iter().map(|c| (Some(c.key.to_string()), described(c).to_owned()));
    all.push(Section { title: "JSON", entries: columns.collect() });
    let examples = spec.examples.iter().map(|e| (Some(e.command.to_string()), e.help.to_string()));
    all.push(Section { title: "EXAMPLES", entries: examples.collect() });
    all.push(attributes(module, &spec.input_type, &spec.output_type));
    all.retain(|section| !section.entries.is_empty());
    all
}

/// The parts of a walker's help page.
fn walker_sections(spec: &WalkerSpec, module: String) -> Vec<Section> {
    let start = match spec.start {
        AddressUse::Required => "ADDRESS",
        AddressUse::Optional => "[ADDRESS]",
        AddressUse::None => "",
    };
    let name = (Some(spec.name.to_string()), spec.summary.to_string());
    let mut all = vec![
        Section { title: "WALKER", entries: vec![name] },
        Section::text("SYNOPSIS", format!("{start}::walk {} [VARIABLE]", spec.name)),
    ];
    if !spec.help.is_empty() {
        all.push(Section::text("DESCRIPTION", spec.help.to_string()));
    }
    all.push(attributes(module, &spec.input_type, &spec.output_type));
    all
}

fn attributes(module: String, input: &str, output: &str) -> Section {
    let all = [("Module", module.as_str()), ("Input", input), ("Output", output)];
    let given = all.into_iter().filter(|(_, text)| !text.is_empty());
    let entries = given.map(|(name, text)| (Some(name.to_owned()), text.to_owned())).collect();
    Section { title: "ATTRIBUTES", entries }
}

/// What is said of a column, or at least what its cells are in JSON.
fn described(column: &ColumnSpec) -> &str {
    if !column.help.is_empty() {
        return &column.help;
    }
    match column.kind {
        ColumnKind::Address => "an address, as \"0x...\"",
        ColumnKind::Hex => "a number, as \"0x...\"",
        ColumnKind::Unsigned | ColumnKind::Signed => "a number",
        ColumnKind::Size => "a number of bytes",
        ColumnKind::Symbol => "a symbol",
        ColumnKind::Boolean => "true or false",
        ColumnKind::Lines => "a list of texts",
        _ => "text",
    }
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
            session.report(&Failure::Failed(format!("{name} not found")));
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
