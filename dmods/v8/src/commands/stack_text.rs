//! How frames are printed, for `::jsstack` and `::jsframe`.

use crate::frame::javascript::Reader;
use crate::frame::shown::{Shown, parameter_name};
use crate::frame::walk::StackFrame;
use crate::frame::wasm::WasmFrame;
use crate::frame::{Held, JsFrame, Tier, What};
use crate::object::context::Slot;
use crate::object::heap::Object;
use crate::object::kind::Kind;
use crate::source::{self, SourceText};
use crate::wasm::native::WasmTier;
use mdb_dmod::prelude::*;
use std::fmt::Write as _;

/// Characters of a value on a line of its own.
const LINE_CHARS: usize = 100;
/// Native names longer than this are cut.
const NATIVE_CHARS: usize = 90;
/// Columns of a line of source.
const SOURCE_COLUMNS: usize = 100;
/// Contexts around a function that are shown; a cycle ends there.
const MOST_CONTEXTS: usize = 16;
/// Variables of one context that are shown.
const MOST_VARIABLES: u64 = 32;
/// What a register without a name holds that holds nothing.
const EMPTY: [&str; 3] = [" undefined", " <hole>", "<optimised out>"];
/// Registers that are shown.
const MOST_REGISTERS: usize = 64;

/// The columns of both commands.
pub(crate) const COLUMNS: &[Column] = &[
    Column::new("FP", cell_kind::ADDRESS).item(),
    Column::new("PC", cell_kind::ADDRESS),
    Column::new("KIND", cell_kind::TEXT).help("js, api, wasm, native, internal or folded"),
    Column::new("NAME", cell_kind::TEXT),
    Column::new("FILE", cell_kind::TEXT).help("path or URL of the script, or native source file"),
    Column::new("LINE", cell_kind::UNSIGNED),
    Column::new("COLUMN", cell_kind::UNSIGNED),
    Column::new("ARGUMENTS", cell_kind::TEXT).detail(),
    Column::new("THIS", cell_kind::TEXT).detail(),
    Column::new("FUNCTION", cell_kind::ADDRESS).detail(),
    Column::new("TIER", cell_kind::TEXT).detail().help("the compiler; or builtin, or api"),
    Column::new("INLINED", cell_kind::BOOLEAN).detail(),
    Column::new("CONSTRUCT", cell_kind::BOOLEAN).detail(),
    Column::new("POSITION", cell_kind::UNSIGNED)
        .detail()
        .help("offset in the script, in UTF-16 units"),
    Column::new("BYTECODE OFFSET", cell_kind::UNSIGNED).detail(),
    Column::new("DOUBT", cell_kind::TEXT).detail().help("what is not certain, and why"),
    Column::new("THREAD", cell_kind::UNSIGNED).detail(),
    Column::new("FOLDED", cell_kind::UNSIGNED)
        .detail()
        .help("how many frames such a row stands for"),
    Column::new("FUNCTION NAME", cell_kind::TEXT).detail().help("the name of the function alone"),
    Column::new("WASM MODULE", cell_kind::TEXT).detail().help("the name that the module has"),
    Column::new("WASM FUNCTION", cell_kind::UNSIGNED).detail().help("its number in the module"),
    Column::new("DETAILS", cell_kind::LINES).detail().help("with -v: the lines below the first"),
];

/// What is printed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// Addresses, and every frame.
    pub(crate) all: bool,
    /// Receiver, arguments, locals and source.
    pub(crate) verbose: bool,
    /// Lines of source around the one of the call.
    pub(crate) lines: usize,
    /// The thread.
    pub(crate) thread: u32,
}

/// A row that says that frames were folded.
pub(crate) fn folded_row(s: &Session<'_>, style: Style, folded: u64) -> Result<()> {
    let mut cells = vec![Cell::None; COLUMNS.len()];
    set(&mut cells, 2, Cell::text("folded"));
    set(&mut cells, 16, Cell::Unsigned(style.thread.into()));
    set(&mut cells, 17, Cell::Unsigned(folded));
    s.row_as(&cells, &format!("        ... {} more of the same\n", grouped(folded)))
}

