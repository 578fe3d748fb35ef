//! Pipelines: stages that push items into each other.
//!
//! `emit` in one stage calls the next stage at once. There are no threads and no buffers between
//! stages, order is kept, the first results show before the first stage ends, and a stage that
//! wants no more (`::head`) closes its input, which ends its producer.

use crate::command::{Command, Invocation, parse_arguments};
use crate::failure::Failure;
use crate::format_verbs;
use crate::item::{Item, TypeId};
use crate::output::{Columns, Output, OutputMode, Sink, StageState};
use crate::session::Session;
use crate::shell::{ShellFilter, ShellTailSink};
use mdb_dmod_host::ParsedArgs;
use mdb_lang::{AssignSize, Format, FormatValues, Pipeline, Stage, StageKind};
use mdb_print::StyledText;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The address and count before the verb, evaluated.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Start {
    /// The address, where one was written.
    pub(crate) address: Option<u64>,
    /// How often the first stage runs.
    pub(crate) count: Option<u64>,
}

enum Work<'a> {
    Command(Rc<Command>, ParsedArgs),
    Format(&'a Format),
    FormatValues(&'a FormatValues),
    Assign(Option<AssignSize>, String),
    Filter(ShellFilter),
}

struct RunningStage<'a> {
    work: Work<'a>,
    state: StageState,
    /// The input of a command that takes it all at once.
    input: RefCell<Vec<Item>>,
    /// How many items a command was given that only counts them.
    counted: Cell<u64>,
    /// Text that this stage wrote and that is not yet a whole line.
    text: RefCell<String>,
    /// It wants no more items.
    closed: Cell<bool>,
    /// It was called before.
    called: Cell<bool>,
}

impl RunningStage<'_> {
    fn takes_all_input(&self) -> bool {
        matches!(&self.work, Work::Command(command, _) if command.takes_all_input())
    }

    fn only_counts(&self) -> bool {
        matches!(&self.work, Work::Command(command, _) if command.counts_input)
    }

    fn wants_empty_input(&self) -> bool {
        matches!(&self.work, Work::Command(command, _) if command.wants_empty_input)
    }
}

/// A pipeline while it runs.
struct Running<'a> {
    session: &'a Session,
    line: &'a str,
    stages: Vec<RunningStage<'a>>,
    /// Where the last stage writes.
    outer: &'a dyn Sink,
    /// Dot after the last call of the last stage.
    last_dot: Cell<Option<(u64, u64)>>,
}

/// Runs a pipeline. `line` is the text that spans refer to.
pub(crate) fn run(
    session: &Session,
    line: &str,
    start: Start,
    pipeline: &Pipeline,
    outer: &dyn Sink,
) -> Result<(), Failure> {
    let stages = pipeline
        .stages
        .iter()
        .map(|stage| prepare(session, line, stage))
        .collect::<Result<Vec<_>, _>>()?;
    let tail = match &pipeline.tail {
        Some(tail) => Some((ShellTailSink::spawn(session, &tail.command.text, tail.source)?, tail)),
        None => None,
    };
    let result = {
        let outer = match &tail {
            Some((sink, _)) => sink.sink(),
            None => outer,
        };
        let running = Running { session, line, stages, outer, last_dot: Cell::new(None) };
        running.start(start, pipeline).and_then(|()| running.finish_all())
    };
    let Some((sink, tail)) = tail else { return result };
    let commands = sink.finish(session)?;
    result?;
    if tail.source { session.run_sourced(&commands, outer) } else { Ok(()) }
}

fn prepare<'a>(
    session: &Session,
    line: &str,
    stage: &'a Stage,
) -> Result<RunningStage<'a>, Failure> {
    let work = match &stage.kind {
        StageKind::Format(format) => Work::Format(format),
        StageKind::FormatValues(values) => Work::FormatValues(values),
        StageKind::Assign(assign) => Work::Assign(assign.size, assign.name.text.clone()),
        StageKind::Shell(command) => Work::Filter(ShellFilter::spawn(session, &command.text)?),
        StageKind::Dcmd(dcmd) => {
            let command = session.find_command(line, dcmd)?;
            let arguments = parse_arguments(session, line, &command.spec, &dcmd.args)?;
            Work::Command(command, arguments)
        }
        StageKind::Legacy(legacy) => {
            let command = session.find_legacy_command(line, legacy)?;
            let arguments = parse_arguments(session, line, &command.spec, &legacy.args)?;
            Work::Command(command, arguments)
        }
    };
    Ok(RunningStage {
        work,
        state: StageState::default(),
        input: RefCell::default(),
        counted: Cell::new(0),
        text: RefCell::default(),
        closed: Cell::new(false),
        called: Cell::new(false),
    })
}

