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
    writeln!(s, "{:?} {}", brief.nature, brief.text)?;
    Ok(())
}
