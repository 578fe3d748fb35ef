//! What `::stacks` and `::threads` say of waiting threads, against what the programs printed of
//! themselves: which lock or descriptor each of their threads waits for, and in which call the
//! kernel had it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod session;

use mdb_fixtures::{Fixture, available, fixture};
use serde_json::Value;
use session::Mdb;
use std::collections::{BTreeMap, BTreeSet};

/// The word that each of the program's kinds of wait has in the column SOBJ.
const SOBJ: &[(&str, &str)] = &[
    ("nanosleep", "SLEEP"),
    ("mutex", "MUTEX"),
    ("mutex_pi", "MUTEX_PI"),
    ("cond", "CV"),
    ("cond_timed", "CV"),
    ("sem", "SEMA"),
    ("rwlock", "RWLOCK"),
    ("rwlock_write", "RWLOCK"),
    ("barrier", "BARRIER"),
    ("once", "ONCE"),
    ("join", "JOIN"),
    ("futex", "FUTEX"),
    ("read", "IO"),
    ("recv", "IO"),
    ("accept", "IO"),
    ("epoll", "POLL"),
    ("poll", "POLL"),
    ("select", "POLL"),
    ("child", "WAIT4"),
    ("signal", "SIGWAIT"),
    ("pause", "PAUSE"),
    ("spin", "<none>"),
];

fn sobj(kind: &str) -> &'static str {
    SOBJ.iter().find(|(known, _)| *known == kind).unwrap_or_else(|| panic!("{kind}")).1
}

/// The fixtures with a thread for each kind of wait, as far as this machine can make them.
fn subjects(test: &str) -> Vec<Fixture> {
    let names = ["threads", "threads-gcore"];
    names.iter().filter_map(|name| available(test, fixture(name)).unwrap()).collect()
}

/// A number that the program said of a thread, such as `fd TID NUMBER`.
fn said(fixture: &Fixture, key: &str, tid: u32) -> Option<u64> {
    let words = fixture.truths(key).find(|words| words[0] == tid.to_string())?;
    Some(words[1].parse().unwrap())
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| u64::from_str_radix(value.as_str()?.strip_prefix("0x")?, 16).ok())
}

/// The names of system calls by number, from the header of the C library.
fn calls() -> BTreeMap<u64, String> {
    let headers = ["/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"];
    let text = headers.iter().find_map(|path| std::fs::read_to_string(path).ok());
    let text = text.unwrap_or_default();
    let define = |line: &str| {
        let (name, number) = line.strip_prefix("#define __NR_")?.split_once(' ')?;
        Some((number.trim().parse().ok()?, name.to_owned()))
    };
    text.lines().filter_map(define).collect()
}

#[test]
fn each_wait_is_what_the_program_said() {
    let test = "each_wait_is_what_the_program_said";
    let calls = calls();
    if calls.is_empty() {
        mdb_fixtures::skipped(
            test,
            "no header with the numbers of system calls (names are not compared)",
        );
    }
    for fixture in subjects(test) {
        let core = &fixture.core;
        let rows = Mdb::on(core).word("--json").run(&["::threads"]).rows();
        let tids = fixture.tids();
        assert_eq!(rows.len(), tids.len());
        for (tid, kind) in tids {
            let row = rows.iter().find(|row| row["tid"] == tid).unwrap();
            let place = format!("{} {tid} {kind}: {row}", fixture.name);
            if kind == "main" {
                // Who is copied alive did not crash.
                let state = if fixture.signal.is_some() { "PANIC" } else { "SLEEP" };
                assert_eq!(row["state"], state, "{place}");
                continue;
            }
            let state = if kind == "spin" { "ONPROC" } else { "SLEEP" };
            assert_eq!(row["state"], state, "{place}");
            assert_eq!(row["sobj"], sobj(kind), "{place}");
            assert_eq!(number(&row["lock"]), lock(&fixture, tid), "{place}");
            assert_eq!(number(&row["fd"]), said(&fixture, "fd", tid), "{place}");
            assert_eq!(number(&row["owner"]), said(&fixture, "owner", tid), "{place}");
            assert_eq!(number(&row["target"]), said(&fixture, "target", tid), "{place}");
            assert!(row["guess"].is_null(), "{place}");
            let call = said(&fixture, "call", tid).and_then(|number| calls.get(&number));
            if !calls.is_empty() {
                assert_eq!(row["call"].as_str(), call.map(String::as_str), "{place}");
            }
        }
    }
}

