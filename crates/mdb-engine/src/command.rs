//! Commands (dcmds) and walkers as the session holds them, and how their words are parsed.

use crate::failure::Failure;
use crate::item::{Item, TypeId};
use crate::output::{Columns, Output};
use crate::session::Session;
use mdb_dmod_host::{
    AddressUse, ArgumentSpec, ArgumentValue, DcmdSpec, OptionSpec, ParsedArgs, ValueKind,
    WalkerSpec,
};
use mdb_lang::Arg;
use mdb_print::format_radix;
use std::fmt::Write as _;
use std::rc::Rc;

/// What a command does.
pub type Run = dyn Fn(&Session, &Call<'_>, &Output<'_>) -> Result<(), Failure>;

/// What a walker does: it gives items, from a start or of the whole target.
pub type Walk = dyn Fn(
    &Session,
    Option<Item>,
    &mut dyn FnMut(Item) -> Result<(), Failure>,
) -> Result<(), Failure>;

/// A command.
pub struct Command {
    /// What it declares.
    pub spec: Rc<DcmdSpec>,
    /// The module that defines it; `None` for the debugger itself.
    pub module: Option<String>,
    /// In a pipe it is called even if nothing came through.
    pub wants_empty_input: bool,
    pub(crate) columns: Columns,
    pub(crate) input_type: TypeId,
    pub(crate) output_type: TypeId,
    run: Box<Run>,
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Command").field("name", &self.spec.name).finish_non_exhaustive()
    }
}

/// A walker.
pub struct Walker {
    /// Its name.
    pub name: String,
    /// What it declares.
    pub spec: WalkerSpec,
    /// The module that defines it; `None` for the debugger itself.
    pub module: Option<String>,
    walk: Box<Walk>,
}

impl std::fmt::Debug for Walker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Walker").field("name", &self.name).finish_non_exhaustive()
    }
}

/// How a command is called.
#[derive(Clone, Copy, Debug)]
pub struct Invocation<'a> {
    /// The address, if one was given or came through a pipe.
    pub address: Option<u64>,
    /// Dot, or what came through a pipe.
    pub item: Item,
    /// How often to run (format verbs only; others are called again).
    pub repeat: u64,
    /// The count before the command, which some commands read as a length.
    pub count: Option<u64>,
    /// The first call of several.
    pub first: bool,
    /// The item came through a pipe.
    pub in_pipe: bool,
    /// One call of several.
    pub looping: bool,
    /// The whole input, for commands that take it at once.
    pub input: &'a [Item],
}

/// One call of a command.
#[derive(Debug)]
pub struct Call<'a> {
    /// How it is called.
    pub invocation: Invocation<'a>,
    /// What it declares.
    pub spec: &'a DcmdSpec,
    /// Its options and arguments.
    pub arguments: &'a ParsedArgs,
}

impl Call<'_> {
    /// The address that was given, if any.
    pub fn address(&self) -> Option<u64> {
        self.invocation.address
    }

    /// Dot.
    pub fn dot(&self) -> u64 {
        self.invocation.item.value
    }

    /// Whether an option was given.
    pub fn flag(&self, name: &str) -> bool {
        self.arguments.flag(self.spec, name)
    }

    /// The number that an option was given.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.arguments.number(self.spec, name)
    }

    /// The text that an option was given.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.arguments.values(self.spec, name).first().map(|v| v.text.as_str())
    }

    /// What was given for a positional argument.
    pub fn argument(&self, index: usize) -> Option<&ArgumentValue> {
        self.arguments.arguments.get(index).and_then(|v| v.first())
    }

    /// All that was given for a positional argument.
    pub fn rest(&self, index: usize) -> &[ArgumentValue] {
        self.arguments.arguments.get(index).map_or(&[], Vec::as_slice)
    }

    /// A usage error.
    pub fn usage(&self, why: &str) -> Failure {
        usage_failure(self.spec, why)
    }
}

impl Command {
    /// A command of the debugger itself.
    pub fn built_in(
        session: &Session,
        spec: DcmdSpec,
        run: impl Fn(&Session, &Call<'_>, &Output<'_>) -> Result<(), Failure> + 'static,
    ) -> Self {
        Self::new(session, spec, None, Box::new(run))
    }

