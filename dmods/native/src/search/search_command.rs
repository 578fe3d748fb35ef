//! `::search`: bytes and text in memory.

use super::bytes::Bytes;
use super::regions::{FROM, OBJECT, REGIONS, UNTIL, chosen};
use super::runs::shown;
use super::scan::scan;
use mdb_dmod::prelude::*;

/// `::search [-x | -w] [-i] PATTERN`.
pub(crate) struct Search;

/// How many bytes from each place on are shown.
const SHOWN: usize = 48;

impl Dcmd for Search {
    const DECLARATION: Declaration = Declaration::new("search", "search memory for text or bytes")
        .help(
            "Prints the address of each place, and the text that stands there. In bytes (`-x`) a \
             byte that is written `??` does not count.",
        )
        .no_address()
        .options(&[
            FROM,
            UNTIL,
            Opt::flag('i', "letters of ASCII in either case"),
            Opt::flag('w', "text in UTF-16 (least significant byte first)"),
            Opt::flag('x', "bytes in hexadecimal: 7f454c46"),
            REGIONS,
            OBJECT,
        ])
        .arguments(&[Argument::required("PATTERN", value_kind::TEXT, "the text or the bytes")])
        .columns(&[
            Column::new("ADDRESS", cell_kind::ADDRESS).item(),
            Column::new("TEXT", cell_kind::TEXT),
        ])
        .examples(&[
            Example::new("::search -R stack PATH=", "where the environment has a PATH"),
            Example::new("::search -x 7f454c46", "ELF headers in memory"),
        ]);

    fn run(s: &Session<'_>) -> Result<()> {
        let pattern = s.argument(0).unwrap_or("");
        if pattern.is_empty() {
            return Err(Error::Usage("nothing is everywhere".to_owned()));
        }
        let wide = s.flag('w');
        if s.flag('x') && (wide || s.flag('i')) {
            return Err(Error::Usage("-x is for bytes, -w and -i are for text".to_owned()));
        }
        let text = |text: &str| -> Vec<u8> {
            if wide {
                text.encode_utf16().flat_map(u16::to_le_bytes).collect()
            } else {
                text.as_bytes().to_vec()
            }
        };
        let bytes = if s.flag('x') {
            Bytes::from_hex(pattern)?
        } else if s.flag('i') {
            Bytes::AnyCase(text(pattern))
        } else {
            Bytes::exact(&text(pattern))
        };
        let memory = s.memory();
        let needs_text = !s.into_pipe();
        let looked_at = scan(s, &chosen(s)?, &bytes, |address| {
            let text =
                if needs_text { shown(memory, address, SHOWN, wide)? } else { String::new() };
            let line = match text.as_str() {
                "" => format!("{address:x}\n"),
                text => format!("{address:x}:\t{text}\n"),
            };
            s.row_as(&[Cell::Address(address), Cell::text(text)], &line)
        })?;
        if looked_at == 0 {
            s.warn("nothing was searched: the target has no memory there")?;
        }
        Ok(())
    }
}
