//! Shapes of commands: what a line parses to, where, and why it does not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::format_push_string,
    reason = "helpers of tests"
)]

use mdb_lang::{
    Arg, Assign, AssignSize, Body, FormatCount, FormatItemKind, FormatVerb, Pipeline, ShellText,
    StageKind, Statement, SyntaxError, parse_line,
};

fn parse(line: &str) -> Vec<Statement> {
    parse_line(line).unwrap_or_else(|error| panic!("{line}: {error}"))
}

fn one(line: &str) -> Statement {
    let mut statements = parse(line);
    assert_eq!(statements.len(), 1, "{line}");
    statements.remove(0)
}

fn pipeline(line: &str) -> Pipeline {
    match one(line).body {
        Body::Pipeline(pipeline) => pipeline,
        body => panic!("{line}: {body:?}"),
    }
}

/// A short text for each stage, so that shapes are easy to compare.
fn shape(line: &str) -> String {
    let statements = parse(line);
    statements.iter().map(show).collect::<Vec<_>>().join(" ; ")
}

fn show(statement: &Statement) -> String {
    let mut out = String::new();
    if let Some(address) = &statement.address {
        out += &format!("@{address} ");
    }
    if let Some(count) = &statement.count {
        out += &format!("#{count} ");
    }
    let shell = |text: &ShellText| {
        if text.quoted { format!("'{}'", text.text) } else { format!("`{}`", text.text) }
    };
    let tail = |tail: &Option<mdb_lang::ShellTail>| match tail {
        Some(tail) if tail.source => format!(" !<{}", shell(&tail.command)),
        Some(tail) => format!(" !{}", shell(&tail.command)),
        None => String::new(),
    };
    match &statement.body {
        Body::Bare(end) => out += &format!("bare{}", tail(end)),
        Body::Shell(text) => out += &format!("!{}", shell(text)),
        Body::ShellSource(text) => out += &format!("!<{}", shell(text)),
        Body::Pipeline(pipeline) => {
            if let Some(head) = &pipeline.head {
                out += &format!("!{} | ", shell(head));
            }
            let stages: Vec<String> = pipeline.stages.iter().map(|s| stage(&s.kind)).collect();
            out += &stages.join(" | ");
            out += &tail(&pipeline.tail);
        }
    }
    out
}

fn stage(kind: &StageKind) -> String {
    let args = |args: &[Arg]| {
        let show = |arg: &Arg| match arg {
            Arg::Word(word) if word.quoted => format!(" [q:{}]", word.text),
            Arg::Word(word) => format!(" [{}]", word.text),
            Arg::Immediate { expr, .. } => format!(" $[{expr}]"),
        };
        args.iter().map(show).collect::<String>()
    };
    match kind {
        StageKind::Format(format) => {
            let items = format.items.iter().map(|item| match &item.kind {
                FormatItemKind::Literal(text) => format!("{text:?}"),
                FormatItemKind::Char { count: FormatCount::Fixed(1), ch } => ch.to_string(),
                FormatItemKind::Char { count: FormatCount::Fixed(n), ch } => format!("{n}{ch}"),
                FormatItemKind::Char { count: FormatCount::Computed(expr), ch } => {
                    format!("$[{expr}]{ch}")
                }
            });
            format!("{}{}", format.verb.as_char(), items.collect::<Vec<_>>().join(","))
        }
        StageKind::FormatValues(values) => {
            format!("{}{}{}", values.verb.as_char(), values.letter, args(&values.args))
        }
        StageKind::Assign(Assign { size, name }) => format!(">{size:?} {}", name.text),
        StageKind::Dcmd(dcmd) => {
            let module = dcmd.module.as_ref().map(|m| format!("{m}`")).unwrap_or_default();
            format!("::{module}{}{}", dcmd.name, args(&dcmd.args))
        }
        StageKind::Legacy(legacy) => format!("{}{}", legacy.name, args(&legacy.args)),
        StageKind::Shell(text) => format!("!'{}'", text.text),
    }
}

