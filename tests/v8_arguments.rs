//! Values in frames: arguments, `this`, locals and their addresses, against what the programs told of
//! them by `util.inspect` and `%DebugPrint`. Briefs are compared by `tests/node/forms.rs`; the tables
//! here say where ours tell something else than `util.inspect`, and why.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "node/forms.rs"]
mod forms;
mod node;
mod session;

use forms::is_same;
use node::{Frame, Line, Told, address, assert_none, each};
use serde_json::Value;

/// Values that briefs tell in other words than `util.inspect` does: the value, a part of what
/// `inspect` says (where the program must not have changed), and ours.
const OTHER_WORDS: &[(&str, &str, &str)] = &[
    // Bytes are numbers for a brief.
    ("buffer", "<Buffer 62 79 74 65 73 20", "Buffer(17) [98, 121, 116, 101, 115, …]"),
    // Lengths in bytes, without the bytes.
    ("arrayBuffer", "[byteLength]: 8 }", "ArrayBuffer(8)"),
    ("arrayBuffer", "byteLength: 8 }", "ArrayBuffer(8)"),
    ("shared", "[byteLength]: 8 }", "SharedArrayBuffer(8)"),
    ("shared", "byteLength: 8 }", "SharedArrayBuffer(8)"),
    ("dataView", "[byteLength]: 6, [byteOffset]: 2", "DataView(6)"),
    ("dataView", "byteLength: 6, byteOffset: 2", "DataView(6)"),
    // The state in brackets; a brief has no stack of an error.
    ("pending", "Promise { <pending> }", "Promise {<pending>}"),
    ("fulfilled", "Promise { 5 }", "Promise {<fulfilled>: 5}"),
    ("rejected", "<rejected> Error: rejected\n", "Promise {<rejected>: Error: rejected}"),
    ("error", "TypeError: typed\n", "TypeError: typed"),
    ("causedError", "Error: outer\n", "Error: outer"),
    // Target without handler.
    ("proxy", "Proxy [ { proxied: true }, {} ]", "Proxy({proxied: true})"),
    ("revoked", "<Revoked Proxy>", "Proxy(<revoked>)"),
    // Only a debugger sees what is inside.
    ("weakMap", "<items unknown>", "WeakMap(1)"),
    ("weakSet", "<items unknown>", "WeakSet(1)"),
    // Names of classes, without what they would give.
    ("mapIterator", "[Map Entries] { [ 1, 2 ] }", "MapIterator"),
    ("arrayIterator", "Object [Array Iterator] {}", "Array Iterator"),
    ("generator", "Object [Generator] {}", "generating {<suspended>}"),
    ("arguments", "[Arguments] { '0': 1, '1': 'two' }", "Arguments(2) [1, \"two\"]"),
    ("arguments", "[Arguments] [ 1, 'two' ]", "Arguments(2) [1, \"two\"]"),
    ("otherLength", "[Arguments] { '0': 1, '1': 'two' }", "Arguments [1, \"two\"]"),
    ("math", "Object [Math] {", "Math {}"),
    ("global", "[Object [global]]", "globalThis"),
    // V8 infers a name; the property `name` is empty.
    ("anonymous", "[Function (anonymous)]", "ƒ values.anonymous()"),
];

/// Values of which a brief tells the beginning that stands here, and `util.inspect` little.
const BEGINNINGS: &[(&str, &str)] = &[
    ("process", "process {version: \"v"),
    ("module", "Module {id: \".\", path: \""),
    // Symbols, private fields and accessors, differently in every version.
    ("url", "URL {"),
    // What it refers to: `{name: "cycle", …}`, one level down.
    ("weakRef", "WeakRef {"),
];

/// Whether our brief is the value that the program told.
fn is_told(name: &str, ours: &str, theirs: &str) -> bool {
    let other = OTHER_WORDS.iter().filter(|(known, ..)| *known == name);
    let other: Vec<_> = other.collect();
    if !other.is_empty() {
        return other.iter().any(|(_, part, words)| theirs.contains(part) && ours == *words);
    }
    match BEGINNINGS.iter().find(|(known, _)| *known == name) {
        Some((_, beginning)) => ours.starts_with(beginning),
        None => is_same(ours, theirs),
    }
}

