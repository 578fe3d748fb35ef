//! Finding the load objects of a target without opening a file.

use crate::file_search::FileSearch;
use crate::loaded_headers::{LinkMap, LoadedHeaders, MOST_OBJECTS, dynamic_at, link_maps};
use crate::module::{Found, Module, ModuleKind};
use crate::saved_memory::{saved, saved_string};
use mdb_target::{Auxv, Mapping, Target, TargetKind};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// `DT_DEBUG` (gABI): the address of `struct r_debug`, put there by the dynamic linker.
const DT_DEBUG: u64 = 21;

/// A load object while it is put together.
#[derive(Debug, Default)]
struct Candidate {
    found: Found,
    /// A mapping of it may be executed, or it is not known whether one may.
    code: bool,
}

/// All load objects, the executable first, the rest by address; then further views of their
/// files.
pub(crate) fn discover(target: &Arc<dyn Target>, search: &Arc<FileSearch>) -> Vec<Module> {
    let module = |number: usize, kind, found, original| {
        let (target, search) = (Arc::clone(target), Arc::clone(search));
        Module::new(number as u32, kind, found, target, search, original)
    };
    match target.kind() {
        TargetKind::None => return Vec::new(),
        TargetKind::Object => {
            return vec![module(0, ModuleKind::Executable, the_object(&**target), None)];
        }
        _ => {}
    }
    let (remapped, objects): (Vec<_>, Vec<_>) =
        load_objects(&**target).into_iter().partition(|(kind, _)| *kind == ModuleKind::Remapped);
    let mut modules: Vec<Module> = Vec::new();
    for (kind, found) in objects {
        modules.push(module(modules.len(), kind, found, None));
    }
    let objects = modules.len();
    for (kind, found) in remapped {
        let original = modules.iter().take(objects).find(|m| m.path() == found.path).cloned();
        modules.push(module(modules.len(), kind, found, original));
    }
    modules
}

/// What there is, in its order.
fn load_objects(target: &dyn Target) -> Vec<(ModuleKind, Found)> {
    let mut found = from_mappings(target);
    let executable = find_executable(target, &mut found);
    let mut vdso = find_vdso(target);
    if let Some(at) = executable
        && let Some(list) = link_map_of(target, &found, at)
    {
        add_link_maps(target, &mut found, at, &list);
        // It has a node, too, under a name that is no file's.
        if let Some(vdso) = &mut vdso {
            let node = list.iter().find(|n| vdso.range.contains(&n.dynamic));
            vdso.link_map = node.map(|n| (n.address, n.bias));
        }
    }
    let executable_start = executable.and_then(|at| Some(found.get(at)?.found.range.start));
    // ELF files that are only data: nobody runs them, and nobody has linked them.
    found.retain(|c| {
        c.code || c.found.link_map.is_some() || Some(c.found.range.start) == executable_start
    });
    // Those whose headers were saved: other mappings of the same files are further views of them.
    let whole: FxHashSet<PathBuf> =
        found.iter().filter(|c| c.found.loaded.is_some()).map(|c| c.found.path.clone()).collect();
    let kind_of = |f: &Found| {
        if Some(f.range.start) == executable_start {
            ModuleKind::Executable
        } else if f.loaded.is_none() && f.link_map.is_none() && whole.contains(&f.path) {
            ModuleKind::Remapped
        } else {
            ModuleKind::Library
        }
    };
    let mut list: Vec<(ModuleKind, Found)> = found
        .into_iter()
        .map(|c| (kind_of(&c.found), c.found))
        .chain(vdso.map(|f| (ModuleKind::Vdso, f)))
        .collect();
    list.sort_by_key(|(_, f)| (f.range.start, f.range.end));
    list.dedup_by_key(|(_, f)| f.range.start);
    // Ranges of damaged headers may overlap: the next one begins where it begins.
    let starts: Vec<u64> = list.iter().skip(1).map(|(_, f)| f.range.start).collect();
    for ((_, f), next) in list.iter_mut().zip(starts) {
        f.range.end = f.range.end.min(next);
    }
    list.sort_by_key(|(kind, f)| (*kind != ModuleKind::Executable, f.range.start));
    list
}

fn whole_range(mappings: &[Mapping]) -> Range<u64> {
    let start = mappings.iter().map(|m| m.range.start).min().unwrap_or(0);
    start..mappings.iter().map(|m| m.range.end).max().unwrap_or(start)
}

