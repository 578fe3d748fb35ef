//! Expression trees back to text.

use std::fmt;

use crate::cursor::{is_name_start, is_scoped_name};
use crate::{DerefSize, Expr, ExprKind, LiteralForm, UnaryOp};

/// Prints the expression with the fewest parentheses; the text parses to the same tree.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Number { digits } => f.write_str(digits),
            ExprKind::Literal { value, form } => literal(f, *value, *form),
            ExprKind::Word(word) => f.write_str(word),
            ExprKind::Symbol { object, name } => symbol(f, object.as_deref(), name),
            ExprKind::Variable(name) => write!(f, "<{name}"),
            ExprKind::Dot => f.write_str("."),
            ExprKind::Next => f.write_str("+"),
            ExprKind::Previous => f.write_str("^"),
            ExprKind::LastAddress => f.write_str("&"),
            ExprKind::Unary(op, inner) => {
                f.write_str(unary(*op))?;
                parenthesized(f, inner, needs_parentheses(*op, inner))
            }
            ExprKind::Binary(op, left, right) => {
                let binds = |side: &Expr| match &side.kind {
                    ExprKind::Binary(op, ..) => op.precedence(),
                    _ => u8::MAX,
                };
                parenthesized(f, left, binds(left) < op.precedence())?;
                write!(f, " {} ", op.as_str())?;
                parenthesized(f, right, binds(right) <= op.precedence())
            }
        }
    }
}

fn parenthesized(f: &mut fmt::Formatter<'_>, expr: &Expr, needed: bool) -> fmt::Result {
    if needed { write!(f, "({expr})") } else { write!(f, "{expr}") }
}

fn needs_parentheses(op: UnaryOp, inner: &Expr) -> bool {
    const FILE: UnaryOp = UnaryOp::Deref { size: DerefSize::Pointer, from_file: true };
    match &inner.kind {
        ExprKind::Binary(..) => true,
        // `%%` is another operator.
        ExprKind::Unary(UnaryOp::Deref { from_file: true, .. }, _) => op == FILE,
        _ => false,
    }
}

fn unary(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Not => "#",
        UnaryOp::Complement => "~",
        UnaryOp::Negate => "-",
        UnaryOp::Deref { size, from_file: false } => match size {
            DerefSize::Pointer => "*",
            DerefSize::One => "*/1/",
            DerefSize::Two => "*/2/",
            DerefSize::Four => "*/4/",
            DerefSize::Eight => "*/8/",
        },
        UnaryOp::Deref { size, from_file: true } => match size {
            DerefSize::Pointer => "%",
            DerefSize::One => "%/1/",
            DerefSize::Two => "%/2/",
            DerefSize::Four => "%/4/",
            DerefSize::Eight => "%/8/",
        },
    }
}

fn literal(f: &mut fmt::Formatter<'_>, value: u64, form: LiteralForm) -> fmt::Result {
    match form {
        LiteralForm::Binary => write!(f, "0i{value:b}"),
        LiteralForm::Octal => write!(f, "0o{value:o}"),
        LiteralForm::Decimal => write!(f, "0t{value}"),
        LiteralForm::Hexadecimal => write!(f, "0x{value:x}"),
        LiteralForm::Char => {
            f.write_str("'")?;
            let bytes = value.to_be_bytes();
            for byte in bytes.iter().skip_while(|byte| **byte == 0) {
                if (b' '..=b'~').contains(byte) && !matches!(byte, b'\'' | b'\\') {
                    write!(f, "{}", char::from(*byte))?;
                } else {
                    write!(f, "\\{byte:03o}")?;
                }
            }
            f.write_str("'")
        }
        LiteralForm::Float => {
            let float = f64::from_bits(value);
            if !float.is_finite() || float.is_sign_negative() {
                // The language has no such literal.
                return write!(f, "0x{value:x}");
            }
            let text = float.to_string();
            let fraction = if text.contains('.') { "" } else { ".0" };
            write!(f, "0t{text}{fraction}")
        }
    }
}

fn symbol(f: &mut fmt::Formatter<'_>, object: Option<&str>, name: &str) -> fmt::Result {
    let scope = object.map(|object| format!("{object}`")).unwrap_or_default();
    let text = format!("{scope}{name}");
    let plain = text.starts_with(is_name_start) && text.chars().all(is_scoped_name);
    if plain { f.write_str(&text) } else { write!(f, "\"{text}\"") }
}
