//! Where the user's files are: the history and the commands that run at the start.

use std::path::PathBuf;

/// A directory that a variable of the environment names. A relative one would depend on the
/// current directory, where anybody may have put files; it counts as none.
fn named_by(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}

pub(crate) fn home() -> Option<PathBuf> {
    named_by("HOME")
}

/// The file of the history.
pub(crate) fn history() -> Option<PathBuf> {
    let state = named_by("XDG_STATE_HOME").or_else(|| Some(home()?.join(".local/state")))?;
    Some(state.join("mdb/history"))
}

/// The files of commands that run at the start, in their order.
pub(crate) fn start_files() -> Vec<PathBuf> {
    let config = named_by("XDG_CONFIG_HOME").or_else(|| Some(home()?.join(".config")));
    let ours = config.map(|directory| directory.join("mdb/mdbrc"));
    // MDB's place comes last, so that what is in it wins.
    ours.into_iter().chain(home().map(|home| home.join(".mdbrc"))).collect()
}
