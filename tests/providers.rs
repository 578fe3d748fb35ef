//! What dmods provide for the debugger and for each other, with a dmod that provides one of each kind
//! (`crates/mdb-dmod/examples/provides.rs`). The oracle is what the fixtures printed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends at what it did not expect"
)]

mod session;

use mdb_fixtures::{Fixture, available, fixture};
use session::{Mdb, Output};
use std::collections::BTreeSet;

/// The library, which is built with the tests.
fn provides() -> String {
    let tests = std::env::current_exe().unwrap();
    let beside = tests.parent().and_then(std::path::Path::parent).unwrap();
    let library = beside.join("examples/libprovides.so");
    assert!(library.exists(), "{} is not built: cargo build --examples", library.display());
    format!("::load {}", library.display())
}

/// Runs commands with the dmod loaded.
fn run(core: &Fixture, commands: &[&str]) -> Output {
    let load = provides();
    let all: Vec<&str> = std::iter::once(load.as_str()).chain(commands.iter().copied()).collect();
    Mdb::on(&core.core).run(&all)
}

fn lines(text: &str) -> BTreeSet<String> {
    text.lines().map(str::to_owned).collect()
}

#[test]
fn frames_of_code_without_tables_are_found_and_named() {
    let test = "frames_of_code_without_tables_are_found_and_named";
    let Some(jit) = available(test, fixture("jit-nofp")).unwrap() else { return };
    let code = jit.address("jit").unwrap();
    let set = format!("0x{code:x}>jit");
    // Without the provider the code has no name, and its caller is a guess.
    let without = run(&jit, &["$c"]);
    assert!(without.stdout.contains(" ? scan"), "{without:#?}");
    // With it both are facts.
    let with = run(&jit, &[&set, "$c"]);
    let frames: Vec<&str> = with.good().lines().collect();
    let jit_at = frames.iter().position(|f| f.starts_with("made at run time")).unwrap();
    assert!(frames[jit_at - 1].starts_with("called_back+"), "{frames:#?}");
    assert!(frames[jit_at + 1].starts_with("run+"), "{frames:#?}");
    assert!(frames[jit_at + 2].starts_with("main+"), "{frames:#?}");
    assert!(!with.stdout.contains('?'), "{frames:#?}");
    // All that the provider says arrives with who asks.
    let framed = run(&jit, &[&set, "1::framed"]);
    let expected = "made at run time(a core) nowhere.js:7 1234 Code cfi";
    assert!(framed.good().contains(expected), "{framed:#?}");
    assert!(framed.stdout.contains(" jit\n"), "run is found by the provider: {framed:#?}");
    // Groups and names of functions see it too.
    let grouped = run(&jit, &[&set, "::stacks", "::findstack"]);
    assert_eq!(grouped.good().matches("made at run time").count(), 2, "{grouped:#?}");
    // Switched off it is not asked, switched on it is again.
    let switched = run(&jit, &[&set, "::providers -d provides`jit", "$c"]);
    assert!(switched.stdout.contains(" ? scan"), "{switched:#?}");
    let switched = run(&jit, &[&set, "::providers -d jit; ::providers -e jit", "$c"]);
    assert_eq!(switched.good(), with.stdout);
    let unknown = run(&jit, &["::providers -d moon"]);
    assert_eq!(
        unknown.stderr,
        "mdb: no dmod provides 'moon' (::providers lists what can be switched)\n"
    );
    // After it was unloaded nobody asks it.
    let gone = run(&jit, &[&set, "::unload provides", "$c"]);
    assert!(gone.stdout.contains(" ? scan"), "{gone:#?}");
}

