//! The functions of `mdb_dmod_author.h`, called from C.

#![allow(clippy::expect_used, reason = "tests")]

use std::process::Command;

#[test]
fn the_functions_for_authors_look_at_the_sizes_of_tables() {
    let here = env!("CARGO_MANIFEST_DIR");
    let program = format!("{}/author-{}", env!("CARGO_TARGET_TMPDIR"), std::process::id());
    let mut cc = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    cc.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-g", "-o", &program]);
    let source = format!("{here}/tests/author.c");
    let done = cc.args(["-I", &format!("{here}/include"), &source]).output();
    let done = done.expect("the tests need a C compiler");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let ran = Command::new(&program).output().expect("it was just built");
    let _ = std::fs::remove_file(&program);
    assert!(ran.status.success(), "{}: {}", ran.status, String::from_utf8_lossy(&ran.stderr));
}