/// The lock that a thread waits for; of `pthread_join` that is a word within the other thread.
fn lock(fixture: &Fixture, tid: u32) -> Option<u64> {
    let is_join = fixture.tids().contains(&(tid, "join"));
    if !is_join {
        return fixture.waits_for(tid);
    }
    // The kernel clears it where the thread said so: at its id.
    let target = said(fixture, "target", tid).unwrap();
    let row = &Mdb::on(&fixture.core).word("--json").run(&[&format!("0t{tid}::threads")]).rows()[0];
    let word = number(&row["lock"]).unwrap();
    let held = Mdb::on(&fixture.core).run(&[&format!("{word:x}/D")]);
    let held: u64 = held.good().split_ascii_whitespace().last().unwrap().parse().unwrap();
    assert_eq!(held, target);
    Some(word)
}

#[test]
fn sentences_say_lock_owner_and_time() {
    for fixture in subjects("sentences_say_lock_owner_and_time") {
        let tid =
            |kind: &str| fixture.tids().into_iter().find(|(_, known)| *known == kind).unwrap().0;
        let say = |kind: &str| {
            let command = format!("0t{}::stacks -v", tid(kind));
            let output = Mdb::on(&fixture.core).run(&[&command]);
            output
                .good()
                .lines()
                .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let main = tid("main");
        let address = |kind: &str| fixture.waits_for(tid(kind)).unwrap();
        assert_eq!(
            say("mutex"),
            [format!(
                "  futex, {:x} mutex, held by thread {} (tid {main}), private, expected 2, no timeout",
                address("mutex"),
                number_of(&fixture, main),
            )]
        );
        let cond = say("cond");
        assert!(
            cond[0].starts_with(&format!("  futex, {:x} cond, word ", address("cond"))),
            "{cond:?}"
        );
        let timed = say("cond_timed");
        assert!(
            timed[0].contains(", until 1") && timed[0].ends_with("(CLOCK_REALTIME)"),
            "{timed:?}"
        );
        assert_eq!(
            say("read"),
            [format!("  read, FD {}", said(&fixture, "fd", tid("read")).unwrap())]
        );
        assert_eq!(say("nanosleep"), ["  clock_nanosleep, timeout 3600 s"]);
        assert_eq!(say("signal"), ["  rt_sigtimedwait, one of SIGUSR2, no timeout"]);
        let target = said(&fixture, "target", tid("child")).unwrap();
        assert_eq!(say("child"), [format!("  wait4, the end of process {target}")]);
        let joined = say("join");
        let sleeper = tid("nanosleep");
        let wanted = format!("the end of thread {} (tid {sleeper})", number_of(&fixture, sleeper));
        assert!(joined[0].contains(&wanted), "{joined:?}");
        // The two threads at the mutex, from the other end.
        let cross = Mdb::on(&fixture.core).run(&["::stacks -s MUTEX -x"]);
        let wanted = format!(
            "       2 MUTEX    mutex ({:x}), held by thread {} (tid {main})",
            address("mutex"),
            number_of(&fixture, main)
        );
        assert_eq!(cross.good().lines().nth(1), Some(wanted.as_str()));
    }
}

fn number_of(fixture: &Fixture, tid: u32) -> u64 {
    let rows = Mdb::on(&fixture.core).word("--json").run(&["::threads"]).rows();
    number(&rows.iter().find(|row| row["tid"] == tid).unwrap()["thread"]).unwrap()
}

/// The kernel's ids of the threads that a command puts into a pipe.
fn piped(fixture: &Fixture, command: &str) -> BTreeSet<u32> {
    let line = format!("{command} | ::threads");
    let rows = Mdb::on(&fixture.core).word("--json").run(&[&line]).rows();
    rows.iter().map(|row| row["tid"].as_u64().unwrap() as u32).collect()
}

#[test]
fn threads_are_chosen_by_what_they_wait_for() {
    for fixture in subjects("threads_are_chosen_by_what_they_wait_for") {
        let tids = fixture.tids();
        let words: BTreeSet<&str> = SOBJ.iter().map(|(_, word)| *word).collect();
        for word in words.iter().filter(|word| **word != "<none>") {
            let wanted = |(_, kind): &&(u32, &str)| {
                // `main` of the copied process pauses.
                (*kind != "main" && sobj(kind) == *word)
                    || (*kind == "main" && *word == "PAUSE" && fixture.signal.is_none())
            };
            let wanted: BTreeSet<u32> = tids.iter().filter(wanted).map(|(tid, _)| *tid).collect();
            assert_eq!(piped(&fixture, &format!("::stacks -s {word}")), wanted, "{word}");
        }
        // One command narrows another down; threads come in and go out.
        let of = |kinds: &[&str]| -> BTreeSet<u32> {
            tids.iter().filter(|(_, kind)| kinds.contains(kind)).map(|(tid, _)| *tid).collect()
        };
        assert_eq!(piped(&fixture, "::stacks -c body | ::stacks -c wait_poll"), of(&["poll"]));
        assert_eq!(piped(&fixture, "::stacks -c wait_once | ::stacks -c wait_poll"), of(&[]));
        assert_eq!(piped(&fixture, "::stacks -c wait_read -c wait_poll"), of(&["read", "poll"]));
        assert_eq!(piped(&fixture, "::stacks -F '^wait_(read|sem)'"), of(&["read", "sem"]));
        assert_eq!(piped(&fixture, "::stacks -t ONPROC"), of(&["spin"]));
        let sem = of(&["sem"]).into_iter().next().unwrap();
        assert_eq!(piped(&fixture, &format!("0t{sem}::stacks")), of(&["sem"]));
        let two = piped(&fixture, "::stacks -c wait_mutex");
        assert_eq!(two, of(&["mutex"]), "both");
        let one = two.iter().next().unwrap();
        // With all similar threads; but strictly those of a pipe.
        assert_eq!(piped(&fixture, &format!("0t{one}::stacks")), two);
        assert_eq!(piped(&fixture, &format!("0t{one}::threads | ::stacks")), [*one].into());
    }
}

#[test]
fn folded_stacks_are_those_of_all_threads() {
    for fixture in subjects("folded_stacks_are_those_of_all_threads") {
        let output = Mdb::on(&fixture.core).run(&["::stacks -o folded"]);
        let mut count = 0;
        let mut found: Vec<Vec<String>> = Vec::new();
        for line in output.good().lines() {
            let (stack, number) = line.rsplit_once(' ').unwrap();
            let number: usize = number.parse().unwrap();
            count += number;
            let names: Vec<String> = stack.split(';').map(str::to_owned).collect();
            found.extend(std::iter::repeat_n(names, number));
        }
        let tids = fixture.tids();
        assert_eq!(count, tids.len());
        // What the program said of each, root first, is in one line each.
        for (tid, kind) in tids {
            let wanted: Vec<&str> = fixture.stack(tid).into_iter().rev().collect();
            let at = found.iter().position(|names| {
                let own = names.iter().map(String::as_str);
                let own: Vec<&str> = own.filter(|name| is_own(name)).collect();
                own == wanted
            });
            let at = at.unwrap_or_else(|| panic!("{kind}: {wanted:?} in {found:#?}"));
            found.swap_remove(at);
        }
    }
}

/// A function of the fixture program, in the words of its truth.
fn is_own(name: &str) -> bool {
    let others = ["main", "body", "spin", "rest", "run_once", "once_routine"];
    name.starts_with("wait_") || others.contains(&name)
}

#[test]
fn a_flame_graph_is_written() {
    let test = "a_flame_graph_is_written";
    let Some(fixture) = available(test, fixture("threads")).unwrap() else { return };
    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = directory.join("threads.svg");
    std::fs::write(&file, "overwritten").unwrap();
    let mdb = Mdb::on(&fixture.core).in_directory(directory);
    let all = fixture.tids().len();
    let said = mdb.run(&["::flamegraph threads.svg"]);
    assert!(said.good().starts_with(&format!("threads.svg: {all} threads, ")), "{said:?}");
    let svg = std::fs::read_to_string(&file).unwrap();
    assert!(svg.contains("<svg") && svg.contains("wait_rwlock_write"), "{svg}");
    // Threads of a pipe only.
    mdb.run(&["::stacks -c wait_sem | ::flamegraph threads.svg"]).good();
    let svg = std::fs::read_to_string(&file).unwrap();
    assert!(svg.contains("wait_sem") && !svg.contains("wait_rwlock"), "{svg}");
    let failed = mdb.run(&["::flamegraph no/such/directory/x.svg"]);
    assert!(
        failed.bad().contains("cannot write no/such/directory/x.svg: No such file"),
        "{failed:?}"
    );
}

#[test]
fn a_thousand_threads_are_seven_groups() {
    let test = "a_thousand_threads_are_seven_groups";
    let Some(fixture) = available(test, fixture("threads1001")).unwrap() else { return };
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, kind) in fixture.tids() {
        *kinds.entry(kind).or_default() += 1;
    }
    assert_eq!(kinds.len() as i64, fixture.value("groups").unwrap());
    let rows = Mdb::on(&fixture.core).word("--json").run(&["::stacks"]).rows();
    assert_eq!(rows.len(), kinds.len(), "{rows:#?}");
    assert_eq!(rows[0]["state"], "PANIC");
    for (kind, count) in kinds {
        let is_it = |row: &&Value| {
            let frames = row["frames"].to_string();
            frames.contains(&format!("{kind}+")) && (kind != "main" || !frames.contains("body"))
        };
        let found: Vec<&Value> = rows.iter().filter(is_it).collect();
        assert_eq!(found.len(), 1, "{kind}");
        assert_eq!(found[0]["count"], count, "{kind}");
    }
}

