//! The variables of the language.

use std::collections::BTreeMap;

/// Why a variable cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VariableError {
    /// It is set by the debugger only.
    #[error("cannot modify read-only variable '{0}'")]
    ReadOnly(String),
    /// It always exists.
    #[error("cannot remove persistent variable '{0}'")]
    Persistent(String),
    /// There is none.
    #[error("variable '{0}' is not defined")]
    Undefined(String),
}

#[derive(Clone, Copy, Debug, Default)]
struct Variable {
    value: u64,
    persistent: bool,
    read_only: bool,
    tagged: bool,
}

/// Named 64-bit values. Registers and `thread` are not kept here: the session computes them.
#[derive(Debug)]
pub struct Variables {
    all: BTreeMap<String, Variable>,
}

impl Default for Variables {
    fn default() -> Self {
        let persistent = ["0", "1", "2", "9", "b", "d", "e", "m", "t", "_", "hits"];
        let entry =
            |name: &str| (name.to_owned(), Variable { persistent: true, ..Variable::default() });
        Self { all: persistent.into_iter().map(entry).collect() }
    }
}

impl Variables {
    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<u64> {
        self.all.get(name).map(|v| v.value)
    }

    /// Sets a variable, making it if need be.
    pub fn set(&mut self, name: &str, value: u64) -> Result<(), VariableError> {
        let variable = self.all.entry(name.to_owned()).or_default();
        if variable.read_only {
            return Err(VariableError::ReadOnly(name.to_owned()));
        }
        variable.value = value;
        Ok(())
    }

    /// Marks a variable, for `::vars -t`.
    pub fn tag(&mut self, name: &str, tagged: bool) {
        if let Some(variable) = self.all.get_mut(name) {
            variable.tagged = tagged;
        }
    }

    /// Removes a variable.
    pub fn remove(&mut self, name: &str) -> Result<(), VariableError> {
        match self.all.get(name) {
            None => Err(VariableError::Undefined(name.to_owned())),
            Some(v) if v.persistent => Err(VariableError::Persistent(name.to_owned())),
            Some(_) => {
                self.all.remove(name);
                Ok(())
            }
        }
    }

    /// All of them by name: name, value, whether it is tagged.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64, bool)> {
        self.all.iter().map(|(name, v)| (name.as_str(), v.value, v.tagged))
    }
}
