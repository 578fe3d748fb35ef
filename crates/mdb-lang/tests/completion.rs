//! Completion points and colours on lines that are being typed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use mdb_lang::{CompletionKind as Kind, TokenKind, completion_at, highlight};

fn symbol() -> Kind {
    Kind::Symbol { object: None }
}

fn dcmd() -> Kind {
    Kind::Dcmd { module: None }
}

fn argument(dcmd: &str, index: usize, words: &[&str]) -> Kind {
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    Kind::DcmdArgument { dcmd: dcmd.to_owned(), index, words }
}

fn option(dcmd: &str, words: &[&str]) -> Kind {
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    Kind::DcmdOption { dcmd: dcmd.to_owned(), words }
}

#[test]
fn every_kind_of_point() {
    for (line, kind, prefix) in [
        ("", symbol(), ""),
        ("mai", symbol(), "mai"),
        ("fab", symbol(), "fab"),
        ("1+mai", symbol(), "mai"),
        ("*/4/g", symbol(), "g"),
        ("(ma", symbol(), "ma"),
        ("5;ma", symbol(), "ma"),
        ("libc.so`ma", Kind::Symbol { object: Some("libc.so".to_owned()) }, "ma"),
        ("\"ld-linux.so`_dl", Kind::Symbol { object: Some("ld-linux.so".to_owned()) }, "_dl"),
        ("0x12", Kind::Nothing, ""),
        ("main ", Kind::Nothing, ""),
        ("main,", symbol(), ""),
        ("<th", Kind::Variable, "th"),
        ("1+<", Kind::Variable, ""),
        ("5>my", Kind::Variable, "my"),
        ("5>/c/m", Kind::Variable, "m"),
        ("::", dcmd(), ""),
        ("::st", dcmd(), "st"),
        ("main::st", dcmd(), "st"),
        ("::walk thread | ::fi", dcmd(), "fi"),
        ("! 'x' | ::fi", dcmd(), "fi"),
        ("::a ! 'x' | ::fi", dcmd(), "fi"),
        ("::native`st", Kind::Dcmd { module: Some("native".to_owned()) }, "st"),
        ("$", Kind::Legacy, "$"),
        ("main:", Kind::Legacy, ":"),
        ("$c", argument("$c", 0, &[]), ""),
        ("$<fi", Kind::File, "fi"),
        ("$<< dir/fi", Kind::File, "dir/fi"),
        ("$>", Kind::File, ""),
        ("::walk ", Kind::Walker, ""),
        ("::walk thr", Kind::Walker, "thr"),
        ("::walk 'thr", Kind::Walker, "thr"),
        ("::walk -x thr", Kind::Walker, "thr"),
        ("::walk thread ", argument("walk", 1, &["thread"]), ""),
        ("::help st", argument("help", 0, &[]), "st"),
        ("::mod`help st", argument("help", 0, &[]), "st"),
        ("::dis -", option("dis", &[]), "-"),
        ("::dis -n 2 -a", option("dis", &["-n", "2"]), "-a"),
        ("::dis -n ", argument("dis", 0, &["-n"]), ""),
        ("::dis -n 2 ma", argument("dis", 1, &["-n", "2"]), "ma"),
        ("::bp +d", option("bp", &[]), "+d"),
        ("::print \"struct fo", argument("print", 0, &[]), "struct fo"),
        ("::echo $[ma", symbol(), "ma"),
        ("::echo $[1+", symbol(), ""),
        ("::echo $[1]", Kind::Nothing, ""),
        ("::echo $", Kind::Nothing, ""),
        ("::echo a // b", Kind::Nothing, ""),
        ("5=", Kind::FormatChar, ""),
        ("5=X", Kind::FormatChar, ""),
        ("5=2", Kind::FormatChar, ""),
        ("5=\"ab", Kind::Nothing, ""),
        ("5=\"ab\"", Kind::FormatChar, ""),
        ("5=$[ma", symbol(), "ma"),
        ("g/W ma", symbol(), "ma"),
        ("g/W 1+ma", symbol(), "ma"),
        ("g/W '1+ma", symbol(), "ma"),
        ("!ec", Kind::Shell, "ec"),
        ("::a ! sort | un", Kind::Shell, "un"),
        ("::a ! 'so", Kind::Shell, "so"),
        ("::a ! 'sort'", Kind::Nothing, ""),
        ("// no", Kind::Nothing, ""),
        ("::a | ", Kind::Nothing, ""),
    ] {
        let point = completion_at(line, line.len());
        assert_eq!((&point.kind, point.prefix.as_str()), (&kind, prefix), "{line}");
        assert_eq!(point.replace.end, line.len(), "{line}");
        if point.quote.is_none() {
            assert_eq!(point.replace.text(line), prefix, "{line}");
        }
    }
}

#[test]
fn what_follows_the_cursor_does_not_count() {
    let point = completion_at("::st | ::walk x", 4);
    assert_eq!((point.kind, point.prefix.as_str()), (dcmd(), "st"));
    // Inside of a character, and far outside of the line.
    assert_eq!(completion_at("é", 1).prefix, "");
    assert_eq!(completion_at("ab", 99).prefix, "ab");
}

#[test]
fn a_quoted_word_is_replaced_with_its_quote() {
    let line = "::walk 'thr";
    let point = completion_at(line, line.len());
    assert_eq!(point.quote, Some('\''));
    assert_eq!(point.replace.text(line), "'thr");
    let line = "\"ld`_dl";
    let point = completion_at(line, line.len());
    assert_eq!(point.quote, Some('"'));
    assert_eq!(point.replace.text(line), "_dl");
}

#[test]
fn colours() {
    use TokenKind::*;
    let kinds = |line: &str| {
        highlight(line)
            .into_iter()
            .map(|(span, kind)| (span.text(line).to_owned(), kind))
            .collect::<Vec<_>>()
    };
    let expect = |line: &str, expected: &[(&str, TokenKind)]| {
        let expected: Vec<_> = expected.iter().map(|(t, k)| ((*t).to_owned(), *k)).collect();
        assert_eq!(kinds(line), expected, "{line}");
    };
    expect(
        "main+0x10,2/2X // c",
        &[
            ("main", Symbol),
            ("+", Operator),
            ("0x10", Number),
            (",", Punctuation),
            ("2", Number),
            ("/", Verb),
            ("2", Format),
            ("X", Format),
            ("// c", Comment),
        ],
    );
    expect(
        "::walk thread | ::findstack -v ! 'a b'",
        &[
            ("::walk", Dcmd),
            ("thread", Word),
            ("|", Pipe),
            ("::findstack", Dcmd),
            ("-v", Option),
            ("!", Shell),
            ("'a b'", Shell),
        ],
    );
    expect("5=\"x\"j", &[("5", Number), ("=", Verb), ("\"x\"", String), ("j", Error)]);
    expect("0t1a", &[("0t1a", Error)]);
    expect(
        "$C0;<x>y",
        &[
            ("$C", Legacy),
            ("0", Word),
            (";", Punctuation),
            ("<x", Variable),
            (">", Verb),
            ("y", Variable),
        ],
    );
    expect(
        "::echo $[1] 'open",
        &[
            ("::echo", Dcmd),
            ("$[", Punctuation),
            ("1", Number),
            ("]", Punctuation),
            ("'open", Error),
        ],
    );
    expect(
        "7&3==3=D",
        &[
            ("7", Number),
            ("&", Operator),
            ("3", Number),
            ("==", Operator),
            ("3", Number),
            ("=", Verb),
            ("D", Format),
        ],
    );
    expect("!a b", &[("!", Shell), ("a b", Shell)]);
}
