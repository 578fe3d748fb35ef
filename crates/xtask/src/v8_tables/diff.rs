//! What is new in a table, what has gone and what is another: where work on a new V8 begins.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::table::Table;
use crate::run::TaskResult;

/// A named value of one table.
type Values = BTreeMap<String, String>;

/// A part of a table: its title, and what to compare of it.
type Part = (&'static str, fn(&Table) -> Values);

/// The report: the second table seen from the first.
pub(super) fn report(old: &Table, new: &Table) -> TaskResult<String> {
    let mut report = String::new();
    let id = |table: &Table| format!("V8 {}, Node {}", table.v8, table.node);
    writeln!(report, "- {}\n+ {}", id(old), id(new))?;
    for (table, sign) in [(old, '-'), (new, '+')] {
        for part in table.missing() {
            writeln!(report, "{sign} has no {part}: is the program stripped?")?;
        }
    }
    let parts: &[Part] = &[
        ("symbols", symbols),
        ("roots", |table| names(&table.roots)),
        ("bytecodes", bytecodes),
        ("builtins by kind", kinds),
    ];
    for (title, values) in parts {
        let (before, after) = (values(old), values(new));
        // What one of them lacks is said already.
        if before.is_empty() || after.is_empty() {
            continue;
        }
        // A stripped program has lengths of bytecodes, but not their names.
        if *title == "bytecodes" && (before.contains_key("?") || after.contains_key("?")) {
            section(&mut report, "bytecodes by number", &numbered(old), &numbered(new))?;
            continue;
        }
        section(&mut report, title, &before, &after)?;
        match *title {
            "roots" => order(&mut report, &old.roots, &new.roots)?,
            "bytecodes" => order(&mut report, &bytecode_names(old), &bytecode_names(new))?,
            "builtins by kind" => {
                let all = |table: &Table| names(table.builtins.iter().map(|builtin| &builtin.name));
                let (old, new) = (all(old), all(new));
                let gone = old.keys().filter(|name| !new.contains_key(*name)).count();
                let come = new.keys().filter(|name| !old.contains_key(*name)).count();
                let (before, after) = (old.len(), new.len());
                writeln!(report, "  {before} -> {after} in all; {gone} gone, {come} new")?;
            }
            _ => {}
        }
    }
    Ok(report)
}

/// A sign, what is counted, and of which names.
type Counted = (char, &'static str, fn(&str) -> bool);

/// Names that come by the hundred and that the dmod reads by name: they are counted, not listed. An
/// instance type matters when it appears or vanishes; its number moves with every version.
const COUNTED: &[Counted] = &[
    ('!', "instance types have another number", |name| name.starts_with("v8dbg_type_")),
    ('-', "names of strings", |name| name.ends_with("_string")),
    ('+', "names of strings", |name| name.ends_with("_string")),
];

/// Lines of what vanished, appeared and changed, under a line of counts.
fn section(report: &mut String, title: &str, old: &Values, new: &Values) -> TaskResult {
    let mut changes: Vec<(char, &str, String)> = Vec::new();
    for (sign, from, other) in [('-', old, new), ('+', new, old)] {
        let alone = from.iter().filter(|(name, _)| !other.contains_key(*name));
        changes.extend(alone.map(|(name, value)| (sign, name.as_str(), value.clone())));
    }
    for (name, before) in old {
        if let Some(after) = new.get(name).filter(|after| *after != before) {
            changes.push(('!', name, format!("{before} -> {after}")));
        }
    }
    let count = |sign| changes.iter().filter(|(known, ..)| *known == sign).count();
    let [gone, come, changed] = ['-', '+', '!'].map(count);
    let (before, after) = (old.len(), new.len());
    writeln!(report, "\n{title}: {before} -> {after}; {gone} gone, {come} new, {changed} changed")?;
    let of = |(sign, name, _): &(char, &str, String)| {
        COUNTED.iter().position(|(for_sign, _, is)| for_sign == sign && is(name))
    };
    for (index, (sign, what, _)) in COUNTED.iter().enumerate() {
        match changes.iter().filter(|change| of(change) == Some(index)).count() {
            0 => {}
            count => writeln!(report, "{sign} {count} {what}")?,
        }
    }
    for (sign, name, value) in changes.iter().filter(|change| of(change).is_none()) {
        writeln!(report, "{}", format!("{sign} {name} {value}").trim_end())?;
    }
    Ok(())
}

/// Says whether names that both have stand in another order.
fn order(report: &mut String, old: &[String], new: &[String]) -> TaskResult {
    let both = |names: &[String], others: &[String]| -> Vec<String> {
        let others: BTreeSet<&String> = others.iter().collect();
        names.iter().filter(|name| others.contains(name)).cloned().collect()
    };
    let (old, new) = (both(old, new), both(new, old));
    match old.iter().zip(&new).find(|(before, after)| before != after) {
        Some((before, after)) => {
            writeln!(report, "  the order differs, first where {before} was: there is {after}")?;
        }
        None => writeln!(report, "  those of both are in the same order")?,
    }
    Ok(())
}

/// Symbols by name. `v8dbg_class_C__field__TYPE`: the type, which V8 respells often, is part of the
/// value, so that a respelling is one line.
fn symbols(table: &Table) -> Values {
    let mut values = Values::new();
    for (name, value) in &table.symbols {
        let value = value.map_or_else(|| "?".to_owned(), |value| value.to_string());
        let (name, kind) = without_type(name);
        values.insert(name.to_owned(), format!("{value} {kind}").trim_end().to_owned());
    }
    values
}

fn without_type(name: &str) -> (&str, &str) {
    let split = || {
        let rest = name.strip_prefix("v8dbg_class_")?;
        let (class, rest) = rest.split_once("__")?;
        let (field, _) = rest.split_once("__")?;
        name.split_at_checked("v8dbg_class_".len() + class.len() + 2 + field.len())
    };
    let (name, kind) = split().unwrap_or((name, ""));
    (name, kind.trim_start_matches('_'))
}

/// Names alone.
fn names<'a>(names: impl IntoIterator<Item = &'a String>) -> Values {
    names.into_iter().map(|name| (name.clone(), String::new())).collect()
}

fn bytecode_names(table: &Table) -> Vec<String> {
    table.bytecodes.iter().map(|bytecode| bytecode.name.clone()).collect()
}

fn bytecodes(table: &Table) -> Values {
    table.bytecodes.iter().map(|code| (code.name.clone(), lengths(code.sizes))).collect()
}

/// Bytecodes without their names.
fn numbered(table: &Table) -> Values {
    let numbered = table.bytecodes.iter().enumerate();
    numbered.map(|(number, code)| (format!("{number:#04x}"), lengths(code.sizes))).collect()
}

fn lengths(sizes: [u8; 3]) -> String {
    sizes.map(|size| size.to_string()).join("/")
}

/// How many builtins are of each kind.
fn kinds(table: &Table) -> Values {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for builtin in &table.builtins {
        *counts.entry(builtin.kind.as_str()).or_default() += 1;
    }
    counts.into_iter().map(|(kind, count)| (kind.to_owned(), count.to_string())).collect()
}
