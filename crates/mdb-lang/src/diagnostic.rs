//! Errors as users see them.

use crate::{EvalError, Span, SyntaxError};

/// Where the line and the caret start.
const INDENT: &str = "    ";
/// The most columns of a line that are shown.
const WINDOW: usize = 72;

/// Text for an error: the sentence, the line, a caret under the place, and what to try.
///
/// Of several lines only that of the span is shown, of a long one only the part around the span.
/// Control characters and invisible ones are escaped, a tab is one blank. The text ends in a
/// newline.
pub fn render_error(line: &str, span: Span, message: &str, hint: Option<&str>) -> String {
    let mut out = escaped(message);
    out.push('\n');
    let (line, span) = line_of(line, span);
    if !line.trim().is_empty() {
        out.push_str(&picture(line, span));
    }
    if let Some(hint) = hint {
        out.push_str(INDENT);
        out.push_str(&escaped(hint));
        out.push('\n');
    }
    out
}

impl SyntaxError {
    /// [`render_error`] for the line that was parsed.
    pub fn render(&self, line: &str) -> String {
        render_error(line, self.span, &self.message, self.hint().as_deref())
    }
}

impl EvalError {
    /// [`render_error`] for the line that the expression stands in.
    pub fn render(&self, line: &str) -> String {
        render_error(line, self.span, &self.kind.to_string(), self.help.as_deref())
    }
}

/// The line that holds the start of the span, and the span in that line.
fn line_of(text: &str, span: Span) -> (&str, Span) {
    let mut start = span.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let before = text.get(..start).unwrap_or("");
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text.get(line_start..).unwrap_or("").split('\n').next().unwrap_or("");
    let start = start - line_start;
    let end = span.end.saturating_sub(line_start).clamp(start, line.len().max(start));
    (line, Span::new(start, end))
}

/// A character as it is shown, and its columns.
fn shown(ch: char, out: &mut String) -> usize {
    if ch == '\t' {
        out.push(' ');
        return 1;
    }
    // Besides control characters, `escape_debug` knows the ones without a glyph, such as marks that
    // turn the direction of the text.
    if !matches!(ch, '\'' | '"' | '\\') && ch.escape_debug().len() > 1 {
        out.extend(ch.escape_debug());
        return ch.escape_debug().len();
    }
    out.push(ch);
    if is_wide(ch) { 2 } else { 1 }
}

/// Characters that terminals show in two columns: the wide blocks of Unicode's East Asian Width.
fn is_wide(ch: char) -> bool {
    matches!(
        u32::from(ch),
        0x1100..=0x115f
            | 0x2e80..=0x303e
            | 0x3041..=0xa4cf
            | 0xac00..=0xd7a3
            | 0xf900..=0xfaff
            | 0xfe30..=0xfe6f
            | 0xff00..=0xff60
            | 0xffe0..=0xffe6
            | 0x1f300..=0x1faff
            | 0x20000..=0x3fffd
    )
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        shown(ch, &mut out);
    }
    out
}

/// One character of the picture.
struct Cell {
    text: String,
    columns: usize,
    marked: bool,
}

