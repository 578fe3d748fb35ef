//! Lines to statements.

use crate::cursor::{Cursor, is_blank, is_name, is_scoped_name, is_terminator, unescape};
use crate::expression::{expression, starts_expression, unexpected};
use crate::format::{FormatRole, lookup};
use crate::{
    Arg, Assign, AssignSize, Body, Dcmd, Format, FormatCount, FormatItem, FormatItemKind,
    FormatValues, FormatVerb, Legacy, Pipeline, ShellTail, ShellText, Span, Stage, StageKind,
    Statement, SyntaxError, Word,
};

/// Parses a line, or several: the statements in order. Blank lines and comments give none, and a
/// first line that starts with `#!` is skipped. Nothing is looked up: a name that nobody knows
/// parses.
///
/// # Errors
/// The first place that does not parse. Then nothing of the text should run.
pub fn parse_line(text: &str) -> Result<Vec<Statement>, SyntaxError> {
    let mut cursor = Cursor::new(text);
    if cursor.starts_with("#!") {
        cursor.take_while(|ch| ch != '\n');
    }
    let mut statements = Vec::new();
    loop {
        cursor.skip_blanks_and_comment();
        match cursor.peek() {
            None => return Ok(statements),
            Some(';' | '\n') => {
                cursor.bump();
            }
            Some(_) => statements.push(statement(&mut cursor)?),
        }
    }
}

fn statement(cursor: &mut Cursor<'_>) -> Result<Statement, SyntaxError> {
    let start = cursor.pos();
    let address = match cursor.peek() {
        Some(ch) if starts_expression(ch) => Some(expression(cursor)?),
        _ => None,
    };
    cursor.skip_blanks_and_comment();
    let count = if cursor.eat(",") {
        cursor.skip_blanks();
        if !cursor.peek().is_some_and(starts_expression) {
            return Err(unexpected(cursor, "a repeat count after ','"));
        }
        Some(expression(cursor)?)
    } else {
        None
    };
    let head_end = cursor.pos();
    cursor.skip_blanks_and_comment();
    let bare = address.is_some() || count.is_some();
    let (body, end) = match cursor.peek() {
        next if is_terminator(next) && bare => (Body::Bare(None), head_end),
        Some('!') => {
            let body = shell_statement(cursor, bare)?;
            (body, cursor.pos())
        }
        _ => {
            let body = Body::Pipeline(pipeline(cursor, None, bare)?);
            (body, cursor.pos())
        }
    };
    let end = trimmed_end(cursor.text(), start, end);
    cursor.skip_blanks_and_comment();
    if !is_terminator(cursor.peek()) {
        return Err(unexpected(cursor, "the end of the command"));
    }
    Ok(Statement { span: Span::new(start, end), address, count, body })
}

fn trimmed_end(text: &str, start: usize, end: usize) -> usize {
    start + Span::new(start, end).text(text).trim_end_matches(is_blank).len()
}

/// A statement whose verb is a shell escape.
fn shell_statement(cursor: &mut Cursor<'_>, bare: bool) -> Result<Body, SyntaxError> {
    let bang = cursor.here();
    let (command, source) = shell_escape(cursor)?;
    if cursor.peek() == Some('|') {
        if bare {
            return Err(SyntaxError::new(
                bang,
                "syntax error: an address before '!' has no values to filter",
            )
            .with_help("give it a verb: EXPRESSION=K ! 'command' | ..."));
        }
        cursor.bump();
        return Ok(Body::Pipeline(pipeline(cursor, Some(command), false)?));
    }
    Ok(match (bare, source) {
        (true, source) => Body::Bare(Some(ShellTail { command, source })),
        (false, true) => Body::ShellSource(command),
        (false, false) => Body::Shell(command),
    })
}

/// Stages up to the end of the statement.
fn pipeline(
    cursor: &mut Cursor<'_>,
    head: Option<ShellText>,
    has_address: bool,
) -> Result<Pipeline, SyntaxError> {
    let mut stages = vec![first_stage(cursor, has_address, head.is_some())?];
    loop {
        cursor.skip_blanks_and_comment();
        match cursor.peek() {
            Some('|') => {
                cursor.bump();
                stages.push(later_stage(cursor)?);
            }
            Some('!') => {
                let start = cursor.pos();
                let (command, source) = shell_escape(cursor)?;
                if cursor.peek() != Some('|') {
                    let tail = Some(ShellTail { command, source });
                    return Ok(Pipeline { head, stages, tail });
                }
                let span = Span::new(start, command.span.end);
                stages.push(Stage { span, kind: StageKind::Shell(command) });
                cursor.bump();
                stages.push(later_stage(cursor)?);
            }
            next if is_terminator(next) => return Ok(Pipeline { head, stages, tail: None }),
            _ => return Err(unexpected(cursor, "'|', '!', ';' or the end of the command")),
        }
    }
}

