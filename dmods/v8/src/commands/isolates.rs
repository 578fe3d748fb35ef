//! `::isolates`: the virtual machines of the process.

use crate::vm::Vm;
use mdb_dmod::prelude::*;

/// list the isolates (virtual machines) of the process
#[dcmd(
    address = none,
    columns(
        Column::new("ISOLATE", cell_kind::ADDRESS).item(),
        Column::new("HEAP", cell_kind::ADDRESS),
        Column::new("THREAD", cell_kind::UNSIGNED),
        Column::new("PAGES", cell_kind::UNSIGNED),
        Column::new("BYTES", cell_kind::UNSIGNED),
        Column::new("ENTRY FP", cell_kind::ADDRESS),
    )
)]
pub(crate) fn isolates(s: &Session<'_>) -> Result<()> {
    let vm = Vm::of(s)?;
    for i in &vm.isolates {
        s.row(&[
            Cell::Address(i.address),
            Cell::Address(i.heap),
            i.thread.map_or(Cell::None, |(t, _)| Cell::Unsigned(t.into())),
            Cell::Unsigned(i.pages),
            Cell::Unsigned(i.bytes),
            Cell::Address(i.entry_fp),
        ])?;
        writeln!(
            s,
            "{:x} roots {:?} thread {:?} blob {:x} size {:x}",
            i.address, i.sound_roots, i.thread, i.blob, vm.blob_size
        )?;
    }
    Ok(())
}