/// A row that says that internal frames were left out.
pub(crate) fn elided_row(s: &Session<'_>, elided: u64) -> Result<()> {
    if elided == 0 || s.output_mode().json || s.into_pipe() {
        return Ok(());
    }
    let plural = if elided == 1 { "" } else { "s" };
    writeln!(s, "        ({elided} internal frame{plural} elided)")
}

/// 10,900.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn set<'a>(cells: &mut [Cell<'a>], index: usize, cell: Cell<'a>) {
    if let Some(place) = cells.get_mut(index) {
        *place = cell;
    }
}

/// A frame that is not of JavaScript.
pub(crate) fn other_row(s: &Session<'_>, style: Style, frame: &StackFrame) -> Result<()> {
    let physical = &frame.physical;
    let (kind, label, name) = match &frame.what {
        What::Internal(frame_type) => ("internal", "", format!("<{}>", frame_type.name)),
        What::Generated(why) => ("internal", "", format!("<{why}> {}", physical.text)),
        _ => ("native", "native: ", physical.text.clone()),
    };
    let mut cells = vec![Cell::None; COLUMNS.len()];
    set(&mut cells, 0, Cell::Address(physical.fp.unwrap_or(physical.sp)));
    set(&mut cells, 1, Cell::Address(physical.pc));
    set(&mut cells, 2, Cell::text(kind));
    set(&mut cells, 3, Cell::text(name.clone()));
    if let Some((file, line)) = &physical.place {
        set(&mut cells, 4, Cell::text(file.clone()));
        set(&mut cells, 5, Cell::Unsigned((*line).into()));
    }
    if physical.is_doubtful {
        set(&mut cells, 15, Cell::text("found by a guess"));
    }
    set(&mut cells, 16, Cell::Unsigned(style.thread.into()));
    let doubt = if physical.is_doubtful { " ?" } else { "" };
    let text = if style.all {
        let fp = physical.fp.unwrap_or(physical.sp);
        format!("{fp:x} {:x} {name}{doubt}", physical.pc)
    } else {
        format!("{label:8}{}{doubt}", cut(&name))
    };
    s.row_as(&cells, &format!("{text}\n"))
}

fn cut(name: &str) -> String {
    if name.chars().count() <= NATIVE_CHARS {
        return name.to_owned();
    }
    let mut text: String = name.chars().take(NATIVE_CHARS).collect();
    text.push('…');
    text
}

/// A frame of JavaScript.
pub(crate) fn javascript_row(
    s: &Session<'_>,
    reader: Reader<'_>,
    style: Style,
    frame: &JsFrame,
    shown: &Shown,
) -> Result<()> {
    let arguments = reader.arguments_text(frame, shown)?;
    let mut cells = vec![Cell::None; COLUMNS.len()];
    set(&mut cells, 0, Cell::Address(frame.fp));
    set(&mut cells, 1, Cell::Address(frame.pc));
    if !shown.function_name.is_empty() {
        set(&mut cells, 18, Cell::text(shown.function_name.clone()));
    }
    let kind = if frame.tier == Tier::Api { "api" } else { "js" };
    set(&mut cells, 2, Cell::text(kind));
    set(&mut cells, 3, Cell::text(shown.name.clone()));
    if !shown.file.is_empty() {
        set(&mut cells, 4, Cell::text(shown.file.clone()));
    }
    if let Some(place) = shown.place {
        set(&mut cells, 5, Cell::Unsigned(place.line.into()));
        set(&mut cells, 6, Cell::Unsigned(place.column.into()));
    }
    if frame.is_read {
        set(&mut cells, 7, Cell::text(arguments.clone()));
    }
    if !is_arrow(shown) {
        set(&mut cells, 8, Cell::text(reader.held_text(&frame.receiver, LINE_CHARS)?));
    }
    if let Some(function) = frame.function {
        set(&mut cells, 9, Cell::Address(function.value().0));
    }
    set(&mut cells, 10, Cell::text(frame.tier.text()));
    set(&mut cells, 11, Cell::Boolean(frame.is_inlined));
    // A place alone does not say how the function was called.
    if frame.is_read || frame.is_construct || frame.tier == Tier::Builtin {
        set(&mut cells, 12, Cell::Boolean(frame.is_construct));
    }
    if let Some(position) = frame.position {
        set(&mut cells, 13, Cell::Unsigned(position.into()));
    }
    if let Some(offset) = frame.bytecode_offset {
        set(&mut cells, 14, Cell::Unsigned(offset.into()));
    }
    let mut doubts = shown.troubles.clone();
    if frame.position_is_start && frame.position.is_some() {
        doubts.push("the place is where the function begins".to_owned());
    }
    if !doubts.is_empty() {
        set(&mut cells, 15, Cell::text(doubts.join("; ")));
    }
    set(&mut cells, 16, Cell::Unsigned(style.thread.into()));
    let text = javascript_text(reader, style, frame, shown, &arguments)?;
    let details: Vec<&str> = text.lines().skip(1).map(str::trim_start).collect();
    if !details.is_empty() {
        set(&mut cells, 21, Cell::Lines(details.join("\n").into()));
    }
    s.row_as(&cells, &format!("{text}\n"))
}

