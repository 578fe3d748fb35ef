//! `::whatis`: what an address is.

mod explanation;
mod facts;
mod mapping;
mod preview;
mod providers;
mod stack;
mod startup;
mod symbol;
mod thread_object;
mod tls;

use explanation::{Explanation, rank};
use facts::Facts;
use mdb_dmod::prelude::*;
use std::fmt::Write as _;
use tls::Tls;

/// `addr::whatis [-abiklqv]`.
pub(crate) struct Whatis;

/// Who is asked, and how specific the answers are.
const SOURCES: [(&str, u32, &str); 7] = [
    ("thread", rank::THREAD, "struct pthread of a thread"),
    ("tls", rank::TLS, "thread-local variables"),
    ("symbol", rank::SYMBOL, "functions and variables"),
    ("startup", rank::START, "arguments, environment, auxiliary vector"),
    ("stack", rank::FRAME, "frames, stacks, their guards"),
    ("segment", rank::SEGMENT, "segments of files"),
    ("mapping", rank::MAPPING, "mappings, and what is between them"),
];

impl Dcmd for Whatis {
    const DECLARATION: Declaration = Declaration::new("whatis", "say what an address is")
        .help(
            "The most specific of: an object of the C library for a thread, a thread-local \
             variable, a block of an allocator, a symbol, what the process was started with, the \
             frame of a thread's stack, a segment of a file, a mapping; dmods can add to these. \
             With `-a`, all of them. An address that is none of these is unknown: then the nearest \
             mappings are shown. Many addresses may come from a pipe, and are explained in one go.",
        )
        .needs_address()
        .takes_all_input()
        .options(&[
            Opt::flag('a', "all explanations, not only the most specific"),
            Opt::flag('b', "what manages a block, rather than the block"),
            Opt::flag('i', "ADDRESS is no address, but a thread's number or kernel id"),
            Opt::flag('k', "in the order of the input (it always is)"),
            Opt::flag('l', "only list who is asked"),
            Opt::flag('q', "one line for each: no text at the address, no neighbours"),
            Opt::flag('v', "say who is being asked"),
        ])
        .columns(&[
            Column::new("ADDRESS", cell_kind::ADDRESS).item(),
            Column::new("KIND", cell_kind::TEXT),
            Column::new("SYMBOL", cell_kind::TEXT),
            Column::new("OFFSET", cell_kind::HEX),
            Column::new("THREAD", cell_kind::UNSIGNED),
            Column::new("FRAME", cell_kind::UNSIGNED),
            Column::new("PATH", cell_kind::TEXT),
            Column::new("START", cell_kind::ADDRESS),
            Column::new("END", cell_kind::ADDRESS),
            Column::new("PERMISSIONS", cell_kind::TEXT),
            Column::new("SECTION", cell_kind::TEXT),
            Column::new("TYPE", cell_kind::TEXT),
            Column::new("PREVIEW", cell_kind::TEXT).help("the text at the address"),
            Column::new("SOURCE", cell_kind::TEXT).help("who says so"),
            Column::new("TEXT", cell_kind::TEXT),
        ])
        .examples(&[
            Example::new("main::whatis", "a function"),
            Example::new("<rsp::whatis -a", "all that is known of the top of the stack"),
            Example::new("7::ugrep -R stack | ::whatis -q", "where on the stacks a 7 is"),
            Example::new("0::whatis -l", "who is asked"),
        ]);

    fn run(s: &Session<'_>) -> Result<()> {
        if s.flag('l') {
            return list(s);
        }
        let addresses: Vec<u64> = if s.from_pipe() {
            s.input().iter().map(|item| item.value).collect()
        } else {
            vec![s.dot()]
        };
        let facts = Facts::new(s);
        let tls = Tls::default();
        let mut all = explain_all(&facts, &tls, &addresses)?;
        for (address, found) in addresses.iter().zip(&mut all) {
            show(&facts, *address, found)?;
        }
        Ok(())
    }
}

/// What each of the addresses is, in any order of rank.
fn explain_all(facts: &Facts<'_>, tls: &Tls, addresses: &[u64]) -> Result<Vec<Vec<Explanation>>> {
    let s = facts.s;
    let verbose = s.flag('v') && !s.into_pipe();
    if verbose {
        for (source, ..) in SOURCES {
            writeln!(s, "Searching native`{source}...")?;
        }
    }
    let mut all = Vec::with_capacity(addresses.len());
    for address in addresses {
        all.push(if s.flag('i') {
            let mut found = Vec::new();
            asked("thread", &mut found, |found| thread_object::identify(facts, *address, found))?;
            found
        } else {
            explain(facts, tls, *address)?
        });
    }
    if verbose {
        for provider in providers::registered(s)? {
            writeln!(s, "Searching {}`{}...", provider.dmod, provider.name)?;
        }
    }
    providers::explain(s, addresses, &mut all)?;
    Ok(all)
}

