//! The columns of the lines that a format verb prints.

/// The column where values start; labels stand before it.
pub const LEFT_MARGIN: usize = 16;

/// Lays labels and values out in lines: values stand left-justified in fields after a margin, and a
/// line that would pass the width goes on below, indented by the margin.
///
/// The margin of a line is written when its first text comes, so that a trailing newline leaves no
/// line of blanks. Padding after a value is kept: `0t10=X` ends in 15 blanks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    width: Option<usize>,
    column: usize,
    out: String,
}

impl Layout {
    /// An empty line. `width` is where lines wrap; `None` never wraps.
    pub fn new(width: Option<usize>) -> Self {
        Self { width, column: 0, out: String::new() }
    }

    /// The column, counted in characters from 0, where the next text goes.
    pub fn column(&self) -> usize {
        self.column
    }

    /// A label at the start of a line, followed by blanks up to the margin. A label that reaches
    /// over the margin is followed by blanks up to the next multiple of it.
    pub fn label(&mut self, label: &str) {
        if self.column > 0 {
            self.newline();
        }
        self.push(label);
        self.push(" ");
        self.tab(LEFT_MARGIN);
    }

    /// A value in a field of `width` columns; a value that fills it or is longer is followed by one
    /// blank. A `width` of 0 is no field: the text alone.
    pub fn value(&mut self, text: &str, width: usize) {
        let length = text.chars().count();
        if let Some(end) = self.width
            && self.column > LEFT_MARGIN
            && self.column.saturating_add(length.max(width)) > end
        {
            self.newline();
        }
        self.margin();
        self.push(text);
        if width > 0 {
            self.blanks(width.saturating_sub(length).max(1));
        }
    }

    /// Text as it stands, after what is already on the line.
    pub fn literal(&mut self, text: &str) {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.newline();
            }
            if !line.is_empty() {
                self.margin();
                self.push(line);
            }
        }
    }

    /// So many blanks. The count is cut at 1,024.
    pub fn blanks(&mut self, count: usize) {
        if count > 0 {
            self.margin();
        }
        for _ in 0..count.min(MAX_BLANKS) {
            self.push(" ");
        }
    }

    /// Blanks up to the next column that is a multiple of `stop`; 0 does nothing.
    pub fn tab(&mut self, stop: usize) {
        self.margin();
        if let Some(over) = self.column.checked_rem(stop)
            && over > 0
        {
            self.blanks(stop - over);
        }
    }

    /// Ends the line.
    pub fn newline(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    /// Ends the line unless it is empty.
    pub fn end_line(&mut self) {
        if self.column > 0 {
            self.newline();
        }
    }

    /// Takes the text laid out so far; the column stays, so that more can follow.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    fn margin(&mut self) {
        if self.column == 0 {
            self.column = LEFT_MARGIN;
            self.out.push_str(&" ".repeat(LEFT_MARGIN));
        }
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.column = self.column.saturating_add(text.chars().count());
    }
}

const MAX_BLANKS: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stands_between_margin_and_padding() {
        let mut layout = Layout::new(Some(80));
        layout.value("a", 16);
        layout.end_line();
        assert_eq!(layout.take(), format!("{}a{}\n", " ".repeat(16), " ".repeat(15)));
    }

    #[test]
    fn a_literal_follows_the_padding() {
        let mut layout = Layout::new(None);
        layout.value("5", 16);
        layout.literal("zz");
        layout.value("5", 16);
        assert_eq!(layout.take().trim(), format!("5{}zz5", " ".repeat(15)));
    }

    #[test]
    fn four_wide_values_fill_a_line_of_80() {
        let mut layout = Layout::new(Some(80));
        for _ in 0..5 {
            layout.value("1", 16);
        }
        layout.end_line();
        let text = layout.take();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].len(), 80);
        assert_eq!(lines[1], format!("{}1{}", " ".repeat(16), " ".repeat(15)));
    }

    #[test]
    fn no_width_never_wraps() {
        let mut layout = Layout::new(None);
        for _ in 0..100 {
            layout.value("1", 16);
        }
        assert_eq!(layout.take().lines().count(), 1);
    }

    #[test]
    fn a_value_wider_than_the_line_is_not_lost() {
        let mut layout = Layout::new(Some(20));
        layout.value("1", 64);
        layout.value("2", 64);
        assert_eq!(layout.take().lines().map(str::trim).collect::<Vec<_>>(), ["1", "2"]);
    }

    #[test]
    fn labels_pad_to_the_margin() {
        let mut layout = Layout::new(None);
        layout.label("g:");
        layout.value("7", 16);
        layout.end_line();
        assert_eq!(layout.take(), format!("g:{}7{}\n", " ".repeat(14), " ".repeat(15)));
        layout.label("a_long_symbol+0x10:");
        assert_eq!(layout.column(), 32);
        layout.end_line();
        let _ = layout.take();
        layout.label("exactly_sixteen:");
        assert_eq!(layout.column(), 32);
    }

    #[test]
    fn newline_leaves_no_blank_line_behind() {
        let mut layout = Layout::new(None);
        layout.value("5", 16);
        layout.newline();
        layout.end_line();
        assert!(layout.take().ends_with("5               \n"));
    }
}
