//! Commands (dcmds) and walkers as the session holds them, and how their words are parsed.

use crate::failure::Failure;
use crate::item::{Item, TypeId};
use crate::output::{Columns, Output};
use crate::session::Session;
use mdb_dmod_host::{
    AddressUse, ArgumentValue, DcmdSpec, ParsedArgs, ValueKind, WalkerSpec, Word, parse_args, usage,
};
use mdb_lang::Arg;
use mdb_print::format_radix;
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
    /// The count before it is a length and no number of calls.
    pub counts_by_itself: bool,
    /// Of its input it needs only how many items there were.
    pub counts_input: bool,
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
    /// How many items came, for commands that only count them.
    pub counted: u64,
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
            counts_by_itself: false,
            counts_input: false,
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

    /// The count before the command is a length for it and no number of calls.
    #[must_use]
    pub fn count_is_a_length(mut self) -> Self {
        self.counts_by_itself = true;
        self
    }

    /// It needs no more of its input than how many items came ([`Invocation::counted`]): they are
    /// not kept.
    #[must_use]
    pub fn only_counts(mut self) -> Self {
        self.counts_input = true;
        self
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
            (AddressUse::Required, None) if self.spec.layered_on.is_empty() => {
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
        if start.is_none() && !self.spec.layered_on.is_empty() {
            return self.walk_layer(session, each);
        }
        self.walk_from(session, start, each)
    }

    /// Walks from each item of the walker below.
    fn walk_layer(
        &self,
        session: &Session,
        each: &mut dyn FnMut(Item) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let below = session.registry().walker(&self.spec.layered_on).ok_or_else(|| {
            Failure::Failed(format!(
                "walker '{}' is layered on '{}', and there is no such walker",
                self.name, self.spec.layered_on
            ))
        })?;
        // Walkers that are layered on each other in a circle.
        let _deeper = session.deeper()?;
        below.walk(session, None, &mut |item| {
            match self.walk_from(session, Some(item), each) {
                // One item that cannot be walked is no reason to leave out the others.
                Err(failure) if failure.concerns_one_item() => {
                    session.report_item(&failure);
                    Ok(())
                }
                other => other,
            }
        })
    }

    fn walk_from(
        &self,
        session: &Session,
        start: Option<Item>,
        each: &mut dyn FnMut(Item) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
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
    Failure::Usage(format!(
        "{}: {why}\nUsage: {}\ntry '::help {}' for more information",
        spec.verb(),
        usage(spec),
        spec.name
    ))
}

/// Parses the words after a command's name as its specification says.
pub(crate) fn parse_arguments(
    session: &Session,
    line: &str,
    spec: &DcmdSpec,
    args: &[Arg],
) -> Result<ParsedArgs, Failure> {
    let mut numbers = Vec::with_capacity(args.len());
    for arg in args {
        numbers.push(match arg {
            Arg::Word(_) => None,
            Arg::Immediate { expr, .. } => {
                let value = session.value(line, expr)?;
                Some((value, format_radix(value, session.radix())))
            }
        });
    }
    let words: Vec<Word<'_>> = args
        .iter()
        .zip(&numbers)
        .map(|(arg, number)| match (arg, number) {
            (Arg::Word(word), _) => Word { text: &word.text, quoted: word.quoted, number: None },
            (_, Some((value, text))) => Word { text, quoted: false, number: Some(*value) },
            (_, None) => Word::default(),
        })
        .collect();
    let mut interrupted = false;
    let result = parse_args(spec, &words, &mut |kind, text| match kind {
        ValueKind::Decimal => mdb_lang::parse_number(text, 10).map_err(|e| e.to_string()),
        _ => session.evaluate_expression(text).map_err(|failure| {
            interrupted = matches!(failure, Failure::Interrupted);
            failure.to_string()
        }),
    });
    if interrupted {
        return Err(Failure::Interrupted);
    }
    let (options, arguments) = result.map_err(|error| {
        let span = error.word.and_then(|word| args.get(word)).map(Arg::span);
        match span {
            None => usage_failure(spec, &error.message),
            Some(span) => Failure::WrongUse {
                line: line.to_owned(),
                span,
                message: error.message,
                help: format!("usage: {}; '::help {}' says more", usage(spec), spec.name),
            },
        }
    })?;
    Ok(ParsedArgs { options, arguments, ..ParsedArgs::default() })
}
