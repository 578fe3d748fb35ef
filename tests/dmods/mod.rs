//! Dmods that the tests build: in C, and in Rust with whatever toolchain.
#![allow(dead_code, reason = "each test file uses a part")]

use mdb_fixtures::{target_dir, workspace_dir};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the C header is.
pub(crate) fn headers() -> PathBuf {
    workspace_dir().join("crates/mdb-dmod-abi/include")
}

/// The header as it was at minor version 1.
pub(crate) fn headers_of_minor_1() -> PathBuf {
    workspace_dir().join("crates/mdb-dmod-abi/tests/minor-1")
}

/// Builds a dmod from a source of ours, with the options given.
pub(crate) fn c_dmod(out: &Path, source: &str, headers: &Path, options: &[&str]) {
    let mut cc = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    cc.args(["-shared", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror"]);
    cc.arg("-I").arg(headers).args(options).arg("-o").arg(out).arg(workspace_dir().join(source));
    let done = cc.output().expect("the tests need a C compiler");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// Builds the dmod of the loader's tests with definitions that spoil it.
pub(crate) fn spoilt(out: &Path, definitions: &[&str]) {
    let mut options = vec!["-Wno-unused".to_owned(), "-fvisibility=default".to_owned()];
    options.extend(definitions.iter().map(|definition| format!("-D{definition}")));
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    c_dmod(out, "crates/mdb-dmod-host/tests/c/sum.c", &headers(), &options);
}

/// The dmod in Rust that does what dmods should not do. Cargo builds it with the tests of
/// mdb-dmod-host.
pub(crate) fn misbehaves() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_mdb"));
    let file = program.parent().unwrap().join("examples/libmisbehaves.so");
    assert!(
        file.exists(),
        "{} is missing: `cargo build -p mdb-dmod-host --examples` builds it",
        file.display()
    );
    file
}

/// The same, built with another toolchain; the text says why there is none.
pub(crate) fn misbehaves_of_another_toolchain() -> Result<(PathBuf, String), String> {
    let (toolchain, version) = another_toolchain()?;
    let package = target_dir().join("other-toolchain").join(&toolchain);
    std::fs::create_dir_all(&package).unwrap();
    let root = workspace_dir();
    // A package as an author has it, outside the workspace.
    let manifest = format!(
        "[package]\nname = \"misbehaves\"\nedition = \"2024\"\n[workspace]\n[lib]\npath = \"{}\"\n\
         crate-type = [\"cdylib\"]\n[dependencies]\nmdb-dmod = {{ path = \"{}\" }}\n",
        root.join("crates/mdb-dmod-host/examples/misbehaves.rs").display(),
        root.join("crates/mdb-dmod").display(),
    );
    std::fs::write(package.join("Cargo.toml"), manifest).unwrap();
    std::fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    let mut cargo = Command::new("rustup");
    cargo.args(["run", &toolchain, "cargo", "build", "--quiet", "--offline"]);
    // What cargo tells us of its own run would be taken for orders.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["CARGO_", "RUST"].iter().any(|p| text.starts_with(p)) && name != "CARGO_HOME" {
            cargo.env_remove(&name);
        }
    }
    let target = package.join("target");
    cargo.env("CARGO_TARGET_DIR", &target).current_dir(&package);
    let done = cargo.output().map_err(|error| error.to_string())?;
    let stderr = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{toolchain}: {stderr}");
    Ok((target.join("debug/libmisbehaves.so"), version))
}

/// A toolchain of rustup's whose compiler is another one than ours, and new enough.
fn another_toolchain() -> Result<(String, String), String> {
    let ask = |program: &str, words: &[&str]| {
        let output = Command::new(program).args(words).output().map_err(|e| e.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    };
    let ours = ask("rustc", &["-V"])?;
    let list = ask("rustup", &["toolchain", "list"]).map_err(|e| format!("no rustup: {e}"))?;
    for line in list.lines() {
        let Some(name) = line.split_whitespace().next() else { continue };
        let Ok(version) = ask("rustup", &["run", name, "rustc", "-V"]) else { continue };
        // `rustc 1.88.0 (...)`
        let minor = version.split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok());
        if version != ours && minor.is_some_and(|minor| minor >= 88) {
            return Ok((name.to_owned(), version.trim().to_owned()));
        }
    }
    Err("rustup has no second toolchain".to_owned())
}
