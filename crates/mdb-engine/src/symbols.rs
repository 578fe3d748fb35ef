//! Names for addresses and addresses for names.

use crate::nearest::nearest;
use crate::session::Session;
use mdb_debuginfo::{Distance, LookupError, Module, ModuleKind, Modules, Symbol, SymbolKind};
use mdb_dmod_host::abi::provider_kind;
use mdb_lang::SymbolError;
use mdb_print::format_symbol_offset;
use mdb_target::{Fault, FaultReason};
use std::sync::Arc;

/// The symbols of a target.
#[derive(Debug)]
pub struct Symbols {
    modules: Arc<Modules>,
}

/// The symbol that an address is called after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SymbolAt {
    /// The module, unless it is the executable (or the user's own symbol).
    pub object: Option<String>,
    /// The name, demangled if the user wants that.
    pub name: String,
    /// The name as it is in the file.
    pub raw_name: String,
    /// Where the symbol begins.
    pub value: u64,
    /// Its size; 0 if that is not known.
    pub size: u64,
    /// How far into it the address is.
    pub offset: u64,
}

impl SymbolAt {
    /// ``libc.so.6`poll+0x4f``.
    pub fn text(&self) -> String {
        format_symbol_offset(self.object.as_deref(), &self.name, self.offset)
    }
}

/// More candidates than this are not compared for "did you mean".
const MOST_CANDIDATES: usize = 20_000;

impl Symbols {
    pub(crate) fn new(modules: Arc<Modules>) -> Self {
        Self { modules }
    }

    /// The symbol that an address is called after: the user's own first.
    pub fn at(&self, session: &Session, address: u64) -> Option<SymbolAt> {
        {
            let private = session.private_symbols();
            if let Some((name, offset)) = private.at(address) {
                let symbol = private.get(name)?;
                return Some(SymbolAt {
                    object: None,
                    name: name.to_owned(),
                    raw_name: name.to_owned(),
                    value: symbol.value,
                    size: symbol.size,
                    offset,
                });
            }
        }
        let distance = match session.options().symbol_distance {
            0 => Distance::Smart,
            distance => Distance::Within(distance),
        };
        if let Some((module, symbol, offset)) = self.modules.symbol_at(address, distance) {
            return Some(self.symbol_in(session, module, symbol, offset));
        }
        if !session.providers().has(provider_kind::SYMBOL) {
            return None;
        }
        let found = session.provided_symbol_at(address)?;
        Some(SymbolAt {
            object: (!found.module.is_empty()).then_some(found.module),
            raw_name: found.name.clone(),
            name: found.name,
            value: found.address,
            size: found.size,
            offset: address.wrapping_sub(found.address),
        })
    }

    pub(crate) fn symbol_in(
        &self,
        session: &Session,
        module: &Module,
        symbol: Symbol,
        offset: u64,
    ) -> SymbolAt {
        SymbolAt {
            object: object_name(module),
            name: self.name(session, symbol.plain_name()),
            raw_name: String::from_utf8_lossy(symbol.name).into_owned(),
            value: symbol.value,
            size: symbol.size,
            offset,
        }
    }

    /// A name as the user wants to see it.
    pub fn name(&self, session: &Session, raw: &[u8]) -> String {
        if session.options().demangle {
            self.modules.demangle(raw).into_owned()
        } else {
            String::from_utf8_lossy(raw).into_owned()
        }
    }

    /// The value of a symbol; for thread-local ones the address in the thread that has this
    /// thread pointer.
    pub(crate) fn value(
        &self,
        object: Option<&str>,
        name: &str,
        thread_pointer: Option<u64>,
    ) -> Result<u64, SymbolError> {
        let found = self.modules.lookup(object, name);
        let found = found.or_else(|e| self.demangled(object, name).ok_or(e));
        let (module, symbol) = found.map_err(|e| match e {
            LookupError::UnknownObject => SymbolError::UnknownObject,
            _ => SymbolError::UnknownSymbol,
        })?;
        if !symbol.is_tls() {
            return Ok(symbol.value);
        }
        thread_pointer
            .and_then(|tp| crate::thread_local::address(&self.modules, module, symbol.value, tp))
            .ok_or_else(|| SymbolError::Other("thread-local symbol without an address here".into()))
    }

