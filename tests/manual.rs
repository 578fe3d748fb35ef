//! What README.md and the manual show is what the program does: each session in them is run.
//!
//! - A block marked `mdb FIXTURE [OPTION...]` is a session at the prompt on the core of that
//!   fixture; `mdb` alone has no target. What depends on the compiler is shown on `committed`; `node24-throw`
//!   is the case `throw` of Node 24. Lines that begin with `> ` are typed.
//! - A block marked `console FIXTURE` is a shell in the fixture's directory, where the core is
//!   called `core`. Lines that begin with `$ ` are typed, each into a shell of its own.
//!
//! - Blocks such as `rust src/lib.rs` are files: a page that has some is about a dmod. They are written
//!   into a copy of `dmods/template`, in the order of the page, and all sessions of the page run in the
//!   copy's directory, where the core is called `core`.
//!
//! Between typed lines stands what they print. `[..]` stands for any text within a line, a line
//! `...` for any lines. Blanks at the ends of lines do not count. A block marked otherwise is not
//! run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends at what it did not expect"
)]

mod outside;
mod session;

use mdb_fixtures::{Fixture, FixtureError, available, fixture, node_case, skipped, workspace_dir};
use outside::Outside;
use session::{Mdb, shell, shell_with};
use std::path::{Path, PathBuf};

/// One block of a page.
#[derive(Debug)]
struct Block {
    /// For messages: the page and the line of the block's fence.
    place: String,
    /// The words after the fence.
    words: Vec<String>,
    /// What is typed, and what should follow.
    steps: Vec<(String, Vec<String>)>,
    /// The lines of a file.
    file: String,
}

