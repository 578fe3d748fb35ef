//! Text to expression trees.

use crate::cursor::{Cursor, is_name, is_name_start, is_scoped_name, unescape};
use crate::number::{digits_value, prefix_radix};
use crate::{BinaryOp, DerefSize, Expr, ExprKind, LiteralForm, Span, SyntaxError, UnaryOp};

/// How deep parentheses and prefix operators may be nested.
const MAX_NESTING: u32 = 128;
/// How deep a tree may be: a chain `1+1+1+...` is as deep as it is long.
const MAX_DEPTH: u32 = 500;

/// Parses a text that is one expression and nothing else (blanks and a comment aside).
///
/// # Errors
/// The text is no expression, or goes on after one.
pub fn parse_expression(text: &str) -> Result<Expr, SyntaxError> {
    let mut cursor = Cursor::new(text);
    let expr = expression(&mut cursor)?;
    cursor.skip_blanks_and_comment();
    if cursor.peek().is_some() {
        return Err(unexpected(&cursor, "an operator or the end of the expression"));
    }
    Ok(expr)
}

/// Whether an expression can start with this character.
pub(crate) fn starts_expression(ch: char) -> bool {
    ch.is_ascii_digit() || is_name_start(ch) || "'\"(<+-~#*%^&".contains(ch)
}

/// Parses the longest expression at the cursor.
pub(crate) fn expression(cursor: &mut Cursor<'_>) -> Result<Expr, SyntaxError> {
    Ok(binary(cursor, 1, 0)?.expr)
}

/// The error for whatever stands at the cursor.
pub(crate) fn unexpected(cursor: &Cursor<'_>, expected: &str) -> SyntaxError {
    let message = match cursor.peek() {
        None => "syntax error: the command ends too early".to_owned(),
        Some('\n') => "syntax error: the line ends too early".to_owned(),
        Some(ch) => format!("syntax error: unexpected '{}'", ch.escape_debug()),
    };
    SyntaxError::new(cursor.here(), message).expecting(expected)
}

/// A tree and its depth.
struct Tree {
    expr: Expr,
    depth: u32,
}

impl Tree {
    fn leaf(span: Span, kind: ExprKind) -> Self {
        Self { expr: Expr { span, kind }, depth: 1 }
    }
}

fn too_deep(span: Span) -> SyntaxError {
    SyntaxError::new(span, "syntax error: the expression is nested too deeply")
        .with_help("assign a part of it to a variable first: EXPRESSION>name")
}

/// Operators of at least `lowest` precedence and their operands.
fn binary(cursor: &mut Cursor<'_>, lowest: u8, nesting: u32) -> Result<Tree, SyntaxError> {
    let mut left = unary(cursor, nesting)?;
    loop {
        cursor.skip_blanks();
        let Some(op) = binary_operator(cursor).filter(|op| op.precedence() >= lowest) else {
            return Ok(left);
        };
        let start = cursor.pos();
        cursor.eat(op.as_str());
        let op_span = cursor.span_from(start);
        cursor.skip_blanks();
        if !cursor.peek().is_some_and(starts_expression) {
            return Err(missing_operand(cursor, op, op_span));
        }
        let right = binary(cursor, op.precedence() + 1, nesting + 1)?;
        let span = left.expr.span.to(right.expr.span);
        let depth = left.depth.max(right.depth) + 1;
        if depth > MAX_DEPTH {
            return Err(too_deep(op_span));
        }
        let kind = ExprKind::Binary(op, Box::new(left.expr), Box::new(right.expr));
        left = Tree { expr: Expr { span, kind }, depth };
    }
}

/// The operator at the cursor. A `=`, `!` or `>` alone, and the start of a comment, are none.
fn binary_operator(cursor: &Cursor<'_>) -> Option<BinaryOp> {
    Some(match (cursor.peek()?, cursor.peek_second()) {
        ('%', Some('%')) => BinaryOp::Modulus,
        ('%', _) => BinaryOp::Divide,
        ('*', _) => BinaryOp::Multiply,
        ('#', _) => BinaryOp::RoundUp,
        ('+', _) => BinaryOp::Add,
        ('-', _) => BinaryOp::Subtract,
        ('<', Some('<')) => BinaryOp::ShiftLeft,
        ('>', Some('>')) => BinaryOp::ShiftRight,
        ('=', Some('=')) => BinaryOp::Equal,
        ('!', Some('=')) => BinaryOp::NotEqual,
        ('&', _) => BinaryOp::And,
        ('^', _) => BinaryOp::Xor,
        ('|', _) => BinaryOp::Or,
        _ => return None,
    })
}

