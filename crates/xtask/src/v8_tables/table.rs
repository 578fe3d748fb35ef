//! A table: what is in one, its text, and how it is taken from a program.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::program::{Place, Program};
use crate::run::TaskResult;

/// `src/roots/roots.cc`: the name of every root, in the order of the root table.
const ROOT_NAMES: &str = "_ZN2v88internal10RootsTable11root_names_E";
/// `src/interpreter/bytecodes.h`: lengths by operand scale (1, 2, 4) and bytecode, a byte each.
const BYTECODE_SIZES: &str = "_ZN2v88internal11interpreter9Bytecodes14kBytecodeSizesE";
/// `src/builtins/builtins.cc`, `builtin_metadata`: static or not, in an anonymous namespace.
const BUILTINS: &[&str] = &[
    "_ZN2v88internal12_GLOBAL__N_1L16builtin_metadataE",
    "_ZN2v88internal12_GLOBAL__N_116builtin_metadataE",
];
/// `struct BuiltinMetadata` of that file, 10.2 to 14.6: name, kind as an int, 8 bytes by kind.
const BUILTIN_SIZE: u64 = 24;
const BUILTIN_KIND: u64 = 8;
const BUILTIN_DATA: u64 = 16;
/// Of the kind BCH the data are a bytecode and its operand scale, a byte each; this is scale 1.
const SINGLE_SCALE: u8 = 1;
/// `src/snapshot/embedded/platform-embedded-file-writer-*.cc`.
const BLOB_CODE_SIZE: &str = "v8_Default_embedded_blob_code_size_";
const BLOB_DATA_SIZE: &str = "v8_Default_embedded_blob_data_size_";
/// Where it is. In 10.2 the shorter names are variables that point to the longer ones.
const BLOB_CODE: [&str; 2] =
    ["v8_Default_embedded_blob_code_data_", "v8_Default_embedded_blob_code_"];
const BLOB_DATA: [&str; 2] =
    ["v8_Default_embedded_blob_data_data_", "v8_Default_embedded_blob_data_"];
/// `SHORT_STAR_BYTECODE_LIST` of `src/interpreter/bytecodes.h`, 10.2 to 14.6: Star15 down to Star0
/// share a handler, ShortStarHandler; its data name the last of them.
const SHORT_STARS: usize = 16;
/// What node's inspector calls itself, `src/inspector_socket_server.cc` of Node.
const NODE_VERSION: &str = "node.js/v";
/// The static initialiser of `src/node_postmortem_metadata.cc` of Node; where it exists, `.bss` does
/// not hold what the names will be worth.
const NODE_INITIALISER: &str = "_GLOBAL__sub_I_nodedbg_";

/// Builtins of each kind that `src/builtins/builtins-definitions.h` of 10.2 to 14.6 declare so (and,
/// for BCH, the generated `bytecodes-builtins-list.h`). They tell the kinds apart, whose numbers move.
const OF_KIND: &[(&str, &str)] = &[
    ("ArrayConcat", "CPP"),
    ("ArrayPush", "CPP"),
    ("ReflectOwnKeys", "CPP"),
    ("ArrayIncludes", "TFJ"),
    ("DatePrototypeGetDate", "TFJ"),
    ("ObjectCreate", "TFJ"),
    ("Abort", "TFC"),
    ("ToNumber", "TFC"),
    ("CloneFastJSArray", "TFS"),
    ("FastNewClosure", "TFS"),
    ("LoadIC", "TFH"),
    ("StoreIC", "TFH"),
    ("LdarHandler", "BCH"),
    ("WideHandler", "BCH"),
    ("Call_ReceiverIsAny", "ASM"),
    ("JSEntry", "ASM"),
];

/// A bytecode: its name, and its length with operands of scale 1, 2 and 4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bytecode {
    pub(super) name: String,
    pub(super) sizes: [u8; 3],
}

/// A builtin: its kind and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Builtin {
    pub(super) kind: String,
    pub(super) name: String,
}

/// What one program says of its V8.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Table {
    /// `13.6.233.17-node.53`.
    pub(super) v8: String,
    /// `24.21.0`; `?` where the program does not say.
    pub(super) node: String,
    pub(super) build_ids: Vec<String>,
    pub(super) blob_code_size: Option<u32>,
    pub(super) blob_data_size: Option<u32>,
    /// Addresses in the file.
    pub(super) blob_code_address: Option<u64>,
    pub(super) blob_data_address: Option<u64>,
    /// `None`: known at run time only.
    pub(super) symbols: BTreeMap<String, Option<i64>>,
    pub(super) roots: Vec<String>,
    pub(super) bytecodes: Vec<Bytecode>,
    pub(super) builtins: Vec<Builtin>,
}

