//! Values in words: whether a brief of ours tells the same value as `util.inspect` does.
//!
//! Both are read into one form, by the same reader. They differ in how they quote, in what a function
//! or a list looks like, and in what is left out: a brief stops early (`…`), and shows objects in
//! objects as `{…}`, where `inspect` goes to a depth of its own. Private fields stand in briefs only.

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Form {
    /// Words as they are: numbers, `null`, `Symbol(described)`.
    Words(String),
    /// A string: its beginning, and how many characters are left out.
    Text(String, usize),
    /// A function or a class: `async ƒ* name`, `class Name`.
    Function(String),
    /// Members between brackets: what stands before, how many it says there are, the members.
    List(String, Option<usize>, Members),
    /// Properties between braces: what stands before, the properties.
    Object(String, Vec<(String, Form)>, bool),
    /// An object of which nothing more is told.
    Left,
}

/// Members, and whether more are left out.
type Members = (Vec<Form>, bool);

/// Whether both tell of one value.
pub(crate) fn is_same(ours: &str, theirs: &str) -> bool {
    let (Some(ours), Some(theirs)) = (read(ours), read(theirs)) else { return false };
    matches(&ours, &theirs)
}

fn matches(ours: &Form, theirs: &Form) -> bool {
    match (ours, theirs) {
        (Form::Left, Form::Object(..) | Form::List(..) | Form::Left) => true,
        // Where `inspect` stops, a brief of ours that goes on cannot be compared; none does.
        (Form::Text(ours, left), Form::Text(theirs, left_there)) => {
            let length = |text: &str, left: usize| text.encode_utf16().count() + left;
            let cut = theirs.starts_with(ours.as_str()) || ours.starts_with(theirs.as_str());
            cut && length(ours, *left) == length(theirs, *left_there)
        }
        (Form::List(name, count, (members, more)), Form::List(their_name, _, theirs)) => {
            name == their_name
                && count.is_none_or(|count| theirs.1 || count == total(&theirs.0))
                && matches_members(members, *more, &theirs.0)
        }
        (Form::Object(name, properties, more), Form::Object(their_name, theirs, _)) => {
            let own: Vec<_> = properties.iter().filter(|(key, _)| !key.starts_with('#')).collect();
            name == their_name
                && (own.len() == theirs.len() || *more && own.len() < theirs.len())
                && own.iter().zip(theirs).all(|(a, b)| a.0 == b.0 && matches(&a.1, &b.1))
        }
        (ours, theirs) => ours == theirs,
    }
}

fn matches_members(ours: &[Form], more: bool, theirs: &[Form]) -> bool {
    (ours.len() == theirs.len() || more && ours.len() < theirs.len())
        && ours.iter().zip(theirs).all(|(ours, theirs)| matches(ours, theirs))
}

/// How many elements there are, with the empty ones.
fn total(members: &[Form]) -> usize {
    let of = |form: &Form| match form {
        Form::Words(words) => match words.strip_prefix("empty × ") {
            Some(count) => count.parse().unwrap_or(1),
            None => 1,
        },
        _ => 1,
    };
    members.iter().map(of).sum()
}

/// Reads a whole text.
pub(crate) fn read(text: &str) -> Option<Form> {
    let mut rest = text.trim();
    let form = value(&mut rest)?;
    rest.trim().is_empty().then_some(form)
}

fn eat(rest: &mut &str, word: &str) -> bool {
    let trimmed = rest.trim_start();
    match trimmed.strip_prefix(word) {
        Some(after) => {
            *rest = after;
            true
        }
        None => false,
    }
}

