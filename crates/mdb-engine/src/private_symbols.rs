//! Symbols that the user defines with `::nmadd`. They are searched before all others.

use std::collections::BTreeMap;

/// One private symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateSymbol {
    /// Its address.
    pub value: u64,
    /// Its size in bytes; 0 where the user gave none.
    pub size: u64,
    /// Whether it is a function (`-f`) or an object (`-o`).
    pub kind: PrivateSymbolKind,
}

/// The kinds of private symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivateSymbolKind {
    /// Neither was said.
    Untyped,
    /// `STT_FUNC`.
    Function,
    /// `STT_OBJECT`.
    Object,
}

/// The private table.
#[derive(Debug, Default)]
pub struct PrivateSymbols {
    by_name: BTreeMap<String, PrivateSymbol>,
}

impl PrivateSymbols {
    /// Defines a symbol, anew if it is there.
    pub fn define(&mut self, name: &str, symbol: PrivateSymbol) {
        self.by_name.insert(name.to_owned(), symbol);
    }

    /// Removes a symbol; whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        self.by_name.remove(name).is_some()
    }

    /// A symbol by name.
    pub fn get(&self, name: &str) -> Option<&PrivateSymbol> {
        self.by_name.get(name)
    }

    /// The symbol that covers an address, and the offset in it. One without a size covers its
    /// first byte only.
    pub fn at(&self, address: u64) -> Option<(&str, u64)> {
        self.by_name.iter().find_map(|(name, s)| {
            let offset = address.checked_sub(s.value)?;
            (offset < s.size.max(1)).then_some((name.as_str(), offset))
        })
    }

    /// All by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &PrivateSymbol)> {
        self.by_name.iter().map(|(n, s)| (n.as_str(), s))
    }
}
