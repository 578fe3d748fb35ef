//! Reading a dmod's note: what a file is, without opening it with the dynamic linker.

use crate::error::LoadError;
use crate::trigger::Trigger;
use mdb_dmod_abi::{
    ABI_MAJOR, ABI_MINOR, ENTRY_PREFIX, NOTE_OWNER, NOTE_SECTION, NOTE_TYPE, OLDEST_MINOR,
};
use object::read::ReadCache;
use object::read::elf::{ElfFile64, FileHeader, NoteIterator};
use object::{Endianness, Object, ObjectSection, elf};
use std::fs::File;
use std::path::Path;

/// The longest note that is read.
const LONGEST: u64 = 64 << 10;

/// What a dmod's note says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DmodNote {
    /// Major version of the ABI.
    pub abi: u16,
    /// Minor version that it was built for.
    pub minor: u16,
    /// The oldest minor version of a host that it works with.
    pub min: u16,
    /// The module's name.
    pub name: String,
    /// The exported symbol.
    pub entry: String,
    /// The module's version.
    pub version: String,
    /// When it loads by itself.
    pub triggers: Vec<Trigger>,
}

impl DmodNote {
    /// Whether a host of this version can work with it; the sentence says why not.
    pub fn check_version(&self, module: &str) -> Result<(), LoadError> {
        check_version(module, &self.name, self.abi, self.minor, self.min)
    }
}

/// Compares versions of the ABI.
pub(crate) fn check_version(
    module: &str,
    name: &str,
    major: u16,
    minor: u16,
    min: u16,
) -> Result<(), LoadError> {
    let refuse = |theirs: String, cure| {
        Err(LoadError::Version {
            module: module.to_owned(),
            name: name.to_owned(),
            theirs,
            ours: format!("{ABI_MAJOR}.{ABI_MINOR}"),
            cure,
        })
    };
    let older = (major, minor) < (ABI_MAJOR, OLDEST_MINOR);
    if older {
        return refuse(format!("{major}.{minor}"), "build the dmod again with a newer mdb-dmod");
    }
    if major != ABI_MAJOR {
        return refuse(format!("{major}.{minor}"), "use a newer mdb or an older build of the dmod");
    }
    if min > ABI_MINOR {
        return refuse(
            format!("{major}.{min} at least"),
            "use a newer mdb or an older build of the dmod",
        );
    }
    Ok(())
}

/// Whether a name can be that of a module: it is part of a symbol.
pub fn is_module_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_lowercase())
        && name.len() <= 64
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Reads the note of a file. The file is parsed, not opened by the dynamic linker: none of its
/// code runs.
pub fn read_note(path: &Path) -> Result<DmodNote, LoadError> {
    let io = |e: std::io::Error| LoadError::Io { path: path.into(), reason: e.to_string() };
    let not = |reason: &str| LoadError::NotADmod { path: path.into(), reason: reason.to_owned() };
    let file = File::open(path).map_err(io)?;
    if !file.metadata().map_err(io)?.is_file() {
        return Err(not("not a regular file"));
    }
    let cache = ReadCache::new(file);
    let elf = ElfFile64::<Endianness, _>::parse(&cache).map_err(|e| not(&e.to_string()))?;
    let endian = elf.endian();
    let header = elf.elf_header();
    if header.e_type(endian) != elf::ET_DYN {
        return Err(not("not a shared library"));
    }
    if header.e_machine(endian) != OUR_MACHINE {
        return Err(not("it is for another processor"));
    }
    let section = elf
        .sections()
        .find(|s| s.name_bytes().is_ok_and(|name| name == NOTE_SECTION.as_bytes()))
        .ok_or_else(|| not("it has no section .note.mdb.dmod"))?;
    if section.size() > LONGEST {
        return Err(bad(path, format!("{} bytes, at most {LONGEST} are expected", section.size())));
    }
    let data = section.data().map_err(|e| bad(path, e.to_string()))?;
    let align = section.align().max(4);
    let mut notes = NoteIterator::<elf::FileHeader64<Endianness>>::new(endian, align, data)
        .map_err(|e| bad(path, e.to_string()))?;
    let mut found = None;
    while let Some(note) = notes.next().map_err(|e| bad(path, e.to_string()))? {
        if note.name() != NOTE_OWNER.as_bytes() || note.n_type(endian).0 != NOTE_TYPE {
            continue;
        }
        if found.is_some() {
            return Err(bad(path, "there are two, and a file holds one dmod".to_owned()));
        }
        found = Some(parse(path, note.desc())?);
    }
    found.ok_or_else(|| not("its section .note.mdb.dmod has no note of owner MDB and type 1"))
}

const OUR_MACHINE: elf::Machine =
    if cfg!(target_arch = "aarch64") { elf::EM_AARCH64 } else { elf::EM_X86_64 };

fn bad(path: &Path, reason: String) -> LoadError {
    LoadError::BadNote { path: path.into(), reason }
}

fn parse(path: &Path, text: &[u8]) -> Result<DmodNote, LoadError> {
    let text = std::str::from_utf8(text)
        .map_err(|e| bad(path, format!("not UTF-8 at offset {}", e.valid_up_to())))?;
    if text.chars().any(|c| c.is_control() && c != '\0') {
        return Err(bad(path, "it has control characters".to_owned()));
    }
    let (mut abi, mut minor, mut min) = (None, None, None);
    let (mut name, mut entry, mut version) = (None, None, None);
    let mut triggers = Vec::new();
    for pair in text.split('\0').filter(|pair| !pair.is_empty()) {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(bad(path, format!("{pair:?} is not key=value")));
        };
        let number = || {
            value.parse::<u16>().map_err(|_| bad(path, format!("{key}={value} is not a number")))
        };
        match key {
            "abi" => abi = Some(number()?),
            "minor" => minor = Some(number()?),
            "min" => min = Some(number()?),
            "name" => name = Some(value.to_owned()),
            "entry" => entry = Some(value.to_owned()),
            "version" => version = Some(value.to_owned()),
            "trigger" => triggers.push(Trigger::parse(value)),
            _ => {}
        }
    }
    let missing = |key: &str| bad(path, format!("{key}= is missing"));
    let name = name.ok_or_else(|| missing("name"))?;
    if !is_module_name(&name) {
        return Err(bad(
            path,
            format!("name={name} is not a name (a lower-case letter, then letters, digits, _)"),
        ));
    }
    let entry = entry.ok_or_else(|| missing("entry"))?;
    if entry != format!("{ENTRY_PREFIX}{name}") {
        return Err(bad(path, format!("entry={entry} is not {ENTRY_PREFIX}{name}")));
    }
    Ok(DmodNote {
        abi: abi.ok_or_else(|| missing("abi"))?,
        minor: minor.unwrap_or(0),
        min: min.unwrap_or(0),
        name,
        entry,
        version: version.unwrap_or_default(),
        triggers,
    })
}