fn first_stage(
    cursor: &mut Cursor<'_>,
    has_address: bool,
    after_head: bool,
) -> Result<Stage, SyntaxError> {
    if after_head {
        return later_stage(cursor);
    }
    match stage(cursor)? {
        Some(stage) => Ok(stage),
        None if has_address => {
            Err(unexpected(cursor, "an operator, ',' and a count, or a verb (/ ? = > ::name $c)"))
        }
        None => Err(unexpected(cursor, "an address or a verb (/ ? = > ::name $c)")),
    }
}

fn later_stage(cursor: &mut Cursor<'_>) -> Result<Stage, SyntaxError> {
    cursor.skip_blanks();
    if let Some(stage) = stage(cursor)? {
        return Ok(stage);
    }
    let error = unexpected(cursor, "a verb (/ ? = > ::name $c) after '|'");
    Err(match cursor.peek() {
        Some('!') => error.with_help("a filter in the middle follows a stage: A ! 'command' | B"),
        Some(ch) if starts_expression(ch) => error.with_help(
            "a stage after '|' takes its addresses from the pipe; to pipe to a program use '!'",
        ),
        _ => error,
    })
}

/// The stage at the cursor, or `None` where no verb starts.
fn stage(cursor: &mut Cursor<'_>) -> Result<Option<Stage>, SyntaxError> {
    let start = cursor.pos();
    if cursor.starts_with("//") {
        return Ok(None);
    }
    let Some(ch) = cursor.peek() else { return Ok(None) };
    let kind = match ch {
        '>' => assign(cursor)?,
        '$' => dollar(cursor)?,
        ':' if cursor.peek_second() == Some(':') => dcmd(cursor)?,
        ':' => colon(cursor)?,
        _ => match FormatVerb::from_char(ch) {
            Some(verb) => format(cursor, verb)?,
            None => return Ok(None),
        },
    };
    let end = trimmed_end(cursor.text(), start, cursor.pos());
    Ok(Some(Stage { span: Span::new(start, end), kind }))
}

fn dcmd(cursor: &mut Cursor<'_>) -> Result<StageKind, SyntaxError> {
    let start = cursor.pos();
    cursor.eat("::");
    let text = cursor.take_while(is_scoped_name);
    let name_span = cursor.span_from(start);
    let (module, name) = match text.rsplit_once('`') {
        Some((module, name)) => (Some(module.to_owned()), name),
        None => (None, text),
    };
    if name.is_empty() || module.as_deref() == Some("") {
        return Err(SyntaxError::new(name_span, "syntax error: no dcmd name after '::'")
            .expecting("::name or ::module`name"));
    }
    let args = arguments(cursor)?;
    Ok(StageKind::Dcmd(Dcmd { module, name: name.to_owned(), name_span, args }))
}

fn dollar(cursor: &mut Cursor<'_>) -> Result<StageKind, SyntaxError> {
    let start = cursor.pos();
    cursor.bump();
    let mut name = "$".to_owned();
    match cursor.peek() {
        Some('<') => {
            cursor.bump();
            name.push('<');
            if cursor.eat("<") {
                name.push('<');
            }
        }
        Some('[') => {
            return Err(SyntaxError::new(
                cursor.span_from(start).to(cursor.here()),
                "syntax error: $[ ] stands only among arguments and formats",
            )
            .with_help("group with parentheses: (1+2)*3"));
        }
        Some(ch) if ch.is_ascii_graphic() && !";|!'\"$".contains(ch) => {
            cursor.bump();
            name.push(ch);
        }
        Some(ch) if !is_blank(ch) && !";|!\n".contains(ch) => {
            return Err(unexpected(cursor, "a letter after '$'"));
        }
        _ => name.push('?'),
    }
    let name_span = cursor.span_from(start);
    let args = arguments(cursor)?;
    Ok(StageKind::Legacy(Legacy { name, name_span, args }))
}

fn colon(cursor: &mut Cursor<'_>) -> Result<StageKind, SyntaxError> {
    let start = cursor.pos();
    cursor.bump();
    match cursor.peek() {
        Some(ch) if ch.is_ascii_alphabetic() => {
            cursor.bump();
            let name_span = cursor.span_from(start);
            let args = arguments(cursor)?;
            Ok(StageKind::Legacy(Legacy { name: format!(":{ch}"), name_span, args }))
        }
        _ => Err(unexpected(cursor, "a letter or another ':' after ':'")),
    }
}