fn missing_operand(cursor: &Cursor<'_>, op: BinaryOp, op_span: Span) -> SyntaxError {
    let mut error = unexpected(cursor, &format!("an operand after '{}'", op.as_str()));
    match (op, cursor.peek()) {
        (BinaryOp::Or, _) => {
            error.help = Some(
                "after an expression '|' is the bitwise or; a pipeline starts with a verb: \
                 EXPRESSION=K | ..."
                    .to_owned(),
            );
        }
        (BinaryOp::Multiply | BinaryOp::Divide, Some('/')) => {
            error.help = Some(
                "after an operand '*' multiplies and '%' divides; write the dereference in \
                 parentheses: a*(*/c/b)"
                    .to_owned(),
            );
        }
        (_, None) => error.span = op_span,
        _ => {}
    }
    error
}

fn unary(cursor: &mut Cursor<'_>, nesting: u32) -> Result<Tree, SyntaxError> {
    cursor.skip_blanks();
    let start = cursor.pos();
    let op = match cursor.peek() {
        Some('#') => UnaryOp::Not,
        Some('~') => UnaryOp::Complement,
        Some('-') => UnaryOp::Negate,
        Some('*') => UnaryOp::Deref { size: DerefSize::Pointer, from_file: false },
        Some('%') => UnaryOp::Deref { size: DerefSize::Pointer, from_file: true },
        _ => return primary(cursor, nesting),
    };
    if nesting >= MAX_NESTING {
        return Err(too_deep(cursor.here()));
    }
    cursor.bump();
    let op = match op {
        UnaryOp::Deref { from_file, .. } => {
            if from_file && cursor.peek() == Some('%') {
                return Err(SyntaxError::new(
                    Span::new(start, cursor.pos() + 1),
                    "syntax error: '%%' needs an operand on its left",
                )
                .with_help("a dereference of a dereference is %(%e)"));
            }
            UnaryOp::Deref { size: deref_size(cursor)?, from_file }
        }
        op => op,
    };
    let inner = unary(cursor, nesting + 1)?;
    let depth = inner.depth + 1;
    let span = Span::new(start, inner.expr.span.end.max(cursor.pos()));
    if depth > MAX_DEPTH {
        return Err(too_deep(span));
    }
    Ok(Tree { expr: Expr { span, kind: ExprKind::Unary(op, Box::new(inner.expr)) }, depth })
}

/// The `/c/` after the operator of a dereference.
fn deref_size(cursor: &mut Cursor<'_>) -> Result<DerefSize, SyntaxError> {
    let start = cursor.pos();
    if cursor.peek() != Some('/') {
        return Ok(DerefSize::Pointer);
    }
    cursor.bump();
    let cast = cursor.take_while(|ch| ch != '/' && is_name(ch));
    let closed = cursor.eat("/");
    match cast {
        "c" | "1" if closed => Ok(DerefSize::One),
        "s" | "2" if closed => Ok(DerefSize::Two),
        "i" | "4" if closed => Ok(DerefSize::Four),
        "l" | "8" if closed => Ok(DerefSize::Eight),
        _ => {
            let span = cursor.span_from(start);
            let text = span.text(cursor.text());
            Err(SyntaxError::new(span, format!("invalid cast -- {text}"))
                .expecting("/c/ /s/ /i/ /l/ or /1/ /2/ /4/ /8/"))
        }
    }
}

fn primary(cursor: &mut Cursor<'_>, nesting: u32) -> Result<Tree, SyntaxError> {
    let start = cursor.pos();
    let simple = |cursor: &mut Cursor<'_>, kind| {
        cursor.bump();
        Ok(Tree::leaf(cursor.span_from(start), kind))
    };
    match cursor.peek() {
        Some('(') => parenthesized(cursor, nesting),
        Some('+') => simple(cursor, ExprKind::Next),
        Some('^') => simple(cursor, ExprKind::Previous),
        Some('&') => simple(cursor, ExprKind::LastAddress),
        Some('\'') => char_constant(cursor),
        Some('"') => quoted_symbol(cursor),
        Some('<') => variable(cursor),
        Some(ch) if ch.is_ascii_digit() => number(cursor),
        Some(ch) if is_name_start(ch) => name(cursor),
        _ => Err(unexpected(cursor, "an expression")),
    }
}

