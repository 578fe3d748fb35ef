//! Dmods of all kinds in the program: in C, of another toolchain, for an older table, and those that
//! panic, loop, lie or are broken. The session goes on after each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends at what it did not expect"
)]

mod dmods;
mod program;
mod session;

use dmods::{c_dmod, headers, headers_of_minor_1, misbehaves, spoilt};
use mdb_fixtures::{Fixture, available, fixture, skipped, workspace_dir};
use program::{TempDir, Terminal};
use session::{Mdb, Output, shell};
use std::path::Path;

fn queue(test: &str) -> Option<Fixture> {
    available(test, fixture("queue")).unwrap()
}

/// The jobs of the fixture, as it printed them: address in hexadecimal, id, name.
fn jobs(queue: &Fixture) -> Vec<[String; 3]> {
    let words = |entry: Vec<&str>| {
        [entry[0].trim_start_matches("0x").to_owned(), entry[1].to_owned(), entry[2].to_owned()]
    };
    queue.truths("entry").map(words).collect()
}

fn words(output: &str) -> Vec<Vec<&str>> {
    output.lines().map(|line| line.split_whitespace().collect()).collect()
}

/// Walks the queue with the C dmod of the examples, built with these headers.
fn the_queue_is_walked(test: &str, headers: &Path) {
    let Some(queue) = queue(test) else { return };
    let truth = jobs(&queue);
    assert_eq!(truth.len(), 3);
    let directory = TempDir::new(test);
    c_dmod(&directory.path.join("jobs.so"), "dmods/example-c/jobs.c", headers, &[]);
    let mdb = Mdb::on(&queue.core).word("-L").word(&directory.path);
    let output = mdb.run(&["::walk job | ::job"]);
    let mut expected = vec![vec!["JOB", "ID", "NAME"]];
    expected.extend(truth.iter().map(|job| job.each_ref().map(String::as_str).to_vec()));
    assert_eq!(words(output.good()), expected);
    // From a job on; with the option; into a pipe and out of it.
    let second = format!("0x{}", truth[1][0]);
    assert_eq!(mdb.run(&[&format!("{second}::walk job | ::count")]).good(), "2\n");
    let output = mdb.run(&["::walk job | ::job -i 11 | ::walk job | ::count"]);
    assert_eq!(output.good(), "2\n");
    assert_eq!(mdb.run(&["::walk job | ::head -1 | ::count"]).good(), "1\n");
    let rows = mdb.clone().word("--json").run(&["::walk job | ::job"]).rows();
    assert_eq!(rows[2]["name"], "notify");
    assert_eq!(rows[2]["id"], 42);
    // What cannot be read is said, with the address, and the session goes on.
    let output = mdb.run(&["8::job", "1+1=D"]);
    assert_eq!(output.stderr, "mdb: no data at address 0x8: no mapping for address\n");
    assert_eq!(output.stdout.trim(), "2");
    assert_eq!(output.status, Some(1));
}

#[test]
fn one_in_c() {
    the_queue_is_walked("one-in-c", &headers());
}

#[test]
fn one_built_for_an_older_table() {
    let minor = |header: &Path| {
        let text = std::fs::read_to_string(header.join("mdb_dmod.h")).unwrap();
        text.lines()
            .find_map(|line| line.strip_prefix("#define MDB_ABI_MINOR "))
            .unwrap()
            .to_owned()
    };
    assert_eq!(minor(&headers_of_minor_1()), "1");
    assert_ne!(minor(&headers()), "1", "the older table is to be older");
    the_queue_is_walked("older-table", &headers_of_minor_1());
}

/// The whole of a dmod as the manual prints it.
#[test]
fn ten_lines_of_c() {
    let Some(queue) = queue("ten_lines_of_c") else { return };
    let directory = TempDir::new("ten-lines");
    c_dmod(&directory.path.join("sum4.so"), "dmods/example-c/sum4.c", &headers(), &["-pedantic"]);
    let mdb = Mdb::on(&queue.core).word("-L").word(&directory.path);
    // The first four words of a job: next, id, and the name's two. The list says three of them.
    let truth = jobs(&queue);
    let number = |text: &str| u64::from_str_radix(text, 16).unwrap();
    let name = u64::from_le_bytes(*b"resize\0\0");
    let sum = number(&truth[1][0]).wrapping_add(7).wrapping_add(name);
    let output = mdb.run(&[&format!("0x{}::sum4", truth[0][0])]);
    assert_eq!(output.good(), format!("0x{sum:x}\n"));
}

