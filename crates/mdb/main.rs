//! The program `mdb`: options, files, prompt, pager, signals.
//!
//! What is debugged and how is the engine's; this is what stands between it and a person or a
//! script.

mod check_dmod;
mod check_dmod_child;
mod completion;
mod console;
mod directories;
mod fault_handler;
mod highlight;
mod hint;
mod interrupt_handler;
mod line_source;
mod open;
mod options;
mod pager;
mod prompt;
mod run;
mod signal_text;
mod start_files;
mod stdout;
mod terminal;
mod vocabulary;

use console::Console;
use line_source::StdinLines;
use mdb_dmod_host::{SearchPath, Surroundings};
use mdb_engine::{Session, Source, WriterSink};
use mdb_print::Palette;
use mdb_target::Interrupt;
use open::Wanted;
use options::{BadOption, Color, Request};
use prompt::Prompt;
use run::{Next, Runner};
use std::cell::Cell;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use stdout::Stdout;

/// The exit status for a bad command line.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let request = match options::parse(std::env::args_os().skip(1)) {
        Ok(request) => request,
        Err(BadOption::Clap(error)) => {
            // Help goes to standard output, faults to standard error; nobody can be told if
            // neither takes it.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(USAGE));
        }
        Err(BadOption::Sentence(text)) => {
            complain(&text);
            return ExitCode::from(USAGE);
        }
    };
    if let Some(path) = &request.line.check_dmod {
        let status = if request.line.check_dmod_here {
            check_dmod_child::run(path, &request)
        } else {
            check_dmod::check(path, &request.dmod_directories)
        };
        return ExitCode::from(status);
    }
    match debug(request) {
        Ok(status) => ExitCode::from(status),
        Err(sentence) => {
            complain(&sentence);
            ExitCode::FAILURE
        }
    }
}

