//! The file of a module: candidates, and the proof that it is the one.

use crate::elf_image::{ElfImage, PT_LOAD, ProgramHeader};
use crate::file_search::{FileSearch, FileState, Verification};
use crate::module::Found;
use crate::saved_memory::saved;
use mdb_target::{FileStoreError, Target, TargetKind, map_file};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

type Outcome = (FileState, Option<Arc<ElfImage>>);

/// `path` below `root`, however it begins. It comes from a core: `..` in it must not lead out of
/// `root`, so it goes up no further than there.
pub(crate) fn below(root: &Path, path: &Path) -> PathBuf {
    let mut inside = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => inside.push(name),
            Component::ParentDir => drop(inside.pop()),
            _ => {}
        }
    }
    root.join(inside)
}

/// The path without the mark that the kernel puts on deleted files.
fn without_deleted(path: &Path) -> &Path {
    let bytes = path.as_os_str().as_bytes();
    Path::new(OsStr::from_bytes(bytes.strip_suffix(b" (deleted)").unwrap_or(bytes)))
}

/// `.build-id/xx/yyyy`: where distributions link files by build-id.
pub(crate) fn build_id_path(id: &[u8], suffix: &str) -> Option<PathBuf> {
    let (first, rest) = id.split_first()?;
    if rest.is_empty() {
        return None;
    }
    let rest = crate::file_search::HexId(rest);
    Some(PathBuf::from(format!(".build-id/{first:02x}/{rest}{suffix}")))
}

/// The debug folders, under the sysroot if there is one.
pub(crate) fn debug_dirs(search: &FileSearch) -> impl Iterator<Item = PathBuf> + '_ {
    search.debug_dirs.iter().map(|dir| match &search.sysroot {
        Some(root) if !dir.starts_with(root) => below(root, dir),
        _ => dir.clone(),
    })
}

/// Where the file may be, best first.
fn candidates(search: &FileSearch, found: &Found) -> Vec<PathBuf> {
    let path = without_deleted(&found.path);
    let mut list = Vec::new();
    match &search.sysroot {
        Some(root) => {
            list.push(below(root, path));
            // A folder with all the files side by side.
            list.extend(path.file_name().map(|name| root.join(name)));
        }
        // A relative path could be anywhere: only AT_EXECFN gives one, and then the check of
        // what is found tells.
        None => list.push(path.to_owned()),
    }
    if let Some(id) = found.loaded.as_ref().and_then(|l| l.build_id.as_deref())
        && let Some(link) = build_id_path(id, "")
    {
        list.extend(debug_dirs(search).map(|dir| dir.join(&link)));
    }
    list
}

/// Whether two files have the same segments.
fn same_segments(a: &[ProgramHeader], b: &[ProgramHeader]) -> bool {
    let loads = |list: &[ProgramHeader]| -> Vec<ProgramHeader> {
        list.iter().filter(|h| h.kind == PT_LOAD).copied().collect()
    };
    loads(a) == loads(b)
}

/// Whether the saved first page is that of the file. `strip` moves and shortens the section table,
/// so `e_shoff` (0x28..0x30) and `e_shnum`, `e_shstrndx` (0x3c..0x40) do not count.
fn same_first_page(page: &[u8], image: &ElfImage) -> bool {
    // What a segment does not cover is not the file's; the rest of the page may be zeros.
    let covered = image
        .headers
        .iter()
        .filter(|h| h.kind == PT_LOAD && h.offset == 0)
        .map(|h| h.file_size)
        .max()
        .unwrap_or(0);
    let length = page.len().min(usize::try_from(covered).unwrap_or(usize::MAX));
    let (Some(page), Some(file)) = (page.get(..length), image.data.get(..length)) else {
        return false;
    };
    page.iter()
        .zip(file)
        .enumerate()
        .all(|(i, (a, b))| a == b || (0x28..0x30).contains(&i) || (0x3c..0x40).contains(&i))
}

/// How a file compares with what the process had.
enum Comparison {
    Same(Verification),
    Other,
}

fn compare(target: &dyn Target, found: &Found, image: &ElfImage) -> Comparison {
    let Some(loaded) = &found.loaded else { return Comparison::Same(Verification::Unverified) };
    let same = |yes, how| if yes { Comparison::Same(how) } else { Comparison::Other };
    if let Some(wanted) = &loaded.build_id {
        return same(image.build_id() == Some(wanted), Verification::BuildId);
    }
    if !same_segments(&loaded.headers, &image.headers) {
        return Comparison::Other;
    }
    let page = loaded.base.map(|base| saved(target.memory(), base, 0x1000)).unwrap_or_default();
    if page.len() < 64 {
        return Comparison::Same(Verification::Unverified);
    }
    same(same_first_page(&page, image), Verification::FirstPage)
}

