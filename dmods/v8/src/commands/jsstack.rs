//! `::jsstack`: the stack of a thread, JavaScript and native.

use super::fold::{Fold, Folder};
use super::stack_text::{self, COLUMNS, Style};
use crate::frame::javascript::Reader;
use crate::frame::shown::Shown;
use crate::frame::walk::{StackFrame, Wanted, walk};
use crate::frame::wasm::WasmFrame;
use crate::frame::{Held, JsFrame, Tier, What};
use crate::object::value::Value;
use crate::vm::Vm;
use crate::vm::isolates::State;
use mdb_dmod::MappingKind;
use mdb_dmod::prelude::*;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Lines of source on each side, at most.
const MOST_LINES: usize = 1000;

/// `[thread|fp]::jsstack [-av] [-n lines] [-f function] [-p property]`.
pub(crate) struct JsStack;

impl Dcmd for JsStack {
    const DECLARATION: Declaration =
        Declaration::new("jsstack", "print the JavaScript and native stack of a thread")
            .help(
                "Prints the frames of a thread, innermost first, JavaScript and native together.\n\n\
                 `js:` is a JavaScript function, named as V8's stack traces name it, with the \
                 arguments that were passed and the place of the call that it is in (of the innermost: \
                 where it was). Functions of V8 itself, such as `map` of arrays, have no place. \
                 `(inlined)`: the optimising compiler put the function into the one below. `api:` is a \
                 function that the embedder wrote in C++ and JavaScript called, `wasm:` one of WebAssembly with \
                 its number and the byte of the module, `native:` any other \
                 native function; one that was found by a guess ends with `?`. V8's internal frames are \
                 counted unless `-a` asks for them; deep recursion is folded. What could not be found \
                 out is said in its place, in parentheses or in `<>`.\n\n\
                 The thread is given by its number, by the kernel's id or by its isolate; an address on a stack starts \
                 at the frame with that frame pointer. Without either it is the thread of the isolate \
                 that `::isolate` chose, or else the representative thread.\n\n\
                 With `-v` each JavaScript frame has its receiver, its arguments, the registers of the \
                 interpreter and the variables of its contexts as locals, and the line of source with a \
                 mark under the call. Values that the compiler keeps nowhere are `<optimised out>`.\n\n\
                 `-f` takes the name as it is printed, or that of the function alone. `-p` prints one \
                 property of each frame: `file`, `posn`, `this`, or `arg1`, `arg2`, ...; values go into \
                 pipes as values.",
            )
            .options(&[
                Opt::flag('a', "every frame, with frame pointer, pc, compiler and function"),
                Opt::flag('v', "receiver, arguments, locals and source"),
                Opt::new('n', value_kind::DECIMAL, "LINES", "lines of source on each side, with -v; 0: none"),
                Opt::new('f', value_kind::TEXT, "FUNCTION", "only frames of functions of this name"),
                Opt::new('p', value_kind::TEXT, "PROPERTY", "only this property of each frame"),
            ])
            .columns(COLUMNS)
            .examples(&[
                Example::new("::jsstack", "where the thread was"),
                Example::new("::jsstack -v -n 3", "with values and three lines of source on each side"),
                Example::new("::walk thread | ::jsstack", "all threads"),
                Example::new("::walk isolate | ::jsstack", "the threads that run JavaScript"),
                Example::new("::jsstack -p file ! sort | uniq -c", "how many frames each script has"),
            ]);

