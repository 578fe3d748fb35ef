//! Commands and walkers made by the macros, called through the real tables.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unnecessary_wraps,
    reason = "tests; commands and walkers answer with a Result"
)]

use mdb_dmod::abi::{self, Array, Plain, Str};
use mdb_dmod::entry;
use mdb_dmod::prelude::*;
use mdb_dmod::testing::{Fake, FakeThread};
use std::path::PathBuf;

/// What `::slist` takes.
#[derive(Args)]
pub struct ListArgs {
    /// offset of the link
    /// inside each node
    ///
    /// More that is for readers of the source.
    #[arg(short, value_name = "BYTES")]
    offset: u64,
    /// print each node
    #[arg(short = 'v', long)]
    verbose: bool,
}

/// walk a singly linked list
///
/// Follows the link at OFFSET until it is null.
///
/// # Examples
///
/// - `<rsp::slist -o 8`: the list at the top of the stack
#[dcmd(address = required, output = "node", example("0::slist -o 0 -v", "no list at all"))]
pub fn slist(s: &Session<'_>, args: ListArgs) -> Result<()> {
    let mut node = s.dot();
    while node != 0 {
        if args.verbose {
            writeln!(s, "{node:#x}")?;
        }
        s.emit(node)?;
        node = s.read_u64(node + args.offset)?;
    }
    Ok(())
}

struct Written;

impl Dcmd for Written {
    const DECLARATION: Declaration = Declaration::new("slist", "walk a singly linked list")
        .help("Follows the link at OFFSET until it is null.")
        .needs_address()
        .output("node")
        .examples(&[
            Example::new("<rsp::slist -o 8", "the list at the top of the stack"),
            Example::new("0::slist -o 0 -v", "no list at all"),
        ])
        .options(&[
            Opt::new(
                'o',
                value_kind::NUMBER,
                "BYTES",
                "offset of the link inside each node (required)",
            ),
            Opt::flag('v', "print each node").long("verbose"),
        ]);

    fn run(_: &Session<'_>) -> Result<()> {
        Ok(())
    }
}

/// Everything that a field can be.
#[derive(Args, Debug, PartialEq)]
struct All {
    /// a flag
    #[arg(short = 'f')]
    flag: bool,
    /// how much to say
    #[arg(short = 'd', count)]
    debug: u32,
    /// how many
    #[arg(short = 'n', long = "number", decimal, default = 10)]
    count: u8,
    /// where
    #[arg(short = 'a')]
    at: Option<Address>,
    /// how much
    #[arg(long)]
    block_size: Option<Size>,
    /// of which type
    #[arg(short = 't')]
    of: Option<TypeName>,
    /// into which file
    #[arg(long)]
    out: Option<PathBuf>,
    /// how it is written
    #[arg(short = 'k', choices = "text|folded")]
    form: Option<String>,
    /// which one
    #[arg(short = 'K', choices = "one|two", default = 7)]
    which: usize,
    /// in this function
    #[arg(short = 'c', value_name = "FUNCTION")]
    functions: Vec<String>,
    /// for its authors
    #[arg(long = "secret", hidden)]
    secret: bool,
    /// less than nothing
    #[arg(short = 'i', default = 0)]
    signed: i32,
    /// what to look at
    what: u64,
    /// what it is called
    name: Option<String>,
    /// more numbers
    more: Vec<u16>,
}

/// show what was given
#[dcmd(columns(Column::new("WHAT", cell_kind::TEXT), Column::new("VALUE", cell_kind::HEX).item()))]
fn all(s: &Session<'_>, args: All) -> Result<()> {
    s.write(&format!("{args:?}"))?;
    s.row(&[Cell::Text("what".into()), Cell::Hex(args.what)])
}

/// fall over
#[dcmd(name = "boom", address = none)]
fn falls_over(s: &Session<'_>) -> Result<()> {
    let none: Vec<u32> = Vec::new();
    writeln!(s, "{}", none[s.dot() as usize])
}

/// ask again and again
#[dcmd(hidden)]
fn forever(s: &Session<'_>) -> Result<()> {
    loop {
        s.read_u64(0x1000)?;
    }
}

