//! What a living process does, by `/proc/PID/stat` (proc(5)).

use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use crate::FixtureError;
use crate::crash::PATIENCE;

/// What a program does once it printed `ready`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// It computes: it used the processor since then.
    Busy,
    /// Its main thread sleeps in the kernel, and none uses the processor.
    Asleep,
}

/// How much time on the processor says that a program left what printed `ready` behind: clock
/// ticks, 10 ms each.
const BUSY_TICKS: u64 = 10;

/// How many looks at a sleeping program, each alike, say that it sleeps for long.
const LOOKS: u32 = 10;

impl State {
    /// Waits until the process `pid`, which is `child` or a child of it, is in the state.
    pub(crate) fn wait_for(self, pid: u32, child: &mut Child) -> Result<(), FixtureError> {
        let path = PathBuf::from(format!("/proc/{pid}/stat"));
        let begin = Instant::now();
        let mut first = None;
        let mut before = None;
        let mut alike = 0;
        while begin.elapsed() < PATIENCE && matches!(child.try_wait(), Ok(None)) {
            let text = fs::read_to_string(&path).map_err(FixtureError::io("read", &path))?;
            let now = parse(&text);
            let (_, ticks) = now.unwrap_or_default();
            let used = ticks.saturating_sub(*first.get_or_insert(ticks));
            let sleeps = now.is_some_and(|(state, _)| state == 'S') && now == before;
            alike = if sleeps { alike + 1 } else { 0 };
            before = now;
            if match self {
                Self::Busy => used >= BUSY_TICKS,
                Self::Asleep => alike >= LOOKS,
            } {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(5));
        }
        let source = io::ErrorKind::TimedOut.into();
        Err(FixtureError::Io { doing: "see the program busy or asleep in", path, source })
    }
}

/// The process that runs a program, as it is called in a directory, in that directory.
pub(crate) fn process(dir: &Path, program: &Path) -> Option<u32> {
    let program = fs::canonicalize(dir.join(program)).ok()?;
    let dir = fs::canonicalize(dir).ok()?;
    let is = |entry: &DirEntry, link: &str, path: &Path| {
        fs::read_link(entry.path().join(link)).is_ok_and(|target| target == path)
    };
    fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        (is(&entry, "exe", &program) && is(&entry, "cwd", &dir)).then_some(pid)
    })
}

/// The state's letter and the ticks in user and kernel mode of a process.
fn parse(stat: &str) -> Option<(char, u64)> {
    // The name, in parentheses, can hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut words = rest.split_ascii_whitespace();
    let state = words.next()?.chars().next()?;
    let user: u64 = words.nth(10)?.parse().ok()?;
    let kernel: u64 = words.next()?.parse().ok()?;
    Some((state, user.saturating_add(kernel)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_proc() {
        let stat = "42 (a) b) S 1 42 42 0 -1 4194304 100 0 0 0 7 5 0 0 20 0 1 0 1000 1 1";
        assert_eq!(parse(stat), Some(('S', 12)));
        assert_eq!(parse("42 (a"), None);
    }
}