/// The frames of the program's own functions: those of its script.
fn own_frames(told: &Told) -> Vec<Frame> {
    let mut frames = told.frames("");
    // A path, or a URL. Builtins have no script; they tell which callback it is.
    let own = format!("/{}", told.case.script);
    frames.retain(|frame| {
        let file = frame.row["file"].as_str();
        frame.row["kind"] == "js" && file.is_none_or(|file| file.ends_with(&own))
    });
    frames
}

/// `%DebugPrint` of numbers that are no Smis is of another box: each reading can make a new one.
fn is_boxed_number(told: &Told, name: &str) -> bool {
    let print = told.fixture.debug_print(name);
    let line = print.first().unwrap();
    // Older ones print the number without an address.
    line.contains("[HeapNumber]") || !line.contains("0x")
}

/// Each kind of value, as an argument: in brief, and where it lies.
#[test]
fn every_kind_of_value() {
    let all = Told::case("every_kind_of_value", "values");
    let wrong = each(&all, |told| {
        let frames = own_frames(told);
        let mut wrong = Vec::new();
        let (mut seen, mut placed) = (0, 0);
        for line in told.lines_with("value") {
            let name = line["value"].as_str().unwrap();
            let theirs = line["inspect"].as_str().unwrap();
            let quoted = format!("\"{name}\"");
            let is_call = |frame: &&Frame| {
                frame.name() == "pass"
                    && frame.line("arg4 name").is_some_and(|line| line.text == quoted)
            };
            let Some(frame) = frames.iter().find(is_call) else {
                wrong.push(format!("{}: no call with {name}", told.place));
                continue;
            };
            seen += 1;
            let value = frame.line("arg3 value").unwrap();
            if !is_told(name, &value.text, theirs) {
                wrong.push(format!("{} {name}: mdb has {}, V8 {theirs}", told.place, value.text));
            }
            // A local and a variable in a context, all of the same value.
            for variable in ["local", "value"] {
                for line in frame.variables(variable) {
                    if (line.address, &line.text) != (value.address, &value.text) {
                        let what = &line.label;
                        wrong.push(format!("{} {name}: {what} is {}", told.place, line.text));
                    }
                }
            }
            let at = told.fixture.heap_address(name);
            if is_boxed_number(told, name) {
                assert!(value.address.is_some(), "{} {name}", told.place);
            } else if value.address != at.map(|at| at | 1) {
                let (ours, theirs) = (value.address.unwrap_or(0), at.unwrap_or(0));
                wrong.push(format!("{} {name}: is at {ours:x}, V8: {theirs:x}", told.place));
            } else if at.is_some() {
                placed += 1;
            }
        }
        // The last call has no next one, and passes none.
        assert!(seen > 80 && placed > 70, "{}: {seen} values, {placed} addresses", told.place);
        wrong
    });
    assert_none(&wrong);
}

/// Functions whose truth has `undefined` in the place of their `this`: a derived constructor has none
/// before `super`, callbacks and traps of the script do not say.
const THIS_IS_NOT_TOLD: &[&str] = &[
    "Base",
    "(forEach)",
    "(Map.forEach)",
    "Constructed",
    "get",
    "apply",
    "converted",
    "fromContext",
    "(map)",
];

/// Objects that were told before they changed: the script, what it told, how ours begins.
const CHANGED: &[(&str, &str, &str)] = &[
    ("oom.js", "Cache { entries: [] }", "Cache {entries: Array("),
    ("loop.js", "state", "{count: "),
    ("typescript.ts", "Basket { items: [] }", "Basket {items: Array(1)}"),
    // `this` of a sloppy function; it did not change, but what is told of it is long.
    ("typescript.ts", "<ref *1> Object [global] {", "globalThis"),
];

