//! Asking a command what a word could be, while somebody types it.

use crate::command::Command;
use crate::session::Session;
use mdb_lang::arguments::WordPlace;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// Who has pressed TAB waits no longer: there is no ^C in a line that is being edited.
const PATIENCE: Duration = Duration::from_secs(1);

impl Session {
    /// What a command itself offers for a word. An answer that takes too long is stopped as by ^C,
    /// and offers nothing.
    pub fn words_for(&self, command: &Command, place: WordPlace, word: &str) -> Vec<String> {
        let Some(complete) = &command.complete else { return Vec::new() };
        let interrupt = self.interrupt();
        let (done, wait) = channel::<()>();
        let words = std::thread::scope(|scope| {
            let watch = move || {
                if wait.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                    interrupt.raise();
                }
            };
            // Without a thread nobody watches: nothing is asked.
            if std::thread::Builder::new().spawn_scoped(scope, watch).is_err() {
                return Vec::new();
            }
            let words = complete(self, place, word);
            drop(done);
            words
        });
        interrupt.clear();
        words
    }
}
