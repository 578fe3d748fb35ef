//! One symbol of an ELF symbol table.

use std::fmt;

/// `STT_*` of the gABI ("Symbol Table").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SymbolKind {
    /// `STT_NOTYPE`: a label, often of hand-written assembler.
    NoType,
    /// `STT_OBJECT`: data.
    Object,
    /// `STT_FUNC`: code.
    Function,
    /// `STT_SECTION`: stands for a section.
    Section,
    /// `STT_FILE`: names a source file.
    File,
    /// `STT_COMMON`: data that the linker was to place.
    Common,
    /// `STT_TLS`: the value is an offset in the module's block of thread-local storage.
    Tls,
    /// `STT_GNU_IFUNC`: the value is the address of the function that chooses the function.
    IndirectFunction,
    /// Another value.
    Other(u8),
}

impl SymbolKind {
    /// From the low four bits of `st_info`.
    pub fn from_elf(value: u8) -> Self {
        match value {
            0 => Self::NoType,
            1 => Self::Object,
            2 => Self::Function,
            3 => Self::Section,
            4 => Self::File,
            5 => Self::Common,
            6 => Self::Tls,
            10 => Self::IndirectFunction,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for SymbolKind {
    /// MDB's four letters, as in the column `Type` of `::nm`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoType => f.pad("NOTY"),
            Self::Object => f.pad("OBJT"),
            Self::Function => f.pad("FUNC"),
            Self::Section => f.pad("SECT"),
            Self::File => f.pad("FILE"),
            Self::Common => f.pad("COMM"),
            Self::Tls => f.pad("TLS"),
            Self::IndirectFunction => f.pad("IFNC"),
            Self::Other(value) => f.pad(&value.to_string()),
        }
    }
}

/// `STB_*` of the gABI ("Symbol Table").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SymbolBinding {
    /// `STB_LOCAL`.
    Local,
    /// `STB_GLOBAL`.
    Global,
    /// `STB_WEAK`.
    Weak,
    /// `STB_GNU_UNIQUE`: global, and one in the whole process.
    Unique,
    /// Another value.
    Other(u8),
}

impl SymbolBinding {
    /// From the high four bits of `st_info`.
    pub fn from_elf(value: u8) -> Self {
        match value {
            0 => Self::Local,
            1 => Self::Global,
            2 => Self::Weak,
            10 => Self::Unique,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for SymbolBinding {
    /// MDB's four letters, as in the column `Bind` of `::nm`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.pad("LOCL"),
            Self::Global => f.pad("GLOB"),
            Self::Weak => f.pad("WEAK"),
            Self::Unique => f.pad("UNIQ"),
            Self::Other(value) => f.pad(&value.to_string()),
        }
    }
}

/// Where a symbol was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SymbolOrigin {
    /// `.symtab` of the file.
    Symtab,
    /// `.symtab` of its separate debug file.
    Debug,
    /// `.dynsym`.
    Dynsym,
    /// Made from the procedure linkage table: `puts@plt`.
    Plt,
}

/// A symbol, with its value as an address of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its name as it is in the file: mangled, perhaps with a version (`foo@@GLIBC_2.2.5`). Any
    /// bytes but NUL.
    pub name: &'static [u8],
    /// Its address in the target. For [`SymbolKind::Tls`] an offset in the block of thread-local
    /// storage, for `SHN_ABS` and undefined symbols `st_value` itself.
    pub value: u64,
    /// Its size in bytes; 0 when it is not known.
    pub size: u64,
    /// What it is.
    pub kind: SymbolKind,
    /// Who can see it.
    pub binding: SymbolBinding,
    /// `st_other`: visibility in the low two bits.
    pub other: u8,
    /// `st_shndx`: the number of its section, or one of `SHN_*`.
    pub section: u16,
    /// The table that it is from.
    pub origin: SymbolOrigin,
    /// Its number in that table.
    pub index: u32,
}

/// `SHN_UNDEF` (gABI, "Special Section Indexes").
pub(crate) const SHN_UNDEF: u16 = 0;
/// `SHN_ABS`.
pub(crate) const SHN_ABS: u16 = 0xfff1;
/// `SHN_COMMON`.
pub(crate) const SHN_COMMON: u16 = 0xfff2;

impl Symbol {
    /// Whether the value is an offset in thread-local storage.
    pub fn is_tls(&self) -> bool {
        self.kind == SymbolKind::Tls
    }

    /// Whether another module defines it.
    pub fn is_undefined(&self) -> bool {
        self.section == SHN_UNDEF
    }

    /// Whether the value is an address of the target (and no offset, no absolute number).
    pub fn has_address(&self) -> bool {
        !self.is_tls() && !matches!(self.section, SHN_UNDEF | SHN_ABS | SHN_COMMON)
    }

    /// The name without its version.
    pub fn plain_name(&self) -> &'static [u8] {
        if self.origin == SymbolOrigin::Plt { self.name } else { without_version(self.name) }
    }
}

/// `foo` of `foo@@GLIBC_2.2.5` and of `foo@GLIBC_2.2.5`.
pub(crate) fn without_version(name: &[u8]) -> &[u8] {
    match name.iter().position(|b| *b == b'@') {
        Some(at) if at > 0 => name.get(..at).unwrap_or(name),
        _ => name,
    }
}

/// How far from a symbol an address may be and still be named after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Distance {
    /// Inside the symbol. A symbol without a size reaches to the next one or to the end of its
    /// section.
    #[default]
    Smart,
    /// At most so many bytes after the beginning of the nearest symbol before it.
    Within(u64),
}