/// A file that is the target: its addresses are those of the file.
fn the_object(target: &dyn Target) -> Found {
    let range = whole_range(target.mappings());
    Found {
        path: target.path().unwrap_or(Path::new("a.out")).to_owned(),
        loaded: LoadedHeaders::read(target.memory(), range.start).filter(|l| l.bias == 0),
        range,
        absolute: true,
        ..Found::default()
    }
}

/// Objects by the files that are mapped.
fn from_mappings(target: &dyn Target) -> Vec<Candidate> {
    let mut list: Vec<Candidate> = Vec::new();
    let mut last: FxHashMap<&OsStr, usize> = FxHashMap::default();
    for mapping in target.mappings() {
        let Some(file) = &mapping.file else { continue };
        let code = mapping.permissions.is_none_or(|p| p.execute);
        let known = last.get(file.path.as_os_str()).copied();
        if let Some(candidate) = known.and_then(|at| list.get_mut(at)) {
            let inside = match &candidate.found.loaded {
                Some(loaded) => loaded.range.contains(&mapping.range.start),
                None => file.offset != 0 && belongs(&candidate.found, mapping, file.offset),
            };
            if inside {
                let end = &mut candidate.found.range.end;
                *end = mapping.range.end.max(*end);
                candidate.code |= code;
                continue;
            }
        }
        let loaded = match file.offset {
            0 => LoadedHeaders::read(target.memory(), mapping.range.start),
            _ => None,
        };
        let range = match &loaded {
            Some(loaded) => loaded.range.clone(),
            None => mapping.range.clone(),
        };
        if list.len() >= MOST_OBJECTS {
            break;
        }
        last.insert(&file.path, list.len());
        list.push(Candidate {
            found: Found {
                path: PathBuf::from(&file.path),
                range,
                loaded,
                first_mapping: Some((mapping.range.start, file.offset)),
                ..Found::default()
            },
            code,
        });
    }
    // A data file whose first page the core has is known to be no load object.
    list.retain(|c| {
        let Some((start, 0)) = c.found.first_mapping else { return true };
        c.found.loaded.is_some() || saved(target.memory(), start, 4).len() < 4
    });
    list
}

/// Whether a mapping belongs to an object whose headers are unknown: address and offset are
/// almost as far apart as in its first mapping (segments are moved by some pages, at most by a
/// few huge ones).
fn belongs(found: &Found, mapping: &Mapping, offset: u64) -> bool {
    let Some((start, first_offset)) = found.first_mapping else { return false };
    let (first, this) =
        (start.wrapping_sub(first_offset), mapping.range.start.wrapping_sub(offset));
    let distance = (this.wrapping_sub(first) as i64).unsigned_abs();
    distance < 1 << 24
}

/// The number of the executable among the candidates; adds it if no mapping names it.
fn find_executable(target: &dyn Target, found: &mut Vec<Candidate>) -> Option<usize> {
    let headers_at = target.auxv().get(Auxv::PHDR);
    let entry = target.auxv().get(Auxv::ENTRY);
    for address in [headers_at, entry].into_iter().flatten() {
        if let Some(at) = found.iter().position(|c| c.found.range.contains(&address)) {
            if let Some(candidate) = found.get_mut(at) {
                candidate.found.headers_at = headers_at;
            }
            return Some(at);
        }
    }
    if let Some(headers_at) = headers_at {
        let count = target.auxv().get(Auxv::PHNUM).unwrap_or(0);
        let loaded = LoadedHeaders::read_headers(target.memory(), headers_at, count);
        let range = match &loaded {
            Some(loaded) => loaded.range.clone(),
            None => mapping_around(target, headers_at)?,
        };
        let path = executable_path(target);
        found.push(Candidate {
            found: Found { path, range, loaded, headers_at: Some(headers_at), ..Found::default() },
            code: true,
        });
        return Some(found.len() - 1);
    }
    // No auxiliary vector: by name.
    let name = target.process().name.as_deref()?;
    found.iter().position(|c| {
        let file = c.found.path.file_name().unwrap_or_default().as_bytes();
        // The kernel cuts it after 15 bytes.
        file.get(..15).unwrap_or(file) == name.as_bytes()
    })
}

