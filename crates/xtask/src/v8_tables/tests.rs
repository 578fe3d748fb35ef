//! Beside what a program prints of itself, nm, and V8's own listings.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mdb_fixtures::{NODE_VERSIONS, available, node, skipped, target_dir, workspace_dir};

use super::table::{Bytecode, Table};
use super::{DIRECTORY, diff, load};

/// What a program prints; `None` when there is no such program.
fn printed(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("text"))
}

/// The sample, compiled into a directory of the test; `None`, counted, without a compiler.
fn sample(test: &str, options: &[&str]) -> Option<PathBuf> {
    let directory = target_dir().join("tests/v8-tables");
    fs::create_dir_all(&directory).expect("a directory");
    let source = workspace_dir().join("crates/xtask/src/v8_tables/sample.c");
    let program = directory.join(format!("{test}-{}", options.join("")));
    let mut compiler = Command::new("cc");
    compiler.arg(&source).arg("-o").arg(&program).args(["-rdynamic", "-Wl,--build-id=sha1"]);
    if printed(compiler.args(options)).is_none() {
        skipped(test, "no C compiler");
        return None;
    }
    Some(program)
}

/// Lines that begin with a word, without it.
fn lines<'a>(text: &'a str, word: &'a str) -> Vec<&'a str> {
    text.lines().filter_map(|line| line.strip_prefix(word)?.strip_prefix(' ')).collect()
}

fn symbols(table: &Table) -> BTreeMap<String, String> {
    let value = |value: &Option<i64>| value.map_or("?".to_owned(), |value| value.to_string());
    table.symbols.iter().map(|(name, known)| (name.clone(), value(known))).collect()
}

/// In a program at a fixed address, in one that is loaded anywhere (its pointers are relocations),
/// and in one that computes its symbols.
#[test]
fn a_program_is_read_as_it_prints_itself() {
    let test = "a_program_is_read_as_it_prints_itself";
    for options in [&["-no-pie"][..], &["-pie", "-fPIE"], &["-pie", "-fPIE", "-DINITIALISED"]] {
        let Some(program) = sample(test, options) else { return };
        let said = printed(&mut Command::new(&program)).expect("the sample runs");
        let table = load(&program).expect("a table");

        let mut expected: BTreeMap<String, String> = lines(&said, "symbol")
            .into_iter()
            .filter_map(|line| line.split_once(' '))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        if options.contains(&"-DINITIALISED") {
            let later = expected.insert("nodedbg_offset_Later__field".to_owned(), "?".to_owned());
            assert_eq!(later.as_deref(), Some("48"));
        }
        assert_eq!(symbols(&table), expected, "{options:?}");
        assert_eq!(table.roots, lines(&said, "root"), "{options:?}");
        let names: Vec<_> = table.builtins.iter().map(|builtin| builtin.name.as_str()).collect();
        let printed_names: Vec<_> = lines(&said, "builtin")
            .into_iter()
            .filter_map(|line| Some(line.split_once(' ')?.0))
            .collect();
        assert_eq!(names, printed_names);
        let kinds: Vec<_> = table.builtins.iter().map(|builtin| builtin.kind.as_str()).collect();
        assert_eq!(kinds, ["CPP", "BCH", "BCH", "BCH", "kind-9"]);
        let bytecode = |name: &str, sizes| Bytecode { name: name.to_owned(), sizes };
        let bytecodes = [("Wide", [1, 1, 1]), ("?", [1, 1, 1]), ("Ldar", [2, 3, 5])];
        assert_eq!(table.bytecodes, bytecodes.map(|(name, sizes)| bytecode(name, sizes)));
        assert_eq!((table.v8.as_str(), table.node.as_str()), ("13.6.0.17-sample.1", "24.1.2"));
        assert_eq!((table.blob_code_size, table.blob_data_size), (Some(4096), Some(64)));
        assert_eq!(table.missing(), [""; 0]);
        match printed(Command::new("nm").arg(&program)) {
            Some(listing) => {
                let address = |name: &str| {
                    let line = listing.lines().find(|line| line.ends_with(&format!(" {name}")));
                    let address = line.and_then(|line| line.split(' ').next());
                    u64::from_str_radix(address.expect("a symbol"), 16).ok()
                };
                let code = address("v8_Default_embedded_blob_code_");
                let data = address("v8_Default_embedded_blob_data_data_");
                assert_eq!((table.blob_code_address, table.blob_data_address), (code, data));
            }
            None => skipped(test, "no nm"),
        }

        match printed(Command::new("readelf").arg("-n").arg(&program)) {
            Some(notes) => assert!(notes.contains(&table.build_ids[0]), "{notes}"),
            None => skipped(test, "no readelf"),
        }
    }
}