    fn run(s: &Session<'_>) -> Result<()> {
        let vm = Vm::of(s)?;
        let (thread, from) = chosen_thread(s, &vm, s.address())?;
        let property = s.text('p').map(Property::parse).transpose()?;
        let style =
            Style { all: s.flag('a'), verbose: s.flag('v'), lines: source_lines(s), thread };
        let is_list = s.in_loop() && property.is_none() && !s.output_mode().json && !s.into_pipe();
        if is_list {
            let tid = s.thread(thread.into())?.tid;
            writeln!(s, "thread {thread} (tid {tid}):")?;
        }
        let mut printer = Printer {
            s,
            reader: Reader::new(&vm, s),
            style,
            name: s.text('f').map(str::to_owned),
            property,
            from,
            folder: Folder::default(),
            has_shown: false,
            elided: 0,
        };
        let wanted = Wanted { registers: style.verbose, lines: style.verbose };
        let end = walk(s, &vm, thread, wanted, &mut |frame| printer.frame(&frame))?;
        printer.flush()?;
        let shown_any = printer.has_shown;
        if let Some(name) = &printer.name
            && !shown_any
        {
            s.warn(&format!("no frame is of a function called {name}"))?;
        }
        if printer.name.is_none() && !shown_any && s.address().is_none() {
            hint_at_others(s, &vm, thread)?;
        }
        if let Some(from) = printer.from {
            return Err(Error::at(from, "no frame has this frame pointer"));
        }
        if !end.is_empty() && printer.name.is_none() && printer.property.is_none() {
            s.warn(&format!("the stack ends here: {end}"))?;
        }
        Ok(())
    }
}

/// How many lines of source `-n` asks for: the one of the call, and those before it; 0: none at all.
pub(crate) fn source_lines(s: &Session<'_>) -> usize {
    match s.number('n') {
        None => 1,
        Some(0) => 0,
        Some(lines) => {
            usize::try_from(lines).unwrap_or(usize::MAX).min(MOST_LINES).saturating_add(1)
        }
    }
}

/// Where JavaScript was, if not on the thread that was asked for.
fn hint_at_others(s: &Session<'_>, vm: &Vm, thread: u32) -> Result<()> {
    let others: Vec<String> = vm
        .isolates
        .iter()
        .filter(|isolate| isolate.state != State::Idle)
        .filter_map(|isolate| isolate.thread.map(|(other, _)| other))
        .filter(|other| *other != thread)
        .map(|other| format!("0t{other}"))
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    let list = others.join(", ");
    s.warn(&format!("no JavaScript is on this thread; thread {list} had some: see ::isolates"))
}

/// The thread that is meant by a number, an id or an address on its stack, and the frame pointer to begin
/// at.
pub(crate) fn chosen_thread(
    s: &Session<'_>,
    vm: &Vm,
    wanted: Option<u64>,
) -> Result<(u32, Option<u64>)> {
    let Some(wanted) = wanted else {
        let chosen = vm.chosen_by_user(s)?.and_then(|isolate| isolate.thread);
        return match chosen {
            Some((thread, _)) => Ok((thread, None)),
            None => Ok((s.current_thread()?, None)),
        };
    };
    if let Some(isolate) = vm.isolates.iter().find(|isolate| isolate.address == wanted) {
        return match isolate.thread {
            Some((thread, _)) => Ok((thread, None)),
            None => Err(Error::at(wanted, "the thread of this isolate is not known")),
        };
    }
    match s.thread(wanted) {
        Ok(thread) => return Ok((thread.number, None)),
        Err(error) if error.is_stop() => return Err(error),
        Err(_) => {}
    }
    // What people read as decimal is hexadecimal for the language.
    let decimal = format!("{wanted:x}").parse::<u64>().ok();
    let hint = match decimal.map(|id| s.thread(id)) {
        Some(Ok(_)) => format!("; 0t{wanted:x} is decimal"),
        Some(Err(error)) if error.is_stop() => return Err(error),
        _ => String::new(),
    };
    match thread_holding(s, wanted)? {
        Some(thread) => Ok((thread, Some(wanted))),
        None => Err(Error::new(format!(
            "{wanted:x} is neither the number of a thread, nor its id, nor an isolate, nor an address on a \
             stack{hint}"
        ))),
    }
}

