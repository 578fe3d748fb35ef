//! Text to action.

use crate::failure::Failure;
use crate::output::Sink;
use crate::pipeline::{self, Start};
use crate::session::Session;
use crate::shell;
use mdb_dmod_host::abi::provider_kind;
use mdb_lang::{Body, EvalError, EvalErrorKind, Expr, Scope, Statement, SymbolError, SyntaxError};
use mdb_print::StyledText;

/// Where text comes from decides what a bare expression does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Typed at the prompt, or a line of a script: a bare expression sets dot and is printed.
    Line,
    /// `-e`, `::eval` and the like: a bare expression sets dot.
    Text,
}

impl Session {
    /// Evaluates a text of one or more statements. Failures are reported here; the result says
    /// only whether to go on: [`Failure::Quit`], [`Failure::Interrupted`], [`Failure::Closed`], or
    /// [`Failure::Reported`] where the rest of the text was given up.
    pub fn evaluate(&self, text: &str, source: Source, sink: &dyn Sink) -> Result<(), Failure> {
        match self.evaluate_unreported(text, source, sink) {
            Ok(()) => Ok(()),
            Err(failure) => {
                self.report(&failure);
                Err(match failure {
                    Failure::Quit | Failure::Interrupted | Failure::Closed => failure,
                    _ => Failure::Reported,
                })
            }
        }
    }