/// A frame of WebAssembly.
pub(crate) fn wasm_row(
    s: &Session<'_>,
    reader: Reader<'_>,
    style: Style,
    frame: &WasmFrame,
) -> Result<()> {
    let mut cells = vec![Cell::None; COLUMNS.len()];
    set(&mut cells, 0, Cell::Address(frame.fp));
    set(&mut cells, 1, Cell::Address(frame.pc));
    set(&mut cells, 2, Cell::text("wasm"));
    set(&mut cells, 3, Cell::text(frame.function_name()));
    if !frame.url.is_empty() {
        set(&mut cells, 4, Cell::text(frame.url.clone()));
    }
    if let Some((line, column)) = frame.line_column() {
        set(&mut cells, 5, Cell::Unsigned(line.into()));
        set(&mut cells, 6, Cell::Unsigned(column.into()));
    }
    if let Some(tier) = frame.tier {
        set(&mut cells, 10, Cell::text(tier.text()));
    }
    set(&mut cells, 11, Cell::Boolean(frame.is_inlined));
    set(&mut cells, 12, Cell::Boolean(false));
    if let Some(offset) = frame.offset {
        set(&mut cells, 13, Cell::Unsigned(offset.into()));
    }
    if !frame.troubles.is_empty() {
        set(&mut cells, 15, Cell::text(frame.troubles.join("; ")));
    }
    set(&mut cells, 16, Cell::Unsigned(style.thread.into()));
    if let Some(module) = &frame.module {
        set(&mut cells, 19, Cell::text(module.clone()));
    }
    if let Some(function) = frame.function {
        set(&mut cells, 20, Cell::Unsigned(function.into()));
    }
    let name = frame.full_name();
    let place = frame.place_text();
    let inlined = if frame.is_inlined { " (inlined)" } else { "" };
    let mut text = if style.all {
        let tier = frame.tier.map_or("wasm", WasmTier::text);
        format!("{:x} {:x} {name} at {place}{inlined} <{tier}>", frame.fp, frame.pc)
    } else {
        format!("wasm:   {name} at {place}{inlined}")
    };
    if style.verbose {
        let mut line = |label: &str, value: String| {
            let _ = write!(text, "\n          {label}: {value}");
        };
        line("tier", frame.tier.map_or("not known", WasmTier::text).to_owned());
        if let Some(instance) = frame.instance {
            line("instance", addressed(reader, &Held::Tagged(instance.value()))?);
        }
        for trouble in &frame.troubles {
            line("not known", trouble.clone());
        }
    } else if !frame.troubles.is_empty() {
        let _ = write!(text, " ({})", frame.troubles.join("; "));
    }
    s.row_as(&cells, &format!("{text}\n"))
}

