//! `::isolates` and `::isolate`: the virtual machines of the process.

use super::table::{Side, lines};
use crate::vm::isolates::Isolate;
use crate::vm::{Vm, choice};
use mdb_dmod::prelude::*;

/// Why there is no isolate.
fn none_found(vm: &Vm) -> Error {
    match vm.heaps.len() {
        0 => Error::new(
            "no heap of V8 was found in the memory that the core has, by the layout that is known of \
             its pages",
        ),
        n => Error::new(format!(
            "{n} heaps of V8 were found, but not the isolates that they belong to: see ::v8layout -v"
        )),
    }
}

/// The isolate at an address.
fn at(vm: &Vm, address: u64) -> Result<&Isolate> {
    let isolate = vm.isolates.iter().find(|isolate| isolate.address == address);
    isolate.ok_or_else(|| {
        Error::at(address, format!("no isolate is at {address:x} (::isolates lists them)"))
    })
}

/// Headings of the text table.
const TABLE: [(&str, Side); 10] = [
    ("ISOLATE", Side::Right),
    ("", Side::Left),
    ("THREAD", Side::Right),
    ("TID", Side::Right),
    ("KIND", Side::Left),
    ("HEAP", Side::Right),
    ("PAGES", Side::Right),
    ("SIZE", Side::Right),
    ("STATE", Side::Left),
    ("KNOWN BY", Side::Left),
];

fn known_by(isolate: &Isolate) -> &'static str {
    isolate.thread.map_or("", |(_, source)| source.text())
}

fn shown(isolate: &Isolate, chosen: Option<u64>) -> [String; 10] {
    let number = |number: Option<u32>| number.map_or("?".to_owned(), |number| number.to_string());
    [
        format!("{:x}", isolate.address),
        if chosen == Some(isolate.address) { "*" } else { "" }.to_owned(),
        number(isolate.thread.map(|(thread, _)| thread)),
        number(isolate.tid),
        isolate.role.text().to_owned(),
        format!("{:x}", isolate.heap),
        isolate.pages.to_string(),
        isolate.bytes.to_string(),
        isolate.state.text().to_owned(),
        known_by(isolate).to_owned(),
    ]
}

fn cells(isolate: &Isolate, chosen: Option<u64>) -> Vec<Cell<'static>> {
    let number = |number: Option<u32>| number.map_or(Cell::None, |n| Cell::Unsigned(n.into()));
    let address = |address: u64| if address == 0 { Cell::None } else { Cell::Address(address) };
    vec![
        Cell::Address(isolate.address),
        Cell::Boolean(chosen == Some(isolate.address)),
        number(isolate.thread.map(|(thread, _)| thread)),
        number(isolate.tid),
        Cell::text(isolate.role.text()),
        Cell::Address(isolate.heap),
        Cell::Unsigned(isolate.pages),
        Cell::Size(isolate.bytes),
        Cell::text(isolate.state.text()),
        Cell::text(known_by(isolate)),
        Cell::Address(isolate.roots),
        address(isolate.entry_fp),
        address(isolate.blob),
    ]
}

fn rows(s: &Session<'_>, isolates: &[&Isolate], chosen: Option<u64>) -> Result<()> {
    let texts: Vec<_> = isolates.iter().map(|isolate| shown(isolate, chosen)).collect();
    for (isolate, text) in isolates.iter().zip(lines(TABLE, &texts)) {
        s.row_as(&cells(isolate, chosen), &text)?;
    }
    Ok(())
}

