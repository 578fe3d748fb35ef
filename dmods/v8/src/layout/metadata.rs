//! What a binary with V8 says of its own layout: symbols that begin with `v8dbg_`
//! (`tools/gen-postmortem-metadata.py` of V8).

use mdb_dmod::prelude::*;

/// The beginning of the names of all such symbols.
pub(crate) const PREFIX: &str = "v8dbg_";

/// The symbols, without their prefix, sorted by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metadata {
    symbols: Vec<(String, i64)>,
}

impl Metadata {
    /// From names without the prefix, and their values.
    pub(crate) fn new(mut symbols: Vec<(String, i64)>) -> Self {
        symbols.sort();
        symbols.dedup_by(|a, b| a.0 == b.0);
        Self { symbols }
    }

    /// Goes over all symbols of a module, which takes longer than asking for known names.
    pub(crate) fn of_module(s: &Session<'_>, module: &str) -> Result<Self> {
        let mut found = Vec::new();
        s.symbols(Some(module), |symbol| {
            if let Some(name) = symbol.name.strip_prefix(PREFIX) {
                found.push((name.to_owned(), symbol.address));
            }
            Ok(())
        })?;
        Ok(Self::new(read_all(s, found)?))
    }

    /// Asks for the symbols of these names (without the prefix).
    pub(crate) fn of_names<'n>(
        s: &Session<'_>,
        module: &str,
        names: impl Iterator<Item = &'n str>,
    ) -> Result<Self> {
        let mut found = Vec::new();
        for name in names {
            if let Some(symbol) = s.symbol_named(Some(module), &format!("{PREFIX}{name}"))? {
                found.push((name.to_owned(), symbol.address));
            }
        }
        Ok(Self::new(read_all(s, found)?))
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.symbols.is_empty()
    }

    /// All of them, sorted by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, i64)> {
        self.symbols.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// The value of a symbol; a name that ends in `__` matches whatever stands behind it.
    pub(crate) fn get(&self, wanted: &str) -> Option<i64> {
        let at = self.symbols.partition_point(|(name, _)| name.as_str() < wanted);
        let (name, value) = self.symbols.get(at)?;
        let matches =
            if wanted.ends_with("__") { name.starts_with(wanted) } else { name == wanted };
        matches.then_some(*value)
    }
}

fn read_all(s: &Session<'_>, found: Vec<(String, u64)>) -> Result<Vec<(String, i64)>> {
    let mut symbols = Vec::with_capacity(found.len());
    for (name, address) in found {
        match s.memory().read_u32(address) {
            Ok(value) => symbols.push((name, i64::from(value.cast_signed()))),
            Err(error) if error.is_stop() => return Err(error),
            // A damaged core: the fact comes from elsewhere then.
            Err(_) => {}
        }
    }
    Ok(symbols)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_found_by_class_and_field() {
        let metadata = Metadata::new(vec![
            ("class_Map__bit_field__char".into(), 14),
            ("class_Map__bit_field2__char".into(), 15),
            ("SmiTag".into(), 0),
        ]);
        assert_eq!(metadata.get("class_Map__bit_field__"), Some(14));
        assert_eq!(metadata.get("class_Map__bit_field2__"), Some(15));
        assert_eq!(metadata.get("class_Map__bit_field3__"), None);
        assert_eq!(metadata.get("SmiTag"), Some(0));
        assert_eq!(metadata.get("Smi"), None);
    }
}