fn picture(line: &str, span: Span) -> String {
    // Far more than the window shows is not even looked at: a line can have megabytes.
    let near =
        |offset: usize| offset + WINDOW * 8 >= span.start && offset <= span.start + WINDOW * 8;
    let mut cells = Vec::new();
    let mut cut_left = false;
    let mut cut_right = false;
    for (offset, ch) in line.char_indices() {
        if !near(offset) {
            if offset < span.start {
                cut_left = true;
                continue;
            }
            cut_right = true;
            break;
        }
        let mut text = String::new();
        let columns = shown(ch, &mut text);
        let marked = offset == span.start || span.range().contains(&offset);
        cells.push(Cell { text, columns, marked });
    }
    let first_marked = cells.iter().position(|cell| cell.marked).unwrap_or(cells.len());
    let total: usize = cells.iter().map(|cell| cell.columns).sum();
    let mut first = 0;
    if cut_left || total > WINDOW {
        // Two thirds of the window lie left of the place, where it does not fit from the start.
        let mut columns: usize = cells.iter().take(first_marked + 1).map(|cell| cell.columns).sum();
        for cell in cells.iter().take(first_marked) {
            if columns <= WINDOW * 2 / 3 {
                break;
            }
            columns -= cell.columns;
            first += 1;
        }
        cut_left |= first > 0;
    }

    let mut text = INDENT.to_owned();
    let mut carets = INDENT.to_owned();
    if cut_left {
        text.push_str("...");
        carets.push_str("   ");
    }
    let mut columns = 0;
    for cell in cells.iter().skip(first) {
        if columns >= WINDOW {
            cut_right = true;
            break;
        }
        columns += cell.columns;
        text.push_str(&cell.text);
        let mark = if cell.marked { "^" } else { " " };
        carets.push_str(&mark.repeat(cell.columns));
    }
    if cut_right {
        text.push_str("...");
    }
    if first_marked >= cells.len() {
        carets.push('^');
    }
    format!("{}\n{}\n", text.trim_end(), carets.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(line: &str, span: Span) -> Vec<String> {
        render_error(line, span, "no", None).lines().map(str::to_owned).collect()
    }

    #[test]
    fn sentence_line_caret_and_hint() {
        assert_eq!(
            render_error("0t1a=D", Span::new(3, 4), "syntax error: 'a'", Some("expected digits")),
            "syntax error: 'a'\n    0t1a=D\n       ^\n    expected digits\n"
        );
    }

    #[test]
    fn the_caret_stands_under_every_kind_of_character() {
        assert_eq!(lines("a\tb", Span::new(2, 3)), ["no", "    a b", "      ^"]);
        assert_eq!(
            lines("\u{1b}[2Jx", Span::new(4, 5)),
            ["no", "    \\u{1b}[2Jx", "             ^"]
        );
        assert_eq!(lines("日本x", Span::new(6, 7)), ["no", "    日本x", "        ^"]);
        assert_eq!(lines("é+x", Span::new(3, 4)), ["no", "    é+x", "      ^"]);
    }

    #[test]
    fn the_end_of_the_line_is_a_place() {
        assert_eq!(lines("1+", Span::at(2)), ["no", "    1+", "      ^"]);
        assert_eq!(lines("1+\n2", Span::at(2)), ["no", "    1+", "      ^"]);
        assert_eq!(lines("1", Span::new(900, 901)), ["no", "    1", "     ^"]);
    }

    #[test]
    fn only_the_line_of_the_span_is_shown() {
        assert_eq!(lines("a;\nbcd;\ne", Span::new(4, 6)), ["no", "    bcd;", "     ^^"]);
        assert_eq!(lines("ab\ncd", Span::new(1, 5)), ["no", "    ab", "     ^"]);
    }

    #[test]
    fn a_span_inside_of_a_character_starts_at_it() {
        assert_eq!(lines("é", Span::new(1, 2)), ["no", "    é", "    ^"]);
    }

    #[test]
    fn long_lines_show_the_part_around_the_place() {
        let long = format!("{}?{}", "a".repeat(100_000), "b".repeat(100_000));
        let shown = lines(&long, Span::new(100_000, 100_001));
        assert!(shown[1].len() < 90 && shown[1].contains("aaa?bbb"), "{}", shown[1]);
        assert!(shown[1].starts_with("    ...a") && shown[1].ends_with("b..."));
        assert_eq!(shown[1].find('?'), shown[2].find('^'));
        let shown = lines(&long, Span::new(0, 1));
        assert!(shown[1].starts_with("    aaa") && shown[1].ends_with("..."));
        assert_eq!(shown[2], "    ^");
    }

    #[test]
    fn an_empty_line_has_no_picture() {
        assert_eq!(lines("", Span::at(0)), ["no"]);
    }
}