#[test]
fn every_shape_of_a_command() {
    for (line, expected) in [
        ("", ""),
        (" ;; \n ; ", ""),
        ("// only a comment", ""),
        ("#!/usr/bin/mdb\n5=D", "@5 =D"),
        ("5", "@5 bare"),
        ("5 // five", "@5 bare"),
        ("5,3", "@5 #3 bare"),
        (",3", "#3 bare"),
        ("5;.=D", "@5 bare ; @. =D"),
        ("main::dis", "@main ::dis"),
        ("func+0x20::dis", "@func + 0x20 ::dis"),
        ("main,3/ai", "@main #3 /a,i"),
        ("0t10=X", "@0t10 =X"),
        ("=X", "=X"),
        ("/", "/"),
        ("main?", "@main ?"),
        ("main / X X", "@main /X,X"),
        ("+/X", "@+ /X"),
        ("g/X;+=K", "@g /X ; @+ =K"),
        ("/nX", "/n,X"),
        ("5=2D\"a\\n\"3r", "@5 =2D,\"a\\n\",3r"),
        ("5=3\"a\"X", "@5 =\"a\",X"),
        ("5=$[1+1]X", "@5 =$[1 + 1]X"),
        ("5=X // comment", "@5 =X"),
        ("g/W 8", "@g /W [8]"),
        ("g/W8 main+4 '*foo' $[2]", "@g /W [8] [main+4] [q:*foo] $[2]"),
        ("g\\l 5 ff", "@g \\l [5] [ff]"),
        ("g@v 1", "@g @v [1]"),
        ("5=v", "@5 =v"),
        ("0x10>x", "@0x10 >None x"),
        ("0x10 > x", "@0x10 >None x"),
        (">/c/x", ">Some(Char) x"),
        ("1>/l/ x", "@1 >Some(Long) x"),
        ("0x1000>x;<x+1=X", "@0x1000 >None x ; @<x + 1 =X"),
        ("1>>3=D", "@1 >> 3 =D"),
        ("$c", "$c"),
        ("$C0", "$C [0]"),
        ("$c 10", "$c [10]"),
        ("$", "$?"),
        ("$ ;$", "$? ; $?"),
        ("1$?", "@1 $?"),
        ("$%", "$%"),
        ("$<file", "$< [file]"),
        ("$<<file", "$<< [file]"),
        ("1,2$<", "@1 #2 $<"),
        ("$>log", "$> [log]"),
        ("0t10$d;::echo $[0x10]", "@0t10 $d ; ::echo $[0x10]"),
        (":c", ":c"),
        ("main:b ::regs", "@main :b [::regs]"),
        ("::mod`name arg", "::mod`name [arg]"),
        ("::echo a // b", "::echo [a]"),
        ("::echo http://x", "::echo [http://x]"),
        ("::echo /a\\?=@:>", "::echo [/a\\?=@:>]"),
        ("::echo foo\"bar baz\"'qux'", "::echo [q:foobar bazqux]"),
        ("::echo \"a\\\"b\"", "::echo [q:a\"b]"),
        ("::echo 'a\\n' \"\\n\\q\\101\"", "::echo [q:a\\n] [q:\n\\qA]"),
        ("::echo '' x", "::echo [q:] [x]"),
        ("::echo '$x;|!'", "::echo [q:$x;|!]"),
        ("::echo a$[1]b", "::echo [a] $[1] [b]"),
        ("::echo a;::echo b\n::echo c", "::echo [a] ; ::echo [b] ; ::echo [c]"),
        ("::walk thread | ::findstack -v", "::walk [thread] | ::findstack [-v]"),
        ("3,3::echo hi|::map .", "@3 #3 ::echo [hi] | ::map [.]"),
        ("::walk t|>x", "::walk [t] | >None x"),
        ("::walk t | =K", "::walk [t] | =K"),
        ("::grep .==0", "::grep [.==0]"),
        ("!echo hi", "!`echo hi`"),
        ("! a | b > c // d; 5", "!`a | b > c // d` ; @5 bare"),
        ("!'a;b|c'", "!'a;b|c'"),
        ("!'it\\'s'", "!'it's'"),
        ("!\"it\\'s \\\"a\\\" \\n\"", "!'it's \"a\" \\n'"),
        ("! 'my program' arg | wc", "!`'my program' arg | wc`"),
        ("!< cmd", "!<`cmd`"),
        ("!<'c;d' // e", "!<'c;d'"),
        ("::a ! tr a-z A-Z", "::a !`tr a-z A-Z`"),
        ("::echo '3;1' ! tr ';' '\\n'", "::echo [q:3;1] !`tr '` ; error"),
        ("::a !< sh", "::a !<`sh`"),
        ("::a | ::b ! 'x;y'; 5", "::a | ::b !'x;y' ; @5 bare"),
        ("::a ! 'sort -u' | ::b", "::a | !'sort -u' | ::b"),
        ("::a ! 'x' | ::b ! 'y' | ::c ! z", "::a | !'x' | ::b | !'y' | ::c !`z`"),
        ("! 'printf \"3\\n\" | sort' | ::map '.+1'", "!'printf \"3\\n\" | sort' | ::map [q:.+1]"),
        ("5=X ! cat", "@5 =X !`cat`"),
        ("5,3 ! cat", "@5 #3 bare !`cat`"),
        ("5!=5=D", "@5 != 5 =D"),
    ] {
        if expected.ends_with("error") {
            assert!(parse_line(line).is_err(), "{line}");
        } else {
            assert_eq!(shape(line), expected, "{line}");
        }
    }
}

fn error(line: &str) -> SyntaxError {
    parse_line(line).expect_err(line)
}