/// `::boom` of this dmod has two words, takes the one that dot says, and panics where there is none.
fn panics_are_told(file: &Path, directory: &Path) {
    let mdb = Mdb::alone().word("-L").word(directory);
    let load = format!("::load {}", file.display());
    let output = mdb.run(&[&load, "2::boom", "1::boom", "3::boom", "0t6*0t7=D"]);
    assert_eq!(output.status, Some(1), "{output:#?}");
    // Its `::count` is not the first of that name; what is said of that is tested below.
    let lines: Vec<&str> = output.stderr.lines().filter(|line| !line.contains("::count")).collect();
    assert_eq!(lines.len(), 2, "{output:#?}");
    for (line, index) in lines.iter().zip(["2", "3"]) {
        let start = "mdb: dmod misbehaves, ::boom: panicked: index out of bounds";
        assert!(line.starts_with(start) && line.contains("misbehaves.rs:"), "{line}");
        assert!(line.contains(&format!("the index is {index}")), "{line}");
    }
    assert_eq!(output.stdout.split_whitespace().collect::<Vec<_>>(), ["2", "42"]);
}

#[test]
fn one_that_panics() {
    let directory = TempDir::new("panics");
    let file = directory.path.join("misbehaves.so");
    std::fs::copy(misbehaves(), &file).unwrap();
    panics_are_told(&file, &directory.path);
}

#[test]
fn one_of_another_rust_toolchain() {
    let (file, compiler) = match dmods::misbehaves_of_another_toolchain() {
        Ok(built) => built,
        Err(why) => return skipped("one_of_another_rust_toolchain", &why),
    };
    let directory = TempDir::new("toolchain");
    let copy = directory.path.join("misbehaves.so");
    std::fs::copy(file, &copy).unwrap();
    let mdb = Mdb::alone().word("-L").word(&directory.path);
    let output = mdb.run(&["::load misbehaves", "::dmods -v"]);
    assert_eq!(output.status, Some(0), "{output:#?}");
    let line = output.stdout.lines().find(|line| line.contains("misbehaves")).unwrap();
    assert!(line.contains("loaded") && line.contains(&compiler), "{compiler}: {line}");
    let output =
        mdb.run(&["::load misbehaves", "::rows x y", "::misbehaves`count | ::head -3 | ::count"]);
    assert!(output.stdout.contains("x+y") && output.stdout.ends_with("\n3\n"), "{output:#?}");
    panics_are_told(&copy, &directory.path);
}

#[test]
fn one_that_reads_for_ever() {
    let Some(queue) = queue("one_that_reads_for_ever") else { return };
    let home = TempDir::new("spin");
    c_dmod(&home.path.join("spin.so"), "tests/dmods/spin.c", &headers(), &[]);
    let rust = home.path.join("misbehaves.so");
    std::fs::copy(misbehaves(), &rust).unwrap();
    let core = queue.core.display().to_string();
    let mut words = vec!["+o", "pager", "-L", home.path.to_str().unwrap()];
    words.push(&core);
    let mut terminal = Terminal::open(&home, &words, 24);
    terminal.expect(&["> "]);
    for start in ["jobs::spin", "::unload spin; ::load misbehaves; jobs::spin"] {
        // What is printed before it loops shows that it has begun.
        terminal.send(&format!("::echo now; {start}\r"));
        terminal.expect(&["\r\n", "now\r\n"]);
        terminal.send("\x03");
        terminal.expect(&["interrupted", "> "]);
        terminal.send("0t6*0t7=D\r");
        terminal.expect(&["\n", " 42 ", "> "]);
    }
    terminal.send("\x04");
    assert_eq!(terminal.status(), Some(0));
}

/// One that asks nothing of the host cannot be stopped; the user is told and can end the program.
#[test]
fn one_that_hears_nothing() {
    let Some(queue) = queue("one_that_hears_nothing") else { return };
    let home = TempDir::new("deaf");
    c_dmod(&home.path.join("deaf.so"), "tests/dmods/deaf.c", &headers(), &[]);
    let core = queue.core.display().to_string();
    let words = ["+o", "pager", "-L", home.path.to_str().unwrap(), &core];
    let mut terminal = Terminal::open(&home, &words, 24);
    terminal.expect(&["> "]);
    terminal.send("::deaf\r");
    terminal.expect(&["it begins", "\n"]);
    terminal.send("\x03");
    // Several signals at once count as one, and a terminal throws away what it has not shown yet.
    std::thread::sleep(std::time::Duration::from_millis(300));
    terminal.send("\x03");
    terminal.expect(&["::deaf of dmod deaf does not stop; ^C once more ends mdb"]);
    terminal.send("\x03");
    assert_eq!(terminal.status(), Some(130));
}

