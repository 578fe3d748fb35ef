//! Any text, any tree.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::format_push_string,
    reason = "helpers of tests"
)]

use mdb_lang::{
    BinaryOp, DerefSize, EvalErrorKind, Expr, ExprKind, LiteralForm, Scope, Span, SymbolError,
    TokenKind, UnaryOp, completion_at, evaluate, highlight, parse_expression, parse_line,
    render_error,
};
use proptest::prelude::*;

struct Fixed;

impl Scope for Fixed {
    fn radix(&self) -> u32 {
        16
    }
    fn dot(&self) -> u64 {
        0x1000
    }
    fn increment(&self) -> u64 {
        8
    }
    fn last_address(&self) -> u64 {
        3
    }
    fn variable(&self, _: &str) -> Option<u64> {
        Some(0x1234)
    }
    fn symbol(&self, _: Option<&str>, name: &str) -> Result<u64, SymbolError> {
        Ok(name.len() as u64)
    }
    fn read(&self, address: u64, size: u8, _: bool) -> Result<u64, String> {
        Ok(address.rotate_left(u32::from(size)))
    }
}

fn leaf() -> impl Strategy<Value = ExprKind> {
    use LiteralForm::*;
    let form = prop::sample::select(vec![Binary, Octal, Decimal, Hexadecimal, Char]);
    let finite = any::<f64>().prop_filter("a literal", |x| x.is_finite() && x.is_sign_positive());
    prop_oneof![
        "[0-9][0-9a-f_]{0,10}".prop_map(|digits| ExprKind::Number { digits }),
        (any::<u64>(), form).prop_map(|(value, form)| ExprKind::Literal { value, form }),
        finite.prop_map(|x| ExprKind::Literal { value: x.to_bits(), form: Float }),
        "[a-f][0-9a-f_]{0,5}".prop_map(ExprKind::Word),
        "[g-z_][a-zA-Z0-9_.é]{0,8}".prop_map(|name| ExprKind::Symbol { object: None, name }),
        ("[a-z/ -]{1,8}", "[a-z:( )<>,*&]{1,8}")
            .prop_map(|(object, name)| ExprKind::Symbol { object: Some(object), name }),
        "[a-z][a-z0-9_.]{0,5}".prop_map(ExprKind::Variable),
        "[0-9]".prop_map(ExprKind::Variable),
        Just(ExprKind::Dot),
        Just(ExprKind::Next),
        Just(ExprKind::Previous),
        Just(ExprKind::LastAddress),
    ]
}

const OPERATORS: [BinaryOp; 13] = [
    BinaryOp::Modulus,
    BinaryOp::Multiply,
    BinaryOp::Divide,
    BinaryOp::RoundUp,
    BinaryOp::Add,
    BinaryOp::Subtract,
    BinaryOp::ShiftLeft,
    BinaryOp::ShiftRight,
    BinaryOp::Equal,
    BinaryOp::NotEqual,
    BinaryOp::And,
    BinaryOp::Xor,
    BinaryOp::Or,
];

fn unary() -> impl Strategy<Value = UnaryOp> {
    use DerefSize::*;
    let size = prop::sample::select(vec![Pointer, One, Two, Four, Eight]);
    prop_oneof![
        Just(UnaryOp::Not),
        Just(UnaryOp::Complement),
        Just(UnaryOp::Negate),
        (size, any::<bool>()).prop_map(|(size, from_file)| UnaryOp::Deref { size, from_file }),
    ]
}

fn tree() -> impl Strategy<Value = Expr> {
    let spanless = |kind| Expr { span: Span::default(), kind };
    leaf().prop_map(spanless).prop_recursive(6, 64, 2, move |inner| {
        prop_oneof![
            (unary(), inner.clone())
                .prop_map(move |(op, e)| spanless(ExprKind::Unary(op, Box::new(e)))),
            (prop::sample::select(OPERATORS.to_vec()), inner.clone(), inner).prop_map(
                move |(op, l, r)| spanless(ExprKind::Binary(op, Box::new(l), Box::new(r)))
            ),
        ]
    })
}

fn without_spans(expr: &Expr) -> Expr {
    let kind = match &expr.kind {
        ExprKind::Unary(op, inner) => ExprKind::Unary(*op, Box::new(without_spans(inner))),
        ExprKind::Binary(op, left, right) => {
            ExprKind::Binary(*op, Box::new(without_spans(left)), Box::new(without_spans(right)))
        }
        kind => kind.clone(),
    };
    Expr { span: Span::default(), kind }
}

fn spans_are_inside(expr: &Expr, outer: Span) {
    assert!(outer.start <= expr.span.start && expr.span.end <= outer.end, "{expr:?} in {outer:?}");
    match &expr.kind {
        ExprKind::Unary(_, inner) => spans_are_inside(inner, expr.span),
        ExprKind::Binary(_, left, right) => {
            spans_are_inside(left, expr.span);
            spans_are_inside(right, expr.span);
        }
        _ => {}
    }
}