fn assign(cursor: &mut Cursor<'_>) -> Result<StageKind, SyntaxError> {
    let start = cursor.pos();
    cursor.bump();
    cursor.skip_blanks();
    let size = if cursor.peek() == Some('/') { Some(assign_size(cursor)?) } else { None };
    let verb = cursor.span_from(start);
    let mut args = arguments(cursor)?.into_iter();
    let name = match args.next() {
        Some(Arg::Word(word)) => word,
        Some(Arg::Immediate { span, .. }) => {
            return Err(SyntaxError::new(
                span,
                "syntax error: a variable needs a name, not a value",
            ));
        }
        None => {
            return Err(SyntaxError::new(verb, "syntax error: no variable name after '>'")
                .expecting("the name of a variable"));
        }
    };
    if let Some(extra) = args.next() {
        return Err(SyntaxError::new(extra.span(), "syntax error: '>' takes one variable name"));
    }
    check_variable_name(&name.text).map_err(|why| SyntaxError::new(name.span, why))?;
    Ok(StageKind::Assign(Assign { size, name }))
}

fn assign_size(cursor: &mut Cursor<'_>) -> Result<AssignSize, SyntaxError> {
    let start = cursor.pos();
    cursor.bump();
    let letter = cursor.take_while(|ch| ch != '/' && is_name(ch));
    let closed = cursor.eat("/");
    match letter {
        "c" if closed => Ok(AssignSize::Char),
        "s" if closed => Ok(AssignSize::Short),
        "i" if closed => Ok(AssignSize::Int),
        "l" if closed => Ok(AssignSize::Long),
        letter => Err(SyntaxError::new(
            cursor.span_from(start),
            format!("{letter} is not a valid // modifier"),
        )
        .expecting("/c/ /s/ /i/ or /l/")),
    }
}

/// The longest name of a variable, in bytes.
const MAX_VARIABLE_NAME: usize = 30;

/// Whether a text can be the name of a variable: one digit, or letters, digits, `_` and `.` that do
/// not start with a digit. Only such a name can be read with `<name`.
///
/// # Errors
/// One sentence that says why not.
pub fn check_variable_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("a variable name may not be empty".to_owned());
    }
    if name.len() > MAX_VARIABLE_NAME {
        return Err(format!("a variable name may not exceed {MAX_VARIABLE_NAME} characters"));
    }
    let mut rest = name.chars();
    let digit = rest.next().is_some_and(|ch| ch.is_ascii_digit());
    if digit && rest.next().is_some() {
        return Err("a variable name that starts with a digit is one digit".to_owned());
    }
    match name.chars().find(|ch| !is_name(*ch)) {
        Some(ch) => Err(format!("character '{}' may not be in a variable name", ch.escape_debug())),
        None => Ok(()),
    }
}

/// Arguments up to the end of the stage.
fn arguments(cursor: &mut Cursor<'_>) -> Result<Vec<Arg>, SyntaxError> {
    let mut args = Vec::new();
    loop {
        cursor.skip_blanks_and_comment();
        match cursor.peek() {
            None | Some(';' | '\n' | '|' | '!') => return Ok(args),
            Some('$') if cursor.peek_second() == Some('[') => {
                let start = cursor.pos();
                let expr = immediate(cursor)?;
                args.push(Arg::Immediate { span: cursor.span_from(start), expr });
            }
            Some('$') => return Err(bare_dollar(cursor)),
            Some(_) => args.push(Arg::Word(word(cursor)?)),
        }
    }
}

fn bare_dollar(cursor: &Cursor<'_>) -> SyntaxError {
    SyntaxError::new(cursor.here(), "syntax error: '$' in an argument needs quotes")
        .with_help("quote it: '$name', or evaluate an expression: $[expr]")
}

/// `$[expr]`
fn immediate(cursor: &mut Cursor<'_>) -> Result<crate::Expr, SyntaxError> {
    let start = cursor.pos();
    cursor.eat("$[");
    let open = cursor.span_from(start);
    let unmatched = || SyntaxError::new(open, "syntax error: $[ unmatched").expecting("']'");
    cursor.skip_blanks();
    if matches!(cursor.peek(), None | Some(';' | '\n' | '!')) {
        return Err(unmatched());
    }
    let expr = expression(cursor)?;
    cursor.skip_blanks();
    if cursor.eat("]") {
        return Ok(expr);
    }
    Err(match cursor.peek() {
        None | Some(';' | '\n' | '!') => unmatched(),
        _ => unexpected(cursor, "an operator or ']'"),
    })
}

