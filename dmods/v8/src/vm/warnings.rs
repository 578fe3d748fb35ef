//! What is wrong with a target's V8, said once when it is first looked at. Of a Node whose version is
//! known and whose program is there nothing is said.

use super::Vm;
use super::binary::MetadataSource;
use crate::layout::fact::{NEWEST, versions};
use mdb_dmod::prelude::*;
use std::fmt::Write as _;

/// So many facts are named.
const MOST_NAMED: usize = 4;

/// Says it.
pub(super) fn give(s: &Session<'_>, vm: &Vm) -> Result<()> {
    for warning in all(vm) {
        s.warn(&warning)?;
    }
    Ok(())
}

fn all(vm: &Vm) -> Vec<String> {
    let mut warnings = Vec::new();
    let version = vm.binary.version;
    let failed = failed(vm);
    if !versions().contains(&version.minor()) {
        let (major, minor) = NEWEST;
        let age = if version.minor() > NEWEST {
            format!("newer than the newest that is known ({major}.{minor})")
        } else {
            "none of those that are known".to_owned()
        };
        warnings.push(format!(
            "V8 {}.{} is {age}: {}; see ::v8layout -v",
            version.major,
            version.minor,
            unsure(&failed)
        ));
    } else if !failed.is_empty() {
        warnings.push(format!("V8 {version}: {}; see ::v8layout -v", unsure(&failed)));
    }
    let module = &vm.binary.module;
    let lost = match vm.metadata_source {
        MetadataSource::Symbols | MetadataSource::BuildTable => None,
        MetadataSource::VersionTable => Some(
            "its layout is taken from the official build of this version, which may differ; \
             builtins have no names",
        ),
        MetadataSource::Nothing => Some("its layout is not known, and little will work"),
    };
    if vm.binary.file_missing {
        let mut text = format!("the file of {module} is missing or another build");
        match lost {
            Some(lost) => {
                let _ = write!(text, ": {lost}");
            }
            None => text.push_str(
                ": JavaScript works, since the build is known; builtins have no names, and sources \
                 that are part of the file cannot be read",
            ),
        }
        warnings.push(text);
    } else if let Some(lost) = lost {
        warnings.push(format!("{module} has no v8dbg_ symbols: {lost}"));
    }
    if vm.heaps.is_empty() {
        warnings.push(
            "no heap of V8 is in this core: was it written without anonymous memory \
             (/proc/PID/coredump_filter), or is it cut?"
                .to_owned(),
        );
    }
    match vm.damaged_isolates {
        0 => {}
        1 => warnings.push("a heap is left out: its isolate is damaged, or is none".to_owned()),
        n => warnings
            .push(format!("{n} heaps are left out: their isolates are damaged, or are none")),
    }
    warnings
}

/// The facts that do not fit.
pub(crate) fn failed(vm: &Vm) -> Vec<&'static str> {
    let failed = vm.layout.facts().filter(|(row, _)| vm.layout.is_unfit(row.fact));
    failed.map(|(row, _)| row.name).collect()
}

fn unsure(failed: &[&str]) -> String {
    let named: Vec<&str> = failed.iter().take(MOST_NAMED).copied().collect();
    match failed.len() {
        0 => "all facts that could be checked fit".to_owned(),
        1 => format!("1 fact does not fit: {}", named.join(", ")),
        n if n <= MOST_NAMED => format!("{n} facts do not fit: {}", named.join(", ")),
        n => format!("{n} facts do not fit: {}, ...", named.join(", ")),
    }
}
