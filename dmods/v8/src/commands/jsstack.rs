//! `::jsstack`: the stack of a thread, JavaScript and native.

use crate::frame::What;
use crate::frame::walk::walk;
use crate::vm::Vm;
use mdb_dmod::MappingKind;
use mdb_dmod::prelude::*;
use std::hash::{DefaultHasher, Hash, Hasher};

/// print the stack
#[dcmd]
pub(crate) fn jsstack(s: &Session<'_>) -> Result<()> {
    let vm = Vm::of(s)?;
    let heap = vm.heap(s);
    let thread = s.current_thread()?;
    let end = walk(s, &vm, thread, &mut |frame| match &frame.what {
        What::JavaScript(frames) => {
            for f in frames {
                let name = f
                    .shared
                    .map(|shared| heap.shared_name(shared))
                    .transpose()?
                    .unwrap_or_default();
                let script =
                    f.shared.map(|shared| heap.shared_script(shared)).transpose()?.flatten();
                let script = script.map(|x| heap.script(x)).transpose()?;
                writeln!(
                    s,
                    "js: {:?} {}{} {} pos {:?}{} args {:?} {:?}",
                    f.tier,
                    if f.is_construct { "new " } else { "" },
                    name.text,
                    script.map(|s| s.name).unwrap_or_default(),
                    f.position,
                    if f.is_inlined { " inlined" } else { "" },
                    f.arguments.len(),
                    f.troubles
                )?;
            }
            Ok(())
        }
        What::Internal(t) => writeln!(s, "   <{}>", t.name),
        What::Generated(why) => writeln!(s, "   {} {why}", frame.physical.text),
        What::Native => writeln!(s, "native: {}", frame.physical.text),
    })?;
    writeln!(s, "{end}")
}