impl Running<'_> {
    fn start(&self, start: Start, pipeline: &Pipeline) -> Result<(), Failure> {
        if let Some(head) = &pipeline.head {
            return match crate::shell::run_source_lines(self.session, &head.text, &mut |text| {
                self.feed_text(0, text)
            }) {
                Err(Failure::Closed) => Ok(()),
                other => other,
            };
        }
        let count = start.count.unwrap_or(1);
        // A format verb repeats by itself: its values continue the line. For `::dump` the count is a
        // number of bytes.
        let repeats = match &self.stage(0)?.work {
            Work::Format(_) => true,
            Work::Command(command, _) => command.counts_by_itself,
            _ => false,
        };
        let turns = if repeats { count.min(1) } else { count };
        for turn in 0..turns {
            if turn > 0 {
                self.session.advance_dot();
            }
            self.check_interrupt()?;
            let item = Item::address(self.session.dot());
            let address = start.address.is_some() || turn > 0;
            let invocation = Invocation {
                address: address.then_some(item.value),
                item,
                repeat: if repeats { count } else { 1 },
                count: start.count,
                first: turn == 0,
                in_pipe: false,
                looping: start.count.is_some(),
                input: &[],
                counted: 0,
            };
            match self.call(0, &invocation) {
                Ok(()) => {}
                Err(Failure::Closed) => break,
                // A search or a macro ends the loop in its own way; one bad turn does not.
                Err(failure) if failure.concerns_one_item() => {
                    self.session.report_item(&failure);
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }

    fn stage(&self, k: usize) -> Result<&RunningStage<'_>, Failure> {
        self.stages.get(k).ok_or(Failure::Closed)
    }

    fn check_interrupt(&self) -> Result<(), Failure> {
        if self.session.interrupt().is_raised() { Err(Failure::Interrupted) } else { Ok(()) }
    }

    /// Gives an item to stage `k`.
    fn feed(&self, k: usize, item: Item) -> Result<(), Failure> {
        self.check_interrupt()?;
        let stage = self.stage(k)?;
        if stage.closed.get() {
            return Err(Failure::Closed);
        }
        if stage.takes_all_input() {
            if stage.only_counts() {
                stage.counted.set(stage.counted.get().saturating_add(1));
            } else {
                stage.input.borrow_mut().push(item);
            }
            return Ok(());
        }
        self.check_type(stage, item)?;
        let saved = self.session.dot_and_increment();
        let last_address = self.session.last_address();
        self.session.set_dot(item.value);
        self.session.set_last_address(item.value);
        let invocation = Invocation {
            address: Some(item.value),
            item,
            repeat: 1,
            count: None,
            first: !stage.called.get(),
            in_pipe: true,
            looping: true,
            input: &[],
            counted: 0,
        };
        let result = self.call(k, &invocation);
        self.session.set_dot_and_increment(saved);
        self.session.set_last_address(last_address);
        match result {
            Ok(()) => Ok(()),
            Err(Failure::Closed) => {
                stage.closed.set(true);
                Err(Failure::Closed)
            }
            Err(failure) if failure.concerns_one_item() => {
                self.session.report_item(&failure);
                Ok(())
            }
            Err(failure) => Err(failure),
        }
    }

    fn check_type(&self, stage: &RunningStage<'_>, item: Item) -> Result<(), Failure> {
        let Work::Command(command, _) = &stage.work else { return Ok(()) };
        let wanted = command.input_type;
        if wanted.0 == 0 || item.kind.0 == 0 || wanted == item.kind {
            return Ok(());
        }
        let types = self.session.types();
        if types.is_pointer_to(wanted, item.kind) {
            return Ok(());
        }
        Err(Failure::Abort(format!(
            "::{} takes {}, not {}",
            command.spec.name,
            types.described(wanted),
            types.described(item.kind)
        )))
    }

    /// Gives text that stage `k - 1` (or a shell command) wrote to stage `k`: each line is an
    /// expression, or several separated by `;`.
    fn feed_text(&self, k: usize, line: &str) -> Result<(), Failure> {
        for value in self.session.evaluate_pipe_text(line)? {
            self.feed(k, Item::address(value))?;
        }
        Ok(())
    }

    fn call(&self, k: usize, invocation: &Invocation<'_>) -> Result<(), Failure> {
        let stage = self.stage(k)?;
        stage.called.set(true);
        let pipe = PipeSink { running: self, k };
        let last = k + 1 == self.stages.len();
        let sink: &dyn Sink = if last { self.outer } else { &pipe };
        let (columns, item_type) = match &stage.work {
            Work::Command(command, _) => (&command.columns, command.output_type),
            Work::Format(_) => (&self.session.format_columns, TypeId::ADDRESS),
            _ => (Columns::NONE, TypeId::ADDRESS),
        };
        let output =
            Output { session: self.session, sink, columns, item_type, state: &stage.state };
        let result = match &stage.work {
            Work::Command(command, arguments) => {
                command.call(self.session, invocation, arguments, &output)
            }
            Work::Format(format) => {
                format_verbs::print(self.session, self.line, format, invocation, &output)
            }
            Work::FormatValues(values) => {
                format_verbs::search(self.session, self.line, values, &output)
            }
            Work::Assign(size, name) => {
                let value = self.session.dot();
                self.session.assign(name, size.map_or(value, |s| s.truncate(value)))
            }
            Work::Filter(filter) => {
                // Only what the stage before wrote goes in; it is not called itself.
                filter.drain(&mut |line| self.feed_text(k + 1, line))
            }
        };
        if last {
            self.last_dot.set(Some(self.session.dot_and_increment()));
            self.outer.end_line()?;
        }
        result.map_err(Failure::normalised)
    }

    /// Ends the stages from left to right: what each still holds goes on.
    fn finish_all(&self) -> Result<(), Failure> {
        for k in 0..self.stages.len() {
            match self.finish(k) {
                Ok(()) | Err(Failure::Closed) => {}
                Err(failure) => return Err(failure),
            }
        }
        if self.stages.len() > 1
            && let Some(dot) = self.last_dot.get()
        {
            self.session.set_dot_and_increment(dot);
        }
        Ok(())
    }

    fn finish(&self, k: usize) -> Result<(), Failure> {
        let stage = self.stage(k)?;
        if stage.takes_all_input() && !stage.closed.get() {
            let input = stage.input.take();
            let counted = stage.counted.take();
            // Stages that got nothing are not called, except those at the head of the pipe, which
            // were called already.
            let none = input.is_empty() && counted == 0;
            if k > 0 && (!none || stage.wants_empty_input()) {
                for item in &input {
                    self.check_type(stage, *item)?;
                }
                let invocation = Invocation {
                    address: None,
                    item: Item::address(self.session.dot()),
                    repeat: 1,
                    count: None,
                    first: true,
                    in_pipe: true,
                    looping: false,
                    input: &input,
                    counted,
                };
                match self.call(k, &invocation) {
                    Ok(()) | Err(Failure::Closed) => {}
                    Err(failure) if failure.concerns_one_item() => {
                        self.session.report_item(&failure);
                    }
                    Err(failure) => return Err(failure),
                }
            }
        }
        if let Work::Filter(filter) = &stage.work {
            filter.finish(&mut |line| self.feed_text(k + 1, line))?;
        }
        let rest = stage.text.take();
        if !rest.is_empty() && k + 1 < self.stages.len() {
            self.feed_text(k + 1, &rest)?;
        }
        Ok(())
    }
}

/// The way from stage `k` to stage `k + 1`.
struct PipeSink<'a> {
    running: &'a Running<'a>,
    k: usize,
}