fn parenthesized(cursor: &mut Cursor<'_>, nesting: u32) -> Result<Tree, SyntaxError> {
    let open = cursor.here();
    if nesting >= MAX_NESTING {
        return Err(too_deep(open));
    }
    cursor.bump();
    let inner = binary(cursor, 1, nesting + 1)?;
    cursor.skip_blanks();
    if cursor.eat(")") {
        return Ok(inner);
    }
    Err(match cursor.peek() {
        None | Some(';' | '\n') => {
            SyntaxError::new(open, "syntax error: ( unmatched").expecting("')'")
        }
        _ => unexpected(cursor, "an operator or ')'"),
    })
}

fn number(cursor: &mut Cursor<'_>) -> Result<Tree, SyntaxError> {
    let start = cursor.pos();
    let kind = match cursor.peek_second().and_then(prefix_radix) {
        Some(radix) if cursor.peek() == Some('0') => prefixed_number(cursor, radix)?,
        _ => {
            let digits = cursor.take_while(|ch| ch.is_ascii_hexdigit() || ch == '_');
            ExprKind::Number { digits: digits.to_owned() }
        }
    };
    let span = cursor.span_from(start);
    match cursor.peek() {
        Some(ch) if is_scoped_name(ch) => {
            let number = span.text(cursor.text());
            let error = SyntaxError::new(
                cursor.here(),
                format!("syntax error: '{ch}' cannot follow the number {number}"),
            );
            Err(match (ch, &kind) {
                ('.', _) => error.with_help("a decimal fraction is written 0t12.5"),
                (_, ExprKind::Literal { form, .. }) => error.expecting(format!(
                    "digits of radix {}",
                    match form {
                        LiteralForm::Binary => "2",
                        LiteralForm::Octal => "8",
                        LiteralForm::Hexadecimal => "16",
                        _ => "10",
                    }
                )),
                _ => error,
            })
        }
        _ => Ok(Tree::leaf(span, kind)),
    }
}

/// `0i`, `0o`, `0t` or `0x` and digits of that radix.
fn prefixed_number(cursor: &mut Cursor<'_>, radix: u32) -> Result<ExprKind, SyntaxError> {
    let start = cursor.pos();
    cursor.bump();
    cursor.bump();
    let prefix = cursor.span_from(start);
    if !cursor.peek().is_some_and(|ch| ch.is_digit(radix)) {
        return Err(SyntaxError::new(
            prefix.to(cursor.here()),
            format!("syntax error: no digit follows {}", prefix.text(cursor.text())),
        )
        .expecting(format!("a digit of radix {radix}")));
    }
    let digits_start = cursor.pos();
    let digits = cursor.take_while(|ch| ch.is_digit(radix) || ch == '_');
    if radix == 10
        && cursor.peek() == Some('.')
        && cursor.peek_second().is_some_and(|ch| ch.is_ascii_digit())
    {
        cursor.bump();
        cursor.take_while(|ch| ch.is_ascii_digit() || ch == '_');
        let text = cursor.span_from(digits_start).text(cursor.text()).replace('_', "");
        return match text.parse::<f64>() {
            Ok(value) if value.is_finite() => {
                Ok(ExprKind::Literal { value: value.to_bits(), form: LiteralForm::Float })
            }
            _ => Err(overflow(cursor.span_from(start))),
        };
    }
    let form = match radix {
        2 => LiteralForm::Binary,
        8 => LiteralForm::Octal,
        10 => LiteralForm::Decimal,
        _ => LiteralForm::Hexadecimal,
    };
    match digits_value(digits, radix) {
        Ok(value) => Ok(ExprKind::Literal { value, form }),
        Err(_) => Err(overflow(cursor.span_from(start))),
    }
}

fn overflow(span: Span) -> SyntaxError {
    SyntaxError::new(span, "specified value exceeds maximum immediate value")
        .with_help("values have 64 bits")
}

