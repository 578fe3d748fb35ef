//! Which build of Node runs a case, and what becomes of it afterwards.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::compile::run;
use crate::node_debian::{DebianNode, debian_node};
use crate::{FixtureError, NODE_VERSIONS, NodeFixture, node};

/// Which build of Node runs a case, and what becomes of it afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodeProgram {
    /// The official build.
    Official,
    /// A copy of it without symbols of its own: `strip --strip-all`.
    Stripped,
    /// It ran from a path that is gone.
    Missing,
    /// It ran from a path where now another version's program is.
    Replaced,
    /// Debian 12's, with V8 in a shared library; see [`crate::NODE_DEBIAN`].
    Debian,
}

/// A build that was found and can be placed.
pub(crate) enum Build {
    /// The official one, and what to do with it.
    Official(NodeProgram, NodeFixture),
    /// Debian's.
    Debian(DebianNode),
}

impl NodeProgram {
    /// Finds the build.
    pub(crate) fn build(self, version: &str) -> Result<Build, FixtureError> {
        match self {
            Self::Debian => debian_node().map(Build::Debian),
            other => node(version).map(|found| Build::Official(other, found)),
        }
    }
}

impl Build {
    /// The path that the program has on this machine; a core names it, or one in its own directory.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Official(_, found) => &found.executable,
            Self::Debian(found) => &found.executable,
        }
    }

    /// Where a case's program runs from, whose directory is `dir`.
    pub(crate) fn executable(&self, dir: &Path) -> PathBuf {
        match self {
            Self::Official(NodeProgram::Official, _) | Self::Debian(_) => self.path().to_owned(),
            Self::Official(..) => dir.join("node"),
        }
    }

    /// Puts what the case needs into its directory.
    pub(crate) fn place(&self, dir: &Path) -> Result<(), FixtureError> {
        let program = dir.join("node");
        match self {
            Self::Official(NodeProgram::Stripped, found) => {
                let mut strip = Command::new("strip");
                strip.arg("--strip-all").arg("-o").arg(&program).arg(&found.executable);
                run(&mut strip).map(drop)
            }
            Self::Official(NodeProgram::Missing | NodeProgram::Replaced, found) => {
                link(&found.executable, &program)
            }
            Self::Official(..) => Ok(()),
            Self::Debian(found) => {
                let scripts = dir.join("js");
                let _ = fs::remove_file(&scripts);
                symlink(&found.scripts, &scripts).map_err(FixtureError::io("make", scripts))
            }
        }
    }

    /// Does afterwards what the case is about.
    pub(crate) fn leave(&self, dir: &Path) -> Result<(), FixtureError> {
        let program = dir.join("node");
        match self {
            Self::Official(NodeProgram::Missing, _) => {
                fs::remove_file(&program).map_err(FixtureError::io("remove", &program))
            }
            Self::Official(NodeProgram::Replaced, found) => {
                link(&node(another(found.version))?.executable, &program)
            }
            Self::Official(..) | Self::Debian(_) => Ok(()),
        }
    }
}

/// The next version in the table, or the first.
fn another(version: &str) -> &'static str {
    let mut versions = NODE_VERSIONS.iter().cycle().skip_while(|known| **known != version);
    versions.nth(1).copied().unwrap_or_default()
}

/// Gives a program one more name, in the place of what has it now; a copy on another file system.
fn link(program: &Path, name: &Path) -> Result<(), FixtureError> {
    let _ = fs::remove_file(name);
    fs::hard_link(program, name)
        .or_else(|_| fs::copy(program, name).map(drop))
        .map_err(FixtureError::io("make", name))
}
