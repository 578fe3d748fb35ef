//! What a command writes to: a table for people, rows for programs, items for the next command.
//!
//! This is the one mechanism behind tables, `--json` and pipes. A command declares its columns
//! once and gives rows of cells; what becomes of a row is decided here, by where the output goes.

use crate::failure::Failure;
use crate::item::{Item, TypeId};
use crate::session::Session;
use mdb_dmod_host::{ColumnAlign, ColumnKind as SpecKind, ColumnSpec};
use mdb_print::{
    Align, Cell, Column, ColumnKind, JsonColumns, Role, StyledText, Table, format_radix_prefixed,
    json_row,
};
use std::cell::Cell as Mutable;

/// What a sink makes of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputMode {
    /// Tables and sentences for a person (or a shell command).
    Text,
    /// A JSON object a row.
    Json,
    /// Items for the next stage of a pipe. Text is read as expressions.
    Items,
}

/// Where the output of a command goes.
pub trait Sink {
    /// What to do with rows.
    fn mode(&self) -> OutputMode;
    /// Takes text, with its newlines.
    fn write(&self, text: &StyledText) -> Result<(), Failure>;
    /// Takes rows as JSON: whole lines ([`OutputMode::Json`] only).
    fn write_json(&self, lines: &str) -> Result<(), Failure> {
        self.write(&StyledText::plain(lines))
    }
    /// Takes an item ([`OutputMode::Items`] only).
    fn item(&self, item: Item) -> Result<(), Failure>;
    /// How many columns a line may have, where that is limited.
    fn width(&self) -> Option<usize> {
        None
    }
    /// Whether it writes to a terminal.
    fn is_terminal(&self) -> bool {
        false
    }
    /// Ends a line that was begun.
    fn end_line(&self) -> Result<(), Failure> {
        Ok(())
    }
}

/// The columns of a command.
#[derive(Debug, Default)]
pub struct Columns {
    /// Those of the table.
    table: Vec<Column>,
    /// Which of the declared columns these are.
    shown: Vec<usize>,
    /// All, by the name of their key.
    keys: JsonColumns,
    /// The one whose cell a row becomes in a pipe.
    item: Option<usize>,
}

impl Columns {
    /// From what a command declares.
    pub fn new(specs: &[ColumnSpec]) -> Self {
        let visible = || specs.iter().enumerate().filter(|(_, c)| !c.detail);
        Self {
            table: visible().map(|(_, c)| column(c, &c.heading)).collect(),
            shown: visible().map(|(index, _)| index).collect(),
            keys: JsonColumns::new(specs.iter().map(|c| column(c, &c.key)).collect()),
            item: specs.iter().position(|c| c.item),
        }
    }

    /// No columns.
    pub const NONE: &'static Self =
        &Self { table: Vec::new(), shown: Vec::new(), keys: JsonColumns::NONE, item: None };

    fn shown<'a>(&'a self, cells: &'a [Cell]) -> impl Iterator<Item = &'a Cell> {
        self.shown.iter().map(|index| cells.get(*index).unwrap_or(&Cell::Null))
    }
}

/// The column of the table that a declared column becomes.
fn column(spec: &ColumnSpec, name: &str) -> Column {
    let kind = match spec.kind {
        SpecKind::Address => ColumnKind::Address,
        SpecKind::Hex => ColumnKind::Hex,
        SpecKind::Unsigned => ColumnKind::Unsigned,
        SpecKind::Signed => ColumnKind::Signed,
        SpecKind::Symbol => ColumnKind::Symbol,
        SpecKind::Boolean => ColumnKind::Boolean,
        SpecKind::Size => ColumnKind::Size,
        _ => ColumnKind::Text,
    };
    let mut column = Column::owned(name.to_owned(), kind);
    if spec.width > 0 {
        column.width = spec.width;
    }
    match spec.align {
        ColumnAlign::Default => {}
        ColumnAlign::Left => column.align = Align::Left,
        ColumnAlign::Right => column.align = Align::Right,
    }
    column.item = spec.item;
    column
}

/// What lasts while one stage of a pipe is called again and again.
#[derive(Debug, Default)]
pub struct StageState {
    header_done: Mutable<bool>,
    rows: Mutable<u64>,
}

/// The output of one call of a command.
pub struct Output<'a> {
    pub(crate) session: &'a Session,
    pub(crate) sink: &'a dyn Sink,
    pub(crate) columns: &'a Columns,
    pub(crate) item_type: TypeId,
    pub(crate) state: &'a StageState,
}

