//! `docs`: the pages of `docs/reference`, written from what the built program says of itself.
//!
//! Nothing of the debugger is linked in here: the program is asked, by `::help` with `--json`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use mdb_fixtures::{committed, workspace_dir};
use serde_json::Value;

use crate::metadata::Metadata;
use crate::run::{TaskResult, cargo, must, shown};

/// The page, from the root of the workspace.
const PAGE: &str = "docs/reference/dcmds.md";

pub(crate) fn docs(arguments: &[String]) -> TaskResult {
    let check = match arguments {
        [] => false,
        [option] if option == "--check" => true,
        _ => return Err("usage: cargo xtask docs [--check]".into()),
    };
    must(cargo().args(["build", "--package", "mdb", "--package", "mdb-native"]).args([
        "--package",
        "mdb-stacks",
        "--package",
        "mdb-v8",
    ]))?;
    let program = Metadata::read()?.target_directory().join("debug/mdb");
    let page = page(&program)?;
    let path = workspace_dir().join(PAGE);
    if check {
        let committed = fs::read_to_string(&path).unwrap_or_default();
        return match first_difference(&committed, &page) {
            None => Ok(()),
            Some(line) => Err(format!(
                "{PAGE} is not what the program says of itself, from line {line} on: run `cargo \
                 xtask docs`"
            )
            .into()),
        };
    }
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    fs::write(&path, page)?;
    println!("{PAGE}");
    Ok(())
}

/// The number of the first line that differs.
fn first_difference(one: &str, other: &str) -> Option<usize> {
    if one == other {
        return None;
    }
    let same = one.lines().zip(other.lines()).take_while(|(one, other)| one == other).count();
    Some(same + 1)
}

/// Dmods that we ship and that the committed core gives no reason to load.
const NOT_BY_THEMSELVES: &[&str] = &["v8"];

/// A row that the program printed.
struct Row {
    section: String,
    item: Option<String>,
    text: String,
}

/// What is said of one dcmd or walker.
#[derive(Default)]
struct Topic {
    name: String,
    summary: String,
    module: String,
    sections: Vec<(String, Vec<Row>)>,
}

