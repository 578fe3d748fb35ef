//! Runs a program to its end and fetches its core.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::FixtureError;
use crate::compile::run as tool;
use crate::core_pattern::CorePattern;
use crate::in_gdb;
use crate::living::State;

/// Long enough for a loaded machine, short enough that a hanging fixture is noticed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A program about to run. Its core becomes `core` in `dir`, what it prints `stdout`.
pub(crate) struct Run<'a> {
    /// The fixture's name, for errors.
    pub(crate) name: &'a str,
    /// The directory it runs in.
    pub(crate) dir: &'a Path,
    /// What it is called by, relative to `dir` as a user would, or absolute.
    pub(crate) program: &'a Path,
    /// Its arguments.
    pub(crate) arguments: &'a [&'a str],
    /// The soft stack limit in bytes; the system's own when `None`.
    pub(crate) stack_limit: Option<u64>,
    /// Variables beside the few that every program gets.
    pub(crate) environment: &'a [(&'a str, &'a OsStr)],
    /// Whether what it writes to standard error becomes `stderr` in `dir`, or goes.
    pub(crate) keep_stderr: bool,
}

impl<'a> Run<'a> {
    /// A run without anything special.
    pub(crate) fn new(
        name: &'a str,
        dir: &'a Path,
        program: &'a Path,
        arguments: &'a [&'a str],
    ) -> Self {
        Self {
            name,
            dir,
            program,
            arguments,
            stack_limit: None,
            environment: &[],
            keep_stderr: false,
        }
    }
}

/// Why the kernel does not write a core into `dir` when a process dies there; `None` when it does.
pub fn cores_go_elsewhere(dir: &Path) -> Option<String> {
    match CorePattern::of_this_machine() {
        Ok(CorePattern::Piped(program)) => {
            Some(format!("the kernel pipes cores into `{program}` (/proc/sys/kernel/core_pattern)"))
        }
        Ok(CorePattern::File { dir: pattern_dir, .. }) => {
            let dir = dir.join(pattern_dir);
            (!is_writable(&dir)).then(|| {
                format!("the kernel writes cores into {}, which we may not", dir.display())
            })
        }
        Err(error) => Some(error.to_string()),
    }
}

/// Runs the program, which must die by `signal`. Gives the process id.
pub(crate) fn die(run: &Run<'_>, signal: i32) -> Result<u32, FixtureError> {
    let reason = match cores_go_elsewhere(run.dir) {
        None => match die_for_kernel(run, signal, |_| Ok(()))? {
            Dumped::Core(pid) => return Ok(pid),
            Dumped::Nothing(reason) => reason.to_owned(),
        },
        Some(reason) => reason,
    };
    in_gdb::die(run, signal, &reason, |_| Ok(()))
}

/// Runs the program, which prints a line `ready` and lives on; once it is in `state`, it gets
/// `signal` from outside. Gives the process id.
pub(crate) fn kill(run: &Run<'_>, signal: i32, state: State) -> Result<u32, FixtureError> {
    let reason = match cores_go_elsewhere(run.dir) {
        None => {
            let dumped = die_for_kernel(run, signal, |child| {
                let pid = child.id();
                kill_in_state(run, child, pid, signal, state)
            })?;
            match dumped {
                Dumped::Core(pid) => return Ok(pid),
                Dumped::Nothing(reason) => reason.to_owned(),
            }
        }
        Some(reason) => reason,
    };
    in_gdb::kill(run, signal, &reason, state)
}

/// Sends the signal to process `pid`, which is `child` or a child of it, once the program printed
/// `ready` and is in the state.
pub(crate) fn kill_in_state(
    run: &Run<'_>,
    child: &mut Child,
    pid: u32,
    signal: i32,
    state: State,
) -> Result<(), FixtureError> {
    wait_until_ready(run, child)?;
    state.wait_for(pid, child)?;
    let pid = libc::pid_t::try_from(pid).unwrap_or_default();
    // SAFETY: kill takes two numbers and touches no memory. The process lived just now, and who has to
    // wait for it is this process or a debugger that lives, so that the number is still its own.
    unsafe { libc::kill(pid, signal) };
    Ok(())
}

