//! What threads wait for, where no fixture has it: other architectures, calls and C libraries, on a
//! fake target. (Real ones are in `tests/stacks_wait.rs` of the workspace.)

#![allow(clippy::indexing_slicing, reason = "a test ends at what it did not expect")]

use mdb_dmod::testing::{Fake, FakeFrame, FakeThread};
use stacks::builtin;

fn thread(tid: u32, functions: &[&str]) -> FakeThread {
    let frame = |(n, name): (usize, &&str)| {
        FakeFrame::new(0x7000 + 16 * n as u64, 0x1_0002 + 0x1000 * n as u64, name, 2)
    };
    FakeThread::new(tid, functions.iter().enumerate().map(frame).collect())
}

/// A thread of x86-64 that waits in a call with arguments.
fn waiting(tid: u32, call: u64, arguments: &[u64], functions: &[&str]) -> FakeThread {
    let registers = ["rdi", "rsi", "rdx", "r10", "r8", "r9"];
    let given = registers.iter().zip(arguments);
    let thread = given.fold(thread(tid, functions), |t, (name, value)| t.register(name, *value));
    thread.register("orig_rax", call).register("rax", -512_i64 as u64)
}

/// A target with a thread that crashed and this one, the `syscall` in its code.
fn target(waiting: FakeThread) -> Fake {
    let crashed = thread(1, &["main"]).register("orig_rax", u64::MAX).register("rax", 0);
    Fake::new(builtin()).thread(crashed).thread(waiting).region(0x1_0000, [0x0f, 0x05])
}

/// STATE, SOBJ, OBJECT and the sentence.
fn told(fake: &Fake) -> [String; 4] {
    let rows = fake.call("threads").at(2).run().rows;
    [2, 3, 4, 16].map(|column| rows[0][column].clone())
}

#[test]
fn calls_without_a_fixture() {
    let fake = target(waiting(7, 61, &[u64::MAX], &["wait4"]));
    assert_eq!(told(&fake), ["SLEEP", "WAIT4", "", "wait4, any child"]);
    let fake = target(waiting(7, 247, &[1, 99], &["waitid"]));
    assert_eq!(told(&fake), ["SLEEP", "WAIT4", "pid 99", "waitid, the end of process 99"]);
    let fake = target(waiting(7, 65, &[3], &["semop"]));
    assert_eq!(told(&fake), ["SLEEP", "SEMA", "", "semop, semaphores 3"]);
    let fake = target(waiting(7, 9999, &[3], &["x"]));
    assert_eq!(told(&fake), ["SLEEP", "SYSCALL", "", "system call 9999"]);
    // `struct pollfd`s, one of them left out, and more than are listed.
    let polled = waiting(7, 7, &[0x5000, 3, 1500], &["poll"]);
    let fake = target(polled).words(0x5000, &[4, 0xffff_ffff, 9]);
    assert_eq!(told(&fake), ["SLEEP", "POLL", "FD 4 9", "poll, FD 4 9, timeout 1.5 s"]);
    let fake = target(waiting(7, 7, &[0x5000, u64::MAX, 0], &["poll"])).words(0x5000, &[1; 20]);
    let [.., sentence] = told(&fake);
    assert!(
        sentence.ends_with("18446744073709551615 descriptors in all, timeout 0 s"),
        "{sentence}"
    );
    // Memory that is not there.
    let fake = target(waiting(7, 7, &[0x9000, 2, u64::MAX], &["poll"]));
    assert_eq!(told(&fake), ["SLEEP", "POLL", "", "poll, no timeout"]);
    let fake = target(waiting(7, 35, &[0x9000], &["nanosleep"]));
    let wanted = "nanosleep, a timeout at 9000, which cannot be read";
    assert_eq!(told(&fake), ["SLEEP", "SLEEP", "", wanted]);
    // Descriptor 70, in the second word of the set.
    let fake = target(waiting(7, 23, &[71, 0x5000], &["select"])).words(0x5000, &[0, 64]);
    assert_eq!(told(&fake)[2], "FD 70");
    let fake = target(waiting(7, 23, &[70, 0x5000], &["select"])).words(0x5000, &[0, 64]);
    assert_eq!(told(&fake)[2], "", "the first 70 only");
}

