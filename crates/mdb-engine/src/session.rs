//! The session: one target, the state of the language, and what is registered.

use crate::command::Command;
use crate::failure::Failure;
use crate::item::TypeNames;
use crate::options::Options;
use crate::output::Sink;
use crate::private_symbols::PrivateSymbols;
use crate::providers::Providers;
use crate::registry::Registry;
use crate::stacks::Stacks;
use crate::symbols::Symbols;
use crate::variables::{VariableError, Variables};
use mdb_debuginfo::Modules;
use mdb_lang::Span;
use mdb_target::{Interrupt, RegisterName, Target, TargetKind, Thread};
use std::cell::{Cell, Ref, RefCell, RefMut};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// What a session tells and asks the program around it.
pub trait Frontend {
    /// Shows an error or a warning: lines that end in newlines.
    fn error(&self, text: &str);
    /// Writes out what is buffered, before a shell command runs.
    fn flush(&self) {}
    /// Opens a further target, for comparisons. The text of an error is a sentence.
    fn open_target(&self, path: &Path) -> Result<(Arc<dyn Target>, Arc<Modules>), String> {
        Err(format!("{}: this program opens no further targets", path.display()))
    }
    /// Shows how far a long command is: 0 to 1, and what it does. An empty text takes it away.
    fn progress(&self, done: f64, what: &str) {
        let _ = (done, what);
    }
}

/// One target being debugged. It is used by one thread; commands may lend its memory and its
/// modules to others.
pub struct Session {
    target: Arc<dyn Target>,
    modules: Arc<Modules>,
    frontend: Rc<dyn Frontend>,
    symbols: Symbols,
    stacks: Stacks,
    dot: Cell<u64>,
    increment: Cell<u64>,
    last_address: Cell<u64>,
    radix: Cell<u32>,
    thread: Cell<u32>,
    json: Cell<bool>,
    failed: Cell<bool>,
    depth: Cell<u32>,
    variables: RefCell<Variables>,
    private_symbols: RefCell<PrivateSymbols>,
    options: RefCell<Options>,
    registry: RefCell<Registry>,
    types: Rc<TypeNames>,
    pub(crate) format_columns: crate::output::Columns,
    pub(crate) previous: RefCell<Option<String>>,
    pub(crate) dmods: RefCell<crate::dmods::Dmods>,
    providers: Providers,
    pub(crate) others: crate::other_targets::OtherTargets,
    pub(crate) kept_graph: crate::graph::KeptGraph,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("target", &self.target.kind()).finish_non_exhaustive()
    }
}

impl Session {
    /// A session over a target whose modules were found.
    pub fn new(
        target: Arc<dyn Target>,
        modules: Arc<Modules>,
        frontend: Rc<dyn Frontend>,
    ) -> Rc<Self> {
        Self::with_types(target, modules, frontend, Rc::default())
    }

    /// A session that numbers types as another does.
    pub(crate) fn with_types(
        target: Arc<dyn Target>,
        modules: Arc<Modules>,
        frontend: Rc<dyn Frontend>,
        types: Rc<TypeNames>,
    ) -> Rc<Self> {
        let thread = target.threads().first().map_or(0, |t| t.number);
        let session = Self {
            symbols: Symbols::new(Arc::clone(&modules)),
            stacks: Stacks::new(Arc::clone(&target), Arc::clone(&modules)),
            target,
            modules,
            frontend,
            dot: Cell::new(0),
            increment: Cell::new(0),
            last_address: Cell::new(0),
            radix: Cell::new(16),
            thread: Cell::new(thread),
            json: Cell::new(false),
            failed: Cell::new(false),
            depth: Cell::new(0),
            variables: RefCell::default(),
            private_symbols: RefCell::default(),
            options: RefCell::default(),
            registry: RefCell::default(),
            types,
            format_columns: crate::format_verbs::columns(),
            previous: RefCell::default(),
            dmods: RefCell::default(),
            providers: Providers::default(),
            others: crate::other_targets::OtherTargets::default(),
            kept_graph: crate::graph::KeptGraph::default(),
        };
        crate::dcmds::register(&session);
        Rc::new(session)
    }

