//! The module of the target that holds V8, and which V8 that is.

use crate::layout::metadata::{self, Metadata};
use crate::layout::tables::{self, Tables};
use crate::layout::version::Version;
use mdb_dmod::prelude::*;
use mdb_dmod::{MappingKind, Module};

/// How the version of V8 is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VersionSource {
    /// The variables of the binary that hold it.
    Symbols,
    /// The binary has the build-id of one that is known.
    BuildId,
    /// Text in the memory of the process.
    Memory,
}

impl VersionSource {
    /// For people.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Symbols => "its own variables say so",
            Self::BuildId => "the build-id is known",
            Self::Memory => "text in memory says so",
        }
    }
}

/// The module with V8.
#[derive(Clone, Debug)]
pub(crate) struct Binary {
    /// Its name, as symbols are asked for.
    pub(crate) module: String,
    /// Its path, as mappings have it.
    pub(crate) path: String,
    /// Its addresses.
    pub(crate) start: u64,
    /// The address behind the last.
    pub(crate) end: u64,
    /// What to add to an address of the file.
    pub(crate) bias: u64,
    /// Its build-id in hexadecimal, or empty.
    pub(crate) build_id: String,
    /// Its file is missing or is another one.
    pub(crate) file_missing: bool,
    /// The version of V8.
    pub(crate) version: Version,
    /// How that is known.
    pub(crate) version_source: VersionSource,
}

/// Where metadata comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum MetadataSource {
    /// Symbols of the binary.
    Symbols,
    /// The table that was made of this very build.
    BuildTable,
    /// The table of the official build of this version: the binary is missing.
    VersionTable,
    /// There is none.
    #[default]
    Nothing,
}

impl MetadataSource {
    /// For people.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Symbols => "the binary",
            Self::BuildTable => "the table of this very build",
            Self::VersionTable => "the table of the official build of this version",
            Self::Nothing => "nowhere",
        }
    }
}

/// The metadata symbols of a table.
pub(crate) fn of_tables(tables: &Tables) -> Metadata {
    let symbols = tables
        .symbols_with_prefix(metadata::PREFIX)
        .filter_map(|(name, value)| Some((name.strip_prefix(metadata::PREFIX)?.to_owned(), value)));
    Metadata::new(symbols.collect())
}

/// The variables with the four numbers of V8's version (`utils/version.cc`).
const VERSION_SYMBOLS: [&str; 4] = [
    "_ZN2v88internal7Version6major_E",
    "_ZN2v88internal7Version6minor_E",
    "_ZN2v88internal7Version6build_E",
    "_ZN2v88internal7Version6patch_E",
];

/// A metadata symbol that every V8 has.
const METADATA_SYMBOL: &str = "v8dbg_SmiTag";

/// What stands in every version text of a Node: `14.6.202.34-node.34`.
const VERSION_TEXT: &[u8] = b"-node.";

impl Binary {
    /// Finds the module with V8; `None`: there is none.
    pub(crate) fn find(s: &Session<'_>) -> Result<Option<Self>> {
        let modules = s.modules()?;
        // Symbols of a program as large as Node take their time: not asked for where all is known.
        for module in &modules {
            if let Some(tables) = tables::for_build_id(&module.build_id)
                && let Some(version) = Version::parse(tables.v8_version)
            {
                return Ok(Some(Self::new(module, version, VersionSource::BuildId)));
            }
        }
        for module in &modules {
            if s.symbol_named(Some(&module.name), METADATA_SYMBOL)?.is_some()
                && let Some(version) = version_of_symbols(s, module)?
            {
                return Ok(Some(Self::new(module, version, VersionSource::Symbols)));
            }
        }
        let named = modules.iter().find(|module| {
            matches!(module.name.as_str(), "node" | "nodejs")
                || module.name.starts_with("libnode.so")
        });
        if let Some(module) = named
            && let Some(version) = version_in_memory(s)?
        {
            return Ok(Some(Self::new(module, version, VersionSource::Memory)));
        }
        Ok(None)
    }

