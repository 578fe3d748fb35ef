//! The names of a function's parameters.
//!
//! Where a function's text starts is V8's `Scope::start_position` (src/parsing/parser.cc,
//! `Parser::ParseFunctionLiteral`, and parser-base.h, arrow functions), and the debugger protocol's
//! `[[FunctionLocation]]` said the same in Node 18.20.8 and 26.10.0: at the `(` of the parameters for
//! functions, methods, accessors and constructors that are written out; at the first token for arrow
//! functions, which is `async` for async ones; at `class` for the constructor that a class has without
//! writing it. Code that has no parameter list in its text (a script, what Node wraps in a function,
//! initialisers of a class) must not be asked about: the text can start with a `(` by chance.

use super::SourceText;
use super::tokens::{Token, TokenKind, Tokens};

/// Longer patterns are cut.
const PATTERN_CHARACTERS: usize = 30;

/// `Code::kMaxArguments` (V8 src/objects/code.h), with the receiver.
const MOST_PARAMETERS: usize = 65534;

/// A parameter as it was written, without its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parameter {
    /// The name, or the pattern in short.
    pub(crate) text: String,
    /// Whether it is a pattern.
    pub(crate) pattern: bool,
    /// Whether it takes the rest of the arguments.
    pub(crate) rest: bool,
    /// Whether it has a default.
    pub(crate) default: bool,
}

/// What a function's text starts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `(a, b) { .. }`.
    Ordinary,
    /// `(a, b) => ..` or `a => ..`.
    Arrow,
    /// `async (a, b) => ..` or `async a => ..`.
    AsyncArrow,
    /// `class ..`: a constructor that is not written out.
    Class,
    /// The text ends or makes no sense before that is known.
    Unknown,
}

/// The parameters of a function, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parameters {
    /// Those that are certain.
    pub(crate) list: Vec<Parameter>,
    /// Whether these are all. If not, the text was cut or not understood behind them.
    pub(crate) complete: bool,
    /// What the text starts as.
    pub(crate) form: Form,
}

/// Reads the parameters from the text of a function, from V8's start position on.
pub(crate) fn parameters(source: SourceText<'_>) -> Parameters {
    Reader { source, tokens: Tokens::new(source), list: Vec::new() }.read()
}

struct Reader<'a> {
    source: SourceText<'a>,
    tokens: Tokens<'a>,
    list: Vec<Parameter>,
}

/// What stands behind a parameter.
enum Behind {
    Next,
    Last,
    /// The text is cut or not understood.
    Nothing,
}

