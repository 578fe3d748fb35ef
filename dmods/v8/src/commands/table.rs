//! Tables for people whose columns of text stand below each other.

/// On which side of its column a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// The lines of a table: the first has the headings before it.
pub(crate) fn lines<const N: usize>(
    headings: [(&str, Side); N],
    rows: &[[String; N]],
) -> Vec<String> {
    let mut widths = headings.map(|(heading, _)| heading.chars().count());
    for row in rows {
        for (width, text) in widths.iter_mut().zip(row) {
            *width = (*width).max(text.chars().count());
        }
    }
    let line = |texts: [&str; N]| {
        let mut line = String::new();
        for ((text, width), (_, side)) in texts.iter().zip(widths).zip(headings) {
            let column = match side {
                Side::Left => format!("{text:<width$} "),
                Side::Right => format!("{text:>width$} "),
            };
            line.push_str(&column);
        }
        line.truncate(line.trim_end().len());
        line.push('\n');
        line
    };
    let mut lines: Vec<String> =
        rows.iter().map(|row| line(row.each_ref().map(String::as_str))).collect();
    if let Some(first) = lines.first_mut() {
        first.insert_str(0, &line(headings.map(|(heading, _)| heading)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let rows = [["a", "1", "x"], ["long", "22", ""]].map(|row| row.map(str::to_owned));
        let lines = lines([("N", Side::Left), ("COUNT", Side::Right), ("T", Side::Left)], &rows);
        assert_eq!(lines, ["N    COUNT T\na        1 x\n", "long    22\n"]);
    }
}