fn value(rest: &mut &str) -> Option<Form> {
    *rest = rest.trim_start();
    let first = rest.chars().next()?;
    if matches!(first, '"' | '\'' | '`') {
        let (text, after) = quoted(rest)?;
        *rest = after;
        let left = if eat(rest, "…") || eat(rest, "...") { left_out(rest)? } else { 0 };
        return Some(Form::Text(text, left));
    }
    if let Some(form) = inspected_function(rest).or_else(|| our_function(rest)) {
        return Some(form);
    }
    // An object that refers to itself: `<ref *1> { self: [Circular *1] }`.
    if let Some(after) = rest.strip_prefix("<ref *1> ") {
        *rest = after;
        return value(rest);
    }
    if first == '<' {
        // `<1 empty item>` and `<Revoked Proxy>`.
        let (words, after) = rest.split_once('>')?;
        *rest = after;
        let words = words.trim_start_matches('<');
        let empty = words.strip_suffix(" empty item").or(words.strip_suffix(" empty items"));
        return Some(Form::Words(match empty {
            Some("1") => "empty".to_owned(),
            Some(count) => format!("empty × {count}"),
            None => words.to_owned(),
        }));
    }
    // `[Object: null prototype] {`, `[Number: -0]`; the first is a name, the second a value.
    let mut name = String::new();
    if first == '[' && !is_list(rest) {
        let (words, after) = rest.split_once(']')?;
        name = format!("{words}]");
        *rest = after;
        if matches!(name.as_str(), "[Object]" | "[Array]" | "[Circular *1]") {
            return Some(Form::Left);
        }
        // What is boxed can be a string.
        name = name.replace(['\'', '"'], "");
    } else if !matches!(first, '[' | '{' | '(') {
        name = words(rest);
    }
    let count = counted(rest);
    let trimmed = rest.trim_start();
    match trimmed.chars().next() {
        Some('[') => {
            *rest = trimmed.strip_prefix('[')?;
            // An array is one without a name.
            let members = members(rest, "]")?;
            Some(Form::List(name, count, members))
        }
        Some('{') => {
            *rest = trimmed.strip_prefix('{')?;
            object(rest, name, count)
        }
        _ if name.starts_with("class ") => Some(Form::Function(name)),
        _ => Some(Form::Words(name)),
    }
}

/// `[Function: name]`, as briefs have it.
fn inspected_function(rest: &mut &str) -> Option<Form> {
    const FLAVOURS: &[(&str, &str)] = &[
        ("[Function: ", "ƒ "),
        ("[Function (", "ƒ ("),
        ("[AsyncFunction: ", "async ƒ "),
        ("[GeneratorFunction: ", "ƒ* "),
        ("[AsyncGeneratorFunction: ", "async ƒ* "),
        ("[class ", "class "),
    ];
    let (theirs, ours) = FLAVOURS.iter().find(|(theirs, _)| rest.starts_with(theirs))?;
    let inside = rest.strip_prefix(theirs)?;
    // A method whose name is a symbol's has brackets of its own.
    let mut depth = 1;
    let end = inside.find(|c| {
        depth += match c {
            '[' => 1,
            ']' => -1,
            _ => 0,
        };
        depth == 0
    })?;
    let (name, after) = inside.split_at(end);
    *rest = after.strip_prefix(']')?;
    Some(Form::Function(match name.strip_prefix("bound ") {
        Some(name) => format!("bound {ours}{name}"),
        None => format!("{ours}{name}"),
    }))
}

/// A function of ours: `async ƒ* name(a, b)`. Its parameters are not compared: `inspect` has none.
fn our_function(rest: &mut &str) -> Option<Form> {
    let flavours = [
        "bound async ƒ* ",
        "bound async ƒ ",
        "bound ƒ* ",
        "bound ƒ ",
        "async ƒ* ",
        "async ƒ ",
        "ƒ* ",
        "ƒ ",
    ];
    let flavour = flavours.iter().find(|flavour| rest.starts_with(*flavour))?;
    let after = rest.strip_prefix(flavour)?;
    let mut depth = 0;
    let end = after.find(|c: char| {
        match c {
            '[' => depth += 1,
            ']' if depth > 0 => {
                depth -= 1;
                return false;
            }
            _ => {}
        }
        depth == 0 && matches!(c, '(' | ',' | ']' | '}')
    });
    let (name, after) = after.split_at(end.unwrap_or(after.len()));
    *rest = after;
    if after.starts_with('(') {
        let mut depth = 0;
        let end = after.find(|c: char| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        })?;
        *rest = &after[end + 1..];
    }
    let name = if name.is_empty() { "(anonymous)" } else { name.trim_end() };
    Some(Form::Function(format!("{flavour}{name}")))
}

