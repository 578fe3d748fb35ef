//! The ELF note that tells a dmod from other files without opening it.
//!
//! The section `.note.mdb.dmod` holds one note with owner `MDB` and type 1. Its description is a
//! sequence of `key=value`, each ended by a NUL:
//!
//! | key | value |
//! | --- | --- |
//! | `abi` | [`crate::ABI_MAJOR`] it was built for |
//! | `minor` | [`crate::ABI_MINOR`] it was built for |
//! | `min` | the oldest minor version of a host that it can work with |
//! | `name` | the module's name: lower-case letters, digits and `_` |
//! | `entry` | the exported symbol: [`ENTRY_PREFIX`] and the name |
//! | `version` | its own version |
//! | `trigger` | when to load it; may be repeated: `always`, `object:GLOB`, `symbol:NAME` or `symbol:PREFIX*`, `section:NAME`, `note:OWNER` |
//!
//! Unknown keys are ignored.

/// The section.
pub const NOTE_SECTION: &str = ".note.mdb.dmod";
/// The note's owner, without its NUL.
pub const NOTE_OWNER: &str = "MDB";
/// The note's type: the layout described here.
pub const NOTE_TYPE: u32 = 1;
/// What the name of the entry function begins with; the module's name follows, so that several
/// dmods can be linked into one program.
pub const ENTRY_PREFIX: &str = "mdb_dmod_";
