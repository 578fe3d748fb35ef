//! The code of docs/developers/adding-a-dcmd.md: it compiles, it does what the page says, and both
//! forms of the command are one.

#![allow(clippy::unwrap_used, dead_code, reason = "tests")]

use mdb_dmod::prelude::*;

#[derive(Args)]
pub(crate) struct WordArgs {
    /// how many words
    #[arg(short = 'n', decimal, default = 1)]
    number: u64,
}

/// show words of memory
///
/// Eight bytes each, the least significant first.
///
/// # Examples
///
/// - `<rsp::word -n 4`: the top of the stack
#[dcmd(
    address = required,
    columns(
        Column::new("ADDRESS", cell_kind::ADDRESS),
        Column::new("VALUE", cell_kind::HEX).item(),
    )
)]
pub(crate) fn word(s: &Session<'_>, args: WordArgs) -> Result<()> {
    for index in 0..args.number {
        let address = s.dot().wrapping_add(8 * index);
        s.row(&[Cell::Address(address), Cell::Hex(s.read_u64(address)?)])?;
    }
    Ok(())
}

dmod! { name: words, about: "words", triggers: ["always"], dcmds: [word] }

mod mirror {
    use mdb_dmod::prelude::*;

    #[derive(Load)]
    #[load(name = "node")]
    struct Node {
        value: i32,    // as long as the target's, or longer
        next: Address, // as long as the target's pointers
        name: [u8; 16],
        #[load(offset = 0x28)]
        flags: u16, // found without types
        added_later: Option<u64>, // None: this target's struct has none
    }
}

mod by_hand {
    use mdb_dmod::prelude::*;

    pub(crate) struct Word;

    impl Dcmd for Word {
        const DECLARATION: Declaration = Declaration::new("word", "show words of memory")
            .help("Eight bytes each, the least significant first.")
            .needs_address()
            .columns(&[
                Column::new("ADDRESS", cell_kind::ADDRESS),
                Column::new("VALUE", cell_kind::HEX).item(),
            ])
            .examples(&[Example::new("<rsp::word -n 4", "the top of the stack")])
            .options(&[Opt::new('n', value_kind::DECIMAL, "NUMBER", "how many words")]);

        fn run(s: &Session<'_>) -> Result<()> {
            for index in 0..s.number('n').unwrap_or(1) {
                let address = s.dot().wrapping_add(8 * index);
                s.row(&[Cell::Address(address), Cell::Hex(s.read_u64(address)?)])?;
            }
            Ok(())
        }
    }
}

#[test]
fn the_page_is_this_code() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let here = words(include_str!("page.rs"));
    let page = include_str!("../../../docs/developers/adding-a-dcmd.md");
    let (_, dmods) = page.split_once("## In a dmod").unwrap();
    let (dmods, _) = dmods.split_once("## Both").unwrap();
    let blocks: Vec<&str> =
        dmods.split("```rust").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 4);
    for block in blocks {
        assert!(here.contains(&words(block)), "{block}");
    }
}

#[test]
fn it_does_what_the_page_says() {
    use mdb_dmod::testing::Fake;
    let fake = Fake::new(builtin()).words(0x1000, &[7, 8]);
    let out = fake.run("0x1000::word -n 2");
    assert_eq!(out.rows, [["1000", "7"], ["1008", "8"]]);
    assert_eq!(
        fake.run("0x1008::word -n 2").error.unwrap(),
        "no data at address 0x1010: no mapping for address"
    );
}

#[test]
fn both_forms_are_one() {
    use mdb_dmod::entry::dcmd;
    let (made, written) = (dcmd::<word>(), dcmd::<by_hand::Word>());
    // SAFETY: tables of this program.
    unsafe {
        assert_eq!(made.name.text(), written.name.text());
        assert_eq!(made.summary.text(), written.summary.text());
        assert_eq!(made.help.text(), written.help.text());
        assert_eq!(made.flags, written.flags);
        let option = |dcmd: &mdb_dmod::abi::Dcmd| {
            let found = dcmd.options.get(0).unwrap();
            (found.short, found.kind, found.value_name.text(), found.help.text())
        };
        assert_eq!(option(&made), option(&written));
        let example = |dcmd: &mdb_dmod::abi::Dcmd| {
            let found = dcmd.examples.get(0).unwrap();
            (found.command.text(), found.help.text())
        };
        assert_eq!(example(&made), example(&written));
        assert_eq!(made.columns.count, written.columns.count);
    }
}