#[test]
fn a_restarted_call_is_named_by_its_function() {
    let restarted = |function| told(&target(waiting(7, 219, &[0, 0], &[function])));
    assert_eq!(restarted("clock_nanosleep")[1], "SLEEP");
    assert_eq!(restarted("__poll")[1], "POLL");
    assert_eq!(restarted("somewhere")[1], "SYSCALL");
}

#[test]
fn what_is_not_seen_is_said() {
    let functions = &["read", "work"];
    // Its code is not in the core.
    let crashed = thread(1, &["main"]).register("orig_rax", u64::MAX).register("rax", 0);
    let fake = Fake::new(builtin()).thread(crashed.clone()).thread(waiting(7, 0, &[5], functions));
    let wanted = "read, FD 5 ? told by registers only, the code cannot be read";
    assert_eq!(told(&fake), ["SLEEP", "IO", "FD 5", wanted]);
    // It is no `syscall`: the number is that of another table.
    let fake = Fake::new(builtin())
        .thread(crashed.clone())
        .thread(waiting(7, 0, &[5], functions))
        .region(0x1_0000, [0xcd, 0x80]);
    assert_eq!(told(&fake), ["?", "<none>", "", ""]);
    // No registers.
    let fake = Fake::new(builtin()).thread(crashed).thread(thread(7, functions));
    assert_eq!(told(&fake), ["?", "<none>", "", ""]);
    assert_eq!(fake.call("stacks").text('t', "?").piped().run().pipe, [2]);
}

#[test]
fn locks_are_found_from_their_words() {
    let futex = |word, operation, value, functions: &[&str]| {
        target(waiting(7, 202, &[word, operation, value, 0], functions))
    };
    // A condition variable of glibc 2.41, which has no references: its symbol tells.
    let fake = futex(0x5024, 0x189, 0, &["futex", "pthread_cond_wait"]).words(0x5000, &[0; 8]);
    let fake = fake.symbol("new_cond", 0x5000, 48);
    assert_eq!(told(&fake)[2], "new_cond", "word 0x24 - 4 - 0x20");
    // Without symbols: no references where they would be, so it is a new one.
    let fake = futex(0x5020, 0x189, 0, &["futex", "pthread_cond_wait"]).words(0x4ff8, &[0; 8]);
    assert_eq!(told(&fake)[2], "5000");
    // With references of its group, an old one.
    let fake = futex(0x502c, 0x189, 0, &["futex", "pthread_cond_wait"])
        .words(0x5000, &[0, 0, 2 << 32, 0, 0, 0]);
    assert_eq!(told(&fake)[2], "5000");
    // A holder that is no thread is not believed.
    let mutex = |owner| {
        futex(0x5000, 0x80, 2, &["__lll_lock_wait", "pthread_mutex_lock"])
            .words(0x5000, &[2, owner, 0])
    };
    let held = "futex, 5000, held by thread 1 (tid 1), private, expected 2, no timeout";
    assert_eq!(told(&mutex(1)), ["SLEEP", "MUTEX", "5000", held]);
    let not = "futex, 5000, private, expected 2, no timeout";
    assert_eq!(told(&mutex(4711)), ["SLEEP", "MUTEX", "5000", not]);
    // Without names it is a guess, and says so.
    let guess =
        "futex, 5000, private, expected 2, no timeout ? the kind of lock is told by its word";
    let fake = futex(0x5000, 0x80, 2, &["", ""]);
    assert_eq!(told(&fake), ["SLEEP", "MUTEX", "5000", guess]);
    let text = fake.call("stacks").text('s', "MX").run().text;
    assert!(text.contains("\n2                SLEEP    ? MUTEX                 1\n"), "{text}");
    // Readers that prefer writers wait at the lock's first word.
    let fake =
        futex(0x5000, 0x189, 11, &["futex", "pthread_rwlock_rdlock"]).words(0x5000, &[11; 4]);
    assert_eq!(told(&fake)[2], "5000");
    let fake = futex(0x5008, 0x189, 2, &["futex", "pthread_rwlock_rdlock"]).words(0x5000, &[11; 4]);
    assert_eq!(told(&fake)[2], "5000");
    let fake = futex(0x500c, 0x189, 1, &["futex", "pthread_rwlock_wrlock"]).words(0x5000, &[11; 4]);
    assert_eq!(told(&fake)[2], "5000");
}

