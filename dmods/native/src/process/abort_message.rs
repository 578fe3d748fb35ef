//! `::abortmsg`: what glibc said when it gave up.
//!
//! glibc keeps the text of a failed assertion, of detected heap corruption and of a smashed stack
//! in a mapping of its own, and `__abort_msg` points there: `struct abort_msg_s { unsigned int size;
//! char msg[]; }` (`include/stdlib.h`, `assert/assert.c`, `sysdeps/posix/libc_fatal.c`).

use super::text::one_line;
use mdb_dmod::prelude::*;

/// `::abortmsg`.
pub(crate) struct AbortMessage;

impl Dcmd for AbortMessage {
    const DECLARATION: Declaration =
        Declaration::new("abortmsg", "print what the C library said when it aborted the process")
            .help(
                "The text of a failed assertion, of heap corruption that malloc found, of a \
                 smashed stack: what glibc printed before it called `abort`. `::panicinfo` shows \
                 all that is known of why the process died.",
            )
            .no_address()
            .columns(&[
                Column::new("ADDRESS", cell_kind::ADDRESS).item(),
                Column::new("MESSAGE", cell_kind::TEXT),
            ])
            .examples(&[Example::new("::abortmsg", "nothing, where the process did not abort")]);

    fn run(s: &Session<'_>) -> Result<()> {
        match find(s)? {
            Found::Message { address, text } => {
                let line = format!("{}\n", one_line(&text));
                s.row_as(&[Cell::Address(address), Cell::text(text)], &line)
            }
            Found::None => s.row_as(&[Cell::None, Cell::None], "the C library left no message\n"),
            Found::Unknown(why) => Err(Error::NotFound(why.to_owned())),
        }
    }
}

/// What there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A message, without the newline at its end.
    Message {
        /// Of the text.
        address: u64,
        text: String,
    },
    /// glibc left none.
    None,
    /// It is not known where it would be.
    Unknown(&'static str),
}

/// A page is enough for the longest that glibc prints; it allocates whole pages.
const LONGEST: u64 = 64 << 10;

pub(crate) fn find(s: &Session<'_>) -> Result<Found> {
    let Some(symbol) = s.symbol_named(None, "__abort_msg")? else {
        return Ok(Found::Unknown(
            "there is no '__abort_msg': the C library is not glibc, or its symbols are missing (see \
             ::objects -v)",
        ));
    };
    let place = match s.read_u64(symbol.address) {
        Ok(0) => return Ok(Found::None),
        Ok(place) => place,
        Err(error) if error.is_stop() => return Err(error),
        Err(_) => return Ok(Found::Unknown("'__abort_msg' was not saved in the core")),
    };
    let address = place.wrapping_add(4);
    let text = s.memory().read_u32(place).and_then(|size| {
        let most = u64::from(size).min(LONGEST) as usize;
        s.memory().read_c_string(address, most)
    });
    match text {
        Ok(text) => Ok(Found::Message { address, text: text.trim_end().to_owned() }),
        Err(error) if error.is_stop() => Err(error),
        Err(_) => Ok(Found::Unknown("the message of the C library was not saved in the core")),
    }
}
