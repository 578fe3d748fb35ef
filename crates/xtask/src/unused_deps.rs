//! `unused-deps`: each dependency is named somewhere in the sources that may use it.

use std::fs;

use crate::metadata::{Metadata, Package};
use crate::run::TaskResult;
use crate::sources::{has_word, rust_files};

pub(crate) fn check(_: &[String]) -> TaskResult {
    let metadata = Metadata::read()?;
    let members = metadata.members();
    let mut checked = 0;
    let mut unused = 0;
    for package in &members {
        let own = read_all(*package, &[])?;
        let with_tests = read_all(*package, &["tests", "benches", "examples"])?;
        for dependency in package.dependencies() {
            let name = dependency.name();
            if package.excused().any(|excused| excused == name) {
                continue;
            }
            checked += 1;
            // In code it has the name that Cargo.toml gives it, or that of its library.
            let library = metadata.packages().find(|found| found.name() == name);
            let in_code = match (dependency.rename(), library.and_then(Package::library)) {
                ("", Some(library)) => library.replace('-', "_"),
                ("", None) => name.replace('-', "_"),
                (rename, _) => rename.replace('-', "_"),
            };
            let text = if dependency.is_dev() { &with_tests } else { &own };
            if !has_word(text, &in_code) {
                unused += 1;
                let kind = if dependency.is_dev() { "dev-dependency" } else { "dependency" };
                eprintln!("unused-deps: {} names its {kind} {name} nowhere", package.name());
            }
        }
    }
    if unused > 0 {
        return Err(format!("{unused} of {checked} dependencies are unused").into());
    }
    println!("unused-deps: {checked} dependencies, all of them named");
    Ok(())
}

/// The text of a package's sources, and of some folders beside them.
fn read_all(package: Package<'_>, folders: &[&str]) -> TaskResult<String> {
    let mut text = String::new();
    let folders = folders.iter().map(|folder| package.directory().join(folder));
    let sources = package.source_directories().into_iter().map(ToOwned::to_owned);
    for directory in sources.chain(folders) {
        for file in rust_files(&directory)? {
            text += &fs::read_to_string(file)?;
            text.push('\n');
        }
    }
    Ok(text)
}