fn ends_word(ch: char) -> bool {
    is_blank(ch) || ";\n|!".contains(ch)
}

fn word(cursor: &mut Cursor<'_>) -> Result<Word, SyntaxError> {
    let start = cursor.pos();
    let mut text = String::new();
    let mut quoted = false;
    loop {
        match cursor.peek() {
            None => break,
            Some(ch) if ends_word(ch) => break,
            Some('$') if cursor.peek_second() == Some('[') => break,
            Some('$') => return Err(bare_dollar(cursor)),
            Some('\'') => {
                quoted = true;
                single_quoted(cursor, &mut text)?;
            }
            Some('"') => {
                quoted = true;
                text.push_str(&double_quoted(cursor)?);
            }
            Some(ch) => {
                text.push(ch);
                cursor.bump();
            }
        }
    }
    Ok(Word { span: cursor.span_from(start), text, quoted })
}

fn single_quoted(cursor: &mut Cursor<'_>, text: &mut String) -> Result<(), SyntaxError> {
    let open = cursor.here();
    cursor.bump();
    text.push_str(cursor.take_while(|ch| ch != '\'' && ch != '\n'));
    if cursor.eat("'") {
        Ok(())
    } else {
        Err(SyntaxError::new(open, "syntax error: ' unmatched").expecting("\"'\""))
    }
}

/// A string in double quotes with its escapes replaced. An octal escape above 0x7f is the character
/// of that number, so that the text stays text.
fn double_quoted(cursor: &mut Cursor<'_>) -> Result<String, SyntaxError> {
    let open = cursor.here();
    let mut text = String::new();
    cursor.bump();
    loop {
        match cursor.bump() {
            None | Some('\n') => {
                return Err(SyntaxError::new(open, "syntax error: \" unmatched").expecting("'\"'"));
            }
            Some('"') => return Ok(text),
            Some('\\') => match unescape(cursor.rest()) {
                Some((byte, length)) => {
                    text.push(char::from(byte));
                    cursor.set_pos(cursor.pos() + length);
                }
                // An unknown escape keeps its backslash.
                None => text.push('\\'),
            },
            Some(ch) => text.push(ch),
        }
    }
}

/// The command after `!` or `!<`, and whether it was `!<`. Only after a quoted command of `!` the
/// cursor can stand on a pipe character.
fn shell_escape(cursor: &mut Cursor<'_>) -> Result<(ShellText, bool), SyntaxError> {
    let start = cursor.pos();
    cursor.bump();
    let source = cursor.eat("<");
    let verb = cursor.span_from(start);
    cursor.skip_blanks();
    let text = if let Some(text) = quoted_shell_text(cursor)? {
        text
    } else {
        let start = cursor.pos();
        let raw = cursor.take_while(|ch| ch != ';' && ch != '\n').trim_end_matches(is_blank);
        let span = Span::new(start, start + raw.len());
        ShellText { span, text: raw.to_owned(), quoted: false }
    };
    if text.text.is_empty() {
        return Err(SyntaxError::new(
            verb.to(text.span),
            format!("syntax error: no shell command after '{}'", verb.text(cursor.text())),
        )
        .expecting("a shell command"));
    }
    if source && cursor.peek() == Some('|') {
        return Err(SyntaxError::new(cursor.here(), "syntax error: nothing can follow '!<'")
            .expecting("';' or the end of the command"));
    }
    Ok((text, source))
}

/// A shell command in quotes, with the cursor behind it and the blanks after it. A text that only
/// starts with a quoted word (`! 'my program' arg`) is none.
pub(crate) fn quoted_shell_text(cursor: &mut Cursor<'_>) -> Result<Option<ShellText>, SyntaxError> {
    let open = cursor.here();
    let Some(quote @ ('\'' | '"')) = cursor.peek() else { return Ok(None) };
    let start = cursor.pos();
    cursor.bump();
    let mut text = String::new();
    loop {
        match cursor.bump() {
            None | Some('\n') => {
                return Err(SyntaxError::new(open, format!("syntax error: {quote} unmatched")));
            }
            Some('\\') if matches!(cursor.peek(), Some(ch) if ch == '\'' || ch == quote) => {
                text.extend(cursor.bump());
            }
            Some(ch) if ch == quote => break,
            Some(ch) => text.push(ch),
        }
    }
    let span = cursor.span_from(start);
    cursor.skip_blanks_and_comment();
    if is_terminator(cursor.peek()) || cursor.peek() == Some('|') {
        return Ok(Some(ShellText { span, text, quoted: true }));
    }
    cursor.set_pos(start);
    Ok(None)
}

