//! `dmods/template`, copied out of the workspace: it builds, its tests pass, and what it finds in a
//! core is what the program printed. The rest of what authors are told is in
//! `docs/manual/write-a-dmod.md`, which `tests/manual.rs` runs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at what it did not expect")]

mod outside;
mod session;

use mdb_fixtures::{available, fixture};
use outside::Outside;
use session::{Mdb, shell_with};

#[test]
fn the_template_builds_outside_and_is_right() {
    let outside = Outside::copy("template");
    let cargo = |line: &str| {
        let said = shell_with(
            &format!("{line} && echo GOOD"),
            &outside.directory,
            &Outside::environment(),
        );
        assert!(said.ends_with("GOOD\n"), "{line}: {said}");
        said
    };
    cargo("cargo build --quiet");
    let tests = cargo("cargo test");
    assert!(tests.contains("3 passed; 0 failed"), "{tests}");

    let name = "the_template_builds_outside_and_is_right";
    let Some(blocks) = available(name, fixture("blocks")).unwrap() else { return };
    let mut entries: Vec<Vec<&str>> = blocks.truths("entry").collect();
    // The list begins with the node that was made last.
    entries.reverse();
    assert_eq!(entries.len(), 3);
    let nodes: String = entries.iter().map(|entry| format!("{}\n", entry[0])).collect();
    let ids: Vec<&str> = entries.iter().map(|entry| entry[1]).collect();

    let mdb = Mdb::on(&blocks.core).in_directory(&outside.directory);
    let load = "::load target/debug/libtemplate.so";
    let walked = mdb.run(&[load, "*list_head::walk chain"]);
    assert_eq!(walked.good(), nodes);
    // The third word of a node is its id.
    let rows = mdb.clone().word("--json").run(&[load, "*list_head::walk chain | ::word -o 0x10"]);
    let values: Vec<String> =
        rows.rows().iter().map(|row| row["value"].to_string().replace('"', "")).collect();
    let expected: Vec<String> = ids.iter().map(|id| format!("0x{id}")).collect();
    assert_eq!(values, expected, "{rows:#?}");
    // Found by its trigger where a user says that it may be looked for.
    let by_itself = Mdb::on(&blocks.core)
        .word("-L")
        .word(outside.directory.join("target/debug"))
        .run(&["*list_head::walk chain | ::count"]);
    assert_eq!(by_itself.good(), "3\n");
}
