//! The test support that pages of the manual are run with tells the truth itself.

mod session;

use session::{Mdb, shell};

#[test]
fn answers_are_told_apart_by_line() {
    let answers = Mdb::alone().conversation(&["5", "::nosuch", "", ".=D"]);
    let [five, error, nothing, dot] = answers.as_slice() else { panic!("{answers:#?}") };
    assert_eq!((five.trim(), nothing.as_str(), dot.trim()), ("5", "", "5"));
    assert_eq!(error.lines().next(), Some("mdb: invalid command '::nosuch': unknown dcmd name"));
    // The end of the program ends the answers.
    assert_eq!(Mdb::alone().conversation(&["::echo a", "::quit", "::echo b"]), ["a\n"]);
}

#[test]
fn a_run_is_judged_by_its_status_and_standard_error() {
    assert_eq!(Mdb::alone().run(&["::echo a"]).good(), "a\n");
    assert!(Mdb::alone().run(&["::nosuch"]).bad().contains("unknown dcmd name"));
    let rows = Mdb::alone().word("--json").run(&["::version"]).rows();
    assert_eq!(rows.len(), 1);
    assert_eq!(shell("mdb -S -e '::echo a'; echo $?", &std::env::temp_dir()), "a\n0\n");
}