/// Another way to evaluate a line of numbers and operators: by a table of levels, splitting at the
/// last operator of the loosest level. It shares nothing with the parser.
fn oracle(numbers: &[u64], operators: &[&str]) -> Option<u64> {
    const LEVELS: [&[&str]; 8] = [
        &["|"],
        &["^"],
        &["&"],
        &["==", "!="],
        &["<<", ">>"],
        &["+", "-"],
        &["*", "%", "#"],
        &["%%"],
    ];
    if operators.is_empty() {
        return Some(numbers[0]);
    }
    let at = LEVELS
        .iter()
        .find_map(|level| operators.iter().rposition(|operator| level.contains(operator)))
        .unwrap();
    let left = oracle(&numbers[..=at], &operators[..at])?;
    let right = oracle(&numbers[at + 1..], &operators[at + 1..])?;
    let (l, r) = (i128::from(left), i128::from(right));
    let signed = |x: u64| i128::from(x as i64);
    Some(match operators[at] {
        "|" => left | right,
        "^" => left ^ right,
        "&" => left & right,
        "==" => u64::from(left == right),
        "!=" => u64::from(left != right),
        "<<" => {
            if right > 63 {
                0
            } else {
                ((u128::from(left)) << right) as u64
            }
        }
        ">>" => {
            if right > 63 {
                0
            } else {
                left >> right
            }
        }
        "+" => (l + r) as u64,
        "-" => (l - r) as u64,
        "*" => (u128::from(left).wrapping_mul(u128::from(right))) as u64,
        "%" => {
            let quotient = signed(left).checked_div(signed(right))?;
            i64::try_from(quotient).ok()? as u64
        }
        "#" => (l + r - 1).checked_div(r).map(|n| (n * r) as u64)?,
        "%%" => l.checked_rem(r)? as u64,
        _ => unreachable!(),
    })
}

/// Text made of pieces that mean something, so that more than the first error is reached.
fn lines() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "1", "0t10", "0x", "fab", "main", "lib`x", ".", "+", "-", "*", "%", "%%", "#", "~", "&",
        "^", "|", "<<", ">>", "==", "!=", "<x", ">", ">/c/", "/", "?", "\\", "=", "@", "X", "2",
        "W", "l", "::", "::walk", "$", "$c", "$<", "$[", "]", ":", ":c", "(", ")", ",", ";", "\n",
        "!", "!<", "'", "\"", "\\'", "//", " ", " ", " ", "\t", "é", "\u{1b}", "a", "-v", "#!",
    ]);
    prop_oneof![
        prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat()),
        any::<String>(),
        "[ -~\n]{0,40}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn printed_trees_parse_to_themselves(tree in tree()) {
        let text = tree.to_string();
        let parsed = parse_expression(&text).unwrap_or_else(|e| panic!("{text}: {e}"));
        prop_assert_eq!(without_spans(&parsed), tree, "{}", text);
        spans_are_inside(&parsed, Span::new(0, text.len()));
    }

    #[test]
    fn precedence_agrees_with_the_oracle(
        numbers in prop::collection::vec(prop_oneof![0..9u64, any::<u64>()], 9),
        operators in prop::collection::vec(0..OPERATORS.len(), 0..8),
        blanks in any::<bool>(),
    ) {
        let operators: Vec<&str> = operators.into_iter().map(|i| OPERATORS[i].as_str()).collect();
        let numbers = &numbers[..=operators.len()];
        let mut text = format!("0x{:x}", numbers[0]);
        for (operator, number) in operators.iter().zip(&numbers[1..]) {
            let blank = if blanks { " " } else { "" };
            text += &format!("{blank}{operator}{blank}0x{number:x}");
        }
        let result = evaluate(&parse_expression(&text).unwrap(), &Fixed);
        match oracle(numbers, &operators) {
            Some(expected) => prop_assert_eq!(result, Ok(expected), "{}", text),
            None => prop_assert!(matches!(
                result.unwrap_err().kind,
                EvalErrorKind::DivideByZero | EvalErrorKind::DivideOverflow
            )),
        }
    }

    #[test]
    fn any_text_gives_a_result(line in lines(), cursor in 0..64usize) {
        let tokens = highlight(&line);
        let mut end = 0;
        for (span, _) in &tokens {
            prop_assert!(end <= span.start && !span.is_empty(), "{:?}", line);
            prop_assert!(line.get(end..span.start).unwrap().chars().all(|c| " \t\r".contains(c)));
            end = span.end;
        }
        prop_assert!(line.get(end..).unwrap().chars().all(|c| " \t\r".contains(c)), "{:?}", line);

        for cursor in [cursor, line.len()] {
            let point = completion_at(&line, cursor);
            prop_assert!(line.get(point.replace.range()).is_some());
            prop_assert!(point.replace.end <= cursor);
        }
        match parse_line(&line) {
            Ok(statements) => {
                for statement in statements {
                    prop_assert!(line.get(statement.span.range()).is_some());
                    if let Some(address) = &statement.address {
                        let _ = evaluate(address, &Fixed);
                    }
                }
                // The tolerant reading agrees that nothing is wrong.
                let wrong = tokens.iter().find(|(_, kind)| *kind == TokenKind::Error);
                prop_assert_eq!(wrong, None, "{:?}", line);
            }
            Err(error) => {
                prop_assert!(line.get(error.span.range()).is_some(), "{:?}: {:?}", line, error);
                let text = error.render(&line);
                prop_assert!(text.chars().all(|ch| ch == '\n' || !ch.is_control()), "{:?}", text);
            }
        }
    }

    #[test]
    fn errors_render_at_any_span(line in any::<String>(), start in 0..80usize, end in 0..80usize) {
        let text = render_error(&line, Span { start, end }, &line, Some(&line));
        prop_assert!(text.chars().all(|ch| ch == '\n' || !ch.is_control()));
    }
}