#[test]
fn every_error_has_its_place() {
    for (line, message, place) in [
        ("0t1a=D", "syntax error: 'a' cannot follow the number 0t1", "a"),
        ("0i2", "syntax error: no digit follows 0i", "0i2"),
        ("12g", "syntax error: 'g' cannot follow the number 12", "g"),
        ("12.5=D", "syntax error: '.' cannot follow the number 12", "."),
        (
            "1+0x1ffffffffffffffff",
            "specified value exceeds maximum immediate value",
            "0x1ffffffffffffffff",
        ),
        ("'abcdefghi'=X", "character constant may not exceed 8 bytes", "'abcdefghi'"),
        ("'abc=X", "syntax error: ' unmatched", "'"),
        ("\"abc=X", "syntax error: \" unmatched", "\""),
        ("foo`=X", "syntax error: no symbol name after '`'", "foo`"),
        ("(1+2", "syntax error: ( unmatched", "("),
        ("(1 2)", "syntax error: unexpected '2'", "2"),
        ("1 2", "syntax error: unexpected '2'", "2"),
        ("1)", "syntax error: unexpected ')'", ")"),
        ("1+", "syntax error: the command ends too early", "+"),
        ("1+\n2", "syntax error: the line ends too early", "\n"),
        ("1|::map .", "syntax error: unexpected ':'", ":"),
        ("*/x/5", "invalid cast -- /x/", "/x/"),
        ("*/c5", "invalid cast -- /c5", "/c5"),
        ("%%5", "syntax error: '%%' needs an operand on its left", "%%"),
        ("<=X", "syntax error: unexpected '='", "="),
        ("<12", "syntax error: '2' cannot follow the variable <1", "2"),
        ("5,=X", "syntax error: unexpected '='", "="),
        ("5=", "expected one or more format characters following '='", "="),
        ("5=X3", "expected a format character following the count", "3"),
        (
            "5=99999999999999999999X",
            "specified value exceeds maximum immediate value",
            "99999999999999999999",
        ),
        ("5=j", "invalid format character -- 'j'", "j"),
        ("5=XjX", "invalid format character -- 'j'", "j"),
        ("5/Xv", "invalid format character -- 'v'", "v"),
        ("5=l", "invalid format character -- 'l'", "l"),
        ("5=z", "invalid format character -- 'z'", "z"),
        ("5=\u{1b}", "invalid format character -- '\\u{1b}'", "\u{1b}"),
        ("5=\"abc", "syntax error: \" unmatched", "\""),
        ("5/W", "expected one or more values to write following 'W'", "W"),
        ("5/l", "expected a value to search for following 'l'", "l"),
        ("5/l 1 2 3", "syntax error: 'l' takes a value and a mask, nothing more", "3"),
        ("1>/x/y", "x is not a valid // modifier", "/x/"),
        ("1>", "syntax error: no variable name after '>'", ">"),
        ("1>a b", "syntax error: '>' takes one variable name", "b"),
        ("1>$[2]", "syntax error: a variable needs a name, not a value", "$[2]"),
        ("1>a+b", "character '+' may not be in a variable name", "a+b"),
        ("::", "syntax error: no dcmd name after '::'", "::"),
        ("::a`", "syntax error: no dcmd name after '::'", "::a`"),
        (":5", "syntax error: unexpected '5'", "5"),
        ("::echo $x", "syntax error: '$' in an argument needs quotes", "$"),
        ("::echo a$x", "syntax error: '$' in an argument needs quotes", "$"),
        ("::echo $[1", "syntax error: $[ unmatched", "$["),
        ("::echo $[1;2]", "syntax error: $[ unmatched", "$["),
        ("::echo $[]", "syntax error: unexpected ']'", "]"),
        ("::echo $[1!]", "syntax error: $[ unmatched", "$["),
        ("$[1]", "syntax error: $[ ] stands only among arguments and formats", "$["),
        ("::echo 'x", "syntax error: ' unmatched", "'"),
        ("::echo \"x", "syntax error: \" unmatched", "\""),
        ("::a |", "syntax error: the command ends too early", ""),
        ("::a | 5=X", "syntax error: unexpected '5'", "5"),
        ("::a | ! sort", "syntax error: unexpected '!'", "!"),
        ("::a | // x", "syntax error: unexpected '/'", "/"),
        ("!", "syntax error: no shell command after '!'", "!"),
        ("::a !< ;", "syntax error: no shell command after '!<'", "!< "),
        ("!''", "syntax error: no shell command after '!'", "!''"),
        ("!'abc", "syntax error: ' unmatched", "'"),
        ("!< 'a' | ::b", "syntax error: nothing can follow '!<'", "|"),
        ("5 ! 'a' | ::b", "syntax error: an address before '!' has no values to filter", "!"),
        ("`", "syntax error: unexpected '`'", "`"),
        ("]", "syntax error: unexpected ']'", "]"),
    ] {
        let error = error(line);
        assert_eq!((error.message.as_str(), error.span.text(line)), (message, place), "{line}");
    }
}

