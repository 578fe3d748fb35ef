//! `check-layers`: the rules that keep the house in order.
//!
//! 1. A crate uses those that the table allows it, and tests use only lower layers.
//! 2. A dmod uses `mdb-dmod` and outside crates.
//! 3. Crates that decode take bytes, they open no files.
//! 4. Only `mdb` and `xtask` print.
//! 5. Every architecture's folder holds the same file names.
//! 6. One gimli in what ships.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use mdb_fixtures::workspace_dir;

use crate::metadata::{Metadata, Package};
use crate::run::TaskResult;
use crate::sources::{has_word, rust_files, without_tests};

/// Each crate and what it may use of ours, lowest layer first. This is the whole graph; the table of
/// docs/developers/architecture.md is the same.
const LAYERS: &[(&str, &[&str])] = &[
    ("mdb-fixtures", &[]),
    ("mdb-dmod-abi", &[]),
    ("mdb-dmod-macros", &[]),
    ("mdb-lang", &[]),
    // mdb-lang under the feature `testing` alone: see FOR_TESTING.
    ("mdb-dmod", &["mdb-dmod-abi", "mdb-dmod-macros", "mdb-lang"]),
    ("mdb-print", &[]),
    ("mdb-graph", &["mdb-dmod-abi"]),
    ("mdb-target", &[]),
    ("mdb-corefile", &["mdb-target"]),
    ("mdb-disasm", &["mdb-target"]),
    ("mdb-debuginfo", &["mdb-target"]),
    ("mdb-unwind", &["mdb-target", "mdb-debuginfo"]),
    ("mdb-dmod-host", &["mdb-dmod-abi", "mdb-lang"]),
    (
        "mdb-engine",
        &[
            "mdb-target",
            "mdb-debuginfo",
            "mdb-unwind",
            "mdb-disasm",
            "mdb-print",
            "mdb-lang",
            "mdb-graph",
            "mdb-dmod-abi",
            "mdb-dmod-host",
        ],
    ),
    // The bodies of the fuzz targets and the tests that run them: made for tests, too.
    (
        "mdb-fuzz",
        &[
            "mdb-fixtures",
            "mdb-target",
            "mdb-corefile",
            "mdb-debuginfo",
            "mdb-unwind",
            "mdb-print",
            "mdb-lang",
            "mdb-engine",
        ],
    ),
    (
        "mdb",
        &[
            "mdb-target",
            "mdb-corefile",
            "mdb-debuginfo",
            "mdb-dmod-host",
            "mdb-engine",
            "mdb-lang",
            "mdb-print",
            // Under the feature `builtin-dmods`.
            "mdb-native",
            "mdb-stacks",
            "mdb-v8",
        ],
    ),
    ("xtask", &["mdb-fixtures"]),
];

/// What a dmod may use of ours.
const FOR_DMODS: &[&str] = &["mdb-dmod"];

/// Arrows that exist under one feature, which is off by default: crate, what it uses, feature. What
/// ships is built without.
const FOR_TESTING: &[(&str, &str, &str)] = &[("mdb-dmod", "mdb-lang", "testing")];

/// Made for tests: nothing that ships may use it.
const DEVELOPMENT: &str = "mdb-fixtures";

/// Crates that take bytes or closures and open nothing themselves.
const NO_FILES: &[&str] =
    &["mdb-dmod-abi", "mdb-lang", "mdb-print", "mdb-graph", "mdb-disasm", "mdb-unwind"];

/// Who may print.
const PRINTERS: &[&str] = &["mdb", "xtask"];

/// Architectures whose folders are compared.
const ARCHITECTURES: [&str; 2] = ["x86_64", "aarch64"];

/// Longer files are listed, not refused.
const LONG: usize = 800;

