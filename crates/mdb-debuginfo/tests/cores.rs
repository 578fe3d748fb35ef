//! Modules, symbols and lines of real cores, against what the programs printed and against
//! binutils.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use mdb_corefile::{OpenOptions, open_core};
use mdb_debuginfo::{
    Distance, FileSearch, FileState, LookupError, ModuleKind, Modules, SymbolOrigin, Verification,
};
use mdb_fixtures::{Fixture, available, fixture};
use mdb_target::{FaultReason, MappingKind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// The modules of a fixture's core, or `None` (counted) where the fixture cannot be made.
fn open(test: &str, name: &str, search: FileSearch) -> Option<(Fixture, Arc<Modules>)> {
    let fixture = available(test, fixture(name)).unwrap()?;
    let modules = modules(&fixture.core, search);
    Some((fixture, modules))
}

fn modules(core: &Path, search: FileSearch) -> Arc<Modules> {
    let core = open_core(core, &OpenOptions::default()).unwrap();
    Modules::discover(Arc::new(core), search)
}

/// What a program of binutils says; the test needs it.
fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn build_id(path: &Path) -> Option<String> {
    let notes = run("readelf", &["-n", path.to_str().unwrap()]);
    let line = notes.lines().find_map(|l| l.trim().strip_prefix("Build ID: "))?;
    Some(line.trim().to_owned())
}

fn hex(id: &[u8]) -> String {
    mdb_debuginfo::HexId(id).to_string()
}

#[test]
fn what_the_programs_printed() {
    let mut checked = 0;
    for name in ["example1", "example1-no-pie", "example1-static", "threads", "cxx", "vdso"] {
        let Some((fixture, modules)) =
            open("what_the_programs_printed", name, FileSearch::default())
        else {
            continue;
        };
        let executable = modules.executable().unwrap();
        assert_eq!(executable.path(), fixture.executable, "{name}");
        assert!(modules.warnings().is_empty(), "{name}: {:?}", modules.warnings());
        for words in fixture.truths("address") {
            let [symbol, address] = words[..] else { panic!("{words:?}") };
            let address = u64::from_str_radix(address.trim_start_matches("0x"), 16).unwrap();
            // What is no symbol (a heap block, a stack) is not looked for.
            let Ok((module, found)) = modules.lookup(None, symbol) else { continue };
            assert_eq!(found.value, address, "{name}: {symbol} in {}", module.name());
            let (_, at, offset) = modules.symbol_at(address, Distance::Smart).unwrap();
            assert_eq!((at.value, offset), (address, 0), "{name}: {symbol}");
            checked += 1;
        }
    }
    assert!(checked > 0 || mdb_fixtures::skipped_log().exists());
}

#[test]
fn build_ids_and_order() {
    for name in ["example1", "example1-pie", "example1-static", "threads", "cxx", "rust", "alive"] {
        let Some((_, modules)) = open("build_ids_and_order", name, FileSearch::default()) else {
            continue;
        };
        let all = modules.all();
        assert_eq!(all[0].kind(), ModuleKind::Executable, "{name}");
        assert!(all[1..].is_sorted_by_key(|m| m.range().start), "{name}");
        assert_eq!(all.iter().filter(|m| m.kind() == ModuleKind::Vdso).count(), 1, "{name}");
        for module in all {
            // Discovery opens no file.
            assert!(module.file_if_known().is_none(), "{name}: {}", module.name());
            for probe in [module.range().start, module.range().end - 1] {
                assert_eq!(modules.at(probe).unwrap().number(), module.number());
            }
        }
        for module in all.iter().filter(|m| m.kind() != ModuleKind::Vdso) {
            let saved = module.build_id().map(hex);
            assert_eq!(saved, build_id(module.path()), "{name}: {}", module.name());
            let FileState::Found { verification, .. } = module.file() else {
                panic!("{name}: {:?}", module.file());
            };
            let expected =
                if saved.is_some() { Verification::BuildId } else { Verification::FirstPage };
            assert_eq!(*verification, expected, "{name}: {}", module.name());
        }
        if name != "example1-static" {
            // The dynamic linker lists all of them (and the vDSO, under a name of its own).
            assert!(all.iter().all(|m| m.link_map().is_some()), "{name}: {all:#?}");
            let libc = modules.by_object_name("libc").unwrap();
            assert_eq!(libc.name(), "libc.so.6");
            assert_eq!(modules.by_object_name("libc.so").unwrap().number(), libc.number());
        }
        assert_eq!(modules.by_object_name("a.out").unwrap().number(), 0);
        assert!(modules.by_object_name("vdso").is_some());
        assert!(modules.by_object_name("lib").is_none());
    }
}

#[test]
fn scoped_names() {
    let Some((_, modules)) = open("scoped_names", "example1", FileSearch::default()) else {
        return;
    };
    let (module, main) = modules.lookup(None, "main").unwrap();
    assert_eq!(module.kind(), ModuleKind::Executable);
    assert_eq!(modules.lookup(Some("a.out"), "main").unwrap().1, main);
    assert_eq!(modules.lookup(Some("example1"), "main").unwrap().1, main);
    assert_eq!(modules.lookup(Some("libc"), "main").unwrap_err(), LookupError::UnknownSymbol);
    assert_eq!(modules.lookup(Some("libx"), "main").unwrap_err(), LookupError::UnknownObject);
    let (libc, malloc) = modules.lookup(None, "malloc").unwrap();
    assert_eq!(libc.name(), "libc.so.6");
    assert!(!malloc.is_undefined());
    // `errno` is thread-local in the C library.
    let (_, errno) = modules.lookup(Some("libc"), "errno").unwrap();
    assert!(errno.is_tls() && errno.value < 0x1000, "{errno:?}");
}

#[test]
fn missing_and_replaced() {
    if let Some((fixture, modules)) =
        open("missing_and_replaced", "example1-missing", FileSearch::default())
    {
        let executable = modules.executable().unwrap();
        let FileState::NotFound { path, wanted } = executable.file() else {
            panic!("{:?}", executable.file());
        };
        assert_eq!(path, &fixture.executable);
        assert_eq!(wanted.as_deref(), executable.build_id());
        assert!(modules.warnings()[0].contains(&hex(wanted.as_deref().unwrap())));
        // The code cannot be read, and the reason names the file.
        let text = executable.text().unwrap();
        let fault = modules.target().memory().read_u8(text.start + 0x10).unwrap_err();
        let FaultReason::FileUnavailable(why) = &fault.reason else { panic!("{fault}") };
        assert!(why.contains("was not found"), "{why}");
        // The same program elsewhere is found with the command line's operand, and refused if
        // it is another one.
        let other =
            FileSearch { executable: Some(PathBuf::from("/bin/sh")), ..FileSearch::default() };
        let refused = self::modules(&fixture.core, other);
        let state = refused.executable().unwrap().file();
        assert!(matches!(state, FileState::Mismatched { named: true, .. }), "{state:?}");
        assert!(state.to_string().contains("--force"), "{state}");
    }
    if let Some((fixture, modules)) =
        open("missing_and_replaced", "example1-replaced", FileSearch::default())
    {
        let executable = modules.executable().unwrap();
        let FileState::Mismatched { wanted, found, .. } = executable.file() else {
            panic!("{:?}", executable.file());
        };
        assert_eq!(wanted.as_deref(), executable.build_id());
        assert_eq!(found.as_deref().map(hex), build_id(&fixture.executable));
        // No symbol of the wrong file is used.
        assert!(modules.lookup(Some("a.out"), "main").is_err());
        let forced = FileSearch { force_mismatch: true, ..FileSearch::default() };
        let forced = self::modules(&fixture.core, forced);
        let state = forced.executable().unwrap().file();
        assert!(
            matches!(state, FileState::Found { verification: Verification::Forced, .. }),
            "{state:?}"
        );
        assert!(forced.lookup(Some("a.out"), "main").is_ok());
    }
}

#[test]
fn under_a_sysroot() {
    let Some((fixture, _)) = open("under_a_sysroot", "example1-missing", FileSearch::default())
    else {
        return;
    };
    let _ = fixture;
    let Some((fixture, _)) = open("under_a_sysroot", "example1", FileSearch::default()) else {
        return;
    };
    let root = std::env::temp_dir().join(format!("mdb-sysroot-{}", std::process::id()));
    let inside = root.join(fixture.executable.strip_prefix("/").unwrap());
    std::fs::create_dir_all(inside.parent().unwrap()).unwrap();
    std::fs::copy(&fixture.executable, &inside).unwrap();
    let search = FileSearch { sysroot: Some(root.clone()), ..FileSearch::default() };
    let modules = modules(&fixture.core, search);
    assert_eq!(modules.executable().unwrap().file().path(), Some(inside.as_path()));
    // Nothing outside of it is taken.
    let libc = modules.by_object_name("libc").unwrap();
    assert!(matches!(libc.file(), FileState::NotFound { .. }), "{:?}", libc.file());
    std::fs::remove_dir_all(root).unwrap();
}

#[test]
fn a_separate_debug_file() {
    let Some((fixture, modules)) =
        open("a_separate_debug_file", "example1-stripped", FileSearch::default())
    else {
        return;
    };
    let executable = modules.executable().unwrap();
    assert!(executable.debug_file().unwrap().starts_with(&fixture.directory));
    let (_, main) = modules.lookup(Some("a.out"), "main").unwrap();
    assert_eq!(main.origin, SymbolOrigin::Debug);
    let frames = executable.locate(main.value);
    let innermost = &frames[0];
    assert!(innermost.file.as_ref().unwrap().ends_with("example1.c"), "{frames:?}");
    assert_eq!(frames.last().unwrap().function, Some(&b"main"[..]));
}

#[test]
fn unsaved_code_is_read_from_the_file() {
    let Some((fixture, modules)) =
        open("unsaved_code_is_read_from_the_file", "example1-pie", FileSearch::default())
    else {
        return;
    };
    let target = modules.target();
    let mut read = 0;
    for mapping in target.mappings().iter().filter(|m| m.kind == MappingKind::File) {
        let file = mapping.file.as_ref().unwrap();
        let module = modules.at(mapping.range.start).unwrap();
        if !mapping.permissions.unwrap().execute || module.path() != fixture.executable {
            continue;
        }
        let bytes = std::fs::read(&file.path).unwrap();
        let text = executable_text(&bytes);
        let at = mapping.range.start + (text.start as u64 - file.offset);
        let mut got = vec![0; text.len()];
        target.memory().read_exact(at, &mut got).unwrap();
        assert_eq!(got, bytes[text]);
        read += 1;
    }
    assert_eq!(read, 1);
}

/// The offsets of `.text`, as goblin reads them.
fn executable_text(bytes: &[u8]) -> std::ops::Range<usize> {
    let elf = goblin::elf::Elf::parse(bytes).unwrap();
    let section = elf
        .section_headers
        .iter()
        .find(|s| elf.shdr_strtab.get_at(s.sh_name) == Some(".text"))
        .unwrap();
    section.file_range().unwrap()
}

#[test]
fn the_vdso_is_read_from_memory() {
    let Some((_, modules)) = open("the_vdso", "vdso", FileSearch::default()) else { return };
    let vdso = modules.by_object_name("[vdso]").unwrap();
    assert_eq!(vdso.file(), &FileState::InMemory);
    let symbol = vdso.symbol_named(b"__vdso_clock_gettime").unwrap();
    assert!(vdso.contains(symbol.value));
    let (at, offset) = vdso.symbol_at(symbol.value + 1, Distance::Smart).unwrap();
    assert_eq!((at.value, offset), (symbol.value, 1));
    let unwind = vdso.unwind_sections();
    assert!(unwind.eh_frame.is_some() && unwind.eh_frame_hdr.is_some());
}

/// `addr2line -i -f` for addresses all over the text.
#[test]
fn lines_and_inlines_as_addr2line_says() {
    for name in ["example1-no-pie", "cxx", "rust"] {
        let Some((fixture, modules)) = open("lines_and_inlines", name, FileSearch::default())
        else {
            continue;
        };
        let executable = modules.executable().unwrap();
        let bias = executable.bias();
        let bytes = std::fs::read(&fixture.executable).unwrap();
        let elf = goblin::elf::Elf::parse(&bytes).unwrap();
        // Inside of functions, where both must agree.
        let addresses: Vec<u64> = elf
            .syms
            .iter()
            .filter(|s| s.is_function() && s.st_size > 0)
            .take(300)
            .flat_map(|s| (0..4).map(move |i| s.st_value + s.st_size * i / 4))
            .collect();
        let mut arguments = vec!["-a", "-i", "-f", "-e", fixture.executable.to_str().unwrap()];
        let texts: Vec<String> = addresses.iter().map(|a| format!("{a:#x}")).collect();
        arguments.extend(texts.iter().map(String::as_str));
        let output = run("addr2line", &arguments);
        let mut blocks = output.split("\n0x").map(|b| b.lines().skip(1).collect::<Vec<_>>());
        let mut compared = 0;
        for address in &addresses {
            let block = blocks.next().unwrap();
            let ours = executable.locate(address + bias);
            // Code of the compiler's own has no line; then only the symbol is shown.
            if block[1].starts_with("??") || block[1].ends_with(":?") {
                assert!(ours.first().is_none_or(|f| f.line.is_none()), "{name} {address:#x}");
                continue;
            }
            let theirs: Vec<(&str, &str)> = block
                .chunks(2)
                .map(|pair| (pair[0], pair[1].split(" (").next().unwrap()))
                .collect();
            let shown: Vec<(String, String)> = ours
                .iter()
                .map(|f| {
                    let file = f.file.clone().unwrap_or_default();
                    let function = f.function.map(String::from_utf8_lossy).unwrap_or_default();
                    let line = f.line.map_or("?".to_owned(), |l| l.to_string());
                    (function.into_owned(), format!("{file}:{line}"))
                })
                .collect();
            assert_eq!(shown.len(), theirs.len(), "{name} {address:#x}: {shown:?} {theirs:?}");
            // Not the file: addr2line 2.40 takes the first file of DWARF 5 for the second.
            let line = |s: &str| s.rsplit(':').next().unwrap().to_owned();
            let theirs_outer = theirs.last().unwrap().0;
            for (ours, theirs) in shown.iter().zip(&theirs) {
                assert_eq!(line(&ours.1), line(theirs.1), "{name} {address:#x}");
                // Nor every inlined function's name: it takes the symbol at some.
                let outer = theirs_outer == theirs.0;
                assert!(ours.0 == theirs.0 || outer, "{name} {address:#x}: {ours:?} {theirs:?}");
            }
            assert_eq!(shown.last().unwrap().0, theirs_outer, "{name} {address:#x}");
            compared += 1;
        }
        assert!(compared > 3, "{name}");
    }
}

/// The rows of the line table as `readelf` decodes them.
#[test]
fn files_as_readelf_says() {
    for name in ["example1-no-pie", "cxx"] {
        let Some((fixture, modules)) = open("files_as_readelf_says", name, FileSearch::default())
        else {
            continue;
        };
        let executable = modules.executable().unwrap();
        let path = fixture.executable.to_str().unwrap();
        let table = run("readelf", &["--debug-dump=decodedline", "--wide", path]);
        let mut rows: Vec<(u64, &str, &str)> = Vec::new();
        for row in table.lines() {
            let words: Vec<&str> = row.split_ascii_whitespace().collect();
            let [file, line, address, ..] = words[..] else { continue };
            let Some(address) = address.strip_prefix("0x") else { continue };
            let Ok(address) = u64::from_str_radix(address, 16) else { continue };
            rows.push((address, file, line));
        }
        let mut compared = 0;
        for (i, (address, file, line)) in rows.iter().enumerate() {
            let alone = rows.iter().filter(|r| r.0 == *address).count() == 1;
            // The end of a sequence has no line; a row of line 0 is the compiler's own code.
            if !alone || line.parse::<u32>().is_err() || *line == "0" || i + 1 == rows.len() {
                continue;
            }
            let frames = executable.locate(address + executable.bias());
            let inner = &frames[0];
            let ours = inner.file.as_deref().unwrap_or("?").rsplit('/').next().unwrap();
            assert_eq!(
                (ours, inner.line.unwrap_or(0).to_string().as_str()),
                (file.rsplit('/').next().unwrap(), *line),
                "{name} {address:#x}"
            );
            compared += 1;
        }
        assert!(compared > 5, "{name}: {compared}");
    }
}

/// A core of another machine: its program is not where it was, its libraries are others.
#[test]
fn a_core_from_elsewhere() {
    let fixture = mdb_fixtures::committed().unwrap();
    let found = modules(&fixture.core, FileSearch::default());
    let executable = found.executable().unwrap();
    assert!(matches!(executable.file(), FileState::NotFound { .. }), "{:?}", executable.file());
    let wanted = hex(executable.build_id().unwrap());
    assert!(found.warnings().iter().any(|w| w.contains(&wanted)), "{:?}", found.warnings());
    // The operand of the command line, verified.
    let named =
        FileSearch { executable: Some(fixture.executable.clone()), ..FileSearch::default() };
    let found = modules(&fixture.core, named);
    let executable = found.executable().unwrap();
    let state = executable.file();
    assert!(
        matches!(state, FileState::Found { verification: Verification::BuildId, .. }),
        "{state:?}"
    );
    for name in ["main", "func"] {
        let Some(address) = fixture.address(name) else { continue };
        assert_eq!(found.lookup(Some("a.out"), name).unwrap().1.value, address, "{name}");
    }
    assert!(found.lookup(Some("a.out"), "main").is_ok());
}

#[test]
fn cyclic_link_maps_and_mutated_cores_end() {
    let dir = std::env::temp_dir().join(format!("mdb-cores-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let whole = mdb_fixtures::synth::cyclic_link_map();
    let mutated = mdb_fixtures::synth::mutations(&whole).map(|(_, bytes)| bytes);
    let mut opened = 0;
    for (i, bytes) in std::iter::once(whole.clone()).chain(mutated).enumerate() {
        let path = dir.join(format!("core-{i}"));
        std::fs::write(&path, bytes).unwrap();
        if let Ok(core) = open_core(&path, &OpenOptions::default()) {
            opened += 1;
            let modules = Modules::discover(Arc::new(core), FileSearch::default());
            for module in modules.all() {
                let _ = (module.symbols().len(), module.unwind_sections(), module.bias());
                let _ = module.symbol_at(module.range().start, Distance::Smart);
            }
            let _ = modules.warnings();
        }
        std::fs::remove_file(&path).unwrap();
    }
    assert!(opened > 10, "{opened}");
    std::fs::remove_dir_all(dir).unwrap();
}

/// The builtins of V8, which Node has mapped a second time near its heap of code.
#[test]
fn node_has_names_for_its_builtins() {
    let test = "node_has_names_for_its_builtins";
    for version in mdb_fixtures::NODE_VERSIONS {
        let core = mdb_fixtures::node_core(version, "abort");
        let Some(fixture) = available(test, core).unwrap() else { continue };
        let modules = modules(&fixture.core, FileSearch::default());
        let node = modules.executable().unwrap();
        assert!(node.file().is_usable(), "{version}: {}", node.file());
        let names = ["Builtins_InterpreterEntryTrampoline", "_ZN4node5StartEiPPc"];
        let mut found = Vec::new();
        for name in names {
            let (module, symbol) = modules.lookup(None, name).unwrap();
            assert_eq!(module.number(), node.number());
            let (at, offset) = modules
                .symbol_at(symbol.value + 4, Distance::Smart)
                .map_or_else(
                    || panic!("{version}: {name} {:x}", symbol.value),
                    |(_, at, offset)| (at, offset),
                )
                .to_owned();
            assert_eq!((at.name, offset), (name.as_bytes(), 4), "{version}");
            found.push(symbol.value);
        }
        // Every other view of the file has the same names at the same offsets.
        for mapping in modules.target().mappings() {
            let Some(module) = modules.at(mapping.range.start) else { continue };
            if module.kind() != ModuleKind::Remapped {
                continue;
            }
            assert_eq!(module.path(), node.path());
            let at = found[0].wrapping_sub(node.bias()).wrapping_add(module.bias());
            if module.contains(at) {
                let (symbol, _) = module.symbol_at(at, Distance::Smart).unwrap();
                assert_eq!(symbol.name, names[0].as_bytes(), "{version}");
            }
        }
    }
}
