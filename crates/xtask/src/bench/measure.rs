//! One process from its start to its end: time, processor time, memory.

use std::fs;
use std::io::{self, Read as _};
use std::mem::MaybeUninit;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::run::{TaskResult, shown};

/// How often the memory of a process is looked at.
const LOOK: Duration = Duration::from_micros(200);

/// A command that is run again and again.
pub(super) struct Job(Command);

/// What one run cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// From before the fork to after the wait.
    pub(super) wall: Duration,
    /// Processor time in user mode and in the kernel (`ru_utime`, `ru_stime`).
    pub(super) processor: Duration,
    /// The most resident memory in KiB, mapped files included (`ru_maxrss`).
    pub(super) resident: u64,
}

impl Job {
    /// Prepares a command: no input, no output, the same few variables for everybody.
    pub(super) fn new(mut command: Command) -> Self {
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8");
        command.env("TERM", "dumb").env("HOME", "/nonexistent");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command)
    }

    /// Measures one run.
    pub(super) fn sample(&mut self) -> TaskResult<Sample> {
        let begin = Instant::now();
        let child = self.0.spawn().map_err(|error| format!("{}: {error}", shown(&self.0)))?;
        let (processor, resident, _) = wait(child.id())?;
        Ok(Sample { wall: begin.elapsed(), processor, resident })
    }

    /// One run whose output is kept, and the signal that ended it.
    pub(super) fn output(&mut self) -> TaskResult<(String, Sample, Option<i32>)> {
        let begin = Instant::now();
        self.0.stdout(Stdio::piped());
        let mut child = self.0.spawn().map_err(|error| format!("{}: {error}", shown(&self.0)))?;
        let mut output = Vec::new();
        if let Some(mut pipe) = child.stdout.take() {
            pipe.read_to_end(&mut output)?;
        }
        let (processor, resident, signal) = wait(child.id())?;
        self.0.stdout(Stdio::null());
        let sample = Sample { wall: begin.elapsed(), processor, resident };
        Ok((String::from_utf8_lossy(&output).into_owned(), sample, signal))
    }

    /// The most anonymous memory in KiB that was seen in some runs, by looking at `RssAnon` and
    /// `RssShmem` of `/proc/PID/status` (proc_pid_status(5)) all the time: what the process
    /// allocated, without the files that it maps. The kernel keeps no peak of these two. `None`:
    /// no run lasted long enough to be seen often.
    pub(super) fn peak_of_anonymous_memory(&mut self) -> TaskResult<Option<u64>> {
        // Looks that a peak is made of, at least, and runs, at most.
        const LOOKS: u32 = 12;
        const RUNS: u32 = 50;
        let (mut peak, mut looks) = (0, 0);
        for _ in 0..RUNS {
            let mut child = self.0.spawn()?;
            let path = format!("/proc/{}/status", child.id());
            while child.try_wait()?.is_none() {
                let status = fs::read_to_string(&path).unwrap_or_default();
                let now = kibibytes(&status, "RssAnon") + kibibytes(&status, "RssShmem");
                looks += u32::from(now > 0);
                peak = peak.max(now);
                thread::sleep(LOOK);
            }
            if looks >= LOOKS {
                return Ok(Some(peak));
            }
        }
        Ok(None)
    }
}

/// A line `KEY:   123 kB`.
fn kibibytes(status: &str, key: &str) -> u64 {
    let mut lines = status.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    let number = lines.next().and_then(|rest| rest.trim().strip_suffix(" kB"));
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Waits for the end of a child: its processor time, its largest resident set, and the signal that
/// ended it.
fn wait(pid: u32) -> TaskResult<(Duration, u64, Option<i32>)> {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    let mut status = 0;
    let pid = libc::pid_t::try_from(pid)?;
    loop {
        // SAFETY: both pointers are to memory of the right type that outlives the call.
        if unsafe { libc::wait4(pid, &raw mut status, 0, usage.as_mut_ptr()) } == pid {
            break;
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(format!("cannot wait for process {pid}: {error}").into());
        }
    }
    // SAFETY: all zeros are a rusage, and wait4 has filled it.
    let usage = unsafe { usage.assume_init() };
    let time = |t: libc::timeval| {
        let microseconds = u64::try_from(t.tv_sec * 1_000_000 + t.tv_usec).unwrap_or(0);
        Duration::from_micros(microseconds)
    };
    let resident = u64::try_from(usage.ru_maxrss).unwrap_or(0);
    let signal = ExitStatus::from_raw(status).signal();
    Ok((time(usage.ru_utime) + time(usage.ru_stime), resident, signal))
}

/// The middle one of some values, or the lower middle one; `None` of none.
pub(super) fn median<T: Ord + Copy>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values.get(values.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median([3, 1, 2].into_iter()), Some(2));
        assert_eq!(median([4, 3, 1, 2].into_iter()), Some(2));
        assert_eq!(median(std::iter::empty::<u8>()), None);
    }

    #[test]
    fn lines_of_status() {
        let status = "VmRSS:\t    100 kB\nRssAnon:\t     88 kB\nRssFile:\t  12 kB\n";
        assert_eq!(kibibytes(status, "RssAnon"), 88);
        assert_eq!(kibibytes(status, "Rss"), 0);
        assert_eq!(kibibytes(status, "RssShmem"), 0);
    }

    #[test]
    fn processes_are_measured() {
        let mut command = Command::new("sh");
        // Some work, so that there is processor time.
        command.arg("-c").arg("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo done");
        let mut job = Job::new(command);
        let (output, sample, signal) = job.output().unwrap();
        assert_eq!((output.as_str(), signal), ("done\n", None));
        assert!(sample.processor > Duration::ZERO && sample.resident > 0, "{sample:?}");
        assert!(job.sample().unwrap().wall > Duration::ZERO);
        assert!(job.peak_of_anonymous_memory().unwrap() > Some(0));
        let mut command = Command::new("sh");
        command.arg("-c").arg("kill -9 $$");
        assert_eq!(Job::new(command).output().unwrap().2, Some(libc::SIGKILL));
    }
}
