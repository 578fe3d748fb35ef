//! `::list`: follows a linked list.

use super::add;
use crate::command::Call;
use crate::failure::Failure;
use crate::item::Item;
use crate::output::Output;
use crate::session::Session;
use mdb_dmod_host::{ArgumentSpec, DcmdSpec, ValueKind};
use rustc_hash::FxHashSet;

pub(super) fn register(session: &Session) {
    add(
        session,
        DcmdSpec::new("list", "follow the pointer at an offset of each node of a list")
            .needs_address()
            .help(
                "Gives ADDRESS and each node that follows. It ends at a null pointer and on \
                 coming back to the start; a cycle that leaves the start out is an error. The \
                 offset is an expression: `::list $[8]` or `::list 8`.",
            )
            .argument(ArgumentSpec::required(
                "OFFSET",
                ValueKind::Number,
                "of the pointer in each node, in bytes",
            ))
            .argument(ArgumentSpec::optional(
                "VARIABLE",
                ValueKind::Text,
                "holds the node while later commands run",
            ))
            .example("<rbp::list 0 | ::head -2", "the chain of frame pointers"),
        list,
    );
}

fn list(session: &Session, call: &Call<'_>, output: &Output<'_>) -> Result<(), Failure> {
    let offset = call.argument(0).map_or(0, |a| a.number);
    let variable = call.argument(1).map(|a| a.text.as_str());
    if let Some(variable) = variable {
        mdb_lang::check_variable_name(variable).map_err(Failure::Abort)?;
    }
    let start = call.dot();
    let memory = session.target().memory();
    let mut seen = FxHashSet::default();
    let mut node = start;
    while node != 0 {
        if !seen.insert(node) {
            if node == start {
                return Ok(());
            }
            return Err(Failure::Failed(format!(
                "the list is cyclic: {node:#x} comes again after {} nodes, and it is not the start",
                seen.len()
            )));
        }
        if let Some(variable) = variable {
            session.assign(variable, node)?;
        }
        output.emit(Item::address(node))?;
        node = memory.read_u64(node.wrapping_add(offset))?;
    }
    Ok(())
}
