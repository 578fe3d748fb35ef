//! Groups, folded stacks and flame graphs of frames that no fixture has, on a fake target.

#![allow(clippy::indexing_slicing, reason = "a test ends at what it did not expect")]

use mdb_dmod::abi::{FRAME_DOUBTFUL, FRAME_INLINED, found_by};
use mdb_dmod::testing::{Fake, FakeFrame, FakeThread, Outcome};
use stacks::builtin;

fn provided(pc: u64, function: &str) -> FakeFrame {
    let mut frame = FakeFrame::new(pc, pc, function, 0);
    frame.found_by = found_by::PROVIDER;
    frame
}

fn native(pc: u64, function: &str, offset: u64) -> FakeFrame {
    FakeFrame::new(pc, pc, function, offset).module("node")
}

fn fake(stacks: Vec<Vec<FakeFrame>>) -> Fake {
    stacks.into_iter().enumerate().fold(Fake::new(builtin()), |fake, (index, frames)| {
        fake.thread(FakeThread::new(100 + index as u32, frames))
    })
}

fn folded(fake: &Fake) -> Vec<String> {
    let outcome = fake.call("stacks").text('o', "folded").run();
    outcome.text.lines().map(str::to_owned).collect()
}

/// The counts of the groups.
fn counts(outcome: &Outcome) -> Vec<String> {
    outcome.rows.iter().map(|row| row[3].clone()).collect()
}

/// Above a native callee, unwinding reaches the interpreter's frame, and the provider only names it.
#[test]
fn frames_that_a_provider_only_named_group_by_name() {
    let frame = |pc, function: &str| FakeFrame::new(pc, pc, function, 0).module("node");
    let stack = |name| vec![frame(0x2010, "builtin"), frame(0x9000, name), frame(0x30, "main")];
    let fake = fake(["jsA", "jsB", "jsC", "jsB", "jsA", "jsB"].map(stack).to_vec());
    let outcome = fake.call("stacks").run();
    let shown = |name| outcome.text.matches(&format!("node`{name}\n")).count();
    // The first thread crashed, so it is a group of its own.
    assert_eq!(["jsA", "jsB", "jsC"].map(shown), [2, 1, 1], "{}", outcome.text);
    assert_eq!(
        folded(&fake),
        ["main;jsA;builtin 2", "main;jsB;builtin 3", "main;jsC;builtin 1"],
        "root first"
    );
    assert_eq!(fake.call("stacks").text('c', "jsB").piped().run().pipe, [2, 4, 6]);
}

#[test]
fn frames_of_providers_group_by_name() {
    let crashed = vec![native(0x10, "abort", 1)];
    // Code that was made twice, at two places: the same function.
    let compiled =
        |pc| vec![native(0x20, "wait", 1), provided(pc, "sell"), native(0x30, "main", 2)];
    // An interpreter has all functions at one pc.
    let interpreted = |name| vec![native(0x20, "wait", 1), provided(0x40, name).module("node")];
    let fake = fake(vec![
        crashed,
        compiled(0x7000),
        compiled(0x8000),
        interpreted("buy"),
        interpreted("count"),
        interpreted("buy"),
    ]);
    let outcome = fake.call("stacks").run();
    assert_eq!(counts(&outcome), ["1", "2", "2", "1"]);
    assert_eq!(
        folded(&fake),
        ["abort 1", "buy;wait 2", "count;wait 1", "main;sell;wait 2"],
        "root first"
    );
    // They have no symbol, and are found all the same.
    assert_eq!(fake.call("stacks").text('c', "sell").piped().run().pipe, [2, 3]);
    assert_eq!(fake.call("stacks").text('C', "buy").piped().run().pipe, [1, 2, 3, 5]);
    let unknown = fake.call("stacks").text('c', "stolen").run();
    assert_eq!(unknown.error.as_deref(), Some("unknown symbol name: stolen"));
}

#[test]
fn inlined_functions_belong_to_their_frame() {
    let inlined = |name| FakeFrame::new(0x50, 0x50, name, 0).flags(FRAME_INLINED);
    let fake = fake(vec![
        vec![
            inlined("inner"),
            inlined("add"),
            inlined("outer"),
            native(0x50, "whole", 5),
            native(0x60, "main", 1),
        ],
        vec![native(0x52, "whole", 7), native(0x60, "main", 1)],
    ]);
    assert_eq!(fake.call("stacks").text('c', "outer").piped().run().pipe, [1]);
    // It is a number in hexadecimal, too.
    let added = fake.call("stacks").text('c', "add").piped().run();
    assert_eq!((added.pipe.as_slice(), added.error), (&[1][..], None));
    assert_eq!(fake.call("stacks").text('F', "^inn").piped().run().pipe, [1]);
    assert_eq!(fake.call("stacks").text('C', "inner").piped().run().pipe, [2]);
    let text = fake.call("stacks").flags("v").at(1).run().text;
    let frames: Vec<&str> = text.lines().skip(2).map(str::trim).collect();
    assert_eq!(
        frames,
        [
            "inner [inlined]",
            "add [inlined]",
            "outer [inlined]",
            "node`whole+0x5",
            "node`main+0x1",
            ""
        ]
    );
    let verbose = fake.call("stacks").flags("v").text('o', "folded").run().text;
    assert_eq!(verbose, "main;whole 1\nmain;whole;outer_[i];add_[i];inner_[i] 1\n");
    assert_eq!(folded(&fake), ["main;whole 2"]);
}

