//! Pipelines: items stream, `::head` ends its producer, an item that fails is one line, items have
//! types, ^C ends a pipe.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod session;

use session::Mdb;
use std::ffi::CString;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

fn on(fixture: &str) -> Mdb {
    Mdb::on(mdb_fixtures::fixture(fixture).unwrap().core)
}

/// A FIFO in a directory of the test's own.
fn fifo(test: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pipes");
    fs::create_dir_all(&directory).unwrap();
    let path = directory.join(test);
    let _ = fs::remove_file(&path);
    let name = CString::new(path.to_str().unwrap()).unwrap();
    // SAFETY: the name is a string that ends in NUL and lives.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
    path
}

/// The producer does not end before we have seen what became of its first item.
#[test]
fn the_last_stage_works_before_the_first_ends() {
    let fifo = fifo("streams");
    let path = fifo.display();
    let mut running = Mdb::alone().start();
    // Each stage runs a shell command, whose output nothing holds back.
    running.say(&format!("! 'echo 1; cat {path}; echo 3' | ::map '.+10' | ::eval '! echo got'\n"));
    assert_eq!(running.hear(), "got\n");
    let mut producer = OpenOptions::new().write(true).open(&fifo).unwrap();
    producer.write_all(b"2\n").unwrap();
    assert_eq!(running.hear(), "got\n");
    drop(producer);
    let ran = running.end();
    ran.assert_sound();
    assert_eq!((ran.stdout.as_str(), ran.status.code()), ("got\n", Some(0)));
}

/// Walkers give one item after the other: what the stages do is interleaved.
#[test]
fn stages_take_turns() {
    let output = on("threads3").run(&["::walk thread t | ::eval '!echo one' | ::count"]);
    assert_eq!(output.good(), "one\none\none\n0\n");
    // The variable is that of the item that is on its way.
    let output = on("threads3").run(&["::walk thread t | ::map '<t+10' | ::eval '.=X;<t=X'"]);
    output.good();
    assert_eq!(output.lines(), ["11", "1", "12", "2", "13", "3"]);
}

#[test]
fn head_ends_a_walk() {
    let mdb = on("threads3");
    let all = mdb.run(&["::walk mapping"]);
    let all: Vec<&str> = all.good().lines().collect();
    assert!(all.len() > 5);
    let output = mdb.run(&["::walk mapping m | ::head -2;<m=K"]);
    let lines: Vec<&str> = output.good().lines().map(str::trim).collect();
    assert_eq!(lines[..2], all[..2]);
    // The walk ended there: the variable is not that of a later item.
    assert_eq!(format!("0x{}", lines[2]), all[1]);
}

/// Producers that never end by themselves.
#[test]
fn head_ends_endless_producers() {
    for producer in ["! 'yes 1'", "1,0xffffffffffffffff::echo 1", "! 'yes 1' | ::map ."] {
        let output = Mdb::alone().run(&[&format!("{producer} | ::head -3 | ::map '.+1'")]);
        assert_eq!(output.good(), "2\n2\n2\n", "{producer}");
    }
    // 100,000 frames, of which one is wanted.
    let output = on("deep").run(&["::walk frame f | ::head -1;<f=p"]);
    let lines = output.good().lines().count();
    assert_eq!(lines, 2, "{output:#?}");
    assert!(output.lines()[1].contains("pthread_kill"), "{output:#?}");
}

/// One line on standard error an item that fails; those before and after it are done.
#[test]
fn a_failing_item_is_one_line() {
    let mdb = on("threads3");
    for (line, shown, errors) in [
        ("::echo '1;99;2' | ::findstack ! grep -c pointer", vec!["2"], 1),
        ("::echo 'g;0;g' | ::map '*/4/.'", vec!["7", "7"], 1),
        ("::echo 'g;0;8;g' | ::map '*/4/.'", vec!["7", "7"], 2),
        ("::echo 'g;0;g' | ::grep '*/4/.==7' | ::count", vec!["2"], 1),
        ("::echo 'g;0;g' | ::eval '*/4/.=D'", vec!["7", "7"], 1),
        ("::echo 'g;0;g' | /D ! grep -c 7$", vec!["0"], 1),
        ("::echo '1;0;2' | ::map '4%.'", vec!["4", "2"], 1),
        ("::echo '1;2;99;3' | ::walk frame | ::head -1", vec![], 0),
    ] {
        let output = mdb.run(&[line, "::echo end"]);
        let count = output.stderr.lines().count();
        assert_eq!(count, errors, "{line}: {output:#?}");
        assert!(output.stderr.lines().all(|line| line.starts_with("mdb: ")), "{line}: {output:#?}");
        assert_eq!(output.status, Some(i32::from(errors > 0)), "{line}: {output:#?}");
        let lines = output.lines();
        let (end, lines) = lines.split_last().unwrap();
        assert_eq!(end, "end", "{line}");
        if !shown.is_empty() && line.contains("/D !") {
            continue;
        }
        assert!(shown.is_empty() || lines == shown, "{line}: {output:#?}");
    }
}

