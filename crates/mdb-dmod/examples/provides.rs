//! A dmod that provides one of each kind, and commands that ask: the tests load it into the program.

use mdb_dmod::abi::{Block, block_state, type_kind};
use mdb_dmod::prelude::*;
use mdb_dmod::provide::{
    AskedFrame, Blocks, Caller, DescribedFrame, Frames, Printer, Provider, Roots, Symbols, Types,
    Whatis,
};
use mdb_dmod::{Explanation, Member, Root, RootKind, Symbol, Type, WhatisFlags};
use std::sync::atomic::{AtomicU64, Ordering};

/// The machine code of the fixtures `jit-fp` and `jit-nofp`: where it begins the variable `jit` says.
struct Jit;

/// Its size is less.
const JIT_SIZE: u64 = 0x40;
/// What its function takes of the stack before it calls.
const JIT_FRAME: u64 = 0x28;

impl Provider for Jit {
    const NAME: &'static str = "jit";
    const ABOUT: &'static str = "machine code that a fixture made";
    const PRIORITY: i32 = 10;
}

fn jit_offset(s: &Session<'_>, pc: u64) -> Option<u64> {
    let start = s.variable("jit").ok().filter(|start| *start != 0)?;
    pc.checked_sub(start).filter(|offset| *offset < JIT_SIZE)
}

impl Frames for Jit {
    fn caller(s: &Session<'_>, frame: &AskedFrame) -> Result<Option<Caller>> {
        if jit_offset(s, frame.pc).is_none() {
            return Ok(None);
        }
        let at = frame.sp.wrapping_add(JIT_FRAME);
        Ok(Some(Caller { pc: s.read_u64(at)?, sp: at.wrapping_add(8), ..Caller::default() }))
    }

    fn describe(s: &Session<'_>, frame: &AskedFrame) -> Result<Option<DescribedFrame>> {
        ASKED.fetch_add(1, Ordering::Relaxed);
        let Some(offset) = jit_offset(s, frame.pc) else { return Ok(None) };
        let inlined = s.variable("inlined").unwrap_or(0);
        Ok(Some(DescribedFrame {
            column: if inlined == 0 { 0 } else { 20 },
            inlined: (1..=inlined).map(inlined_function).collect(),
            function: "made at run time".to_owned(),
            file: "nowhere.js".to_owned(),
            line: 7,
            function_start: frame.pc.wrapping_sub(offset),
            arguments: if frame.is_sample { "a sample" } else { "a core" }.to_owned(),
            object: 0x1234,
            object_type: "Code".to_owned(),
            ..DescribedFrame::default()
        }))
    }
}

/// How often it was asked what a frame is.
static ASKED: AtomicU64 = AtomicU64::new(0);

/// A function inlined there: as many as the variable `inlined` says.
fn inlined_function(n: u64) -> DescribedFrame {
    DescribedFrame {
        function: format!("inlined {n}"),
        file: "nowhere.js".to_owned(),
        line: n as u32,
        column: n as u32 + 10,
        arguments: format!("argument {n}"),
        object: 0x5000 + n,
        object_type: "Function".to_owned(),
        ..DescribedFrame::default()
    }
}

impl Symbols for Jit {
    fn at(s: &Session<'_>, address: u64) -> Result<Option<Symbol>> {
        Ok(jit_offset(s, address).map(|offset| symbol(address.wrapping_sub(offset))))
    }

    fn by_name(s: &Session<'_>, name: &str) -> Result<Option<Symbol>> {
        Ok((name == "jit_code").then(|| s.variable("jit")).transpose()?.map(symbol))
    }
}

fn symbol(address: u64) -> Symbol {
    Symbol {
        address,
        size: JIT_SIZE,
        offset: 0,
        is_function: true,
        is_object: false,
        is_tls: false,
        name: "jit_code".to_owned(),
        module: String::new(),
        text: String::new(),
    }
}

/// The allocator of the fixture `blocks`.
struct Known;

impl Provider for Known {
    const NAME: &'static str = "known";
    const ABOUT: &'static str = "what the fixture's allocator gave";
}

