//! `::tls`.

use super::add;
use crate::command::Call;
use crate::failure::Failure;
use crate::output::{Output, OutputMode};
use crate::session::Session;
use mdb_dmod_host::{ArgumentSpec, ColumnKind, ColumnSpec, DcmdSpec, ValueKind};
use mdb_print::Cell;

pub(super) fn register(session: &Session) {
    add(
        session,
        DcmdSpec::new("tls", "show where a thread's thread-local storage, or a variable in it, is")
            .help(
                "ADDRESS is a thread's number or kernel id. Without SYMBOL the thread pointer is \
                 shown. In expressions a thread-local symbol is the one of the representative \
                 thread.",
            )
            .types("thread", "")
            .argument(ArgumentSpec::optional("SYMBOL", ValueKind::Text, "a thread-local variable"))
            .column(ColumnSpec::new("ADDRESS", ColumnKind::Address).item())
            .example("1::tls", "the thread pointer of the thread that crashed"),
        tls,
    );
}

fn tls(session: &Session, call: &Call<'_>, output: &Output<'_>) -> Result<(), Failure> {
    let thread = session.thread_or_representative(call.address())?;
    let pointer = session.target().thread_pointer(thread).ok_or_else(|| {
        Failure::Failed(format!("the core has no thread pointer of thread {}", thread.number))
    })?;
    let address = match call.argument(0) {
        None => pointer,
        Some(symbol) => {
            let (object, name) = match symbol.text.rsplit_once('`') {
                Some((object, name)) => (Some(object), name),
                None => (None, symbol.text.as_str()),
            };
            let value = session.symbols().value(object, name, Some(pointer));
            value.map_err(|why| Failure::Failed(format!("'{}': {why}", symbol.text)))?
        }
    };
    if output.mode() == OutputMode::Text {
        return output.line(&format!("{address:x}"));
    }
    output.row(&[Cell::Address(address)])
}