/// The thread on whose stack an address is.
pub(crate) fn thread_holding(s: &Session<'_>, address: u64) -> Result<Option<u32>> {
    if let Some(mapping) = s.mapping_at(address)? {
        if let MappingKind::Stack(thread) = mapping.kind {
            return Ok(Some(thread));
        }
        let inside = |sp: &u64| (mapping.start..mapping.end).contains(sp);
        return Ok(s.threads()?.into_iter().find(|thread| inside(&thread.sp)).map(|t| t.number));
    }
    Ok(None)
}

/// What `-p` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Property {
    File,
    Position,
    This,
    Argument(usize),
}

impl Property {
    fn parse(name: &str) -> Result<Self> {
        let argument = || name.strip_prefix("arg")?.parse::<usize>().ok()?.checked_sub(1);
        match name {
            "file" => Ok(Self::File),
            "posn" => Ok(Self::Position),
            "this" => Ok(Self::This),
            _ => argument().map(Self::Argument).ok_or_else(|| {
                Error::Usage(format!("-p takes file, posn, this, arg1, arg2, ..., and not {name}"))
            }),
        }
    }
}

struct Printer<'a> {
    s: &'a Session<'a>,
    reader: Reader<'a>,
    style: Style,
    name: Option<String>,
    property: Option<Property>,
    /// The frame pointer to begin at.
    from: Option<u64>,
    folder: Folder,
    /// A frame of JavaScript or WebAssembly was there.
    has_shown: bool,
    /// Internal frames that were left out since the last line.
    elided: u64,
}