    /// A symbol by the name that it has in the source: `ns::function`, or with its parameters. Only
    /// symbols in whose mangled name the last part of the name stands are demangled.
    fn demangled(&self, object: Option<&str>, name: &str) -> Option<(&Module, Symbol)> {
        if !name.contains("::") {
            return None;
        }
        let plain = name.split('(').next().unwrap_or(name);
        let last = plain.rsplit("::").next()?.split('<').next()?.as_bytes();
        let is_part = |raw: &[u8]| !last.is_empty() && raw.windows(last.len()).any(|w| w == last);
        let modules = self.modules.all().iter();
        let mut modules = modules.filter(|m| object.is_none_or(|o| m.is_called(o)));
        modules.find_map(|module| {
            let symbol = module.symbols().iter(None).find(|symbol| {
                let raw = symbol.plain_name();
                raw.len() > name.len() && !symbol.is_undefined() && is_part(raw) && {
                    let shown = mdb_debuginfo::demangle(raw);
                    shown == name || shown.split('(').next() == Some(name)
                }
            });
            symbol.map(|symbol| (module, symbol))
        })
    }

    /// A symbol whose name is like this one.
    pub(crate) fn nearest(&self, object: Option<&str>, name: &str) -> Option<String> {
        let modules: Vec<&Module> = match object {
            Some(object) => self.modules.by_object_name(object).into_iter().collect(),
            None => self.modules.executable().into_iter().collect(),
        };
        for module in modules {
            let names: Vec<String> = module
                .symbols()
                .iter(None)
                .filter(|s| !matches!(s.kind, SymbolKind::File | SymbolKind::Section))
                .take(MOST_CANDIDATES)
                .map(|s| String::from_utf8_lossy(s.plain_name()).into_owned())
                .collect();
            if let Some(near) = nearest(name, names.iter().map(String::as_str)) {
                return Some(near.to_owned());
            }
        }
        None
    }

    /// Names that begin so, for completion.
    pub fn completions(&self, object: Option<&str>, prefix: &str, most: usize) -> Vec<String> {
        let mut names = Vec::new();
        for module in self.modules.all() {
            if object.is_some_and(|o| !module.is_called(o)) {
                continue;
            }
            for symbol in module.symbols().iter(None) {
                let name = symbol.plain_name();
                let is_name = !matches!(symbol.kind, SymbolKind::File | SymbolKind::Section);
                if is_name && name.starts_with(prefix.as_bytes()) && !symbol.is_undefined() {
                    names.push(String::from_utf8_lossy(name).into_owned());
                }
                if names.len() >= most {
                    break;
                }
            }
        }
        names.sort();
        names.dedup();
        names
    }

    /// MDB's variables of the executable: `b` and `d` base and size of its data, `e` its entry
    /// point, `m` the magic number, `t` the size of its text.
    pub(crate) fn executable_fact(&self, name: &str) -> Option<u64> {
        let module = self.modules.executable()?;
        match name {
            "b" => module.data().map(|d| d.start),
            "d" => module.data().map(|d| d.end.saturating_sub(d.start)),
            "e" => module.entry(),
            // The first four bytes of an ELF file, as a big-endian number.
            "m" => module.file().is_usable().then_some(0x7f45_4c46),
            "t" => module.text().map(|t| t.end.saturating_sub(t.start)),
            _ => None,
        }
    }

    /// Reads the bytes that the object file has for an address, which need not be those that the
    /// process had there.
    pub fn read_file(&self, address: u64, buffer: &mut [u8]) -> Result<(), Fault> {
        let fault = |why: &str| Fault::new(address, FaultReason::FileUnavailable(why.into()));
        let module = self.modules.at(address).ok_or_else(|| fault("it is in no load object"))?;
        if !module.file().is_usable() {
            return Err(fault(&module.file().to_string()));
        }
        let section =
            module.section_at(address).ok_or_else(|| fault("no section of the file is there"))?;
        let name = String::from_utf8_lossy(section.name);
        let bytes = module.section_bytes(&name).unwrap_or_default();
        let from = address.saturating_sub(section.range.start) as usize;
        let bytes = bytes.get(from..).and_then(|b| b.get(..buffer.len()));
        let bytes = bytes.ok_or_else(|| fault("the section in the file ends there"))?;
        for (to, from) in buffer.iter_mut().zip(bytes) {
            *to = *from;
        }
        Ok(())
    }
}

/// How a module is named before a symbol: not at all for the executable.
pub(crate) fn object_name(module: &Module) -> Option<String> {
    (module.kind() != ModuleKind::Executable).then(|| module.name().to_owned())
}

impl Session {
    /// An address as a symbol and an offset, or as a number where it has no name.
    pub fn address_text(&self, address: u64) -> String {
        match self.symbols().at(self, address) {
            Some(symbol) if self.variables().get("_").unwrap_or(0) == 0 => symbol.text(),
            _ => format!("{address:#x}"),
        }
    }
}
