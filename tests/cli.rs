//! The program from outside: operands, options, scripts, exit statuses.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod program;

use mdb_fixtures::{available, committed, fixture};
use program::{Ended, TempDir, mdb};
use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;

/// Runs with these words.
fn run(words: &[&str]) -> Ended {
    Ended::of(mdb().args(words))
}

/// Runs a script on standard input.
fn script(words: &[&str], text: &str) -> Ended {
    Ended::with_input(mdb().args(words), text)
}

#[test]
fn a_text_is_evaluated_without_a_target() {
    let ended = run(&["-e", "1+2*3=D"]);
    assert_eq!(ended.words(), "7");
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""));
}

#[test]
fn several_texts_are_evaluated_in_order() {
    let ended = run(&["-e", "0t16>x", "-e", "<x=X", "-e", "::echo end"]);
    assert_eq!(ended.words(), "10 end");
    assert_eq!(ended.status, Some(0));
}

#[test]
fn a_text_ends_at_an_unknown_command() {
    // Row 146.
    let ended = run(&["-e", "::nosuch;::echo hi"]);
    assert_eq!((ended.status, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.starts_with("mdb: invalid command '::nosuch': unknown dcmd name\n"));
}

#[test]
fn any_failure_counts() {
    // Row 147, with another usage error: MDB would end with 0.
    let ended = run(&["-e", "::walk;::echo hi"]);
    assert_eq!((ended.status, ended.words().as_str()), (Some(1), "hi"));
    assert!(ended.stderr.contains("Usage"), "{}", ended.stderr);
    // An early failure, a later success.
    let ended = run(&["-e", "::walk nosuch;::echo hi", "-e", "::echo there"]);
    assert_eq!((ended.status, ended.words().as_str()), (Some(1), "hi there"));
    // A text inside of a pipe that is no expression.
    assert_eq!(run(&["-e", "::echo '1 2' | ::map ."]).status, Some(1));
    assert_eq!(run(&["-e", "::load nosuch"]).status, Some(1));
    assert_eq!(run(&["-e", "::quit"]).status, Some(0));
    assert_eq!(run(&["-e", "::nosuch", "-e", "::quit", "-e", "::echo no"]).status, Some(1));
}

#[test]
fn strict_ends_at_the_first_failure() {
    for words in [&["--strict"][..], &["-o", "strict"]] {
        let words = [words, &["-e", "::walk nosuch", "-e", "::echo hi"]].concat();
        let ended = run(&words);
        assert_eq!((ended.status, ended.stdout.as_str()), (Some(1), ""));
    }
    let ended = script(&["--strict"], "::echo one\n::nosuch\n::echo two\n");
    assert_eq!((ended.status, ended.words().as_str()), (Some(1), "one"));
    let ended = script(&["-o", "strict", "+o", "strict"], "::nosuch\n::echo two\n");
    assert_eq!((ended.status, ended.words().as_str()), (Some(1), "two"));
}

#[test]
fn a_script_goes_on_after_errors_and_tells_their_lines() {
    // Row 145: MDB would end with 0.
    let ended = script(&[], "#!/usr/bin/mdb\n::echo one\n::nosuch\n\n1 +\n::echo two\n");
    assert_eq!((ended.status, ended.words().as_str()), (Some(1), "one two"));
    assert!(ended.stderr.contains("unknown dcmd name on line 3 of (stdin)\n"), "{}", ended.stderr);
    assert!(ended.stderr.contains("on line 5 of (stdin)\n"), "{}", ended.stderr);
    let ended = script(&[], "::echo one\n::quit\n::echo two\n");
    assert_eq!((ended.status, ended.words().as_str()), (Some(0), "one"));
    // The last line has no end.
    let ended = script(&[], "5=D");
    assert_eq!((ended.status, ended.words().as_str()), (Some(0), "5"));
}

#[test]
fn a_bare_expression_sets_dot_and_is_shown_in_scripts() {
    // Rows 62 and 63, the latter with our deviation.
    assert_eq!(run(&["-e", "5;.=D"]).words(), "5");
    assert_eq!(script(&[], "0t10=D\n0t16\n.=D\n").words(), "10 10 16");
}

#[test]
fn a_shell_command_of_a_script_reads_on_from_the_same_place() {
    let ended = script(&[], "::echo one\n!read x && echo got $x\nhello\n::echo two\n");
    assert_eq!(ended.words(), "one got hello two");
    assert_eq!(ended.status, Some(0));
}

#[test]
fn a_line_without_an_end_is_no_script() {
    let ended = script(&[], &"x".repeat(3 << 20));
    assert_eq!(ended.status, Some(1));
    assert!(ended.stderr.contains("not a script"), "{}", &ended.stderr[..200]);
}

#[test]
fn bad_options_end_with_2() {
    let long = "x".repeat(36);
    for words in [
        &["-Z"][..],
        &["+x"],
        &["-o", "nosuch"],
        &["-P", &long],
        &["-s", "0x10"],
        &["-k"],
        &["-w"],
        &["--color", "sometimes"],
        &["-e"],
    ] {
        let ended = run(words);
        assert_eq!((ended.status, ended.stdout.as_str()), (Some(2), ""), "{words:?}");
        assert!(!ended.stderr.is_empty(), "{words:?}");
    }
    for word in ["-?", "--help", "--version"] {
        let ended = run(&[word]);
        assert_eq!(ended.status, Some(0));
        assert!(ended.stdout.contains("mdb"), "{word}");
    }
}

#[test]
fn what_cannot_be_opened_ends_with_1_and_a_sentence() {
    let directory = TempDir::new("cannot");
    let text = directory.path.join("text");
    fs::write(&text, "no core\n").unwrap();
    let empty = directory.path.join("empty");
    fs::write(&empty, "").unwrap();
    let missing = directory.path.join("missing");
    for (file, why) in [
        (&text, "a text file"),
        (&empty, "the file is empty"),
        (&missing, "No such file"),
        (&directory.path, "a directory"),
    ] {
        let ended = run(&["-e", "::echo hi", file.to_str().unwrap()]);
        assert_eq!((ended.status, ended.stdout.as_str()), (Some(1), ""), "{why}");
        assert!(ended.stderr.contains(why), "{}", ended.stderr);
        assert!(ended.stderr.contains(file.to_str().unwrap()), "{}", ended.stderr);
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    }
    let ended = run(&["-p", "1"]);
    assert_eq!(ended.status, Some(1));
    assert!(ended.stderr.contains("not supported yet"));
}

#[test]
fn options_and_operands_interleave() {
    // Row 144.
    let example = committed().unwrap();
    let core = example.core.to_str().unwrap();
    let program = example.executable.to_str().unwrap();
    let expected = run(&[core, "-e", "::status"]);
    assert!(expected.stdout.starts_with("debugging core file of"), "{}", expected.stdout);
    assert!(expected.stdout.contains("SIGSEGV"), "{}", expected.stdout);
    assert_eq!(expected.status, Some(0));
    assert_eq!(run(&["-e", "::status", core]).stdout, expected.stdout);
    assert_eq!(run(&["-c", core, "-e", "::status"]).stdout, expected.stdout);
    // With the program the functions have names, whichever way it is given.
    for words in [
        [program, core, "-e", "$c"].to_vec(),
        [core, "-e", "$c", program].to_vec(),
        [program, "-c", core, "-e", "$c"].to_vec(),
    ] {
        let ended = run(&words);
        assert!(ended.stdout.starts_with("func+0x"), "{words:?}: {}", ended.stdout);
    }
    // Without it, the missing file is told.
    let ended = run(&[core, "-e", "::echo hi"]);
    assert!(ended.stderr.contains("was not found"), "{}", ended.stderr);
    assert_eq!((ended.status, ended.words().as_str()), (Some(0), "hi"));
}

#[test]
fn an_executable_is_a_target() {
    let example = committed().unwrap();
    let ended =
        run(&[example.executable.to_str().unwrap(), "-e", "main=p", "-e", "main::dis -n 0"]);
    assert!(ended.words().starts_with("main main:"), "{}", ended.stdout);
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
}

#[test]
fn rows_are_json_on_demand() {
    let example = committed().unwrap();
    let core = example.core.to_str().unwrap();
    let ended = run(&["--json", core, "-e", "::mappings", "-e", "::echo 'a \"b\"'"]);
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    let lines: Vec<serde_json::Value> =
        ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() > 3 && lines.iter().all(serde_json::Value::is_object));
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let example = committed().unwrap();
    let core = example.core.to_str().unwrap();
    let colourful = |words: &[&str]| {
        let ended = run(&[&[core, "-e", "$c"], words].concat());
        ended.stdout.contains('\x1b')
    };
    assert!(!colourful(&[]));
    assert!(!colourful(&["--color", "never"]));
    assert!(colourful(&["--color", "always"]));
    assert!(!colourful(&["--color", "always", "+o", "color"]));
}

