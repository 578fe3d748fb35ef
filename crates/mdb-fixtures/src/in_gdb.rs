//! gdb in the kernel's stead: it runs the program and writes the core when the last signal comes.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};

use crate::FixtureError;
use crate::compile::run as tool;
use crate::crash::{Run, kill_in_state, wait, wait_until_ready};
use crate::living::{self, State};

/// Runs the program, which must die by `signal`; `reason` is why the kernel does not do it.
/// `meanwhile` gets gdb while that runs. Gives the process id.
pub(crate) fn die(
    run: &Run<'_>,
    signal: i32,
    reason: &str,
    meanwhile: impl FnOnce(&mut Child) -> Result<(), FixtureError>,
) -> Result<u32, FixtureError> {
    // An earlier try may have printed there.
    let _ = fs::remove_file(run.dir.join("stdout"));
    let script = run.dir.join("gdb-commands");
    fs::write(&script, commands(run, signal)).map_err(FixtureError::io("write", &script))?;
    let said = run.dir.join("gdb-output");
    let output = File::create(&said).map_err(FixtureError::io("create", &said))?;
    let mut shell = Command::new("sh");
    let limit = run.stack_limit.map_or_else(|| "unlimited".to_owned(), |n| (n / 1024).to_string());
    let set_limit = if run.stack_limit.is_some() { "ulimit -Ss \"$1\"; " } else { "" };
    let line = format!("{set_limit}exec gdb -nx -batch -x gdb-commands \"$0\"");
    shell.arg("-c").arg(line).arg(run.program).arg(limit).current_dir(run.dir);
    shell.stdin(Stdio::null()).stdout(output).stderr(Stdio::null());
    let mut gdb = shell.spawn().map_err(FixtureError::io("run", "sh"))?;
    let acted = meanwhile(&mut gdb);
    if acted.is_err() {
        // It takes the program with it.
        let _ = gdb.kill();
    }
    wait(&mut gdb, run.program)?;
    // `info proc` says `process PID`.
    let text = fs::read(&said).map_err(FixtureError::io("read", &said))?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let pid =
        text.lines().find_map(|line| line.strip_prefix("process ")?.trim().parse::<u32>().ok());
    let core = run.dir.join("core");
    match pid {
        Some(pid) if core.is_file() && acted.is_ok() => {
            // The kernel leaves holes where gdb writes zeros; Node's cores are mostly such. Best
            // effort: what stays only costs disk.
            let _ = tool(Command::new("fallocate").arg("--dig-holes").arg(&core));
            Ok(pid)
        }
        _ => {
            let why =
                format!("no core: {reason}, and gdb, the other way to one, is missing or failed");
            Err(FixtureError::Unavailable { why })
        }
    }
}

/// Runs the program, which prints `ready`; once it is in the state, it gets the signal from outside.
pub(crate) fn kill(
    run: &Run<'_>,
    signal: i32,
    reason: &str,
    state: State,
) -> Result<u32, FixtureError> {
    die(run, signal, reason, |gdb| {
        wait_until_ready(run, gdb)?;
        let pid = living::process(run.dir, run.program).ok_or_else(|| FixtureError::Tool {
            command: run.program.display().to_string(),
            status: "printed `ready` and is not in /proc".to_owned(),
            stderr: String::new(),
        })?;
        kill_in_state(run, gdb, pid, signal, state)
    })
}

/// What gdb is to do.
fn commands(run: &Run<'_>, signal: i32) -> String {
    let stderr = if run.keep_stderr { "stderr" } else { "/dev/null" };
    let environment = run.environment.iter().fold(String::new(), |text, (name, value)| {
        text + &format!("set environment {name} {}\n", value.display())
    });
    // The program's other signals (it may have handlers) pass; only the last one stops it.
    format!(
        "set confirm off\nset pagination off\nset startup-with-shell on\n\
         set disable-randomization off\nhandle all nostop noprint pass\nhandle {} stop\n\
         {environment}run {} > stdout 2> {stderr}\n\
         info proc\ngenerate-core-file core\nkill\n",
        signal_name(signal),
        run.arguments.join(" "),
    )
}

/// gdb's name for a signal that ends fixtures.
fn signal_name(signal: i32) -> &'static str {
    match signal {
        libc::SIGABRT => "SIGABRT",
        libc::SIGBUS => "SIGBUS",
        libc::SIGILL => "SIGILL",
        libc::SIGFPE => "SIGFPE",
        libc::SIGQUIT => "SIGQUIT",
        libc::SIGTRAP => "SIGTRAP",
        _ => "SIGSEGV",
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::recipe::Language;
    use crate::{fixtures_dir, skipped, target_dir};

    /// A directory with a program in it.
    fn compiled(name: &str) -> PathBuf {
        let dir = target_dir().join(format!("fixtures/test-gdb-{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let source = fixtures_dir().join(format!("src/{name}.c"));
        Language::C.compile(&source, &["-O2"], &dir.join(name)).unwrap();
        dir
    }

    fn check(test: &str, dir: &Path, made: Result<u32, FixtureError>) {
        match made {
            Ok(pid) => {
                let printed = fs::read_to_string(dir.join("stdout")).unwrap();
                assert!(printed.contains(&format!("tid {pid} main")), "{pid} in {printed}");
                assert!(fs::metadata(dir.join("core")).unwrap().len() > 4096);
            }
            Err(error) if error.is_unavailable() => skipped(test, &error.to_string()),
            Err(error) => panic!("{error}"),
        }
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn gdb_in_the_kernels_stead() {
        // It has a handler for its first signal and dies by the second: gdb must stop at that one.
        let dir = compiled("sighandler");
        let run = Run::new("sighandler", &dir, Path::new("./sighandler"), &[]);
        let made = die(&run, libc::SIGABRT, "this is a test", |_| Ok(()));
        check("gdb_in_the_kernels_stead", &dir, made);
    }

    #[test]
    fn a_signal_from_outside_reaches_the_program_in_gdb() {
        let dir = compiled("alive");
        let run = Run::new("alive", &dir, Path::new("./alive"), &[]);
        let made = kill(&run, libc::SIGQUIT, "this is a test", State::Asleep);
        check("a_signal_from_outside_reaches_the_program_in_gdb", &dir, made);
    }
}
