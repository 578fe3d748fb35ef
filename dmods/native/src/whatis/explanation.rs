//! One thing that an address is.

use mdb_dmod::{Cell, Mapping};

/// How specific an explanation is; the ranks of the dmod interface (`mdb_dmod_abi::Explanation`).
pub(crate) mod rank {
    pub(crate) const GAP: u32 = 5;
    pub(crate) const MAPPING: u32 = 10;
    pub(crate) const SEGMENT: u32 = 20;
    pub(crate) const STACK: u32 = 30;
    pub(crate) const FRAME: u32 = 40;
    /// Arguments, environment, auxiliary vector: in no frame.
    pub(crate) const START: u32 = 45;
    pub(crate) const SYMBOL: u32 = 50;
    pub(crate) const TLS: u32 = 52;
    pub(crate) const THREAD: u32 = 60;
}

/// One thing that an address is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Explanation {
    /// Who says so.
    pub(crate) source: String,
    /// The more specific, the higher.
    pub(crate) rank: u32,
    /// What stands behind `is`.
    pub(crate) text: String,
    /// One or two words.
    pub(crate) kind: String,
    /// The function or variable, or empty.
    pub(crate) symbol: String,
    /// How far behind its beginning the address is.
    pub(crate) offset: Option<u64>,
    pub(crate) thread: Option<u32>,
    pub(crate) frame: Option<u32>,
    /// The name of its type, or empty.
    pub(crate) type_name: String,
    /// What of the file stands there: `.bss`.
    pub(crate) section: String,
    /// Further lines.
    pub(crate) details: Vec<String>,
    /// The text at the address is secret, or no text.
    pub(crate) hides_text: bool,
}

/// How many columns there are.
pub(crate) const COLUMNS: usize = 15;

impl Explanation {
    pub(crate) fn new(rank: u32, kind: &str, text: impl Into<String>) -> Self {
        Self { rank, kind: kind.to_owned(), text: text.into(), ..Self::default() }
    }

    /// What programs get.
    pub(crate) fn cells<'c>(
        &'c self,
        address: u64,
        mapping: Option<&'c Mapping>,
        preview: Option<&'c str>,
    ) -> [Cell<'c>; COLUMNS] {
        let number = |n: Option<u32>| n.map_or(Cell::None, |n| Cell::Unsigned(n.into()));
        [
            Cell::Address(address),
            Cell::text(self.kind.as_str()),
            Cell::text(self.symbol.as_str()),
            self.offset.map_or(Cell::None, Cell::Hex),
            number(self.thread),
            number(self.frame),
            mapping.map_or(Cell::None, |m| Cell::text(m.path.as_str())),
            mapping.map_or(Cell::None, |m| Cell::Address(m.start)),
            mapping.map_or(Cell::None, |m| Cell::Address(m.end)),
            mapping.map_or(Cell::None, |m| Cell::text(m.permissions_text())),
            Cell::text(self.section.as_str()),
            Cell::text(self.type_name.as_str()),
            Cell::text(preview.unwrap_or("")),
            Cell::text(self.source.as_str()),
            Cell::Text(self.text.as_str().into()),
        ]
    }
}
