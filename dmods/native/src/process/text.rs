//! Text of the target in a line.

/// On one line: line feeds and tabs are spelt. (The host spells all other controls.)
pub(crate) fn one_line(text: &str) -> String {
    text.replace('\n', "\\n").replace('\t', "\\t")
}
