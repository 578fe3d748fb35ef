//! The verbs `/ ? =` and their searches: values of memory or of dot, printed by format characters.

use crate::command::Invocation;
use crate::failure::Failure;
use crate::item::Item;
use crate::output::{Columns, Output, OutputMode};
use crate::session::Session;
use mdb_dmod_host::{ColumnKind, ColumnSpec};
use mdb_lang::format::{
    FormatChar, FormatRole, Layout, RenderOptions, default_items, lookup, render, truncate,
};
use mdb_lang::{Arg, Format, FormatCount, FormatItem, FormatItemKind, FormatValues, FormatVerb};
use mdb_print::{Cell, StyledText};
use mdb_target::Fault;

/// The columns that programs see of a format verb.
pub(crate) fn columns() -> Columns {
    Columns::new(&[
        ColumnSpec::new("ADDRESS", ColumnKind::Address),
        ColumnSpec::new("FORMAT", ColumnKind::Text),
        ColumnSpec::new("VALUE", ColumnKind::Hex).item(),
        ColumnSpec::new("TEXT", ColumnKind::Text),
    ])
}

/// More repeats than this of one character are a slip of the finger; ^C still ends the rest.
const LONGEST_STRING: usize = 1 << 16;

struct Printer<'a> {
    session: &'a Session,
    output: &'a Output<'a>,
    verb: FormatVerb,
    layout: Layout,
    /// Where the next value is read; with `=` the value itself.
    at: u64,
    /// The bytes that the last character took.
    last_size: u64,
}

/// Prints a format list at dot.
pub(crate) fn print(
    session: &Session,
    line: &str,
    format: &Format,
    invocation: &Invocation<'_>,
    output: &Output<'_>,
) -> Result<(), Failure> {
    if matches!(format.verb, FormatVerb::Physical | FormatVerb::PhysicalAt) {
        return Err(Failure::failed(
            "physical memory: operation not supported by target; use '/' for the address space \
             of the process",
        ));
    }
    let start = invocation.item.value;
    let defaults;
    let items = if format.items.is_empty() {
        defaults = default_items();
        &defaults
    } else {
        &format.items
    };
    let mut printer = Printer {
        session,
        output,
        verb: format.verb,
        layout: Layout::new(output.sink().width()),
        at: start,
        last_size: 0,
    };
    if printer.reads_memory() && output.mode() == OutputMode::Text {
        printer.header(items)?;
    }
    let mut result = Ok(());
    for turn in 0..invocation.repeat {
        if turn > 0 {
            let (dot, increment) = session.dot_and_increment();
            session.set_dot(dot.wrapping_add(increment));
            printer.at = session.dot();
        }
        result = printer.items(line, items);
        if printer.reads_memory() {
            let dot = session.dot();
            session.set_increment(printer.at.wrapping_sub(dot));
        } else {
            session.set_dot(printer.at);
        }
        if result.is_err() {
            break;
        }
    }
    printer.layout.end_line();
    printer.flush()?;
    result
}

