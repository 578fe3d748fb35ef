//! The tokens of JavaScript, as far as brackets and names need them.
//!
//! A `/` divides or begins a regular expression, which only a parser knows for sure. Here the token before
//! decides; where that is not certain, [`Tokens::doubtful`] says so from there on.

use super::SourceText;

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: TokenKind,
    /// Where it starts.
    pub(crate) start: usize,
    /// Where it ends.
    pub(crate) end: usize,
    /// Whether a line ended between the token before and this one.
    pub(crate) after_line_end: bool,
}

/// Kinds of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// An identifier or a keyword, perhaps with escapes.
    Word,
    /// A number, a string, a regular expression, a private name; a template or the last part of one.
    Literal,
    /// A part of a template up to the `${` of an expression.
    TemplateOpen,
    /// `...`.
    Dots,
    /// `=>`.
    Arrow,
    /// Any other character.
    Mark(u8),
    /// The text ends here, or within a token.
    Cut,
}

/// What an open bracket was opened as: how its closing one counts for a `/` behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// A value, once closed: `(a)`, `[a]`.
    Value,
    /// `if (a)`: a statement follows.
    Head,
    /// Braces: a block, an object, a body of a function, and a `/` behind it is in doubt.
    Braces,
    /// `${` of a template.
    Template,
}

/// What the last token says about a `/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slash {
    Divides,
    BeginsRegex,
    Unknown,
}

/// Reads the tokens of a text in one pass.
pub(crate) struct Tokens<'a> {
    source: SourceText<'a>,
    at: usize,
    slash: Slash,
    /// Whether the last token was a word that takes a head in parentheses.
    head_follows: bool,
    /// Whether the last token was a `.`: a keyword behind it is a name.
    after_dot: bool,
    open: Vec<Open>,
    doubtful: bool,
}

impl<'a> Tokens<'a> {
    /// Begins at the start of a text.
    pub(crate) fn new(source: SourceText<'a>) -> Self {
        Self {
            source,
            at: 0,
            slash: Slash::BeginsRegex,
            head_follows: false,
            after_dot: false,
            open: Vec::new(),
            doubtful: false,
        }
    }

    /// Whether a `/` was met of which it is not certain what it was.
    pub(crate) fn doubtful(&self) -> bool {
        self.doubtful
    }

    /// How many brackets are open.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The next token; [`TokenKind::Cut`] at the end.
    pub(crate) fn next(&mut self) -> Token {
        let Some(after_line_end) = self.skip_space() else {
            return self.cut(self.at, false);
        };
        let start = self.at;
        let Some(unit) = self.source.unit(start) else {
            return self.cut(start, after_line_end);
        };
        let kind = match unit {
            unit if is_word(unit) => Some(self.word(start)),
            _ => match u8::try_from(unit).unwrap_or(0) {
                quote @ (b'"' | b'\'') => self.string(quote),
                b'`' => {
                    self.at += 1;
                    self.template()
                }
                b'}' if self.open.last() == Some(&Open::Template) => {
                    self.open.pop();
                    self.at += 1;
                    self.template()
                }
                b'#' if self.source.unit(start + 1).is_some_and(is_word) => {
                    self.at += 1;
                    self.word(start + 1);
                    Some(self.literal())
                }
                b'.' if self.is_digit(start + 1) => Some(self.number()),
                b'/' => self.slash(),
                mark => Some(self.mark(mark)),
            },
        };
        let Some(kind) = kind else {
            return self.cut(start, after_line_end);
        };
        if !matches!(kind, TokenKind::Word) {
            self.head_follows = false;
        }
        self.after_dot = kind == TokenKind::Mark(b'.');
        Token { kind, start, end: self.at, after_line_end }
    }

    fn cut(&mut self, start: usize, after_line_end: bool) -> Token {
        self.at = self.source.len();
        Token { kind: TokenKind::Cut, start, end: self.at, after_line_end }
    }

