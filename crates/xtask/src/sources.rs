//! Rust files, and words in them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::run::TaskResult;

/// All `.rs` files below a directory, sorted; none when it is absent. Folders of other packages and
/// of build results are not entered.
pub(crate) fn rust_files(directory: &Path) -> TaskResult<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        let Ok(entries) = fs::read_dir(&directory) else { continue };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                if !path.join("Cargo.toml").exists() && !path.join("CACHEDIR.TAG").exists() {
                    directories.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// A file's text, up to its unit tests.
pub(crate) fn without_tests(text: &str) -> &str {
    text.split_once("#[cfg(test)]").map_or(text, |(before, _)| before)
}

/// Whether the word stands in the text's code: comment lines do not count.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.lines().map(str::trim_start).filter(|line| !line.starts_with("//")).any(|line| {
        line.match_indices(word).any(|(at, _)| {
            let before = line.get(..at).and_then(|text| text.chars().next_back());
            let after = line.get(at + word.len()..).and_then(|text| text.chars().next());
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_edges() {
        assert!(has_word("use libc::read;", "libc"));
        assert!(!has_word("use mylibc::read;", "libc"));
        assert!(!has_word("use libc_extra::read;", "libc"));
        assert!(!has_word("  // libc would do", "libc"));
    }

    #[test]
    fn tests_do_not_count() {
        assert_eq!(without_tests("a\n#[cfg(test)]\nb"), "a\n");
    }
}