fn known(s: &Session<'_>) -> Result<Vec<Block>> {
    let count = s.read_u64(s.evaluate("known_count")?)?.min(64);
    let table = s.evaluate("known_blocks")?;
    (0..count)
        .map(|n| {
            let at = table.wrapping_add(n * 16);
            // The fixture hides the addresses from whoever looks for references.
            let address = !s.read_u64(at)?;
            let size = s.read_u64(at.wrapping_add(8))?;
            Ok(Block { address, size, state: block_state::ALLOCATED, flags: 0 })
        })
        .collect()
}

impl Blocks for Known {
    fn each(s: &Session<'_>, give: &mut dyn FnMut(&[Block]) -> Result<()>) -> Result<()> {
        known(s)?.chunks(3).try_for_each(give)
    }
}

impl Whatis for Known {
    fn explain(
        s: &Session<'_>,
        addresses: &[u64],
        _: WhatisFlags,
        give: &mut dyn FnMut(usize, &Explanation) -> Result<()>,
    ) -> Result<()> {
        let Ok(blocks) = known(s) else { return Ok(()) };
        for (index, address) in addresses.iter().enumerate() {
            let inside = |b: &&Block| address.checked_sub(b.address).is_some_and(|o| o < b.size);
            if let Some(block) = blocks.iter().find(inside) {
                give(
                    index,
                    &Explanation {
                        base: block.address,
                        length: block.size,
                        rank: 55,
                        kind: "block".to_owned(),
                        text: format!("known block of {} bytes", block.size),
                        ..Explanation::default()
                    },
                )?;
            }
        }
        Ok(())
    }
}

impl Roots for Known {
    fn each(_: &Session<'_>, give: &mut dyn FnMut(&Root) -> Result<()>) -> Result<()> {
        give(&Root {
            kind: RootKind::Handle,
            thread: 0,
            start: 0,
            end: 0,
            value: 0,
            name: "a handle".to_owned(),
        })
    }
}

impl Types for Known {
    fn by_name(_: &Session<'_>, name: &str) -> Result<Option<Type>> {
        Ok((name == "struct node").then(|| Type {
            name: name.to_owned(),
            kind: type_kind::STRUCT,
            size: 24,
            ..Type::default()
        }))
    }

    fn members(_: &Session<'_>, name: &str) -> Result<Option<Vec<Member>>> {
        let member = |name: &str, offset, kind, type_name: &str| Member {
            name: name.to_owned(),
            type_name: type_name.to_owned(),
            kind,
            offset,
            size: 8,
            bits: None,
        };
        Ok((name == "struct node").then(|| {
            vec![
                member("next", 0, type_kind::POINTER, "struct node *"),
                member("inner", 8, type_kind::POINTER, "void *"),
                member("id", 16, type_kind::SIGNED, "long"),
            ]
        }))
    }

    fn of_object(s: &Session<'_>, address: u64) -> Result<Option<Type>> {
        let is_node = known(s)?.iter().any(|b| b.address == address && b.size == 24);
        if is_node { Self::by_name(s, "struct node") } else { Ok(None) }
    }
}

impl Printer for Known {
    fn print(s: &Session<'_>, type_name: &str, address: u64) -> Result<Option<String>> {
        if type_name != "struct node" {
            return Ok(None);
        }
        Ok(Some(format!("node {}", s.read_u64(address.wrapping_add(16))?)))
    }
}

/// A node of the fixture's list.
#[derive(Load)]
#[load(name = "struct node")]
struct Node {
    next: u64,
    id: u64,
}

/// walk the list of the fixture blocks
#[walker(output = "node")]
fn node(
    s: &Session<'_>,
    start: Option<Item>,
    each: &mut dyn FnMut(Item) -> Result<()>,
) -> Result<()> {
    let mut at = match start {
        Some(item) => item.value,
        None => s.read_u64(s.evaluate("list_head")?)?,
    };
    while at != 0 {
        each(Item::address(at))?;
        at = s.load::<Node>(at)?.next;
    }
    Ok(())
}

/// walk the words of each node
#[walker(start = required, layered_on = "node")]
fn nodeword(
    _: &Session<'_>,
    start: Option<Item>,
    each: &mut dyn FnMut(Item) -> Result<()>,
) -> Result<()> {
    let at = start.map_or(0, |item| item.value);
    (0..3).try_for_each(|n| each(Item::address(at.wrapping_add(8 * n))))
}

#[derive(Args)]
struct Limit {
    /// how many
    #[arg(decimal)]
    count: u64,
}

