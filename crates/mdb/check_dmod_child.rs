//! The child of `--check-dmod`: opens a dmod, looks at all it has and tells its parent.
//!
//! The parent reads our standard output. Whatever the dmod itself prints must not get there: it
//! goes to standard error.

use crate::check_dmod::version;
use crate::options::Request;
use mdb_debuginfo::{FileSearch, Modules};
use mdb_dmod_host::{
    AddressUse, DcmdSpec, DmodFile, LoadedModule, SearchPath, Surroundings, Trigger, load,
    open_file,
};
use mdb_engine::{Frontend, Session, Source, WriterSink};
use mdb_target::{Interrupt, NullTarget, Target};
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// What the child tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// What is done from now on, as the end of a sentence: "while it was opened".
    Begin(String),
    /// A line of the description.
    Say(String),
    /// Something that could be better.
    Warn(String),
    /// Something that is wrong.
    Error(String),
    /// All is told.
    Done,
}

impl Report {
    fn write(&self) -> String {
        let (key, text) = match self {
            Self::Begin(text) => ("begin", text.as_str()),
            Self::Say(text) => ("say", text.as_str()),
            Self::Warn(text) => ("warn", text.as_str()),
            Self::Error(text) => ("error", text.as_str()),
            Self::Done => ("done", ""),
        };
        // A report is a line.
        format!("{key} {}\n", text.trim_end().replace('\n', "\u{2028}"))
    }

    /// Reads a line. `None`: somebody else wrote it.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let (key, text) = line.split_once(' ')?;
        let text = text.replace('\u{2028}', "\n");
        Some(match key {
            "begin" => Self::Begin(text),
            "say" => Self::Say(text),
            "warn" => Self::Warn(text),
            "error" => Self::Error(text),
            "done" => Self::Done,
            _ => return None,
        })
    }
}

/// Where the reports go.
struct Parent(File);

impl Parent {
    /// Takes standard output for the reports, and gives standard error to whoever prints.
    fn open() -> io::Result<Self> {
        // With close-on-exec: what the dmod starts does not keep the parent waiting.
        let ours = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        // SAFETY: both are descriptors of this process, and no memory is involved.
        if unsafe { libc::dup2(io::stderr().as_raw_fd(), io::stdout().as_raw_fd()) } < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self(ours))
    }

    fn tell(&self, report: &Report) {
        // A parent that is gone wants nothing more.
        let _ = (&self.0).write_all(report.write().as_bytes());
    }

    fn begin(&self, what: impl Into<String>) {
        self.tell(&Report::Begin(what.into()));
    }

    fn say(&self, text: impl Into<String>) {
        self.tell(&Report::Say(text.into()));
    }

    fn warn(&self, text: impl Into<String>) {
        self.tell(&Report::Warn(text.into()));
    }

    fn error(&self, text: impl Into<String>) {
        self.tell(&Report::Error(text.into()));
    }
}

/// Runs as the child; gives the exit status, which nobody looks at.
pub(crate) fn run(path: &Path, request: &Request) -> u8 {
    no_core();
    let Ok(parent) = Parent::open() else { return 1 };
    let file = match open_file(path) {
        Ok(file) => file,
        Err(error) => {
            parent.error(error.to_string());
            parent.tell(&Report::Done);
            return 1;
        }
    };
    let complaints = Rc::new(RefCell::new(String::new()));
    let session = session(&complaints);
    parent.begin("while mdb loaded other dmods");
    load_others(&session, &file, request);
    parent.begin("while it was opened: in a constructor, in its entry function, or in its tables");
    match load(&file) {
        Ok(module) => {
            describe(&parent, &module);
            look_at_help(&parent, &module);
            let examples = examples(&module);
            parent.begin("in its function attach");
            complaints.borrow_mut().clear();
            session.register_dmod(module);
            // Of names that others have too; and that it is not usable without a target, which is no
            // defect.
            for line in complaints.borrow().lines() {
                parent.warn(line.trim_start_matches("mdb: "));
            }
            run_examples(&parent, &session, &examples, &complaints);
        }
        Err(error) => parent.error(error.to_string()),
    }
    parent.tell(&Report::Done);
    0
}

/// A crash that is expected leaves no core behind.
fn no_core() {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to a live value.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) };
}

/// Keeps what is complained of.
struct Complaints(Rc<RefCell<String>>);

impl Frontend for Complaints {
    fn error(&self, text: &str) {
        self.0.borrow_mut().push_str(text);
    }
}

/// A session without a target.
fn session(complaints: &Rc<RefCell<String>>) -> Rc<Session> {
    let target: Arc<dyn Target> = Arc::new(NullTarget::new(Interrupt::new()));
    let modules = Modules::discover(Arc::clone(&target), FileSearch::default());
    Session::new(target, modules, Rc::new(Complaints(Rc::clone(complaints))))
}

/// The dmods that a session always has: theirs are names that this one should not have.
fn load_others(session: &Session, file: &DmodFile, request: &Request) {
    session.set_dmod_path(SearchPath::standard(&request.dmod_directories, &Surroundings::ours()));
    if request.no_dmods {
        return;
    }
    for other in session.find_dmods().dmods {
        let always = other.note.triggers.contains(&Trigger::Always);
        if always && other.note.name != file.note.name {
            // What is wrong with others is not asked.
            let _ = session.load_dmod(&other.path.to_string_lossy());
        }
    }
}

