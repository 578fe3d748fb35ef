//! The frames of a thread, with every recoverable register and how each frame was found.
//!
//! An [`Unwinder`] walks from the registers of a thread to its outermost caller. It reads the
//! target's memory, asks an [`UnwindSources`] for the unwind sections of the module at a pc, and
//! [`FrameProviders`] for code that has none. Frames come one at a time from a [`FrameIter`];
//! why the walk ended is a [`StackEnd`], which is a sentence.

mod abi;
mod cache;
mod end;
mod expression;
mod fde;
mod frame;
mod provider;
mod row;
mod scan;
mod sources;
mod stack_memory;
mod step;
mod ucontext;
mod unwinder;

mod aarch64;
mod x86_64;

pub use cache::UnwindCache;
pub use end::StackEnd;
pub use frame::{FoundBy, Frame, FrameKind};
pub use provider::{FrameProvider, FrameProviders};
pub use sources::{NoSources, UnwindSources};
pub use ucontext::ucontext_registers;
pub use unwinder::{FrameIter, UnwindOptions, Unwinder};