    /// A command of a module.
    pub fn new(session: &Session, spec: DcmdSpec, module: Option<String>, run: Box<Run>) -> Self {
        let types = session.types();
        Self {
            columns: Columns::new(&spec.columns),
            input_type: types.id(&spec.input_type),
            output_type: types.id(&spec.output_type),
            wants_empty_input: false,
            spec: Rc::new(spec),
            module,
            run,
        }
    }

    /// Also called with no input at all.
    #[must_use]
    pub fn even_without_input(mut self) -> Self {
        self.wants_empty_input = true;
        self
    }

    /// Whether the count before the command is a length for it and no number of calls.
    pub(crate) fn counts_by_itself(&self) -> bool {
        self.module.is_none() && self.spec.name == "dump"
    }

    pub(crate) fn takes_all_input(&self) -> bool {
        self.spec.takes_all_input
    }

    pub(crate) fn call(
        &self,
        session: &Session,
        invocation: &Invocation<'_>,
        arguments: &ParsedArgs,
        output: &Output<'_>,
    ) -> Result<(), Failure> {
        if self.spec.address == AddressUse::Required
            && invocation.address.is_none()
            && invocation.input.is_empty()
        {
            return Err(usage_failure(&self.spec, "it needs an address before it"));
        }
        if self.spec.address == AddressUse::None && invocation.address.is_some() {
            return Err(usage_failure(&self.spec, "it takes no address"));
        }
        let call = Call { invocation: *invocation, spec: &self.spec, arguments };
        (self.run)(session, &call, output)
    }
}

impl Walker {
    /// A walker of the debugger itself.
    pub fn built_in(
        spec: WalkerSpec,
        walk: impl Fn(
            &Session,
            Option<Item>,
            &mut dyn FnMut(Item) -> Result<(), Failure>,
        ) -> Result<(), Failure>
        + 'static,
    ) -> Self {
        Self::new(spec, None, Box::new(walk))
    }

    /// A walker of a module.
    pub fn new(spec: WalkerSpec, module: Option<String>, walk: Box<Walk>) -> Self {
        Self { name: spec.name.to_string(), spec, module, walk }
    }

    /// Walks.
    pub fn walk(
        &self,
        session: &Session,
        start: Option<Item>,
        each: &mut dyn FnMut(Item) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        match (self.spec.start, start) {
            (AddressUse::Required, None) => {
                return Err(Failure::failed(
                    "failed to perform walk: walker requires starting address",
                ));
            }
            (AddressUse::None, Some(_)) => {
                return Err(Failure::failed(
                    "failed to perform walk: walker does not accept starting address",
                ));
            }
            _ => {}
        }
        let kind = session.types().id(&self.spec.output_type);
        (self.walk)(session, start, &mut |item| {
            if session.interrupt().is_raised() {
                return Err(Failure::Interrupted);
            }
            let kind = if item.kind == TypeId::ADDRESS { kind } else { item.kind };
            each(Item { kind, ..item })
        })
    }
}

/// A usage error: what is wrong, how the command is called, where to read more.
pub(crate) fn usage_failure(spec: &DcmdSpec, why: &str) -> Failure {
    let name = verb(&spec.name);
    Failure::Usage(format!(
        "{name}: {why}\nUsage: {}\ntry '::help {}' for more information",
        usage(spec),
        spec.name
    ))
}

/// The name as it is typed: `$c`, or with colons before it.
pub(crate) fn verb(name: &str) -> String {
    if name.starts_with(['$', ':', '>', '/', '=']) { name.to_owned() } else { format!("::{name}") }
}