/// add up all that comes
#[dcmd(all_input, input = "node")]
fn total(s: &Session<'_>) -> Result<()> {
    s.emit(s.input().iter().map(|item| item.value).sum())
}

/// the number behind
#[dcmd]
fn next(s: &Session<'_>) -> Result<()> {
    s.emit(s.read_u64(s.dot())?)
}

/// the nodes of a list
///
/// The link comes first.
#[walker(output = "node", input = "list")]
fn nodes(
    s: &Session<'_>,
    start: Option<Item>,
    each: &mut dyn FnMut(Item) -> Result<()>,
) -> Result<()> {
    let mut node = start.map_or(0x1008, |item| item.value);
    while node != 0 {
        each(Item::address(node))?;
        node = s.read_u64(node)?;
    }
    Ok(())
}

/// the words from here
#[walker(layered_on = "nodes")]
fn words<'s>(s: &'s Session<'_>, start: u64) -> impl Iterator<Item = Result<u64>> + 's {
    (0..3).map(move |index| s.read_u64(start + 8 * index))
}

/// three numbers
#[walker(name = "three")]
fn three_numbers(_: &Session<'_>) -> Result<impl Iterator<Item = u64>> {
    Ok([1, 2, 3].into_iter())
}

dmod! {
    name: lists,
    about: "lists",
    triggers: [],
    dcmds: [slist, all, falls_over, forever, total, next],
    walkers: [nodes, words, three_numbers],
}

/// `1000: 7, 2008; 2000: 8, 0`, links in the second word.
fn lists() -> Fake {
    Fake::new(builtin()).words(0x1000, &[7, 0x2000]).words(0x2000, &[8, 0])
}

fn text(text: Str) -> String {
    // SAFETY: a table of this program.
    unsafe { text.text() }.to_owned()
}

fn list<T: Plain>(array: Array<T>) -> Vec<T> {
    // SAFETY: as above.
    unsafe { array.iter().collect() }
}

/// All that a declaration says.
fn said(dcmd: &abi::Dcmd) -> Vec<String> {
    let mut said: Vec<String> =
        [dcmd.name, dcmd.summary, dcmd.help, dcmd.input_type, dcmd.output_type].map(text).into();
    said.push(dcmd.flags.to_string());
    said.extend(list(dcmd.options).iter().map(|o| {
        let texts = [o.long, o.value_name, o.help, o.choices].map(text);
        format!("option {} {} {} {texts:?}", o.short, o.kind, o.flags)
    }));
    said.extend(list(dcmd.arguments).iter().map(|a| {
        let texts = [a.name, a.help, a.choices].map(text);
        format!("argument {} {} {texts:?}", a.kind, a.flags)
    }));
    said.extend(list(dcmd.columns).iter().map(|c| {
        let texts = [c.heading, c.key, c.help].map(text);
        format!("column {} {} {} {} {texts:?}", c.kind, c.flags, c.align, c.width)
    }));
    said.extend(
        list(dcmd.examples)
            .iter()
            .map(|e| format!("{} {} {}", e.flags, text(e.command), text(e.help))),
    );
    said
}

#[test]
fn a_made_declaration_is_the_written_one() {
    assert_eq!(said(&entry::dcmd::<slist>()), said(&entry::dcmd::<Written>()));
}

#[test]
fn fields_become_options_and_arguments() {
    let (number, text) = (value_kind::NUMBER, value_kind::TEXT);
    let mut secret = Opt::flag('\0', "for its authors").long("secret");
    secret.flags |= abi::OPTION_HIDDEN;
    let options = vec![
        Opt::flag('f', "a flag"),
        Opt::new('d', value_kind::COUNT, "", "how much to say"),
        Opt::new('n', value_kind::DECIMAL, "COUNT", "how many").long("number"),
        Opt::new('a', value_kind::ADDRESS, "AT", "where"),
        Opt::new('\0', value_kind::SIZE, "BLOCK_SIZE", "how much").long("block-size"),
        Opt::new('t', value_kind::TYPE, "OF", "of which type"),
        Opt::new('\0', value_kind::FILE, "OUT", "into which file").long("out"),
        Opt::new('k', value_kind::CHOICE, "FORM", "how it is written").choices("text|folded"),
        Opt::new('K', value_kind::CHOICE, "WHICH", "which one").choices("one|two"),
        Opt::new('c', text, "FUNCTION", "in this function").repeatable(),
        secret,
        Opt::new('i', number, "SIGNED", "less than nothing"),
    ];
    let arguments = vec![
        Argument::required("WHAT", number, "what to look at"),
        Argument::optional("NAME", text, "what it is called"),
        Argument::rest("MORE", number, "more numbers"),
    ];
    let mut written = entry::dcmd::<all>();
    let made = said(&written);
    (written.options, written.arguments) = (Array::of(&options), Array::of(&arguments));
    assert_eq!(made, said(&written));
    assert_eq!(All::OPTIONS.len(), 12);
}