/// What is wrong with the text is wrong for every item: it is said once, with the place.
#[test]
fn a_mistake_in_the_text_ends_the_pipe() {
    let mdb = on("threads3");
    for stage in ["::map 'nosuch'", "::grep '.=='", "::map '<nosuch'", "::eval '::nosuch'"] {
        let output = mdb.run(&[&format!("::walk thread | {stage}"), "::echo end"]);
        assert_eq!(output.stdout, "end\n", "{stage}");
        let errors = output.bad().lines().filter(|line| line.starts_with("mdb: ")).count();
        assert_eq!(errors, 1, "{stage}: {output:#?}");
        assert!(
            output.stderr.lines().any(|line| line.trim_start().starts_with('^')),
            "{output:#?}"
        );
    }
}

/// Items know what they are; a stage that wants something else says both.
#[test]
fn items_have_types() {
    let mdb = on("threads3");
    for (line, wanted, given) in [
        ("::walk mapping | ::findstack", "thread", "a mapping"),
        ("::walk object | ::stacks", "thread", "an object"),
        ("::walk mapping | ::grep 1 | ::findstack", "thread", "a mapping"),
        ("::walk mapping | ::head -1 | ::findstack", "thread", "a mapping"),
        ("::walk mapping | ::sort | ::findstack", "thread", "a mapping"),
    ] {
        let output = mdb.run(&[line]);
        let error = output.bad();
        assert_eq!(error.lines().count(), 1, "{line}: {output:#?}");
        assert!(error.contains(&format!("takes a {wanted}, not {given}")), "{line}: {error}");
        assert_eq!(output.stdout, "", "{line}");
    }
    // A value that was computed has no type, and is taken for what is wanted.
    let output = mdb.run(&["::walk thread | ::map . | ::findstack ! grep -c pointer"]);
    assert_eq!(output.good(), "3\n");
}

#[test]
fn what_users_pipe_to_the_shell_for() {
    let mdb = Mdb::alone();
    for (stages, wanted) in [
        ("::sort", "1\n2\n3\n3\n"),
        ("::sort -r", "3\n3\n2\n1\n"),
        ("::sort -u", "1\n2\n3\n"),
        ("::uniq", "3\n1\n2\n"),
        ("::count", "4\n"),
        ("::wc", "4\n"),
        ("::tail -2", "3\n2\n"),
        ("::head -2", "3\n1\n"),
        ("::nth 1 4", "3\n2\n"),
        ("::uniq | ::sort | ::tail -1", "3\n"),
        ("::grep '.==9' | ::count", "0\n"),
        ("::count | ::map '.+1'", "5\n"),
    ] {
        let output = mdb.run(&[&format!("::echo '3;1;3;2' | {stages}")]);
        assert_eq!(output.good(), wanted, "{stages}");
    }
}

/// ^C ends a pipe in the middle; the program says so and ends as a shell expects it of a script.
/// (That the session goes on at the prompt is tested in `prompt.rs`, on a terminal.)
#[test]
fn control_c_ends_a_pipe() {
    let mut running = Mdb::alone().start();
    running.say("! 'yes 1' | ::map '.+1' | ::eval '! echo turn'\n::echo never\n");
    assert_eq!(running.hear(), "turn\n");
    running.signal(libc::SIGINT);
    let ran = running.end();
    ran.assert_sound();
    assert_eq!(ran.status.code(), Some(130), "{ran:#?}");
    assert!(ran.stderr.contains("interrupted") && !ran.stdout.contains("never"), "{ran:#?}");
}

/// A long read of memory is a place to stop at as well.
#[test]
fn control_c_ends_a_command_without_a_pipe() {
    let mut running = on("threads3").start();
    running.say("!echo ready\nmain,0xffffffffffffffff::map '.'\n::echo never\n");
    assert_eq!(running.hear(), "ready\n");
    while running.hear().trim().is_empty() {}
    running.signal(libc::SIGINT);
    let ran = running.end();
    ran.assert_sound();
    assert_eq!(ran.status.code(), Some(130), "{:?}", ran.stderr);
    assert!(!ran.stdout.contains("never"));
}

/// A program that reads rows must be able to believe that each is one.
#[test]
fn text_is_no_row_of_json_whatever_it_begins_with() {
    let mdb = Mdb::alone().word("--json");
    for command in ["::echo '{\"value\":1}'", "::echo '{not json' ! cat"] {
        let rows = mdb.run(&[command]).rows();
        assert!(rows.len() == 1 && rows[0]["text"].as_str().unwrap().starts_with('{'), "{rows:?}");
    }
    let rows = mdb.run(&["5::map .+1 | ::count ! cat"]).rows();
    assert_eq!(rows[0]["count"].as_u64(), Some(1));
}
