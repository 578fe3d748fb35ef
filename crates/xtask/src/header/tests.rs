//! The committed headers, through compilers.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mdb_fixtures::{skipped, target_dir, workspace_dir};

use super::{declarations, directory, header, names};

/// A compiler and how it is called for a language.
const COMPILERS: &[(&str, &str, &[&str])] = &[
    ("CC", "cc", &["-std=c11", "-x", "c"]),
    ("CC", "cc", &["-std=gnu17", "-x", "c"]),
    ("CXX", "c++", &["-std=c++11", "-x", "c++"]),
    ("CXX", "c++", &["-std=c++20", "-x", "c++"]),
];

/// Compiles a text, all warnings being errors.
fn compile(name: &str, text: &str, compiler: &str, options: &[&str]) -> Result<(), String> {
    let source = target_dir().join("header");
    fs::create_dir_all(&source).unwrap();
    let source = source.join(format!("{name}-{}.c", std::process::id()));
    fs::write(&source, text).unwrap();
    let mut command = Command::new(compiler);
    command.args(options).args(["-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only", "-I"]);
    let done = command.arg(directory()).arg(&source).output();
    fs::remove_file(&source).unwrap();
    let done = done.map_err(|error| error.to_string())?;
    done.status.success().then_some(()).ok_or(String::from_utf8_lossy(&done.stderr).into_owned())
}

/// Compiles a text as C and, where there is such a compiler, as C++.
fn compile_all(name: &str, text: &str) {
    for (variable, usual, options) in COMPILERS {
        let compiler = std::env::var(variable).unwrap_or_else(|_| (*usual).to_owned());
        let there = Command::new(&compiler).arg("--version").output();
        if there.is_err() {
            assert_eq!(*variable, "CXX", "the tests need a C compiler");
            skipped(name, &format!("no C++ compiler: {compiler}"));
            continue;
        }
        compile(name, text, &compiler, options)
            .unwrap_or_else(|error| panic!("{compiler} {options:?}: {error}"));
    }
}

fn source_directory() -> PathBuf {
    workspace_dir().join("crates/mdb-dmod-abi/src")
}

#[test]
fn the_committed_header_is_up_to_date() {
    header(&["--check".to_owned()]).unwrap();
}

#[test]
fn c_and_cxx_take_the_headers_without_a_warning() {
    compile_all("plain", "#include <mdb_dmod.h>\nint nothing_else;\n");
    compile_all("author-first", "#include <mdb_dmod_author.h>\n#include <mdb_dmod.h>\nint x;\n");
}

/// What C makes of the header, beside the table that rustc's view was committed to.
#[test]
fn every_field_lies_where_the_table_of_layouts_says() {
    let table = fs::read_to_string(source_directory().join("../tests/layout.txt")).unwrap();
    let declared = declarations::read(&source_directory()).unwrap();
    let mut text = String::from(
        "#include <mdb_dmod.h>\n\
         #ifdef __cplusplus\n#define _Static_assert static_assert\n#define _Alignof alignof\n\
         #endif\n",
    );
    let mut structure = String::new();
    let mut seen = std::collections::BTreeMap::<String, Vec<String>>::new();
    for line in table.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match (line.starts_with(' '), words.as_slice()) {
            (false, [name, size, alignment]) => {
                let rust = name.split('<').next().unwrap();
                seen.insert(rust.to_owned(), Vec::new());
                rust.clone_into(&mut structure);
                let c = c_name(name);
                writeln!(text, "_Static_assert(sizeof({c}) == {size}, \"{c}\");").unwrap();
                writeln!(text, "_Static_assert(_Alignof({c}) == {alignment}, \"{c}\");").unwrap();
            }
            (true, [field, offset]) => {
                seen.get_mut(&structure).unwrap().push((*field).to_owned());
                let c = match structure.as_str() {
                    "Array" => c_name("Array<u64>"),
                    name => c_name(name),
                };
                let word = names::of_word(field);
                writeln!(
                    text,
                    "_Static_assert(offsetof({c}, {word}) == {offset}, \"{c}.{word}\");"
                )
                .unwrap();
            }
            _ => panic!("layout.txt: {line}"),
        }
    }
    // Arrays of all elements have one layout.
    for element in &declared.elements {
        let c = names::of_array(element);
        writeln!(text, "_Static_assert(sizeof({c}) == sizeof(mdb_u64_array), \"{c}\");").unwrap();
    }
    // No struct and no field is left out of the table.
    assert_eq!(seen, declared.structs);
    compile_all("layout", &text);
    // The assertions can fail.
    let wrong =
        text.replace("offsetof(mdb_modinfo, attach) == ", "offsetof(mdb_modinfo, attach) == 1 + ");
    assert_ne!(text, wrong);
    let error = compile("wrong", &wrong, "cc", &["-std=c11"]).unwrap_err();
    assert!(error.contains("mdb_modinfo.attach"), "{error}");
}

fn c_name(rust: &str) -> String {
    match rust.strip_prefix("Array<").and_then(|rest| rest.strip_suffix('>')) {
        Some(element) => names::of_array(element),
        None => names::of_type(rust),
    }
}

#[test]
fn what_has_no_words_in_c_is_refused() {
    let refused = |file: &str| {
        let directory = target_dir().join(format!("header/refused-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("lib.rs"), file).unwrap();
        let error = declarations::read(Path::new(&directory)).unwrap_err().to_string();
        fs::remove_dir_all(&directory).unwrap();
        error
    };
    let keyword = refused("#[repr(C)] pub struct A { pub union: u32 }");
    assert_eq!(keyword, "A::union: 'union' is a keyword of C: see names.rs");
    let link = refused("/// See [`Nothing`].\npub const A: u32 = 1;");
    assert_eq!(link, "MDB_A: no C name for the link to `Nothing`");
    let twice = refused("pub const A_B: u32 = 1; pub mod a { pub const B: u32 = 2; }");
    assert_eq!(twice, "MDB_A_B would be declared twice");
}

#[test]
fn comments_have_the_names_of_c() {
    let text = fs::read_to_string(directory().join("mdb_dmod.h")).unwrap();
    for rust in ["Status::", "crate::", "[`", "value_kind"] {
        assert!(!text.contains(rust), "{rust}");
    }
    assert!(text.contains("`MDB_NOT_FOUND` if it has none"));
}
