//! Expressions to numbers.

use crate::number::{NumberError, digits_value};
use crate::{BinaryOp, DerefSize, Expr, ExprKind, Span, UnaryOp};

/// What an expression needs to know at run time.
pub trait Scope {
    /// The default radix, 2 to 16.
    fn radix(&self) -> u32;
    /// Dot.
    fn dot(&self) -> u64;
    /// The bytes that the last format verb consumed.
    fn increment(&self) -> u64;
    /// The address that a dcmd was last run with: `&`.
    fn last_address(&self) -> u64;
    /// The value of a variable, or `None` where it is not defined.
    fn variable(&self, name: &str) -> Option<u64>;
    /// The address of a symbol. `object` is the scope before the last backquote.
    ///
    /// # Errors
    /// The object or the symbol is not known.
    fn symbol(&self, object: Option<&str>, name: &str) -> Result<u64, SymbolError>;
    /// An unsigned value of `size` (1, 2, 4 or 8) bytes at `address`; with `from_file` from the
    /// object file that is mapped there.
    ///
    /// # Errors
    /// The reason as a short clause: `no mapping for address`.
    fn read(&self, address: u64, size: u8, from_file: bool) -> Result<u64, String>;
    /// The size of the target's pointers in bytes.
    fn pointer_size(&self) -> u8 {
        8
    }
    /// A symbol whose name is close to one that is not known.
    fn suggest_symbol(&self, object: Option<&str>, name: &str) -> Option<String> {
        let _ = (object, name);
        None
    }
    /// A variable whose name is close to one that is not defined.
    fn suggest_variable(&self, name: &str) -> Option<String> {
        let _ = name;
        None
    }
}

/// Why a symbol has no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SymbolError {
    /// The scope names no object.
    #[error("unknown object file name")]
    UnknownObject,
    /// No symbol of that name.
    #[error("unknown symbol name")]
    UnknownSymbol,
    /// Another reason, as a short clause.
    #[error("{0}")]
    Other(String),
}

/// An expression that has no value.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{kind}")]
#[non_exhaustive]
pub struct EvalError {
    /// The part of the expression that failed.
    pub span: Span,
    /// Why.
    pub kind: EvalErrorKind,
    /// What to try.
    pub help: Option<String>,
}

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EvalErrorKind {
    /// Digits that are no number in the default radix.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// A symbol without address.
    #[error("failed to dereference symbol: {0}")]
    Symbol(SymbolError),
    /// A variable that is not there.
    #[error("variable '{0}' is not defined")]
    Variable(String),
    /// Memory that cannot be read.
    #[error("failed to read from address {address:#x}: {reason}")]
    Read {
        /// Where.
        address: u64,
        /// Why.
        reason: String,
    },
    /// `%`, `%%` or `#` with 0 on the right.
    #[error("attempted to divide by zero")]
    DivideByZero,
    /// The smallest signed number divided by -1.
    #[error("divide overflow")]
    DivideOverflow,
    /// `+` would leave dot's half of the address space.
    #[error(
        "the increment {increment:#x} would carry dot {dot:#x} over the end of its address space"
    )]
    IncrementOverflow {
        /// Dot.
        dot: u64,
        /// The increment.
        increment: u64,
    },
    /// `^` would go below 0.
    #[error("the increment {increment:#x} is more than dot {dot:#x}")]
    IncrementUnderflow {
        /// Dot.
        dot: u64,
        /// The increment.
        increment: u64,
    },
    /// The tree is deeper than the parser makes any.
    #[error("the expression is nested too deeply")]
    TooDeep,
}

impl EvalError {
    fn new(span: Span, kind: impl Into<EvalErrorKind>) -> Self {
        Self { span, kind: kind.into(), help: None }
    }
}

/// The value of an expression. All arithmetic is on 64 bits, unsigned, and wraps; only `%` is
/// signed. A shift by 64 or more gives 0.
///
/// # Errors
/// See [`EvalErrorKind`]; the error's span is the failing part of the expression.
pub fn evaluate(expr: &Expr, scope: &dyn Scope) -> Result<u64, EvalError> {
    value(expr, scope, 0)
}

/// More than the parser's limit on the depth of a tree: only trees made by hand can exceed it.
const MAX_RECURSION: u32 = 600;

fn value(expr: &Expr, scope: &dyn Scope, depth: u32) -> Result<u64, EvalError> {
    if depth > MAX_RECURSION {
        return Err(EvalError::new(expr.span, EvalErrorKind::TooDeep));
    }
    // A chain such as `1+1+1+...` leans to the left: walk down that spine without recursion.
    let mut spine = Vec::new();
    let mut first = expr;
    while let ExprKind::Binary(op, left, right) = &first.kind {
        spine.push((*op, right, first.span));
        first = left;
    }
    let mut result = operand(first, scope, depth)?;
    for (op, right, span) in spine.into_iter().rev() {
        let right = value(right, scope, depth + 1)?;
        result = apply(op, result, right).map_err(|kind| EvalError::new(span, kind))?;
    }
    Ok(result)
}

