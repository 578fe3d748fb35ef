//! The commands, called through the real tables on a fake target.

use mdb_dmod::testing::{Fake, FakeFrame, FakeThread};
use native::builtin;

fn fake() -> Fake {
    let frames = vec![
        FakeFrame::new(0x7010, 0x40_1010, "inner", 1),
        FakeFrame::new(0x7100, 0x40_1020, "main", 5),
    ];
    Fake::new(builtin())
        .symbol("main", 0x40_1000, 0x100)
        .mapping(0x40_1000, 0x40_2000, "/bin/example1")
        .mapping(0x50_0000, 0x50_1000, "")
        .stack(0x6000, 0x8000, 1)
        .thread(FakeThread::new(77, frames).register("rsp", 0x7010))
        .auxv(6, 4096, "AT_PAGESZ")
        .auxv(31, 0x7f00, "AT_EXECFN")
        .auxv(15, 0x9000, "AT_PLATFORM")
        .auxv(9, 0x40_1000, "AT_ENTRY")
        .region(0x7f00, *b"./example1\0")
}

fn whatis(address: u64) -> String {
    fake().call("whatis").at(address).run().text
}

#[test]
fn addresses_are_explained() {
    assert_eq!(whatis(0x40_1000), "401000 is main, in /bin/example1 [401000,402000)\n");
    assert_eq!(whatis(0x40_1010), "401010 is main+0x10, in /bin/example1 [401000,402000)\n");
    assert_eq!(
        whatis(0x40_1f00),
        "401f00 is in /bin/example1 [401000,402000) ???, offset 0xf00 in the file\n"
    );
    assert_eq!(whatis(0x50_0008), "500008 is in an anonymous mapping [500000,501000) ???\n");
    assert_eq!(whatis(0), "0 is unknown\n");
    assert_eq!(whatis(0x9999_0000), "99990000 is unknown\n");
    assert_eq!(
        whatis(0x7018),
        "7018 is in frame 0 (inner+0x1) of the stack of thread 1 (tid 77) [6000,8000)\n"
    );
    assert_eq!(
        whatis(0x7208),
        "7208 is in frame 1 (main+0x5) of the stack of thread 1 (tid 77) [6000,8000)\n"
    );
    assert_eq!(
        whatis(0x7000),
        "7000 is 0x10 below the stack pointer, in the red zone, in the stack of thread 1 (tid 77) \
         [6000,8000)\n"
    );
    assert!(whatis(0x6000).contains(", not in use, "));
}

#[test]
fn all_explanations_can_be_had() {
    let outcome = fake().call("whatis").at(0x40_1010).flags("a").run();
    assert_eq!(outcome.rows.len(), 2);
    assert_eq!(outcome.rows[0][..4], ["401010", "symbol", "main", "10"]);
    assert_eq!(outcome.rows[1][1], "file mapping");
    assert_eq!(fake().call("whatis").at(5).piped().run().pipe, [5]);
}

#[test]
fn the_vector_is_explained() {
    let rows = fake().call("auxv").run().rows;
    let meanings: Vec<_> = rows.iter().map(|r| (r[0].as_str(), r[2].as_str())).collect();
    assert_eq!(
        meanings,
        [
            ("AT_PAGESZ", "4096"),
            ("AT_EXECFN", "\"./example1\""),
            ("AT_PLATFORM", "(no data at address 0x9000: no mapping for address)"),
            ("AT_ENTRY", "main"),
        ]
    );
    let stopped = fake().cancel_after(0).call("auxv").run();
    assert_eq!(stopped.error.as_deref(), Some("interrupted"));
}

#[test]
fn the_signal_is_explained() {
    let text = |fake: Fake| fake.call("siginfo").run().text;
    assert_eq!(
        text(fake().signal(11, 1, Some(0x10))),
        "signal 11 (SIGSEGV), code 1 (SEGV_MAPERR), addr=10\n"
    );
    assert_eq!(text(fake().signal(6, -6, None)), "signal 6 (SIGABRT), code -6 (SI_TKILL)\n");
    assert!(fake().call("siginfo").run().error.unwrap().contains("records no signal"));
}

/// A stack as the kernel leaves it: one argument, one variable, both at `0x7d00` and above.
fn started(argument: &[u8]) -> Fake {
    let mut texts = argument.to_vec();
    texts.resize(0x100, 0);
    let fake = Fake::new(builtin())
        .stack(0x7c00, 0x8000, 1)
        .thread(FakeThread::new(77, vec![FakeFrame::new(0x7c00, 0x40_1010, "main", 1)]))
        .auxv(6, 4096, "AT_PAGESZ")
        .auxv(31, 0x7f00, "AT_EXECFN");
    let mut words = vec![0_u64, 1, 0x7d00, 0, 0x7e00, 0, 6, 4096, 31, 0x7f00, 0, 0];
    words.resize(0x100 / 8, 0);
    let mut stack: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    stack.extend(texts);
    let mut rest = b"HOME=/root".to_vec();
    rest.resize(0x100, 0);
    stack.extend(rest);
    stack.extend(b"./example1\0");
    fake.region(0x7c00, stack)
}

#[test]
fn the_initial_environment_is_found() {
    let guessed = started(b"app").call("env").run();
    assert_eq!(guessed.rows[0][1..3], ["HOME", "/root"]);
    let initial = started(b"app").call("env").flags("i").run();
    assert_eq!(initial.rows, guessed.rows);
}

#[test]
fn arguments_are_masked() {
    let rows = started(b"https://u:p@h/?a=b").call("args").run().rows;
    assert_eq!(rows[0][2], "https://u:********@h/?a=b");
}

#[test]
fn a_text_is_as_long_as_its_bytes() {
    let fake = started(b"\xff\xff\xff");
    let text = |address| fake.call("whatis").at(address).run().text;
    assert!(text(0x7d03).contains("argv[0]"), "{}", text(0x7d03));
    assert!(!text(0x7d04).contains("argv[0]"), "{}", text(0x7d04));
}

#[test]
fn the_end_of_the_address_space_is_no_stack() {
    let fake =
        Fake::new(builtin()).stack(u64::MAX - 3, u64::MAX, 1).auxv(31, u64::MAX - 2, "AT_EXECFN");
    assert!(fake.call("args").run().error.is_some());
    assert!(fake.call("env").run().error.is_some());
}
