//! `mdb --check-dmod FILE`: what is said of good dmods, bad ones, and those that crash or hang.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod dmods;
mod program;

use dmods::{c_dmod, headers, spoilt};
use program::{Ended, TempDir, mdb};
use std::path::Path;

/// Checks a file; the directory in what is said is DIR.
fn check(file: &Path) -> Ended {
    let directory = file.parent().unwrap().display().to_string();
    let mut ended = Ended::of(mdb().arg("--check-dmod").arg(file));
    ended.stdout = ended.stdout.replace(&directory, "DIR");
    ended
}

/// Builds the good dmod with definitions that spoil it, and checks that.
fn built(name: &str, definitions: &[&str]) -> Ended {
    let directory = TempDir::new(&format!("check-{name}"));
    let file = directory.path.join("checked.so");
    let options: Vec<String> = definitions.iter().map(|d| format!("-D{d}")).collect();
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    c_dmod(&file, "tests/dmods/checked.c", &headers(), &options);
    check(&file)
}

/// The only error, and that the exit status says so too.
#[track_caller]
fn error(ended: &Ended) -> &str {
    assert_eq!(ended.status, Some(1), "{ended:#?}");
    let errors: Vec<&str> =
        ended.stdout.lines().filter_map(|line| line.strip_prefix("error: ")).collect();
    let [error] = errors.as_slice() else { panic!("one error: {ended:#?}") };
    let last = ended.stdout.lines().last().unwrap();
    assert!(last.starts_with("1 error, "), "{ended:#?}");
    error
}

fn warnings(ended: &Ended) -> Vec<&str> {
    ended.stdout.lines().filter_map(|line| line.strip_prefix("warning: ")).collect()
}

#[test]
fn a_good_one() {
    let ended = built("good", &[]);
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""), "{ended:#?}");
    let compiler = ended.stdout.lines().find_map(|line| line.strip_prefix("  built with  "));
    let compiler = compiler.expect("the compiler is shown");
    assert!(["gcc ", "clang "].iter().any(|name| compiler.starts_with(name)), "{compiler}");
    assert_eq!(
        ended.stdout.replace(compiler, "COMPILER"),
        "DIR/checked.so\n\
         \x20 name        checked\n\
         \x20 loads       always\n\
         \x20 version     1.5\n\
         \x20 ABI         0.2\n\
         \x20 built with  COMPILER\n\
         \x20 about       doubles\n\
         \x20 commands    ::twice\n\
         \x20 walkers     none\n\
         \x20 providers   none\n\
         \x20 examples    1 run, 1 need a target and were only read\n\
         0 errors, 0 warnings\n"
    );
}

#[test]
fn warnings_do_not_fail() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("stop", "SUMMARY=\"double a number.\"", &["::twice: the summary ends with a full stop"]),
        ("capital", "SUMMARY=\"Double\"", &["::twice: the summary begins in upper case"]),
        (
            "trigger",
            "TRIGGER=\"trigger=moon:full\"",
            &["this mdb does not know the trigger 'moon:full': it is never met"],
        ),
        (
            "built-in",
            "NAME=\"mappings\",EXAMPLE=\"4::checked`mappings\"",
            &["DIR/checked.so: dmod checked has ::mappings, which mdb itself has too: type \
                ::checked`mappings for the one of checked"],
        ),
    ];
    for (name, definitions, expected) in cases {
        let ended = built(name, &definitions.split(',').collect::<Vec<_>>());
        assert_eq!(ended.status, Some(0), "{ended:#?}");
        assert_eq!(warnings(&ended), *expected, "{ended:#?}");
        assert!(ended.stdout.ends_with("0 errors, 1 warning\n"), "{ended:#?}");
    }
    // An acronym may begin a summary.
    assert_eq!(warnings(&built("acronym", &["SUMMARY=\"ELF notes\""])), [""; 0]);
}

#[test]
fn files_that_are_no_dmods() {
    let directory = TempDir::new("check-others");
    let file = directory.path.join("text.so");
    std::fs::write(&file, "hello\n").unwrap();
    assert!(error(&check(&file)).starts_with("DIR/text.so: not a dmod: "));
    let missing = check(&directory.path.join("missing.so"));
    assert!(error(&missing).contains("DIR/missing.so: No such file"), "{missing:#?}");
    assert!(error(&check(&directory.path.join("."))).contains("not a dmod"));

    // Every truncated file gets a sentence; none passes.
    let good = directory.path.join("checked.so");
    c_dmod(&good, "tests/dmods/checked.c", &headers(), &[]);
    let bytes = std::fs::read(&good).unwrap();
    let cut = directory.path.join("cut.so");
    for length in (0..bytes.len()).step_by(bytes.len() / 16) {
        std::fs::write(&cut, bytes.get(..length).unwrap()).unwrap();
        let ended = check(&cut);
        assert!(error(&ended).contains("DIR/cut.so: "), "{length}: {ended:#?}");
    }
    // The loader would take what others may write for its own.
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    std::fs::set_permissions(&good, mode).unwrap();
    assert!(error(&check(&good)).contains("anybody may write to it"));
}