/// Code of a virtual machine has functions in it that the compiler put there: every command that
/// shows those of native code shows them too.
#[test]
fn inlined_functions_of_a_provided_frame_are_shown() {
    let test = "inlined_functions_of_a_provided_frame_are_shown";
    let Some(jit) = available(test, fixture("jit-nofp")).unwrap() else { return };
    let code = jit.address("jit").unwrap();
    let set = format!("0x{code:x}>jit; 2>inlined");
    let around = |output: &Output| -> Vec<String> {
        let all: Vec<String> = output.good().lines().map(str::to_owned).collect();
        let at = all.iter().position(|line| line.contains("inlined 1")).expect("the innermost");
        all[at..at + 3].to_vec()
    };
    assert_eq!(
        around(&run(&jit, &[&set, "$c"])),
        [
            "inlined 1(argument 1) [inlined]",
            "inlined 2(argument 2) [inlined]",
            "made at run time(a core)",
        ]
    );
    let verbose = around(&run(&jit, &[&set, "$c -v"]));
    assert!(verbose[0].ends_with("inlined 1(argument 1) [inlined] at nowhere.js:1:11"));
    assert!(verbose[2].contains("made at run time(a core) at nowhere.js:7:20  ("), "{verbose:#?}");
    let without = around(&run(&jit, &[&set, "$c 0"]));
    assert_eq!(without, ["inlined 1 [inlined]", "inlined 2 [inlined]", "made at run time()"]);
    let found = around(&run(&jit, &[&set, "1::findstack -v"]));
    assert!(found[1].ends_with("inlined 2(argument 2) [inlined] at nowhere.js:2:12"), "{found:#?}");
    assert!(found[2].contains("made at run time(a core) at nowhere.js:7:20"), "{found:#?}");
    let plain = run(&jit, &[&set, "1::findstack"]);
    assert!(!plain.good().contains("inlined"), "{plain:#?}");
    let grouped = around(&run(&jit, &[&set, "::stacks -v"]));
    assert_eq!(grouped[1].trim_start(), "inlined 2 [inlined]", "{grouped:#?}");
    let by_name = run(&jit, &[&set, "::stacks -c 'inlined 2'", "::stacks -C 'inlined 2'"]);
    assert_eq!(by_name.good().matches("made at run time").count(), 1, "{by_name:#?}");
    // Outermost first.
    let chain = ";made at run time;inlined_2_[i];inlined_1_[i];called_back";
    let folded = run(&jit, &[&set, "::stacks -v -o folded"]);
    assert!(folded.good().contains(chain), "{folded:#?}");
    let svg = std::env::temp_dir().join(format!("mdb-inlined-{}.svg", std::process::id()));
    run(&jit, &[&set, &format!("::flamegraph -v {}", svg.display())]).good();
    let picture = std::fs::read_to_string(&svg).unwrap();
    std::fs::remove_file(&svg).unwrap();
    assert!(picture.contains("<title>inlined_2 (1 threads"), "{picture}");
    // For programs.
    for command in ["$c", "1::findstack"] {
        let rows = Mdb::on(&jit.core).word("--json").run(&[&provides(), &set, command]).rows();
        let at = rows.iter().position(|row| row["function"] == "inlined 1").unwrap();
        let places: Vec<(u64, u64)> = rows[at..at + 3]
            .iter()
            .map(|row| (row["line"].as_u64().unwrap(), row["column"].as_u64().unwrap()))
            .collect();
        assert_eq!(places, [(1, 11), (2, 12), (7, 20)], "{command}");
        assert_eq!(rows[at + 1]["function"], "inlined 2", "{command}");
        assert_eq!(rows[at + 2]["function"], "made at run time", "{command}");
        let native = rows.iter().find(|row| row["function"] == "main").unwrap();
        assert_eq!(native["column"], serde_json::Value::Null, "{command}");
    }
    // For dmods.
    assert_eq!(
        around(&run(&jit, &[&set, "1::framed"])),
        [
            "inlined 1(argument 1) nowhere.js:1 5001 Function cfi column 11 inlined",
            "inlined 2(argument 2) nowhere.js:2 5002 Function cfi column 12 inlined",
            "made at run time(a core) nowhere.js:7 1234 Code cfi column 20",
        ]
    );
    // A part of them is not all of them.
    let many = run(&jit, &[&format!("0x{code:x}>jit; 0t1025>inlined"), "$c", "$c"]);
    let sentence = "gave more inlined functions than a frame can have";
    assert_eq!(many.stderr.matches(sentence).count(), 1, "{many:#?}");
    assert!(!many.stdout.contains("inlined"), "{many:#?}");
}