/// Functions that are passed more or fewer values than they told of: since which version, and how many.
const PASSED: &[(&str, u32, usize, &str)] = &[
    ("Constructed", 0, 1, "`new.target` is no argument; it told that too"),
    ("get", 0, 3, "V8 passes the receiver to a trap"),
    ("(map)", 0, 3, "in `stack.js` it tells one of three"),
    ("(Map.forEach)", 0, 3, "it tells two of three"),
    ("reviver", 22, 3, "V8 passes the source text too, since 11.4"),
];

/// The frame of the function that told its arguments or locals.
fn frame_of<'a>(frames: &'a [Frame], function: &str) -> Option<&'a Frame> {
    // `(map)` is the callback of `map`.
    let callback = function.strip_prefix('(').and_then(|name| name.strip_suffix(')'));
    let Some(builtin) = callback else {
        return frames.iter().find(|f| !f.row["file"].is_null() && f.name() == function);
    };
    let builtin = builtin.strip_prefix("Map.").unwrap_or(builtin);
    let calls = |pair: &&[Frame]| {
        // `Array.prototype.forEach` and that of maps: the latter passes a key.
        let is_map = pair[0].arguments().get(1).is_some_and(|line| line.text == "\"key\"");
        pair[0].name().is_empty()
            && pair[1].row["file"].is_null()
            && pair[1].name() == builtin
            && is_map == function.contains("Map.")
    };
    frames.windows(2).find(calls).map(|pair| &pair[0])
}

/// Whether a value of ours is what the program told: a brief, or the name of an object that it
/// printed the address of.
fn is_value(told: &Told, line: &Line, truth: &str) -> bool {
    let changed = CHANGED
        .iter()
        .find(|(script, before, _)| told.case.script == *script && truth.starts_with(before));
    if let Some((_, _, now)) = changed {
        return line.text.starts_with(now);
    }
    match told.fixture.heap_address(truth) {
        Some(at) => line.address == Some(at | 1),
        // `Bill`, for an object of that class.
        None => is_same(&line.text, truth) || line.text.starts_with(&format!("{truth} {{")),
    }
}

/// What is wrong with the arguments and `this` of one function.
fn compare_arguments(told: &Told, frames: &[Frame], truth: &Value) -> Vec<String> {
    let function = truth["function"].as_str().unwrap();
    let place = format!("{} {function}", told.place);
    let Some(frame) = frame_of(frames, function) else { return vec![format!("{place}: no frame")] };
    let mut wrong = Vec::new();
    let this = truth["this"].as_str().unwrap();
    // An arrow function has no `this` of its own: what it was called on is told by another name.
    let own = frame.line("this").or_else(|| frame.line("receiver")).unwrap();
    let this = this.trim_matches('\'');
    let this_is_string = truth["this"].as_str().unwrap() != this && this != "globalThis";
    let good = THIS_IS_NOT_TOLD.contains(&function)
        || if this_is_string {
            own.text == format!("\"{this}\"")
        } else {
            is_value(told, own, this)
        };
    if !good {
        wrong.push(format!("{place}: this is {}, V8: {this}", own.text));
    }
    let passed = frame.arguments();
    let truths = truth["arguments"].as_array().unwrap();
    let count = PASSED.iter().find(|(name, since, ..)| *name == function && told.major >= *since);
    if passed.len() != count.map_or(truths.len(), |(.., count, _)| *count) {
        wrong.push(format!("{place}: {} arguments, V8: {}", passed.len(), truths.len()));
    }
    for (line, truth) in passed.iter().zip(truths) {
        // The array that `map` passes is never read, and not made by code that inlines the call.
        let unread = frame.row["inlined"] == true && is_not_kept(&line.text);
        if !unread && !is_value(told, line, truth.as_str().unwrap()) {
            wrong.push(format!("{place}: {} is {}, V8: {truth}", line.label, line.text));
        }
    }
    wrong
}