fn javascript_text(
    reader: Reader<'_>,
    style: Style,
    frame: &JsFrame,
    shown: &Shown,
    arguments: &str,
) -> Result<String> {
    let place = shown.place_text(frame);
    let at = if place.is_empty() { String::new() } else { format!(" at {place}") };
    let inlined = if frame.is_inlined { " (inlined)" } else { "" };
    let mut text = if style.all {
        let function = match frame.function {
            Some(function) => format!(" (JSFunction: {:x})", function.value().0),
            None => String::new(),
        };
        let (fp, pc, tier) = (frame.fp, frame.pc, frame.tier.text());
        format!("{fp:x} {pc:x} {}({arguments}){at}{inlined} <{tier}>{function}", shown.name)
    } else {
        let label = if frame.tier == Tier::Api { "api:    " } else { "js:     " };
        format!("{label}{}({arguments}){at}{inlined}", shown.name)
    };
    if style.verbose {
        add_details(&mut text, reader, style, frame, shown)?;
    } else if !shown.troubles.is_empty() {
        // What is wrong is said in its place.
        let _ = write!(text, " ({})", shown.troubles.join("; "));
    }
    Ok(text)
}

fn add_details(
    text: &mut String,
    reader: Reader<'_>,
    style: Style,
    frame: &JsFrame,
    shown: &Shown,
) -> Result<()> {
    let mut line = |label: &str, value: String| {
        let _ = write!(text, "\n          {label}: {value}");
    };
    line("tier", frame.tier.text().to_owned());
    if shown
        .function
        .as_ref()
        .is_some_and(|f| f.name.is_inferred && f.name.text == shown.function_name)
    {
        line("name", "inferred by V8 from where the function was stored".to_owned());
    }
    let receiver = if is_arrow(shown) { "receiver" } else { "this" };
    line(receiver, addressed(reader, &frame.receiver)?);
    if !frame.is_read {
        line("arguments", "<not read>".to_owned());
    }
    for (index, held) in frame.arguments.iter().enumerate().take(MOST_REGISTERS) {
        let name = parameter_name(shown, index).map_or(String::new(), |name| format!(" {name}"));
        line(&format!("arg{}{name}", index.saturating_add(1)), addressed(reader, held)?);
    }
    add_locals(&mut line, reader, frame, shown)?;
    for trouble in &shown.troubles {
        line("not known", trouble.clone());
    }
    add_source(text, reader, style, frame, shown)
}

/// Whether a frame is of an arrow function, which has no `this` of its own.
fn is_arrow(shown: &Shown) -> bool {
    shown.function.as_ref().is_some_and(|facts| facts.kind.is_arrow())
}

/// A value after its address.
fn addressed(reader: Reader<'_>, held: &Held) -> Result<String> {
    let brief = reader.held_text(held, LINE_CHARS)?;
    Ok(match held {
        Held::Tagged(value) if value.address().is_some() => format!("{:x} {brief}", value.0),
        _ => brief,
    })
}

fn add_locals(
    line: &mut dyn FnMut(&str, String),
    reader: Reader<'_>,
    frame: &JsFrame,
    shown: &Shown,
) -> Result<()> {
    let names = reader.register_names(frame, shown)?;
    let mut empty: u64 = 0;
    for (index, held) in frame.registers.iter().enumerate().take(MOST_REGISTERS) {
        let name = names.as_ref().and_then(|names| names.name(index));
        let value = addressed(reader, held)?;
        let Some(name) = name else {
            // Temporaries that hold nothing.
            if EMPTY.iter().any(|empty| value.ends_with(empty)) {
                empty = empty.saturating_add(1);
            } else {
                line(&format!("r{index}"), value);
            }
            continue;
        };
        line(&format!("r{index} {name}"), value);
    }
    if empty > 0 {
        line("registers", format!("{empty} without a name hold nothing"));
    }
    if let Some(more) = frame.registers.len().checked_sub(MOST_REGISTERS).filter(|n| *n > 0) {
        line("registers", format!("… {more} more"));
    }
    let mut context = frame.context;
    for depth in 0..MOST_CONTEXTS {
        let Some(at) = context else { break };
        context = add_context(line, reader, at, depth)?;
    }
    Ok(())
}

