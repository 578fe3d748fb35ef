//! The commands, called through the real tables on a fake target.

use mdb_dmod::abi::{FRAME_DOUBTFUL, FRAME_INLINED, FRAME_SIGNAL};
use mdb_dmod::testing::{Fake, FakeFrame, FakeThread};
use stacks::builtin;

fn sleeping(tid: u32, call: u64, result: i64, functions: &[&str]) -> FakeThread {
    let frame = |(n, name): (usize, &&str)| {
        let start = match *name {
            "pthread_mutex_lock" => 0x2000,
            "pthread_cond_wait" => 0x2100,
            _ => 0x1_0000 + 0x1000 * n as u64,
        };
        let offset = name.len() as u64;
        FakeFrame::new(0x7000 + 16 * n as u64, start + offset, name, offset).module("libc.so.6")
    };
    FakeThread::new(tid, functions.iter().enumerate().map(frame).collect())
        .register("orig_rax", call)
        .register("rax", result as u64)
}

fn crashed() -> FakeThread {
    FakeThread::new(
        12345,
        vec![
            FakeFrame::new(0x7ffd_1000, 0x40_1130, "func", 0x20).at("example1.c", 7),
            FakeFrame::new(0x7ffd_1020, 0x40_1141, "helper", 0x1).flags(FRAME_INLINED),
            FakeFrame::new(0x7ffd_1020, 0x40_1161, "main", 0x21).at("example1.c", 12),
        ],
    )
    .register("rsp", 0x7ffd_0ff0)
    .register("orig_rax", u64::MAX)
    .register("rax", 0)
    .signal(11)
}

#[test]
fn findstack_speaks_as_mdb_does() {
    let fake = Fake::new(builtin()).thread(crashed());
    let plain = "stack pointer for thread 1 (tid 12345): 7ffd0ff0\n\
                 [ 000000007ffd1000 func+0x20() ]\n  000000007ffd1020 main+0x21()\n";
    assert_eq!(fake.call("findstack").at(1).run().text, plain);
    assert_eq!(fake.call("findstack").at(12345).run().text, plain, "the kernel's id does too");
    assert_eq!(fake.call("findstack").run().text, plain, "without one, the representative");
    let verbose = "stack pointer for thread 1 (tid 12345): 7ffd0ff0\n\
                   [ 000000007ffd1000 func+0x20() ] at example1.c:7\n\
                   \x20 000000007ffd1020 helper+0x1(...) [inlined]\n\
                   \x20 000000007ffd1020 main+0x21(...) at example1.c:12\n";
    assert_eq!(fake.call("findstack").at(1).flags("v").run().text, verbose);
    let numbers = fake.call("findstack").at(1).flags("n").run().text;
    assert!(numbers.ends_with("  000000007ffd1020 0x401161()\n"), "{numbers}");
    assert_eq!(
        fake.call("findstack").at(7).run().error.as_deref(),
        Some("no thread 7"),
        "a thread that does not exist"
    );
}

#[test]
fn findstack_rows_have_all_columns() {
    let fake = Fake::new(builtin()).thread(crashed());
    let rows = fake.call("findstack").at(1).run().rows;
    assert_eq!(rows.len(), 2);
    let row: Vec<&str> = rows[1].iter().map(String::as_str).collect();
    assert_eq!(
        row,
        [
            "1",
            "12345",
            "7ffd1020",
            "401161",
            "main+0x21",
            "main",
            "21",
            "",
            "example1.c",
            "12",
            "",
            "0",
            "stack scan",
            "0",
            ""
        ]
    );
    // In a pipe, the address of each frame.
    assert_eq!(fake.call("findstack").at(1).piped().run().pipe, [0x7ffd_1000, 0x7ffd_1020]);
}

#[test]
fn guesses_and_bad_ends_are_marked() {
    let thread = FakeThread::new(
        5,
        vec![
            FakeFrame::new(0x100, 0x10, "f", 1),
            FakeFrame::new(0x110, 0x20, "__restore_rt", 0).flags(FRAME_SIGNAL),
            FakeFrame::new(0x120, 0x30, "", 0).flags(FRAME_DOUBTFUL),
        ],
    )
    .end("the stack is a cycle");
    let fake = Fake::new(builtin()).thread(thread);
    let text = fake.call("findstack").at(1).run().text;
    let lines: Vec<&str> = text.lines().skip(2).collect();
    assert_eq!(
        lines,
        [
            "  0000000000000110 __restore_rt() [signal frame]",
            "  0000000000000120 0x30() ? stack scan",
            "  the stack ends here: the stack is a cycle",
        ]
    );
    // The end is a row of its own, and no item of a pipe.
    assert_eq!(fake.call("findstack").at(1).piped().run().pipe, [0x100, 0x110, 0x120]);
}

#[test]
fn findstack_runs_a_command_with_dot_at_the_frame() {
    let fake = Fake::new(builtin()).thread(crashed());
    let outcome = fake.call("findstack").at(1).argument("<.$C 0").run();
    assert_eq!(outcome.commands, [("<.$C 0".to_owned(), Some(0x7ffd_1000))]);
    assert!(
        outcome.text.ends_with("[ 000000007ffd1000 func+0x20() ]\n  one\n  two\n"),
        "{}",
        outcome.text
    );
}

#[test]
fn a_closed_pipe_ends_it_well() {
    let fake = Fake::new(builtin()).thread(crashed()).close_after(1);
    let outcome = fake.call("findstack").at(1).piped().run();
    assert_eq!((outcome.pipe.as_slice(), outcome.error), (&[0x7ffd_1000][..], None));
}