/// `futex_wait` has the value before its mask, `futex` has it behind the operation
/// (`include/linux/syscalls.h` of the kernel).
#[test]
fn the_younger_futex_call_has_its_value_elsewhere() {
    let readers = |value, mask| {
        let arguments = &[0x5000, value, mask, 2, 0, 1];
        let functions = &["futex", "pthread_rwlock_rdlock"];
        target(waiting(7, 455, arguments, functions)).words(0x4ff0, &[0, 0, 11, 0, 0, 0])
    };
    // Its readers' word, as the word has the value; else the phase, 8 behind the lock's beginning.
    assert_eq!(told(&readers(11, u64::from(u32::MAX)))[2], "5000");
    assert_eq!(told(&readers(2, 11))[2], "4ff8");
    // The thread that is joined, where its word cannot be read.
    let joined = target(waiting(7, 455, &[0x9000, 99, 55, 2, 0, 1], &["futex", "pthread_join"]));
    assert_eq!(told(&joined)[2], "tid 99");
}

/// 64-bit Arm: the pc is on the `svc` that will be made again.
#[test]
fn the_other_architecture() {
    let crashed = thread(1, &["main"]).register("x8", 98).register("x0", 0);
    let at = |pc: u64, x8: u64, x0: u64| {
        let mut thread = thread(7, &["read"]).register("x8", x8).register("x0", x0);
        thread.frames[0].pc = pc;
        Fake::new(builtin())
            .architecture(183) // EM_AARCH64
            .thread(crashed.clone())
            .thread(thread)
            .region(0x2000, [0x01, 0, 0, 0xd4, 0x1f, 0x20, 0x03, 0xd5])
    };
    assert_eq!(told(&at(0x2000, 63, 12)), ["SLEEP", "IO", "FD 12", "read, FD 12"]);
    assert_eq!(told(&at(0x2004, 22, -4_i64 as u64))[1], "POLL");
    assert_eq!(told(&at(0x2004, 63, 1)), ["ONPROC", "<none>", "", ""]);
    assert_eq!(told(&at(0x3000, 63, 1)), ["?", "<none>", "", ""], "no code");
}

/// The tables, against the headers of this machine.
#[test]
fn numbers_are_those_of_the_kernels_headers() {
    let headers = [
        ("src/x86_64/calls.rs", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        ("src/aarch64/calls.rs", "/usr/include/asm-generic/unistd.h"),
    ];
    for (table, header) in headers {
        let Ok(header) = std::fs::read_to_string(header) else {
            eprintln!("SKIPPED numbers_are_those_of_the_kernels_headers: no {header}");
            continue;
        };
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(table);
        let table = std::fs::read_to_string(path).unwrap();
        let mut compared = 0;
        for line in table.lines().filter_map(|line| line.trim().strip_prefix("Call::new(")) {
            let words: Vec<&str> = line.split([',', '"', ' ']).filter(|w| !w.is_empty()).collect();
            let (number, name) = (words[0], words[1]);
            let defined = |prefix: &str| {
                let start = format!("#define {prefix}{name} ");
                header.lines().find_map(|line| line.strip_prefix(&start).map(str::trim))
            };
            match defined("__NR_").filter(|n| !n.starts_with('_')).or(defined("__NR3264_")) {
                Some(wanted) => {
                    assert_eq!(number, wanted, "{name}");
                    compared += 1;
                }
                // Younger than the headers may be.
                None => assert!(number.parse::<u32>().unwrap() >= 440, "{name}"),
            }
        }
        assert!(compared > 40, "{compared}");
    }
}
