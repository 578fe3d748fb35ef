//! `licences`: everything that ships may be shipped.

use crate::metadata::Metadata;
use crate::run::{TaskResult, cargo, has_subcommand, must};

/// Licences that need no more than their text; `.cargo/deny.toml` has the same list.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Packages with a licence that is not on the list, by name, and why they ship all the same;
/// `.cargo/deny.toml` has the same.
const EXCEPTIONS: &[(&str, &str, &str)] = &[(
    "inferno",
    "CDDL-1.0",
    "draws flame graphs; copyleft of files: its own files stay under the CDDL and are published, \
     ours are not concerned",
)];

pub(crate) fn check(_: &[String]) -> TaskResult {
    let metadata = Metadata::read()?;
    let shipped = metadata.shipped();
    let mut refused = 0;
    for package in &shipped {
        if let Some(reason) = exception(package.name(), package.licence()) {
            println!("licences: {} is an exception: {reason}", package.name());
        } else if !allowed(package.licence())? {
            refused += 1;
            let licence = package.licence();
            eprintln!("licences: {} {}: '{licence}'", package.name(), package.version());
        }
    }
    if refused > 0 {
        return Err(format!("{refused} packages have a licence that is not on the list").into());
    }
    println!("licences: {} packages ship, all others under licences on the list", shipped.len());
    if has_subcommand("deny") {
        must(cargo().args(["deny", "check", "licenses", "bans", "sources"]))?;
    } else {
        println!("licences: cargo-deny is not installed; only our own check ran");
    }
    Ok(())
}

/// Why a package ships although its licence is not on the list. Another licence under the same name
/// is no exception.
fn exception(name: &str, licence: &str) -> Option<&'static str> {
    EXCEPTIONS.iter().find(|(n, l, _)| (*n, *l) == (name, licence)).map(|(.., reason)| *reason)
}

/// Whether an SPDX expression (or the old form with slashes) leaves us an allowed choice.
fn allowed(expression: &str) -> TaskResult<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    if words.is_empty() {
        return Ok(false);
    }
    let mut rest = words.as_slice();
    let answer = any_of(&mut rest);
    match (answer, rest) {
        (Some(answer), []) => Ok(answer),
        _ => Err(format!("cannot read the licence expression '{expression}'").into()),
    }
}

/// `a OR b OR ...`
fn any_of(words: &mut &[&str]) -> Option<bool> {
    let mut answer = all_of(words)?;
    while let ["OR", rest @ ..] = *words {
        *words = rest;
        answer |= all_of(words)?;
    }
    Some(answer)
}

/// `a AND b AND ...`, which binds tighter.
fn all_of(words: &mut &[&str]) -> Option<bool> {
    let mut answer = one(words)?;
    while let ["AND", rest @ ..] = *words {
        *words = rest;
        answer &= one(words)?;
    }
    Some(answer)
}

/// A licence, one with an exception, or parentheses.
fn one(words: &mut &[&str]) -> Option<bool> {
    match *words {
        ["(", rest @ ..] => {
            *words = rest;
            let answer = any_of(words)?;
            let [")", rest @ ..] = *words else { return None };
            *words = rest;
            Some(answer)
        }
        [licence, "WITH", exception, rest @ ..] => {
            *words = rest;
            Some(ALLOWED.contains(&format!("{licence} WITH {exception}").as_str()))
        }
        ["OR" | "AND" | "WITH" | ")", ..] | [] => None,
        [licence, rest @ ..] => {
            *words = rest;
            Some(ALLOWED.contains(licence))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_of_one_package_and_licence() {
        assert!(exception("inferno", "CDDL-1.0").is_some());
        assert!(exception("inferno", "GPL-3.0-only").is_none());
        assert!(exception("other", "CDDL-1.0").is_none());
    }

    #[test]
    fn expressions() {
        for (expression, wanted) in [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("MIT OR GPL-3.0-only", true),
            ("MIT AND GPL-3.0-only", false),
            ("MIT/Apache-2.0", true),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("(MIT OR Apache-2.0) AND MPL-2.0", false),
            ("GPL-2.0-only OR MIT AND ISC", true),
            ("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT", true),
            ("GPL-2.0-only WITH Classpath-exception-2.0", false),
            ("", false),
        ] {
            assert_eq!(allowed(expression).unwrap(), wanted, "{expression}");
        }
        assert!(allowed("MIT OR").is_err());
        assert!(allowed("(MIT").is_err());
        assert!(allowed("MIT MIT").is_err());
    }
}