impl Printer<'_> {
    fn frame(&mut self, frame: &StackFrame) -> Result<()> {
        if let Some(from) = self.from {
            if frame.physical.fp != Some(from) {
                return Ok(());
            }
            self.from = None;
        }
        match &frame.what {
            What::JavaScript(functions) => {
                functions.iter().try_for_each(|function| self.javascript(function))
            }
            What::Wasm(functions) => functions.iter().try_for_each(|function| self.wasm(function)),
            _ if self.name.is_some() || self.property.is_some() => Ok(()),
            What::Native => {
                let mut hasher = DefaultHasher::new();
                (frame.physical.pc, "native").hash(&mut hasher);
                if self.fold(hasher.finish())? {
                    return Ok(());
                }
                stack_text::other_row(self.s, self.style, frame)
            }
            What::Internal(_) | What::Generated(_) if self.style.all => {
                stack_text::other_row(self.s, self.style, frame)
            }
            What::Internal(_) | What::Generated(_) => {
                self.elide();
                Ok(())
            }
        }
    }

    /// Whether a frame is folded. If it is not, what stands before it is told.
    fn fold(&mut self, key: u64) -> Result<bool> {
        if !self.style.all && self.property.is_none() {
            match self.folder.next(key) {
                Fold::Skip => {
                    // Internal frames between frames that are folded are folded with them.
                    self.elided = 0;
                    return Ok(true);
                }
                Fold::Show { folded } if folded > 0 => {
                    stack_text::folded_row(self.s, self.style, folded)?;
                }
                Fold::Show { .. } => {}
            }
        }
        stack_text::elided_row(self.s, std::mem::take(&mut self.elided))?;
        Ok(false)
    }

    /// Counts a frame that is not shown; what is asked for single frames is not about the others.
    fn elide(&mut self) {
        if self.name.is_none() && self.property.is_none() {
            self.elided = self.elided.saturating_add(1);
        }
    }

    fn javascript(&mut self, function: &JsFrame) -> Result<()> {
        let shown = self.reader.shown(function)?;
        if function.tier == Tier::Builtin
            && !self.style.all
            && shown
                .function
                .as_ref()
                .is_some_and(|facts| !facts.is_native && facts.script.is_none())
        {
            // Stack traces of V8 do not show it either.
            self.elide();
            return Ok(());
        }
        if let Some(wanted) = &self.name
            && shown.function_name != *wanted
            && shown.name != *wanted
        {
            return Ok(());
        }
        self.has_shown = true;
        if let Some(property) = self.property {
            return self.property(property, function, &shown);
        }
        let mut hasher = DefaultHasher::new();
        (&shown.name, &shown.file, function.position, function.is_inlined).hash(&mut hasher);
        if self.fold(hasher.finish())? {
            return Ok(());
        }
        stack_text::javascript_row(self.s, self.reader, self.style, function, &shown)
    }

    fn wasm(&mut self, function: &WasmFrame) -> Result<()> {
        let name = function.full_name();
        if let Some(wanted) = &self.name
            && name != *wanted
            && function.function_name() != *wanted
        {
            return Ok(());
        }
        self.has_shown = true;
        if let Some(property) = self.property {
            return self.wasm_property(property, function);
        }
        let mut hasher = DefaultHasher::new();
        (&name, &function.url, function.offset, function.is_inlined, "wasm").hash(&mut hasher);
        if self.fold(hasher.finish())? {
            return Ok(());
        }
        stack_text::wasm_row(self.s, self.reader, self.style, function)
    }

    fn wasm_property(&self, property: Property, function: &WasmFrame) -> Result<()> {
        let s = self.s;
        match (property, function.line_column()) {
            (Property::File, _) if !function.url.is_empty() => writeln!(s, "{}", function.url),
            (Property::Position, Some((line, column))) => {
                writeln!(s, "line {line} column {column}")
            }
            (Property::File | Property::Position, _) => writeln!(s, "<unknown>"),
            // The values of WebAssembly are none of JavaScript.
            (Property::This | Property::Argument(_), _) if s.into_pipe() => Ok(()),
            (Property::This | Property::Argument(_), _) => writeln!(s, "<WebAssembly>"),
        }
    }

    fn property(&self, property: Property, function: &JsFrame, shown: &Shown) -> Result<()> {
        let s = self.s;
        let held = match property {
            Property::File => {
                let file = if shown.file.is_empty() { "<unknown>" } else { &shown.file };
                return writeln!(s, "{file}");
            }
            Property::Position => {
                return match (shown.place, function.position) {
                    (Some(place), _) => writeln!(s, "line {} column {}", place.line, place.column),
                    (None, Some(position)) => writeln!(s, "position {position}"),
                    (None, None) => writeln!(s, "<unknown>"),
                };
            }
            Property::This if shown.function.as_ref().is_some_and(|f| f.kind.is_arrow()) => {
                if s.into_pipe() {
                    return Ok(());
                }
                return writeln!(s, "<an arrow function has none of its own>");
            }
            Property::This => Some(&function.receiver),
            Property::Argument(index) => function.arguments.get(index),
        };
        match held {
            // A missing argument is undefined for the function, and nothing for a pipe.
            None if s.into_pipe() => Ok(()),
            None if !function.is_read => writeln!(s, "<not read>"),
            None => writeln!(s, "<not passed>"),
            Some(Held::Tagged(value)) if s.into_pipe() => self.emit(*value),
            Some(Held::Number(number)) if s.into_pipe() && Value::of_smi(*number).is_some() => {
                Value::of_smi(*number).map_or(Ok(()), |value| self.emit(value))
            }
            Some(held) if s.into_pipe() => {
                let text = self.reader.held_text(held, 100)?;
                s.warn(&format!("{}: {text} is no value that a pipe can carry", shown.name))
            }
            Some(Held::Tagged(value)) => writeln!(s, "{:x}", value.0),
            Some(held) => writeln!(s, "{}", self.reader.held_text(held, 100)?),
        }
    }

    fn emit(&self, value: Value) -> Result<()> {
        let kind = self.s.type_id("JSValue")?;
        self.s.emit_item(Item { value: value.0, type_id: kind })
    }

    /// Tells what is left to tell at the end.
    fn flush(&mut self) -> Result<()> {
        match self.folder.take() {
            0 => {}
            folded => stack_text::folded_row(self.s, self.style, folded)?,
        }
        stack_text::elided_row(self.s, std::mem::take(&mut self.elided))
    }
}
