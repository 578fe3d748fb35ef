//! The program on a terminal: prompt, history, completion, pager, ^C.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod program;

use program::{TempDir, Terminal};

#[test]
fn lines_are_edited_completed_and_remembered() {
    let home = TempDir::new("prompt");
    let mut terminal = Terminal::open(&home, &[], 24);
    terminal.expect(&["> "]);
    terminal.send("1+2=X\r");
    terminal.expect(&["\n", " 3 ", "> "]);
    // The only command that begins so.
    terminal.send("::vers\t\r");
    terminal.expect(&["::version", "\n", "mdb", "> "]);
    // ^C gives the line up, ^D at an empty one ends.
    terminal.send("::nosuch\x03");
    terminal.expect(&["> "]);
    terminal.send("0t17=X\r");
    terminal.expect(&["\n", " 11 ", "> "]);
    terminal.send("\x04");
    assert_eq!(terminal.status(), Some(0));

    // The next session has the last line of this one: arrow up, return.
    let mut terminal = Terminal::open(&home, &[], 24);
    terminal.expect(&["> "]);
    terminal.send("\x1b[A");
    terminal.expect(&["0t17"]);
    terminal.send("\r");
    terminal.expect(&["\n", " 11 ", "> "]);
    // An incremental search.
    terminal.send("\x121+2");
    terminal.expect(&["1+2"]);
    terminal.send("\r");
    terminal.expect(&["\n", " 3 ", "> "]);
    terminal.send("::nosuch\r");
    terminal.expect(&["unknown dcmd name"]);
    terminal.send("::quit\r");
    // Whoever types has seen the errors.
    assert_eq!(terminal.status(), Some(0));
    let history = home.path.join(".local/state/mdb/history");
    let history = std::fs::read_to_string(history).unwrap();
    assert!(history.contains("0t17=X\n"), "{history}");
}

#[test]
fn the_prompt_and_the_end_are_options() {
    let home = TempDir::new("options");
    let mut terminal =
        Terminal::open(&home, &["-P", "t%<_x>> ", "-o", "ignoreeof", "--color", "never"], 24);
    // Not defined yet.
    terminal.expect(&["t%<_x>> "]);
    terminal.send("0x10>x\r");
    terminal.expect(&["t16> "]);
    terminal.send("\x04");
    terminal.expect(&["use '::quit'", "t16> "]);
    terminal.send("::quit\r");
    assert_eq!(terminal.status(), Some(0));
}

#[test]
fn output_stops_after_a_screenful() {
    let home = TempDir::new("pager");
    let mut terminal = Terminal::open(&home, &[], 5);
    terminal.expect(&["> "]);
    terminal.send("1,0t100::echo line; ::echo after\r");
    terminal.expect(&["line", "line", "line", "line", ">> More [<space>, <cr>, q, n, c, a] ? "]);
    assert!(!terminal.shown.contains("line"));
    terminal.send("\r");
    terminal.expect(&["line", ">> More"]);
    // `q` ends this command, not the whole line.
    terminal.send("q");
    terminal.expect(&["after", "> "]);
    terminal.send("1,0t100::echo line; ::echo after\r");
    terminal.expect(&[">> More"]);
    terminal.send("c");
    terminal.expect(&["after", "> "]);
    terminal.send("1,0t100::echo line; ::echo after\r");
    terminal.expect(&[">> More"]);
    // `a` ends all of it.
    terminal.send("a");
    terminal.expect(&["interrupted", "> "]);
    terminal.send("::set +o pager\r");
    terminal.expect(&["> "]);
    terminal.send("1,8::echo line\r");
    terminal.expect(&["line\r\n"; 8]);
    terminal.send("\x04");
    assert_eq!(terminal.status(), Some(0));
}

#[test]
fn control_c_stops_the_command_and_not_the_session() {
    let home = TempDir::new("interrupt");
    let mut terminal = Terminal::open(&home, &["+o", "pager"], 24);
    terminal.expect(&["> "]);
    terminal.send("0t42>x\r");
    terminal.expect(&["\n", "> "]);
    terminal.send("1,0xffffffffffff::echo hello\r");
    terminal.expect(&["hello\r\n", "hello\r\n"]);
    terminal.send("\x03");
    terminal.expect(&["interrupted", "> "]);
    terminal.send("<x=D\r");
    terminal.expect(&["\n", " 42 ", "> "]);
    terminal.send("\x04");
    assert_eq!(terminal.status(), Some(0));
}

/// What a slow pipe has found is shown before the pipe ends.
#[test]
fn results_are_shown_at_once() {
    let home = TempDir::new("at-once");
    let go = home.path.join("go");
    let mut terminal = Terminal::open(&home, &[], 24);
    terminal.expect(&["> "]);
    // The producer ends when we have seen its first value.
    let wait = format!("while ! test -e {}; do sleep 0.05; done", go.display());
    terminal.send(&format!("! 'echo 1; {wait}; echo 2' | ::map '.+0xabcd'\r"));
    terminal.expect(&["\n", "abce"]);
    std::fs::write(&go, "").unwrap();
    terminal.expect(&["abcf", "> "]);
    terminal.send("\x04");
    assert_eq!(terminal.status(), Some(0));
}