    /// As [`Session::evaluate`], but a failure that ends the text is given back.
    pub(crate) fn evaluate_unreported(
        &self,
        text: &str,
        source: Source,
        sink: &dyn Sink,
    ) -> Result<(), Failure> {
        let _deeper = self.deeper()?;
        let statements = mdb_lang::parse_line(text).map_err(|e| syntax_failure(text, &e))?;
        if source == Source::Line && statements.is_empty() && self.options().repeat_last {
            return self.repeat(None, sink);
        }
        for statement in &statements {
            match self.run_statement(text, statement, source, sink) {
                Ok(()) => {}
                // The command failed, the next may succeed.
                Err(
                    failure @ (Failure::Failed(_)
                    | Failure::Fault(_)
                    | Failure::Usage(_)
                    | Failure::WrongUse { .. }
                    | Failure::Abort(_)),
                ) => {
                    let failure = failure.normalised();
                    if matches!(failure, Failure::Interrupted) {
                        return Err(failure);
                    }
                    self.report(&failure);
                    if self.options().strict {
                        return Err(Failure::Reported);
                    }
                }
                Err(Failure::Closed) if source == Source::Line => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }

    fn run_statement(
        &self,
        line: &str,
        statement: &Statement,
        source: Source,
        sink: &dyn Sink,
    ) -> Result<(), Failure> {
        let value = |e: &Option<Expr>| e.as_ref().map(|e| self.value(line, e)).transpose();
        let address = value(&statement.address)?;
        let count = value(&statement.count)?;
        match &statement.body {
            Body::Bare(tail) => self.run_bare(address, count, source, tail.is_some(), sink),
            Body::Shell(command) => {
                self.flush();
                shell::run(&command.text)
            }
            Body::ShellSource(command) => {
                let mut commands = String::new();
                shell::run_source_lines(self, &command.text, &mut |line| {
                    commands.push_str(line);
                    commands.push('\n');
                    Ok(())
                })?;
                self.run_sourced(&commands, sink)
            }
            Body::Pipeline(pipeline) => {
                if source == Source::Line {
                    self.previous.replace(Some(statement.span.text(line).to_owned()));
                }
                match (address, count) {
                    (Some(address), _) => self.set_dot(address),
                    (None, Some(_)) => self.advance_dot(),
                    (None, None) => {}
                }
                let start = Start { address: address.or(count.map(|_| self.dot())), count };
                if let Some(address) = start.address {
                    self.set_last_address(address);
                }
                pipeline::run(self, line, start, pipeline, sink)
            }
        }
    }

    fn run_bare(
        &self,
        address: Option<u64>,
        count: Option<u64>,
        source: Source,
        has_tail: bool,
        sink: &dyn Sink,
    ) -> Result<(), Failure> {
        if source == Source::Line && self.options().repeat_last {
            return self.repeat(address, sink);
        }
        if let Some(address) = address {
            self.set_dot(address);
        }
        if count.is_some() || has_tail {
            return Err(Failure::failed(
                "an address and a count need a verb, as in 'ADDRESS,COUNT/X'",
            ));
        }
        if source == Source::Line {
            // As `=K` would: the value on a line of its own.
            let mut text = StyledText::new();
            text.push(&format!("{:16}{:<16x}\n", "", self.dot()));
            sink.write(&text)?;
        }
        Ok(())
    }

    /// Runs the previous command again (`-o repeatlast`): at `address`, or behind what it showed.
    fn repeat(&self, address: Option<u64>, sink: &dyn Sink) -> Result<(), Failure> {
        let previous = self.previous.borrow().clone();
        match address {
            Some(address) => self.set_dot(address),
            None => self.advance_dot(),
        }
        let Some(previous) = previous else { return Ok(()) };
        let statements =
            mdb_lang::parse_line(&previous).map_err(|e| syntax_failure(&previous, &e))?;
        for statement in &statements {
            if let Body::Pipeline(pipeline) = &statement.body {
                let start = Start { address: Some(self.dot()), count: None };
                pipeline::run(self, &previous, start, pipeline, sink)?;
            }
        }
        Ok(())
    }

    /// The value of an expression of `line`.
    pub(crate) fn value(&self, line: &str, expr: &Expr) -> Result<u64, Failure> {
        mdb_lang::evaluate(expr, self).map_err(|e| eval_failure(line, e))
    }

    /// The value of the text of an expression.
    pub fn evaluate_expression(&self, text: &str) -> Result<u64, Failure> {
        let expr = match mdb_lang::parse_expression(text) {
            Ok(expr) => expr,
            // `ns::function`: an argument is one word, so nothing else can be meant.
            Err(error) => {
                let named = text.contains("::").then(|| self.symbol(None, text).ok()).flatten();
                return named.ok_or_else(|| syntax_failure(text, &error));
            }
        };
        self.value(text, &expr)
    }

    /// The values of a line that came through a pipe as text.
    pub(crate) fn evaluate_pipe_text(&self, line: &str) -> Result<Vec<u64>, Failure> {
        let statements = mdb_lang::parse_line(line).map_err(|e| syntax_failure(line, &e))?;
        let mut values = Vec::with_capacity(statements.len());
        for statement in &statements {
            match (&statement.body, &statement.address, &statement.count) {
                (Body::Bare(None), Some(expr), None) => values.push(self.value(line, expr)?),
                _ => {
                    return Err(Failure::Place {
                        line: line.to_owned(),
                        span: statement.span,
                        message: "syntax error: only expressions can go through a pipe".to_owned(),
                        help: None,
                    });
                }
            }
        }
        Ok(values)
    }
}

pub(crate) fn syntax_failure(line: &str, error: &SyntaxError) -> Failure {
    Failure::Place {
        line: line.to_owned(),
        span: error.span,
        message: error.message.clone(),
        help: error.hint(),
    }
}

fn eval_failure(line: &str, error: EvalError) -> Failure {
    if let EvalErrorKind::Read { reason, .. } = &error.kind
        && reason == &mdb_target::FaultReason::Interrupted.to_string()
    {
        return Failure::Interrupted;
    }
    let (line, span, message) = (line.to_owned(), error.span, error.kind.to_string());
    match error.kind {
        EvalErrorKind::Read { .. }
        | EvalErrorKind::DivideByZero
        | EvalErrorKind::DivideOverflow
        | EvalErrorKind::IncrementOverflow { .. }
        | EvalErrorKind::IncrementUnderflow { .. } => {
            Failure::Value { line, span, message, help: error.help }
        }
        _ => Failure::Place { line, span, message, help: error.help },
    }
}

impl Scope for Session {
    fn radix(&self) -> u32 {
        Session::radix(self)
    }

    fn dot(&self) -> u64 {
        Session::dot(self)
    }

    fn increment(&self) -> u64 {
        Session::increment(self)
    }

    fn last_address(&self) -> u64 {
        Session::last_address(self)
    }

    fn variable(&self, name: &str) -> Option<u64> {
        Session::variable(self, name)
    }

    fn symbol(&self, object: Option<&str>, name: &str) -> Result<u64, SymbolError> {
        if object.is_none()
            && let Some(symbol) = self.private_symbols().get(name)
        {
            return Ok(symbol.value);
        }
        match self.symbols().value(object, name, self.thread_pointer()) {
            Err(SymbolError::UnknownSymbol) if self.providers().has(provider_kind::SYMBOL) => {
                let found = self.provided_symbol(name);
                let found = found.filter(|s| object.is_none_or(|object| s.module == object));
                found.map(|symbol| symbol.address).ok_or(SymbolError::UnknownSymbol)
            }
            other => other,
        }
    }

    fn read(&self, address: u64, size: u8, from_file: bool) -> Result<u64, String> {
        let mut bytes = [0; 8];
        let Some(wanted) = bytes.get_mut(..usize::from(size.min(8))) else { return Ok(0) };
        let result = if from_file {
            self.symbols().read_file(address, wanted)
        } else {
            self.target().memory().read_exact(address, wanted)
        };
        match result {
            Ok(()) => Ok(u64::from_le_bytes(bytes)),
            Err(fault) => Err(fault.reason.to_string()),
        }
    }

    fn pointer_size(&self) -> u8 {
        self.target().arch().pointer_size() as u8
    }

    fn suggest_symbol(&self, object: Option<&str>, name: &str) -> Option<String> {
        // People type the names of commands, and those of gdb.
        let command = match name {
            "bt" | "where" | "backtrace" => Some("$c"),
            "q" | "exit" => Some("::quit"),
            "info" => Some("::dcmds"),
            "x" | "p" => Some("::formats"),
            _ => None,
        };
        if command.is_some() {
            return command.map(str::to_owned);
        }
        if let Some(command) = self.registry().command(None, name) {
            return Some(command.spec.verb().into_owned());
        }
        if self.target().arch().register(name).is_some() {
            return Some(format!("<{name}"));
        }
        self.symbols().nearest(object, name)
    }

    fn suggest_variable(&self, name: &str) -> Option<String> {
        let variables = self.variables();
        crate::nearest::nearest(name, variables.iter().map(|(n, _, _)| n)).map(str::to_owned)
    }
}

impl Session {
    /// The thread pointer of the representative thread.
    pub(crate) fn thread_pointer(&self) -> Option<u64> {
        self.target().thread_pointer(self.thread()?)
    }
}
