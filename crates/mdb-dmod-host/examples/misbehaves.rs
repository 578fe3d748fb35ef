//! A dmod that does what dmods should not do, for the tests of the loader.

use mdb_dmod::prelude::*;

/// `::boom`: panics.
struct Boom;
impl Dcmd for Boom {
    const DECLARATION: Declaration =
        Declaration::new("boom", "panic").options(&[Opt::flag('c', "in a callback of the host")]);
    fn run(s: &Session<'_>) -> Result<()> {
        let words = [1_u8, 2];
        let index = s.dot() as usize;
        if s.flag('c') {
            return s.run_walk("numbers", None, |item| {
                assert!(item.value < 2, "two is too many");
                Ok(())
            });
        }
        #[allow(clippy::indexing_slicing, reason = "it is to panic")]
        s.emit(words[index].into())
    }
}

/// `::spin`: reads for ever.
struct Spin;
impl Dcmd for Spin {
    const DECLARATION: Declaration = Declaration::new("spin", "read memory for ever");
    fn run(s: &Session<'_>) -> Result<()> {
        loop {
            s.read_u64(s.dot())?;
        }
    }
}

/// `::count`: emits numbers for ever.
struct Count;
impl Dcmd for Count {
    const DECLARATION: Declaration = Declaration::new("count", "emit numbers");
    fn run(s: &Session<'_>) -> Result<()> {
        (0..).try_for_each(|number| s.emit(number))
    }
}

/// `::deep`: walks, evaluates, runs and emits in one.
struct Deep;
impl Dcmd for Deep {
    const DECLARATION: Declaration = Declaration::new("deep", "re-enter the host");
    fn run(s: &Session<'_>) -> Result<()> {
        s.run_walk("numbers", None, |item| {
            let value = s.evaluate(&format!("{}+1", item.value))?;
            s.run_command("::deeper", Some(item))?;
            s.emit(value)
        })
    }
}

/// `::rows`: every kind of cell.
struct Rows;
impl Dcmd for Rows {
    const DECLARATION: Declaration = Declaration::new("rows", "print rows")
        .columns(&[Column::new("A", cell_kind::HEX).item(), Column::new("B B", cell_kind::TEXT)])
        .arguments(&[Argument::rest("word", value_kind::TEXT, "words")]);
    fn run(s: &Session<'_>) -> Result<()> {
        s.row(&[Cell::Hex(1), Cell::text(s.argument_rest(0).join("+"))])?;
        s.row_as(&[Cell::Hex(2), Cell::None], "two\n")?;
        s.warn("a warning")?;
        s.keep("key", b"kept")?;
        let kept = s.kept("key")?.unwrap_or_default();
        writeln!(s, "{} {:?}", String::from_utf8_lossy(&kept), s.kept("other")?)
    }
}

/// `::threaded`: uses the session's raw context from another thread through memory.
struct Threaded;
impl Dcmd for Threaded {
    const DECLARATION: Declaration = Declaration::new("threaded", "read from many threads");
    fn run(s: &Session<'_>) -> Result<()> {
        let memory = s.memory();
        let dot = s.dot();
        let sum: u64 = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..4).map(|n| scope.spawn(move || memory.read_u64(dot + 8 * n))).collect();
            threads.into_iter().map(|t| t.join().unwrap_or(Ok(0))).sum::<Result<u64>>()
        })?;
        s.emit(sum)
    }
}

/// Walks down from a number, and panics at 13.
struct Down;
impl Walker for Down {
    const DECLARATION: WalkerDeclaration =
        WalkerDeclaration::new("down", "count down").needs_start();
    fn walk(
        _: &Session<'_>,
        start: Option<Item>,
        each: &mut dyn FnMut(Item) -> Result<()>,
    ) -> Result<()> {
        let start = start.unwrap_or_default().value;
        (0..=start).rev().try_for_each(|value| {
            assert!(value != 13, "thirteen");
            each(Item::address(value))
        })
    }
}

dmod! {
    name: misbehaves,
    about: "does what dmods should not do",
    triggers: ["object:libbad.so*", "symbol:bad_*"],
    dcmds: [Boom, Spin, Count, Deep, Rows, Threaded],
    walkers: [Down],
}
