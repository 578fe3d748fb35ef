//! What a call over the border of a dmod costs: a read of memory inside of the host and the same read by
//! a dmod, and how many items a walker of a dmod yields a second. `cargo xtask bench --case abi` runs it.
//!
//! The argument is the library of `crates/mdb-dmod/examples/provides.rs`.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "it is a measurement, run by hand")]

use mdb_debuginfo::{FileSearch, Modules};
use mdb_engine::{Frontend, OutputMode, Session, Sink, Source};
use mdb_print::StyledText;
use mdb_target::{Arch, FakeTarget, Target};
use std::cell::RefCell;
use std::hint::black_box;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

struct Quiet;

impl Frontend for Quiet {
    fn error(&self, text: &str) {
        println!("{text}");
    }
}

/// Keeps what a command printed.
struct Kept(RefCell<String>);

impl Sink for Kept {
    fn mode(&self) -> OutputMode {
        OutputMode::Text
    }
    fn write(&self, text: &StyledText) -> Result<(), mdb_engine::Failure> {
        self.0.borrow_mut().push_str(text.as_str());
        Ok(())
    }
    fn item(&self, _: mdb_engine::Item) -> Result<(), mdb_engine::Failure> {
        Ok(())
    }
}

/// As many as a process of some size has.
const SEGMENTS: u64 = 200;
const READS: u64 = 5_000_000;
const ITEMS: u64 = 30_000_000;
const ROUNDS: usize = 7;

fn best(mut run: impl FnMut()) -> Duration {
    let times = (0..ROUNDS).map(|_| {
        let begin = Instant::now();
        run();
        begin.elapsed()
    });
    times.min().unwrap_or_default()
}

fn main() {
    let library = std::env::args().nth(1).expect("the library libprovides.so");
    let mut target = FakeTarget::new(Arch::X86_64);
    for n in 0..SEGMENTS {
        target = target.words(0x10_0000 + n * 0x1_0000, &[n; 16]);
    }
    let target: Arc<dyn Target> = Arc::new(target);
    let modules = Modules::discover(Arc::clone(&target), FileSearch::default());
    let session = Session::new(Arc::clone(&target), modules, Rc::new(Quiet));
    session.load_dmod(&library).expect("the dmod loads");
    let run = |line: &str| {
        let sink = Kept(RefCell::default());
        session.evaluate(line, Source::Text, &sink).expect("it runs");
        sink.0.into_inner()
    };
    let address = 0x10_0000 + 77 * 0x1_0000 + 8;
    let inside = best(|| {
        let memory = target.memory();
        for _ in 0..READS {
            black_box(memory.read_u64(black_box(address)).expect("it is there"));
        }
    });
    let through = best(|| {
        black_box(run(&format!("0x{address:x}::reads 0t{READS}")));
    });
    let walk = best(|| {
        let counted = run(&format!("0t{ITEMS}::walk numbers | ::count"));
        assert_eq!(counted.trim(), ITEMS.to_string());
    });
    let nanoseconds = |time: Duration| time.as_secs_f64() * 1e9 / READS as f64;
    let (inside, through) = (nanoseconds(inside), nanoseconds(through));
    println!("read inside the host: {inside:.1} ns");
    println!("read by a dmod: {through:.1} ns");
    println!("read, difference: {:.1} ns", through - inside);
    println!(
        "walker into ::count: {:.1} million items a second",
        ITEMS as f64 / walk.as_secs_f64() / 1e6
    );
}