/// `+408` or ` 408 more characters`.
fn left_out(rest: &mut &str) -> Option<usize> {
    let text = rest.trim_start().trim_start_matches(['"', '+', ' ']);
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, after) = text.split_at(end);
    *rest = after.strip_prefix(" more characters").unwrap_or(after);
    digits.parse().ok()
}

/// Words up to what begins or ends members; those in round brackets belong to them.
fn words(rest: &mut &str) -> String {
    let mut depth = 0;
    let end = rest
        .char_indices()
        .find(|&(at, c)| match c {
            '(' if depth == 0 && is_count(&rest[at..]) => true,
            '(' => {
                depth += 1;
                false
            }
            ')' if depth > 0 => {
                depth -= 1;
                false
            }
            // A time of day has colons.
            ':' => depth == 0 && !rest[at + 1..].starts_with(|c: char| c.is_ascii_digit()),
            '[' | ']' | '{' | '}' | ',' | ')' | '=' => depth == 0,
            _ => false,
        })
        .map_or(rest.len(), |(at, _)| at);
    let (words, after) = rest.split_at(end);
    *rest = after;
    words.trim().to_owned()
}

fn is_count(text: &str) -> bool {
    text[1..].split_once(')').is_some_and(|(inside, _)| inside.parse::<usize>().is_ok())
}

fn counted(rest: &mut &str) -> Option<usize> {
    let (inside, after) = rest.trim_start().strip_prefix('(')?.split_once(')')?;
    let count = inside.parse().ok()?;
    *rest = after;
    Some(count)
}

/// Whether brackets hold members, and not a name.
fn is_list(text: &str) -> bool {
    // `inspect` puts a blank inside of lists, and briefs put their number of members before.
    !text.starts_with('[')
        || text.starts_with("[ ")
        || text.starts_with("[\n")
        || text.starts_with("[]")
}

fn members(rest: &mut &str, end: &str) -> Option<Members> {
    let (mut forms, mut more) = (Vec::new(), false);
    loop {
        if eat(rest, end) {
            return Some((forms, more));
        }
        if eat(rest, "…") {
            more = true;
        } else if let Some(after) = more_items(rest) {
            *rest = after;
            more = true;
        } else {
            let mut form = value(rest)?;
            if eat(rest, "=>") {
                let to = value(rest)?;
                form = Form::List("=>".to_owned(), None, (vec![form, to], false));
            }
            forms.push(form);
        }
        eat(rest, ",");
    }
}

/// `... 900 more items`.
fn more_items<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let text = rest.trim_start().strip_prefix("... ")?;
    let (_, after) = text.split_once(" more item")?;
    Some(after.strip_prefix('s').unwrap_or(after))
}

fn object(rest: &mut &str, name: String, count: Option<usize>) -> Option<Form> {
    // The members of a map or a set have no keys of this kind.
    if count.is_some() {
        let members = members(rest, "}")?;
        return Some(Form::List(name, count, members));
    }
    let (mut properties, mut more) = (Vec::new(), false);
    loop {
        if eat(rest, "}") {
            if properties.is_empty() && more && name.is_empty() {
                return Some(Form::Left);
            }
            return Some(Form::Object(name, properties, more));
        }
        if eat(rest, "…") {
            more = true;
        } else {
            *rest = rest.trim_start();
            let key = key(rest)?;
            if !eat(rest, ":") {
                // A class without its properties: `exports: Shop`.
                return None;
            }
            properties.push((key, property_value(rest)?));
        }
        eat(rest, ",");
    }
}

/// A value of a property. `[Getter]` is one, and so is a name alone: an object of a class.
fn property_value(rest: &mut &str) -> Option<Form> {
    *rest = rest.trim_start();
    if let Some((words, after)) = rest.strip_prefix('[').and_then(|text| text.split_once(']'))
        && matches!(words, "Getter" | "Setter" | "Getter/Setter")
    {
        *rest = after;
        return Some(Form::Words(format!("[{words}]")));
    }
    value(rest)
}