impl Printer<'_> {
    fn reads_memory(&self) -> bool {
        self.verb != FormatVerb::Value
    }

    /// The symbol's own line, where the address is a symbol's, and the address as a label.
    fn header(&mut self, items: &[FormatItem]) -> Result<(), Failure> {
        let disassembles = items.iter().any(|item| match item.kind {
            FormatItemKind::Char { ch, .. } => {
                lookup(ch).is_some_and(|f| f.role == FormatRole::Instruction)
            }
            FormatItemKind::Literal(_) => false,
        });
        let label = self.label();
        let is_symbol =
            self.session.symbols().at(self.session, self.at).is_some_and(|s| s.offset == 0);
        let labelled = items
            .first()
            .is_some_and(|item| matches!(item.kind, FormatItemKind::Char { ch: 'a', .. }));
        if is_symbol && !disassembles {
            self.output.line(&label)?;
        }
        if !labelled {
            self.layout.label(&label);
        }
        self.flush()
    }

    fn label(&self) -> String {
        format!("{}:", self.session.address_text(self.at))
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let text = self.layout.take();
        if text.is_empty() || self.output.mode() != OutputMode::Text {
            return Ok(());
        }
        self.output.styled(&StyledText::plain(&text))
    }

    fn items(&mut self, line: &str, items: &[FormatItem]) -> Result<(), Failure> {
        for item in items {
            match &item.kind {
                FormatItemKind::Literal(text) => self.layout.literal(text),
                FormatItemKind::Char { count, ch } => {
                    let count = match count {
                        FormatCount::Fixed(count) => *count,
                        FormatCount::Computed(expr) => self.session.value(line, expr)?,
                    };
                    let Some(format) = lookup(*ch) else { continue };
                    self.character(format, count)?;
                }
            }
        }
        Ok(())
    }

    fn character(&mut self, format: &FormatChar, count: u64) -> Result<(), Failure> {
        match format.role {
            FormatRole::Move => {
                let by = match format.ch {
                    '+' => count,
                    '-' => count.wrapping_neg(),
                    _ => self.last_size.wrapping_mul(count).wrapping_neg(),
                };
                self.at = self.at.wrapping_add(by);
                return Ok(());
            }
            FormatRole::Layout => {
                let count = usize::try_from(count).unwrap_or(usize::MAX).min(1 << 16);
                match format.ch {
                    'n' | 'N' => (0..count).for_each(|_| self.layout.newline()),
                    'r' => self.layout.blanks(count),
                    _ => self.layout.tab(count),
                }
                return Ok(());
            }
            _ => {}
        }
        for _ in 0..count {
            if self.session.interrupt().is_raised() {
                return Err(Failure::Interrupted);
            }
            match format.role {
                FormatRole::Value | FormatRole::Write => self.value(format)?,
                FormatRole::Symbol => self.symbol(format)?,
                FormatRole::Address => {
                    let label = self.label();
                    self.layout.label(&label);
                }
                FormatRole::Instruction => self.instruction(format)?,
                FormatRole::String => self.string(format)?,
                _ => {}
            }
            self.flush()?;
        }
        Ok(())
    }

    fn read(&self, buffer: &mut [u8]) -> Result<(), Failure> {
        let result = if self.verb == FormatVerb::Object {
            self.session.symbols().read_file(self.at, buffer)
        } else {
            self.session.target().memory().read_exact(self.at, buffer)
        };
        result.map_err(read_failure)
    }

    /// The value of a character of fixed size; moves behind it.
    fn fetch(&mut self, format: &FormatChar) -> Result<u64, Failure> {
        let pointer = self.session.target().arch().pointer_size() as u8;
        let size = format.size.bytes(pointer).unwrap_or(8).min(8);
        let value = if self.reads_memory() {
            let mut bytes = [0; 8];
            if let Some(part) = bytes.get_mut(..usize::from(size)) {
                self.read(part)?;
            }
            self.last_size = u64::from(size);
            u64::from_le_bytes(bytes)
        } else {
            truncate(self.at, size)
        };
        let _ = self.session.variables_mut().set("0", value);
        Ok(value)
    }

    fn show(&mut self, format: &FormatChar, value: u64, text: &str) -> Result<(), Failure> {
        match self.output.mode() {
            OutputMode::Text => self.layout.value(text, format.width),
            OutputMode::Items => self.output.emit(Item::address(value))?,
            OutputMode::Json => {
                let address = if self.reads_memory() { Cell::Address(self.at) } else { Cell::Null };
                let cells = [address, format.ch.to_string().into(), Cell::Hex(value), text.into()];
                self.output.row(&cells)?;
            }
        }
        if self.reads_memory() {
            self.at = self.at.wrapping_add(self.last_size);
        }
        Ok(())
    }

    fn value(&mut self, format: &FormatChar) -> Result<(), Failure> {
        let value = self.fetch(format)?;
        let pointer = self.session.target().arch().pointer_size() as u8;
        let options = RenderOptions {
            radix: self.session.radix(),
            utc_offset: match format.ch {
                'Y' => utc_offset(i64::from(value as u32 as i32)),
                'y' => utc_offset(value as i64),
                _ => 0,
            },
        };
        let mut text = String::new();
        render(format.ch, value, pointer, options, &mut text);
        self.show(format, value, &text)
    }

    fn symbol(&mut self, format: &FormatChar) -> Result<(), Failure> {
        let value = self.fetch(format)?;
        let text = self.session.address_text(value);
        self.show(format, value, &text)
    }

    fn string(&mut self, format: &FormatChar) -> Result<(), Failure> {
        if !self.reads_memory() {
            return Err(Failure::Failed(format!(
                "format '{}' reads memory: use '/' and not '='",
                format.ch
            )));
        }
        let memory = self.session.target().memory();
        let bytes = memory.read_c_string(self.at, LONGEST_STRING).map_err(read_failure)?;
        let text = if format.ch == 'S' {
            let mut text = String::new();
            mdb_lang::format::escape_bytes(&bytes, &mut text);
            text
        } else {
            mdb_print::escape_bytes(&bytes)
        };
        let start = self.at;
        self.last_size = (bytes.len() as u64).saturating_add(1);
        self.show(format, start, &text)
    }

    fn instruction(&mut self, format: &FormatChar) -> Result<(), Failure> {
        if !self.reads_memory() {
            return Err(Failure::Failed(format!(
                "format '{}' reads memory: use '/' and not '='",
                format.ch
            )));
        }
        let (instruction, bytes) =
            self.session.instruction_at(self.at, self.verb == FormatVerb::Object)?;
        let text = instruction.to_string();
        let start = self.at;
        self.last_size = instruction.length as u64;
        if self.output.mode() == OutputMode::Text {
            if format.ch == 'I' {
                let mut raw = [0; 4];
                for (to, from) in raw.iter_mut().zip(&bytes) {
                    *to = *from;
                }
                self.layout.label(&self.label());
                self.layout.value(&format!("{:08x}", u32::from_le_bytes(raw)), 16);
            }
            self.layout.value(&text, 0);
            self.layout.newline();
            self.at = instruction.end();
            return Ok(());
        }
        self.show(format, start, &text)
    }
}

