//! Doc comments as summary, help and examples.

use proc_macro2::Span;
use syn::{Attribute, Error, Expr, Lit, Meta, Result};

/// What a doc comment says.
pub(crate) struct Docs {
    /// The first line.
    pub(crate) summary: String,
    /// What follows, Markdown; may be empty.
    pub(crate) help: String,
    /// Commands, and what they do.
    pub(crate) examples: Vec<(String, String)>,
}

/// The lines of a doc comment, without the blank after `///`.
fn lines(attributes: &[Attribute]) -> Result<Vec<(String, Span)>> {
    let mut lines = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
        let Meta::NameValue(pair) = &attribute.meta else { continue };
        let Expr::Lit(literal) = &pair.value else {
            return Err(Error::new_spanned(&pair.value, "the help must stand here as text"));
        };
        let Lit::Str(text) = &literal.lit else { continue };
        for line in text.value().split('\n') {
            let line = line.strip_prefix(' ').unwrap_or(line);
            lines.push((line.trim_end().to_owned(), text.span()));
        }
    }
    let blank = |(line, _): &(String, Span)| line.is_empty();
    lines.drain(..lines.iter().take_while(|line| blank(line)).count());
    Ok(lines)
}

/// The description of a command or a walker; `missing` is said where there is none.
pub(crate) fn description(attributes: &[Attribute], at: Span, missing: &str) -> Result<Docs> {
    let lines = lines(attributes)?;
    let mut lines = lines.into_iter();
    let Some((summary, span)) = lines.next() else {
        return Err(Error::new(at, missing));
    };
    check_summary(&summary, span)?;
    let mut help = String::new();
    let mut examples = Vec::new();
    let mut in_examples = false;
    let mut is_fenced = false;
    let mut before = String::new();
    for (index, (line, span)) in lines.enumerate() {
        if index == 0 && !line.is_empty() {
            let message = "the summary is one line; leave an empty line between it and the help";
            return Err(Error::new(span, message));
        }
        if let Some(heading) = line.strip_prefix("# ") {
            in_examples = heading.trim() == "Examples";
            if in_examples {
                continue;
            }
        }
        if in_examples {
            if !line.is_empty() {
                examples.push(example(&line, span)?);
            }
            continue;
        }
        is_fenced ^= line.starts_with(FENCE);
        if !is_fenced && continues(&before, &line) {
            help.pop();
            help.push(' ');
        }
        help.push_str(&line);
        help.push('\n');
        before = line;
    }
    Ok(Docs { summary, help: help.trim().to_owned(), examples })
}

/// What begins and ends code.
const FENCE: &str = "```";

/// Whether a line goes on with the paragraph, or the item of a list, that the line before it is in: where
/// the lines of a comment end says nothing.
fn continues(before: &str, line: &str) -> bool {
    let is_markup = |line: &str| line.starts_with(['#', '|']) || line.starts_with(FENCE);
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_item = ["- ", "* ", "+ ", "> "].iter().any(|mark| line.starts_with(mark))
        || number.len() < line.len() && number.starts_with(". ");
    let begins_anew = is_item || is_markup(line) || line.starts_with([' ', '\t']);
    !before.is_empty() && !line.is_empty() && !begins_anew && !is_markup(before)
}

fn check_summary(summary: &str, span: Span) -> Result<()> {
    if summary.ends_with('.') && !summary.ends_with("..") {
        return Err(Error::new(span, "the summary (the first line) has no full stop"));
    }
    Ok(())
}

/// ``- `COMMAND`: what it does``; the backquotes may be doubled where the command has some.
fn example(line: &str, span: Span) -> Result<(String, String)> {
    let parse = || {
        let rest = line.strip_prefix("- ")?;
        let quotes = rest.len() - rest.trim_start_matches('`').len();
        let quote = "`".repeat(quotes);
        let (command, what) = rest.get(quotes..)?.split_once(&quote).filter(|_| quotes > 0)?;
        let what = what.strip_prefix(':')?.trim();
        (!what.is_empty()).then(|| (command.trim().to_owned(), what.to_owned()))
    };
    let message = "an example is a line such as \"- `::slist -v`: each node\"";
    parse().ok_or_else(|| Error::new(span, message))
}

/// The one line that helps with an option: the first paragraph.
pub(crate) fn one_line(attributes: &[Attribute], at: Span, missing: &str) -> Result<String> {
    let lines = lines(attributes)?;
    let paragraph = lines.iter().map(|(line, _)| line.trim()).take_while(|line| !line.is_empty());
    let text = paragraph.collect::<Vec<_>>().join(" ");
    if text.is_empty() { Err(Error::new(at, missing)) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::{description, one_line};
    use proc_macro2::Span;
    use syn::{ItemFn, parse_str};

    fn docs(text: &str) -> Result<super::Docs, String> {
        let function: ItemFn = parse_str(&format!("{text}\nfn f() {{}}")).unwrap();
        description(&function.attrs, Span::call_site(), "none").map_err(|e| e.to_string())
    }

    #[test]
    fn a_doc_comment_is_taken_apart() {
        let found = docs(
            "/// walk a list\n///\n/// Follows it.\n///\n/// # Examples\n///\n/// - `::x`: all\n\
             /// - ``a`b::x``: one\n///\n/// # More\n/// Text.",
        )
        .unwrap();
        assert_eq!(found.summary, "walk a list");
        assert_eq!(found.help, "Follows it.\n\n# More\nText.");
        let examples = [("::x".to_owned(), "all".to_owned()), ("a`b::x".into(), "one".into())];
        assert_eq!(found.examples, examples);
        assert_eq!(docs("/** walk\n\n More.\n*/").unwrap().help, "More.");
    }

    #[test]
    fn paragraphs_are_one_line() {
        let found = docs(
            "/// walk a list\n///\n/// Follows\n/// it.\n///\n/// - `a`: one\n/// more\n/// - two\n///\n\
             /// ```text\n/// a\n/// b\n/// ```\n/// End.\n/// # More\n/// Text\n/// ends.",
        );
        let wanted =
            "Follows it.\n\n- `a`: one more\n- two\n\n```text\na\nb\n```\nEnd.\n# More\nText ends.";
        assert_eq!(found.unwrap().help, wanted);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let said = |text: &str| docs(text).err().unwrap();
        assert_eq!(said(""), "none");
        assert_eq!(said("///"), "none");
        assert!(said("/// a list.").contains("full stop"));
        assert!(said("/// a list\n/// of nodes").contains("one line"));
        assert!(said("/// a\n///\n/// # Examples\n/// ::x").contains("an example is"));
        assert!(said("/// a\n///\n/// # Examples\n/// - `::x`").contains("an example is"));
    }

    #[test]
    fn options_have_one_line() {
        let function: ItemFn = parse_str("/// a\n/// b\n///\n/// c\nfn f() {}").unwrap();
        assert_eq!(one_line(&function.attrs, Span::call_site(), "").unwrap(), "a b");
    }
}