impl PipeSink<'_> {
    fn filter(&self) -> Option<&ShellFilter> {
        match &self.running.stages.get(self.k + 1)?.work {
            Work::Filter(filter) => Some(filter),
            _ => None,
        }
    }
}

/// A line of pipe text that is longer is no list of expressions.
const LONGEST_PIPE_LINE: usize = 1 << 20;

impl Sink for PipeSink<'_> {
    fn mode(&self) -> OutputMode {
        if self.filter().is_some() { OutputMode::Text } else { OutputMode::Items }
    }

    fn write(&self, text: &StyledText) -> Result<(), Failure> {
        let text = text.as_str().to_owned();
        if let Some(filter) = self.filter() {
            filter.write(&text)?;
            let next = self.k + 2;
            return filter.drain(&mut |line| self.running.feed_text(next, line));
        }
        let stage = self.running.stage(self.k)?;
        let mut lines = stage.text.take();
        lines.push_str(&text);
        let mut rest = lines.as_str();
        while let Some((line, after)) = rest.split_once('\n') {
            rest = after;
            self.running.feed_text(self.k + 1, line)?;
        }
        if rest.len() > LONGEST_PIPE_LINE {
            return Err(Failure::Abort("a line of more than 1 MiB cannot be a value".to_owned()));
        }
        stage.text.replace(rest.to_owned());
        Ok(())
    }

    fn item(&self, item: Item) -> Result<(), Failure> {
        self.running.feed(self.k + 1, item)
    }
}
