//! A dmod to begin with: a walker over lists, and a command that prints words.

use mdb_dmod::prelude::*;
use std::collections::HashSet;

/// walk a list that is linked through its first word
///
/// It begins at the address of the first node and ends at a null pointer.
#[walker]
fn chain(s: &Session<'_>, start: u64, each: &mut dyn FnMut(Item) -> Result<()>) -> Result<()> {
    let (mut node, mut seen) = (start, HashSet::new());
    while node != 0 {
        // Memory of a crashed process: any list may be a circle.
        if !seen.insert(node) {
            return Err(Error::at(node, "the list comes back to a node that it had"));
        }
        each(Item::address(node))?;
        node = s.read_u64(node)?;
    }
    Ok(())
}

#[derive(Args)]
struct WordArgs {
    /// how many bytes behind the address
    #[arg(short = 'o', default = 0)]
    offset: u64,
}

/// print a word of memory
///
/// Eight bytes, the least significant first.
///
/// # Examples
///
/// - `<rsp::word`: the word at the top of the stack
/// - `<rsp::word -o 8`: the one behind it
#[dcmd(
    columns(
        Column::new("ADDRESS", cell_kind::ADDRESS),
        Column::new("VALUE", cell_kind::HEX).item(),
    )
)]
fn word(s: &Session<'_>, args: WordArgs) -> Result<()> {
    let address = s.dot().wrapping_add(args.offset);
    s.row(&[Cell::Address(address), Cell::Hex(s.read_u64(address)?)])
}

dmod! {
    name: template,
    about: "a dmod to begin with",
    triggers: ["always"],
    dcmds: [word],
    walkers: [chain],
}
