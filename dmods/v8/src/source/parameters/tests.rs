//! Parameters, beside what Node says of the same functions.

use std::process::Command;

use mdb_fixtures::{NODE_VERSIONS, available, node};

use super::*;

/// Heads of functions and their parameters, `|` between them. A head with `=>` is an arrow function's.
/// That a name means the argument at its place is what Node is asked by [`node_agrees`].
const HEADS: &[(&str, &str)] = &[
    ("()", ""),
    ("(a)", "a"),
    ("(a, b, c)", "a|b|c"),
    ("( a ,b\n,\tc )", "a|b|c"),
    ("(a, b,)", "a|b"),
    ("(/* x, y */ a /* = 1 */, // b,\n c)", "a|c"),
    ("(a, ...b)", "a|...b"),
    ("(...rest)", "...rest"),
    ("(a = 1, b = 2)", "a|b"),
    ("(a = (1, 2), b)", "a|b"),
    ("(a = [1, 2, [3, 4]], b)", "a|b"),
    ("(a = {x: 1, y: 2}, b)", "a|b"),
    ("(a = 'x, y)', b = \"),(\", c)", "a|b|c"),
    ("(a = 'it\\'s, ', b)", "a|b"),
    ("(a = `x, y)`, b)", "a|b"),
    ("(a = `${1 + `${[2, 3]}, }`}), `, b)", "a|b"),
    ("(a = `\\${`, b = `$`, c = `}`)", "a|b|c"),
    ("(a = `${{x: '}'}.x}`, b)", "a|b"),
    ("(a = /[,)]/, b)", "a|b"),
    ("(a = /[/\\]),]+\\//gi, b)", "a|b"),
    ("(a = 4 / 2, b = 3 / 1)", "a|b"),
    ("(a = (4) / 2, b = [1] / 2, c = 'x' / 3, d)", "a|b|c|d"),
    ("(a = function (x, y) { return x, y }, b)", "a|b"),
    ("(a = function* g(x, y) { yield x }, b)", "a|b"),
    ("(a = (x, y) => x, b)", "a|b"),
    ("(a = x => { return [x, x] }, b)", "a|b"),
    ("(a = async (x, y) => { await x }, b)", "a|b"),
    ("(a = class { m(x, y) { return 1 } }, b)", "a|b"),
    ("(a = class A extends Object { static x = 1; #p = 2; get q() { return this.#p } }, b)", "a|b"),
    ("(a = new Map([[1, 2]]), b)", "a|b"),
    ("(a, b = a ? 1 : 2, c)", "a|b|c"),
    ("(a, b = a == 1, c = a === b, d = a >= b, e = a <= b)", "a|b|c|d|e"),
    ("(a = b = 1, c)", "a|c"),
    ("(a = 1 in {}, b)", "a|b"),
    ("(a = typeof /x,y/, b)", "a|b"),
    ("(a = function () { if (1) /[x),]/.test('') }, b)", "a|b"),
    ("(a = function () { return /[x),(]/ }, b)", "a|b"),
    ("({a, b})", "{a, b}"),
    ("({ a , b : c })", "{a, b: c}"),
    ("({a = 1, b: {c}} = {}, d)", "{a = 1, b: {c}}|d"),
    ("([a, , b])", "[a, , b]"),
    ("([a, ...b], c)", "[a, ...b]|c"),
    ("({a, ...b}, c)", "{a, ...b}|c"),
    ("({['x' + 1]: a}, b)", "{['x'+1]: a}|b"),
    ("({a /* the first */, // comment\n b}, c)", "{a, b}|c"),
    ("(...[a, b])", "...[a, b]"),
    ("(a, ...{length})", "a|...{length}"),
    ("({alpha, beta, gamma, delta, epsilon})", "{alpha, beta, gamma, delta, e\u{2026}"),
    ("({a = function () { return 1 }}, b)", "{a = function(){return 1}}|b"),
    ("({a = (x) => x}, b)", "{a = (x) => x}|b"),
    ("({a = `x${1}y`}, b)", "{a = `x${1}y`}|b"),
    ("($, _, $1, _a)", "$|_|$1|_a"),
    ("(\u{e9}t\u{e9}, \u{3b1}, \u{20bb7}, \u{5b57})", "\u{e9}t\u{e9}|\u{3b1}|\u{20bb7}|\u{5b57}"),
    ("(\\u0061b, c\\u{64})", "ab|cd"),
    ("(\u{a0}a\u{feff},\u{2003}b\u{2028})", "a|b"),
    ("(async, of, get, set, static_, from, as)", "async|of|get|set|static_|from|as"),
    ("(let_, yield_, undefined, NaN)", "let_|yield_|undefined|NaN"),
    ("(yield, await, let)", "yield|await|let"),
    ("(a = 08.5, b = .5, c = 1_000n, d = 0x1f)", "a|b|c|d"),
    ("(a = 1 /* / */ / 2 // / x\n, b)", "a|b"),
    ("(a = x?.y ?? z, b = x ** 2, c = x?.[1, 2])", "a|b|c"),
    ("(a = new.target, b = this)", "a|b"),
    ("(a = arguments.length, b)", "a|b"),
    ("a =>", "a"),
    ("(a) =>", "a"),
    ("() =>", ""),
    ("(a, b = 1, ...c) =>", "a|b|...c"),
    ("({a, b}, [c]) =>", "{a, b}|[c]"),
    ("async =>", "async"),
    ("async a =>", "a"),
    ("async (a, b) =>", "a|b"),
    ("async () =>", ""),
    ("async (a = async (x, y) => x, b) =>", "a|b"),
    ("async /* a */ (/* b */ c) =>", "c"),
    ("_ =>", "_"),
    ("yield =>", "yield"),
    ("(a, /* hidden */) =>", "a"),
    ("(a = {if(x) { return 1 }}, b)", "a|b"),
    ("(a = o.return / 2, b = o.of / 1)", "a|b"),
    ("(a\n,\nb\r\n, c)", "a|b|c"),
];