/// The variables of a context; answers the context around it.
fn add_context(
    line: &mut dyn FnMut(&str, String),
    reader: Reader<'_>,
    context: Object,
    depth: usize,
) -> Result<Option<Object>> {
    let heap = reader.heap;
    let scope = match heap.context_scope(context) {
        Ok(Some(scope)) => scope,
        Ok(None) => return Ok(None),
        Err(error) if error.is_stop() => return Err(error),
        Err(error) => {
            line("context", format!("{:x} ({error})", context.value().0));
            return Ok(None);
        }
    };
    let variables = match heap.context_variables(context, &scope, MOST_VARIABLES) {
        Ok(variables) => variables,
        Err(error) if error.is_stop() => return Err(error),
        Err(error) => {
            line("context", format!("{:x} ({error})", context.value().0));
            return Ok(None);
        }
    };
    for (name, slot) in variables {
        let name = match name.map(|name| heap.text(name, 256)) {
            Some(Ok(name)) => crate::brief::one_line(&name),
            Some(Err(error)) if error.is_stop() => return Err(error),
            _ => "?".to_owned(),
        };
        // V8's own: `.new.target`, and the keys of private members.
        if name.starts_with(['.', '#']) {
            continue;
        }
        let held = match slot {
            Slot::Value(value) => Held::Tagged(value),
            Slot::Number(number) => Held::Number(number),
        };
        let label = if depth == 0 { "context" } else { "outer context" };
        line(&format!("{label} {name}"), addressed(reader, &held)?);
    }
    if scope.locals > MOST_VARIABLES {
        line("context", format!("… {} more", scope.locals - MOST_VARIABLES));
    }
    match heap.context_previous(context) {
        Err(error) if error.is_stop() => Err(error),
        Ok(Some(previous)) if previous.kind == Kind::Context && previous != context => {
            Ok(Some(previous))
        }
        _ => Ok(None),
    }
}

fn add_source(
    text: &mut String,
    reader: Reader<'_>,
    style: Style,
    frame: &JsFrame,
    shown: &Shown,
) -> Result<()> {
    let (Some(facts), Some(position)) = (&shown.function, frame.position) else { return Ok(()) };
    let (Some(script), Some(place)) = (&facts.script, shown.place) else { return Ok(()) };
    if style.lines == 0 {
        return Ok(());
    }
    let units = match reader.vm.script_text(reader.heap, script) {
        Ok(units) => units,
        Err(error) if error.is_stop() => return Err(error),
        Err(error) => {
            let _ = write!(text, "\n          source: {error}");
            return Ok(());
        }
    };
    let source = SourceText::TwoByte(&units.units);
    let Some(at) = source::position(source, position as usize) else { return Ok(()) };
    let around = style.lines.saturating_sub(1);
    let mut before = Vec::new();
    let mut start = at.line_start;
    for _ in 0..around {
        let Some(end) = start.checked_sub(1) else { break };
        let Some(line) = source::position(source, end) else { break };
        start = line.line_start;
        before.push(line);
    }
    let number = |line: usize| (place.line as usize).saturating_add(line).saturating_sub(at.line);
    let mut show = |line: source::Position| {
        let excerpt = source::excerpt(source, line, SOURCE_COLUMNS);
        let _ = write!(text, "\n          {:5} {}", number(line.line), excerpt.text);
        excerpt.caret
    };
    for line in before.into_iter().rev() {
        show(source::Position { column: 0, ..line });
    }
    let caret = show(at);
    let _ = write!(text, "\n          {:5} {:caret$}^", "", "");
    let mut next = at;
    for _ in 0..around {
        let Some(line) = source::position(source, next.line_end.saturating_add(1)) else { break };
        if line.line <= next.line {
            break;
        }
        let excerpt = source::excerpt(source, line, SOURCE_COLUMNS);
        let _ = write!(text, "\n          {:5} {}", number(line.line), excerpt.text);
        next = line;
    }
    Ok(())
}
