//! `install`: the program, its dmods and the C header below a prefix.

use std::fs;
use std::path::Path;

use crate::header;
use crate::metadata::Metadata;
use crate::run::{TaskResult, cargo, must};

/// The dmods that we ship: package and library.
pub(crate) const DMODS: &[(&str, &str)] =
    &[("mdb-native", "native"), ("mdb-stacks", "stacks"), ("mdb-v8", "v8")];

/// Builds the program and its dmods optimised; gives the directory that they lie in.
pub(crate) fn build_release(metadata: &Metadata) -> TaskResult<std::path::PathBuf> {
    let mut build = cargo();
    build.args(["build", "--release", "--package", "mdb"]);
    for (package, _) in DMODS {
        build.args(["--package", package]);
    }
    must(&mut build)?;
    Ok(metadata.target_directory().join("release"))
}

pub(crate) fn install(arguments: &[String]) -> TaskResult {
    let prefix = match arguments {
        [option, prefix] if option == "--prefix" => Path::new(prefix),
        _ => return Err("usage: cargo xtask install --prefix DIR".into()),
    };
    let release = build_release(&Metadata::read()?)?;
    let programs = prefix.join("bin");
    let dmods = prefix.join("lib/mdb/dmods");
    fs::create_dir_all(&programs)?;
    // Below a prefix that compilers know, `#include <mdb_dmod.h>` needs no option.
    let headers = prefix.join("include");
    fs::create_dir_all(&dmods)?;
    fs::create_dir_all(&headers)?;
    copy(&release.join("mdb"), &programs.join("mdb"))?;
    for (_, name) in DMODS {
        copy(&release.join(format!("lib{name}.so")), &dmods.join(format!("{name}.so")))?;
    }
    for name in header::HEADERS {
        copy(&header::directory().join(name), &headers.join(name))?;
    }
    Ok(())
}

/// Copies beside the destination and renames, so that a running program keeps its file.
fn copy(from: &Path, to: &Path) -> TaskResult {
    let beside = to.with_extension("new");
    fs::copy(from, &beside).map_err(|error| format!("cannot copy {}: {error}", from.display()))?;
    fs::rename(&beside, to)?;
    println!("{}", to.display());
    Ok(())
}