fn told(text: &str) -> Parameters {
    let units: Vec<u16> = text.encode_utf16().collect();
    let wide = parameters(SourceText::TwoByte(&units));
    if text.chars().all(|character| u32::from(character) < 256) {
        let narrow: Vec<u8> = text.chars().map(|character| character as u8).collect();
        assert_eq!(parameters(SourceText::OneByte(&narrow)), wide, "{text}");
    }
    wide
}

fn listed(found: &Parameters) -> String {
    let texts: Vec<String> = found
        .list
        .iter()
        .map(|one| format!("{}{}", if one.rest { "..." } else { "" }, one.text))
        .collect();
    texts.join("|")
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    HEADS.iter().copied()
}

fn whole(head: &str) -> String {
    format!("{head} {{ return 1 / 2; }}")
}

#[test]
fn names_are_found() {
    assert!(rows().count() >= 75);
    for (head, names) in rows() {
        let found = told(&whole(head));
        assert_eq!(listed(&found), *names, "{head}");
        assert!(found.complete, "{head}");
        let form = match (head.ends_with("=>"), head.starts_with("async") && head != "async =>") {
            (true, true) => Form::AsyncArrow,
            (true, false) => Form::Arrow,
            _ => Form::Ordinary,
        };
        assert_eq!(found.form, form, "{head}");
    }
}