    /// What is being debugged.
    pub fn target(&self) -> &Arc<dyn Target> {
        &self.target
    }

    /// Its modules.
    pub fn modules(&self) -> &Arc<Modules> {
        &self.modules
    }

    /// Names for addresses.
    pub fn symbols(&self) -> &Symbols {
        &self.symbols
    }

    /// The frames of threads.
    pub fn stacks(&self) -> &Stacks {
        &self.stacks
    }

    /// The program around the session.
    pub fn frontend(&self) -> &dyn Frontend {
        &*self.frontend
    }

    /// The program around the session, to be shared with one over another target.
    pub(crate) fn shared_frontend(&self) -> Rc<dyn Frontend> {
        Rc::clone(&self.frontend)
    }

    /// What dmods provide.
    pub fn providers(&self) -> &Providers {
        &self.providers
    }

    /// The names of item types.
    pub fn types(&self) -> &Rc<TypeNames> {
        &self.types
    }

    /// The options of `::set`.
    pub fn options(&self) -> Ref<'_, Options> {
        self.options.borrow()
    }

    /// The options of `::set`, to change them.
    pub fn options_mut(&self) -> RefMut<'_, Options> {
        self.stacks.forget_names();
        self.options.borrow_mut()
    }

    /// The commands and walkers.
    pub fn registry(&self) -> Ref<'_, Registry> {
        self.registry.borrow()
    }

    /// The commands and walkers, to change them.
    pub fn registry_mut(&self) -> RefMut<'_, Registry> {
        self.registry.borrow_mut()
    }

    /// The variables.
    pub fn variables(&self) -> Ref<'_, Variables> {
        self.variables.borrow()
    }

    /// The variables, to change them.
    pub fn variables_mut(&self) -> RefMut<'_, Variables> {
        self.variables.borrow_mut()
    }

    /// The symbols of `::nmadd`.
    pub fn private_symbols(&self) -> Ref<'_, PrivateSymbols> {
        self.private_symbols.borrow()
    }

    /// The symbols of `::nmadd`, to change them.
    pub fn private_symbols_mut(&self) -> RefMut<'_, PrivateSymbols> {
        self.stacks.forget_names();
        self.private_symbols.borrow_mut()
    }

    /// The flag of ^C.
    pub fn interrupt(&self) -> &Interrupt {
        self.target.memory().interrupt()
    }

    /// Dot.
    pub fn dot(&self) -> u64 {
        self.dot.get()
    }

    /// Sets dot; the increment becomes 0.
    pub fn set_dot(&self, dot: u64) {
        self.dot.set(dot);
        self.increment.set(0);
    }

    /// The bytes that the last format verb consumed.
    pub fn increment(&self) -> u64 {
        self.increment.get()
    }

    /// Sets the increment.
    pub fn set_increment(&self, increment: u64) {
        self.increment.set(increment);
    }

    /// Dot and increment.
    pub fn dot_and_increment(&self) -> (u64, u64) {
        (self.dot.get(), self.increment.get())
    }

    /// Sets both.
    pub fn set_dot_and_increment(&self, (dot, increment): (u64, u64)) {
        self.dot.set(dot);
        self.increment.set(increment);
    }

    /// Dot goes on by the increment, before a command is repeated.
    pub fn advance_dot(&self) {
        self.dot.set(self.dot.get().wrapping_add(self.increment.get()));
    }

    /// The address that a command was last run with: `&`.
    pub fn last_address(&self) -> u64 {
        self.last_address.get()
    }

    /// Sets `&`.
    pub fn set_last_address(&self, address: u64) {
        self.last_address.set(address);
    }

    /// The default radix.
    pub fn radix(&self) -> u32 {
        self.radix.get()
    }

    /// Sets the default radix, 2 to 16.
    pub fn set_radix(&self, radix: u32) -> Result<(), Failure> {
        if !(2..=16).contains(&radix) {
            return Err(Failure::failed("expected radix from 2 to 16"));
        }
        self.radix.set(radix);
        Ok(())
    }

    /// Whether rows are shown as JSON.
    pub fn is_json(&self) -> bool {
        self.json.get()
    }

    /// Chooses JSON.
    pub fn set_json(&self, json: bool) {
        self.json.set(json);
    }

    /// Whether any command has failed since the session began or [`Session::clear_failed`].
    pub fn has_failed(&self) -> bool {
        self.failed.get()
    }

    /// Forgets failures.
    pub fn clear_failed(&self) {
        self.failed.set(false);
    }

    /// The representative thread.
    pub fn thread(&self) -> Option<&Thread> {
        let number = self.thread.get();
        self.target.thread_numbered(number)
    }

    /// A thread by its number (1..N) or, where no thread has that number, by the kernel's id.
    pub fn find_thread(&self, id: u64) -> Result<&Thread, Failure> {
        let threads = self.target.threads();
        let by_number = u32::try_from(id).ok().and_then(|n| self.target.thread_numbered(n));
        by_number.or_else(|| threads.iter().find(|t| u64::from(t.tid) == id)).ok_or_else(|| {
            if threads.is_empty() {
                Failure::failed("the target has no threads")
            } else {
                Failure::Failed(format!(
                    "invalid thread identifier: no thread has the number or the kernel's id {id} \
                     ({id:#x}); ::walk thread gives those of all {}",
                    threads.len()
                ))
            }
        })
    }

    /// The thread that a command's address names, or the representative one.
    pub fn thread_or_representative(&self, id: Option<u64>) -> Result<&Thread, Failure> {
        match id {
            Some(id) => self.find_thread(id),
            None => self.thread().ok_or_else(|| Failure::failed("no process active")),
        }
    }

    /// Fails where the target never ran: there is nothing to say of threads then.
    pub(crate) fn process_active(&self) -> Result<(), Failure> {
        match self.target.kind() {
            TargetKind::None | TargetKind::Object => Err(Failure::failed("no process active")),
            _ => Ok(()),
        }
    }

    /// Changes the representative thread.
    pub fn set_thread(&self, number: u32) {
        self.thread.set(number);
    }

    /// The value of a variable: a register of the representative thread, `thread`, or one that
    /// the session keeps.
    pub fn variable(&self, name: &str) -> Option<u64> {
        if let Some(register) = self.register_name(name) {
            return self.thread().and_then(|t| t.registers.by_name(register));
        }
        match name {
            "thread" => Some(u64::from(self.thread.get())),
            "." => Some(self.dot()),
            "b" | "d" | "e" | "m" | "t" => {
                let kept = self.variables().get(name).filter(|v| *v != 0);
                kept.or_else(|| self.symbols.executable_fact(name)).or(Some(0))
            }
            _ => self.variables().get(name),
        }
    }

    fn register_name(&self, name: &str) -> Option<&'static RegisterName> {
        if self.target.threads().is_empty() || name.starts_with('%') {
            return None;
        }
        self.target.arch().register_names().iter().find(|r| r.name == name)
    }

    /// Sets a variable (`>name`).
    pub fn assign(&self, name: &str, value: u64) -> Result<(), Failure> {
        if self.register_name(name).is_some() {
            return Err(Failure::Failed(format!(
                "failed to modify %{name} register: target is a core file"
            )));
        }
        match name {
            "thread" => Err(Failure::Failed(VariableError::ReadOnly(name.to_owned()).to_string())),
            "." => {
                self.set_dot(value);
                Ok(())
            }
            _ => self.variables_mut().set(name, value).map_err(|e| Failure::Failed(e.to_string())),
        }
    }

    /// Tells the user of a failure, and remembers it for the exit status.
    pub fn report(&self, failure: &Failure) {
        self.report_as(failure, false);
    }

    /// Tells the user of the failure of one item of a pipe, in one line.
    pub(crate) fn report_item(&self, failure: &Failure) {
        self.report_as(failure, true);
    }

    fn report_as(&self, failure: &Failure, one_of_many: bool) {
        match failure {
            Failure::Closed | Failure::Quit | Failure::Reported => return,
            Failure::Interrupted => {
                self.failed.set(true);
                self.frontend.error("mdb: interrupted\n");
                return;
            }
            // One line an item: the place is the same for all of them.
            Failure::Value { message, .. } if one_of_many => {
                self.frontend.error(&format!("mdb: {}\n", mdb_print::escape_text(message)));
            }
            Failure::Place { line, span, message, help }
            | Failure::Value { line, span, message, help } => {
                let text = mdb_lang::render_error(line, *span, message, help.as_deref());
                self.frontend.error(&format!("mdb: {text}"));
            }
            Failure::WrongUse { line, span, message, help } => {
                let text = mdb_lang::render_error(line, *span, message, Some(help));
                self.frontend.error(&format!("mdb: {text}"));
            }
            other => {
                let text = mdb_print::escape_lines(&other.to_string()).into_owned();
                self.frontend.error(&format!("mdb: {text}\n"));
            }
        }
        self.failed.set(true);
    }

    /// Tells the user something that is no failure.
    pub fn warn(&self, text: &str) {
        self.frontend.error(&format!("mdb: {}\n", mdb_print::escape_text(text)));
    }

    /// Writes out what is buffered.
    pub(crate) fn flush(&self) {
        self.frontend.flush();
    }

    /// Text that evaluates text may only go so deep.
    pub(crate) fn deeper(&self) -> Result<Deeper<'_>, Failure> {
        const DEEPEST: u32 = 64;
        if self.depth.get() >= DEEPEST {
            return Err(Failure::Abort(format!(
                "commands that evaluate commands are nested more than {DEEPEST} deep"
            )));
        }
        self.depth.set(self.depth.get() + 1);
        Ok(Deeper(self))
    }

    /// The command that `::name` means.
    pub(crate) fn find_command(
        &self,
        line: &str,
        dcmd: &mdb_lang::Dcmd,
    ) -> Result<Rc<Command>, Failure> {
        let registry = self.registry();
        registry.command(dcmd.module.as_deref(), &dcmd.name).ok_or_else(|| {
            let near = registry.nearest_command(&dcmd.name);
            unknown(
                line,
                dcmd.name_span,
                &format!("::{}", dcmd.name),
                near.map(|n| format!("::{n}")),
            )
        })
    }

    /// The command that `$c` or `:c` means.
    pub(crate) fn find_legacy_command(
        &self,
        line: &str,
        legacy: &mdb_lang::Legacy,
    ) -> Result<Rc<Command>, Failure> {
        self.registry()
            .command(None, &legacy.name)
            .ok_or_else(|| unknown(line, legacy.name_span, &legacy.name, None))
    }

    /// Runs the output of a `!<` command as commands.
    pub(crate) fn run_sourced(&self, commands: &str, sink: &dyn Sink) -> Result<(), Failure> {
        for line in commands.lines() {
            self.evaluate(line, crate::evaluator::Source::Text, sink)?;
        }
        Ok(())
    }
}

fn unknown(line: &str, span: Span, name: &str, near: Option<String>) -> Failure {
    Failure::Place {
        line: line.to_owned(),
        span,
        message: format!("invalid command '{name}': unknown dcmd name"),
        help: near.map(|n| format!("did you mean '{n}'?")),
    }
}

/// Counts the depth of evaluation down again.
pub(crate) struct Deeper<'a>(&'a Session);

impl Drop for Deeper<'_> {
    fn drop(&mut self) {
        self.0.depth.set(self.0.depth.get().saturating_sub(1));
    }
}