fn complain(sentence: &str) {
    let text = format!("mdb: {}\n", mdb_print::escape_lines(sentence));
    // If standard error is gone, there is the exit status.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Runs a session. The text of an error is a sentence.
fn debug(request: Request) -> Result<u8, String> {
    if let Some(pid) = &request.line.process {
        return Err(format!(
            "cannot attach to {pid}: live processes are not supported yet; make a core with \
             'gcore {pid}' and debug that"
        ));
    }
    let cannot = |what: &str, error: io::Error| format!("cannot {what}: {error}");
    fault_handler::install().map_err(|e| cannot("handle faults", e))?;
    let interrupt = Interrupt::new();
    interrupt_handler::install(&interrupt).map_err(|e| cannot("handle ^C", e))?;

    let line = &request.line;
    let colours = Colours::of(line.color);
    let stdout = Stdout::open().map_err(|e| cannot("use standard output", e))?;
    let console = Console::new(stdout.clone(), colours.stderr);
    for warning in &request.warnings {
        console.say(warning);
    }
    let opened = open::open(
        Wanted {
            operands: &line.operands,
            core: line.core.as_deref(),
            sysroot: line.sysroot.clone(),
            force: line.force,
        },
        &interrupt,
    )
    .map_err(|error| error.to_string())?;
    for warning in open::warnings(&opened) {
        console.say(&format!("warning: {warning}"));
    }

    console.set_opener(further_targets(line.sysroot.clone(), line.force, &interrupt, &console));
    let session = Session::new(opened.target, opened.modules, Rc::new(console.clone()));
    session.set_json(line.json);
    *session.options_mut() = request.options.clone();
    let sink = WriterSink::new(Box::new(stdout.clone()), line.json);
    let sink = if Stdout::is_terminal() { sink.on_terminal(Palette::plain()) } else { sink };
    let interactive = line.evaluate.is_empty() && io::stdin().is_terminal();
    let palette = colours.stdout.clone();
    let runner = Runner {
        session,
        sink,
        stdout,
        console,
        palette,
        interactive,
        starting: Cell::new(false),
        failed: Cell::new(false),
    };
    load_dmods(&runner, &request);
    Ok(run(&runner, &request, colours.stdout))
}

/// Opens a further target as the session's own was opened.
fn further_targets(
    sysroot: Option<PathBuf>,
    force: bool,
    interrupt: &Interrupt,
    console: &Console,
) -> Box<console::Opener> {
    let (interrupt, console) = (interrupt.clone(), console.clone());
    Box::new(move |path| {
        let operands = [path.to_owned()];
        let wanted = Wanted { operands: &operands, core: None, sysroot: sysroot.clone(), force };
        let opened = open::open(wanted, &interrupt).map_err(|error| error.to_string())?;
        for warning in open::warnings(&opened) {
            console.say(&format!("{}: warning: {warning}", path.display()));
        }
        Ok((opened.target, opened.modules))
    })
}

/// Runs all commands; gives the exit status.
fn run(runner: &Runner, request: &Request, palette: Palette) -> u8 {
    if !request.line.no_rc {
        match run_start_files(runner) {
            Next::Continue => {}
            next => return runner.status(next),
        }
    }
    if !request.line.evaluate.is_empty() {
        return runner.status(runner.texts(&request.line.evaluate));
    }
    if runner.interactive {
        match Prompt::new(&runner.session, palette) {
            Ok((mut prompt, trouble)) => {
                if let Some(trouble) = trouble {
                    runner.console.say(&trouble);
                }
                return runner.status(runner.lines(&mut prompt, Source::Line, None));
            }
            Err(error) => runner.console.say(&format!("no line editing: {error}")),
        }
    }
    match StdinLines::open(runner.session.interrupt().clone()) {
        Ok(mut stdin) => runner.status(runner.lines(&mut stdin, Source::Line, Some("(stdin)"))),
        Err(error) => {
            runner.console.say(&format!("cannot read standard input: {error}"));
            1
        }
    }
}

/// The user's own files of commands. They run after the dmods are loaded, so that they can use
/// those; MDB runs them before. Their failures are told, but are not the session's.
fn run_start_files(runner: &Runner) -> Next {
    for path in directories::start_files() {
        let contents = match start_files::read(&path) {
            Ok(Some(contents)) => contents,
            Ok(None) => continue,
            Err(why) => {
                runner.console.say(&why);
                continue;
            }
        };
        let next = runner.start_file(&path.to_string_lossy(), &contents);
        if next != Next::Continue {
            return next;
        }
    }
    Next::Continue
}

/// Loads the dmods that fit the target. On a terminal it says so, as MDB does.
fn load_dmods(runner: &Runner, request: &Request) {
    let path = SearchPath::standard(&request.dmod_directories, &Surroundings::ours());
    // Also for `::load`.
    runner.session.set_dmod_path(path);
    if request.no_dmods {
        return;
    }
    let mut names = register_builtin_dmods(runner);
    names.extend(runner.session.load_triggered_dmods());
    if runner.interactive && Stdout::is_terminal() && !names.is_empty() {
        let text = format!("Loading modules: [ {} ]\n", names.join(" "));
        let _ = runner.stdout.clone().write_all(mdb_print::escape_lines(&text).as_bytes());
        runner.stdout.hand_on();
    }
}

/// Registers the dmods that are linked into this build; gives their names.
#[cfg(feature = "builtin-dmods")]
fn register_builtin_dmods(runner: &Runner) -> Vec<String> {
    let mut names = Vec::new();
    for info in [native::builtin(), stacks::builtin(), v8::builtin()] {
        match mdb_dmod_host::register_builtin(info) {
            Ok(module) => {
                names.push(module.name().to_owned());
                runner.session.register_dmod(module);
            }
            Err(error) => runner.console.say(&error.to_string()),
        }
    }
    names
}

/// This build has none.
#[cfg(not(feature = "builtin-dmods"))]
fn register_builtin_dmods(_: &Runner) -> Vec<String> {
    Vec::new()
}

/// The styles for both outputs.
struct Colours {
    stdout: Palette,
    stderr: Palette,
}

impl Colours {
    fn of(wanted: Color) -> Self {
        let wanted_here = |is_terminal: bool| match wanted {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && may_be_coloured(),
        };
        let palette = |on| if on { Palette::colour() } else { Palette::plain() };
        Self {
            stdout: palette(wanted_here(Stdout::is_terminal())),
            stderr: palette(wanted_here(io::stderr().is_terminal())),
        }
    }
}

/// Whether the environment has nothing against colours: <https://no-color.org> and a terminal
/// that is more than a typewriter.
fn may_be_coloured() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_some_and(|term| term != "dumb")
}