fn key(rest: &mut &str) -> Option<String> {
    if rest.starts_with(['"', '\'']) {
        let (text, after) = quoted(rest)?;
        *rest = after;
        return Some(text);
    }
    // `[Symbol(method)]`, without its brackets.
    let (key, after) = rest.split_once(':')?;
    *rest = &rest[key.len()..];
    let _ = after;
    Some(key.trim().trim_start_matches('[').trim_end_matches(']').to_owned())
}

/// A string in quotes of any kind, and what follows. Our cut strings have the mark inside.
fn quoted(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next()?;
    let mut out = String::new();
    let mut chars = text[quote.len_utf8()..].char_indices();
    while let Some((at, c)) = chars.next() {
        let after = || &text[quote.len_utf8() + at + c.len_utf8()..];
        if c == quote {
            // `"the beginning…" +408`
            if let Some(cut) = out.strip_suffix('…').filter(|_| after().starts_with(" +")) {
                let cut = cut.to_owned();
                return Some((cut, &text[quote.len_utf8() + at - '…'.len_utf8()..]));
            }
            return Some((out, after()));
        }
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next()?.1 {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'x' => {
                let digits = [chars.next()?.1, chars.next()?.1];
                let code = u32::from_str_radix(&String::from_iter(digits), 16).ok()?;
                out.push(char::from_u32(code)?);
            }
            // A lone surrogate is no character; it stays in words, in small letters.
            'u' => {
                let digits: String = (0..4).filter_map(|_| Some(chars.next()?.1)).collect();
                out.push_str(&format!("\\u{}", digits.to_lowercase()));
            }
            other => out.push(other),
        }
    }
    None
}

#[test]
fn forms_are_compared() {
    for (ours, theirs) in [
        ("42", "42"),
        ("\"it's \\x1b\"", "\"it's \\x1B\""),
        ("\"long lo…\" +5", "'long long lo'"),
        ("(3) [1, empty, {…}]", "[ 1, <1 empty item>, { a: 1 } ]"),
        ("(1000) [0, 1, …]", "[\n 0, 1, 2,\n ... 997 more items\n]"),
        ("{3: \"x\", \"odd key\": true, …}", "{ '3': 'x', 'odd key': true, b: 2 }"),
        ("Point {#hidden: 3, x: 1}", "Point { x: 1 }"),
        (
            "{Symbol(method): ƒ [method], f: ƒ f}",
            "{ [Symbol(method)]: [Function: [method]], f: [Function: f] }",
        ),
        ("async ƒ* a(…)", "[AsyncGeneratorFunction: a]"),
        ("ƒ f(a, {b} = g())", "[Function: f]"),
        ("ƒ (value)", "[Function (anonymous)]"),
        ("(1) [ƒ (anonymous)]", "[ [Function (anonymous)] ]"),
        ("bound ƒ f(a)", "[Function: bound f]"),
        ("Map(2) {\"key\" => 1, {…} => 2}", "Map(2) { 'key' => 1, { o: 1 } => 2 }"),
        ("[Object: null prototype] {a: 1}", "[Object: null prototype] { a: 1 }"),
        ("[String: \"boxed\"]", "[String: 'boxed']"),
        ("Symbol(described)", "Symbol(described)"),
        ("{got: [Getter]}", "{ got: [Getter] }"),
    ] {
        assert!(is_same(ours, theirs), "{:?} and {:?}", read(ours), read(theirs));
    }
    for (ours, theirs) in [
        ("42", "43"),
        ("\"long…\" +4", "'long long'"),
        ("(2) [1, empty]", "[ 1, <2 empty items> ]"),
        ("(2) [1, 2]", "[ 1, 2, 3 ]"),
        ("(3) [1, 2, 3]", "[ 1, 2, 4 ]"),
        ("{a: 1}", "{ a: 1, b: 2 }"),
        ("Point {x: 1}", "Pixel { x: 1 }"),
        ("ƒ f(…)", "[AsyncFunction: f]"),
        ("Map(1) {\"key\" => 1}", "Map(1) { 'key' => 2 }"),
        ("{…}", "5"),
    ] {
        assert!(!is_same(ours, theirs), "{ours} and {theirs}");
    }
}
