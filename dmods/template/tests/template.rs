//! The dmod, called through the same tables as by mdb, on memory that is made up.

use mdb_dmod::testing::Fake;
use template::builtin;

/// A list of two nodes: a pointer to the next one, a value.
fn fake() -> Fake {
    Fake::new(builtin())
        .words(0x1000, &[0x2000, 7])
        .words(0x2000, &[0, 8])
}

#[test]
fn words_are_printed() {
    assert_eq!(fake().run("0x1000::word -o 8").rows, [["1008", "7"]]);
    let failed = fake().run("0x3000::word").error;
    assert_eq!(
        failed.as_deref(),
        Some("no data at address 0x3000: no mapping for address")
    );
}

#[test]
fn lists_are_walked() {
    assert_eq!(fake().run("0x1000::walk chain").pipe, [0x1000, 0x2000]);
    assert_eq!(
        fake().run("0x1000::walk chain | ::word -o 8").rows,
        [["1008", "7"], ["2008", "8"]]
    );
}

#[test]
fn a_circle_ends() {
    let outcome = Fake::new(builtin())
        .words(0x1000, &[0x1000])
        .run("0x1000::walk chain");
    assert_eq!(outcome.pipe, [0x1000]);
    assert_eq!(
        outcome.error.as_deref(),
        Some("the list comes back to a node that it had")
    );
}