    /// Skips space and comments; says whether a line ended, `None` where a comment does not end.
    fn skip_space(&mut self) -> Option<bool> {
        let mut line_ended = false;
        while let Some(unit) = self.source.unit(self.at) {
            match unit {
                0x0a | 0x0d | 0x2028 | 0x2029 => line_ended = true,
                // The white space of ECMA-262, section 12.2, with category Zs.
                0x09
                | 0x0b
                | 0x0c
                | 0x20
                | 0xa0
                | 0x1680
                | 0x2000..=0x200a
                | 0x202f
                | 0x205f
                | 0x3000
                | 0xfeff => {}
                0x2f if self.source.unit(self.at + 1) == Some(0x2f) => {
                    while self.source.unit(self.at + 1).is_some_and(|unit| !ends_line(unit)) {
                        self.at += 1;
                    }
                }
                0x2f if self.source.unit(self.at + 1) == Some(0x2a) => {
                    self.at += 2;
                    while (self.source.unit(self.at)?, self.source.unit(self.at + 1)?)
                        != (0x2a, 0x2f)
                    {
                        line_ended |= self.source.unit(self.at).is_some_and(ends_line);
                        self.at += 1;
                    }
                    self.at += 1;
                }
                _ => break,
            }
            self.at += 1;
        }
        Some(line_ended)
    }

    fn is_digit(&self, at: usize) -> bool {
        self.source.unit(at).is_some_and(|unit| (0x30..=0x39).contains(&unit))
    }

    fn literal(&mut self) -> TokenKind {
        self.slash = Slash::Divides;
        TokenKind::Literal
    }

    fn number(&mut self) -> TokenKind {
        while self.source.unit(self.at).is_some_and(|unit| is_word(unit) || unit == 0x2e) {
            self.at += 1;
        }
        self.literal()
    }

    fn word(&mut self, start: usize) -> TokenKind {
        if self.is_digit(start) {
            return self.number();
        }
        while let Some(unit) = self.source.unit(self.at) {
            let escape = unit == 0x5c
                && self.source.unit(self.at + 1) == Some(0x75)
                && self.source.unit(self.at + 2) == Some(0x7b);
            if escape {
                while self.source.unit(self.at).is_some_and(|unit| is_word(unit) || unit == 0x7b) {
                    self.at += 1;
                }
                if self.source.unit(self.at) != Some(0x7d) {
                    break;
                }
            } else if !is_word(unit) {
                break;
            }
            self.at += 1;
        }
        let mut name = [0u8; 12];
        let mut length = 0;
        for (place, at) in name.iter_mut().zip(start..self.at) {
            *place = self.source.unit(at).and_then(|unit| u8::try_from(unit).ok()).unwrap_or(0);
            length += 1;
        }
        let name = name.get(..length).unwrap_or_default();
        let name = if self.after_dot || self.at - start > 11 { b"" } else { name };
        self.head_follows = matches!(name, b"if" | b"while" | b"for" | b"with");
        // `for await (` takes a head, too; `await (a)` is a value. Both begin a regular expression.
        self.slash = match name {
            b"return" | b"typeof" | b"case" | b"in" | b"instanceof" | b"new" | b"delete"
            | b"void" | b"throw" | b"do" | b"else" | b"extends" => Slash::BeginsRegex,
            // Names in some places, words of the language in others.
            b"of" | b"yield" | b"await" | b"let" => Slash::Unknown,
            _ => Slash::Divides,
        };
        TokenKind::Word
    }

    fn string(&mut self, quote: u8) -> Option<TokenKind> {
        loop {
            self.at += 1;
            match self.source.unit(self.at)? {
                0x5c => self.at += 1,
                unit if unit == u16::from(quote) => break,
                0x0a | 0x0d => return None,
                _ => {}
            }
        }
        self.at += 1;
        Some(self.literal())
    }

