//! The corpora of the fuzz targets, and their seeds, as ordinary tests: no panic, an end, and no
//! memory beyond a few times the input.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod counting;

use counting::{body, check};
use mdb_fuzz::seeds;
use std::path::PathBuf;

fn corpus(target: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus")).join(target)
}

/// All files of a corpus and all seeds; there have to be some of both.
fn whole_corpus(target: &str) {
    let body = body(target);
    let mut files = 0;
    for file in std::fs::read_dir(corpus(target)).unwrap() {
        let path = file.unwrap().path();
        check(body, &path.display().to_string(), &std::fs::read(&path).unwrap());
        files += 1;
    }
    assert!(files > 0, "no corpus of {target}");
    let seeds = seeds::seeds(target);
    assert!(!seeds.is_empty());
    for (number, bytes) in seeds.iter().enumerate() {
        check(body, &format!("seed {number} of {target}"), bytes);
        for (cut, _) in bytes.iter().enumerate().step_by(1 + bytes.len() / 16) {
            check(body, &format!("seed {number} of {target} cut at {cut}"), &bytes[..cut]);
        }
    }
    check(body, "nothing", &[]);
}

#[test]
fn corpus_of_core() {
    whole_corpus("core");
}

#[test]
fn corpus_of_notes() {
    whole_corpus("notes");
}

#[test]
fn corpus_of_cfi() {
    whole_corpus("cfi");
}

#[test]
fn corpus_of_language() {
    whole_corpus("language");
}

#[test]
fn corpus_of_elf() {
    whole_corpus("elf");
}

#[test]
fn corpus_of_names() {
    whole_corpus("names");
}
