//! `header`: the C header of the dmod ABI, written from `mdb-dmod-abi`.
//!
//! cbindgen prints the declarations. It is under the MPL-2.0, which concerns its own files; it is a
//! tool of the build that nothing of what ships contains.

mod comments;
mod declarations;
mod names;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use cbindgen::{Builder, Config, DocumentationStyle, Language, Style};
use mdb_fixtures::{target_dir, workspace_dir};

use crate::run::TaskResult;
use declarations::Declarations;

/// The headers: what is generated, and what is written by hand for the comfort of authors. Each
/// includes the other, so that authors name either.
pub(crate) const HEADERS: &[&str] = &["mdb_dmod.h", "mdb_dmod_author.h"];

/// Where they are.
pub(crate) fn directory() -> PathBuf {
    workspace_dir().join("crates/mdb-dmod-abi/include")
}

pub(crate) fn header(arguments: &[String]) -> TaskResult {
    let check = match arguments {
        [] => false,
        [option] if option == "--check" => true,
        _ => return Err("usage: cargo xtask header [--check]".into()),
    };
    let text = text(&declarations::read(&workspace_dir().join("crates/mdb-dmod-abi/src"))?)?;
    let path = directory().join("mdb_dmod.h");
    if !check {
        fs::write(&path, text)?;
        println!("{}", path.display());
        return Ok(());
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    if committed == text {
        return Ok(());
    }
    let same = committed.lines().zip(text.lines()).take_while(|(one, other)| one == other).count();
    Err(format!(
        "{} is not what mdb-dmod-abi says, from line {} on: run `cargo xtask header`",
        path.display(),
        same + 1
    )
    .into())
}

const ABOVE: &str = "\
/* The contract between mdb and its dmods, for C and C++.
 *
 * Written by `cargo xtask header` from crates/mdb-dmod-abi: change that instead. The rules:
 *
 * - Strings are a pointer and a length, UTF-8, and end with no NUL. An empty one may have a null
 *   pointer.
 * - Enumerations are integers. A value that the reader does not know is legal and ignored.
 * - Sizes come first, tables grow at the end. A struct that is passed by pointer begins with its own
 *   size; use a field or a function only where the size covers it. The functions of
 *   mdb_dmod_author.h do so.
 * - An array states the size of its elements (`stride`), and the reader steps by that.
 * - Nothing is owned across. What a callback is given is borrowed until the callback returns; what a
 *   dcmd is given, until the dcmd returns.
 * - The host calls in, the dmod calls back. A dmod gets the host's tables and a context, and may use
 *   the context until it returns.
 */";

/// The whole header.
fn text(declarations: &Declarations) -> TaskResult<String> {
    let mut forward = String::from("\n/* All structs, so that they may refer to each other. */\n");
    let structs = declarations.structs.keys().filter(|name| *name != "Array").map(String::as_str);
    let mut forwarded: Vec<String> = structs.chain(["Cx"]).map(names::of_type).collect();
    forwarded.extend(declarations.elements.iter().map(|element| names::of_array(element)));
    for name in &forwarded {
        writeln!(forward, "typedef struct {name} {name};")?;
    }

    let mut config = Config {
        language: Language::C,
        style: Style::Tag,
        header: Some(ABOVE.to_owned()),
        include_guard: Some("MDB_DMOD_H".to_owned()),
        no_includes: true,
        sys_includes: vec!["stddef.h".to_owned(), "stdint.h".to_owned()],
        after_includes: Some(forward),
        trailer: Some("#include \"mdb_dmod_author.h\"".to_owned()),
        usize_is_size_t: true,
        documentation_style: DocumentationStyle::Doxy,
        line_length: 100,
        tab_width: 2,
        ..Config::default()
    };
    config.export.include.clone_from(&declarations.types);
    config.export.rename = declarations.names.clone().into_iter().collect();

    // cbindgen reads files. The name of this one stands in what it complains of.
    let source = target_dir().join("header");
    fs::create_dir_all(&source)?;
    let source = source.join(format!("mdb_dmod_{}.rs", std::process::id()));
    fs::write(&source, &declarations.source)?;
    let bindings = Builder::new().with_config(config).with_src(&source).generate();
    let mut bytes = Vec::new();
    bindings.map_err(|error| error.to_string())?.write(&mut bytes);
    fs::remove_file(&source)?;
    Ok(on_one_line(&without_tags(&String::from_utf8(bytes)?)))
}

/// Comments that fit into a line take one.
fn on_one_line(text: &str) -> String {
    const WIDTH: usize = 100;
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let indent = line.strip_suffix("/**").filter(|indent| indent.trim().is_empty());
        let inside = indent.and_then(|indent| {
            let middle = *lines.peek()?;
            Some((indent, middle, middle.trim_start().strip_prefix("* ")?))
        });
        let Some((indent, middle, words)) = inside else {
            writeln_to(&mut out, line);
            continue;
        };
        lines.next();
        let short = format!("{indent}/** {words} */");
        if lines.peek().is_some_and(|next| next.trim() == "*/") && short.len() <= WIDTH {
            lines.next();
            writeln_to(&mut out, &short);
        } else {
            writeln_to(&mut out, line);
            writeln_to(&mut out, middle);
        }
    }
    out
}

fn writeln_to(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

/// All structs have a name of their own from the first lines on: `struct` is needed only where they
/// are declared and where they are filled.
fn without_tags(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        if line.starts_with("typedef struct ") || line.starts_with("struct ") {
            writeln_to(&mut out, line);
        } else {
            writeln_to(&mut out, &line.replace("struct mdb_", "mdb_"));
        }
    }
    out
}

#[cfg(test)]
mod tests;
