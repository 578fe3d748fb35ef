//! A tolerant reading of a line, for colours and for completion.
//!
//! The parser stops at the first error; this reading never does. It gives every piece of the text a
//! kind and knows at its end what could be typed next.

use crate::cursor::{Cursor, is_blank, is_name, is_name_start, is_scoped_name, is_terminator};
use crate::format::lookup;
use crate::statement::{check_variable_name, quoted_shell_text};
use crate::{FormatVerb, Span, parse_expression};

/// What a piece of a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenKind {
    /// A number or a character constant.
    Number,
    /// A symbol, or letters that are also digits.
    Symbol,
    /// `<name`, the name after `>`, and the pseudo-values `. + ^ &`.
    Variable,
    /// An operator of an expression.
    Operator,
    /// Parentheses, commas, `;`, `$[` and `]`.
    Punctuation,
    /// A verb: `/ \ ? = @ >`.
    Verb,
    /// A character of a format list, or its count.
    Format,
    /// `::name`
    Dcmd,
    /// `$c`, `:c`
    Legacy,
    /// A word that starts with `-` or `+`.
    Option,
    /// Another word.
    Word,
    /// A word with quotes, or a literal of a format list.
    String,
    /// `|` between stages.
    Pipe,
    /// `!`, `!<` and the text for the shell.
    Shell,
    /// A comment.
    Comment,
    /// What cannot stand where it stands.
    Error,
}

/// The pieces of a line in order, without the blanks between them. They do not overlap; any text
/// gives a result.
pub fn highlight(line: &str) -> Vec<(Span, TokenKind)> {
    scan(line).tokens
}

/// What the end of a text is the middle of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Context {
    /// An operand of an expression could start here.
    Operand,
    /// In a symbol that starts at the offset (behind its quote, if it has one).
    Symbol { start: usize, quote: Option<char> },
    /// In the name of a variable.
    Variable { start: usize },
    /// In the name after `::`.
    Dcmd { start: usize },
    /// Behind a `$` or `:` at the offset.
    Legacy { start: usize },
    /// In a format list, outside of literals.
    Format,
    /// In a word of arguments.
    Argument { owner: Owner, words: Vec<String>, word: PartialWord },
    /// In text for the shell.
    Shell { start: usize },
    /// Nothing can be completed.
    Nothing,
}

/// Whose arguments they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A named dcmd, without `::`, or one of one character with it: `$c`.
    Dcmd(String),
    /// The words after `/W`, which are expressions.
    Values,
}

/// The word at the end of the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PartialWord {
    pub(crate) start: usize,
    /// Its text without quotes.
    pub(crate) text: String,
    /// The quote that is still open.
    pub(crate) quote: Option<char>,
}

pub(crate) struct Scan {
    pub(crate) tokens: Vec<(Span, TokenKind)>,
    pub(crate) context: Context,
}

/// Reads a whole text.
pub(crate) fn scan(text: &str) -> Scan {
    let mut scanner = Scanner {
        cursor: Cursor::new(text),
        tokens: Vec::new(),
        context: Context::Operand,
        after_pipe: false,
    };
    if scanner.cursor.starts_with("#!") {
        scanner.cursor.take_while(|ch| ch != '\n');
        scanner.token(0, TokenKind::Comment);
        scanner.context = Context::Nothing;
    }
    while scanner.cursor.peek().is_some() {
        scanner.expression(false);
    }
    Scan { tokens: scanner.tokens, context: scanner.context }
}

struct Scanner<'a> {
    cursor: Cursor<'a>,
    tokens: Vec<(Span, TokenKind)>,
    context: Context,
    /// Nothing but blanks followed the last `|` between stages: a verb must come.
    after_pipe: bool,
}