/// What came of a death.
enum Dumped {
    /// A core; the process's id.
    Core(u32),
    /// No core, for this reason.
    Nothing(&'static str),
}

/// Whether files can be made in a directory.
fn is_writable(dir: &Path) -> bool {
    let probe = dir.join(format!(".mdb-fixtures-{}", std::process::id()));
    let made = File::create_new(&probe).is_ok();
    let _ = fs::remove_file(probe);
    made
}

/// The kernel writes the core. `meanwhile` may act on the living program.
fn die_for_kernel(
    run: &Run<'_>,
    signal: i32,
    meanwhile: impl FnOnce(&mut Child) -> Result<(), FixtureError>,
) -> Result<Dumped, FixtureError> {
    let pattern = CorePattern::of_this_machine()?;
    let mut child = start(run)?;
    let pid = child.id();
    if let Err(error) = meanwhile(&mut child) {
        let _ = child.kill();
        let _ = child.wait();
        return Err(error);
    }
    let status = wait(&mut child, run.program)?;
    if status.signal() != Some(signal) {
        return Err(FixtureError::WrongEnd {
            name: run.name.to_owned(),
            expected: signal,
            ended: status.to_string(),
        });
    }
    if !status.core_dumped() {
        return Ok(Dumped::Nothing("the kernel wrote no core (is the hard limit 0?)"));
    }
    match pattern.find(run.dir, pid) {
        Some(written) => {
            move_file(&written, &run.dir.join("core"))?;
            Ok(Dumped::Core(pid))
        }
        None => Ok(Dumped::Nothing("the kernel's core is not where core_pattern says")),
    }
}

/// Starts the program.
fn start(run: &Run<'_>) -> Result<Child, FixtureError> {
    let stdout_path = run.dir.join("stdout");
    let stdout = File::create(&stdout_path).map_err(FixtureError::io("create", &stdout_path))?;
    let mut command = Command::new(run.program);
    command.args(run.arguments).current_dir(run.dir);
    command.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::null());
    // The same few variables everywhere: a core shows its environment.
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LANG", "C.UTF-8");
    command.envs(run.environment.iter().copied());
    if run.keep_stderr {
        let path = run.dir.join("stderr");
        command.stderr(File::create(&path).map_err(FixtureError::io("create", &path))?);
    }
    let stack_limit = run.stack_limit;
    // SAFETY: the closure calls only setrlimit and getrlimit, which are safe between fork and exec,
    // and allocates nothing.
    unsafe {
        command.pre_exec(move || {
            raise_limit(libc::RLIMIT_CORE, libc::RLIM_INFINITY)?;
            match stack_limit {
                Some(bytes) => raise_limit(libc::RLIMIT_STACK, bytes),
                None => Ok(()),
            }
        });
    }
    command.spawn().map_err(FixtureError::io("run", run.program))
}

/// Sets a soft limit, as high as the hard limit allows.
fn raise_limit(resource: libc::__rlimit_resource_t, wanted: libc::rlim_t) -> io::Result<()> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both calls get a pointer to a whole rlimit that lives through the call.
    let done = unsafe {
        libc::getrlimit(resource, &raw mut limit) == 0 && {
            limit.rlim_cur = wanted.min(limit.rlim_max);
            libc::setrlimit(resource, &raw const limit) == 0
        }
    };
    if done { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Waits for the end; kills a program that hangs.
pub(crate) fn wait(child: &mut Child, program: &Path) -> Result<ExitStatus, FixtureError> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(FixtureError::io("wait for", program))? {
            return Ok(status);
        }
        if start.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            return Err(FixtureError::Io {
                doing: "see the end of",
                path: program.to_owned(),
                source: io::ErrorKind::TimedOut.into(),
            });
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Renames, or copies without filling holes when it is on another file system.
fn move_file(from: &Path, to: &Path) -> Result<(), FixtureError> {
    if from == to || fs::rename(from, to).is_ok() {
        return Ok(());
    }
    tool(Command::new("cp").arg("--sparse=always").arg(from).arg(to))?;
    fs::remove_file(from).map_err(FixtureError::io("remove", from))
}

/// Waits until the program printed a line `ready`.
pub(crate) fn wait_until_ready(run: &Run<'_>, child: &mut Child) -> Result<(), FixtureError> {
    let stdout = run.dir.join("stdout");
    let begin = Instant::now();
    loop {
        // Not all that a program prints need be UTF-8.
        let printed = fs::read(&stdout).unwrap_or_default();
        if String::from_utf8_lossy(&printed).lines().any(|line| line == "ready") {
            return Ok(());
        }
        if begin.elapsed() > PATIENCE || !matches!(child.try_wait(), Ok(None)) {
            return Err(FixtureError::Tool {
                command: run.program.display().to_string(),
                status: "never printed `ready`".to_owned(),
                stderr: String::new(),
            });
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Starts a program that prints `ready` and lives; `gcore` copies it, then it is killed.
pub(crate) fn copy_alive(run: &Run<'_>) -> Result<u32, FixtureError> {
    let mut child = start(run)?;
    let pid = child.id();
    let ready = wait_until_ready(run, &mut child);
    let mut gcore = Command::new("gcore");
    let copied = tool(gcore.arg("-o").arg("core").arg(pid.to_string()).current_dir(run.dir));
    let _ = child.kill();
    let _ = child.wait();
    ready?;
    copied?;
    move_file(&run.dir.join(format!("core.{pid}")), &run.dir.join("core"))?;
    Ok(pid)
}