impl Table {
    /// Takes a table from the bytes of a program. What a stripped one lacks stays empty.
    pub(super) fn of_program(data: &[u8]) -> TaskResult<Self> {
        let program = Program::read(data)?;
        let metadata = builtin_metadata(&program)?;
        let kinds = kinds(&metadata)?;
        Ok(Self {
            v8: v8_version(&program)?,
            node: node_version(&program).unwrap_or("?").to_owned(),
            build_ids: program.build_id().map(ToOwned::to_owned).into_iter().collect(),
            blob_code_size: size(&program, BLOB_CODE_SIZE)?,
            blob_data_size: size(&program, BLOB_DATA_SIZE)?,
            blob_code_address: first_address(&program, BLOB_CODE),
            blob_data_address: first_address(&program, BLOB_DATA),
            symbols: symbols(&program)?,
            roots: roots(&program)?,
            bytecodes: bytecodes(&program, &metadata, &kinds)?,
            builtins: metadata
                .iter()
                .map(|builtin| Builtin {
                    kind: kind_name(&kinds, builtin.kind),
                    name: builtin.name.to_owned(),
                })
                .collect(),
        })
    }

    /// `13.6`.
    pub(super) fn series(&self) -> TaskResult<String> {
        let mut parts = self.v8.split('.');
        match (parts.next(), parts.next()) {
            (Some(major), Some(minor)) => Ok(format!("{major}.{minor}")),
            _ => Err(format!("'{}' is no version of V8", self.v8).into()),
        }
    }

    /// What the program did not have.
    pub(super) fn missing(&self) -> Vec<&'static str> {
        let parts = [
            ("v8dbg_ symbols", self.symbols.is_empty()),
            ("root names", self.roots.is_empty()),
            ("bytecodes", self.bytecodes.is_empty()),
            ("builtins", self.builtins.is_empty()),
            ("sizes of the embedded blob", self.blob_code_size.is_none()),
            ("a build-id", self.build_ids.is_empty()),
        ];
        parts.into_iter().filter(|(_, empty)| *empty).map(|(name, _)| name).collect()
    }

    /// The text of the file.
    pub(super) fn text(&self) -> TaskResult<String> {
        let mut text = String::from("# Written by `cargo xtask v8-tables` from a Node program.\n");
        writeln!(text, "v8 {}\nnode {}", self.v8, self.node)?;
        for id in &self.build_ids {
            writeln!(text, "build-id {id}")?;
        }
        for (key, value) in
            [("blob-code-size", self.blob_code_size), ("blob-data-size", self.blob_data_size)]
        {
            if let Some(value) = value {
                writeln!(text, "{key} {value}")?;
            }
        }
        for (key, value) in [
            ("blob-code-address", self.blob_code_address),
            ("blob-data-address", self.blob_data_address),
        ] {
            if let Some(value) = value {
                writeln!(text, "{key} {value:#x}")?;
            }
        }
        text.push_str("\n[symbols]\n");
        for (name, value) in &self.symbols {
            match value {
                Some(value) => writeln!(text, "{name} {value}")?,
                None => writeln!(text, "{name} ?")?,
            }
        }
        text.push_str("\n[roots]\n");
        for name in &self.roots {
            writeln!(text, "{name}")?;
        }
        text.push_str("\n[bytecodes]\n");
        for Bytecode { name, sizes: [single, double, quadruple] } in &self.bytecodes {
            writeln!(text, "{name} {single} {double} {quadruple}")?;
        }
        text.push_str("\n[builtins]\n");
        for Builtin { kind, name } in &self.builtins {
            writeln!(text, "{name} {kind}")?;
        }
        Ok(text)
    }

    /// Reads the text of a file.
    pub(super) fn parse(text: &str) -> TaskResult<Self> {
        let mut table = Self::default();
        let mut section = "";
        for (index, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                section = name;
                continue;
            }
            let words: Vec<&str> = line.split(' ').collect();
            table
                .line(section, &words)
                .ok_or_else(|| format!("line {} is not understood: {line}", index + 1))?;
        }
        Ok(table)
    }

    fn line(&mut self, section: &str, words: &[&str]) -> Option<()> {
        match (section, words) {
            ("", ["v8", version]) => (*version).clone_into(&mut self.v8),
            ("", ["node", version]) => (*version).clone_into(&mut self.node),
            ("", ["build-id", id]) => self.build_ids.push((*id).to_owned()),
            ("", ["blob-code-size", size]) => self.blob_code_size = Some(size.parse().ok()?),
            ("", ["blob-data-size", size]) => self.blob_data_size = Some(size.parse().ok()?),
            ("", ["blob-code-address", at]) => self.blob_code_address = Some(hexadecimal(at)?),
            ("", ["blob-data-address", at]) => self.blob_data_address = Some(hexadecimal(at)?),
            ("symbols", [name, "?"]) => {
                self.symbols.insert((*name).to_owned(), None);
            }
            ("symbols", [name, value]) => {
                self.symbols.insert((*name).to_owned(), Some(value.parse().ok()?));
            }
            ("roots", [name]) => self.roots.push((*name).to_owned()),
            ("bytecodes", [name, single, double, quadruple]) => self.bytecodes.push(Bytecode {
                name: (*name).to_owned(),
                sizes: [single.parse().ok()?, double.parse().ok()?, quadruple.parse().ok()?],
            }),
            ("builtins", [name, kind]) => {
                let (kind, name) = ((*kind).to_owned(), (*name).to_owned());
                self.builtins.push(Builtin { kind, name });
            }
            _ => return None,
        }
        Some(())
    }
}

