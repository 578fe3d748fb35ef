//! Names of the builtins, by where their code is.

use super::Vm;
use super::search::{LARGEST_BLOB, LARGEST_BLOB_DATA};
use crate::code::embedded::{BLOB_LAYOUTS, CODE_ALIGNMENT_X64, EmbeddedBuiltins};
use crate::code::variants::variant_of;
use crate::layout::tables::{self, Tables};
use crate::partial::found;
use mdb_dmod::prelude::*;

/// A builtin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Builtin {
    /// V8's name for it: `ArrayPrototypePush`.
    pub(crate) name: String,
    /// Where its code begins, in the binary or in the copy that the pc is in.
    pub(crate) start: u64,
}

/// How names of builtins begin as symbols.
const PREFIX: &str = "Builtins_";

impl Vm {
    /// The builtin that a pc is in; `None`: it is in none, or its name is not known.
    pub(crate) fn builtin_at(&self, s: &Session<'_>, pc: u64) -> Result<Option<Builtin>> {
        let Some(offset) = self.blob_offset(pc) else { return Ok(None) };
        let base = pc.wrapping_sub(offset);
        if let Some(blob) = self.blob
            && let Some(symbol) = s.symbol_at(blob.wrapping_add(offset))?
            && let Some(name) = symbol.name.strip_prefix(PREFIX)
            && let Some(start) = symbol.address.checked_sub(blob)
        {
            return Ok(Some(Builtin { name: name.to_owned(), start: base.wrapping_add(start) }));
        }
        let decoded = if let Some(decoded) = self.builtins.get() {
            decoded
        } else {
            let decoded = found(self.decode_builtins(s))?;
            self.builtins.get_or_init(|| decoded)
        };
        let Some(builtins) = decoded else { return Ok(None) };
        let Some(names) = self.builtin_names(builtins.len()) else { return Ok(None) };
        let at = u32::try_from(offset).ok().and_then(|offset| builtins.at(offset));
        Ok(at.and_then(|builtin| {
            let (name, _) = names.builtins().get(builtin.id as usize)?;
            let start = base.wrapping_add(builtin.start.into());
            Some(Builtin { name: (*name).to_owned(), start })
        }))
    }

    /// The table with the names: of this build, or of the version if its builtins are as many and as
    /// long.
    fn builtin_names(&self, count: usize) -> Option<&'static Tables> {
        let (major, minor) = self.binary.version.minor();
        self.binary.build_tables().or_else(|| {
            tables::for_version(major, minor).filter(|tables| {
                tables.builtins().len() == count
                    && u64::from(tables.blob_code_size) == self.blob_size
            })
        })
    }

    fn decode_builtins(&self, s: &Session<'_>) -> Result<EmbeddedBuiltins> {
        let unknown = |what: &str| Error::new(format!("the embedded builtins: {what}"));
        let (data, size) = self.blob_data.ok_or_else(|| unknown("no data"))?;
        if size > LARGEST_BLOB_DATA || self.blob_size > LARGEST_BLOB {
            return Err(unknown("impossible sizes"));
        }
        let layout = variant_of(BLOB_LAYOUTS, self.code_version());
        let layout = layout.ok_or_else(|| unknown("an unknown form"))?;
        let mut bytes = vec![0; size as usize];
        s.memory().read(data, &mut bytes)?;
        EmbeddedBuiltins::new(layout, &bytes, self.blob_size as u32, CODE_ALIGNMENT_X64)
            .map_err(|error| unknown(&error.to_string()))
    }
}