/// A provider's own command walks a stack without being asked what it knows.
#[test]
fn frames_are_walked_without_descriptions() {
    let test = "frames_are_walked_without_descriptions";
    let Some(jit) = available(test, fixture("jit-nofp")).unwrap() else { return };
    let code = jit.address("jit").unwrap();
    let set = format!("0x{code:x}>jit");
    let output = run(&jit, &[&set, "1::undescribed"]);
    let lines: Vec<&str> = output.good().lines().collect();
    assert_eq!(lines.last(), Some(&"asked 0"), "{output:#?}");
    // It has the name that the provider of symbols gave it.
    let at = lines.iter().position(|line| line.starts_with("jit_code+")).unwrap();
    assert!(lines[at].ends_with(" return sp cfi"), "{output:#?}");
    // The provider of frames was asked for the caller.
    assert!(lines[at + 1].starts_with("run+"), "{output:#?}");
    assert!(lines[at + 1].ends_with(" return sp jit"), "{output:#?}");
    let described = run(&jit, &[&set, "1::framed"]);
    assert!(described.good().contains("made at run time"), "{described:#?}");
}

/// A pc that is no return address says so: the innermost one, and what a signal interrupted.
#[test]
fn exact_frames_are_told_apart() {
    let test = "exact_frames_are_told_apart";
    let Some(core) = available(test, fixture("sighandler")).unwrap() else { return };
    let output = run(&core, &["1::undescribed"]);
    let lines: Vec<&str> = output.good().lines().collect();
    let exact: Vec<usize> = (0..lines.len()).filter(|n| lines[*n].contains(" exact")).collect();
    let signal = lines.iter().position(|line| line.contains(" signal")).unwrap();
    assert_eq!(exact, [0, signal, signal + 1], "{lines:#?}");
}

#[test]
fn a_copy_of_a_stack_is_unwound_where_it_was_taken() {
    let test = "a_copy_of_a_stack_is_unwound_where_it_was_taken";
    let Some(jit) = available(test, fixture("jit-nofp")).unwrap() else { return };
    let code = jit.address("jit").unwrap();
    let set = format!("0x{code:x}>jit");
    // The copy stands at an address where the core has nothing, so it alone can be what is read.
    assert!(!run(&jit, &["0x1000/X"]).stderr.is_empty());
    let output = run(&jit, &[&set, "1::sample"]);
    let functions: Vec<&str> = output
        .good()
        .lines()
        .filter_map(|line| line.split_whitespace().nth(2)?.split('(').next())
        .collect();
    let called_back = functions.iter().position(|f| *f == "called_back").expect("called_back");
    assert!(output.stdout.contains("made at run time(a sample)"), "{output:#?}");
    assert_eq!(functions[called_back + 2..called_back + 4], ["run", "main"], "{output:#?}");
    let places: Vec<u64> = output
        .stdout
        .lines()
        .filter_map(|line| u64::from_str_radix(line.split_whitespace().next()?, 16).ok())
        .collect();
    assert!(places.iter().all(|sp| (0x1000..0x4000).contains(sp)), "{places:x?}");
}

#[test]
fn symbols_of_a_provider_are_names_both_ways() {
    let test = "symbols_of_a_provider_are_names_both_ways";
    let Some(jit) = available(test, fixture("jit-fp")).unwrap() else { return };
    let code = jit.address("jit").unwrap();
    let set = format!("0x{code:x}>jit");
    let named = format!("0x{code:x}+8=a");
    let output = run(&jit, &[&set, &named, "jit_code+8=K"]);
    let words: Vec<&str> = output.good().split_whitespace().collect();
    assert_eq!(words, ["jit_code+8:", &format!("{:x}", code + 8)], "{output:#?}");
}