/// What a session says of a spoilt dmod, without the directory. The session has to go on.
#[track_caller]
fn complaint(name: &str, file: &str, definitions: &[&str]) -> String {
    let directory = TempDir::new(name);
    let path = directory.path.join(file);
    spoilt(&path, definitions);
    goes_on(&Mdb::alone().word("-L").word(&directory.path), &directory.path)
}

/// The dmods in the directory load with the target; what is said of that.
#[track_caller]
fn goes_on(mdb: &Mdb, directory: &Path) -> String {
    let output = mdb.run(&["0t6*0t7=D", "1::map .+1"]);
    assert_eq!(output.status, Some(0), "{output:#?}");
    assert!(output.stdout.trim().starts_with("42"), "{output:#?}");
    let said = output.stderr.replace(&directory.display().to_string(), "DIR");
    assert_eq!(said.lines().count(), 1, "one line: {said}");
    assert!(!said.trim_end().chars().any(char::is_control), "{said:?}");
    said
}

#[test]
fn ones_that_are_refused() {
    let note = |text: &str| format!("NOTE_TEXT=\"{text}\"");
    let bad_note = note("abi=0\\0name=sum\\0");
    let escape_in_note = note("abi=0\\0name=sum\\0entry=mdb_dmod_sum\\0trigger=\\033[2J\\0");
    let cases: &[(&str, &[&str], &[&str])] = &[
        // A false size: the table's name, and what is false.
        ("false-size", &["DCMDS={dcmds,4000,4096}"], &["table dcmds:", "a size is false"]),
        ("false-step", &["DCMDS={dcmds,1,12}"], &["table dcmds:", "elements of 12 bytes"]),
        ("false-modinfo", &["INFO_SIZE=8"], &["table modinfo:", "its size is 8"]),
        ("bad-note", &[&bad_note], &["its dmod note is bad", "entry= is missing"]),
        ("escapes", &[&escape_in_note], &["its dmod note is bad", "control characters"]),
        ("unknown-kind", &["OPTION_KIND=77"], &["(::sum).options[0]:", "kind 77"]),
        ("null-table", &["DCMDS={0,2,176}"], &["table dcmds:", "2 elements at NULL"]),
        ("null-run", &["RUN=0"], &["table dcmds[0] (::sum).run:", "NULL"]),
        ("control", &["DCMD_NAME=\"a\\033[2J\""], &["table dcmds[0].name:", "control character"]),
        ("twice", &["TWICE"], &["table dcmds:", "dcmd sum is there twice"]),
        ("name", &["NAME=\"mus\""], &["table modinfo.name:", "its note says sum"]),
        ("abort", &["FLAGS=1"], &["dmod sum", "panic=abort"]),
        ("major", &["MAJOR=3"], &["dmod sum", "ABI 3.1", "this mdb has 0."]),
        ("minor", &["MIN_MINOR=99"], &["dmod sum", "ABI 0.99 at least", "this mdb has 0."]),
    ];
    for (name, definitions, expected) in cases {
        let said = complaint(name, "sum.so", definitions);
        assert!(said.contains("DIR/sum.so: "), "{name}: {said}");
        for text in *expected {
            assert!(said.contains(text), "{name}: {text:?} is not in {said}");
        }
    }
}

/// A library that is no dmod is never opened, and no reason to say anything; who asks for it is
/// told.
#[test]
fn files_that_are_no_dmods() {
    let directory = TempDir::new("no-dmods");
    std::fs::write(directory.path.join("text.so"), "hello").unwrap();
    let good = directory.path.join("sum.so");
    spoilt(&good, &[]);
    let bytes = std::fs::read(&good).unwrap();
    std::fs::write(&good, &bytes[..bytes.len() / 2]).unwrap();
    let mdb = Mdb::alone().word("-L").word(&directory.path);
    assert_eq!(mdb.run(&["1=D"]).good().trim(), "1");
    for name in ["text", "sum"] {
        let output = mdb.run(&[&format!("::load {name}"), "1=D"]);
        assert_eq!((output.status, output.stdout.trim()), (Some(1), "1"), "{output:#?}");
        let file = format!("{}/{name}.so: not a dmod: ", directory.path.display());
        assert!(output.stderr.contains(&file), "{output:#?}");
    }
}

/// Two dmods of one name: the first one loads. Two with one command: the second one says so.
#[test]
fn duplicates() {
    let (first, second) = (TempDir::new("first"), TempDir::new("second"));
    spoilt(&first.path.join("sum.so"), &[]);
    spoilt(&second.path.join("sum.so"), &["DCMD_NAME=\"other\""]);
    let mdb = Mdb::alone().word("-L").word(&first.path).word("-L").word(&second.path);
    let output = mdb.run(&["::dmods -v"]);
    let shown = output.good();
    let line = |path: &Path| {
        let path = path.join("sum.so").display().to_string();
        shown.lines().find(|line| line.contains(&path))
    };
    let loaded = |path| line(path).is_some_and(|l| l.contains(" loaded") && !l.contains("not "));
    assert!(loaded(&first.path) && !loaded(&second.path), "{shown}");
    assert_eq!(mdb.run(&["::help other"]).status, Some(1));
}

