//! Debian 12's Node: a small position-independent program, and a stripped `libnode.so.108` with V8 in
//! it. apt downloads the packages; nothing is installed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::FixtureError;
use crate::cache::{self, Key};
use crate::compile::run;
use crate::node::{needs_x86_64, recent_failure};

/// The version of Debian 12's Node.
pub const NODE_DEBIAN: &str = "18.20.4";

/// How its package's versions begin: what follows is Debian's number of the package.
const PACKAGE_VERSION: &str = "18.20.4+dfsg-";

/// More packages than the program needs are a mistake in following what depends on what.
const MAX_PACKAGES: usize = 32;

/// Where the library looks for parts of Node that are JavaScript and packages of their own, and what
/// we write there instead, of the same length: `js` in the directory that the program runs in. It is
/// compiled in, and no variable changes it.
const SCRIPTS: &[u8; 18] = b"/usr/share/nodejs/";
const SCRIPTS_HERE: &[u8; 18] = b"/proc/self/cwd/js/";

/// The program and what it needs to run.
pub(crate) struct DebianNode {
    /// The program.
    pub(crate) executable: PathBuf,
    /// For `LD_LIBRARY_PATH`.
    pub(crate) libraries: PathBuf,
    /// For a link `js` in the directory that it runs in.
    pub(crate) scripts: PathBuf,
}

/// Debian's Node, unpacked in the cache.
pub(crate) fn debian_node() -> Result<DebianNode, FixtureError> {
    needs_x86_64("Debian's packages that the cases need are for x86-64")?;
    let mut key = Key::new();
    key.add(PACKAGE_VERSION);
    key.add((SCRIPTS, SCRIPTS_HERE));
    let dir = cache::filled("node-debian", &key.finish(), fill)?;
    Ok(DebianNode {
        executable: dir.join("usr/bin/node"),
        libraries: dir.join("usr/lib/x86_64-linux-gnu"),
        scripts: dir.join("usr/share/nodejs"),
    })
}

/// Downloads and unpacks.
fn fill(dir: &Path) -> Result<(), FixtureError> {
    let failure = dir.join("failed");
    if let Some(why) = recent_failure(&failure) {
        return Err(FixtureError::Unavailable { why });
    }
    match download(dir) {
        Err(FixtureError::Tool { command, stderr, .. }) => {
            let last = stderr.lines().last().unwrap_or_default();
            let why = format!("apt cannot fetch Debian's Node ({command}: {last})");
            let _ = fs::write(&failure, &why);
            Err(FixtureError::Unavailable { why })
        }
        done => done,
    }?;
    let library = dir.join("usr/lib/x86_64-linux-gnu/libnode.so.108");
    let mut bytes = fs::read(&library).map_err(FixtureError::io("read", &library))?;
    let places: Vec<usize> = bytes
        .windows(SCRIPTS.len())
        .enumerate()
        .filter_map(|(at, window)| (window == SCRIPTS).then_some(at))
        .collect();
    for at in places {
        if let Some(place) = bytes.get_mut(at..).and_then(|rest| rest.get_mut(..SCRIPTS.len())) {
            place.copy_from_slice(SCRIPTS_HERE);
        }
    }
    fs::write(&library, bytes).map_err(FixtureError::io("write", &library))
}

/// Unpacks Node and, one after the other, the packages that it depends on and the machine lacks.
fn download(dir: &Path) -> Result<(), FixtureError> {
    let version = offered()?;
    let mut wanted = vec![format!("nodejs={version}"), format!("libnode108={version}")];
    let mut seen: BTreeSet<String> = ["nodejs", "libnode108"].map(str::to_owned).into();
    while let Some(package) = wanted.pop() {
        let depends = unpack(dir, &package)?;
        for name in depends.split(',').filter_map(package_name) {
            // Scripts count only where the library is made to look.
            let needed = name.starts_with("node-") || !is_installed(name);
            if needed && seen.len() < MAX_PACKAGES && seen.insert(name.to_owned()) {
                wanted.push(name.to_owned());
            }
        }
    }
    Ok(())
}

/// The package version that apt offers.
fn offered() -> Result<String, FixtureError> {
    // Lines ` nodejs | VERSION | SOURCE`, newest first.
    let listed = run(Command::new("apt-cache").args(["madison", "nodejs"]))?;
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    text.lines()
        .filter_map(|line| line.split('|').nth(1))
        .map(str::trim)
        .find(|version| version.starts_with(PACKAGE_VERSION))
        .map(str::to_owned)
        .ok_or_else(|| {
            let why = format!("apt offers no nodejs {NODE_DEBIAN} (that of Debian 12)");
            FixtureError::Unavailable { why }
        })
}

/// The name in one item of a `Depends` field, the first of alternatives: `nodejs:any (>= 1) | other`.
fn package_name(item: &str) -> Option<&str> {
    item.trim().split([' ', '|', ':', '(']).next().filter(|name| !name.is_empty())
}

/// Whether dpkg says that a package is installed.
fn is_installed(name: &str) -> bool {
    let asked = run(Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status} ", name]));
    asked.is_ok_and(|output| output.stdout.starts_with(b"installed"))
}

/// Downloads a package and unpacks it into the directory. Gives its `Depends` field.
fn unpack(dir: &Path, package: &str) -> Result<String, FixtureError> {
    let downloads = dir.join("downloads");
    let _ = fs::remove_dir_all(&downloads);
    fs::create_dir_all(&downloads).map_err(FixtureError::io("create", &downloads))?;
    // apt's own user may not write here.
    let mut apt = Command::new("apt-get");
    apt.args(["-q", "-o", "APT::Sandbox::User=root", "download", package]);
    run(apt.current_dir(&downloads))?;
    let mut files = fs::read_dir(&downloads).map_err(FixtureError::io("read", &downloads))?;
    let file = files.find_map(|entry| Some(entry.ok()?.path())).ok_or_else(|| {
        FixtureError::Unavailable { why: format!("apt downloaded nothing for {package}") }
    })?;
    run(Command::new("dpkg-deb").arg("-x").arg(&file).arg(dir))?;
    let depends = run(Command::new("dpkg-deb").arg("-f").arg(&file).arg("Depends"))?;
    let _ = fs::remove_dir_all(&downloads);
    Ok(String::from_utf8_lossy(&depends.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_depends() {
        let field = "libc6 (>= 2.34), nodejs:any | nodejs (<< 12.22.5~dfsg-4~), node-xtend\n";
        let names: Vec<_> = field.split(',').filter_map(package_name).collect();
        assert_eq!(names, ["libc6", "nodejs", "node-xtend"]);
        assert_eq!(package_name("\n"), None);
    }
}
