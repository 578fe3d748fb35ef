//! The command language: text to tree, expressions, spans, errors, completion points.
//!
//! The crate is pure: it reads no memory, opens no file and knows no target. A line becomes a list
//! of [`Statement`]s with [`parse_line`]; an expression of it becomes a number with [`evaluate`],
//! which asks everything that is only known at run time (default radix, dot, symbols, variables,
//! memory) of a [`Scope`]. Every function here is total: any text, also a hostile one, gives a
//! result or an error value.

mod ast;
mod completion;
mod cursor;
mod diagnostic;
mod display;
mod evaluate;
mod expression;
mod number;
mod scan;
mod span;
mod statement;
mod suggestion;
mod syntax_error;

pub mod arguments;
pub mod format;

pub use ast::{
    Arg, Assign, AssignSize, BinaryOp, Body, Dcmd, DerefSize, Expr, ExprKind, Format, FormatCount,
    FormatItem, FormatItemKind, FormatValues, FormatVerb, Legacy, LiteralForm, Pipeline, ShellTail,
    ShellText, Stage, StageKind, Statement, UnaryOp, Word,
};
pub use completion::{CompletionKind, CompletionPoint, completion_at};
pub use diagnostic::render_error;
pub use evaluate::{EvalError, EvalErrorKind, Scope, SymbolError, evaluate};
pub use expression::parse_expression;
pub use number::{NumberError, parse_number};
pub use scan::{TokenKind, highlight};
pub use span::Span;
pub use statement::{check_variable_name, parse_line};
pub use suggestion::closest;
pub use syntax_error::SyntaxError;