/// A virtual machine compiles a function twice, once with another one in it, and what it gives has no
/// module: then inlined functions tell the two apart where they are shown.
#[test]
fn inlined_functions_of_providers_are_not_those_of_another_frame() {
    let inlined = || provided(0x7000, "price").flags(FRAME_INLINED);
    let main = || native(0x60, "main", 1);
    let compiled = fake(vec![
        vec![provided(0x8000, "sell"), main()],
        vec![inlined(), provided(0x7000, "sell"), main()],
        vec![provided(0x9000, "sell"), main()],
    ]);
    let verbose = compiled.call("stacks").flags("v").text('o', "folded").run().text;
    assert_eq!(verbose, "main;sell 2\nmain;sell;price_[i] 1\n");
    assert_eq!(compiled.call("stacks").text('c', "price").piped().run().pipe, [2]);
    assert_eq!(folded(&compiled), ["main;sell 3"]);
    // All places in a function are one.
    assert_eq!(counts(&compiled.call("stacks").flags("lv").run()), ["1", "2"]);
    // Without a provider of callers, frames are reached by unwinding.
    let named = |inlined: bool| {
        let frame = |name: &str| FakeFrame::new(0x9000, 0x9000, name, 0);
        let inner = inlined.then(|| frame("price").flags(FRAME_INLINED));
        inner.into_iter().chain([frame("sell"), main()]).collect::<Vec<_>>()
    };
    let reached = fake([false, true, false].map(named).to_vec());
    let verbose = reached.call("stacks").flags("v").text('o', "folded").run().text;
    assert_eq!(verbose, "main;sell 2\nmain;sell;price_[i] 1\n");
}

#[test]
fn groups_may_be_coarser() {
    let fake = fake(vec![
        vec![native(0x10, "abort", 1), native(0x60, "main", 1)],
        vec![native(0x20, "work", 1), native(0x60, "main", 1)],
        vec![native(0x22, "work", 3), native(0x60, "main", 1)],
        vec![native(0x22, "work", 3), native(0x70, "other", 1)],
    ]);
    assert_eq!(counts(&fake.call("stacks").run()), ["1", "1", "1", "1"]);
    let coalesced = fake.call("stacks").flags("l").run();
    assert_eq!(counts(&coalesced), ["1", "2", "1"]);
    assert!(coalesced.text.contains(" node`work\n"), "{}", coalesced.text);
    let shallow = fake.call("stacks").number('d', 1).run();
    assert_eq!(counts(&shallow), ["1", "2", "1"]);
    assert!(!shallow.text.contains("main"), "{}", shallow.text);
    assert_eq!(counts(&fake.call("stacks").flags("l").number('n', 2).run()), ["1", "2"]);
    // The crasher first, or last.
    let heads = |outcome: Outcome| outcome.rows.iter().map(|r| r[1].clone()).collect::<Vec<_>>();
    assert_eq!(heads(fake.call("stacks").flags("l").run()), ["PANIC", "?", "?"]);
    assert_eq!(heads(fake.call("stacks").flags("lL").run()), ["?", "?", "PANIC"]);
}

#[test]
fn guesses_and_bad_ends_are_marked() {
    let frames = vec![
        FakeFrame::new(0x10, 0x10, "f", 1),
        FakeFrame::new(0x20, 0x20, "g", 1).flags(FRAME_DOUBTFUL),
        FakeFrame::new(0x30, 0x30, "", 1),
    ];
    let fake = Fake::new(builtin())
        .thread(FakeThread::new(1, frames).end("the stack is a cycle"))
        .thread(FakeThread::new(2, Vec::new()));
    assert_eq!(folded(&fake), ["[incomplete];0x30;g_[?];f 1", "[no frames] 1"]);
}

/// A flame graph is read by browsers, which run what stands in it.
#[test]
fn hostile_names_stay_names() {
    let hostile = "</title><script>alert(1)</script>&\"';\n\x1b[31m\0 9";
    let fake = fake(vec![vec![
        FakeFrame::new(0x10, 0x10, hostile, 1),
        FakeFrame::new(0x20, 0x20, "<b>", 1),
    ]]);
    assert_eq!(
        folded(&fake),
        ["<b>;</title><script>alert(1)</script>&\"':\\x0a\\x1b[31m\\x00_9 1"]
    );
    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = directory.join("hostile.svg");
    let outcome =
        fake.call("flamegraph").text('t', "<script>&\x01").argument(file.to_str().unwrap()).run();
    assert_eq!(outcome.error, None);
    assert!(outcome.text.ends_with("hostile.svg: 1 thread, 1 different stack\n"), "{outcome:?}");
    let svg = std::fs::read_to_string(&file).unwrap();
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(&svg, options).unwrap();
    let scripts = document.descendants().filter(|node| node.tag_name().name() == "script");
    let scripts: Vec<_> = scripts.collect();
    assert_eq!(scripts.len(), 1, "inferno's own");
    assert!(!scripts[0].text().unwrap_or_default().contains("alert(1)"));
    let titles: Vec<&str> = document
        .descendants()
        .filter(|node| node.tag_name().name() == "title")
        .filter_map(|node| node.text())
        .collect();
    let name = "</title><script>alert(1)</script>&\"':\\x0a\\x1b[31m\\x00_9 (1 threads, 100.00%)";
    assert!(titles.contains(&name), "{titles:#?}");
    let heading =
        document.descendants().filter_map(|node| node.text()).any(|text| text == "<script>&\\x01");
    assert!(heading, "{svg}");
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let empty = Fake::new(builtin()).call("flamegraph").argument("x.svg").run();
    assert_eq!(empty.error.as_deref(), Some("there are no threads to draw"));
    let fake = fake(vec![vec![native(0x10, "f", 1)]]);
    let missing = fake.call("flamegraph").argument("/no/such/directory/x.svg").run();
    let error = missing.error.unwrap();
    assert!(error.starts_with("cannot write /no/such/directory/x.svg: No such file"), "{error}");
}
