//! What programs say of their V8, by version: for targets whose own program is stripped or lost.
//!
//! `cargo xtask v8-tables` takes the tables from the Node programs that the tests pin, and compares
//! them with `--check`. A table is of one build: another of the same version has the same `v8dbg_`
//! values, but one configured otherwise may lack builtins or roots.

use std::fmt;
use std::sync::OnceLock;

/// How many bytes a bytecode's length has: of operand scales 1, 2 and 4.
const SCALES: usize = 3;

/// A table's text, read when first asked for.
struct Source {
    major: u32,
    minor: u32,
    text: &'static str,
    tables: OnceLock<Tables>,
}

impl Source {
    const fn new(major: u32, minor: u32, text: &'static str) -> Self {
        Self { major, minor, text, tables: OnceLock::new() }
    }

    fn tables(&self) -> &Tables {
        self.tables.get_or_init(|| Tables::parse(self.text))
    }

    /// Values of a word at the head of the text, without reading the rest.
    fn head(&self, word: &'static str) -> impl Iterator<Item = &'static str> {
        self.text
            .lines()
            .take_while(|line| !line.starts_with('['))
            .filter_map(|line| line.split_once(' '))
            .filter_map(move |(key, value)| (key == word).then_some(value))
    }
}

/// Oldest first.
static SOURCES: [Source; 5] = [
    Source::new(10, 2, include_str!("../../tables/v8-10.2.txt")),
    Source::new(11, 3, include_str!("../../tables/v8-11.3.txt")),
    Source::new(12, 4, include_str!("../../tables/v8-12.4.txt")),
    Source::new(13, 6, include_str!("../../tables/v8-13.6.txt")),
    Source::new(14, 6, include_str!("../../tables/v8-14.6.txt")),
];

/// The tables of a version of V8.
pub(crate) fn for_version(major: u32, minor: u32) -> Option<&'static Tables> {
    let source = SOURCES.iter().find(|source| (source.major, source.minor) == (major, minor))?;
    Some(source.tables())
}

/// The tables of the very program, by its GNU build-id in hexadecimal.
pub(crate) fn for_build_id(id: &str) -> Option<&'static Tables> {
    let has = |source: &&Source| source.head("build-id").any(|own| own.eq_ignore_ascii_case(id));
    Some(SOURCES.iter().find(has)?.tables())
}

/// All tables, oldest first; each is read when the iterator comes to it.
#[cfg_attr(not(test), allow(dead_code, reason = "tests compare it with V8's own word"))]
pub(crate) fn all() -> impl Iterator<Item = &'static Tables> {
    SOURCES.iter().map(Source::tables)
}

/// How V8 made a builtin, `Builtins::Kind` in its `src/builtins/builtins.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BuiltinKind {
    /// In C++, called through an exit frame.
    Cpp,
    /// By Turbofan, with the linkage of JavaScript.
    Tfj,
    /// By Turbofan, with the linkage of a stub and an interface of its own.
    Tfc,
    /// By Turbofan, with the linkage of a stub.
    Tfs,
    /// By Turbofan, a handler of an inline cache.
    Tfh,
    /// A handler of a bytecode.
    Bch,
    /// In assembly.
    Asm,
    /// Of a kind without a name here.
    Other,
}

impl BuiltinKind {
    fn parse(text: &str) -> Self {
        match text {
            "CPP" => Self::Cpp,
            "TFJ" => Self::Tfj,
            "TFC" => Self::Tfc,
            "TFS" => Self::Tfs,
            "TFH" => Self::Tfh,
            "BCH" => Self::Bch,
            "ASM" => Self::Asm,
            _ => Self::Other,
        }
    }
}

/// The tables of one version of V8.
#[derive(Default)]
pub(crate) struct Tables {
    /// The version of the Node that they were taken from, `24.21.0`.
    pub(crate) node_version: &'static str,
    /// Its V8's whole version, `13.6.233.17-node.53`.
    pub(crate) v8_version: &'static str,
    /// Sizes of the builtins' code and of the data about it, 0 when unknown.
    pub(crate) blob_code_size: u32,
    pub(crate) blob_data_size: u32,
    /// Where the builtins' code and the data about it are in the program's file, as addresses; 0 when
    /// unknown.
    pub(crate) blob_code_address: u64,
    pub(crate) blob_data_address: u64,
    build_ids: Vec<&'static str>,
    /// Sorted by name.
    symbols: Vec<(&'static str, i64)>,
    roots: Vec<&'static str>,
    bytecodes: Vec<&'static str>,
    /// As V8 has them: all of scale 1, all of scale 2, all of scale 4.
    bytecode_sizes: Vec<u8>,
    builtins: Vec<(&'static str, BuiltinKind)>,
}

impl fmt::Debug for Tables {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Tables of V8 {}", self.v8_version)
    }
}

impl Tables {
    /// The value of a `v8dbg_` or `nodedbg_` symbol. Those of Node before 26 are known at run time
    /// only and have no value here.
    #[cfg_attr(not(test), allow(dead_code, reason = "tests compare it with V8's own word"))]
    pub(crate) fn symbol(&self, name: &str) -> Option<i64> {
        let at = self.symbols.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
        self.symbols.get(at).map(|(_, value)| *value)
    }

