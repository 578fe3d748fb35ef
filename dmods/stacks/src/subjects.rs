//! The threads that a command is about.

use mdb_dmod::Thread;
use mdb_dmod::prelude::*;
use std::collections::HashSet;

/// The threads to look at.
pub(crate) struct Subjects {
    /// All threads of the target.
    pub(crate) all: Vec<Thread>,
    /// Those that came through the pipe, each once; `None` where there is no pipe.
    pub(crate) piped: Option<HashSet<u32>>,
    /// The one that was given as address.
    pub(crate) only: Option<u32>,
}

impl Subjects {
    /// Those of the call. What is no thread is warned of.
    pub(crate) fn of(s: &Session<'_>) -> Result<Self> {
        let all = s.threads()?;
        if !s.from_pipe() {
            let only = s.address().map(|id| s.thread(id)).transpose()?.map(|found| found.number);
            return Ok(Self { all, piped: None, only });
        }
        let mut wanted = HashSet::new();
        for item in s.input() {
            match s.thread(item.value) {
                Ok(thread) => {
                    wanted.insert(thread.number);
                }
                Err(error) if error.is_stop() => return Err(error),
                Err(error) => s.warn(&error.to_string())?,
            }
        }
        Ok(Self { all, piped: Some(wanted), only: None })
    }

    /// Whether a thread came through the pipe, or there is none.
    pub(crate) fn has(&self, thread: &Thread) -> bool {
        self.piped.as_ref().is_none_or(|piped| piped.contains(&thread.number))
    }

    /// Those that came through the pipe, or all.
    pub(crate) fn chosen(&self) -> Vec<Thread> {
        self.all.iter().filter(|thread| self.has(thread)).cloned().collect()
    }
}
