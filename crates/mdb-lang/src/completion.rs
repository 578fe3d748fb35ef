//! What could be typed at a place of a line.

use crate::Span;
use crate::cursor::is_scoped_name;
use crate::scan::{Context, Owner, PartialWord, scan};

/// A place of a line where something can be completed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompletionPoint {
    /// What is completed.
    pub kind: CompletionKind,
    /// What is already there, quotes removed: candidates start with it.
    pub prefix: String,
    /// The bytes that a candidate takes the place of. They end at the cursor.
    pub replace: Span,
    /// The quote that is open before the prefix; it is part of `replace` where a word is completed.
    pub quote: Option<char>,
}

/// What is completed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CompletionKind {
    /// The name of a dcmd after `::`.
    Dcmd {
        /// The module before the backquote.
        module: Option<String>,
    },
    /// A dcmd of one character; the prefix is `$` or `:`.
    Legacy,
    /// An option; the prefix starts with `-` or `+`.
    DcmdOption {
        /// The dcmd without `::`, or `$c`.
        dcmd: String,
        /// The words before.
        words: Vec<String>,
    },
    /// Another argument.
    DcmdArgument {
        /// The dcmd without `::`, or `$c`.
        dcmd: String,
        /// How many words without a `-` or `+` in front stand before it.
        index: usize,
        /// All words before it.
        words: Vec<String>,
    },
    /// The walker of `::walk`.
    Walker,
    /// A symbol.
    Symbol {
        /// The scope before the last backquote.
        object: Option<String>,
    },
    /// A variable.
    Variable,
    /// A file: `$<`, `$<<`, `$>`.
    File,
    /// A format character.
    FormatChar,
    /// A word for the shell.
    Shell,
    /// Nothing.
    Nothing,
}

/// What could be typed at `cursor`, an offset in bytes. The text before it need not be complete;
/// what follows it does not count. Any text and any offset give a result.
pub fn completion_at(line: &str, cursor: usize) -> CompletionPoint {
    let mut cursor = cursor.min(line.len());
    while !line.is_char_boundary(cursor) {
        cursor -= 1;
    }
    let line = line.get(..cursor).unwrap_or("");
    let point = |kind, start| {
        let replace = Span::new(start, cursor);
        CompletionPoint { kind, prefix: replace.text(line).to_owned(), replace, quote: None }
    };
    match scan(line).context {
        Context::Operand => point(CompletionKind::Symbol { object: None }, cursor),
        Context::Symbol { start, quote } => {
            CompletionPoint { quote, ..symbol(line, start, cursor) }
        }
        Context::Variable { start } => point(CompletionKind::Variable, start),
        Context::Dcmd { start } => {
            let (module, start) = split_scope(line, start);
            point(CompletionKind::Dcmd { module }, start)
        }
        Context::Legacy { start } => point(CompletionKind::Legacy, start),
        Context::Format => point(CompletionKind::FormatChar, cursor),
        Context::Argument { owner, words, word } => argument(line, cursor, owner, words, word),
        Context::Shell { start } => {
            let word = line.get(start..).unwrap_or("");
            let last =
                word.rfind([' ', '\t', '\'', '"', '|', '<', '>', '=']).map_or(0, |at| at + 1);
            point(CompletionKind::Shell, start + last)
        }
        Context::Nothing => point(CompletionKind::Nothing, cursor),
    }
}

/// The scope before the last backquote of the name at `start`, and where the rest starts.
fn split_scope(line: &str, start: usize) -> (Option<String>, usize) {
    match line.get(start..).and_then(|name| name.rsplit_once('`')) {
        Some((scope, _)) => (Some(scope.to_owned()), start + scope.len() + 1),
        None => (None, start),
    }
}

fn symbol(line: &str, start: usize, cursor: usize) -> CompletionPoint {
    let (object, start) = split_scope(line, start);
    let replace = Span::new(start, cursor);
    let prefix = replace.text(line).to_owned();
    CompletionPoint { kind: CompletionKind::Symbol { object }, prefix, replace, quote: None }
}

fn argument(
    line: &str,
    cursor: usize,
    owner: Owner,
    words: Vec<String>,
    word: PartialWord,
) -> CompletionPoint {
    let Owner::Dcmd(dcmd) = owner else {
        // The words are expressions: complete the name that they end in.
        let text = Span::new(word.start, cursor).text(line);
        let name = text.trim_end_matches(is_scoped_name).len();
        return CompletionPoint { quote: word.quote, ..symbol(line, word.start + name, cursor) };
    };
    let is_option = |word: &str| word.starts_with(['-', '+']);
    let index = words.iter().filter(|word| !is_option(word)).count();
    let kind = if is_option(&word.text) && word.quote.is_none() {
        CompletionKind::DcmdOption { dcmd, words }
    } else if matches!(dcmd.as_str(), "$<" | "$<<" | "$>") {
        CompletionKind::File
    } else if dcmd == "walk" && index == 0 {
        CompletionKind::Walker
    } else {
        CompletionKind::DcmdArgument { dcmd, index, words }
    };
    let replace = Span::new(word.start, cursor);
    CompletionPoint { kind, prefix: word.text, replace, quote: word.quote }
}