pub(crate) fn check(_: &[String]) -> TaskResult {
    let metadata = Metadata::read()?;
    let members = metadata.members();
    let names: Vec<&str> = members.iter().map(|package| package.name()).collect();
    let mut problems = Vec::new();
    let mut arrows = 0;
    for package in &members {
        arrows += check_dependencies(*package, &names, &mut problems);
        check_sources(*package, &mut problems)?;
    }
    for (name, _) in LAYERS {
        if !names.contains(name) {
            problems.push(format!("{name} is in the table of layers and not in the workspace"));
        }
    }
    // The tests have another: the unwinder that ours is compared with.
    let gimlis: Vec<&str> = metadata
        .shipped()
        .into_iter()
        .filter(|package| package.name() == "gimli")
        .map(Package::version)
        .collect();
    if gimlis.len() > 1 {
        problems.push(format!("more than one gimli ships: {}", gimlis.join(", ")));
    }
    if problems.is_empty() {
        println!("layers: {} crates, {arrows} arrows, all pointing down", members.len());
        return Ok(());
    }
    for problem in &problems {
        eprintln!("layers: {problem}");
    }
    Err(format!("{} problems", problems.len()).into())
}

/// Whether a package lies in `dmods/`.
fn is_dmod(package: Package<'_>) -> bool {
    package.directory().starts_with(workspace_dir().join("dmods"))
}

/// Its arrows to crates of ours; the count of them.
fn check_dependencies(package: Package<'_>, ours: &[&str], problems: &mut Vec<String>) -> usize {
    let name = package.name();
    let level = LAYERS.iter().position(|(known, _)| *known == name);
    let allowed = match level.and_then(|level| LAYERS.get(level)) {
        Some((_, allowed)) => allowed,
        None if is_dmod(package) => FOR_DMODS,
        None => {
            problems.push(format!("{name} is not in the table of layers"));
            return 0;
        }
    };
    let mut arrows = 0;
    for dependency in package.dependencies().filter(|found| ours.contains(&found.name())) {
        let used = dependency.name();
        arrows += 1;
        if allowed.contains(&used) {
            let conditional = FOR_TESTING.iter().find(|(from, to, _)| (*from, *to) == (name, used));
            if let Some((.., feature)) = conditional
                && !dependency.is_dev()
                && !(dependency.is_optional() && package.features_with(used) == [*feature])
            {
                let only = format!("under the feature {feature} alone");
                problems.push(format!("{name} may use {used} {only}"));
            }
            continue;
        }
        if !dependency.is_dev() {
            problems.push(format!("{name} uses {used}, which its layer may not"));
        } else if used != DEVELOPMENT {
            // Tests may use what is lower; a dmod's tests nothing of the host.
            let other = LAYERS.iter().position(|(known, _)| *known == used);
            if level.is_none() || other.is_none() || other > level {
                problems.push(format!("tests of {name} use {used}, which is not below it"));
            }
        }
    }
    arrows
}

/// Printing, files, lengths, architecture folders.
fn check_sources(package: Package<'_>, problems: &mut Vec<String>) -> TaskResult {
    let name = package.name();
    for directory in package.source_directories() {
        for path in rust_files(directory)? {
            let text = fs::read_to_string(&path)?;
            let code = without_tests(&text);
            let place = path.strip_prefix(workspace_dir()).unwrap_or(&path).display();
            if !PRINTERS.contains(&name)
                && ["print_stdout", "print_stderr"].iter().any(|lint| has_word(code, lint))
            {
                problems.push(format!("{place} opts out of a lint against printing"));
            }
            if NO_FILES.contains(&name)
                && ["std::fs", "File::open"].iter().any(|word| has_word(code, word))
            {
                problems.push(format!("{place} opens files; {name} takes bytes"));
            }
            let lines = text.lines().count();
            if lines > LONG {
                println!("layers: {place} is long: {lines} lines (not an error)");
            }
        }
        check_architectures(directory, problems)?;
    }
    Ok(())
}

