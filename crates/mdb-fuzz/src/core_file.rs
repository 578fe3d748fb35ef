//! Whole cores.

use crate::lend::lend;
use crate::session::explore;
use crate::shown::check_refusal;
use mdb_corefile::CoreFile;
use mdb_engine::OutputMode;
use mdb_target::Interrupt;
use std::sync::Arc;

/// The name that refusals have to have in them.
const NAME: &str = "hostile.core";

/// Opens the bytes as a core, finds its modules, walks all stacks, runs the usual commands.
pub fn core(data: &[u8]) {
    lend(data, |bytes| match CoreFile::from_bytes(NAME, bytes, Interrupt::new()) {
        Ok(core) => {
            // Both forms of output, chosen by the input so that a find can be repeated.
            let json = bytes.len() % 4 == 1;
            explore(Arc::new(core), if json { OutputMode::Json } else { OutputMode::Text });
        }
        Err(error) => check_refusal(NAME, &error.to_string()),
    });
}