#[test]
fn a_whole_line_is_refused_for_its_last_command() {
    assert!(parse_line("::echo a;::echo b;5=j").is_err());
}

#[test]
fn hints_help() {
    for (line, part) in [
        ("1|::map .", "=K"),
        ("12.5=D", "0t12.5"),
        ("::echo $x", "'$name'"),
        ("5/Xv", "first"),
        ("::a | ! sort", "A ! 'command' | B"),
    ] {
        let hint = error(line).hint().unwrap();
        assert!(hint.contains(part), "{line}: {hint}");
    }
}

#[test]
fn spans_cover_what_was_written() {
    let line = "  main + 4 , 2 / 2X  ; ::walk  thr'ea'd $[1] | ::b ! sort  ";
    let statements = parse(line);
    assert_eq!(statements[0].span.text(line), "main + 4 , 2 / 2X");
    assert_eq!(statements[0].address.as_ref().unwrap().span.text(line), "main + 4");
    assert_eq!(statements[0].count.as_ref().unwrap().span.text(line), "2");
    let Body::Pipeline(first) = &statements[0].body else { panic!() };
    assert_eq!(first.stages[0].span.text(line), "/ 2X");
    let StageKind::Format(format) = &first.stages[0].kind else { panic!() };
    assert_eq!(format.verb, FormatVerb::Virtual);
    assert_eq!(format.items[0].span.text(line), "2X");
    assert_eq!(statements[1].span.text(line), "::walk  thr'ea'd $[1] | ::b ! sort");
    let Body::Pipeline(second) = &statements[1].body else { panic!() };
    assert_eq!(second.stages[0].span.text(line), "::walk  thr'ea'd $[1]");
    let StageKind::Dcmd(dcmd) = &second.stages[0].kind else { panic!() };
    assert_eq!(dcmd.name_span.text(line), "::walk");
    assert_eq!(dcmd.args[0].span().text(line), "thr'ea'd");
    assert_eq!(dcmd.args[1].span().text(line), "$[1]");
    assert_eq!(second.tail.as_ref().unwrap().command.span.text(line), "sort");
}

#[test]
fn a_parenthesized_address_is_part_of_the_statement() {
    let line = "(1+2)=X";
    assert_eq!(one(line).span.text(line), line);
}

#[test]
fn variable_names() {
    assert!(parse_line(&format!("1>{}", "a".repeat(30))).is_ok());
    assert!(parse_line(&format!("1>{}", "a".repeat(31))).is_err());
    for name in ["", "2x", "a`b", "a b", "a\u{fffc}"] {
        assert!(mdb_lang::check_variable_name(name).is_err(), "{name}");
    }
    for name in ["9", "x.y", ".", "_", "é1"] {
        assert!(mdb_lang::check_variable_name(name).is_ok(), "{name}");
        let line = format!("1>{name};<{name}=X");
        assert!(parse_line(&line).is_ok(), "{line}");
    }
    assert_eq!(AssignSize::Short.truncate(0x12345), 0x2345);
}

#[test]
fn an_empty_list_has_a_default() {
    let StageKind::Format(format) = pipeline("main/").stages.remove(0).kind else { panic!() };
    assert!(format.items.is_empty());
    assert_eq!(mdb_lang::format::default_items().len(), 4);
}

#[test]
fn hostile_lines_are_errors() {
    for line in [
        "(".repeat(100_000),
        format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000)),
        "-".repeat(100_000),
        "*/c/".repeat(100_000),
        format!("1{}", "+1".repeat(100_000)),
        format!("1{}", "|1^1&1==1<<1+1*1%%1".repeat(100_000)),
        format!("::echo $[{}1", "(".repeat(100_000)),
    ] {
        assert!(parse_line(&line).is_err());
        // Nothing here overflows the stack or takes more than linear time.
        mdb_lang::highlight(&line);
        mdb_lang::completion_at(&line, line.len());
    }
}

#[test]
fn long_lines_are_fine() {
    assert_eq!(parse(&"5;".repeat(100_000)).len(), 100_000);
    let words = format!("::echo{}", " a".repeat(100_000));
    assert_eq!(parse(&words).len(), 1);
    mdb_lang::highlight(&words);
    let point = mdb_lang::completion_at(&words, words.len());
    assert_eq!(point.prefix, "a");
    let depth = format!("{}1{}=X", "(".repeat(100), ")".repeat(100));
    assert_eq!(parse(&depth).len(), 1);
    let chain = format!("1{}=X", "+1".repeat(400));
    assert_eq!(parse(&chain).len(), 1);
}
