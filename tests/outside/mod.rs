//! A dmod outside of the workspace: a copy of `dmods/template`, built as an author builds it.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at what it did not expect")]

use mdb_fixtures::{Fixture, target_dir, workspace_dir};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A directory that goes away with the test.
#[derive(Debug)]
pub struct Outside {
    parent: PathBuf,
    /// The crate's.
    pub directory: PathBuf,
}

impl Outside {
    /// A copy of the template, called `name`. Nothing of it is another than in the repository but the
    /// path to `mdb-dmod`. Its `target` is shared by all copies, so that what they depend on is built
    /// once.
    pub fn copy(name: &str) -> Self {
        let parent =
            std::env::temp_dir().join(format!("mdb-outside-{name}-{}", std::process::id()));
        // Of a test that was killed.
        let _ = std::fs::remove_dir_all(&parent);
        let outside = Self { directory: parent.join(name), parent };
        for file in ["Cargo.toml", "src/lib.rs", "tests/template.rs"] {
            let text = std::fs::read_to_string(workspace_dir().join("dmods/template").join(file));
            outside.write(file, &text.unwrap().replace("../../crates", "../mdb/crates"));
        }
        // The versions that the workspace was built with are there without a network.
        std::fs::copy(workspace_dir().join("Cargo.lock"), outside.directory.join("Cargo.lock"))
            .unwrap();
        let target = target_dir().join("tmp/outside");
        std::fs::create_dir_all(&target).unwrap();
        std::os::unix::fs::symlink(target, outside.directory.join("target")).unwrap();
        outside
    }

    /// Writes a file of the crate. `../mdb` in it is the workspace.
    pub fn write(&self, file: &str, text: &str) {
        let text = text.replace("\"../mdb/", &format!("\"{}/", workspace_dir().display()));
        let file = self.directory.join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    /// The core of a fixture is called `core` in the crate's directory.
    pub fn lay_core(&self, fixture: &Fixture) {
        let core = self.directory.join("core");
        let _ = std::fs::remove_file(&core);
        std::os::unix::fs::symlink(&fixture.core, core).unwrap();
    }

    /// What `cargo` needs to find itself, and never a network.
    pub fn environment() -> Vec<(&'static str, OsString)> {
        let below_home = |name: &str, folder: &str| {
            let given = std::env::var_os(name);
            given.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(folder).into()))
        };
        let mut environment = vec![("CARGO_NET_OFFLINE", "true".into())];
        for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            environment.extend(below_home(name, folder).map(|value| (name, value)));
        }
        let toolchain = std::env::var_os("RUSTUP_TOOLCHAIN");
        environment.extend(toolchain.map(|toolchain| ("RUSTUP_TOOLCHAIN", toolchain)));
        environment
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.parent);
    }
}