impl Scanner<'_> {
    fn token(&mut self, start: usize, kind: TokenKind) {
        let span = self.cursor.span_from(start);
        if !span.is_empty() {
            self.after_pipe = kind == TokenKind::Pipe;
            self.tokens.push((span, kind));
        }
    }

    /// Takes so many characters as one token.
    fn take(&mut self, characters: usize, kind: TokenKind) {
        let start = self.cursor.pos();
        for _ in 0..characters {
            self.cursor.bump();
        }
        self.token(start, kind);
    }

    fn comment(&mut self) {
        let start = self.cursor.pos();
        self.cursor.take_while(|ch| ch != '\n');
        self.token(start, TokenKind::Comment);
        self.context = Context::Nothing;
    }

    /// Reads expressions and whatever verbs follow, up to the end of the text; inside of `$[ ]` up
    /// to the `]` or the end of the statement.
    fn expression(&mut self, immediate: bool) {
        let mut operand_before = false;
        self.context = Context::Operand;
        while let Some(ch) = self.cursor.peek() {
            if is_blank(ch) {
                self.cursor.skip_blanks();
                let operand = !operand_before && !self.after_pipe;
                self.context = if operand { Context::Operand } else { Context::Nothing };
                continue;
            }
            let second = self.cursor.peek_second();
            match ch {
                ']' if immediate => {
                    self.take(1, TokenKind::Punctuation);
                    self.context = Context::Nothing;
                    return;
                }
                ';' | '\n' => {
                    if immediate {
                        return;
                    }
                    self.take(1, TokenKind::Punctuation);
                    operand_before = false;
                    self.context = Context::Operand;
                }
                '/' if second == Some('/') && !immediate => self.comment(),
                '0'..='9' => {
                    self.number();
                    operand_before = true;
                }
                '\'' => {
                    self.quoted_operand('\'');
                    operand_before = true;
                }
                '"' => {
                    self.quoted_operand('"');
                    operand_before = true;
                }
                '(' | ')' => {
                    self.take(1, TokenKind::Punctuation);
                    operand_before = ch == ')';
                    self.context = if operand_before { Context::Nothing } else { Context::Operand };
                }
                ',' => {
                    let kind = if immediate { TokenKind::Error } else { TokenKind::Punctuation };
                    self.take(1, kind);
                    operand_before = false;
                    self.context = Context::Operand;
                }
                '<' if !(operand_before && second == Some('<')) => {
                    self.variable();
                    operand_before = true;
                }
                _ if is_name_start(ch) => {
                    let start = self.cursor.pos();
                    let name = self.cursor.take_while(is_scoped_name);
                    let kind = if name == "." { TokenKind::Variable } else { TokenKind::Symbol };
                    self.token(start, kind);
                    self.context = Context::Symbol { start, quote: None };
                    operand_before = true;
                }
                _ => match operator_length(ch, second, operand_before) {
                    Some(length) => operand_before = self.operator(ch, length, operand_before),
                    None if immediate => {
                        if ch == '!' {
                            return;
                        }
                        self.take(1, TokenKind::Error);
                        self.context = Context::Nothing;
                    }
                    None => {
                        self.verb(ch);
                        operand_before = false;
                    }
                },
            }
        }
    }

    fn number(&mut self) {
        let start = self.cursor.pos();
        let text = self.cursor.take_while(is_scoped_name);
        let valid = text.len() <= 1024 && parse_expression(text).is_ok();
        self.token(start, if valid { TokenKind::Number } else { TokenKind::Error });
        self.context = Context::Nothing;
    }

    /// A character constant or a symbol in quotes.
    fn quoted_operand(&mut self, quote: char) {
        let start = self.cursor.pos();
        self.cursor.bump();
        while let Some(ch) = self.cursor.peek().filter(|ch| *ch != quote && *ch != '\n') {
            self.cursor.bump();
            if ch == '\\' && quote == '\'' && self.cursor.peek() == Some('\\') {
                self.cursor.bump();
            }
        }
        let closed = self.cursor.peek() == Some(quote);
        if closed {
            self.cursor.bump();
        }
        let text = self.cursor.span_from(start).text(self.cursor.text());
        let valid = closed && text.len() <= 1024 && parse_expression(text).is_ok();
        self.context = match (closed, quote) {
            (false, '"') => Context::Symbol { start: start + 1, quote: Some('"') },
            _ => Context::Nothing,
        };
        let kind = if quote == '"' { TokenKind::Symbol } else { TokenKind::Number };
        self.token(start, if valid { kind } else { TokenKind::Error });
    }

    fn variable(&mut self) {
        let start = self.cursor.pos();
        self.cursor.bump();
        let name_start = self.cursor.pos();
        self.cursor.take_while(is_name);
        self.context = Context::Variable { start: name_start };
        self.token(start, TokenKind::Variable);
    }

    /// Takes an operator or a pseudo-value; tells whether an operand stands before what follows.
    fn operator(&mut self, ch: char, length: usize, operand_before: bool) -> bool {
        let pseudo = !operand_before && matches!(ch, '+' | '^' | '&');
        if pseudo {
            self.take(1, TokenKind::Variable);
            self.context = Context::Nothing;
            return true;
        }
        let start = self.cursor.pos();
        for _ in 0..length {
            self.cursor.bump();
        }
        if !operand_before && matches!(ch, '*' | '%') && self.cursor.peek() == Some('/') {
            self.cursor.bump();
            self.cursor.take_while(is_name);
            self.cursor.eat("/");
        }
        let misplaced = if operand_before { ch == '~' } else { ch == '|' };
        self.token(start, if misplaced { TokenKind::Error } else { TokenKind::Operator });
        self.context = Context::Operand;
        false
    }

    /// A verb with its arguments and what follows up to where another stage or statement starts.
    fn verb(&mut self, ch: char) {
        let start = self.cursor.pos();
        let second = self.cursor.peek_second();
        match (ch, second) {
            ('!', _) => self.shell(),
            ('>', _) => self.assign(),
            ('$', Some('[')) => {
                self.take(2, TokenKind::Error);
                self.context = Context::Operand;
            }
            ('$' | ':', second) if !(ch == ':' && second == Some(':')) => {
                self.legacy(ch);
            }
            (':', _) => {
                self.cursor.eat("::");
                let name_start = self.cursor.pos();
                let name = self.cursor.take_while(is_scoped_name);
                self.context = Context::Dcmd { start: name_start };
                let kind = if name.is_empty() { TokenKind::Error } else { TokenKind::Dcmd };
                self.token(start, kind);
                let name = name.rsplit_once('`').map_or(name, |(_, name)| name);
                self.arguments(Owner::Dcmd(name.to_owned()), false);
            }
            _ => {
                if let Some(verb) = FormatVerb::from_char(ch) {
                    self.format(verb);
                } else {
                    self.take(1, TokenKind::Error);
                    self.context = Context::Nothing;
                }
            }
        }
    }

    fn legacy(&mut self, ch: char) {
        let start = self.cursor.pos();
        self.cursor.bump();
        self.context = Context::Legacy { start };
        let mut kind = TokenKind::Legacy;
        if let Some(second) =
            self.cursor.peek().filter(|ch| !is_blank(*ch) && !";\n|!".contains(*ch))
        {
            self.cursor.bump();
            if second == '<' {
                self.cursor.eat("<");
            }
            let valid = if ch == ':' {
                second.is_ascii_alphabetic()
            } else {
                second.is_ascii_graphic() && !"'\"$".contains(second)
            };
            if !valid {
                kind = TokenKind::Error;
            }
            self.context = Context::Nothing;
        } else if ch == ':' {
            kind = TokenKind::Error;
        }
        let name = self.cursor.span_from(start).text(self.cursor.text()).to_owned();
        self.token(start, kind);
        let named = self.context == Context::Nothing;
        self.arguments(Owner::Dcmd(name), named);
    }

    fn assign(&mut self) {
        self.take(1, TokenKind::Verb);
        self.cursor.skip_blanks();
        if self.cursor.peek() == Some('/') {
            let start = self.cursor.pos();
            self.cursor.bump();
            self.cursor.take_while(is_name);
            self.cursor.eat("/");
            self.token(start, TokenKind::Verb);
        }
        self.cursor.skip_blanks();
        let start = self.cursor.pos();
        self.context = Context::Variable { start };
        let name = self.word();
        if check_variable_name(&name.text).is_ok()
            && name.quote.is_none()
            && let Some((_, kind)) = self.tokens.last_mut()
        {
            *kind = TokenKind::Variable;
        } else if let Some((_, kind)) =
            self.tokens.last_mut().filter(|(span, _)| span.start == start)
        {
            *kind = TokenKind::Error;
        }
        if self.cursor.peek().is_some() {
            self.rest_is_error();
        }
    }

    /// Marks whatever stands before the end of the stage.
    fn rest_is_error(&mut self) {
        if self.cursor.peek().is_some_and(is_blank) {
            self.context = Context::Nothing;
        }
        self.cursor.skip_blanks();
        if self.cursor.starts_with("//") {
            self.comment();
        }
        let start = self.cursor.pos();
        self.cursor.take_while(|ch| !";\n|!".contains(ch));
        self.token(start, TokenKind::Error);
        self.end_of_stage();
    }

    /// Takes the `|` or the shell escape that ends a stage.
    fn end_of_stage(&mut self) {
        match self.cursor.peek() {
            Some('|') => {
                self.take(1, TokenKind::Pipe);
                self.context = Context::Nothing;
            }
            Some('!') => self.shell(),
            _ => {}
        }
    }

    /// Arguments and the end of the stage. `here` tells that a word may start at the cursor without
    /// a blank before it.
    fn arguments(&mut self, owner: Owner, here: bool) {
        let mut words = Vec::new();
        let empty = |start| PartialWord { start, ..PartialWord::default() };
        let mut last = here.then(|| empty(self.cursor.pos()));
        loop {
            if self.cursor.peek().is_some_and(is_blank) {
                self.cursor.skip_blanks();
                words.extend(last.take().map(|word| word.text).filter(|text| !text.is_empty()));
                last = Some(empty(self.cursor.pos()));
            }
            match self.cursor.peek() {
                None => {
                    if let Some(word) = last {
                        self.context = Context::Argument { owner, words, word };
                    }
                    return;
                }
                Some(';' | '\n') => return,
                Some('|' | '!') => return self.end_of_stage(),
                Some('/') if self.cursor.starts_with("//") => {
                    self.comment();
                    last = None;
                }
                Some('$') if self.cursor.peek_second() == Some('[') => {
                    words.extend(last.take().map(|word| word.text).filter(|text| !text.is_empty()));
                    let start = self.cursor.pos();
                    self.take(2, TokenKind::Punctuation);
                    self.expression(true);
                    words.push(self.cursor.span_from(start).text(self.cursor.text()).to_owned());
                }
                Some('$') => {
                    self.take(1, TokenKind::Error);
                    self.context = Context::Nothing;
                    last = None;
                }
                Some(_) => {
                    words.extend(last.take().map(|word| word.text).filter(|text| !text.is_empty()));
                    last = Some(self.word());
                }
            }
        }
    }

    fn word(&mut self) -> PartialWord {
        let start = self.cursor.pos();
        let mut text = String::new();
        let mut kind = match (self.cursor.peek(), self.cursor.peek_second()) {
            (Some('-' | '+'), Some(second)) if second.is_alphanumeric() => TokenKind::Option,
            _ => TokenKind::Word,
        };
        let mut open = None;
        while let Some(ch) = self.cursor.peek() {
            match ch {
                _ if is_blank(ch) || ";\n|!$".contains(ch) => break,
                '\'' | '"' => {
                    if kind == TokenKind::Word {
                        kind = TokenKind::String;
                    }
                    self.cursor.bump();
                    text.push_str(self.quoted(ch));
                    if !self.cursor.eat(if ch == '"' { "\"" } else { "'" }) {
                        open = Some(ch);
                        kind = TokenKind::Error;
                        break;
                    }
                }
                _ => {
                    text.push(ch);
                    self.cursor.bump();
                }
            }
        }
        self.token(start, kind);
        PartialWord { start, text, quote: open }
    }

    /// The raw text up to the closing quote, which is left.
    fn quoted(&mut self, quote: char) -> &str {
        let start = self.cursor.pos();
        while let Some(ch) = self.cursor.peek().filter(|ch| *ch != quote && *ch != '\n') {
            self.cursor.bump();
            if ch == '\\' && quote == '"' && matches!(self.cursor.peek(), Some('"' | '\\')) {
                self.cursor.bump();
            }
        }
        self.cursor.span_from(start).text(self.cursor.text())
    }

    fn format(&mut self, verb: FormatVerb) {
        self.take(1, TokenKind::Verb);
        self.context = Context::Format;
        self.cursor.skip_blanks();
        let value = verb == FormatVerb::Value;
        if !value
            && let Some(ch) = self.cursor.peek()
            && lookup(ch).is_some_and(|known| known.role.takes_words())
        {
            self.take(1, TokenKind::Format);
            return self.arguments(Owner::Values, true);
        }
        loop {
            self.cursor.skip_blanks();
            match self.cursor.peek() {
                None | Some(';' | '\n') => return,
                Some('|' | '!') => return self.end_of_stage(),
                Some('/') if self.cursor.starts_with("//") => self.comment(),
                Some('$') if self.cursor.peek_second() == Some('[') => {
                    self.take(2, TokenKind::Punctuation);
                    self.expression(true);
                    if self.context == Context::Nothing {
                        self.context = Context::Format;
                    }
                }
                Some('"') => {
                    let start = self.cursor.pos();
                    self.cursor.bump();
                    self.quoted('"');
                    let closed = self.cursor.eat("\"");
                    self.context = if closed { Context::Format } else { Context::Nothing };
                    self.token(start, if closed { TokenKind::String } else { TokenKind::Error });
                }
                Some(ch) => {
                    let known = ch.is_ascii_digit()
                        || lookup(ch).is_some_and(|known| known.role.in_list(value));
                    self.take(1, if known { TokenKind::Format } else { TokenKind::Error });
                    self.context = Context::Format;
                }
            }
        }
    }

    fn shell(&mut self) {
        let start = self.cursor.pos();
        self.cursor.bump();
        self.cursor.eat("<");
        self.token(start, TokenKind::Shell);
        self.cursor.skip_blanks();
        let start = self.cursor.pos();
        self.context = Context::Shell { start };
        if let Ok(Some(text)) = quoted_shell_text(&mut self.cursor) {
            // The cursor stands behind the blanks and the comment after the quote.
            let end = self.cursor.pos();
            self.cursor.set_pos(text.span.end);
            self.token(start, TokenKind::Shell);
            self.cursor.skip_blanks();
            if self.cursor.pos() < end {
                self.comment();
            }
            if end > text.span.end || is_terminator(self.cursor.peek()) {
                self.context = Context::Nothing;
            }
            if self.cursor.peek() == Some('|') {
                self.end_of_stage();
            }
            return;
        }
        self.cursor.set_pos(start);
        self.cursor.take_while(|ch| ch != ';' && ch != '\n');
        self.token(start, TokenKind::Shell);
    }
}

/// The characters of the operator, or `None` where the character is a verb or nothing known.
fn operator_length(ch: char, second: Option<char>, operand_before: bool) -> Option<usize> {
    match (ch, second) {
        ('%', Some('%')) if operand_before => Some(2),
        ('<', Some('<')) | ('>', Some('>')) | ('=' | '!', Some('=')) => operand_before.then_some(2),
        ('#' | '~' | '-' | '+' | '^' | '&' | '|' | '*' | '%', _) => Some(1),
        _ => None,
    }
}