/// Of a command that two dmods have, and of one that the debugger has itself, it is said who has it
/// too, and how each is reached.
#[test]
fn commands_of_one_name() {
    let directory = TempDir::new("one-name");
    let other = "NOTE_TEXT=\"abi=0\\0minor=1\\0min=1\\0name=other\\0entry=mdb_dmod_other\\0\
                 version=1.0\\0trigger=always\\0\"";
    spoilt(&directory.path.join("a-sum.so"), &[]);
    let both = ["NAME=\"other\"", "mdb_dmod_sum=mdb_dmod_other", other];
    spoilt(&directory.path.join("b-other.so"), &both);
    let mdb = Mdb::alone().word("-L").word(&directory.path);
    let output: Output =
        mdb.run(&["0::other`sum -n 0", "0::sum`sum -n 0", "2::walk other`upto | ::count"]);
    assert_eq!(output.stdout, "0\n0\n2\n", "{output:#?}");
    let said = output.stderr.replace(&directory.path.display().to_string(), "DIR");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    names_both(lines[0], "DIR/b-other.so", "other", "dmod sum", "::sum", "other`sum");
    names_both(lines[1], "DIR/b-other.so", "other", "dmod sum", "walker upto", "other`upto");

    let directory = TempDir::new("built-in-name");
    spoilt(&directory.path.join("sum.so"), &["DCMD_NAME=\"mappings\""]);
    let mdb = Mdb::alone().word("-L").word(&directory.path);
    let said = goes_on(&mdb, &directory.path);
    names_both(&said, "DIR/sum.so", "sum", "mdb itself", "::mappings", "sum`mappings");
}

/// A warning says which file has what, who has it too, and how the new one is reached.
#[track_caller]
fn names_both(said: &str, file: &str, module: &str, first: &str, what: &str, written: &str) {
    for text in [file, &format!("dmod {module}"), first, what, written] {
        assert!(said.contains(text), "{text:?} is not in {said}");
    }
}

/// A line as a page prints it; `[..]` stands for any text.
fn is_as_printed(printed: &str, line: &str) -> bool {
    let mut parts = printed.trim_end().split("[..]");
    let Some(mut rest) = line.trim_end().strip_prefix(parts.next().unwrap()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// Runs what a page about C shows: its sources are those of dmods/example-c, its sessions run beside
/// them and beside the core of the queue. Gives how many lines were typed.
fn page(test: &str, page: &str) -> usize {
    let Some(queue) = queue(test) else { return usize::MAX };
    let directory = TempDir::new(test);
    let examples = workspace_dir().join("dmods/example-c");
    for name in ["sum4.c", "jobs.c"] {
        std::fs::copy(examples.join(name), directory.path.join(name)).unwrap();
    }
    std::os::unix::fs::symlink(&queue.core, directory.path.join("core")).unwrap();
    let text = std::fs::read_to_string(workspace_dir().join(page)).unwrap();
    let mut typed = 0;
    for block in text.split("```").skip(1).step_by(2) {
        let (fence, inside) = block.split_once('\n').unwrap();
        match fence.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["c", file] => {
                let source = std::fs::read_to_string(examples.join(file)).unwrap();
                assert_eq!(inside, source, "{page}: {file}");
            }
            ["console"] => {
                for step in inside.strip_prefix("$ ").unwrap().split("\n$ ") {
                    let (command, printed) = step.split_once('\n').unwrap_or((step, ""));
                    let include = headers().display().to_string();
                    let line = format!("export C_INCLUDE_PATH='{include}'\n{command}");
                    let answer = shell(&line, &directory.path);
                    let (printed, lines): (Vec<_>, Vec<_>) =
                        (printed.lines().collect(), answer.lines().collect());
                    let same = printed.len() == lines.len()
                        && printed.iter().zip(&lines).all(|(p, l)| is_as_printed(p, l));
                    assert!(same, "{page}: after `{command}` it says {printed:#?}, not {lines:#?}");
                    typed += 1;
                }
            }
            _ => {}
        }
    }
    typed
}

#[test]
fn the_manual_is_true() {
    assert!(page("manual-c", "docs/manual/write-a-dmod-in-c.md") >= 8);
}

#[test]
fn the_readme_of_the_example_is_true() {
    assert!(page("readme-c", "dmods/example-c/README.md") >= 2);
}