/// A dot, a symbol, or letters that are also digits.
fn name(cursor: &mut Cursor<'_>) -> Result<Tree, SyntaxError> {
    let start = cursor.pos();
    let text = cursor.take_while(is_scoped_name);
    let span = cursor.span_from(start);
    if text == "." {
        return Ok(Tree::leaf(span, ExprKind::Dot));
    }
    if text.ends_with('`') {
        return Err(SyntaxError::new(span, "syntax error: no symbol name after '`'")
            .expecting("a symbol name"));
    }
    let mut chars = text.chars();
    let kind = if chars.next().is_some_and(|ch| ch.is_ascii_hexdigit())
        && chars.all(|ch| ch.is_ascii_hexdigit() || ch == '_')
    {
        ExprKind::Word(text.to_owned())
    } else {
        scoped(text)
    };
    Ok(Tree::leaf(span, kind))
}

/// Splits the scope from the name at the last backquote.
fn scoped(text: &str) -> ExprKind {
    match text.rsplit_once('`') {
        Some((object, name)) => {
            ExprKind::Symbol { object: Some(object.to_owned()), name: name.to_owned() }
        }
        None => ExprKind::Symbol { object: None, name: text.to_owned() },
    }
}

/// `"ld-linux-x86-64.so.2`_dl_start"`, `"ns::f(int)"`: a symbol with any characters. MDB has no way
/// to write these.
fn quoted_symbol(cursor: &mut Cursor<'_>) -> Result<Tree, SyntaxError> {
    let open = cursor.here();
    cursor.bump();
    let text = cursor.take_while(|ch| ch != '"' && ch != '\n');
    if !cursor.eat("\"") {
        return Err(SyntaxError::new(open, "syntax error: \" unmatched").expecting("'\"'"));
    }
    let span = cursor.span_from(open.start);
    if text.is_empty() || text.ends_with('`') {
        return Err(SyntaxError::new(span, "syntax error: no symbol name in the quotes")
            .expecting("a symbol name"));
    }
    Ok(Tree::leaf(span, scoped(text)))
}

fn variable(cursor: &mut Cursor<'_>) -> Result<Tree, SyntaxError> {
    let start = cursor.pos();
    cursor.bump();
    let name = match cursor.peek() {
        Some(ch) if ch.is_ascii_digit() => {
            let digit = cursor.pos();
            cursor.bump();
            cursor.span_from(digit).text(cursor.text())
        }
        Some(ch) if is_name_start(ch) => cursor.take_while(is_name),
        _ => return Err(unexpected(cursor, "the name of a variable after '<'")),
    };
    let span = cursor.span_from(start);
    match cursor.peek() {
        // `<12` and `<9x`: two tokens.
        Some(ch) if is_scoped_name(ch) => Err(SyntaxError::new(
            cursor.here(),
            format!("syntax error: '{ch}' cannot follow the variable <{name}"),
        )),
        _ => Ok(Tree::leaf(span, ExprKind::Variable(name.to_owned()))),
    }
}

fn char_constant(cursor: &mut Cursor<'_>) -> Result<Tree, SyntaxError> {
    let open = cursor.here();
    cursor.bump();
    let mut value: u64 = 0;
    let mut count: u32 = 0;
    let mut push = |byte: u8| {
        value = value << 8 | u64::from(byte);
        count = count.saturating_add(1);
    };
    loop {
        match cursor.bump() {
            None | Some('\n') => {
                return Err(SyntaxError::new(open, "syntax error: ' unmatched").expecting("\"'\""));
            }
            Some('\'') => break,
            Some('\\') => match unescape(cursor.rest()) {
                Some((byte, length)) => {
                    push(byte);
                    cursor.set_pos(cursor.pos() + length);
                }
                None => push(b'\\'),
            },
            Some(ch) => ch.encode_utf8(&mut [0; 4]).bytes().for_each(&mut push),
        }
    }
    let span = cursor.span_from(open.start);
    if count > 8 {
        return Err(SyntaxError::new(span, "character constant may not exceed 8 bytes"));
    }
    Ok(Tree::leaf(span, ExprKind::Literal { value, form: LiteralForm::Char }))
}
