//! Providers through their real tables, in the test kit.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends at what it did not expect"
)]

use mdb_dmod::abi::{Block, block_state};
use mdb_dmod::prelude::*;
use mdb_dmod::provide::{
    AskedFrame, Blocks, Caller, DescribedFrame, Frames, Provider, Roots, Symbols, Whatis,
};
use mdb_dmod::testing::Fake;
use mdb_dmod::{Explanation, Root, RootKind, Symbol, WhatisFlags};

/// Blocks in a chain: a size, then the block; a size of 0 ends it.
struct Chain;

impl Provider for Chain {
    const NAME: &'static str = "chain";
    const ABOUT: &'static str = "blocks in a chain";
    const PRIORITY: i32 = -3;
}

const HEAP: u64 = 0x1000;

fn chain(s: &Session<'_>) -> Result<Vec<Block>> {
    let mut list = Vec::new();
    let mut at = HEAP;
    loop {
        let size = s.read_u64(at)?;
        if size == 0 {
            return Ok(list);
        }
        list.push(Block { address: at + 8, size, state: block_state::ALLOCATED, flags: 0 });
        at += 8 + size;
    }
}

impl Blocks for Chain {
    fn each(s: &Session<'_>, give: &mut dyn FnMut(&[Block]) -> Result<()>) -> Result<()> {
        give(&chain(s)?)
    }
}

impl Whatis for Chain {
    fn explain(
        s: &Session<'_>,
        addresses: &[u64],
        flags: WhatisFlags,
        give: &mut dyn FnMut(usize, &Explanation) -> Result<()>,
    ) -> Result<()> {
        assert!(!flags.quiet, "a panic is told and kept on this side");
        let blocks = chain(s)?;
        for (index, address) in addresses.iter().enumerate() {
            for block in &blocks {
                if address.checked_sub(block.address).is_some_and(|offset| offset < block.size) {
                    let text = format!("block of {} bytes", block.size);
                    let base = block.address;
                    give(index, &Explanation { base, text, ..Explanation::default() })?;
                }
            }
        }
        Ok(())
    }
}

impl Roots for Chain {
    fn each(_: &Session<'_>, give: &mut dyn FnMut(&Root) -> Result<()>) -> Result<()> {
        give(&Root {
            kind: RootKind::Handle,
            thread: 2,
            start: 8,
            end: 16,
            value: 0,
            name: "handles".to_owned(),
        })
    }
}

impl Frames for Chain {
    fn caller(s: &Session<'_>, frame: &AskedFrame) -> Result<Option<Caller>> {
        if frame.pc < 0x100 {
            return Ok(None);
        }
        let registers = vec![(3, 33), (12, frame.registers[0].1)];
        Ok(Some(Caller { pc: s.read_u64(frame.sp)?, sp: frame.sp + 8, fp: frame.fp, registers }))
    }

    fn describe(_: &Session<'_>, frame: &AskedFrame) -> Result<Option<DescribedFrame>> {
        Ok(frame.is_exact.then(|| DescribedFrame {
            function: "exact".to_owned(),
            line: 4,
            inlined: ["innermost", "middle"]
                .map(|name| DescribedFrame {
                    function: name.to_owned(),
                    column: 3,
                    object: 0x77,
                    ..DescribedFrame::default()
                })
                .to_vec(),
            ..DescribedFrame::default()
        }))
    }
}

impl Symbols for Chain {
    fn at(_: &Session<'_>, address: u64) -> Result<Option<Symbol>> {
        Ok((address >= HEAP).then(|| Symbol {
            address: HEAP,
            size: 0,
            offset: address - HEAP,
            is_function: false,
            is_object: true,
            is_tls: false,
            name: "heap".to_owned(),
            module: String::new(),
            text: String::new(),
        }))
    }
}

/// count what others provide
#[dcmd]
fn provided(s: &Session<'_>) -> Result<()> {
    let mut bytes = 0;
    s.blocks(|blocks| {
        bytes += blocks.iter().map(|block| block.size).sum::<u64>();
        Ok(())
    })?;
    let mut names = Vec::new();
    s.roots(|root| {
        names.push(root.name.clone());
        Ok(())
    })?;
    s.explanations(&[5, 0x2005], WhatisFlags::default(), |index, found| {
        writeln!(s, "{index} {}", found.text)
    })?;
    writeln!(s, "{bytes} {}", names.join(" "))
}

