//! Tables that print while a walk runs.

use crate::column::{Align, Cell, Column};
use crate::escape::escape_text;
use crate::style::Role;
use crate::styled_text::{StyledText, display_width};

/// Lays rows out under declared columns, each row by itself: nothing waits for the last row.
///
/// Columns are separated by one blank. A cell that is longer than its column pushes the rest of
/// its row to the right, as far as the blanks that follow do not make up for it. No line ends
/// with blanks.
///
/// ```
/// use mdb_print::{Cell, Column, ColumnKind, Table};
///
/// let columns = [
///     Column::new("BASE", ColumnKind::Address),
///     Column::new("SIZE", ColumnKind::Size).with_width(6),
///     Column::new("NAME", ColumnKind::Text),
/// ];
/// let table = Table::new(&columns);
/// assert_eq!(table.header().as_str(), "            BASE   SIZE NAME");
/// assert_eq!(
///     table.row(&[Cell::Address(0x40_0000), Cell::Unsigned(0x1000), "a.out".into()]).as_str(),
///     "          400000   1000 a.out"
/// );
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    columns: &'a [Column],
}

impl<'a> Table<'a> {
    /// A table with these columns.
    pub const fn new(columns: &'a [Column]) -> Self {
        Self { columns }
    }

    /// The columns.
    pub const fn columns(&self) -> &'a [Column] {
        self.columns
    }

    /// The line with the columns' names.
    pub fn header(&self) -> StyledText {
        let mut line = Line::default();
        for column in self.columns {
            let name = escape_text(&column.name);
            line.cell(&name, Some(Role::Header), column_width(column), column.align);
        }
        line.finish()
    }

    /// A row's line. Missing cells are [`Cell::Null`]; cells beyond the last column follow it
    /// without alignment.
    pub fn row(&self, cells: &[Cell]) -> StyledText {
        let mut line = Line::default();
        let mut text = String::new();
        for (index, column) in self.columns.iter().enumerate() {
            let cell = cells.get(index).unwrap_or(&Cell::Null);
            text.clear();
            cell.text_into(column, &mut text);
            let role = if *cell == Cell::Null { None } else { column.role };
            line.cell(&text, role, column_width(column), column.align);
        }
        for cell in cells.iter().skip(self.columns.len()) {
            let column = Column::new("", crate::ColumnKind::Text);
            line.cell(&cell.text(&column), None, 0, Align::Left);
        }
        line.finish()
    }
}

fn column_width(column: &Column) -> usize {
    // Names are short: escaping cannot be left out all the same, a dmod makes them.
    usize::from(column.width).max(display_width(&escape_text(&column.name)))
}

/// A line under construction.
#[derive(Default)]
struct Line {
    text: StyledText,
    /// Columns of the terminal that `text` takes.
    position: usize,
    /// Where the next cell starts if all cells fit.
    start: usize,
}

impl Line {
    fn cell(&mut self, text: &str, role: Option<Role>, width: usize, align: Align) {
        let length = display_width(text);
        let from = match align {
            Align::Left => self.start,
            Align::Right => self.start.saturating_add(width.saturating_sub(length)),
        };
        // Past a long cell there is one blank at least.
        let least = if self.start == 0 { 0 } else { self.position.saturating_add(1) };
        let from = from.max(least);
        self.text.push_blanks(from.saturating_sub(self.position));
        self.text.push_target(role, text);
        self.position = from.saturating_add(length);
        self.start = self.start.saturating_add(width).saturating_add(1);
    }

    fn finish(mut self) -> StyledText {
        self.text.trim_end();
        self.text
    }
}
