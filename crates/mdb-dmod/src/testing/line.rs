//! Command lines for the fake host, spelled as a user types them.

use super::call::{Given, Stage};
use super::{Fake, Outcome, Shared, State};
use mdb_dmod_abi::{
    CALL_ADDRESS, CALL_LOOP, CALL_LOOP_FIRST, CALL_PIPE_IN, CALL_PIPE_OUT, DCMD_ADDRESS_NONE,
    DCMD_ADDRESS_REQUIRED, DCMD_TAKES_ALL_INPUT, Dcmd, Item, OPTION_HIDDEN, OPTION_REPEATABLE,
    Status, Walker,
};
use mdb_lang::arguments::{
    ArgumentSpec, Declared, OptionSpec, Text, ValueKind, Word, parse_arguments,
};
use mdb_lang::{Arg, Body, Expr, Scope, StageKind, SymbolError};
use std::cell::RefCell;

/// The command `::walk NAME` of the real host.
const WALK: &str = "walk";

/// What a stage runs.
enum Verb {
    Dcmd(Dcmd, Given),
    Walk(Walker),
}

/// A stage, and the input of one that takes all of it.
struct Prepared {
    verb: Verb,
    input: RefCell<Vec<Item>>,
}

impl Prepared {
    fn takes_all_input(&self) -> bool {
        matches!(&self.verb, Verb::Dcmd(dcmd, _) if dcmd.flags & DCMD_TAKES_ALL_INPUT != 0)
    }
}

impl Fake {
    /// Runs a line as a user types it: `0x1000::slist -o 8 | ::show`. It knows the commands of the
    /// dmod and `::walk` with its walkers, expressions with numbers (hexadecimal), symbols,
    /// registers of thread 1 and memory, and options as the real host reads them.
    pub fn run(&self, line: &str) -> Outcome {
        self.run_line(line, None, false)
    }

    /// As [`Fake::run`], and the last command's output goes into a pipe: its rows become items.
    pub fn run_piped(&self, line: &str) -> Outcome {
        self.run_line(line, None, true)
    }

    /// Runs a line that gets items from a pipe.
    pub fn run_with(&self, items: &[u64], line: &str) -> Outcome {
        let items: Vec<Item> = items.iter().map(|value| Item::address(*value)).collect();
        self.run_line(line, Some(&items), false)
    }

    fn run_line(&self, line: &str, items: Option<&[Item]>, piped: bool) -> Outcome {
        let shared = Shared::default();
        if let Err(why) = self.run_statements(line, items, piped, &shared) {
            shared.fail(&why);
        }
        shared.finish()
    }

    fn run_statements(
        &self,
        line: &str,
        items: Option<&[Item]>,
        piped: bool,
        shared: &Shared,
    ) -> Result<(), String> {
        let mut dot = 0;
        for statement in mdb_lang::parse_line(line).map_err(|error| error.to_string())? {
            if statement.count.is_some() {
                return Err("the fake host repeats nothing".to_owned());
            }
            let address =
                statement.address.as_ref().map(|expr| self.value(expr, dot)).transpose()?;
            dot = address.unwrap_or(dot);
            let pipeline = match &statement.body {
                Body::Bare(None) => continue,
                Body::Pipeline(pipeline) if pipeline.head.is_none() && pipeline.tail.is_none() => {
                    pipeline
                }
                _ => return Err("the fake host runs no shell".to_owned()),
            };
            let mut stages = Vec::new();
            for stage in &pipeline.stages {
                let StageKind::Dcmd(dcmd) = &stage.kind else {
                    return Err("the fake host knows only the dmod's commands".to_owned());
                };
                stages.push(self.prepare(&dcmd.name, &dcmd.args, dot)?);
            }
            let run = Run { fake: self, stages: &stages, piped, shared };
            let status = match items {
                None => {
                    let flags = if address.is_some() { CALL_ADDRESS } else { 0 };
                    run.call(0, Item::address(dot), flags)
                }
                Some(items) => {
                    let mut statuses = items.iter().map(|item| run.push(0, *item));
                    statuses.find(|status| !status.is_ok()).unwrap_or(Status::OK)
                }
            };
            let status = run.flush(status);
            shared.status.set(status.0);
            if !matches!(status, Status::OK | Status::CLOSED) {
                break;
            }
        }
        Ok(())
    }