/// Scripts whose functions told what they were called with.
const TELLING: &[&str] = &[
    "stack.js",
    "inlined.js",
    "values.js",
    "loop.js",
    "oom.js",
    "throw.js",
    "wasm.js",
    "typescript.ts",
    "esm.mjs",
];

#[test]
fn arguments_are_what_was_passed() {
    let mut all = Told::all("arguments_are_what_was_passed");
    all.retain(|told| TELLING.contains(&told.case.script));
    assert!(all.is_empty() || all.len() > 80, "{}", all.len());
    let wrong = each(&all, |told| {
        let frames = own_frames(told);
        let mut compared = 0;
        let truths = told.lines("args").filter(|args| !is_over(told, args));
        let wrong = truths
            .inspect(|_| compared += 1)
            .flat_map(|args| compare_arguments(told, &frames, args))
            .collect();
        assert!(compared > 0, "{}", told.place);
        wrong
    });
    assert_none(&wrong);
}

/// Calls that told their arguments, and had come back when the program died; and one in another file.
fn is_over(told: &Told, args: &Value) -> bool {
    const OVER: &[(&str, &str)] = &[("stack.js", "tag"), ("esm.mjs", "imported")];
    OVER.iter().any(|(script, name)| told.case.script == *script && args["function"] == *name)
}

/// What optimised code no longer has. It need not: nothing reads it after the call.
fn is_not_kept(text: &str) -> bool {
    text == "<optimised out>" || text.starts_with('<') && text.ends_with(" that was not allocated>")
}

#[test]
fn locals_are_what_the_program_told() {
    let mut all = Told::all("locals_are_what_the_program_told");
    all.retain(|told| told.lines("locals").next().is_some());
    assert!(all.is_empty() || all.len() > 20, "{}", all.len());
    let wrong = each(&all, |told| {
        let frames = own_frames(told);
        let (mut wrong, mut exact) = (Vec::new(), 0);
        for locals in told.lines("locals") {
            let function = locals["function"].as_str().unwrap();
            let frame = frame_of(&frames, function).unwrap();
            let is_optimised = matches!(frame.row["tier"].as_str(), Some("turbofan" | "maglev"));
            for (name, truth) in locals.as_object().unwrap() {
                if name == "function" {
                    continue;
                }
                let lines = frame.variables(name);
                // `values.js` tells them in brief, `inlined.js` as they are.
                let truth = match truth.as_str() {
                    Some(text) if told.case.script == "values.js" => text.to_owned(),
                    _ => truth.to_string(),
                };
                let truth = truth.replace("[40,4]", "[ 40, 4 ]");
                // A loop's variable can be in two registers: one for each round's closure.
                if lines.iter().any(|line| is_value(told, line, &truth)) {
                    exact += 1;
                } else if !(is_optimised && lines.iter().any(|line| is_not_kept(&line.text))) {
                    let texts: Vec<_> = lines.iter().map(|l| (&l.label, &l.text)).collect();
                    let place = format!("{} {function}", told.place);
                    wrong.push(format!("{place}: {name} is {texts:?}, V8: {truth}"));
                }
            }
        }
        assert!(exact >= 3, "{}: {exact}", told.place);
        wrong
    });
    assert_none(&wrong);
}

/// The cell `function` is where the variable that the function is called by has it.
#[test]
fn functions_lie_where_variables_have_them() {
    for case in ["interpreter", "baseline", "maglev", "turbofan", "turbofan-compaction"] {
        for told in Told::case("functions_lie_where_variables_have_them", case) {
            let frames = own_frames(&told);
            for name in ["outer", "Bill", "innermost", "last"] {
                let frame = frame_of(&frames, name).unwrap();
                let at = address(&frame.row["function"]);
                let variables: Vec<_> = frames.iter().flat_map(|f| f.variables(name)).collect();
                assert!(!variables.is_empty(), "{} {name}", told.place);
                for line in variables {
                    assert_eq!(line.address, Some(at), "{} {}", told.place, line.label);
                }
                assert!(frame.head.contains(&format!("(JSFunction: {at:x})")), "{}", frame.head);
            }
        }
    }
}