/// walk 0, 1, 2 and so on, up to the start
#[walker(start = required)]
fn numbers(
    _: &Session<'_>,
    start: Option<Item>,
    each: &mut dyn FnMut(Item) -> Result<()>,
) -> Result<()> {
    (0..start.map_or(0, |item| item.value)).try_for_each(|n| each(Item::address(n)))
}

/// print the id of a node
#[dcmd(address = required, input = "node")]
fn nodeid(s: &Session<'_>) -> Result<()> {
    let node = s.load::<Node>(s.dot())?;
    writeln!(s, "{}", node.id)
}

/// print what an object is, and its value
#[dcmd(address = required)]
fn object(s: &Session<'_>) -> Result<()> {
    let Some(found) = s.object_type(s.dot())? else { return writeln!(s, "unknown") };
    let text = s.printed(&found.name, s.dot())?;
    writeln!(s, "{}: {}", found.name, text.unwrap_or_default())
}

/// print the memory graph
#[dcmd]
fn graph(s: &Session<'_>) -> Result<()> {
    let graph = s.memory_graph()?;
    for (n, node) in (0..).zip(graph.nodes) {
        writeln!(s, "block 0x{:x} {}", node.address, node.size)?;
        for to in graph.edges(n) {
            if let Some(to) = graph.nodes.get(*to as usize) {
                writeln!(s, "edge 0x{:x} 0x{:x}", node.address, to.address)?;
            }
        }
        for from in graph.referrers(n) {
            if let Some(from) = graph.nodes.get(*from as usize) {
                writeln!(s, "referrer 0x{:x} 0x{:x}", from.address, node.address)?;
            }
        }
    }
    let mut roots = Vec::new();
    s.roots(|root| {
        roots.push(root.clone());
        Ok(())
    })?;
    for edge in graph.roots {
        let to = graph.nodes.get(edge.node as usize).map_or(0, |node| node.address);
        if let Some(root) = roots.get(edge.root as usize) {
            writeln!(s, "root {:?} {} 0x{to:x}", root.kind, root.name)?;
        }
    }
    Ok(())
}

/// print the roots that are memory
#[dcmd]
fn allroots(s: &Session<'_>) -> Result<()> {
    s.roots(|root| {
        if root.end <= root.start {
            return Ok(());
        }
        writeln!(s, "{:?} {} {:x} {:x}", root.kind, root.thread, root.start, root.end)
    })
}

/// print what others say that addresses are
#[dcmd(address = required)]
fn explained(s: &Session<'_>) -> Result<()> {
    s.explanations(&[s.dot(), 1], WhatisFlags::default(), |index, found| {
        writeln!(s, "{index}: 0x{:x} {} ({})", found.base, found.text, found.kind)
    })
}

/// unwind a copy of the stack of a thread that stands somewhere else
#[dcmd(address = required)]
fn sample(s: &Session<'_>) -> Result<()> {
    const ELSEWHERE: u64 = 0x1000;
    let thread = s.thread(s.dot())?;
    let mut bytes = vec![0; 0x2000];
    let got = s.memory().read_some(thread.sp, &mut bytes)?;
    bytes.truncate(got);
    // psABI AMD64, figure 3.36: 7 is %rsp, 16 the return address.
    let registers = [(7, ELSEWHERE), (16, thread.pc)];
    let end = s.frames_of_sample(ELSEWHERE, &bytes, &registers, |frame| {
        writeln!(s, "{:x} {:x} {}({})", frame.sp, frame.pc, frame.function, frame.arguments)
    })?;
    writeln!(s, "{}", if end.is_regular { "whole" } else { &end.sentence })
}

/// print the frames of a thread with what providers say of them
#[dcmd(address = required)]
fn framed(s: &Session<'_>) -> Result<()> {
    let thread = s.thread(s.dot())?;
    s.frames(thread.number, |frame| {
        writeln!(
            s,
            "{}({}) {}:{} {:x} {} {}{}{}",
            frame.function,
            frame.arguments,
            frame.file,
            frame.line,
            frame.object,
            frame.object_type,
            frame.found_by_name,
            if frame.column == 0 { String::new() } else { format!(" column {}", frame.column) },
            if frame.is_inlined { " inlined" } else { "" },
        )
    })?;
    Ok(())
}