#[test]
fn walkers_are_declared() {
    let found = entry::walker::<nodes>();
    let texts = [found.name, found.summary, found.help, found.output_type, found.input_type];
    assert_eq!(
        texts.map(text),
        ["nodes", "the nodes of a list", "The link comes first.", "node", "list"]
    );
    let flags =
        [found.flags, entry::walker::<words>().flags, entry::walker::<three_numbers>().flags];
    assert_eq!(flags, [0, abi::WALKER_START_REQUIRED, abi::WALKER_START_NONE]);
    assert_eq!(text(entry::walker::<words>().layered_on), "nodes");
}

#[test]
fn options_reach_the_function() {
    let out = lists().run("0x1000::slist -o 8");
    assert_eq!(out.pipe, [0x1000, 0x2000]);
    assert_eq!((out.error, out.text.as_str()), (None, ""));
    assert_eq!(lists().run("0x1000::slist --verbose -o8").text, "0x1000\n0x2000\n");
    // The old spelling calls the same.
    assert_eq!(lists().call("slist").at(0x1000).number('o', 8).run().pipe, [0x1000, 0x2000]);
}

#[test]
fn each_kind_of_value_is_read() {
    let text = |line: &str| {
        let out = lists().symbol("main", 0x4000, 8).run(line);
        assert_eq!(out.error, None, "{line}");
        out.text
    };
    let given = |name: &str, value: &str| {
        let line = format!("::all {value} 10");
        let text = text(&line);
        let (_, rest) = text.split_once(&format!("{name}: ")).unwrap_or_else(|| panic!("{text}"));
        rest.split_once(", ").map_or(rest, |(value, _)| value).trim_end_matches(" }").to_owned()
    };
    let nothing = text("::all 10");
    assert_eq!(
        nothing,
        "All { flag: false, debug: 0, count: 10, at: None, block_size: None, of: None, out: None, \
         form: None, which: 7, functions: [], secret: false, signed: 0, what: 16, name: None, \
         more: [] }what 10\n"
    );
    assert_eq!(given("flag", "-f"), "true");
    assert_eq!(given("debug", "-dd -d"), "3");
    assert_eq!(given("count", "-n 12"), "12");
    assert_eq!(given("count", "--number=13"), "13");
    assert_eq!(given("count", "-14"), "14");
    assert_eq!(given("at", "-a main+8"), "Some(Address(16392))");
    assert_eq!(given("at", "-a *0x1008"), "Some(Address(8192))");
    assert_eq!(given("block_size", "--block-size 4K"), "Some(Size(4096))");
    assert_eq!(given("of", "-t \"struct node\""), "Some(TypeName(\"struct node\"))");
    assert_eq!(given("out", "--out /tmp/x"), "Some(\"/tmp/x\")");
    assert_eq!(given("form", "-k folded"), "Some(\"folded\")");
    assert_eq!(given("which", "-K two"), "1");
    assert_eq!(given("functions", "-c f"), "[\"f\"]");
    assert!(text("::all -c f -c g 1").contains("functions: [\"f\", \"g\"]"));
    assert_eq!(given("secret", "--secret"), "true");
    assert_eq!(given("signed", "-i -1"), "-1");
    assert!(text("::all 10 name 1 $[1+1]").contains("name: Some(\"name\"), more: [1, 2]"));
}