fn operand(expr: &Expr, scope: &dyn Scope, depth: u32) -> Result<u64, EvalError> {
    let fail = |kind: EvalErrorKind| EvalError::new(expr.span, kind);
    match &expr.kind {
        ExprKind::Number { digits } => {
            digits_value(digits, scope.radix()).map_err(|e| number_error(expr.span, e, scope))
        }
        ExprKind::Literal { value, .. } => Ok(*value),
        ExprKind::Word(name) => match scope.symbol(None, name) {
            Ok(value) => Ok(value),
            Err(_) => {
                digits_value(name, scope.radix()).map_err(|e| number_error(expr.span, e, scope))
            }
        },
        ExprKind::Symbol { object, name } => {
            scope.symbol(object.as_deref(), name).map_err(|reason| {
                let help = match reason {
                    SymbolError::UnknownSymbol => scope.suggest_symbol(object.as_deref(), name),
                    _ => None,
                };
                EvalError {
                    span: expr.span,
                    kind: EvalErrorKind::Symbol(reason),
                    help: help.map(|name| format!("did you mean '{name}'?")),
                }
            })
        }
        ExprKind::Variable(name) => scope.variable(name).ok_or_else(|| EvalError {
            span: expr.span,
            kind: EvalErrorKind::Variable(name.clone()),
            help: scope.suggest_variable(name).map(|name| format!("did you mean '<{name}'?")),
        }),
        ExprKind::Dot => Ok(scope.dot()),
        ExprKind::Next => {
            let (dot, increment) = (scope.dot(), scope.increment());
            let next = dot.wrapping_add(increment);
            if (next ^ dot) >> 63 == 0 {
                Ok(next)
            } else {
                Err(fail(EvalErrorKind::IncrementOverflow { dot, increment }))
            }
        }
        ExprKind::Previous => {
            let (dot, increment) = (scope.dot(), scope.increment());
            dot.checked_sub(increment)
                .ok_or_else(|| fail(EvalErrorKind::IncrementUnderflow { dot, increment }))
        }
        ExprKind::LastAddress => Ok(scope.last_address()),
        ExprKind::Unary(op, inner) => {
            let inner = value(inner, scope, depth + 1)?;
            match op {
                UnaryOp::Not => Ok(u64::from(inner == 0)),
                UnaryOp::Complement => Ok(!inner),
                UnaryOp::Negate => Ok(inner.wrapping_neg()),
                UnaryOp::Deref { size, from_file } => {
                    let size = match size {
                        DerefSize::Pointer => scope.pointer_size(),
                        DerefSize::One => 1,
                        DerefSize::Two => 2,
                        DerefSize::Four => 4,
                        DerefSize::Eight => 8,
                    };
                    scope
                        .read(inner, size, *from_file)
                        .map_err(|reason| fail(EvalErrorKind::Read { address: inner, reason }))
                }
            }
        }
        ExprKind::Binary(..) => value(expr, scope, depth + 1),
    }
}

fn number_error(span: Span, error: NumberError, scope: &dyn Scope) -> EvalError {
    let help = matches!(error, NumberError::Digit(_)).then(|| {
        format!(
            "the default radix is {}; 0x, 0t, 0o or 0i before a number choose one",
            scope.radix()
        )
    });
    EvalError { span, kind: error.into(), help }
}

fn apply(op: BinaryOp, left: u64, right: u64) -> Result<u64, EvalErrorKind> {
    let shift = |shifted: Option<u64>| shifted.unwrap_or(0);
    let amount = u32::try_from(right).unwrap_or(u32::MAX);
    Ok(match op {
        BinaryOp::Modulus => left.checked_rem(right).ok_or(EvalErrorKind::DivideByZero)?,
        BinaryOp::Multiply => left.wrapping_mul(right),
        BinaryOp::Divide => {
            let (left, right) = (left.cast_signed(), right.cast_signed());
            if right == 0 {
                return Err(EvalErrorKind::DivideByZero);
            }
            left.checked_div(right).ok_or(EvalErrorKind::DivideOverflow)?.cast_unsigned()
        }
        BinaryOp::RoundUp => match left.checked_rem(right) {
            None => return Err(EvalErrorKind::DivideByZero),
            Some(0) => left,
            Some(rest) => left.wrapping_sub(rest).wrapping_add(right),
        },
        BinaryOp::Add => left.wrapping_add(right),
        BinaryOp::Subtract => left.wrapping_sub(right),
        BinaryOp::ShiftLeft => shift(left.checked_shl(amount)),
        BinaryOp::ShiftRight => shift(left.checked_shr(amount)),
        BinaryOp::Equal => u64::from(left == right),
        BinaryOp::NotEqual => u64::from(left != right),
        BinaryOp::And => left & right,
        BinaryOp::Xor => left ^ right,
        BinaryOp::Or => left | right,
    })
}