/// Every name must hold the argument at its place, and the function take as many as we say.
#[test]
fn node_agrees() {
    let mut script = String::from(
        "const any = new Proxy(function () {}, {get: (_, key) => key === Symbol.iterator ? \
         function* () { for (let i = 0; i < 9; i++) yield any } : any});\n\
         function ask(head, names, f) {\n\
           const given = names.map((name, i) => /^(\\.\\.\\.)?[{[]/.test(name) ? any : 'given' + i);\n\
           const got = f(...given);\n\
           const same = names.every((name, i) => name.startsWith('...') ?\n\
             !Array.isArray(got[i]) || got[i].length === 1 && got[i][0] === given[i] :\n\
             given[i] === any || got[i] === given[i]);\n\
           const most = names.filter(name => !name.startsWith('...')).length;\n\
           console.log(same && got.length === names.length && f.length <= most ? 'same' : 'other', head);\n\
         }\n",
    );
    for (head, names) in rows() {
        let names: Vec<&str> = names.split('|').filter(|name| !name.is_empty()).collect();
        let values: Vec<&str> = names
            .iter()
            .map(|name| name.trim_start_matches("..."))
            .map(|name| if name.starts_with(['{', '[']) { "0" } else { name })
            .collect();
        let body = format!("[{}]", values.join(", "));
        let function = match head.ends_with("=>") {
            // An async one gives a promise, so its result goes out another way.
            true if head.starts_with("async") && head != "async =>" => {
                format!(
                    "(...given) => {{ let got; ({head} {{ got = {body} }})(...given); return got }}"
                )
            }
            true => format!("{head} {body}"),
            false => format!("function {head} {{ return {body} }}"),
        };
        script.push_str(&format!("ask({head:?}, {names:?}, {function});\n"));
    }
    for version in NODE_VERSIONS {
        let Some(node) = available("node_agrees", node(version)).unwrap() else { continue };
        let output = Command::new(&node.executable).args(["-e", &script]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said.lines().find(|line| line.starts_with("other")), None, "{version}");
        let same = said.lines().filter(|line| line.starts_with("same")).count();
        assert_eq!(same, rows().count(), "{version}: {complaint}");
    }
}

#[test]
fn a_class_without_a_constructor_has_no_list() {
    let found = told("class B extends A { m(x) {} }");
    assert_eq!((found.list.len(), found.complete, found.form), (0, true, Form::Class));
}

#[test]
fn cut_text_gives_what_is_certain() {
    for (text, names) in [
        ("", ""),
        ("(", ""),
        ("(a", ""),
        ("(ab,", "ab"),
        ("(ab, c", "ab"),
        ("(ab /*", "ab"),
        ("(ab, c =", "ab|c"),
        ("(ab, c = 'x", "ab|c"),
        ("(ab, c = `x${", "ab|c"),
        ("(ab, {c", "ab"),
        ("(ab, ...", "ab"),
        ("async", ""),
        ("async a", ""),
        ("a", ""),
        ("a + b", ""),
        ("(1, 2)", ""),
        ("(a, b + c)", "a"),
        ("(a, (b))", "a"),
        ("(a, b; c)", "a"),
        // A slash behind braces divides or begins a regular expression; both read on differently.
        ("(a, b = {} / 2, c = '/', d) {", "a|b"),
        ("(a, {b = {} / 2}, c) {", "a"),
    ] {
        let found = told(text);
        assert_eq!(listed(&found), names, "{text}");
        assert!(!found.complete, "{text}");
    }
}

/// Whatever is cut off, no name appears that the whole text has not.
#[test]
fn every_prefix_tells_the_truth() {
    for (head, names) in rows() {
        let text = whole(head);
        for (end, _) in text.char_indices() {
            let found = told(&text[..end]);
            let names: Vec<&str> = names.split('|').collect();
            for (at, one) in found.list.iter().enumerate() {
                assert_eq!(
                    Some(one.text.as_str()),
                    names.get(at).map(|name| name.trim_start_matches("..."))
                );
            }
        }
    }
}

#[test]
fn hostile_text_ends() {
    let many = 1 << 20;
    for piece in
        ["(", "{", "[", "`${", "(a=", "({a:", "/*", "=>", "\\u{", "...", "a,", "'", "/", "`"]
    {
        let text = format!("(a, b = {}", piece.repeat(many));
        let found = told(&text);
        assert!(!found.complete, "{piece}");
        assert_eq!(found.list.first().map(|one| one.text.as_str()), Some("a"), "{piece}");
        told(&piece.repeat(many));
        told(&format!("({}", piece.repeat(many)));
    }
    let found = told(&format!("({})", "a,".repeat(many)));
    assert!(!found.complete && found.list.len() <= MOST_PARAMETERS + 1);
}
