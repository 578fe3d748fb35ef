//! What `cargo metadata` says, as far as the checks want to know.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use crate::run::{TaskResult, cargo};

/// The answer of `cargo metadata --all-features`.
pub(crate) struct Metadata(pub(crate) Value);

impl Metadata {
    /// Asks cargo.
    pub(crate) fn read() -> TaskResult<Self> {
        let mut command = cargo();
        // Only what this platform needs: cargo would fetch the manifests of all others.
        command.args(["metadata", "--format-version=1", "--all-features", "--locked"]);
        command.arg("--filter-platform").arg(host()?);
        let output = command.stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            return Err("cargo metadata failed".into());
        }
        Ok(Self(serde_json::from_slice(&output.stdout)?))
    }

    /// Where cargo builds.
    pub(crate) fn target_directory(&self) -> PathBuf {
        text(&self.0, "target_directory").into()
    }

    /// All packages of the dependency graph.
    pub(crate) fn packages(&self) -> impl Iterator<Item = Package<'_>> {
        list(&self.0, "packages").map(Package)
    }

    /// The packages of the workspace.
    pub(crate) fn members(&self) -> Vec<Package<'_>> {
        let ids: Vec<&str> = list(&self.0, "workspace_members").filter_map(Value::as_str).collect();
        self.packages().filter(|package| ids.contains(&package.id())).collect()
    }

    /// What ships: the program, the dmods beside it, and all that they are built of.
    pub(crate) fn shipped(&self) -> Vec<Package<'_>> {
        const SHIPPED: &[&str] = &["mdb", "mdb-native", "mdb-stacks", "mdb-v8"];
        let packages: BTreeMap<&str, Package<'_>> =
            self.packages().map(|package| (package.id(), package)).collect();
        let mut waiting: Vec<&str> = self
            .members()
            .iter()
            .filter(|package| SHIPPED.contains(&package.name()))
            .map(|package| package.id())
            .collect();
        let mut seen = BTreeMap::new();
        while let Some(id) = waiting.pop() {
            let Some(package) = packages.get(id) else { continue };
            if seen.insert(id, *package).is_none() {
                waiting.extend(self.needs(id));
            }
        }
        seen.into_values().collect()
    }

    /// Ids of the packages that one needs directly: normal and build dependencies.
    pub(crate) fn needs(&self, id: &str) -> Vec<&str> {
        let nodes = self.0.get("resolve").map(|resolve| list(resolve, "nodes"));
        let node = nodes.into_iter().flatten().find(|node| text(node, "id") == id);
        node.map(|node| list(node, "deps"))
            .into_iter()
            .flatten()
            .filter(|dependency| {
                list(dependency, "dep_kinds").any(|kind| text(kind, "kind") != "dev")
            })
            .map(|dependency| text(dependency, "pkg"))
            .collect()
    }
}

/// The platform that cargo runs on, as it calls it.
fn host() -> TaskResult<String> {
    let output = cargo().arg("-vV").output()?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(ToOwned::to_owned).ok_or_else(|| "`cargo -vV` names no host".into())
}

/// A package.
#[derive(Clone, Copy)]
pub(crate) struct Package<'a>(&'a Value);

impl<'a> Package<'a> {
    pub(crate) fn id(self) -> &'a str {
        text(self.0, "id")
    }

    pub(crate) fn name(self) -> &'a str {
        text(self.0, "name")
    }

    pub(crate) fn version(self) -> &'a str {
        text(self.0, "version")
    }

    /// The licence expression; empty when there is none.
    pub(crate) fn licence(self) -> &'a str {
        text(self.0, "license")
    }

    /// The directory of its Cargo.toml.
    pub(crate) fn directory(self) -> &'a Path {
        let manifest = Path::new(text(self.0, "manifest_path"));
        manifest.parent().unwrap_or(manifest)
    }

    /// The directories of its library's and programs' sources.
    pub(crate) fn source_directories(self) -> Vec<&'a Path> {
        let mut directories: Vec<_> = list(self.0, "targets")
            .filter(|target| !has_kind(target, &["test", "bench", "example", "custom-build"]))
            .filter_map(|target| Path::new(text(target, "src_path")).parent())
            .collect();
        directories.dedup();
        directories
    }

    /// The name of its library in Rust code.
    pub(crate) fn library(self) -> Option<&'a str> {
        list(self.0, "targets")
            .find(|target| has_kind(target, &["lib", "rlib", "cdylib", "proc-macro"]))
            .map(|target| text(target, "name"))
    }

    /// Its dependencies as its Cargo.toml declares them.
    pub(crate) fn dependencies(self) -> impl Iterator<Item = Dependency<'a>> {
        list(self.0, "dependencies").map(Dependency)
    }

    /// Its features that switch an optional dependency on, in the order of their names.
    pub(crate) fn features_with(self, dependency: &str) -> Vec<&'a str> {
        let features = self.0.get("features").and_then(Value::as_object);
        let named = |entry: &str, found: &[&str]| {
            let entry = entry.strip_prefix("dep:").unwrap_or(entry);
            found.contains(&entry) || entry.split(['/', '?']).next() == Some(dependency)
        };
        let mut found: Vec<&str> = Vec::new();
        loop {
            let all = features.into_iter().flatten().filter(|(_, entries)| {
                let entries = entries.as_array().into_iter().flatten().filter_map(Value::as_str);
                entries.into_iter().any(|entry| named(entry, &found))
            });
            let all: Vec<&str> = all.map(|(name, _)| name.as_str()).collect();
            if all.len() == found.len() {
                return all;
            }
            found = all;
        }
    }

    /// Dependencies that `package.metadata.cargo-machete.ignored` excuses from being named.
    pub(crate) fn excused(self) -> impl Iterator<Item = &'a str> {
        self.0
            .pointer("/metadata/cargo-machete/ignored")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
    }
}

/// A declared dependency.
#[derive(Clone, Copy)]
pub(crate) struct Dependency<'a>(&'a Value);

impl<'a> Dependency<'a> {
    /// The package's name.
    pub(crate) fn name(self) -> &'a str {
        text(self.0, "name")
    }

    /// The name that Cargo.toml gives it instead; empty when none.
    pub(crate) fn rename(self) -> &'a str {
        text(self.0, "rename")
    }

    /// Whether only tests use it.
    pub(crate) fn is_dev(self) -> bool {
        text(self.0, "kind") == "dev"
    }

    /// Whether only a feature switches it on.
    pub(crate) fn is_optional(self) -> bool {
        self.0.get("optional").and_then(Value::as_bool).unwrap_or_default()
    }
}

/// Whether a target has one of these kinds.
fn has_kind(target: &Value, kinds: &[&str]) -> bool {
    list(target, "kind").any(|kind| kind.as_str().is_some_and(|kind| kinds.contains(&kind)))
}

/// A text field; empty when absent or null.
fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A list field; empty when absent or null.
fn list<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(field).and_then(Value::as_array).into_iter().flatten()
}