/// A stripped program has what the loader needs, and says what it has not.
#[test]
fn a_stripped_program_lacks_what_only_symtab_has() {
    let test = "a_stripped_program_lacks_what_only_symtab_has";
    let options = ["-pie", "-fPIE", "-s"];
    let Some(program) = sample(test, &options) else { return };
    let table = load(&program).expect("a table");
    assert_eq!(table.missing(), ["builtins"]);
    assert_eq!(table.roots, ["meta_map", "undefined_value", "empty_string"]);
    // It may be computed when the program starts.
    assert_eq!(table.symbols["nodedbg_offset_Later__field"], None);
    assert_eq!(table.symbols["v8dbg_SmiTag"], Some(0));
    let error = super::texts(&[program]).expect_err("no table of a stripped program");
    assert!(error.to_string().contains("has no builtins"), "{error}");
}

#[test]
fn a_table_is_what_was_written() {
    let Some(program) = sample("a_table_is_what_was_written", &["-no-pie"]) else { return };
    let table = load(&program).expect("a table");
    let text = table.text().expect("a text");
    assert_eq!(Table::parse(&text).expect("our own text"), table);
    assert!(Table::parse(&text.replace("Ldar 2 3 5", "Ldar 2 3 five")).is_err());
}

/// No bytes make it panic: those of a program, cut and changed.
#[test]
fn damaged_programs_are_errors_or_tables() {
    let Some(program) = sample("damaged_programs_are_errors_or_tables", &["-no-pie"]) else {
        return;
    };
    let data = fs::read(program).expect("the program");
    for end in (0..data.len()).step_by(61) {
        let _ = Table::of_program(&data[..end]);
    }
    for at in (0..data.len()).step_by(7) {
        let mut changed = data.clone();
        changed[at] ^= 0xff;
        let _ = Table::of_program(&changed);
    }
}

fn committed(series: &str) -> Table {
    load(&workspace_dir().join(DIRECTORY).join(format!("v8-{series}.txt"))).expect("our own file")
}

/// The committed table of a program's own V8, and the program; `None`, counted, without it.
fn pinned(test: &str, version: &str) -> Option<(Table, PathBuf)> {
    let program = available(test, node(version)).expect("a program or none")?.executable;
    let said =
        printed(Command::new(&program).args(["-p", "process.versions.v8"])).expect("node runs");
    let series: Vec<&str> = said.split('.').take(2).collect();
    Some((committed(&series.join(".")), program))
}

/// V8 lists each bytecode with its bytes and its name.
#[test]
fn bytecodes_are_as_v8_lists_them() {
    let test = "bytecodes_are_as_v8_lists_them";
    for version in NODE_VERSIONS {
        let Some((table, program)) = pinned(test, version) else { return };
        let script = workspace_dir().join("crates/xtask/src/v8_tables/bytecodes.js");
        let listing = printed(
            Command::new(&program)
                .args(["--print-bytecode", "--no-lazy-feedback-allocation"])
                .arg(script),
        )
        .expect("a listing");
        let mut seen = BTreeSet::new();
        for line in listing.lines() {
            // `  24 S> 0x19a23092feea @    2 : 4d 01 00          AddSmi [1], FBV[0]`
            let Some((_, rest)) = line.split_once(" @ ") else { continue };
            let Some((_, rest)) = rest.split_once(" : ") else { continue };
            let is_byte = |word: &&str| word.len() == 2 && u8::from_str_radix(word, 16).is_ok();
            let bytes: Vec<&str> = rest.split_whitespace().take_while(is_byte).collect();
            let name = rest.split_whitespace().nth(bytes.len()).expect("a name");
            let (name, scale) = match name.split_once('.') {
                None => (name, 0),
                Some((name, "Wide")) => (name, 1),
                Some((name, "ExtraWide")) => (name, 2),
                Some(_) => panic!("a scale of {version}: {line}"),
            };
            let prefix = usize::from(scale > 0);
            let number = usize::from_str_radix(bytes[prefix], 16).expect("a byte");
            let known = &table.bytecodes[number];
            assert_eq!(known.name, name, "{version}: {line}");
            assert_eq!(usize::from(known.sizes[scale]) + prefix, bytes.len(), "{version}: {line}");
            seen.insert((name.to_owned(), scale));
        }
        let of_scale = |wanted| seen.iter().filter(|(_, scale)| *scale == wanted).count();
        // Node's own start lists much of the language; the script has what is rare and what is wide.
        assert!(of_scale(0) > 100 && of_scale(1) > 3, "{version}: {seen:?}");
        for number in 0..16 {
            assert!(seen.contains(&(format!("Star{number}"), 0)), "{version}: Star{number}");
        }
    }
}