#[test]
fn the_memory_graph_is_what_the_program_says() {
    let Some(blocks) =
        available("the_memory_graph_is_what_the_program_says", fixture("blocks")).unwrap()
    else {
        return;
    };
    let output = run(&blocks, &["::graph"]);
    let found = lines(output.good());
    let of = |kind: &str| -> BTreeSet<String> {
        found.iter().filter(|line| line.starts_with(kind)).cloned().collect()
    };
    let truth = |kind: &str| -> BTreeSet<String> {
        blocks.truths(kind).map(|words| format!("{kind} {}", words.join(" "))).collect()
    };
    assert_eq!(of("block"), truth("block"));
    // The block that nothing else refers to refers to itself: that is no edge to another.
    assert_eq!(of("edge"), truth("edge"));
    let back: BTreeSet<String> =
        blocks.truths("edge").map(|words| format!("referrer {}", words.join(" "))).collect();
    assert_eq!(of("referrer"), back);
    // Where the roots are.
    let root = |kind: &str| blocks.truths("root").find(|w| w[0] == kind).unwrap()[1].to_owned();
    let data = format!("root Data blocks {}", root("data"));
    assert!(found.contains(&data), "{data}: {found:#?}");
    let stack = format!("root Stack stack {}", root("stack"));
    assert!(found.contains(&stack), "{stack}: {found:#?}");
    // Nothing but the list's head is referred to from data; the lost block from nowhere.
    let of_data: Vec<_> = found.iter().filter(|l| l.starts_with("root Data")).collect();
    assert_eq!(of_data.len(), 1, "{of_data:#?}");
    let lost = blocks.truths("block").find(|w| w[1] == "48").unwrap()[0].to_owned();
    assert!(!found.iter().any(|l| l.starts_with("root Data") && l.ends_with(&lost)));
    // Nobody else knows blocks: a sentence.
    let nobody = run(&blocks, &["::providers -d known", "::graph"]);
    assert_eq!(
        nobody.stderr,
        "mdb: no loaded dmod knows the blocks of an allocator (see ::providers)\n"
    );
}

/// The stack is a root also where the stack pointer does not lie in it: after an overflow, and while a
/// signal handler runs on a stack of its own.
#[test]
fn stacks_are_roots_wherever_the_stack_pointer_is() {
    let test = "stacks_are_roots_wherever_the_stack_pointer_is";
    for name in ["overflow", "overflow-handled", "sighandler"] {
        let Some(core) = available(test, fixture(name)).unwrap() else { continue };
        let output = run(&core, &["::allroots"]);
        let ranges: Vec<std::ops::Range<u64>> = output
            .good()
            .lines()
            .filter_map(|line| line.strip_prefix("Stack 1 "))
            .map(|line| {
                let (start, end) = line.split_once(' ').unwrap();
                u64::from_str_radix(start, 16).unwrap()..u64::from_str_radix(end, 16).unwrap()
            })
            .collect();
        // Where main's frame is, the program's own frames are: gdb agrees elsewhere.
        let frames = Mdb::on(&core.core).word("--json").run(&["1::findstack"]).rows();
        let main = frames.iter().rev().find(|row| row["function"] == "main").unwrap();
        let text = main["frame"].as_str().unwrap().trim_start_matches("0x").to_owned();
        let place = u64::from_str_radix(&text, 16).unwrap();
        assert!(ranges.iter().any(|r| r.contains(&place)), "{name}: {place:x} in {ranges:x?}");
    }
}

/// Part of the blocks is not all of them: a provider that fails is told, and there is no graph.
#[test]
fn a_provider_that_fails_makes_no_graph() {
    let test = "a_provider_that_fails_makes_no_graph";
    let Some(core) = available(test, fixture("threads3")).unwrap() else { return };
    for _ in 0..2 {
        let output = run(&core, &["::graph", "::graph"]);
        let lines: Vec<&str> = output.stderr.lines().collect();
        assert_eq!(lines.len(), 2, "{output:#?}");
        for line in lines {
            assert!(line.contains("provider known of dmod provides failed"), "{line}");
        }
    }
}

#[test]
fn types_mirrors_printers_and_walkers() {
    let Some(blocks) = available("types_mirrors_printers_and_walkers", fixture("blocks")).unwrap()
    else {
        return;
    };
    let entries: Vec<(String, String)> =
        blocks.truths("entry").map(|w| (w[0].to_owned(), w[1].to_owned())).collect();
    let ids = |order: &[(String, String)]| -> String {
        order.iter().rev().map(|(_, id)| format!("{id}\n")).collect()
    };
    // The list begins with the node that was made last.
    assert_eq!(run(&blocks, &["::walk node | ::nodeid"]).good(), ids(&entries));
    // A walker that is layered on another starts at each of its items.
    let output = run(&blocks, &["::walk nodeword"]);
    let first: Vec<&str> = output.good().lines().step_by(3).collect();
    let nodes: Vec<&str> = entries.iter().rev().map(|(at, _)| at.as_str()).collect();
    assert_eq!(first, nodes);
    assert_eq!(run(&blocks, &["::walk nodeword | ::count"]).good(), "9\n");
    // Types of objects, and their values.
    let (address, id) = &entries[0];
    let output = run(&blocks, &[&format!("{address}::object"), "1::object"]);
    assert_eq!(output.good(), format!("struct node: node {id}\nunknown\n"));
    // A command says which type it takes and which it was given.
    let output = run(&blocks, &["::walk thread | ::nodeid"]);
    assert_eq!(output.stderr, "mdb: ::nodeid takes a node, not a thread\n");
    // What an address is.
    let size = blocks.truths("block").find(|w| w[0] == address).unwrap()[1].to_owned();
    let output = run(&blocks, &[&format!("{address}+1::explained")]);
    assert_eq!(output.good(), format!("0: {address} known block of {size} bytes (block)\n"));
    // The type is not known without the provider.
    let output = run(&blocks, &["::providers -d known", "::walk node | ::nodeid"]);
    assert!(output.stderr.contains("struct node"), "{output:#?}");
}