    fn prepare(&self, name: &str, args: &[Arg], dot: u64) -> Result<Prepared, String> {
        let mut numbers = Vec::new();
        for arg in args {
            numbers.push(match arg {
                Arg::Word(_) => None,
                Arg::Immediate { expr, .. } => {
                    let value = self.value(expr, dot)?;
                    Some((value, format!("{value:x}")))
                }
            });
        }
        let word = |(arg, number): (&'_ Arg, &'_ Option<(u64, String)>)| match (arg, number) {
            (Arg::Word(word), _) => (word.text.clone(), word.quoted, None),
            (_, Some((value, text))) => (text.clone(), false, Some(*value)),
            (_, None) => (String::new(), false, None),
        };
        let words: Vec<_> = args.iter().zip(&numbers).map(word).collect();
        let words: Vec<Word<'_>> = words
            .iter()
            .map(|(text, quoted, number)| Word { text, quoted: *quoted, number: *number })
            .collect();
        let prepared = |verb| Prepared { verb, input: RefCell::default() };
        // SAFETY: the tables of a dmod that is linked in.
        let dcmd = unsafe { self.info.dcmds.iter().find(|dcmd| dcmd.name.text() == name) };
        if let Some(dcmd) = dcmd {
            let given = self.read_words(name, &dcmd, &words, dot)?;
            return Ok(prepared(Verb::Dcmd(dcmd, given)));
        }
        if let (WALK, [walker]) = (name, &words[..]) {
            // SAFETY: as above.
            let found = unsafe { self.info.walkers.iter().find(|w| w.name.text() == walker.text) };
            let found = found.ok_or_else(|| format!("no walker {}", walker.text))?;
            return Ok(prepared(Verb::Walk(found)));
        }
        Err(format!("no dcmd {name}"))
    }

    /// The words as the command declares them.
    fn read_words(
        &self,
        name: &str,
        dcmd: &Dcmd,
        words: &[Word<'_>],
        dot: u64,
    ) -> Result<Given, String> {
        let text = |text: mdb_dmod_abi::Str| {
            // SAFETY: the tables of a dmod that is linked in.
            Text::Owned(unsafe { text.text() }.to_owned())
        };
        let choices = |all: mdb_dmod_abi::Str| {
            let all = text(all);
            all.split('|').filter(|one| !one.is_empty()).map(|one| one.to_owned().into()).collect()
        };
        let kind = |kind: u32| {
            ValueKind::from_number(kind).ok_or_else(|| format!("::{name} has kind {kind}"))
        };
        let (mut options, mut arguments) = (Vec::new(), Vec::new());
        // SAFETY: the tables of a dmod that is linked in.
        for option in unsafe { dcmd.options.iter() } {
            options.push(OptionSpec {
                short: char::from_u32(option.short).filter(|letter| *letter != '\0'),
                long: text(option.long),
                kind: kind(option.kind)?,
                value_name: text(option.value_name),
                help: text(option.help),
                choices: choices(option.choices),
                repeatable: option.flags & OPTION_REPEATABLE != 0,
                hidden: option.flags & OPTION_HIDDEN != 0,
            });
        }
        // SAFETY: as above.
        for argument in unsafe { dcmd.arguments.iter() } {
            arguments.push(ArgumentSpec {
                name: text(argument.name),
                kind: kind(argument.kind)?,
                help: text(argument.help),
                choices: choices(argument.choices),
                optional: argument.flags & mdb_dmod_abi::ARGUMENT_OPTIONAL != 0,
                rest: argument.flags & mdb_dmod_abi::ARGUMENT_REST != 0,
            });
        }
        let verb = format!("::{name}");
        let declared = Declared { verb: &verb, options: &options, arguments: &arguments };
        let (options, arguments) = parse_arguments(declared, words, &mut |kind, text| {
            if kind == ValueKind::Decimal {
                return mdb_lang::parse_number(text, 10).map_err(|error| error.to_string());
            }
            let expr = mdb_lang::parse_expression(text).map_err(|error| error.to_string())?;
            self.value(&expr, dot)
        })
        .map_err(|error| error.message)?;
        Ok(Given { options: given(options), arguments: given(arguments) })
    }

    fn value(&self, expr: &Expr, dot: u64) -> Result<u64, String> {
        mdb_lang::evaluate(expr, &FakeScope { fake: self, dot }).map_err(|error| error.to_string())
    }
}

fn given(values: mdb_lang::arguments::Values) -> Vec<Vec<(u64, String)>> {
    let one = |values: Vec<mdb_lang::arguments::ArgumentValue>| {
        values.into_iter().map(|value| (value.number, value.text)).collect()
    };
    values.into_iter().map(one).collect()
}

/// What expressions can name.
struct FakeScope<'f> {
    fake: &'f Fake,
    dot: u64,
}