/// Runs commands on the committed core, with the dmods that we ship and no others.
fn ask(program: &Path, commands: &[String]) -> TaskResult<Vec<Value>> {
    let target = committed()?;
    let mut command = Command::new(program);
    command.args(["--json", "-S"]).args([target.executable, target.core]);
    for name in NOT_BY_THEMSELVES {
        command.arg("-e").arg(format!("::load {name}"));
    }
    for text in commands {
        command.arg("-e").arg(text);
    }
    for name in ["HOME", "XDG_CONFIG_HOME", "MDB_DMOD_PATH"] {
        command.env_remove(name);
    }
    let output = command.output()?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("`{}`: {}: {errors}", shown(&command), output.status).into());
    }
    let text = String::from_utf8(output.stdout)?;
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// The string under a key, if there is one.
fn string(row: &Value, key: &str) -> Option<String> {
    row.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// The names in a list such as that of `::dcmds`.
fn names(program: &Path, command: &str) -> TaskResult<Vec<String>> {
    let rows = ask(program, &[command.to_owned()])?;
    Ok(rows.iter().filter_map(|row| string(row, "name")).collect())
}

/// All dcmds, then all walkers.
fn topics(program: &Path) -> TaskResult<(Vec<Topic>, Vec<Topic>)> {
    let mut commands = names(program, "::dcmds")?;
    let walkers = names(program, "::walkers")?;
    commands
        .extend(walkers.into_iter().filter(|name| !commands.contains(name)).collect::<Vec<_>>());
    let questions: Vec<String> = commands.iter().map(|name| format!("::help '{name}'")).collect();
    let (mut dcmds, mut walkers) = (Vec::new(), Vec::new());
    for row in ask(program, &questions)? {
        let section = string(&row, "section").ok_or("a row of ::help has no section")?;
        let item = string(&row, "item");
        let text = string(&row, "text").unwrap_or_default();
        let begins = Topic { name: item.clone().unwrap_or_default(), ..Topic::default() };
        match section.as_str() {
            "NAME" => dcmds.push((false, Topic { summary: text, ..begins })),
            "WALKER" => dcmds.push((true, Topic { summary: text, ..begins })),
            _ => {
                let (_, topic) = dcmds.last_mut().ok_or("::help begins with no name")?;
                if section == "ATTRIBUTES" && item.as_deref() == Some("Module") {
                    topic.module.clone_from(&text);
                }
                match topic.sections.last_mut() {
                    Some((last, rows)) if *last == section => {
                        rows.push(Row { section, item, text });
                    }
                    _ => topic.sections.push((section.clone(), vec![Row { section, item, text }])),
                }
            }
        }
    }
    let mut plain = Vec::new();
    for (is_walker, topic) in dcmds {
        if is_walker { walkers.push(topic) } else { plain.push(topic) }
    }
    Ok((plain, walkers))
}

/// Whether two topics are names of one command: they say the same, except how it is typed and
/// for examples, which only the main name has.
fn is_same(one: &Topic, other: &Topic) -> bool {
    let said = |topic: &Topic| -> Vec<String> {
        let sections = topic.sections.iter();
        sections
            .filter(|(title, _)| title != "SYNOPSIS" && title != "EXAMPLES")
            .flat_map(|(_, rows)| rows)
            .map(|row| format!("{} {:?} {}", row.section, row.item, row.text))
            .collect()
    };
    one.summary == other.summary && said(one) == said(other)
}

fn page(program: &Path) -> TaskResult<String> {
    let (dcmds, walkers) = topics(program)?;
    let mut page = String::from(
        "<!-- Written by `cargo xtask docs` from the program itself. Do not edit. -->\n\n\
         # Commands and walkers\n\n\
         `::help NAME` shows the same. The keys under JSON are those of `--json`. What stands behind \
         \"Input\" and \"Output\" is the type of the items that a command takes from a pipe and gives \
         to one; without it they are plain values.\n",
    );
    let mut modules: BTreeMap<&str, Vec<&Topic>> = BTreeMap::new();
    for topic in &dcmds {
        modules.entry(&topic.module).or_default().push(topic);
    }
    for (module, topics) in &modules {
        write!(page, "\n## dcmds of {module}\n\n| | |\n| --- | --- |\n")?;
        for topic in topics {
            let name = verb(&topic.name);
            writeln!(page, "| `{name}` | {} |", in_cell(&topic.summary))?;
        }
        let mut written: Vec<&Topic> = Vec::new();
        for topic in topics {
            if written.iter().any(|other| is_same(other, topic)) {
                continue;
            }
            // All names of one command stand over its only description, that with the examples.
            let same: Vec<&&Topic> = topics.iter().filter(|other| is_same(other, topic)).collect();
            let names: Vec<String> =
                same.iter().map(|topic| format!("`{}`", verb(&topic.name))).collect();
            write!(page, "\n### {}\n", names.join(", "))?;
            let fullest = same.iter().max_by_key(|topic| topic.sections.len());
            write_topic(&mut page, fullest.map_or(topic, |fullest| fullest))?;
            written.push(topic);
        }
    }
    write!(page, "\n## Walkers\n")?;
    for topic in &walkers {
        write!(page, "\n### `::walk {}`\n", topic.name)?;
        write_topic(&mut page, topic)?;
    }
    Ok(page)
}

/// As it is typed.
fn verb(name: &str) -> String {
    if name.starts_with(['$', ':']) { name.to_owned() } else { format!("::{name}") }
}

/// In a table a bar would end the cell.
fn in_cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn write_topic(page: &mut String, topic: &Topic) -> TaskResult {
    let mut summary = topic.summary.chars();
    let first: String = summary.next().into_iter().flat_map(char::to_uppercase).collect();
    write!(page, "\n{first}{}.\n", summary.as_str())?;
    for (title, rows) in &topic.sections {
        page.push('\n');
        match title.as_str() {
            "SYNOPSIS" => {
                page.push_str("```text\n");
                for row in rows {
                    writeln!(page, "{}", row.text.trim_end())?;
                }
                page.push_str("```\n");
            }
            "DESCRIPTION" => {
                for row in rows {
                    writeln!(page, "{}", row.text.trim_end())?;
                }
            }
            "ATTRIBUTES" => {
                let attributes: Vec<String> = rows
                    .iter()
                    .map(|row| {
                        format!("{}: {}", row.item.as_deref().unwrap_or(&row.section), row.text)
                    })
                    .collect();
                writeln!(page, "{}.", attributes.join("; "))?;
            }
            "JSON" => {
                let keys: Vec<String> = rows
                    .iter()
                    .map(|row| {
                        let key = row.item.as_deref().unwrap_or_default();
                        format!("`{key}` ({})", row.text)
                    })
                    .collect();
                writeln!(page, "JSON: {}.", keys.join(", "))?;
            }
            _ => {
                let title = if title == "EXAMPLES" { "Example" } else { "Option or argument" };
                write!(page, "| {title} | |\n| --- | --- |\n")?;
                for row in rows {
                    let item = row.item.as_deref().unwrap_or_default();
                    writeln!(page, "| `{}` | {} |", in_cell(item), in_cell(&row.text))?;
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drift_is_told_by_line() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
        assert_eq!(first_difference("", "a\n"), Some(1));
    }

    #[test]
    fn bars_do_not_end_cells() {
        assert_eq!(in_cell("::a | ::b"), "::a \\| ::b");
        assert_eq!((verb("$c"), verb("dis")), ("$c".to_owned(), "::dis".to_owned()));
    }
}