/// Wherever one architecture has a folder, each has, with the same files.
fn check_architectures(directory: &Path, problems: &mut Vec<String>) -> TaskResult {
    let files = rust_files(directory)?;
    let parents: BTreeSet<&Path> = files
        .iter()
        .flat_map(|file| file.ancestors())
        .filter(|dir| ARCHITECTURES.iter().any(|name| dir.ends_with(name)))
        .filter_map(Path::parent)
        .collect();
    for parent in parents {
        let [first, second] = ARCHITECTURES.map(|name| {
            let folder = parent.join(name);
            files
                .iter()
                .filter_map(|file| file.strip_prefix(&folder).ok())
                .map(|file| file.display().to_string())
                .collect::<BTreeSet<_>>()
        });
        let place = parent.strip_prefix(workspace_dir()).unwrap_or(parent).display();
        for file in first.symmetric_difference(&second) {
            problems.push(format!("{place}: {file} exists for one architecture only"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The problems of a workspace whose one crate, in `directory`, depends so.
    fn problems(name: &str, directory: &str, dependencies: &[(&str, &str)]) -> Vec<String> {
        let dependencies: Vec<_> =
            dependencies.iter().map(|(name, kind)| json!({ "name": name, "kind": kind })).collect();
        problems_of(name, directory, json!(dependencies), json!({}))
    }

    fn problems_of(
        name: &str,
        directory: &str,
        dependencies: serde_json::Value,
        features: serde_json::Value,
    ) -> Vec<String> {
        let manifest = workspace_dir().join(directory).join("Cargo.toml");
        let metadata = Metadata(json!({
            "packages": [{
                "id": "it", "name": name, "manifest_path": manifest, "dependencies": dependencies,
                "features": features,
            }],
            "workspace_members": ["it"],
        }));
        let ours: Vec<&str> = LAYERS.iter().map(|(name, _)| *name).collect();
        let mut problems = Vec::new();
        for package in metadata.members() {
            check_dependencies(package, &ours, &mut problems);
        }
        problems
    }

    #[test]
    fn arrows_point_down() {
        let of = |name, dependencies| problems(name, "crates/it", dependencies).len();
        assert_eq!(of("mdb-unwind", &[("mdb-target", ""), ("libc", "")]), 0);
        assert_eq!(of("mdb-unwind", &[("mdb-corefile", "")]), 1);
        assert_eq!(of("mdb-unwind", &[("mdb-corefile", "dev"), ("mdb-fixtures", "dev")]), 0);
        assert_eq!(of("mdb-unwind", &[("mdb-engine", "dev")]), 1);
        assert_eq!(of("mdb-target", &[("mdb-fixtures", "")]), 1);
        assert_eq!(of("mdb-print", &[("mdb-target", "build")]), 1);
        assert_eq!(of("mdb-newcomer", &[]), 1);
    }

    #[test]
    fn the_language_is_for_the_test_kit() {
        let of = |optional: bool, features| {
            let dependency = json!([{ "name": "mdb-lang", "kind": "", "optional": optional }]);
            problems_of("mdb-dmod", "crates/mdb-dmod", dependency, features).len()
        };
        assert_eq!(of(true, json!({ "testing": ["dep:mdb-lang"] })), 0);
        assert_eq!(of(false, json!({ "testing": [] })), 1);
        assert_eq!(of(true, json!({ "testing": ["dep:mdb-lang"], "x": ["mdb-lang/y"] })), 1);
        assert_eq!(of(true, json!({ "testing": ["dep:mdb-lang"], "default": ["testing"] })), 1);
    }

    #[test]
    fn dmods_use_no_host_crate() {
        let of = |dependencies| problems("mdb-stacks", "dmods/stacks", dependencies).len();
        assert_eq!(of(&[("mdb-dmod", ""), ("memchr", ""), ("mdb-fixtures", "dev")]), 0);
        assert_eq!(of(&[("mdb-engine", "")]), 1);
        assert_eq!(of(&[("mdb-target", "dev")]), 1);
    }

    #[test]
    fn architectures_have_the_same_files() {
        let dir = mdb_fixtures::target_dir().join(format!("layers-test-{}", std::process::id()));
        for file in ["x86_64/registers.rs", "x86_64/unwind.rs", "aarch64/registers.rs"] {
            let path = dir.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let mut problems = Vec::new();
        check_architectures(&dir, &mut problems).unwrap();
        fs::write(dir.join("aarch64/unwind.rs"), "").unwrap();
        let before = problems.len();
        check_architectures(&dir, &mut problems).unwrap();
        fs::remove_dir_all(dir).unwrap();
        assert_eq!((before, problems.len()), (1, 1), "{problems:?}");
    }
}