/// Each builtin's code has a symbol.
#[test]
fn builtins_are_those_of_nm() {
    let test = "builtins_are_those_of_nm";
    for version in NODE_VERSIONS {
        let Some((table, program)) = pinned(test, version) else { return };
        let Some(listing) = printed(Command::new("nm").arg(&program)) else {
            skipped(test, "no nm");
            return;
        };
        let code: BTreeSet<&str> = listing
            .lines()
            .filter_map(|line| line.split_whitespace().nth(2)?.strip_prefix("Builtins_"))
            .collect();
        let builtins: BTreeSet<&str> =
            table.builtins.iter().map(|builtin| builtin.name.as_str()).collect();
        assert_eq!(builtins, code, "{version}");
        let ours: BTreeSet<&str> = table.symbols.keys().map(String::as_str).collect();
        let theirs: BTreeSet<&str> = listing
            .lines()
            .filter_map(|line| line.split_whitespace().nth(2))
            .filter(|name| name.starts_with("v8dbg_") || name.starts_with("nodedbg_"))
            .collect();
        assert_eq!(ours, theirs, "{version}");
    }
}

/// Versions as Node says them, and the tables are those of the pinned programs.
#[test]
fn tables_are_of_the_pinned_programs() {
    let test = "tables_are_of_the_pinned_programs";
    for version in NODE_VERSIONS {
        let Some((table, program)) = pinned(test, version) else { return };
        let said = printed(Command::new(&program).args(["-p", "process.versions.v8"]));
        assert_eq!(said.as_deref().map(str::trim), Some(table.v8.as_str()));
        assert_eq!(table.node, *version);
        assert_eq!(load(&program).expect("a table"), table);
    }
}

/// A table with these symbols and roots.
fn table(symbols: &[(&str, i64)], roots: &[&str]) -> Table {
    Table {
        v8: "1.2.3".to_owned(),
        symbols: symbols.iter().map(|(name, value)| ((*name).to_owned(), Some(*value))).collect(),
        roots: roots.iter().map(|name| (*name).to_owned()).collect(),
        ..Table::default()
    }
}

#[test]
fn differences_are_told() {
    let old = table(
        &[
            ("v8dbg_gone", 1),
            ("v8dbg_same", 2),
            ("v8dbg_class_C__f__Object", 8),
            ("v8dbg_type_A", 1),
        ],
        &["a", "b", "x_string"],
    );
    let new = table(
        &[("v8dbg_new", 3), ("v8dbg_same", 2), ("v8dbg_class_C__f__Smi", 16), ("v8dbg_type_A", 2)],
        &["b", "a", "c"],
    );
    let report = diff::report(&old, &new).expect("a report");
    let section = |title: &str| {
        let lines = report.lines().skip_while(|line| !line.starts_with(title));
        lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>()
    };
    assert_eq!(
        section("symbols"),
        [
            "symbols: 4 -> 4; 1 gone, 1 new, 2 changed",
            "! 1 instance types have another number",
            "- v8dbg_gone 1",
            "+ v8dbg_new 3",
            "! v8dbg_class_C__f 8 Object -> 16 Smi",
        ]
    );
    assert_eq!(
        section("roots"),
        [
            "roots: 3 -> 3; 1 gone, 1 new, 0 changed",
            "- 1 names of strings",
            "+ c",
            "  the order differs, first where a was: there is b",
        ]
    );
    assert!(report.contains("- has no bytecodes"), "{report}");
}

/// What is no table of ours and no program is refused with its name.
#[test]
fn other_files_are_refused() {
    let error = load(Path::new("no/such/file")).expect_err("no file");
    assert!(error.to_string().starts_with("no/such/file: "), "{error}");
    let error = load(&workspace_dir().join("README.md")).expect_err("no table");
    assert!(error.to_string().contains("README.md: line"), "{error}");
}