#[test]
fn inlined_functions_choose_too() {
    let test = "inlined_functions_choose_too";
    let Some(fixture) = available(test, fixture("cxx")).unwrap() else { return };
    let mdb = Mdb::on(&fixture.core);
    let mut tried = 0;
    for words in fixture.truths("inline") {
        for name in &words[1..] {
            let shown = mdb.run(&[&format!("::stacks -F '(^|::){name}\\b' | ::count")]);
            assert_eq!(shown.good(), "1\n", "{name}");
            tried += 1;
        }
    }
    assert!(tried > 0);
    // By its name, as `$c -v` shows it.
    let frames = mdb.clone().word("--json").run(&["1::findstack -v"]).rows();
    let inlined = frames.iter().find(|row| row["inlined"] == true).unwrap();
    let name = inlined["function"].as_str().unwrap();
    assert_eq!(mdb.run(&[&format!("::stacks -c '{name}' | ::count")]).good(), "1\n", "{name}");
    assert_eq!(mdb.run(&[&format!("::stacks -C '{name}' | ::count")]).good(), "0\n", "{name}");
    let unknown = mdb.run(&["::stacks -c no_such_function"]);
    assert!(unknown.bad().contains("no_such_function"), "{unknown:?}");
}

#[test]
fn options_that_contradict_are_refused() {
    let test = "options_that_contradict_are_refused";
    let Some(fixture) = available(test, fixture("threads3")).unwrap() else { return };
    for (options, sentence) in [
        ("-s CV -S CV", "only one of -s and -S can be given"),
        ("-i -s CV", "-i cannot be given with -s, -S, -t or -T"),
        ("-i -T SLEEP", "-i cannot be given with -s, -S, -t or -T"),
        ("-x -a", "only one of -a, -o and -x can be given"),
        ("-o folded -x", "only one of -a, -o and -x can be given"),
        ("-o svg", "'svg' is no format; there is folded"),
        ("-n 0", "-n takes a number from 1"),
        ("-d 0", "-d takes a number from 1"),
        ("-t NAPPING", "'NAPPING' is no state"),
        ("-s COFFEE", "nothing to wait for is called 'COFFEE'"),
        ("-F '('", "-F (: "),
    ] {
        let output = Mdb::on(&fixture.core).run(&[&format!("::stacks {options}")]);
        let said = output.bad();
        assert!(said.contains(sentence) && said.contains("::help stacks"), "{options}: {said}");
        assert!(output.stdout.is_empty(), "{output:?}");
    }
    // What MDB's users type and what changes nothing here.
    let plain = Mdb::on(&fixture.core).run(&["::stacks"]);
    assert_eq!(Mdb::on(&fixture.core).run(&["::stacks -f"]).good(), plain.good());
    let none = Mdb::on(&fixture.core).run(&["::stacks -t FREE"]);
    assert_eq!(none.good(), "");
}

/// How deep stacks are compared changes nothing of what their threads wait for.
#[test]
fn depth_is_no_matter_of_waiting() {
    for fixture in subjects("depth_is_no_matter_of_waiting") {
        let waits = |word: &str| {
            fixture.tids().iter().filter(|(_, kind)| *kind != "main" && sobj(kind) == word).count()
        };
        for word in ["CV", "SEMA", "RWLOCK", "JOIN"] {
            let command = format!("::stacks -d 1 -s {word} | ::count");
            let output = Mdb::on(&fixture.core).run(&[&command]);
            assert_eq!(output.good(), format!("{}\n", waits(word)), "{word}");
        }
    }
}
