//! The built-in dcmds and walkers, one file a family.

mod data;
mod disassembly;
mod evaluation;
mod fpregs;
mod help;
mod list;
mod modules;
mod pipes;
mod process;
mod settings;
mod stack;
mod symbols;
mod tls;
mod variables;
mod walkers;

use crate::command::{Call, Command};
use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;
use mdb_dmod_host::DcmdSpec;

/// Registers all of them.
pub(crate) fn register(session: &Session) {
    data::register(session);
    disassembly::register(session);
    evaluation::register(session);
    fpregs::register(session);
    help::register(session);
    list::register(session);
    modules::register(session);
    pipes::register(session);
    process::register(session);
    settings::register(session);
    stack::register(session);
    symbols::register(session);
    tls::register(session);
    variables::register(session);
    walkers::register(session);
}

fn add(
    session: &Session,
    spec: DcmdSpec,
    run: impl Fn(&Session, &Call<'_>, &Output<'_>) -> Result<(), Failure> + 'static,
) {
    let command = Command::built_in(session, spec, run);
    session.registry_mut().add_command(command);
}

/// Adds a command under a second name, such as `$c` for `::stack`.
fn alias(
    session: &Session,
    name: &'static str,
    spec: &DcmdSpec,
    run: impl Fn(&Session, &Call<'_>, &Output<'_>) -> Result<(), Failure> + 'static,
) {
    let mut spec = spec.clone();
    spec.name = name.into();
    spec.examples.clear();
    add(session, spec, run);
}