/// What the lines of a block are.
#[derive(Debug, Clone, Copy)]
enum Lines {
    /// A session with this prompt.
    Typed(&'static str),
    /// A file.
    File,
    /// Nothing that is run.
    Shown,
}

impl Block {
    fn is_file(&self) -> bool {
        !matches!(self.words[0].as_str(), "mdb" | "console")
    }
}

/// The blocks of a page that are run, and its files.
fn blocks(page: &Path, text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = None;
    for (index, line) in text.lines().enumerate() {
        if let Some(words) = line.strip_prefix("```") {
            inside = if inside.is_some() {
                None
            } else {
                let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
                let name = page.file_name().unwrap().to_string_lossy();
                let place = format!("{name}:{}", index + 1);
                let lines = match words.first().map(String::as_str) {
                    Some("mdb") => Lines::Typed("> "),
                    Some("console") if words.len() > 1 => Lines::Typed("$ "),
                    Some("rust" | "toml") if words.len() > 1 => Lines::File,
                    _ => Lines::Shown,
                };
                if !matches!(lines, Lines::Shown) {
                    let (steps, file) = (Vec::new(), String::new());
                    blocks.push(Block { place, words, steps, file });
                }
                Some(lines)
            };
            continue;
        }
        let (Some(lines), Some(block)) = (inside, blocks.last_mut()) else { continue };
        let prompt = match lines {
            Lines::Typed(prompt) => prompt,
            Lines::File => {
                block.file.push_str(line);
                block.file.push('\n');
                continue;
            }
            Lines::Shown => continue,
        };
        match (line.strip_prefix(prompt), block.steps.last_mut()) {
            (Some(typed), _) => block.steps.push((typed.to_owned(), Vec::new())),
            (None, Some((_, expected))) => expected.push(line.to_owned()),
            (None, None) => panic!("{}: the block begins with no '{prompt}'", block.place),
        }
    }
    assert!(inside.is_none(), "{}: a block does not end", page.display());
    blocks
}

/// Whether a line is as expected; `[..]` stands for any text.
fn line_matches(expected: &str, line: &str) -> bool {
    let (expected, line) = (expected.trim_end(), line.trim_end());
    let Some((start, mut pattern)) = expected.split_once("[..]") else { return expected == line };
    let Some(mut rest) = line.strip_prefix(start) else { return false };
    while let Some((middle, after)) = pattern.split_once("[..]") {
        let Some((_, found)) = rest.split_once(middle) else { return false };
        (rest, pattern) = (found, after);
    }
    rest.ends_with(pattern)
}

/// Whether lines are as expected; a line `...` stands for any lines.
fn lines_match(expected: &[String], lines: &[&str]) -> bool {
    match expected.split_first() {
        None => lines.is_empty(),
        Some((dots, rest)) if dots.trim() == "..." => {
            (0..=lines.len()).any(|skip| lines_match(rest, &lines[skip..]))
        }
        Some((first, rest)) => lines
            .split_first()
            .is_some_and(|(line, lines)| line_matches(first, line) && lines_match(rest, lines)),
    }
}

fn run(block: &Block, fixture: Option<&Fixture>, outside: Option<&Outside>) -> Vec<String> {
    if let (Some(outside), Some(fixture)) = (outside, fixture) {
        outside.lay_core(fixture);
    }
    let typed: Vec<&str> = block.steps.iter().map(|(typed, _)| typed.as_str()).collect();
    if block.words[0] == "console" {
        let shell = |line: &&str| match outside {
            Some(outside) => shell_with(line, &outside.directory, &Outside::environment()),
            None => shell(line, &fixture.unwrap().directory),
        };
        return typed.iter().map(shell).collect();
    }
    let mut mdb = match fixture {
        // Its program does not lie where it died.
        Some(fixture) if fixture.name == "committed" => {
            Mdb::on(&fixture.executable).word(&fixture.core)
        }
        Some(fixture) => Mdb::on(&fixture.core),
        None => Mdb::alone(),
    };
    for option in block.words.iter().skip(2) {
        mdb = mdb.word(option);
    }
    if let Some(outside) = outside {
        mdb = mdb.in_directory(&outside.directory);
        for (name, value) in Outside::environment() {
            mdb = mdb.variable(name, value);
        }
    }
    mdb.conversation(&typed)
}

/// Runs the blocks of a page; gives how many there were.
fn check(page: &Path) -> usize {
    let text = std::fs::read_to_string(page).unwrap();
    let blocks = blocks(page, &text);
    let mut wrong = Vec::new();
    let outside = blocks.iter().any(Block::is_file).then(|| {
        let name = page.file_stem().unwrap().to_string_lossy().into_owned();
        Outside::copy(&name)
    });
    for block in &blocks {
        if block.is_file() {
            outside.as_ref().unwrap().write(&block.words[1], &block.file);
            continue;
        }
        let fixture = match block.words.get(1) {
            None => None,
            Some(name) => match available(&block.place, found(name)).unwrap() {
                Some(fixture) => Some(fixture),
                None => continue,
            },
        };
        if block.steps.iter().any(|(typed, _)| typed.contains("| jq ")) && !has_jq() {
            skipped(&block.place, "jq is not installed");
            continue;
        }
        let answers = run(block, fixture.as_ref(), outside.as_ref());
        for (index, (typed, expected)) in block.steps.iter().enumerate() {
            let answer = answers.get(index).map_or("(the program ended before)", String::as_str);
            let lines: Vec<&str> = answer.lines().collect();
            if !lines_match(expected, &lines) {
                wrong.push(format!(
                    "{}: after `{typed}` the page says\n{}\nand the program\n{answer}",
                    block.place,
                    expected.join("\n")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    blocks.len()
}

fn found(name: &str) -> Result<Fixture, FixtureError> {
    if name == "committed" {
        return mdb_fixtures::committed();
    }
    let of_node = name.strip_prefix("node").and_then(|rest| rest.split_once('-'));
    match of_node {
        Some((version, case)) => node_case(version, case),
        None => fixture(name),
    }
}

fn has_jq() -> bool {
    std::process::Command::new("jq").arg("--version").output().is_ok()
}

fn pages() -> Vec<PathBuf> {
    let manual = std::fs::read_dir(workspace_dir().join("docs/manual")).unwrap();
    let mut pages: Vec<PathBuf> = manual
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.sort();
    pages
}

#[test]
fn the_readme_is_true() {
    assert!(check(&workspace_dir().join("README.md")) > 0);
}

#[test]
fn the_manual_is_true() {
    let mut blocks = 0;
    let mut wrong = Vec::new();
    for page in pages() {
        // All pages are run before the test ends.
        match std::panic::catch_unwind(|| check(&page)) {
            Ok(count) => blocks += count,
            Err(_) => wrong.push(page),
        }
    }
    assert!(wrong.is_empty(), "wrong pages: {wrong:?}");
    assert!(blocks > 20, "only {blocks} blocks were found in the manual");
}

#[test]
fn links_lead_somewhere() {
    let mut all = pages();
    all.extend(["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|p| workspace_dir().join(p)));
    for folder in ["docs/developers", "docs/reference"] {
        let entries = std::fs::read_dir(workspace_dir().join(folder)).unwrap();
        all.extend(entries.map(|entry| entry.unwrap().path()));
    }
    let mut broken = Vec::new();
    for page in all.iter().filter(|page| page.extension().is_some_and(|e| e == "md")) {
        let text = std::fs::read_to_string(page).unwrap();
        // What stands in code is no link.
        let prose: String = text.split("```").step_by(2).collect();
        for after in prose.split("](").skip(1) {
            let target = after.split([')', '#']).next().unwrap_or_default();
            let is_ours = !target.is_empty() && !target.contains("://");
            if is_ours && !page.parent().unwrap().join(target).exists() {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "links to nothing: {broken:#?}");
}

#[test]
fn wildcards_stand_for_what_they_say() {
    assert!(line_matches("a [..] c", "a b b c  ") && !line_matches("a [..] c", "a b d"));
    assert!(line_matches("[..]x[..]", "axb") && !line_matches("[..]x[..]", "ab"));
    assert!(!line_matches("a", "a b"));
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(lines_match(&lines("1\n...\n4"), &["1", "2", "3", "4"]));
    assert!(lines_match(&lines("..."), &[]) && !lines_match(&lines("1\n..."), &["2"]));
    assert!(!lines_match(&[], &["more than the page says"]));
}
