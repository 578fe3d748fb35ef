//! Files as targets, against binutils and goblin; damaged files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use mdb_debuginfo::{
    Distance, FileSearch, FileState, Modules, ObjectTarget, SymbolKind, SymbolOrigin,
};
use mdb_target::{Interrupt, Target, TargetKind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

fn object(path: &Path) -> Arc<Modules> {
    let target = ObjectTarget::open(path, Interrupt::new()).unwrap();
    Modules::discover(Arc::new(target), FileSearch::default())
}

/// This test's own program: symbols, DWARF, position-independent.
fn own() -> PathBuf {
    std::env::current_exe().unwrap()
}

/// The C library that this test uses.
fn libc() -> PathBuf {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let line = maps.lines().find(|l| l.contains("libc.so.6") || l.contains("libc-")).unwrap();
    PathBuf::from(line.split_ascii_whitespace().nth(5).unwrap())
}

#[test]
fn symbols_as_nm_and_goblin_say() {
    for path in [own(), libc()] {
        let modules = object(&path);
        let module = modules.executable().unwrap();
        assert_eq!(module.bias(), 0);
        let bytes = std::fs::read(&path).unwrap();
        let elf = goblin::elf::Elf::parse(&bytes).unwrap();
        for (theirs, names, origin) in [
            (&elf.syms, &elf.strtab, SymbolOrigin::Symtab),
            (&elf.dynsyms, &elf.dynstrtab, SymbolOrigin::Dynsym),
        ] {
            let ours: Vec<_> = module.symbols().iter(Some(origin)).collect();
            assert_eq!(ours.len(), theirs.len(), "{} {origin:?}", path.display());
            for (a, b) in ours.iter().zip(theirs.iter()) {
                assert_eq!(a.name, names.get_at(b.st_name).unwrap_or("").as_bytes());
                assert_eq!((a.value, a.size), (b.st_value, b.st_size));
                assert_eq!(usize::from(a.section), b.st_shndx);
            }
        }
        // What nm calls text, data, ... must be found by its name, and by its address as one of
        // the names that are there.
        let dynamic = elf.syms.is_empty();
        let mut nm = Command::new("nm");
        nm.arg("--without-symbol-versions").arg("--defined-only");
        let output = nm.args(dynamic.then_some("-D")).arg(&path).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let rows: Vec<(u64, &str, &str)> = text
            .lines()
            .filter_map(|l| {
                let mut words = l.splitn(3, ' ');
                let address = u64::from_str_radix(words.next()?, 16).ok()?;
                Some((address, words.next()?, words.next()?))
            })
            .collect();
        assert!(rows.len() > 1000);
        let step = rows.len() / 1000 + 1;
        for (address, kind, name) in rows.iter().step_by(step) {
            let found = module.symbol_named(name.as_bytes()).unwrap();
            assert!(
                rows.iter().any(|(a, _, n)| n == name && *a == found.value),
                "{name}: {found:?}"
            );
            if matches!(*kind, "T" | "t" | "W") && found.kind != SymbolKind::Tls {
                let (at, offset) = module.symbol_at(*address, Distance::Smart).unwrap();
                assert_eq!(offset, 0, "{name}");
                let shown = at.plain_name();
                assert!(
                    rows.iter().any(|(a, _, n)| a == address && n.as_bytes() == shown),
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn an_object_is_a_target() {
    let path = own();
    let target = ObjectTarget::open(&path, Interrupt::new()).unwrap();
    assert_eq!(target.kind(), TargetKind::Object);
    let bytes = std::fs::read(&path).unwrap();
    let elf = goblin::elf::Elf::parse(&bytes).unwrap();
    for header in elf.program_headers.iter().filter(|h| h.p_type == 1) {
        let mut got = vec![0; header.p_filesz as usize];
        target.memory().read_exact(header.p_vaddr, &mut got).unwrap();
        assert_eq!(got, bytes[header.file_range()]);
        if header.p_memsz > header.p_filesz {
            assert_eq!(target.memory().read_u8(header.p_vaddr + header.p_memsz - 1), Ok(0));
        }
    }
    let modules = Modules::discover(Arc::new(target), FileSearch::default());
    let module = modules.executable().unwrap();
    assert_eq!(module.entry(), Some(elf.entry));
    let text =
        elf.section_headers.iter().find(|s| elf.shdr_strtab.get_at(s.sh_name) == Some(".text"));
    let text = text.unwrap();
    let ours = module.section_at(text.sh_addr + 5).unwrap();
    assert_eq!((ours.name, ours.size), (&b".text"[..], text.sh_size));
    assert_eq!(module.section_bytes(".text"), Some(&bytes[text.file_range().unwrap()]));
    assert!(module.text().unwrap().contains(&text.sh_addr));
    assert!(module.data().unwrap().start > text.sh_addr);
    assert!(modules.warnings().is_empty());
    // Functions of this very file.
    let mut own = elf.syms.iter().filter(|s| {
        s.is_function()
            && s.st_size > 0
            && elf.strtab.get_at(s.st_name).is_some_and(|n| n.contains("ask_everything"))
    });
    let frames = module.locate(own.next().unwrap().st_value);
    assert!(frames.iter().any(|f| f.file.as_ref().unwrap().ends_with("objects.rs")), "{frames:?}");
}

/// `objdump` names the entries of the procedure linkage table.
#[test]
fn plt_entries_have_names() {
    let dir = std::env::temp_dir().join(format!("mdb-plt-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let source = dir.join("plt.c");
    std::fs::write(
        &source,
        "#include <stdio.h>\n#include <stdlib.h>\n\
         int main(void) { puts(\"x\"); return (int)(long)malloc(3); }\n",
    )
    .unwrap();
    let mut checked = 0;
    for flags in [&["-no-pie", "-Wl,-z,lazy"][..], &["-fcf-protection=full", "-Wl,-z,lazy"], &[]] {
        let program = dir.join("plt");
        let done =
            Command::new("cc").args(flags).arg("-o").arg(&program).arg(&source).status().unwrap();
        assert!(done.success());
        let listing = Command::new("objdump").arg("-d").arg(&program).output().unwrap();
        let listing = String::from_utf8_lossy(&listing.stdout).into_owned();
        // Each file has its own address in the store of maps, whatever its name was before.
        let modules = object(&program);
        let module = modules.executable().unwrap();
        for line in listing.lines().filter(|l| l.ends_with("@plt>:")) {
            let (address, name) = line.split_once(' ').unwrap();
            let address = u64::from_str_radix(address, 16).unwrap();
            let name = name.trim_start_matches('<').trim_end_matches(">:");
            let (symbol, offset) = module.symbol_at(address, Distance::Smart).unwrap();
            assert_eq!((String::from_utf8_lossy(symbol.name), offset), (name.into(), 0));
            if !name.starts_with("__cxa") {
                assert_eq!(module.symbol_named(name.as_bytes()).unwrap().value, address);
            }
            checked += 1;
        }
        std::fs::remove_file(&program).unwrap();
    }
    std::fs::remove_dir_all(dir).unwrap();
    assert!(checked >= 4, "{checked}");
}

/// Debug sections compressed by the compiler are read as others are.
#[test]
fn compressed_sections() {
    let dir = std::env::temp_dir().join(format!("mdb-gz-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let source = dir.join("lines.c");
    std::fs::write(
        &source,
        "int f(int x) {\n  return x + 1;\n}\nint main(void) { return f(2); }\n",
    )
    .unwrap();
    for format in ["none", "zlib"] {
        let program = dir.join(format!("lines-{format}"));
        let flags = ["-g", "-O0", &format!("-gz={format}"), "-Wl,--build-id=none"];
        let done =
            Command::new("cc").args(flags).arg("-o").arg(&program).arg(&source).status().unwrap();
        assert!(done.success());
        let modules = object(&program);
        let module = modules.executable().unwrap();
        let f = module.symbol_named(b"f").unwrap();
        let frames = module.locate(f.value);
        assert_eq!(frames[0].line, Some(1), "{format}: {frames:?}");
        assert_eq!(frames[0].function, Some(&b"f"[..]));
    }
    std::fs::remove_dir_all(dir).unwrap();
}

/// Everything that can be asked of a module.
#[inline(never)]
fn ask_everything(modules: &Modules) {
    for module in modules.all() {
        let _ = module.file().to_string();
        let _ = module.symbols().iter(None).take(2000).count();
        let range = module.range();
        for i in 0..5 {
            let address = range.start.wrapping_add((range.end - range.start) / 5 * i);
            let _ = module.symbol_at(address, Distance::Smart);
            let _ = module.symbol_at(address, Distance::Within(100));
            let _ = module.locate(address);
            let _ = module.section_at(address);
            let _ = modules.target().memory().read_u64(address);
        }
        for name in ["main", "malloc", "puts@plt", ""] {
            let _ = module.symbol_named(name.as_bytes());
        }
        let _ = module.unwind_sections();
        let _ = (module.text(), module.data(), module.entry(), module.bias());
        let _ = module.section_bytes(".debug_info");
        let _ = modules.warnings();
    }
}

/// A small program with everything in it, damaged in every header field and at random.
#[test]
fn damaged_files_are_errors_or_nothing() {
    let dir = std::env::temp_dir().join(format!("mdb-damage-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let source = dir.join("small.c");
    std::fs::write(
        &source,
        "#include <stdio.h>\nstatic inline int f(int x) {\n  return puts(\"x\") + x;\n}\n\
         int main(int c, char **v) { return f(c); }\n",
    )
    .unwrap();
    let program = dir.join("small");
    let flags = ["-g", "-O1", "-gz=zlib", "-o"];
    let done = Command::new("cc").args(flags).arg(&program).arg(&source).status().unwrap();
    assert!(done.success());
    let good = std::fs::read(&program).unwrap();
    let elf = goblin::elf::Elf::parse(&good).unwrap();
    let mut cases: Vec<(usize, Vec<u8>)> = Vec::new();
    let sections = elf.header.e_shoff as usize;
    let fields = (0..64)
        .step_by(2)
        .chain((64..64 + 56 * elf.program_headers.len()).step_by(8))
        .chain((sections..good.len()).step_by(8));
    for at in fields {
        for value in [0u64, 1, 0x7f, u64::MAX, 1 << 40] {
            cases.push((at, value.to_le_bytes().to_vec()));
        }
    }
    // Contents: symbols, strings, notes, relocations, DWARF, unwind tables.
    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    for _ in 0..800 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        cases.push((random as usize % good.len(), vec![(random >> 56) as u8; 4]));
    }
    let mut opened = 0;
    for (i, (at, bytes)) in cases.iter().enumerate() {
        let mut bad = good.clone();
        for (to, from) in bad[*at..].iter_mut().zip(bytes) {
            *to = *from;
        }
        if i % 7 == 0 {
            bad.truncate(at.max(&10) + 3);
        }
        let path = dir.join(format!("bad-{i}"));
        std::fs::write(&path, &bad).unwrap();
        match ObjectTarget::open(&path, Interrupt::new()) {
            Ok(target) => {
                opened += 1;
                ask_everything(&Modules::discover(Arc::new(target), FileSearch::default()));
            }
            Err(error) => assert!(error.to_string().contains("bad-"), "{error}"),
        }
        std::fs::remove_file(&path).unwrap();
    }
    assert!(opened > 1000, "{opened}");
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn what_is_no_program_is_refused_with_a_sentence() {
    let dir = std::env::temp_dir().join(format!("mdb-no-elf-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let text = dir.join("text");
    std::fs::write(&text, "#!/bin/sh\n").unwrap();
    let empty = dir.join("empty");
    std::fs::write(&empty, "").unwrap();
    let small = dir.join("class32");
    std::fs::write(&small, b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0").unwrap();
    let big = dir.join("big");
    std::fs::write(&big, b"\x7fELF\x02\x02\x01\0\0\0\0\0\0\0\0\0").unwrap();
    for (path, words) in [
        (&text, "not an ELF file"),
        (&empty, "not an ELF file"),
        (&small, "32-bit"),
        (&big, "big-endian"),
        (&dir, "a directory"),
        (&dir.join("missing"), "cannot open"),
    ] {
        let error = ObjectTarget::open(path, Interrupt::new()).unwrap_err().to_string();
        assert!(error.contains(words) && error.contains(path.to_str().unwrap()), "{error}");
    }
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn without_a_target_there_are_no_modules() {
    let target = mdb_target::NullTarget::new(Interrupt::new());
    let modules = Modules::discover(Arc::new(target), FileSearch::default());
    assert!(modules.all().is_empty() && modules.executable().is_none());
    assert!(modules.at(0x1000).is_none() && modules.warnings().is_empty());
    let state = FileState::InMemory;
    assert!(state.is_usable());
}