#[test]
fn providers_are_listed() {
    let Some(blocks) = available("providers_are_listed", fixture("blocks")).unwrap() else {
        return;
    };
    let output = run(&blocks, &["::providers -d known", "::providers blocks"]);
    let words: Vec<&str> = output.good().split_whitespace().collect();
    assert_eq!(
        words[6..],
        "blocks known provides 0 off what the fixture's allocator gave"
            .split_whitespace()
            .collect::<Vec<_>>()
    );
    let all = run(&blocks, &["::providers"]);
    for kind in ["frame", "symbol", "whatis", "blocks", "roots", "types", "printer"] {
        assert!(all.good().lines().any(|l| l.starts_with(kind)), "{kind}: {all:#?}");
    }
    let output = run(&blocks, &["::providers moons"]);
    assert!(output.stderr.contains("kinds are frame, symbol"), "{output:#?}");
}

#[test]
fn two_cores_in_one_session() {
    let test = "two_cores_in_one_session";
    let Some(blocks) = available(test, fixture("blocks")).unwrap() else { return };
    let Some(threads) = available(test, fixture("threads3")).unwrap() else { return };
    let command = format!("::compare {}", threads.core.display());
    let output = run(&blocks, &[&command, "::walk thread | ::count"]);
    let lines: Vec<&str> = output.good().lines().collect();
    assert!(lines[0].ends_with("/blocks 1"), "{lines:#?}");
    assert!(lines[1].ends_with("/threads3 3"), "{lines:#?}");
    assert_eq!(lines[2..], ["kept None", "there is no target 1", "1"], "{lines:#?}");
    let output = run(&blocks, &["::compare /nowhere/core"]);
    assert!(output.stderr.contains("/nowhere/core"), "{output:#?}");
}

#[test]
fn search_finds_what_the_file_has() {
    let test = "search_finds_what_the_file_has";
    let Some(blocks) = available(test, fixture("blocks")).unwrap() else { return };
    // The core does not have the program's constants: they come from its file.
    let wanted = "root stack 0x%lx";
    let output = run(&blocks, &[&format!("::bytes '{wanted}' | /s")]);
    let found: Vec<&str> = output.good().lines().collect();
    let file = std::fs::read(&blocks.executable).unwrap();
    let in_file = file.windows(wanted.len()).filter(|w| *w == wanted.as_bytes()).count();
    assert_eq!(in_file, 1);
    // The page may be mapped twice, at the border of two segments.
    assert!((1..=2).contains(&found.len()), "{output:#?}");
    assert!(found.iter().all(|line| line.ends_with(wanted)), "{output:#?}");
    let nothing = run(&blocks, &["::bytes 'an allocator which is not there'"]);
    assert_eq!(nothing.good(), "");
}

#[test]
fn a_dmod_is_loaded_anew() {
    let Some(blocks) = available("a_dmod_is_loaded_anew", fixture("blocks")).unwrap() else {
        return;
    };
    let before = run(&blocks, &["::walk node | ::nodeid"]);
    let after = run(&blocks, &["::reload provides", "::reload provides", "::walk node | ::nodeid"]);
    assert_eq!(after.good(), before.stdout);
    let listed = run(&blocks, &["::reload provides", "::dmods provides", "::providers frame"]);
    assert_eq!(listed.good().matches("jit").count(), 1, "{listed:#?}");
    let output = run(&blocks, &["::reload moon"]);
    assert_eq!(output.stderr, "mdb: dmod 'moon' is not loaded\n");
}
