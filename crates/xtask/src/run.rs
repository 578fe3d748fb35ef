//! Child processes and results of tasks.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::process::{Command, Stdio};

use mdb_fixtures::workspace_dir;

/// What a task ends with: nothing, or the sentence that says why not.
pub(crate) type TaskResult<T = ()> = Result<T, Box<dyn Error>>;

/// The cargo that runs us.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(workspace_dir());
    command
}

/// Runs a command whose failure ends the task.
pub(crate) fn must(command: &mut Command) -> TaskResult {
    let status = command.status().map_err(|error| format!("{}: {error}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("`{}`: {status}", shown(command)).into()) }
}

/// Whether `cargo NAME` is installed.
pub(crate) fn has_subcommand(name: &str) -> bool {
    let mut command = cargo();
    command.arg(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The command line, with the program's name instead of its path.
pub(crate) fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    std::iter::once(name)
        .chain(command.get_args())
        .map(|part| part.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}
