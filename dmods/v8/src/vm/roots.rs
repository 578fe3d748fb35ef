//! The roots: objects that V8 keeps in a table at the beginning of each isolate, by name.

use super::binary::Binary;
use super::isolates::Isolate;
use crate::layout::tables;
use crate::object::value::Value;
use mdb_dmod::prelude::*;

/// Where the names of the roots come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RootSource {
    /// The table that was made of this very build.
    BuildTable,
    /// `RootsTable::root_names_` of the binary.
    Symbol,
    /// The table of the official build of this version, which another build may not share.
    VersionTable,
    /// They are not known.
    Nothing,
}

/// The names of the roots of a V8.
#[derive(Clone, Debug)]
pub(crate) struct Roots {
    names: Vec<String>,
    /// Where they come from.
    pub(crate) source: RootSource,
}

/// `RootsTable::root_names_` (`roots/roots.cc`).
const ROOT_NAMES: &str = "_ZN2v88internal10RootsTable11root_names_E";
/// No V8 has as many roots.
const MOST_ROOTS: u64 = 4096;
/// No name is longer.
const LONGEST_NAME: usize = 128;

/// Roots whose names changed (`roots/roots.h` of V8 10.2 to 14.6).
const ALIASES: &[&[&str]] = &[
    &["hole_map", "the_hole_map"],
    &["one_byte_string_map", "seq_one_byte_string_map"],
    &["string_map", "seq_two_byte_string_map"],
    &["code_data_container_map", "code_map"],
];

impl RootSource {
    /// For people.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::BuildTable => "the table of this very build",
            Self::Symbol => "the binary",
            Self::VersionTable => "the table of the official build of this version",
            Self::Nothing => "nowhere",
        }
    }
}

impl Roots {
    /// The names of the roots of the V8 in a binary; `minor`: the version whose table may stand in.
    pub(crate) fn of(
        s: &Session<'_>,
        binary: &Binary,
        minor: (u32, u32),
        from_version: bool,
    ) -> Result<Self> {
        let named = |names: &[&str], source| Self {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            source,
        };
        if let Some(tables) = binary.build_tables()
            && !from_version
        {
            return Ok(named(tables.root_names(), RootSource::BuildTable));
        }
        let symbol = s.symbol_named(Some(&binary.module), ROOT_NAMES)?;
        if let Some(symbol) = symbol.filter(|_| !from_version)
            && let Some(names) = read_names(s, symbol.address, symbol.size / 8)?
        {
            return Ok(Self { names, source: RootSource::Symbol });
        }
        Ok(match tables::for_version(minor.0, minor.1) {
            Some(tables) => named(tables.root_names(), RootSource::VersionTable),
            None => Self { names: Vec::new(), source: RootSource::Nothing },
        })
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// Names with their places in the table.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &str)> {
        (0..).zip(self.names.iter().map(String::as_str))
    }

    /// The place of a root in the table, also under the name that it had before.
    pub(crate) fn index(&self, name: &str) -> Option<u64> {
        let find = |name: &str| self.iter().find(|(_, own)| *own == name).map(|(index, _)| index);
        find(name).or_else(|| {
            let aliases = ALIASES.iter().find(|aliases| aliases.contains(&name))?;
            aliases.iter().find_map(|alias| find(alias))
        })
    }

    /// The value of a root in an isolate; `None`: no root has this name, or it cannot be read.
    pub(crate) fn value(
        &self,
        memory: Memory<'_>,
        isolate: &Isolate,
        name: &str,
    ) -> Result<Option<Value>> {
        let Some(index) = self.index(name) else { return Ok(None) };
        match memory.read_u64(isolate.roots.wrapping_add(index.wrapping_mul(8))) {
            Ok(word) => Ok(Some(Value(word))),
            Err(error) if error.is_stop() => Err(error),
            Err(_) => Ok(None),
        }
    }
}

/// The texts that an array of pointers points to; `None` where one is no name.
fn read_names(s: &Session<'_>, address: u64, count: u64) -> Result<Option<Vec<String>>> {
    if count == 0 || count > MOST_ROOTS {
        return Ok(None);
    }
    let mut names = Vec::new();
    for index in 0..count {
        let text = s
            .memory()
            .read_u64(address.wrapping_add(8 * index))
            .and_then(|pointer| s.memory().read_c_string(pointer, LONGEST_NAME));
        match text {
            Ok(name) if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic()) => {
                names.push(name);
            }
            Err(error) if error.is_stop() => return Err(error),
            _ => return Ok(None),
        }
    }
    Ok(Some(names))
}
