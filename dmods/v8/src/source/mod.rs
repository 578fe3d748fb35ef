//! What the text of a JavaScript function tells: the names of its parameters, the names of the
//! interpreter registers that hold its locals, lines and columns.
//!
//! V8 keeps a function's text for `toString`, and little else from the parser: names of variables that
//! live in registers or are parameters are not in the heap at all. So they are read from the text again.

mod excerpt;
mod lines;
mod parameters;
mod registers;
mod scopes;
mod text;
mod tokens;

pub(crate) use excerpt::excerpt;
pub(crate) use lines::{Position, position};
pub(crate) use parameters::{Form, Parameter, Parameters, parameters};
pub(crate) use registers::{RegisterNames, registers};
pub(crate) use scopes::Traits;
pub(crate) use text::SourceText;
