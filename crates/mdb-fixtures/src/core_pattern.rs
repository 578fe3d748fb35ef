//! Where the kernel writes cores: `/proc/sys/kernel/core_pattern` (core(5)).

use std::fs;
use std::path::{Path, PathBuf};

use crate::FixtureError;

/// What the machine does with the core of a process that dies in some directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CorePattern {
    /// A file: a directory (relative to the dying process's, or absolute) and a name with holes.
    File { dir: PathBuf, name: Vec<Piece> },
    /// The kernel pipes the core into this program.
    Piped(String),
}

/// A part of a core's file name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Stands there as it is.
    Text(String),
    /// The process's id.
    Pid,
    /// Something only the kernel knows (time, host, limits): anything matches.
    Anything,
}

impl CorePattern {
    /// Reads the pattern of the running kernel.
    pub(crate) fn of_this_machine() -> Result<Self, FixtureError> {
        let path = "/proc/sys/kernel/core_pattern";
        let pattern = fs::read_to_string(path).map_err(FixtureError::io("read", path))?;
        let uses_pid = fs::read_to_string("/proc/sys/kernel/core_uses_pid");
        Ok(Self::parse(pattern.trim_end(), uses_pid.is_ok_and(|text| text.trim() != "0")))
    }

    /// Takes a pattern apart; `uses_pid` is `core_uses_pid`.
    pub(crate) fn parse(pattern: &str, uses_pid: bool) -> Self {
        if let Some(program) = pattern.strip_prefix('|') {
            return Self::Piped(program.trim().to_owned());
        }
        let (dir, file) = match pattern.rsplit_once('/') {
            Some(("", file)) => ("/", file),
            Some((dir, file)) => (dir, file),
            None => ("", pattern),
        };
        let mut name = Vec::new();
        let mut text = String::new();
        let mut letters = file.chars();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                text.push(letter);
                continue;
            }
            let piece = match letters.next() {
                Some('%') => {
                    text.push('%');
                    continue;
                }
                // %P is the pid in the initial namespace: not ours to know in a container.
                Some('p') => Piece::Pid,
                Some(_) => Piece::Anything,
                None => break,
            };
            if !text.is_empty() {
                name.push(Piece::Text(std::mem::take(&mut text)));
            }
            name.push(piece);
        }
        // An empty pattern with core_uses_pid gives `.PID`; the kernel appends in all such cases.
        let append_pid = uses_pid && !name.contains(&Piece::Pid);
        if append_pid {
            text.push('.');
        }
        if !text.is_empty() {
            name.push(Piece::Text(text));
        }
        if append_pid {
            name.push(Piece::Pid);
        }
        Self::File { dir: dir.into(), name }
    }

    /// The newest file that can be the core of `pid`, which died in `cwd`.
    pub(crate) fn find(&self, cwd: &Path, pid: u32) -> Option<PathBuf> {
        let Self::File { dir, name } = self else { return None };
        let entries = fs::read_dir(cwd.join(dir)).ok()?;
        entries
            .flatten()
            .filter(|entry| entry.file_name().to_str().is_some_and(|text| matches(name, text, pid)))
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .max()
            .map(|(_, path)| path)
    }
}

/// Whether a file name can come from the pieces.
fn matches(pieces: &[Piece], name: &str, pid: u32) -> bool {
    let Some((first, rest)) = pieces.split_first() else { return name.is_empty() };
    match first {
        Piece::Text(text) => {
            name.strip_prefix(text.as_str()).is_some_and(|name| matches(rest, name, pid))
        }
        Piece::Pid => {
            name.strip_prefix(&pid.to_string()).is_some_and(|name| matches(rest, name, pid))
        }
        Piece::Anything => {
            (0..=name.len()).filter_map(|end| name.get(end..)).any(|name| matches(rest, name, pid))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_matches(pattern: &str, uses_pid: bool, name: &str) -> bool {
        match CorePattern::parse(pattern, uses_pid) {
            CorePattern::File { name: pieces, .. } => matches(&pieces, name, 1234),
            CorePattern::Piped(_) => panic!("piped"),
        }
    }

    #[test]
    fn patterns_of_core_5() {
        assert!(name_matches("core", false, "core"));
        assert!(!name_matches("core", false, "core.1234"));
        assert!(name_matches("core", true, "core.1234"));
        assert!(!name_matches("core", true, "core.12345"));
        assert!(name_matches("core.%p", true, "core.1234"));
        assert!(name_matches("%e.%p.%t.core", false, "example1.1234.1700000000.core"));
        assert!(!name_matches("%e.%p.%t.core", false, "example1.1235.1700000000.core"));
        assert!(name_matches("100%%-core", false, "100%-core"));
    }

    #[test]
    fn directories_and_pipes() {
        let CorePattern::File { dir, .. } = CorePattern::parse("/var/crash/core.%p", false) else {
            panic!("a file")
        };
        assert_eq!(dir, Path::new("/var/crash"));
        let piped = "|/usr/lib/systemd/systemd-coredump %P %u";
        assert_eq!(
            CorePattern::parse(piped, true),
            CorePattern::Piped("/usr/lib/systemd/systemd-coredump %P %u".to_owned())
        );
    }
}
