//! What things of the contract are called in C.

/// Types whose C name is not their Rust name in lower case.
const TYPES: &[(&str, &str)] = &[("Opt", "mdb_option"), ("ModInfo", "mdb_modinfo")];

/// Fields and parameters that are called otherwise in C: they would be keywords there.
const WORDS: &[(&str, &str)] =
    &[("short", "short_name"), ("long", "long_name"), ("register", "register_value")];

/// Words that C11 or C++20 keeps for itself: the keyword tables of ISO/IEC 9899:2011, 6.4.1, and
/// ISO/IEC 14882:2020, 5.11, without those that begin with `_`.
const KEYWORDS: &[&str] = &[
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "class",
    "compl",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "nullptr",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "requires",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "union",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
];

/// The struct or callback `MemoryGroup` is `mdb_memory_group`.
pub(super) fn of_type(name: &str) -> String {
    let given = TYPES.iter().find(|(rust, _)| *rust == name);
    given.map_or_else(|| format!("mdb_{}", snake(name)), |(_, c)| (*c).to_owned())
}

/// `Array<Dcmd>` is `mdb_dcmd_array`.
pub(super) fn of_array(element: &str) -> String {
    match element {
        "u32" | "u64" => format!("mdb_{element}_array"),
        _ => format!("{}_array", of_type(element)),
    }
}

/// The constant `CALL_LOOP` is `MDB_CALL_LOOP`; `value_kind::FLAG` is `MDB_VALUE_KIND_FLAG`, and
/// `Status::OK` is `MDB_OK`.
pub(super) fn of_constant(group: Option<&str>, name: &str) -> String {
    match group {
        None | Some("Status") => format!("MDB_{name}"),
        Some(module) => format!("MDB_{}_{name}", module.to_uppercase()),
    }
}

/// A field or a parameter.
pub(super) fn of_word(name: &str) -> String {
    let given = WORDS.iter().find(|(rust, _)| *rust == name);
    given.map_or(name, |(_, c)| c).to_owned()
}

/// Whether C or C++ keeps the word for itself.
pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

/// `WalkCall` becomes `walk_call`.
fn snake(camel: &str) -> String {
    let mut snake = String::new();
    for letter in camel.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