/// Asks one source, and notes that it was this one.
fn asked(
    source: &str,
    found: &mut Vec<Explanation>,
    ask: impl FnOnce(&mut Vec<Explanation>) -> Result<()>,
) -> Result<()> {
    let before = found.len();
    ask(found)?;
    for explanation in found.iter_mut().skip(before) {
        explanation.source = format!("native`{source}");
    }
    Ok(())
}

fn explain(facts: &Facts<'_>, tls: &Tls, address: u64) -> Result<Vec<Explanation>> {
    let mapping = facts.s.mapping_at(address)?;
    let mapping = mapping.as_ref();
    let mut found = Vec::new();
    asked("symbol", &mut found, |found| symbol::explain(facts, address, mapping, found))?;
    if let Some(mapping) = mapping {
        asked("thread", &mut found, |found| thread_object::explain(facts, address, found))?;
        // Blocks of threads are in memory that can be written to.
        let writable = mapping.permissions.is_none_or(|[_, write, _]| write);
        if writable && found.is_empty() {
            asked("tls", &mut found, |found| tls.explain(facts, address, found))?;
        }
        asked("startup", &mut found, |found| {
            startup::explain(facts, address, Some(mapping), found)
        })?;
        // Above `argc` there are no frames, though the outermost one has no end.
        if !found.iter().any(|explanation| explanation.rank == rank::START) {
            asked("stack", &mut found, |found| {
                stack::explain(facts, address, Some(mapping), found)
            })?;
        }
        asked("segment", &mut found, |found| mapping::explain_segment(facts, address, found))?;
        asked("mapping", &mut found, |found| {
            mapping::explain(address, mapping, found);
            Ok(())
        })?;
    }
    Ok(found)
}

/// Shows the most specific explanation, or all.
fn show(facts: &Facts<'_>, address: u64, found: &mut Vec<Explanation>) -> Result<()> {
    let s = facts.s;
    let quiet = s.flag('q');
    let mapping = if s.flag('i') { None } else { s.mapping_at(address)? };
    if found.is_empty() {
        if s.flag('i') {
            found.push(Explanation::new(0, "unknown", "unknown"));
        } else {
            asked("mapping", found, |found| mapping::explain_gap(facts, address, found))?;
        }
    }
    found.sort_by_key(|explanation| std::cmp::Reverse(explanation.rank));
    let hidden = found.iter().any(|explanation| explanation.hides_text);
    let preview = match mapping.as_ref() {
        Some(mapping) if !hidden => preview::preview(s, address, Some(mapping))?,
        _ => None,
    };
    // In a pipe an address is one item, however much is known of it.
    let most = if s.flag('a') && !s.into_pipe() { usize::MAX } else { 1 };
    for (index, explanation) in found.iter().take(most).enumerate() {
        let mut text = format!("{address:x} is {}\n", explanation.text);
        let preview = preview.as_deref().filter(|_| index == 0);
        if !quiet {
            for line in explanation.details.iter().map(String::as_str).chain(preview) {
                let _ = writeln!(text, "    {line}");
            }
        }
        s.row_as(&explanation.cells(address, mapping.as_ref(), preview), &text)?;
    }
    Ok(())
}

/// Lists who is asked.
fn list(s: &Session<'_>) -> Result<()> {
    let mut text = format!("{:<12} {:<10} {:>4} {}\n", "NAME", "MODULE", "RANK", "WHAT");
    for (name, rank, about) in SOURCES {
        let _ = writeln!(text, "{name:<12} {:<10} {rank:>4} {about}", "native");
        let explanation = Explanation {
            source: format!("native`{name}"),
            ..Explanation::new(rank, "source", about)
        };
        let mut cells = explanation.cells(0, None, None);
        if let Some(cell) = cells.first_mut() {
            *cell = Cell::None;
        }
        s.row_as(&cells, &std::mem::take(&mut text))?;
    }
    for provider in providers::registered(s)? {
        let _ = writeln!(
            text,
            "{:<12} {:<10} {:>4} {}",
            provider.name, provider.dmod, "-", provider.about
        );
        let explanation = Explanation {
            source: format!("{}`{}", provider.dmod, provider.name),
            ..Explanation::new(0, "source", provider.about.as_str())
        };
        let mut cells = explanation.cells(0, None, None);
        if let Some(cell) = cells.first_mut() {
            *cell = Cell::None;
        }
        s.row_as(&cells, &std::mem::take(&mut text))?;
    }
    Ok(())
}
