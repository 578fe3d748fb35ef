//! The tables that the host gives, over [`crate::HostServices`].
//!
//! Every function catches panics on this side: one that entered a dmod could not be caught there
//! and would end the process.

mod graph;
mod memory;
mod output;
mod providers;
mod run;
mod search;
mod session;
mod symbols;
mod target;
mod targets;
mod threads;
mod types;
mod work;

pub(crate) use output::MOST_CELLS;

use crate::call::{Context, context};
use crate::services::Flow;
use mdb_dmod_abi::{ABI_MAJOR, ABI_MINOR, Cx, Host, Status, Str};
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The root.
pub(crate) static HOST: Host = Host {
    size: size_of::<Host>() as u32,
    abi_major: ABI_MAJOR,
    abi_minor: ABI_MINOR,
    memory: &raw const memory::GROUP,
    symbols: &raw const symbols::GROUP,
    types: &raw const types::GROUP,
    threads: &raw const threads::GROUP,
    output: &raw const output::GROUP,
    pipe: &raw const output::PIPE,
    run: &raw const run::GROUP,
    session: &raw const session::GROUP,
    work: &raw const work::GROUP,
    target: &raw const target::GROUP,
    providers: &raw const providers::GROUP,
    graph: &raw const graph::GROUP,
    targets: &raw const targets::GROUP,
};

/// A function that any thread may call.
///
/// # Safety
/// `cx` is what the dmod was called with, and that call is under way.
#[inline]
unsafe fn anywhere(cx: *mut Cx, function: impl FnOnce(&Context<'_>) -> Status) -> Status {
    // SAFETY: says the caller.
    let Some(context) = (unsafe { context(cx) }) else { return Status::BAD_ARGUMENT };
    catch_unwind(AssertUnwindSafe(|| function(context))).unwrap_or(Status::HOST_BUG)
}

/// A function that only the thread may call on which the dmod was called.
///
/// # Safety
/// As for [`anywhere`].
unsafe fn here(cx: *mut Cx, function: impl FnOnce(&Context<'_>) -> Status) -> Status {
    let checked = |context: &Context<'_>| {
        if context.on_owner() { function(context) } else { Status::BAD_ARGUMENT }
    };
    // SAFETY: says the caller.
    unsafe { anywhere(cx, checked) }
}

/// Text of a dmod; what is not UTF-8 is replaced.
///
/// # Safety
/// The text is readable for as long as `'a`.
pub(crate) unsafe fn text<'a>(text: Str) -> Cow<'a, str> {
    // SAFETY: says the caller.
    String::from_utf8_lossy(unsafe { text.bytes() })
}

/// Hands things to a callback of a dmod until it wants no more, and remembers what it said.
struct Answers {
    status: Status,
}

impl Answers {
    fn new() -> Self {
        Self { status: Status::OK }
    }

    /// Notes what the callback said.
    fn note(&mut self, status: Status) -> Flow {
        self.status = status;
        match status {
            Status::OK => Flow::Continue,
            Status::CANCELLED => Flow::Cancelled,
            _ => Flow::Closed,
        }
    }

    /// What the host's function answers: what the callback said if it stopped the matter, else
    /// what the service said. A stop that is no failure is none.
    fn settle(
        self,
        context: &Context<'_>,
        result: Result<(), crate::services::ServiceError>,
    ) -> Status {
        match (self.status, result) {
            (Status::OK, Ok(())) | (Status::CLOSED, _) => Status::OK,
            (Status::OK, Err(error)) => context.record(error),
            (status, _) => status,
        }
    }
}
