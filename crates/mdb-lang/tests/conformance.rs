//! The rows of the language study that need no engine: a line goes through parser, evaluator and
//! formats, with a verb `=` that is no more than a loop over the list.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use mdb_lang::format::{Layout, RenderOptions, lookup, render};
use mdb_lang::{Body, FormatCount, FormatItemKind, Scope, StageKind, SymbolError, evaluate};

struct NoTarget;

impl Scope for NoTarget {
    fn radix(&self) -> u32 {
        16
    }
    fn dot(&self) -> u64 {
        0
    }
    fn increment(&self) -> u64 {
        0
    }
    fn last_address(&self) -> u64 {
        0
    }
    fn variable(&self, _: &str) -> Option<u64> {
        None
    }
    fn symbol(&self, _: Option<&str>, _: &str) -> Result<u64, SymbolError> {
        Err(SymbolError::UnknownSymbol)
    }
    fn read(&self, _: u64, _: u8, _: bool) -> Result<u64, String> {
        Err("no mapping for address".to_owned())
    }
}

fn run(line: &str) -> Result<String, String> {
    let mut layout = Layout::new(None);
    for statement in mdb_lang::parse_line(line).map_err(|error| error.to_string())? {
        let value = |expr| evaluate(expr, &NoTarget).map_err(|error| error.to_string());
        let dot = value(statement.address.as_ref().unwrap())?;
        let Body::Pipeline(pipeline) = statement.body else { panic!("a verb in {line}") };
        let [stage] = &pipeline.stages[..] else { panic!("one stage in {line}") };
        let StageKind::Format(format) = &stage.kind else { panic!("a format in {line}") };
        for item in &format.items {
            match &item.kind {
                FormatItemKind::Literal(text) => layout.literal(text),
                FormatItemKind::Char { count, ch } => {
                    let count = match count {
                        FormatCount::Fixed(count) => *count,
                        FormatCount::Computed(expr) => value(expr)?,
                    };
                    for _ in 0..count {
                        let mut text = String::new();
                        if *ch == 'n' {
                            layout.newline();
                        } else {
                            assert!(render(*ch, dot, 8, RenderOptions::default(), &mut text));
                            layout.value(&text, lookup(*ch).unwrap().width);
                        }
                    }
                }
            }
        }
        layout.end_line();
    }
    Ok(layout.take())
}

#[test]
fn rows_with_a_result() {
    for (row, line, expected) in [
        (1, "0t10=X", "a"),
        (3, "10=D", "16"),
        (4, "010=D", "16"),
        (5, "0o17=D", "15"),
        (6, "0i1010=D", "10"),
        (7, "0xff=D", "255"),
        (8, "0t1_000=D", "1000"),
        (9, "1+2*3=D", "7"),
        (10, "(1+2)*3=D", "9"),
        (11, "2*3+4=D", "10"),
        (12, "0t10-2-3=D", "5"),
        (13, "8%2=D", "4"),
        (14, "0t100%0t7=D", "14"),
        (15, "-8%3=D", "-2"),
        (16, "0t100%%0t7=D", "2"),
        (17, "8*7%%4=D", "24"),
        (18, "5#4=D", "8"),
        (19, "8#4=D", "8"),
        (20, "#5=D", "0"),
        (21, "#0=D", "1"),
        (22, "#1+1=D", "1"),
        (23, "-1+2=D", "1"),
        (24, "~0=X", "ffffffff"),
        (25, "~0=J", "ffffffffffffffff"),
        (26, "-1=E", "18446744073709551615"),
        (27, "-1=e", "-1"),
        (28, "1<<3=D", "8"),
        (29, "1<<3+1=D", "16"),
        (30, "5==5=D", "1"),
        (31, "5!=5=D", "0"),
        (32, "7&3==3=D", "1"),
        (33, "1|2^3&1=D", "3"),
        (34, "'a'=X", "61"),
        (35, "'ab'=X", "6162"),
        (36, "''=X", "0"),
        (37, "0t1.5=J", "3ff8000000000000"),
        (41, "0x1234=B", "34"),
        (42, "0xff=v", "-1"),
        (43, "0xff=V", "255"),
        (44, "0xff=b", "0377"),
        (45, "0xffff=d", "-1"),
        (46, "0xffff=u", "65535"),
        (47, "0x1234=h", "3412"),
        (48, "0x12345678=H", "78563412"),
        (49, "5=R", "101"),
        (50, "41=c", "A"),
        (51, "0xa=C", "\\n"),
        (52, "0t10=XD", "a 10"),
        (53, "5=2D", "5 5"),
        (54, "5=X\"zz\"D", "5 zz5"),
        (55, "5=XnX", "5 5"),
        (56, "5=$[1+1]X", "5 5"),
        (57, "0t1.5=F", "1.5000000000000000e+00"),
        (58, "0=Y", "1970 Jan 1 00:00:00"),
    ] {
        let text = run(line).unwrap_or_else(|error| panic!("row {row}: {line}: {error}"));
        let words: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(words.join(" "), expected, "row {row}: {line}");
    }
}

#[test]
fn row_2_exact() {
    assert_eq!(run("0t10=X").unwrap(), format!("{}a{}\n", " ".repeat(16), " ".repeat(15)));
}

#[test]
fn row_54_pads_before_the_literal() {
    assert_eq!(run("5=X\"zz\"D").unwrap().trim(), format!("5{}zz5", " ".repeat(15)));
}

#[test]
fn row_55_is_two_lines() {
    assert_eq!(run("5=XnX").unwrap().lines().map(str::trim).collect::<Vec<_>>(), ["5", "5"]);
}

#[test]
fn row_58_keeps_the_blanks_of_the_day() {
    assert!(run("0=Y").unwrap().contains("1970 Jan  1 00:00:00"));
}

#[test]
fn rows_with_an_error() {
    for (row, line, expected) in [
        (38, "5%0=D", "attempted to divide by zero"),
        (39, "0xffffffffffffffffff=D", "specified value exceeds maximum immediate value"),
        (40, "0t1a=D", "syntax error"),
        (59, "5=", "expected one or more format characters following '='"),
        (60, "5=j", "invalid format character -- 'j'"),
        (86, "::echo 'unclosed", "syntax error: ' unmatched"),
        (90, "nosuch=X", "failed to dereference symbol: unknown symbol name"),
        (66, "<nosuch=X", "variable 'nosuch' is not defined"),
        (98, "1 2=X", "syntax error"),
    ] {
        let error = run(line).expect_err(line);
        assert!(error.starts_with(expected), "row {row}: {line}: {error}");
    }
}
