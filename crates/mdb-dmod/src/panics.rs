//! Panics stay on this side of the border, and are reported with their place.

use crate::Result;
use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Once;

/// How a call went.
pub(crate) enum Outcome {
    /// It returned.
    Done(Result<()>),
    /// It panicked: the sentence for the user.
    Panicked(String),
}

/// The end of a file's path; plain bytes, because a thread-local with a destructor would pin the
/// library.
const KEPT: usize = 96;

#[derive(Clone, Copy)]
struct Place {
    file: [u8; KEPT],
    length: usize,
    line: u32,
}

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static PLACE: Cell<Option<Place>> = const { Cell::new(None) };
}

/// Notes where a panic is, while a call of a dmod is active on this thread. Otherwise the hook
/// that was there before acts: a dmod that is linked in shares the program's.
fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            if DEPTH.get() == 0 {
                before(info);
                return;
            }
            let place = info.location().map(|location| {
                let file = location.file().as_bytes();
                let tail = file.get(file.len().saturating_sub(KEPT)..).unwrap_or(file);
                let mut kept = [0; KEPT];
                for (to, from) in kept.iter_mut().zip(tail) {
                    *to = *from;
                }
                Place { file: kept, length: tail.len(), line: location.line() }
            });
            PLACE.set(place);
        }));
    });
}

struct Depth;

impl Depth {
    fn enter() -> Self {
        DEPTH.set(DEPTH.get().saturating_add(1));
        Self
    }
}

impl Drop for Depth {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
    }
}

/// Runs the code of a dmod.
pub(crate) fn guard(function: impl FnOnce() -> Result<()>) -> Outcome {
    install_hook();
    let depth = Depth::enter();
    let result = catch_unwind(AssertUnwindSafe(function));
    drop(depth);
    match result {
        Ok(result) => Outcome::Done(result),
        Err(payload) => Outcome::Panicked(sentence(payload)),
    }
}

fn sentence(payload: Box<dyn Any + Send>) -> String {
    let message = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a message".to_owned());
    // Dropping a payload may panic too.
    std::mem::forget(payload);
    match PLACE.take() {
        Some(place) => {
            let file = place.file.get(..place.length).unwrap_or(&place.file);
            format!("panicked: {message}, at {}:{}", String::from_utf8_lossy(file), place.line)
        }
        None => format!("panicked: {message}"),
    }
}
