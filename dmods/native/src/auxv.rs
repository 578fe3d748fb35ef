//! `::auxv`: the auxiliary vector.

use mdb_dmod::prelude::*;

/// Entries whose value is the address of text: `AT_PLATFORM`, `AT_BASE_PLATFORM`, `AT_EXECFN`
/// (`include/uapi/linux/auxvec.h`).
const TEXTS: [u64; 3] = [15, 24, 31];
/// Entries whose value is a number of something: `AT_PHENT`, `AT_PHNUM`, `AT_PAGESZ`, `AT_UID`,
/// `AT_EUID`, `AT_GID`, `AT_EGID`, `AT_CLKTCK`, `AT_SECURE`, `AT_MINSIGSTKSZ` (the same header).
const NUMBERS: [u64; 10] = [4, 5, 6, 11, 12, 13, 14, 17, 23, 51];
/// The longest text that is read.
const LONGEST: usize = 4096;

/// print the auxiliary vector that the kernel gave the process
///
/// # Examples
///
/// - `::auxv`: the whole vector
#[dcmd(
    address = none,
    columns(
        Column::new("TYPE", cell_kind::TEXT).width(20),
        Column::new("VALUE", cell_kind::HEX).width(16).item(),
        Column::new("MEANING", cell_kind::TEXT),
    )
)]
pub(crate) fn auxv(s: &Session<'_>) -> Result<()> {
    for (kind, value, name) in s.auxv()? {
        let name = if name.is_empty() { format!("AT_{kind}") } else { name };
        let meaning = if TEXTS.contains(&kind) {
            match s.memory().read_c_string(value, LONGEST) {
                Ok(text) => format!("\"{text}\""),
                Err(error) if error.is_stop() => return Err(error),
                Err(error) => format!("({error})"),
            }
        } else if NUMBERS.contains(&kind) {
            value.to_string()
        } else {
            match s.symbol_at(value)? {
                Some(symbol) => symbol.text,
                None => String::new(),
            }
        };
        s.row(&[Cell::Text(name.into()), Cell::Hex(value), Cell::text(meaning)])?;
    }
    Ok(())
}