/// How a command is called, in one line.
pub fn usage(spec: &DcmdSpec) -> String {
    let mut text = String::new();
    text.push_str(match spec.address {
        AddressUse::Optional => "[ADDRESS]",
        AddressUse::Required => "ADDRESS",
        AddressUse::None => "",
    });
    text.push_str(&verb(&spec.name));
    let visible = || spec.options.iter().filter(|o| !o.hidden);
    let flags: String =
        visible().filter(|o| !o.kind.takes_value()).filter_map(|o| o.short).collect();
    // Writing into a String cannot fail.
    if !flags.is_empty() {
        let _ = write!(text, " [-{flags}]");
    }
    for option in visible() {
        let value = &option.value_name;
        let _ = match (option.short, option.kind.takes_value()) {
            (Some(short), true) => write!(text, " [-{short} {value}]"),
            (None, true) => write!(text, " [{}={value}]", dashed(&option.long)),
            (None, false) => write!(text, " [{}]", dashed(&option.long)),
            (Some(_), false) => Ok(()),
        };
    }
    for argument in &spec.arguments {
        let dots = if argument.rest { "..." } else { "" };
        let _ = if argument.optional {
            write!(text, " [{}{dots}]", argument.name)
        } else {
            write!(text, " {}{dots}", argument.name)
        };
    }
    text
}

/// A long option as it is typed.
pub(crate) fn dashed(long: &str) -> String {
    if long.starts_with('+') { long.to_owned() } else { format!("--{long}") }
}

/// A word of a command line.
struct Given {
    text: String,
    immediate: Option<u64>,
    quoted: bool,
}

/// Parses the words after a command's name as its specification says.
pub(crate) fn parse_arguments(
    session: &Session,
    line: &str,
    spec: &DcmdSpec,
    args: &[Arg],
) -> Result<ParsedArgs, Failure> {
    let mut parsed = ParsedArgs {
        options: vec![Vec::new(); spec.options.len()],
        arguments: vec![Vec::new(); spec.arguments.len()],
        ..ParsedArgs::default()
    };
    let mut words = Vec::with_capacity(args.len());
    for arg in args {
        words.push(match arg {
            Arg::Word(word) => {
                Given { text: word.text.clone(), immediate: None, quoted: word.quoted }
            }
            Arg::Immediate { expr, .. } => {
                let value = session.value(line, expr)?;
                let text = format_radix(value, session.radix());
                Given { text, immediate: Some(value), quoted: false }
            }
        });
    }
    let parser = Parser { session, spec };
    let mut words = words.into_iter();
    let mut position = 0;
    let mut only_arguments = false;
    while let Some(word) = words.next() {
        let plain = word.immediate.is_none() && !word.quoted && !only_arguments;
        if plain && word.text == "--" {
            only_arguments = true;
        } else if plain && parser.is_option(&word.text) {
            parser.option(&word.text, &mut words, &mut parsed)?;
        } else {
            parser.argument(word, &mut position, &mut parsed)?;
        }
    }
    for (argument, given) in spec.arguments.iter().zip(&parsed.arguments) {
        if given.is_empty() && !argument.optional {
            return Err(usage_failure(spec, &format!("{} is missing", argument.name)));
        }
    }
    Ok(parsed)
}

struct Parser<'a> {
    session: &'a Session,
    spec: &'a DcmdSpec,
}