fn read_failure(fault: Fault) -> Failure {
    if fault.is_interrupt() {
        return Failure::Interrupted;
    }
    let Fault { address, reason } = fault;
    Failure::Failed(format!("failed to read data from target: {reason} ({address:#x})"))
}

/// `/l value mask`: searches forward from dot; `/W value`: writes.
pub(crate) fn search(
    session: &Session,
    line: &str,
    values: &FormatValues,
    output: &Output<'_>,
) -> Result<(), Failure> {
    let size: u64 = match values.letter {
        'l' => 2,
        'L' => 4,
        'M' => 8,
        letter => {
            return Err(Failure::Failed(format!(
                "failed to write {} at address {:#x}: target is not open for writing (format \
                 '{letter}')",
                values.args.first().map_or("", |a| a.span().text(line)),
                session.dot()
            )));
        }
    };
    let number = |arg: &Arg| match arg {
        Arg::Word(word) => session.evaluate_expression(&word.text),
        Arg::Immediate { expr, .. } => session.value(line, expr),
    };
    let mut numbers = values.args.iter().map(number);
    let Some(wanted) = numbers.next().transpose()? else {
        return Err(Failure::failed("expected a value to search for"));
    };
    let mask = numbers.next().transpose()?.unwrap_or(u64::MAX);
    let keep = truncate(u64::MAX, size as u8);
    let memory = session.target().memory();
    let mut at = session.dot();
    loop {
        let mut bytes = [0; 8];
        let Some(part) = bytes.get_mut(..size as usize) else { return Ok(()) };
        match memory.read_exact(at, part) {
            Ok(()) => {}
            Err(fault) if fault.is_interrupt() => return Err(Failure::Interrupted),
            // As MDB: the search ends silently where memory does, with dot there.
            Err(_) => {
                session.set_dot(at);
                return Ok(());
            }
        }
        if u64::from_le_bytes(bytes) & mask & keep == wanted & keep {
            session.set_dot(at);
            if output.mode() == OutputMode::Text {
                return output.line(&session.address_text(at));
            }
            return output.emit(Item::address(at));
        }
        match at.checked_add(size) {
            Some(next) => at = next,
            None => return Ok(()),
        }
    }
}

/// Seconds east of Greenwich of the local time zone at a time.
fn utc_offset(seconds: i64) -> i32 {
    // SAFETY: all zeros is a valid `tm`, and its pointer is only read by us if libc set it.
    let mut parts: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to values of this frame; localtime_r writes only the second.
    let result = unsafe { libc::localtime_r(&raw const seconds, &raw mut parts) };
    if result.is_null() { 0 } else { i32::try_from(parts.tm_gmtoff).unwrap_or(0) }
}