#[test]
fn errors_stand_where_they_happened() {
    let directory = TempDir::new("order");
    let file = directory.path.join("out");
    let out = fs::File::create(&file).unwrap();
    let status = mdb()
        .args(["-e", "::echo one", "-e", "::nosuch", "-e", "!echo two", "-e", "::echo three"])
        .stdout(out.try_clone().unwrap())
        .stderr(out)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(1));
    let text = fs::read_to_string(&file).unwrap();
    let places: Vec<_> = ["one", "mdb: invalid", "two", "three"]
        .iter()
        .map(|word| text.find(word).unwrap_or_else(|| panic!("{word} in {text}")))
        .collect();
    assert!(places.is_sorted(), "{text}");
}

#[test]
fn a_full_disk_is_told_and_a_closed_pipe_is_not() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = mdb().args(["-e", "1=X"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("write to stdout failed, exiting"), "{text}");

    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = mdb()
        .args(["-e", "1,10000::echo hello", "-e", "::echo hi"])
        .stdout(writer)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn the_start_file_is_the_home_directorys() {
    let home = TempDir::new("home");
    let elsewhere = TempDir::new("elsewhere");
    fs::write(home.path.join(".mdbrc"), "// mine\n::echo home\n::nosuch\n0t7>seven\n").unwrap();
    fs::create_dir_all(home.path.join(".config/mdb")).unwrap();
    fs::write(home.path.join(".config/mdb/mdbrc"), "::echo config\n").unwrap();
    fs::write(elsewhere.path.join(".mdbrc"), "::echo elsewhere\n").unwrap();
    let command = |words: &[&str]| {
        let mut command = mdb();
        command.env("HOME", &home.path).current_dir(&elsewhere.path).args(words);
        Ended::of(&mut command)
    };
    let ended = command(&["-e", "<seven=D"]);
    assert_eq!(ended.words(), "config home 7");
    assert!(ended.stderr.contains(".mdbrc\n") && ended.stderr.contains("on line 3 of "));
    // Its failures are its own.
    assert_eq!(ended.status, Some(0));
    assert_eq!(command(&["-S", "-e", "::echo hi"]).words(), "hi");
    // Nor does a relative HOME make the current directory one.
    let mut command = mdb();
    command.env("HOME", ".").current_dir(&elsewhere.path).args(["-e", "::echo hi"]);
    assert_eq!(Ended::of(&mut command).words(), "hi");
    fs::write(home.path.join(".mdbrc"), "::quit\n").unwrap();
    let mut command = mdb();
    let ended = Ended::of(command.env("HOME", &home.path).args(["-e", "::echo hi"]));
    assert_eq!((ended.status, ended.words().as_str()), (Some(0), "config"));
}

/// Sends a signal to a child.
fn send(child: &std::process::Child, signal: i32) {
    // SAFETY: kill has no conditions, and the child is ours and not waited for yet.
    assert_eq!(unsafe { libc::kill(i32::try_from(child.id()).unwrap(), signal) }, 0);
}

#[test]
fn control_c_stops_a_command() {
    let mut child = mdb()
        .args(["-e", "1,0xffffffffffff::echo hello", "-e", "::echo never"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut first = [0; 5];
    stdout.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"hello");
    send(&child, libc::SIGINT);
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert!(!rest.contains("never"));
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn control_c_ends_a_script_that_does_not_come() {
    let mut child =
        mdb().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"::echo ready\n").unwrap();
    let mut first = [0; 5];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    send(&child, libc::SIGINT);
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn a_file_that_is_cut_under_us_is_named() {
    let Some(example) = available("a_file_that_is_cut", fixture("example1")).unwrap() else {
        return;
    };
    let directory = TempDir::new("cut");
    let core = directory.path.join("core");
    fs::copy(&example.core, &core).unwrap();
    let mut shell = program::without_cores();
    let mut child = shell
        .args([core.as_os_str(), example.executable.as_os_str()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"::echo ready\n").unwrap();
    let mut first = [0; 5];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    fs::OpenOptions::new().write(true).open(&core).unwrap().set_len(100).unwrap();
    // The stack is in the core alone.
    input.write_all(b"<rsp,100/X\n").unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains(core.to_str().unwrap()) && text.contains("was truncated"), "{text}");
    assert_eq!(output.status.signal(), Some(libc::SIGBUS));
}
