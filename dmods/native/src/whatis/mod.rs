//! `::whatis`: what an address is.

use mdb_dmod::prelude::*;
use mdb_dmod::{Mapping, MappingKind, Symbol};
use std::fmt::Write as _;

/// `addr::whatis [-a]`.
pub(crate) struct Whatis;

/// How far below the stack pointer leaf functions may keep data (psABI AMD64, section 3.2.2).
const RED_ZONE: u64 = 128;

impl Dcmd for Whatis {
    const DECLARATION: Declaration = Declaration::new("whatis", "say what an address is")
        .help(
            "The most specific of: a symbol, the frame of a thread's stack, a mapping. With `-a`, \
             all of them. An address that is none of these is unknown.",
        )
        .needs_address()
        .options(&[Opt::flag('a', "all explanations, not only the most specific")])
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
        ])
        .examples(&[
            Example::new("main::whatis", "a function"),
            Example::new("<rsp::whatis -a", "all that is known of the top of the stack"),
        ]);

    fn run(s: &Session<'_>) -> Result<()> {
        let address = s.dot();
        let mapping = s.mapping_at(address)?;
        let mut found = Vec::new();
        if let Some(symbol) = s.symbol_at(address)? {
            found.push(of_symbol(address, &symbol, mapping.as_ref()));
        }
        if let Some(mapping) = &mapping {
            if let MappingKind::Stack(thread) = mapping.kind {
                found.extend(of_stack(s, address, thread, mapping)?);
            }
            found.push(of_mapping(address, mapping));
        }
        if found.is_empty() {
            let text = format!("{address:x} is unknown\n");
            let cells = Explanation { kind: "unknown", ..Explanation::default() };
            return s.row_as(&cells.cells(address, None), &text);
        }
        let most = if s.flag('a') { usize::MAX } else { 1 };
        for explanation in found.iter().take(most) {
            let text = format!("{address:x} is {}\n", explanation.text);
            s.row_as(&explanation.cells(address, mapping.as_ref()), &text)?;
        }
        Ok(())
    }
}

/// One thing that an address is.
#[derive(Default)]
struct Explanation {
    text: String,
    kind: &'static str,
    symbol: String,
    offset: Option<u64>,
    thread: Option<u32>,
    frame: Option<u32>,
}

impl Explanation {
    fn cells<'c>(&'c self, address: u64, mapping: Option<&'c Mapping>) -> [Cell<'c>; 10] {
        let number = |n: Option<u32>| n.map_or(Cell::None, |n| Cell::Unsigned(n.into()));
        [
            Cell::Address(address),
            Cell::text(self.kind),
            Cell::text(self.symbol.as_str()),
            self.offset.map_or(Cell::None, Cell::Hex),
            number(self.thread),
            number(self.frame),
            mapping.map_or(Cell::None, |m| Cell::text(m.path.as_str())),
            mapping.map_or(Cell::None, |m| Cell::Address(m.start)),
            mapping.map_or(Cell::None, |m| Cell::Address(m.end)),
            mapping.map_or(Cell::None, |m| Cell::text(m.permissions_text())),
        ]
    }
}

/// `[lo,hi)`.
fn range(mapping: &Mapping) -> String {
    format!("[{:x},{:x})", mapping.start, mapping.end)
}

fn of_symbol(address: u64, symbol: &Symbol, mapping: Option<&Mapping>) -> Explanation {
    let mut text = symbol.text.clone();
    if let Some(mapping) = mapping {
        let place = if mapping.path.is_empty() { symbol.module.as_str() } else { &mapping.path };
        let _ = if place.is_empty() {
            write!(text, ", in {}", range(mapping))
        } else {
            write!(text, ", in {place} {}", range(mapping))
        };
    }
    Explanation {
        text,
        kind: "symbol",
        symbol: symbol.name.clone(),
        offset: Some(address.wrapping_sub(symbol.address)),
        ..Explanation::default()
    }
}

/// Which thread's stack, and which frame of it.
fn of_stack(
    s: &Session<'_>,
    address: u64,
    number: u32,
    mapping: &Mapping,
) -> Result<Option<Explanation>> {
    let thread = s.thread(number.into())?;
    let whose = format!("the stack of thread {} (tid {})", thread.number, thread.tid);
    let explain = |text: String, kind, frame, symbol: String| {
        let text = format!("{text} {}", range(mapping));
        Some(Explanation {
            text,
            kind,
            symbol,
            thread: Some(thread.number),
            frame,
            ..Explanation::default()
        })
    };
    if address < thread.sp {
        let below = thread.sp - address;
        let zone = if below <= RED_ZONE { ", in the red zone" } else { ", not in use" };
        let text = format!("0x{below:x} below the stack pointer{zone}, in {whose}");
        return Ok(explain(text, "dead stack", None, String::new()));
    }
    // A frame reaches from its stack pointer to the next one's.
    let mut holder: Option<(u32, String)> = None;
    let end = s.plain_frames(number, 0, |frame| {
        if frame.sp > address {
            return Err(Error::Closed);
        }
        holder = Some((frame.level, frame.text.to_owned()));
        Ok(())
    });
    match end {
        Err(error) if error != Error::Closed => return Err(error),
        _ => {}
    }
    Ok(match holder {
        Some((level, function)) => {
            let text = format!("in frame {level} ({function}) of {whose}");
            explain(text, "stack frame", Some(level), function)
        }
        None => explain(format!("in {whose}"), "stack", None, String::new()),
    })
}

fn of_mapping(address: u64, mapping: &Mapping) -> Explanation {
    let (kind, what) = match mapping.kind {
        MappingKind::File => ("file mapping", mapping.path.clone()),
        MappingKind::Stack(thread) => {
            ("stack", format!("the mapping of the stack of thread {thread}"))
        }
        MappingKind::Vdso => ("vdso", "the vdso".to_owned()),
        MappingKind::Heap => ("heap", "the heap".to_owned()),
        _ => ("anonymous mapping", "an anonymous mapping".to_owned()),
    };
    let offset = address.wrapping_sub(mapping.start);
    let mut text = format!("in {what} {} {}", range(mapping), mapping.permissions_text());
    if mapping.kind == MappingKind::File {
        let _ = write!(text, ", offset 0x{:x} in the file", mapping.offset.wrapping_add(offset));
    }
    Explanation { text, kind, offset: Some(offset), ..Explanation::default() }
}
