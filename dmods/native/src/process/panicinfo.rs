//! `::panicinfo`: why the process died, all that is known in one place.

use super::abort_message::{self, Found};
use super::cxx::Globals;
use super::exception::in_thread;
use mdb_dmod::prelude::*;
use mdb_dmod::{signal_code_name, signal_name};

/// `::panicinfo`.
pub(crate) struct PanicInfo;

impl Dcmd for PanicInfo {
    const DECLARATION: Declaration =
        Declaration::new("panicinfo", "print what is known of why the process died")
            .help(
                "The signal, the thread, the message of the C library, the C++ exception in \
                 flight. `::siginfo`, `::abortmsg` and `::exception` say more of each.",
            )
            .no_address()
            .columns(&[
                Column::new("ITEM", cell_kind::TEXT).width(10),
                Column::new("VALUE", cell_kind::TEXT),
                Column::new("ADDRESS", cell_kind::ADDRESS).detail().item(),
            ])
            .examples(&[Example::new("::panicinfo", "why it died")]);

    fn run(s: &Session<'_>) -> Result<()> {
        let row = |item: &str, value: String, address: Option<u64>| {
            let line = format!("{item:>10} {}\n", super::text::one_line(&value));
            let cells = [
                Cell::text(item.to_owned()),
                Cell::text(value),
                address.map_or(Cell::None, Cell::Address),
            ];
            s.row_as(&cells, &line)
        };
        match s.signal()? {
            None => row("signal", "none: it did not die of one, or gcore wrote this".into(), None)?,
            Some(info) => {
                let code = info.code.and_then(|code| signal_code_name(info.signal, code));
                let code = code.map_or(String::new(), |code| format!(", {code}"));
                let name = signal_name(info.signal);
                row("signal", format!("{name} ({}{code})", info.signal), None)?;
                if let Some(address) = info.address {
                    row("address", format!("{address:x}"), Some(address))?;
                }
            }
        }
        // The thread that crashed is the first.
        let threads = s.threads().unwrap_or_default();
        if let Some(thread) = threads.first() {
            let whose = format!("{} (tid {})", thread.number, thread.tid);
            row("thread", whose, None)?;
            let place = match s.symbol_at(thread.pc)? {
                Some(symbol) => symbol.text,
                None => format!("{:x}", thread.pc),
            };
            row("pc", place, Some(thread.pc))?;
        }
        if let Found::Message { address, text } = abort_message::find(s)? {
            row("message", text, Some(address))?;
        }
        if let Some(globals) = Globals::find(s, threads.get(..1).unwrap_or(&[]))? {
            for thread in threads.iter().take(1) {
                for exception in in_thread(s, &globals, thread)? {
                    row("exception", exception.sentence(), Some(exception.object))?;
                }
            }
        }
        Ok(())
    }
}