fn executable_path(target: &dyn Target) -> PathBuf {
    target
        .process()
        .executable
        .clone()
        .or_else(|| {
            let address = target.auxv().get(Auxv::EXECFN)?;
            let path = saved_string(target.memory(), address, 4096)?;
            (!path.is_empty()).then(|| OsString::from_vec(path))
        })
        .or_else(|| target.process().name.clone())
        .map_or_else(|| PathBuf::from("a.out"), PathBuf::from)
}

fn mapping_around(target: &dyn Target, address: u64) -> Option<Range<u64>> {
    let mappings = target.mappings();
    let after = mappings.partition_point(|m| m.range.start <= address);
    let mapping = mappings.get(after.checked_sub(1)?)?;
    mapping.range.contains(&address).then(|| mapping.range.clone())
}

fn link_map_of(
    target: &dyn Target,
    found: &[Candidate],
    executable: usize,
) -> Option<Vec<LinkMap>> {
    let loaded = found.get(executable)?.found.loaded.as_ref()?;
    let entries = loaded.dynamic(target.memory());
    let (_, r_debug) = entries.into_iter().find(|(tag, _)| *tag == DT_DEBUG)?;
    (r_debug != 0).then(|| link_maps(target.memory(), r_debug))
}

/// Notes the link map's nodes at their objects, and adds objects that no mapping names.
fn add_link_maps(
    target: &dyn Target,
    found: &mut Vec<Candidate>,
    executable: usize,
    list: &[LinkMap],
) {
    // Where each object begins, so that a long list is not searched for each of its nodes.
    let mut by_start: Vec<(u64, usize)> =
        found.iter().enumerate().map(|(i, c)| (c.found.range.start, i)).collect();
    by_start.sort_unstable();
    let vdso = target.auxv().get(Auxv::SYSINFO_EHDR);
    let mut added = FxHashSet::default();
    for node in list {
        let after = by_start.partition_point(|(start, _)| *start <= node.dynamic);
        let at = after.checked_sub(1).and_then(|i| by_start.get(i)).map(|(_, i)| *i);
        let known =
            at.and_then(|i| found.get_mut(i)).filter(|c| c.found.range.contains(&node.dynamic));
        let name = PathBuf::from(OsString::from_vec(node.name.clone()));
        if let Some(candidate) = known {
            if candidate.found.link_map.is_none() {
                candidate.found.link_map = Some((node.address, node.bias));
                candidate.found.link_name = name;
            }
            continue;
        }
        // An empty name is the executable's.
        let is_vdso = vdso.is_some_and(|v| v == node.bias);
        if is_vdso
            || node.name.is_empty()
            || !added.insert(node.bias)
            || dynamic_at(target.memory(), node.dynamic, 16).is_empty()
        {
            continue;
        }
        // Libraries begin at address 0 of their file.
        let Some(loaded) = LoadedHeaders::read(target.memory(), node.bias) else {
            let Some(range) = mapping_around(target, node.dynamic) else { continue };
            let start = node.bias.min(range.start);
            push(found, node, name, start..range.end, None);
            continue;
        };
        push(found, node, name, loaded.range.clone(), Some(loaded));
    }
    if let Some(first) = found.get_mut(executable)
        && first.found.link_map.is_none()
        && let Some(node) = list.iter().find(|n| n.name.is_empty())
    {
        first.found.link_map = Some((node.address, node.bias));
    }
}

fn push(
    found: &mut Vec<Candidate>,
    node: &LinkMap,
    path: PathBuf,
    range: Range<u64>,
    loaded: Option<LoadedHeaders>,
) {
    let link_name = path.clone();
    found.push(Candidate {
        found: Found {
            path,
            range,
            loaded,
            link_map: Some((node.address, node.bias)),
            link_name,
            ..Found::default()
        },
        code: true,
    });
}

fn find_vdso(target: &dyn Target) -> Option<Found> {
    let base = target.auxv().get(Auxv::SYSINFO_EHDR)?;
    let loaded = LoadedHeaders::read(target.memory(), base)?;
    // The section headers stand behind the loaded segment, in the same pages.
    let mapped = mapping_around(target, base).map_or(0, |r| r.end);
    let saved_end = target.memory().segment_at(base).map_or(0, |s| s.range.end);
    let end = loaded.range.end.max(mapped.max(saved_end).min(base.saturating_add(1 << 16)));
    Some(Found { range: base..end, loaded: Some(loaded), ..Found::default() })
}