fn many() -> Fake {
    let mut fake = Fake::new(builtin())
        .symbol("pthread_mutex_lock", 0x2000, 0x100)
        .symbol("pthread_cond_wait", 0x2100, 0x100)
        .thread(crashed());
    for tid in 0..3 {
        fake = fake.thread(sleeping(100 + tid, 202, -512, &["futex", "pthread_cond_wait", "work"]));
    }
    for tid in 0..2 {
        fake =
            fake.thread(sleeping(200 + tid, 202, -512, &["lll_wait", "pthread_mutex_lock", "x"]));
    }
    fake.thread(sleeping(300, 232, -4, &["epoll_wait", "loop"])).thread(sleeping(
        301,
        232,
        0,
        &["epoll_wait", "loop"],
    ))
}

#[test]
fn threads_are_grouped_the_crasher_first() {
    let text = many().call("stacks").run().text;
    let heads: Vec<&str> = text.lines().filter(|l| !l.starts_with(' ') && !l.is_empty()).collect();
    assert_eq!(
        heads,
        [
            "THREAD           STATE    SOBJ                COUNT",
            "1                PANIC    <none>                  1",
            "2                SLEEP    CV                      3",
            "5                SLEEP    MUTEX                   2",
            "8                ONPROC   <none>                  1",
            "7                SLEEP    POLL                    1",
        ]
    );
    let group = "2                SLEEP    CV                      3\n\
                 \x20                libc.so.6`futex+0x5\n\
                 \x20                libc.so.6`pthread_cond_wait+0x11\n\
                 \x20                libc.so.6`work+0x4\n\n";
    assert!(text.contains(group), "{text}");
}

#[test]
fn stacks_chooses() {
    let fake = many();
    let pipe = |letter, text: &str| {
        let outcome = fake.call("stacks").text(letter, text).piped().run();
        // A call into a pipe emits threads itself.
        outcome.pipe
    };
    assert_eq!(pipe('s', "mutex"), [5, 6]);
    assert_eq!(pipe('s', "ALL"), [2, 3, 4, 5, 6, 7]);
    assert_eq!(pipe('t', "sleep"), [2, 3, 4, 5, 6, 7]);
    assert_eq!(pipe('t', "UNPARKED"), [1, 8]);
    assert_eq!(pipe('T', "sleep"), [1, 8]);
    assert_eq!(pipe('m', "libc"), [2, 3, 4, 5, 6, 8, 7]);
    assert_eq!(pipe('M', "libc.so.6"), [1]);
    assert_eq!(pipe('c', "pthread_mutex_lock"), [5, 6], "the whole function");
    assert_eq!(pipe('c', "pthread_mutex_lock+12"), [5, 6], "the exact pc");
    assert_eq!(pipe('c', "pthread_mutex_lock+13"), [0_u64; 0], "another pc");
    assert_eq!(pipe('C', "pthread_cond_wait"), [1, 5, 6, 8, 7]);
    assert_eq!(fake.call("stacks").flags("i").piped().run().pipe, [1, 5, 6, 8]);
    // The group of one thread; only the threads of a pipe.
    assert_eq!(fake.call("stacks").at(3).piped().run().pipe, [2, 3, 4]);
    assert_eq!(fake.call("stacks").input(&[3, 200, 3]).piped().run().pipe, [3, 5]);
    let odd = fake.call("stacks").input(&[99]).run();
    assert_eq!((odd.text.as_str(), odd.warnings.len()), ("", 1));
    let conflict = fake.call("stacks").text('s', "cv").text('S', "cv").run();
    assert_eq!(conflict.error.as_deref(), Some("only one of -s and -S can be given"));
    let unknown = fake.call("stacks").text('c', "nosuch").run();
    assert_eq!(unknown.error.as_deref(), Some("unknown symbol name: nosuch"));
}

#[test]
fn all_members_are_listed() {
    let text = many().call("stacks").flags("a").text('s', "mutex").run().text;
    let lines: Vec<&str> = text.lines().take(3).collect();
    assert_eq!(
        lines,
        [
            "THREAD           STATE    SOBJ                COUNT",
            "5                SLEEP    MUTEX                   2",
            "6                SLEEP    MUTEX                   -",
        ]
    );
}

#[test]
fn deep_stacks_are_cut_off() {
    let frames = (0..1000).map(|n| FakeFrame::new(n, 0x1000 + n, "deep", n)).collect();
    let fake = Fake::new(builtin()).thread(FakeThread::new(1, frames));
    let text = fake.call("stacks").run().text;
    assert_eq!(text.matches("deep").count(), 254);
    assert!(text.contains("... truncated after 254 frames, 746 more ..."));
}

#[test]
fn threads_shows_where_each_is() {
    let fake = many();
    let rows = fake.call("threads").run().rows;
    assert_eq!(rows.len(), 8);
    assert_eq!(
        rows[0][..8],
        ["1", "12345", "PANIC", "<none>", "", "SIGSEGV", "func+0x20", "main+0x21"]
    );
    assert_eq!(rows[1][..7], ["2", "100", "SLEEP", "CV", "", "", "libc.so.6`futex+0x5"]);
    assert_eq!(fake.call("threads").at(200).run().rows.len(), 1);
    assert_eq!(fake.call("threads").piped().run().rows.len(), 0);
}
