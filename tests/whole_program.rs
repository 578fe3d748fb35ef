//! The program as a whole: operands, scripts, exit status.

mod session;

use session::Mdb;

#[test]
fn expressions_need_no_target() {
    assert_eq!(Mdb::alone().run(&["1+2*3=D"]).good().trim(), "7");
    assert_eq!(Mdb::alone().script("0t100=X\n").good().trim(), "64");
}

#[test]
fn the_exit_status_is_honest() {
    assert!(Mdb::alone().run(&["::nosuch", "1=D"]).bad().contains("unknown dcmd name"));
    let output = Mdb::alone().script("::nosuch\n1=D\n");
    assert!(output.bad().contains("on line 1 of (stdin)"), "{output:#?}");
    assert_eq!(output.stdout.trim(), "1");
    // The first failure ends a strict script.
    let strict = Mdb::alone().word("--strict").run(&["::nosuch", "1=D"]);
    assert_eq!((strict.status, strict.stdout.as_str()), (Some(1), ""));
    assert_eq!(Mdb::alone().word("--no-such-option").run(&[]).status, Some(2));
}

#[test]
fn answers_are_told_apart_by_line() {
    let answers = Mdb::alone().conversation(&["5", "::nosuch", "", ".=D"]);
    let [five, error, nothing, dot] = answers.as_slice() else { panic!("{answers:#?}") };
    assert_eq!((five.trim(), nothing.as_str(), dot.trim()), ("5", "", "5"));
    assert_eq!(error.lines().next(), Some("mdb: invalid command '::nosuch': unknown dcmd name"));
}
