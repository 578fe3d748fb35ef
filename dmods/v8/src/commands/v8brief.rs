//! Not to be shipped: `ADDR::v8brief`.
use crate::brief::{Style, brief};
use crate::object::value::Value;
use crate::vm::Vm;
use mdb_dmod::prelude::*;

/// a value in one line
#[dcmd(address = optional)]
pub(crate) fn v8brief(s: &Session<'_>) -> Result<()> {
    let vm = Vm::of(s)?;
    let brief = brief(vm.heap(s), Value(s.dot()), Style::default())?;
    if std::env::var_os("BRIEF_DEBUG").is_some() {
        let o = vm.heap(s).object(Value(s.dot()))?;
        writeln!(s, "{o:?}")?;
    }
    writeln!(s, "{:?} {}", brief.nature, brief.text)?;
    Ok(())
}
