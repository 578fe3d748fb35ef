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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hostile::hostile_text;
    use crate::{ColumnKind, Palette};

    fn mappings() -> [Column; 4] {
        [
            Column::new("BASE", ColumnKind::Address).item(),
            Column::new("LIMIT", ColumnKind::Address),
            Column::new("SIZE", ColumnKind::Size).with_width(16),
            Column::new("NAME", ColumnKind::Text),
        ]
    }

    #[test]
    fn mappings_as_mdb_lays_them_out() {
        let columns = mappings();
        let table = Table::new(&columns);
        assert_eq!(
            table.header().as_str(),
            "            BASE            LIMIT             SIZE NAME"
        );
        let cells = [
            Cell::Address(0x7fff_1234_5000),
            Cell::Address(0x7fff_1234_7000),
            Cell::Unsigned(0x2000),
            "[ stack ]".into(),
        ];
        assert_eq!(
            table.row(&cells).as_str(),
            "    7fff12345000     7fff12347000             2000 [ stack ]"
        );
        assert_eq!(crate::item_cell(&columns, &cells), Some(&Cell::Address(0x7fff_1234_5000)));
    }

    #[test]
    fn kinds_decide_how_numbers_look() {
        let columns = [
            Column::new("A", ColumnKind::Address).zero_padded(),
            Column::new("H", ColumnKind::Hex),
            Column::new("U", ColumnKind::Unsigned),
            Column::new("S", ColumnKind::Signed),
            Column::new("B", ColumnKind::Boolean),
            Column::new("L", ColumnKind::List),
        ];
        let list = Cell::List(vec![Cell::Unsigned(1), "x".into(), Cell::Null]);
        let row = [
            Cell::Unsigned(255),
            Cell::Unsigned(255),
            Cell::Hex(255),
            Cell::Signed(-1),
            Cell::Boolean(false),
            list,
        ];
        assert_eq!(
            Table::new(&columns).row(&row).as_str(),
            "00000000000000ff ff 255 -1 false 1,x,-"
        );
    }

    #[test]
    fn wide_and_combining_characters_align() {
        let columns = [
            Column::new("NAME", ColumnKind::Text).with_width(6),
            Column::new("N", ColumnKind::Unsigned).with_width(3),
        ];
        let table = Table::new(&columns);
        let row = |name: &str| table.row(&[name.into(), Cell::Unsigned(7)]).as_str().to_owned();
        assert_eq!(row("abc"), "abc      7");
        assert_eq!(row("世界"), "世界     7");
        assert_eq!(row("e\u{301}"), "e\u{301}        7");
        assert_eq!(row("👍"), "👍       7");
    }

    #[test]
    fn a_long_cell_pushes_the_rest_as_little_as_it_can() {
        let columns = [
            Column::new("A", ColumnKind::Text).with_width(4),
            Column::new("N", ColumnKind::Unsigned).with_width(4),
            Column::new("T", ColumnKind::Text),
        ];
        let table = Table::new(&columns);
        assert_eq!(
            table.row(&["abcd".into(), Cell::Unsigned(1), "x".into()]).as_str(),
            "abcd    1 x"
        );
        assert_eq!(
            table.row(&["abcdef".into(), Cell::Unsigned(1), "x".into()]).as_str(),
            "abcdef  1 x"
        );
        assert_eq!(
            table.row(&["abcdefghijk".into(), Cell::Unsigned(12), "x".into()]).as_str(),
            "abcdefghijk 12 x"
        );
    }

    #[test]
    fn no_line_ends_with_blanks() {
        let columns = [
            Column::new("A", ColumnKind::Text).with_width(8),
            Column::new("B", ColumnKind::Text).with_width(8),
        ];
        let table = Table::new(&columns);
        assert_eq!(table.header().as_str(), "A        B");
        assert_eq!(table.row(&["x".into(), "y".into()]).as_str(), "x        y");
        assert_eq!(table.row(&["x".into(), "".into()]).as_str(), "x");
        assert_eq!(table.row(&[]).as_str(), "-        -");
    }

    #[test]
    fn cells_beyond_the_columns_are_not_lost() {
        let columns = [Column::new("A", ColumnKind::Text)];
        let table = Table::new(&columns);
        assert_eq!(table.row(&["x".into(), Cell::Unsigned(3), "y".into()]).as_str(), "x 3 y");
    }

    #[test]
    fn a_cell_cannot_make_a_line_or_a_style() {
        let columns = [Column::new("NAME", ColumnKind::Text), Column::new("B", ColumnKind::Text)];
        let cells = ["a\nb\x1b[31m".into(), b"\xff\r"[..].into()];
        let row = Table::new(&columns).row(&cells);
        assert_eq!(row.render(&Palette::colour()), r"a\nb\x1b[31m \xff\r");
    }

    proptest! {
        #[test]
        fn short_cells_start_under_their_header(
            names in prop::collection::vec("[A-Z]{1,6}", 1..5),
            seed in prop::collection::vec("[a-z世é]{1,3}", 5),
        ) {
            let columns: Vec<Column> = names
                .iter()
                .map(|name| Column::owned(name.clone(), ColumnKind::Text).with_width(6))
                .collect();
            let cells: Vec<Cell> = seed.iter().take(columns.len()).map(|t| t.as_str().into()).collect();
            let table = Table::new(&columns);
            let row = table.row(&cells);
            for (index, (name, cell)) in names.iter().zip(&seed).enumerate() {
                let header = table.header();
                // 7 columns of the terminal each: in the header, bytes are columns.
                prop_assert_eq!(header.as_str().get(index * 7..index * 7 + name.len()), Some(name.as_str()));
                let at = row.as_str().char_indices().find(|&(at, _)| {
                    display_width(row.as_str().get(..at).unwrap()) == index * 7
                });
                let from = at.and_then(|(at, _)| row.as_str().get(at..)).unwrap();
                prop_assert!(from.starts_with(cell.as_str()), "{:?} in {:?}", cell, row.as_str());
            }
        }

        #[test]
        fn a_row_is_one_line(text in hostile_text(), bytes: Vec<u8>, number: u64) {
            let columns = mappings();
            let row = Table::new(&columns).row(&[
                Cell::Address(number),
                Cell::Text(text),
                Cell::Bytes(bytes.clone()),
                Cell::List(vec![Cell::Bytes(bytes), Cell::Unsigned(number)]),
            ]);
            prop_assert!(!row.as_str().chars().any(char::is_control));
            prop_assert!(!row.as_str().ends_with(' '));
        }
    }
}
