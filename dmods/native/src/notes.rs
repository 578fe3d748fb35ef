//! `::notes`: the notes of a core.

use mdb_dmod::prelude::*;

/// `::notes`.
pub(crate) struct Notes;

impl Dcmd for Notes {
    const DECLARATION: Declaration = Declaration::new("notes", "print the notes of the core")
        .no_address()
        .columns(&[
            Column::new("OFFSET", cell_kind::HEX).width(10).item(),
            Column::new("SIZE", cell_kind::HEX).width(8),
            Column::new("OWNER", cell_kind::TEXT).width(8),
            Column::new("TYPE", cell_kind::HEX).width(10),
            Column::new("NAME", cell_kind::TEXT).width(16),
            Column::new("THREAD", cell_kind::UNSIGNED),
        ])
        .examples(&[Example::new("::notes", "where each note is in the file")]);

    fn run(s: &Session<'_>) -> Result<()> {
        s.notes(|note| {
            s.row(&[
                Cell::Hex(note.offset),
                Cell::Hex(note.data.len() as u64),
                Cell::text(note.owner),
                Cell::Hex(note.kind.into()),
                Cell::text(note.name),
                if note.thread == 0 { Cell::None } else { Cell::Unsigned(note.thread.into()) },
            ])
        })
    }
}