    /// Text of a template, up to its end or up to an expression.
    fn template(&mut self) -> Option<TokenKind> {
        loop {
            match self.source.unit(self.at)? {
                0x5c => self.at += 1,
                0x60 => {
                    self.at += 1;
                    return Some(self.literal());
                }
                0x24 if self.source.unit(self.at + 1) == Some(0x7b) => {
                    self.at += 2;
                    self.open.push(Open::Template);
                    self.slash = Slash::BeginsRegex;
                    return Some(TokenKind::TemplateOpen);
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// What begins with a slash and is no comment.
    fn slash(&mut self) -> Option<TokenKind> {
        match self.slash {
            Slash::BeginsRegex => self.regex(),
            Slash::Divides => Some(self.mark(b'/')),
            Slash::Unknown => {
                self.doubtful = true;
                Some(self.mark(b'/'))
            }
        }
    }

    fn regex(&mut self) -> Option<TokenKind> {
        let mut in_class = false;
        loop {
            self.at += 1;
            match self.source.unit(self.at)? {
                unit if ends_line(unit) => return None,
                0x5c => {
                    self.at += 1;
                    if self.source.unit(self.at).is_none_or(ends_line) {
                        return None;
                    }
                }
                0x5b => in_class = true,
                0x5d => in_class = false,
                0x2f if !in_class => break,
                _ => {}
            }
        }
        self.at += 1;
        while self.source.unit(self.at).is_some_and(is_word) {
            self.at += 1;
        }
        Some(self.literal())
    }

    fn mark(&mut self, mark: u8) -> TokenKind {
        let start = self.at;
        self.at += 1;
        let next = self.source.unit(self.at);
        self.slash = Slash::BeginsRegex;
        match mark {
            b'(' if self.head_follows => self.open.push(Open::Head),
            b'(' | b'[' => self.open.push(Open::Value),
            b'{' => self.open.push(Open::Braces),
            b')' | b']' | b'}' => {
                self.slash = match self.open.pop() {
                    Some(Open::Value) => Slash::Divides,
                    Some(Open::Head) => Slash::BeginsRegex,
                    _ => Slash::Unknown,
                };
            }
            // `a++ / b` and `++ /b/.lastIndex` both are JavaScript.
            b'+' | b'-' if next == Some(u16::from(mark)) => {
                self.at += 1;
                self.slash = Slash::Unknown;
            }
            b'=' if next == Some(0x3e) => {
                self.at += 1;
                return TokenKind::Arrow;
            }
            b'=' if next == Some(0x3d) => self.at += 1,
            b'.' if next == Some(0x2e) && self.source.unit(start + 2) == Some(0x2e) => {
                self.at += 2;
                return TokenKind::Dots;
            }
            // A comment of HTML, where the language still has it.
            b'<' if next == Some(0x21) => self.doubtful = true,
            _ => {}
        }
        TokenKind::Mark(mark)
    }
}

/// Whether a line ends with a unit.
fn ends_line(unit: u16) -> bool {
    matches!(unit, 0x0a | 0x0d | 0x2028 | 0x2029)
}

/// Whether a unit belongs to words: all that is not ASCII does, but for the space that ECMA-262 names.
pub(crate) fn is_word(unit: u16) -> bool {
    match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii() => {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'\\')
        }
        Ok(byte) => byte != 0xa0,
        Err(_) => !matches!(
            unit,
            0x1680 | 0x2000..=0x200a | 0x2028 | 0x2029 | 0x202f | 0x205f | 0x3000 | 0xfeff
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tokens, a space between them, and `!` behind them where a slash was in doubt.
    fn told(text: &str) -> String {
        let units: Vec<u16> = text.encode_utf16().collect();
        let source = SourceText::TwoByte(&units);
        let mut tokens = Tokens::new(source);
        let mut found = Vec::new();
        loop {
            let token = tokens.next();
            if token.kind == TokenKind::Cut {
                break;
            }
            found.push(source.part(token.start, token.end).to_unicode());
        }
        if tokens.doubtful() {
            found.push("!".to_owned());
        }
        found.join(" ")
    }

    #[test]
    fn slashes() {
        assert_eq!(told("a/b/c"), "a / b / c");
        assert_eq!(told("x=/b/g.y"), "x = /b/g . y");
        assert_eq!(told("return/[/)]\\//.x"), "return /[/)]\\// . x");
        assert_eq!(told("(a)/b/c"), "( a ) / b / c");
        assert_eq!(told("if(a)/b/.c()"), "if ( a ) /b/ . c ( )");
        assert_eq!(told("a.if(a)/b/c"), "a . if ( a ) / b / c");
        assert_eq!(told("{}/b/c"), "{ } / b / c !");
        assert_eq!(told("a++/b"), "a ++ / b !");
        assert_eq!(told("a//b\n/c"), "a / c");
        assert_eq!(told("a/*/b*/ /c/**/"), "a / c");
    }

    #[test]
    fn templates_hold_tokens() {
        assert_eq!(told("`a${b}c`/d"), "`a${ b }c` / d");
        assert_eq!(told("`a${`${x}`}}`+{}"), "`a${ ` ${ x }` }}` + { }".replace("` ${", "`${"));
        assert_eq!(told("`\\`$${1}{`"), "`\\`$${ 1 }{`");
    }

    #[test]
    fn words_and_numbers() {
        assert_eq!(told("a=>b...c"), "a => b ... c");
        assert_eq!(told("1.5.x .5e3 0x1fn #p in o"), "1.5.x .5e3 0x1fn #p in o");
        assert_eq!(told("\\u{61}b \u{3b1}\u{a0}\\u0061"), "\\u{61}b \u{3b1} \\u0061");
        assert_eq!(told("'a\\'b' \"\\\n\" c"), "'a\\'b' \"\\\n\" c");
        assert_eq!(told("'open"), "");
        assert_eq!(told("a /* open"), "a");
    }
}