fn unreadable(path: &Path, why: impl ToString) -> FileState {
    FileState::Unreadable { path: path.to_owned(), why: why.to_string() }
}

/// What is wrong with a file, and the file if it is only another one.
type Refusal = (FileState, Option<ElfImage>);

/// Opens and checks one candidate. `None`: there is no such file.
fn try_candidate(
    path: &Path,
    target: &dyn Target,
    found: &Found,
    named: bool,
) -> Option<Result<(Verification, ElfImage), Refusal>> {
    let file = match map_file(path) {
        Ok(file) => file,
        Err(FileStoreError::Open { source, .. })
            if matches!(
                source.kind(),
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
            ) =>
        {
            return None;
        }
        Err(FileStoreError::Open { source, .. }) => {
            return Some(Err((unreadable(path, source), None)));
        }
        Err(FileStoreError::NotAFile { what, .. }) => {
            return Some(Err((unreadable(path, format!("it is {what}")), None)));
        }
        Err(other) => return Some(Err((unreadable(path, other), None))),
    };
    let image = match ElfImage::parse(file.data) {
        Ok(image) => image,
        Err(error) => return Some(Err((unreadable(path, error), None))),
    };
    if image.machine != machine_of(target) {
        let why = format!("it is for another processor (e_machine {})", image.machine);
        return Some(Err((unreadable(path, why), None)));
    }
    Some(match compare(target, found, &image) {
        Comparison::Same(verification) => Ok((verification, image)),
        Comparison::Other => {
            let wanted = found.loaded.as_ref().and_then(|l| l.build_id.clone());
            // Without a wanted one the id of the file says nothing.
            let has = wanted.as_ref().and(image.build_id()).map(Box::from);
            let state = FileState::Mismatched { path: path.to_owned(), wanted, found: has, named };
            Err((state, Some(image)))
        }
    })
}

/// `e_machine` of a target's files.
fn machine_of(target: &dyn Target) -> u16 {
    use mdb_target::Arch;
    [62, 183]
        .into_iter()
        .find(|m| Arch::from_elf_machine(*m) == Some(target.arch()))
        .unwrap_or_default()
}

/// Finds the file of a module.
pub(crate) fn find_module_file(
    search: &FileSearch,
    target: &dyn Target,
    found: &Found,
    executable: bool,
) -> Outcome {
    if target.kind() == TargetKind::Object {
        return target_itself(&found.path);
    }
    let named = search.executable.as_ref().filter(|_| executable);
    let list = match named {
        Some(path) => vec![path.clone()],
        None => candidates(search, found),
    };
    let mut refused: Option<Refusal> = None;
    for path in &list {
        match try_candidate(path, target, found, named.is_some()) {
            None => {}
            Some(Ok((verification, image))) => {
                let state = FileState::Found { path: path.clone(), verification };
                return (state, Some(Arc::new(image)));
            }
            // A wrong file says more than an unreadable one.
            Some(Err(refusal)) if refused.as_ref().is_none_or(|(_, image)| image.is_none()) => {
                refused = Some(refusal);
            }
            Some(Err(_)) => {}
        }
    }
    match refused {
        Some((FileState::Mismatched { path, .. }, Some(image))) if search.force_mismatch => {
            let state = FileState::Found { path, verification: Verification::Forced };
            (state, Some(Arc::new(image)))
        }
        Some((state, _)) => (state, None),
        None => {
            let wanted = found.loaded.as_ref().and_then(|l| l.build_id.clone());
            let path = named.cloned().unwrap_or_else(|| found.path.clone());
            (FileState::NotFound { path, wanted }, None)
        }
    }
}

/// The file of a target that is a file.
fn target_itself(path: &Path) -> Outcome {
    match map_file(path) {
        Ok(file) => match ElfImage::parse(file.data) {
            Ok(image) => {
                let verification = Verification::Target;
                let state = FileState::Found { path: path.to_owned(), verification };
                (state, Some(Arc::new(image)))
            }
            Err(error) => (unreadable(path, error), None),
        },
        Err(error) => (unreadable(path, error), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_a_core_stays_below_the_root() {
        let root = Path::new("/sysroot");
        for (path, place) in [
            ("/lib/libc.so.6", "/sysroot/lib/libc.so.6"),
            ("lib//x", "/sysroot/lib/x"),
            ("/../../etc/shadow", "/sysroot/etc/shadow"),
            ("/lib/../../../etc/shadow", "/sysroot/etc/shadow"),
            ("/opt/./app/../lib/x", "/sysroot/opt/lib/x"),
            ("..", "/sysroot"),
            ("", "/sysroot"),
        ] {
            assert_eq!(below(root, Path::new(path)), Path::new(place), "{path}");
        }
    }
}
