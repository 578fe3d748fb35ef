//! Commands.

mod fold;
pub(crate) mod isolates;
pub(crate) mod jsframe;
pub(crate) mod jsstack;
mod stack_text;
