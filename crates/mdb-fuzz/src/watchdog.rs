//! Presses ^C when a command takes long, as a user would: commands such as `0,ffffffff::map 1` run
//! as long as they were told to. A command that does not stop then hangs the target.

use mdb_target::Interrupt;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// How long a command may take.
const PATIENCE: Duration = Duration::from_millis(300);

/// What is being watched.
type Watched = Option<(Instant, Interrupt)>;

static WATCHED: OnceLock<Mutex<Vec<Watched>>> = OnceLock::new();

/// Stops watching when dropped.
pub(crate) struct Watch(usize);

/// Raises `interrupt` again and again after a while, until the result is dropped.
pub(crate) fn watch(interrupt: Interrupt) -> Watch {
    let watched = WATCHED.get_or_init(|| {
        std::thread::spawn(|| {
            loop {
                std::thread::sleep(Duration::from_millis(50));
                raise_overdue();
            }
        });
        Mutex::default()
    });
    let entry = Some((Instant::now() + PATIENCE, interrupt));
    let mut watched = watched.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(free) = watched.iter().position(Option::is_none) {
        if let Some(slot) = watched.get_mut(free) {
            *slot = entry;
        }
        return Watch(free);
    }
    watched.push(entry);
    Watch(watched.len() - 1)
}

fn raise_overdue() {
    let Some(watched) = WATCHED.get() else { return };
    for (until, interrupt) in
        watched.lock().unwrap_or_else(PoisonError::into_inner).iter().flatten()
    {
        if Instant::now() > *until {
            interrupt.raise();
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let Some(watched) = WATCHED.get() else { return };
        if let Some(slot) = watched.lock().unwrap_or_else(PoisonError::into_inner).get_mut(self.0) {
            *slot = None;
        }
    }
}
