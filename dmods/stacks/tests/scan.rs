//! `::findstack -S` on a fake stack.

use mdb_dmod::testing::{Fake, FakeFrame, FakeThread};
use stacks::builtin;

/// A stack with two return addresses among other words, and the code that they are in.
fn fake() -> Fake {
    let mut code = [0x90; 0x100];
    // `call callee` ends at 0x4010; `call *%rax` at 0x4040.
    code[0x0b..0x10].copy_from_slice(&[0xe8, 0xf0, 0, 0, 0]);
    code[0x3e..0x40].copy_from_slice(&[0xff, 0xd0]);
    // A call into nowhere ends at 0x4060.
    code[0x5b..0x60].copy_from_slice(&[0xe8, 0, 0, 0, 0x70]);
    let thread = FakeThread::new(77, vec![FakeFrame::new(0x7000, 0x4100, "callee", 0)])
        .register("rsp", 0x7000)
        .register("orig_rax", u64::MAX)
        .register("rax", 0);
    Fake::new(builtin())
        .thread(thread)
        .symbol("caller", 0x4000, 0x40)
        .symbol("next", 0x4040, 0xc0)
        .symbol("callee", 0x4100, 0x10)
        .region(0x4000, code)
        .region(0x4100, [0x90; 0x10])
        .mapping(0x4000, 0x4110, "/bin/program")
        .stack(0x7000, 0x7040, 1)
        .words(0x7000, &[0x4030, 0x4010, 0x7010, 0x4060, 0x4040, 0x1234, 0x4010, u64::MAX])
}

#[test]
fn words_behind_calls_are_found() {
    let text = fake().call("findstack").at(1).flags("S").run().text;
    assert_eq!(
        text,
        "stack pointer for thread 1 (tid 77): 7000\n\
         \x20 0000000000007008 caller+0x10() ? scan, calls callee\n\
         \x20 0000000000007020 caller+0x40() ? scan\n\
         \x20 0000000000007030 caller+0x10() ? scan, calls callee\n"
    );
    // From an address, aligned; and as numbers.
    let outcome = fake().call("findstack").at(0x701b).flags("Sn").run();
    assert_eq!(
        outcome.text,
        "return addresses on the stack from 7020\n\
         \x20 0000000000007020 0x4040() ? scan\n\
         \x20 0000000000007030 0x4010() ? scan, calls callee\n"
    );
    let rows = outcome.rows;
    assert_eq!(rows[1][2..7], ["7020", "4040", "caller+0x40", "caller", "40"]);
    assert_eq!(rows[1][12..14], ["scan", "1"], "it is doubtful");
    // Into a pipe go the places on the stack.
    let piped = fake().call("findstack").at(1).flags("S").piped().run();
    assert_eq!(piped.pipe, [0x7008, 0x7020, 0x7030]);
}

#[test]
fn bad_stacks_end_with_a_sentence() {
    let neither = fake().call("findstack").at(0x99_0000).flags("S").run();
    assert_eq!(neither.error.as_deref(), Some("no thread 10027008"));
    let none = fake().call("findstack").at(0x7038).flags("S").run();
    assert!(none.text.ends_with("  no return address stands between 7038 and 7040\n"), "{none:?}");
    // No word is behind this stack pointer.
    let broken = FakeThread::new(78, Vec::new()).register("rsp", u64::MAX - 2);
    let last = fake().thread(broken).call("findstack").at(2).flags("S").run();
    assert_eq!(last.error.as_deref(), Some("the stack pointer is in no mapping"));
    // The core has less of the stack than was mapped.
    let fake = fake().stack(0x8000, 0x9000, 1).words(0x8000, &[0x4010]);
    let short = fake.call("findstack").at(0x8000).flags("S").run();
    assert!(short.text.ends_with("  searched up to 8008; the mapping ends at 9000\n"), "{short:?}");
    let command = fake.call("findstack").at(1).flags("S").argument("$c").run();
    assert_eq!(command.error.as_deref(), Some("-S takes no command"));
}
