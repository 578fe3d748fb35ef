//! Commands.

mod fold;
pub(crate) mod isolates;
pub(crate) mod jsframe;
pub(crate) mod jsstack;
mod stack_text;
pub(crate) mod table;
pub(crate) mod v8layout;