    /// Names and values, sorted by name.
    #[cfg_attr(not(test), allow(dead_code, reason = "tests compare it with V8's own word"))]
    pub(crate) fn symbols(&self) -> impl Iterator<Item = (&'static str, i64)> + '_ {
        self.symbols.iter().copied()
    }

    /// The symbols whose names begin so, sorted: `v8dbg_class_Map__instance_type__` is the field
    /// whatever its type.
    pub(crate) fn symbols_with_prefix(
        &self,
        prefix: &str,
    ) -> impl Iterator<Item = (&'static str, i64)> + '_ {
        let first = self.symbols.partition_point(|(name, _)| *name < prefix);
        let rest = self.symbols.get(first..).unwrap_or_default();
        let count = rest.partition_point(|(name, _)| name.starts_with(prefix));
        rest.iter().take(count).copied()
    }

    /// GNU build-ids of the programs that say this.
    #[cfg_attr(not(test), allow(dead_code, reason = "tests compare it with V8's own word"))]
    pub(crate) fn build_ids(&self) -> &[&'static str] {
        &self.build_ids
    }

    /// Names of the roots, in the order of the isolate's root table.
    pub(crate) fn root_names(&self) -> &[&'static str] {
        &self.roots
    }

    /// Names of the bytecodes by number; `?` where the program did not tell one.
    #[cfg_attr(not(test), allow(dead_code, reason = "tests compare it with V8's own word"))]
    pub(crate) fn bytecode_names(&self) -> &[&'static str] {
        &self.bytecodes
    }

    /// Lengths of the bytecodes as in V8's `kBytecodeSizes`: three times as many as there are
    /// bytecodes, those of operand scale 1 first, then 2, then 4.
    pub(crate) fn bytecode_sizes(&self) -> &[u8] {
        &self.bytecode_sizes
    }

    /// Names and kinds of the builtins by number.
    pub(crate) fn builtins(&self) -> &[(&'static str, BuiltinKind)] {
        &self.builtins
    }

    /// Reads a text. The tests see to it that all of ours are read to the end: a line that is not
    /// understood is left out.
    fn parse(text: &'static str) -> Self {
        let mut tables = Self::default();
        let mut sizes: [Vec<u8>; SCALES] = Default::default();
        let mut section = "";
        for line in text.lines() {
            if line.starts_with('[') {
                section = line;
            } else if let Some((key, value)) = line.split_once(' ') {
                match section {
                    "" => tables.head(key, value),
                    "[symbols]" => {
                        if let Ok(value) = value.parse() {
                            tables.symbols.push((key, value));
                        }
                    }
                    "[bytecodes]" => {
                        tables.bytecodes.push(key);
                        let mut words = value.split(' ');
                        for of_scale in &mut sizes {
                            let size = words.next().and_then(|word| word.parse().ok());
                            of_scale.push(size.unwrap_or_default());
                        }
                    }
                    "[builtins]" => tables.builtins.push((key, BuiltinKind::parse(value))),
                    _ => {}
                }
            } else if section == "[roots]" && !line.is_empty() {
                tables.roots.push(line);
            }
        }
        tables.bytecode_sizes = sizes.concat();
        tables.symbols.sort_unstable();
        tables
    }

    fn head(&mut self, key: &str, value: &'static str) {
        match key {
            "v8" => self.v8_version = value,
            "node" => self.node_version = value,
            "build-id" => self.build_ids.push(value),
            "blob-code-size" => self.blob_code_size = value.parse().unwrap_or_default(),
            "blob-code-address" => self.blob_code_address = address(value),
            "blob-data-address" => self.blob_data_address = address(value),
            "blob-data-size" => self.blob_data_size = value.parse().unwrap_or_default(),
            _ => {}
        }
    }
}

/// In hexadecimal; 0 is none.
fn address(text: &str) -> u64 {
    u64::from_str_radix(text.trim_start_matches("0x"), 16).unwrap_or_default()
}

#[cfg(test)]
mod tests;