fn describe(parent: &Parent, module: &LoadedModule) {
    let or_none = |list: Vec<String>| {
        if list.is_empty() { "none".to_owned() } else { list.join(" ") }
    };
    parent.say(format!("  version     {}", module.version()));
    parent.say(format!("  ABI         {}", version(module.abi())));
    parent.say(format!("  built with  {}", module.built_with()));
    parent.say(format!("  about       {}", module.about()));
    let commands = module.dcmds().iter().map(|dcmd| format!("::{}", dcmd.name)).collect();
    parent.say(format!("  commands    {}", or_none(commands)));
    let walkers = module.walkers().iter().map(|walker| walker.name.to_string()).collect();
    parent.say(format!("  walkers     {}", or_none(walkers)));
    let providers = module.providers().iter().map(|provider| provider.name.to_string()).collect();
    parent.say(format!("  providers   {}", or_none(providers)));
    if module.dcmds().is_empty() && module.walkers().is_empty() && module.providers().is_empty() {
        parent.warn("it has no command, no walker and no provider");
    }
    for (what, text) in [("version", module.version()), ("about", module.about())] {
        if text.is_empty() {
            parent.warn(format!("modinfo.{what} is empty"));
        }
    }
}

/// The help as docs/developers/adding-a-dcmd.md wants it.
fn look_at_help(parent: &Parent, module: &LoadedModule) {
    for dcmd in module.dcmds().iter().filter(|dcmd| !dcmd.hidden) {
        let name = format!("::{}", dcmd.name);
        look_at_summary(parent, &name, &dcmd.summary);
        if dcmd.help.is_empty() {
            parent.warn(format!("{name} has no help beyond its summary"));
        }
        if dcmd.examples.is_empty() {
            parent.warn(format!("{name} has no example"));
        }
        for option in dcmd.options.iter().filter(|option| !option.hidden && option.help.is_empty())
        {
            let letter = option.short.map(|letter| format!("-{letter}"));
            let shown = letter.unwrap_or_else(|| format!("--{}", option.long));
            parent.warn(format!("{name}: the option {shown} has no help"));
        }
        for argument in dcmd.arguments.iter().filter(|argument| argument.help.is_empty()) {
            parent.warn(format!("{name}: the argument {} has no help", argument.name));
        }
        look_at_addresses(parent, &name, dcmd);
    }
    for walker in module.walkers() {
        look_at_summary(parent, &format!("walker {}", walker.name), &walker.summary);
    }
}

fn look_at_summary(parent: &Parent, name: &str, summary: &str) {
    /// As much as `::dcmds` shows on a line of 80 columns.
    const LONGEST: usize = 60;
    let mut letters = summary.chars();
    // `ELF notes` may begin so.
    let capital = letters.next().is_some_and(char::is_uppercase)
        && letters.next().is_none_or(char::is_lowercase);
    if summary.is_empty() {
        parent.warn(format!("{name} has no summary"));
    } else if capital {
        parent.warn(format!("{name}: the summary begins in upper case"));
    }
    if summary.ends_with('.') {
        parent.warn(format!("{name}: the summary ends with a full stop"));
    }
    if summary.chars().count() > LONGEST {
        parent.warn(format!("{name}: the summary is longer than {LONGEST} characters"));
    }
}

fn look_at_addresses(parent: &Parent, name: &str, dcmd: &DcmdSpec) {
    if dcmd.address == AddressUse::None && dcmd.takes_all_input {
        parent.warn(format!("{name} takes no address, and the items of a pipe are addresses"));
    }
}

/// The examples: of which command, what is typed, whether it needs a target.
fn examples(module: &LoadedModule) -> Vec<(String, String, bool)> {
    let of = |dcmd: &DcmdSpec| {
        let name = dcmd.name.to_string();
        let examples = dcmd.examples.clone();
        examples.into_iter().map(move |e| (name.clone(), e.command.to_string(), e.needs_target))
    };
    module.dcmds().iter().flat_map(of).collect()
}

fn run_examples(
    parent: &Parent,
    session: &Session,
    examples: &[(String, String, bool)],
    complaints: &Rc<RefCell<String>>,
) {
    let (mut ran, mut unrun) = (0, 0);
    for (name, command, needs_target) in examples {
        if let Err(error) = mdb_lang::parse_line(command) {
            parent.error(format!("::{name}: the example '{command}' cannot be read: {error}"));
            continue;
        }
        if *needs_target {
            unrun += 1;
            continue;
        }
        parent.begin(format!("in the example '{command}'"));
        complaints.borrow_mut().clear();
        session.clear_failed();
        let sink = WriterSink::new(Box::new(io::sink()), false);
        let result = session.evaluate(command, Source::Text, &sink);
        ran += 1;
        if result.is_err() || session.has_failed() {
            let said = complaints.borrow();
            let why = said.trim_end().trim_start_matches("mdb: ");
            parent.error(format!("::{name}: the example '{command}' fails: {why}"));
        }
    }
    parent.say(format!("  examples    {ran} run, {unrun} need a target and were only read"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_lines() {
        for report in [
            Report::Begin("while it was opened".to_owned()),
            Report::Say("  name  x".to_owned()),
            Report::Warn("two\nlines".to_owned()),
            Report::Error(String::new()),
            Report::Done,
        ] {
            let line = report.write();
            assert_eq!(line.matches('\n').count(), 1);
            assert_eq!(Report::parse(line.trim_end_matches('\n')), Some(report));
        }
        assert_eq!(Report::parse("hello from a constructor"), None);
    }
}