impl Scope for FakeScope<'_> {
    fn radix(&self) -> u32 {
        16
    }

    fn dot(&self) -> u64 {
        self.dot
    }

    fn increment(&self) -> u64 {
        0
    }

    fn last_address(&self) -> u64 {
        self.dot
    }

    fn variable(&self, name: &str) -> Option<u64> {
        self.fake.threads.first()?.registers.get(name).copied()
    }

    fn symbol(&self, _object: Option<&str>, name: &str) -> Result<u64, SymbolError> {
        let found = self.fake.symbols.iter().find(|(known, ..)| known == name);
        found.map(|(_, address, _)| *address).ok_or(SymbolError::UnknownSymbol)
    }

    fn read(&self, address: u64, size: u8, _from_file: bool) -> Result<u64, String> {
        let mut bytes = [0; 8];
        let place = bytes.get_mut(..usize::from(size)).ok_or("it is too long")?;
        if self.fake.read(address, place) < place.len() {
            return Err("no mapping for address".to_owned());
        }
        if self.fake.big_endian {
            place.reverse();
        }
        Ok(u64::from_le_bytes(bytes))
    }
}

/// A pipeline that runs.
struct Run<'r> {
    fake: &'r Fake,
    stages: &'r [Prepared],
    piped: bool,
    shared: &'r Shared,
}

impl Run<'_> {
    /// One item into a stage. A failure is noted and the pipe goes on, as in the real host.
    fn push(&self, stage: usize, item: Item) -> Status {
        let Some(prepared) = self.stages.get(stage) else {
            return self.shared.emit(self.fake, item);
        };
        if prepared.takes_all_input() {
            prepared.input.borrow_mut().push(item);
            return Status::OK;
        }
        let first = prepared.input.borrow().is_empty();
        if first {
            prepared.input.borrow_mut().push(item);
        }
        let first = if first { CALL_LOOP_FIRST } else { 0 };
        let flags = CALL_ADDRESS | CALL_PIPE_IN | CALL_LOOP | first;
        match self.call(stage, item, flags) {
            status @ (Status::CANCELLED | Status::CLOSED) => status,
            _ => Status::OK,
        }
    }

    /// The stages that wait for the end of their input.
    fn flush(&self, mut status: Status) -> Status {
        for (index, stage) in self.stages.iter().enumerate() {
            if !stage.takes_all_input() || stage.input.borrow().is_empty() {
                continue;
            }
            if status == Status::CANCELLED {
                break;
            }
            status = self.call(index, Item::default(), CALL_PIPE_IN);
        }
        status
    }

    fn call(&self, index: usize, item: Item, flags: u32) -> Status {
        let Some(stage) = self.stages.get(index) else { return Status::OK };
        let piped = self.piped || index + 1 < self.stages.len();
        let flags = if piped { flags | CALL_PIPE_OUT } else { flags };
        let next = |item: Item| self.push(index + 1, item);
        let status = match &stage.verb {
            Verb::Walk(walker) => {
                let start = (flags & CALL_ADDRESS != 0).then_some(item);
                let state = State::new(self.fake, self.shared, piped, None, Some(&next));
                state.call_walker(walker, start)
            }
            Verb::Dcmd(dcmd, given) => {
                let wrong = match (dcmd.flags, flags & CALL_ADDRESS != 0) {
                    (declared, false) if declared & DCMD_ADDRESS_REQUIRED != 0 => {
                        Some("it needs an address before it")
                    }
                    (declared, true) if declared & DCMD_ADDRESS_NONE != 0 => {
                        Some("it takes no address")
                    }
                    _ => None,
                };
                // A command that takes all input has it; another has an item, not both.
                if let Some(why) = wrong.filter(|_| flags & CALL_PIPE_IN == 0) {
                    self.shared.fail(why);
                    return Status::USAGE;
                }
                let all = if stage.takes_all_input() { stage.input.take() } else { Vec::new() };
                let column = super::call::item_column(dcmd);
                let state = State::new(self.fake, self.shared, piped, column, Some(&next));
                let call = Stage { dcmd, given, item, flags, input: &all };
                state.call_dcmd(&call)
            }
        };
        self.shared.settle(status);
        status
    }
}