impl Reader<'_> {
    fn read(mut self) -> Parameters {
        let first = self.tokens.next();
        match first.kind {
            TokenKind::Mark(b'(') => self.listed(Form::Ordinary),
            TokenKind::Word => match self.text(first).as_str() {
                "class" => self.answer(true, Form::Class),
                "async" => {
                    let second = self.tokens.next();
                    match second.kind {
                        TokenKind::Arrow => self.single(first, Form::Arrow),
                        TokenKind::Mark(b'(') => self.listed(Form::AsyncArrow),
                        TokenKind::Word
                            if !second.after_line_end
                                && self.tokens.next().kind == TokenKind::Arrow =>
                        {
                            self.single(second, Form::AsyncArrow)
                        }
                        _ => self.answer(false, Form::Unknown),
                    }
                }
                _ if self.tokens.next().kind == TokenKind::Arrow => self.single(first, Form::Arrow),
                _ => self.answer(false, Form::Unknown),
            },
            _ => self.answer(false, Form::Unknown),
        }
    }

    fn answer(self, complete: bool, form: Form) -> Parameters {
        Parameters { list: self.list, complete, form }
    }

    fn single(mut self, name: Token, form: Form) -> Parameters {
        let text = self.name(name);
        self.list.push(Parameter { text, pattern: false, rest: false, default: false });
        self.answer(true, form)
    }

    /// Reads the list behind its `(`.
    fn listed(mut self, form: Form) -> Parameters {
        let complete = self.all();
        let form = match (form, complete) {
            (Form::AsyncArrow, true) => match self.tokens.next().kind {
                TokenKind::Arrow => form,
                _ => Form::Unknown,
            },
            (Form::Ordinary, true) => match self.tokens.next().kind {
                TokenKind::Arrow => Form::Arrow,
                TokenKind::Mark(b'{') => form,
                _ => Form::Unknown,
            },
            _ => Form::Unknown,
        };
        self.answer(complete, form)
    }

    fn all(&mut self) -> bool {
        loop {
            let mut token = self.tokens.next();
            if token.kind == TokenKind::Mark(b')') {
                return true;
            }
            let rest = token.kind == TokenKind::Dots;
            if rest {
                token = self.tokens.next();
            }
            let (text, pattern) = match token.kind {
                TokenKind::Word => (self.name(token), false),
                TokenKind::Mark(b'{' | b'[') => match self.pattern(token) {
                    Some(text) => (text, true),
                    None => return false,
                },
                _ => return false,
            };
            let mut default = false;
            let mut behind = self.tokens.next();
            if behind.kind == TokenKind::Mark(b'=') {
                default = true;
                behind = self.skip_default();
            }
            let behind = match behind.kind {
                TokenKind::Mark(b',') => Behind::Next,
                TokenKind::Mark(b')') => Behind::Last,
                // The name may be cut, so it is not one.
                TokenKind::Cut if !default && !pattern && behind.start == token.end => {
                    return false;
                }
                TokenKind::Cut => Behind::Nothing,
                _ => return false,
            };
            self.list.push(Parameter { text, pattern, rest, default });
            if self.tokens.doubtful() || self.list.len() > MOST_PARAMETERS {
                return false;
            }
            match behind {
                Behind::Next => {}
                Behind::Last => return true,
                Behind::Nothing => return false,
            }
        }
    }

    /// Goes to the comma or parenthesis behind a default.
    fn skip_default(&mut self) -> Token {
        loop {
            let token = self.tokens.next();
            let ends = match token.kind {
                TokenKind::Mark(b',') => self.tokens.depth() == 1,
                TokenKind::Mark(b')') => self.tokens.depth() == 0,
                TokenKind::Cut => true,
                _ => false,
            };
            if ends {
                return token;
            }
        }
    }

    /// Reads a pattern to its end and writes it in short; `None` when its end is not there.
    fn pattern(&mut self, first: Token) -> Option<String> {
        let depth = self.tokens.depth();
        let mut short = Short::default();
        short.push(first, self.source);
        loop {
            let token = self.tokens.next();
            if token.kind == TokenKind::Cut {
                return None;
            }
            short.push(token, self.source);
            if self.tokens.depth() < depth {
                // Where it ends may be wrong then.
                return (!self.tokens.doubtful()).then_some(short.text);
            }
        }
    }

    fn text(&self, token: Token) -> String {
        self.source.part(token.start, token.end).to_unicode()
    }

    fn name(&self, token: Token) -> String {
        let text = self.text(token);
        if text.contains('\\') { unescaped(&text).unwrap_or(text) } else { text }
    }
}

/// A pattern, written with the least space, up to a length.
#[derive(Default)]
struct Short {
    text: String,
    characters: usize,
    last: Option<TokenKind>,
    full: bool,
}

impl Short {
    fn push(&mut self, token: Token, source: SourceText<'_>) {
        if self.full {
            return;
        }
        let spaced = match (self.last, token.kind) {
            (Some(TokenKind::Mark(b',' | b':' | b'=')) | None, TokenKind::Mark(b'=')) => false,
            (Some(TokenKind::Mark(b',' | b':' | b'=')), _) => true,
            (_, TokenKind::Mark(b'=') | TokenKind::Arrow) | (Some(TokenKind::Arrow), _) => true,
            (Some(TokenKind::Word), TokenKind::Word | TokenKind::Literal) => true,
            _ => false,
        };
        if spaced {
            self.character(' ');
        }
        // Not more of a long string than can be shown.
        let end = token.end.min(token.start.saturating_add(PATTERN_CHARACTERS + 1));
        for character in source.part(token.start, end).to_unicode().chars() {
            self.character(if character.is_control() { ' ' } else { character });
        }
        self.last = Some(token.kind);
    }

    fn character(&mut self, character: char) {
        if self.full {
            return;
        }
        if self.characters == PATTERN_CHARACTERS {
            self.full = true;
            self.text.pop();
            self.text.push('\u{2026}');
        } else {
            self.text.push(character);
            self.characters += 1;
        }
    }
}

/// A name without its escapes `\u0061` and `\u{61}`.
fn unescaped(text: &str) -> Option<String> {
    let mut name = String::new();
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        name.push_str(plain);
        let digits = escape.strip_prefix('u')?;
        let (digits, behind) = match digits.strip_prefix('{') {
            Some(braced) => braced.split_once('}')?,
            None => digits.split_at_checked(4)?,
        };
        name.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
        rest = behind;
    }
    name.push_str(rest);
    Some(name)
}

#[cfg(test)]
mod tests;