impl Output<'_> {
    /// What becomes of rows.
    pub fn mode(&self) -> OutputMode {
        self.sink.mode()
    }

    /// Whether items are wanted rather than text (`DCMD_PIPE_OUT`).
    pub fn feeds_pipe(&self) -> bool {
        self.mode() == OutputMode::Items
    }

    /// The sink, to pass on to text that is evaluated.
    pub fn sink(&self) -> &dyn Sink {
        self.sink
    }

    /// A row of the declared columns.
    pub fn row(&self, cells: &[Cell]) -> Result<(), Failure> {
        self.emit_row(cells, &[], None)
    }

    /// A row that people see as `text` (with its newlines) and programs as cells.
    pub fn row_as(&self, cells: &[Cell], text: &StyledText) -> Result<(), Failure> {
        self.emit_row(cells, &[], Some(text))
    }

    /// As [`Output::row_as`], but only what is wanted is made.
    pub fn row_or_text<const N: usize>(
        &self,
        cells: impl FnOnce() -> [Cell; N],
        text: impl FnOnce() -> StyledText,
    ) -> Result<(), Failure> {
        match self.mode() {
            OutputMode::Text => self.emit_row(&[], &[], Some(&text())),
            _ => self.emit_row(&cells(), &[], None),
        }
    }

    /// As [`Output::row_as`], with cells for programs that no column shows.
    pub fn row_with(
        &self,
        cells: &[Cell],
        extra: &[(&str, Cell)],
        text: Option<&StyledText>,
    ) -> Result<(), Failure> {
        self.emit_row(cells, extra, text)
    }

    fn emit_row(
        &self,
        cells: &[Cell],
        extra: &[(&str, Cell)],
        text: Option<&StyledText>,
    ) -> Result<(), Failure> {
        self.state.rows.set(self.state.rows.get().saturating_add(1));
        match self.mode() {
            OutputMode::Items => {
                let value =
                    self.columns.item.and_then(|index| cells.get(index)).and_then(Cell::as_u64);
                match value {
                    Some(value) => self.sink.item(Item { value, kind: self.item_type }),
                    None => Ok(()),
                }
            }
            OutputMode::Json => {
                let mut line = String::new();
                self.columns.keys.push_row(&mut line, cells, extra);
                line.push('\n');
                self.sink.write_json(&line)
            }
            OutputMode::Text => {
                if let Some(text) = text {
                    return self.sink.write(text);
                }
                let table = Table::new(&self.columns.table);
                if !self.state.header_done.replace(true) {
                    let mut header = table.header();
                    header.push("\n");
                    self.sink.write(&header)?;
                }
                let shown: Vec<Cell> = self.columns.shown(cells).cloned().collect();
                let mut row = table.row(&shown);
                row.push("\n");
                self.sink.write(&row)
            }
        }
    }

    /// Does without the header of the table.
    pub fn without_header(&self) {
        self.state.header_done.set(true);
    }

    /// Whether a declared column shows addresses as symbols.
    pub(crate) fn is_symbol_column(&self, index: usize) -> bool {
        self.columns.keys.kind(index) == Some(ColumnKind::Symbol)
    }

    /// Whether this stage has given no row yet.
    pub fn is_first_row(&self) -> bool {
        self.state.rows.get() == 0
    }

    /// Text without style.
    pub fn text(&self, text: &str) -> Result<(), Failure> {
        let mut styled = StyledText::new();
        styled.push(text);
        self.sink.write(&styled)
    }

    /// A line of text.
    pub fn line(&self, text: &str) -> Result<(), Failure> {
        let mut styled = StyledText::new();
        styled.push(text);
        styled.push("\n");
        self.sink.write(&styled)
    }

    /// Text.
    pub fn styled(&self, text: &StyledText) -> Result<(), Failure> {
        self.sink.write(text)
    }

    /// Gives an item to the next command; shows it where there is none.
    pub fn emit(&self, item: Item) -> Result<(), Failure> {
        match self.mode() {
            OutputMode::Items => self.sink.item(item),
            OutputMode::Json => {
                let columns = [
                    Column::new("value", ColumnKind::Address).item(),
                    Column::new("type", ColumnKind::Text),
                ];
                let name = self.session.types().name(item.kind);
                let cells = [Cell::Address(item.value), Cell::Text(name)];
                let mut line = json_row(&columns, &cells, &[]);
                line.push('\n');
                self.sink.write_json(&line)
            }
            OutputMode::Text => {
                let mut line = StyledText::new();
                line.push_role(
                    Role::Address,
                    &format_radix_prefixed(item.value, self.session.radix()),
                );
                line.push("\n");
                self.sink.write(&line)
            }
        }
    }

    /// Gives an address to the next command.
    pub fn emit_address(&self, address: u64) -> Result<(), Failure> {
        self.emit(Item::address(address))
    }
}