impl Parser<'_> {
    fn is_option(&self, word: &str) -> bool {
        let mut chars = word.chars();
        match (chars.next(), chars.next()) {
            (Some('-'), Some(_)) => true,
            // `+t`, where the command knows it.
            (Some('+'), Some(_)) => self.spec.option_index(word).is_some(),
            _ => false,
        }
    }

    fn option(
        &self,
        word: &str,
        words: &mut impl Iterator<Item = Given>,
        parsed: &mut ParsedArgs,
    ) -> Result<(), Failure> {
        if word.starts_with('+') {
            return self.set(word, None, words, parsed);
        }
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (long, None),
            };
            return self.set(name, value, words, parsed);
        }
        let letters = word.get(1..).unwrap_or_default();
        // `::head -2`.
        if letters.bytes().all(|b| b.is_ascii_digit())
            && self.spec.option_index("n").is_some()
            && !letters.starts_with(|c| self.find(c).is_some())
        {
            return self.set("n", Some(letters.to_owned()), words, parsed);
        }
        let mut rest = letters.chars();
        while let Some(letter) = rest.next() {
            let takes_value = self.find(letter).is_some_and(|o| o.kind.takes_value());
            if takes_value && !rest.as_str().is_empty() {
                let value = rest.as_str().to_owned();
                return self.set(&letter.to_string(), Some(value), words, parsed);
            }
            self.set(&letter.to_string(), None, words, parsed)?;
        }
        Ok(())
    }

    fn find(&self, letter: char) -> Option<&OptionSpec> {
        self.spec.options.iter().find(|o| o.short == Some(letter))
    }

    fn set(
        &self,
        name: &str,
        value: Option<String>,
        words: &mut impl Iterator<Item = Given>,
        parsed: &mut ParsedArgs,
    ) -> Result<(), Failure> {
        let Some(index) = self.spec.option_index(name) else {
            let shown = if name.chars().count() == 1 { format!("-{name}") } else { dashed(name) };
            let longs = self.spec.options.iter().map(|o| &*o.long).filter(|l| !l.is_empty());
            let near = crate::nearest::nearest(name, longs);
            let hint = near.map_or(String::new(), |n| format!("; did you mean '{}'?", dashed(n)));
            return Err(usage_failure(self.spec, &format!("illegal option -- '{shown}'{hint}")));
        };
        let Some(option) = self.spec.options.get(index) else { return Ok(()) };
        let given = if option.kind.takes_value() {
            let word = match value {
                Some(text) => Some(Given { text, immediate: None, quoted: false }),
                None => words.next(),
            };
            let word = word.ok_or_else(|| {
                usage_failure(self.spec, &format!("option requires an argument -- '{name}'"))
            })?;
            self.value(option.kind, &option.choices, word)?
        } else {
            if value.is_some() {
                let why = format!("option takes no argument -- '{name}'");
                return Err(usage_failure(self.spec, &why));
            }
            ArgumentValue { number: 1, text: String::new() }
        };
        if let Some(values) = parsed.options.get_mut(index) {
            if option.kind == ValueKind::Count
                && let Some(first) = values.first_mut()
            {
                first.number = first.number.saturating_add(1);
            } else if option.repeatable {
                values.push(given);
            } else {
                *values = vec![given];
            }
        }
        Ok(())
    }

    fn argument(
        &self,
        word: Given,
        position: &mut usize,
        parsed: &mut ParsedArgs,
    ) -> Result<(), Failure> {
        let Some(ArgumentSpec { kind, choices, rest, .. }) = self.spec.arguments.get(*position)
        else {
            let why = format!("'{}' is one argument too many", word.text);
            return Err(usage_failure(self.spec, &why));
        };
        let value = self.value(*kind, choices, word)?;
        if let Some(values) = parsed.arguments.get_mut(*position) {
            values.push(value);
        }
        if !rest {
            *position += 1;
        }
        Ok(())
    }

    fn value(
        &self,
        kind: ValueKind,
        choices: &[mdb_dmod_host::Text],
        word: Given,
    ) -> Result<ArgumentValue, Failure> {
        let Given { text, immediate, .. } = word;
        if let Some(number) = immediate {
            return Ok(ArgumentValue { number, text });
        }
        let bad = |why: &str| usage_failure(self.spec, &format!("'{text}' {why}"));
        let number = match kind {
            ValueKind::Number | ValueKind::Address => self.session.evaluate_expression(&text)?,
            ValueKind::Decimal => {
                mdb_lang::parse_number(&text, 10).map_err(|e| bad(&format!("is no number: {e}")))?
            }
            ValueKind::Size => match size(&text) {
                Some(size) => size,
                None => self.session.evaluate_expression(&text)?,
            },
            ValueKind::Choice => match choices.iter().position(|c| *c == text) {
                Some(index) => index as u64,
                None => {
                    return Err(bad(&format!("is none of: {}", choices.join(", "))));
                }
            },
            _ => 0,
        };
        Ok(ArgumentValue { number, text })
    }
}

/// Decimal digits followed by K, M or G.
fn size(text: &str) -> Option<u64> {
    let unit = match text.chars().next_back()? {
        'K' | 'k' => 1 << 10,
        'M' => 1 << 20,
        'G' => 1 << 30,
        _ => return None,
    };
    let digits = text.get(..text.len().checked_sub(1)?)?;
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u64>().ok()?.checked_mul(unit)
}
