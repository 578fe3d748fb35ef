//! gdb and readelf read the same cores: registers, threads, mapped files, notes.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use mdb_corefile::{CoreFile, OpenOptions, open_core};
use mdb_fixtures::{Fixture, available, fixture, skipped};
use mdb_target::Target;
use std::process::Command;

const CORES: [&str; 4] = ["example1", "threads", "threads3", "alive"];

/// A program's output, if it is installed.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn cores(test: &str) -> Vec<(Fixture, CoreFile)> {
    let found = CORES.iter().filter_map(|name| available(test, fixture(name)).unwrap());
    found
        .map(|fixture| {
            let core = open_core(&fixture.core, &OpenOptions::default()).unwrap();
            (fixture, core)
        })
        .collect()
}

fn gdb(fixture: &Fixture, command: &str) -> Option<String> {
    let core = fixture.core.to_str().unwrap();
    output("gdb", &["-nx", "-batch", "-core", core, "-ex", command])
}

fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse::<i64>().ok().map(i64::cast_unsigned),
    }
}

/// Threads in gdb's order, with every register that gdb shows.
#[test]
fn registers() {
    for (fixture, core) in cores("gdb::registers") {
        let Some(text) = gdb(&fixture, "thread apply all -ascending info registers") else {
            return skipped("gdb::registers", "gdb is not installed");
        };
        let mut tids = Vec::new();
        let mut compared = 0;
        for line in text.lines() {
            if let Some((thread, rest)) =
                line.split_once("LWP ").filter(|_| line.starts_with("Thread "))
            {
                let number: u32 = thread.split([' ', '(']).nth(1).unwrap().parse().unwrap();
                let tid: u32 = rest.trim_end_matches([')', ':']).parse().unwrap();
                assert_eq!(number as usize, tids.len() + 1);
                tids.push(tid);
                continue;
            }
            let Some(tid) = tids.last() else { continue };
            let mut words = line.split_ascii_whitespace();
            let (Some(name), Some(value)) = (words.next(), words.next().and_then(number)) else {
                continue;
            };
            let thread = core.threads().iter().find(|t| t.tid == *tid).unwrap();
            let Some(name) = core.arch().register(name) else { continue };
            assert_eq!(thread.registers.by_name(name), Some(value), "{} {line}", fixture.name);
            compared += 1;
        }
        assert_eq!(tids, core.threads().iter().map(|t| t.tid).collect::<Vec<_>>());
        assert!(compared >= 20 * tids.len(), "{compared} registers in {text}");
    }
}

#[test]
fn mapped_files() {
    for (fixture, core) in cores("gdb::mapped_files") {
        let Some(text) = gdb(&fixture, "info proc mappings") else {
            return skipped("gdb::mapped_files", "gdb is not installed");
        };
        let mut theirs = Vec::new();
        for line in text.lines() {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            // Start, end, size, offset, path (newer: permissions before the path).
            let (Some(start), Some(path)) = (words.first().and_then(|w| number(w)), words.last())
            else {
                continue;
            };
            if words.len() >= 5 {
                let word = |i: usize| number(words[i]).unwrap();
                theirs.push((start, word(1), word(3), (*path).to_owned()));
            }
        }
        let ours: Vec<_> = core
            .mappings()
            .iter()
            .filter_map(|m| {
                let file = m.file.as_ref()?;
                let path = file.path.to_string_lossy().into_owned();
                Some((m.range.start, m.range.end, file.offset, path))
            })
            .collect();
        assert!(theirs.len() > 5, "{text}");
        assert_eq!(ours, theirs, "{}", fixture.name);
    }
}

#[test]
fn notes() {
    for (fixture, core) in cores("gdb::notes") {
        let path = fixture.core.to_str().unwrap();
        let Some(text) = output("readelf", &["-nW", path]) else {
            return skipped("gdb::notes", "readelf is not installed");
        };
        let mut theirs = Vec::new();
        for line in text.lines() {
            let mut words = line.split_ascii_whitespace();
            let (Some(owner), Some(size)) = (words.next(), words.next()) else { continue };
            if let Some(size) = number(size).filter(|_| size.starts_with("0x0")) {
                let name = words.next().unwrap().to_owned();
                theirs.push((owner.to_owned(), size, name));
            }
        }
        assert_eq!(core.notes().len(), theirs.len(), "{text}");
        for (note, (owner, size, name)) in core.notes().iter().zip(theirs) {
            assert_eq!((&*note.owner, note.data.len() as u64), (&*owner, size));
            // binutils has another name for it, and none for what is newer than itself.
            if name.starts_with("NT_") && name != "NT_FPREGSET" {
                assert_eq!(note.name, Some(&*name));
            }
        }
    }
}

/// Vector registers, where gdb can read them (it cannot on every processor).
#[test]
#[cfg(target_arch = "x86_64")]
fn vector_registers() {
    use mdb_target::x86_64::fpregs;
    let mut compared = 0;
    for (fixture, core) in cores("gdb::vector_registers") {
        let thread = &core.threads()[0];
        let ours = fpregs::decode(&thread.floating_point).unwrap();
        let path = fixture.core.to_str().unwrap();
        let mut arguments = vec!["-nx".to_owned(), "-batch".to_owned(), "-core".to_owned()];
        arguments.push(path.to_owned());
        let mut ask = |what: String| arguments.extend(["-ex".to_owned(), format!("p/x {what}")]);
        for i in 0..16 {
            ask(format!("$xmm{i}.uint128"));
        }
        for i in 0..16 {
            ask(format!("$ymm{i}.v2_int128[1]"));
        }
        ask("$mxcsr".to_owned());
        ask("$fctrl".to_owned());
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let Some(text) = output("gdb", &arguments) else {
            return skipped("gdb::vector_registers", "gdb is not installed");
        };
        for line in text.lines().filter(|l| l.starts_with('$')) {
            let (index, value) = line[1..].split_once(" = ").unwrap();
            let index: usize = index.parse().unwrap();
            let Some(value) = value.strip_prefix("0x") else { continue };
            let value = u128::from_str_radix(value, 16).unwrap();
            let expected = match index {
                1..17 => ours.xmm[index - 1],
                17..33 => ours.ymm_high.unwrap()[index - 17],
                33 => ours.mxcsr.into(),
                _ => ours.control.into(),
            };
            assert_eq!(value, expected, "{} {line}", fixture.name);
            compared += usize::from(value != 0);
        }
    }
    assert!(compared > 8, "{compared} registers that are not zero");
}
