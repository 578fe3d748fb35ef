//! `v8-tables`: the tables of `dmods/v8/tables`, one of each version of V8, taken from Node programs.
//!
//! The v8 dmod reads them where a target's own program is stripped or lost. A table holds facts that
//! compiled programs tell of themselves: names and numbers.

mod diff;
mod program;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mdb_fixtures::{NODE_VERSIONS, node, workspace_dir};

use crate::run::TaskResult;
use table::Table;

/// Where the tables are, from the root of the workspace.
const DIRECTORY: &str = "dmods/v8/tables";

const USAGE: &str = "usage: cargo xtask v8-tables [--check] [NODE...] | --diff OLD NEW";

pub(crate) fn v8_tables(arguments: &[String]) -> TaskResult {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["--diff", old, new] => {
            print!("{}", diff::report(&load(Path::new(old))?, &load(Path::new(new))?)?);
            Ok(())
        }
        [option, ..] if option.starts_with('-') && *option != "--check" => Err(USAGE.into()),
        ["--check", programs @ ..] => check(&programs_or_pinned(programs)?),
        programs => write(&programs_or_pinned(programs)?),
    }
}

/// The programs named, or those that the fixtures pin.
fn programs_or_pinned(named: &[&str]) -> TaskResult<Vec<PathBuf>> {
    if !named.is_empty() {
        return Ok(named.iter().map(PathBuf::from).collect());
    }
    let mut programs = Vec::new();
    for version in NODE_VERSIONS {
        programs.push(node(version)?.executable);
    }
    Ok(programs)
}

/// A table of a program, or from a file of ours.
fn load(path: &Path) -> TaskResult<Table> {
    let data = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let table = if data.starts_with(b"\x7fELF") {
        Table::of_program(&data)
    } else {
        str::from_utf8(&data).map_err(Into::into).and_then(Table::parse)
    };
    table.map_err(|error| format!("{}: {error}", path.display()).into())
}

/// The text of each file, by its name. Programs of the same V8 share a file if they tell the same.
fn texts(programs: &[PathBuf]) -> TaskResult<BTreeMap<String, String>> {
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for path in programs {
        let mut table = load(path)?;
        let missing = table.missing();
        if !missing.is_empty() {
            let missing = missing.join(", ");
            return Err(format!(
                "{} has no {missing}: it is stripped, or V8 keeps them elsewhere now",
                path.display()
            )
            .into());
        }
        let name = format!("v8-{}.txt", table.series()?);
        let Some(known) = tables.get_mut(&name) else {
            tables.insert(name, table);
            continue;
        };
        let ids = std::mem::replace(&mut table.build_ids, known.build_ids.clone());
        table.v8.clone_from(&known.v8);
        table.node.clone_from(&known.node);
        if table != *known {
            return Err(format!(
                "{} differs from another program of {name}: see --diff",
                path.display()
            )
            .into());
        }
        known.build_ids.extend(ids);
    }
    tables.into_iter().map(|(name, table)| Ok((name, table.text()?))).collect()
}

fn write(programs: &[PathBuf]) -> TaskResult {
    let directory = workspace_dir().join(DIRECTORY);
    fs::create_dir_all(&directory)?;
    for (name, text) in texts(programs)? {
        fs::write(directory.join(&name), &text)?;
        println!("{DIRECTORY}/{name}: {} KiB", text.len().div_ceil(1024));
    }
    Ok(())
}

fn check(programs: &[PathBuf]) -> TaskResult {
    for (name, text) in texts(programs)? {
        let path = workspace_dir().join(DIRECTORY).join(&name);
        if fs::read_to_string(path).unwrap_or_default() != text {
            return Err(format!(
                "{DIRECTORY}/{name} is not what the program says: run `cargo xtask v8-tables`"
            )
            .into());
        }
    }
    Ok(())
}
