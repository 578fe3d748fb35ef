//! Values as the `v8` dmod shows them in a stack, against what the program printed of each: Node 18 to
//! 26 must show the same.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod session;

use mdb_fixtures::{NODE_VERSIONS, available, node_case};
use serde_json::Value;
use session::Mdb;
use std::collections::BTreeMap;

/// What `util.inspect` printed of each value, by the value's name.
fn inspected(stdout: &str) -> BTreeMap<String, String> {
    let lines = stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines
        .filter_map(|line| {
            let name = line.get("value")?.as_str()?.to_owned();
            Some((name, line.get("inspect")?.as_str()?.to_owned()))
        })
        .collect()
}

/// The third argument of each call of `pass`, by the fourth, the value's name.
fn shown(stdout: &str) -> BTreeMap<String, String> {
    // A value has its word before it, a small integer has none.
    let text = |line: &str, argument: &str| {
        let (_, rest) = line.split_once(argument)?;
        let (word, text) = rest.split_once(' ').unwrap_or((rest, ""));
        let is_word = word.len() > 6 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        Some(if is_word && !text.is_empty() { text.to_owned() } else { rest.to_owned() })
    };
    let mut values = BTreeMap::new();
    let mut value = None;
    for line in stdout.lines() {
        value = text(line, "arg3 value: ").or(value);
        if let Some(name) = text(line, "arg4 name: ")
            && let Some(value) = value.take()
        {
            values.insert(name.trim_matches('"').to_owned(), value);
        }
    }
    values
}

/// Shown exactly as `util.inspect` has them.
const SAME: &[&str] = &[
    "smi",
    "negative",
    "largestSmi",
    "smallestSmi",
    "aboveSmi",
    "zero",
    "minusZero",
    "fraction",
    "nan",
    "infinity",
    "tiny",
    "huge",
    "bigint",
    "negativeBigint",
    "zeroBigint",
    "symbol",
    "bareSymbol",
    "wellKnown",
    "registered",
    "nothing",
    "undef",
    "yes",
    "no",
    "date",
    "invalidDate",
    "regexp",
    "boxedNumber",
    "boxedBoolean",
    "boxedSymbol",
    "boxedBigint",
];

/// Shown as `util.inspect` has them, but for quotes and blanks inside of brackets.
const ALIKE: &[&str] = &[
    "empty",
    "letter",
    "short",
    "sliced",
    "twoByte",
    "latin",
    "surrogate",
    "emptyObject",
    "dictionary",
    "nullPrototype",
    "map",
    "emptyMap",
    "set",
    "uint8",
    "float64",
    "bigint64",
    "subarray",
    "boxedString",
    "otherRealm",
    "accessors",
];

fn alike(inspected: &str) -> String {
    inspected
        .replace('\'', "\"")
        .replace("{ ", "{")
        .replace(" }", "}")
        .replace("[ ", "[")
        .replace(" ]", "]")
        // An object within another is shown by its class only.
        .replace("{object: \"key\"}", "{…}")
}

/// Shown in words of our own, or the DevTools'.
const OWN: &[(&str, &str)] = &[
    ("array", "(3) [1, \"two\", {…}]"),
    ("emptyArray", "(0) []"),
    ("holey", "(3) [1, empty, 3]"),
    ("doubles", "(2) [1.5, 2.5]"),
    ("longArray", "(1000) [0, 1, 2, 3, 4, …]"),
    ("sparse", "(100001) [empty × 100000, \"far\"]"),
    ("nested", "{a: {…}}"),
    ("object", "{3: \"index\", name: \"n\", amount: 1, \"odd key\": true}"),
    ("many", "{key0: 0, key1: 1, key2: 2, key3: 3, key4: 4, …}"),
    ("cyclic", "{name: \"cycle\", self: {…}}"),
    ("instance", "Point {x: 1, y: 2.5, #hidden: 3}"),
    ("derived", "Pixel {x: 3, y: 4, #hidden: 3}"),
    ("controls", "\"tab\\t newline\\n null\\x00 escape\\x1b[31m quote' double\\\" back\\\\\""),
    ("declared", "ƒ declared(a, b)"),
    ("arrow", "ƒ arrow(a)"),
    ("method", "ƒ shorthand()"),
    ("asyncFunction", "async ƒ asyncNamed()"),
    ("generatorFunction", "ƒ* generating(n)"),
    ("asyncGenerator", "async ƒ* asyncGenerating()"),
    ("class", "class Point"),
    ("builtin", "ƒ map(…)"),
    ("bound", "bound ƒ declared(a, b)"),
    ("weakMap", "WeakMap(1)"),
    ("weakSet", "WeakSet(1)"),
    ("weakRef", "WeakRef {{…}}"),
    ("error", "TypeError: typed"),
    ("causedError", "Error: outer"),
    ("pending", "Promise {<pending>}"),
    ("fulfilled", "Promise {<fulfilled>: 5}"),
    ("rejected", "Promise {<rejected>: Error: rejected}"),
    ("buffer", "Buffer(17) [98, 121, 116, 101, 115, …]"),
    ("arrayBuffer", "ArrayBuffer(8)"),
    ("shared", "SharedArrayBuffer(8)"),
    ("dataView", "DataView(6)"),
    ("proxy", "Proxy({proxied: true})"),
    ("revoked", "Proxy(<revoked>)"),
    ("generator", "generating {<suspended>}"),
    ("arguments", "Arguments(2) [1, \"two\"]"),
    ("otherLength", "Arguments [1, \"two\"]"),
    ("global", "globalThis"),
];

#[test]
fn values_are_shown_as_the_program_showed_them() {
    for version in NODE_VERSIONS {
        let test = "values_are_shown_as_the_program_showed_them";
        let Some(fixture) = available(test, node_case(version, "values")).unwrap() else {
            continue;
        };
        let said = inspected(&fixture.stdout);
        let output = Mdb::on(&fixture.core).run(&["::walk jsframe | ::jsframe -v -n 0"]);
        let values = shown(output.good());
        let value = |name: &str| {
            values.get(name).unwrap_or_else(|| panic!("{version}: {name} is not shown: {values:?}"))
        };
        // The first call of `pass` has no value yet.
        assert_eq!(values.len(), said.len(), "{version}");
        for name in SAME {
            assert_eq!(*value(name), said[*name], "{version}: {name}");
        }
        for name in ALIKE {
            assert_eq!(*value(name), alike(&said[*name]), "{version}: {name}");
        }
        for (name, expected) in OWN {
            assert_eq!(value(name), expected, "{version}: {name}");
        }
        for (name, text) in &values {
            assert!(text.chars().count() <= 100, "{version}: {name}: {text}");
            let is_marked = text.starts_with("<no") || text.starts_with("<damaged");
            assert!(!is_marked, "{version}: {name}: {text}");
        }
        // Of strings that are cut, as many units are said to be missing as are.
        for name in ["long", "cons", "external"] {
            let text = value(name);
            let (start, missing) = text.split_once("…\" +").unwrap();
            let start = start.trim_start_matches('"');
            let inspect = said[name].trim_start_matches(['\'', '`', '"']);
            assert!(inspect.starts_with(&start.replace("\\\"", "\"")), "{version}: {text}");
            assert!(missing.parse::<u64>().unwrap() > 0, "{version}: {text}");
        }
        let long = value("long");
        let (start, missing) = long.split_once("…\" +").unwrap();
        assert_eq!(start.len() - 1 + missing.parse::<usize>().unwrap(), 500, "{version}");
    }
}