/// An entry of `builtin_metadata`.
struct Metadata<'a> {
    name: &'a str,
    kind: u32,
    data: [u8; 2],
}

/// `v8::internal::Version`, `src/utils/version.h`.
fn v8_version(program: &Program<'_>) -> TaskResult<String> {
    let symbol = |field: &str| {
        let name = format!("_ZN2v88internal7Version{}{field}E", field.len());
        program.symbol(&name).ok_or_else(|| format!("no symbol {name}: is this V8?"))
    };
    let mut numbers = Vec::new();
    for field in ["major_", "minor_", "build_", "patch_"] {
        numbers.push(program.number(symbol(field)?)?.to_string());
    }
    let embedder = program.pointer(symbol("embedder_")?.address)?;
    let embedder = if embedder == 0 { "" } else { program.text(embedder)? };
    Ok(format!("{}{embedder}", numbers.join(".")))
}

fn node_version<'a>(program: &Program<'a>) -> Option<&'a str> {
    let version = program.constant_after(NODE_VERSION)?;
    version.starts_with(|letter: char| letter.is_ascii_digit()).then_some(version)
}

fn size(program: &Program<'_>, name: &str) -> TaskResult<Option<u32>> {
    let Some(place) = program.symbol(name) else { return Ok(None) };
    Ok(Some(program.number(place)? as u32))
}

fn first_address(program: &Program<'_>, names: [&str; 2]) -> Option<u64> {
    names.iter().find_map(|name| program.symbol(name)).map(|place| place.address)
}

fn hexadecimal(text: &str) -> Option<u64> {
    u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

fn symbols(program: &Program<'_>) -> TaskResult<BTreeMap<String, Option<i64>>> {
    let initialised =
        program.is_stripped() || program.symbols_with_prefix(NODE_INITIALISER).next().is_some();
    let mut symbols = BTreeMap::new();
    for (name, place) in program.symbols_with_prefix("v8dbg_") {
        symbols.insert(name.to_owned(), Some(program.number(place)?));
    }
    for (name, place) in program.symbols_with_prefix("nodedbg_") {
        let later = initialised && program.is_unwritten(place.address);
        let value = if later { None } else { Some(program.number(place)?) };
        symbols.insert(name.to_owned(), value);
    }
    Ok(symbols)
}

fn roots(program: &Program<'_>) -> TaskResult<Vec<String>> {
    let Some(Place { address, size }) = program.symbol(ROOT_NAMES) else { return Ok(Vec::new()) };
    let mut names = Vec::new();
    for at in (address..address.saturating_add(size)).step_by(8) {
        names.push(word(program.text(program.pointer(at)?)?, "root")?.to_owned());
    }
    Ok(names)
}

/// A name as a table holds it: no blanks.
fn word<'a>(name: &'a str, what: &str) -> TaskResult<&'a str> {
    let good = |letter: char| letter.is_ascii_graphic() && letter != '#' && letter != '[';
    if !name.is_empty() && name.chars().all(good) {
        return Ok(name);
    }
    Err(format!("{name:?} is no name of a {what}: has the layout changed?").into())
}