#[test]
fn false_tables_and_versions() {
    let directory = TempDir::new("check-tables");
    let file = directory.path.join("sum.so");
    for (definition, expected) in [
        ("DCMDS={dcmds,4000,4096}", "DIR/sum.so: table dcmds: 4000 elements"),
        ("OPTION_KIND=77", "DIR/sum.so: table dcmds[0] (::sum).options[0]: kind 77"),
        ("RUN=0", "DIR/sum.so: table dcmds[0] (::sum).run: NULL"),
        ("MAJOR=3", "DIR/sum.so: dmod sum is built for ABI 3.1"),
        ("FLAGS=1", "DIR/sum.so: dmod sum is built with panic=abort"),
        ("NOTE_TEXT=\"abi=0\\0name=sum\\0\"", "DIR/sum.so: its dmod note is bad"),
        (
            "NOTE_TEXT=\"abi=7\\0name=sum\\0entry=mdb_dmod_sum\\0\"",
            "DIR/sum.so: dmod sum is built for ABI 7.0",
        ),
    ] {
        spoilt(&file, &[definition]);
        let ended = check(&file);
        assert!(error(&ended).starts_with(expected), "{definition}: {ended:#?}");
    }
}

#[test]
fn ones_that_crash_when_they_are_opened() {
    let place = "while it was opened: in a constructor, in its entry function, or in its tables";
    for (name, at_open, expected) in [
        ("abort", "abort()", "it crashed with SIGABRT"),
        ("segv", "*(volatile int *)8 = 1", "it crashed with SIGSEGV"),
        ("exit", "_exit(0)", "it ended mdb with exit status 0"),
    ] {
        let ended = built(name, &[&format!("AT_OPEN={at_open}")]);
        assert_eq!(error(&ended), format!("DIR/checked.so: {expected} {place}"), "{ended:#?}");
        // What is known from its note is said all the same.
        assert!(ended.stdout.contains("  name        checked\n"), "{ended:#?}");
    }
}

/// Takes as long as the program's patience.
#[test]
fn one_that_hangs_when_it_is_opened() {
    let ended = built("hang", &["AT_OPEN=for (;;) pause()"]);
    let error = error(&ended);
    assert!(error.starts_with("DIR/checked.so: it hangs while it was opened: "), "{error}");
    assert!(error.ends_with(": stopped after 10 s"), "{error}");
}

#[test]
fn examples_are_run() {
    let failing = built("failing", &["EXAMPLE=\"4::twice | ::nosuch\""]);
    let text = "::twice: the example '4::twice | ::nosuch' fails: invalid command '::nosuch'";
    assert!(error(&failing).starts_with(text), "{failing:#?}");
    let unread = built("unread", &["EXAMPLE=\"1+::\""]);
    assert!(error(&unread).contains("the example '1+::' cannot be read"), "{unread:#?}");
    let crash = built("crash", &["IN_DCMD=abort()"]);
    let expected = "DIR/checked.so: it crashed with SIGABRT in the example '4::twice'";
    assert_eq!(error(&crash), expected);
}

/// What a dmod prints by itself is not taken for what mdb found.
#[test]
fn what_a_dmod_prints_is_its_own() {
    let noise = "AT_OPEN=puts(\"done \"); puts(\"error all is lost\"); fflush(stdout)";
    let ended = built("noise", &[noise]);
    assert_eq!(ended.status, Some(0), "{ended:#?}");
    assert!(ended.stdout.ends_with("0 errors, 0 warnings\n"), "{ended:#?}");
    assert_eq!(ended.stderr, "done \nerror all is lost\n");
}

#[test]
fn it_stands_alone_on_the_command_line() {
    for words in [&["--check-dmod"][..], &["--check-dmod", "a.so", "core"], &["--check-dmod-here"]]
    {
        assert_eq!(Ended::of(mdb().args(words)).status, Some(2), "{words:?}");
    }
}