    fn new(module: &Module, version: Version, version_source: VersionSource) -> Self {
        Self {
            module: module.name.clone(),
            path: module.path.clone(),
            start: module.start,
            end: module.end,
            bias: module.bias,
            build_id: module.build_id.clone(),
            file_missing: module.file_missing,
            version,
            version_source,
        }
    }

    /// What the binary says of its layout. A binary whose build-id is known said so when its table was
    /// made; the names of a known version are asked for one by one, which is faster than to go over
    /// all symbols.
    pub(crate) fn metadata(&self, s: &Session<'_>) -> Result<(Metadata, MetadataSource)> {
        if let Some(tables) = tables::for_build_id(&self.build_id) {
            return Ok((of_tables(tables), MetadataSource::BuildTable));
        }
        let (major, minor) = self.version.minor();
        let known = tables::for_version(major, minor);
        if !self.file_missing {
            if let Some(tables) = known {
                let names = tables
                    .symbols_with_prefix(metadata::PREFIX)
                    .filter_map(|(name, _)| name.strip_prefix(metadata::PREFIX));
                let found = Metadata::of_names(s, &self.module, names)?;
                if !found.is_empty() {
                    return Ok((found, MetadataSource::Symbols));
                }
            }
            let found = Metadata::of_module(s, &self.module)?;
            if !found.is_empty() {
                return Ok((found, MetadataSource::Symbols));
            }
        }
        match known {
            Some(tables) => Ok((of_tables(tables), MetadataSource::VersionTable)),
            None => Ok((Metadata::default(), MetadataSource::Nothing)),
        }
    }

    /// The tables that were made of this very build.
    pub(crate) fn build_tables(&self) -> Option<&'static Tables> {
        tables::for_build_id(&self.build_id)
    }

    /// The address of a symbol of the module.
    pub(crate) fn symbol(&self, s: &Session<'_>, name: &str) -> Result<Option<u64>> {
        Ok(s.symbol_named(Some(&self.module), name)?.map(|symbol| symbol.address))
    }
}

fn version_of_symbols(s: &Session<'_>, module: &Module) -> Result<Option<Version>> {
    let mut numbers = [0; 4];
    for (name, place) in VERSION_SYMBOLS.iter().zip(&mut numbers) {
        let Some(symbol) = s.symbol_named(Some(&module.name), name)? else { return Ok(None) };
        match s.memory().read_u32(symbol.address) {
            Ok(number) => *place = number,
            Err(error) if error.is_stop() => return Err(error),
            Err(_) => return Ok(None),
        }
    }
    let [major, minor, build, patch] = numbers;
    Ok(Some(Version { major, minor, build, patch }))
}

/// The first version text in the process's own memory.
fn version_in_memory(s: &Session<'_>) -> Result<Option<Version>> {
    let mut found = None;
    for mapping in s.mappings()? {
        if !matches!(mapping.kind, MappingKind::Heap | MappingKind::Anonymous) {
            continue;
        }
        let result = s.memory().search(mapping.start, mapping.end, VERSION_TEXT, 1, |at| {
            // Four numbers of at most five digits stand before it.
            let mut before = [0; 24];
            let start = at.saturating_sub(before.len() as u64);
            if s.memory().read(start, &mut before).is_err() {
                return Ok(());
            }
            let text = String::from_utf8_lossy(&before);
            let numbers = text.rsplit(|c: char| !c.is_ascii_digit() && c != '.').next();
            if let Some(numbers) = numbers
                && numbers.split('.').count() == 4
                && let Some(version) = Version::parse(numbers)
            {
                found = Some(version);
                return Err(Error::Closed);
            }
            Ok(())
        });
        match result {
            Ok(()) | Err(Error::Closed) => {}
            Err(error) => return Err(error),
        }
        if found.is_some() {
            break;
        }
    }
    Ok(found)
}
