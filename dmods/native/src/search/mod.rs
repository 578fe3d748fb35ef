//! Search of memory: `::ugrep`, `::search`, `::strings`.

pub(crate) mod bytes;
pub(crate) mod regions;
pub(crate) mod runs;
pub(crate) mod scan;
pub(crate) mod search_command;
pub(crate) mod strings;
pub(crate) mod ugrep;
pub(crate) mod words;