/// print the frames of a thread without asking what they are
#[dcmd(address = required)]
fn undescribed(s: &Session<'_>) -> Result<()> {
    let before = ASKED.load(Ordering::Relaxed);
    let thread = s.thread(s.dot())?;
    s.undescribed_frames(thread.number, true, |frame| {
        let known = frame.registers();
        // psABI AMD64, figure 3.36: 7 is %rsp.
        let sp = known.iter().find(|(number, _)| *number == 7).map(|(_, value)| *value);
        writeln!(
            s,
            "{} {}{}{} {}",
            frame.text,
            if frame.is_exact { "exact" } else { "return" },
            if frame.is_signal { " signal" } else { "" },
            if sp == Some(frame.sp) { " sp" } else { "" },
            frame.found_by_name,
        )
    })?;
    writeln!(s, "asked {}", ASKED.load(Ordering::Relaxed).wrapping_sub(before))
}

#[derive(Args)]
struct File {
    /// the other core
    file: String,
}

/// compare the threads of this core with those of another
#[dcmd]
fn compare(s: &Session<'_>, args: File) -> Result<()> {
    let describe = |s: &Session<'_>| -> Result<()> {
        let process = s.process()?;
        writeln!(s, "{} {}", process.executable, s.threads()?.len())
    };
    describe(s)?;
    let other = s.open_target(&args.file)?;
    s.with_target(other, |s| {
        describe(s)?;
        // What is kept is kept for each target.
        s.keep("here", b"other")
    })?;
    writeln!(s, "kept {:?}", s.kept("here")?)?;
    if s.open_target(&args.file)? != other {
        return Err(Error::new("the same file is another target"));
    }
    s.close_target(other)?;
    match s.with_target(other, |_| Ok(())) {
        Err(error) => writeln!(s, "{error}"),
        Ok(()) => Err(Error::new("a closed target answers")),
    }
}

/// find text in the memory of the target
#[dcmd]
fn bytes(s: &Session<'_>, args: File) -> Result<()> {
    s.memory().search(0, u64::MAX, args.file.as_bytes(), 1, |address| s.emit(address))
}

/// read one word again and again
#[dcmd(address = required)]
fn reads(s: &Session<'_>, args: Limit) -> Result<()> {
    let mut total = 0_u64;
    for _ in 0..args.count {
        total = total.wrapping_add(s.read_u64(s.dot())?);
    }
    writeln!(s, "{total:x}")
}

#[derive(Args)]
struct PickArgs {
    /// one that is known
    #[arg(short = 'c')]
    colour: Option<String>,
    /// the id of a node of the list
    #[arg(short = 'i')]
    id: Option<String>,
    /// one that takes for ever to find
    what: Option<String>,
}

/// print the word that was picked
#[dcmd(complete = words)]
fn pick(s: &Session<'_>, args: PickArgs) -> Result<()> {
    let word = args.colour.or(args.id).or(args.what).unwrap_or_default();
    writeln!(s, "picked {word}")
}

/// Colours, ids out of the target, or nothing and no end of it.
fn words(s: &Session<'_>, partial: &PartialWord<'_>) -> Result<Vec<String>> {
    if partial.is_of('c') {
        let mut all: Vec<String> = (0..100_000).map(|n| format!("grey{n}")).collect();
        all.extend(["late".to_owned()]);
        let first = ["re\x1b[2J", "red", "a blue", "grün"].map(str::to_owned);
        return Ok(first.into_iter().chain(all).collect());
    }
    if partial.is_of('i') {
        let mut ids = Vec::new();
        s.run_walk("node", None, |item| {
            ids.push(format!("id{}", s.read_u64(item.value.wrapping_add(16))?));
            Ok(())
        })?;
        return Ok(ids);
    }
    assert!(partial.word != "panic", "no word begins so");
    loop {
        s.check_cancelled()?;
    }
}

dmod! {
    name: provides,
    about: "one provider of each kind, for tests",
    triggers: [],
    dcmds: [nodeid, object, graph, allroots, explained, sample, framed, undescribed, compare, bytes, reads, pick],
    walkers: [node, nodeword, numbers],
    providers: [
        frames Jit, symbols Jit, blocks Known, whatis Known, roots Known, types Known,
        printer Known,
    ],
}