fn builtin_metadata<'a>(program: &Program<'a>) -> TaskResult<Vec<Metadata<'a>>> {
    let Some(Place { address, size }) = BUILTINS.iter().find_map(|name| program.symbol(name))
    else {
        return Ok(Vec::new());
    };
    if size % BUILTIN_SIZE != 0 {
        let why = "builtin_metadata is no array of 24 bytes each: see src/builtins/builtins.cc";
        return Err(why.into());
    }
    let mut builtins = Vec::new();
    for at in (address..address.saturating_add(size)).step_by(BUILTIN_SIZE as usize) {
        let kind =
            program.number(Place { address: at.saturating_add(BUILTIN_KIND), size: 4 })? as u32;
        let data = program.bytes(at.saturating_add(BUILTIN_DATA), 2)?;
        builtins.push(Metadata {
            name: word(program.text(program.pointer(at)?)?, "builtin")?,
            kind,
            data: data.try_into().map_err(|_| "two bytes are two")?,
        });
    }
    Ok(builtins)
}

/// The names of the numbers of kinds.
fn kinds(builtins: &[Metadata<'_>]) -> TaskResult<BTreeMap<u32, &'static str>> {
    let mut kinds = BTreeMap::new();
    for (name, kind) in OF_KIND {
        let Some(builtin) = builtins.iter().find(|builtin| builtin.name == *name) else { continue };
        let before = *kinds.entry(builtin.kind).or_insert(*kind);
        if before != *kind {
            return Err(format!(
                "{name} was {kind}, but its kind is now that of a {before}: see \
                 src/builtins/builtins-definitions.h"
            )
            .into());
        }
    }
    Ok(kinds)
}

/// A kind's name; `kind-7` when no builtin that we know is of it.
fn kind_name(kinds: &BTreeMap<u32, &'static str>, kind: u32) -> String {
    kinds.get(&kind).map_or_else(|| format!("kind-{kind}"), ToString::to_string)
}

/// The bytecodes. Their names are those of their handlers; `?` where there is no handler.
fn bytecodes(
    program: &Program<'_>,
    builtins: &[Metadata<'_>],
    kinds: &BTreeMap<u32, &'static str>,
) -> TaskResult<Vec<Bytecode>> {
    let Some(Place { address, size }) = program.symbol(BYTECODE_SIZES) else {
        return Ok(Vec::new());
    };
    let sizes = program.bytes(address, size as usize)?;
    let count = sizes.len() / 3;
    let mut names = vec![None; count];
    for builtin in builtins {
        let [bytecode, scale] = builtin.data;
        if kinds.get(&builtin.kind) != Some(&"BCH") || scale != SINGLE_SCALE {
            continue;
        }
        let name = builtin.name.strip_suffix("Handler");
        let place = names.get_mut(usize::from(bytecode));
        let (Some(name), Some(place)) = (name, place) else {
            return Err(format!("{} handles no bytecode of {count}", builtin.name).into());
        };
        *place = Some(name.to_owned());
    }
    name_short_stars(&mut names);
    let scales: Vec<&[u8]> = sizes.chunks_exact(count.max(1)).collect();
    let [single, double, quadruple] = scales.as_slice() else {
        return Err(format!("{size} bytes are no sizes for three scales").into());
    };
    let sizes = single.iter().zip(*double).zip(*quadruple);
    let sizes = sizes.map(|((single, double), quadruple)| [*single, *double, *quadruple]);
    let names = names.into_iter().map(|name| name.unwrap_or_else(|| "?".to_owned()));
    Ok(names.zip(sizes).map(|(name, sizes)| Bytecode { name, sizes }).collect())
}

/// Names the bytecodes that share a handler, if they are where they ever were.
fn name_short_stars(names: &mut [Option<String>]) {
    let last = names.iter().position(|name| name.as_deref() == Some("ShortStar"));
    let Some((before, rest)) = last.and_then(|last| names.split_at_mut_checked(last)) else {
        return;
    };
    let gap = before.iter().rev().take_while(|name| name.is_none()).count();
    if gap + 1 == SHORT_STARS {
        let stars = before.iter_mut().rev().take(gap);
        for (number, name) in rest.iter_mut().take(1).chain(stars).enumerate() {
            *name = Some(format!("Star{number}"));
        }
    }
}