fn format(cursor: &mut Cursor<'_>, verb: FormatVerb) -> Result<StageKind, SyntaxError> {
    let start = cursor.pos();
    cursor.bump();
    let verb_span = cursor.span_from(start);
    cursor.skip_blanks_and_comment();
    if verb != FormatVerb::Value
        && let Some(letter) = cursor.peek()
        && let Some(known) = lookup(letter).filter(|known| known.role.takes_words())
    {
        cursor.bump();
        return format_values(cursor, verb, letter, known.role);
    }
    let items = format_items(cursor, verb)?;
    if items.is_empty() && verb == FormatVerb::Value {
        return Err(SyntaxError::new(
            verb_span,
            "expected one or more format characters following '='",
        )
        .with_help("for example =X (hexadecimal), =D (decimal), =p (symbol); see ::formats"));
    }
    Ok(StageKind::Format(Format { verb, items }))
}

fn format_values(
    cursor: &mut Cursor<'_>,
    verb: FormatVerb,
    letter: char,
    role: FormatRole,
) -> Result<StageKind, SyntaxError> {
    let span = Span::new(cursor.pos() - letter.len_utf8(), cursor.pos());
    let args = arguments(cursor)?;
    let searches = role == FormatRole::Match;
    if args.is_empty() {
        let what = if searches { "a value to search for" } else { "one or more values to write" };
        return Err(SyntaxError::new(span, format!("expected {what} following '{letter}'")));
    }
    if searches && let Some(extra) = args.get(2) {
        return Err(SyntaxError::new(
            extra.span(),
            format!("syntax error: '{letter}' takes a value and a mask, nothing more"),
        ));
    }
    Ok(StageKind::FormatValues(FormatValues { verb, letter, args }))
}

fn format_items(cursor: &mut Cursor<'_>, verb: FormatVerb) -> Result<Vec<FormatItem>, SyntaxError> {
    let mut items = Vec::new();
    let mut count: Option<(Span, FormatCount)> = None;
    loop {
        cursor.skip_blanks_and_comment();
        let start = cursor.pos();
        match cursor.peek() {
            None | Some(';' | '\n' | '|' | '!') => {
                return match count {
                    None => Ok(items),
                    Some((span, _)) => Err(SyntaxError::new(
                        span,
                        "expected a format character following the count",
                    )),
                };
            }
            Some(ch) if ch.is_ascii_digit() => {
                let digits = cursor.take_while(|ch| ch.is_ascii_digit());
                let span = cursor.span_from(start);
                let number = digits.parse().map_err(|_| {
                    SyntaxError::new(span, "specified value exceeds maximum immediate value")
                })?;
                count = Some((span, FormatCount::Fixed(number)));
            }
            Some('$') if cursor.peek_second() == Some('[') => {
                let expr = immediate(cursor)?;
                count = Some((cursor.span_from(start), FormatCount::Computed(expr)));
            }
            Some('"') => {
                let kind = FormatItemKind::Literal(double_quoted(cursor)?);
                items.push(FormatItem { span: cursor.span_from(start), kind });
                count = None;
            }
            Some(ch) => {
                cursor.bump();
                check_format_char(ch, verb, cursor.span_from(start))?;
                let (first, count) = match count.take() {
                    Some((span, count)) => (span.start, count),
                    None => (start, FormatCount::Fixed(1)),
                };
                let kind = FormatItemKind::Char { count, ch };
                items.push(FormatItem { span: cursor.span_from(first), kind });
            }
        }
    }
}

fn check_format_char(ch: char, verb: FormatVerb, span: Span) -> Result<(), SyntaxError> {
    let error =
        || SyntaxError::new(span, format!("invalid format character -- '{}'", ch.escape_debug()));
    match lookup(ch) {
        None => Err(error().with_help("::formats lists the format characters")),
        Some(known) if known.role.in_list(verb == FormatVerb::Value) => Ok(()),
        Some(known) => {
            let what = if known.role == FormatRole::Match { "searches" } else { "writes" };
            Err(error().with_help(format!(
                "'{ch}' {what} and stands first after a verb that names memory: ADDRESS/{ch} VALUE"
            )))
        }
    }
}
