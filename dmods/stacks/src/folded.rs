//! Folded stacks: a line for each stack, `root;caller;innermost COUNT`, as programs that draw flame
//! graphs read them.

use crate::frames::{FrameTable, KnownFrame};
use crate::group::Group;
use crate::stacks::COLUMNS;
use mdb_dmod::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Stacks as text, with how many threads have each.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    pub(crate) stacks: BTreeMap<String, u64>,
}

/// Text of the target within a line of the format: a semicolon would end the frame, and control
/// characters and marks of direction do no good in a terminal or in XML, which has no way to write
/// them. They are spelled out.
pub(crate) fn clean(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            ';' => text.push(':'),
            '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'..='\u{ffff}' => {
                let _ = write!(text, "\\u{{{:x}}}", c as u32);
            }
            c if c.is_control() => {
                let _ = write!(text, "\\x{:02x}", c as u32);
            }
            c => text.push(c),
        }
    }
    // Readers take two numbers at the end of a line for two counts.
    if let Some((before, word)) = text.rsplit_once(' ')
        && word.parse::<f64>().is_ok()
    {
        return format!("{before}_{word}");
    }
    if text.is_empty() { "?".to_owned() } else { text }
}

/// A frame's name: without the offset, so that the same function is one box.
fn name(frame: &KnownFrame) -> String {
    let name = if frame.function.is_empty() { &frame.text } else { &frame.function };
    let mut name = clean(name);
    // As `perf` marks the kernel's and inlined functions.
    if frame.doubtful {
        name.push_str("_[?]");
    }
    name
}

impl Folded {
    /// Of groups. Inlined functions are there if they were gathered.
    pub(crate) fn of<'g>(table: &FrameTable, groups: impl Iterator<Item = &'g Group>) -> Self {
        let mut folded = Self::default();
        for group in groups {
            let mut names = Vec::new();
            if !group.end.is_empty() {
                names.push("[incomplete]".to_owned());
            }
            for number in group.frames.iter().rev() {
                let Some(frame) = table.get(*number) else { continue };
                names.push(name(frame));
                let inlined = frame.inlined.iter().rev();
                names.extend(inlined.map(|name| format!("{}_[i]", clean(name))));
            }
            if names.is_empty() {
                names.push("[no frames]".to_owned());
            }
            let count = folded.stacks.entry(names.join(";")).or_insert(0);
            *count = count.saturating_add(group.members.len() as u64);
        }
        folded
    }

    /// All threads.
    pub(crate) fn threads(&self) -> u64 {
        self.stacks.values().sum()
    }
}

/// As rows of `::stacks`.
pub(crate) fn print(s: &Session<'_>, folded: &Folded) -> Result<()> {
    for (stack, count) in &folded.stacks {
        let mut cells: [Cell<'_>; COLUMNS] = Default::default();
        let [_, _, _, cell, .., text] = &mut cells;
        *cell = Cell::Unsigned(*count);
        *text = Cell::text(stack.as_str());
        s.row_as(&cells, &format!("{stack} {count}\n"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_line_and_its_frame() {
        assert_eq!(clean("a;b c"), "a:b c");
        assert_eq!(clean("a\nb\x1b[0m\u{9b}"), "a\\x0ab\\x1b[0m\\x9b");
        assert_eq!(clean("x\u{202e}y\u{ffff}"), "x\\u{202e}y\\u{ffff}");
        assert_eq!(clean("größe<&>"), "größe<&>");
        assert_eq!((clean("a 9"), clean("a b9")), ("a_9".to_owned(), "a b9".to_owned()));
        assert_eq!(clean(""), "?");
    }
}