dmod! {
    name: chains,
    about: "for tests",
    triggers: [],
    dcmds: [provided],
    providers: [
        blocks Chain, whatis Chain, roots Chain, frames Chain, symbols Chain,
    ],
}

fn fake() -> Fake {
    Fake::new(builtin()).words(HEAP, &[16, 1, 2, 8, 3, 0])
}

#[test]
fn providers_of_the_dmod_answer() {
    let fake = fake();
    let blocks = fake.ask_blocks("chain").unwrap().unwrap();
    let list: Vec<_> = blocks.iter().map(|b| (b.address, b.size)).collect();
    assert_eq!(list, [(0x1008, 16), (0x1020, 8)]);
    let found = fake.ask_whatis("chain", &[1, 0x1021, 0x100a], WhatisFlags::default());
    let found: Vec<_> =
        found.unwrap().unwrap().into_iter().map(|(n, e)| (n, e.base, e.text)).collect();
    assert_eq!(
        found,
        [(1, 0x1020, "block of 8 bytes".to_owned()), (2, 0x1008, "block of 16 bytes".to_owned())]
    );
    let roots = fake.ask_roots("chain").unwrap().unwrap();
    assert_eq!((roots[0].kind, roots[0].thread, roots[0].end), (RootKind::Handle, 2, 16));
    assert_eq!(fake.ask_symbol("chain", 0x1010), Ok(Some(("heap".to_owned(), HEAP))));
    assert_eq!(fake.ask_symbol("chain", 1), Ok(None));
}

#[test]
fn frames_are_asked_with_registers() {
    let fake = fake();
    let frame = AskedFrame {
        pc: 0x200,
        sp: 0x1008,
        fp: Some(9),
        registers: vec![(12, 77)],
        ..AskedFrame::default()
    };
    let caller = fake.ask_caller("chain", &frame).unwrap().unwrap();
    assert_eq!(
        caller,
        Caller { pc: 1, sp: 0x1010, fp: Some(9), registers: vec![(3, 33), (12, 77)] }
    );
    let other = AskedFrame { pc: 1, ..frame.clone() };
    assert_eq!(fake.ask_caller("chain", &other), Ok(None));
    assert_eq!(fake.ask_frame("chain", &frame), Ok(None));
    let exact = AskedFrame { is_exact: true, ..frame };
    let described = fake.ask_frame("chain", &exact).unwrap().unwrap();
    assert_eq!((described.function.as_str(), described.line), ("exact", 4));
    let inlined = described.inlined.iter();
    let inlined: Vec<_> = inlined.map(|f| (f.function.as_str(), f.column, f.object)).collect();
    assert_eq!(inlined, [("innermost", 3, 0x77), ("middle", 3, 0x77)]);
}

#[test]
fn faults_panics_and_missing_providers_are_sentences() {
    let broken = Fake::new(builtin()).words(HEAP, &[16, 1]);
    assert_eq!(
        broken.ask_blocks("chain").unwrap_err(),
        "no data at address 0x1018: no mapping for address"
    );
    let quiet = WhatisFlags { quiet: true, ..WhatisFlags::default() };
    let panicked = fake().ask_whatis("chain", &[1], quiet).unwrap_err();
    assert!(panicked.starts_with("panicked: a panic is told"), "{panicked}");
    assert!(panicked.contains("providers.rs:"), "{panicked}");
    assert!(fake().ask_blocks("moon").unwrap_err().contains("'moon'"));
    let wild = AskedFrame { pc: 0x200, sp: 8, registers: vec![(0, 0)], ..AskedFrame::default() };
    assert!(fake().ask_caller("chain", &wild).unwrap_err().contains("0x8"));
}

#[test]
fn a_command_gets_what_others_provide() {
    let block = |address, size| Block { address, size, state: block_state::ALLOCATED, flags: 0 };
    let root = Root {
        kind: RootKind::Data,
        thread: 0,
        start: 0,
        end: 8,
        value: 0,
        name: "libc.so.6".to_owned(),
    };
    let said = Explanation {
        base: 0x2000,
        length: 16,
        text: "a string".to_owned(),
        ..Explanation::default()
    };
    let fake = fake().block(block(0x2000, 16)).block(block(0x3000, 4)).root(root).explanation(said);
    assert_eq!(fake.run("::provided").text, "1 a string\n20 libc.so.6\n");
    let nobody = self::fake().run("::provided");
    assert_eq!(nobody.error.as_deref(), Some("no loaded dmod knows the blocks of an allocator"));
}