#[test]
fn wrong_use_is_said() {
    let said = |line: &str| lists().run(line).error.unwrap_or_default();
    assert_eq!(said("0x1000::slist"), "option -o BYTES must be given");
    assert_eq!(lists().run("0x1000::slist").status, abi::Status::USAGE.0);
    assert_eq!(said("::slist -o 8"), "it needs an address before it");
    assert_eq!(said("1::boom"), "it takes no address");
    assert_eq!(said("::all"), "argument WHAT is missing");
    assert_eq!(said("::all -n 300 1"), "option -n COUNT: 300 is too large: at most 255");
    assert_eq!(said("::all 1 x 12345"), "12345 is too large: at most 65535");
    assert!(said("::all -k svg 1").contains("none of text, folded"));
    assert!(said("::all -z 1").starts_with("::all has no option -z; it has -f"));
    assert!(!said("::all -z 1").contains("secret"));
    assert_eq!(said("::nothing"), "no dcmd nothing");
    assert_eq!(said("::walk nothing"), "no walker nothing");
    assert_eq!(lists().walk("words", None).error.unwrap(), "the walk needs a start");
}

#[test]
fn failures_have_their_place() {
    let out = lists().run("0x3000::slist -o 8");
    assert_eq!(out.error.unwrap(), "no data at address 0x3008: no mapping for address");
    let out = lists().run("::boom");
    assert_eq!(out.status, abi::Status::PANIC.0);
    let error = out.error.unwrap();
    let line =
        1 + include_str!("macros.rs").lines().position(|l| l.contains("none[s.dot()")).unwrap();
    let wanted = "panicked: index out of bounds: the len is 0 but the index is 0, at ";
    assert!(error.starts_with(wanted) && error.ends_with(&format!("macros.rs:{line}")), "{error}");
    let out = lists().cancel_after(1000).run("::forever");
    assert_eq!((out.error.as_deref(), out.status), (Some("interrupted"), abi::Status::CANCELLED.0));
    let out = lists().close_after(1).run("0x1000::slist -o 8");
    assert_eq!((out.error, out.pipe), (None, vec![0x1000]));
    let short = lists().words(0x1010, &[0]).short_read_at(0x100c);
    assert_eq!(
        short.run("0x1000::slist -o 8").error.unwrap(),
        "no data at address 0x100c: no mapping for address"
    );
}

#[test]
fn lines_go_through_pipes() {
    let fake = lists().thread(FakeThread::new(1, Vec::new()).register("rsp", 0x1000));
    assert_eq!(fake.run("<rsp::slist -o 8 | ::total").pipe, [0x3000]);
    assert_eq!(fake.run("<rsp::slist -o 8 | ::next").pipe, [7, 8]);
    assert_eq!(fake.run("<rsp::walk words | ::total").error.unwrap().lines().count(), 1);
    assert_eq!(fake.run("::walk three | ::total").pipe, [6]);
    assert_eq!(
        fake.run("1008::walk nodes").error.unwrap(),
        fake.walk("nodes", None).error.unwrap()
    );
    assert_eq!(fake.run_with(&[0x1000, 0x5000, 0x2000], "::next").pipe, [7, 8]);
    assert_eq!(
        fake.run_with(&[0x1000, 0x5000, 0x2000], "::next").error.unwrap(),
        "no data at address 0x5000: no mapping for address"
    );
    assert_eq!(fake.run_with(&[1, 2], "::total").pipe, [3]);
    assert_eq!(fake.run_piped("::all 12").pipe, [0x12]);
    assert_eq!(fake.run("::all 12").rows, [["what", "12"]]);
    assert_eq!(fake.run("::all 1; ::all 2").rows.len(), 2);
    let closed = lists().close_after(1).run("0x1000::slist -o 8 | ::next");
    assert_eq!((closed.pipe.len(), closed.error), (1, None));
}

#[test]
fn the_function_can_be_called_by_others() {
    /// twice
    #[dcmd]
    fn twice(s: &Session<'_>) -> Result<()> {
        next(s)?;
        next(s)
    }
    let _ = entry::dcmd::<twice>();
}

#[test]
fn messages_of_the_macros() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/compile-fail/*.rs");
}
