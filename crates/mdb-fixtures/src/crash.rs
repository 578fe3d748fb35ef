//! Runs a program to its end and fetches its core.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::FixtureError;
use crate::compile::run;
use crate::core_pattern::CorePattern;
use crate::recipe::Recipe;

/// Long enough for a loaded machine, short enough that a hanging fixture is noticed.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs the program, which must die by `signal`; its core becomes `core` beside it, what it printed
/// `stdout`. Gives the process id.
pub(crate) fn die(recipe: &Recipe, signal: i32, executable: &Path) -> Result<u32, FixtureError> {
    let pattern = CorePattern::of_this_machine()?;
    let reason = match &pattern {
        CorePattern::Piped(program) => format!("the kernel pipes cores into `{program}`"),
        CorePattern::File { dir, .. } => {
            let dir = directory_of(executable).join(dir);
            if is_writable(&dir) {
                return die_for_kernel(recipe, signal, executable, &pattern);
            }
            format!("the kernel writes cores into {}, which we may not", dir.display())
        }
    };
    die_in_gdb(recipe, signal, executable, &reason)
}

/// The directory that an executable lies in.
fn directory_of(executable: &Path) -> &Path {
    executable.parent().unwrap_or(Path::new("/"))
}

/// Whether files can be made in a directory.
fn is_writable(dir: &Path) -> bool {
    let probe = dir.join(format!(".mdb-fixtures-{}", std::process::id()));
    let made = File::create_new(&probe).is_ok();
    let _ = fs::remove_file(probe);
    made
}

/// The kernel writes the core.
fn die_for_kernel(
    recipe: &Recipe,
    signal: i32,
    executable: &Path,
    pattern: &CorePattern,
) -> Result<u32, FixtureError> {
    let dir = directory_of(executable);
    let mut child = start(recipe, executable)?;
    let pid = child.id();
    let status = wait(&mut child, executable)?;
    if status.signal() != Some(signal) {
        return Err(FixtureError::WrongEnd {
            name: recipe.name.to_owned(),
            expected: signal,
            ended: status.to_string(),
        });
    }
    if !status.core_dumped() {
        return die_in_gdb(recipe, signal, executable, "the kernel wrote no core (hard limit?)");
    }
    let Some(written) = pattern.find(dir, pid) else {
        return die_in_gdb(
            recipe,
            signal,
            executable,
            "the kernel's core is not where core_pattern says",
        );
    };
    move_file(&written, &dir.join("core"))?;
    Ok(pid)
}

/// Starts the program by its relative name in its own directory, as a user would.
fn start(recipe: &Recipe, executable: &Path) -> Result<Child, FixtureError> {
    let dir = directory_of(executable);
    let stdout_path = dir.join("stdout");
    let stdout = File::create(&stdout_path).map_err(FixtureError::io("create", &stdout_path))?;
    let mut command = Command::new(format!("./{}", recipe.program()));
    command.current_dir(dir).stdin(Stdio::null()).stdout(stdout).stderr(Stdio::null());
    // The same few variables everywhere: a core shows its environment.
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LANG", "C.UTF-8");
    let stack_limit = recipe.stack_limit;
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
    command.spawn().map_err(FixtureError::io("run", executable))
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
fn wait(child: &mut Child, executable: &Path) -> Result<ExitStatus, FixtureError> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(FixtureError::io("wait for", executable))? {
            return Ok(status);
        }
        if start.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            return Err(FixtureError::Io {
                doing: "see the end of",
                path: executable.to_owned(),
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
    run(Command::new("cp").arg("--sparse=always").arg(from).arg(to))?;
    fs::remove_file(from).map_err(FixtureError::io("remove", from))
}

/// gdb runs the program and writes the core when the last signal comes.
fn die_in_gdb(
    recipe: &Recipe,
    signal: i32,
    executable: &Path,
    reason: &str,
) -> Result<u32, FixtureError> {
    let dir = directory_of(executable);
    let limit = recipe.stack_limit.map(|bytes| format!("ulimit -Ss {}; ", bytes / 1024));
    let script = dir.join("gdb-commands");
    // The program's other signals (it may have handlers) pass; only the last one stops it.
    let commands = format!(
        "set confirm off\nset pagination off\nset disable-randomization off\n\
         handle all nostop noprint pass\nhandle {} stop\nrun > stdout\n\
         python open('pid', 'w').write(str(gdb.selected_inferior().pid))\n\
         generate-core-file core\nkill\n",
        signal_name(signal)
    );
    fs::write(&script, commands).map_err(FixtureError::io("write", &script))?;
    let line = format!(
        "{}exec gdb -nx -batch -x gdb-commands ./{}",
        limit.unwrap_or_default(),
        recipe.program()
    );
    let result = run(Command::new("sh").arg("-c").arg(line).current_dir(dir));
    let pid = fs::read_to_string(dir.join("pid")).ok().and_then(|text| text.trim().parse().ok());
    match (result, pid) {
        (Ok(_), Some(pid)) if dir.join("core").is_file() => Ok(pid),
        _ => Err(FixtureError::Unavailable {
            why: format!(
                "no core: {reason}, and gdb, the other way to one, is not there or failed"
            ),
        }),
    }
}

/// gdb's name for a signal that ends fixtures.
fn signal_name(signal: i32) -> &'static str {
    match signal {
        libc::SIGABRT => "SIGABRT",
        libc::SIGBUS => "SIGBUS",
        libc::SIGILL => "SIGILL",
        libc::SIGFPE => "SIGFPE",
        libc::SIGTRAP => "SIGTRAP",
        _ => "SIGSEGV",
    }
}

/// Starts a program that prints `ready` and lives; `gcore` copies it, then it is killed.
pub(crate) fn copy_alive(recipe: &Recipe, executable: &Path) -> Result<u32, FixtureError> {
    let dir = directory_of(executable);
    let stdout = dir.join("stdout");
    let mut child = start(recipe, executable)?;
    let pid = child.id();
    let begin = Instant::now();
    let ready = loop {
        let printed = fs::read_to_string(&stdout).unwrap_or_default();
        if printed.lines().any(|line| line == "ready") {
            break true;
        }
        if begin.elapsed() > PATIENCE || !matches!(child.try_wait(), Ok(None)) {
            break false;
        }
        thread::sleep(Duration::from_millis(2));
    };
    let copied =
        run(Command::new("gcore").arg("-o").arg("core").arg(pid.to_string()).current_dir(dir));
    let _ = child.kill();
    let _ = child.wait();
    if !ready {
        return Err(FixtureError::Tool {
            command: executable.display().to_string(),
            status: "never printed `ready`".to_owned(),
            stderr: String::new(),
        });
    }
    copied?;
    move_file(&dir.join(format!("core.{pid}")), &dir.join("core"))?;
    Ok(pid)
}