/// list the isolates (virtual machines) of the process
///
/// Node has one isolate for its main thread and one for each worker. An isolate is found by its heap:
/// each page of a heap says whose it is. PAGES and SIZE are of that heap, SIZE without the headers of
/// the pages.
///
/// THREAD is the thread whose JavaScript an isolate runs, and KNOWN BY how that is known: the frame
/// through which JavaScript left for native code, or the last one that entered it, is on that thread's
/// stack; or, of an idle isolate, the limit that V8 keeps of the stack is in it. KIND is `main` for
/// the first thread of the process.
///
/// STATE is `in JavaScript` (or in V8's own code for it), `in native below JavaScript` (JavaScript
/// called native code, which runs), or `idle` (no JavaScript is on the stack).
///
/// `*` marks the isolate that other commands are about: the one that `::isolate` chose, else that of
/// the current thread, else that of the first thread. With an address, only that isolate.
///
/// # Examples
///
/// - `::isolates`: all of them
/// - `::isolates | ::isolate`: choose the only one
#[dcmd(
    output = "isolate",
    columns(
        Column::new("ISOLATE", cell_kind::ADDRESS).item(),
        Column::new("CHOSEN", cell_kind::BOOLEAN),
        Column::new("THREAD", cell_kind::UNSIGNED),
        Column::new("TID", cell_kind::UNSIGNED),
        Column::new("KIND", cell_kind::TEXT),
        Column::new("HEAP", cell_kind::ADDRESS),
        Column::new("PAGES", cell_kind::UNSIGNED),
        Column::new("SIZE", cell_kind::SIZE),
        Column::new("STATE", cell_kind::TEXT),
        Column::new("KNOWN BY", cell_kind::TEXT),
        Column::new("ROOTS", cell_kind::ADDRESS).detail().help("the table of roots"),
        Column::new("EXIT FP", cell_kind::ADDRESS).detail().help("frame pointer of the innermost exit frame"),
        Column::new("BUILTINS", cell_kind::ADDRESS).detail().help("code of the embedded builtins that it runs"),
    )
)]
pub(crate) fn isolates(s: &Session<'_>) -> Result<()> {
    let vm = Vm::of(s)?;
    if vm.isolates.is_empty() {
        return Err(none_found(&vm));
    }
    let chosen = vm.chosen(s)?.map(|isolate| isolate.address);
    if let Some(address) = s.address() {
        return rows(s, &[at(&vm, address)?], chosen);
    }
    rows(s, &vm.isolates.iter().collect::<Vec<_>>(), chosen)
}

#[derive(Args)]
pub(crate) struct IsolateArgs {
    /// choose none: the isolate is that of the current thread again
    #[arg(short = 't', long = "thread")]
    thread: bool,
}

/// choose the isolate that other commands are about
///
/// Without an address it says which one that is. The choice lasts as long as the target is open.
///
/// # Examples
///
/// - `::isolate`: which one is chosen
/// - `::walk isolate | ::tail -1 | ::isolate`: choose the last one
/// - `::isolate -t`: that of the current thread again
#[dcmd(input = "isolate", output = "isolate")]
pub(crate) fn isolate(s: &Session<'_>, args: IsolateArgs) -> Result<()> {
    let vm = Vm::of(s)?;
    if args.thread {
        choice::choose(s, None)?;
    } else if let Some(address) = s.address() {
        choice::choose(s, Some(at(&vm, address)?.address))?;
    }
    let Some(isolate) = vm.chosen(s)? else { return Err(none_found(&vm)) };
    if s.into_pipe() || s.output_mode().pipe {
        return s.emit(isolate.address);
    }
    let thread = match isolate.thread {
        Some((thread, _)) => format!("of thread {thread}"),
        None => "whose thread is not known".to_owned(),
    };
    writeln!(s, "isolate {:x} {thread}", isolate.address)
}

/// walk the isolates of the process
///
/// In the order of their addresses.
#[walker(name = "isolate", output = "isolate")]
pub(crate) fn walk(
    s: &Session<'_>,
    _start: Option<u64>,
    each: &mut dyn FnMut(Item) -> Result<()>,
) -> Result<()> {
    let vm = Vm::of(s)?;
    vm.isolates.iter().try_for_each(|isolate| each(Item::address(isolate.address)))
}
